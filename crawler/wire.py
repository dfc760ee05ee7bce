"""When bytes really leave: a request is on the wire at the moment it is written, not some turns of the loop later.

Takes   the transport of a connection, plain, TLS or TLS within a proxy's tunnel.
Gives   write_now; Ready, which tells when a connection takes a request without further ado; Clock, of what an exchange may take.
Writes  to sockets.

Twisted keeps what is written until the loop comes round, TLS for one round more, and a connection counts as made before its TLS
handshake. What else the loop has to do meanwhile (cleaning a page takes 50 to 200 ms) would come between the moment that counts
for the pace of a host and the moment that the host sees: the request after it would follow too soon.
Leans on `doWrite`, by which Twisted's reactors have a socket written to, and on where it keeps the TLS layer of a tunnel.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from twisted.internet.defer import Deferred, fail, succeed
from twisted.internet.interfaces import IHandshakeListener
from twisted.protocols.tls import TLSMemoryBIOProtocol
from twisted.python.failure import Failure
from twisted.web.client import ResponseNeverReceived
from zope.interface import implementer  # type: ignore[import-untyped]

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Self


class Clock:
    """How long an exchange may take; it stands while what is waited for is our own pace."""

    def __init__(self, limit_s: float, ring: Callable[[float], None]) -> None:
        """ring: called with limit_s when the clock has gone so long."""
        self._limit_s, self._ring = limit_s, ring
        self._going: asyncio.TimerHandle | None = None

    def go(self) -> None:
        """Go, from the beginning where it stood."""
        if self._going is None:
            self._going = asyncio.get_running_loop().call_later(self._limit_s, self._ring, self._limit_s)

    def stop(self) -> None:
        """Stand."""
        if self._going is not None:
            self._going.cancel()
            self._going = None


def _tls_layer(transport: Any) -> TLSMemoryBIOProtocol | None:
    """Give the TLS layer of a transport: the transport itself, or what has been put between it and its protocol (`startTLS`)."""
    layer = transport.protocol if getattr(transport, "TLS", False) else transport
    return layer if isinstance(layer, TLSMemoryBIOProtocol) else None


def write_now(transport: Any, data: bytes) -> None:
    """Write on a connection that is ready and hand the bytes to the system at once.

    What its socket does not take goes out as it has room; a connection that is lost is told of by the loop, as ever.
    """
    layer = _tls_layer(transport)
    if layer is None:
        transport.write(data)
    else:
        TLSMemoryBIOProtocol.write(layer, data)  # type: ignore[no-untyped-call] # not that of the layer's own class, which gathers small writes
        transport = transport if layer is not transport else layer.transport
    if transport.connected and not transport.disconnecting:
        transport.doWrite()


@implementer(IHandshakeListener)
class Ready:
    """Of a connection: when a request can go out on it. Mixed into its protocol, in front."""

    transport: Any
    _is_secure = False
    _lost: Failure | None = None
    _asking: Deferred[Any] | None = None

    def ready(self) -> Deferred[Self]:
        """Give the connection when its TLS handshake is done, at once where it has none.

        Fails as a request would that was written on it: with ResponseNeverReceived and its reason. To cancel ends the connection.
        """
        if self._lost is not None:
            return fail(_without_answer(self._lost))
        self.transport.setTcpNoDelay(
            True
        )  # else a small request waits until the other side has told that the handshake's end came
        layer = _tls_layer(self.transport)
        if layer is None or self._is_secure:
            return succeed(self)
        self._asking = Deferred(lambda _: self.transport.abortConnection())
        return self._asking

    def handshakeCompleted(self) -> None:  # noqa: N802 - Twisted's name
        """Take note; but where the certificate is not the host's the layer is being closed, and tells why in a moment."""
        layer = _tls_layer(self.transport)
        if layer is not None and not layer.disconnecting:
            self._is_secure = True
            if (asking := self._asked()) is not None:
                asking.callback(self)

    def connectionLost(self, reason: Failure) -> None:  # noqa: N802 - Twisted's name
        """Take note, and tell who waits."""
        self._lost = reason
        super().connectionLost(reason)  # type: ignore[misc]
        if (asking := self._asked()) is not None:
            asking.errback(_without_answer(reason))

    def _asked(self) -> Deferred[Any] | None:
        asking, self._asking = self._asking, None
        return None if asking is None or asking.called else asking


def _without_answer(reason: Failure) -> Failure:
    return Failure(ResponseNeverReceived([reason]))  # type: ignore[no-untyped-call]
