"""Write rows, each with its seal: no other module of the ledger adds or changes any (but store.py, which copies whole ledgers).

Takes   a connection within a transaction, a table, rows as plain values.
Gives   of each row that is changed whether it was whole.
Writes  the rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, and_, bindparam, delete, or_, select, update
from sqlalchemy import insert as _insert
from sqlalchemy.dialects import sqlite

from .schema import EVENTS, NOTICES, OBJECTS, SEALED, SERIES, key_of
from .seal import name_of, sealing

Row = Mapping[str, Any]

_AT_ONCE = 1000  # rows of one call: each takes 5 kB while it is on its way, and a list may name 50,000 articles


def insert(connection: Connection, table: Table, rows: Iterable[Row]) -> None:
    """Add rows. A column that one does not name has its default, else null; all name the same ones."""
    for some in _sealed(table, rows):
        connection.execute(_insert(table), some)


def put(connection: Connection, table: Table, rows: Iterable[Row]) -> None:
    """Add rows, or put them in place of those with the same key: one statement that both databases know."""
    for some in _sealed(table, rows):
        statement = _insert_for(connection.dialect.name, table)
        keys = {column.name for column in table.primary_key}
        others = {name: statement.excluded[name] for name in some[0] if name not in keys}
        conflict = key_of(table, connection.dialect.name)
        connection.execute(statement.on_conflict_do_update(index_elements=conflict, set_=others), some)


def _insert_for(dialect: str, table: Table) -> Any:
    if dialect == "postgresql":
        from sqlalchemy.dialects import postgresql  # a fifth of SQLAlchemy's import, for those who use it

        return postgresql.insert(table)
    return sqlite.insert(table)


def change(
    connection: Connection, table: Table, where: ColumnElement[bool], values: Row, *, mended: bool = False
) -> list[bool]:
    """Change some columns of rows, and seal these anew. Gives of each row whether it was as it was sealed.

    One that was not keeps a seal that does not fit: else what decayed in it would pass for right from then on. mended: seal it
    all the same.
    """
    how = sealing(table)
    spelled, changes, whole = how.spelled(values), [], []
    for stored, told, key in _found(connection, table, where):
        whole.append(how.holds(stored, told))
        seal = how.again(stored, told, [*(dict(zip(how.names, stored, strict=True)) | spelled).values()])
        changes.append({**key, "seal": seal if whole[-1] or mended else ~seal})
    if changes:
        connection.execute(update(table).where(_one(table)).values({**values, SEALED: bindparam("seal")}), changes)
    return whole


def is_whole(connection: Connection, table: Table, where: ColumnElement[bool]) -> bool:
    """Say whether rows are as they were sealed."""
    return all(sealing(table).holds(stored, told) for stored, told, _ in _found(connection, table, where))


def mend(connection: Connection, series: str) -> list[str]:
    """Mend the rows of a series, and of none, that are other than they were sealed and that no WARC tells of.

    Gives what was done to each.

    Events stay, sealed as they are. What an object store has is forgotten: `upload` asks it again. So is who was told of what:
    at worst they are told once more.
    """
    done = []
    for table in (EVENTS, OBJECTS, NOTICES):
        how, of = sealing(table), table.c.series
        of_none = of.is_(None) if table is EVENTS else or_(of.is_(None), of.not_in(select(SERIES.c.id)))
        for stored, told, key in _found(connection, table, or_(of == series, of_none)):
            if not how.holds(stored, told):
                seal = how.respelled(stored)
                keep = update(table).where(_one(table)).values({SEALED: seal})
                connection.execute(keep if table is EVENTS else delete(table).where(_one(table)), key)
                what = "kept as it is" if table is EVENTS else "forgotten"
                done.append(f"{name_of(table, dict(zip(how.names, stored, strict=True)))}: {what}")
    return done


def _found(
    connection: Connection, table: Table, where: ColumnElement[bool]
) -> Iterator[tuple[Sequence[Any], int, dict[str, Any]]]:
    """Give rows: their values as they are stored, the seal, and the key, under names that _one takes."""
    columns, keys = sealing(table).stored(), [column.label(f"of_{column.name}") for column in table.primary_key]
    names = [f"of_{column.name}" for column in table.primary_key]
    for row in connection.execute(select(*columns, table.c[SEALED], *keys).where(where)).all():
        yield row[: len(columns)], row[len(columns)], dict(zip(names, row[len(columns) + 1 :], strict=True))


def _one(table: Table) -> ColumnElement[bool]:
    return and_(*(column == bindparam(f"of_{column.name}") for column in table.primary_key))


def _sealed(table: Table, rows: Iterable[Row]) -> Iterator[list[dict[str, Any]]]:
    """Seal rows, as many at once as are written at once."""
    how, left = sealing(table), iter(rows)
    while some := [how.sealed(row) for row in islice(left, _AT_ONCE)]:
        yield some
