"""Whether the wall clock was set: it is held against the clock that nobody can set.

Takes   two clocks. Gives: by how many seconds the first was set since it was looked at last.
Writes  nothing.

Looked at each second, a clock that runs a little fast or is slewed by NTP (at most 0.5 ms a second) never counts as set. A
machine that slept counts as one whose clock was set forward: the steady clock of Linux stands still in that time.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime

TOLERANCE_S = 2.0  # between two looks; less than the minute of a cron line, more than a late turn of the loop


class Clock:
    """The time of the service."""

    def __init__(self, wall: Callable[[], float] = time.time, steady: Callable[[], float] = time.monotonic) -> None:
        """wall: seconds since 1970. steady: seconds, monotonic."""
        self._wall, self._steady = wall, steady
        self._seen = wall() - steady()

    def now(self) -> datetime:
        """Give the wall clock's time, in UTC."""
        return datetime.fromtimestamp(self._wall(), UTC)

    def steady(self) -> float:
        """Give the seconds of the steady clock."""
        return self._steady()

    def jumped(self) -> float:
        """Tell by how many seconds the wall clock was set since the last call: negative back, 0 where it was not."""
        difference = self._wall() - self._steady()
        change, self._seen = difference - self._seen, difference
        return change if abs(change) > TOLERANCE_S else 0.0
