"""crawler.reading says of a status what it is, and nothing it is not."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from archive.model import Capture, Gone, Redirected, Statement, Trouble
from crawler.demo.profiles import url_list_profile
from crawler.profile import parse_profile
from crawler.reading import Asked, Reader
from crawler.sources import source_for

URL = "http://example.org/a"


def said_of(status: int, more: bytes = b"") -> Statement:
    """Read an answer of an article's page that has a status and no more. more: header lines."""
    profile = parse_profile(url_list_profile("http://example.org"), name="demo.toml", environ={})
    raw = b"HTTP/1.1 %d X\r\nContent-Length: 0\r\n%s\r\n" % (status, more)
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


@pytest.mark.parametrize("status", [404, 410])
def test_only_what_is_not_there_is_gone(status: int) -> None:
    """An article is withdrawn on the word of these two; any other refusal may be of today."""
    said = said_of(status)

    assert isinstance(said, Gone)
    assert said.reason == "http-4xx"


@pytest.mark.parametrize(
    ("octets", "url"), [("河".encode("gbk"), "%BA%D3"), ("河".encode(), "%E6%B2%B3"), (b"%BA%d3", "%BA%d3")]
)
def test_a_redirect_is_followed_by_the_bytes_that_it_names(octets: bytes, url: str) -> None:
    """A site that redirects in GBK knows no other spelling of the address."""
    said = said_of(302, b"Location: /a/%s.html\r\n" % octets)

    assert said == Redirected(f"http://example.org/a/{url}.html")
