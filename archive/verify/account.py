"""Compare the records of a series with the ledger's rows and with each other, in flat memory.

Takes   the ledger's rows of captures, once; the records of each file, in the order of their offsets.
Gives   by file what does not agree; over all files, ids that stand twice and references that lead nowhere.
Writes  a private SQLite database of its own, on disk where it grows, gone when it is closed.

Rows are copied first, in one short read: a check of hours must not hold a snapshot of the ledger open.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from .record import Examined
from .scan import Seen

_BATCH = 2000
_TABLES = """
PRAGMA journal_mode=OFF;
CREATE TABLE row (file TEXT, "offset" INTEGER, length INTEGER, record_id TEXT, type TEXT, url TEXT, fetched TEXT,
                  status INTEGER, mime TEXT, digest TEXT, bytes INTEGER, refers_to TEXT, truncated TEXT);
CREATE TABLE seen (record_id TEXT, file TEXT, "offset" INTEGER, digest TEXT);
CREATE TABLE ref (record_id TEXT, digest TEXT, what TEXT, file TEXT, "offset" INTEGER, own TEXT);
"""
_COLUMNS = (
    "length",
    "record_id",
    "type",
    "url",
    "fetched",
    "status",
    "mime",
    "digest",
    "bytes",
    "refers_to",
    "truncated",
)


@dataclass(slots=True)
class Compared:
    """How one file and the ledger's rows of it differ: offset -> record id.

    lost: rows without a record. unlike: records that their rows tell otherwise. unknown: records without a row.
    """

    lost: dict[int, str] = field(default_factory=dict)
    unlike: dict[int, str] = field(default_factory=dict)
    unknown: dict[int, str] = field(default_factory=dict)
    why: list[str] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.lost or self.unlike or self.unknown)


@dataclass(frozen=True, slots=True)
class Loose:
    """A reference that leads nowhere, or an id that stands twice."""

    file: str
    offset: int
    record_id: str
    what: str


class Account:
    """The rows of one series and the records that were seen."""

    def __init__(self, rows: Iterable[tuple[Any, ...]]) -> None:
        self._db = sqlite3.connect("")  # private, spilled to disk by SQLite beyond its cache
        self._db.executescript(_TABLES)
        self._db.executemany(f"INSERT INTO row VALUES ({', '.join('?' * 13)})", rows)  # noqa: S608
        self._db.execute('CREATE INDEX row_place ON row (file, "offset")')
        self._seen: list[tuple[Any, ...]] = []
        self._refs: list[tuple[Any, ...]] = []

    def close(self) -> None:
        """Throw the copy away."""
        self._db.close()

    def files(self) -> set[str]:
        """Name the files that the rows speak of."""
        return {row[0] for row in self._db.execute("SELECT DISTINCT file FROM row")}

    def ids_in(self, file: str, limit: int) -> list[str]:
        """Give the record ids of the rows of a file, at most limit."""
        query = 'SELECT record_id FROM row WHERE file = ? ORDER BY "offset" LIMIT ?'
        return [row[0] for row in self._db.execute(query, (file, limit))]

    def of(self, file: str) -> FileAccount:
        """Begin the comparison of one file."""
        rows = self._db.execute('SELECT "offset", * FROM row WHERE file = ? ORDER BY "offset"', (file,))
        return FileAccount(self, file, ((row[0], row[3:]) for row in rows))

    def note(self, file: str, offset: int, record: Examined, refers: list[tuple[str, str, str | None]]) -> None:
        """Remember a record's id, and where it refers to."""
        digest = record.fields.get("WARC-Payload-Digest")
        self._seen.append((record.record_id, file, offset, digest))
        self._refs += [(to, told, what, file, offset, record.record_id) for what, to, told in refers]
        if len(self._seen) >= _BATCH:
            self._flush()

    def _flush(self) -> None:
        self._db.executemany("INSERT INTO seen VALUES (?, ?, ?, ?)", self._seen)
        self._db.executemany("INSERT INTO ref VALUES (?, ?, ?, ?, ?, ?)", self._refs)
        self._seen.clear()
        self._refs.clear()

    def twice(self) -> Iterator[list[Loose]]:
        """Give, of each id that stands more than once, all places in their order."""
        self._flush()
        self._db.execute("CREATE INDEX seen_id ON seen (record_id)")
        places = 'SELECT file, "offset" FROM seen WHERE record_id = ? ORDER BY file, "offset"'
        for (name,) in self._db.execute("SELECT record_id FROM seen GROUP BY record_id HAVING count(*) > 1"):
            what = f"the id {name} stands twice"
            yield [Loose(file, offset, name, what) for file, offset in self._db.execute(places, (name,))]

    def loose(self) -> Iterator[Loose]:
        """Give the references to ids that no record and no row has, or to another payload. After twice()."""
        self._db.execute("CREATE INDEX row_id ON row (record_id)")
        query = """SELECT r.file, r."offset", r.own, r.what, r.record_id, r.digest,
                          coalesce((SELECT digest FROM seen s WHERE s.record_id = r.record_id LIMIT 1),
                                   (SELECT digest FROM row w WHERE w.record_id = r.record_id LIMIT 1)) AS held,
                          EXISTS (SELECT 1 FROM seen s WHERE s.record_id = r.record_id)
                       OR EXISTS (SELECT 1 FROM row w WHERE w.record_id = r.record_id) AS there
                   FROM ref r WHERE NOT there OR (r.digest IS NOT NULL AND r.digest IS NOT held)"""
        for file, offset, own, what, to, _digest, _held, there in self._db.execute(query):
            yield Loose(file, offset, own, f"{what} {to} {'has another payload' if there else 'is nowhere'}")


class FileAccount:
    """One file's records, held one by one against the rows that the ledger has of it."""

    def __init__(self, account: Account, file: str, rows: Iterator[tuple[int, tuple[Any, ...]]]) -> None:
        self._account, self._file, self._rows = account, file, rows
        self._next = next(rows, None)
        self._info = ""
        self.compared = Compared()
        self.evidence: str | None = None  # id of the warcinfo record

    def take(self, seen: Seen) -> None:
        """Compare one record. Offsets must rise."""
        record = seen.record
        self._account.note(self._file, seen.offset, record, self._refers(record))
        self._pass(seen.offset)
        row = self._next[1] if self._next is not None and self._next[0] == seen.offset else None
        if row is None and record.columns is None:
            return
        found = (seen.length, *record.columns) if record.columns is not None else (seen.length, record.record_id)
        if row is None:
            self.compared.unknown[seen.offset] = record.record_id
            return
        self._next = next(self._rows, None)
        if found != row:
            self.compared.unlike[seen.offset] = row[1]
            names = [name for name, a, b in zip(_COLUMNS, found, row, strict=False) if a != b] or ["type"]
            self.compared.why.append(f"offset {seen.offset}: the ledger has another {', '.join(names)}")

    def finish(self) -> Compared:
        """Count the rows that are left as lost."""
        self._pass(1 << 62)
        return self.compared

    def _pass(self, offset: int) -> None:
        while self._next is not None and self._next[0] < offset:
            self.compared.lost[self._next[0]] = self._next[1][1]
            self._next = next(self._rows, None)

    def _refers(self, record: Examined) -> list[tuple[str, str, str | None]]:
        """Give the references; that to the file's own warcinfo record is settled at once."""
        if record.type == "warcinfo":
            self._info, self.evidence = record.record_id, self.evidence or record.record_id
        return [one for one in record.refers if one[1] != self._info]
