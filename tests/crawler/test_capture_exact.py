"""What crawler.capture asks and keeps is the very bytes: addresses as they are written, answers as they came, however odd."""

from __future__ import annotations

import gzip
from typing import Any

import pytest
from raw_site import HINT, OK, PLAIN, crawl, site

ZIPPED = gzip.compress("渠水".encode() * 300, mtime=0)
LONG_COOKIES = b"".join(b"Set-Cookie: c%d=%s\r\n" % (n, b"x" * 4000) for n in range(200))
WHOLE = {
    "plain": PLAIN,
    "duplicates": b"HTTP/1.1 200 Fine  Thanks\r\n"
    b"Set-Cookie: a=1\r\nX-b: 1\r\nset-cookie: b=2\r\nContent-Length: 2\r\n\r\nok",
    "no-reason": b"HTTP/1.1 200 \r\nContent-Length: 2\r\n\r\nok",
    "no-blank-after-code": b"HTTP/1.1 200\r\nContent-Length: 2\r\n\r\nok",
    "folded": OK + b"X-Fold: a\r\n  b\r\nContent-Length: 2\r\n\r\nok",
    "gzip": OK + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(ZIPPED) + ZIPPED,
    "chunked": OK + b"Transfer-Encoding: chunked\r\n\r\n5;ext=1\r\nhello\r\n00A\r\n0123456789\r\n0\r\n\r\n",
    "chunked-title": OK + b"Transfer-Encoding: Chunked\r\n\r\n1\r\na\r\n0\r\n\r\n",
    "chunk-blanks": OK + b"Transfer-Encoding: chunked\r\n\r\n5  \r\nhello\r\n2 ;a=\xe6\r\nok\r\n0\t\r\n\r\n",
    "chunk-line-feeds": OK + b"Transfer-Encoding: chunked\r\n\r\n5\nhello\n2;a=1\r\nok\n0\nX-T: v\n\n",
    "identity": OK + b"Transfer-Encoding: identity\r\nContent-Length: 2\r\n\r\nok",
    "blank-line-first": b"\r\n" + PLAIN,
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
    "no-colon-last": OK + b"Content-Length: 2\r\nNoColonHere\r\n\r\nok",
    "blank-in-name": OK + b"Bad Name : x\r\nContent-Length: 2\r\nWorse Content-Length: 9\r\n\r\nok",
    "blank-before-colon": OK + b"Content-Length : 2\r\n\r\nok",
    "no-name": OK + b": x\r\n:\r\nContent-Length: 2\r\n\r\nok",
    "name-not-ascii": OK + b"X-\xc3\xa9: x\r\nX\x00: y\r\nContent-Length: 2\r\n\r\nok",
    "fold-of-nothing": OK + b"  Content-Length: 9\r\nContent-Length: 2\r\n\r\nok",
    "fold-of-no-colon": OK + b"NoColonHere\r\n and: more\r\nContent-Length: 2\r\n\r\nok",
    "broken-chunked": OK + b"Bad Name : x\r\nNoColonHere\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
    "status-999": b"HTTP/1.1 999 X\r\nContent-Length: 2\r\n\r\nno",
    "same-length-twice": OK + b"Content-Length: 2\r\nContent-Length: 2\r\n\r\nok",
    "long-line": OK + b"X-Long: " + b"y" * 100_000 + b"\r\nContent-Length: 2\r\n\r\nok",
    "cookies": OK + LONG_COOKIES + b"Content-Length: 2\r\n\r\nok",
    "error": b"HTTP/1.1 503 Busy\r\nRetry-After: 7\r\nContent-Length: 4\r\n\r\nbusy",
    "looks-interim": OK + b"Content-Length: 28\r\n\r\nHTTP/1.1 100 Continue\r\n\r\nend",
}
INTERIM = {
    "early-hints": HINT,
    "two-interim": b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 102 Processing\r\n\r\n",
    "interim-line-feeds": b"HTTP/1.1 100 Continue\n\n",
}
SURPLUS = {"surplus": b"HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\ngrafted"}
CLOSING = ("until-close", "close-title", "http10")


def served(name: str) -> bytes:
    """Give all that the server sends for a name."""
    if name in INTERIM:
        return INTERIM[name] + PLAIN
    return PLAIN + SURPLUS[name] if name in SURPLUS else WHOLE[name]


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
        whole = PLAIN if name in INTERIM or name in SURPLUS else WHOLE[name]

        assert outcome["exchange"]["response"] == whole, name
        assert outcome["exchange"]["request"] == asked[target], name
        assert outcome["exchange"]["truncated"] is None
        assert outcome["status"] == int(whole.split(None, 2)[1])
    assert len(server.log) == len(requests)
    assert server.connections < len(requests)


def test_headers_go_out_as_the_spider_wrote_them() -> None:
    """Nothing is added to what a profile asks for but Host and, with a body, Content-Length; order and case stay."""
    with site(lambda connection, _: connection.send(PLAIN)) as server:
        headers = [["user-AGENT", "lianzai"], ["Accept", "*/*"], ["x-token", "1"], ["X-Token", "2"]]
        crawl([{"url": f"{server.url}/a%2Fb?b=2&a=1", "headers": headers}])

    host = server.url.removeprefix("http://").encode()
    assert server.log[0][1] == (
        b"GET /a%2Fb?b=2&a=1 HTTP/1.1\r\nHost: " + host + b"\r\n"
        b"user-AGENT: lianzai\r\nAccept: */*\r\nx-token: 1\r\nX-Token: 2\r\n\r\n"
    )


WRITTEN = "/q[0]?y=[1]|2&z=a^b`{c}\\%zz"


@pytest.mark.parametrize("proxied", [False, True])
def test_an_address_is_asked_as_it_is_written(proxied: bool) -> None:
    """Scrapy escapes more than browsers do, and an old server may look its pages up by the very bytes of the query."""
    with site(lambda connection, _: connection.send(PLAIN)) as server:
        meta = {"wire_url": server.url + WRITTEN + "#part"} | ({"proxy": server.url} if proxied else {})
        (outcome,) = crawl([{"url": server.url + WRITTEN, "meta": meta}])

    asked = (server.url if proxied else "") + WRITTEN
    assert server.log[0][1].startswith(f"GET {asked} HTTP/1.1\r\n".encode())
    assert outcome["exchange"]["request"] == server.log[0][1]
    assert outcome["exchange"]["url"] == server.url + WRITTEN


@pytest.mark.parametrize(
    "written",
    ["{site}/a b", "{site}/a\r\nX-Grafted: 1", "{site}/a\x00", "{site}/a\x7f", "{site}/石", "http://other.example/a"],
)
def test_an_address_that_breaks_the_request_line_is_not_asked_raw(written: str) -> None:
    """A blank or a line end in a target would make another request of it, and another host is not the one that was checked."""
    with site(lambda connection, _: connection.send(PLAIN)) as server:
        meta = {"wire_url": written.format(site=server.url)}
        (outcome,) = crawl([{"url": f"{server.url}/safe|", "meta": meta}])

    assert server.log[0][1].startswith(b"GET /safe%7C HTTP/1.1\r\nHost: ")
    assert b"Grafted" not in server.log[0][1]
    assert outcome["exchange"]["url"] == f"{server.url}/safe%7C"
