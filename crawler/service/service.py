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
from datetime import UTC, datetime
from typing import Any

from archive.errors import LianzaiError
from archive.events import emit
from archive.home import Home
from archive.ledger.rows import time_of

from ..lock import asleep
from ..notify.addresses import default_urls
from . import facts
from .children import Child, Ended, start
from .clock import Clock
from .fixity import Rounds
from .left_behind import LeftBehind
from .lock import service_lock
from .metrics import CONTENT_TYPE, Kept, Live, facts_text, live_text
from .notices import BROKEN, Notices
from .placing import Placing
from .plan import Plan
from .readiness import disk, readiness
from .rests import Rests
from .runs import Runs
from .state import Failure, State, Told
from .uploads import LIMIT_S, Uploads, damaged_series
from .web import ASGIApp, Web, address, application

log = logging.getLogger(__name__)

TICK_S = 1.0
_METRICS_EACH_S, _METRICS_LONGEST_S = 5.0, 300.0


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
        self._runs = Runs(options.jobs, self._start_crawl, self._busy, self._ended)
        self._placing = Placing(home, self._plan, self._clock, self._runs)
        self._uploads = Uploads(home, self._start_upload, self._uploaded)
        self._left = LeftBehind(home, before)
        self._fixity = Rounds(home)
        self._notices = Notices(
            self._start_notices, lambda: self._plan.tells or bool(default_urls(home)), self._noticed
        )
        self._rests = Rests(home, self._clock.now)
        self._looking: asyncio.Future[bool] | None = None  # at profiles and ledger
        self._found = 0  # damaged files that people were told of, or are about to be
        self._ran: set[str] = set()
        self._own_ends: dict[str, datetime] = {}  # when a run of the service ended last
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

    async def _begin(self, caught: asyncio.Future[int]) -> None:
        """Read what there is, and put it into the timetable."""
        await self._look(caught)
        if caught.done():
            return
        last = await asyncio.to_thread(self._plan.last_runs)
        for series, one in (await asyncio.to_thread(self._plan.broken_runs)).items():
            if series in self._plan.series and not self._home.running(series):
                self._state.standing[series] = Failure(one["reason"], one["detail"], time_of(one["at"]))
        self._plan.ends.taken()  # that is in it

        def turn() -> bool:
            self._state.ticked = self._clock.steady()
            return not caught.done()

        await self._placing.place_all(last, turn)
        if any(planned.store for planned in self._plan.series.values()):
            self._uploads.want()
        self._state.planned = not caught.done()

    async def _serve(self, caught: asyncio.Future[int]) -> None:
        self._placing.start()
        begun = self._clock.steady()
        await self._begin(caught)
        emit(
            log, logging.INFO, "service.started", url=self._state.url, home=str(self._home.root), jobs=self._options.jobs,
            series=len(self._placing.placed), owed=len(self._placing.owed), seconds=round(self._clock.steady() - begun, 3),
        )  # fmt: skip
        self._fixity.start()
        while not caught.done():
            await self._tick(caught)
            await asyncio.wait({caught}, timeout=TICK_S)

    async def _stop(self, web: Web) -> None:
        self._placing.stop()
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
            emit(log, logging.WARNING, "clock.jumped", seconds=round(jump, 1))
            self._state.clock_jumps += 1
            self._placing.set_by(jump)
        try:
            if await self._look(caught):
                self._placing.follow()
            self._learn()
            self._state.trouble = ""
        except (LianzaiError, OSError) as error:
            if not self._state.trouble:
                emit(log, logging.ERROR, "service.hindered", error=str(error))
            self._state.trouble = str(error)
        if caught.done():
            return
        self._left.look()
        self._runs.left = len(self._left.crawls)
        self._runs.asleep = sum(
            asleep(self._home.holder(series), self._clock.now().timestamp()) for series in self._runs.running
        )
        self._runs.fill()
        self._uploads.look(self._clock.steady())
        if self._fixity.findings.found > self._found:
            self._found = self._fixity.findings.found
            self._notices.found()
        self._notices.look(self._clock.steady())
        self._tell()

    def _learn(self) -> None:
        """Take what the ledger says of runs that ended; of our own the child says it."""
        for end in self._plan.ends.taken():
            planned, own = self._plan.series.get(end.series), self._own_ends.get(end.series)
            if planned is None or end.series in self._runs.running or (own is not None and end.finished <= own):
                continue
            self._state.learned(end)
            if planned.store:  # what a crawl by hand has kept is sent as well
                self._uploads.want()

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
                    series: _told_of(child.process.pid, child.deadline) for series, child in self._runs.running.items()
                }
                | {series: _told_of(one.pid, one.deadline) for series, one in self._left.crawls.items()},
                "upload": self._told_of_upload(),
                "waiting": list(self._runs.waiting),
                "blocked": self._blocked(),
                "refused": self._plan.refused,
                "failing": {
                    series: {"reason": one.reason, "detail": one.detail, "at": f"{one.at:%Y-%m-%dT%H:%M:%SZ}"}
                    for series, one in state.standing.items()
                },
            }
        )

    def _told_of_upload(self) -> dict[str, int] | None:
        """Tell of the upload that runs, also of one that a killed service left behind: the next service would end it."""
        if (child := self._uploads.child) is not None:
            return _told_of(child.process.pid, child.deadline)
        left = self._left.upload
        return None if left is None else _told_of(left.pid, left.deadline)

    def _blocked(self) -> dict[str, str]:
        """Give the series that are due and wait for a site which is to be left alone, with the time until which."""
        waiting = [one for one, why in self._runs.waiting.items() if why.told and one in self._plan.series]
        until = {one: self._rests.until(self._plan.series[one]) for one in waiting}
        return {one: _spelled(at) for one, at in until.items() if at is not None}

    # ------------------------------------------------------------------------------------------------------ runs

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
        self._own_ends[series] = self._clock.now()
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
        return (self._plan.mark, self._changes, self._placing.changes)

    def _count(self) -> bytes:
        return facts_text(facts.count(self._home, self._placing.next_runs()))


def _told_of(pid: int, deadline: float) -> dict[str, int]:
    """deadline: seconds of the steady clock."""
    return {"pid": pid, "until": round(time.time() + deadline - time.monotonic())}


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
