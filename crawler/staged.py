"""The captures of files by others, laid out so that they can be taken in another order than that of their bytes.

Takes   captures, file by file.
Gives   those of one file in passes: each pass, by date, those whose address has become something in the series.
Writes  a private SQLite that has no name: the system removes it whatever happens, and memory stays flat.

A page may stand before the list that names it, and a style sheet before its page. So the first pass takes what the series
knows already, the next what the first made known, until nothing new is known.
"""

from __future__ import annotations

import pickle
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import islice
from typing import Self

from archive.errors import DiskError
from archive.fold import Address
from archive.warc import Taken, record_uri

_TABLES = """
CREATE TABLE captures (
    file INTEGER, place INTEGER, type TEXT, url TEXT, fetched TEXT, record_id TEXT, digest TEXT, packed BLOB,
    taken INTEGER DEFAULT 0,
    PRIMARY KEY (file, place)
) WITHOUT ROWID;
CREATE INDEX by_url ON captures (file, url);
CREATE INDEX by_record ON captures (file, record_id);
CREATE INDEX by_digest ON captures (file, digest);
CREATE TABLE due (url TEXT PRIMARY KEY) WITHOUT ROWID;
"""


class Staged:
    """Captures of one or more files, each under a number of its own. A context, at whose end they are gone.

    Every method raises DiskError where the system's folder for temporary files is full.
    """

    def __init__(self) -> None:
        self._base = sqlite3.connect("", isolation_level=None)
        # Nothing of it outlives this process, so nothing has to be durable.
        self._base.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;" + _TABLES)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._base.close()

    def add(self, file: int, taken: Iterable[Taken]) -> int:
        """Take the captures of one file, in the order in which they stand there; returns how many there are."""
        rows = ((file, place, *_columns(one), pickle.dumps(one)) for place, one in enumerate(taken))
        names = "file, place, type, url, fetched, record_id, digest, packed"
        insert = f"INSERT INTO captures ({names}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"  # noqa: S608  no value stands in it
        with _explained():
            return self._base.executemany(insert, rows).rowcount

    def passes(self, file: int, addresses: Mapping[str, Address]) -> Iterator[Iterator[Taken]]:
        """Give the captures of addresses that are something in the series; of each address in the order of time.

        addresses: of the series, spelt as in WARC-Target-URI. It grows while this goes on, always at its end. Each pass is to be
        read to its end before the next.
        """
        seen = 0
        query = "SELECT packed FROM captures JOIN due USING (url) WHERE file = ? AND taken = 0 ORDER BY fetched, place"
        mark = "UPDATE captures SET taken = 1 WHERE file = ? AND url IN (SELECT url FROM due)"
        while fresh := list(islice(addresses, seen, None)):
            seen += len(fresh)
            self._do("DELETE FROM due")
            with _explained():
                self._base.executemany("INSERT INTO due VALUES (?)", ((url,) for url in fresh))
            yield self._found(query, file)
            self._do(mark, file)

    def rest(self, file: int) -> Iterator[Taken]:
        """Give the captures that no pass gave, as they stand in the file."""
        yield from self._found("SELECT packed FROM captures WHERE file = ? AND taken = 0 ORDER BY place", file)

    def named(self, file: int, record_id: str) -> Taken | None:
        """Give the capture of that record id in a file, or None."""
        return self._first("WHERE file = ? AND record_id = ?", file, record_id)

    def at(self, file: int, url: str, moment: datetime) -> Taken | None:
        """Give the response of an address and time in a file, or None."""
        where = "WHERE file = ? AND url = ? AND fetched = ? AND type = 'response'"
        return self._first(where, file, record_uri(url), _text(moment))

    def told(self, file: int, digest: str) -> Taken | None:
        """Give the first response in a file whose record tells that digest, or None."""
        return self._first("WHERE file = ? AND digest = ? AND type = 'response'", file, digest)

    def _first(self, where: str, *values: object) -> Taken | None:
        return next(self._found(f"SELECT packed FROM captures {where} ORDER BY place LIMIT 1", *values), None)  # noqa: S608

    def _do(self, statement: str, *values: object) -> None:
        with _explained():
            self._base.execute(statement, values)

    def _found(self, query: str, *values: object) -> Iterator[Taken]:
        with _explained():
            cursor = self._base.execute(query, values)
        while True:
            with _explained():
                row = cursor.fetchone()
            if row is None:
                return
            taken: Taken = pickle.loads(row[0])  # noqa: S301  our own bytes, of this process
            yield taken


def _columns(taken: Taken) -> tuple[str, ...]:
    one = taken.capture
    return one.type, record_uri(one.url), _text(one.fetched), one.record_id, taken.told_digest


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


@contextmanager
def _explained() -> Iterator[None]:
    try:
        yield
    except sqlite3.OperationalError as error:
        raise DiskError(
            f"the folder for temporary files: {error}", action="TMPDIR=DIR with more room, then again"
        ) from error
