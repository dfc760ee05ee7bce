"""The chooser: its forests, its words, and pages unlike those that it learned from."""

from __future__ import annotations

import pytest

from archive.clean import Refusal, Rules, read_page
from archive.clean.blocks import read_blocks
from archive.clean.chooser import Sheet, Told, chances
from archive.clean.chooser.features import CONTEXT, NAMES, context_rows, first_rows
from archive.clean.chooser.forest import Forest
from archive.clean.chooser.words import KINDS, kinds_of
from archive.clean.extract import choose
from archive.clean.page import read_markup

LINES = (
    "清早的雾从山谷里升上来，护林员陆伯已经走完了第一段坡，他在本子上记下看到的第一只鸟。",
    "林场十二年前停了采伐，那时候山上只剩灌木，溪水一到冬天就断流，村里人要到镇上去拉水吃。",
    "变化是从第四年开始的，先是溪水不断了，后来白鹭回来了，再后来外出的年轻人也回来了几个。",
    "“以前是人看山，现在是山养人。”陆伯说，他把本子翻到最后一页，上面写着今年的雨量。",
)
LINKS = "".join(f"<li><a href='/{n}.html'>第{n}条新闻的标题有十几个字那么长</a></li>" for n in range(12))
HEAD = "<head><title>山里的账本_青溪日报</title></head>"


def sheet(markup: str, titles: tuple[str, ...] = ()) -> Sheet:
    page = read_markup(markup, "http://paper.example/a")
    assert page is not None
    found = read_blocks(page.root)
    return Sheet(found.blocks, found.pictures, Told(titles))


def text_of(markup: str) -> tuple[str, ...]:
    reading = read_page(
        markup.encode(), url="http://paper.example/a", content_type="text/html; charset=utf-8", rules=Rules()
    )
    return () if isinstance(reading, Refusal) else reading.body


def paragraphs(lines: tuple[str, ...] = LINES) -> str:
    return "".join(f"<p>{line}</p>" for line in lines)


def test_a_forest_is_read_and_asked_as_it_is_written():
    """The file is all that is left of the training: a slip in its reading would turn every answer."""
    forest = Forest("b a\n0<=2.5 -1 1<=0.5 1 3\n0.5\n", ("a", "b"))

    odds = [1 / forest.chance(row) - 1 for row in ([0.0, 2.5], [0.5, 3.0], [0.6, 3.0])]

    assert [pytest.approx(2.718281828**power) for power in (0.5, -1.5, -3.5)] == odds


def test_a_forest_that_asks_for_what_no_row_has_is_refused():
    """Features renamed without training anew would be read from the wrong column."""
    with pytest.raises(ValueError, match="not in"):
        Forest("c\n0<=1 0 1\n", ("a", "b"))


def test_rows_have_a_number_for_each_name():
    """A name too many moves all that follow by one."""
    laid = sheet(f"<h1>山里的账本</h1><div>{paragraphs()}</div><ul>{LINKS}</ul>", ("山里的账本",))
    rows = first_rows(laid)
    context = context_rows(laid, [0.5] * len(rows), [0, 2])

    assert {len(row) for row in rows if row is not None} == {len(NAMES)}
    assert {len(row) for row in context} == {len(CONTEXT)}
    assert len(set(NAMES + CONTEXT)) == len(NAMES) + len(CONTEXT)


def test_a_block_that_is_a_link_and_nothing_else_has_no_chance():
    """Most blocks of a page are links; they are told without a forest."""
    laid = sheet(f"<ul>{LINKS}</ul><div>{paragraphs()}</div>")

    assert chances(laid)[:12] == [0.0] * 12


@pytest.mark.parametrize(
    ("name", "kind"),
    [("relatedLinks", "related"), ("post-comments", "comment"), ("zhengwen", "text"), ("c-nav__item", "menu")],
)
def test_a_name_is_read_in_each_way_that_sites_join_words(name, kind):
    """Camel case, hyphens, underscores, pinyin: one table knows them all."""
    assert kinds_of(name) >> KINDS.index(kind) & 1


def test_the_same_page_has_the_same_chances():
    """A rebuild must come to the same text, byte by byte."""
    markup = f"<html>{HEAD}<body><h1>山里的账本</h1><div class='c'>{paragraphs()}</div><ul>{LINKS}</ul></body></html>"

    assert chances(sheet(markup)) == chances(sheet(markup))


@pytest.mark.parametrize(
    "body",
    [
        f"<div id='zw'>{paragraphs()}</div>",
        "<div>" + "<br><br>　　".join(LINES) + "</div>",
        "".join(f"<div>{line}</div>" for line in LINES),
        "<table><tr><td width=180><ul>"
        + LINKS
        + "</ul></td><td><font>"
        + "<br>".join(LINES)
        + "</font></td></tr></table>",
        "<div class='a7x'>" + "".join(f"<div class='q9'><span>{line}</span></div>" for line in LINES) + "</div>",
    ],
    ids=["paragraphs", "lines", "divs", "layout table", "names that say nothing"],
)
def test_an_article_is_found_in_each_form_that_papers_give_it(body):
    """Old sites have no <p>, new ones no names that mean anything."""
    page = (
        f"<html>{HEAD}<body><div class='nav'><a href='/'>首页</a> <a href='/n'>新闻</a></div><h1>山里的账本</h1>{body}"
        f"<div class='rel'><h3>相关新闻</h3><ul>{LINKS}</ul></div><p>版权所有 青溪日报社 未经授权不得转载</p></body></html>"
    )

    assert text_of(page) == LINES


def test_comments_longer_than_the_article_are_left_out():
    """A short report may have many readers."""
    said = "".join(
        f"<li class='comment'><span class='user'>网友{n}</span><p>说得好，我们村里也是这样，山上的树多了以后水就清了。</p>"
        f"<a href='#r'>回复</a></li>"
        for n in range(30)
    )
    page = (
        f"<html>{HEAD}<body><h1>山里的账本</h1><div class='article-content'>{paragraphs()}</div>"
        f"<div id='comments'><h3>网友评论</h3><ul class='comment-list'>{said}</ul></div></body></html>"
    )

    assert text_of(page) == LINES


def test_a_page_that_holds_its_article_twice_gives_it_once():
    """One copy for wide screens and one for phones."""
    page = (
        f"<html>{HEAD}<body><h1>山里的账本</h1><div class='wide'>{paragraphs(LINES * 2)}</div>"
        f"<div class='narrow'>{paragraphs(LINES * 2)}</div></body></html>"
    )

    assert text_of(page) == LINES * 2


def test_rows_between_paragraphs_stay():
    """A table within an article is of it, whatever its single rows look like (adbar/trafilatura#890)."""
    rows = "".join(f"<tr><td>{year}</td><td>{rain}</td></tr>" for year, rain in ((2029, 811), (2030, 902), (2031, 877)))
    laid = sheet(f"<div>{paragraphs(LINES[:2])}<table>{rows}</table>{paragraphs(LINES[2:])}</div>")
    likely = [0.9, 0.9, 0.05, 0.05, 0.05, 0.9, 0.9]

    assert choose(laid, likely) == tuple(range(7))


def test_a_page_of_links_alone_has_no_text():
    """Navigation in place of an article is worse than none."""
    assert text_of(f"<html>{HEAD}<body><ul>{LINKS}</ul></body></html>") == ()
