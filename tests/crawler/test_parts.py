"""An article on several pages is one article: every page captured, joined in order, and what is missing told."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import walk
from click.testing import CliRunner
from rebuilder import rebuild
from routed import Routed

from archive.config import Config
from archive.ledger.store import open_ledger
from archive.verbs.verify import command as verify
from archive.views import articles, show
from crawler.demo.answers import Answer
from crawler.parts import continues, next_part
from crawler.sources.links import read_page

LINES = tuple(
    f"第{place}段：{text}"
    for place, text in enumerate(
        (
            "清晨六点，临溪县石桥村的水渠边已经有人走动，护渠员把闸门提起半尺。",
            "这条渠修于三十年前，去年秋天开始改造，村里把渠底的淤泥清出来。",
            "镇上的中学把地理课搬到了渠首，学生用浮标测流速，用透明度盘看水质。",
            "豆腐坊每天用黄豆一百八十斤，头一锅凌晨三点出浆，沿渠的村子都来订货。",
        ),
        1,
    )
)
PROFILE = f"""
[series]
id = "qu"
title = "渠"
expected = 1
timezone = "Asia/Shanghai"
[source]
kind = "url-list"
urls = ["{walk.BASE}/a/88.html"]
[fetch]
delay = 0
recheck = "always"
requisites = "none"
allow_private = true
[article]
title = "h1"
body = "div.content"
"""


def page(*places: int, links: str = "") -> str:
    """A page with some of the lines."""
    lines = "".join(f"<p>{LINES[place]}</p>" for place in places)
    return (
        f"<html><body><h1>渠上一日</h1><div class='content'>{lines}</div><div class='pager'>{links}</div></body></html>"
    )


def link(target: str, words: str = "下一页") -> str:
    """A link."""
    return f"<a href='{target}'>{words}</a>"


class Paper:
    """A home, and a site with one article on several pages."""

    def __init__(self, folder: Path) -> None:
        self.home = walk.home_at(folder / "home")
        self.site = Routed({})

    def crawl(self) -> dict[str, Any]:
        """Crawl once, then rebuild: the ledger must be the same."""
        report = walk.walk(self.home, walk.profile_of(PROFILE), self.site)
        self.rebuild()
        return report

    def visit(self, pages: dict[str, str | Answer]) -> tuple[int, list[str], list[int]]:
        """Put pages, crawl once: how many articles were revised, the reasons of failures, which lines the article has."""
        self.site.put_all(pages)
        report = walk.walk(self.home, walk.profile_of(PROFILE), self.site)
        return report["revised"], [one["reason"] for one in report["failed"]], self.body()

    def rebuild(self) -> None:
        """Make the ledger anew: it must be the same."""
        before = walk.state_of(self.home)
        ran, _, error = rebuild(self.home)
        assert (0, None) == (ran.exit_code, error)
        assert before == walk.state_of(self.home)

    def shown(self) -> dict[str, Any]:
        """Give the article as `show` does."""
        ledger = open_ledger(self.home.root, create=False)
        try:
            with ledger.read() as connection:
                (article,) = articles(connection, "qu")
                return show(connection, article["id"])
        finally:
            ledger.close()

    def body(self) -> list[int]:
        """Give which lines the article has, by their places."""
        return [LINES.index(line) for line in self.shown()["body"]]

    def parts(self) -> list[tuple[str, bool]]:
        """Give the recorded pages, and whether each was read."""
        return [(part["url"].removeprefix(walk.BASE), part["captured"] is not None) for part in self.shown()["parts"]]


@pytest.fixture
def paper(tmp_path: Path) -> Paper:
    """An empty home and an empty site."""
    return Paper(tmp_path)


@pytest.mark.parametrize(
    ("paths", "words"),
    [
        (("/a/88.html", "/a/88_2.html", "/a/88_3.html"), ("下一页", "下一页")),
        (("/a/88.html", "/a/88_1.html", "/a/88_2.html"), ("下一页&gt;", "下页")),
        (("/a/88.html", "/a/88.html?page=2", "/a/88.html?page=3"), ("2", "第3页")),
        (("/a/88.html", "/a/88.html/2", "/a/88.html/3"), ("Next »", "[3]")),
    ],
)
def test_the_pages_of_an_article_are_joined(paper: Paper, paths: tuple[str, ...], words: tuple[str, ...]) -> None:
    """Each page is a capture of its own, the text is one, and the pages are recorded."""
    first, second, third = paths
    paper.site.put_all({
        first: page(0, 1, links=link(second, words[0])), second: page(2, links=link(first, "上一页") + link(third, words[1])),
        third: page(3, links=link(second, "上一页") + link("/a/89.html", "下一篇：另一篇报道")),
    })  # fmt: skip

    report = paper.crawl()

    assert (1, [], True) == (report["captured"], report["failed"], report["complete"])
    assert [0, 1, 2, 3] == paper.body()
    assert [(path, True) for path in paths] == paper.parts()
    assert "/a/89.html" not in paper.site.asked


def test_a_missing_page_is_told_and_the_article_is_not_complete(paper: Paper) -> None:
    """An article that ends in the middle must not pass for whole; it is asked for again until it is there."""
    paper.site.put_all({"/a/88.html": page(0, 1, links=link("/a/88_2.html"))})

    first = paper.crawl()
    told, lacking = paper.parts(), paper.body()
    paper.site.put("/a/88_2.html", page(2, 3))
    second = paper.crawl()

    assert (["http-4xx"], False) == ([one["reason"] for one in first["failed"]], first["complete"])
    assert [("/a/88.html", True), ("/a/88_2.html", False)] == told
    assert [0, 1] == lacking
    assert ([], True) == (second["failed"], second["complete"])
    assert [0, 1, 2, 3] == paper.body()


@pytest.mark.parametrize(
    ("target", "words"),
    [
        ("/a/88_all.html", "阅读全文"),
        ("/a/88.html?page=all", "View all"),
        ("/a/88.html?singlepage=true", "在本页阅读全文"),
    ],
)
def test_the_page_with_all_of_it_stands_for_all(paper: Paper, target: str, words: str) -> None:
    """Where the next page is reached by a script only, the link to the whole text is."""
    paper.site.put_all({"/a/88.html": page(0, 1, links=link(target, words)), target: page(0, 1, 2, 3)})

    paper.crawl()

    assert [0, 1, 2, 3] == paper.body()
    assert [("/a/88.html", True), (target, True)] == paper.parts()


def test_a_site_that_shows_its_last_page_for_any_number_is_left(paper: Paper) -> None:
    """Else the article would grow by a page for ever."""
    paper.site.put("/a/88.html", page(0, 1, links=link("/a/88.html?page=2")))
    for number in range(2, 40):
        paper.site.put(f"/a/88.html?page={number}", page(2, 3, links=link(f"/a/88.html?page={number + 1}")))

    paper.crawl()

    assert [0, 1, 2, 3] == paper.body()
    assert len(paper.site.asked) <= 4


def test_a_chain_without_an_end_is_cut_and_told(paper: Paper, monkeypatch: pytest.MonkeyPatch) -> None:
    """A trap gives each page a text of its own; so long an article is none, and people hear of it."""
    monkeypatch.setattr("archive.fold.parts.MAX_PARTS", 5)
    for number in range(1, 12):
        target = "/a/88.html" if number == 1 else f"/a/88_{number}.html"
        words = page(0).replace("第1段", f"第{number}页")
        paper.site.put(target, words.replace("class='pager'>", f"class='pager'>{link(f'/a/88_{number + 1}.html')}"))

    report = paper.crawl()

    assert ["too-long"] == [one["reason"] for one in report["failed"]]
    assert 5 == len(paper.site.asked)
    assert ["too-long"] == [one["reason"] for one in paper.crawl()["failed"]], "it is as long, now that nothing changed"
    assert ("captured", "too-long") == (paper.shown()["state"], walk.state_of(paper.home)["articles"][0]["failing"])


ONE, TWO, THREE = "/a/88.html", "/a/88_2.html", "/a/88_3.html"
ON_TWO = {ONE: page(0, 1, links=link(TWO)), TWO: page(2, 3)}
ON_THREE = {ONE: page(0, links=link(TWO)), TWO: page(1, 2, links=link(THREE)), THREE: page(3)}
BUSY, NO_MORE = Answer(503, b"busy", "text/html"), Answer(404, b"gone", "text/html")
WHOLE = [0, 1, 2, 3]


def test_the_same_text_on_other_pages_is_no_edit(paper: Paper) -> None:
    """Two pages, three, one that is not answered, one for all: a reader sees the same article each time."""
    visits = [ON_TWO, ON_THREE, ON_TWO, {**ON_THREE, THREE: BUSY}, ON_THREE, {ONE: page(*WHOLE)}]

    seen = [paper.visit(pages) for pages in visits]
    paper.rebuild()

    failed = [[], [], [], ["http-5xx"], [], []]
    assert [(0, reasons, WHOLE) for reasons in failed] == seen
    assert 1 == paper.shown()["revisions"]


@pytest.mark.parametrize(
    "fault", [BUSY, NO_MORE, page(0, 1, links=link(TWO)), Answer(302, b"", "text/html", headers=(("Location", ONE),))]
)
def test_a_page_that_is_not_there_one_day_leaves_the_text_as_it_was(paper: Paper, fault: str | Answer) -> None:
    """It fails, is gone, shows the first page again or leads there: the text stays, and the failure is told."""
    paper.visit(ON_TWO)

    revised, failed, body = paper.visit({TWO: fault})
    ran = CliRunner().invoke(verify, [], obj=Config(home=paper.home.root, json=True))

    assert (0, 1, WHOLE) == (revised, len(failed), body)
    assert (0, []) == (ran.exit_code, json.loads(ran.stdout)["damaged"])
    assert (0, [], WHOLE) == paper.visit(ON_TWO)


def test_an_edit_is_told_once_however_the_pages_lie(paper: Paper) -> None:
    """What was cut waits for the page that does not answer, since it may stand there; a new word does not; a new page is one."""
    paper.visit(ON_TWO)
    cut = paper.visit({ONE: page(0, links=link(TWO)), TWO: BUSY})
    ran = CliRunner().invoke(verify, [], obj=Config(home=paper.home.root, json=True))
    told = paper.visit({TWO: page(2)})
    longer = paper.visit({TWO: page(2, links=link(THREE)), THREE: page(3)})
    paper.rebuild()

    assert (0, ["http-5xx"], WHOLE) == cut
    assert (0, []) == (ran.exit_code, json.loads(ran.stdout)["damaged"])
    assert [(1, [], [0, 2]), (1, [], [0, 2, 3])] == [told, longer]
    paper.site.put(TWO, BUSY)
    paper.site.put(ONE, page(0, links=link(TWO)).replace("半尺", "一尺"))
    assert 1 == walk.walk(paper.home, walk.profile_of(PROFILE), paper.site)["revised"]


def test_a_page_number_too_many_that_leads_back_ends_the_article(paper: Paper) -> None:
    """The last page has a link onward all the same: nothing is lacking."""
    back = Answer(302, b"", "text/html", headers=(("Location", ONE),))

    assert (0, [], WHOLE) == paper.visit({**ON_TWO, TWO: page(2, 3, links=link(THREE)), THREE: back})
    paper.rebuild()
    assert [(ONE, True), (TWO, True)] == paper.parts()


LISTED = PROFILE.replace('kind = "url-list"', 'kind = "list-page"').replace(
    f'urls = ["{walk.BASE}/a/88.html"]', f'url = "{walk.BASE}/list.html"\nitem = "ul a"'
)


def test_an_article_that_was_taken_for_a_page_is_one_again_when_a_list_names_it(paper: Paper) -> None:
    """The site numbers its articles as others number pages; the list gives the second one another name."""
    rows = [f"<li><a href='/a/qu_{n}.html'>渠上第{day}日</a></li>" for n, day in ((1, "一"), (2, "二"))]
    paper.site.put_all({
        "/list.html": f"<ul>{rows[0]}</ul>", "/a/qu_1.html": page(0, 1, links=link("/a/qu_2.html")),
        "/a/qu_2.html": page(2, 3).replace("渠上一日", "渠上第二日"),
    })  # fmt: skip
    first = walk.walk(paper.home, walk.profile_of(LISTED), paper.site)
    paper.site.put("/list.html", f"<ul>{''.join(rows)}</ul>")
    second = walk.walk(paper.home, walk.profile_of(LISTED), paper.site)
    paper.rebuild()

    state = walk.state_of(paper.home)
    shown = {(row["id"], row["shown"]) for row in state["articles"]}
    bodies = [row["reading"]["body"] for row in state["revisions"] if (row["article"], row["number"]) in shown]
    assert [(1, 1, 0), (2, 1, 1)] == [(run["found"], run["captured"], run["revised"]) for run in (first, second)]
    assert {(0, 1), (2, 3)} == {tuple(map(LINES.index, body)) for body in bodies}


def test_pages_that_are_no_more_leave_the_text(paper: Paper) -> None:
    """Cut to one page with all of the text it is no edit; cut to less it is one."""
    paper.site.put_all({"/a/88.html": page(0, 1, links=link("/a/88_2.html")), "/a/88_2.html": page(2, 3)})
    paper.crawl()
    paper.site.put("/a/88.html", page(0, 1, 2, 3))
    again = paper.crawl()
    paper.site.put("/a/88.html", page(0, 1, 2))
    edited = paper.crawl()

    ran = CliRunner().invoke(verify, [], obj=Config(home=paper.home.root, json=True))
    assert (0, []) == (ran.exit_code, json.loads(ran.stdout)["damaged"])
    assert (0, 1) == (again["revised"], edited["revised"])
    assert [0, 1, 2] == paper.body()
    assert [] == paper.parts()


@pytest.mark.parametrize(
    ("url", "target", "part", "expected"),
    [
        ("/a/88_2.html", "/a/88_3.html", 2, True),
        ("/a/88.html", "/a/89.html", 1, False),
        ("/a/88.html", "/a/88_3.html", 1, False),
        ("/x?id=5", "/x?id=5&page=2", 1, True),
        ("/x?id=5&page=2", "/x?page=3&id=5", 2, True),
        ("/x?id=5", "/x?id=6&page=2", 1, False),
        ("/?p=88", "/?p=89", 1, False),
        ("/post/name/", "/post/name/2/", 1, True),
        ("/post/name/2/", "/post/name/3/", 2, True),
        ("/post/name", "/post/name/page/2", 1, True),
        ("/2018/08/", "/2018/09/", 1, False),
        ("/t-5-1-1.html", "/t-5-2-1.html", 1, False),
        ("/a/index.html", "/a/index_1.html", 1, False),
    ],
)
def test_what_is_the_next_page_by_its_address(url: str, target: str, part: int, *, expected: bool) -> None:
    """rel=next is given for the next post as well; the number must be that of the page that is looked for."""
    assert expected is continues("http://e.org" + url, "http://e.org" + target, part)


@pytest.mark.parametrize(
    "link_to_another",
    [
        "<a href='/a/89.html'>下一篇：另一篇报道</a>",
        "<a href='/a/89.html'>下一页</a>",
        "<link rel='next' href='/a/89.html'>",
        "<a rel='next' href='/?p=89'>Next</a>",
        "<a href='/list_2.html'>下一页</a>",
        "<a href='http://other.example/a/88_2.html'>下一页</a>",
        "<a href='javascript:next()'>下一页</a>",
        "<a href='#p2'>2</a>",
        "<a rel='next' href='/a/88_2.html'>下一篇：另一篇报道</a>",
        "<a rel='next' href='/a/88_2.html'>Next post</a>",
        "<link rel='next' title='另一篇报道' href='/a/88_2.html'>",
    ],
)
def test_the_next_article_is_no_next_page(link_to_another: str) -> None:
    """Two articles joined into one are two articles lost."""
    body = f"<html><body><p>渠</p>{link_to_another}</body></html>".encode()
    url = "http://e.org/a/88.html"

    assert next_part(read_page(body, url, "text/html; charset=utf-8"), url, None) is None


def test_a_page_that_goes_and_comes_again_is_read_anew(paper: Paper) -> None:
    """Two pages, one, two of which the second is missing: what it said at first says nothing now."""
    paper.site.put_all({"/a/88.html": page(0, 1, links=link("/a/88_2.html")), "/a/88_2.html": page(2, 3)})
    paper.crawl()
    paper.site.put("/a/88.html", page(0, 1))
    paper.crawl()
    gone = paper.body()
    paper.site.put("/a/88.html", page(0, 1, links=link("/a/88_2.html", "第2页")))
    paper.site.put("/a/88_2.html", page(2))
    paper.crawl()

    assert [0, 1] == gone
    assert [0, 1, 2] == paper.body()


@pytest.mark.parametrize(
    ("link_of_serial", "follows"),
    [
        ("<a rel='next' href='/serial/2/'>Next</a>", False),
        ("<link rel='next' href='/serial/2/'>", False),
        ("<a href='/serial/2/'>下一章</a>", False),
        ("<a href='/serial/2/'>下一页</a>", True),
        ("<a href='/serial/2/'>2</a>", True),
    ],
)
def test_the_first_of_a_numbered_series_goes_on_only_by_what_speaks_of_pages(
    link_of_serial: str, *, follows: bool
) -> None:
    """/serial/1/ may be the first page of an article, or the first article of a serial."""
    url = "http://e.org/serial/1/"
    body = f"<html><body><p>渠</p>{link_of_serial}</body></html>".encode()

    assert follows is (next_part(read_page(body, url, "text/html; charset=utf-8"), url, None) is not None)


def test_the_css_of_a_profile_names_no_other_article() -> None:
    """One class for all links of the pager: what says 上一页 or 下一篇 is passed over."""
    pager = link("/a/88.html", "上一页") + link("/a/89.html", "下一篇：另一篇") + link("/a/88_3.html", "后面")
    read = read_page(page(0, links=pager).encode(), "http://e.org/a/88_2.html", "text/html; charset=utf-8")
    only = read_page(
        page(0, links=pager[: pager.rindex("<a")]).encode(), "http://e.org/a/88_2.html", "text/html; charset=utf-8"
    )

    assert "http://e.org/a/88_3.html" == next_part(read, "http://e.org/a/88_2.html", "div.pager a", 2)
    assert next_part(only, "http://e.org/a/88_2.html", "div.pager a", 2) is None
