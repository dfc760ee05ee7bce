"""The feeds: valid Atom, an entry an event, ids that stay, pages, and what a reader asks again."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from atom_checker import ATOM, faults
from lxml import etree
from pages_maker import EVIL, asking

from archive.home import Home


@pytest.fixture(scope="module")
def ask(pages_home: Home) -> Iterator[Any]:
    """A client of a home that has every state."""
    with asking(pages_home) as asked:
        yield asked


def entries(answer: Any) -> list[Any]:
    """Give the entries of a feed."""
    return etree.fromstring(answer.content).findall(f"{ATOM}entry")


def told(answer: Any, name: str) -> list[str | None]:
    """Give one field of all entries."""
    return [entry.findtext(f"{ATOM}{name}") for entry in entries(answer)]


@pytest.mark.parametrize(
    "path",
    ["/feed.atom", "/series/cheng/feed.atom", "/series/xie/feed.atom", "/series/cun/feed.atom", "/feed.atom?page=9"],
)
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_feed_is_valid(ask, path, lang):
    """Also one without entries, and one of titles with markup and control characters."""
    answer = ask(path, headers={"Accept-Language": lang})

    assert answer.headers["Content-Type"] == "application/atom+xml"
    assert [] == faults(answer.content)


def test_the_checker_finds_faults(ask):
    """A check that finds nothing wrong anywhere checks nothing."""
    good = ask("/feed.atom").content

    for was, now in (
        (b"<id>urn:", b"<id> "),
        (b"Z</updated>", b"</updated>"),
        (b"<author>", b"<writer>"),
        (b"http://", b"//"),
    ):
        broken = good.replace(was, now).replace(b"</author>", b"</writer>" if now == b"<writer>" else b"</author>")
        assert faults(broken) != []


def test_an_entry_is_an_event_the_newest_first(ask):
    """What a reader subscribes to."""
    answer = ask("/series/cheng/feed.atom?lang=en")

    assert [
        "the site wants to be left alone",
        "鹤壁 · 鹤壁的课桌: could not be fetched",
        "平顶山 · 平顶山的灯: withdrawn; kept here",
        "洛阳 · 洛阳新事: revised: title, text (revision 1 to 2)",
        "郑州 · 郑州的水尺: captured",
        "郑州 · 郑州的水尺: listed for the first time",
    ] == told(answer, "title")
    assert "2018-10-06T05:00:00Z" == told(answer, "updated")[0]
    assert ["blocked", "failed", "withdrawn", "revised", "captured", "found"] == [
        entry.find(f"{ATOM}category").get("term") for entry in entries(answer)
    ]


def test_an_entry_leads_to_its_evidence(ask):
    """The difference, the article, the record."""
    revised = entries(ask("/series/cheng/feed.atom"))[3]
    links = {one.get("rel"): one.get("href") for one in revised.findall(f"{ATOM}link")}

    assert links == {
        "alternate": "http://127.0.0.1:8080/article/cccccc-3/diff/1/2",
        "via": "http://qushui.example/cccccc-3.html",
    }
    assert "urn:uuid:0b3d6a52-71c8-4f0e-9d2b-6a3e518c44d3" in revised.findtext(f"{ATOM}summary")
    assert ask(links["alternate"].removeprefix("http://127.0.0.1:8080")).status_code == 200


def test_ids_are_the_same_in_every_feed_and_language(ask):
    """A reader that has both feeds shows an event once."""
    one, other = ask("/series/cheng/feed.atom?lang=en"), ask("/feed.atom?lang=zh")

    assert set(told(one, "id")) <= set(told(other, "id"))


@pytest.mark.soak
def test_ids_are_the_same_after_rebuild(lianzai, tmp_path):
    """Else a reader of the feed gets all of it again as news."""
    home = tmp_path / "home"
    assert 0 == lianzai("demo", home=home).returncode
    with asking(home) as asked:
        before = [told(asked(path), "id") for path in ("/feed.atom", "/series/qushui/feed.atom")]
    for file in home.glob("ledger.sqlite3*"):
        file.unlink()
    assert 0 == lianzai("rebuild", home=home).returncode
    with asking(home) as asked:
        after = [told(asked(path), "id") for path in ("/feed.atom", "/series/qushui/feed.atom")]

    assert all(before)
    assert [sorted(map(str, ids)) for ids in before] == [sorted(map(str, ids)) for ids in after]


def test_titles_with_markup_are_text(ask):
    """And a javascript: address is no link."""
    [entry] = entries(ask("/series/xie/feed.atom"))

    assert EVIL.replace("\0", "�") in (entry.findtext(f"{ATOM}title") or "")
    assert ["alternate"] == [one.get("rel") for one in entry.findall(f"{ATOM}link")]


def test_more_than_fifty_come_in_pages(filled):
    """None twice, none left out."""
    filled.add_series()
    for number in range(120):
        filled.add_event(
            "captured", f"2018-10-01T05:{number // 60:02d}:{number % 60:02d}.000Z", evidence=[f"<urn:uuid:{number}>"]
        )
    seen, pages, path = [], 0, "/feed.atom"
    with asking(filled.home) as asked:
        while path:
            answer = asked(path)
            assert faults(answer.content) == []
            seen += told(answer, "updated")
            pages += 1
            links = {one.get("rel"): one.get("href") for one in etree.fromstring(answer.content).findall(f"{ATOM}link")}
            path = links.get("next", "").removeprefix("http://127.0.0.1:8080")

    assert (3, 120) == (pages, len(set(seen)))
    assert sorted(seen, reverse=True) == seen
    assert links["previous"].endswith("?page=2")


def test_the_same_event_told_twice_is_one_entry(filled):
    """Two entries of one id are no valid feed."""
    filled.add_series()
    for _ in range(2):
        filled.add_event("blocked", "2018-10-01T05:00:00.000Z")
    with asking(filled.home) as asked:
        answer = asked("/feed.atom")

    assert ([], 1) == (faults(answer.content), len(entries(answer)))


def test_an_unknown_series_has_no_feed(ask):
    """Else a typo would be an empty feed for ever."""
    assert ask("/series/none/feed.atom").status_code == 404
