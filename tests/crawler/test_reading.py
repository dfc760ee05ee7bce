"""crawler.reading says of a status what it is, and nothing it is not."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from archive.model import Capture, Gone, Listing, Needs, Redirected, Role, Said, Statement, Trouble
from archive.octets import Spool
from crawler.demo.profiles import url_list_profile
from crawler.profile import parse_profile
from crawler.reading import LIST_BYTES, PAGE_BYTES, Asked, Reader
from crawler.sources import source_for

URL = "http://example.org/a"


def said_of(status: int, more: bytes = b"", body: bytes = b"") -> Statement:
    """Read an answer of an article's page. more: header lines."""
    profile = parse_profile(url_list_profile("http://example.org"), name="demo.toml", environ={})
    raw = b"HTTP/1.1 %d X\r\nContent-Length: %d\r\n%s\r\n%s" % (status, len(body), more, body)
    capture = Capture("id", "response", URL, datetime(2018, 8, 30, tzinfo=UTC), "a.warc.gz", 0, 1, status, "", "", 0)
    return Reader(profile, source_for(profile.source)).read(capture, raw, Asked("page"))


@pytest.mark.parametrize(
    ("status", "reason"),
    [(403, "http-4xx"), (499, "http-4xx"), (500, "http-5xx"), (599, "http-5xx"), (600, "not-an-article"),
     (999, "not-an-article"), (206, "not-an-article"), (300, "not-an-article")],
)  # fmt: skip
def test_a_status_is_told_by_its_class(status: int, reason: str) -> None:
    """999 is what some sites answer to a client they refuse: no failure of a server, and no promise that it passes."""
    said = said_of(status)

    assert isinstance(said, Trouble)
    assert (said.reason, str(status) in said.detail) == (reason, True)


@pytest.mark.parametrize(
    ("value", "target"), [("0; url=/b", "http://example.org/b"), ("5;/b", "http://example.org/b"), ("60", "")]
)
def test_a_page_without_a_text_that_is_refreshed_leads_on(value: str, target: str) -> None:
    """Browsers take the header as they take the element."""
    said = said_of(200, b"Refresh: %s\r\n" % value.encode(), b"<html></html>")

    assert (said.location if isinstance(said, Redirected) else "") == target


@pytest.mark.parametrize("status", [404, 410])
def test_only_what_is_not_there_is_gone(status: int) -> None:
    """An article is withdrawn on the word of these two; any other refusal may be of today."""
    said = said_of(status)

    assert isinstance(said, Gone)
    assert said.reason == "http-4xx"


def test_a_date_that_counts_back_counts_from_the_capture() -> None:
    """What is read again from the record, years later, is what was read on the day."""
    text = "渠水从闸口出来，先绕过村北的老磨坊，再沿着柳树往南走。守闸的人说，水声一变，他在屋里就听得出来。" * 3
    said = said_of(200, body=f"<meta charset=utf-8><h1>渠水通了的那一天</h1><p>昨天 07:12</p><p>{text}</p>".encode())

    assert isinstance(said, Said)
    assert (said.reading.published, said.reading.published_precision) == ("2018-08-29", "day")


@pytest.mark.parametrize(
    ("octets", "url"), [("河".encode("gbk"), "%BA%D3"), ("河".encode(), "%E6%B2%B3"), (b"%BA%d3", "%BA%d3")]
)
def test_a_redirect_is_followed_by_the_bytes_that_it_names(octets: bytes, url: str) -> None:
    """A site that redirects in GBK knows no other spelling of the address."""
    said = said_of(302, b"Location: /a/%s.html\r\n" % octets)

    assert said == Redirected(f"http://example.org/a/{url}.html")


@pytest.mark.parametrize(
    ("role", "most", "said"),
    [("page", PAGE_BYTES, "not-an-article"), ("list", LIST_BYTES, "source"), ("requisite", PAGE_BYTES, None)],
)
@pytest.mark.parametrize("framed", ["length", "chunks", "far longer"])
def test_what_is_longer_than_it_may_be_is_kept_and_not_read(
    role: Role, most: int, said: str | None, framed: str
) -> None:
    """Memory is bounded by what is read of an answer, wherever it lies; a crawl and a rebuild must say the same of it."""
    profile = parse_profile(url_list_profile("http://example.org"), name="demo.toml", environ={})
    body = b"x" * (most + 1 if framed != "far longer" else 2 * most + (5 << 20))
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
    raw = head + b"Content-Length: %d\r\n\r\n" % len(body) + body
    if framed == "chunks":
        raw = head + b"Transfer-Encoding: chunked\r\n\r\n%x\r\n%b\r\n0\r\n\r\n" % (len(body), body)
    spool = Spool(held_bytes=0)
    spool.write(raw)
    capture = Capture(
        "id", "response", URL, datetime(2018, 8, 30, tzinfo=UTC), "a.warc.gz", 0, 1, 200, "", "", len(body)
    )
    reader = Reader(profile, source_for(profile.source))
    from_memory, from_file = (reader.read(capture, octets, Asked(role)) for octets in (raw, spool.octets()))

    assert from_memory == from_file
    if said is None:
        assert isinstance(from_memory, Needs)
    else:
        assert isinstance(from_memory, Trouble)
        assert (from_memory.reason, str(most) in from_memory.detail) == (said, True)


def test_a_list_that_names_more_than_any_is_named_and_not_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each entry is kept in memory from then on, and by all later runs."""
    monkeypatch.setattr("crawler.reading.LIST_ENTRIES", 2)
    text = '[series]\nid = "q"\ntitle = "渠水"\n[source]\nkind = "sitemap"\nurl = "http://example.org/map"\n'
    profile = parse_profile(text, name="q.toml", environ={})
    said = []
    for count in (2, 3):
        body = b"".join(b"http://example.org/%d\n" % number for number in range(count))
        raw = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)
        capture = Capture("id", "response", URL, datetime(2018, 8, 30, tzinfo=UTC), "a", 0, 1, 200, "", "", len(body))
        said.append(Reader(profile, source_for(profile.source)).read(capture, raw, Asked("list")))

    assert isinstance(said[0], Listing)
    assert said[1] == Trouble("source", "a list of more than 2 entries")
