"""A server that answers byte for byte as a test says and logs what it was asked, and a crawl of it by the real handler.

Takes   an answer: a function of the connection and the target. Requests, as wire_crawl reads them.
Gives   site: the server, listening on loopback. crawl: the outcomes, from a process of its own.
"""

from __future__ import annotations

import base64
import json
import os
import socket
import struct
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from socketserver import StreamRequestHandler, ThreadingTCPServer
from threading import Thread
from typing import Any

import forking

OK = b"HTTP/1.1 200 OK\r\n"
PLAIN = OK + b'server: X\r\nContent-TYPE: text/html\r\nETag:  "a"  \r\nContent-Length: 5\r\n\r\nhello'
HINT = b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n"


# From <asm-generic/socket.h>: the system tells with the bytes when they came, however late a thread of ours reads them.
_SO_TIMESTAMPNS = 35 if sys.platform == "linux" else None
_STAMP = struct.Struct("@qq")  # seconds and nanoseconds since 1970


class RawSite(ThreadingTCPServer):
    """A server that sends what a test gave it, byte for byte and in pieces, and logs what it was asked.

    log: target, request, and when its first byte came in seconds since 1970.
    """

    daemon_threads = True
    request_queue_size = (
        64  # by default 5: on a busy machine the system drops the sixth, which is asked again a second later
    )

    def __init__(self, answer: Callable[[Any, str], None]) -> None:
        self.answer = answer
        self.log: list[tuple[str, bytes, float]] = []
        self.connections = 0
        super().__init__(("127.0.0.1", 0), RawConnection)
        if _SO_TIMESTAMPNS is not None:
            self.socket.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)  # inherited by each connection
        self.url = f"http://127.0.0.1:{self.server_address[1]}"


class RawConnection(StreamRequestHandler):
    asked = b""  # what is being answered; the last of the site's log may be another connection's
    disable_nagle_algorithm = True

    def handle(self) -> None:
        self.server.connections += 1
        try:
            while (at := self.came()) and (request := self.read_request()):
                target = request.split(b" ", 2)[1].decode()
                self.asked = request
                self.server.log.append((target, request, at))
                self.server.answer(self, target)
        except (ConnectionError, StopIteration):
            return

    def came(self) -> float:
        """Wait for the next request, of which no byte was read; give when its first byte came."""
        _, told, _, _ = self.connection.recvmsg(1, 256, socket.MSG_PEEK)
        stamps = [data for _, kind, data in told if kind == _SO_TIMESTAMPNS]
        seconds, nanoseconds = _STAMP.unpack(stamps[0]) if stamps else divmod(time.time_ns(), 10**9)
        return float(seconds + nanoseconds / 1e9)

    def read_request(self) -> bytes:
        lines, length = [], 0
        while line := self.rfile.readline():
            lines.append(line)
            if line.lower().startswith(b"content-length:"):
                length = int(line[15:])
            if line == b"\r\n":
                break
        return b"".join(lines) + self.rfile.read(length)

    def send(self, *pieces: bytes) -> None:
        self.wfile.writelines(pieces)

    def close(self) -> None:
        """Leave the loop of this connection; socketserver then closes it."""
        raise StopIteration


@contextmanager
def site(answer: Callable[[Any, str], None]) -> Iterator[RawSite]:
    with RawSite(answer) as server:
        Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        yield server
        server.shutdown()


def crawl(requests: list[dict[str, Any]], **job: Any) -> list[dict[str, Any]]:
    """Crawl in a process of its own; give the outcomes in the order of the requests, bytes decoded."""
    limits = {"delay": 0, "concurrency": 2, "timeout": 20, "max_body": 1_000_000, "user_agent": "lianzai-test"}
    limits |= job.pop("settings", {})
    told = {"settings": limits, "allowed": ["127.0.0.1"], "requests": requests, **job}
    script = Path(__file__).with_name("wire_crawl.py")
    done = forking.run([], {"PATH": os.environ["PATH"]}, said=json.dumps(told), script=script)
    assert (done.returncode, done.stderr) == (0, "")
    outcomes = sorted(map(json.loads, done.stdout.splitlines()), key=lambda outcome: outcome["index"])
    for outcome in outcomes:
        for side in ("request", "response") if outcome.get("exchange") else ():
            outcome["exchange"][side] = base64.b64decode(outcome["exchange"][side])
    assert [outcome["index"] for outcome in outcomes] == list(range(len(requests)))
    return outcomes
