"""Look whether each value of the ledger's file is of its column's type: text that is UTF-8, JSON that reads, numbers.

Takes   a connection to the file, of any version of ours.
Gives   a sentence for each column that holds something else.
Writes  nothing.

SQLite's own check asks for none of this (it does not look into text), and what only reads would end by a bug's error.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator
from typing import Any, Final

from sqlalchemy import JSON, Boolean, Integer
from sqlalchemy.types import TypeEngine

from .schema import METADATA

_NO_UTF8: Final = object()


def value_faults(connection: sqlite3.Connection) -> Iterator[str]:
    """Walk all rows of all tables. Raises sqlite3.DatabaseError where they cannot be read."""
    was, connection.text_factory = connection.text_factory, _text
    try:
        for table in METADATA.sorted_tables:
            there = {row[1] for row in connection.execute(f'PRAGMA table_info("{table.name}")')}
            columns = [column for column in table.c if column.name in there]
            if columns:
                wanted = [(column.name, bool(column.nullable), _check(column.type)) for column in columns]
                yield from _faults_of(connection, table.name, wanted)
    finally:
        connection.text_factory = was


def _text(data: bytes) -> Any:
    try:
        return data.decode()
    except UnicodeDecodeError:
        return _NO_UTF8


def _faults_of(
    connection: sqlite3.Connection, table: str, columns: list[tuple[str, bool, Callable[[Any], bool]]]
) -> Iterator[str]:
    names = ", ".join(f'"{name}"' for name, _, _ in columns)
    wrong: dict[str, int] = {}
    for row in connection.execute(f'SELECT {names} FROM "{table}"'):  # noqa: S608  names of our own schema
        for value, (name, nullable, fits) in zip(row, columns, strict=True):
            if not (nullable if value is None else fits(value)):
                wrong[name] = wrong.get(name, 0) + 1
    yield from (f"{table}.{name}: {count} values that are none of it" for name, count in wrong.items())


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
    return True
