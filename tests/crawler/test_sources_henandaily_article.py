"""The client's article: its fields as the API has them, its refusals, and what is no article at all."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.clean.rules import Rules
from archive.model import Author
from crawler.sources import Refused, SourceError
from crawler.sources.henandaily import HenanDaily

DATA = Path(__file__).parent.parent / "data" / "sources"
SOURCE = HenanDaily("https://api.linxi.example/", "special_412")
DETAIL = "https://api.linxi.example/v2/content/getnewsbyid?content_id=content_8-70101-1"
RULES = Rules(timezone="Asia/Shanghai", language="zh")

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
article_keys = (
    "title", "content", "inputtime", "copyfrom", "editor", "author", "reporters", "zutu", "myvideo", "url",
)  # fmt: skip


def body(info: Any, status: Any = 1) -> bytes:
    return json.dumps({"Status": status, "Info": info}).encode()


def test_an_article_keeps_the_fields_of_the_api() -> None:
    """What the API says in fields is better than what a page lets one guess."""
    payload = (DATA / "article-with-author-and-reporters.json").read_bytes()
    reading = SOURCE.read_detail(DETAIL, payload, "application/json", RULES)

    assert (reading.title, reading.source, reading.editor) == ("渠首的早晨", "临溪日报", "马晓禾")
    assert (reading.published, reading.published_precision) == ("2026-01-04T23:48:00Z", "minute")
    assert reading.authors == (
        Author("苏砚秋", "临溪县水务局副局长"),
        Author("林渡", "记者"),
        Author("何穗", "记者"),
        Author("周砚", "记者"),
    )
    assert [paragraph[:4] for paragraph in reading.body] == ["清晨六点", "这条渠修"]


def test_an_office_byline_in_the_text_is_the_author_where_the_field_is_empty() -> None:
    """So it is in the series this was made for: the heads of office sign in the text."""
    html = "<div><p>临溪县水务局局长　苏砚秋</p><p>清晨六点，临溪县石桥村的水渠边已经有人走动。</p></div>"
    reading = SOURCE.read_detail(DETAIL, body({"title": "渠首", "content": html, "author": []}), "", RULES)

    assert reading.authors == (Author("苏砚秋", "临溪县水务局局长"),)


def test_the_office_in_the_text_completes_the_author_of_the_field() -> None:
    """The client's own word for every author, 作者, is no role; the byline in the text prints one."""
    html = "<div><p>临溪县水务局局长　苏砚秋</p><p>清晨六点，临溪县石桥村的水渠边已经有人走动。</p></div>"
    author = [{"name": "苏砚秋", "type_name": "作者"}, {"type_name": "记者"}, "x"]
    reading = SOURCE.read_detail(DETAIL, body({"title": "渠首", "content": html, "author": author}), "", RULES)

    assert reading.authors == (Author("苏砚秋", "临溪县水务局局长"),)


def test_bytes_of_an_answer_that_do_not_decode_are_counted() -> None:
    """A damaged answer is no clean text, and the reading says so."""
    payload = json.dumps(
        {"Status": 1, "Info": {"title": "渠首的早晨，临溪县石桥村", "content": "<p>水</p>"}}, ensure_ascii=False
    ).encode()
    cut = payload.replace("早".encode(), "早".encode()[:2])

    assert SOURCE.read_detail(DETAIL, cut, "application/json; charset=utf-8", RULES).undecoded > 0


def test_a_gallery_has_its_pictures_and_captions_and_no_text() -> None:
    """Its text is empty in the API; the web page may have more."""
    payload = (DATA / "article-gallery-without-text.json").read_bytes()
    reading = SOURCE.read_detail(DETAIL, payload, "application/json", RULES)

    assert [(image.url, image.caption) for image in reading.images] == [
        ("http://www.linxi.example/uploadfile/2026/0107/1.jpg", "护渠员提起闸门"),
        ("http://content.linxi.example/uploadfile/2026/0107/2.jpg", "渠尾"),
        ("http://content.linxi.example/uploadfile/2026/0107/3.jpg", "渠水.mp4"),
    ]
    assert reading.body == ()


def test_counters_are_no_part_of_an_article() -> None:
    """Views, support and comment change at each visit and are no edit."""
    answer = json.loads((DATA / "article-with-author-and-reporters.json").read_text("utf-8"))
    later = {**answer, "Info": answer["Info"] | {"views": 9999, "support": "12", "comment": 7, "is_favor": 1}}
    readings = [SOURCE.read_detail(DETAIL, json.dumps(one).encode(), "", RULES) for one in (answer, later)]

    assert readings[0] == readings[1]


@pytest.mark.parametrize("message", ["该文章不存在", "该文章已被删除", "系统中没有找到该文章", "", "article not found"])
def test_a_refusal_says_that_the_article_is_gone(message: str) -> None:
    """The API has no 404: it answers 200 and says it in the envelope."""
    with pytest.raises(Refused):
        SOURCE.read_detail(DETAIL, body(message, 0), "application/json", RULES)


@pytest.mark.parametrize("message", ["系统繁忙，请稍后再试", "参数错误", "token invalid", "服务器维护中"])
def test_a_failure_of_the_server_withdraws_nothing(message: str) -> None:
    """Three bad days of a server must not read as the withdrawal of a whole series."""
    with pytest.raises(SourceError) as caught:
        SOURCE.read_detail(DETAIL, body(message, 0), "application/json", RULES)

    assert not isinstance(caught.value, Refused)


@pytest.mark.parametrize("info", [[], None, "x", [1], {"views": 3}])
def test_an_answer_without_an_article_is_no_refusal(info: Any) -> None:
    """Status 1 and nothing in it is a fault of the source, and no word on the article."""
    with pytest.raises(SourceError) as caught:
        SOURCE.read_detail(DETAIL, body(info), "application/json", RULES)

    assert not isinstance(caught.value, Refused)


@given(st.dictionaries(st.sampled_from(article_keys), json_values))
def test_any_article_is_read_or_refused_with_a_reason(info: dict[str, Any]) -> None:
    """Any key can be missing or of another type."""
    with suppress(SourceError):
        reading = SOURCE.read_detail(DETAIL, body(info), "", RULES)

        assert reading.title or reading.text or reading.images or info.get("content")
