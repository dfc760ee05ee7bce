"""A tree to paragraphs: what parts them, what belongs to them, what is no text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from archive.clean.blocks import read_blocks, tidy
from archive.clean.page import read_markup


def lines(markup: str) -> list[str]:
    page = read_markup(markup, "http://paper.example/")
    return [block.text for block in read_blocks(page.root).blocks] if page else []


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        ("<p>一</p><p>二</p>", ["一", "二"]),
        ("<div>一<br>二<br/><br>三</div>", ["一", "二", "三"]),
        ("<p>一<p>二<p>三", ["一", "二", "三"]),
        ("<div>前<p>中</p>后</div>", ["前", "中", "后"]),
        ("<p>水深<i>h</i>约为<b>三</b>尺，<a href=x>渠</a>宽。</p>", ["水深h约为三尺，渠宽。"]),
        ("<ul><li>一<li>二</ul>", ["一", "二"]),
        ("<pre>第一行\n第二行</pre>", ["第一行", "第二行"]),
        ("<p>　　缩进&nbsp;两格</p>", ["缩进 两格"]),
        ("<p>折\n   行</p><p>two\n words</p>", ["折行", "two words"]),
        ("<p>前<!-- 不是字 -->后</p>", ["前后"]),
        ("<p>前<script>var x='字'</script>后<style>p{}</style><noscript>没</noscript></p>", ["前后"]),
        ("<p>村在<ruby>䢵<rp>(</rp><rt>yún</rt><rp>)</rp></ruby>河边</p>", ["村在䢵河边"]),
        ("<table><tr><th>月</th><th>水量</th></tr><tr><td>三</td><td>103</td></tr></table>", ["月 | 水量", "三 | 103"]),
        ("<table><tr><td>" + "长" * 201 + "</td><td><p>甲</p><p>乙</p></td></tr></table>", ["长" * 201, "甲", "乙"]),
    ],
)
def test_paragraphs_are_those_a_reader_sees(markup, expected):
    """Each of these is lost or mixed up by at least one extractor (adbar/trafilatura#890 and others)."""
    assert expected == lines(f"<body>{markup}</body>")


def test_deep_nesting_is_read_without_recursion():
    """A hostile page nests thousands of elements to exhaust the stack."""
    assert lines("<body>" + "<div>" * 1500 + "底" + "</div>" * 1500) == ["底"]


@given(
    st.lists(
        st.sampled_from(
            ["<p>", "</p>", "<br>", "<td>", "<table>", "</div>", "<a>", "<rt>", "<script>", "字", " ", "&#0;"]
        )
    )
)
def test_any_tag_soup_is_read(pieces):
    """Real pages close what was never opened."""
    assert all(line == tidy(line) and line for line in lines("".join(pieces)))


@given(st.text(max_size=80))
def test_tidying_twice_changes_nothing(text):
    """Paragraphs are tidied on several paths; the result must not depend on how often."""
    assert tidy(text) == tidy(tidy(text))


def test_a_single_element_is_read_with_its_own_text_only():
    """The text after the body's element belongs to the page, not to the article."""
    root = etree.HTML("<div><section>里<b>面</b></section>外面</div>")

    assert [block.text for block in read_blocks(next(root.iter("section"))).blocks] == ["里面"]
