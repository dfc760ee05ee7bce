"""The headers by which a memento tells what it is and where its neighbours are.

Takes   mementos of an original, one of them, the request.
Gives   Memento-Datetime and Link.
Writes  nothing.

Source: RFC 7089, 2.1 (headers), 2.2 (relations); RFC 8288, 3 (Link); RFC 9110, 5.6.7 (dates).
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.utils import format_datetime

from starlette.requests import Request

from ...index.lookup import Indexed
from . import address
from .choice import Mementos, datetime_of

_HTTP_DATE = re.compile(r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), (\d\d) ([A-Z][a-z]{2}) (\d{4}) (\d\d):(\d\d):(\d\d) GMT")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def http_date(moment: str) -> str:
    """Spell 14 digits as HTTP does.

    >>> http_date("20180830020500")
    'Thu, 30 Aug 2018 02:05:00 GMT'
    """
    return format_datetime(datetime_of(moment), usegmt=True)


def parse_http_date(text: str) -> datetime | None:
    """Read a date as Accept-Datetime has it; None where it is none."""
    match = _HTTP_DATE.fullmatch(text.strip())
    if match is None or match[2] not in _MONTHS:
        return None
    day, year, hour, minute, second = (int(match[at]) for at in (1, 3, 4, 5, 6))
    try:
        return datetime(year, _MONTHS.index(match[2]) + 1, day, hour, minute, second, tzinfo=UTC)
    except ValueError:
        return None


def memento_headers(request: Request, mementos: Mementos, one: Indexed) -> dict[str, str]:
    """Give the headers of one memento. What answers a POST has no address, and so no neighbours that a link could name."""
    if request.method == "POST":
        return {"Memento-Datetime": http_date(one.time)}
    neighbours = {
        "first": mementos.first,
        "prev": mementos.before(one.time),
        "next": mementos.after(one.time),
        "last": mementos.last,
    }
    relations: dict[str, list[str]] = {one.time: []}
    urls = {one.time: one.url}
    for name, other in neighbours.items():
        if other is not None:
            relations.setdefault(other.time, []).append(name)
            urls[other.time] = other.url
    base = address.base_of(request)
    links = original_links(base, one.url)
    for time in sorted(relations):
        relation = " ".join([*relations[time], "memento"])
        links.append(
            f'<{base}{address.link(time, address.PAGE, urls[time])}>; rel="{relation}"; datetime="{http_date(time)}"'
        )
    return {"Memento-Datetime": http_date(one.time), "Link": ", ".join(links)}


def original_links(base: str, url: str) -> list[str]:
    """Give the links that every answer about an original has."""
    return [
        f'<{escaped(url)}>; rel="original"',
        f'<{base}{address.timegate(url)}>; rel="timegate"',
        f'<{base}{address.timemap("link", url)}>; rel="timemap"; type="application/link-format"',
    ]


def escaped(url: str) -> str:
    """Spell an address such that it cannot end a Link."""
    return address.timegate(url).removeprefix(address.timegate(""))
