"""The pace of a host: who may ask it now, how long to wait before asking again, and what is never asked again.

Takes   counts of attempts, statuses and reasons.
Gives   a gate for each host, seconds, yes or no.
Writes  nothing itself; the gates' budgets do.
"""

from __future__ import annotations

import asyncio
from collections import deque
from contextlib import asynccontextmanager, nullcontext
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from .budget import HostBudget, Waits

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

TOO_MANY = 429  # it speaks of all that we ask (RFC 6585, 4); the Retry-After of another status, of that address
TOO_BUSY = 503  # it cannot just now (RFC 9110, 15.6.4)
TOO_MANY_PAUSE_S = 0.25  # the least that `backoff` gives, so that the first word of the crawl is never too late
RETRIED_REASONS = frozenset({"dns", "connect", "timeout", "http-5xx"})
RETRIED_STATUSES = frozenset({408, 425, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524})


def backoff(attempt: int, *, jitter: Callable[[], float], base: float = 0.5, cap: float = 60.0) -> float:
    """Return the seconds to wait before a further attempt.

    attempt: 0 before the first repetition. jitter: gives 0 to 1, as random.random. The wait doubles with each attempt up to
    `cap`; half of it is fixed and half by chance, so that many crawls do not come back at the same moment.
    """
    whole = min(cap, base * 2.0 ** min(attempt, 63))
    return whole / 2 + whole / 2 * jitter()


def worth_retrying(failure: str | int) -> bool:
    """Tell whether asking again can help: a reason of FetchFailed, or an HTTP status.

    A certificate, an address that is not allowed or a body that is too long will be the same next time.
    """
    return failure in (RETRIED_STATUSES if isinstance(failure, int) else RETRIED_REASONS)


class HostGate:
    """Lets requests to one host, or to one address, through: so many at once, so far apart, in the order they came.

    Scrapy 2.19 counts a request as under way only when its task has started, so several that are queued in one turn of
    the loop all pass its limit (16 seen at a limit of 3); and it counts the delay from its queue, before looking up the
    name and connecting. The promise to the host is kept here, next to the wire.
    """

    def __init__(self, budget: HostBudget) -> None:
        """budget: what other processes ask of the host counts as well."""
        self.budget = budget
        self.closed = asyncio.Event()  # set where nothing more is asked of the host in this process
        self.crawl_delay_s = 0.0  # as its robots.txt wants it
        self.under_way = 0
        self._waiting: deque[asyncio.Future[None]] = deque()

    @asynccontextmanager
    async def passed(self, limit: int, delay_s: float, halt: asyncio.Event, waits: Waits) -> AsyncIterator[None]:
        """Be one of `limit` under way, from a turn on that is `delay_s` after the last one. halt, waits: as HostBudget's."""
        await self.enter(limit)
        try:
            async with nullcontext() if self.closed.is_set() else self.budget.admitted(limit, delay_s, halt, waits):
                yield
        finally:
            self.leave()

    async def enter(self, limit: int) -> None:
        """Wait until fewer than `limit` are under way, and become one of them."""
        while self.under_way >= limit:
            turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._waiting.append(turn)
            await turn
        self.under_way += 1

    def leave(self) -> None:
        """Make room for the next."""
        self.under_way -= 1
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                return

    def heard(self, status: int) -> None:
        """Note an answer: behind a 429 nothing is sent until the crawl has heard it, and says for how long."""
        if status == TOO_MANY:
            self.budget.hold(TOO_MANY_PAUSE_S)


_gates: dict[str, HostGate] = {}  # by host or address; http and https of the one crawl of a process share them


def gate_of(host: str, shared: Path | None = None) -> HostGate:
    """Give the gate of a host, one a process. shared: folder of the budgets that crawls of the home share, for a new one."""
    if host not in _gates:
        _gates[host] = HostGate(HostBudget(shared, host))
    return _gates[host]


def name_of(url: str) -> str:
    """Give the name of a host, by which its pace is kept.

    >>> name_of("http://News.example.:8080/a")
    'news.example'
    """
    return (urlsplit(url).hostname or "").rstrip(".")
