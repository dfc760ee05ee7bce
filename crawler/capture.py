"""Fetch with Scrapy and Twisted, and keep the exact bytes of both directions.

Takes   a Scrapy request: method, url, headers, body and a few keys of `meta` (see WireHandler).
Gives   a WireResponse that carries an archive.model.Exchange, or raises FetchFailed with its reason and the partial
        exchange where a byte of a response came.
Writes  nothing.

The request is composed here as bytes and written in one piece; what Twisted's connection receives is kept before
its parser sees it. Above TLS and within a proxy's tunnel that is the plain HTTP of the site. Twisted keeps one request
at a time on a connection, so the bytes between two requests belong to one response.
Leans on private names of Scrapy 2.19 and Twisted 26.10 (parser, tunnel, pool), hence the narrow pins.
"""

from __future__ import annotations

import asyncio
import re
from contextlib import nullcontext
from datetime import UTC, datetime
from time import monotonic
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit

from scrapy.core.downloader.contextfactory import _load_context_factory_from_settings
from scrapy.core.downloader.handlers.base import BaseDownloadHandler
from scrapy.http import Headers, Response
from scrapy.utils.httpobj import urlparse_cached
from twisted.internet.error import ConnectionDone
from twisted.web.client import ResponseDone
from twisted.web.http import PotentialDataLoss

from archive.model import Exchange, Reason, Truncation

from .connection import Pool, Proxy, Route, explain
from .politeness import HostGate, gate_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from scrapy import Request
    from scrapy.crawler import Crawler
    from twisted.internet.defer import Deferred
    from twisted.python.failure import Failure

MAX_HEAD_BYTES = 1 << 20  # of one response, interim heads included; browsers stop at 256 KiB
FRAMING_BYTES = 1 << 20  # what chunk framing may add to a body beyond its own length again
STOPPED = "the run was stopped"
ALWAYS_SECRET = frozenset({b"proxy-authorization"})

_HEAD_END = re.compile(rb"\n\r?\n")  # Twisted's parser takes a bare LF as the end of a line, and so does this
_ONE_WORD = re.compile(r"[!-~]+")  # what a request line can hold: no blank, no control, ASCII alone
_INTERIM = re.compile(rb"HTTP/\d+\.\d+ +1\d\d\b")


class FetchFailed(Exception):  # noqa: N818 - the name says what happened, as Scrapy's errback reads it
    """An address did not give a whole response.

    reason: as in the report. detail: one plain line. exchange: what came of the response, with `truncated` set, or None
    where not a byte of it came.
    """

    def __init__(self, reason: Reason, detail: str, exchange: Exchange | None = None) -> None:
        super().__init__(f"{reason}: {detail}")
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
            self._headers = Headers(_header_lines(self.exchange.response))
        return self._headers

    @headers.setter
    def headers(self, value: Any) -> None:
        self._headers = Headers(value)


def _header_lines(response: bytes) -> Iterable[tuple[bytes, bytes]]:
    """Yield name and value of each header line of a raw response; folded lines are joined, lines without colon left out."""
    head = response[: head_end(response)].replace(b"\r\n", b"\n")
    for line in re.sub(rb"\n[ \t]+", b" ", head).split(b"\n")[1:]:
        name, colon, value = line.partition(b":")
        if colon:
            yield name.strip(), value.strip()


def head_end(raw: bytes) -> int:
    """Return the offset of the first byte after status line and headers; the length of `raw` where they do not end."""
    found = _HEAD_END.search(raw)
    return found.end() if found else len(raw)


def without_interim(raw: bytes) -> bytes:
    """Cut interim (1xx) heads off the front of a captured response.

    They are messages of their own (RFC 9110, 15.2), and Twisted's parser skips them in the same way.

    >>> without_interim(b"HTTP/1.1 103 Early Hints\\r\\n\\r\\nHTTP/1.1 200 OK\\r\\n\\r\\n")
    b'HTTP/1.1 200 OK\\r\\n\\r\\n'
    """
    start = 0
    while _INTERIM.match(raw, start):
        found = _HEAD_END.search(raw, start)
        start = found.end() if found else len(raw)
    return raw[start:]


class _Fetch:
    """One request on its way: to Twisted's connection it is the request, to the response it is the reader of the body."""

    bodyProducer = None  # noqa: N815 - read by Twisted; our request is written in one piece

    def __init__(self, request: Request, route: Route, max_body: int, done: asyncio.Future[WireResponse]) -> None:
        self.url = _asked(request)
        self.method = request.method.encode("ascii")
        self.sent, self.kept = _compose(request, route)
        self.persistent = True
        self.ip: str | None = None
        self.fetched = datetime.now(UTC)
        self.surplus = 0
        self.lost: Failure | None = None
        self.connecting: Deferred[Any] | None = None
        self._route, self._max_body, self.done = route, max_body, done
        self._chunks: list[bytes] = []
        self._received_bytes = self._body_bytes = 0
        self._answer: Any = None
        self._protocol: Any = None

    # ------------------------------------------------------------------------------- what a request is to Twisted

    def writeTo(self, transport: Any) -> Deferred[None]:  # noqa: N802 - Twisted's name
        from twisted.internet.defer import succeed

        self.fetched = datetime.now(UTC)
        transport.write(self.sent)
        return succeed(None)

    def stopWriting(self) -> None:  # noqa: N802 - Twisted's name
        """Nothing is left to stop: the request was written in one piece."""

    # ------------------------------------------------------------------------------- the course of an exchange

    def send(self, protocol: Any) -> None:
        """Write the request on a connection that is ready; where the fetch was given up meanwhile, put it away."""
        if self.done.done():
            protocol.transport.abortConnection()
            return
        self._protocol = protocol
        if self._route.proxy is None:
            self.ip = protocol.transport.getPeer().host
        protocol.request(self).addCallback(self._headed).addErrback(self.fail)

    def tap(self, data: bytes) -> None:
        """Keep a chunk as it came off the wire."""
        self._chunks.append(data)
        self._received_bytes += len(data)
        if self._answer is None:
            if self._received_bytes - len(data) > MAX_HEAD_BYTES:  # and the head was not at its end before this chunk
                self.cut("head")
        elif self._received_bytes > MAX_HEAD_BYTES + FRAMING_BYTES + 2 * self._max_body:
            self.cut("framing")

    def _headed(self, answer: Any) -> None:
        self._answer = answer
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
            self.done.set_result(WireResponse(self.url, int(self._answer.code), self._exchange(None)))
            self._chunks = []

    def cut(self, part: str) -> None:
        """End a response that is longer than allowed."""
        limit = f"{self._max_body} bytes" if part in ("body", "framing") else "what a head may be"
        self.give_up("too-long", f"its {part} is longer than {limit}", "length")

    def give_up(self, reason: Reason, detail: str, truncated: Truncation) -> None:
        """End the fetch from our side, with what came so far."""
        if self.done.done():
            return
        self.done.set_exception(FetchFailed(reason, detail, self._partial(truncated)))
        self._chunks = []
        if self._protocol is not None:
            self._protocol.transport.abortConnection()
        elif self.connecting is not None:
            self.connecting.cancel()

    def time_out(self, timeout_s: float) -> None:
        """End the fetch because its time is up."""
        doing = "connecting" if self._protocol is None else "waiting for the response"
        if self._chunks:
            doing = "receiving the response"
        self.give_up("timeout", f"{timeout_s:g} s passed while {doing}", "time")

    def fail(self, failure: Failure) -> None:
        """End the fetch because something on the way broke."""
        if self.done.done():
            return
        reason, detail, ours = explain(failure, answered=bool(self._chunks))
        partial = self._partial("unspecified" if ours else "disconnect")
        self.done.set_exception(FetchFailed(reason, detail, partial))
        self._chunks = []

    def _partial(self, truncated: Truncation) -> Exchange | None:
        exchange = self._exchange(truncated)
        return exchange if exchange.response else None

    def _exchange(self, truncated: Truncation | None) -> Exchange:
        raw = b"".join(self._chunks)
        if self.surplus:
            raw = raw[: -self.surplus]
        if raw.startswith((b"HTTP/1.1 1", b"HTTP/1.0 1")):
            raw = without_interim(raw)
        if truncated == "length":
            raw = raw[: min(head_end(raw), MAX_HEAD_BYTES) + self._max_body]
        return Exchange(self.url, self.kept, raw, self.fetched, self.ip, truncated)


def _asked(request: Request) -> str:
    """Give the address to ask, without its fragment: as written where `meta` says so, else in the escapes of scrapy.Request.

    An address as written is passed over where it names another host than the request (a redirect has changed that), or has
    a character that would break the request line.
    """
    written = request.meta.get("wire_url", "").partition("#")[0]
    if _ONE_WORD.fullmatch(written) and urlsplit(written)[:2] == urlparse_cached(request)[:2]:
        return str(written)
    return str(request.url.partition("#")[0])


def _compose(request: Request, route: Route) -> tuple[bytes, bytes]:
    """Write a request as bytes: as it is sent, and as it is kept, the lines with secrets left out."""
    pairs = request.meta.get("wire_headers")
    if pairs is None:
        pairs = [(name, value) for name, values in request.headers.items() for value in values]
    secret = ALWAYS_SECRET | request.meta.get("wire_secrets", frozenset())
    target = route.target(_asked(request))
    lines = [b"%s %s HTTP/1.1" % (request.method.encode("ascii"), target)]
    if not any(name.lower() == b"host" for name, _ in pairs):
        lines.append(b"Host: " + route.host_header)
    hidden = []
    for name, value in pairs:
        line = b"%s: %s" % (name, b" ".join(value.splitlines()))
        if name.lower() in secret:
            hidden.append(line)
        lines.append(line)
    if route.proxy is not None and route.scheme == "http" and route.proxy.authorization:
        hidden.append(b"Proxy-Authorization: " + route.proxy.authorization)
        lines.append(hidden[-1])
    if request.body or request.method in ("POST", "PUT", "PATCH"):
        lines.append(b"Content-Length: %d" % len(request.body))
    end = b"\r\n\r\n" + request.body
    sent = b"\r\n".join(lines) + end
    return sent, b"\r\n".join(line for line in lines if line not in hidden) + end if hidden else sent


class WireHandler(BaseDownloadHandler):
    """Scrapy's download handler for http and https.

    Settings: DOWNLOAD_TIMEOUT (s), DOWNLOAD_MAXSIZE (bytes of a body), CONCURRENT_REQUESTS_PER_DOMAIN.
    meta: wire_url, the address as it is asked, which scrapy.Request would escape further ([ ] | ^ ` { } of a query stay);
    download_timeout, download_maxsize; proxy, an URL with user and password where needed; wire_headers, pairs
    of bytes that are sent in this order and case instead of request.headers (which Scrapy brings to Title-Case);
    wire_secrets, a frozenset of lower-case header names in bytes that the kept request leaves out.
    The spider must have `allows_address(ip, host, port) -> bool`; it is asked for every address that a name resolves to
    before anything connects to it, so that nothing changes between check and use. A proxy, named by the profile, is not
    asked about: behind it the proxy resolves.
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
        self._halt = asyncio.Event()  # set when the run is told to stop

    async def download_request(self, request: Request) -> WireResponse:
        """Fetch one address. Raises FetchFailed."""
        host = request.meta.get("download_slot") or urlparse_cached(request).hostname or ""
        gate = gate_of(host, getattr(self._crawler.spider, "hosts", None))
        slot = self._crawler.engine.downloader.slots.get(host)
        limit, delay_s = (slot.concurrency, slot.delay) if slot else (self._pool.maxPersistentPerHost, 0.0)
        await gate.enter(limit)
        try:
            shared = None if gate.closed.is_set() else gate.shared
            waits = getattr(self._crawler.spider, "waits", _unseen)
            async with shared.admitted(limit, delay_s, self._halt, waits) if shared else nullcontext():
                response = await self._fetch(request, gate, delay_s)
                gate.heard(response.status, monotonic())
                return response
        finally:
            gate.leave()

    async def _fetch(self, request: Request, gate: HostGate, delay_s: float) -> WireResponse:
        if self._halt.is_set() or gate.closed.is_set():
            raise FetchFailed("limit", STOPPED)
        loop = asyncio.get_running_loop()
        timeout_s = request.meta.get("download_timeout") or self._timeout_s
        route = self._route(request, timeout_s)
        fetch = _Fetch(request, route, request.meta.get("download_maxsize") or self._max_body, loop.create_future())
        timer = loop.call_later(timeout_s, fetch.time_out, timeout_s)
        self._under_way.add(fetch)
        try:
            fetch.connecting = self._pool.getConnection(route.key, cast("Any", route))
            fetch.connecting.addCallback(self._pace, fetch, gate, delay_s).addErrback(fetch.fail)
            return await fetch.done
        finally:
            timer.cancel()
            self._under_way.discard(fetch)

    def _route(self, request: Request, timeout_s: float) -> Route:
        parts = urlparse_cached(request)
        proxy = Proxy.parse(request.meta["proxy"]) if request.meta.get("proxy") else None
        allows: Callable[[str, str, int], bool] = self._crawler.spider.allows_address  # type: ignore[union-attr]
        return Route(parts, proxy, allows, self._tls, timeout_s, self._reactor)

    @staticmethod
    def _pace(protocol: Any, fetch: _Fetch, gate: HostGate, delay_s: float) -> None:
        """Send on a connection that is ready, at once or when the host's delay has passed since the last sending."""
        if wait_s := gate.wait_s(delay_s, monotonic()):
            asyncio.get_running_loop().call_later(wait_s, fetch.send, protocol)
        else:
            fetch.send(protocol)

    def abandon(self) -> None:
        """End every fetch under way at once, for a run that was told to stop, and begin no other."""
        self._halt.set()
        for fetch in tuple(self._under_way):
            fetch.give_up("limit", STOPPED, "unspecified")

    async def close(self) -> None:
        """End what is under way and drop the idle connections."""
        self.abandon()
        self._pool.close_now()


def _unseen(_host: str, _seconds: float | None) -> None:
    """Take word of a wait that nobody is told of."""


def abandon_fetches(crawler: Crawler) -> None:
    """End every fetch of a crawl that is under way (each raises FetchFailed, reason "limit")."""
    engine = crawler.engine
    if engine is not None:
        for handler in engine.downloader.handlers._handlers.values():
            if isinstance(handler, WireHandler):
                handler.abandon()
