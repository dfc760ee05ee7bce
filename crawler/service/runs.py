"""The runs of the service: a queue in which each series stands once, and so many children at once.

Takes   series that are due; how to start a child, whether another process crawls a series.
Gives   each run that ended, to whoever asked for it.
Writes  nothing itself.

A series that another process crawls (a crawl by hand, or one that a killed service left behind) waits in the queue until
that has ended; a firing in the meantime adds nothing.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from archive.errors import BusyError
from archive.events import emit

from .children import Child, Ended, not_started

log = logging.getLogger(__name__)

Start = Callable[[str], Awaitable[Child]]


@dataclass(slots=True)
class Waiting:
    """A run that is due. why: `schedule`, `catch-up`. told: whether the log says that another process is in the way."""

    why: str
    told: bool = False


class Runs:
    """What runs and what waits."""

    def __init__(
        self, jobs: int, start: Start, busy: Callable[[str], str | None], ended: Callable[[str, Ended], None]
    ) -> None:
        """jobs: children at once. busy: says who else crawls a series, None where nobody does. ended: told of each run."""
        self.jobs = jobs
        self.waiting: dict[str, Waiting] = {}  # in the order in which they came
        self.running: dict[str, Child] = {}
        self.asleep = 0  # of those that run, how many wait for their host: they leave their room to others
        self.left = 0  # crawls that a killed service left behind: they take room
        self._start, self._busy, self._ended = start, busy, ended
        self._tasks: set[asyncio.Task[None]] = set()
        self._starting: set[str] = set()
        self._stopping = False

    def request(self, series: str, why: str) -> None:
        """Run a series as soon as there is room; one that waits or runs already is not run twice."""
        if self._stopping or series in self.waiting or series in self.running or series in self._starting:
            return
        self.waiting[series] = Waiting(why)
        emit(log, logging.INFO, "run.queued", series=series, why=why)
        self.fill()

    def withdraw(self, series: str) -> None:
        """Run a series no more where it waits; what runs goes on."""
        self.waiting.pop(series, None)

    def fill(self) -> None:
        """Start what waits, as far as there is room."""
        if self._stopping or not self.waiting:
            return
        for series in list(self.waiting):
            if self.room() <= 0:
                return
            holder = self._busy(series)
            if holder is not None:
                self._defer(series, holder)
                continue
            del self.waiting[series]
            self._starting.add(series)
            task = asyncio.ensure_future(self._run(series))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    def room(self) -> int:
        """Tell how many more may run. However many sleep, there are never more than twice as many processes."""
        return self.jobs - len(self.running) - len(self._starting) - self.left + min(self.asleep, self.jobs)

    async def stop(self) -> None:
        """Start no more, and end what runs; within 10 s all has ended."""
        self._stopping = True
        self.waiting.clear()
        for child in self.running.values():
            child.stop()
        while self._tasks:
            await asyncio.wait(set(self._tasks))

    def _defer(self, series: str, holder: str) -> None:
        waiting = self.waiting[series]
        if not waiting.told:
            emit(log, logging.INFO, "run.deferred", series=series, holder=holder)
            waiting.told = True

    async def _run(self, series: str) -> None:
        try:
            child = await self._start(series)
        except OSError as error:
            self._starting.discard(series)
            self._done(series, not_started(error))
            return
        self._starting.discard(series)
        self.running[series] = child
        if self._stopping:
            child.stop()
        emit(
            log, logging.INFO, "run.launched", series=series, pid=child.process.pid,
            limit_s=round(child.deadline - child.begun),
        )  # fmt: skip
        try:
            ended = await child.ended()
        finally:
            del self.running[series]
        self._done(series, ended)

    def _done(self, series: str, ended: Ended) -> None:
        if ended.code == BusyError.exit_code and ended.report is None and not self._stopping:
            holder = self._busy(series)
            if holder is not None:  # someone was quicker: it waits again, and nothing has failed
                self.waiting[series] = Waiting("schedule")
                self._defer(series, holder)
                self.fill()
                return
        self._ended(series, ended)
        self.fill()
