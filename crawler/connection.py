"""Open and keep connections to a site, direct or through a proxy, only to allowed addresses; say why one failed.

Takes   the parts of an address, a proxy, the guard that is asked about each resolved address.
Gives   a Route, which Twisted's pool asks for a new connection; explain(failure) -> reason and one plain line.
Writes  nothing.
"""

from __future__ import annotations

import asyncio
import base64
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import ParseResult, unquote, urlsplit

from OpenSSL import SSL
from scrapy.core.downloader.handlers.http11 import (
    TunnelError,
    _TunnelingTCP4ClientEndpoint,
)
from service_identity import VerificationError
from twisted.internet import error as tx
from twisted.internet.defer import CancelledError, fail
from twisted.internet.endpoints import HostnameEndpoint, wrapClientTLS
from twisted.internet.interfaces import IHostnameResolver, IResolutionReceiver
from twisted.internet.protocol import Factory
from twisted.web._newclient import HTTP11ClientProtocol
from twisted.web.client import HTTPConnectionPool
from zope.interface import implementer  # type: ignore[import-untyped]

from .heads import goes_on
from .names import can_be
from .parser import Parser, has_length, stays_open
from .wire import Ready

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from twisted.internet.defer import Deferred
    from twisted.python.failure import Failure

    from archive.model import Reason

DEFAULT_PORTS = {"http": 80, "https": 443}
IDLE_CONNECTION_S = 15  # below the usual keep-alive of servers, so that a request seldom meets a closing connection


class AddressRefused(Exception):  # noqa: N818 - says what happened
    """Every address of a name is one that must not be connected to."""


@dataclass(frozen=True, slots=True)
class Proxy:
    """A proxy as the profile names it. authorization: the header's value, or None."""

    scheme: str
    host: str
    port: int
    authorization: bytes | None

    @classmethod
    def parse(cls, url: str) -> Proxy:
        """Read "http://user:password@host:port"; without a scheme, http. User and password are percent-decoded."""
        parts = urlsplit(url if "://" in url else f"http://{url}")
        port = parts.port or DEFAULT_PORTS.get(parts.scheme, 80)
        login = None
        if parts.username is not None:
            pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
            login = b"Basic " + base64.b64encode(pair.encode())
        return cls(parts.scheme, parts.hostname or "", port, login)


@implementer(IResolutionReceiver)
class _AllowedOnly:
    """Passes on the addresses that the guard allows, and notes those it does not."""

    def __init__(self, receiver: Any, allows: Callable[[str], bool], refused: list[str]) -> None:
        self._receiver, self._allows, self._refused = receiver, allows, refused

    def resolutionBegan(self, resolutionInProgress: Any) -> None:  # noqa: N802, N803 - Twisted's names
        self._receiver.resolutionBegan(resolutionInProgress)

    def addressResolved(self, address: Any) -> None:  # noqa: N802 - Twisted's name
        if self._allows(address.host):
            self._receiver.addressResolved(address)
        else:
            self._refused.append(address.host)

    def resolutionComplete(self) -> None:  # noqa: N802 - Twisted's name
        self._receiver.resolutionComplete()


@implementer(IHostnameResolver)
class _GuardedResolver:
    def __init__(self, resolver: Any, allows: Callable[[str], bool], refused: list[str]) -> None:
        self._resolver, self._allows, self._refused = resolver, allows, refused

    def resolveHostName(  # noqa: N802 - Twisted's name
        self,
        resolutionReceiver: Any,  # noqa: N803
        hostName: str,  # noqa: N803
        portNumber: int = 0,  # noqa: N803
        addressTypes: Sequence[Any] | None = None,  # noqa: N803
        transportSemantics: str = "TCP",  # noqa: N803
    ) -> Any:
        receiver = _AllowedOnly(resolutionReceiver, self._allows, self._refused)
        return self._resolver.resolveHostName(receiver, hostName, portNumber, addressTypes, transportSemantics)


class _GuardedEndpoint(HostnameEndpoint):
    """Connects to the allowed addresses of a name: what was checked is what is connected to, so no name can rebind."""

    def __init__(self, reactor: Any, host: str, port: int, timeout: float, allows: Callable[[str], bool]) -> None:
        self._allows = allows
        self._refused: list[str] = []
        super().__init__(reactor, host, port, timeout)

    @staticmethod
    def _hostAsBytesAndText(host: bytes | str) -> tuple[bool, bytes, str]:  # noqa: N802 - Twisted's name
        # Twisted lets through what IDNA 2008 does: no "_", and no "--" as 3rd and 4th character, which hosts of the web have.
        text = host.decode("ascii") if isinstance(host, bytes) else host
        return not can_be(text), text.encode("ascii"), text

    def _getNameResolverAndMaybeWarn(self, reactor: Any) -> Any:  # noqa: N802 - Twisted's name
        return _GuardedResolver(reactor.nameResolver, self._allows, self._refused)

    def connect(self, protocolFactory: Any) -> Deferred[Any]:  # noqa: N803 - Twisted's name
        def why(failure: Failure) -> Failure:
            if self._refused and isinstance(failure.value, tx.DNSLookupError):
                raise AddressRefused(f"{self._hostText} is {', '.join(self._refused)}, which is not allowed")
            return failure

        if self._badHostname:
            return fail(tx.DNSLookupError(f"{self._hostText} is no name"))
        return cast("Deferred[Any]", super().connect(protocolFactory).addErrback(why))


class Route:
    """How an address is reached: what Twisted's pool takes for an endpoint, and opens only where it has no connection."""

    __slots__ = ("_reactor", "_timeout_s", "_tls", "allows", "host", "key", "netloc", "port", "proxy", "scheme")

    def __init__(
        self,
        parts: ParseResult,
        proxy: Proxy | None,
        allows: Callable[[str, str, int], bool],
        tls: Any,
        timeout_s: float,
        reactor: Any,
    ) -> None:
        self.scheme, self.host = parts.scheme, parts.hostname or ""
        self.port = parts.port or DEFAULT_PORTS[parts.scheme]
        self.netloc, self.proxy = parts.netloc, proxy
        self.key = (self.scheme, self.host, self.port, proxy)
        self.allows, self._tls, self._timeout_s, self._reactor = allows, tls, timeout_s, reactor

    @property
    def host_header(self) -> bytes:
        """The value of Host: the port only where it is not the scheme's own (RFC 9110, 7.2)."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return (host if self.port == DEFAULT_PORTS[self.scheme] else f"{host}:{self.port}").encode("ascii")

    def target(self, url: str) -> bytes:
        """The request target of an absolute address without fragment: path and query, or all of it for a plain proxy."""
        path = url[len(self.scheme) + 3 + len(self.netloc) :]
        if not path.startswith("/"):
            path = "/" + path
        if self.proxy is not None and self.scheme == "http":
            return b"http://" + self.host_header + path.encode("ascii")
        return path.encode("ascii")

    def connect(self, build: Callable[[], Any]) -> Deferred[Any]:
        """Open a connection; build gives its protocol. Fails with AddressRefused where no address is allowed."""
        factory = _OneProtocol(build)
        return cast("Deferred[Any]", self._endpoint().connect(factory))

    def _endpoint(self) -> Any:
        if self.proxy is not None:
            return self._proxied(self.proxy)
        host, port, allows = self.host, self.port, self.allows
        plain = _GuardedEndpoint(self._reactor, host, port, self._timeout_s, lambda ip: allows(ip, host, port))
        return self._with_tls(plain, host, port) if self.scheme == "https" else plain

    def _proxied(self, proxy: Proxy) -> Any:
        if proxy.scheme not in DEFAULT_PORTS or (proxy.scheme == "https" and self.scheme == "https"):
            raise tx.ConnectError(string=f"a proxy of scheme {proxy.scheme} cannot be used for {self.scheme}")  # type: ignore[no-untyped-call]
        if self.scheme == "https":
            conf = (proxy.host, proxy.port, proxy.authorization)
            host = cast(
                "str", self.host.encode("ascii")
            )  # the tunnel passes it on to creatorForNetloc, which wants bytes
            return _TunnelingTCP4ClientEndpoint(self._reactor, host, self.port, conf, self._tls, self._timeout_s)
        plain = HostnameEndpoint(self._reactor, proxy.host, proxy.port, self._timeout_s)
        return self._with_tls(plain, proxy.host, proxy.port) if proxy.scheme == "https" else plain

    def _with_tls(self, endpoint: Any, host: str, port: int) -> Any:
        name = host.encode("ascii")
        try:
            creator = self._tls.creatorForNetloc(name, port)
        except UnicodeError:  # as in _hostAsBytesAndText; the certificate is held against the name as it is
            creator = self._tls.creatorForNetloc(b"name.invalid", port)
            creator._hostname = creator._hostnameASCII = host
            creator._hostnameBytes = name
        return wrapClientTLS(creator, endpoint)


class _Protocol(Ready, HTTP11ClientProtocol):
    """A connection that hands each chunk to the fetch under way before it is parsed.

    Where Content-Length ends a body, what has come by the next turn of the loop is behind it: a server writes a page in several
    pieces, and each is read by itself. Nothing is waited for.
    """

    _fetch: Any = None
    _behind: bytearray | None = None  # of a body that has ended, until the next turn

    def request(self, request: Any) -> Deferred[Any]:
        self._fetch = request
        answered: Deferred[Any] = super().request(request)
        if self._parser is not None:
            self._parser.__class__ = Parser  # HTTP11ClientProtocol names its parser's class itself
        return answered

    def dataReceived(self, data: bytes) -> None:  # noqa: N802 - Twisted's name
        if self._fetch is not None:
            self._fetch.tap(data)
        if self._behind is not None:
            self._behind += data
        else:
            super().dataReceived(data)  # type: ignore[no-untyped-call]

    def _finishResponse(self, rest: bytes) -> None:  # noqa: N802 - Twisted's name
        if self._parser is None or not has_length(self._parser) or goes_on(rest):
            self._end(rest)
        else:
            self._behind = bytearray(rest)
            asyncio.get_running_loop().call_later(0, self._end_of_turn)  # behind what the turn has to read

    def _end_of_turn(self) -> None:
        """End a response with what came behind it in this turn, unless the loss of its connection has done so."""
        if self._behind is not None:
            rest, self._behind = bytes(self._behind), None
            self._end(rest)

    def _end(self, rest: bytes) -> None:
        """End a response. rest: what came behind it."""
        fetch, self._fetch = self._fetch, None
        if fetch is not None:
            parser: Any = self._parser
            fetch.surplus = 0 if parser is not None and has_length(parser) and goes_on(rest) else len(rest)
            # What still comes behind what nobody asked for would pass for the answer of the next request.
            fetch.persistent = parser is not None and stays_open(parser) and not goes_on(rest)
        super()._finishResponse(rest)

    def connectionLost(self, reason: Failure) -> None:  # type: ignore[override]  # noqa: N802 - Twisted's name
        self._end_of_turn()
        if self._fetch is not None:
            self._fetch.lost = reason
        super().connectionLost(reason)


class Pool(HTTPConnectionPool):
    """Twisted's pool of idle connections; a new one is opened by the route that is asked for."""

    # A second sending by the pool itself would be a request nobody counted, and nearer than `delay` to the first.
    retryAutomatically = False  # noqa: N815 - Twisted's name
    cachedConnectionTimeout = IDLE_CONNECTION_S  # noqa: N815 - Twisted's name

    def _newConnection(self, key: Any, endpoint: Any) -> Deferred[Any]:  # noqa: N802 - Twisted's name
        def put(protocol: _Protocol) -> None:
            self._putConnection(key, protocol)  # type: ignore[no-untyped-call]

        opened: Deferred[Any] = cast("Route", endpoint).connect(lambda: _Protocol(put))  # type: ignore[no-untyped-call]
        return opened.addCallback(_Protocol.ready)

    def close_now(self) -> None:
        """Close every idle connection, without waiting for the other side's farewell."""
        for timeout in self._timeouts.values():
            timeout.cancel()
        for protocols in self._connections.values():
            for protocol in protocols:
                protocol.transport.loseConnection()
        self._connections, self._timeouts = {}, {}


class _OneProtocol(Factory):
    noisy = False

    def __init__(self, build: Callable[[], Any]) -> None:
        self._build = build

    def buildProtocol(self, addr: Any) -> Any:  # noqa: N802, ARG002 - Twisted's name
        return self._build()


_TLS_ERRORS = (SSL.Error, VerificationError)


def explain(failure: Failure, *, answered: bool) -> tuple[Reason, str, bool]:
    """Say why an exchange failed: the reason, one plain line, and whether we broke it off (the answer is no HTTP).

    answered: a byte of the response had come. A TLS error after that is a lost connection, not a refused certificate.
    """
    causes = [failure.value, *(inner.value for inner in getattr(failure.value, "reasons", ()))]
    for cause in causes:
        if isinstance(cause, AddressRefused):
            return "private", str(cause), False
        if isinstance(cause, tx.DNSLookupError):
            return "dns", "the name has no address", False
        if isinstance(cause, _TLS_ERRORS) and not answered:
            return "tls", _tls_line(cause), False
        if isinstance(cause, tx.TimeoutError | tx.TCPTimedOutError):
            return "timeout", "the connection timed out", False
        if isinstance(cause, tx.ConnectionRefusedError):
            return "connect", "the connection was refused", False
        if isinstance(cause, TunnelError | tx.ConnectError):
            return "connect", _line(cause), False
    if any(isinstance(cause, tx.ConnectionClosed | CancelledError | SSL.Error) for cause in causes[1:]):
        told = "before the response was whole" if answered else "without a response"
        return "connect", f"the connection was closed {told}", False
    return "connect", f"the response is not HTTP: {_line(causes[1] if len(causes) > 1 else causes[0])}", True


def _tls_line(error: BaseException) -> str:
    if isinstance(error, VerificationError):
        return "the certificate is for another host"
    told = error.args[0] if error.args and isinstance(error.args[0], list) else []
    return "; ".join(str(entry[2]) for entry in told if len(entry) > 2) or "the TLS handshake failed"


def _line(error: BaseException) -> str:
    return " ".join(f"{type(error).__name__}: {error}".split())[:200]
