"""Send what was kept: `lianzai upload` as a child, after runs of series that have a store.

Takes   a home, the word that something is to be sent. Gives: each end of an upload, to whoever asked for it.
Writes  nothing itself.

One upload runs at a time, also beside those by hand and of a service that was killed, which are waited for; what is added while
it runs is sent by the next. One that failed is tried again, later each time:
what lacks in the store is found anew by each, so that nothing is lost with it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from archive.events import emit
from archive.home import Home

from .children import Child, Ended, not_started

log = logging.getLogger(__name__)

LOCK = "_upload"  # archive/upload/lock.py holds it as a crawl holds that of its series
LIMIT_S = 24 * 3600.0
FIRST_RETRY_S = 60.0
LAST_RETRY_S = 3600.0


def damaged_series(report: Mapping[str, Any] | None) -> list[str]:
    """Name the series of the WARCs that a report of `upload` calls failed."""
    failed = report.get("failed", []) if report is not None else []
    return sorted({parts[1] for one in failed if len(parts := str(one["what"]).split("/")) > 2 and parts[0] == "warc"})


class Uploads:
    """The one upload, and when it is tried next."""

    def __init__(self, home: Home, start: Callable[[], Awaitable[Child]], ended: Callable[[Ended], None]) -> None:
        self._home, self._start, self._ended = home, start, ended
        self._told = False  # whether the log says that another process uploads
        self._wanted = False
        self._not_before = 0.0
        self._failures = 0
        self.child: Child | None = None
        self._task: asyncio.Task[None] | None = None

    def want(self) -> None:
        """Send what lacks, as soon as it can be."""
        self._wanted = True

    def look(self, steady: float) -> None:
        """Start the upload where it is wanted and due. steady: seconds of the steady clock."""
        if self._wanted and self._task is None and steady >= self._not_before and not self._busy():
            self._wanted = False
            self._task = asyncio.ensure_future(self._run(steady))

    def _busy(self) -> bool:
        """Say whether another process uploads; the log says so once."""
        busy = self._home.running(LOCK)
        if busy and not self._told:
            emit(log, logging.INFO, "upload.waited", holder=f"process {self._home.holder(LOCK).get('pid')}")
        self._told = busy
        return busy

    async def stop(self) -> None:
        """End it where it runs."""
        self._wanted = False
        if self.child is not None:
            self.child.stop()
        if self._task is not None:
            await asyncio.wait({self._task})

    async def _run(self, steady: float) -> None:
        try:
            self.child = await self._start()
            emit(log, logging.INFO, "upload.launched", pid=self.child.process.pid)
            ended = await self.child.ended()
        except OSError as error:
            ended = not_started(error)
        self.child = self._task = None
        level = logging.WARNING if ended.reason else logging.INFO
        emit(
            log, level, "upload.ended", code=ended.code, seconds=round(ended.seconds, 1), reason=ended.reason,
            detail=ended.detail,
        )  # fmt: skip
        self._failures = self._failures + 1 if ended.reason not in (None, "stopped") else 0
        if self._failures:
            wait_s = min(FIRST_RETRY_S * 2.0 ** (self._failures - 1), LAST_RETRY_S)
            self._wanted, self._not_before = True, steady + ended.seconds + wait_s
        self._ended(ended)
