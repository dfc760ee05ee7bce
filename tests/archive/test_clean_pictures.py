"""Pictures with their captions: which paragraph is one, and where it goes."""

from __future__ import annotations

import pytest

from archive.clean import Refusal, Rules, read_page, read_parts
from archive.clean.changes import fields_changed
from archive.model import Reading

ONE = "清早的雾从山谷里升上来，护林员陆伯已经走完了第一段坡，他在蓝皮本子上记下看到的第一只鸟。"
TWO = "林场十二年前停了采伐，那时候山上只剩灌木，溪水一到冬天就断流，村里人要到镇上去拉水吃。"
THREE = "变化是从第四年开始的，先是溪水不断了，后来白鹭回来了，再后来外出的年轻人也回来了几个。"
CAPTION = "雾里的第一段坡，木栈道刚换过新板。"
IMG = '<img src="/a/1.jpg" width="400">'
ALT = f'<img src="/a/1.jpg" alt="{CAPTION}">'
URL = "http://paper.example/2031/0305/c17.html"


def read(content: str, way: str) -> Reading:
    if way == "api":
        return read_parts(
            title="山里的账本", html=content, published=None, source=None, editor=None, authors=(), images=(), url=URL,
            rules=Rules(),
        )  # fmt: skip
    page = f"<html lang=zh><title>山里的账本</title><body><h1>山里的账本</h1><div class=c>{content}</div></body></html>"
    rules = Rules(title="h1", body="div.c") if way == "css" else Rules()
    reading = read_page(page.encode(), url=URL, content_type="text/html; charset=utf-8", rules=rules)
    assert not isinstance(reading, Refusal)
    return reading


def around(piece: str) -> str:
    return f"<p>{ONE}</p>{piece}<p>{TWO}</p><p>{THREE}</p>"


every_way = pytest.mark.parametrize("way", ["css", "api"])


@every_way
@pytest.mark.parametrize(
    "piece",
    [
        f"<p>{ALT}</p><p>{CAPTION}</p>",
        f'<p align="center">{ALT}</p><p align="center"><span>　{CAPTION}</span></p>',
        f"<p>{ALT}<br>{CAPTION}</p>",
        f'<p>{IMG}</p><p><span class="tuzhu">{CAPTION}</span></p>',
        f'<p>{IMG}</p><p class="img-caption">{CAPTION}</p>',
        f'<div>{IMG}</div><div class="pic-desc"><p>{CAPTION}</p></div>',
        f'<p>{IMG}</p><p align="center"><font size="2">{CAPTION}</font></p>',
        f'<p>{IMG}</p><p style="text-align:center;font-size:14px">{CAPTION}</p>',
        f"<p>{IMG}</p><center><small>{CAPTION}</small></center>",
        f"<figure>{IMG}<figcaption>{CAPTION}</figcaption></figure>",
        f"<figure><figcaption><p>{CAPTION}</p></figcaption>{IMG}</figure>",
        f"<figure>{IMG}<figcaption><div><span>{CAPTION}</span></div></figcaption></figure>",
    ],
)
def test_a_caption_is_with_its_picture_and_in_the_text_and_not_in_the_body(piece, way):
    """In the body it reads as a sentence of the author; left out of the text, a search would miss it."""
    reading = read(around(piece), way)

    assert [image.caption for image in reading.images] == [CAPTION]
    assert (ONE, TWO, THREE) == reading.body
    assert reading.text.split("\n").count(CAPTION) == 1


@every_way
@pytest.mark.parametrize(
    "caption",
    [
        "图为雾里的第一段坡。",
        "图：雾里的第一段坡",
        "▲雾里的第一段坡",
        "△ 雾里的第一段坡",
        "（图/白望川）",
        "图一：雾里的坡",
        "雾里的第一段坡。白望川 摄",
        "资料图",
    ],
)
def test_a_line_that_begins_or_ends_as_captions_do_is_one(caption, way):
    """Half of the templates have no class for it."""
    reading = read(around(f"<p>{IMG}</p><p>{caption}</p>"), way)

    assert [image.caption for image in reading.images] == [caption]
    assert (ONE, TWO, THREE) == reading.body


@every_way
@pytest.mark.parametrize(
    "paragraph",
    [
        "图书馆在坡顶，去年冬天才通了电。",
        "图上的路今年又改了一段。",
        "这张照片是他去年所摄。",
        "他说：“路通了。”",
        "雪停了。",
        "一、灯与路",
    ],
)
def test_a_paragraph_that_merely_follows_a_picture_is_text(paragraph, way):
    """What is taken for a caption is gone from the body."""
    reading = read(around(f"<p>{IMG}</p><p>{paragraph}</p>"), way)

    assert (ONE, paragraph, TWO, THREE) == reading.body
    assert [image.caption for image in reading.images] == [None]


@every_way
def test_pictures_in_a_row_have_a_caption_each_or_one_for_all(way):
    """Galleries inside an article are set both ways."""
    two = f'<p><img src="/1.jpg" alt="甲地"></p><p>{IMG}</p>'
    each = read(around(f'{two}<p class="caption">甲地</p><p class="caption">乙地的坡</p>'), way)
    shared = read(around(f'{two}<p class="caption">甲地与乙地</p>'), way)

    assert [image.caption for image in each.images] == ["甲地", "乙地的坡"]
    assert [image.caption for image in shared.images] == ["甲地与乙地"] * 2
    assert (ONE, TWO, THREE) == each.body == shared.body


def test_a_caption_between_note_and_byline_hides_neither():
    """A picture often stands right under the highlights."""
    lines = "<p>核心提示：</p><p>灯亮着，路就在。</p>", f"<p>{ALT}</p><p>{CAPTION}</p><p>青溪县守灯人 陆闻樵</p>"
    reading = read("".join(lines) + around(""), "css")

    assert [(author.name, author.role) for author in reading.authors] == [("陆闻樵", "青溪县守灯人")]
    assert (reading.highlights, reading.body) == (("灯亮着，路就在。",), (ONE, TWO, THREE))


def test_without_css_no_caption_is_in_the_body_either():
    """The extractors keep some captions and drop others."""
    reading = read(around(f'<p>{ALT}</p><p><span class="tuzhu">{CAPTION}</span></p>') + f"<p>{ONE}</p>" * 3, "cleaner")

    assert [image.caption for image in reading.images] == [CAPTION]
    assert CAPTION not in reading.body


@pytest.mark.parametrize(
    "piece",
    [
        f"<figure>{IMG}<figcaption>{CAPTION}</figcaption></figure>",
        f'<div>{IMG}<p class="caption">{CAPTION}</p></div>',
        f'<div class="wide">{IMG}<span>{CAPTION}</span></div>',
        f'<div class="wide">{IMG}<span class="wide-desc">{CAPTION}</span></div>',
    ],
)
def test_the_picture_that_opens_an_article_has_its_caption_and_a_change_of_it_is_an_edit(piece):
    """Its caption is no text to the chooser, so the picture stands above the first paragraph that is."""
    one, two = (
        read(f"{shown}<p>{ONE}</p><p>{TWO}</p><p>{THREE}</p>", "found") for shown in (piece, piece.replace("木", "石"))
    )

    assert [image.caption for image in one.images] == [CAPTION]
    assert one.body == (ONE, TWO, THREE)
    assert fields_changed(one, two) == ("images",)
