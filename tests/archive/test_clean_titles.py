"""The headline: which of several, with which kicker, in whose spelling."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.clean.blocks import read_blocks
from archive.clean.page import Page, open_page
from archive.clean.titles import find_title, headline_of, without_site

TEXT = "清早的雾从山谷里升上来，护林员陆伯已经走完了第一段坡，他在蓝皮本子上记下看到的第一只鸟，又往山上去了。"


def page(title: str, head: str = "", body: str = "", headline: str = "") -> Page:
    graph = {"@type": "NewsArticle", "headline": headline, "publisher": {"name": "青溪网"}}
    script = f'<script type="application/ld+json">{json.dumps(graph)}</script>' if headline else ""
    markup = f"<html><head><title>{title}</title>{head}{script}</head><body>{body}<p>{TEXT}</p></body></html>"
    return Page(
        open_page(markup.encode(), "text/html; charset=utf-8", "http://paper.example/17").root,
        "http://paper.example/17",
    )


def title(*args: str, **more: str) -> str | None:
    one = page(*args, **more)
    return find_title(one, read_blocks(one.root).blocks)[0]


def og(text: str) -> str:
    return f'<meta property="og:title" content="{text}">'


@pytest.mark.parametrize(
    "body",
    [
        "<h1>洪水警报</h1><h1>山里的账本记了十二年</h1>",
        "<h1>青溪网</h1><h1>山里的账本记了十二年</h1>",
        "<h1>山里的账本记了十二年</h1><h1>更多山里的账本</h1>",
        "<h1><img alt='青溪网'></h1><div>山里的账本记了十二年</div>",
        "<h1><div><span>山里的账本</span>记了十二年</div></h1>",
        "<h1>山里的账本<br>记了十二年</h1>",
        "<h1>全新首页 焕新登场</h1><p>精选频道</p><h1>山里的账本记了十二年</h1>",
    ],
)
def test_of_several_headings_the_one_that_the_head_repeats_is_the_title(body):
    """An alert, the site's name or a banner has the first heading of many pages."""
    assert (
        "".join((title("山里的账本记了十二年_青溪网", og("山里的账本记了十二年"), body) or "").split())
        == "山里的账本记了十二年"
    )


def test_a_subtitle_in_the_heading_belongs_to_the_title_where_the_head_has_it():
    """主标题 and 副标题 stand in one heading, parted by a line break."""
    body = "<h1>山里的账本<br>——青溪林场十二年</h1>"

    assert title("山里的账本——青溪林场十二年-青溪网", "", body) == "山里的账本 ——青溪林场十二年"
    assert title("山里的账本-青溪网", "", body) == "山里的账本"


@pytest.mark.parametrize(
    "body",
    [
        "<div class='news-title'>山里的账本记了十二年</div><p>2031-03-05</p>",
        "<h2>山里的账本记了十二年</h2>",
        "<div id=title>山里的账本记了十二年</div>",
    ],
)
def test_where_title_names_the_site_alone_markup_tells(body):
    """Sites of offices name every page alike; the article's heading is of any kind."""
    assert title("青溪网-要闻", "", body) == "山里的账本记了十二年"


def test_a_link_or_a_heading_far_above_the_text_is_not_marked_as_the_title():
    """Then the name of the site is all that is known."""
    assert title("青溪网-要闻", "", "<div class=title><a href=/>更多新闻都在这里</a></div>") == "青溪网"


@pytest.mark.parametrize(
    ("body", "told", "expected"),
    [
        ("<h1><b>青溪：</b>山里的账本</h1>", "青溪： 山里的账本", "青溪：山里的账本"),
        (
            "<h1><b>Linxi</b> <i>The ledger of the hills</i></h1>",
            "Linxi: The ledger of the hills",
            "Linxi: The ledger of the hills",
        ),
        ("<h1><b>Hills:</b>The ledger</h1>", "Hills: The ledger", "Hills: The ledger"),
        ("<h1>The “ledger” of <i>the hills</i></h1>", 'The "ledger" of the hills', "The “ledger” of the hills"),
    ],
)
def test_a_heading_of_several_pieces_is_spelled_as_told(body, told, expected):
    """Between the pieces stands the mark or the blank that only the style sheet shows; quotation marks are the reader's."""
    assert "".join((title("x", og(told), body) or "").split()) == "".join(expected.split())


TRAIL = "<ul><li><a href=/>首页</a></li><li><a href=/hills>连载</a></li><li><h1>青溪林场十二年账本公布</h1></li></ul>"


@pytest.mark.parametrize(
    ("below", "told", "expected"),
    [
        ("<div>山里</div><h2>山里的账本记了十二年</h2>", "山里的账本记了十二年", "山里的账本记了十二年"),
        ("<h2><i>特稿</i> 山里的账本记了十二年</h2>", "山里的账本记了十二年", "山里的账本记了十二年"),
        ("<h2><i>山里的账本</i><b>记了十二年</b></h2>", "山里的账本：记了十二年", "山里的账本：记了十二年"),
        ("<h2><a href=/2>山里的账本记了十二年</a></h2>", "山里的账本记了十二年", "青溪林场十二年账本公布"),
        ("<h2>山里的账本记了十二年</h2>", "青溪林场", "青溪林场十二年账本公布"),
        ("<p>一行</p>" * 8 + "<h2>山里的账本记了十二年</h2>", "山里的账本记了十二年", "青溪林场十二年账本公布"),
    ],
)
def test_a_heading_that_ends_a_trail_counts_behind_the_headline_below_it(below, told, expected):
    """首页 > 连载 > … holds the words for search engines; readers see the headline of the second rank, which the JSON-LD has."""
    head = og("青溪林场十二年账本公布")

    assert expected == title("青溪林场十二年账本公布", head, TRAIL + below, told)
    assert "青溪林场十二年账本公布" == title("青溪林场十二年账本公布", head, TRAIL.replace("li>", "b>") + below, told)


def test_a_kicker_that_the_heading_runs_into_is_left_out_where_the_head_leaves_it_out():
    """Premiere in Linxi - The ledger of the hills: two lines on the page."""
    body = "<div class=h><span>Premiere in Linxi - </span><span>The ledger of the old hills</span></div>"

    assert (
        title("Premiere in Linxi: The ledger of the old hills", og("The ledger of the old hills"), body)
        == "The ledger of the old hills"
    )


def test_entities_in_the_json_ld_are_undone():
    """Some systems escape what they write into a script."""
    assert title("x", headline="&quot;Water&quot; &amp; hills in the valley") == '"Water" & hills in the valley'


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ("山里的账本：青溪网", "山里的账本"),
        ("山里的账本｜青溪网", "山里的账本"),
        ("山里的账本 - 青溪网", "山里的账本"),
        ("Hills – and water: a ledger", "Hills – and water: a ledger"),
        ("青溪网", "青溪网"),
    ],
)
def test_a_title_for_machines_loses_the_name_of_the_site_and_nothing_else(told, expected):
    """A dash within a headline parts no site's name from it."""
    assert expected == without_site(told, page("x", headline="x"))


@given(
    st.text(alphabet="山里的账本 -–—_|丨｜·»:：ab青溪网", max_size=60), st.text(alphabet="山里-_|ab <>", max_size=40)
)
def test_any_title_can_be_cut(text, heading):
    """Something is left wherever there was something."""
    assert bool(headline_of(text, ())) == bool(headline_of(text, ("青溪网",)))
    found = title(text, og(text), f"<h1>{heading}</h1>")
    assert found is None or found.strip()


@pytest.mark.parametrize("piece", [" - a", "_", " ", "—", "甲", "a |"])
def test_a_hundred_thousand_marks_are_cut_in_one_go(piece):
    """A pattern that goes back over them would hold a crawl for hours."""
    long = piece * (100_000 // len(piece))

    assert len(headline_of(long, ())) <= len(long)
    assert len(without_site(long, page("x", headline="x"))) <= len(long)


def test_a_headline_that_only_its_type_tells_is_the_title():
    """Old templates name every page alike, and set the headline bold or large in the middle of a cell."""
    cell = (
        "<table><tr><td>新闻中心</td></tr><tr><td align=center><font size=4><b>山里的账本</b></font></td></tr></table>"
    )

    assert title("青溪在线", body=cell.replace("山里的账本", "山里的账本记了十二年")) == "山里的账本记了十二年"
    assert title("青溪在线", body="<p><b>山里的账本记了十二年</b></p>") == "青溪在线"
