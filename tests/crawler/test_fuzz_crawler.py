"""Answers that others made, before what reads them in a crawl: a statement, a listing or the documented error, whatever comes."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime
from http.cookiejar import MozillaCookieJar
from pathlib import Path
from typing import get_args

import pytest
from growth import how_it_ends
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
from crawler.robots import CRAWL_DELAY_CAP_S, parse_robots
from crawler.scope import canonicalise
from crawler.sources import Source, SourceError, source_for
from crawler.sources.feed import Feed
from crawler.sources.henandaily import HenanDaily
from crawler.sources.json_api import JsonApi
from crawler.sources.sitemap import Sitemap

AGENT = "lianzai/0.1 (+https://example.org/contact)"
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


@FEWER
@given(body=mutated([*SAVED, PAGE], PIECES), which=st.integers(0, len(SOURCES) - 1))
def test_any_list_is_read_or_refused(body: bytes, which: int) -> None:
    """By the source that it is of, and by another one: keys are distinct, and all of it can be stored."""
    for one in (SOURCES[which], SOURCES[-1 - which % 2]):
        _is_read_or_refused(one, body)


def _of(beginning: str) -> list[bytes]:
    return [path.read_bytes()[:6000] for name in CASES if name.startswith(beginning) for path in (DATA / name,)]


FEED_PIECES = (
    b"<rss version='2.0'><channel>", b"<item>", b"</item>", b"<link>/a/1.html</link>", b"<guid isPermaLink='false'>",
    b"<title>", b"</title>", b"<feed xmlns='http://www.w3.org/2005/Atom'>", b"<entry>", b"<link href='?x=1&y=2' rel='next'/>",
    b"<![CDATA[", b"]]>", b"<!DOCTYPE x [<!ENTITY a 'b'>]>", b"&a;", b"&#0;", b"&#xD800;", b"<!--", b"-->",
    b"<?xml version='1.0' encoding='utf-16'?>", b"<?xml version='1.0' encoding='x'?>", b"\x00", b"\xff", b"\x1f\x8b\x08",
    b"<pubDate>Mon, 31 Feb 2021 25:61:00 XYZ</pubDate>", b"<updated>0000-00-00T00:00:00Z</updated>",
    b"<dc:date>99999</dc:date>", b"xml:base='//['", b"<x:y>", b"<fh:complete/>", b"<fh:archive/>",
    b"<georss:point>1 2</georss:point>", b"<georss:polygon>1 2", b"<gml:pos>", b"<media:content url='x'/>",
    b"<itunes:duration>", b"<enclosure url='", b"<content type='xhtml'>", b"<cc:license/>", b"<geo:lat>",
    b"<psc:chapter start='x'/>", b"<textInput>", b"<image>", b"<cloud/>", b"<category term='", b"<author><name>",
    b"<itunes:owner>", b"<media:thumbnail>", b"<wfw:commentRss>", b"<source>", b"</",
    b'{"version": "https://jsonfeed.org/version/1.1", "items": [', b'"next_url": 1,', b'"authors": [{"name": 1}],', b"[", b"]",
    b"{", b"}",
)  # fmt: skip
FEEDS = [(case.source, case.seed, case.content_type) for case in CASES.values() if isinstance(case.source, Feed)]


@FEWER
@given(body=mutated(_of("feed-"), FEED_PIECES), which=st.integers(0, len(FEEDS) - 1))
def test_any_feed_is_read_or_refused(body: bytes, which: int) -> None:
    """RSS, Atom, RDF and JSON Feed, by libraries that were made for sound ones."""
    _is_read_or_refused(FEEDS[which], body)


SITEMAP_PIECES = (
    b"<urlset>", b"</urlset>", b"<url>", b"</url>", b"<loc>", b"</loc>", b"<loc>http://[::1</loc>", b"<sitemapindex>",
    b"<sitemap>", b"<lastmod>9999-99-99</lastmod>", b"<lastmod>0001-01-01T00:00:00+23:59</lastmod>",
    b"<lastmod>9999-12-31T23:59:59-23:59</lastmod>", b"<news:publication_date>", b"<news:title>", b"<image:loc>",
    b"<xhtml:link rel='alternate' href='x'/>", b"<![CDATA[", b"]]>", b"<!--", b"-->", b"<!DOCTYPE x [<!ENTITY a 'b'>]>", b"&a;",
    b"&amp;", b"&#0;", b"\x00", b"\xff", b"\x1f\x8b\x08", b"\n", b"http://e.org/1\n",
    b"<?xml version='1.0' encoding='utf-32'?>", b"xmlns='x'", b"<x:loc>", b"<", b">", b"</", b"\xef\xbb\xbf",
)  # fmt: skip
SITEMAPS = [(case.source, case.seed, case.content_type) for case in CASES.values() if isinstance(case.source, Sitemap)]


@FEWER
@given(body=mutated(_of("sitemap-"), SITEMAP_PIECES), which=st.integers(0, len(SITEMAPS) - 1))
def test_any_sitemap_is_read_or_refused(body: bytes, which: int) -> None:
    """Of XML, of text, packed, an index of others."""
    _is_read_or_refused(SITEMAPS[which], body)


API_PIECES = (
    b"{", b"}", b"[", b"]", b":", b",", b'"', b"\\", b"null", b"true", b"-1", b"1e999", b"NaN", b"Infinity", b"1" * 20,
    b"9" * 5000, b"[" * 400, b'{"a":' * 200, b'"\\ud800"', b'"\\u0000"', b'"id":', b'"url":', b'"title":', b'"items":',
    b'"next":', b'"list":', b'"data":', b'"total":', b'"code":500,"msg":"x",', b'"success":false,', b"callback(", b");",
    b"/**/", b"\xff", b"\x00", b"\xef\xbb\xbf", b'"http://[::1"', b'"//x"', b'"2018-13-45"', b"1535594400000",
    b"-9999999999999", b"<p>", b'"&lt;p&gt;"',
)  # fmt: skip
APP = (
    '{"code":0,"data":{"total":2,"list":[{"id":38294,"content_id":"content_126","title":"渠水流过第一城","url":"http://paper.example/1",'
    '"published":"2018-08-30 10:05:00","content":"<p>渠水自西而来。</p>","authors":[{"name":"沈渡"}]}]}}'.encode()
)
APIS = [
    (case.source, case.seed, case.content_type) for case in CASES.values() if isinstance(case.source, JsonApi)
] + SOURCES[-2:]


@FEWER
@given(body=mutated([*_of("api-"), APP], API_PIECES), which=st.integers(0, len(APIS) - 1))
def test_any_answer_of_an_api_is_read_or_refused(body: bytes, which: int) -> None:
    """Whatever stands where the profile, or the app, expects something else."""
    _is_read_or_refused(APIS[which], body)


def _is_read_or_refused(one: tuple[Source, str, str], body: bytes) -> None:
    source, seed, content_type = one
    with suppress(SourceError):
        source.read_detail(URL, body, content_type, Rules())
    try:
        listing = source.read_list(seed or source.seeds()[0], body, content_type)
    except SourceError:
        return
    named = [entry for entry in listing.entries if entry.skip is None]

    # The app's API lists one article several times; the fold knows what to make of that.
    assert isinstance(source, HenanDaily) or len({entry.key for entry in named}) == len(named)
    assert all(canonicalise(entry.url) == canonicalise(canonicalise(entry.url)) for entry in named)
    for entry in listing.entries:
        f"{entry.key}{entry.title}{entry.published}{entry.updated}{entry.skip_detail}".encode()


ROBOTS = (
    (
        b"User-agent: *\nDisallow: /a*b$\nAllow: /a\nCrawl-delay: 5\nSitemap: x\nRequest-rate: 1/5 0800-1000\n\n"
        b"User-agent: lianzai\nDisallow: /%e6%b8%a0*\nVisit-time: 0600-0845\n"
    ),
    b"\xef\xbb\xbfuser-agent:a\rUSER-AGENT : lianzai\r\nnoindex: /\nallow:/*.html$\n",
)
ROBOTS_PIECES = (
    b"*", b"$", b"%", b"%zz", b"%2f", b"%E6%B8%A0", b"\n", b"\r", b":", b"#", b" ", b"\t", b"User-agent: ", b"User-agent: *\n",
    b"lianzai", b"Disallow: /", b"Disallow: ", b"Allow: ", b"Crawl-delay: 1e999\n", b"Crawl-delay: nan\n", b"Crawl-delay: -1\n",
    b"\x00", b"\xff", b"\xe2\x80\xa8", b"a*" * 50, b"Disallow: /"+b"*a" * 40+b"$\n", b"//", b"..", b"?", b"<html>",
)  # fmt: skip
PATHS = ("/", "/a/b", "/" + "a" * 200 + "b", "/%E6%B8%A0/1.html", "/渠水?x=1&y", "/%zz%", "/a//../b#c", "")


@FEWER
@given(body=mutated(ROBOTS, ROBOTS_PIECES), path=st.sampled_from(PATHS))
def test_any_robots_txt_is_a_policy(body: bytes, path: str) -> None:
    """Others write this file; none of it may end a run, or hold it."""
    policy = parse_robots(200, body)
    delay = policy.crawl_delay(AGENT)

    assert policy.allows(f"http://paper.example{path}", AGENT) in (True, False)
    assert delay is None or 0 <= delay <= CRAWL_DELAY_CAP_S


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


LONG_LISTS = (
    "<rss><A" + ":" * 200_000,
    "<rss>" + "<a " * 60_000,
    "<rss>" + "&" * 200_000,
    "<urlset><url><loc>" + " " * 200_000 + "x",
)


@pytest.mark.parametrize("body", LONG_LISTS)
def test_no_list_holds_who_reads_it(body: str) -> None:
    """The first of these took hours: what mends broken XML looked behind each sign of a name again."""

    def read() -> None:
        for one in (FEEDS[0], SITEMAPS[0]):
            _is_read_or_refused(one, body.encode())

    assert "" == how_it_ends(read)
