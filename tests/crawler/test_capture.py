"""What crawler.capture keeps is what went over the wire, whatever the server does; the server's own log is the truth."""

from __future__ import annotations

import socket
from datetime import datetime
from itertools import pairwise
from pathlib import Path
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
        over.wait(120)

    with site(answer) as server:
        for timeout_s in (1, 8, 60):  # what is to come in that time comes later on a busy machine
            meta = {"download_timeout": timeout_s}
            requests = [{"url": f"{server.url}/{name}", "meta": meta} for name in ("drip", "silent", "hint")]
            drip, silent, hint = crawl(requests, settings={"concurrency": 3})
            if drip["exchange"]:
                break
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


def test_a_long_body_that_the_disk_refuses_ends_as_that(tmp_path: Path) -> None:
    """It is no fault of the site: the run ends, and is told to free some space; what is short needs no disk."""
    long = OK + b"Content-Length: 3000000\r\n\r\n" + b"x" * 3_000_000
    with site(lambda connection, target: connection.send(PLAIN if target == "/short" else long)) as server:
        urls = [f"{server.url}/{name}" for name in ("long", "short")]
        refused, short = crawl(
            [{"url": url} for url in urls], spool=str(tmp_path / "gone"), settings={"max_body": 4_000_000}
        )
        kept = crawl([{"url": urls[0]}], spool=str(tmp_path), settings={"max_body": 4_000_000})

    assert "DiskError" in refused["bug"]
    assert "cannot be put down: No such file or directory" in refused["bug"]
    assert short["exchange"]["response"] == PLAIN
    assert kept[0]["exchange"]["response"] == long
    assert list(tmp_path.iterdir()) == []


def test_a_body_of_exactly_the_limit_is_whole() -> None:
    """A limit is what may come, not what may not."""
    body = OK + b"Content-Length: 5000\r\n\r\n" + b"x" * 5000
    with site(lambda connection, _: connection.send(body)) as server:
        (outcome,) = crawl([{"url": f"{server.url}/a"}], settings={"max_body": 5000})

    assert outcome["exchange"]["response"] == body


DRIPS = {
    "head": (b"HTTP/1.1 2", b"0"),
    "line": (OK + b"X-Drip: ", b"x"),
    "folds": (OK + b"X-Drip: x\r\n", b" x\r\n"),
    "interim": (b"", HINT),
    "body": (OK + b"Content-Length: 9000\r\n\r\n", b"x"),
    "until-close": (OK + b"\r\n", b"x"),
    "chunks": (OK + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"),
    "extension": (OK + b"Transfer-Encoding: chunked\r\n\r\n5;", b"x"),
    "trailers": (OK + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n", b"X: y\r\n"),
}


def test_what_drips_ends_when_its_time_is_up() -> None:
    """A server that always sends a little, in whatever part of its answer, is given `timeout` in all, and is not whole."""
    over = Event()

    def answer(connection: Any, target: str) -> None:
        start, drop = DRIPS[target[1:]]
        connection.send(start)
        while not over.wait(0.02):
            connection.send(drop)

    with site(answer) as server, socket.create_server(("127.0.0.1", 0)) as silent:
        urls = [*(f"{server.url}/{name}" for name in DRIPS), f"https://127.0.0.1:{silent.getsockname()[1]}/"]
        for timeout_s in (1.5, 10, 60):  # as above
            meta = {"download_timeout": timeout_s}
            *dripped, unanswered = crawl([{"url": url, "meta": meta} for url in urls], settings={"concurrency": 16})
            if all(one["exchange"] for name, one in zip(DRIPS, dripped, strict=True) if name != "interim"):
                break
        over.set()

    assert [one["reason"] for one in dripped] == ["timeout"] * len(DRIPS)
    kept = {name: one["exchange"] for name, one in zip(DRIPS, dripped, strict=True)}
    assert {name for name, exchange in kept.items() if exchange is None} <= {"interim"}
    assert {exchange["truncated"] for exchange in kept.values() if exchange} == {"time"}
    assert (unanswered["reason"], unanswered["exchange"]) == ("timeout", None)


@pytest.mark.parametrize("name", ["extension", "trailers", "folds"])
def test_what_never_ends_in_a_framing_is_broken_off(name: str) -> None:
    """What stands between the chunks and behind them, and what continues a line, counts against memory like all else."""
    start, drop = DRIPS[name]
    with site(lambda connection, _: (connection.send(start), _endless(connection, drop * 200))) as server:
        (outcome,) = crawl([{"url": f"{server.url}/a"}], settings={"max_body": 5000})

    assert outcome["reason"] in ("too-long", "connect")
    assert outcome["exchange"]["truncated"] in ("length", "unspecified")
    assert len(outcome["exchange"]["response"]) < 2 << 20


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


def test_a_name_that_is_turned_round_leads_nowhere_else() -> None:
    """What was checked is what is connected to: a name server that says another address a moment later is not asked again, and of
    several addresses only the allowed ones count."""
    names = {"rebind.example": [["127.0.0.1"], ["127.0.0.2"]], "inside.example": [["127.0.0.2"], ["127.0.0.1"]]}
    names["mixed.example"] = [["127.0.0.2", "127.0.0.1"]]
    closing = PLAIN.replace(b"server: X", b"Connection: close")
    with site(lambda connection, _: (connection.send(closing), connection.close())) as server:
        port = server.server_address[1]
        with socket.create_server(("127.0.0.2", port)) as inside:
            urls = [f"http://{name}:{port}/{n}" for n in range(2) for name in names]
            outcomes = crawl([{"url": url} for url in urls], names=names, settings={"concurrency": 1})
            inside.setblocking(False)
            with pytest.raises(BlockingIOError):
                inside.accept()

    came = [outcome.get("status") or outcome["reason"] for outcome in outcomes]
    assert dict(zip(urls, came, strict=True)) == {url: "private" if "inside" in url else 200 for url in urls}
    assert server.connections == 4


def test_a_name_that_leads_inside_is_not_asked_of_a_proxy_either() -> None:
    """The proxy looks it up for itself, perhaps in the very network that nobody is led into. What only it knows it is asked."""
    names = {
        "inside.example": [["127.0.0.1"]],
        "mixed.example": [["127.0.0.2", "10.0.0.1"]],
        "tunnelled.example": [["198.18.0.7"]],
    }
    with site(lambda connection, _: connection.send(PLAIN)) as proxy:
        meta = {"proxy": proxy.url}
        hosts = ("inside.example", "mixed.example", "localhost", "10.0.0.1", "tunnelled.example", "unknown.example")
        outcomes = crawl(
            [{"url": f"http://{host}/", "meta": meta} for host in hosts], names=names, allowed=["127.0.0.2"]
        )

    came = [outcome.get("status") or outcome["reason"] for outcome in outcomes]
    assert came == ["private"] * 4 + [200] * 2
    assert sorted(target for target, _, _ in proxy.log) == ["http://tunnelled.example/", "http://unknown.example/"]


def test_hosts_that_share_an_address_are_asked_as_one() -> None:
    """Ten names of one machine are one machine: it sees the delay of one, and no more at once than of one."""
    names = {"a.example": [["127.0.0.1"]], "b.example": [["127.0.0.1"]]}
    with site(lambda connection, _: connection.send(PLAIN)) as server:
        port = server.server_address[1]
        requests = [{"url": f"http://{host}:{port}/{n}"} for n in range(3) for host in (*names, "127.0.0.1")]
        outcomes = crawl(requests, names=names, by_address=True, settings={"delay": 0.1, "concurrency": 2})

    sent = sorted(datetime.fromisoformat(outcome["exchange"]["fetched"]).timestamp() for outcome in outcomes)
    assert min(later - earlier for earlier, later in pairwise(sent)) >= 0.099
    assert len(sent) == 9


def test_what_cannot_be_a_name_is_told_as_that() -> None:
    """It is looked up nowhere; a long label once hung a look-up for ever, or passed for an answer that is no HTTP."""
    hosts = ("no-such-host.invalid", "a..example", f"{'a' * 64}.example", "a." * 127 + "example", "news.onion")
    outcomes = crawl([{"url": f"http://{host}/"} for host in hosts])

    came = [(outcome["reason"], outcome["lasting"], outcome["exchange"]) for outcome in outcomes]
    assert came == [("dns", True, None)] * len(hosts)


def test_a_refused_connection_and_an_unknown_name_are_told_apart() -> None:
    """The report names the cause, since the one is a dead server and the other a dead address."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))  # and not listening: connections are refused, and nobody else gets the port
        url = f"http://127.0.0.1:{bound.getsockname()[1]}/"
        refused, unknown = crawl([{"url": url}, {"url": "http://no-such-host.invalid/"}])

    assert (refused["reason"], unknown["reason"]) == ("connect", "dns")
    assert refused["exchange"] is unknown["exchange"] is None


def test_the_delay_between_two_sendings_holds_at_the_server() -> None:
    """Politeness is what the host sees, not what we meant: each request at least `delay` after the one before."""
    with site(lambda connection, _: connection.send(PLAIN)) as server:
        outcomes = crawl([{"url": f"{server.url}/{n}"} for n in range(6)], settings={"delay": 0.2, "concurrency": 3})

    sent = sorted(datetime.fromisoformat(outcome["exchange"]["fetched"]).timestamp() for outcome in outcomes)
    came = sorted(at for _, _, at in server.log)
    assert min(later - earlier for earlier, later in pairwise(sent)) >= 0.195
    assert min(later - earlier for earlier, later in pairwise(came)) >= 0.18  # the system of the server may be late
    assert came[-1] - came[0] >= 5 * 0.2 - 0.02


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
