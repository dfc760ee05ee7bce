"""What was told to whom: the ledger's memory of notifications, and what there may be to tell.

Takes   a connection of the ledger (store.py).
Gives   plain rows.
Writes  rows of `notices`. No rebuild makes them again, and none removes them.

An address is named as the profile shows it, so that nothing secret stands here. A row of the kind `run` is the last run whose
events an address was told, or, with `told` null, one whose events it would not take.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, delete, func, or_, select

from . import writing
from .fixity import FIXITY_KINDS
from .schema import ARTICLES, EVENTS, NOTICES

Row = dict[str, Any]
Key = tuple[str, str]  # kind, subject

RUN = "run"


def remembered(connection: Connection, series: str, address: str) -> dict[Key, str | None]:
    """Give what an address was told of a series: {(kind, subject): time}."""
    query = select(NOTICES.c.kind, NOTICES.c.subject, NOTICES.c.told)
    rows = connection.execute(query.where(NOTICES.c.series == series, NOTICES.c.address == address))
    return {(kind, subject): told for kind, subject, told in rows}


def waiting(connection: Connection) -> list[str]:
    """Name the series of which something could not be told."""
    return list(connection.execute(select(NOTICES.c.series).where(NOTICES.c.told.is_(None)).distinct()).scalars())


def remember(connection: Connection, series: str, address: str, keys: Iterable[Key], told: str | None) -> None:
    """Put down what an address was told. told: as rows.time_text has it; None where the address would not take it."""
    named = list(dict.fromkeys(keys))
    forget(connection, series, address, named)
    rows = [
        {"series": series, "address": address, "kind": kind, "subject": subject, "told": told}
        for kind, subject in named
    ]
    writing.insert(connection, NOTICES, rows)


def forget(connection: Connection, series: str, address: str, keys: Iterable[Key]) -> None:
    """Remove what an address was told."""
    for kind, subject in keys:
        connection.execute(
            delete(NOTICES).where(
                NOTICES.c.series == series, NOTICES.c.address == address, NOTICES.c.kind == kind,
                NOTICES.c.subject == subject,
            )
        )  # fmt: skip


def happened(
    connection: Connection,
    series: str,
    kinds: Collection[str],
    *,
    runs: Collection[str],
    between: tuple[str, str] | None,
) -> list[Row]:
    """Give the events of runs with the articles that they speak of, oldest first.

    runs: their ids. between: those of the runs behind the first one, up to the second, too; ids of runs sort by time.
    """
    of_runs: list[ColumnElement[bool]] = [EVENTS.c.run.in_(list(runs))]
    of_runs += [] if between is None else [and_(EVENTS.c.run > between[0], EVENTS.c.run <= between[1])]
    columns = [EVENTS.c[name] for name in ("article", "run", "at", "kind", "fields", "start", "end")]
    query = (
        select(*columns, *(ARTICLES.c[name] for name in ("position", "subject", "title", "url")))
        .select_from(EVENTS.outerjoin(ARTICLES, ARTICLES.c.id == EVENTS.c.article))
        .where(and_(EVENTS.c.series == series, EVENTS.c.kind.in_(list(kinds)), or_(*of_runs)))
        .order_by(EVENTS.c.id)
    )
    return [dict(row) for row in connection.execute(query).mappings()]


def publications(connection: Connection, series: str) -> list[str]:
    """Give the times at which a series published, oldest first, as queries.publications does for all."""
    moment = func.coalesce(ARTICLES.c.published, ARTICLES.c.captured).label("moment")
    query = select(moment).where(ARTICLES.c.series == series, moment.is_not(None)).distinct().order_by(moment)
    return list(connection.execute(query).scalars())


def damaged(connection: Connection) -> dict[str, list[str]]:
    """Give, by series, the paths that were damaged when they were last looked at."""
    query = select(EVENTS.c.series, EVENTS.c.kind, EVENTS.c.fields).where(EVENTS.c.kind.in_(FIXITY_KINDS))
    last: dict[tuple[str, str], str] = {}
    for series, kind, paths in connection.execute(query.order_by(EVENTS.c.id)):
        last |= {(series, path): kind for path in paths}
    found: dict[str, list[str]] = {}
    for (series, path), kind in sorted(last.items()):
        if kind == "damaged":
            found.setdefault(series, []).append(path)
    return found
