"""Open the ledger of a home, bring it to this version's schema, and lend connections.

Takes   a home's folder. Gives connections: read() for queries, write() for one short transaction.
Writes  ledger.sqlite3, in WAL mode with synchronous=FULL: a committed row survives a power cut.
"""

from __future__ import annotations

import json
import logging
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.exc import DatabaseError, OperationalError

from ..errors import DiskError, HomeError, LianzaiError
from ..events import emit
from ..home import part_of, refused, sync_names
from . import unwritable
from .schema import METADATA
from .unwritable import UnwritableFile

log = logging.getLogger(__name__)

LEDGER = "ledger.sqlite3"
SCHEMA_VERSION = "0003"  # the newest step in migrations/versions/
_BUSY_TIMEOUT_S = 30  # several crawls share a home; each transaction is far below a second


class Ledger:
    """The ledger of one home."""

    def __init__(self, engine: Engine, unwritable: UnwritableFile | None = None) -> None:
        self._engine, self._unwritable = engine, unwritable

    @property
    def writable(self) -> bool:
        """Whether it can be written: False where it lies on a read-only mount, or is another user's."""
        return self._unwritable is None

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Lend a connection for queries. Raises HomeError where the file is no ledger."""
        with _explained(self._engine), self._engine.connect().execution_options(reading=True) as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """Lend a connection within one transaction: all of it is kept or nothing. Raises DiskError where it cannot be."""
        with _explained(self._engine), self._engine.begin() as connection:
            yield connection

    def close(self) -> None:
        """Give back all connections."""
        self._engine.dispose()
        if self._unwritable is not None:
            self._unwritable.close()


def open_ledger(home: Path, *, create: bool) -> Ledger:
    """Open the ledger of a home, migrating an older one after a copy.

    create: make it where it is missing; without it a missing ledger is made all the same when the home exists, as an empty
    home is a valid one. Raises HomeError for a newer ledger, one that is no database, or a home that cannot be written.
    """
    path = home / LEDGER
    if create:
        _make_folder(home)
    elif not home.is_dir():
        raise HomeError(f"{home}: no such home", action="lianzai crawl PROFILE, or name the home with --home DIR")
    ledger = Ledger(_engine(path))
    with ledger.read() as connection:
        version = _version(connection)
    if version != SCHEMA_VERSION:
        _bring_up_to_date(ledger, path, version)
    return ledger


def open_to_read(home: Path) -> Ledger:
    """Open the ledger of a home for what only reads: where it cannot be written, as it lies there.

    Else as open_ledger does, which makes it where it is missing and migrates an older one. Raises HomeError, also where it
    cannot be written and is missing or of an older lianzai.
    """
    path = home / LEDGER
    if unwritable.writable(path):
        return open_ledger(home, create=True)
    if not path.is_file():
        raise HomeError(f"{home}: holds no ledger, and cannot be written", action="lianzai --home DIR")
    file = unwritable.UnwritableFile(path)
    ledger = Ledger(_engine(path, file), file)
    try:
        with ledger.read() as connection:
            version = _version(connection)
        if version is None or version < SCHEMA_VERSION:
            raise HomeError(
                f"{path}: schema {version} is of an older lianzai, and cannot be migrated where it cannot be written",
                action="a copy of the home that can be written",
            )
        if version > SCHEMA_VERSION:
            raise _newer(path, version)
    except BaseException:
        ledger.close()
        raise
    return ledger


def _make_folder(home: Path) -> None:
    try:
        home.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError) as error:
        raise HomeError(f"{home}: a home is a folder, found a file", action="lianzai --home DIR") from error
    except OSError as error:
        raise refused(error, f"{home}: cannot be made: {error.strerror}", action="lianzai --home DIR") from error


def _engine(path: Path, file: UnwritableFile | None = None) -> Engine:
    engine = create_engine(
        f"sqlite:///{path}",
        connect_args={"timeout": _BUSY_TIMEOUT_S},
        json_serializer=lambda value: json.dumps(value, ensure_ascii=False, separators=(",", ":")),
        **({} if file is None else {"creator": file.connector(_BUSY_TIMEOUT_S)}),
    )

    @event.listens_for(engine, "connect")
    def _pragmas(connection: sqlite3.Connection, _record: Any) -> None:
        # The driver's own BEGIN comes too late for a consistent read-then-write; SQLAlchemy's is used (below).
        connection.isolation_level = None
        for pragma in () if file else ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN" if connection.get_execution_options().get("reading") else "BEGIN IMMEDIATE")

    return engine


@contextmanager
def _explained(engine: Engine) -> Iterator[None]:
    """Turn the database's errors into ours, at the one border to it."""
    place = engine.url.database
    try:
        yield
    except LianzaiError:
        raise
    except OperationalError as error:
        reason = str(error.orig)
        if "readonly" in reason or ("unable to open" in reason and not _full(place)):
            raise HomeError(f"{place}: cannot be written: {reason}", action="lianzai --home DIR") from error
        raise DiskError(f"{place}: {reason}", action="lianzai doctor") from error
    except DatabaseError as error:
        if type(error) is not DatabaseError:  # a broken constraint or statement is a bug, not a broken file
            raise
        raise HomeError(f"{place}: {error.orig}", action="lianzai rebuild, with this file moved away") from error


def _full(place: str | None) -> bool:
    """Say whether no file can be made beside the ledger because the disk is full or fails: SQLite does not tell."""
    try:
        with TemporaryFile(dir=Path(place or ".").parent):
            return False
    except OSError as error:
        return isinstance(refused(error, "", action=""), DiskError)


def _version(connection: Connection) -> str | None:
    """Read the schema's version without Alembic, whose import costs half a second; None where there is no schema."""
    tables = connection.execute(text("SELECT name FROM sqlite_master WHERE name = 'alembic_version'")).all()
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar() if tables else None


def _bring_up_to_date(ledger: Ledger, path: Path, version: str | None) -> None:
    if version is not None and version > SCHEMA_VERSION:
        raise _newer(path, version)
    if version is not None:
        stamp = datetime.now(UTC).strftime("%Y%m%d%H%M%S")
        copy = path.with_name(f"{path.name}.{version}-{stamp}")
        _copy(path, copy)
        emit(log, logging.INFO, "ledger.migrated", was=version, now=SCHEMA_VERSION, copy=copy.name)
    with ledger.write() as connection:
        # Another process may have made it while this one waited for the lock.
        now = _version(connection)
        if now is None:
            _make(connection)
        elif now != SCHEMA_VERSION:
            migrate(connection)


def _newer(path: Path, version: str) -> HomeError:
    return HomeError(
        f"{path}: schema {version} is of a newer lianzai, this one knows {SCHEMA_VERSION}",
        action="a newer lianzai (pip install --upgrade)",
    )


def _copy(path: Path, copy: Path) -> None:
    """Copy a ledger with what still lies in its write-ahead log, by SQLite's own backup; the copy is whole or not there."""
    part = part_of(copy)
    try:
        with closing(sqlite3.connect(path)) as old, closing(sqlite3.connect(part)) as new:
            new.execute("PRAGMA journal_mode=MEMORY")  # no second file that a kill would leave
            old.backup(new)
        part.rename(copy)
        sync_names(copy.parent)
    except (OSError, sqlite3.OperationalError) as error:
        with suppress(OSError):
            part.unlink(missing_ok=True)
        raise DiskError(
            f"{copy}: the ledger cannot be copied before it is changed: {error}", action="lianzai doctor"
        ) from error


def _make(connection: Connection) -> None:
    """Make a new ledger at the newest schema; a test holds it to what the steps would make.

    Not by way of Alembic: its import takes half a second, and what it leaves in memory slows a whole crawl.
    """
    METADATA.create_all(connection)
    connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY)"))
    connection.execute(text("INSERT INTO alembic_version VALUES (:version)"), {"version": SCHEMA_VERSION})


def migrate(connection: Connection) -> None:
    """Run Alembic's steps up to the newest schema."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
