"""What a site asks of its visitors: robots.txt, a pace, and how long to wait before asking again.

Takes   status and body of robots.txt, counts of attempts.
Gives   a Policy, seconds, yes or no.
Writes  nothing.
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import urlsplit

from protego import Protego

from .budget import HostBudget

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

ROBOTS_MAX_BYTES = 500 * 1024  # a crawler must read at least so much (RFC 9309, 2.5); more is cut
ROBOTS_MAX_AGE_S = 24 * 3600.0  # a copy should not be used longer (RFC 9309, 2.4)
CRAWL_DELAY_CAP_S = 300.0  # a larger one would stop a series as surely as Disallow, without saying so
TOO_MANY = 429  # it speaks of all that we ask (RFC 6585, 4); the Retry-After of another status, of that address
TOO_MANY_PAUSE_S = 0.25  # the least that `backoff` gives, so that the first word of the crawl is never too late
RETRIED_REASONS = frozenset({"dns", "connect", "timeout", "http-5xx"})
RETRIED_STATUSES = frozenset({408, 425, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524})


class Policy:
    """What robots.txt of one origin allows. Made by parse_robots."""

    __slots__ = ("_all", "_rules")

    def __init__(self, rules: Protego | None, *, otherwise: bool) -> None:
        self._rules, self._all = rules, otherwise

    def allows(self, url: str, user_agent: str) -> bool:
        """Tell whether an address may be fetched; /robots.txt itself always may (RFC 9309, 2.2.2)."""
        if self._rules is None:
            return self._all or urlsplit(url).path == "/robots.txt"
        return urlsplit(url).path == "/robots.txt" or bool(self._rules.can_fetch(url, product_token(user_agent)))

    def crawl_delay(self, user_agent: str) -> float | None:
        """Return the seconds that the site wants between two requests, at most CRAWL_DELAY_CAP_S; None where it does not say."""
        told = self._rules.crawl_delay(product_token(user_agent)) if self._rules is not None else None
        if told is None or not 0 <= told < float("inf"):  # also false for nan
            return None
        return min(float(told), CRAWL_DELAY_CAP_S)


def product_token(user_agent: str) -> str:
    """Return what a group of robots.txt names us by: letters, _ and - at the front (RFC 9309, 2.2.1).

    >>> product_token("lianzai/0.1 (+https://example.org/contact)")
    'lianzai'
    """
    end = 0
    while end < len(user_agent) and (
        user_agent[end].isascii() and (user_agent[end].isalpha() or user_agent[end] in "_-")
    ):
        end += 1
    return user_agent[:end] or user_agent


def unreachable(status: int | None) -> bool:
    """Tell whether robots.txt could not be had: no answer, 5xx (RFC 9309, 2.3.1.4), or a status that is none.

    What is outside of 100 to 599, 0 for an answer that is no HTTP, is to be treated as 5xx (RFC 9110, 15); a final 1xx is no
    answer either.
    """
    return status is None or not 200 <= status < 500


def parse_robots(status: int | None, body: bytes) -> Policy:
    """Read the answer to /robots.txt, redirects already followed.

    status: HTTP status, None where no answer came. body: content coding removed; only 500 KiB are read, a line cut there
    is left out. Bytes that are no UTF-8 become U+FFFD and so match no address.
    2xx: its rules. 4xx: all is allowed. What is unreachable: nothing is (RFC 9309, 2.3.1). A redirect
    that leads nowhere counts as 4xx (2.3.1.2).
    """
    if status is None or unreachable(status):
        return Policy(None, otherwise=False)
    if status >= 300:
        return Policy(None, otherwise=True)
    if len(body) > ROBOTS_MAX_BYTES:
        body = body[:ROBOTS_MAX_BYTES]
        body = body[: max(body.rfind(b"\n"), body.rfind(b"\r")) + 1]
    return Policy(Protego.parse(body.decode("utf-8-sig", errors="replace")), otherwise=True)


class Robots:
    """The policies of the origins that a run meets, each kept for a day at most."""

    def __init__(self, clock: Callable[[], float]) -> None:
        """clock: seconds, monotonic."""
        self._clock = clock
        self._kept: dict[str, tuple[float, Policy]] = {}

    @staticmethod
    def address(url: str) -> str:
        """Return the address of the robots.txt that rules an address: of its scheme, host and port (RFC 9309, 2.3)."""
        parts = urlsplit(url)
        return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}/robots.txt"

    def get(self, url: str) -> Policy | None:
        """Return the policy for an address, None where it must be fetched (again)."""
        kept = self._kept.get(self.address(url))
        if kept is None or self._clock() - kept[0] > ROBOTS_MAX_AGE_S:
            return None
        return kept[1]

    def put(self, url: str, policy: Policy) -> None:
        """Keep the policy for the origin of an address."""
        self._kept[self.address(url)] = (self._clock(), policy)


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
    """Lets requests to one host through: so many at once, so far apart, in the order they came.

    Scrapy 2.19 counts a request as under way only when its task has started, so several that are queued in one turn of
    the loop all pass its limit (16 seen at a limit of 3); and it counts the delay from its queue, before looking up the
    name and connecting. The promise to the host is kept here, next to the wire.
    """

    def __init__(self, shared: HostBudget | None = None) -> None:
        """shared: what other processes ask of the host counts as well."""
        self.shared = shared
        self.closed = asyncio.Event()  # set where nothing more is asked of the host in this process
        self.under_way = 0
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._last_sent = float("-inf")

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

    def wait_s(self, delay_s: float, now: float) -> float:
        """Return the seconds until a request may be sent, and count it as sent then. now: monotonic s."""
        at = max(now, self._last_sent + delay_s)
        if self.shared is not None:
            at = max(at, now + self.shared.sending_s(delay_s))
        self._last_sent = at
        return at - now

    def heard(self, status: int, now: float) -> None:
        """Note an answer: behind a 429 nothing is sent until the crawl has heard it, and says for how long. now: monotonic s."""
        if status == TOO_MANY:
            self._last_sent = max(self._last_sent, now + TOO_MANY_PAUSE_S)


_gates: dict[str, HostGate] = {}  # by host; http and https of the one crawl of a process share them


def gate_of(host: str, shared: Path | None = None) -> HostGate:
    """Give the gate of a host, one a process. shared: folder of the budgets that crawls of the home share, for a new one."""
    if host not in _gates:
        _gates[host] = HostGate(HostBudget(shared, host) if shared else None)
    return _gates[host]


def slow_host(downloader: Any, host: str, delay_s: float, concurrency: int | None = None) -> None:
    """Set delay and concurrency of one host for the rest of a crawl (Crawl-delay, 429).

    downloader: Scrapy's, `crawler.engine.downloader`. It forgets a host that was idle for a minute, so the values are
    also left where it looks for those of a new one.
    """
    limits: dict[Literal["delay", "concurrency"], float] = {"delay": delay_s}
    if concurrency is not None:
        limits["concurrency"] = concurrency
    downloader.per_slot_settings.setdefault(host, {}).update(limits)
    slot = downloader.slots.get(host)
    if slot is not None:
        slot.delay = delay_s
        slot.concurrency = concurrency if concurrency is not None else slot.concurrency
