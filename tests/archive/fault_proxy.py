"""A proxy before a real S3 server that does what networks and servers do on bad days, by a fixed seed.

Takes   the address of the server; how often something goes wrong; which things.
Gives   an address that behaves so; a count of what went wrong, and of all requests.
Writes  nothing.

What happens to a request follows from the seed, from what it asks and from how often that was asked before: several that are on
their way at once may come in any order.

    500, slowdown   an error in place of the answer
    reset           the connection is closed before anything is passed on
    lost            the request is passed on, its answer is not
    short           half of the body is passed on, then both connections are closed
    cut             the answer's body ends in its middle
    flip            one bit of the body that is sent turns over
    rot             one bit of the body that is read turns over
    stale           what is there is said not to be there: 404, or a list without its last object
"""

from __future__ import annotations

import base64
import hashlib
import http.client
import random
import re
import socket
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from s3_server import ACCESS_KEY, SECRET_KEY

FAULTS = ("500", "slowdown", "reset", "lost", "short", "cut", "flip", "rot", "stale")
_HOP = {"connection", "keep-alive", "expect", "transfer-encoding", "te", "upgrade", "proxy-connection"}
_ERROR = '<?xml version="1.0"?><Error><Code>{}</Code><Message>{}</Message></Error>'
_MADE_UP = re.compile(r"^/[^/?]*|(?<=uploadId=)[^&]*")  # a test's own bucket, a server's own number: each time another
_LAST = re.compile(rb"<Contents>(?:(?!<Contents>).)*</Contents>(?=(?:(?!<Contents>).)*$)", re.DOTALL)


class FaultProxy:
    """The proxy. rate: of requests that meet a fault, 0 to 1. before: called with each request (method, path) as it comes.

    refused: beginning of the names of headers that it does not know: such a request is refused, as old servers do. reckons: a
    body that is not what its checksum says is refused, as good servers do. conditional: If-None-Match is obeyed, as they do.
    """

    def __init__(
        self, server: str, *, rate: float = 0.0, faults: tuple[str, ...] = FAULTS, seed: int = 20180830
    ) -> None:
        self.server, self.rate, self.faults = server, rate, faults
        self.before: Callable[[str, str], str | None] = lambda _method, _path: None
        self.refused, self.reckons, self.conditional = "", False, False
        self.happened: Counter[str] = Counter()
        self.requests: list[tuple[str, str]] = []
        self.ranges: list[tuple[str, str, str]] = []  # method, path and Range of each request
        self._seed, self._lock = seed, threading.Lock()
        self._asked: Counter[str] = Counter()
        self._came = threading.Condition(self._lock)
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"proxy": self}))
        self._http.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._http.server_port}"

    def start(self) -> None:
        threading.Thread(target=self._http.serve_forever, args=(0.05,), daemon=True).start()

    def close(self) -> None:
        self._http.shutdown()
        self._http.server_close()

    def wait_for(self, wanted: Callable[[str, str], bool], alive: Callable[[], bool] = lambda: True) -> None:
        """Wait until such a request has come. alive: whether one may still come; else AssertionError."""
        with self._came:
            while not self._came.wait_for(lambda: any(wanted(*request) for request in self.requests), timeout=0.2):
                assert alive(), "whoever was to ask is gone"

    def chosen(self, method: str, path: str) -> tuple[str | None, random.Random]:
        """Choose what goes wrong with a request, None for nothing; give the chance of it as well."""
        with self._came:
            self.requests.append((method, path))
            self._came.notify_all()
            what = f"{method} {_MADE_UP.sub('', path)}"
            self._asked[what] += 1
            chance = random.Random(f"{self._seed} {self._asked[what]} {what}")
            fault = self.before(method, path)
            if fault is None and chance.random() < self.rate:
                fault = chance.choice(self.faults)
            if fault is not None:
                self.happened[fault] += 1
            return fault, chance


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    proxy: FaultProxy

    def log_message(self, *_: Any) -> None:
        pass

    def _any(self) -> None:
        proxy, (fault, chance) = self.proxy, self.proxy.chosen(self.command, self.path)
        proxy.ranges.append((self.command, self.path, self.headers.get("Range", "")))
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if fault == "reset":
            return self._break()
        if proxy.refused and any(name.lower().startswith(proxy.refused) for name in self.headers):
            return self._answer(501, {}, _ERROR.format("NotImplemented", "no such header").encode())
        if fault in ("500", "slowdown"):
            code, status = ("InternalError", 500) if fault == "500" else ("SlowDown", 503)
            return self._answer(status, {}, _ERROR.format(code, "a bad day").encode())
        if fault is not None and fault.startswith("error:"):  # error:STATUS:CODE:MESSAGE
            _, status_, code, message = fault.split(":", 3)
            return self._answer(int(status_), {}, _ERROR.format(code, message).encode())
        if fault == "flip" and body:
            body = _flipped(body, chance.randrange(len(body)))
        if fault == "short" and body:
            self._pass_on(body[: len(body) // 2], len(body))
            return self._break()
        told = self.headers.get("x-amz-checksum-sha256")
        if proxy.reckons and told and base64.b64encode(hashlib.sha256(body).digest()).decode() != told:
            return self._answer(400, {}, _ERROR.format("BadDigest", "the checksum is another").encode())
        if proxy.conditional and self.headers.get("If-None-Match") == "*" and self._is_there():
            return self._answer(412, {}, _ERROR.format("PreconditionFailed", "there is one").encode())
        answer, read = self._pass_on(body, len(body))
        if fault == "lost" or answer is None:
            return self._break()
        headers = {name: value for name, value in answer.getheaders() if name.lower() not in _HOP}
        if fault == "stale" and self.command in ("GET", "HEAD"):
            if "list-type" in self.path:
                read = _LAST.sub(b"", read)
            else:
                return self._answer(404, {}, _ERROR.format("NoSuchKey", "not there yet").encode())
        if fault == "rot" and read:
            read = _flipped(read, chance.randrange(len(read)))
        if fault == "cut" and read:
            self._answer(answer.status, headers, read[: len(read) // 2], told=len(read))
            return self._break()
        length = int(headers.get("Content-Length") or 0) if self.command == "HEAD" else None
        return self._answer(answer.status, headers, read, told=length)

    do_GET = do_PUT = do_POST = do_HEAD = do_DELETE = _any  # noqa: N815  named by http.server

    def _pass_on(self, body: bytes, told: int) -> tuple[http.client.HTTPResponse | None, bytes]:
        """Ask the server as we were asked, byte for byte but for what belongs to this connection."""
        parts = urlsplit(self.proxy.server)
        upstream = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=60)
        try:
            upstream.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
            for name, value in self.headers.items():
                if name.lower() not in _HOP:
                    upstream.putheader(name, value)
            upstream.endheaders()
            if body:
                upstream.send(body)
            if len(body) < told:
                return None, b""
            answer = upstream.getresponse()
            return answer, answer.read()
        finally:
            upstream.close()

    def _is_there(self) -> bool:
        """Ask the server itself for what a request is about, in a request of our own."""
        parts, path = urlsplit(self.proxy.server), self.path.partition("?")[0]
        url = f"{parts.scheme}://{parts.netloc}{path}"
        asked = AWSRequest(method="HEAD", url=url)
        S3SigV4Auth(Credentials(ACCESS_KEY, SECRET_KEY), "s3", "us-east-1").add_auth(asked)
        upstream = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=60)
        try:
            upstream.request("HEAD", path, headers=dict(asked.headers.items()))
            return upstream.getresponse().status == 200
        finally:
            upstream.close()

    def _answer(self, status: int, headers: dict[str, str], body: bytes, told: int | None = None) -> None:
        self.send_response_only(status)
        for name, value in headers.items():
            if name.lower() != "content-length":
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(body) if told is None else told))
        self.end_headers()
        if self.command != "HEAD":
            with suppress(OSError):
                self.wfile.write(body)

    def _break(self) -> None:
        """Close the connection as a broken network does."""
        self.close_connection = True
        with suppress(OSError):
            self.wfile.flush()
            self.connection.shutdown(socket.SHUT_RDWR)


def _flipped(data: bytes, at: int) -> bytes:
    changed = bytearray(data)
    changed[at] ^= 1
    return bytes(changed)


@contextmanager
def faulty(server: str, **how: Any) -> Iterator[FaultProxy]:
    """Lend a proxy before a server."""
    proxy = FaultProxy(server, **how)
    proxy.start()
    try:
        yield proxy
    finally:
        proxy.close()
