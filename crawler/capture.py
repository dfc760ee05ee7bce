"""Fetch with Scrapy and Twisted, and keep the exact bytes of both directions.

Takes   a Scrapy request: method, url, headers, body and a few keys of `meta` (see WireHandler).
Gives   a WireResponse that carries an archive.model.Exchange, or raises FetchFailed with its reason and the partial
        exchange where a byte of a response came.
Writes  nothing that stays: of a response that is too long to be held, a file without a name in the spider's folder `spool`.

The request is composed here as bytes and written in one piece; what Twisted's connection receives is kept before
its parser sees it. Above TLS and within a proxy's tunnel that is the plain HTTP of the site. Twisted keeps one request
at a time on a connection, so the bytes between two requests belong to one response.
Leans on private names of Scrapy 2.19 and Twisted 26.10 (parser, tunnel, pool), hence the narrow pins.
"""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from scrapy.core.downloader.contextfactory import _load_context_factory_from_settings
from scrapy.core.downloader.handlers.base import BaseDownloadHandler
from scrapy.http import Headers, Response
from scrapy.utils.httpobj import urlparse_cached
from twisted.internet.error import ConnectionDone
from twisted.internet.task import deferLater
from twisted.web.client import ResponseDone
from twisted.web.http import PotentialDataLoss

from archive.errors import DiskError
from archive.model import Exchange, Reason, Truncation
from archive.octets import Spool, stretch

from .connection import Pool, Proxy, Route, explain
from .heads import BEGUN_BYTES, final_head, head_end, header_lines
from .names import addresses_of, first_of, is_nowhere, is_stand_in
from .politeness import HostGate, gate_of, name_of
from .request import asked_address, compose
from .wire import Clock, write_now

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from scrapy import Request
    from scrapy.crawler import Crawler
    from twisted.internet.defer import Deferred
    from twisted.python.failure import Failure

MAX_HEAD_BYTES = 1 << 20  # of one response, interim heads included; browsers stop at 256 KiB
FRAMING_BYTES = 256 << 10  # what chunk framing may add to a body beyond half of it
BEHIND_PROXY_S = 5.0  # for a look-up whose answer is no condition
STOPPED = "the run was stopped"


class FetchFailed(Exception):  # noqa: N818 - the name says what happened, as Scrapy's errback reads it
    """An address did not give a whole response.

    reason: as in the report. detail: one plain line. exchange: what came of the response, with `truncated` set, or None
    where not a byte of it came. lasting: asking again in this run is in vain, whatever others of this reason are.
    """

    def __init__(self, reason: Reason, detail: str, exchange: Exchange | None = None, *, lasting: bool = False) -> None:
        super().__init__(f"{reason}: {detail}")
        self.lasting = lasting
        self.reason: Reason = reason
        self.detail = detail
        self.exchange = exchange


class WireResponse(Response):
    """A response whose truth is its `exchange`; the body of Scrapy's own is empty, its headers are read on demand."""

    __slots__ = ("exchange",)

    def __init__(self, url: str, status: int, exchange: Exchange) -> None:
        super().__init__(url, status)
        self.exchange = exchange

    @property
    def headers(self) -> Headers:
        if self._headers is None:
            self._headers = Headers(header_lines(self.exchange.response))
        return self._headers

    @headers.setter
    def headers(self, value: Any) -> None:
        self._headers = Headers(value)


class _Fetch:
    """One request on its way: to Twisted's connection it is the request, to the response it is the reader of the body."""

    bodyProducer = None  # noqa: N815 - read by Twisted; our request is written in one piece

    def __init__(self, request: Request, route: Route, timeout_s: float, max_body: int, spool: Path | None) -> None:
        self.url = asked_address(request)
        self.method = request.method.encode("ascii")
        self.sent, self.kept = compose(request, route)
        self.persistent = True
        self.ip: str | None = None
        self.fetched = datetime.now(UTC)
        self.surplus = 0  # bytes that came behind the response and are none of it
        self.lost: Failure | None = None
        self.connecting: Deferred[Any] | None = None
        self.clock = Clock(timeout_s, self._time_out)
        self._route, self._max_body = route, max_body
        self.done: asyncio.Future[WireResponse] = asyncio.get_running_loop().create_future()
        self._received = Spool(spool)
        self._head_bytes = self._body_bytes = 0  # the head's with what came of the body together with its end
        self._answer: Any = None
        self._protocol: Any = None

    # ------------------------------------------------------------------------------- what a request is to Twisted

    def writeTo(self, transport: Any) -> Deferred[None]:  # noqa: N802 - Twisted's name
        from twisted.internet.defer import succeed

        self.fetched = datetime.now(UTC)
        write_now(transport, self.sent)
        return succeed(None)

    def stopWriting(self) -> None:  # noqa: N802 - Twisted's name
        """Nothing is left to stop: the request was written in one piece."""

    # ------------------------------------------------------------------------------- the course of an exchange

    def send(self, protocol: Any) -> float:
        """Write the request on a connection that is ready; where the fetch was given up meanwhile, put it away. Gives 0: done."""
        if self.done.done():
            protocol.transport.abortConnection()
            return 0.0
        self.clock.go()
        self._protocol = protocol
        if self._route.proxy is None:
            self.ip = protocol.transport.getPeer().host
        protocol.request(self).addCallback(self._headed).addErrback(self.fail)
        return 0.0

    def tap(self, data: bytes) -> None:
        """Keep a chunk as it came off the wire."""
        if self.done.done():
            return
        try:
            self._received.write(data)
        except OSError as error:
            self._end(self._refused(error))
            return
        if self._answer is None:
            if len(self._received) - len(data) > MAX_HEAD_BYTES:  # and the head was not at its end before this chunk
                self.cut("head")
        elif len(self._received) - len(data) - self._head_bytes > FRAMING_BYTES + self._body_bytes * 3 // 2:
            self.cut("framing")

    def _headed(self, answer: Any) -> None:
        self._answer, self._head_bytes = answer, len(self._received)
        if answer.length == 0:  # a protocol given to such a response would never be told of its end
            self._whole()
        else:
            answer.deliverBody(self)

    def makeConnection(self, transport: Any) -> None:  # noqa: N802 - Twisted's name
        """The body follows; its transport is not needed."""

    def dataReceived(self, data: bytes) -> None:  # noqa: N802 - Twisted's name
        """Count the body, transfer coding removed, and stop at the limit."""
        self._body_bytes += len(data)
        if self._body_bytes > self._max_body:
            self.cut("body")

    def connectionLost(self, reason: Failure) -> None:  # noqa: N802 - Twisted's name
        """The body ended: at its length, at the end of a connection that was its only end, or too early."""
        if isinstance(reason.value, ResponseDone) or (
            isinstance(reason.value, PotentialDataLoss) and self._closed_in_order()
        ):
            self._whole()
        else:
            self.fail(reason)

    def _closed_in_order(self) -> bool:
        # Many servers end TLS without a close_notify, and browsers take such a body; a reset of plain TCP is no end.
        return self._route.scheme == "https" or self.lost is None or isinstance(self.lost.value, ConnectionDone)

    # ------------------------------------------------------------------------------- how it ends

    def _whole(self) -> None:
        if not self.done.done():
            try:
                response = WireResponse(self.url, int(self._answer.code), self._exchange(None))
            except OSError as error:
                self._end(self._refused(error))
                return
            self.done.set_result(response)
            self._received.clear()

    def cut(self, part: str) -> None:
        """End a response that is longer than allowed."""
        most = {"body": f"{self._max_body} bytes", "framing": "half of what is in its chunks"}
        limit = most.get(part, "what a head may be")
        self.give_up("too-long", f"its {part} is longer than {limit}", "length")

    def give_up(self, reason: Reason, detail: str, truncated: Truncation) -> None:
        """End the fetch from our side, with what came so far."""
        if not self.done.done():
            self._end(self._failure(reason, detail, truncated))

    def _end(self, error: Exception) -> None:
        """End the fetch with an error, and its connection."""
        self.done.set_exception(error)
        self._received.clear()
        if self._protocol is not None:
            self._protocol.transport.abortConnection()
        elif self.connecting is not None:
            self.connecting.cancel()

    def _time_out(self, timeout_s: float) -> None:
        """End the fetch because its time is up."""
        doing = "connecting" if self._protocol is None else "waiting for the response"
        if self._received:
            doing = "receiving the response"
        self.give_up("timeout", f"{timeout_s:g} s passed while {doing}", "time")

    def fail(self, failure: Failure) -> None:
        """End the fetch because something on the way broke."""
        if self.done.done():
            return
        reason, detail, ours = explain(failure, answered=bool(self._received))
        lasting = reason == "dns" and is_nowhere(self._route.host)
        truncated: Truncation = "unspecified" if ours else "disconnect"
        self.done.set_exception(self._failure(reason, detail, truncated, lasting=lasting))
        self._received.clear()

    def _failure(
        self, reason: Reason, detail: str, truncated: Truncation, *, lasting: bool = False
    ) -> FetchFailed | DiskError:
        try:
            exchange = self._exchange(truncated)
        except OSError as error:
            return self._refused(error)
        return FetchFailed(reason, detail, exchange if exchange.response else None, lasting=lasting)

    def _refused(self, error: OSError) -> DiskError:
        return DiskError(
            f"{self.url}: its response cannot be put down: {error.strerror or error}", action="lianzai doctor"
        )

    def _exchange(self, truncated: Truncation | None) -> Exchange:
        raw = self._received.octets()
        begun = raw[:BEGUN_BYTES]
        start = final_head(begun) if begun.startswith((b"HTTP/1.1 1", b"HTTP/1.0 1")) else 0
        end = len(raw) - self.surplus
        if truncated == "length":
            end = min(end, start + min(head_end(begun[start:]), MAX_HEAD_BYTES) + self._max_body)
        if (start, end) != (0, len(raw)):
            raw = stretch(raw, start, end)
        return Exchange(self.url, self.kept, raw, self.fetched, self.ip, truncated)


class WireHandler(BaseDownloadHandler):
    """Scrapy's download handler for http and https.

    Settings: DOWNLOAD_TIMEOUT (s), DOWNLOAD_MAXSIZE (bytes of a body), CONCURRENT_REQUESTS_PER_DOMAIN.
    meta: wire_url, the address as it is asked, which scrapy.Request would escape further ([ ] | ^ ` { } of a query stay);
    download_timeout, download_maxsize; proxy, an URL with user and password where needed; wire_headers, pairs
    of bytes that are sent in this order and case instead of request.headers (which Scrapy brings to Title-Case);
    wire_secrets, a frozenset of lower-case header names in bytes that the kept request leaves out.
    The spider must have `allows_address(ip, host, port) -> bool`; it is asked for every address that a name resolves to
    before anything connects to it, so that nothing changes between check and use. A proxy, named by the profile, is not
    asked about; what a name behind it resolves to here is.
    """

    lazy = True

    def __init__(self, crawler: Crawler) -> None:
        from twisted.internet import reactor

        super().__init__(crawler)
        settings = crawler.settings
        self._crawler, self._reactor = crawler, reactor
        self._timeout_s = settings.getfloat("DOWNLOAD_TIMEOUT")
        self._max_body = settings.getint("DOWNLOAD_MAXSIZE")
        self._tls = _load_context_factory_from_settings(crawler)
        self._pool = Pool(reactor)  # type: ignore[no-untyped-call]
        self._pool.maxPersistentPerHost = settings.getint("CONCURRENT_REQUESTS_PER_DOMAIN")
        self._under_way: set[_Fetch] = set()
        self._unknown: set[str] = set()  # names that only the proxy knows
        self._halt = asyncio.Event()  # set when the run is told to stop
        if getattr(crawler.spider, "outcome", None) is not None:  # before there was a handler to be told
            self._halt.set()

    async def download_request(self, request: Request) -> WireResponse:
        """Fetch one address. Raises FetchFailed."""
        host = name_of(request.url)
        gate = gate_of(host, getattr(self._crawler.spider, "hosts", None))
        slot = self._crawler.engine.downloader.slots.get(request.meta.get("download_slot") or host)
        limit, delay_s = (slot.concurrency, slot.delay) if slot else (self._pool.maxPersistentPerHost, 0.0)
        delay_s = max(delay_s, gate.crawl_delay_s)
        waits = getattr(self._crawler.spider, "waits", lambda _host, _seconds: None)
        gates = [gate, *await self._gates_of_address(request, host)]
        async with AsyncExitStack() as passed:
            for one in gates:
                await passed.enter_async_context(one.passed(limit, delay_s, self._halt, waits))
            response = await self._fetch(request, gates, delay_s)
            gate.heard(response.status)
            return response

    async def _gates_of_address(self, request: Request, host: str) -> list[HostGate]:
        """Give the gate of the address that a host may share with others, where it has not its own name from that."""
        spider = self._crawler.spider
        if request.meta.get("proxy"):
            await self._look_behind_proxy(request)
        if request.meta.get("proxy") or not getattr(spider, "by_address", False):
            return []
        host_asked = urlparse_cached(request).hostname or ""
        address = first_of(await addresses_of(self._reactor, host_asked, self._timeout_s, self._halt) or [])
        return [gate_of(address, getattr(spider, "hosts", None))] if address and address != host else []

    async def _look_behind_proxy(self, request: Request) -> None:
        """Refuse a name that leads inside by our name server: the proxy looks it up for itself, and may stand in that network.

        Where there is no answer here, which is usual behind a proxy, or none that is of use, the proxy is trusted.
        """
        route = self._route(request, self._timeout_s)
        if route.host in self._unknown:
            return
        found = await addresses_of(self._reactor, route.host, BEHIND_PROXY_S, self._halt)
        inside = [ip for ip in found or () if not is_stand_in(ip) and not route.allows(ip, route.host, route.port)]
        if inside:
            raise FetchFailed("private", f"{route.host} is {', '.join(inside)}, which is not allowed")
        if not found:
            self._unknown.add(route.host)

    async def _fetch(self, request: Request, gates: list[HostGate], delay_s: float) -> WireResponse:
        if self._halt.is_set() or gates[0].closed.is_set():
            raise FetchFailed("limit", STOPPED)
        timeout_s = request.meta.get("download_timeout") or self._timeout_s
        route = self._route(request, timeout_s)
        max_body = request.meta.get("download_maxsize") or self._max_body
        spool = getattr(self._crawler.spider, "spool", None)
        fetch = _Fetch(request, route, timeout_s, max_body, spool)
        self._under_way.add(fetch)
        try:
            self._connect(fetch, route, gates, delay_s)
            return await fetch.done
        finally:
            fetch.clock.stop()
            self._under_way.discard(fetch)

    def _route(self, request: Request, timeout_s: float) -> Route:
        parts = urlparse_cached(request)
        proxy = Proxy.parse(request.meta["proxy"]) if request.meta.get("proxy") else None
        allows: Callable[[str, str, int], bool] = self._crawler.spider.allows_address  # type: ignore[union-attr]
        return Route(parts, proxy, allows, self._tls, timeout_s, self._reactor)

    def _connect(self, fetch: _Fetch, route: Route, gates: list[HostGate], delay_s: float) -> None:
        fetch.clock.go()
        fetch.connecting = self._pool.getConnection(route.key, cast("Any", route))
        fetch.connecting.addCallback(self._pace, fetch, route, gates, delay_s).addErrback(fetch.fail)

    def _pace(self, protocol: Any, fetch: _Fetch, route: Route, gates: list[HostGate], delay_s: float) -> None:
        """Send on a connection that is ready, at once or when every gate lets it; on another where it is closed meanwhile."""
        if fetch.done.done():
            fetch.send(protocol)  # which puts the connection away
        elif protocol.state != "QUIESCENT":
            self._connect(fetch, route, gates, delay_s)
        else:
            send = partial(fetch.send, protocol)
            for gate in reversed(gates):  # all of them count it, at the moment when it goes out, or none does
                send = partial(gate.budget.sending_s, delay_s, send)
            if wait_s := send():
                fetch.clock.stop()  # it waits for us
                later = deferLater(self._reactor, wait_s, self._pace, protocol, fetch, route, gates, delay_s)
                later.addErrback(fetch.fail)

    def abandon(self) -> None:
        """End every fetch under way at once, for a run that was told to stop, and begin no other."""
        self._halt.set()
        for fetch in tuple(self._under_way):
            fetch.give_up("limit", STOPPED, "unspecified")

    async def close(self) -> None:
        """End what is under way and drop the idle connections."""
        self.abandon()
        self._pool.close_now()


def abandon_fetches(crawler: Crawler) -> None:
    """End every fetch of a crawl that is under way (each raises FetchFailed, reason "limit")."""
    engine = crawler.engine
    if engine is not None:
        for handler in engine.downloader.handlers._handlers.values():
            if isinstance(handler, WireHandler):
                handler.abandon()
