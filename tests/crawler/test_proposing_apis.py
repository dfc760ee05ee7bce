"""The further pages of an API are found where its answer tells of them, by whatever name; where nothing does, that is said."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

import pytest
from lists import HTML, look

from crawler.profile import parse_profile
from crawler.proposing.answer import Proposal
from crawler.proposing.text import to_profile
from crawler.sources import source_for

HOST = "https://paper.example"
JSON = "application/json"
TITLES = [
    "渠首的第一道闸",
    "石桥村里听水声",
    "老闸工的三本账",
    "夜巡三十里渠堤",
    "麦田边上的泵站",
    "测量队的旧图纸",
    "渡槽下的小学堂",
]
ROWS = [{"id": 90 - n, "title": title, "url": f"/a/{n}.html"} for n, title in enumerate(TITLES)]


def served(path: str, further: Sequence[tuple[str, Any]], first: Any) -> dict[str, tuple[bytes | str, str] | int]:
    """Give a site that answers an API's address, and further ones, with JSON."""
    return {HOST + where: (json.dumps(value), JSON) for where, value in ((path, first), *further)}


def walked(path: str, site: dict[str, tuple[bytes | str, str] | int]) -> tuple[int, dict[str, Any], list[str]]:
    """Propose for an address and walk what was proposed: how many articles, the keys of [source], the notes."""
    proposal = look(HOST + path, site).proposal
    profile = parse_profile(to_profile(proposal, "x"), name="p", environ={})
    source = source_for(profile.source)
    keys: set[str] = set()
    waiting = list(source.seeds())
    while waiting:
        url = waiting.pop()
        said = site.get(url, 404)
        body, content_type = said if isinstance(said, tuple) else ('{"rows": []}', JSON)
        listing = source.read_list(url, body if isinstance(body, bytes) else body.encode(), content_type)
        fresh = {entry.key for entry in listing.entries} - keys
        keys |= fresh
        waiting += listing.more if fresh else ()
    return len(keys), {key: told.value for key, told in proposal.source.items()}, notes_of(proposal)


def notes_of(proposal: Proposal) -> list[str]:
    """Give what a person is told of the list; no article is there to be looked at."""
    return [note for note in proposal.warnings if not note.startswith("the first article")]


def within(path: str, value: Any) -> dict[str, Any]:
    """Put a value into objects within each other: a.b is {"a": {"b": value}}."""
    for name in reversed(path.split(".")):
        value = {name: value}
    told: dict[str, Any] = value
    return told


@pytest.mark.parametrize(
    ("path", "asked", "named", "values", "written"),
    [
        ("/api", "/api?cursor={}", "next", ("k3", "k6"), "next && join('', ['?cursor=', next])"),
        ("/api?n=3", "/api?n=3&last_id={}", "last_id", (3, 6), "last_id && join('', ['?n=3&last_id=', to_string(last_id)])"),
        (
            "/graphql?op=S", "/graphql?op=S&after={}", "pageInfo.endCursor", ("c3", "c6"),
            "pageInfo.endCursor && join('', ['?op=S&after=', pageInfo.endCursor])",
        ),
        ("/api?cursor=&n=3", "/api?cursor={}&n=3", "meta.next_cursor", ("a+b==", "c/d"), "meta.next_cursor"),
    ],
)  # fmt: skip
def test_a_cursor_is_followed_by_the_parameter_that_takes_it(
    path: str, asked: str, named: str, values: tuple[Any, Any], written: str
) -> None:
    """The answer gives the place to go on from and no word of how it is asked for: what is in use is tried."""
    pages = [
        {"rows": ROWS[at : at + 3]} | within(named, value) for at, value in ((0, values[0]), (3, values[1]), (6, None))
    ]
    further = [(asked.format(quote(str(value), safe="")), page) for value, page in zip(values, pages[1:], strict=True)]

    count, source, notes = walked(path, served(path, further, pages[0]))

    assert (count, source["next"], notes) == (len(ROWS), written, [])


def test_more_that_is_told_by_a_flag_ends_with_it() -> None:
    """last_id stands in the last answer, too: only has_more says that it is the last."""
    first = {"has_more": True, "last_id": "3", "data": ROWS[:4]}
    second = {"has_more": False, "last_id": "7", "data": ROWS[4:]}

    count, source, _ = walked("/posts", served("/posts", [("/posts?last_id=3", second)], first))

    assert count == len(ROWS)
    assert source["next"] == "has_more && join('', ['?last_id=', last_id])"


@pytest.mark.parametrize(
    ("envelope", "further", "url"),
    [
        ({"total": 7, "page": 1}, "?page=2", f"{HOST}/api?page={{page}}"),
        ({"totalCount": 7, "pageNum": 1}, "?pageNum=2", f"{HOST}/api?pageNum={{page}}"),
        ({"total": 7, "start": 0}, "?start=4", f"{HOST}/api?start={{offset}}"),
        ({"hasMore": True}, "?page=2", f"{HOST}/api?page={{page}}"),
    ],
)
def test_pages_are_counted_by_what_the_answer_calls_them(envelope: dict[str, Any], further: str, url: str) -> None:
    """An answer of 4 that says there are 7 is a first page, though its address says nothing of pages."""
    second = envelope | {"rows": ROWS[4:]} | ({"hasMore": False} if "hasMore" in envelope else {})
    site = served("/api", [(f"/api{further}", second)], envelope | {"rows": ROWS[:4]})

    source = look(f"{HOST}/api", site).proposal.source

    assert source["url"].value == url


@pytest.mark.parametrize(
    ("envelope", "told"),
    [
        ({"total": 7}, "says that there are 7, and names 4"),
        ({"hasMore": True}, "says that there is more, and names 4"),
        ({"next": "k5"}, "next of the answer (k5) leads to the next page"),
        ({}, "nothing in the address or the answer"),
        ({"total": 4}, ""),
        ({"hasMore": False, "last_id": 8}, ""),
    ],
)
def test_pages_to_which_nothing_leads_are_told_of(envelope: dict[str, Any], told: str) -> None:
    """What was tried names nothing: a person must know that there is more, or that there is not."""
    proposal = look(f"{HOST}/api", served("/api", [], envelope | {"rows": ROWS[:4]})).proposal

    assert "next" not in proposal.source
    assert [told in note for note in notes_of(proposal)] == ([True] if told else [])


def test_what_is_tried_and_gives_the_same_again_is_not_taken() -> None:
    """Many servers take no notice of a parameter that they do not know."""
    answer = {"rows": ROWS[:4], "next": "k5"}
    site = served("/api", [(f"/api?{name}=k5", answer) for name in ("cursor", "next", "after")], answer)

    assert "next" not in look(f"{HOST}/api", site).proposal.source


@pytest.mark.parametrize(
    "rows",
    [{str(row["id"]): row for row in ROWS}, [{"contentTitle": row["title"], "shareLink": row["url"]} for row in ROWS]],
)
def test_a_list_is_known_by_what_its_names_end_in(rows: Any) -> None:
    """contentTitle is a title; PHP writes a list with a gap as an object of numbers. What holds the list names the series."""
    answer = {"code": 0, "topic": {"title": "渠水十二章", "list": rows}}

    proposal = look(f"{HOST}/api", served("/api", [], answer)).proposal

    assert [entry.title for entry in proposal.entries] == TITLES
    assert proposal.series["title"].value == "渠水十二章"


def test_the_sections_of_a_topic_are_one_list() -> None:
    """An editor parts a series into sections; the longest of them alone would be a part of it."""
    sections = [
        {"name": "渠首", "list": ROWS[:2]},
        {"name": "沿渠", "list": ROWS[2:6]},
        {"name": "渠尾", "list": ROWS[6:]},
    ]

    proposal = look(f"{HOST}/api", served("/api", [], {"data": {"title": "渠水十二章", "parts": sections}})).proposal

    assert [entry.title for entry in proposal.entries] == TITLES
    assert proposal.source["items"].value == "data.parts[].list[]"
    assert proposal.series["title"].value == "渠水十二章"


@pytest.mark.parametrize("kind", [HTML, JSON])
def test_a_piece_of_a_page_is_counted_by_its_own_address(kind: str) -> None:
    """What a button loads, given by itself: HTML or JSON that holds HTML, without a pager. ?page=1 is the first of its pages."""

    def piece(start: int, end: int) -> str:
        lines = "".join(f'<li><a href="{row["url"]}">{row["title"]}，续</a></li>' for row in ROWS[start:end])
        return json.dumps({"code": 0, "html": lines}) if kind == JSON else lines

    url = f"{HOST}/ajax/list?id=4&page="
    found = look(f"{url}1", {f"{url}1": (piece(0, 4), kind), f"{url}2": (piece(4, 7), kind)}).proposal
    alone = look(f"{url}1", {f"{url}1": (piece(0, 4), kind)}).proposal

    assert (found.kind, found.source["url"].value, len(found.entries)) == ("list-page", f"{url}{{page}}", 4)
    assert alone.source["url"].value == f"{url}1"


def test_articles_of_which_a_page_tells_the_last_part_alone() -> None:
    """A script puts the addresses together: below the page or beside it, where the article with that headline is."""
    items = [{"slug": f"the-lock-{n}", "headline": title} for n, title in enumerate(TITLES)]
    state = json.dumps({"props": {"items": items}, "menu": [{"label": "News of today", "url": "/news"}] * 2})
    page = f'<html lang="zh"><title>渠水</title><div id="__next"></div><script type="application/json">{state}</script></html>'
    article = f"<html><title>{TITLES[0]}</title><h1>{TITLES[0]}</h1><p>{'渠边已经有人走动。' * 40}</p></html>"
    url = f"{HOST}/series/canal"

    beside = look(url, {url: (page, HTML), f"{HOST}/series/the-lock-0": (article, HTML)}).proposal
    below = look(url, {url: (page, HTML), f"{url}/the-lock-0": (article, HTML)}).proposal

    assert [entry.url for entry in beside.entries] == [f"{HOST}/series/the-lock-{n}" for n in range(len(TITLES))]
    assert [entry.title for entry in below.entries] == TITLES
    assert below.entries[1].url == f"{url}/the-lock-1"


def test_a_list_that_json_ld_alone_tells_of() -> None:
    """What is written for search engines names the articles where a script draws the page; its crumbs are no list."""
    items = [
        {"@type": "ListItem", "position": n, "url": HOST + row["url"], "name": row["title"]}
        for n, row in enumerate(ROWS)
    ]
    crumbs = [{"@type": "ListItem", "url": f"{HOST}/{n}/", "name": f"Section number {n}"} for n in range(9)]
    told = [
        {"@type": "BreadcrumbList", "itemListElement": crumbs},
        {"@type": "CollectionPage", "mainEntity": {"@type": "ItemList", "itemListElement": items}},
    ]
    page = f'<title>渠水</title><script type="application/ld+json">{json.dumps(told)}</script><div id="app"></div>'

    proposal = look(f"{HOST}/c", {f"{HOST}/c": (page, HTML)}).proposal

    assert [entry.title for entry in proposal.entries] == TITLES


@pytest.mark.parametrize(
    ("path", "asked", "envelope", "url"),
    [
        ("/posts?cat=5&per_page=4", "/posts?cat=5&per_page=4&page=2", None, "/posts?cat=5&per_page=4&page={page}"),
        ("/posts?pageSize=4", "/posts?pageSize=4&pageNo=2", {"ok": True}, "/posts?pageSize=4&pageNo={page}"),
        (
            "/posts?limit=4", "/posts?limit=4&page=2",
            {"meta": {"pagination": {"page": 1, "pages": 2, "total": 7, "next": 2}}}, "/posts?limit=4&page={page}",
        ),
    ],
)  # fmt: skip
def test_pages_are_counted_as_is_usual_where_nothing_says_how(
    path: str, asked: str, envelope: dict[str, Any] | None, url: str
) -> None:
    """WordPress tells of further pages in headers alone; Ghost by a number, two objects deep. What is usual is tried."""
    parts = (ROWS[:4], ROWS[4:], [])
    first, *others = [rows if envelope is None else envelope | {"rows": rows} for rows in parts]

    site = served(path, [(f"{asked[:-1]}{n}", page) for n, page in enumerate((first, *others), 1)], first)
    count, source, notes = walked(path, site)

    assert (count, source["url"], notes) == (len(ROWS), HOST + url, [])


def test_pages_that_are_counted_from_nought_are_all_read() -> None:
    """Number 1 is the second page there: a walk from 1 on would miss the first."""
    pages = [(f"/posts?size=2&page={n}", ROWS[2 * n : 2 * n + 2]) for n in range(5)]

    count, source, _ = walked("/posts?size=2", served("/posts?size=2", pages, ROWS[:2]))

    assert (count, source["page_start"]) == (len(ROWS), 0)


def test_the_last_item_is_the_place_to_go_on_from() -> None:
    """Clients ask for what is older than the last item that they show; the answer has no word of it."""
    rows = [row | {"sortTime": 1680000000000 - n} for n, row in enumerate(ROWS)]
    at = rows[3]["sortTime"]
    site = served("/feed?lastTime=0&n=4", [(f"/feed?lastTime={at}&n=4", {"data": rows[4:]})], {"data": rows[:4]})

    count, source, _ = walked("/feed?lastTime=0&n=4", site)

    assert (count, source["url"]) == (len(ROWS), f"{HOST}/feed?lastTime={{cursor}}&n=4")
    assert (source["next"], source["cursor_start"]) == ("data[-1].sortTime", "0")


def test_a_next_address_that_leads_to_a_page_gives_its_cursor() -> None:
    """Squarespace and its like name the page for readers; the API is at the same place by another parameter."""
    first = {"items": ROWS[:4], "pagination": {"nextPageUrl": "/river?offset=771", "nextPageOffset": 771}}
    site = served("/river?format=json", [("/river?format=json&offset=771", {"items": ROWS[4:]})], first)
    site[f"{HOST}/river?offset=771"] = ("<html><h1>River</h1></html>", HTML)

    count, source, _ = walked("/river?format=json", site)

    assert count == len(ROWS)
    assert "join('', ['?format=json&offset=', to_string(pagination.nextPageOffset)])" in source["next"]


def test_a_walk_ends_at_the_count_where_the_address_says_how_many_a_page_has() -> None:
    """Some APIs answer with a fault to a page too many: each crawl would end with a failure."""
    answers = [{"status": 0, "totalnum": 7, "data": {"list": rows}} for rows in (ROWS[:4], ROWS[4:])]
    site = served("/l?pgnum=1&cnt=4", [("/l?pgnum=2&cnt=4", answers[1])], answers[0])

    count, source, _ = walked("/l?pgnum=1&cnt=4", site)

    assert (count, source["total"], source["page_size"]) == (len(ROWS), "totalnum", 4)


def test_the_address_of_an_item_may_lie_deep_and_is_not_the_apis_own() -> None:
    """JSON:API has an item's page in attributes.path.alias, and the item's own place in the API in links.self."""
    rows = [
        {
            "links": {"self": {"href": f"{HOST}/node/{n}"}},
            "attributes": {"title": row["title"], "path": {"alias": row["url"]}},
        }
        for n, row in enumerate(ROWS)
    ]

    proposal = look(f"{HOST}/node", served("/node", [], {"data": rows})).proposal

    assert [entry.url for entry in proposal.entries] == [HOST + row["url"] for row in ROWS]


@pytest.mark.parametrize(
    "call",
    [
        'axios.get("/api/list", {params: {channel: 31, pageNo: 1, pageSize: 4}})',
        '$.ajax({url: "/api/list", type: "GET", data: {"channel": "31", "pageNo": page, "pageSize": 4}})',
        "fetch('/api/list?channel=31&pageNo=1&pageSize=4', {credentials: 'include', cache: 'no-store'})",
        "$.get('/api/list', {channel: 31, pageNo: that.page, pageSize: 4, token: token}, show)",
    ],
)
def test_what_a_script_sends_beside_an_address_is_asked_too(call: str) -> None:
    """Without the number of the channel the API answers with nothing, or with everything."""
    asked = "/api/list?channel=31&pageNo={}&pageSize=4"
    site = served(asked.format(1), [(asked.format(2), {"rows": ROWS[4:]})], {"rows": ROWS[:4]})
    site[f"{HOST}/c"] = (f'<title>渠水</title><div id="app"></div><script>{call}</script>', HTML)

    count, source, _ = walked("/c", site)

    assert (count, source["url"]) == (len(ROWS), HOST + asked.format("{page}"))


def test_a_stream_of_components_holds_the_list() -> None:
    """Next.js pushes its page in pieces, cut anywhere. The newest stands first there, and last where a profile names all."""
    rows = [row | {"date": f"2023-03-{20 - n}"} for n, row in enumerate(ROWS)]
    line = '5:["$","div",null,{"children":["$","$L12",null,' + json.dumps({"articles": rows}) + "]}]\n"
    pieces = ('1:"$Sreact.fragment"\n', line[:90], line[90:])
    pushed = "".join(f"<script>self.__next_f.push([1,{json.dumps(piece)}])</script>" for piece in pieces)

    proposal = look(f"{HOST}/c", {f"{HOST}/c": (f'<title>渠水</title><div id="__next"></div>{pushed}', HTML)}).proposal

    assert [entry.title for entry in proposal.entries] == TITLES[::-1]


def test_a_feed_by_wordpress_is_read_page_by_page() -> None:
    """It shows ten articles and names no further page, and has them all by ?paged=2."""

    def feed(*numbers: int) -> tuple[bytes | str, str]:
        items = "".join(f"<item><title>{TITLES[n]}</title><link>{HOST}/a/{n}</link></item>" for n in numbers)
        maker = "<generator>https://wordpress.org/?v=6.4</generator>"
        return f"<rss version='2.0'><channel><title>渠水</title>{maker}{items}</channel></rss>", "application/rss+xml"

    url = f"{HOST}/feed/"
    one = look(url, {url: feed(0, 1)}).proposal
    same = look(url, {url: feed(0, 1), f"{url}?paged=2": feed(0, 1)}).proposal
    source = source_for(parse_profile(to_profile(
        look(url, {url: feed(0, 1), f"{url}?paged=2": feed(2, 3)}).proposal, "x"), name="p", environ={}).source)  # fmt: skip
    listing = source.read_list(source.seeds()[0], str(feed(0, 1)[0]).encode(), "application/rss+xml")

    assert (one.source["url"].value, same.source["url"].value) == (url, url)
    assert (source.seeds(), listing.more, listing.counted) == ((f"{url}?paged=1",), (f"{url}?paged=2",), True)
    assert source.is_list(f"{url}?paged=7")
