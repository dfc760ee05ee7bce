"""Hold a file that others made against what it was when it was imported, and its captures against the ledger's rows.

Takes   a Task (readers.py); of it only digest, size and rows: how others write their records is not ours to judge.
Gives   a FileRead. What was damaged before the import is no damage: the captures are those that the import took.
Writes  a database of the rows that were met, in the folder of the account.

Where the bytes are no longer those that were imported, the rows whose records are not there any more tell what is lost; and
where it is longer or shorter, its end tells where the damage begins.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

from ..fixity import CHUNK_BYTES, file_digest, label
from ..ledger.rows import time_text
from ..model import Capture
from ..posted import plain_url
from ..warc import foreign_captures, given_id
from .account import COLUMNS
from .readers import FileRead, Task
from .scan import Fault

_ROW = f'file, "offset", {", ".join(COLUMNS)}'


def read_imported(task: Task) -> FileRead:
    """Read one file twice: for its digest, and for its captures."""
    found = FileRead(task.name)
    try:
        found.sha256, found.size = file_digest(task.path), task.path.stat().st_size
        with closing(_Rows(task)) as rows:
            for taken in foreign_captures(
                task.path, task.name, task.sha256 or found.sha256, _known_damage, found.count
            ):
                rows.take(taken.capture, found)
            for offset, record_id in rows.left():
                found.compared.lost[offset] = record_id
        found.faults += _at_the_end(task, found)
    except OSError as error:
        return FileRead(task.name, unreadable=str(error.strerror or error))
    return found


def _at_the_end(task: Task, found: FileRead) -> Iterator[Fault]:
    """Tell where a file was cut, or from where on something follows that was not in it. Raises OSError."""
    was = task.bytes
    if was is None or found.sha256 == task.sha256 or found.size == was:
        return
    if found.size < was:
        yield Fault(found.size, None, f"the file ends here, {was} bytes were imported")
    elif _begins_as(task.path, was, task.sha256):
        yield Fault(was, None, f"{found.size - was} bytes follow, where the imported file ended")


def _begins_as(path: Path, size: int, digest: str | None) -> bool:
    """Say whether the first bytes of a file have a digest."""
    found, left = hashlib.sha256(), size
    with path.open("rb") as file:
        while piece := file.read(min(left, CHUNK_BYTES)):
            found.update(piece)
            left -= len(piece)
    return label(found.hexdigest()) == digest


def _known_damage(_: object) -> None:
    """Pass over damage: it was told when the file was imported, and its digest tells what came since."""


class _Rows:
    """The ledger's rows of one file, and those of the whole series by their ids."""

    def __init__(self, task: Task) -> None:
        self._task = task
        self._db = sqlite3.connect(f"{task.rows.absolute().as_uri()}?mode=ro&immutable=1", uri=True)
        self._met = sqlite3.connect("", isolation_level=None)  # private, spilled to disk beyond its cache
        self._met.execute("PRAGMA journal_mode=OFF")
        self._met.execute("CREATE TABLE met (record_id TEXT PRIMARY KEY) WITHOUT ROWID")

    def close(self) -> None:
        """Let go of both databases."""
        self._db.close()
        self._met.close()

    def take(self, capture: Capture, found: FileRead) -> None:
        """Look for the row of a capture, as the import gave it one: under its own id, else under one made from its place."""
        row = self._row(capture.record_id)
        if row is not None and row[0] != self._task.name:
            if self._is_same(row, capture):
                return  # the series had this very capture before: it has one row, in the other file
            row = None
        if row is None:
            sha256 = self._task.sha256 or found.sha256
            capture = replace(capture, record_id=given_id(sha256, capture.offset, capture.member))
            row = self._row(capture.record_id)
        if row is None or row[0] != self._task.name:
            found.compared.unknown[capture.offset] = capture.record_id
            return
        self._met.execute("INSERT OR IGNORE INTO met VALUES (?)", (capture.record_id,))
        if (columns := _columns(capture)) != row[1:]:
            found.compared.differs(capture.offset, capture.record_id, columns[1:], row[2:])

    def left(self) -> Iterator[tuple[int, str]]:
        """Give the rows of this file that no capture met: (offset, record id)."""
        query = 'SELECT "offset", record_id FROM row WHERE file = ? ORDER BY "offset"'
        for offset, record_id in self._db.execute(query, (self._task.name,)):
            if self._met.execute("SELECT 1 FROM met WHERE record_id = ?", (record_id,)).fetchone() is None:
                yield offset, record_id

    def _row(self, record_id: str) -> tuple[Any, ...] | None:
        found: tuple[Any, ...] | None = self._db.execute(
            f"SELECT {_ROW} FROM row WHERE record_id = ?",  # noqa: S608  no value stands in it
            (record_id,),
        ).fetchone()
        return found

    def _is_same(self, row: tuple[Any, ...], capture: Capture) -> bool:
        told = dict(zip(COLUMNS, row[2:], strict=True))
        return (told["url"], told["digest"]) == (plain_url(capture.url), capture.payload_digest)


def _columns(c: Capture) -> tuple[Any, ...]:
    """Give a capture as its row, behind the file: offset, then COLUMNS."""
    return (
        c.offset, c.length, c.record_id, c.type, plain_url(c.url), time_text(c.fetched), c.status, c.mime, c.payload_digest,
        c.payload_bytes, c.refers_to, c.truncated, *(c.member or (None, None)),
    )  # fmt: skip
