"""A ledger in a file of the home: SQLite.

Takes   the path of the file. Gives: an engine; its errors as ours.
Writes  ledger.sqlite3, in WAL mode with synchronous=FULL: a committed row survives a power cut; a copy before a migration.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

from sqlalchemy import Connection, create_engine, event, text
from sqlalchemy.exc import DatabaseError, OperationalError

from ..errors import DiskError, HomeError, LianzaiError
from ..home import part_of, refused, sync_names
from .types import json_text, json_value
from .unwritable import UnwritableFile

_BUSY_TIMEOUT_S = 30  # several crawls share a home; each transaction is far below a second
REBUILD = "lianzai rebuild, with this file moved away"


class SqliteBase:
    """The file. unwritable: where it can only be read."""

    def __init__(self, path: Path, unwritable: UnwritableFile | None = None) -> None:
        self.place, self._path, self._unwritable = str(path), path, unwritable
        self.writable = unwritable is None
        self.engine = create_engine(
            f"sqlite:///{path}",
            connect_args={"timeout": _BUSY_TIMEOUT_S},
            json_serializer=json_text,
            json_deserializer=json_value,
            **({} if unwritable is None else {"creator": unwritable.connector(_BUSY_TIMEOUT_S)}),
        )
        event.listen(self.engine, "connect", self._connected)
        event.listen(self.engine, "begin", _begin)

    def _connected(self, connection: sqlite3.Connection, _record: Any) -> None:
        # The driver's own BEGIN comes too late for a consistent read-then-write; SQLAlchemy's is used (_begin).
        connection.isolation_level = None
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON") if self.writable else ():
            connection.execute(f"PRAGMA {pragma}")

    def close(self) -> None:
        """Give back all connections."""
        self.engine.dispose()
        if self._unwritable is not None:
            self._unwritable.close()

    @contextmanager
    def explained(self) -> Iterator[None]:
        """Turn SQLite's errors into ours."""
        try:
            yield
        except LianzaiError:
            raise
        except OperationalError as error:
            reason = str(error.orig)
            if "readonly" in reason or ("unable to open" in reason and _forbidden(self._path)):
                raise HomeError(f"{self.place}: cannot be written: {reason}", action="lianzai --home DIR") from error
            if "decode" in reason:  # a text that is no UTF-8: nothing that lianzai wrote
                raise HomeError(f"{self.place}: {reason}", action=REBUILD) from error
            raise DiskError(f"{self.place}: {reason}", action="lianzai doctor") from error
        except DatabaseError as error:
            if type(error) is not DatabaseError:  # a broken constraint or statement is a bug, not a broken file
                raise
            raise HomeError(f"{self.place}: {error.orig}", action=REBUILD) from error

    def options(self, *, reading: bool) -> dict[str, Any]:
        """Give the options of a connection."""
        return {"reading": reading}

    def version(self, connection: Connection) -> str | None:
        """Read the schema's version without Alembic, whose import costs half a second; None where there is no schema."""
        tables = connection.execute(text("SELECT name FROM sqlite_master WHERE name = 'alembic_version'")).all()
        return connection.execute(text("SELECT version_num FROM alembic_version")).scalar() if tables else None

    def check(self, connection: Connection) -> None:
        """Nothing: what lies in a home is of that home."""

    def claim(self, connection: Connection) -> None:
        """Nothing, for the same reason."""

    def copy_to(self, path: Path) -> None:
        """Copy the ledger as it is now, with what still lies in its log. Raises OSError, sqlite3.Error."""
        with closing(sqlite3.connect(self._path)) as old, closing(sqlite3.connect(path)) as new:
            new.execute("PRAGMA journal_mode=MEMORY")  # no second file that a kill would leave
            old.backup(new)

    def copied(self, _connection: Connection, version: str) -> str:
        """Copy the ledger, with what still lies in its write-ahead log, before it is changed; gives the copy's name.

        By SQLite's own backup; the copy is whole or not there. Raises DiskError.
        """
        copy = self._path.with_name(f"{self._path.name}.{version}-{datetime.now(UTC):%Y%m%d%H%M%S}")
        part = part_of(copy)
        try:
            self.copy_to(part)
            part.rename(copy)
            sync_names(copy.parent)
        except (OSError, sqlite3.OperationalError) as error:
            with suppress(OSError):
                part.unlink(missing_ok=True)
            raise DiskError(
                f"{copy}: the ledger cannot be copied before it is changed: {error}", action="lianzai doctor"
            ) from error
        return copy.name


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN" if connection.get_execution_options().get("reading") else "BEGIN IMMEDIATE")


def _forbidden(path: Path) -> bool:
    """Say whether it is the place that forbids to open a ledger, and no disk that is full or fails: SQLite does not tell.

    A disk may have room again when this looks, so what is allowed counts, not whether it would work now.
    """
    there = [
        one for one in (path, *(path.with_name(path.name + end) for end in ("-wal", "-shm"))) if os.path.lexists(one)
    ]
    if any(not one.is_file() or not os.access(one, os.R_OK | os.W_OK) for one in there):
        return True
    try:
        with TemporaryFile(dir=path.parent):
            return False
    except OSError as error:
        return isinstance(refused(error, "", action=""), HomeError)
