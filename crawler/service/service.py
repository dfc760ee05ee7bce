"""The service of a home, from its lock to its end.

Takes   a home, where to listen, how many crawls at once.
Gives   the exit code: 130 or 143, by the signal that ended it.
Writes  locks/_service.json; the rest is written by the crawls.

    lock -> listen -> plan -> timetable -> a tick each second: clock, changes, queue -> signal -> end the crawls
"""

from __future__ import annotations

import asyncio
import logging
import signal
import socket
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from archive.errors import LianzaiError
from archive.events import emit
from archive.home import Home
from archive.ledger.rows import time_of

from ..notify.addresses import default_urls
from . import facts
from .children import Child, Ended, start
from .clock import Clock
from .due import Due, catch_up, next_due, next_instant
from .fixity import Rounds
from .left_behind import LeftBehind
from .lock import service_lock
from .metrics import CONTENT_TYPE, Kept, Live, facts_text, live_text
from .notices import BROKEN, Notices
from .plan import Plan, Planned
from .readiness import disk, readiness
from .rests import Rests
from .runs import Runs
from .state import Failure, State, Told
from .timetable import Timetable
from .uploads import LIMIT_S, Uploads, damaged_series
from .web import ASGIApp, Web, address, application

log = logging.getLogger(__name__)

TICK_S = 1.0
_METRICS_EACH_S, _METRICS_LONGEST_S = 5.0, 300.0
_PLAN_AT_ONCE = 200  # series that are planned between two turns of the loop
_EARLIER = timedelta(seconds=2)  # what a firing just before the clock was set may still have been on its way


@dataclass(frozen=True, slots=True)
class Options:
    """jobs: crawls at once. grace_s: how long beyond fetch.max_seconds a crawl may take until it counts as hung."""

    jobs: int
    grace_s: float


class Service:
    """One service while it runs."""

    def __init__(
        self,
        home: Home,
        environ: Mapping[str, str],
        listener: socket.socket,
        options: Options,
        before: Mapping[str, Any],
        pages: ASGIApp,
    ) -> None:
        """before: what the last service of the home said of itself. pages: the reading room."""
        self._home, self._options, self._pages = home, options, pages
        self._environ = {**environ, "LIANZAI_LOG": environ.get("LIANZAI_LOG") or "info"}
        self._listener = listener
        self._clock = Clock()
        self._state = State(self._clock.now(), address(listener), options.jobs, self._clock.steady())
        self._plan = Plan(home, environ)
        self._timetable = Timetable(self._due)
        self._runs = Runs(options.jobs, self._start_crawl, self._busy, self._ended)
        self._uploads = Uploads(home, self._start_upload, self._uploaded)
        self._left = LeftBehind(home, before)
        self._fixity = Rounds(home)
        self._notices = Notices(
            self._start_notices, lambda: self._plan.tells or bool(default_urls(home)), self._noticed
        )
        self._rests = Rests(home, self._clock.now)
        self._looking: asyncio.Future[bool] | None = None  # at profiles and ledger
        self._found = 0  # damaged files that people were told of, or are about to be
        self._placed: dict[str, Planned] = {}  # what stands in the timetable
        self._owed: set[str] = set()  # what waits there for its catch-up
        self._ran: set[str] = set()
        self._told = Told(home)
        self._counting = asyncio.Lock()
        self._facts = Kept(self._count, _METRICS_EACH_S, _METRICS_LONGEST_S)
        self._changes = 0

    async def run(self) -> int:
        """Serve until a signal comes; give the exit code."""
        caught: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, _take, caught, number)
        web = Web(application(self._ready, self._metrics, self._pages), self._listener)
        web.start()
        try:
            await self._serve(caught)
        finally:
            await self._stop(web)
        emit(log, logging.INFO, "service.stopped", signal=signal.Signals(caught.result()).name)
        return 128 + caught.result()

    async def _serve(self, caught: asyncio.Future[int]) -> None:
        self._timetable.start()
        begun = self._clock.steady()
        await self._place_all(caught)
        emit(
            log, logging.INFO, "service.started", url=self._state.url, home=str(self._home.root), jobs=self._options.jobs,
            series=len(self._placed), owed=len(self._owed), seconds=round(self._clock.steady() - begun, 3),
        )  # fmt: skip
        self._fixity.start()
        while not caught.done():
            await self._tick(caught)
            await asyncio.wait({caught}, timeout=TICK_S)

    async def _stop(self, web: Web) -> None:
        self._timetable.stop()
        self._fixity.stop()
        self._left.stop()
        await asyncio.gather(self._runs.stop(), self._uploads.stop(), self._notices.stop(), web.stop())
        while self._left.orphans:
            self._left.look()
            await asyncio.sleep(0.05)
        self._tell()
        if self._looking is not None:
            await asyncio.gather(self._looking, return_exceptions=True)
        self._plan.close()

    # ------------------------------------------------------------------------------------------------- each second

    async def _tick(self, caught: asyncio.Future[int]) -> None:
        self._state.ticked = self._clock.steady()
        if jump := self._clock.jumped():
            self._set_by(jump)
        try:
            if await self._look(caught):
                self._follow()
            self._state.trouble = ""
        except (LianzaiError, OSError) as error:
            if not self._state.trouble:
                emit(log, logging.ERROR, "service.hindered", error=str(error))
            self._state.trouble = str(error)
        if caught.done():
            return
        self._left.look()
        self._runs.left = len(self._left.orphans)
        self._runs.fill()
        self._uploads.look(self._clock.steady())
        if self._fixity.findings.found > self._found:
            self._found = self._fixity.findings.found
            self._notices.found()
        self._notices.look(self._clock.steady())
        self._tell()

    async def _look(self, caught: asyncio.Future[int]) -> bool:
        """Let the plan look, until a signal comes; True where something changed. Raises LianzaiError, OSError.

        In a thread: a thousand profiles put there at once, or a ledger that another holds, keep neither web nor signals waiting.
        """
        self._looking = asyncio.ensure_future(asyncio.to_thread(self._plan.look, self._clock.steady()))
        either: set[asyncio.Future[Any]] = {self._looking, caught}
        await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        return not caught.done() and self._looking.result()

    def _tell(self) -> None:
        state = self._state
        self._told.tell(
            {
                "url": state.url,
                "started": f"{state.started:%Y-%m-%dT%H:%M:%SZ}",
                "jobs": state.jobs,
                "running": {
                    series: {"pid": child.process.pid, "until": round(time.time() + child.deadline - time.monotonic())}
                    for series, child in self._runs.running.items()
                }
                | {
                    series: {"pid": one.pid, "until": round(time.time() + one.deadline - time.monotonic())}
                    for series, one in self._left.orphans.items()
                },
                "waiting": list(self._runs.waiting),
                "blocked": self._blocked(),
                "refused": self._plan.refused,
                "failing": {
                    series: {"reason": one.reason, "detail": one.detail, "at": f"{one.at:%Y-%m-%dT%H:%M:%SZ}"}
                    for series, one in state.standing.items()
                },
            }
        )

    def _blocked(self) -> dict[str, str]:
        """Give the series that are due and wait for a site which is to be left alone, with the time until which."""
        waiting = [one for one, why in self._runs.waiting.items() if why.told and one in self._plan.series]
        until = {one: self._rests.until(self._plan.series[one]) for one in waiting}
        return {one: _spelled(at) for one, at in until.items() if at is not None}

    # ------------------------------------------------------------------------------------------------- timetable

    async def _place_all(self, caught: asyncio.Future[int]) -> None:
        """Put every series into the timetable, those that are owed a run first and spread over time."""
        await self._look(caught)
        if caught.done():
            return
        last = await asyncio.to_thread(self._plan.last_runs)
        for series, one in (await asyncio.to_thread(self._plan.broken_runs)).items():
            if series in self._plan.series and not self._home.running(series):
                self._state.standing[series] = Failure(one["reason"], one["detail"], time_of(one["at"]))
        now, dues = self._clock.now(), {}
        for number, (series, planned) in enumerate(self._plan.series.items()):
            if planned.schedule is not None and not planned.paused:
                dues[series] = self._due_at_start(planned, last.get(series), now)
            if number % _PLAN_AT_ONCE == 0:
                self._state.ticked = self._clock.steady()
                await asyncio.sleep(0)
                if caught.done():
                    return
        self._place(dues, now)
        self._placed = dict(self._plan.series)
        if any(planned.store for planned in self._plan.series.values()):
            self._uploads.want()
        self._state.planned = True

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
        self._owed |= owed.keys()
        with self._timetable.held():
            for series, due in dues.items():
                schedule = self._plan.series[series].schedule
                if schedule is not None:
                    self._timetable.put(series, schedule, owed.get(series, due.at))
        self._changes += 1

    def _follow(self) -> None:
        """Bring the timetable up to the plan, after a change."""
        now = self._clock.now()
        for series in self._placed.keys() - self._plan.series.keys():
            self._take_out(series, "refused" if series in self._plan.refused else "removed")
        for series, planned in self._plan.series.items():
            was = self._placed.get(series)
            if was == planned:
                continue
            if planned.schedule is None or planned.paused:
                if was is not None and was.schedule is not None and not was.paused:
                    self._take_out(series, "paused" if planned.paused else "no schedule")
            elif was is None or was.paused or was.schedule != planned.schedule:
                at = next_instant(planned.schedule, now, self._timetable.fired.get(series))
                self._owed.discard(series)
                self._timetable.put(series, planned.schedule, at)
                emit(log, logging.INFO, "series.planned", series=series, next=f"{at:%Y-%m-%dT%H:%M:%SZ}")
        self._placed = dict(self._plan.series)
        self._changes += 1

    def _take_out(self, series: str, why: str) -> None:
        self._timetable.drop(series)
        self._runs.withdraw(series)
        self._owed.discard(series)
        emit(log, logging.INFO, "series.unplanned", series=series, why=why)

    def _set_by(self, jump_s: float) -> None:
        """Plan anew after the wall clock was set. jump_s: negative where it was set back."""
        emit(log, logging.WARNING, "clock.jumped", seconds=round(jump_s, 1))
        self._state.clock_jumps += 1
        now = self._clock.now()
        before = now - timedelta(seconds=jump_s) - _EARLIER if jump_s > 0 else None
        dues = {}
        for series, planned in self._placed.items():
            if planned.schedule is not None and not planned.paused:
                due = next_due(planned.schedule, now, since=before, fired=self._timetable.fired.get(series))
                dues[series] = Due(due.at, owed=(due.owed and before is not None) or series in self._owed)
        self._place(dues, now)

    # ------------------------------------------------------------------------------------------------------ runs

    def _due(self, series: str) -> None:
        why = "catch-up" if series in self._owed else "schedule"
        self._owed.discard(series)
        self._changes += 1
        self._runs.request(series, why)

    def _busy(self, series: str) -> str | None:
        """Say what stands against a run now: another process that crawls the series, or a host that asked for rest."""
        planned = self._plan.series.get(series)
        if planned is not None and (until := self._rests.until(planned)) is not None:
            return f"{planned.host}, which is to be left alone until {_spelled(until)}"
        if not self._home.running(series):
            return None
        holder = self._home.holder(series)
        return f"process {holder.get('pid')} on {holder.get('host')} since {holder.get('started')}"

    async def _start_crawl(self, series: str) -> Child:
        path, planned = self._home.profile(series), self._plan.series.get(series)
        named = str(path) if path.is_file() else series
        limit_s = (planned.limit_s if planned is not None else 0.0) + self._options.grace_s
        return await start(series, [*self._common(), "crawl", named], self._environ, limit_s)

    async def _start_upload(self) -> Child:
        return await start("upload", [*self._common(), "upload"], self._environ, LIMIT_S)

    async def _start_notices(self, arguments: Sequence[str], limit_s: float) -> Child:
        return await start("notices", [*self._common(), "notify", "due", *arguments], self._environ, limit_s)

    def _common(self) -> list[str]:
        return ["--home", str(self._home.root), "--json"]

    def _ended(self, series: str, ended: Ended) -> None:
        self._state.ended(series, ended)
        self._ran.add(series)
        self._changes += 1
        said = {"series": series, "code": ended.code, "seconds": round(ended.seconds, 1)}
        if ended.reason is None or ended.reason == "stopped":
            emit(log, logging.INFO, "run.ended", **said)
        else:
            level = logging.WARNING if ended.reason == "partial" else logging.ERROR
            emit(log, level, "run.broken", **said, reason=ended.reason, detail=ended.detail)
        planned = self._plan.series.get(series)
        if planned is not None and planned.store:
            self._uploads.want()
        if ended.reason in BROKEN:
            self._notices.broken(series, str(ended.reason))

    def _uploaded(self, ended: Ended) -> None:
        self._state.uploads[ended.reason or "done"] += 1
        if ended.reason == "integrity":  # a file is not as it was written: the hashing finds out which
            for series in damaged_series(ended.report):
                self._fixity.again(series)

    def _noticed(self, ended: Ended) -> None:
        self._state.notices[ended.reason or "done"] += 1

    # ------------------------------------------------------------------------------------------------------- web

    def _ready(self) -> dict[str, Any]:
        return readiness(self._home, self._state, self._clock.steady(), self._plan.refused)

    async def _metrics(self) -> tuple[bytes, str]:
        async with self._counting:  # several who ask at once are told the same
            try:
                await asyncio.to_thread(self._facts.get, self._mark(), self._clock.steady())
            except LianzaiError as error:  # then what was counted last stands
                emit(log, logging.WARNING, "service.hindered", error=str(error))
        free, least = disk(self._home)
        live = Live(
            running=set(self._runs.running),
            ran=self._ran,
            refused=set(self._plan.refused),
            waiting=len(self._runs.waiting),
            disk_free=free,
            disk_least=least,
            blocked_hosts=self._rests.hosts(self._plan.series.values()),
            damaged_files=sum(self._fixity.findings.damaged.values()),
            verified_bytes=self._fixity.findings.bytes,
            oldest_verification=oldest.timestamp() if (oldest := self._fixity.findings.oldest) else None,
        )
        return self._facts.text + live_text(live, self._state), CONTENT_TYPE

    def _mark(self) -> object:
        return (self._plan.mark, self._changes)

    def _count(self) -> bytes:
        next_run = {series: at for series in list(self._placed) if (at := self._timetable.next(series)) is not None}
        return facts_text(facts.count(self._home, next_run))


def _spelled(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def _take(caught: asyncio.Future[int], number: int) -> None:
    if not caught.done():
        caught.set_result(number)


def serve(home: Home, environ: Mapping[str, str], listener: socket.socket, options: Options, pages: ASGIApp) -> int:
    """Serve a home until a signal comes; give the exit code. Raises BusyError, HomeError, DiskError."""
    with service_lock(home) as before, listener:

        async def run() -> int:
            return await Service(home, environ, listener, options, before, pages).run()

        return asyncio.run(run())
