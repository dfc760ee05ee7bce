"""A request leaves at the moment when it is written, whatever the loop has to do next: the pace of a host rests on that."""

from __future__ import annotations

import select
import socket
import ssl
from collections.abc import Callable, Iterator
from datetime import datetime
from itertools import count
from pathlib import Path
from threading import Barrier, Event, Lock, Thread
from typing import Any

import pytest
from raw_site import crawl
from tls_site import ANSWER, head, listening, made_certificate, tunnel
from twisted.internet.protocol import Factory, Protocol
from twisted.internet.ssl import CertificateOptions
from twisted.internet.tcp import Connection
from twisted.internet.testing import MemoryReactorClock
from twisted.protocols.tls import TLSMemoryBIOFactory
from twisted.python.failure import Failure

from crawler.wire import Ready, write_now


class Reader(Ready, Protocol):
    """Reads nothing; tells when it is ready."""


class Outgoing(Connection):
    """A connection that we opened."""

    _tlsClientDefault = True  # noqa: N815  Twisted's name


class Opened:
    """A connection over a real socket, in a loop that never comes round: only what is done here is done."""

    def __init__(self, ours: socket.socket, layer: str) -> None:
        """layer: "plain", "tls", or "tunnel" for TLS that begins on a connection that is there already."""
        reactor, self.protocol, options = MemoryReactorClock(), Reader(), CertificateOptions()
        ours.setblocking(False)
        outer: Any = self.protocol
        if layer == "tls":
            factory = Factory.forProtocol(lambda: self.protocol)
            outer = TLSMemoryBIOFactory(options, True, factory, reactor).buildProtocol(None)  # type: ignore[arg-type]
        self.connection = Outgoing(ours, outer, reactor)
        self.connection.connected = True
        outer.makeConnection(self.connection)
        if layer == "tunnel":
            self.connection.startTLS(options)

    def exchange(self) -> None:
        """Send what waits, then read what comes next."""
        self.connection.doWrite()
        select.select([self.connection.socket], [], [])
        self.connection.doRead()


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate that nobody here asks for."""
    return made_certificate(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    """Two ends of a connection."""
    with socket.create_server(("127.0.0.1", 0)) as listener, socket.create_connection(listener.getsockname()) as ours:
        theirs, _ = listener.accept()
        with theirs:
            yield ours, theirs


@pytest.mark.parametrize("layer", ["plain", "tls", "tunnel"])
def test_what_is_written_is_with_the_other_side_at_once(
    pair: tuple[socket.socket, socket.socket],
    certificate: Path,
    layer: str,
) -> None:
    """Twisted alone would keep it until the loop comes round, which here it never does."""
    ours, theirs = pair
    opened = Opened(ours, layer)
    done: list[Any] = []
    opened.protocol.ready().addCallback(done.append)
    peer: Any = theirs
    if layer != "plain":
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        peer = context.wrap_socket(theirs, server_side=True, do_handshake_on_connect=False)
        shaking = Thread(target=peer.do_handshake)
        shaking.start()
        while not done:
            opened.exchange()
        opened.connection.doWrite()
        shaking.join()
    write_now(opened.protocol.transport, b"GET / HTTP/1.1\r\n\r\n")
    peer.settimeout(30)  # where it fails; what was sent is there already

    assert done == [opened.protocol]
    assert peer.recv(100) == b"GET / HTTP/1.1\r\n\r\n"


def test_a_connection_that_is_lost_within_its_handshake_is_never_ready(
    pair: tuple[socket.socket, socket.socket],
) -> None:
    """Whoever waits for it is told why, and whoever asks later as well."""
    ours, theirs = pair
    opened = Opened(ours, "tls")
    failed: list[Any] = []
    opened.protocol.ready().addErrback(failed.append)
    theirs.close()
    why = opened.connection.doRead()
    while why is None:
        why = opened.connection.doRead()
    opened.connection.connectionLost(Failure(why))
    opened.protocol.ready().addErrback(failed.append)

    assert [type(one.value).__name__ for one in failed] == ["ResponseNeverReceived"] * 2
    assert failed[0].value.reasons


@pytest.mark.parametrize("by", ["itself", "a tunnel"])
def test_a_request_counts_as_sent_when_its_handshake_is_done(certificate: Path, by: str) -> None:
    """The first connection's handshake takes until another request is answered: so that one went first, and the delay holds."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    answered, lock, targets = Event(), Lock(), list[bytes]()
    first: Callable[[], bool] = iter([True, False, False, False]).__next__

    def serve(connection: socket.socket) -> None:
        with lock:
            waits = first()
        if waits:
            answered.wait(60)
        with context.wrap_socket(connection, server_side=True) as inner:
            while request := head(inner):
                targets.append(request.split(b" ")[1])
                inner.sendall(ANSWER)
                answered.set()

    with listening(serve) as port, listening(tunnel([])) as proxy:
        meta = {"proxy": f"http://127.0.0.1:{proxy}"} if by == "a tunnel" else {}
        requests = [{"url": f"https://127.0.0.1:{port}/{n}", "meta": meta} for n in range(2)]
        outcomes = crawl(requests, settings={"delay": 0.2, "concurrency": 2, "verify_tls": False, "timeout": 90})
    sent = {
        one["exchange"]["url"][-2:].encode(): datetime.fromisoformat(one["exchange"]["fetched"]) for one in outcomes
    }

    assert set(targets) == set(sent)
    assert (sent[targets[1]] - sent[targets[0]]).total_seconds() >= 0.2


def test_a_connection_that_is_closed_while_its_request_waits_for_its_turn_is_no_failure(certificate: Path) -> None:
    """Both are ready at once, one goes out, the other waits for the delay, and meanwhile the server hangs up: it gets another."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    both, opened, lock = Barrier(2), list[ssl.SSLSocket](), Lock()
    numbers = count(1)
    second = Event()

    def serve(connection: socket.socket) -> None:
        with lock:
            number = next(numbers)
        if number == 2:
            second.set()
        second.wait(60)
        with context.wrap_socket(connection, server_side=True) as inner:
            if number <= 2:
                opened.append(inner)
                both.wait(60)
            while head(inner):
                for other in opened:
                    if other is not inner:
                        other.shutdown(socket.SHUT_RDWR)
                opened.clear()
                inner.sendall(ANSWER)

    with listening(serve) as port:
        requests = [{"url": f"https://127.0.0.1:{port}/{n}"} for n in range(2)]
        outcomes = crawl(requests, settings={"delay": 0.2, "concurrency": 2, "verify_tls": False, "timeout": 90})

    assert [one.get("status", one.get("detail")) for one in outcomes] == [200, 200]
