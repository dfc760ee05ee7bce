"""What crawler.capture keeps is what went over the wire, whatever the server does; the server's own log is the truth."""

from __future__ import annotations

from datetime import datetime
from itertools import pairwise
from threading import Event
from typing import Any

import pytest
from raw_site import HINT, OK, PLAIN, crawl, site


def test_a_secret_header_is_sent_and_not_kept() -> None:
    """A WARC is given to others; a password in it would be too."""
    with site(lambda connection, _: connection.send(PLAIN)) as server:
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
        connection.send(*({"/drip": [OK + b"Content-Length: 9\r\n\r\nhalf"], "/hint": [HINT]}.get(target, [])))
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


@pytest.mark.parametrize("piece", [b"X-A: b\r\n", b"y" * 1000, HINT], ids=["lines", "line", "interim"])
def test_an_endless_head_is_cut(piece: bytes) -> None:
    """Headers count against memory as bodies do."""
    start = b"" if piece.startswith(b"HTTP") else OK
    with site(lambda connection, _: (connection.send(start), _endless(connection, piece))) as server:
        (outcome,) = crawl([{"url": f"{server.url}/a"}], settings={"max_body": 5000})

    assert outcome["reason"] == "too-long"
    assert outcome["exchange"] is None or len(outcome["exchange"]["response"]) <= (1 << 20) + 5000


def test_no_byte_goes_to_an_address_that_is_not_allowed() -> None:
    """A name that leads into the private network, in whatever spelling, is refused before anything connects to it."""
    with site(lambda connection, _: connection.send(PLAIN)) as server:
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
    with site(lambda connection, _: connection.send(PLAIN)) as server:
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
        connection.send(PLAIN)

    with site(answer) as server:
        crawl([{"url": f"{server.url}/{n}"} for n in range(40)], settings={"concurrency": 3})

    assert max(counts) == 3
    assert server.connections == 3


def test_a_run_that_is_told_to_stop_waits_for_nothing() -> None:
    """SIGTERM must end within 10 s though a server holds its connection for a minute."""
    over = Event()

    def answer(connection: Any, target: str) -> None:
        if target == "/0":
            connection.send(PLAIN)
        else:
            over.wait(30)

    with site(answer) as server:
        requests = [{"url": f"{server.url}/{n}", "meta": {"download_timeout": 60}} for n in range(3)]
        first, *others = crawl(requests, settings={"concurrency": 3}, stop_after_first=True)
        over.set()

    assert first["status"] == 200
    assert {outcome.get("reason") for outcome in others} == {"limit"}
