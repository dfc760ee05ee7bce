"""Captures of files by others, in the order in which they are read: the oldest of those that are due is always next.

Takes   captures whose address has become something in the series, as that comes about.
Gives   them one by one, by date, file and place in it.
Writes  a private SQLite that has no name: the system removes it whatever happens, and memory stays flat.

What is next depends on nothing but what is due: so reading can break off at any capture and be gone on with.
"""

from __future__ import annotations

import pickle
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Self

from archive.errors import DiskError
from archive.ledger.others import Waiting
from archive.ledger.rows import time_text

_TABLE = """
CREATE TABLE due (
    fetched TEXT, file TEXT, place INTEGER, record_id TEXT, packed BLOB,
    PRIMARY KEY (fetched, file, place, record_id)
) WITHOUT ROWID;
"""


class Staged:
    """The captures that are due. A context, at whose end they are gone.

    Every method raises DiskError where the system's folder for temporary files is full.
    """

    def __init__(self) -> None:
        self._base = sqlite3.connect("", isolation_level=None)
        # Nothing of it outlives this process, so nothing has to be durable.
        self._base.executescript(f"PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; {_TABLE} BEGIN")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._base.close()

    def add(self, due: Iterable[Waiting]) -> None:
        """Take captures that are due by now."""
        with _explained():
            self._base.executemany("INSERT INTO due VALUES (?, ?, ?, ?, ?)", (_row(one) for one in due))

    def next(self) -> Waiting | None:
        """Give the oldest capture that is due, and forget it; None where none is."""
        key = "fetched, file, place, record_id"
        with _explained():
            row = self._base.execute(f"SELECT {key}, packed FROM due ORDER BY {key} LIMIT 1").fetchone()  # noqa: S608
            if row is None:
                return None
            self._base.execute(f"DELETE FROM due WHERE ({key}) = (?, ?, ?, ?)", row[:-1])  # noqa: S608  no value stands in it
        waiting: Waiting = pickle.loads(row[-1])  # noqa: S301  our own bytes, of this process
        return waiting


def _row(one: Waiting) -> tuple[str, str, int, str, bytes]:
    capture = one.capture
    return time_text(capture.fetched), capture.file, capture.offset, capture.record_id, pickle.dumps(one)


@contextmanager
def _explained() -> Iterator[None]:
    try:
        yield
    except sqlite3.OperationalError as error:
        raise DiskError(
            f"the folder for temporary files: {error}", action="TMPDIR=DIR with more room, then again"
        ) from error
