"""Which series stand in the timetable, and when each is run next: the plan, brought into it and kept up.

Takes   the plan, the last run of each series, the clock.
Gives   calls of `Runs.request` when a series is due.
Writes  nothing.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from archive.events import emit
from archive.home import Home
from archive.ledger.rows import time_of

from .clock import Clock
from .due import Due, catch_up, next_due, next_instant
from .plan import Plan, Planned
from .runs import Runs
from .timetable import Timetable

log = logging.getLogger(__name__)

_AT_ONCE = 200  # series that are planned between two turns of the loop
_EARLIER = timedelta(seconds=2)  # what a firing just before the clock was set may still have been on its way


class Placing:
    """The timetable of a service. placed: what stands in it. owed: what waits there for its catch-up."""

    def __init__(self, home: Home, plan: Plan, clock: Clock, runs: Runs) -> None:
        self._home, self._plan, self._clock, self._runs = home, plan, clock, runs
        self._timetable = Timetable(self._due)
        self.placed: dict[str, Planned] = {}
        self.owed: set[str] = set()
        self.changes = 0  # how often anything was moved

    def start(self) -> None:
        """Begin, in the running loop."""
        self._timetable.start()

    def stop(self) -> None:
        """Let nothing more be due."""
        self._timetable.stop()

    def next_runs(self) -> dict[str, datetime]:
        """Give the next run of each series that has one."""
        return {series: at for series in list(self.placed) if (at := self._timetable.next(series)) is not None}

    async def place_all(self, last: Mapping[str, Mapping[str, Any]], turn: Callable[[], bool]) -> None:
        """Put every series into the timetable, those that are owed a run first and spread over time.

        last: the last run of each series. turn: called between two turns of the loop; False ends it, nothing is placed then.
        """
        now, dues = self._clock.now(), {}
        for number, (series, planned) in enumerate(self._plan.series.items()):
            if planned.schedule is not None and not planned.paused:
                dues[series] = self._due_at_start(planned, last.get(series), now)
            if number % _AT_ONCE == 0:
                await asyncio.sleep(0)
                if not turn():
                    return
        self._place(dues, now)
        self.placed = dict(self._plan.series)

    def follow(self) -> None:
        """Bring the timetable up to the plan, after a change."""
        now = self._clock.now()
        for series in self.placed.keys() - self._plan.series.keys():
            self._take_out(series, "refused" if series in self._plan.refused else "removed")
        for series, planned in self._plan.series.items():
            was = self.placed.get(series)
            if was == planned:
                continue
            if planned.schedule is None or planned.paused:
                if was is not None and was.schedule is not None and not was.paused:
                    self._take_out(series, "paused" if planned.paused else "no schedule")
            elif was is None or was.paused or was.schedule != planned.schedule:
                at = next_instant(planned.schedule, now, self._timetable.fired.get(series))
                self.owed.discard(series)
                self._timetable.put(series, planned.schedule, at)
                emit(log, logging.INFO, "series.planned", series=series, next=f"{at:%Y-%m-%dT%H:%M:%SZ}")
        self.placed = dict(self._plan.series)
        self.changes += 1

    def set_by(self, jump_s: float) -> None:
        """Plan anew after the wall clock was set. jump_s: negative where it was set back."""
        now = self._clock.now()
        before = now - timedelta(seconds=jump_s) - _EARLIER if jump_s > 0 else None
        dues = {}
        for series, planned in self.placed.items():
            if planned.schedule is not None and not planned.paused:
                due = next_due(planned.schedule, now, since=before, fired=self._timetable.fired.get(series))
                dues[series] = Due(due.at, owed=(due.owed and before is not None) or series in self.owed)
        self._place(dues, now)

    def _due_at_start(self, planned: Planned, last: Mapping[str, Any] | None, now: datetime) -> Due:
        assert planned.schedule is not None  # noqa: S101 - the caller looked
        since = self._plan.added(planned.series) if last is None else time_of(last["started"])
        due = next_due(planned.schedule, now, since=since)
        cut_short = last is not None and (last["finished"] is None or last["outcome"] == "stopped")
        if cut_short and not self._home.running(planned.series):
            return Due(due.at, owed=True)  # it was killed or told to end: its firing is not served yet
        return due

    def _place(self, dues: Mapping[str, Due], now: datetime) -> None:
        owed = catch_up({series: due.at for series, due in dues.items() if due.owed}, now)
        self.owed |= owed.keys()
        with self._timetable.held():
            for series, due in dues.items():
                schedule = self._plan.series[series].schedule
                if schedule is not None:
                    self._timetable.put(series, schedule, owed.get(series, due.at))
        self.changes += 1

    def _take_out(self, series: str, why: str) -> None:
        self._timetable.drop(series)
        self._runs.withdraw(series)
        self.owed.discard(series)
        emit(log, logging.INFO, "series.unplanned", series=series, why=why)

    def _due(self, series: str) -> None:
        why = "catch-up" if series in self.owed else "schedule"
        self.owed.discard(series)
        self.changes += 1
        self._runs.request(series, why)
