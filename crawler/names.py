"""Look up the names of hosts: once a process, and with a word on those that can never be found.

Takes   a host as it stands in an address.
Gives   its addresses. NameResolver: what Scrapy installs in Twisted's reactor (settings.py), so that pace and connection go by
        the same answer.
Writes  nothing.
"""

from __future__ import annotations

import asyncio
import socket
from ipaddress import ip_address, ip_network
from typing import TYPE_CHECKING, Any, cast

from scrapy.resolver import CachingHostnameResolver, dnscache
from twisted.internet._resolver import GAIResolver
from twisted.internet.interfaces import IResolutionReceiver
from zope.interface import implementer  # type: ignore[import-untyped]

from .scope import literal_address

if TYPE_CHECKING:
    from collections.abc import Callable

# The name server says that there is no such name, or none with an address; that it does not answer is another matter.
_LASTING = frozenset({socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME)})
_NOWHERE = frozenset({"invalid", "onion"})  # never names of the DNS (RFC 6761, 6.4; RFC 7686, 2)
_LABEL_MOST, _NAME_MOST = 63, 253  # characters (RFC 1035, 2.3.4)
_STAND_INS = ip_network("198.18.0.0/15")  # for benchmarks in a laboratory (RFC 2544), and so free for that
_nowhere: set[str] = set()  # names that were looked up, and are not there; Scrapy keeps those that are in its dnscache


def is_nowhere(host: str) -> bool:
    """Tell whether a name is known to lead nowhere, so that asking again is in vain."""
    return host in _nowhere or not can_be(host)


def is_stand_in(ip: str) -> bool:
    """Tell whether an address is one of those that tunnelling proxies give out for every name, and take back themselves."""
    return ip_address(ip.partition("%")[0]) in _STAND_INS


def can_be(host: str) -> bool:
    """Tell whether a host can be looked up at all: an address, or a name that fits the DNS, which is more than IDNA lets through.

    >>> can_be("cdn_1.example"), can_be("news..example"), can_be("news.invalid.")
    (True, False, False)
    """
    if literal_address(host) is not None:
        return True
    labels = host.removesuffix(".").split(".")
    fits = len(host) <= _NAME_MOST + 1 and all(0 < len(label) <= _LABEL_MOST for label in labels)
    return fits and labels[-1].lower() not in _NOWHERE


def _look_up(host: str, *rest: Any) -> Any:
    """Ask the system for the addresses of a name, as socket.getaddrinfo; in a thread of the reactor's."""
    if not can_be(host):
        raise socket.gaierror(socket.EAI_NONAME, "not a name")
    try:
        return socket.getaddrinfo(host, *rest)
    except socket.gaierror as error:
        if error.errno in _LASTING:
            _nowhere.add(host)
        raise
    except UnicodeError as error:  # Twisted waits for an answer for ever where it is any other error
        _nowhere.add(host)
        raise socket.gaierror(socket.EAI_NONAME, "not a name") from error


class NameResolver(CachingHostnameResolver):
    """Scrapy's, with a look-up that remembers which names are not there."""

    def __init__(self, reactor: Any, cache_size: int) -> None:
        super().__init__(reactor, cache_size)
        self.original_resolver: Any = GAIResolver(reactor, getaddrinfo=cast("Any", _look_up))


@implementer(IResolutionReceiver)
class _Collected:
    def __init__(self, done: Callable[[list[str]], None]) -> None:
        self._done = done
        self._found: list[str] = []

    def resolutionBegan(self, resolutionInProgress: Any) -> None:  # noqa: N802, N803 - Twisted's names
        """Nothing is to be done yet."""

    def addressResolved(self, address: Any) -> None:  # noqa: N802 - Twisted's name
        self._found.append(address.host)

    def resolutionComplete(self) -> None:  # noqa: N802 - Twisted's name
        self._done(self._found)


def slot_of(host: str) -> str:
    """Give what a host's requests are queued by: the address by which its pace is kept, where it was looked up, else its name."""
    known = dnscache.get(host)
    return first_of([address.host for address in known]) or host if known else host


def first_of(addresses: list[str]) -> str | None:
    """Give the address by which the pace of a host is kept: of several the same for each who was told them, in whatever order."""
    return min(addresses, default=None)


async def addresses_of(reactor: Any, host: str, within_s: float, halt: asyncio.Event) -> list[str] | None:
    """Give the addresses of a host, [] where it has none; None where there is no answer in time, or `halt` was set."""
    literal = literal_address(host)
    if literal is not None:
        return [str(literal)]
    known = dnscache.get(host)
    if known is not None:
        return [address.host for address in known]
    answer: asyncio.Future[list[str]] = asyncio.get_running_loop().create_future()

    def done(found: list[str]) -> None:
        if not answer.done():
            answer.set_result(found)

    reactor.nameResolver.resolveHostName(_Collected(done), host)
    halted = asyncio.ensure_future(halt.wait())
    try:
        either: list[asyncio.Future[Any]] = [answer, halted]
        await asyncio.wait(either, timeout=within_s, return_when=asyncio.FIRST_COMPLETED)
    finally:
        halted.cancel()
    return answer.result() if answer.done() else None
