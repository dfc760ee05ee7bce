"""The front page and the page of a series: every state in its place, chosen, sorted, in both languages."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest
from pages_maker import CITIES, asking, page, texts

from archive.home import Home
from archive.web.pages.health import health
from archive.web.pages.slots import cells, slots

TOLD: dict[str, Any] = {
    "complete": False, "paused": False, "missing": [], "expected": 3, "found": 2, "captured": 2, "failed": 0, "withdrawn": 0,
    "overdue": False, "trouble": None, "blocked_until": None,
}  # fmt: skip


@pytest.fixture(scope="module")
def ask(pages_home: Home) -> Iterator[Any]:
    """A client of a home that has every state."""
    with asking(pages_home) as asked:
        yield asked


def the_cells(shown: Any, series: str) -> list[tuple[str, str]]:
    """Give look and label of a series' cells on the front page."""
    found = shown.cssselect(f"#s-{series} .cells a")
    return [(one.get("class").split()[1], one.get("aria-label")) for one in found]


def test_each_state_has_its_cell_and_a_missing_one_keeps_its_place(ask):
    """A gap that is closed up is a gap that nobody sees."""
    assert [
        ("is-captured", "郑州：已存"),
        ("is-missing", "开封：缺"),
        ("is-revised", "洛阳：修订"),
        ("is-withdrawn", "平顶山：撤下"),
        ("is-second", "安阳：转存"),
        ("is-failed", "鹤壁：失败"),
        ("is-missing", "新乡：缺"),
    ] == the_cells(page(ask("/")), "cheng")


def test_cells_lead_to_what_they_stand_for(ask):
    """Of a missing one there is a line of the list that says so."""
    found = [one.get("href") for one in page(ask("/")).cssselect("#s-cheng .cells a")]
    anchors = {one.get("id") for one in page(ask("/series/cheng")).cssselect("tr[id]")}

    assert ["/article/aaaaaa-1", "/series/cheng#n2"] == found[:2]
    assert {"n2", "n7"} <= anchors
    assert ask(found[0]).status_code == 200


def test_many_instalments_are_eighteen_cells_with_the_gravest_state(ask):
    """200 cells are a wall; the one failure among them must still be seen."""
    shown = the_cells(page(ask("/?lang=en")), "cun")

    assert len(shown) == 18
    assert ("is-failed", "nos. 102–112: 1 failed, 10 captured") in shown
    assert shown[-1] == ("is-missing", "nos. 190–200: 2 missing, 9 captured")


def test_counts_add_up_to_what_there_should_be(ask):
    """A total that its parts do not make is a lie about the archive."""
    [words] = texts(page(ask("/")).cssselect("#s-cheng .cells + .note"))

    assert words == "应有 7，已存 4，其中修订 1、撤下 1、转存 1，失败 1，缺 2"


@pytest.mark.parametrize(
    ("changes", "kind", "words"),
    [
        ({"complete": True, "found": 3, "captured": 3}, "ok", "complete"),
        ({"complete": True, "found": 3, "captured": 3, "withdrawn": 2}, "gap", "all kept; 2 withdrawn, kept here"),
        ({"missing": ["开封"]}, "grow", "growing, on time; missing 开封"),
        ({"missing": list("一二三四五六"), "overdue": None}, "gap", "missing 一, 二, 三, 四 and 2 more"),
        ({"overdue": True}, "bad", "overdue; 1 missing"),
        ({"failed": 1, "found": 3}, "bad", "1 failed"),
        ({"found": 3}, "grow", "growing, on time; 1 seen, not captured"),
        ({"paused": True, "overdue": True}, "idle", "paused; 1 missing"),
        ({"blocked_until": "2026-11-25T05:00:00Z"}, "bad", "the site wants to be left alone; 1 missing"),
        ({"complete": None, "expected": None, "overdue": None}, "grow", "growing"),
        ({"found": 0, "captured": 0, "expected": None}, "idle", "nothing seen yet"),
        ({"found": 0, "captured": 0, "expected": 9, "overdue": None}, "idle", "nothing seen yet; 9 missing"),
    ],
)
def test_health_is_a_kind_and_words(changes, kind, words):
    """Never "complete" while something is missing or failed; a person is called only where one is needed."""
    told = health(TOLD | changes)

    assert (kind, words) == (told.kind, told.words[1])


@pytest.mark.parametrize(
    ("path", "status", "words"),
    [
        ("/series/none", 404, "没有叫这个名字的系列"),
        ("/article/cheng/none", 404, "没有叫这个名字的系列"),
        ("/web/2018/http://never.example/", 404, "从未存下"),
        ("/web/99999999999999/http://never.example/", 400, "时间应写作"),
    ],
)
def test_an_error_says_why_in_the_language_of_its_page(ask, path, status, words):
    """The exact words of the command, in English, stand below."""
    chinese, english = (ask(path, headers={"Accept-Language": one}) for one in ("zh-CN", "en"))
    reasons = ["".join(texts(page(one).cssselect("main p"))) for one in (chinese, english)]

    assert (status, status) == (chinese.status_code, english.status_code)
    assert [True, False] == [words in one for one in reasons]


def test_series_are_chosen_by_text_and_health(ask):
    """An editor with a thousand series wants the ten that need her."""
    assert ["cheng"] == ids(ask("/?q=十八"))
    assert ["cheng"] == ids(ask("/?q=水"))
    assert ["cheng", "cun"] == sorted(ids(ask("/?q=中州")))
    assert ["cheng"] == ids(ask("/?health=bad"))
    assert ["cun"] == ids(ask("/?health=idle"))
    assert [] == ids(ask("/?health=bad&q=百村"))
    assert ["cheng", "cun", "xie"] == sorted(ids(ask("/?health=none-such&sort=none-such&page=x")))


def test_series_are_sorted(ask):
    """What needs a person stands first unless something else is asked."""
    assert "cheng" == ids(ask("/"))[0]
    assert ["cheng", "xie", "cun"] == ids(ask("/?sort=changed"))
    assert ["xie", "cheng", "cun"] == ids(ask("/?sort=title"))


def ids(answer: Any) -> list[str]:
    return [one.get("id").removeprefix("s-") for one in page(answer).cssselect(".shelf > li")]


def test_many_series_come_in_pages(filled):
    """10,000 series are no page for a phone."""
    for number in range(53):
        filled.add_series(f"s{number:03d}", title=f"第 {number:03d} 个")
    with asking(filled.home) as asked:
        first, second = asked("/?sort=title"), asked("/?sort=title&page=2")

    assert [f"s{number:03d}" for number in range(50)] == ids(first)
    assert ["s050", "s051", "s052"] == ids(second)
    assert page(first).cssselect("a[rel=next]")[0].get("href") == "/?sort=title&page=2"


def test_what_happened_a_moment_ago_is_on_the_page(filled):
    """How all series stand is kept for some seconds; a change in the ledger ends that at once."""
    filled.add_series("cheng", title="甲")
    with asking(filled.home) as asked:
        before = texts(page(asked("/?lang=en")).cssselect(".health"))
        filled.add_article("aaaaaa-1", series="cheng", state="failed", failing="timeout")
        filled.add_series("cun", title="乙")
        filled.add_event("failed", "2018-10-05T05:00:00.120Z", "cheng", article="aaaaaa-1")
        after = asked("/?sort=changed&lang=en")

    assert ["nothing seen yet"] == before
    assert ["cheng", "cun"] == ids(after)
    assert ["1 failed", "nothing seen yet"] == texts(page(after).cssselect(".health"))


def test_an_empty_home_says_how_to_begin(filled):
    """The first page that a newcomer sees."""
    with asking(filled.home) as asked:
        answer = asked("/", headers={"Accept-Language": "en"})

    assert answer.status_code == 200
    assert "lianzai crawl PROFILE" in answer.text


# ------------------------------------------------------------------------------------------------------------ one series


def test_the_list_names_missing_ones_in_their_place(ask):
    """What was never there is told as plainly as what is."""
    rows = page(ask("/series/cheng")).cssselect("table.list tbody tr")

    assert [*CITIES] == [texts(row.cssselect("th bdi"))[0] for row in rows]
    assert ["1", "2", "3", "4", "5", "6", "7"] == [texts(row.cssselect(".pos"))[0] for row in rows]
    assert [False, True, False, False, False, True, True] == ["gap" in (row.get("class") or "") for row in rows]
    assert "lianzai crawl cheng --article ffffff-6" in rows[5].text_content()


def test_every_mark_of_the_timeline_is_a_link_with_a_name(ask):
    """Keyboard and screen reader reach each of them; the picture alone says nothing to them."""
    [plot] = page(ask("/series/cheng?lang=en")).cssselect("svg.plot")
    marks = plot.cssselect("a")

    assert plot.get("role") == "group"
    assert texts([plot.get_element_by_id(plot.get("aria-labelledby").split()[0])]) == [
        "Timeline of publication and changes, 2018"
    ]
    assert len(marks) >= 6
    assert all(mark.get("href").startswith("/") and mark.get("aria-label") for mark in marks)
    assert "2018-10-03 no. 3 洛阳: revised: title, text (revision 1 to 2)" in [mark.get("aria-label") for mark in marks]
    assert [mark.get("aria-label") for mark in marks] == texts(plot.cssselect("a > title"))


def test_letters_of_the_timeline_do_not_cover_each_other(filled):
    """What cannot be written beside its mark stands in the label alone; each mark has one."""
    filled.add_series("cheng", expected=40, complete=True)
    for number in range(40):
        day = f"2018-{1 + number // 5:02d}-{1 + number * number % 28:02d}"
        filled.add_article(f"{number:06x}-1", series="cheng", position=number + 1, published=day, subject=f"第{number}")
        filled.add_event("revised", f"{day}T05:00:00.120Z", "cheng", article=f"{number:06x}-1", start=1, end=2)
    with asking(filled.home) as asked:
        [plot] = page(asked("/series/cheng")).cssselect("svg.plot")
    letters = [(float(one.get("y")), float(one.get("x")), len(one.text)) for one in plot.cssselect("a > text")]
    marks = plot.cssselect("a")

    assert 0 < len(letters) < len(marks)
    assert all(
        y != other_y or other_x - x >= 8 * size for (y, x, size), (other_y, other_x, _) in pairwise(sorted(letters))
    )
    assert all(mark.get("aria-label") for mark in marks)


def test_events_come_by_pages_the_newest_first(ask):
    """Each leads to its evidence."""
    shown = page(ask("/series/cheng")).cssselect(".events li")

    assert ["网站暂拒采集", "鹤壁：未能取得", "平顶山：撤下，存本可读"] == texts(
        [one.cssselect("a")[0] for one in shown[:3]]
    )
    assert "/article/cccccc-3/diff/1/2" == shown[3].cssselect("a")[0].get("href")


def test_an_unknown_series_is_told_with_the_nearest(ask):
    """A typo is one click away from what was meant."""
    answer = ask("/series/chengg")

    assert answer.status_code == 404
    assert "/series/cheng" in [one.get("href") for one in page(answer).cssselect("main a")]


@pytest.mark.parametrize(
    "path", ["/", "/series/cheng", "/series/cun", "/series/xie", "/article/cccccc-3", "/article/ffffff-6"]
)
def test_a_page_speaks_either_language_and_says_which(ask, path):
    """A screen reader chooses its voice by it."""
    chinese, english = ask(path, headers={"Accept-Language": "zh-CN"}), ask(path, headers={"Accept-Language": "en"})

    assert ("zh-Hans", "en") == (page(chinese).get("lang"), page(english).get("lang"))
    assert "跳到正文" in chinese.text
    assert "跳到正文" not in english.text
    assert "Accept-Language" in chinese.headers["Vary"]


@pytest.mark.parametrize(
    "path", ["/", "/series/cheng", "/article/cccccc-3", "/article/cccccc-3/diff/1/2", "/feed.atom"]
)
def test_what_a_browser_has_is_not_sent_again(ask, path):
    """A feed reader asks every hour."""
    first = ask(path)
    again = ask(path, headers={"If-None-Match": f'"x", {first.headers["ETag"]}'})

    assert (304, b"") == (again.status_code, again.content)
    assert first.headers["ETag"] == again.headers["ETag"]
    assert (
        "Content-Language" not in first.headers
        or first.headers["Content-Language"] == again.headers["Content-Language"]
    )
    assert ask(path, headers={"If-None-Match": '"x"'}).status_code == 200


# ------------------------------------------------------------------------------------------------------------------ slots


def a_row(position: int | None, subject: str | None = None) -> dict[str, Any]:
    return {"id": f"{position}", "position": position, "subject": subject, "title": None, "url": "u", "state": "captured",
            "revisions": 1, "origin": "live"}  # fmt: skip


def test_without_subjects_the_free_places_are_missing():
    """Where a series has a number only, a hole in the places is where one is missing."""
    wanted = {"subjects": [], "missing": [], "expected": 5}

    shown = slots("s", wanted, [a_row(1), a_row(3), a_row(None)])

    assert [(1, False), (2, True), (3, False), (4, True), (None, False)] == [(s.position, s.row is None) for s in shown]


def test_letters_are_places_where_two_subjects_begin_alike():
    """Two cells with one letter would be one instalment to the eye."""
    wanted = {"subjects": ["新乡", "新郑"], "missing": [], "expected": 2}

    assert ["1", "2"] == [one.letter for one in cells("s", slots("s", wanted, [a_row(1, "新乡"), a_row(2, "新郑")]))]
