"""What the ledger says of the bytes that are kept, and what it was told of their fixity.

Takes   a connection of the ledger (store.py); for its own pages, the path of its file.
Gives   rows of captures and files as plain tuples; its own faults as sentences.
Writes  events of the kinds `verified`, `damaged` and `repaired`; their `fields` are the paths that they speak of.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import chain, islice
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import Connection, select

from ..posted import plain_url
from . import writing
from .rows import time_text
from .schema import CAPTURES, EVENTS, FILES, RUNS, SERIES
from .store import SCHEMA_VERSION
from .unwritable import UnwritableFile, writable
from .values import schema_faults, value_faults

FIXITY_KINDS = ("verified", "damaged", "repaired")
_SHOWN_FAULTS = 20
_UNREADABLE = ("SQLITE_IOERR_READ", "SQLITE_IOERR_SHORT_READ", "SQLITE_IOERR_CORRUPTFS")  # a page cannot be had: damage
# As archive.verify.record.Examined.columns has them, behind file, offset and length; then those of imports.
_CAPTURE = (
    "record_id", "type", "url", "fetched", "status", "mime", "digest", "bytes", "refers_to", "truncated", "member_offset",
    "member_skip",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class KeptFile:
    """A closed WARC as the ledger knows it. name: within the folder of its series. sha256: "sha256:<hex>"."""

    name: str
    bytes: int
    sha256: str
    records: int


def page_faults(path: Path) -> list[str]:
    """Check every page, index, reference and type of the ledger's file; [] where it is whole.

    Raises sqlite3.OperationalError where the file cannot be opened or is locked: that says nothing of its bytes.
    """
    with _opened(path) as connection:
        connection.text_factory = lambda data: data.decode(
            errors="replace"
        )  # else the driver fails on names that are no UTF-8
        try:
            found = [str(row[0]) for row in connection.execute(f"PRAGMA integrity_check({_SHOWN_FAULTS})")]
            lost = connection.execute("PRAGMA foreign_key_check").fetchmany(_SHOWN_FAULTS)
            odd = list(islice(chain(_schema_faults(connection), value_faults(connection)), _SHOWN_FAULTS))
        except sqlite3.OperationalError as error:
            if error.sqlite_errorname not in _UNREADABLE:
                raise
            return [str(error)]
        except sqlite3.DatabaseError as error:
            return [str(error)]
        except UnicodeDecodeError:  # the driver cannot read SQLite's message, which quotes what is damaged
            return ["its schema holds a name that is no UTF-8"]
    lines = [line for line in found if line != "ok"]
    return [*lines, *(f"{row[0]} row {row[1]} refers to no {row[2]}" for row in lost), *odd]


def _schema_faults(connection: sqlite3.Connection) -> Iterator[str]:
    """Look at the columns, where the file is of this version: an older one is migrated when it is opened, and has others."""
    versions = "SELECT count(*) FROM sqlite_master WHERE name = 'alembic_version'"
    if connection.execute(versions).fetchone() == (1,):
        version = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        yield from schema_faults(connection) if version == (SCHEMA_VERSION,) else ()


@contextmanager
def _opened(path: Path) -> Iterator[sqlite3.Connection]:
    """Lend a connection to the ledger's file, also where it cannot be written."""
    if writable(path):
        with closing(
            sqlite3.connect(f"file:{quote(str(path.absolute()))}?mode=rw", uri=True, timeout=30)
        ) as connection:
            yield connection
        return
    file = UnwritableFile(path)
    try:
        with closing(file.connector(30)()) as connection:
            yield connection
    finally:
        file.close()


def settled_series(connection: Connection) -> list[str]:
    """Name the series that have closed WARCs and a run that ended: what is derived of them should be there."""
    ended = select(RUNS.c.id).where(RUNS.c.series == FILES.c.series, RUNS.c.finished.is_not(None)).exists()
    return list(connection.execute(select(FILES.c.series).distinct().where(ended)).scalars())


def kept_files(connection: Connection, series: str) -> dict[str, KeptFile]:
    """Give the closed WARCs of a series by name."""
    query = select(FILES.c.name, FILES.c.bytes, FILES.c.sha256, FILES.c.records).where(FILES.c.series == series)
    return {row[0]: KeptFile(*row) for row in connection.execute(query)}


def capture_rows(connection: Connection, series: str) -> Iterator[tuple[Any, ...]]:
    """Walk the captures of a series: (file, offset, length, then the columns of _CAPTURE); few in memory at once.

    The url is the record's: of what was asked otherwise than by GET the ledger has the request's
    address.
    """
    columns = [CAPTURES.c[name] for name in ("file", "offset", "length", *_CAPTURE)]
    rows = connection.execute(
        select(*columns).where(CAPTURES.c.series == series), execution_options={"yield_per": 1000}
    )
    place = 3 + _CAPTURE.index("url")
    for row in rows:
        yield (*row[:place], plain_url(row[place]), *row[place + 1 :])


def captured_files(connection: Connection, series: str) -> set[str]:
    """Name the WARCs that the captures of a series lie in, open ones too."""
    query = select(CAPTURES.c.file).where(CAPTURES.c.series == series).distinct()
    return set(connection.execute(query).scalars())


def unfinished(connection: Connection, series: str) -> bool:
    """Say whether the last run of a series was never ended: it is going on, or was killed."""
    query = select(RUNS.c.finished).where(RUNS.c.series == series).order_by(RUNS.c.started.desc()).limit(1)
    last = connection.execute(query).first()
    return last is not None and last[0] is None


def derivable(connection: Connection, series: str) -> bool:
    """Say whether a series was ever crawled or imported to, so that text and index are there to be compared."""
    asked = (select(table.c.series).where(table.c.series == series).limit(1) for table in (RUNS, FILES))
    return any(connection.execute(one).first() is not None for one in asked)


def told_before(connection: Connection, series: str) -> dict[str, tuple[str, list[str]]]:
    """Give, by path, the last event about its fixity: (kind, evidence)."""
    query = select(EVENTS.c.kind, EVENTS.c.fields, EVENTS.c.evidence).where(
        EVENTS.c.series == series, EVENTS.c.kind.in_(FIXITY_KINDS)
    )
    return {
        path: (kind, evidence) for kind, paths, evidence in connection.execute(query.order_by(EVENTS.c.id)) for path in paths
    }  # fmt: skip


def tell(connection: Connection, series: str, at: datetime, events: Sequence[tuple[str, list[str], list[str]]]) -> None:
    """Add events: of each kind, paths, evidence. A series that the ledger does not know has no history to add to."""
    if not events or connection.execute(select(SERIES.c.id).where(SERIES.c.id == series)).first() is None:
        return
    writing.insert(
        connection,
        EVENTS,
        [
            {"series": series, "article": None, "run": None, "at": time_text(at), "kind": kind, "fields": paths,
             "start": None, "end": None, "evidence": evidence}
            for kind, paths, evidence in events
        ],
    )  # fmt: skip
