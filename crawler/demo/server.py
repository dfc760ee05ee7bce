"""Serve the demonstration newspaper on loopback: HTTP/1.1, keep-alive, gzip, chunks, conditional requests.

Takes   a `Newspaper`; from a shell: python -m crawler.demo.server --port 0, which prints the address.
Gives   a `Server`: its address, the log of what was asked, and `fail` to plan faults.
Writes  nothing.

A server of our own and not http.server: it must cut, stall and reset at a byte's place, and answer faster than a crawl asks.
"""

from __future__ import annotations

import argparse
import asyncio
import gzip
import socket
import struct
import sys
import threading
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import formatdate, parsedate_to_datetime
from http.client import responses
from types import TracebackType
from typing import cast

from .answers import Answer, Fault
from .newspaper import Newspaper
from .site import Site

_CHUNK = 4096  # bytes; small, so that a page is several chunks
_HEAD_LIMIT = 65536  # bytes of a request's head
_GZIPPED = ("text/", "application/j")  # media types that shrink


@dataclass(frozen=True, slots=True)
class Asked:
    """One request as it came in. headers: as sent, in order. status: of the answer, 0 where there was none."""

    method: str
    target: str
    headers: tuple[tuple[str, str], ...]
    status: int
    at: datetime

    def header(self, name: str) -> str | None:
        """Give the first header of that name, in any case."""
        return next((value for known, value in self.headers if known.lower() == name.lower()), None)


class Server:
    """A running newspaper; also a context manager that closes it."""

    def __init__(self, newspaper: Newspaper, host: str, port: int) -> None:
        """Listen at once; raises OSError where the port is taken. port: 0 for any free one."""
        self.newspaper = newspaper
        self.site = Site(newspaper)
        self.requests: list[Asked] = []
        self._connections: set[_Connection] = set()
        self._socket = socket.create_server((host, port))
        self.url = f"http://{host}:{self._socket.getsockname()[1]}"
        self._loop = asyncio.new_event_loop()
        self._listening = self._loop.run_until_complete(
            self._loop.create_server(lambda: _Connection(self), sock=self._socket)
        )
        self._thread = threading.Thread(target=self._loop.run_forever, name="newspaper", daemon=True)
        self._thread.start()

    def __enter__(self) -> Server:
        """Give itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close."""
        self.close()

    def fail(self, path: str, fault: int | Fault, times: int = 1) -> None:
        """Plan faults, as `Site.fail`."""
        self.site.fail(path, fault, times)

    def targets(self, prefix: str = "/") -> list[str]:
        """Give the targets asked so far that begin so, in order."""
        return [asked.target for asked in self.requests if asked.target.startswith(prefix)]

    def close(self) -> None:
        """Stop listening and drop every connection; a second call does nothing."""
        if self._loop.is_closed():
            return
        self._loop.call_soon_threadsafe(self._stop)
        self._thread.join()
        self._loop.close()

    def _stop(self) -> None:
        self._listening.close()
        for connection in list(self._connections):
            connection.abort()
        self._loop.call_soon(self._loop.stop)


def serve(newspaper: Newspaper, host: str = "127.0.0.1", port: int = 0) -> Server:
    """Serve a newspaper in a thread of its own until the server is closed."""
    return Server(newspaper, host, port)


class _Connection(asyncio.Protocol):
    """One client's connection; requests are answered in order."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._received = bytearray()
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # what a listening TCP socket gives
        self._server._connections.add(self)

    def connection_lost(self, _exc: Exception | None) -> None:
        self._server._connections.discard(self)
        self._transport = None

    def abort(self) -> None:
        if self._transport:
            self._transport.abort()

    def data_received(self, data: bytes) -> None:
        self._received += data
        while self._transport and not self._transport.is_closing() and b"\r\n\r\n" in self._received:
            head, _, rest = bytes(self._received).partition(b"\r\n\r\n")
            self._received = bytearray(rest)
            self._take(head)
        if len(self._received) > _HEAD_LIMIT:
            self.abort()

    def _take(self, head: bytes) -> None:
        """Answer one request; whatever is not GET or HEAD has no place here and ends the connection."""
        line, *lines = head.decode("latin-1").split("\r\n")
        method, target, version = (*line.split(" "), "", "")[:3]
        pairs = (header.partition(":") for header in lines)
        headers = tuple((name, value.strip()) for name, _, value in pairs)
        asked = {name.lower(): value for name, value in headers}
        if method in ("GET", "HEAD"):
            base = f"http://{asked['host']}" if asked.get("host") else self._server.url
            answer = conditioned(self._server.site.answer(target, base), asked)
        else:
            answer = Answer(405, b"", "text/plain", headers=(("Allow", "GET, HEAD"),))
        keep = method in ("GET", "HEAD") and version == "HTTP/1.1" and asked.get("connection", "").lower() != "close"
        at, silent = datetime.now(UTC), answer.trouble in ("reset", "stall")
        self._server.requests.append(Asked(method, target, headers, 0 if silent else answer.status, at))
        self._send(answer, head_only=method == "HEAD", keep=keep)

    def _send(self, answer: Answer, *, head_only: bool, keep: bool) -> None:
        transport = self._transport
        if transport is None or answer.trouble == "stall":
            return
        if answer.trouble == "reset":
            # A linger of zero makes the kernel send RST in place of FIN.
            transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            transport.abort()
            return
        head, body = wire(answer, keep=keep)
        cut = answer.trouble == "cut"
        transport.write(head if head_only else head + (body[: len(body) // 2] if cut else body))
        if cut or not keep:
            transport.close()


def conditioned(answer: Answer, asked: dict[str, str]) -> Answer:
    """Apply content coding and the conditions of RFC 9110, 13.1: If-None-Match first, else If-Modified-Since."""
    headers, body, tag = [("Date", formatdate(usegmt=True)), *answer.headers], answer.body, answer.etag
    if answer.status == 200 and answer.mime.startswith(_GZIPPED):
        headers.append(("Vary", "Accept-Encoding"))
        if "gzip" in asked.get("accept-encoding", ""):
            body, tag = gzip.compress(body, 6, mtime=0), tag and f"{tag}-gz"
            headers.append(("Content-Encoding", "gzip"))
    unchanged = tag is not None and _holds(tag, answer.modified, asked)
    if tag is not None and answer.modified is not None:
        headers += [("Last-Modified", formatdate(answer.modified, usegmt=True)), ("ETag", f'"{tag}"')]
    if unchanged:
        headers = [pair for pair in headers if pair[0] not in ("Content-Encoding", "Last-Modified")]
        return Answer(304, b"", "", headers=tuple(headers))
    return Answer(
        answer.status, body, answer.mime, headers=tuple(headers), chunked=answer.chunked, trouble=answer.trouble
    )


def _holds(tag: str, modified: int | None, asked: dict[str, str]) -> bool:
    if (tags := asked.get("if-none-match")) is not None:
        return tags == "*" or f'"{tag}"' in (one.strip().removeprefix("W/") for one in tags.split(","))
    since = asked.get("if-modified-since")
    if since is None or modified is None:
        return False
    try:
        return modified <= parsedate_to_datetime(since).timestamp()
    except ValueError:  # not a date: the field is to be ignored (RFC 9110, 13.1.3)
        return False


def wire(answer: Answer, *, keep: bool) -> tuple[bytes, bytes]:
    """Give head and body as they go over the wire."""
    lines = [f"HTTP/1.1 {answer.status} {responses.get(answer.status, 'Unknown')}", "Server: lanchuan"]
    lines += [f"{name}: {value}" for name, value in answer.headers]
    body = answer.body
    if answer.status != 304:
        lines.append(f"Content-Type: {answer.mime}")
        lines.append("Transfer-Encoding: chunked" if answer.chunked else f"Content-Length: {len(body)}")
    if answer.chunked:
        pieces = [body[start : start + _CHUNK] for start in range(0, len(body), _CHUNK)]
        body = b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"
    lines.append(f"Connection: {'keep-alive' if keep else 'close'}")
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n", body


def main() -> None:
    """Serve until a signal; print the address on the first line."""
    parser = argparse.ArgumentParser(description="Serve the demonstration newspaper on loopback.")
    parser.add_argument("--port", type=int, default=0, help="0 for any free one")
    parser.add_argument("--stage", type=int, default=1, choices=(1, 2), help="2: one more, one edited, one withdrawn")
    chosen = parser.parse_args()
    newspaper = Newspaper()
    newspaper.stage(chosen.stage)
    with serve(newspaper, port=chosen.port) as server, suppress(KeyboardInterrupt):
        sys.stdout.write(server.url + "\n")
        sys.stdout.flush()
        threading.Event().wait()


if __name__ == "__main__":
    main()
