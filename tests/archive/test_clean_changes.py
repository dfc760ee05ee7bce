"""An edit is what an editor changes, not what a site's machinery does: held by properties, over pages and over addresses."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from invented_texts import SENTENCES

from archive.clean import Rules, fields_changed, read_page
from archive.clean.changes import picture_key
from archive.model import Author, Reading

URL = "http://news.example/2018/0830/1.html"
FIRST = Rules(title="h1", body="div.content", published="span.time", authors="span.author")
REDESIGNED = Rules(title=".headline", body="section.story", published="time", authors=".by")
PARAGRAPHS = st.lists(st.sampled_from(SENTENCES), min_size=3, max_size=8, unique=True)


def first_design(paragraphs: list[str], *, more: str = "", picture: str = "http://img.news.example/2018/a.jpg") -> str:
    """A page of a newspaper, with the furniture around and within it."""
    body = "".join(f"<p>{one}</p>" for one in paragraphs)
    return (
        "<html><head><title>渠水十二站_临溪网</title></head><body><nav><a href='/;jsessionid=1A'>首页</a></nav>"
        "<h1>渠水十二站</h1>"
        f"<span class='time'>2018-08-30 10:05</span><span class='author'>苏砚秋</span><div class='content'>{body}"
        f"<p><img src='{picture}'></p>{more}</div><aside><a href='/b/9.html'>相关阅读：另一篇</a></aside></body></html>"
    )


def second_design(paragraphs: list[str]) -> str:
    """The same article after the site was built anew: other elements, other breaks, other addresses, a coarser date."""
    middle = len(paragraphs) // 2
    body = f"<div>{'<br><br>'.join(paragraphs[:middle])}</div><div>{' <br> '.join(paragraphs[middle:])}</div>"
    return (
        "<!DOCTYPE html><html lang='zh'><head><title>渠水十二站 - 临溪客户端</title></head><body><header>新版</header><main>"
        "<h2 class='headline'>渠水十二站</h2><div class='by'>苏砚秋</div><time>2018年8月30日</time>"
        f"<section class='story'>{body}<figure><img src='https://cdn7.example.net/2018/a.webp?x-oss-process=image/resize,w_800'></figure>"
        "</section></main><footer>版权所有</footer></body></html>"
    )


def read(page: str, rules: Rules = FIRST) -> Reading:
    """Read a page that is an article."""
    reading = read_page(page.encode(), url=URL, content_type="text/html; charset=utf-8", rules=rules)
    assert isinstance(reading, Reading)
    return reading


@settings(max_examples=25)
@given(PARAGRAPHS, st.data())
def test_what_the_machinery_changes_is_no_edit(paragraphs: list[str], data: st.DataObject) -> None:
    """Counters, minutes, ads, sizes of pictures, session ids: each visit has others, and none is news."""
    number = st.integers(0, 10**6)
    more = data.draw(
        st.sampled_from(
            [
                "<p>阅读 {}</p>", "<p>阅读量：{} 评论 {}</p>", "<p>{} 次浏览</p>", "<p>更新于 {}分钟前</p>",
                "<p>Updated {} minutes ago</p>",
                "<p>{} comments</p>", "<p>点赞({})</p>", "<script>var views={}</script>", "<!-- {} -->", "<p> &nbsp; </p>",
            ]
        )
    )  # fmt: skip
    size = data.draw(
        st.sampled_from(
            ["?x-oss-process=image/resize,w_{}", "?w={}&h=200", "?v={}", ";jsessionid={}", "?imageView2/2/w/{}", "!w{}"]
        )
    )
    pages = [
        first_design(
            paragraphs,
            more=more.replace("{}", str(data.draw(number))),
            picture=f"http://img{n}.news.example/2018/a.jpg{size.format(data.draw(number))}",
        )
        for n in range(2)
    ]

    assert () == fields_changed(*map(read, pages))


@settings(max_examples=15)
@given(PARAGRAPHS)
def test_a_new_design_of_the_same_text_is_no_edit(paragraphs: list[str]) -> None:
    """Whole new markup, and rules that fit it: the reader's text is the same."""
    assert () == fields_changed(read(first_design(paragraphs)), read(second_design(paragraphs), REDESIGNED))


@settings(max_examples=25)
@given(PARAGRAPHS, st.data())
def test_what_an_editor_changes_is_an_edit(paragraphs: list[str], data: st.DataObject) -> None:
    """One mark, one character, two paragraphs exchanged, one gone, one new."""
    at = data.draw(st.integers(0, len(paragraphs) - 2))
    edited = list(paragraphs)
    match data.draw(st.sampled_from(["mark", "character", "swap", "drop", "add"])):
        case "mark":
            edited[at] = edited[at][:-1] + ("！" if edited[at][-1] != "！" else "。")
        case "character":
            edited[at] = "渠" + edited[at]
        case "swap":
            edited[at : at + 2] = reversed(edited[at : at + 2])
        case "drop":
            del edited[at]
        case "add":
            edited.insert(at, "编辑后来添上的一句。")

    assert ("body",) == fields_changed(read(first_design(paragraphs)), read(first_design(edited)))


def test_another_picture_title_byline_or_day_is_an_edit() -> None:
    """Each of the fields that a reader sees counts by itself."""
    page = first_design(list(SENTENCES[:4]))
    edits = {
        "images": page.replace("a.jpg", "b.jpg"),
        "title": page.replace("<h1>渠水十二站", "<h1>渠水十三站"),
        "authors": page.replace("苏砚秋", "林渡"),
        "published": page.replace("2018-08-30 10:05", "2018-08-31 10:05"),
    }

    assert [(name,) for name in edits] == [fields_changed(read(page), read(edited)) for edited in edits.values()]


READING = Reading(
    "渠",
    authors=(Author("苏砚秋"),),
    published="2018-08-30T02:05:00Z",
    published_precision="minute",
    published_local="2018-08-30T10:05:00+08:00",
)


COUNTED = {"published_precision": "day", "published_counted": True}


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"published": "2018-08-30", "published_precision": "day", "published_local": "2018-08-30"}, ()),
        ({"published": "2018-08-30T02:05:31Z", "published_precision": "second"}, ()),
        ({"published": "2018-08-31", "published_precision": "day", "published_local": "2018-08-31"}, ("published",)),
        ({"published": "2018-08-30T02:06:00Z", "published_local": "2018-08-30T10:06:00+08:00"}, ("published",)),
        ({"published": None, "published_precision": None, "published_local": None}, ("published",)),
        ({**COUNTED, "published": "2018-08-31", "published_local": "2018-08-31"}, ()),
        ({**COUNTED, "published": "2018-09-01", "published_local": "2018-09-01"}, ("published",)),
    ],
)  # fmt: skip
def test_a_date_told_more_finely_is_the_same_date(change: dict[str, Any], expected: tuple[str, ...]) -> None:
    """A new template shows the minute where the old one showed the day; another day is a correction, unless one was counted."""
    assert expected == fields_changed(READING, replace(READING, **change))


def test_a_note_told_apart_by_new_markup_is_no_edit() -> None:
    """The same words in the same order; which of them are the note is our reading."""
    before = replace(READING, editors_note=("编者按：沿渠而行。",), body=("第一段。", "第二段。"))

    assert () == fields_changed(before, replace(READING, body=("编者按：沿渠而行。", "第一段。", "第二段。")))
    assert () == fields_changed(replace(READING, body=("一。", "二。")), replace(READING, body=("一。二。", "阅读 12")))


HOSTS = ("http://img.news.example", "https://cdn1.example.net", "https://i0.wp.com/news.example")
SIZES = (
    "", "?w=640", "?x-oss-process=image/resize,w_640", "?imageView2/2/w/640", "?v=17",
    "?X-Amz-Signature=ab&X-Amz-Expires=60", "!w640",
    ";jsessionid=1A2B", "?resize=300%2C200&ssl=1",
)  # fmt: skip


@given(st.sampled_from(HOSTS[:2]), st.sampled_from(HOSTS[:2]), st.sampled_from(SIZES), st.sampled_from(SIZES))
def test_a_picture_is_the_same_from_any_host_in_any_size(host: str, other: str, size: str, another: str) -> None:
    """Papers move their pictures between networks, and ask for the size of the day."""
    assert picture_key(f"{host}/2018/0830/a.jpg{size}") == picture_key(f"{other}/2018/0830/a.jpg{another}")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("/2018/a-300x200.jpg", "/2018/a-1024x683.jpg"),
        ("/2018/a.jpg", "/2018/a.webp"),
        ("/640x480/2018/a.jpg", "/320x240/2018/a.jpg"),
        ("/image/upload/w_640,h_480,c_fill/v1/a.jpg", "/image/upload/w_800,h_600,c_fill/v1/a.jpg"),
        ("/cdn-cgi/image/width=640,quality=75/a/b.jpg", "/a/b.jpg"),
        ("/mmbiz_jpg/abc/640?wx_fmt=jpeg&tp=webp", "/mmbiz_jpg/abc/640?wx_fmt=jpeg"),
    ],
)
def test_sizes_within_a_path_are_no_part_of_the_picture(one: str, other: str) -> None:
    """The forms of the usual image services."""
    assert picture_key(f"http://img.example{one}") == picture_key(f"https://img.example{other}")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("/i.jpg", "/i2.jpg"), ("/p?id=1", "/p?id=2"), ("/2018/01.jpg", "/2018/02.jpg"), ("/img_1.jpg", "/img_2.jpg"),
        ("/a/1.jpg", "/b/1.jpg"), ("/1280.jpg", "/640.jpg"), ("/get?f=1.jpg", "/get?f=2.jpg"), ("/s?s=1", "/s?s=2"),
        ("/p_100.jpg", "/p_200.jpg"),
    ],
)  # fmt: skip
def test_another_picture_is_another(one: str, other: str) -> None:
    """A picture exchanged for another must never pass for the same one in another size."""
    assert picture_key(f"http://img.example{one}") != picture_key(f"http://img.example{other}")


@given(st.text(max_size=80))
def test_any_address_has_a_key(text: str) -> None:
    """Whatever stands in a src."""
    assert isinstance(picture_key("http://" + text), str)
    assert isinstance(picture_key(text), str)
