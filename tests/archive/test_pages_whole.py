"""Pages are whole HTML and safe, whatever a newspaper writes: validity, titles of ill will, metadata in their place."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import feedparser
import long_series
import pytest
from html_checker import faults
from pages_maker import asking, page

from archive.home import Home
from archive.ledger.store import open_ledger
from archive.model import Author, Image

RICH = f"/article/{long_series.name_of(long_series.RICH)}"
PAGES = [
    "/", "/?q=none-such", "/series/cheng", "/series/cun", "/series/xie", "/article/cccccc-3", "/article/cccccc-3?revision=1",
    "/article/dddddd-4", "/article/ffffff-6", "/article/999999-1", "/article/cccccc-3/diff/1/2",
    "/article/cccccc-3/diff/1/2?view=inline", "/search", "/search?q=渠", "/search?q=龘", "/search?q=渠+OR",
    "/article/cheng/洛阴", "/series/none", "/nowhere",
]  # fmt: skip
TITLES = {
    "markup": "</script></title><script>alert(1)</script><svg onload=alert(2)>{{7*7}}</h1>\"' onmouseover=alert(3) x='",
    "right-to-left": "\u202e\u2067\u200f反转\u202d的\u2066题\u061c",
    "long": "一个没有尽头的题目" * 1112,
    "unbroken": "W" * 10_000,
    "controls": "".join(map(chr, range(32))) + "\x7f\x85\u2028\u2029\ufeff\ufffe\uffff",
    "surrogate": "半\ud83d字",
    "json": "\\u003c/script\\u003e <!--<script>",
}


@pytest.fixture(scope="module")
def ask(pages_home: Home) -> Iterator[Any]:
    """A client of a home that has every state."""
    with asking(pages_home) as asked:
        yield asked


@pytest.fixture(scope="module")
def ask_long(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A client of a home with some instalments of the long series."""
    from conftest import Filled

    home = Home(tmp_path_factory.mktemp("whole") / "home")
    ledger = open_ledger(home.make(), create=True)
    long_series.fill(Filled(home, ledger), (149, long_series.RICH, 151))
    ledger.close()
    with asking(home) as asked:
        yield asked


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_whole_html(ask, path, lang):
    """A browser mends what is not, and each another way."""
    assert [] == faults(ask(path, headers={"Accept-Language": lang}).text)


@pytest.mark.parametrize(
    "path", [RICH, f"{RICH}/diff/1/3", f"{RICH}/diff/2/3?view=inline", f"/series/{long_series.SERIES}", "/search?q=水"]
)
def test_a_page_with_everything_on_it_is_whole_html(ask_long, path):
    """Note, highlights, repairs, pictures in their places."""
    assert [] == faults(ask_long(path).text)


def test_the_checker_finds_faults():
    """A checker that finds nothing anywhere proves nothing."""
    page = (
        '<!DOCTYPE html>\n<html lang="zh"><head><title>t</title></head><body><h1>h</h1><p id="a"><div id="a">x</p></div>'
        '<a href="#b"><a href="/">x</a></a><ul>x</ul><input id="q"><img src="x"><i/></body></html>'
    )

    assert {
        "<div> within <p>", "</p> closes <div>", "</div> closes <body>", "<a> within <a>", "text right in <ul>: x",
        "<img> without alt", "<i/> does not close", "id 'a' twice", "no element has the id 'b'", "a field without a label",
    } == {one.rpartition(", line")[0] or one for one in faults(page)}  # fmt: skip


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A client of a home where titles, names, captions and subjects are each of TITLES."""
    from conftest import Filled, a_reading

    home = Home(tmp_path_factory.mktemp("hostile") / "home")
    ledger = open_ledger(home.make(), create=True)
    filled = Filled(home, ledger)
    for place, (name, title) in enumerate(TITLES.items(), 1):
        filled.add_series(
            name, title=title, profile={"series": {"publisher": title, "language": "zh", "tags": [title]}}
        )
        told = a_reading(
            title=title, authors=(Author(title, title),), source=title, editor=title, editors_note=(title,), highlights=(title,),
            body=(title, "渠水"), text=f"{title}\n渠水", images=(Image(f"http://paper.example/{place}.png", title),),
        )  # fmt: skip
        filled.add_article(f"{place:06x}-1", told, a_reading(title=title, body=("渠水",)), series=name, subject=title)
        filled.add_article(f"{place:06x}-2", series=name, position=2, title=title, state="failed", failing="timeout")
        filled.add_event("captured", "2018-10-01T05:00:00.120Z", name, article=f"{place:06x}-1")
    ledger.close()
    with asking(home) as asked:
        yield asked


@pytest.mark.parametrize("name", TITLES)
def test_no_title_breaks_a_page(hostile, name):
    """Markup stays text, what turns the writing direction ends where it began, a page stays a page."""
    article = f"/article/{[*TITLES].index(name) + 1:06x}"
    paths = [
        "/", "/?lang=en&sort=title", f"/series/{name}", f"{article}-1", f"{article}-1?revision=1", f"{article}-2",
        f"{article}-1/diff/1/2", f"{article}-1/diff/1/2?view=inline", "/search?q=渠水",
    ]  # fmt: skip
    for path in paths:
        answer = hostile(path)
        shown = page(answer)

        assert (200, []) == (answer.status_code, faults(answer.text)), path
        assert [] == shown.xpath(
            "//script[not(@type='application/ld+json')] | //*[@onmouseover] | //*[@onload] | //*[@style]"
        ), path
    for path in ("/feed.atom", f"/series/{name}/feed.atom"):
        assert not feedparser.parse(hostile(path).content)["bozo"]


@pytest.mark.parametrize("name", TITLES)
def test_what_reference_managers_read_cannot_be_broken_out_of(hostile, name):
    """JSON-LD stands in a <script>: nothing in it may end that; both say what the title is."""
    shown = page(hostile(f"/article/{[*TITLES].index(name) + 1:06x}-1?revision=1"))
    [linked] = shown.cssselect('script[type="application/ld+json"]')
    told = json.loads(linked.text)
    meta = [one.get("content") for one in shown.cssselect("meta[name=citation_title]")]

    assert "<" not in linked.text
    assert TITLES[name].replace("\ud83d", "\ufffd") == told["headline"].replace("\ud83d", "\ufffd")
    assert 1 == len(meta)
    if name not in ("controls", "surrogate"):
        assert [TITLES[name]] == meta


def test_the_feed_of_a_series_is_read_by_feedparser(ask):
    """Feed readers are made of it, or are like it."""
    for path in ("/feed.atom", "/series/cheng/feed.atom"):
        read = feedparser.parse(ask(path).content)

        assert (False, "atom10") == (read["bozo"], read["version"])
        assert all(one["id"].startswith("urn:uuid:") and one["link"] and one["updated"] for one in read["entries"])
        assert read["entries"]
