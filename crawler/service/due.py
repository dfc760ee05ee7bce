"""When a series is due: pure, no clock is read and nothing is kept.

Takes   a cron line with its zone, the instants of the last run and of the last firing, and what the wall clock says now.
Gives   the next instant, and whether a firing was missed.
Writes  nothing.

Every firing is served once. Two things stand against that, a process that was down and a clock that is set:

- A firing is *owed* when it lies after the last run and not after now. However many are owed, one run serves them all.
- A clock set back makes firings come again that were served. They are passed over while the clock is behind the last
  firing by no more than `patience`; a clock that was further ahead was wrong, and the new time counts at once. The bound
  follows Debian's cron(8): three hours for a job at set hours. A job that runs in every hour waits one gap of its own at
  most, so that it is never silent for long.
- A clock set forward skips firings: they are owed, as after a time in which the process was down.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

from ..profile import is_frequent, next_fire

SET_BACK = timedelta(hours=3)  # Debian's cron(8): a larger change is a correction of the clock
LOOKED_BACK = (timedelta(hours=1), timedelta(days=1))  # for the last firing: most schedules fire each hour, or each day
_SCHEDULES = 4096  # that are kept with the firings around an instant
SPREAD_EACH = timedelta(seconds=5)  # of catch-up for each series that is owed a run
SPREAD_MOST = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Schedule:
    """line: cron(5), checked. zone: of the IANA database."""

    line: str
    zone: str


@dataclass(frozen=True, slots=True)
class Due:
    """at: the next instant, in UTC. owed: whether a firing was missed, so that a run is due before that."""

    at: datetime
    owed: bool


def next_instant(schedule: Schedule, now: datetime, fired: datetime | None = None) -> datetime:
    """Give the first firing after now that was not served yet.

    fired: the last firing that was served, or the start of the last run; it may lie ahead of now where the clock was set back.
    """
    after = now
    if fired is not None and now < fired <= now + patience(schedule, fired):
        after = fired
    return next_fire(schedule.line, schedule.zone, after)


def patience(schedule: Schedule, fired: datetime) -> timedelta:
    """Tell how far the clock may be behind the last firing, and the firings in between still count as served."""
    if not is_frequent(schedule.line):
        return SET_BACK
    return min(SET_BACK, next_fire(schedule.line, schedule.zone, fired) - fired)


def next_due(schedule: Schedule, now: datetime, *, since: datetime | None, fired: datetime | None = None) -> Due:
    """Tell when a series is due, and whether it is owed a run.

    since: after this instant no firing was missed knowingly: the start of the last run, or when the profile was put into the
    home where it never ran; None where that is not known, and then nothing is owed. fired: as in next_instant.
    """
    served = max((one for one in (since, fired) if one is not None), default=None)
    if served is None or served >= now:
        return Due(next_instant(schedule, now, served), owed=False)
    last, first = _around(schedule, now)
    if last is not None or now - served <= LOOKED_BACK[-1]:
        return Due(first, owed=last is not None and served < last)
    return Due(first, owed=next_fire(schedule.line, schedule.zone, served) <= now)


@lru_cache(_SCHEDULES)
def _around(schedule: Schedule, now: datetime) -> tuple[datetime | None, datetime]:
    """Give the last firing up to now, None where there was none in the last day, and the first one after it.

    Thousands of series share some hundred schedules, and are planned at one instant.
    """
    last, first = None, next_fire(schedule.line, schedule.zone, now)
    for back in LOOKED_BACK:
        at = next_fire(schedule.line, schedule.zone, now - back)
        while at <= now:
            last, at = at, next_fire(schedule.line, schedule.zone, at)
        if last is not None:
            break
    return last, first


def catch_up(owed: Mapping[str, datetime], now: datetime) -> dict[str, datetime]:
    """Give each series that is owed a run its instant, spread over time.

    owed: series -> its next regular firing; the catch-up never comes later than that, and then the two are one run.
    The place within the spread follows from the id alone, so that a restart does not bring all of them forward.
    """
    spread = min(SPREAD_EACH * len(owed), SPREAD_MOST)
    return {series: min(now + spread * jitter(series), regular) for series, regular in owed.items()}


def jitter(series: str) -> float:
    """Give a number from 0 to below 1 that is always the same for an id, and even over many.

    >>> 0 <= jitter("qushui") < 1
    True
    """
    return zlib.crc32(series.encode()) / 2**32
