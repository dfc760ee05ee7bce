"""Dates and times of publication, as pages print them.

Takes   text that may hold a date, and the zone for times that name none.
Gives   Moment: the day and time as printed; Published: what a Reading keeps of it.
Writes  nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

# A time without a zone means the zone of the page's readers, where a language has one (CONTRACT, profile: timezone).
LANGUAGE_ZONES = {
    "zh": "Asia/Shanghai",
    "ja": "Asia/Tokyo",
    "ko": "Asia/Seoul",
    "vi": "Asia/Ho_Chi_Minh",
    "th": "Asia/Bangkok",
}
YEARS = range(1980, 2101)

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "jan january januar janvier enero gennaio janeiro januari ene janv jän jänner",
            "feb february februar février febrero febbraio fevereiro februari févr",
            "mar march märz mars marzo março maart mrz mär",
            "apr april avril abril aprile abr avr",
            "may mai mayo maggio maio mei mag",
            "jun june juni juin junio giugno junho giu",
            "jul july juli juillet julio luglio julho juil lug",
            "aug august août agosto augustus augusti aout ago",
            "sep sept september septembre septiembre settembre setembro set",
            "oct october oktober octobre octubre ottobre outubro okt ott out",
            "nov november novembre noviembre novembro",
            "dec december dezember décembre diciembre dicembre dezembro dez dic déc des",
        ),
        1,
    )
    for name in names.split()
}
_TIME = (
    r"(?P<half>上午|下午|晚上|中午|凌晨|早上|오전|오후|午前|午後)?\s*(?P<h>[01]?\d|2[0-4])\s*[:：时時点點시]\s*(?P<min>[0-5]\d)\s*分?"
    r"(?:\s*[:：]\s*(?P<s>[0-5]\d)(?:[.,]\d{1,9})?)?\s*(?P<ampm>[ap]\.?m\b\.?)?"
    r"\s*(?P<zone>Z\b|UTC\b|GMT\b|北京时间|北京時間|(?:UTC|GMT)?[+-](?:0\d|1[0-4]):?[0-5]\d)?"
)
_GAP = r"(?:[\sT,，、|丨·年月日]|at\b|um\b|à\b|uhr\b|[(（][^()（）]{1,3}[)）]|(?:星期|周|週)[一二三四五六日天]|[-–—])*"
_NUMERIC = re.compile(
    r"(?<!\d)(?P<y>(?:19|20)\d\d)\s*(?P<sep>[-/.年년])\s*(?P<m>1[0-2]|0?[1-9])\s*[-/.月월]\s*(?P<d>3[01]|[12]\d|0?[1-9])(?!\d)\s*[日号號일]?"
    rf"(?:{_GAP}{_TIME})?",
    re.I,
)
_COMPACT = re.compile(
    r"(?<!\d)(?P<y>(?:19|20)\d\d)(?P<m>0[1-9]|1[0-2])(?P<d>0[1-9]|[12]\d|3[01])"
    r"(?:T?(?P<h>[01]\d|2[0-3])(?P<min>[0-5]\d)(?P<s>[0-5]\d)?)?(?P<zone>Z|[+-]\d{4})?(?!\d)"
)
_WORD = r"(?P<mon>[A-Za-zÀ-ÿ]{3,10})\.?"
_MONTH_FIRST = re.compile(
    rf"\b{_WORD}\s+(?P<d>3[01]|[12]\d|0?[1-9])(?:st|nd|rd|th)?,?\s+(?P<y>(?:19|20)\d\d)(?!\d)(?:{_GAP}{_TIME})?", re.I
)
_DAY_FIRST = re.compile(
    rf"(?<!\d)(?P<d>3[01]|[12]\d|0?[1-9])(?:st|nd|rd|th|er|º)?\.?\s+(?:de\s+)?{_WORD},?\s+(?:de\s+)?(?P<y>(?:19|20)\d\d)(?!\d)(?:{_GAP}{_TIME})?",
    re.I,
)
_DOTTED = re.compile(
    rf"(?<![\d.])(?P<d>3[01]|[12]\d|0?[1-9])[./](?P<m>1[0-2]|0?[1-9])[./](?P<y>20\d\d)(?!\d)(?:{_GAP}{_TIME})?", re.I
)
_EPOCH = re.compile(r"^\s*(\d{10})(\d{3})?\s*$")
_URL_DAY = re.compile(r"/((?:19|20)\d\d)[/_-]?(0[1-9]|1[0-2])[/_-]?(0[1-9]|[12]\d|3[01])(?=[/_.\-]|$)")


@dataclass(frozen=True, slots=True)
class Moment:
    """A date as printed. hour, minute: None for a bare day. offset: the zone that stands beside it, None for none."""

    day: date
    hour: int | None = None
    minute: int = 0
    second: int | None = None
    offset: timedelta | None = None

    @property
    def has_time(self) -> bool:
        """Tell whether a time is known; midnight to the second is how systems fill in an unknown one."""
        return self.hour is not None and (self.hour, self.minute, self.second or 0) != (0, 0, 0)


class Published(NamedTuple):
    """When an article was published. moment: RFC 3339 in UTC, or a day. precision: "day", "minute" or "second".

    local: the publisher's own date and time, RFC 3339 with the offset of its zone, or the day.
    """

    moment: str
    precision: str
    local: str


def read_moment(text: str, *, compact: bool = False) -> Moment | None:
    """Read the first date in a text, with the time beside it.

    compact: also take 20260305 and seconds since 1970, as metadata and APIs write them.

    >>> read_moment("时间：2026年3月5日 07:12　来源").minute
    12
    """
    text = text[:400]
    patterns = (_NUMERIC, _MONTH_FIRST, _DAY_FIRST, _DOTTED, *((_COMPACT,) if compact else ()))
    matches = sorted(
        (match for pattern in patterns for match in [pattern.search(text)] if match), key=lambda match: match.start()
    )
    for match in matches:
        moment = _moment(match)
        if moment:
            return moment
    epoch = _EPOCH.match(text) if compact else None
    if epoch:
        at = datetime.fromtimestamp(int(epoch.group(1)), UTC)
        return Moment(at.date(), at.hour, at.minute, at.second, timedelta(0)) if at.year in YEARS else None
    return None


def day_in_url(url: str) -> Moment | None:
    """Read the day that many sites put into the path of an address (/2017/0317/38294.html)."""
    match = _URL_DAY.search(url)
    day = _date(*map(int, match.groups())) if match else None
    return Moment(day) if day else None


def published(moment: Moment, timezone_name: str | None, language: str | None) -> Published:
    """Give a moment as a Reading keeps it.

    The zone is the page's own, else timezone_name (IANA), else the language's. A time in an unknown zone is no moment:
    only its day is kept.

    >>> published(Moment(date(2031, 3, 5), 7, 12), "Asia/Shanghai", None)
    Published(moment='2031-03-04T23:12:00Z', precision='minute', local='2031-03-05T07:12:00+08:00')
    """
    zone = _zone(moment, timezone_name, language)
    if not moment.has_time or zone is None or moment.hour is None:
        day = moment.day.isoformat()
        return Published(day, "day", day)
    at = datetime.combine(moment.day, time(moment.hour, moment.minute, moment.second or 0), tzinfo=zone)
    instant = at.astimezone(UTC)
    # Back from UTC: a time that the zone's clock skipped becomes the one that it showed.
    local = instant.astimezone(zone).isoformat(timespec="seconds")
    return Published(instant.strftime("%Y-%m-%dT%H:%M:%SZ"), "minute" if moment.second is None else "second", local)


def _zone(moment: Moment, timezone_name: str | None, language: str | None) -> timezone | ZoneInfo | None:
    if moment.offset is not None:
        return timezone(moment.offset)
    name = timezone_name or LANGUAGE_ZONES.get((language or "").split("-")[0])
    try:
        return ZoneInfo(name) if name else None
    except (ZoneInfoNotFoundError, ValueError, OSError):  # a profile is checked before; imported ones may be older
        return None


def _moment(match: re.Match[str]) -> Moment | None:
    groups = match.groupdict()
    month = int(groups["m"]) if groups.get("m") else _MONTHS.get(groups["mon"].lower())
    day = _date(int(groups["y"]), month, int(groups["d"])) if month else None
    if day is None:
        return None
    if not groups.get("h"):
        return Moment(day)
    hour = _hour(int(groups["h"]), groups.get("half"), groups.get("ampm"))
    second = int(groups["s"]) if groups.get("s") else None
    return Moment(day, hour, int(groups["min"]), second, _offset(groups.get("zone"))) if hour < 24 else Moment(day)


def _hour(hour: int, half: str | None, ampm: str | None) -> int:
    late = (
        half in ("下午", "晚上", "오후", "午後")
        or (half == "中午" and hour < 3)
        or (ampm or "").lower().startswith("p")
    )
    early = half in ("上午", "凌晨", "오전", "午前") or (ampm or "").lower().startswith("a")
    if late and hour < 12:
        return hour + 12
    return 0 if early and hour == 12 else hour


def _offset(zone: str | None) -> timedelta | None:
    if not zone:
        return None
    if zone.startswith("北京"):
        return timedelta(hours=8)
    match = re.search(r"([+-])(\d\d):?(\d\d)", zone)
    if not match:
        return timedelta(0)
    offset = timedelta(hours=int(match[2]), minutes=int(match[3]))
    return -offset if match[1] == "-" else offset


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day) if year in YEARS else None
    except ValueError:
        return None
