"""What a page says of its list by how it is laid out: which links are the headline's, what is a ranking, who publishes."""

from __future__ import annotations

from typing import Any

import pytest
from lists import HTML, look

from crawler.proposing.answer import Proposal

HOST = "https://paper.example"
TITLES = ["渠首的第一道闸", "石桥村里听水声", "老闸工的三本账", "夜巡三十里渠堤", "麦田边上的泵站", "测量队的旧图纸"]
OTHERS = ["全县春耕生产现场会昨日召开", "县城三条公交线路今起调整", "气象台发布大风蓝色预警", "老城区管网改造六月完工"]


def page(body: str, title: str = "渠水纪事 - 临溪日报", path: str = "/list/") -> Proposal:
    """Propose for one page of a site that has no other."""
    text = f'<html lang="zh"><head><title>{title}</title></head><body>{body}</body></html>'
    return look(HOST + path, {HOST + path: (text, HTML)}).proposal


def lines(row: str = '<li><a href="{url}">{title}</a></li>', **further: Any) -> str:
    """Set a list of all articles. row: with {url}, {title}, {n}."""
    return "".join(row.format(url=f"/a/{n}.html", title=title, n=n, **further) for n, title in enumerate(TITLES, 1))


def listed(proposal: Proposal) -> list[str | None]:
    """Give the headlines that a proposal takes."""
    return [entry.title for entry in proposal.entries]


@pytest.mark.parametrize("more", ["继续阅读 {title}", "阅读全文：{title}", "Continue reading {title}"])
def test_the_link_that_says_read_more_and_the_headline_is_not_the_headline(more: str) -> None:
    """Screen readers are told what a button leads to: an article would be called "Continue reading …"."""
    row = f'<li><h2 class="kop"><a href="{{url}}">{{title}}</a></h2><a class="m" href="{{url}}">{more}</a></li>'

    proposal = page(f"<ul>{lines(row)}</ul>")

    assert listed(proposal) == TITLES
    assert proposal.source["item"].value == ".kop a"


def test_a_name_of_one_row_alone_does_not_part_it_from_the_others() -> None:
    """Builders of pages give each row a box with a name of its own: no two links would stand alike."""
    picture = '<div class="pic"><a href="{url}"><img src="/i.jpg"></a></div>'
    row = f'<section><div class="box-{{n}}x">{picture}<a href="{{url}}">{{title}}</a></div></section>'

    assert listed(page(f'<div class="rows">{lines(row)}</div>')) == TITLES


@pytest.mark.parametrize("heading", ["", "<h3>他们在看</h3>"])
def test_a_ranking_beside_the_list_is_none_of_its_parts(heading: str) -> None:
    """It has the list's classes, more rows and no telling name: but its rows are numbered 1, 2, 3, outside of their links."""
    ranks = "".join(f'<li><i>{n}</i> <a href="/a/9{n}.html">{title}</a></li>' for n, title in enumerate(OTHERS * 2, 1))

    proposal = page(
        f'<div class="left"><ul class="rows">{lines()}</ul></div><div class="b">{heading}<ul class="rows">{ranks}</ul></div>'
    )

    assert listed(proposal) == TITLES


def test_a_numbered_series_is_a_list() -> None:
    """Its numbers are part of what the links say, or the only list there is."""
    numbered = page(f"<ol>{lines('<li>{n}. <a href={url}>{title}</a></li>')}</ol>")
    within = page(f"<ol>{lines('<li><a href={url}>{n}. {title}</a></li>')}</ol>")

    assert (len(numbered.entries), len(within.entries)) == (len(TITLES), len(TITLES))


@pytest.mark.parametrize(
    ("title", "above", "below", "expected"),
    [
        ("临溪在线网 - 渠水纪事", '<a href="/">临溪在线网</a>', "", ("渠水纪事", "临溪在线网")),
        ("渠边 - 渠水纪事", "", "<p>Copyright © 2018 渠边 版权所有</p>", ("渠水纪事", "渠边")),
        ("临溪日报 - 渠水纪事", "", "", ("渠水纪事", "临溪日报")),
        ("渠水纪事 - 临溪日报", "", "", ("渠水纪事", "临溪日报")),
        ("渠水纪事 - 渠边", '<h1><a href="/">渠边</a></h1><h2>渠水纪事</h2>', "", ("渠水纪事", "渠边")),
        ("Notes from a lock: Weir", '<h1><a href="/">Notes from a lock</a></h1>', "", ("Weir", "Notes from a lock")),
        ("Archive - Still Water", '<a href="/">Still Water</a>', "", ("Still Water", "Still Water")),
        ("渠水纪事", '<h1><a href="/">渠水纪事</a></h1>', "", ("渠水纪事", None)),
    ],
)
def test_the_series_is_told_from_who_publishes_it(
    title: str, above: str, below: str, expected: tuple[str, str | None]
) -> None:
    """Some sites name themselves first, in the title and in the heading: the series would bear the newspaper's name."""
    series = page(f"{above}<ul>{lines()}</ul>{below}", title).series

    assert (series["title"].value, series["publisher"].value if "publisher" in series else None) == expected


def month(year: int, number: int, links: str, first: int) -> str:
    """Set the page of a month, with articles numbered from first."""
    rows = "".join(f'<p><a href="/a/{first + n}.html">{title}</a></p>' for n, title in enumerate(TITLES))
    return f'<html lang="zh"><title>渠水</title><h1>{year}-{number}</h1><div class="rows">{rows}</div>{links}</html>'


def test_the_page_of_a_month_leads_to_the_month_before() -> None:
    """An archive by month has no next page; what links the nearest earlier month is one."""
    links = '<a class="to-prev" href="/2023/{}/">«</a> <a class="to-next" href="/2024/{}/">»</a> <a href="/2022/05/">2022</a>'
    site: dict[str, tuple[bytes | str, str] | int] = {
        f"{HOST}/2024/01/": (month(2024, 1, links.format("12", "02"), 10), HTML),
        f"{HOST}/2023/12/": (month(2023, 12, links.format("11", "01"), 30), HTML),
    }

    source = look(f"{HOST}/2024/01/", site).proposal.source

    assert (source["next"].value, source["next"].why) == ("a.to-prev", f"leads to the month before: {HOST}/2023/12/")


@pytest.mark.parametrize(
    ("path", "way", "second", "key", "value"),
    [
        ("/list/", '<a href="/list/?page=2">ຕໍ່ໄປ</a>', "/list/?page=2", "more", f"{HOST}/list/?page={{page}}"),
        (
            "/l.htm",
            "<select><option value=l.htm>1<option value=l2.htm>2</select>",
            "/l2.htm",
            "more",
            f"{HOST}/l{{page}}.htm",
        ),
        ("/list/", '<div data-next-url="/bit?from=6"></div>', "/bit?from=6", "next", "[data-next-url]"),
    ],
)
def test_the_way_to_the_second_page_needs_no_words(path: str, way: str, second: str, key: str, value: str) -> None:
    """A link in a language that nobody here knows, a field to choose in, an address that is kept for a script."""
    first = f"<html><title>x</title><ul>{lines()}</ul><div class=w>{way}</div></html>"
    further = f"<html><title>x</title><ul>{lines('<li><a href={url}?x>{title}</a></li>')}</ul></html>"

    proposal = look(HOST + path, {HOST + path: (first, HTML), HOST + second: (further, HTML)}).proposal

    assert proposal.source[key].value == value
    assert any("names no further page" in note for note in proposal.warnings) is (key == "next")


def test_a_list_in_a_frame_is_the_list_of_the_page() -> None:
    """Pages of the nineties are made of frames: the address that people know holds no link at all."""
    frames = '<frameset><frame src="top.htm"><frame src="menu.htm"><frame src="http://ads.example/x.htm"></frameset>'
    outer = f"<html><head><title>渠水纪事</title></head>{frames}</html>"
    menu = f"<html><body>{lines('<a href={url}>{title}</a><br>')}</body></html>"
    site: dict[str, tuple[bytes | str, str] | int] = {
        f"{HOST}/q/": (outer, HTML), f"{HOST}/q/top.htm": ("<h1>渠</h1>", HTML), f"{HOST}/q/menu.htm": (menu, HTML),
    }  # fmt: skip

    found = look(f"{HOST}/q/", site)

    assert (listed(found.proposal), found.proposal.source["url"].value) == (TITLES, f"{HOST}/q/menu.htm")
    assert found.proposal.series["title"].value == "渠水纪事"
    assert not any("ads.example" in url for url in found.asked)


def test_a_later_page_of_a_list_is_told_of() -> None:
    """Who gives the address of page 3 gets what is older; that must not come as a surprise."""
    assert any("of page 3:" in warning for warning in page(f"<ul>{lines()}</ul>", path="/list/page/3/").warnings)


@pytest.mark.parametrize(("words", "is_noted"), [("共12篇", True), ("12부작 기획", True), ("共6篇", False)])
def test_a_series_that_is_longer_than_its_list_is_told_of(words: str, is_noted: bool) -> None:
    """The page says how many there are, and nothing leads to them: a crawl would end well with half of them."""
    proposal = page(f"<p>{words}</p><ul>{lines()}</ul>")

    assert proposal.series["expected"].sure
    assert any("nothing seen leads to the other 6" in warning for warning in proposal.warnings) is is_noted


def test_the_number_behind_the_current_one_needs_no_names() -> None:
    """Old programs count rows (start=10) and mark the page on which one is by <b> alone."""
    url, second = f"{HOST}/list.cgi?cat=qu", f"{HOST}/list.cgi?cat=qu&start=6"
    pages = {
        url: f"<ul>{lines()}</ul><p><b>1</b> | <a href='list.cgi?cat=qu&amp;start=6'>2</a></p>",
        second: f"<ul>{lines().replace('/a/', '/b/')}</ul><p><a href='list.cgi?cat=qu&amp;start=0'>1</a> | <b>2</b></p>",
    }

    proposal = look(
        url, {where: (f"<html><title>渠水</title>{body}</html>", HTML) for where, body in pages.items()}
    ).proposal

    assert proposal.source["next"].value == "p > b + a"


def test_a_list_in_an_island_of_xml_is_read() -> None:
    """Portals of cities write their list as records of XML, and a script makes links of them."""
    records = "".join(
        f'<record><![CDATA[<li><a href="/a/{n}.html">{title}</a><span>2023-03-0{n}</span></li>]]></record>'
        for n, title in enumerate(TITLES, 1)
    )
    island = f'<script type="text/xml"><datastore><recordset>{records}</recordset></datastore></script>'

    proposal = page(f'<a href="/">首页</a><div class="pages">{island}</div>')

    assert listed(proposal) == TITLES
    assert [entry.published for entry in proposal.entries] == [f"2023-03-0{n}" for n in range(1, len(TITLES) + 1)]


def test_the_language_is_that_of_the_article_where_headlines_are_few() -> None:
    """Six headlines that are alike were taken for Breton."""
    titles = [
        f"The lock keeper who counted every {one} by hand" for one in ("reed", "barge", "weir", "mill", "heron", "quay")
    ]
    rows = "".join(f'<li><a href="/a/{n}.html">{title}</a></li>' for n, title in enumerate(titles))
    prose = "When the rain came the village walked home along the bank, and he wrote the figure in his book. " * 12
    article = f'<html lang="en"><title>{titles[0]}</title><h1>{titles[0]}</h1><p>{prose}</p></html>'
    site: dict[str, tuple[bytes | str, str] | int] = {
        f"{HOST}/l": (f'<html lang="en"><title>River</title><ul class="news">{rows}</ul></html>', HTML),
        f"{HOST}/a/0.html": (article, HTML),
    }

    assert look(f"{HOST}/l", site).proposal.series["language"].value == "en"


@pytest.mark.parametrize(
    ("row", "item"),
    [
        ('<li class="one" data-link="{url}"><b class="title">{title}</b><i>2023-03-0{n}</i></li>', ".one"),
        ('<li class="one" onclick="location.href=\'{url}\'"><h3>{title}</h3><i>2023-03-0{n}</i></li>', ".one"),
        ('<li onclick="window.open(&quot;{url}&quot;)"><h3>{title}</h3><i>2023-03-0{n}</i></li>', "li"),
    ],
)
def test_rows_that_open_an_article_when_clicked_are_its_links(row: str, item: str) -> None:
    """Albums of clients have no link at all: a script reads where a row leads."""
    proposal = page(f'<a href="/">首页</a><ul class="album">{lines(row)}</ul>')

    assert (listed(proposal), item in proposal.source["item"].value) == (TITLES, True)
    assert proposal.entries[0].published == "2023-03-01"


def test_months_to_which_no_selector_leads_are_told_of() -> None:
    """The same row of months on each page: its first link is the newest month on all of them."""
    months = "".join(f'<li><a href="/2023/{n:02}/">2023-{n}</a></li>' for n in (8, 7, 6))
    pages: dict[str, tuple[bytes | str, str] | int] = {
        f"{HOST}/2023/{n:02}/": (month(2023, n, f'<ul class="months">{months}</ul>', 10 * n), HTML) for n in (8, 7, 6)
    }

    proposal = look(f"{HOST}/2023/08/", pages).proposal

    assert "next" not in proposal.source
    assert any(f"{HOST}/2023/07/ is not read" in warning for warning in proposal.warnings)
