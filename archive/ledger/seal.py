"""A digest of each row within the row: what no second place tells, and no page of the ledger's file has a checksum of.

Takes   the values of a row, or a connection of the ledger.
Gives   the row's seal; the rows that are other than they were sealed.
Writes  with seal_all, the column `sealed` of every table.

A seal is 64 bits of BLAKE2b over the names and values of all other columns as the database stores them. It finds what decays: any
one flipped bit, also in the seal, and all but one in 2^64 of greater damage. It keeps out nobody: who can write a row can seal
it.

Nulls are left out, so that a column that a later version adds breaks no seal. So is the number of an event: it only counts, each
index has it once more, and another database numbers anew. JSON counts as types.json_text spells it; older versions spelled it
otherwise, and rows go from one database to another, so a row whose stored spelling does not fit is spelled anew before it is
blamed.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from hashlib import blake2b
from typing import Any, Final, NamedTuple

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    ColumnDefault,
    ColumnElement,
    Connection,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    bindparam,
    cast,
    literal_column,
    select,
    text,
    type_coerce,
    update,
)

from .schema import ARTICLES, CAPTURES, EVENTS, METADATA, READINGS, REVISIONS, SEALED, SERIES
from .types import JsonText, json_text, json_value, keepable, restored

_BATCH = 1000  # rows in memory at once
_TEXTS = (CAPTURES, REVISIONS, READINGS)  # tables that grow with each capture or hold the texts
Stored = str | int | None
_Spell = Callable[[Any], Stored]


class Sealing:
    """How the rows of one table are sealed. names: of the columns that are, sorted. defaults: what those hold that none names."""

    def __init__(self, table: Table) -> None:
        self.columns: Final = sorted((one for one in table.c if _counts(one)), key=lambda one: str(one.name))
        self.defaults: Final = {
            str(one.name): one.default.arg for one in self.columns if isinstance(one.default, ColumnDefault)
        }
        self.names: Final = [str(column.name) for column in self.columns]
        self._spell: Final = [_spelling(column) for column in self.columns]
        self._json: Final = [isinstance(column.type, JSON) for column in self.columns]

    def sealed(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """Give a row that is to be written with its seal, and with its defaults. A column that it does not name is null."""
        whole = {**self.defaults, **row}
        spelled = [spell(whole.get(name)) for name, spell in zip(self.names, self._spell, strict=True)]
        whole |= {name: text for name, text in zip(self.names, spelled, strict=True) if isinstance(text, JsonText)}
        return whole | {SEALED: seal_of(self.names, spelled)}

    def spelled(self, values: Mapping[str, Any]) -> dict[str, Stored]:
        """Give values as the database will store them."""
        return {
            name: spell(values[name]) for name, spell in zip(self.names, self._spell, strict=True) if name in values
        }

    def holds(self, stored: Sequence[Any], told: Any) -> bool:
        """Say whether a row is as it was sealed. stored: what the database has, in the order of names. told: the seal."""
        return self.fits(stored, told) or bool(told == self.respelled(stored))

    def fits(self, stored: Sequence[Any], told: Any) -> bool:
        """Say whether a row is as it was sealed, and its JSON spelled as it is now."""
        return bool(told == seal_of(self.names, stored))

    def respelled(self, stored: Sequence[Any]) -> int:
        """Reckon the seal of a stored row, its JSON spelled as it is now."""
        values = [_respelled(one) if json else one for one, json in zip(stored, self._json, strict=True)]
        return seal_of(self.names, values)

    def again(self, was: Sequence[Any], told: Any, stored: Sequence[Any]) -> int:
        """Reckon the seal of a row of which some columns were spelled anew. was, told: the row before, and its seal."""
        # A seal that fits a row as it is stored says that its JSON is spelled as it is now.
        return seal_of(self.names, stored) if self.fits(was, told) else self.respelled(stored)

    def stored(self) -> list[ColumnElement[Any]]:
        """Give what asks for the columns as they are stored."""
        return [_as_stored(column) for column in self.columns]


@cache
def sealing(table: Table) -> Sealing:
    """Give how the rows of a table of the schema are sealed."""
    return Sealing(table)


def seal_of(names: Iterable[str], stored: Iterable[Any]) -> int:
    """Reckon a seal: a signed number of 64 bits. stored: a row's values as the database has them, by names that are sorted.

    >>> seal_of(["a", "b"], ["x", None]) == seal_of(["a"], ["x"])
    True
    """
    # No text of the ledger holds a NUL (types.keepable).
    told = "\0".join([f"{name}={value}" for name, value in zip(names, stored, strict=True) if value is not None])
    digest = blake2b(told.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)


class Broken(NamedTuple):
    """A row that is other than it was sealed. series: None for one of the home itself. why: as people are told of it."""

    series: str | None
    table: str
    why: str


def broken_rows(connection: Connection, *, texts: bool = True) -> Iterator[Broken]:
    """Walk all rows of all tables; give those that are other than they were sealed.

    texts: look at captures, revisions and readings too, which take most of the time.
    """
    for table in METADATA.sorted_tables:
        if texts or table not in _TEXTS:
            how = sealing(table)
            query = select(*how.stored(), table.c[SEALED])
            for *stored, told in connection.execute(query, execution_options={"yield_per": _BATCH}):
                if not how.holds(stored, told):
                    row = dict(zip(how.names, stored, strict=True))
                    why = f"{name_of(table, row)} is other than it was sealed"
                    yield Broken(_series_of(connection, table, row), table.name, why)


def name_of(table: Table, row: Mapping[str, Any]) -> str:
    """Name a row by its key; an event by what it tells."""
    names = ("series", "article", "kind", "at") if table is EVENTS else [column.name for column in table.primary_key]
    return " ".join([f"{table.name}:", *(restored(str(row[name])) for name in names if row[name] is not None)])


def seal_all(connection: Connection) -> None:
    """Seal every row as it is now: where none was. Works on the tables as it finds them, whatever the schema is later."""
    found = MetaData()
    found.reflect(connection, only=[table.name for table in METADATA.sorted_tables])
    with _any_text(connection):
        for table in found.sorted_tables:
            _seal_table(connection, table)


def _seal_table(connection: Connection, table: Table) -> None:
    how, sqlite = Sealing(table), connection.dialect.name == "sqlite"
    place: ColumnElement[Any] = literal_column("rowid") if sqlite else cast(literal_column("ctid"), Text)
    rows = connection.execute(select(place, *how.stored()), execution_options={"yield_per": _BATCH})
    seals = [{"place": row[0], "seal": how.respelled(row[1:])} for row in rows]  # all of them before any is written
    where = text("rowid = :place" if sqlite else "ctid = CAST(:place AS tid)")
    for start in range(0, len(seals), _BATCH):
        change = update(table).where(where).values({SEALED: bindparam("seal")})
        connection.execute(change, seals[start : start + _BATCH])


@contextmanager
def _any_text(connection: Connection) -> Iterator[None]:
    """Let texts of SQLite be read that are no UTF-8: such a row gets a seal too, which does not fit it."""
    raw: object = connection.connection.dbapi_connection
    if not isinstance(raw, sqlite3.Connection):
        yield
        return
    was, raw.text_factory = raw.text_factory, lambda data: data.decode(errors="replace")
    try:
        yield
    finally:
        raw.text_factory = was


# ------------------------------------------------------------------------------------------------------------------ within


def _counts(column: Column[Any]) -> bool:
    return column.name != SEALED and (column.table.name, column.name) != (EVENTS.name, "id")


def _spelling(column: Column[Any]) -> _Spell:
    """Give what turns a value of a column into what the database stores; what is no value of it fails there."""
    kind = column.type
    if isinstance(kind, JSON):
        return lambda value: None if value is None else json_text(value)
    if isinstance(kind, Boolean):
        return lambda value: None if value is None else int(value)
    if isinstance(kind, Integer):
        return lambda value: value
    return lambda value: None if value is None else keepable(value)


def _as_stored(column: Column[Any]) -> ColumnElement[Any]:
    if isinstance(column.type, JSON):
        return cast(column, Text)
    if isinstance(column.type, Boolean):
        return cast(column, Integer)
    return column if isinstance(column.type, Integer) else type_coerce(column, String)


def _respelled(stored: Any) -> Stored:
    try:
        value = None if stored is None else json_value(stored)
    except ValueError:
        return str(stored)
    return None if value is None else json_text(value)


def _series_of(connection: Connection, table: Table, row: Mapping[str, Any]) -> str | None:
    if table is SERIES:
        return str(row["id"])
    if table in (REVISIONS, READINGS):
        return connection.execute(select(ARTICLES.c.series).where(ARTICLES.c.id == row["article"])).scalar()
    return None if row["series"] is None else str(row["series"])
