"""Tell people what no crawl tells by itself: `lianzai notify due` as a child.

Takes   the word that a run broke off, or that something was found. Gives: each end of such a child, to whoever asked for it.
Writes  nothing itself.

A crawl that ends tells of itself. One that was killed, crashed or hung cannot, nor does one tell what is overdue, what the
hashing found, or what an address would not take before: that is told at the start, each hour, and when something is found. One
child runs at a time, none where nobody is to be told. One that hangs is ended; what it did not tell the next one does, as the
ledger knows what was told to whom.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence

from archive.events import emit

from .children import Child, Ended, not_started

log = logging.getLogger(__name__)

BROKEN = frozenset({"killed", "crashed", "hung", "not-started"})  # ends of a run of which the run itself tells nobody
EACH_S = 3600.0
_AT_ONCE = 20  # series that one child tells of
_EACH_SERIES_S, _ROUND_S = 30.0, 1800.0  # addresses have 8 s a series (notify/sending.py)

Start = Callable[[Sequence[str], float], Awaitable[Child]]


class Notices:
    """The one child that tells, and what it is to tell next."""

    def __init__(self, start: Start, wanted: Callable[[], bool], ended: Callable[[Ended], None]) -> None:
        """start: takes the arguments behind `notify due`, and the seconds that it may take. wanted: whether anybody is told."""
        self._start, self._wanted, self._ended = start, wanted, ended
        self._broken: dict[str, str] = {}  # series -> how its run broke off
        self._round_at = float("-inf")
        self._child: Child | None = None
        self._task: asyncio.Task[None] | None = None
        self._stopping = False

    def broken(self, series: str, reason: str) -> None:
        """Tell that a run broke off. reason: one of BROKEN."""
        self._broken[series] = reason

    def found(self) -> None:
        """Tell at once what stands, as something was found."""
        self._round_at = float("-inf")

    def look(self, steady: float) -> None:
        """Start the child where there is something to tell. steady: seconds of the steady clock."""
        if self._task is not None or self._stopping or (not self._broken and steady - self._round_at < EACH_S):
            return
        if not self._wanted():
            self._broken.clear()
            self._round_at = steady
            return
        if not self._broken:
            self._round_at = steady
            self._task = asyncio.ensure_future(self._run([], _ROUND_S))
            return
        reason = next(iter(self._broken.values()))
        series = [one for one, why in self._broken.items() if why == reason][:_AT_ONCE]
        for one in series:
            del self._broken[one]
        limit_s = _EACH_SERIES_S * (len(series) + 1)
        self._task = asyncio.ensure_future(self._run([*series, "--broken", reason], limit_s))

    async def stop(self) -> None:
        """End it where it runs."""
        self._stopping = True
        if self._child is not None:
            self._child.stop()
        if self._task is not None:
            await asyncio.wait({self._task})

    async def _run(self, arguments: Sequence[str], limit_s: float) -> None:
        try:
            self._child = await self._start(arguments, limit_s)
            if self._stopping:
                self._child.stop()
            ended = await self._child.ended()
        except OSError as error:
            ended = not_started(error)
        self._child = self._task = None
        level = logging.WARNING if ended.reason not in (None, "stopped") else logging.INFO
        emit(log, level, "notices.ended", code=ended.code, seconds=round(ended.seconds, 1), reason=ended.reason)
        self._ended(ended)
