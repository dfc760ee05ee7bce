"""What stands in a box within an article, and what stands among its paragraphs and is none of it."""

from __future__ import annotations

import pytest
from invented_texts import SENTENCES

from archive.clean import Refusal, Rules, read_page

TEXT = SENTENCES[:6]


def text_of(body: str) -> str:
    page = (
        "<html lang='zh'><head><title>渠水十二站_临溪网</title></head><body><div class='nav'><a href='/'>首页</a></div>"
        f"<h1>渠水十二站</h1><div class='content'>{body}</div>"
        "<div class='side'><h3>热点</h3><a href='/1'>全县开学</a></div></body></html>"
    )
    reading = read_page(page.encode(), url="http://paper.example/a", content_type="text/html", rules=Rules())
    assert not isinstance(reading, Refusal)
    return reading.text


def around(inner: str) -> str:
    lines = [f"<p>{line}</p>" for line in TEXT]
    return "".join([*lines[:3], inner, *lines[3:]])


@pytest.mark.parametrize(
    ("body", "line"),
    [
        (around("<ul><li>一是修通水渠</li><li>二是添置水泵</li></ul>"), "二是添置水泵"),
        (around("<blockquote><p>家里的地今年收成好，天冷了记得添衣。</p></blockquote>"), "天冷了记得添衣"),
        ("<div class='tishi'><b>核心提示</b><p>三年间，一条渠走过了七个村。</p></div>" + around(""), "走过了七个村"),
        (around("") + "<div class='notes'><p>[1]《临溪县志》卷三，第四十七页。</p></div>", "卷三"),
        ("<font>" + "<br>".join(TEXT) + "</font>", TEXT[-1]),
    ],
    ids=["list", "quote", "lead", "notes", "last line of a font"],
)
def test_a_box_of_the_article_is_in_its_text(body, line):
    """An edit in a list would be no revision where the list is no text."""
    assert line in text_of(body)


@pytest.mark.parametrize(
    ("inner", "line"),
    [
        ("<p>延伸阅读：<a href='/b'>渠首的老闸换了新</a></p>", "老闸换了新"),
        ("<p>扫描二维码关注临溪网官方微信</p>", "二维码"),
        ("<p>Advertisement</p>", "Advertisement"),
    ],
    ids=["pointer", "call", "advert"],
)
def test_what_only_stands_among_the_paragraphs_is_no_text(inner, line):
    """A pointer that changes would be a false revision."""
    text = text_of(around(inner))

    assert line not in text
    assert TEXT[-1] in text
