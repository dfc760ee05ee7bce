"""Times as lists write them: of feeds, sitemaps and APIs.

Takes   a text or a number, the zone for times that name none.
Gives   when: as a Reading keeps it; is_before: whether a list's time lies before a profile's `since`.
Writes  nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from archive.clean.dates import published, read_moment

from .json_answer import text_of

# Source: RFC 822, 5.2; CST is left out, for China's clocks print it as often as Chicago's.
_NAMED_ZONES = {"EST": "-0500", "EDT": "-0400", "CDT": "-0500", "MST": "-0700", "MDT": "-0600", "PST": "-0800", "PDT": "-0700",
                "UT": "+0000", "JST": "+0900", "KST": "+0900", "CET": "+0100", "CEST": "+0200", "BST": "+0100"}  # fmt: skip
_ZONE = re.compile(rf"(?<=\d)\s*+({'|'.join(_NAMED_ZONES)})\b")
# Thu Aug 30 10:05:00 CST 2018, as Java and asctime write it.
_YEAR_LAST = re.compile(r"([A-Z][a-z]{2} [ \d]?\d) (\d\d:\d\d:\d\d)( [A-Z]{3,4}| [+-]\d{4})? ((?:19|20)\d\d)$")
# Thu, 30 Aug 18 10:05 GMT: years of two digits, as RFC 822, 5.1, has them and RSS took them over.
_SHORT_YEAR = re.compile(r"(?<=\d [A-Z][a-z]{2} )(\d\d)(?= \d\d:\d\d)")
_PIVOT = 70  # RSS is younger than the epoch
# /Date(1535594700000+0800)/, as .NET writes JSON.
_DOTNET = re.compile(r"\\?/Date\((-?\d{1,15})(?:[+-]\d{4})?\)\\?/")
_LOCAL_DAY = timedelta(hours=14)  # a day is over everywhere so long after it is over in UTC, and begins so long before


@dataclass(frozen=True, slots=True)
class Clock:
    """How a list's times are read. zone: IANA name for times without one, or None; language: of the list, or None."""

    zone: str | None = None
    language: str | None = None

    def when(self, value: Any) -> str | None:
        """Give a time in UTC as RFC 3339, a bare day as it is, None for anything else.

        value: text, seconds or milliseconds since 1970. A time in a zone that nothing tells is no moment: its day is kept.

        >>> Clock().when("Thu, 30 Aug 2018 10:05:00 EST"), Clock("Asia/Shanghai").when("2018-08-30 10:05")
        ('2018-08-30T15:05:00Z', '2018-08-30T02:05:00Z')
        >>> Clock().when(1535594700), Clock().when("gestern")
        ('2018-08-30T02:05:00Z', None)
        >>> Clock().when("Thu, 30 Aug 18 10:05 GMT"), Clock().when("/Date(1535594700000+0800)/")
        ('2018-08-30T10:05:00Z', '2018-08-30T02:05:00Z')
        """
        text = text_of(value)
        moment = read_moment(_spelled(text), compact=True) if text else None
        return published(moment, self.zone, self.language)[0] if moment else None

    def told(self, value: Any) -> str | None:
        """Give what a list says of the last change: its time, else its words, to be compared as text."""
        return self.when(value) or text_of(value)


def _spelled(text: str) -> str:
    if dotnet := _DOTNET.fullmatch(text):
        return dotnet[1]
    last = _YEAR_LAST.search(text)
    if last:
        text = f"{last[1]} {last[4]} {last[2]}{last[3] or ''}"
    text = _SHORT_YEAR.sub(lambda year: f"{'19' if int(year[1]) >= _PIVOT else '20'}{year[1]}", text, count=1)
    return _ZONE.sub(lambda zone: _NAMED_ZONES[zone[1]], text, count=1)


def is_before(time: str | None, since: str | None, zone: str | None = None) -> bool:
    """Tell whether a time, as `when` gives it, surely lies before `since`; a day counts up to its last hour anywhere.

    >>> is_before("2018-08-29", "2018-08-30"), is_before("2018-08-30T00:00:00Z", "2018-08-30T10:05:00+08:00")
    (True, True)
    """
    if time is None or not since:
        return False
    if len(since) == 10 and len(time) == 10:
        return time < since
    return _latest(time) < _start(since, zone)


def _latest(time: str) -> datetime:
    if len(time) > 10:
        return datetime.fromisoformat(time)
    return datetime.fromisoformat(f"{time}T00:00:00+00:00") + timedelta(days=1) + _LOCAL_DAY


def _start(since: str, zone: str | None) -> datetime:
    moment = datetime.fromisoformat(since.upper())
    return moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(zone) if zone else UTC)
