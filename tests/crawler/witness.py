"""Who watches a crawl from outside: a trap in the newspaper, a relay that hears every byte, a port nobody should touch."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace

from crawler.demo.answers import Answer
from crawler.demo.server import Server


@dataclass
class Trap:
    """Does something when the newspaper is asked for the n-th time from now. stall: that and all later answers never come."""

    server: Server
    seen: int = 0

    def at(self, number: int, deed: Callable[[], object], *, stall: bool = False) -> threading.Event:
        """Set the trap; gives an event that is set once it has sprung."""
        answer, sprung, first = type(self.server.site).answer, threading.Event(), self.seen

        def watched(target: str, base: str) -> Answer:
            self.seen += 1
            said = answer(self.server.site, target, base)
            if self.seen - first == number:
                deed()
                sprung.set()
            return replace(said, trouble="stall") if stall and self.seen - first >= number else said

        self.server.site.answer = watched  # type: ignore[method-assign]
        return sprung

    def open(self) -> None:
        """Take the trap away."""
        del self.server.site.answer


class Relay:
    """Passes a newspaper's connections on and keeps what went over each, so that a WARC has a witness that is not ours.

    An exchange begins where bytes of the client follow bytes of the server: a client asks one thing at a time.
    """

    def __init__(self, target: Server) -> None:
        self._port = int(target.url.rpartition(":")[2])
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self._kept: list[list[tuple[str, bytes]]] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._socket.accept()
            except OSError:  # closed: the test is over
                return
            server = socket.create_connection(("127.0.0.1", self._port))
            heard: list[tuple[str, bytes]] = []
            self._kept.append(heard)
            for side, source, sink in (("asked", client, server), ("told", server, client)):
                threading.Thread(target=self._pass, args=(side, source, sink, heard), daemon=True).start()

    @staticmethod
    def _pass(side: str, source: socket.socket, sink: socket.socket, heard: list[tuple[str, bytes]]) -> None:
        try:
            while data := source.recv(65536):
                heard.append((side, data))
                sink.sendall(data)
            sink.shutdown(socket.SHUT_WR)
        except OSError:  # one side hung up: nothing more is to be heard
            return

    def exchanges(self) -> list[tuple[bytes, bytes]]:
        """Give request and response of every exchange that had both."""
        found: list[tuple[bytes, bytes]] = []
        for heard in self._kept:
            last = "told"
            for side, data in heard:
                if side == "asked" and last == "told":
                    found.append((b"", b""))
                asked, told = found[-1]
                found[-1] = (asked + data, told) if side == "asked" else (asked, told + data)
                last = side
        return [pair for pair in found if all(pair)]

    def close(self) -> None:
        """Take no more connections."""
        self._socket.close()


class Canary:
    """A port of this machine that nobody has a reason to connect to, and the connections it saw."""

    def __init__(self) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self.touched = 0
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._socket.accept()
            except OSError:  # closed: the test is over
                return
            self.touched += 1
            client.close()

    def close(self) -> None:
        """Stop listening."""
        self._socket.close()
