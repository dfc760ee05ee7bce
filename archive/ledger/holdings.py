"""What an export asks of the ledger: the closed WARCs of a series, and where each of its articles can be opened.

Takes   a connection of the ledger. Gives: values by file name, or an iterator of articles with their captures.
Writes  nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby, islice
from operator import attrgetter
from typing import Any

from sqlalchemy import Connection, case, func, or_, select

from ..model import IMPORTED
from .rows import time_of
from .schema import ARTICLES, CAPTURES, FILES, REVISIONS

_BATCH = 100  # revisions fetched at once
_ARTICLES = 100  # articles in memory at once, with all their revisions
_ASKED = 500  # records in one question; an old SQLite takes 999 values
_ORDER = ("page", "detail")  # where a reader opens an article: on its web page, else in the API's answer


@dataclass(frozen=True, slots=True)
class HeldFile:
    """A closed WARC as the ledger knows it. sha256: "sha256:<hex>" of the file."""

    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Opening:
    """The capture at which a reader opens an article, and what the article says. captured: of that capture."""

    article: str
    record_id: str
    url: str
    captured: datetime
    title: str | None
    text: str


def held_files(connection: Connection, wanted: str) -> dict[str, HeldFile]:
    """Give the closed WARCs of a series by name, as they were when they were closed."""
    query = select(FILES.c.name, FILES.c.bytes, FILES.c.sha256).where(FILES.c.series == wanted)
    return {row.name: HeldFile(row.bytes, row.sha256) for row in connection.execute(query)}


@dataclass(frozen=True, slots=True)
class CaptureCount:
    """How many captures an imported file holds. shared: of them those that share a gzip member with other records."""

    all: int
    shared: int


def imported_captures(connection: Connection, wanted: str) -> dict[str, CaptureCount]:
    """Count the captures of the imported files of a series, by name of the file."""
    shared = func.sum(case((CAPTURES.c.member_offset.is_not(None), 1), else_=0))
    query = select(CAPTURES.c.file, func.count(), shared).where(
        CAPTURES.c.series == wanted, CAPTURES.c.file.startswith(IMPORTED, autoescape=True)
    )
    return {row[0]: CaptureCount(row[1], row[2]) for row in connection.execute(query.group_by(CAPTURES.c.file))}


def openings(connection: Connection, wanted: str, files: Set[str]) -> Iterator[Opening]:
    """Walk the articles of a series in its order, each with the capture that a reader opens: those that lie in `files`.

    The title and text are those of the newest revision whose own record lies there; the capture is the newest one read
    of the article's page, else of its detail in the API. An article without any capture in the files is left out.
    """
    grouped = (list(revisions) for _, revisions in groupby(_revisions(connection, wanted), key=attrgetter("id")))
    while articles := list(islice(grouped, _ARTICLES)):
        # One question for many articles: asked one by one, an export of 20,000 took 2.5 times as long.
        records = {
            record for revisions in articles for row in revisions for record in (row.record_id, *_candidates(row))
        }
        places = _places(connection, wanted, records, files)
        for revisions in articles:
            if opening := _opening(revisions, places):
                yield opening


def _revisions(connection: Connection, wanted: str) -> Iterator[Any]:
    """Walk all revisions, article by article in the series' order, the newest by time of capture first."""
    names = ("id", "title", "shown", "fold")
    shown = case((REVISIONS.c.number == ARTICLES.c.shown, 0), else_=1)
    query = (
        select(*(ARTICLES.c[name] for name in names), REVISIONS.c.number, REVISIONS.c.record_id, REVISIONS.c.witnesses)
        .add_columns(REVISIONS.c.reading)
        .join(REVISIONS, REVISIONS.c.article == ARTICLES.c.id)
        .where(ARTICLES.c.series == wanted)
        # NULLS LAST is spelled out: SQLite puts nulls first, PostgreSQL last.
        .order_by(ARTICLES.c.position.is_(None), ARTICLES.c.position, ARTICLES.c.id)
        .order_by(shown, REVISIONS.c.fetched.desc(), REVISIONS.c.number.desc())
    )
    yield from connection.execute(query, execution_options={"yield_per": _BATCH})


def _opening(revisions: list[Any], places: Mapping[str, tuple[str, str]]) -> Opening | None:
    for row in revisions:
        if row.record_id in places:
            record = next((one for one in _candidates(row) if one in places), row.record_id)
            url, fetched = places[record]
            return Opening(
                row.id, record, url, time_of(fetched), row.reading["title"] or row.title, row.reading["text"]
            )
    return None


def _candidates(row: Any) -> list[str]:
    """Give the records at which a revision can be opened, the best first.

    The channels tell the newest capture that was read, which may be later than those that the revision shown rests on.
    """
    heard = [(one["channel"], one["record_id"]) for one in row.witnesses]
    if row.number == row.shown:
        heard = [(one["name"], one["record_id"]) for one in row.fold.get("channels", ())] + heard
    return [record for name in _ORDER for channel, record in heard if channel == name and record]


def _places(connection: Connection, wanted: str, records: Iterable[str], files: Set[str]) -> dict[str, tuple[str, str]]:
    """Give address and time of those records that lie in the files and hold a document, which a 304 does not.

    Those that share a gzip member are left out: no index leads to them.
    """
    query = select(CAPTURES.c.record_id, CAPTURES.c.url, CAPTURES.c.fetched, CAPTURES.c.file)
    query = query.where(CAPTURES.c.series == wanted, CAPTURES.c.member_offset.is_(None))
    query = query.where(or_(CAPTURES.c.status.is_(None), CAPTURES.c.status != 304))
    rest = iter(sorted(records))
    found: dict[str, tuple[str, str]] = {}
    while some := list(islice(rest, _ASKED)):
        rows = connection.execute(query.where(CAPTURES.c.record_id.in_(some)))
        found |= {row.record_id: (row.url, row.fetched) for row in rows if row.file in files}
    return found
