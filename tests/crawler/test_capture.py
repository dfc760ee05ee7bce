"""What crawler.capture keeps is what went over the wire, whatever the server does; the server's own log is the truth."""

from __future__ import annotations

import base64
import gzip
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from socketserver import StreamRequestHandler, ThreadingTCPServer
from threading import Event, Thread
from time import monotonic
from typing import Any

import pytest

REPO = Path(__file__).resolve().parents[2]
ZIPPED = gzip.compress("渠水".encode() * 300, mtime=0)
OK = b"HTTP/1.1 200 OK\r\n"
LONG_COOKIES = b"".join(b"Set-Cookie: c%d=%s\r\n" % (n, b"x" * 4000) for n in range(200))
WHOLE = {
    "plain": OK + b'server: X\r\nContent-TYPE: text/html\r\nETag:  "a"  \r\nContent-Length: 5\r\n\r\nhello',
    "duplicates": b"HTTP/1.1 200 Fine  Thanks\r\n"
    b"Set-Cookie: a=1\r\nX-b: 1\r\nset-cookie: b=2\r\nContent-Length: 2\r\n\r\nok",
    "no-reason": b"HTTP/1.1 200 \r\nContent-Length: 2\r\n\r\nok",
    "no-blank-after-code": b"HTTP/1.1 200\r\nContent-Length: 2\r\n\r\nok",
    "folded": OK + b"X-Fold: a\r\n  b\r\nContent-Length: 2\r\n\r\nok",
    "gzip": OK + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(ZIPPED) + ZIPPED,
    "chunked": OK + b"Transfer-Encoding: chunked\r\n\r\n5;ext=1\r\nhello\r\n00A\r\n0123456789\r\n0\r\n\r\n",
    "chunked-title": OK + b"Transfer-Encoding: Chunked\r\n\r\n1\r\na\r\n0\r\n\r\n",
    "trailer": OK + b"Transfer-Encoding: chunked\r\nTrailer: X-T\r\n\r\n5\r\nhello\r\n0\r\nX-T: v\r\n\r\n",
    "gzip-chunked": OK
    + b"Transfer-Encoding: chunked\r\nContent-Encoding: gzip\r\n\r\n%x\r\n%s\r\n0\r\n\r\n" % (len(ZIPPED), ZIPPED),
    "not-modified": b'HTTP/1.1 304 Not Modified\r\nETag: "a"\r\n\r\n',
    "not-modified-length": b"HTTP/1.1 304 Not Modified\r\nContent-Length: 99\r\n\r\n",
    "no-content": b"HTTP/1.1 204 No Content\r\nX-A: 1\r\n\r\n",
    "empty": OK + b"Content-Length: 0\r\n\r\n",
    "until-close": OK + b"Connection: close\r\n\r\nuntil the end",
    "close-title": OK + b"Connection: Close\r\nContent-Length: 2\r\n\r\nok",
    "http10": b"HTTP/1.0 200 OK\r\nContent-Length: 3\r\n\r\nold",
    "line-feeds": b"HTTP/1.1 200 OK\nX-Lf: 1\nContent-Length: 2\n\nok",
    "latin": OK + b"X-L: caf\xe9\r\nContent-Length: 2\r\n\r\nok",
    "redirect": b"HTTP/1.1 302 Found\r\nLocation: /plain\r\nContent-Length: 0\r\n\r\n",
    "no-colon": OK + b"broken line\r\nContent-Length: 2\r\n\r\nok",
    "same-length-twice": OK + b"Content-Length: 2\r\nContent-Length: 2\r\n\r\nok",
    "long-line": OK + b"X-Long: " + b"y" * 100_000 + b"\r\nContent-Length: 2\r\n\r\nok",
    "cookies": OK + LONG_COOKIES + b"Content-Length: 2\r\n\r\nok",
    "error": b"HTTP/1.1 503 Busy\r\nRetry-After: 7\r\nContent-Length: 4\r\n\r\nbusy",
    "looks-interim": OK + b"Content-Length: 28\r\n\r\nHTTP/1.1 100 Continue\r\n\r\nend",
}
INTERIM = {
    "early-hints": b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n",
    "two-interim": b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 102 Processing\r\n\r\n",
    "interim-line-feeds": b"HTTP/1.1 100 Continue\n\n",
}
SURPLUS = {"surplus": b"HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\ngrafted"}
CLOSING = ("until-close", "close-title", "http10")


def served(name: str) -> bytes:
    """Give all that the server sends for a name."""
    if name in INTERIM:
        return INTERIM[name] + WHOLE["plain"]
    return WHOLE["plain"] + SURPLUS[name] if name in SURPLUS else WHOLE[name]


class RawSite(ThreadingTCPServer):
    """A server that sends what a test gave it, byte for byte and in pieces, and logs what it was asked."""

    daemon_threads = True

    def __init__(self, answer: Callable[[Any, str], None]) -> None:
        self.answer = answer
        self.log: list[tuple[str, bytes, float]] = []
        self.connections = 0
        super().__init__(("127.0.0.1", 0), RawConnection)
        self.url = f"http://127.0.0.1:{self.server_address[1]}"


class RawConnection(StreamRequestHandler):
    disable_nagle_algorithm = True

    def handle(self) -> None:
        self.server.connections += 1
        try:
            while request := self.read_request():
                target = request.split(b" ", 2)[1].decode()
                self.server.log.append((target, request, monotonic()))
                self.server.answer(self, target)
        except (ConnectionError, StopIteration):
            return

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
    done = subprocess.run(
        [sys.executable, str(Path(__file__).with_name("wire_crawl.py"))],
        input=json.dumps(told),
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
        env={"PYTHONPATH": str(REPO), "PATH": os.environ["PATH"]},
    )
    assert done.stderr == ""
    outcomes = sorted(map(json.loads, done.stdout.splitlines()), key=lambda outcome: outcome["index"])
    for outcome in outcomes:
        for side in ("request", "response") if outcome.get("exchange") else ():
            outcome["exchange"][side] = base64.b64decode(outcome["exchange"][side])
    assert [outcome["index"] for outcome in outcomes] == list(range(len(requests)))
    return outcomes


def test_every_exchange_is_kept_to_the_byte() -> None:
    """The archive proves what the newspaper sent only if nothing is normalised: order, case, duplicates, framing, coding."""

    def answer(connection: Any, target: str) -> None:
        name = target[1:].partition("?")[0]
        out = served(name)
        third = len(out) // 3
        connection.send(out[:third], out[third : 2 * third], out[2 * third :])
        if name in CLOSING:
            connection.close()

    names = [*WHOLE, *INTERIM, *SURPLUS]
    headers = [["X-MiXed-case", "1"], ["accept-encoding", "gzip, deflate, br"], ["If-None-Match", '"a"']]
    with site(answer) as server:
        requests = [{"url": f"{server.url}/{name}?{n}", "headers": headers} for name in names for n in (1, 2)]
        requests.append({"url": f"{server.url}/plain?post", "method": "POST", "body": "k=%E5&x=1"})
        outcomes = crawl(requests)
        asked = {target: request for target, request, _ in server.log}

    for request, outcome in zip(requests, outcomes, strict=True):
        target = request["url"][len(server.url) :]
        name = target[1:].partition("?")[0]
        whole = WHOLE["plain"] if name in INTERIM or name in SURPLUS else WHOLE[name]

        assert outcome["exchange"]["response"] == whole, name
        assert outcome["exchange"]["request"] == asked[target], name
        assert outcome["exchange"]["truncated"] is None
        assert outcome["status"] == int(whole.split(None, 2)[1])
    assert len(server.log) == len(requests)
    assert server.connections < len(requests)


def test_headers_go_out_as_the_spider_wrote_them() -> None:
    """Nothing is added to what a profile asks for but Host and, with a body, Content-Length; order and case stay."""
    with site(lambda connection, _: connection.send(WHOLE["plain"])) as server:
        headers = [["user-AGENT", "lianzai"], ["Accept", "*/*"], ["x-token", "1"], ["X-Token", "2"]]
        crawl([{"url": f"{server.url}/a%2Fb?b=2&a=1", "headers": headers}])

    host = server.url.removeprefix("http://").encode()
    assert server.log[0][1] == (
        b"GET /a%2Fb?b=2&a=1 HTTP/1.1\r\nHost: " + host + b"\r\n"
        b"user-AGENT: lianzai\r\nAccept: */*\r\nx-token: 1\r\nX-Token: 2\r\n\r\n"
    )


def test_a_secret_header_is_sent_and_not_kept() -> None:
    """A WARC is given to others; a password in it would be too."""
    with site(lambda connection, _: connection.send(WHOLE["plain"])) as server:
        headers = [["Accept", "*/*"], ["Authorization", "Basic c2VjcmV0"]]
        (outcome,) = crawl([{"url": f"{server.url}/", "headers": headers, "secrets": ["authorization"]}])

    sent = server.log[0][1]
    assert b"Authorization: Basic c2VjcmV0\r\n" in sent
    assert outcome["exchange"]["request"] == sent.replace(b"Authorization: Basic c2VjcmV0\r\n", b"")


def test_head_asks_for_no_body_and_waits_for_none() -> None:
    """The Content-Length of an answer to HEAD is that of a body which never comes."""
    head = OK + b"Content-Length: 500\r\n\r\n"
    with site(lambda connection, _: connection.send(head)) as server:
        first, second = crawl(
            [{"url": f"{server.url}/{n}", "method": "HEAD"} for n in (1, 2)], settings={"concurrency": 1}
        )

    assert first["exchange"]["response"] == second["exchange"]["response"] == head
    assert server.connections == 1


CUT = {
    "short-length": OK + b"Content-Length: 100\r\n\r\nonly this",
    "cut-chunk": OK + b"Transfer-Encoding: chunked\r\n\r\n64\r\nonly this",
    "no-last-chunk": OK + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
    "cut-head": OK + b"Content-Le",
    "cut-status": b"HTTP/1",
}


@pytest.mark.parametrize("name", CUT)
def test_a_broken_response_is_kept_as_broken(name: str) -> None:
    """A body that ended early must never pass for an article, and its bytes are still evidence."""

    def answer(connection: Any, _: str) -> None:
        connection.send(CUT[name])
        connection.close()

    with site(answer) as server:
        (outcome,) = crawl([{"url": f"{server.url}/a"}])

    assert (outcome["reason"], outcome["exchange"]["truncated"]) == ("connect", "disconnect")
    assert outcome["exchange"]["response"] == CUT[name]
    assert outcome["exchange"]["request"] == server.log[0][1]
    assert len(server.log) == 1


NOT_HTTP = {
    "banner": b"220 ftp ready\r\n\r\n",
    "bad-chunk": OK + b"Transfer-Encoding: chunked\r\n\r\nzz\r\nhello\r\n",
    "two-lengths": OK + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\nok",
}


@pytest.mark.parametrize("name", NOT_HTTP)
def test_an_answer_that_breaks_http_fails_with_its_bytes(name: str) -> None:
    """What cannot be framed is no article; it is told in a line and kept as far as it came."""
    with site(lambda connection, _: connection.send(NOT_HTTP[name])) as server:
        (outcome,) = crawl([{"url": f"{server.url}/a"}])

    assert (outcome["reason"], outcome["detail"].count("\n")) == ("connect", 0)
    assert "not HTTP" in outcome["detail"]
    assert outcome["exchange"]["response"] == NOT_HTTP[name]
    assert outcome["exchange"]["truncated"] == "unspecified"


def test_a_stalled_response_is_kept_as_cut_by_time() -> None:
    """A server that holds a connection open must not hold the run; what came is kept, a silent one leaves nothing."""
    over = Event()

    def answer(connection: Any, target: str) -> None:
        connection.send(
            *({"/drip": [OK + b"Content-Length: 9\r\n\r\nhalf"], "/hint": [INTERIM["early-hints"]]}.get(target, []))
        )
        over.wait(30)

    with site(answer) as server:
        requests = [
            {"url": f"{server.url}/{name}", "meta": {"download_timeout": 1}} for name in ("drip", "silent", "hint")
        ]
        drip, silent, hint = crawl(requests, settings={"concurrency": 3})
        over.set()

    assert [outcome["reason"] for outcome in (drip, silent, hint)] == ["timeout"] * 3
    assert (drip["exchange"]["response"][-4:], drip["exchange"]["truncated"]) == (b"half", "time")
    assert silent["exchange"] is None
    assert hint["exchange"] is None


def _endless(connection: Any, piece: bytes) -> None:
    while True:
        connection.send(piece)


@pytest.mark.parametrize(
    ("head", "piece", "kept_bytes"),
    [
        (OK + b"Content-Length: 99999999\r\n\r\n", b"x" * 1000, 5000),
        (OK + b"\r\n", b"x" * 1000, 5000),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n", b"3e8\r\n" + b"x" * 1000 + b"\r\n", 5000),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n", b"1;" + b"y" * 900 + b"\r\nx\r\n", 5000),
    ],
    ids=["length", "until-close", "chunked", "framing"],
)
def test_a_body_over_the_limit_is_cut_there(head: bytes, piece: bytes, kept_bytes: int) -> None:
    """Memory is bounded by the profile, not by the server, and a cut body is never called complete."""
    with site(lambda connection, _: (connection.send(head), _endless(connection, piece))) as server:
        (outcome,) = crawl([{"url": f"{server.url}/a"}], settings={"max_body": 5000})

    assert (outcome["reason"], outcome["exchange"]["truncated"]) == ("too-long", "length")
    assert outcome["exchange"]["response"] == (head + piece * 10)[: len(head) + kept_bytes]


def test_a_body_of_exactly_the_limit_is_whole() -> None:
    """A limit is what may come, not what may not."""
    body = OK + b"Content-Length: 5000\r\n\r\n" + b"x" * 5000
    with site(lambda connection, _: connection.send(body)) as server:
        (outcome,) = crawl([{"url": f"{server.url}/a"}], settings={"max_body": 5000})

    assert outcome["exchange"]["response"] == body


@pytest.mark.parametrize(
    "piece", [b"X-A: b\r\n", b"y" * 1000, INTERIM["early-hints"]], ids=["lines", "line", "interim"]
)
def test_an_endless_head_is_cut(piece: bytes) -> None:
    """Headers count against memory as bodies do."""
    start = b"" if piece.startswith(b"HTTP") else OK
    with site(lambda connection, _: (connection.send(start), _endless(connection, piece))) as server:
        (outcome,) = crawl([{"url": f"{server.url}/a"}], settings={"max_body": 5000})

    assert outcome["reason"] == "too-long"
    assert outcome["exchange"] is None or len(outcome["exchange"]["response"]) <= (1 << 20) + 5000


def test_no_byte_goes_to_an_address_that_is_not_allowed() -> None:
    """A name that leads into the private network, in whatever spelling, is refused before anything connects to it."""
    with site(lambda connection, _: connection.send(WHOLE["plain"])) as server:
        port = server.server_address[1]
        hosts = ("127.0.0.1", "localhost", "2130706433", "0x7f.1", "0177.0.0.1")
        outcomes = crawl([{"url": f"http://{host}:{port}/"} for host in hosts], allowed=["192.0.2.1"])

    assert [outcome["reason"] for outcome in outcomes] == ["private"] * len(hosts)
    assert all(outcome["exchange"] is None for outcome in outcomes)
    assert server.connections == 0


def test_a_refused_connection_and_an_unknown_name_are_told_apart() -> None:
    """The report names the cause, since the one is a dead server and the other a dead address."""
    with site(lambda _connection, _target: None) as server:
        port = server.server_address[1]
    refused, unknown = crawl([{"url": f"http://127.0.0.1:{port}/"}, {"url": "http://no-such-host.invalid/"}])

    assert (refused["reason"], unknown["reason"]) == ("connect", "dns")
    assert refused["exchange"] is unknown["exchange"] is None


def test_the_delay_between_two_sendings_holds_at_the_server() -> None:
    """Politeness is what the host sees, not what we meant: each request at least `delay` after the one before."""
    with site(lambda connection, _: connection.send(WHOLE["plain"])) as server:
        outcomes = crawl([{"url": f"{server.url}/{n}"} for n in range(6)], settings={"delay": 0.2, "concurrency": 3})

    sent = sorted(datetime.fromisoformat(outcome["exchange"]["fetched"]).timestamp() for outcome in outcomes)
    assert min(later - earlier for earlier, later in pairwise(sent)) >= 0.195
    assert server.log[-1][2] - server.log[0][2] >= 5 * 0.2 - 0.1


def test_no_more_requests_than_allowed_are_under_way_at_a_host() -> None:
    """Concurrency is counted by the server: it answers only when a request more than allowed had its chance to come."""
    counts: list[int] = []
    now: set[str] = set()
    one_too_many = Event()

    def answer(connection: Any, target: str) -> None:
        now.add(target)
        counts.append(len(now))
        if len(now) > 3:
            one_too_many.set()
        one_too_many.wait(0.05)
        now.discard(target)
        connection.send(WHOLE["plain"])

    with site(answer) as server:
        crawl([{"url": f"{server.url}/{n}"} for n in range(40)], settings={"concurrency": 3})

    assert max(counts) == 3
    assert server.connections == 3


def test_a_run_that_is_told_to_stop_waits_for_nothing() -> None:
    """SIGTERM must end within 10 s though a server holds its connection for a minute."""
    over = Event()

    def answer(connection: Any, target: str) -> None:
        if target == "/0":
            connection.send(WHOLE["plain"])
        else:
            over.wait(30)

    with site(answer) as server:
        requests = [{"url": f"{server.url}/{n}", "meta": {"download_timeout": 60}} for n in range(3)]
        first, *others = crawl(requests, settings={"concurrency": 3}, stop_after_first=True)
        over.set()

    assert first["status"] == 200
    assert {outcome.get("reason") for outcome in others} == {"limit"}
