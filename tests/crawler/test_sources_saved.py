"""Saved answers of every kind, each with the entries that it names; and whatever bytes come instead of them."""

from __future__ import annotations

import gzip
import json
from dataclasses import asdict

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from source_cases import CASES, DATA

from crawler.scope import canonicalise
from crawler.sources import SourceError
from crawler.sources.feed import Feed, looks_like_feed
from crawler.sources.json_api import looks_like_json
from crawler.sources.sitemap import Sitemap, looks_like_sitemap

URL = "http://e.example/list"


@pytest.mark.parametrize("name", CASES)
def test_a_saved_answer_gives_these_entries(name: str) -> None:
    """Checked by eye once; what they are named by is what is odd in them."""
    case, expected = CASES[name], DATA / f"{name.rpartition('.')[0]}.entries.json"
    listing = case.source.read_list(case.url, (DATA / name).read_bytes(), case.content_type)

    told = [{k: v for k, v in asdict(e).items() if v not in (None, ())} for e in listing.entries]

    assert json.loads(json.dumps(told)) == json.loads(expected.read_text("utf-8"))
    assert (listing.more, listing.window) == (case.more, case.window)


@pytest.mark.parametrize("name", CASES)
def test_an_answer_is_told_by_what_it_is(name: str) -> None:
    """Whoever proposes a profile asks; the media type is not believed."""
    body, kind = (DATA / name).read_bytes(), name.partition("-")[0]
    is_list = {"feed": looks_like_feed, "sitemap": looks_like_sitemap, "api": looks_like_json}
    told = {word for word, looks in is_list.items() if looks(body, "text/html")}

    expected = {"list": set(), "feed": {"feed"}}.get(kind, {kind}) | ({"api"} if name.endswith(".json") else set())

    assert told == expected


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if isinstance(case.source, Feed | Sitemap)])
def test_gzip_that_no_header_tells_of_changes_nothing(name: str) -> None:
    """Sitemaps are sent so every day, feeds by careless caches."""
    case, body = CASES[name], (DATA / name).read_bytes()

    assert case.source.read_list(case.url, gzip.compress(body), "") == case.source.read_list(
        case.url, body, case.content_type
    )


def test_a_page_in_place_of_a_feed_is_told_with_the_feed_that_it_names() -> None:
    """The commonest mistake is the address of the page that a feed belongs to."""
    page = b'<!DOCTYPE html><html><head><link rel="alternate" type="application/rss+xml" href="/rss.xml"></head></html>'

    assert told(Feed(URL), page) == (
        f"the answer of {URL} is HTML, expected a feed (RSS, Atom or JSON Feed); "
        "the page names http://e.example/rss.xml as its feed"
    )
    assert told(Sitemap(URL), page) == (
        f"the answer of {URL} is HTML, expected a sitemap, an index of sitemaps or a text of addresses"
    )


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "is empty"),
        (b"  \n", "is empty"),
        (b'{"a": 1}', "is JSON"),
        (b"Bitte warten.", "is plain text"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "is XML that begins with <svg>"),
        (b"\x1f\x8b\x08\x00broken", "gzip that does not unpack"),
    ],
)
def test_what_is_no_feed_is_named(body: bytes, said: str) -> None:
    """What stands there instead is what the librarian needs to hear."""
    assert said in told(Feed(URL), body)
    assert said in told(Sitemap(URL), body)


def told(source: Feed | Sitemap, body: bytes) -> str:
    with pytest.raises(SourceError) as caught:
        source.read_list(URL, body, "text/html")
    return caught.value.detail


pieces = st.sampled_from(
    [
        "<rss version='2.0'><channel>", "<item>", "</item>", "<link>/a/1.html</link>", "<guid>", "</guid>", "<title>渠<b>",
        "</title>",
        "<feed xmlns='http://www.w3.org/2005/Atom'>", "<entry>", "<link href='?x=1&y=2'/>", "<link rel='next' href='/2'/>",
        "</rss>",
        "<urlset>", "<url>", "<loc>", "</loc>", "</url>", "<sitemapindex>", "<![CDATA[", "]]>", "<!DOCTYPE x [<!ENTITY a 'b'>]>",
        "&a;", "&#0;", "<!--", "-->", "<?xml version='1.0' encoding='utf-16'?>", "\0", "\x1f\x8b", "http://e.example/1\n",
        "</urlset>",
        '{"version": "https://jsonfeed.org/version/1", "items": [', '{"url": "/1"}', "]}", '"rows": [', "<li class=i><a href=/1>",
        "1e999", "<x:y>", "<pubDate>Mon, 31 Feb 2021 25:61:00 XYZ</pubDate>", "<lastmod>9999-99-99</lastmod>", "callback(", ")",
        '{"next": 1,', "xml:base='//['",
    ]
)  # fmt: skip


@settings(max_examples=60)
@given(
    body=st.binary(max_size=200)
    | st.lists(pieces | st.text(max_size=6), max_size=25).map(lambda p: "".join(p).encode())
)
def test_any_bytes_are_a_listing_or_a_source_error(body: bytes) -> None:
    """A crawl never dies of an answer; keys are distinct, and addresses are ones that can be asked for."""
    for case in CASES.values():
        try:
            listing = case.source.read_list(case.seed, body, case.content_type)
        except SourceError:
            continue
        named = [entry for entry in listing.entries if entry.skip is None]

        assert len({entry.key for entry in named}) == len(named)
        assert all(entry.url.startswith(("http://", "https://")) for entry in named)
        assert all(canonicalise(entry.url) == canonicalise(canonicalise(entry.url)) for entry in named)
