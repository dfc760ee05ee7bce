"""What the verbs ask the ledger, and the few marks they set in it.

Takes   a connection of the ledger (store.py). Gives: plain dicts, keyed by column, or iterators of them.
Writes  only what `add`, `remove`, `pause` and `resume` set: kept, paused and the profile of a series.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    RowMapping,
    Select,
    and_,
    case,
    cast,
    func,
    select,
    text,
    type_coerce,
)
from sqlalchemy import Connection as Connection

from ..model import Capture
from . import writing
from .rows import json_time, time_of
from .schema import ADDRESSES, ARTICLES, CAPTURES, EVENTS, FILES, REVISIONS, RUNS, SEALED, SERIES
from .types import Text

Row = dict[str, Any]

_SERIES = (
    "id", "title", "source", "profile", "kept", "paused", "expected", "subjects", "missing", "complete", "schedule",
    "timezone", "cadence_s", "blocked_until",
)  # fmt: skip
_STANDING = (
    "id", "title", "kept", "paused", "expected", "missing", "complete", "schedule", "timezone", "cadence_s",
    "blocked_until",
)  # fmt: skip
_ARTICLE = tuple(column.name for column in ARTICLES.columns if column.name not in ("fold", SEALED))
# A revision with its capture: the record of that id in the series of the article.
_JOINED = REVISIONS.join(ARTICLES, ARTICLES.c.id == REVISIONS.c.article).outerjoin(
    CAPTURES, and_(CAPTURES.c.series == ARTICLES.c.series, CAPTURES.c.record_id == REVISIONS.c.record_id)
)
_BATCH = 100  # rows in memory at once where articles are walked


# ------------------------------------------------------------------------------------------------------------- series


def series(connection: Connection, wanted: str | None = None) -> list[Row]:
    """Give the series of the home by id, or the one that is wanted; without what only the fold needs."""
    query = select(*(SERIES.c[name] for name in _SERIES)).order_by(SERIES.c.id)
    if wanted is not None:
        query = query.where(SERIES.c.id == wanted)
    return _rows(connection, query)


def series_ids(connection: Connection) -> list[str]:
    """Give the ids of all series, sorted."""
    return list(connection.execute(select(SERIES.c.id).order_by(SERIES.c.id)).scalars())


def profile_text(connection: Connection, wanted: str) -> str | None:
    """Give the profile of a series as it was written, None where it was not crawled from a file."""
    return connection.execute(select(SERIES.c.profile_text).where(SERIES.c.id == wanted)).scalar()


def standings(connection: Connection, wanted: str | None = None) -> list[Row]:
    """Give what tells how the series stand, or the one that is wanted, by id; `store`: the address in the profile, or None.

    The profile itself stays where it is: to read 10,000 of them takes a second.
    """
    store = type_coerce(SERIES.c.profile["store"]["url"].as_string(), Text).label("store")
    columns = [SERIES.c[name] for name in _STANDING]
    query = _of(wanted, SERIES.c.id, select(*columns, store).order_by(SERIES.c.id))
    names = (*_STANDING, "store")
    return [dict(zip(names, row, strict=True)) for row in connection.execute(query).all()]


def counts(connection: Connection, wanted: str | None = None) -> dict[str, Row]:
    """Count the articles of each series, or of one: {series: {found, captured, revised, withdrawn, failed}}.

    captured: at least once. revised: more than one revision. withdrawn, failed: in that state now.
    """

    def number(condition: Any) -> Any:
        return func.sum(case((condition, 1), else_=0))

    query = select(
        ARTICLES.c.series,
        func.count().label("found"),
        number(ARTICLES.c.revisions > 0).label("captured"),
        number(ARTICLES.c.revisions > 1).label("revised"),
        number(ARTICLES.c.state == "withdrawn").label("withdrawn"),
        number(ARTICLES.c.state == "failed").label("failed"),
    ).group_by(ARTICLES.c.series)
    return _by_series(connection, _of(wanted, ARTICLES.c.series, query))


def held(connection: Connection, wanted: str | None = None) -> dict[str, Row]:
    """Say what is kept of each series, or of one, in closed WARCs: {series: {files, bytes}}."""
    # PostgreSQL sums BIGINTs as a decimal number.
    kept = cast(func.sum(FILES.c.bytes), BigInteger).label("bytes")
    query = select(FILES.c.series, func.count().label("files"), kept).group_by(FILES.c.series)
    return _by_series(connection, _of(wanted, FILES.c.series, query))


def last_runs(connection: Connection, wanted: str | None = None) -> dict[str, Row]:
    """Give the starts of the last run and of the last one with nothing wrong: {series: {last_run, last_ok}}.

    Two look-ups a series in an index, however many years of runs there are.
    """
    of_series = select(func.max(RUNS.c.started)).where(RUNS.c.series == SERIES.c.id)
    last = of_series.scalar_subquery()
    good = of_series.where(RUNS.c.outcome == "done").scalar_subquery()
    query = select(SERIES.c.id.label("series"), last.label("last_run"), good.label("last_ok"))
    told = _by_series(connection, _of(wanted, SERIES.c.id, query))
    return {name: row for name, row in told.items() if row["last_run"] is not None}


def publications(connection: Connection, wanted: str | None = None) -> dict[str, list[str]]:
    """Give the times at which each series that is not complete published, oldest first: days ("2018-08-30") or RFC 3339 in UTC.

    An instalment without a date counts at its first capture. Of a complete series nothing more is awaited.
    """
    moment = func.coalesce(ARTICLES.c.published, ARTICLES.c.captured)
    # One row a series: the 180,000 moments of 10,000 series take 0.7 s to fetch one by one, and 0.1 s as texts.
    moments = select(func.aggregate_strings(moment, ",")).where(ARTICLES.c.series == SERIES.c.id).scalar_subquery()
    query = _of(wanted, SERIES.c.id, select(SERIES.c.id, moments).where(SERIES.c.complete.is_not(True)))
    rows = connection.execute(query).all()
    return {name: sorted(set(told.split(","))) for name, told in rows if told is not None}


def keep_series(connection: Connection, values: Mapping[str, Any]) -> None:
    """Put a series under its profile and keep it, or give a series that is there the profile anew.

    values: the columns of series that the profile decides, `id` among them.
    """
    kept = {**values, "kept": True}
    if not writing.change(connection, SERIES, SERIES.c.id == values["id"], kept):
        fresh = {"missing": values["subjects"], "state": {}, "paused": False, "folded_offset": 0}
        writing.insert(connection, SERIES, [{**fresh, **kept}])


def mark(connection: Connection, wanted: str, **values: bool) -> None:
    """Set `kept` or `paused` of a series."""
    writing.change(connection, SERIES, SERIES.c.id == wanted, values)


# ----------------------------------------------------------------------------------------------------------- articles


def articles(connection: Connection, wanted: str) -> list[Row]:
    """Give the articles of a series in its order; those without a position last."""
    return _rows(connection, _in_order(select(*_article_columns()).where(ARTICLES.c.series == wanted)))


def article(connection: Connection, wanted: str) -> Row | None:
    """Give one article by its whole id."""
    rows = _rows(connection, select(*_article_columns()).where(ARTICLES.c.id == wanted))
    return rows[0] if rows else None


def parts(connection: Connection, wanted: str) -> list[Row]:
    """Give the pages of an article that stands on several, in their order: [{url, captured}], captured null: never read."""
    folded = connection.execute(select(ARTICLES.c.fold).where(ARTICLES.c.id == wanted)).scalar() or {}
    pages = {
        int(one["name"].partition(":")[2] or 1): one for one in folded.get("channels", ()) if one["name"] != "detail"
    }
    told = [(one["url"], json_time(one["captured"]) if one["record_id"] else None) for _, one in sorted(pages.items())]
    return [{"url": url, "captured": captured} for url, captured in told] if len(told) > 1 else []


def articles_by_id(connection: Connection, wanted: Sequence[str]) -> dict[str, Row]:
    """Give several articles by their whole ids; those that are not there are left out."""
    rows = _rows(connection, select(*_article_columns()).where(ARTICLES.c.id.in_(wanted)))
    return {row["id"]: row for row in rows}


def ids_beginning(connection: Connection, beginning: str, *, limit: int = 10) -> list[str]:
    """Give the ids that begin so, at most limit of them."""
    query = select(ARTICLES.c.id).where(func.substr(ARTICLES.c.id, 1, len(beginning)) == beginning)
    return list(connection.execute(query.order_by(ARTICLES.c.id).limit(limit)).scalars())


def ids_at(connection: Connection, urls: Sequence[str]) -> list[str]:
    """Give the articles that stand at one of these addresses: their own, a variant's, or one fetched for them."""
    own = select(ARTICLES.c.id).where(ARTICLES.c.url.in_(urls))
    fetched = select(ADDRESSES.c.article).where(and_(ADDRESSES.c.url.in_(urls), ADDRESSES.c.article.is_not(None)))
    found = set(connection.execute(own).scalars()) | {str(one) for one in connection.execute(fetched).scalars()}
    if not found:
        varied = select(ARTICLES.c.id, ARTICLES.c.variants)
        found = {name for name, variants in connection.execute(varied) if not set(urls).isdisjoint(variants)}
    return sorted(found)


def ids_of(connection: Connection, wanted: str, name: str) -> list[str]:
    """Give the articles of a series with that subject or, where none has it, at that position."""
    of_series = select(ARTICLES.c.id).where(ARTICLES.c.series == wanted).order_by(ARTICLES.c.id)
    found = list(connection.execute(of_series.where(ARTICLES.c.subject == name)).scalars())
    if not found and name.isascii() and name.isdigit() and len(name) < 10:
        found = list(connection.execute(of_series.where(ARTICLES.c.position == int(name))).scalars())
    return found


def names(connection: Connection, wanted: str | None = None, *, limit: int = 5000) -> list[str]:
    """Give what articles can be called by: ids and SERIES/SUBJECT; of one series or of all."""
    query = select(ARTICLES.c.id, ARTICLES.c.series, ARTICLES.c.subject).order_by(ARTICLES.c.id).limit(limit)
    if wanted is not None:
        query = query.where(ARTICLES.c.series == wanted)
    rows = connection.execute(query).all()
    return [one for row in rows for one in (row.id, f"{row.series}/{row.subject}" if row.subject else None) if one]


def revision(connection: Connection, wanted: str, number: int) -> Row | None:
    """Give one revision of an article with the capture it was read from; the capture's columns begin with `capture_`."""
    where = and_(REVISIONS.c.article == wanted, REVISIONS.c.number == number)
    rows = _rows(connection, select(*_revision_columns()).select_from(_JOINED).where(where))
    return rows[0] if rows else None


def before_shown(connection: Connection, article: Row) -> int | None:
    """Give the number of the revision that stood before the one shown, by time of capture; None where there is none."""
    others = and_(REVISIONS.c.article == article["id"], REVISIONS.c.number != article["shown"])
    newest_first = (REVISIONS.c.fetched.desc(), REVISIONS.c.number.desc())
    return connection.execute(select(REVISIONS.c.number).where(others).order_by(*newest_first).limit(1)).scalar()


def shown_revisions(connection: Connection, wanted: str) -> Iterator[tuple[Row, Row]]:
    """Walk the captured articles of a series in its order, each with the revision shown; few rows in memory at once."""
    query = _in_order(select(*_revision_columns(), *_article_columns()).select_from(_JOINED))
    query = query.where(ARTICLES.c.series == wanted, REVISIONS.c.number == ARTICLES.c.shown)
    width = len(_revision_columns())
    for row in connection.execute(query, execution_options={"yield_per": _BATCH}):
        keys = row._fields
        yield dict(zip(_ARTICLE, row[width:], strict=True)), dict(zip(keys[:width], row[:width], strict=True))


# ------------------------------------------------------------------------------------------------------------- events


def events(connection: Connection, wanted: str, *, since: str | None = None) -> list[Row]:
    """Give the events of a series, the oldest first; of one moment in the order in which they were taken.

    since: a time as the ledger writes them (rows.time_text); earlier events are left out.
    """
    columns = (column for column in EVENTS.columns if column.name != SEALED)
    query = select(*columns).where(EVENTS.c.series == wanted).order_by(EVENTS.c.at, EVENTS.c.id)
    if since is not None:
        query = query.where(EVENTS.c.at >= since)
    return _rows(connection, query)


# ------------------------------------------------------------------------------------------------------------- health


def kind(connection: Connection) -> str:
    """Name the database that holds the ledger."""
    if connection.dialect.name == "sqlite":
        return "SQLite"
    return f"PostgreSQL {connection.execute(text('SHOW server_version')).scalar()} at {connection.engine.url.host or 'a socket'}"


def faults(connection: Connection) -> list[str]:
    """Check the ledger's own pages; [] where they are whole. PostgreSQL checks its own (data checksums)."""
    if connection.dialect.name != "sqlite":
        return []
    return [line for line in connection.execute(text("PRAGMA quick_check")).scalars() if line != "ok"]


def schema_version(connection: Connection) -> str | None:
    """Give the step of the schema that the ledger is at."""
    version = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return None if version is None else str(version)


# ------------------------------------------------------------------------------------------------------------ within


def _article_columns() -> list[Any]:
    return [ARTICLES.c[name] for name in _ARTICLE]


def _in_order(query: Select[Any]) -> Select[Any]:
    # NULLS LAST is spelled out: SQLite puts nulls first, PostgreSQL last.
    return query.order_by(ARTICLES.c.position.is_(None), ARTICLES.c.position, ARTICLES.c.id)


def _revision_columns() -> list[Any]:
    own = [REVISIONS.c[name] for name in ("article", "number", "record_id", "reading", "text_sha256", "witnesses")]
    held_in = ("series", "file", "offset", "length", "url", "fetched", "digest")
    return own + [CAPTURES.c[name].label(f"capture_{name}") for name in held_in]


def _of(wanted: str | None, column: ColumnElement[str], query: Select[Any]) -> Select[Any]:
    return query if wanted is None else query.where(column == wanted)


def _rows(connection: Connection, query: Select[Any]) -> list[Row]:
    return [dict(row) for row in connection.execute(query).mappings()]


def _by_series(connection: Connection, query: Select[Any]) -> dict[str, Row]:
    """Give rows by their first column, the series."""
    rows = connection.execute(query)
    names = list(rows.keys())[1:]
    return {row[0]: dict(zip(names, row[1:], strict=True)) for row in rows.all()}


def captures(connection: Connection, wanted: str) -> Iterator[Capture]:
    """Give what the index needs of every response, revisit and resource of a series."""
    query = select(CAPTURES).where(CAPTURES.c.series == wanted)
    for row in connection.execution_options(yield_per=1000).execute(query).mappings():
        yield capture_of(row)


def capture_of(row: RowMapping) -> Capture:
    """Give the capture that a row tells of."""
    return Capture(
        row["record_id"], row["type"], row["url"], time_of(row["fetched"]), row["file"], row["offset"], row["length"],
        row["status"], row["mime"], row["digest"], row["bytes"], row["refers_to"], row["truncated"],
        member=None if row["member_offset"] is None else (row["member_offset"], row["member_skip"]),
    )  # fmt: skip
