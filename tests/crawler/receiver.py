"""A receiver of notifications: real HTTP on loopback, as apprise's json:// sends them.

Takes   POSTs. Gives: each message {title, message, type}, with the path that it was sent to.
Writes  nothing.

What it does goes by the path: /ok takes it, /broken answers 500, /silent never answers, /slow sends a byte now and then and
never ends. `mend` makes /broken take it from then on.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Receiver:
    """One receiver. messages: what it took, with `path`. tries: paths of all that came."""

    port: int = 0
    messages: list[dict[str, Any]] = field(default_factory=list)
    tries: list[str] = field(default_factory=list)
    mended: bool = False
    over: threading.Event = field(default_factory=threading.Event)

    def address(self, path: str = "/ok") -> str:
        """Give the address for a profile."""
        return f"json://127.0.0.1:{self.port}{path}"

    def taken(self) -> list[dict[str, Any]]:
        """Give what came since the last call."""
        came, self.messages = self.messages, []
        return came

    def mend(self) -> None:
        """Take what is sent to /broken from now on."""
        self.mended = True


def _handler(receiver: Receiver) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            receiver.tries.append(self.path)
            if self.path.startswith("/silent"):
                receiver.over.wait()
                return
            if self.path.startswith("/slow"):
                self.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
                while not receiver.over.wait(0.5):
                    self.wfile.write(b"x")
                return
            broken = self.path.startswith("/broken") and not receiver.mended
            if not broken:
                receiver.messages.append({**json.loads(body), "path": self.path})
            self.send_response(500 if broken else 200)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    return Handler


@contextmanager
def receiving() -> Iterator[Receiver]:
    """Receive until the block ends."""
    receiver = Receiver()

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: Any) -> None:
            """Say nothing of a sender that has left."""

    with Server(("127.0.0.1", 0), _handler(receiver)) as server:
        receiver.port = server.server_port
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield receiver
        receiver.over.set()
        server.shutdown()
