"""All captures of an address: a calendar of one year and a list.

Takes   an address, the year that is asked for. Gives: a page. Writes nothing.
"""

from __future__ import annotations

import calendar
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from ...errors import NotFoundError
from ...index.lookup import Index, Indexed
from ...index.same import same_address
from ...ledger.queries import ids_at
from ...model import IMPORTED
from ..room import LOCAL, Room
from . import address
from .choice import Mementos, datetime_of
from .memento import escaped
from .vouching import Vouched

_NOT_MODIFIED = 304
_GRAVITY = ("failed", "revised", "second", "captured", "same")  # the gravest of a day is shown
_PAGE = 400  # rows of the list at once


@dataclass(frozen=True, slots=True)
class Row:
    """One capture. kind: captured (first of its kind), same, revised, second (by others), failed."""

    capture: Indexed
    moment: datetime
    kind: str
    link: str
    raw: str

    @property
    def day(self) -> date:
        """Its day in Beijing."""
        return self.moment.astimezone(LOCAL).date()


@dataclass(frozen=True, slots=True)
class Day:
    """One day that has captures. kind: the gravest of them."""

    kind: str
    count: int
    anchor: str
    kinds: tuple[str, ...]


def calendar_page(
    room: Room, index: Index, vouched: Vouched, request: Request, written: str, wanted: str | None = None
) -> Response:
    """Draw the calendar. written: the original address, behind `/web/*/`; "" gives the form alone. wanted: the year.

    Raises UsageError for an address that is none, NotFoundError for one that was never captured, and what `vouched` does.
    """
    form = request.query_params.get("url") if not written or written.startswith("?") else None
    if form is not None:
        return RedirectResponse(address.calendar(address.original(form)), 303)
    if not written or written.startswith("?"):
        return room.page(request, "captures.html", {"tab": "captures", "url": "", "rows": []})
    url, year = address.original(written), int(wanted or 0)
    rows = list(_rows(index, url))
    if not rows:
        other = Mementos(index.captures(url), url).other_spelling()
        if other is None:
            vouched.never_captured()
            raise NotFoundError(f"{escaped(url)}: never captured")
        return RedirectResponse(address.calendar(other), 302)
    years = Counter(row.day.year for row in rows)
    shown = year if year in years else max(years)
    of_year = [row for row in reversed(rows) if row.day.year == shown]
    with room.ledger.read() as connection:
        articles = ids_at(connection, [url])
    values = {
        "tab": "captures",
        "url": url,
        "rows": of_year[:_PAGE],
        "left_out": max(len(of_year) - _PAGE, 0),
        "total": len(rows),
        "contents": len({row.capture.digest for row in rows if row.kind != "failed"}),
        "errors": sum(row.kind == "failed" for row in rows),
        "years": [(one, years[one], address.calendar(url, one)) for one in range(min(years), max(years) + 1)],
        "year": shown,
        "months": _months(shown, of_year),
        "articles": articles,
        "timemaps": [address.timemap("link", url), address.timemap("json", url)],
    }
    return room.page(request, "captures.html", values)


def _rows(index: Index, url: str) -> Iterable[Row]:
    """Give all captures of an address, oldest first, each held against the one before it."""
    last = ""
    for one in index.captures(url):
        if not same_address(one.url, url):
            continue
        kind = _kind(one, last)
        if kind != "failed" and one.status != _NOT_MODIFIED:
            last = one.digest
        yield Row(
            one,
            datetime_of(one.time),
            kind,
            address.link(one.time, address.PAGE, one.url),
            address.link(one.time, address.RAW, one.url),
        )


def _kind(one: Indexed, last: str) -> str:
    if (one.status or 200) >= 400:
        return "failed"
    if one.file.startswith(IMPORTED):
        return "second"
    if one.status == _NOT_MODIFIED or one.digest == last:
        return "same"
    return "revised" if last else "captured"


def _months(year: int, rows: list[Row]) -> list[tuple[int, list[list[tuple[int, Day | None]]]]]:
    """Give the months from the first with a capture to the last: weeks of (day of the month, 0 outside it; its captures)."""
    days = {day: _day(list(group)) for day, group in groupby(rows, key=lambda row: row.day)}
    first, last = min(day.month for day in days), max(day.month for day in days)
    weeks = calendar.Calendar()
    return [
        (
            month,
            [
                [(day, days.get(date(year, month, day)) if day else None) for day in week]
                for week in weeks.monthdayscalendar(year, month)
            ],
        )
        for month in range(first, last + 1)
    ]


def _day(rows: list[Row]) -> Day:
    kinds = tuple(kind for kind in _GRAVITY if any(row.kind == kind for row in rows))
    return Day(kinds[0], len(rows), f"c{rows[-1].capture.time}", kinds)
