"""Check a cron line, and tell when it fires next.

Takes   the five fields of cron(5), a zone of the IANA time zone database, an instant.
Gives   the next instant, in UTC.
Writes  nothing.

cronsim knows the calendar (which wall-clock times a line names); what happens where the clock is set is decided here, after
Debian's cron(8): a job at set hours runs once where an hour is repeated, on the first pass, and where its time is skipped
it runs at the first moment after the gap. A job that runs in every hour follows the wall clock: nothing in a gap,
both passes of a fold. cronsim's own treatment of aware datetimes is not used: from the second pass of
a fold it gives an instant before the one asked about, and with a clock set by half an hour it misses times.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError

_VALUE = r"(?:[0-9]{1,2}|[A-Za-z]{3})"
_ITEM = rf"(?:\*|{_VALUE}-{_VALUE})(?:/[0-9]{{1,2}})?|{_VALUE}"
_FIELD = re.compile(rf"(?:{_ITEM})(?:,(?:{_ITEM}))*")
_FIELDS = ("minute", "hour", "day of month", "month", "day of week")

_LONGEST_LINE = 400
_LINES = 16_384  # that are remembered as checked: a service asks for the next firing of thousands of series
# The calendar repeats every 28 years (no century is near), and cronsim gives up after 50: any start will do.
_SOME_DAY = datetime(2026, 1, 1)  # noqa: DTZ001 - wall-clock time, of no zone


@lru_cache(_LINES)
def check_schedule(schedule: str) -> None:
    """Refuse a line that is not cron(5), or that can never fire.

    Raises ValueError with the field that is wrong; the line itself is not in the message.
    Source: cron(5); both 0 and 7 are Sunday; where day of month and day of week are both given, either suffices.
    """
    _check_form(schedule)
    if next(_calendar(schedule, _SOME_DAY), None) is None:
        raise ValueError("it can never fire")


def next_fire(schedule: str, timezone: str, after: datetime) -> datetime:
    """Tell when a schedule fires next.

    schedule: checked by check_schedule. timezone: a zone of the IANA database; the fields are its wall clock.
    after: aware. Returns the first firing strictly later than that, aware, in UTC.
    Raises ValueError for a naive `after` and for a schedule that check_schedule refuses.
    """
    if after.tzinfo is None:
        raise ValueError("after must be an aware datetime")
    _check_form(schedule)
    zone = ZoneInfo(timezone)
    local = after.astimezone(UTC).astimezone(zone)
    if is_frequent(schedule):
        return _next_frequent(schedule, local, zone)
    return _next_at_set_hours(schedule, local, zone)


@lru_cache(_LINES)
def _check_form(schedule: str) -> None:
    parts = schedule.split()
    if len(parts) != len(_FIELDS) or len(schedule) > _LONGEST_LINE:
        raise ValueError(f"five fields are needed: {', '.join(_FIELDS)}; found {len(parts)}")
    for part, field in zip(parts, _FIELDS, strict=True):
        if not _FIELD.fullmatch(part):
            raise ValueError(f"bad {field}")


def _calendar(schedule: str, start: datetime) -> CronSim:
    try:
        return CronSim(schedule, start)
    except CronSimError as error:
        raise ValueError(_said_of(error)) from error


def _said_of(error: CronSimError) -> str:
    said = str(error)
    # cronsim has one message for both.
    if said == "Bad day-of-month":
        return "bad day of month, or a day that never comes"
    return said.replace("Bad", "bad").replace("-", " ")


@lru_cache(_LINES)
def is_frequent(schedule: str) -> bool:
    """Tell whether the job runs in every hour of the day, so that an hour more or less is no miss and no repetition."""
    return len(_calendar(schedule, _SOME_DAY).hours) == 24


def _wall_times(schedule: str, start: datetime) -> Iterator[datetime]:
    """Yield the wall-clock times after `start` that the line names, in order, without a zone."""
    return iter(_calendar(schedule, start.replace(tzinfo=None, fold=0)))


def _instant(wall: datetime, zone: ZoneInfo, fold: int) -> datetime:
    return wall.replace(tzinfo=zone, fold=fold).astimezone(UTC)


def _is_real(wall: datetime, zone: ZoneInfo) -> bool:
    """Tell whether clocks ever show this time, or skip it."""
    return _instant(wall, zone, 0).astimezone(zone).replace(tzinfo=None, fold=0) == wall


def _gap_end(wall: datetime, zone: ZoneInfo) -> datetime:
    """Find the first instant after the gap that a skipped wall-clock time lies in."""
    # Read with the offset after the gap the time lies before it, with the offset before the gap it lies after it.
    low, high = _instant(wall, zone, 1), _instant(wall, zone, 0)
    before = low.astimezone(zone).utcoffset()
    while high - low > timedelta(seconds=1):
        middle = low + timedelta(seconds=(high - low).total_seconds() // 2)
        if middle.astimezone(zone).utcoffset() == before:
            low = middle
        else:
            high = middle
    return high


def _next_at_set_hours(schedule: str, local: datetime, zone: ZoneInfo) -> datetime:
    after = local.astimezone(UTC)
    # First passes and ends of gaps never go back as the wall clock goes on, so the first that is late enough is the next.
    for wall in _wall_times(schedule, local):
        fires = _instant(wall, zone, 0) if _is_real(wall, zone) else _gap_end(wall, zone)
        if fires > after:
            return fires
    raise ValueError("it can never fire")


def _next_frequent(schedule: str, local: datetime, zone: ZoneInfo) -> datetime:
    after = local.astimezone(UTC)
    ahead = _first_real(schedule, local, zone, after)
    back = _instant(local.replace(tzinfo=None), zone, 1) - _instant(local.replace(tzinfo=None), zone, 0)
    if local.fold or back <= timedelta():
        return ahead
    # In the first pass of a fold, the times of the second pass come before those after the fold.
    again = _first_real(schedule, local - back, zone, after, second_pass=True)
    return min(ahead, again)


def _first_real(
    schedule: str, start: datetime, zone: ZoneInfo, after: datetime, *, second_pass: bool = False
) -> datetime:
    for wall in _wall_times(schedule, start):
        if not _is_real(wall, zone):
            continue
        for fold in (1,) if second_pass else (0, 1):
            if (fires := _instant(wall, zone, fold)) > after:
                return fires
    raise ValueError("it can never fire")
