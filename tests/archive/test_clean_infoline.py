"""Lines of date, source and names that stand as the first paragraph of a body."""

from __future__ import annotations

import doctest

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.clean import Refusal, Rules, infoline, read_page, read_parts
from archive.clean.infoline import is_info_line
from archive.clean.structure import part_paragraphs
from archive.model import Author, Reading

ONE = "清早的雾从山谷里升上来，护林员陆伯已经走完了第一段坡，他在蓝皮本子上记下看到的第一只鸟。"
TWO = "林场十二年前停了采伐，那时候山上只剩灌木，溪水一到冬天就断流，村里人要到镇上去拉水吃。"
THREE = "变化是从第四年开始的，先是溪水不断了，后来白鹭回来了，再后来外出的年轻人也回来了几个。"
BODY = (ONE, TWO, THREE) * 2
URL = "http://paper.example/c17.html"

INFO = [
    "2031年3月5日 08:03　来源：晚报　作者：白望川",
    "2031年3月5日 来源：青溪晚报",
    "2031-03-05 10:02 来源：青溪晚报 记者 白望川 责任编辑：周砚",
    "2031年03月05日 | 青溪晚报 | 记者 白望川",
    "发布时间：2031-03-05 10:02:11 来源：青溪晚报 作者：白望川 字号：大 中 小 点击：123次",
    "青溪晚报 2031-03-05 10:02",
    "2031-03-05 阅读 1234",
    "2031-03-05 10:02",
    "2031年3月5日",
    "来源：青溪晚报　作者：白望川",
    "【字号：大 中 小】",
]
TEXT = [
    "2031年3月5日，渠水漫过了村口的石桥。",
    "8月13日,省委召开会议，说的是山。",
    "2031年3月5日 渠水流过十八城",
    "2031年3月5日 记者 来到渠边",
    "2031年3月5日 星期三 晴",
    "2031年3月5日 周三",
    "8月13日",
    "3.5",
    "时间：2031年3月5日 地点：渠首",
    "时间：清早，他到了渠边。",
    "记者：您怎么看这条渠",
    "记者：您好",
    "来源：他说的那口泉 时间：很久以前的一个春天",
    "1-2 班班主任 白望川",
    "评论：山里的账本",
    "分享",
]


def read(content: str, rules: Rules) -> Reading:
    page = (
        '<html lang="zh-CN"><head><meta charset="utf-8"><title>山里的账本</title></head><body><h1>山里的账本</h1>'
        f'<div class="content">{content}</div><div class="foot">青溪日报社</div></body></html>'
    )
    reading = read_page(page.encode(), url=URL, content_type="text/html; charset=utf-8", rules=rules)
    assert not isinstance(reading, Refusal)
    return reading


def paragraphs(*lines: str) -> str:
    return "".join(f"<p class=m>{line}</p>" for line in lines)


@pytest.mark.parametrize("line", INFO)
def test_a_first_paragraph_of_fields_alone_is_in_the_text_and_not_in_the_body(line):
    """A reader of the body does not want the template's line; the whole text keeps all that was printed."""
    parts = part_paragraphs([line, *BODY])

    assert ([line, *BODY], list(BODY)) == (parts.text, parts.body)


@pytest.mark.parametrize("line", TEXT)
def test_a_first_paragraph_that_holds_more_than_fields_is_text(line):
    """News begins with a date, a diary with the weather, a talk with the one who asks."""
    assert not is_info_line(line)


@pytest.mark.parametrize("line", TEXT[:2])
def test_a_first_sentence_that_begins_with_a_date_stays_in_the_body(line):
    """It is the lead of the article."""
    assert part_paragraphs([line, *BODY]).body == [line, *BODY]


def test_days_above_the_entries_of_a_diary_stay_in_the_body():
    """Without them nobody knows which entry is of which day."""
    lines = ["2031年3月5日", ONE, "2031年3月6日", TWO]

    assert part_paragraphs(lines).body == lines


def test_a_line_of_fields_below_the_first_text_is_left_where_it_is():
    """There it is a quotation or a list of the article's own."""
    lines = [ONE, "2031年3月5日 来源：青溪晚报", TWO]

    assert part_paragraphs(lines).body == lines


@pytest.mark.parametrize("rules", [Rules(title="h1", body="div.content"), Rules()], ids=["css", "cleaner"])
def test_what_the_line_tells_is_read_from_a_page(rules):
    """On such pages nothing else tells when, whence and by whom."""
    reading = read(paragraphs("2031年3月5日 08:03　来源：晚报　作者：白望川　责任编辑：周砚", *BODY), rules)

    assert reading.body == BODY
    assert (reading.published, reading.source, reading.editor) == ("2031-03-05T00:03:00Z", "晚报", "周砚")
    assert reading.authors == (Author("白望川"),)


def test_what_the_line_tells_is_read_from_an_answer_too():
    """An API gives the content as the page has it; what it says itself counts first."""
    content = paragraphs("2031-03-05 10:02 来源：青溪晚报 记者 白望川", *BODY)

    def answer(published: str | None, source: str | None) -> Reading:
        return read_parts(
            title="山里的账本", html=content, published=published, source=source, editor=None, authors=(), images=(),
            url=URL, rules=Rules(timezone="Asia/Shanghai"),
        )  # fmt: skip

    bare, told = answer(None, None), answer("2031-03-06", "青溪网")

    assert (bare.body, bare.published, bare.source) == (BODY, "2031-03-05T02:02:00Z", "青溪晚报")
    assert (bare.authors, told.authors) == ((Author("白望川", "记者"),),) * 2
    assert (told.published, told.source) == ("2031-03-06", "青溪网")


@pytest.mark.parametrize("rules", [Rules(title="h1", body="div.content"), Rules()], ids=["css", "cleaner"])
def test_a_day_of_a_change_on_the_line_is_no_day_of_publication(rules):
    """更新时间 tells when the page was touched last."""
    reading = read(paragraphs("更新时间：2031-03-09 10:02 来源：青溪晚报", *BODY), rules)

    assert (reading.published, reading.source, reading.body) == (None, "青溪晚报", BODY)


@given(st.text(alphabet="2031年3月5日 　-:：|来源作者记者编辑字号点击白望川晚报，。", max_size=90))
def test_any_first_paragraph_can_be_read_and_is_not_lost(line):
    """The pattern has many alternatives; whatever stands there is in the text unless it only names source or editor."""
    parts = part_paragraphs([line, ONE])

    assert parts.text[-1] == parts.body[-1] == ONE
    assert not is_info_line(line) or parts.text[0] == line


def test_the_examples_in_the_documentation_hold():
    """An example that is wrong misleads whoever changes the rule."""
    results = doctest.testmod(infoline)

    assert 0 == results.failed < results.attempted
