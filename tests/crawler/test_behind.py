"""What a server sends behind a body of a told length, and when it is seen: in the turn of the loop in which the body ends."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest
from twisted.internet.defer import succeed
from twisted.internet.error import ConnectionDone
from twisted.internet.protocol import Protocol
from twisted.internet.testing import StringTransport
from twisted.python.failure import Failure

from crawler.connection import _Protocol

HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"
NEXT = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nno"


class Body(Protocol):
    """Reads a body to its end."""

    def __init__(self) -> None:
        self.read, self.ended = b"", asyncio.get_running_loop().create_future()

    def dataReceived(self, data: bytes) -> None:  # noqa: N802 - Twisted's name
        self.read += data

    def connectionLost(self, reason: Any = None) -> None:  # noqa: N802 - Twisted's name
        self.ended.set_result(reason)


async def exchange(*pieces: bytes, lost: bool = False) -> tuple[bytes, bytes, int, bool, bool]:
    """Ask, and get pieces in one turn of the loop; give what was tapped, the body, the bytes that are none of the answer, whether
    the connection may be used again, and whether it is."""
    idle: list[Any] = []
    protocol, tapped, body = _Protocol(idle.append), bytearray(), Body()
    protocol.makeConnection(StringTransport())
    fetch = SimpleNamespace(
        method=b"GET", absoluteURI=None, persistent=True, surplus=0, tap=tapped.extend, writeTo=lambda _: succeed(None)
    )
    protocol.request(fetch).addCallback(lambda answer: answer.deliverBody(body))
    for piece in pieces:
        protocol.dataReceived(piece)
    if lost:
        protocol.connectionLost(Failure(ConnectionDone()))
    await body.ended
    return bytes(tapped), body.read, fetch.surplus, fetch.persistent, bool(idle)


@pytest.mark.parametrize(
    ("pieces", "surplus", "persistent"),
    [
        ((HEAD + b"hello",), 0, True),
        ((HEAD + b"hello", b" and more"), 0, False),
        ((HEAD, b"hel", b"lo", b"\r\n", b"\r\n"), 4, True),
        ((HEAD + b"hello", NEXT), len(NEXT), True),
        ((HEAD + b"hello\r\n", NEXT[:9], NEXT[9:]), len(NEXT) + 2, True),
    ],
    ids=["nothing", "more", "blanks", "an answer", "an answer in pieces"],
)
def test_what_comes_behind_a_body_in_the_same_turn_is_seen(pieces, surplus, persistent):
    """In however many pieces it is read: what goes on is kept with the answer, and its connection is not used again."""
    tapped, body, none_of_it, may_be_used, is_used = asyncio.run(exchange(*pieces))

    assert (b"".join(pieces), b"hello") == (tapped, body)
    assert (surplus, persistent, persistent) == (none_of_it, may_be_used, is_used)


@pytest.mark.parametrize("behind", [b"", b" and more"])
def test_a_connection_that_ends_in_that_turn_ends_the_body_once(behind):
    """A server that says no more closes at once."""
    tapped, body, surplus, _, _ = asyncio.run(exchange(HEAD + b"hello", behind, lost=True))

    assert (HEAD + b"hello" + behind, b"hello", 0) == (tapped, body, surplus)
