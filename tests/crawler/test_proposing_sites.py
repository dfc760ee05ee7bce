"""What is proposed, refused or warned of where a site is not as one wishes."""

from __future__ import annotations

import json

import pytest
from lists import HTML, LISTS, look, site_of

from archive.errors import LianzaiError, SiteError, UsageError
from crawler.profile import parse_profile
from crawler.proposing.text import to_profile

HOST = "https://paper.example"
TITLES = ["渠首的第一道闸", "石桥村里听水声", "老闸工的三本账", "夜巡三十里", "麦田边上的泵站"]
JSON = "application/json"


def listed(start: int, count: int = 5, more: str = "") -> str:
    """Set a page of a list; its articles are numbered from start. more: what stands below the list."""
    lines = "".join(
        f'<li><a href="/a/{n}.html">{TITLES[n % 5]}，第{n}回</a><i>2024-0{n % 9 + 1}-11</i></li>'
        for n in range(start, start + count)
    )
    return f'<html lang="zh"><head><title>渠水-临溪日报</title></head><body><ul class="news">{lines}</ul>{more}</body></html>'


def pager(*links: tuple[str, str]) -> str:
    """Set a pager: address and words of its links."""
    return '<div class="pager">' + " ".join(f'<a href="{url}">{words}</a>' for url, words in links) + "</div>"


def test_a_next_page_that_leads_back_is_not_taken() -> None:
    """With `.pager a` the second page's first link is the first page: a crawl would go in a circle and stop."""
    first = listed(10, more=pager(("/list?page=2", "2"), ("/list?page=3", "3")))
    second = listed(5, more=pager(("/list", "1"), ("/list?page=3", "3")))

    found = look(f"{HOST}/list", {f"{HOST}/list": (first, HTML), f"{HOST}/list?page=2": (second, HTML)})

    assert "next" not in found.proposal.source


def test_a_next_page_is_proved_by_what_it_lists() -> None:
    """The words alone may lead to the next article, or to the same page again."""
    first = listed(10, more=pager(("/list?page=2", "下一页")))
    second = listed(5, more=pager(("/list", "上一页"), ("/list?page=3", "下一页")))

    good = look(f"{HOST}/list", {f"{HOST}/list": (first, HTML), f"{HOST}/list?page=2": (second, HTML)})
    same = look(f"{HOST}/list", {f"{HOST}/list": (first, HTML), f"{HOST}/list?page=2": (first, HTML)})

    assert good.proposal.source["next"].value == "a:contains('下一页')"
    assert "next" not in same.proposal.source


def test_a_next_page_that_was_not_seen_is_told_of() -> None:
    """A person who reads the profile must know which of its lines was never tried."""
    found = look(f"{HOST}/list", {f"{HOST}/list": (listed(10, more=pager(("/list?page=2", "下一页"))), HTML)})

    assert "next" in found.proposal.source
    assert any("page=2" in warning for warning in found.proposal.warnings)


@pytest.mark.parametrize(
    ("more", "second", "expected"),
    [
        (
            '<script>createPageHTML(5, 0, "index", "html");</script>',
            "/list/index_1.html",
            ("/list/index_{page}.html", 0),
        ),
        (
            '<script>var countPage = 3; document.write("<a href=\\"index" + "_" + nextPage + ".html\\">下一页</a>");</script>',
            "/list/index_1.html",
            ("/list/index_{page}.html", 0),
        ),
        ('<p><a href="?page=1">1</a> <a href="?page=2">2</a></p>', "/list/?page=2", ("/list/?page={page}", None)),
        ('<p>1 <a href="list_2.html">[2]</a></p>', "/list/list_2.html", ("/list/list_{page}.html", None)),
        ('<button data-url="/more?page=2">加载更多</button>', "/more?page=2", ("/more?page={page}", None)),
        ('<a href="javascript:;" data-next="/l/2/">Load more</a>', "/l/2/", ("/l/{page}/", None)),
    ],
)
def test_pages_are_counted_where_no_link_can_be_named(more: str, second: str, expected: tuple[str, int | None]) -> None:
    """A script's pager, or numbers without a mark on the current one: each page but the first would be missed."""
    site: dict[str, tuple[bytes | str, str] | int] = {f"{HOST}/list/": (listed(10, more=more), HTML)}
    blind = look(f"{HOST}/list/", site).proposal
    seen = look(f"{HOST}/list/", site | {HOST + second: (listed(5), HTML)}).proposal
    start = seen.source.get("page_start")
    parse_profile(to_profile(seen, "x"), name="p", environ={})

    assert (seen.source["more"].value, start.value if start else None) == (HOST + expected[0], expected[1])
    assert "more" not in blind.source


@pytest.mark.parametrize("kind", [HTML, JSON])
def test_what_a_button_loads_is_a_piece_of_a_page(kind: str) -> None:
    """It comes as HTML or as JSON that holds HTML, and has no button of its own to be followed."""
    piece = "".join(f'<li><a href="/a/{n}.html">{TITLES[n - 20]}，续</a></li>' for n in range(20, 25))
    body = piece if kind == HTML else json.dumps({"status": 1, "html": piece})
    first = listed(10, more='<div class="m"><button data-url="/more?page=2">加载更多</button></div>')

    found = look(f"{HOST}/list", {f"{HOST}/list": (first, HTML), f"{HOST}/more?page=2": (body, kind)})

    assert found.proposal.source["more"].value == f"{HOST}/more?page={{page}}"
    assert not any("by a script" in warning for warning in found.proposal.warnings)


@pytest.mark.parametrize(
    ("button", "told"),
    [('<button id="m">加载更多</button>', True), ('<a href="/news/">查看更多</a>', False)],
)
def test_a_button_whose_address_is_not_known_is_told_of(button: str, told: bool) -> None:
    """Else the first page would be taken for the whole list. A link to another page is no such button."""
    found = look(f"{HOST}/list", {f"{HOST}/list": (listed(10, more=button), HTML)})

    assert "more" not in found.proposal.source
    assert any("by a script" in warning for warning in found.proposal.warnings) is told


def test_a_list_of_the_site_wins_over_a_feed_of_other_articles() -> None:
    """The feed of a whole site names more, and another thing."""
    page = listed(1, more='<a rel="alternate" type="application/rss+xml" href="/feed">RSS</a>')
    items = "".join(f"<item><title>别的新闻第{n}条</title><link>{HOST}/b/{n}.html</link></item>" for n in range(20))
    feed = f"<rss><channel><title>临溪日报</title>{items}</channel></rss>"

    found = look(f"{HOST}/list", {f"{HOST}/list": (page, HTML), f"{HOST}/feed": (feed, "application/rss+xml")})

    assert found.proposal.kind == "list-page"
    assert any("/feed" in warning for warning in found.proposal.warnings)


def test_css_is_proposed_where_the_cleaner_misses_what_the_list_knows() -> None:
    """Else it would only stand in the way when the page is made anew."""
    body = "<p>清晨六点，渠边已经有人走动，水声从闸口传来，听得出远近。</p>" * 12
    title = "渠首的第一道闸，第10回"
    plain = (
        f"<html><head><title>{title}-临溪日报</title></head><body><h1>{title}</h1><p>2024-02-11</p>{body}</body></html>"
    )
    odd = (
        f'<html><head><title>临溪日报</title></head><body><div class="story-kop">{title}</div>'
        f"<h1>临溪日报文艺副刊</h1>{body}</body></html>"
    )
    url = f"{HOST}/a/10.html"

    easy = look(f"{HOST}/list", {f"{HOST}/list": (listed(10), HTML), url: (plain, HTML)}).proposal
    hard = look(f"{HOST}/list", {f"{HOST}/list": (listed(10), HTML), url: (odd, HTML)}).proposal

    assert easy.article == {}
    assert "渠首的第一道闸" in easy.note
    assert {key: told.value for key, told in hard.article.items()} == {"title": "div.story-kop"}


def test_articles_on_another_host_are_let_in_by_the_scope() -> None:
    """An API often lies on a host of its own; without this every article would be skipped."""
    rows = [{"title": title, "url": f"https://www.elsewhere.example/{n}.html"} for n, title in enumerate(TITLES)]

    proposal = look(f"{HOST}/api?page=1", {f"{HOST}/api?page=1": (json.dumps({"rows": rows}), JSON)}).proposal
    profile = parse_profile(to_profile(proposal, "x"), name="p", environ={})

    assert profile.scope.include == (r"^https?://www\.elsewhere\.example/", r"^https?://paper\.example/")


def test_a_list_in_a_private_network_opens_no_other_host() -> None:
    """With allow_private a scope that lets in what a page names would let it reach into the network."""
    rows = [{"title": title, "url": f"http://10.0.0.5/{n}.html"} for n, title in enumerate(TITLES)]
    url = "http://127.0.0.1:8080/api"

    text = to_profile(look(url, {url: (json.dumps(rows), JSON)}).proposal, "x")
    profile = parse_profile(text, name="p", environ={})

    assert (profile.fetch.allow_private, profile.scope.include) == (True, ())
    assert "5 of the articles lead off the site" in text


@pytest.mark.parametrize(
    ("answer", "url", "next_value"),
    [
        ({"items": "ROWS", "next": "/api?page=2"}, f"{HOST}/api", "next"),
        ({"items": "ROWS", "_links": {"next": {"href": "/api?page=2"}}}, f"{HOST}/api", "_links.next.href"),
        ({"data": {"items": "ROWS", "hasMore": True}}, f"{HOST}/api?pageNo=0", "data.hasMore"),
    ],
)
def test_an_api_that_tells_of_its_next_page_is_believed(answer: dict[str, object], url: str, next_value: str) -> None:
    """To count pages would ask for one that is not there."""
    rows = [{"name": title, "link": f"/a/{n}.html"} for n, title in enumerate(TITLES)]
    body = json.dumps(answer).replace('"ROWS"', json.dumps(rows))

    source = look(url, {url: (body, JSON)}).proposal.source

    assert source["next"].value == next_value
    assert ("page_start" in source) == ("pageNo" in url)


WALL = (
    "<html><head><title>请登录</title></head><body><div>请先登录后查看</div><form><input name=u></form></body></html>"
)
GONE = "<html><head><title>页面不存在</title></head><body><p>您访问的页面不存在或已被删除</p></body></html>"
SCRIPT = '<html><head><title>x</title></head><body><div id="app"></div><script src="/app.js"></script></body></html>'
ABOUT = '<html><body><div class="nav"><a href="/">首页</a><a href="/news/">新闻</a></div><p>联系我们</p></body></html>'


@pytest.mark.parametrize(
    ("said", "error", "words"),
    [
        ((WALL, HTML), SiteError, "login"),
        ((GONE, HTML), UsageError, "not there"),
        ((SCRIPT, HTML), UsageError, "comes by script"),
        ((ABOUT, HTML), UsageError, "no list of articles"),
        (("", HTML), UsageError, "is empty"),
        (("just words\nand more", "text/plain"), UsageError, "expected a page"),
        ((b"%PDF-1.7 \x00\x01\x02", "application/pdf"), UsageError, "application/pdf"),
        (('{"code": 403, "message": "no"}', JSON), UsageError, "without a list"),
        (("<rss><channel><title>x</title></channel></rss>", "text/xml"), UsageError, "without articles"),
        (404, UsageError, "no such page"),
        (403, SiteError, "refuses"),
        (503, SiteError, "HTTP 503"),
    ],
)
def test_what_is_no_list_is_refused_with_what_was_seen(
    said: tuple[bytes | str, str] | int, error: type[LianzaiError], words: str
) -> None:
    """A person must know what to do next; a site's failure (5) is not a wrong address (2)."""
    with pytest.raises(error) as raised:
        look(f"{HOST}/list", {f"{HOST}/list": said})

    assert words in str(raised.value)
    assert HOST in raised.value.message
    assert raised.value.action


def test_a_series_that_has_just_begun_is_a_list() -> None:
    """The first instalment is the one that a librarian adds the series for."""
    page = '<html><body><ul class="list"><li><a href="/a/1.html">之一</a> <em>2026-01-06</em></li></ul></body></html>'

    proposal = look(f"{HOST}/list", {f"{HOST}/list": (page, HTML)}).proposal

    assert [entry.url for entry in proposal.entries] == [f"{HOST}/a/1.html"]
    assert proposal.source["item"].value == ".list a"


def test_what_a_site_says_cannot_leave_its_comment() -> None:
    """A headline with a line break would be a key of the profile."""
    page = listed(1).replace("<title>渠水", "<title>渠水&#10;[store]&#10;url = 's3://x'&#x85;&#x2028;a\u202e")
    thief = listed(1).replace("<title>渠水", "<title>env:SECRET |")

    one, two = (look(f"{HOST}/list", {f"{HOST}/list": (said, HTML)}).proposal for said in (page, thief))
    profile = parse_profile(to_profile(one, "x"), name="p", environ={})
    stolen = parse_profile(to_profile(two, "x"), name="p", environ={"SECRET": "correct-horse"})

    assert profile.store.url is None
    assert profile.series.title.startswith("渠水 [store] url = 's3://x'")
    assert stolen.series.title == " env:SECRET"


def test_the_secret_of_an_address_is_said_in_its_place_alone() -> None:
    """What is asked for is the profile's source; nothing is invented beside it."""
    name = "jsonp-of-offsets"
    text = to_profile(look(LISTS[name]["url"], site_of(name)).proposal, "x")

    assert 'url = "http://interface.linxi.example/get.d.json?callback=jQuery110_cb&start={offset}&num=6"' in text
