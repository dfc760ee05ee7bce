"""APIs: how pages are asked for, where a walk ends, what is a refusal, and an article's own answer."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.clean.rules import Rules
from archive.posted import Posted, asked, plain_url, posted
from archive.warc import record_uri
from crawler.scope import canonicalise
from crawler.sources import Refused, SourceError
from crawler.sources.json_api import JsonApi
from crawler.sources.json_paging import Asking, Template
from crawler.sources.json_refusal import refusal_in

BASE = "http://api.e.example/list"
ENDS = (None, False, "", [], {}, 0, "0", "null")
FIELDS = {"id": "id", "url": "/a/{id}.html"}


def api(url: str = BASE, **more: Any) -> JsonApi:
    return JsonApi(url, more.pop("items", "rows"), more.pop("fields", FIELDS), **more)


def rows(*ids: int, **more: Any) -> bytes:
    return json.dumps({"rows": [{"id": n} for n in ids], **more}).encode()


def following(source: JsonApi, answer: bytes, url: str | None = None) -> str | None:
    more = source.read_list(url or source.seeds()[0], answer, "application/json").more
    return more[0] if more else None


@pytest.mark.parametrize(
    "written",
    [
        "var list = {};",
        "window.__list__={}",
        "cb({});",
        "/**/cb({})",
        " let a ={} ;\n",
        "({})",
        ")]}',\n{}",
        "for(;;);{}",
        "try{cb({});}catch(e){ };",
        "while(1);{}",
    ],
)
def test_an_answer_may_be_a_script(written: str) -> None:
    """Pages load their lists as scripts: of a function's call, or of a name that is given a value."""
    listing = api().read_list(BASE, written.replace("{}", rows(1, 2).decode()).encode(), "application/javascript")

    assert [entry.key for entry in listing.entries] == ["1", "2"]


@pytest.mark.parametrize(
    ("written", "title"),
    [
        ("&#8220;Still&#8221; water &amp; weir", "“Still” water & weir"),
        ("<em>渠</em>首&nbsp;的闸", "渠首 的闸"),
        ("R&D on a < b", "R&D on a < b"),
    ],
)
def test_a_headline_in_html_is_a_text(written: str, title: str) -> None:
    """WordPress and search engines give HTML in their JSON."""
    body = json.dumps({"rows": [{"id": 1, "title": written}]}).encode()
    listing = api(fields=FIELDS | {"title": "title"}).read_list(BASE, body, "application/json")

    assert [entry.title for entry in listing.entries] == [title]


# ------------------------------------------------------------------------------------------------------------- paging


@pytest.mark.parametrize(
    ("template", "settings", "seed", "second"),
    [
        ("?o={offset}&n=2", {}, "?o=0&n=2", "?o=2&n=2"),
        ("?o={offset}", {"page_size": 10}, "?o=0", "?o=10"),
        ("?p={page}", {}, "?p=1", "?p=2"),
        ("?p={page}", {"page_start": 0}, "?p=0", "?p=1"),
        ("/{page}.json?at={offset}", {}, "/1.json?at=0", "/2.json?at=2"),
        ("?o={offset}", {"total": "`3`"}, "?o=0", "?o=2"),
        ("?o={offset}", {"total": "`2`"}, "?o=0", None),
        ("?p={page}", {"total": "`2`", "page_size": 2}, "?p=1", None),
        ("?p={page}", {"total": "`2`"}, "?p=1", "?p=2"),
        ("?all=1", {}, "?all=1", None),
    ],
)
def test_pages_are_counted_on(template: str, settings: dict[str, Any], seed: str, second: str | None) -> None:
    """By as many items as came, or as the profile says a page has; `total` ends it without asking for an empty page."""
    source = api(BASE + template, **settings)

    assert source.seeds() == (BASE + seed,)
    assert following(source, rows(1, 2)) == (None if second is None else BASE + second)


@pytest.mark.parametrize(
    ("template", "told", "second"),
    [
        ("", "?p=2", "?p=2"),
        ("", "http://api.e.example/other?c=%E6%B8%A0", "http://api.e.example/other?c=%E6%B8%A0"),
        ("", ["?p=2", "?p=3"], "?p=2"),
        ("?c={cursor}", "a b&c/+=", "?c=a%20b%26c%2F%2B%3D"),
        ("?c={cursor}", 17, "?c=17"),
        ("?p={page}", 7, "?p=7"),
        ("?o={offset}", "40", "?o=40"),
        ("?p={page}", True, "?p=2"),
        *((template, end, None) for template in ("", "?c={cursor}", "?p={page}") for end in ENDS),
        ("", "javascript:x", None),
        ("", True, None),
    ],
)  # fmt: skip
def test_the_answer_says_what_comes_next(template: str, told: object, second: str | None) -> None:
    """An address, a cursor, a number, or that there is more; whatever is none of them is the end."""
    source = api(BASE + template, next="next")
    expected = second if second is None or "://" in second else BASE + second

    assert following(source, rows(1, 2, next=told)) == expected


def test_a_cursor_that_comes_back_ends_the_walk() -> None:
    """Some APIs repeat the last one for ever."""
    source = api(f"{BASE}?c={{cursor}}", next="next", cursor_start="*")

    assert source.seeds() == (f"{BASE}?c=%2A",)
    assert following(source, rows(1, next="x"), f"{BASE}?c=x") is None


def test_a_page_is_posted_and_has_an_address_of_its_own() -> None:
    """All pages share one URL; the ledger must tell them apart, and the spider must be able to ask again."""
    source = api(
        method := f"{BASE}?v=2",
        body='{"q": "渠\\"", "page": {page}, "after": "{cursor}"}',
        content_type="application/json",
    )
    first = source.seeds()[0]
    request = posted(first)

    assert request == Posted(method, "application/json", '{"q": "渠\\"", "page": 1, "after": ""}'.encode())
    assert json.loads(posted(following(source, rows(1)) or "").body)["page"] == 2  # type: ignore[union-attr]
    assert plain_url(first) == method
    assert source.is_list(first)
    assert source.is_list(method) is None


def test_a_cursor_is_spelled_as_the_body_needs_it() -> None:
    """JSON escapes a quote, a form an ampersand."""
    in_json = api(body='{"after": "{cursor}"}', content_type="application/json", next="next")
    in_form = api(body="after={cursor}&n=2", content_type="application/x-www-form-urlencoded", next="next")
    answer = rows(1, next='a"&b')

    assert json.loads(posted(following(in_json, answer) or "").body) == {"after": 'a"&b'}  # type: ignore[union-attr]
    assert posted(following(in_form, answer) or "").body == b"after=a%22%26b&n=2"  # type: ignore[union-attr]


@given(offset=st.integers(0, 10**9), page=st.integers(0, 10**9), cursor=st.text(min_size=1, max_size=20))
def test_what_an_address_asks_for_is_read_back(offset: int, page: int, cursor: str) -> None:
    """A source knows of an answer nothing but its address."""
    asking = Asking(offset, page, cursor)
    plain = Template("http://e.example/渠/{page}?x=[{offset}]&utm_source=a&c={cursor}")
    sent = Template("http://e.example/{page}", '{"o": {offset}, "c": "{cursor}"}', "application/json")
    surrogates = any("\ud800" <= c <= "\udfff" for c in cursor)
    if surrogates:
        return
    address = plain.address(asking)

    assert address is not None
    assert plain.asked_by(record_uri(address)) == plain.asked_by(address)
    assert (plain.asked_by(address).offset, plain.asked_by(address).page) == (offset, page)  # type: ignore[union-attr]
    assert sent.asked_by(str(sent.address(asking))).offset == offset  # type: ignore[union-attr]
    assert plain.asked_by(address.replace("http://e.example", "https://www.e.example")) == plain.asked_by(address)
    assert plain.asked_by("http://e.example/other") is None
    assert sent.asked_by("http://e.example/1") is None


@given(
    url=st.sampled_from(["http://e.example/a?b=[1]", "http://e.example/"]),
    kind=st.text(max_size=20),
    body=st.binary(max_size=50),
)
def test_a_posted_address_is_the_request(url: str, kind: str, body: bytes) -> None:
    """There and back; and a link that a page writes never is one, for it loses its fragment."""
    kind = "".join(c for c in kind if c.isprintable() and c.isascii()).strip()
    head = f"POST /x HTTP/1.1\r\nHost: e.example\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n"

    assert posted(Posted(url, kind, body).address) == Posted(url, kind, body)
    assert asked(url, head.encode() + body) == Posted(url, kind, body).address
    assert asked(url, head.replace("POST", "GET").encode() + body) == url
    assert posted(canonicalise(Posted(url, kind, body).address)) is None


# ------------------------------------------------------------------------------------------------------------- refusals


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ({"code": 500, "msg": "系统繁忙", "rows": []}, "says no: code 500: 系统繁忙"),
        ({"success": False, "message": "token expired", "rows": []}, "says no: success false: token expired"),
        ({"error": {"code": 9, "message": "Rate limit"}}, "says no: error: Rate limit"),
        ({"errors": [{"message": "x"}], "rows": None}, "says no: errors"),
        ({"status": "error", "rows": []}, "says no: status error"),
        ({"ret": -1}, "says no: ret -1"),
        ({"Success": 0, "Message": "请登录"}, "says no: Success 0: 请登录"),
        ({"rtnCode": "000404", "rtnMsg": "稿件不存在"}, "says no: rtnCode 000404: 稿件不存在"),
        ({"meta": {"code": 403, "message": "no key"}, "rows": []}, "says no: code 403: no key"),
        ({"err_code": 1, "rows": []}, "says no: err_code 1"),
        ({"errors": [{"message": "no such field"}]}, "says no: errors: no such field"),
        ({"data": 1, "page": 2}, f"finds nothing in the answer of {BASE}, which is an object with the keys data, page"),
        ({"rows": None}, "finds nothing"),
        ({"rows": "x"}, "expected a list, found 'x'"),
        ({"rows": {"a": 1}}, "expected a list, found an object with the keys a"),
        ([], f"finds nothing in the answer of {BASE}, which is a list of 0"),
        ("<html><title>Login</title>", "HTML where JSON was expected: Login"),
    ],
)  # fmt: skip
def test_an_error_with_200_is_no_empty_list(answer: object, said: str) -> None:
    """A refusal that reads as an empty list would unlist a whole series."""
    body = answer.encode() if isinstance(answer, str) else json.dumps(answer).encode()
    with pytest.raises(SourceError) as caught:
        api().read_list(BASE, body, "application/json")

    assert said in caught.value.detail


@pytest.mark.parametrize(
    "answer",
    [{"rows": []}, {"code": 0, "rows": []}, {"code": "200", "success": True, "rows": []}, {"error": None, "rows": {}},
     {"rows": ""}],
)  # fmt: skip
def test_an_empty_page_behind_the_first_is_the_end(answer: dict[str, Any]) -> None:
    """Whatever an API writes for nothing."""
    listing = api(f"{BASE}?p={{page}}").read_list(f"{BASE}?p=3", json.dumps(answer).encode(), "")

    assert (listing.entries, listing.more) == ((), ())


def test_no_more_data_ends_a_walk_and_begins_none() -> None:
    """The words of an end are believed where an end may be."""
    source, answer = api(f"{BASE}?p={{page}}"), json.dumps({"code": 404, "msg": "没有更多数据", "rows": []}).encode()

    assert source.read_list(f"{BASE}?p=3", answer, "").entries == ()
    with pytest.raises(SourceError, match="没有更多"):
        source.read_list(f"{BASE}?p=1", answer, "")


def test_ok_says_what_a_good_answer_is() -> None:
    """Where an API has codes of its own, the profile tells them."""
    source = api(good="code == `7`")

    assert len(source.read_list(BASE, rows(1, code=7), "").entries) == 1
    with pytest.raises(SourceError, match="is not good by ok"):
        source.read_list(BASE, rows(1, code=0), "")


def test_a_status_that_is_no_fault_is_none() -> None:
    """Words and codes of success, of many APIs."""
    good = [
        {"status": "ok"},
        {"status": 1},
        {"code": "0000"},
        {"errcode": 0, "errmsg": "ok"},
        {"error": ""},
        {"error": 0},
        {"meta": {"code": 200, "status": "OK"}, "hasError": False},
        {"result": {"page": 3, "list": []}, "Success": 1},
        {},
        [],
    ]

    assert [refusal_in(answer) for answer in good] == [None] * len(good)


# ------------------------------------------------------------------------------------------------------------- items


def test_an_id_that_stands_for_two_addresses_names_neither() -> None:
    """Two articles are never merged; the same item twice is one."""
    source = api(fields={"id": "channel", "url": "href"})
    body = json.dumps(
        {"rows": [{"channel": 7, "href": "/1"}, {"channel": 7, "href": "/2"}, {"channel": 8, "href": "/3"}] * 2}
    )
    entries = source.read_list(BASE, body.encode(), "").entries

    assert [entry.key for entry in entries] == ["http://api.e.example/1", "http://api.e.example/2", "8"]


@pytest.mark.parametrize(
    ("written", "item", "url"),
    [
        ("link", {"link": "../x?a=1&b=2"}, "http://api.e.example/x?a=1&b=2"),
        (
            "links[?rel=='html'].href",
            {"links": [{"rel": "json", "href": "/j"}, {"rel": "html", "href": "/h"}]},
            "http://api.e.example/h",
        ),
        ("https://w.example/{section.slug}/{id}", {"id": 7, "section": {"slug": "a b"}}, "https://w.example/a%20b/7"),
        ("https://w.example/{path}", {"path": "2021/05/03"}, "https://w.example/2021/05/03"),
        ("/a?t={title}", {"title": "渠&闸?"}, "http://api.e.example/a?t=%E6%B8%A0%26%E9%97%B8%3F"),
    ],
)
def test_an_address_is_found_or_made(written: str, item: dict[str, Any], url: str) -> None:
    """Many APIs tell an id and leave the address to the page's script."""
    listing = api(fields={"url": written}).read_list(BASE, json.dumps({"rows": [item]}).encode(), "")

    assert [entry.url for entry in listing.entries] == [url]


def test_an_item_that_names_nothing_is_told_and_the_list_still_counts() -> None:
    """An advertisement among the items must not lose the rest."""
    body = json.dumps({"rows": [{"id": 1}, "x", None, {"title": "Anzeige"}]}).encode()
    entries = api(fields={**FIELDS, "title": "title"}).read_list(BASE, body, "").entries

    assert [(entry.url[-9:], entry.skip) for entry in entries] == [
        ("/a/1.html", None),
        (BASE[-9:], "source"),
        (BASE[-9:], "source"),
        (BASE[-9:], "source"),
    ]


def test_a_function_that_does_not_fit_an_item_gives_nothing() -> None:
    """An expression is the profile's, the item is the site's."""
    listing = api(fields={**FIELDS, "title": "join(',', tags)"}).read_list(BASE, rows(1), "")

    assert [entry.title for entry in listing.entries] == [None]
    with pytest.raises(SourceError, match="cannot be asked of the answer"):
        api(items="sort(rows)").read_list(BASE, rows(1), "")


@pytest.mark.parametrize(
    ("told", "names"),
    [
        ("记者 杜若 沈渡", [("杜若", "记者"), ("沈渡", "记者")]),
        ([{"name": "杜若", "role": "记者"}, {"name": "admin"}], [("杜若", "记者")]),
        ({"name": "Jane Doe"}, [("Jane Doe", None)]),
        (["Jane Doe", "John Roe", None, 7], [("Jane Doe", None), ("John Roe", None)]),
        ("root", []),
        (None, []),
        ({"a": []}, []),
    ],
)
def test_an_item_names_its_authors(told: object, names: list[tuple[str, str | None]]) -> None:
    """As a text, an object, or a list of them; who put the article in is no author."""
    body = json.dumps({"rows": [{"id": 1, "by": told}]}).encode()
    (entry,) = api(fields={**FIELDS, "authors": "by"}).read_list(BASE, body, "").entries

    assert names == [(one.name, one.role) for one in entry.authors]


# ------------------------------------------------------------------------------------------------------------- detail


DETAIL = api(
    fields={**FIELDS, "detail": "/detail?id={id}"},
    detail_fields={
        "title": "data.title",
        "body": "data.html",
        "published": "data.time",
        "authors": "data.by",
        "images": "data.pics",
    },
)


def test_an_item_leads_to_its_own_answer() -> None:
    """Where pages are filled by scripts, the text is in the API."""
    entry = DETAIL.read_list(BASE, rows(7), "").entries[0]
    said = {"title": "渠首", "html": ["<p>水从<b>这里</b>分。</p>", "闸门有三道。\n守闸的人姓韩。"], "time": 1619999999000,
            "by": [{"name": "杜若", "role": "记者"}], "pics": [{"url": "/1.jpg", "caption": "分水闸"}]}  # fmt: skip
    reading = DETAIL.read_detail(entry.detail or "", json.dumps({"code": 0, "data": said}).encode(), "", Rules())

    assert entry.detail == "http://api.e.example/detail?id=7"
    assert (reading.title, reading.published) == ("渠首", "2021-05-02T23:59:59Z")
    assert reading.body == ("水从这里分。", "闸门有三道。", "守闸的人姓韩。")
    assert [(a.name, a.role) for a in reading.authors] == [("杜若", "记者")]
    assert [image.url for image in reading.images] == ["http://api.e.example/1.jpg"]


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ({"code": 404, "msg": "文章不存在"}, Refused),
        ({"success": False, "message": "Not Found"}, Refused),
        ({"code": 500, "msg": "系统繁忙"}, SourceError),
        ({"code": 0, "data": {}}, SourceError),
    ],
)
def test_only_a_refusal_that_speaks_of_the_article_says_that_it_is_gone(
    answer: dict[str, Any], error: type[SourceError]
) -> None:
    """A busy server withdraws nothing."""
    with pytest.raises(SourceError) as caught:
        DETAIL.read_detail("http://api.e.example/detail?id=7", json.dumps(answer).encode(), "", Rules())

    assert type(caught.value) is error
