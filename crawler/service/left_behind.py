"""Crawls that a service left behind when it was killed: they go on, and do not block for ever.

Takes   what the dead service said of its children, and the locks of their series.
Gives   those that still run. A lock that is held proves that its process lives, and names it.
Writes  nothing.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from archive.home import Home

from ..lock import WAIT_S
from .children import KILL_AFTER_S

_LOCKING_S = WAIT_S + 30.0  # a crawl begins with imports, and waits so long for its lock


@dataclass(slots=True)
class Orphan:
    """A crawl without its service. deadline: seconds of the steady clock after which it is told to end."""

    pid: int
    deadline: float
    locking: float  # until then it may still be on its way to its lock
    told: float | None = None  # when it was told


class LeftBehind:
    """The crawls that a killed service of this home left."""

    def __init__(self, home: Home, told: Mapping[str, Any]) -> None:
        """told: what that service wrote last: {"running": {series: {"pid", "until"}}}."""
        self._home = home
        self.orphans: dict[str, Orphan] = {}
        running = told.get("running")
        for series, one in running.items() if isinstance(running, dict) else ():
            try:
                left_s = max(float(one["until"]) - time.time(), 0.0)
                now = time.monotonic()
                self.orphans[series] = Orphan(int(one["pid"]), now + left_s, now + _LOCKING_S)
            except (KeyError, TypeError, ValueError):
                continue
        self.look()

    def look(self) -> None:
        """Forget those that have ended; end those whose time is up."""
        for series, orphan in list(self.orphans.items()):
            if not self._holds(series, orphan):
                if time.monotonic() > orphan.locking or not _lives(orphan.pid):
                    del self.orphans[series]
            elif orphan.told is not None and time.monotonic() > orphan.told + KILL_AFTER_S:
                _signal(orphan.pid, signal.SIGKILL)
            elif orphan.told is None and time.monotonic() > orphan.deadline:
                self._tell(orphan)

    def stop(self) -> None:
        """Tell all of them to end."""
        for orphan in self.orphans.values():
            if orphan.told is None:
                self._tell(orphan)

    def _holds(self, series: str, orphan: Orphan) -> bool:
        return self._home.running(series) and self._home.holder(series).get("pid") == orphan.pid

    @staticmethod
    def _tell(orphan: Orphan) -> None:
        orphan.told = time.monotonic()
        _signal(orphan.pid, signal.SIGTERM)


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass  # it lives, under another user: not ours, but that is seen by its lock
    return True


def _signal(pid: int, number: signal.Signals) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.kill(pid, number)
