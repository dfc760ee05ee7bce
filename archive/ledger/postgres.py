"""A ledger in a PostgreSQL database (LIANZAI_DATABASE_URL).

Takes   the address of the database; the home that it is the ledger of.
Gives   an engine; its errors as ours, the password in none of them.
Writes  the tables; `home`, whose one row says which home they are of; ledger.id in that home, which says the same.

Transactions are as in SQLite, so that no module above this one knows which it is: a reader sees one state from its first question
on (REPEATABLE READ), and writers come one after the other, by a lock of the database: what one reads within its transaction
holds when it writes, and events are numbered in the order in which they are kept.
"""

from __future__ import annotations

import secrets
import select
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic
from typing import Any, Final
from urllib.parse import quote

from sqlalchemy import Column as _Column
from sqlalchemy import Connection, Index, Inspector, MetaData, Table, create_engine, event, inspect, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, DisconnectionError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from ..errors import HomeError, LianzaiError, ServiceError, UsageError
from ..home import write_atomically
from .schema import CAPTURES
from .types import String, json_text, json_value

VARIABLE: Final = "LIANZAI_DATABASE_URL"
HOME_ID: Final = "ledger.id"
_SCHEMES: Final = ("postgres", "postgresql", "postgresql+psycopg")
_OLDEST: Final = 130000  # PostgreSQL 13, as server_version has it: the oldest with all that is asked of it
_CONNECT_S: Final = 5
_LOCK_S: Final = 30  # as SQLite's; each transaction is far below a second
_FROZEN_S: Final = 120  # a writer that does nothing for so long within its transaction is gone, and others wait for it
_IDLE_S: Final = 60  # a connection unused for longer is asked whether it lives before it is used
_LOCK: Final = 0x6C7A  # of all advisory locks of a database, ours
_HOME: Final = Table("home", MetaData(), _Column("id", String, primary_key=True))

# What only PostgreSQL has of the tables. It stands here, as such options import the dialect: a tenth of `status` on SQLite.
Index("captures_by_url", CAPTURES.c.url, postgresql_using="hash").ddl_if(dialect="postgresql")
for _column in (CAPTURES.c.unread, CAPTURES.c.told):  # captures of our own have nothing there
    _there = text(f"{_column.name} IS NOT NULL")
    Index(f"captures_with_{_column.name}", CAPTURES.c.series, postgresql_where=_there).ddl_if(dialect="postgresql")
    Index(f"captures_by_{_column.name}", _column, postgresql_where=_there, postgresql_using="hash").ddl_if(
        dialect="postgresql"
    )

_WRITER: Final = (
    f"SELECT set_config('lock_timeout', '{_LOCK_S}s', true),"
    f" set_config('idle_in_transaction_session_timeout', '{_FROZEN_S}s', true),"
    f" pg_advisory_xact_lock({_LOCK}, hashtext(current_schema()))"
)

# The refusals of the server that a person can mend, by SQLSTATE or, before there is a session, by its words.
_PASSWORD: Final = f"the right user and password in {VARIABLE}"
_REFUSALS: Final = {
    "28": _PASSWORD,
    "3D": f"createdb, or another {VARIABLE}",
    "42501": "GRANT CREATE, USAGE ON SCHEMA public to the user",
    "53100": "free some space on the database's disk, then the same command again",
    "53300": "fewer crawls at once, or a greater max_connections of the database",
    "25006": f"the address of the primary database in {VARIABLE}: this one only reads",
    "55P03": "the same command again: another process writes for very long",
}
_WORDS: Final = {
    "authentication failed": "28", "no password supplied": "28", "no pg_hba.conf entry": "28", 'role "': "28",
    "is not permitted to log in": "28", 'database "': "3D", "too many connections": "53300", "too many clients": "53300",
}  # fmt: skip
_LATER: Final = (
    "the same command again once the database answers: what was fetched is kept, and goes into the ledger then"
)
_LOST: Final = (
    "08",
    "53",
    "57",
    "58",
    "28",
    "3D",
    "F0",
)  # classes of SQLSTATE that speak of the server, not of a statement


class PostgresBase:
    """The database. home: whose ledger it is."""

    writable = True

    def __init__(self, home: Path, address: str) -> None:
        """Raises UsageError for an address that is none of PostgreSQL."""
        url = _url(address)
        self._home = home
        told = (url.password, url.query.get("password"))
        self._secrets = [form for one in told if isinstance(one, str) and one for form in (one, quote(one, safe=""))]
        self.place = URL.create(
            "postgresql", url.username, host=url.host, port=url.port, database=url.database
        ).render_as_string()
        self.engine = create_engine(
            url,
            json_serializer=json_text,
            json_deserializer=json_value,
            use_native_hstore=False,
            hide_parameters=True,
            connect_args={
                "connect_timeout": _CONNECT_S, "application_name": "lianzai", "client_encoding": "UTF8",
                # A network that swallows everything is noticed within half a minute.
                "keepalives": 1, "keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 3,
                "tcp_user_timeout": 30_000,
                "prepare_threshold": None,  # behind a pooler the next transaction may meet another session
            } | dict(url.query),
        )  # fmt: skip
        event.listen(self.engine, "begin", _begin)
        event.listen(self.engine, "checkin", lambda _, record: record.info.update(used=monotonic()))
        event.listen(self.engine, "checkout", _look_whether_alive)

    def close(self) -> None:
        """Give back all connections."""
        self.engine.dispose()

    def options(self, *, reading: bool) -> dict[str, Any]:
        """Give the options of a connection."""
        level = "REPEATABLE READ" if reading else "READ COMMITTED"
        return {"reading": reading, "isolation_level": level, "postgresql_readonly": reading}

    @contextmanager
    def explained(self) -> Iterator[None]:
        """Turn the errors of database and network into ours; a broken constraint or statement is a bug, and stays."""
        try:
            yield
        except LianzaiError:
            raise
        except PoolTimeout as error:
            raise ServiceError(f"{self.place}: no connection is free", action=_REFUSALS["53300"]) from error
        except DBAPIError as error:
            state = getattr(error.orig, "sqlstate", None) or self._state_of(str(error.orig))
            lost = error.connection_invalidated or state is None or state[:2] in _LOST
            if not lost and state not in _REFUSALS:
                raise
            action = _REFUSALS.get(state or "") or _REFUSALS.get((state or "")[:2], _LATER)
            # Without its cause: a traceback of that shows the statement's values, and the address.
            raise ServiceError(f"{self.place}: {self._said(error)}", action=action) from None

    @staticmethod
    def _state_of(words: str) -> str | None:
        return next((state for word, state in _WORDS.items() if word in words), None)

    def _said(self, error: DBAPIError) -> str:
        lines = [line.strip() for line in str(error.orig).splitlines() if line.strip()] or [type(error.orig).__name__]
        # "connection failed: connection to server at "::1", port 5432 failed: FATAL: …": where it is was said before.
        said = lines[0].removeprefix("connection failed: ")
        for secret in self._secrets:
            said = said.replace(secret, "[secret]")
        return said

    def version(self, connection: Connection) -> str | None:
        """Read the schema's version; None where there is no schema. Raises HomeError for a database that cannot hold one."""
        told = connection.connection.dbapi_connection.info  # type: ignore[union-attr]  # psycopg's
        if told.server_version < _OLDEST:
            raise HomeError(f"{self.place}: PostgreSQL {told.server_version // 10000}", action="PostgreSQL 13 or newer")
        if (encoding := told.parameter_status("server_encoding")) != "UTF8":
            raise HomeError(
                f"{self.place}: expected the encoding UTF8, found {encoding}",
                action="CREATE DATABASE … ENCODING 'UTF8' TEMPLATE template0",
            )
        # Not to_regclass(): that would remember from before the wait for the lock that there is none.
        there = text("SELECT FROM pg_tables WHERE tablename = 'alembic_version' AND schemaname = current_schema()")
        if connection.execute(there).first() is None:
            return None
        version = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
        return None if version is None else str(version)

    def check(self, connection: Connection) -> None:
        """See that the ledger is of this home. Raises HomeError."""
        told, own = connection.execute(_HOME.select()).scalar(), self._own_id()
        if told != own:
            raise HomeError(
                f"{self.place}: is the ledger of another home ({told}) than {self._home} ({own or 'which has none yet'})",
                action=f"another {VARIABLE}; or, where it is a copy of that home, write {told} into {self._home / HOME_ID}",
            )

    def claim(self, connection: Connection) -> None:
        """Put down which home this new ledger is of. Raises DiskError."""
        own = self._own_id() or secrets.token_hex(16)
        write_atomically(self._home / HOME_ID, f"{own}\n".encode())
        _HOME.create(connection)
        connection.execute(_HOME.insert().values(id=own))

    def _own_id(self) -> str | None:
        try:
            return (self._home / HOME_ID).read_text("ascii", "replace").strip() or None
        except OSError:
            return None

    def copied(self, connection: Connection, version: str) -> str:
        """Copy all tables within the database before they are changed; gives the name behind theirs."""
        name, quoted = f"{version}-{datetime.now(UTC):%Y%m%d%H%M%S}", connection.dialect.identifier_preparer
        found: Inspector = inspect(connection)
        for table in found.get_table_names():
            if "." not in table:  # no copy of before
                connection.exec_driver_sql(
                    f"CREATE TABLE {quoted.quote(f'{table}.{name}')} AS TABLE {quoted.quote(table)}"
                )
        return f"TABLE.{name}"


def _url(address: str) -> URL:
    try:
        url = make_url(address)
    except (ArgumentError, ValueError):  # ValueError: of a port that is no number
        url = None
    if url is None or url.drivername not in _SCHEMES or not url.database:
        kind = "" if url is None or url.drivername in _SCHEMES else f", found {url.drivername}://"
        raise UsageError(
            f"{VARIABLE}: expected postgresql://USER:PASSWORD@HOST:PORT/DATABASE{kind}",
            action=f"unset {VARIABLE} for a ledger in the home",
        ) from None
    return url.set(drivername="postgresql+psycopg")


def _begin(connection: Connection) -> None:
    if not connection.get_execution_options().get("reading"):
        connection.exec_driver_sql(_WRITER)


def _look_whether_alive(connection: Any, record: Any, _proxy: Any) -> None:
    """Let a connection that did not survive (the database was started anew) be replaced by a new one.

    To one that lives the server says nothing by itself: where there is something to read, it has ended the session.
    """
    waiting = select.poll()
    waiting.register(connection.fileno(), select.POLLIN)
    if monotonic() - record.info.get("used", monotonic()) < _IDLE_S and not waiting.poll(0):
        return
    try:
        connection.execute("SELECT 1")
        connection.rollback()
    except connection.Error as error:
        raise DisconnectionError from error
