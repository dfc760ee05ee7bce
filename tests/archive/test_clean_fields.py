"""Fields of a line of information that a template sets beside each other, parted by nothing that a reader would call a mark."""

from __future__ import annotations

import pytest
from invented_texts import SENTENCES

from archive.clean import Refusal, Rules, read_page


def authors_of(line: str, head: str = "") -> list[str]:
    body = "".join(f"<p>{one}</p>" for one in SENTENCES[:5])
    page = (
        f"<html lang='zh'><head><title>渠水十二站_临溪网</title>{head}</head><body><div class='nav'><a href='/'>首页</a></div>"
        f"<h1>渠水十二站</h1>{line}<div class='content'>{body}</div></body></html>"
    )
    reading = read_page(page.encode(), url="http://paper.example/a", content_type="text/html", rules=Rules())
    assert not isinstance(reading, Refusal)
    return [one.name for one in reading.authors]


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("<div><span>2031-03-05</span><span>来源：临溪日报</span><span>记者 苏砚秋</span></div>", ["苏砚秋"]),
        ("<div>苏砚秋　　2031-03-05</div>", ["苏砚秋"]),
        ("<div><span>苏砚秋 林渡</span><em>2031-03-05 07:12</em></div>", ["苏砚秋", "林渡"]),
        ("<div><span>原创</span><span>苏砚秋</span><a href='/p/7'>临溪视界</a><em>2031-03-05</em></div>", ["苏砚秋"]),
        ("<dl><dt>2031-03-05</dt><dd>临溪晚报</dd><dd>苏砚秋</dd></dl>", ["苏砚秋"]),
        ("<div><a href='/author/7'>苏砚秋</a> 2031-03-05</div>", ["苏砚秋"]),
    ],
)
def test_a_name_in_a_field_of_its_own_beside_the_date_is_the_authors(line, names):
    """Style alone parts the fields, so that the line as text reads 临溪日报记者 苏砚秋 or 苏砚秋2031-03-05."""
    assert names == authors_of(line)


@pytest.mark.parametrize(
    "line",
    [
        "<div><span>时政</span><span>2031-03-05</span></div>",
        "<div><span>国际</span> 2031-03-05</div>",
        "<div><a href='/fdc/'>房地产</a> 2031-03-05</div>",
        "<div><span>来源：</span><span>安阳台</span> 2031-03-05</div>",
        "<div>苏砚秋</div>",
        "<div><span>责任编辑：</span><span>苏砚秋</span><span>2031-03-05</span></div>",
    ],
    ids=["section", "section as a name", "link", "source", "no date", "editor"],
)
def test_what_may_be_a_section_a_source_or_an_editor_is_no_author(line):
    """Names of sections begin with what are surnames too."""
    assert [] == authors_of(line)


def test_what_the_head_tells_counts_before_a_name_without_a_word():
    """Who stands beside the date may have put the article in."""
    line = "<div>周砚明　2031-03-05</div>"

    assert ["苏砚秋"] == authors_of(line, "<meta name='author' content='苏砚秋'>")
