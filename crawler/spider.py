"""The one spider: walks a series, politely, and hands every exchange to the recorder before anything else.

Takes   a Plan: profile, frontier, recorder. Gives requests to Scrapy in the order of need.
Writes  nothing itself.

Of Scrapy it uses engine, queue, pace and connections. What decides what a series is (redirects, retries, robots.txt,
conditions, limits) stands here and in the frontier, for each of it is an exchange to be kept.
"""

from __future__ import annotations

import asyncio
import heapq
import logging
import random
from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import dataclass, replace
from operator import itemgetter
from time import monotonic
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import urlsplit

from scrapy import Request, Spider, signals
from scrapy.exceptions import DontCloseSpider

from archive.events import emit
from archive.http import decode_payload, header, parse_response
from archive.model import Reason, Redirected, Statement

from .budget import TOLD_S
from .capture import FetchFailed, WireResponse, abandon_fetches
from .frontier import PRIORITY, Frontier, Order
from .hosts import Hosts, Pace
from .names import slot_of
from .politeness import backoff, name_of, worth_retrying
from .recorder import Recorder
from .request import Headers
from .robots import ROBOTS_BEGUN, ROBOTS_MAX_BYTES, Robots, Waiting, unreachable

if TYPE_CHECKING:
    from pathlib import Path

    from scrapy.crawler import Crawler
    from twisted.python.failure import Failure

    from archive.fold import SeriesState
    from archive.octets import Octets

    from .profile import Profile
    from .scope import Scope

log = logging.getLogger(__name__)

_WINDOW = 64  # requests handed to Scrapy at once; the rest waits here, where a limit can still drop it
_ROBOTS_HOPS = 5  # RFC 9309, 2.3.1.2


class Progress(Protocol):
    """Someone who is told how far the run is."""

    def fetched(self, url: str, *, done: int, waiting: int, received_bytes: int) -> None:
        """An address was answered. waiting: orders known and not yet done."""

    def waits(self, host: str, seconds: float | None) -> None:
        """Nothing goes on for so many seconds, as a host wants it; None: as others of the home ask it, not known how long."""


@dataclass(slots=True)
class Plan:
    """All that a spider needs for one run. hosts: folder of the budgets of the home. halted: it was told to stop already."""

    profile: Profile
    scope: Scope
    state: SeriesState
    frontier: Frontier
    recorder: Recorder
    headers: Headers
    progress: Progress | None = None
    hosts: Path | None = None
    halted: Callable[[], bool] = lambda: False


class SeriesSpider(Spider):
    """Fetches one series."""

    name: str = "lianzai"

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> SeriesSpider:
        spider = super().from_crawler(crawler, *args, **kwargs)
        crawler.signals.connect(spider.idle, signal=signals.spider_idle)
        return spider

    def __init__(self, plan: Plan, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.plan = plan
        self.hosts, self.spool = plan.hosts, plan.recorder.folder  # read by the download handler, as the next
        self.by_address = plan.profile.fetch.pace == "address"
        self.requests = 0
        self.done = 0
        self.outcome: str | None = None  # why the run ended early
        self.error: BaseException | None = None
        self._waiting: list[tuple[int, int, Order]] = []
        self._tick = 0
        self._out: dict[str, Order] = {}  # orders with Scrapy, by address
        self._later: dict[str, Order] = {}  # orders that wait for their time
        self._wakes: dict[str, float] = {}  # when that is, on the steady clock
        self._robots = Robots(folder=plan.hosts)
        self._parked: Waiting[Order] = Waiting(self._robots)
        self._hosts = Hosts()
        self._pace = Pace(self._hosts, plan.profile.fetch.delay, plan.hosts)

    # ------------------------------------------------------------------------------------------ Scrapy's side

    async def start(self) -> AsyncIterator[Request]:
        """Give the first requests."""
        limit_s = self.plan.profile.fetch.max_seconds
        asyncio.get_running_loop().call_later(limit_s, self.stop, "limit")
        if self.plan.halted():
            self.outcome = "stopped"
            return
        self._enqueue(self.plan.frontier.start())
        for request in self._feed():
            yield request

    def closed(self, reason: str) -> None:
        """Name what a limit left with Scrapy: an engine that closes drops its queue without a word."""
        if reason == "limit":
            self._skip(self._out.values())

    def idle(self) -> None:
        """Stay while an order waits for its time."""
        if self._later and self.outcome is None:
            raise DontCloseSpider

    def waits(self, host: str, seconds: float | None) -> None:
        """Tell of a long wait for a host, where nothing else is to come. Called by the download handler too."""
        if self.plan.progress is not None:
            self.plan.progress.waits(host, seconds)

    def allows_address(self, ip: str, host: str, port: int) -> bool:
        """Tell the download handler whether it may connect to an address that a name resolved to."""
        return self.plan.scope.allows_address(ip, host, port)

    def parse(self, response: WireResponse, **_: Any) -> list[Request]:  # type: ignore[override]
        """Take a whole answer."""
        order: Order = response.meta["order"]
        self._out.pop(order.url, None)
        return self._guarded(lambda: self._answered(order, response.exchange.url, response))

    def failed(self, failure: Failure) -> list[Request]:
        """Take a failure, or an answer that is not whole."""
        order: Order = failure.request.meta["order"]  # type: ignore[attr-defined]
        error = failure.value
        if self.outcome is not None:
            return []  # what a limit left undone is named when the spider closes
        self._out.pop(order.url, None)
        if not isinstance(error, FetchFailed):
            self._end_with(error or RuntimeError(str(failure)))
            return []
        return self._guarded(lambda: self._broken(order, error))

    def _guarded(self, step: Any) -> list[Request]:
        """Run a step; a failed disk or ledger, and a bug, stop the run instead of a line in a log.

        An answer that came whole before a run was stopped is kept all the same, and nothing follows from it.
        """
        if self.outcome == "failed":
            return []
        try:
            step()
        except Exception as error:  # noqa: BLE001 - Scrapy would swallow it; raised again by the run
            self._end_with(error)
            return []
        requests = self._feed()
        self._tell_sleep()
        return requests

    def _tell_sleep(self) -> None:
        """Tell where nothing is to come before an order that waits for its time."""
        if self._wakes and not self._out:
            url, at = min(self._wakes.items(), key=itemgetter(1))
            if (wait_s := at - monotonic()) >= TOLD_S:
                self.waits(name_of(url), wait_s)

    def _end_with(self, error: BaseException) -> None:
        self.error = self.error or error
        self.stop("failed")

    def stop(self, outcome: str) -> None:
        """End the run early: what is under way is dropped, what was fetched is kept."""
        if self.outcome is not None:
            return
        self.outcome = outcome
        if outcome == "limit":
            self._skip((*(order for _, _, order in self._waiting), *self._later.values(), *self._parked.all()))
        self._waiting.clear()
        if outcome != "failed":
            emit(log, logging.INFO, "run.stopped", outcome=outcome)
        abandon_fetches(self.crawler)
        engine = self.crawler.engine
        if engine is not None and engine.spider is not None:
            self._closing = asyncio.ensure_future(engine.close_spider_async(reason=outcome))

    def _skip(self, orders: Iterable[Order]) -> None:
        """Note what a limit of the run leaves undone."""
        for order in orders:
            self.plan.frontier.leave(order, "limit")

    # -------------------------------------------------------------------------------------------------- queue

    def _enqueue(self, orders: Iterable[Order]) -> None:
        for order in orders:
            self._tick += 1
            heapq.heappush(self._waiting, (-PRIORITY[order.role], self._tick, order))

    def _feed(self) -> list[Request]:
        """Turn waiting orders into requests, as many as the window takes."""
        requests: list[Request] = []
        # Before the first answer no more than go out at once: the rest is not asked for where the site is down.
        window = _WINDOW if self._hosts.alive else self.plan.profile.fetch.concurrency
        while self._waiting and len(self._out) < window and self.outcome is None:
            order = heapq.heappop(self._waiting)[2]
            if order.role != "other" and not self._allowed_by_robots(order):
                continue
            if self._hosts.dead(order.url):
                if order.role == "other":
                    self._robots_known(order, None, b"")
                times = self._hosts.failures[urlsplit(order.url).netloc]
                self._fail(order, "connect", f"{urlsplit(order.url).netloc} did not answer {times} times in a row")
                continue
            if self._hosts.is_closed(order.url):
                self._left_alone(order)
                continue
            if self.requests >= self.plan.profile.fetch.max_requests:
                self._skip(self._parked.given_up(order.url) if order.role == "other" else [order])
                continue
            self.requests += 1
            self._out[order.url] = order
            requests.append(self._request(order))
        return requests

    def _request(self, order: Order) -> Request:
        address = self.plan.state.address(order.url)
        sent = self.plan.headers.request(order.url, address if order.conditional else None)
        meta = {
            "order": order,
            "wire_url": sent.url,
            "wire_headers": sent.headers,
            "wire_secrets": self.plan.headers.secret,
            "download_slot": slot_of(name_of(sent.url)) if self.by_address else name_of(sent.url),
        }
        if self.plan.profile.fetch.proxy:
            meta["proxy"] = self.plan.profile.fetch.proxy
        parse: Any = self.parse  # Scrapy's types know its own Response only
        return Request(sent.url, parse, sent.method, body=sent.body, errback=self.failed, meta=meta, dont_filter=True)

    def _postpone(self, order: Order, delay_s: float) -> None:
        emit(log, logging.WARNING, "fetch.retried", url=order.url, attempt=order.attempt, delay_s=round(delay_s, 2))
        self._later[order.url], self._wakes[order.url] = order, monotonic() + delay_s
        asyncio.get_running_loop().call_later(delay_s, self._due, order)

    def _due(self, order: Order) -> None:
        self._later.pop(order.url, None)
        self._wakes.pop(order.url, None)
        engine = self.crawler.engine
        if self.outcome is not None or engine is None:
            return
        self._enqueue([order])
        for request in self._feed():
            engine.crawl(request)

    # ------------------------------------------------------------------------------------------------ answers

    def _answered(self, order: Order, url: str, response: WireResponse) -> None:
        self._hosts.answered(url)
        exchange = response.exchange
        _, statement = self.plan.recorder.keep(exchange, self.plan.state.address(url))
        self.done += 1
        if self.outcome is not None:
            self._skip(self.plan.frontier.after(order, statement) if self.outcome == "limit" else [])
            return
        if order.role == "other":
            self._robots_answered(order, exchange.response)
        else:
            self._next(order, statement, response.status, exchange.response)
        self._tell(order)

    def _next(self, order: Order, statement: Statement | None, status: int, raw: Octets) -> None:
        if order.role != "requisite":
            self._pace.met(order.url, status, statement, self.plan.state.articles.get(order.article or ""))
        if worth_retrying(status) and self._again(order, status, raw):
            return
        to = statement.location if isinstance(statement, Redirected) else None
        if to and self.plan.headers.lets_in(order.url, raw, to, order.via):
            self._enqueue([replace(order, url=to, via=(*order.via, order.url), conditional=False)])
            return
        self._enqueue(self.plan.frontier.after(order, statement))
        if why := self.plan.frontier.astray(order, statement):
            self._fail(order, "not-an-article" if order.role in ("page", "detail") else "source", why)
        if self.plan.recorder.bytes > self.plan.profile.fetch.max_bytes:
            self.stop("limit")

    def _again(self, order: Order, status: int, raw: Octets) -> bool:
        """Ask again later, as the answer wants it; False where nothing is to be asked again in this run."""
        again = self.plan.frontier.again(order)
        pause_s = self._pace.pause_s(order.url, status, raw, order.attempt, closes=order.role != "other")
        if again is None or pause_s is None or self._hosts.is_closed(order.url):
            return False
        self._postpone(again, pause_s)
        return True

    def _left_alone(self, order: Order) -> None:
        """Leave an order to a later run, or what waits for it; one that was tried has failed already."""
        self._skip(self._parked.given_up(order.url) if order.role == "other" else [order] if order.attempt == 0 else [])

    def _broken(self, order: Order, error: FetchFailed) -> None:
        if error.reason == "limit" and error.exchange is None:  # it was never sent
            self.requests -= 1
            self._left_alone(order)
            return
        self.done += 1
        emit(log, logging.WARNING, "fetch.failed", url=order.url, reason=error.reason, detail=error.detail)
        if error.exchange is None and error.reason in ("connect", "dns", "timeout"):
            self._hosts.failed(order.url)
        if error.exchange is not None:
            self.plan.recorder.keep(error.exchange, self.plan.state.address(order.url))
        if error.reason == "private":
            # A robots.txt that may not be asked for speaks for all that waits for it.
            for one in self._parked.given_up(order.url) if order.role == "other" else [order]:
                self.plan.frontier.bar(one, "private")
            return
        again = self.plan.frontier.again(order) if worth_retrying(error.reason) and not error.lasting else None
        if again is not None and not self._hosts.dead(order.url):
            self._postpone(again, backoff(order.attempt, jitter=random.random))
            return
        if order.role == "other":
            self._robots_known(order, None, b"", error.reason)
        if error.exchange is None:
            self._fail(order, error.reason, error.detail)

    def _fail(self, order: Order, reason: Reason, detail: str) -> None:
        self.plan.recorder.failed(order.url, reason, detail)
        self._tell(order)

    def _tell(self, order: Order) -> None:
        if self.plan.progress is not None:
            waiting = len(self._waiting) + len(self._out) + len(self._later)
            received = self.plan.recorder.bytes
            self.plan.progress.fetched(order.url, done=self.done, waiting=waiting, received_bytes=received)

    # ------------------------------------------------------------------------------------------------- robots

    def _allowed_by_robots(self, order: Order) -> bool:
        """Tell whether an order may go now; without the host's robots.txt it is parked and that is asked for first."""
        fetch = self.plan.profile.fetch
        if fetch.robots == "ignore":
            return True
        policy = self._robots.get(order.url)
        if policy is None:
            if (address := self._parked.park(order, order.url)) is not None:
                self._enqueue([Order(address, "other")])
            return False
        self._pace.heed(order.url, policy, fetch.user_agent)
        if not policy.allows(order.url, fetch.user_agent):
            self.plan.frontier.leave(order, "robots")
            return False
        return True

    def _robots_answered(self, order: Order, raw: Octets) -> None:
        response = parse_response(raw[:ROBOTS_BEGUN])
        if worth_retrying(response.status) and self._again(order, response.status, raw):
            return
        location = header(response, "Location")
        if 300 <= response.status < 400 and location and len(order.via) < _ROBOTS_HOPS:
            target = self.plan.frontier.within_scope(location, order.url)
            way = (*order.via, order.url)
            if target is not None and target not in way:
                is_new, known = self._parked.moved(order.url, target)
                self._enqueue([*known, *([replace(order, url=target, via=way, attempt=0)] if is_new else [])])
                return
        self._robots_known(order, response.status, decode_payload(response, limit=ROBOTS_MAX_BYTES + 1).body)

    def _robots_known(self, order: Order, status: int | None, body: bytes, why: Reason = "connect") -> None:
        """Let what waits for a robots.txt go, or fail. why: the reason where it was not answered."""
        parked = self._parked.answered(order.url, status, body)
        if not unreachable(status):
            self._enqueue(parked)
            return
        # Nothing may be fetched then (RFC 9309, 2.3.1.4); a failure of the site, not a wish of it.
        said = f"HTTP {status}" if status else "what is no HTTP"
        what = "does not answer, not even for robots.txt" if status is None else f"answers {said} for robots.txt"
        for waiting in parked:
            self._fail(waiting, "http-5xx" if status else why, f"{urlsplit(waiting.url).netloc} {what}")
