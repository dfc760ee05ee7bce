"""Look whether the ledger's file has the columns of its schema, and each value is of its column's type.

Takes   a connection to the file; the values also of an older version.
Gives   a sentence for each column that is another, or holds something else: text that is no UTF-8, JSON that does not read.
        A row that is as it was sealed (seal.py) holds what was written.
Writes  nothing.

SQLite's own check asks for none of this (it does not look into text), and what only reads would end by a bug's error.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator
from typing import Any, Final

from sqlalchemy import JSON, Boolean, Column, Integer, Table
from sqlalchemy.dialects import sqlite
from sqlalchemy.types import TypeEngine

from .schema import METADATA, SEALED
from .seal import sealing

_NO_UTF8: Final = object()
_DIALECT: Final = sqlite.dialect()


def schema_faults(connection: sqlite3.Connection) -> Iterator[str]:
    """Compare the columns of the file with those of this version's schema. Raises sqlite3.DatabaseError."""
    for table in METADATA.sorted_tables:
        found = {row[1]: row[2] for row in connection.execute(f'PRAGMA table_info("{table.name}")')}
        wanted = {column.name: column.type.compile(_DIALECT) for column in table.c}
        for name in sorted(wanted.keys() | found.keys()):
            if found.get(name) != wanted.get(name):
                yield f"{table.name}.{name}: expected {wanted.get(name, 'no such column')}, found {found.get(name, 'none')}"


def value_faults(connection: sqlite3.Connection) -> Iterator[str]:
    """Walk all rows of all tables. Raises sqlite3.DatabaseError where they cannot be read."""
    was, connection.text_factory = connection.text_factory, _text
    try:
        for table in METADATA.sorted_tables:
            there = {row[1] for row in connection.execute(f'PRAGMA table_info("{table.name}")')}
            columns = [column for column in table.c if column.name in there]
            if columns:
                yield from _faults_of(connection, table, columns)
    finally:
        connection.text_factory = was


def _text(data: bytes) -> Any:
    try:
        return data.decode()
    except UnicodeDecodeError:
        return _NO_UTF8


def _faults_of(connection: sqlite3.Connection, table: Table, columns: list[Column[Any]]) -> Iterator[str]:
    how, names = sealing(table), [column.name for column in columns]
    wanted = [(column.name, bool(column.nullable), _check(column.type)) for column in columns]
    places = [names.index(name) for name in how.names if name in names]
    told = names.index(SEALED) if SEALED in names and len(places) == len(how.names) else None
    wrong: dict[str, int] = {}
    for row in connection.execute(f"SELECT {', '.join(map(_quoted, names))} FROM {_quoted(table.name)}"):  # noqa: S608
        if told is not None and how.fits([row[place] for place in places], row[told]):
            continue
        for value, (name, nullable, fits) in zip(row, wanted, strict=True):
            if not (nullable if value is None else fits(value)):
                wrong[name] = wrong.get(name, 0) + 1
    yield from (f"{table.name}.{name}: {count} values that are none of it" for name, count in wrong.items())


def _quoted(name: str) -> str:
    return f'"{name}"'


def _check(kind: TypeEngine[Any]) -> Callable[[Any], bool]:
    if isinstance(kind, JSON):
        return _is_json
    if isinstance(kind, Boolean):
        return lambda value: value in (0, 1)
    if isinstance(kind, Integer):  # BigInteger too
        return lambda value: isinstance(value, int)
    return lambda value: isinstance(value, str)  # String and Text: the schema has no others


def _is_json(value: Any) -> bool:
    try:
        json.loads(value)
    except (ValueError, TypeError):
        return False
    return isinstance(value, str)
