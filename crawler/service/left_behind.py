"""Crawls, and the upload, that a service left behind when it was killed: they go on, and do not block for ever.

Takes   what the dead service said of its children, and the locks that they hold.
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
from .uploads import LOCK as UPLOAD

_LOCKING_S = WAIT_S + 30.0  # a child begins with imports, and waits so long for its lock


@dataclass(slots=True)
class Orphan:
    """A child without its service. deadline: seconds of the steady clock after which it is told to end."""

    pid: int
    deadline: float
    locking: float  # until then it may still be on its way to its lock
    told: float | None = None  # when it was told


class LeftBehind:
    """The children that a killed service of this home left. orphans: by the name of the lock that each holds."""

    def __init__(self, home: Home, told: Mapping[str, Any]) -> None:
        """told: what that service wrote last: {"running": {series: {"pid", "until"}}, "upload": {"pid", "until"} or null}."""
        self._home = home
        self.orphans: dict[str, Orphan] = {}
        running = told.get("running")
        children = dict(running) if isinstance(running, dict) else {}
        for name, one in {**children, UPLOAD: told.get("upload")}.items():
            try:
                left_s = max(float(one["until"]) - time.time(), 0.0)
                now = time.monotonic()
                self.orphans[name] = Orphan(int(one["pid"]), now + left_s, now + _LOCKING_S)
            except (KeyError, TypeError, ValueError):
                continue
        self.look()

    @property
    def crawls(self) -> dict[str, Orphan]:
        """Give the crawls among them, by series: these take the room of others."""
        return {name: one for name, one in self.orphans.items() if name != UPLOAD}

    @property
    def upload(self) -> Orphan | None:
        """Give the upload among them."""
        return self.orphans.get(UPLOAD)

    def look(self) -> None:
        """Forget those that have ended; end those whose time is up."""
        for name, orphan in list(self.orphans.items()):
            if not self._holds(name, orphan):
                if time.monotonic() > orphan.locking or not _lives(orphan.pid):
                    del self.orphans[name]
            elif orphan.told is not None and time.monotonic() > orphan.told + KILL_AFTER_S:
                _signal(orphan.pid, signal.SIGKILL)
            elif orphan.told is None and time.monotonic() > orphan.deadline:
                self._tell(orphan)

    def stop(self) -> None:
        """Tell all of them to end."""
        for orphan in self.orphans.values():
            if orphan.told is None:
                self._tell(orphan)

    def _holds(self, name: str, orphan: Orphan) -> bool:
        return self._home.running(name) and self._home.holder(name).get("pid") == orphan.pid

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
