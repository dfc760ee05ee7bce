"""Which kinds there are, and the one without a list."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from archive.clean.rules import Rules
from archive.errors import ProfileError
from archive.model import Entry
from crawler.profile.source_tables import SOURCE_KINDS
from crawler.sources import KINDS, SourceError, source_for
from crawler.sources.feed import Feed
from crawler.sources.henandaily import HenanDaily
from crawler.sources.json_api import JsonApi
from crawler.sources.list_page import ListPage
from crawler.sources.sitemap import Sitemap
from crawler.sources.url_list import UrlList

TABLES: dict[str, dict[str, Any]] = {
    "henandaily": {"special_id": "special_412"},
    "json-api": {"url": "http://e.example/api?p={page}", "items": "data", "fields": {"url": "/a/{id}"}, "ok": "ok"},
    "feed": {"url": "http://e.example/feed"},
    "sitemap": {"url": "http://e.example/sitemap.xml", "since": "2018-08-30"},
    "list-page": {"url": "http://e.example/list.html", "item": "a", "next": "", "max_pages": 3},
    "url-list": {"urls": ("http://e.example/1.html", "http://e.example/2.html")},
}


@pytest.mark.parametrize(
    ("kind", "made"),
    [("henandaily", HenanDaily), ("json-api", JsonApi), ("list-page", ListPage), ("feed", Feed), ("sitemap", Sitemap),
     ("url-list", UrlList)],
)  # fmt: skip
def test_each_kind_is_set_up_from_its_table(kind: str, made: type) -> None:
    """A profile's table is all that a source needs."""
    table = SOURCE_KINDS[kind].model_validate({"kind": kind} | TABLES[kind])

    assert isinstance(source_for(table), made)
    assert kind in KINDS


def test_a_kind_that_is_not_read_yet_is_refused_with_those_that_are() -> None:
    """Better a clear word than a crawl of nothing."""
    with pytest.raises(ProfileError, match=r"gopher.*henandaily, json-api, list-page, feed, sitemap, url-list"):
        source_for(SimpleNamespace(kind="gopher"))  # type: ignore[arg-type]


def test_a_list_of_addresses_names_each_article_once_in_its_order() -> None:
    """Two spellings are one article; the first is what is asked for, the other a variant."""
    source = UrlList(
        ("http://e.example/b/2.html#x", "http://e.example/a/1.html", "https://e.example/b/2.html", "ftp://e.example/")
    )

    assert source.entries() == (
        Entry("http://e.example/b/2.html", "2", "http://e.example/b/2.html", variants=("https://e.example/b/2.html",)),
        Entry("http://e.example/a/1.html", "1", "http://e.example/a/1.html"),
    )
    assert source.seeds() == ()


def test_a_list_of_addresses_has_no_list_and_no_api() -> None:
    """Whoever asks it to read one is told so."""
    source = UrlList(("http://e.example/1.html",))

    assert source.is_list("http://e.example/1.html") is False
    with pytest.raises(SourceError):
        source.read_list("http://e.example/", b"", "")
    with pytest.raises(SourceError):
        source.read_detail("http://e.example/", b"", "", Rules())
