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


@pytest.mark.parametrize(
    ("status", "line", "reason"),
    [
        (403, b"CF-Mitigated: challenge", "blocked"), (503, b"cf-mitigated: Challenge", "blocked"),
        (200, b"x-vercel-mitigated: deny", "blocked"), (405, b"x-amzn-waf-action: captcha", "blocked"),
        (403, b"X-DataDome: protected", "blocked"), (403, b"X-Iinfo: 9-1-0 0NNN", "blocked"),
        (403, b"Server: AkamaiGHost", "blocked"), (404, b"X-DataDome: protected", "http-4xx"),
        (503, b"X-Iinfo: 9-1-0 0NNN", "http-5xx"), (503, b"Server: AkamaiGHost", "http-5xx"),
        (403, b"Server: nginx", "http-4xx"), (403, b"cf-mitigated: no", "http-4xx"),
    ],
)  # fmt: skip
def test_a_wall_of_a_service_is_told_by_its_headers(status: int, line: bytes, reason: str) -> None:
    """It is neither the newspaper's refusal nor its fault; what stands on every page of a service tells nothing by itself."""
    said = said_of(status, line + b"\r\n")

    assert isinstance(said, Trouble | Gone)
    assert said.reason == reason


TEXT = "渠水从闸口出来，先绕过村北的老磨坊，再沿着柳树往南走。守闸的人说，水声一变，他在屋里就听得出来。"
PAGE = (
    "<!DOCTYPE html><html><head><meta charset=utf-8><title>渠水</title>%s</head><body><div><h1>渠水通了的那一天</h1>"
    f"<p class=info>2018-08-29 07:12 来源：临溪日报</p><div class=content><p>{TEXT}</p><p>{TEXT[:-1]}，一年四季都是。</p>"
)
LINKED = '<script type="application/ld+json">%s</script>'
CUTS = {
    "within a tag": "<p>水面</p><div cla",
    "within a script": "<script>var a = 1;",
    "within a sentence": "<p>石桥村的老人说，从前",
}


@pytest.mark.parametrize(("where", "end"), CUTS.items(), ids=CUTS)
def test_a_page_that_ends_where_no_page_does_is_cut(where: str, end: str) -> None:
    """Also where its framing calls it whole: a cache has kept what it got, a script has died."""
    assert said_of(200, body=(PAGE % "" + end).encode()) == Trouble("connect", f"cut: the page ends {where}")
    assert isinstance(said_of(200, body=(PAGE % "" + end + "</body></html>").encode()), Said)


@pytest.mark.parametrize(
    "end", ["", "<p>水面平了。", "</div></div>版权所有 临溪日报", "</div></div><!-- 0.03 s", "</p><p>1 < 2。"]
)
def test_a_page_that_may_be_whole_is_read(end: str) -> None:
    """Many a site leaves end tags out; a foot has no full stop."""
    assert isinstance(said_of(200, body=(PAGE % "" + end).encode()), Said)


def test_a_page_that_ends_before_its_text_is_cut() -> None:
    """What is left is its title, and a line of date and source."""
    begun = (PAGE % "").partition("<div class=content>")[0]

    assert said_of(200, body=begun.encode()) == Trouble("connect", "cut: the page ends before its text")


@pytest.mark.parametrize(
    ("head", "changed"),
    [
        ('<meta property="article:modified_time" content="2018-08-30T10:00:00+08:00">', "2018-08-30T02:00:00Z"),
        (LINKED % '{"@type": "NewsArticle", "dateModified": "2018-08-30T02:00:00Z"}', "2018-08-30T02:00:00Z"),
        ('<meta property="article:modified_time" content="2018-08-30 10:00">', None),
        ('<meta property="article:published_time" content="2018-08-30T10:00:00+08:00">', None),
        ("", None),
    ],
)  # fmt: skip
def test_a_page_says_when_it_was_changed(head: str, changed: str | None) -> None:
    """It tells an older copy from one that was taken back; a time in no zone is held against none."""
    said = said_of(200, b"Age: 60\r\n", (PAGE % head + "</div></div></body></html>").encode())

    assert isinstance(said, Said)
    assert (said.reading.modified, said.kept_since) == (changed, datetime(2018, 8, 29, 23, 59, tzinfo=UTC))


@pytest.mark.parametrize("age", [b"", b"0", b"-5", b"x", b"9" * 30, b"4000000000"])
def test_an_age_that_is_none_says_nothing(age: bytes) -> None:
    """No cache has had anything for a century."""
    said = said_of(200, b"Age: %b\r\n" % age, (PAGE % "" + "</div></div></body></html>").encode())

    assert isinstance(said, Said)
    assert said.kept_since is None


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


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "utf-16"])
def test_a_page_that_holds_its_pictures_is_read_as_one_that_does_not(encoding: str) -> None:
    """An article of 200 kB of text and 20 MB of photographs is an article; what is kept is what was sent."""
    text = "渠水从闸口出来，先绕过村北的老磨坊，再沿着柳树往南走。守闸的人说，水声一变，他在屋里就听得出来。" * 3

    def page(photograph: str) -> Statement:
        address = f"data:image/jpeg;base64,{photograph}"
        styled = f"<style>h1 {{ background: url({address}) }}</style>"
        pictures = f'<img src="{address}"><img srcset="{address} 2x, /b.jpg 1x"><img src="/a.jpg" alt="渠">'
        head = f"<title>渠水通了</title>{styled}<h1>渠水通了的那一天</h1><p>2018-08-30 07:12</p>"
        return said_of(200, body=f"{head}<p>{text}</p>{pictures}<p>{text}</p></html>".encode(encoding))

    short, long = page("iVBO"), page("iVBORw0KGgo+/AAA" * (PAGE_BYTES // 40))

    assert isinstance(short, Said)
    assert long == short


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
