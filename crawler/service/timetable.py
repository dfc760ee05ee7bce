"""The timetable: one job of APScheduler for each series, woken at the instants that due.py names.

Takes   a schedule of each series and its first instant. Gives: a call of `fire` for each series when it is due.
Writes  nothing: the jobs are in memory, and made again from the ledger at each start.

APScheduler 3 is clock and queue here. Its cron trigger is not used (it counts weekdays from Monday, wants day of month AND
day of week, and fires twice in a repeated hour), nor its 1 s of grace after which a late run is dropped.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from inspect import signature
from typing import Any

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.base import BaseTrigger

from .due import Schedule, next_instant

Fire = Callable[[str], None]


class CronTrigger(BaseTrigger):  # type: ignore[misc]
    """The firings of a schedule. Those that were missed are one."""

    __slots__ = ("schedule",)

    def __init__(self, schedule: Schedule) -> None:
        self.schedule = schedule

    def get_next_fire_time(self, previous_fire_time: datetime | None, now: datetime) -> datetime:
        """Give the next firing after now that was not served; what lies between the two is passed over."""
        return next_instant(self.schedule, now, previous_fire_time)


class Timetable:
    """When each series is run next."""

    def __init__(self, fire: Fire) -> None:
        """fire: called in the loop with the id of a series that is due."""
        self.fired: dict[str, datetime] = {}  # when each was due last

        async def due(series: str) -> None:
            self.fired[series] = datetime.now(UTC)
            fire(series)

        # APScheduler looks at the signature of each job's function; read once, it is not taken apart 10,000 times (0.4 s).
        due.__signature__ = signature(due)  # type: ignore[attr-defined]
        self._due = due
        logging.getLogger("apscheduler").setLevel(logging.WARNING)  # it tells of each job, ours of each run
        self._scheduler = AsyncIOScheduler(
            timezone=UTC, job_defaults={"coalesce": True, "misfire_grace_time": None, "max_instances": 1}
        )

    def start(self) -> None:
        """Begin, in the running loop."""
        self._scheduler.start()

    def stop(self) -> None:
        """Fire no more."""
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)

    @contextmanager
    def held(self) -> Iterator[None]:
        """Put many at once: APScheduler looks at its queue once, behind all of them."""
        self._scheduler.pause()
        try:
            yield
        finally:
            self._scheduler.resume()

    def put(self, series: str, schedule: Schedule, first: datetime) -> None:
        """Run a series at an instant, and from then on by its schedule; what was there for it before is replaced."""
        self._scheduler.add_job(
            self._due, CronTrigger(schedule), args=(series,), id=series, next_run_time=first, replace_existing=True
        )

    def drop(self, series: str) -> None:
        """Run a series no more."""
        if self._scheduler.get_job(series) is not None:
            self._scheduler.remove_job(series)
        self.fired.pop(series, None)

    def next(self, series: str) -> datetime | None:
        """Tell when a series is run next; None where it is not in the timetable."""
        job: Any = self._scheduler.get_job(series)
        return None if job is None else job.next_run_time
