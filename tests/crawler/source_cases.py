"""Saved list answers and how each is read: the file, the source, where and as what it was got.

Takes   tests/data/sources. Gives: CASES by file name.
Writes  nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from crawler.sources import Source
from crawler.sources.feed import Feed
from crawler.sources.json_api import JsonApi
from crawler.sources.json_paging import Asking
from crawler.sources.list_page import ListPage
from crawler.sources.sitemap import Sitemap

DATA = Path(__file__).parent.parent / "data" / "sources"

LEDGER = "https://www.canalledger.example"
POSTED = JsonApi(
    f"{LEDGER}/api/search", "hits", {"url": "link.href", "id": "id", "title": "title", "published": "dates.first"},
    next="next", body='{"q": "locks", "page": {page}}', content_type="application/json",
)  # fmt: skip


@dataclass(frozen=True)
class Case:
    """One saved answer. more, window: what the listing says beside its entries."""

    source: Source
    url: str
    content_type: str = ""
    more: tuple[str, ...] = ()
    window: bool = False

    @property
    def seed(self) -> str:
        return self.source.seeds()[0]


def _feed(url: str, content_type: str, more: tuple[str, ...] = (), *, window: bool = True) -> Case:
    return Case(Feed(url), url, content_type, more, window)


CASES = {
    "feed-rss20-through-a-counter.xml": _feed(
        f"{LEDGER}/series/locks/feed/", "application/rss+xml; charset=UTF-8", (f"{LEDGER}/series/locks/feed/?paged=2",)
    ),
    "feed-atom-with-xml-base.xml": _feed("https://cdn.lecluse.example/f.xml", "application/atom+xml", window=False),
    "feed-gbk-labelled-utf8-and-broken.xml": _feed("http://www.shiqiao.example/rss/7.xml", "text/xml; charset=utf-8"),
    "feed-rdf-in-euc-jp.xml": _feed("http://kawabe.example/index.rdf", "text/html"),
    "feed-json-1.1.json": _feed(
        "https://treidelpfad.example/serie/feed.json", "application/json", ("https://treidelpfad.example/serie/feed.json?seite=2",)
    ),
    "sitemap-news-with-pictures.xml": Case(
        Sitemap("https://www.elcanal.example/sitemap.xml"), "https://www.elcanal.example/sitemap.xml", "text/xml", window=True
    ),
    "sitemap-without-namespace.xml": Case(
        Sitemap("http://www.shiqiao.example/sitemap.xml", match=r"/(?:qu|渠|%E6%B8%A0)/", zone="Asia/Shanghai"),
        "http://www.shiqiao.example/sitemap.xml",
        "text/html; charset=gbk",
    ),
    "sitemap-index-gzipped-unsaid.bin": Case(
        Sitemap("https://www.elcanal.example/sitemap.xml", since="2022-01-01"), "https://www.elcanal.example/sitemap.xml",
        "application/octet-stream",
        ("https://www.elcanal.example/sitemap-2023.xml.gz", "https://www.elcanal.example/sitemap-noticias.xml"),
    ),
    "sitemap-as-text.txt": Case(Sitemap("https://linxi.example/map.txt"), "https://linxi.example/map.txt", "text/plain"),
    "api-offset-as-jsonp.js": Case(
        JsonApi(
            "http://api.linxi.example/list?start={offset}&n=3&callback=cb", "data.list",
            {"id": "docId", "url": "http://www.linxi.example/d/{id}.html", "title": "headline", "published": "pubTime",
             "updated": "modTime", "position": "sort"},
            total="data.total", zone="Asia/Shanghai",
        ),
        "http://api.linxi.example/list?start=6&n=3&callback=cb",
        "application/javascript",
        ("http://api.linxi.example/list?start=9&n=3&callback=cb",),
    ),
    "api-cursor.json": Case(
        JsonApi(
            "https://api.waterkant.example/v1/items?after={cursor}", "result.edges[].node",
            {"url": "join('', ['https://www.waterkant.example', path])", "id": "slug", "title": "headline",
             "published": "firstPublished", "updated": "lastModified"},
            next="result.pageInfo.hasNextPage && result.pageInfo.endCursor",
        ),
        "https://api.waterkant.example/v1/items?after=",
        "application/json",
        ("https://api.waterkant.example/v1/items?after=Y3Vyc29yOjI%2B%2Fw%3D%3D",),
    ),
    "api-answers-to-a-post.json": Case(
        POSTED, str(POSTED._template.address(Asking(page=2))), "application/json",
        (str(POSTED._template.address(Asking(page=3))),),
    ),
    "list-loaded-by-a-button.json": Case(
        ListPage("http://www.linxi.example/more?p={page}", "div.card"), "http://www.linxi.example/more?p=1", "text/html",
        ("http://www.linxi.example/more?p=2",),
    ),
    "list-of-cards.html": Case(
        ListPage("https://suro.example/series/river", "article.card", ".load-more"),
        "https://suro.example/series/river",
        "text/html",
        ("https://suro.example/series/river?page=2",),
    ),
}  # fmt: skip
