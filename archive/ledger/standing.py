"""What the service asks the ledger: which series stand to be run, whether anything changed, how they all are.

Takes   a connection of the ledger (store.py). Gives: plain dicts, keyed by column.
Writes  nothing. Each question is one statement, whose cost grows with series and articles, and not with
the runs of years.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import Connection, func, select, text, type_coerce

from .schema import ARTICLES, EVENTS, FILES, RUNS, SERIES
from .types import Text

Row = dict[str, Any]
_NOTHING_WRONG = ("done", "limit", "stopped")  # outcomes of runs in which nothing failed
# Why a last run went wrong, in the words of docs/service.md (Metrics); one that has no end was killed.
_REASONS = {"partial": "partial", "failed": "partial", "unreachable": "unreachable", None: "killed"}


def change_mark(connection: Connection) -> int:
    """Give a number that differs where another connection has changed the ledger since this one asked last.

    In PostgreSQL it may differ where nothing changed: it is of all databases of the server. Source: SQLite, PRAGMA data_version;
    PostgreSQL, 9.28: a snapshot names the transactions that had not ended, so each that ends makes it another.
    """
    if connection.dialect.name != "sqlite":
        snapshot = text("SELECT hashtextextended(pg_current_snapshot()::text, 0)")
        return int(connection.execute(snapshot).scalar_one())
    return int(connection.execute(text("PRAGMA data_version")).scalar_one())


def standing(connection: Connection) -> list[Row]:
    """Give every series with what decides when and how long it runs, by id.

    max_seconds, store, notify: of the profile, as texts, a list as JSON; to take three values out of JSON for each of 10,000
    series took a third of a second.
    """
    query = select(
        SERIES.c.id,
        SERIES.c.kept,
        SERIES.c.paused,
        SERIES.c.schedule,
        SERIES.c.timezone,
        SERIES.c.source,
        SERIES.c.blocked_until,
        _said("fetch", "max_seconds").label("max_seconds"),
        _said("store", "url").label("store"),
        _said("notify", "urls").label("notify"),
    ).order_by(SERIES.c.id)
    rows = connection.execute(query)
    names = list(rows.keys())
    return [dict(zip(names, row, strict=True)) for row in rows.all()]


def _said(table: str, key: str) -> Any:
    """Give what a profile says, as a text."""
    return type_coerce(SERIES.c.profile[table][key].as_string(), Text)


def kept(connection: Connection) -> dict[str, bool]:
    """Tell of each series whether its profile is kept."""
    return {row.id: row.kept for row in connection.execute(select(SERIES.c.id, SERIES.c.kept))}


def last_runs(connection: Connection) -> dict[str, Row]:
    """Give the last run of each series: {series: {started, finished, outcome}}; finished is null where it was killed."""
    others = RUNS.alias()
    last = select(func.max(others.c.started)).where(others.c.series == SERIES.c.id).scalar_subquery()
    query = select(RUNS.c.series, RUNS.c.started, RUNS.c.finished, RUNS.c.outcome).join(
        SERIES, (RUNS.c.series == SERIES.c.id) & (RUNS.c.started == last)
    )
    return {row["series"]: dict(row) for row in connection.execute(query).mappings()}


def broken_runs(connection: Connection, wanted: str | None = None) -> dict[str, Row]:
    """Tell of each series, or of one, whose last run went wrong why: {series: {reason, detail, since, at}}.

    reason, detail: of the run; detail is the first that failed. since: start of the first bad run after the last good one.
    at: end of the last run, its start where it has none. A run that goes on now has no end either: the caller knows.
    """

    def of_series(value: Any, *conditions: Any) -> Any:
        return select(value).where(others.c.series == SERIES.c.id, *conditions).correlate(SERIES).scalar_subquery()

    others, first = RUNS.alias(), RUNS.alias()
    last = of_series(func.max(others.c.started))
    good = func.coalesce(of_series(func.max(others.c.started), others.c.outcome == "done"), "")
    bad = select(func.min(first.c.started)).where(first.c.series == SERIES.c.id, first.c.started > good)
    since = bad.correlate(SERIES).scalar_subquery().label("since")
    failure = [
        type_coerce(RUNS.c.report[("failed", 0, name)].as_string(), Text).label(name)
        for name in ("reason", "url", "detail")
    ]
    query = (
        select(RUNS.c.series, RUNS.c.started, RUNS.c.finished, RUNS.c.outcome, since, *failure)
        .select_from(RUNS)
        .join(SERIES, (RUNS.c.series == SERIES.c.id) & (RUNS.c.started == last))
        .where(RUNS.c.outcome.is_(None) | RUNS.c.outcome.not_in(_NOTHING_WRONG))
    )
    if wanted is not None:
        query = query.where(SERIES.c.id == wanted)
    return {
        row["series"]: {
            "reason": _REASONS.get(row["outcome"], "partial"),
            "detail": f"{row['reason']}: {row['url']}: {row['detail']}" if row["reason"] else "",
            "since": row["since"],
            "at": row["finished"] or row["started"],
        }
        for row in connection.execute(query).mappings()
    }


def runs_begun(connection: Connection, since: str, others: Collection[str]) -> list[Row]:
    """Give the runs whose ids come behind `since`, and some others by id: {id, series, started, finished, outcome, detail}.

    An id begins with the 14 digits of its start in UTC. It is the primary key, so that the runs of years cost nothing.
    """
    failure = [
        type_coerce(RUNS.c.report[("failed", 0, name)].as_string(), Text).label(name)
        for name in ("reason", "url", "detail")
    ]
    columns = [RUNS.c[name] for name in ("id", "series", "started", "finished", "outcome")]
    query = select(*columns, *failure).where((RUNS.c.id >= since) | RUNS.c.id.in_(others)).order_by(RUNS.c.id)
    return [
        {
            **{column.name: row[column.name] for column in columns},
            "reason": _reason_of(row["outcome"]),
            "detail": f"{row['reason']}: {row['url']}: {row['detail']}" if row["reason"] else "",
        }
        for row in connection.execute(query).mappings()
    ]


def _reason_of(outcome: str | None) -> str | None:
    return None if outcome in _NOTHING_WRONG else _REASONS.get(outcome, "partial")


def profile_texts(connection: Connection) -> dict[str, str | None]:
    """Give the profile of each kept series as it was written; None where it holds a secret."""
    query = select(SERIES.c.id, SERIES.c.profile_text).where(SERIES.c.kept)
    return {row.id: row.profile_text for row in connection.execute(query)}


def remembered_profiles(connection: Connection) -> list[Row]:
    """Give of each series what is remembered of its profile's file: id, kept, profile_text, profile_crc."""
    query = select(SERIES.c.id, SERIES.c.kept, SERIES.c.profile_text, SERIES.c.profile_crc).order_by(SERIES.c.id)
    return [dict(row) for row in connection.execute(query).mappings()]


def instalments(connection: Connection) -> list[tuple[str, str, int]]:
    """Count the articles of each series by state: (series, state, number)."""
    query = select(ARTICLES.c.series, ARTICLES.c.state, func.count()).group_by(ARTICLES.c.series, ARTICLES.c.state)
    return [(str(series), str(state), int(number)) for series, state, number in connection.execute(query)]


def verified(connection: Connection) -> dict[str, str]:
    """Give the time at which each series was last found whole: {series: time}."""
    query = select(EVENTS.c.series, func.max(EVENTS.c.at)).where(EVENTS.c.kind == "verified").group_by(EVENTS.c.series)
    return {series: at for series, at in connection.execute(query) if series is not None}


def holding(connection: Connection) -> list[str]:
    """Name the series that have closed WARCs."""
    return list(connection.execute(select(FILES.c.series).distinct().order_by(FILES.c.series)).scalars())
