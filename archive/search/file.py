"""The file of the search: an FTS5 index beside the texts that it was made of.

Takes   a connection of the ledger and a home.
Gives   whether anything changed.
Writes  search.sqlite3, and beside it search.sqlite3.sha256 (as sha256sum writes it), which is away while that is being written.

It is a file of its own, also where the ledger is in PostgreSQL: it can be made again, each machine that serves pages has its own,
and one index is one thing to test. Its version names what the tokens are made by; a file of another version is made anew, as an
FTS5 index without content can only be corrected by the very tokens that it was filled with.
"""

from __future__ import annotations

import logging
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from importlib.metadata import version
from pathlib import Path

from ..errors import DiskError, PartialError
from ..events import emit
from ..fixity import file_digest
from ..home import Home, write_atomically
from ..ledger import queries, wordings
from ..ledger.queries import Connection
from ..ledger.wordings import Wording
from ..locking import held
from .letters import CHARACTER, plain, tokens

log = logging.getLogger(__name__)

FIELDS = ("title", "authors", "body")  # columns of the index, as `docs` has them
REVISION_BITS = 20  # of a row's number: docs.id = article << 20 | revision
_WAIT_S = 60.0
_SCHEMA = f"""
CREATE TABLE about (version TEXT NOT NULL);
CREATE TABLE docs (
    id INTEGER PRIMARY KEY, series TEXT NOT NULL, article TEXT NOT NULL, number INTEGER NOT NULL, day TEXT, mark TEXT NOT NULL
);
CREATE UNIQUE INDEX docs_article ON docs (article, number);
CREATE INDEX docs_series ON docs (series, article, number, mark);
CREATE TABLE texts (id INTEGER PRIMARY KEY, title TEXT NOT NULL, authors TEXT NOT NULL, body TEXT NOT NULL);
CREATE VIRTUAL TABLE words USING fts5 (title, authors, body, content = '', tokenize = 'ascii', prefix = '{CHARACTER}');
"""


def index_version() -> str:
    """Name what the tokens of an index are made by."""
    return f"1 opencc {version('opencc')}"


def bring_up(connection: Connection, home: Home, series: str) -> bool:
    """Bring the index up to the ledger for one series, or for all where there is none yet; give whether it changed.

    Where another process writes it for longer than a minute it is left as it is, and the next run finds what lacks.
    Raises DiskError.
    """
    path = home.search
    with held(home.locks / "_search.lock", _WAIT_S) as free:
        if free is None:
            emit(log, logging.WARNING, "search.waited", series=series)
            return False
        try:
            return _bring_up(connection, path, series)
        except sqlite3.OperationalError as error:
            raise DiskError(f"{path}: cannot be written: {error}", action="lianzai doctor") from error
        except OSError as error:
            raise DiskError(f"{path}: cannot be written: {error.strerror}", action="lianzai doctor") from error


def make(connection: Connection, home: Home) -> None:
    """Make the index of all series where there is none of this version. Raises DiskError; PartialError where none can be made."""
    if _usable(home.search):
        return
    if not os.access(home.root, os.W_OK | os.X_OK):
        raise PartialError(
            f"{home.search}: no search of this version, and the home cannot be written",
            action="lianzai rebuild, where it can be; the next crawl of any series makes it too",
        )
    bring_up(connection, home, "")


def make_again(connection: Connection, home: Home) -> bool:
    """Make an index anew that is not what was written, by its digest; say whether what lies there now is.

    False where the home cannot be written, or another process writes for longer than a minute. Raises DiskError.
    """
    path, stamp = home.search, stamp_of(home.search)
    if not os.access(home.root, os.W_OK | os.X_OK):
        return False
    with held(home.locks / "_search.lock", _WAIT_S) as free:
        if free is None:
            return False
        if not _is_as_written(path):
            for one in (stamp, path):
                one.unlink(missing_ok=True)
    bring_up(connection, home, "")
    return _is_as_written(path)


def _is_as_written(path: Path) -> bool:
    try:
        told = stamp_of(path).read_text("utf-8").partition(" ")[0]
        return file_digest(path) == f"sha256:{told}"
    except (OSError, UnicodeDecodeError):
        return False


def stamp_of(path: Path) -> Path:
    """Give the file that holds the digest of an index; it is not there while that is being written."""
    return path.with_name(f"{path.name}.sha256")


def _bring_up(connection: Connection, path: Path, series: str) -> bool:
    fresh = not _usable(path)
    if fresh:
        path.unlink(missing_ok=True)
    stamp = stamp_of(path)
    with closing(sqlite3.connect(path, isolation_level=None)) as index, _transaction(index):
        if fresh:
            stamp.unlink(missing_ok=True)
            lay_out(index)
        wanted = queries.series_ids(connection) if fresh else [series]
        changed = [one for one in wanted if _bring_up_series(connection, index, one, stamp)]
    if changed or fresh or not stamp.exists():
        digest = file_digest(path).removeprefix("sha256:")
        write_atomically(stamp, f"{digest}  {path.name}\n".encode(), durable=False)
    return bool(changed) or fresh


def _usable(path: Path) -> bool:
    """Say whether a file is an index of this version, and whole as far as SQLite sees at once."""
    if not path.exists():
        return False
    try:
        with closing(sqlite3.connect(path)) as index:
            return bool(index.execute("SELECT version FROM about").fetchone() == (index_version(),))
    except sqlite3.DatabaseError:
        return False


@contextmanager
def _transaction(index: sqlite3.Connection) -> Iterator[None]:
    # A lost file is made again, so the disk is not waited for.
    index.execute("PRAGMA synchronous = OFF")
    index.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        index.execute("ROLLBACK")
        raise
    index.execute("COMMIT")


def _bring_up_series(connection: Connection, index: sqlite3.Connection, series: str, stamp: Path) -> bool:
    known = {
        (article, number): (mark, row)
        for article, number, mark, row in index.execute(
            "SELECT article, number, mark, id FROM docs WHERE series = ?", (series,)
        )
    }
    wanted = wordings.marks(connection, series)
    gone = [row for key, (mark, row) in known.items() if wanted.get(key) != mark]
    new = [key for key, mark in wanted.items() if known.get(key, ("", 0))[0] != mark]
    if gone or new:
        stamp.unlink(missing_ok=True)
    for row in gone:
        _remove(index, row)
    for wording in wordings.wordings(connection, new):
        add(index, series, wording, wanted[wording.article, wording.number])
    return bool(gone or new)


def lay_out(index: sqlite3.Connection) -> None:
    """Make the tables of an empty index."""
    for statement in _SCHEMA.split(";\n"):
        index.execute(statement)
    index.execute("INSERT INTO about VALUES (?)", (index_version(),))


def add(index: sqlite3.Connection, series: str, wording: Wording, mark: str) -> None:
    """Add one revision to the index."""
    texts = [_storable(text) for text in (wording.title, wording.authors, wording.text)]
    row = _row(index, wording.article, wording.number)
    index.execute(
        "INSERT INTO docs (id, series, article, number, day, mark) VALUES (?, ?, ?, ?, ?, ?)",
        (row, series, wording.article, wording.number, wording.day, mark),
    )
    index.execute("INSERT INTO texts VALUES (?, ?, ?, ?)", (row, *texts))
    spelled = [tokens(plain(text)) for text in texts]
    index.execute("INSERT INTO words (rowid, title, authors, body) VALUES (?, ?, ?, ?)", (row, *spelled))


def _row(index: sqlite3.Connection, article: str, number: int) -> int:
    """Give the row of a revision; those of one article lie together, so that FTS5's answer tells articles apart by itself."""
    known = index.execute("SELECT id FROM docs WHERE article = ? LIMIT 1", (article,)).fetchone()
    last = known or index.execute("SELECT max(id) FROM docs").fetchone()
    head = ((last[0] or 0) >> REVISION_BITS) + (known is None)
    return (head << REVISION_BITS) + number


def _remove(index: sqlite3.Connection, row: int) -> None:
    texts = index.execute("SELECT title, authors, body FROM texts WHERE id = ?", (row,)).fetchone()
    spelled = [tokens(plain(text)) for text in texts]
    index.execute(
        "INSERT INTO words (words, rowid, title, authors, body) VALUES ('delete', ?, ?, ?, ?)", (row, *spelled)
    )
    for table in ("docs", "texts"):
        index.execute(f"DELETE FROM {table} WHERE id = ?", (row,))  # noqa: S608  one of two names


def _storable(text: str) -> str:
    # A lone surrogate has no UTF-8; one character stands for one, so that places stay where they are.
    return text.encode("utf-8", "replace").decode() if any("\ud800" <= char <= "\udfff" for char in text) else text
