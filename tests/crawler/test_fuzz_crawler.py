"""Answers that others made, before what reads them in a crawl: a statement, a listing or the documented error, whatever comes."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime
from http.cookiejar import MozillaCookieJar
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mutated import FEWER, mutated
from source_cases import CASES, DATA

from archive.clean import Rules
from archive.errors import SiteError, UsageError
from archive.model import Capture, Role, Statement
from crawler.profile import parse_profile
from crawler.profile.cookies import cookie_values
from crawler.proposing.answer import Answer, Proposal, Wanted
from crawler.proposing.propose import propose
from crawler.reading import Asked, Reader
from crawler.request import _cookie_jar
from crawler.scope import canonicalise
from crawler.sources import SourceError, source_for
from crawler.sources.henandaily import HenanDaily
from crawler.sources.json_api import JsonApi

URL = "http://paper.example/a/"
WHEN = datetime(2026, 11, 25, tzinfo=UTC)
SAVED = [
    path.read_bytes()[:6000] for path in sorted(DATA.iterdir()) if ".entries." not in path.name and path.suffix != ".md"
]
PAGE = (
    "<!DOCTYPE html><html lang=zh><head><meta charset=utf-8><title>渠水流过第一城</title><meta name=author content=沈渡>"
    '<script type="application/ld+json">{"@type":"NewsArticle","headline":"渠水","author":[{"name":"沈渡"}]}</script></head>'
    "<body><h1>渠水流过第一城</h1><div class=info>2018年8月30日 10:05 来源：渠水日报</div><p>本报记者 沈渡</p>"
    "<p>渠水自西而来，绕城半周。老闸工说，水大的年份，一夜要起三回闸。</p><img src=1.jpg srcset='2.jpg 2x'><p>责任编辑：闻澜</p>"
    "<ul><li><a href=/2018/1.html>渠水流过第二城</a> 2018-08-31</li><li><a href=/2018/2.html>渠水流过第三城</a></li></ul>"
    "<a href=index_2.html>下一页</a></body></html>"
).encode()
PIECES = (
    b"<div>", b"</div>", b"<table><tr><td>", b"<!--", b"-->", b"<script>", b"</script>", b"<title>",
    b"<base href='//x['>", b"<p>", b"<a href='http://[::1'>", b"<a rel=next href='?p=99999999999999999999'>",
    b"<meta http-equiv=refresh content='0;url=//['>", b"<meta charset=gbk>", b"&#0;", b"&#xD800;", b"&nbsp;",
    b"\x00", b"\xff", b"\xef\xbb\xbf", b"\x1b$B", b'"', b"'", b"<ruby><rt>", b"<time datetime='2018-13-45T99:00'>",
    b'{"@graph":[', b'"author":{"name":[1]}', "（记者 ".encode(), "2018年13月".encode(), "编者按：".encode(),
    "鍑哄僵".encode(), "\u202e\u2028\u3000".encode(), b"<rss><channel>", b"<item>", b"<link>", b"<guid>",
    b"<pubDate>Mon, 31 Feb 2021 25:61:00 XYZ</pubDate>", b"<feed xmlns='http://www.w3.org/2005/Atom'>", b"<entry>",
    b"<urlset>", b"<url><loc>/1</loc>", b"<lastmod>9999-99-99</lastmod>", b"<![CDATA[",
    b"<!DOCTYPE x [<!ENTITY a 'b'>]>", b"&a;", b"xml:base='//['", b"<sitemapindex>", b"<georss:polygon>1 2",
    b"<psc:chapter start='x'/>", b"{", b"}", b"[" * 400, b"]", b":", b",", b"null", b"-1", b"1e999", b"9" * 400,
    b'"\\ud800"', b'"id":', b'"url":', b'"next":', b'"title":', b"callback(", b");", b"\x1f\x8b\x08",
)  # fmt: skip
KINDS = (
    'kind = "list-page"\nurl = "http://paper.example/a/"\nitem = "a"',
    'kind = "feed"\nurl = "http://paper.example/a/"',
    'kind = "sitemap"\nurl = "http://paper.example/a/"',
    'kind = "henandaily"\nspecial_id = "special_1"',
)
ANYTHING = JsonApi(
    f"{URL}?page={{page}}", "data.list || items || @", total="total", next="next",
    fields={"url": "url || link", "id": "id", "title": "title", "updated": "max(times)", "published": "date", "position": "p"},
    detail_fields={"title": "title", "body": "content", "authors": "authors", "images": "images", "published": "date"},
)  # fmt: skip
SOURCES = [(case.source, case.seed, case.content_type) for case in CASES.values()]
SOURCES += [
    (ANYTHING, f"{URL}?page=1", ""),
    (HenanDaily("https://app.paper.example", "special_1"), "", "application/json"),
]


def _reader(kind: str) -> Reader:
    profile = parse_profile(f'[series]\nid = "paper"\ntitle = "渠水"\n[source]\n{kind}\n', name="p.toml", environ={})
    return Reader(profile, source_for(profile.source))


READERS = [_reader(kind) for kind in KINDS]
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n"
HEAD_PIECES = (
    b"HTTP/1.1 302 X\r\nLocation: //[\r\n\r\n", b"HTTP/1.1 404 X\r\n\r\n",
    b"HTTP/1.1 503 X\r\nRetry-After: Mon, 99 Foo 1\r\n\r\n", b"Transfer-Encoding: chunked\r\n",
    b"Content-Encoding: gzip\r\n", b"Content-Type: text/css\r\n", b"\r\n\r\n", b"HTTP/0.9", b" ",
    b"Content-Length: 9\r\n", b"Content-Type: text/plain\r\n", b"Content-Type: text/html; charset=utf-16\r\n",
    b"HTTP/1.1 206 X\r\n",
)  # fmt: skip


@FEWER
@given(
    raw=mutated([HEAD + PAGE, HEAD + SAVED[0]], PIECES + HEAD_PIECES),
    reader=st.sampled_from(READERS),
    role=st.sampled_from(get_args(Role)),
    status=st.sampled_from([200, 200, 0, 304, 404]),
)
def test_any_answer_says_something(raw: bytes, reader: Reader, role: Role, status: int) -> None:
    """What cannot be read is trouble with a reason. An exception would end the run, and each `rebuild` after it."""
    capture = Capture(
        type="response", record_id="<urn:uuid:1>", url=URL, fetched=WHEN, file="a", offset=0, length=1, status=status, mime="",
        payload_digest="sha256:0", payload_bytes=len(raw),
    )  # fmt: skip

    assert isinstance(reader.read(capture, raw, Asked(role, part=1)), get_args(Statement))


@given(body=mutated([*SAVED, PAGE], PIECES), which=st.integers(0, len(SOURCES) - 1))
def test_any_list_is_read_or_refused(body: bytes, which: int) -> None:
    """By the source that it is of, and by another one: keys are distinct, and all of it can be stored."""
    for source, seed, content_type in (SOURCES[which], SOURCES[-1 - which % 2]):
        try:
            listing = source.read_list(seed or source.seeds()[0], body, content_type)
        except SourceError:
            continue
        finally:
            with suppress(SourceError):
                source.read_detail(URL, body, content_type, Rules())
        named = [entry for entry in listing.entries if entry.skip is None]

        # The app's API lists one article several times; the fold knows what to make of that.
        assert isinstance(source, HenanDaily) or len({entry.key for entry in named}) == len(named)
        assert all(canonicalise(entry.url) == canonicalise(canonicalise(entry.url)) for entry in named)
        for entry in listing.entries:
            f"{entry.key}{entry.title}{entry.published}{entry.updated}{entry.skip_detail}".encode()


@FEWER
@given(
    body=mutated([PAGE, *SAVED], PIECES),
    content_type=st.sampled_from(["text/html", "", "text/xml", "application/json", "text/plain"]),
    further=st.booleans(),
)
def test_a_profile_is_proposed_or_refused(body: bytes, content_type: str, further: bool) -> None:
    """`profile new` looks at whatever address a person gives it."""
    answers: dict[str, Answer | None] = {URL: Answer(URL, 200, content_type, body, WHEN)}
    for _ in range(4):
        try:
            proposed = propose(URL, answers)
        except (UsageError, SiteError):
            return
        if not isinstance(proposed, Wanted):
            break
        answers[proposed.url] = Answer(proposed.url, 200, content_type, body, WHEN) if further else None

    assert isinstance(proposed, Proposal | Wanted)


COOKIES = (
    b"# HTTP Cookie File\n.paper.example\tTRUE\t/\tFALSE\t0\ta\tb\n#HttpOnly_e.org\tFALSE\t/\tTRUE\t99999999999\tc\td\n"
)
COOKIE_PIECES = (
    b"\t",
    b"\n",
    b"\r",
    b"#",
    b"$",
    b"9" * 400,
    b"-1",
    b"nan",
    b"TRUE",
    b"FALSE",
    b".",
    b"\x1c",
    b"\xe2\x80\xa8",
    b" ",
)


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cookie file that each example writes anew."""
    return tmp_path_factory.mktemp("fuzz") / "cookies.txt"


@pytest.mark.filterwarnings("error")
@given(data=mutated([COOKIES], COOKIE_PIECES))
def test_a_cookie_file_that_is_taken_can_be_loaded(file: Path, data: bytes) -> None:
    """What `profile check` finds sound must not fail, or print a warning, when the crawl begins."""
    file.write_bytes(data)
    try:
        cookie_values(file)
    except ValueError:
        return

    assert isinstance(_cookie_jar(file), MozillaCookieJar)
