"""What the pages of the reading room ask the ledger: few questions, each about many rows at once.

Takes   a connection of the ledger (store.py). Gives: plain dicts, keyed by column. Writes nothing.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any, Final

from sqlalchemy import Connection, Select, and_, func, or_, select, type_coerce

from .schema import ARTICLES, CAPTURES, EVENTS, REVISIONS, RUNS, SERIES
from .types import Text

Row = dict[str, Any]

_INSTALMENT: Final = (
    "id", "series", "position", "subject", "title", "url", "published", "published_precision", "state", "origin",
    "revisions", "shown", "captured", "last_checked", "failing", "failing_detail", "gone_since",
)  # fmt: skip
_EVENT: Final = ("id", "series", "article", "at", "kind", "fields", "start", "end", "evidence")
_CAPTURE: Final = ("series", "file", "offset", "length", "url", "fetched", "digest", "status")
# What is done to the copies and not by the newspaper.
UPKEEP: Final = ("uploaded", "verified")


def about(connection: Connection, wanted: Sequence[str] | None = None) -> dict[str, Row]:
    """Tell how each series calls itself: {series: {title, publisher, language, tags}}; "" and [] where it does not say."""
    told = [
        type_coerce(SERIES.c.profile["series"][name].as_string(), Text).label(name)
        for name in ("publisher", "language", "tags")
    ]
    query = select(SERIES.c.id, SERIES.c.title, *told)
    if wanted is not None:
        query = query.where(SERIES.c.id.in_(wanted))
    return {
        row.id: {
            "title": row.title,
            "publisher": row.publisher or "",
            "language": row.language or "",
            "tags": _tags(row.tags),
        }
        for row in connection.execute(query)
    }


def subjects(connection: Connection, wanted: Sequence[str]) -> dict[str, Row]:
    """Give what tells which instalments there should be: {series: {subjects, missing, expected}}."""
    query = select(SERIES.c.id, SERIES.c.subjects, SERIES.c.missing, SERIES.c.expected).where(SERIES.c.id.in_(wanted))
    return {row["id"]: dict(row) for row in connection.execute(query).mappings()}


def spans(connection: Connection) -> dict[str, tuple[str, str]]:
    """Give the first and the last publication of each series that has any, as the ledger writes them: {series: (first, last)}."""
    query = (
        select(ARTICLES.c.series, func.min(ARTICLES.c.published), func.max(ARTICLES.c.published))
        .where(ARTICLES.c.published.is_not(None))
        .group_by(ARTICLES.c.series)
    )
    return {series: (first, last) for series, first, last in connection.execute(query)}


def instalments(connection: Connection, wanted: Sequence[str]) -> dict[str, list[Row]]:
    """Give the instalments of several series, each in its order; those without a position last."""
    columns = [ARTICLES.c[name] for name in _INSTALMENT]
    order = (ARTICLES.c.series, ARTICLES.c.position.is_(None), ARTICLES.c.position, ARTICLES.c.id)
    found: dict[str, list[Row]] = {name: [] for name in wanted}
    for row in connection.execute(select(*columns).where(ARTICLES.c.series.in_(wanted)).order_by(*order)):
        found[row.series].append(dict(zip(_INSTALMENT, row, strict=True)))
    return found


def last_changes(connection: Connection) -> dict[str, tuple[int, str]]:
    """Give the last thing that happened to each series, upkeep of the copies left out: {series: (id of the event, at)}.

    One look-up a series in an index, however long its history is.
    """
    last = (
        select(EVENTS.c.id)
        .where(EVENTS.c.series == SERIES.c.id, EVENTS.c.kind.not_in(UPKEEP))
        .order_by(EVENTS.c.at.desc(), EVENTS.c.id.desc())
        .limit(1)
        .correlate(SERIES)
        .scalar_subquery()
    )
    query = select(SERIES.c.id, EVENTS.c.id, EVENTS.c.at).select_from(SERIES.join(EVENTS, EVENTS.c.id == last))
    return {series: (number, at) for series, number, at in connection.execute(query)}


def events_by_id(connection: Connection, wanted: Sequence[int]) -> dict[int, Row]:
    """Give several events by their numbers."""
    rows = _rows(connection, select(*_columns(EVENTS, _EVENT)).where(EVENTS.c.id.in_(wanted)))
    return {row["id"]: row for row in rows}


def events(connection: Connection, series: str | None, limit: int, offset: int = 0) -> list[Row]:
    """Give events, the newest first: of a series by their time, of the home in the order in which it took them."""
    query = select(*_columns(EVENTS, _EVENT)).limit(limit).offset(offset)
    if series is None:
        query = query.where(EVENTS.c.series.is_not(None)).order_by(EVENTS.c.id.desc())
    else:
        query = query.where(EVENTS.c.series == series).order_by(EVENTS.c.at.desc(), EVENTS.c.id.desc())
    return _rows(connection, query)


def marks(connection: Connection, series: str, kinds: Sequence[str]) -> list[Row]:
    """Give the events of some kinds of a series, oldest first, for its timeline."""
    query = select(*_columns(EVENTS, _EVENT)).where(EVENTS.c.series == series, EVENTS.c.kind.in_(kinds))
    return _rows(connection, query.order_by(EVENTS.c.at, EVENTS.c.id))


def count_events(connection: Connection, series: str) -> int:
    """Count the events of a series."""
    return connection.execute(select(func.count()).where(EVENTS.c.series == series)).scalar_one()


def revisions(connection: Connection, article: str) -> list[Row]:
    """Give the revisions of an article by number, without what they say; the columns of the capture begin with `capture_`."""
    joined = REVISIONS.join(ARTICLES, ARTICLES.c.id == REVISIONS.c.article).outerjoin(
        CAPTURES, and_(CAPTURES.c.series == ARTICLES.c.series, CAPTURES.c.record_id == REVISIONS.c.record_id)
    )
    own = [REVISIONS.c[name] for name in ("number", "fetched", "record_id", "text_sha256", "witnesses")]
    captured = [CAPTURES.c[name].label(f"capture_{name}") for name in _CAPTURE]
    query = select(*own, *captured).select_from(joined).where(REVISIONS.c.article == article)
    return _rows(connection, query.order_by(REVISIONS.c.number))


def captures_at(connection: Connection, urls: Iterable[str]) -> dict[str, int]:
    """Count the captures of addresses whose bytes can be shown: {url: number}; addresses without any are left out."""
    good = or_(CAPTURES.c.status.between(200, 299), CAPTURES.c.type == "revisit")
    query = select(CAPTURES.c.url, func.count()).where(CAPTURES.c.url.in_(list(urls)), good).group_by(CAPTURES.c.url)
    return {row[0]: row[1] for row in connection.execute(query)}


def newest_run(connection: Connection, series: str) -> Row | None:
    """Give start, end and outcome of the last run of a series."""
    query = select(RUNS.c.started, RUNS.c.finished, RUNS.c.outcome).where(RUNS.c.series == series)
    rows = _rows(connection, query.order_by(RUNS.c.started.desc()).limit(1))
    return rows[0] if rows else None


def _tags(written: str | None) -> list[str]:
    """Read a list of tags; a tag may have a control character, which Text has given back as it was."""
    return [str(tag) for tag in json.loads(written, strict=False)] if written else []


def _columns(table: Any, names: Iterable[str]) -> list[Any]:
    return [table.c[name] for name in names]


def _rows(connection: Connection, query: Select[Any]) -> list[Row]:
    return [dict(row) for row in connection.execute(query).mappings()]
