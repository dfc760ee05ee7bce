"""Try again what may pass, with waits that grow and differ; keep below a bandwidth; stop at once when told.

Takes   a clock, so that no test waits.
Gives   Patience, which makes one call until it succeeds or has failed too often; Bandwidth, and Paced, a body that keeps to it.
Writes  nothing.

Source of the waits: full jitter, M. Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015: a random time
between nothing and a bound that doubles.
"""

from __future__ import annotations

import io
import random
import threading
import time
from collections.abc import Callable
from typing import Any, Protocol, TypeVar

from ..errors import StoreError

T = TypeVar("T")

TRIES = 8  # with 30 in 100 requests failing, 7 of 100,000 calls fail eight times in a row
FIRST_BOUND_S = 0.2
LAST_BOUND_S = 20.0  # eight tries wait at most 25 s, half of it on the average


class Stopped(Exception):  # noqa: N818  no error: a person wants it
    """The work is to end now."""


class Clock(Protocol):
    """Time, as far as waiting needs it."""

    def now(self) -> float:
        """Give seconds that only rise."""

    def wait(self, seconds: float) -> None:
        """Wait. Raises Stopped where stop() was called."""

    def stop(self) -> None:
        """End all waiting, for good."""


class RealClock:
    """The clock of this machine; stop() wakes whoever waits."""

    def __init__(self) -> None:
        self._stopped = threading.Event()

    def now(self) -> float:
        """Give seconds that only rise."""
        return time.monotonic()

    def wait(self, seconds: float) -> None:
        """Wait. Raises Stopped where stop() was called."""
        if self._stopped.wait(max(seconds, 0)):
            raise Stopped

    def stop(self) -> None:
        """End all waiting, for good."""
        self._stopped.set()


class Patience:
    """How often a call is tried, and how long is waited between."""

    def __init__(self, clock: Clock, *, tries: int = TRIES, chance: random.Random | None = None) -> None:
        self.clock, self.tries = clock, tries
        self._chance = chance or random.Random()  # noqa: S311  waits need no secrecy

    def call(self, deed: Callable[[], T], tries: int | None = None) -> T:
        """Do it. Raises the last StoreError where it failed too often, or one that does not pass; Stopped."""
        tries = tries or self.tries
        for attempt in range(tries):
            try:
                self.clock.wait(0)
                return deed()
            except StoreError as error:
                if not error.passing or attempt + 1 == tries:
                    raise
                self.rest(attempt)
        raise AssertionError("a patience without tries")

    def rest(self, attempt: int) -> None:
        """Wait before the try behind `attempt` (0 for the first). Raises Stopped."""
        self.clock.wait(self._chance.uniform(0, min(LAST_BOUND_S, FIRST_BOUND_S * 2**attempt)))


class Bandwidth:
    """Bytes a second, over all threads together; None: as fast as it goes. passed: bytes that went until now."""

    def __init__(self, clock: Clock, bytes_per_s: float | None = None) -> None:
        self.clock, self._rate = clock, bytes_per_s
        self._lock, self._free, self.passed = threading.Lock(), 0.0, 0

    @property
    def limited(self) -> bool:
        """Say whether there is a limit."""
        return self._rate is not None

    def take(self, size: int) -> None:
        """Wait until that many bytes may go. Raises Stopped."""
        with self._lock:
            self.passed += size
            now = self.clock.now()
            begin = max(now, self._free)
            if self._rate is not None:
                self._free = begin + size / self._rate
        self.clock.wait(begin - now)


class Paced(io.BytesIO):
    """Bytes that go no faster than allowed, once they are sent: before, they are read to be signed."""

    _BLOCK = 16 << 10

    def __init__(self, data: bytes | memoryview, bandwidth: Bandwidth) -> None:
        super().__init__(data)
        self._bandwidth, self.sending = bandwidth, False

    def read(self, size: int | None = -1, /) -> bytes:
        """Give the next bytes."""
        if not self.sending:
            return super().read(size)
        piece = super().read(self._BLOCK if size is None or size < 0 else min(size, self._BLOCK))
        self._bandwidth.take(len(piece))
        return piece


def release(body: Any) -> None:
    """Let the body of a request know that it is sent from now on; one that is not paced needs no word."""
    if isinstance(body, Paced):
        body.sending = True
