"""Lists of links: addresses as written, dates beside them, the next page."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.scope import canonicalise
from crawler.sources import SourceError
from crawler.sources.links import name_of
from crawler.sources.list_page import ListPage

DATA = Path(__file__).parent.parent / "data" / "sources"
CASES = Path(__file__).parents[3] / "shared" / "cases"
URL = "http://www.linxi.example/list.html"
SOURCE = ListPage(URL, "ul.list a", "a.next", 5)


def page(markup: str) -> bytes:
    return f'<html><head><meta charset="utf-8"></head><body>{markup}</body></html>'.encode()


def read(markup: str, item: str = "a", following: str | None = None) -> list[tuple[str, str | None, str | None]]:
    listing = ListPage(URL, item, following).read_list(URL, page(markup), "text/html")
    return [(entry.url, entry.title, entry.published) for entry in listing.entries]


def test_a_gbk_list_gives_these_entries() -> None:
    """Base, charset, queries, cut headlines, doubled links and dates, as one old list page has them all."""
    payload = (DATA / "list-gbk-with-picture-links.html").read_bytes()
    listing = SOURCE.read_list(URL, payload, "text/html")
    expected = json.loads((DATA / "list-gbk-with-picture-links.entries.json").read_text("utf-8"))

    assert [{k: v for k, v in asdict(e).items() if v not in (None, ())} for e in listing.entries] == expected
    assert listing.more == ("http://www.linxi.example/qu/list_2.html",)


@pytest.mark.parametrize("listed", [True, False], ids=["in an ItemList", "beside the list"])
def test_what_the_json_ld_says_completes_what_the_links_say(listed: bool) -> None:
    """Authors, and the date and headline of a link that is a picture; the paper as a whole is no author."""
    told = [
        {"@type": "NewsArticle", "url": "/a/1.html?utm_source=list", "headline": "另题", "datePublished": "2031-03-05",
         "author": [{"@type": "Person", "name": "杜若"}, {"@type": "Organization", "name": "临溪日报"}]},
        {"@type": "NewsArticle", "mainEntityOfPage": {"@id": f"{URL[:-10]}/a/2.html"}, "headline": "水门", "author": "admin"},
        {"@type": "BreadcrumbList", "url": "/a/3.html", "author": "沈渡"},
    ]  # fmt: skip
    items = [{"@type": "ListItem", "position": place, "item": one} for place, one in enumerate(told)]
    graph = {"@type": "ItemList", "itemListElement": items} if listed else told
    links = "<a href=/a/1.html>渠首</a><a href=/a/2.html><img></a><a href=/a/3.html>渠尾</a>"
    script = f'<script type="application/ld+json">{json.dumps(graph)}</script>'
    listing = ListPage(URL, "a").read_list(URL, page(script + links), "text/html")

    assert [("渠首", "2031-03-05", ["杜若"]), ("水门", None, []), ("渠尾", None, [])] == [
        (entry.title, entry.published, [one.name for one in entry.authors]) for entry in listing.entries
    ]


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        ("008-fetch-url-as-written", ["/s.asp?b=2&a=1", "/q.asp?kw=%CA%AF%C7%C5", "/a/100%25.html", "/a/b%2376.html",
                                      "/c.asp?x=%B5%C0&y=", "/%E7%9F%B3%E6%A1%A5.html"]),
        ("007-article-over-three-pages", ["/a/88.html"]),
    ],
)  # fmt: skip
def test_cases_name_exactly_these_addresses(case: str, expected: list[str]) -> None:
    """From public bug reports: an address is asked for as it is written."""
    if not CASES.exists():
        pytest.skip("the cases are not part of the repository")
    listing = SOURCE.read_list(URL, (CASES / case / "list.html").read_bytes(), "text/html")

    assert [entry.url.removeprefix("http://www.linxi.example") for entry in listing.entries] == expected


@pytest.mark.parametrize(
    ("markup", "item"),
    [
        ('<p class="x"><b>一</b><a href="/1.html">渠</a><a href="/2.html">二</a></p>', "p.x"),
        ('<a href="/1.html"><p class="x">渠</p></a>', "p.x"),
        ('<a class="x" href="/1.html">渠</a>', "a.x"),
    ],
)
def test_an_item_is_a_link_or_holds_one_or_stands_in_one(markup: str, item: str) -> None:
    """People select the line as often as the link."""
    assert read(markup, item) == [("http://www.linxi.example/1.html", "渠", None)]


def test_a_link_to_the_lists_first_page_is_no_article() -> None:
    """On the second page of a tag each article bears the tag, which is where the list begins."""
    markup = '<li><a href="/1.html">渠首</a> <a href="/list.html">渠水</a></li>'
    listing = ListPage(URL, "li a").read_list(URL + "?p=2", page(markup), "text/html")

    assert [entry.url for entry in listing.entries] == ["http://www.linxi.example/1.html"]


def test_links_to_one_article_are_one_entry() -> None:
    """A picture and a headline lead to one article; tracking words in the address make no other."""
    markup = '<li><a href="/1.html"><img alt="图"></a></li><li><a href="https://www.linxi.example/1.html?utm_source=x">渠首</a></li>'

    assert read(markup) == [("http://www.linxi.example/1.html", "渠首", None)]


@pytest.mark.parametrize(
    "row",
    [
        '<li><a href="/1.html">渠</a> <em>2026-01-06</em></li>',
        '<li><span>[2026/1/6]</span><a href="/1.html">渠</a></li>',
        '<tr><td><a href="/1.html">渠</a></td><td>2026年01月06日</td></tr>',
        '<div class="row"><div><h3><a href="/1.html">渠</a></h3></div><div>2026.01.06 00:30</div></div>',
    ],
)
def test_the_day_beside_a_link_is_its_date(row: str) -> None:
    """Lists have the day and articles the time; the list's day is what is known until the article is read."""
    other = row.replace("/1.html", "/2.html").replace("06", "07").replace("1/6", "1/7")
    markup = f"<table>{row}{other}</table>" if row.startswith("<tr") else row + other
    found = read(markup)

    assert [published for _, _, published in found] == ["2026-01-06", "2026-01-07"]


@pytest.mark.parametrize(
    "card",
    [
        '<a href="/a/1.html" title="渠首的第一道闸"><b>专题</b><span>渠首的第一道闸</span><p>{text}</p></a>',
        '<a href="/a/1.html"><b>专题</b><span class="card-title">渠首的第一道闸</span><p>{text}</p></a>',
    ],
)
def test_of_a_link_that_is_a_whole_card_the_headline_is_the_title(card: str) -> None:
    """Kicker, headline and summary run together would be the name of the article in every list."""
    text = "清晨六点，渠边已经有人走动，水声从闸口传来，听得出远近，也听得出闸开了几道。"

    assert read(f"<div>{card.format(text=text)}</div>") == [
        ("http://www.linxi.example/a/1.html", "渠首的第一道闸", None)
    ]


def test_what_a_short_link_says_beside_its_headline_is_kept() -> None:
    """The number of an instalment tells how long the series is."""
    link = '<a href="/a/1.html"><span>第1回</span><span class="ttl">水源の村</span></a>'

    assert read(link)[0][1] == "第1回水源の村"


@pytest.mark.parametrize(
    "markup",
    [
        "<dl><dt>令和4年6月15日</dt><dd><a href=/a/1.html>堰を守る人</a></dd></dl>",
        "<a href=/a/1.html><p>水位は三尺。</p><i>2022.06.15</i><b>10</b></a>",
    ],
)
def test_a_day_is_read_where_it_stands_apart(markup: str) -> None:
    """In the term of a definition list, and between other pieces of a card that is one link."""
    assert read(markup)[0][2] == "2022-06-15"


def test_a_headline_that_speaks_of_a_day_does_not_date_the_article() -> None:
    """What stands beside the link is the date; the headline is asked only where there is none."""
    markup = '<li><a href="/1.html">忆2018-08-13那场雨</a> 2026-01-06</li><li><a href="/2.html">2026-01-07日报</a></li>'

    assert [published for _, _, published in read(markup)] == ["2026-01-06", "2026-01-07"]


def test_a_date_of_the_page_is_no_date_of_its_links() -> None:
    """A list without rows of its own leaves its links undated rather than all on one day."""
    markup = '<div>2026-01-06</div><div><a href="/1.html">一</a><a href="/2.html">二</a></div>'

    assert [published for _, _, published in read(markup)] == [None, None]


def test_a_list_of_one_takes_no_date_from_outside_its_line() -> None:
    """A series that has just begun has one line; the day in the page's head is today, not the day of publication."""
    markup = '<div>今天是2026-02-01<ul><li><a href="/1.html">渠</a></li></ul></div>'

    assert read(markup) == [("http://www.linxi.example/1.html", "渠", None)]


@pytest.mark.parametrize(
    "href",
    ["javascript:void(0)", "#top", "mailto:a@linxi.example", "data:text/html,x", "", "  ", "list.html", "http://"],
)
def test_links_that_lead_to_no_article_are_left(href: str) -> None:
    """Buttons and anchors stand among the links of a list."""
    assert read(f'<a href="{href}">x</a><a href="/1.html">渠</a>') == [("http://www.linxi.example/1.html", "渠", None)]


@pytest.mark.parametrize(
    ("markup", "said"),
    [
        ("<p>维护中</p>", 'no link matches item "ul.list a"'),
        ('<ul class="list"><a href="#">x</a></ul>', 'none of 1 matches of item "ul.list a" leads to a web address'),
        ('<ul class="list"><a>x</a></ul>', 'none of 1 matches of item "ul.list a" leads to a web address'),
    ],
)
def test_a_page_without_links_is_a_fault_of_the_source(markup: str, said: str) -> None:
    """A redesign, a notice or a block page must not read as a list that became empty."""
    with pytest.raises(SourceError) as caught:
        SOURCE.read_list(URL, page(markup), "text/html")

    assert (caught.value.reason, caught.value.detail) == ("source", said)


@pytest.mark.parametrize(
    ("markup", "more"),
    [
        ('<a class="next" href="list_2.html">下一页</a>', ("http://www.linxi.example/list_2.html",)),
        ('<li class="next"><a href="?page=2">下一页</a></li>', ("http://www.linxi.example/list.html?page=2",)),
        ('<link class="next" rel="next" href="/p/2">', ("http://www.linxi.example/p/2",)),
        ('<a class="next" href="list.html">下一页</a>', ()),
        ('<a class="next" href="javascript:;">下一页</a>', ()),
        ('<span class="next">下一页</span>', ()),
        ("", ()),
    ],
)
def test_the_next_page_is_followed_until_it_leads_nowhere(markup: str, more: tuple[str, ...]) -> None:
    """The last page often keeps the button, without an address or with its own."""
    source = ListPage(URL, "li.item a", ".next")

    assert source.read_list(URL, page(f'<li class="item"><a href="/1.html">渠</a></li>{markup}'), "").more == more


def test_the_seed_is_a_list_and_other_addresses_are_not_told() -> None:
    """A list's further pages look like anything."""
    assert [
        SOURCE.is_list(url) for url in (URL, "https://www.linxi.example/list.html", "http://www.linxi.example/1")
    ] == [
        True,
        True,
        None,
    ]


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("http://e.example/2026/001.html", "001"),
        ("http://e.example/a/index.shtml", ""),
        ("http://e.example/", ""),
        ("http://e.example/a/b%2376.html", "b_76"),
        ("http://e.example/%E7%9F%B3.html", ""),
        ("http://e.example/%FF%FE", ""),
        ("http://e.example/q.asp?id=7", "q"),
        ("http://e.example/a/4.html;jsessionid=0AF31B2C", "4"),
        ("http://e.example/" + "a" * 300, "a" * 60),
        ("http://e.example/..%2F..%2Fetc", "etc"),
    ],
)
def test_a_name_is_safe_for_files(url: str, name: str) -> None:
    """It stands at the end of the article's id, and that names files."""
    assert name_of(url) == name


html_pieces = st.sampled_from(
    ["<a href='/1.html'>", "</a>", "<li>", "<ul class=list>", "<base href='http://[::1'>", "2026-01-06", "<!--", "\0", "渠",
     "<a class=next href=?p=2>", "<svg>", "<table><tr>"]
)  # fmt: skip


@given(
    st.binary(max_size=300)
    | st.lists(html_pieces | st.text(max_size=10), max_size=30).map(lambda p: "".join(p).encode())
)
def test_any_page_is_a_listing_or_a_source_error(payload: bytes) -> None:
    """A crawl never dies of a page; keys are distinct and are their own canonical form."""
    try:
        listing = SOURCE.read_list(URL, payload, "text/html")
    except SourceError:
        return
    keys = [entry.key for entry in listing.entries]

    assert keys == list(dict.fromkeys(map(canonicalise, keys)))


def test_a_page_of_deep_nesting_is_read() -> None:
    """A hostile page of a hundred thousand open elements costs no stack."""
    assert read("<div>" * 1000 + '<a href="/1.html">渠</a>')[0][0] == "http://www.linxi.example/1.html"


COUNTED = ListPage("http://www.linxi.example/l/{page}.html", "li.item")
FURTHER = ListPage(URL, "li.item", more="http://www.linxi.example/more?p={page}")
ITEM = '<li class="item"><a href="/1.html">渠</a></li>'


@pytest.mark.parametrize(
    ("source", "url", "more"),
    [
        (COUNTED, "http://www.linxi.example/l/1.html", "http://www.linxi.example/l/2.html"),
        (COUNTED, "http://www.linxi.example/l/9.html", "http://www.linxi.example/l/10.html"),
        (FURTHER, URL, "http://www.linxi.example/more?p=2"),
        (FURTHER, "http://www.linxi.example/more?p=2", "http://www.linxi.example/more?p=3"),
    ],
)
def test_pages_are_counted_where_no_link_leads_on(source: ListPage, url: str, more: str) -> None:
    """Numbers in addresses, and what a button fetches behind the first page."""
    listing = source.read_list(url, page(ITEM), "text/html")

    assert (listing.more, listing.while_new, listing.counted) == ((more,), True, True)
    assert source.is_list(url)


def test_the_first_page_that_is_counted_has_the_number_of_the_profile() -> None:
    """Some sites count from 0."""
    assert ListPage("http://e.example/{page}", "a", page_start=0).seeds() == ("http://e.example/0",)


def test_nothing_on_a_counted_page_is_the_end_and_on_the_first_a_fault() -> None:
    """A site that has no page of a number says so with an empty one as often as with a 404."""
    empty = page("<ul></ul><p>没有更多内容了</p>")

    assert COUNTED.read_list("http://www.linxi.example/l/4.html", empty, "text/html").more == ()
    with pytest.raises(SourceError, match="no link matches"):
        COUNTED.read_list("http://www.linxi.example/l/1.html", empty, "text/html")
    with pytest.raises(SourceError, match="no link matches"):
        FURTHER.read_list(URL, empty, "text/html")


def test_a_block_page_is_no_end_of_a_list() -> None:
    """A walk that ends at a guard would unlist what comes behind."""
    guard = page(
        "<title>Attention Required! | Cloudflare</title><h1>Please verify you are a human</h1><p>Ray ID: 1</p>"
    )
    with pytest.raises(SourceError) as caught:
        COUNTED.read_list("http://www.linxi.example/l/4.html", guard, "text/html")

    assert caught.value.reason == "blocked"


@pytest.mark.parametrize(
    "body",
    [
        ITEM,
        json.dumps({"html": ITEM}),
        json.dumps({"data": {"list": ["", {"x": [ITEM]}]}}),
        json.dumps([1, ITEM]),
        "\ufeff" + json.dumps({"html": ITEM}),
        f"[连载] {ITEM}",
    ],
)
def test_a_piece_of_a_page_is_a_page(body: str) -> None:
    """What a button loads is HTML without a head, or JSON around it."""
    listing = FURTHER.read_list("http://www.linxi.example/more?p=2", body.encode(), "application/json")

    assert [entry.url for entry in listing.entries] == ["http://www.linxi.example/1.html"]


@pytest.mark.parametrize(
    ("markup", "target", "title"),
    [
        ('<div class="x"><a href="/s/">专栏</a><h3><a href="/1.html">渠首</a></h3></div>', "/1.html", "渠首"),
        (
            '<div class="x"><a href="/1.html"><img></a><a href="/1.html">渠首</a><a href="/t/">标签</a></div>',
            "/1.html",
            "渠首",
        ),
        ('<div class="x"><h3>渠首</h3><a href="/1.html">阅读全文</a></div>', "/1.html", "渠首"),
        ('<div class="x" data-href="/1.html"><h3>渠首</h3></div>', "/1.html", "渠首"),
        ('<div class="x"><a href="/1.html"><h3>渠首</h3><span>2021-05-03</span></a></div>', "/1.html", "渠首"),
    ],
)
def test_a_row_is_the_article_of_its_headline(markup: str, target: str, title: str) -> None:
    """Section, picture and tags are linked in a row too."""
    assert [(url, told) for url, told, _ in read(markup, ".x")] == [(f"http://www.linxi.example{target}", title)]


def test_a_button_says_where_more_is() -> None:
    """It is no link: a script reads its attribute."""
    source = ListPage(URL, "li.item", "button")
    button = '<button data-url="/more?after=7">加载更多</button>'

    assert source.read_list(URL, page(ITEM + button), "").more == ("http://www.linxi.example/more?after=7",)


def test_a_cursor_that_looks_like_a_session_leads_on() -> None:
    """The addresses have one key; that the page names something new tells that it is another page."""
    source = ListPage(URL, "li.item a", "a.next")
    link = '<a class="next" href="list.html?token=0a1b2c3d4e5f60718293a4b5">下一页</a>'
    listing = source.read_list(URL, page(ITEM + link), "")

    assert listing.more == ("http://www.linxi.example/list.html?token=0a1b2c3d4e5f60718293a4b5",)
    assert listing.while_new
    assert not source.read_list(URL, page(ITEM + '<a class="next" href="?p=2">2</a>'), "").while_new
