"""Open the ledger of a home, bring it to this version's schema, and lend connections.

Takes   a home. Gives connections: read() for queries, write() for one short transaction.
Writes  the ledger: ledger.sqlite3 (sqlite.py), or the database that the home names (postgres.py).
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, Protocol

from sqlalchemy import Connection, Engine, insert, select, text

from ..errors import HomeError
from ..events import emit
from ..home import Home, refused
from . import unwritable
from .schema import EVENTS, METADATA
from .sqlite import SqliteBase

log = logging.getLogger(__name__)

LEDGER = "ledger.sqlite3"
SCHEMA_VERSION = "0006"  # the newest step in migrations/versions/
_BATCH = 500  # rows in memory at once where all are copied


class Base(Protocol):
    """Where a ledger lies. place: as it is named to people. writable: False where it is another user's, or read-only."""

    place: str
    writable: bool
    engine: Engine

    def explained(self) -> AbstractContextManager[None]:
        """Turn its errors into ours."""

    def options(self, *, reading: bool) -> dict[str, Any]:
        """Give SQLAlchemy's options of a connection."""

    def version(self, connection: Connection) -> str | None:
        """Read the schema's version; None where there is no schema."""

    def check(self, connection: Connection) -> None:
        """See that what is there is of this home. Raises HomeError."""

    def claim(self, connection: Connection) -> None:
        """Put down that what was just made is of this home."""

    def copied(self, connection: Connection, version: str) -> str:
        """Copy what is there before it is changed; gives the copy's name."""

    def close(self) -> None:
        """Give back all connections."""


class Ledger:
    """The ledger of one home."""

    def __init__(self, base: Base) -> None:
        self._base = base

    @property
    def writable(self) -> bool:
        """Whether it can be written: False where it lies on a read-only mount, or is another user's."""
        return self._base.writable

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Lend a connection for queries, which see one state. Raises HomeError where the file is no ledger."""
        with self._base.explained(), self._lent(reading=True) as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """Lend a connection within one transaction, of which there is one at a time: all of it is kept or nothing.

        Raises DiskError where it cannot be, ServiceError where the database cannot be reached.
        """
        with self._base.explained(), self._lent(reading=False) as connection, connection.begin():
            yield connection

    def _lent(self, *, reading: bool) -> Connection:
        return self._base.engine.connect().execution_options(**self._base.options(reading=reading))

    def copy_to(self, path: Path) -> None:
        """Write a copy of one state of it to a new file, as an SQLite ledger whatever it is itself.

        Raises DiskError, OSError or sqlite3.Error where the file cannot be written.
        """
        if isinstance(self._base, SqliteBase):
            return self._base.copy_to(path)
        copy = Ledger(SqliteBase(path))
        try:
            with self.read() as connection, copy.write() as new:
                _make(new)
                _copy_rows(connection, new)
        finally:
            copy.close()

    def close(self) -> None:
        """Give back all connections."""
        self._base.close()


def open_ledger(home: Home | Path, *, create: bool) -> Ledger:
    """Open the ledger of a home, migrating an older one after a copy.

    home: a folder alone has its ledger within it. create: make it where it is missing; without it a missing ledger is made all
    the same when the home exists, as an empty home is a valid one. Raises HomeError for a newer ledger, one that is no database
    or another home's, or a home that cannot be written; ServiceError where the database cannot be reached.
    """
    home = home if isinstance(home, Home) else Home(home)
    if create:
        _make_folder(home.root)
    elif not home.root.is_dir():
        raise HomeError(f"{home.root}: no such home", action="lianzai crawl PROFILE, or name the home with --home DIR")
    return _opened(_base(home), home)


def open_to_read(home: Home | Path) -> Ledger:
    """Open the ledger of a home for what only reads: where it cannot be written, as it lies there.

    Else as open_ledger does, which makes it where it is missing and migrates an older one. Raises what that raises, and
    HomeError where it cannot be written and is missing or of an older lianzai.
    """
    home = home if isinstance(home, Home) else Home(home)
    if home.database is not None or unwritable.writable(home.ledger):
        return open_ledger(home, create=True)
    if not home.ledger.is_file():
        raise HomeError(f"{home.root}: holds no ledger, and cannot be written", action="lianzai --home DIR")
    return _opened(SqliteBase(home.ledger, unwritable.UnwritableFile(home.ledger)), home)


def _base(home: Home) -> Base:
    if home.database is None:
        return SqliteBase(home.ledger)
    from .postgres import PostgresBase  # psycopg comes with it: a fifth of a second

    return PostgresBase(home.root, home.database)


def _make_folder(home: Path) -> None:
    try:
        home.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError) as error:
        raise HomeError(f"{home}: a home is a folder, found a file", action="lianzai --home DIR") from error
    except OSError as error:
        raise refused(error, f"{home}: cannot be made: {error.strerror}", action="lianzai --home DIR") from error


def _opened(base: Base, home: Home) -> Ledger:
    ledger = Ledger(base)
    try:
        with ledger.read() as connection:
            version = base.version(connection)
            if version is not None:
                _check(base, connection, version)
        if version != SCHEMA_VERSION:
            _bring_up_to_date(ledger, base, version, home)
    except BaseException:
        ledger.close()
        raise
    return ledger


def _check(base: Base, connection: Connection, version: str) -> None:
    if version > SCHEMA_VERSION:
        raise HomeError(
            f"{base.place}: schema {version} is of a newer lianzai, this one knows {SCHEMA_VERSION}",
            action="a newer lianzai (pip install --upgrade)",
        )
    base.check(connection)


def _bring_up_to_date(ledger: Ledger, base: Base, version: str | None, home: Home) -> None:
    if not base.writable:
        raise HomeError(
            f"{base.place}: schema {version} is of an older lianzai, and cannot be migrated where it cannot be written",
            action="a copy of the home that can be written",
        )
    with ledger.write() as connection:
        # Another process may have made it while this one waited for the lock.
        now = base.version(connection)
        if now is None:
            _make(connection)
            base.claim(connection)
            if home.database is not None and home.ledger.is_file():
                _take_over(connection, home)
            return
        _check(base, connection, now)
        if now != SCHEMA_VERSION:
            copy = base.copied(connection, now)
            emit(log, logging.INFO, "ledger.migrated", was=now, now=SCHEMA_VERSION, copy=copy)
            migrate(connection)


def _make(connection: Connection) -> None:
    """Make a new ledger at the newest schema; a test holds it to what the steps would make.

    Not by way of Alembic: its import takes half a second, and what it leaves in memory slows a whole crawl.
    """
    METADATA.create_all(connection)
    connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY)"))
    connection.execute(text("INSERT INTO alembic_version VALUES (:version)"), {"version": SCHEMA_VERSION})


def _take_over(connection: Connection, home: Home) -> None:
    """Fill a new database with what the home's file said until now: which series are kept, and what no rebuild makes again."""
    file = open_ledger(Home(home.root), create=True)
    try:
        with file.read() as old:
            _copy_rows(old, connection)
    finally:
        file.close()


def _copy_rows(old: Connection, new: Connection) -> None:
    """Copy all rows into empty tables. Events are numbered anew in their order, so that the database goes on from there."""
    for table in METADATA.sorted_tables:
        order = [table.c.id] if table is EVENTS else []
        rows = old.execute(select(table).order_by(*order), execution_options={"yield_per": _BATCH}).mappings()
        for some in rows.partitions():
            new.execute(insert(table), [{name: row[name] for name in row if name != "id" or not order} for row in some])


def migrate(connection: Connection) -> None:
    """Run Alembic's steps up to the newest schema."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
