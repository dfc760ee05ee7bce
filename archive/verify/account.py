"""Compare the records of a series with the ledger's rows and with each other, in flat memory.

Takes   the ledger's rows of captures and the record ids that its other rows name, once; what was seen in each file.
Gives   by file what does not agree; over all files, ids that stand twice and references that lead nowhere.
Writes  SQLite databases in a folder that the caller gives, and removes.

Rows are copied first, in one short read: a check of hours must not hold a snapshot of the ledger open.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .record import Examined
from .scan import Seen

_BATCH = 2000
_TABLES = """
CREATE TABLE row (file TEXT, "offset" INTEGER, length INTEGER, record_id TEXT, type TEXT, url TEXT, fetched TEXT,
                  status INTEGER, mime TEXT, digest TEXT, bytes INTEGER, refers_to TEXT, truncated TEXT,
                  member_offset INTEGER, member_skip INTEGER);
CREATE TABLE named (record_id TEXT, what TEXT);
"""
_SEEN_TABLES = """
CREATE TABLE seen (record_id TEXT, file TEXT, "offset" INTEGER, digest TEXT);
CREATE TABLE ref (record_id TEXT, digest TEXT, what TEXT, file TEXT, "offset" INTEGER, own TEXT);
"""
COLUMNS = (
    "length", "record_id", "type", "url", "fetched", "status", "mime", "digest", "bytes", "refers_to", "truncated",
    "member_offset", "member_skip",
)  # fmt: skip
_NO_MEMBER = (None, None)  # no file of ours holds several records in one gzip member


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

    def differs(self, offset: int, record_id: str, found: tuple[Any, ...], row: tuple[Any, ...]) -> None:
        """Note a record that its row tells otherwise. found, row: as COLUMNS; of no capture length and id alone."""
        self.unlike[offset] = record_id
        names = [name for name, a, b in zip(COLUMNS, found, row, strict=False) if a != b] or ["type"]
        self.why.append(f"offset {offset}: the ledger has another {', '.join(names)}")


@dataclass(frozen=True, slots=True)
class Loose:
    """A reference that leads nowhere, or an id that stands twice."""

    file: str
    offset: int
    record_id: str
    what: str


class Account:
    """The rows of one series and the records that were seen.

    rows: as archive.ledger.fixity.capture_rows gives them. named: (record id, what names it), of all other rows.
    """

    def __init__(self, folder: Path, rows: Iterable[tuple[Any, ...]], named: Iterable[tuple[str, str]] = ()) -> None:
        self.folder, self.path = folder, folder / "rows.sqlite3"
        self._db = _opened(self.path)
        self._db.executescript(_TABLES + _SEEN_TABLES)
        self._db.executemany(f"INSERT INTO row VALUES ({', '.join('?' * 15)})", rows)  # noqa: S608
        self._db.executemany("INSERT INTO named VALUES (?, ?)", named)
        self._db.execute('CREATE INDEX row_place ON row (file, "offset")')
        self._db.execute("CREATE INDEX row_id ON row (record_id)")
        self._db.commit()

    def close(self) -> None:
        """Let go of the copy."""
        self._db.close()

    def files(self) -> set[str]:
        """Name the files that the rows speak of."""
        return {row[0] for row in self._db.execute("SELECT DISTINCT file FROM row")}

    def ids_in(self, file: str, limit: int) -> list[str]:
        """Give the record ids of the rows of a file, at most limit."""
        query = 'SELECT record_id FROM row WHERE file = ? ORDER BY "offset" LIMIT ?'
        return [row[0] for row in self._db.execute(query, (file, limit))]

    def take(self, seen: Path) -> None:
        """Take over what was seen in one file, where anything was, and remove its database."""
        if not seen.exists():
            return
        self._db.commit()
        self._db.execute("ATTACH ? AS other", (str(seen),))
        self._db.execute("INSERT INTO main.seen SELECT * FROM other.seen")
        self._db.execute("INSERT INTO main.ref SELECT * FROM other.ref")
        self._db.commit()
        self._db.execute("DETACH other")
        seen.unlink()

    def twice(self) -> Iterator[list[Loose]]:
        """Give, of each id that stands more than once, all places in their order."""
        self._db.execute("CREATE INDEX seen_id ON seen (record_id)")
        places = 'SELECT file, "offset" FROM seen WHERE record_id = ? ORDER BY file, "offset"'
        for (name,) in self._db.execute("SELECT record_id FROM seen GROUP BY record_id HAVING count(*) > 1"):
            what = f"the id {name} stands twice"
            yield [Loose(file, offset, name, what) for file, offset in self._db.execute(places, (name,))]

    def loose(self) -> Iterator[Loose]:
        """Give the references to ids that no record and no row has, or to another payload. After twice()."""
        query = """SELECT r.file, r."offset", r.own, r.what, r.record_id, r.digest,
                          coalesce((SELECT digest FROM seen s WHERE s.record_id = r.record_id LIMIT 1),
                                   (SELECT digest FROM row w WHERE w.record_id = r.record_id LIMIT 1)) AS held,
                          EXISTS (SELECT 1 FROM seen s WHERE s.record_id = r.record_id)
                       OR EXISTS (SELECT 1 FROM row w WHERE w.record_id = r.record_id) AS there
                   FROM ref r WHERE NOT there OR (r.digest IS NOT NULL AND r.digest IS NOT held)
                   ORDER BY r.file, r."offset" """
        for file, offset, own, what, to, _digest, _held, there in self._db.execute(query):
            yield Loose(file, offset, own, f"{what} {to} {'has another payload' if there else 'is nowhere'}")

    def named_nowhere(self) -> Iterator[tuple[str, str]]:
        """Give the ids that rows name and no record has: (id, what names it). After twice()."""
        query = """SELECT n.record_id, n.what FROM named n
                   WHERE NOT EXISTS (SELECT 1 FROM seen s WHERE s.record_id = n.record_id)
                     AND NOT EXISTS (SELECT 1 FROM row w WHERE w.record_id = n.record_id) ORDER BY n.rowid"""
        yield from self._db.execute(query)


class FileAccount:
    """One file's records, held one by one against the rows that the ledger has of it.

    rows: path of the account's database, which is only read. seen: where ids and references are put down for it.
    """

    def __init__(self, rows: Path, seen: Path, file: str) -> None:
        self._file = file
        self._rows_db = sqlite3.connect(f"{rows.absolute().as_uri()}?mode=ro&immutable=1", uri=True)
        self._rows = self._walk()
        self._next = next(self._rows, None)
        seen.unlink(missing_ok=True)
        self._db = _opened(seen)
        self._db.executescript(_SEEN_TABLES)
        self._seen: list[tuple[Any, ...]] = []
        self._refs: list[tuple[Any, ...]] = []
        self._info = ""
        self._asked: list[tuple[Any, ...]] = []  # references of the record before, most of which this one settles
        self.compared = Compared()
        self.evidence: str | None = None  # id of the warcinfo record

    def close(self) -> None:
        """Let go of both databases."""
        self._rows_db.close()
        self._db.close()

    def take(self, seen: Seen) -> None:
        """Compare one record. Offsets must rise."""
        record = seen.record
        self._note(seen.offset, record)
        self._pass(seen.offset)
        row = self._next[1] if self._next is not None and self._next[0] == seen.offset else None
        if row is None and record.columns is None:
            return
        if row is None:
            self.compared.unknown[seen.offset] = record.record_id
            return
        self._next = next(self._rows, None)
        columns = (record.record_id,) if record.columns is None else (*record.columns, *_NO_MEMBER)
        if (found := (seen.length, *columns)) != row:
            self.compared.differs(seen.offset, row[1], found, row)

    def finish(self) -> Compared:
        """Count the rows that are left as lost."""
        self._pass(1 << 62)
        self._refs += self._asked
        self._flush()
        self._db.commit()
        return self.compared

    def _walk(self) -> Iterator[tuple[int, tuple[Any, ...]]]:
        query = 'SELECT "offset", * FROM row WHERE file = ? ORDER BY "offset"'
        return ((row[0], row[3:]) for row in self._rows_db.execute(query, (self._file,)))

    def _pass(self, offset: int) -> None:
        while self._next is not None and self._next[0] < offset:
            self.compared.lost[self._next[0]] = self._next[1][1]
            self._next = next(self._rows, None)

    def _note(self, offset: int, record: Examined) -> None:
        """Remember a record's id, and where it refers to.

        A reference to the file's own warcinfo record is settled at once; one to the record behind it, as a request's, with that.
        """
        fields, name = record.fields, record.record_id
        if record.type == "warcinfo":
            self._info, self.evidence = name, self.evidence or name
        self._seen.append((name, self._file, offset, fields.get("WARC-Payload-Digest")))
        for ref in self._asked:
            if ref[0] != name or ref[1] is not None:
                self._refs.append(ref)
        self._asked = [
            (to, told, what, self._file, offset, name) for what, to, told in record.refers if to != self._info
        ]
        if len(self._seen) >= _BATCH:
            self._flush()

    def _flush(self) -> None:
        self._db.executemany("INSERT INTO seen VALUES (?, ?, ?, ?)", self._seen)
        self._db.executemany("INSERT INTO ref VALUES (?, ?, ?, ?, ?, ?)", self._refs)
        self._seen.clear()
        self._refs.clear()


def _opened(path: Path) -> sqlite3.Connection:
    """Make a database that nobody will want after a power cut."""
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA journal_mode=OFF")
    connection.execute("PRAGMA synchronous=OFF")
    return connection
