"""Bylines, editors and sources as newspapers print them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.clean.bylines import (
    is_imprint,
    read_byline,
    read_closing,
    read_imprint,
    read_labelled,
    read_opening,
    read_people,
    read_segments,
    read_signed,
)
from archive.model import Author


def pairs(authors: tuple[Author, ...]) -> list[tuple[str, str | None]]:
    return [(author.name, author.role) for author in authors]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("青溪县委宣传部副部长 白望川", [("白望川", "青溪县委宣传部副部长")]),
        ("青溪县林业局局长　白　川", [("白川", "青溪县林业局局长")]),
        ("青溪县文化馆馆员 阿依古丽·买买提", [("阿依古丽·买买提", "青溪县文化馆馆员")]),
        ("青溪县林业局副局长白望川", [("白望川", "青溪县林业局副局长")]),
        ("省农科院研究员 白望川 省委党校教授 陆闻樵", [("白望川", "省农科院研究员"), ("陆闻樵", "省委党校教授")]),
        ("青溪市委書記 陸聞樵", [("陸聞樵", "青溪市委書記")]),
        ("作者：白望川", [("白望川", None)]),
        ("文/白望川", [("白望川", None)]),
        ("□ 本报记者 白望川 陆闻樵", [("白望川", "记者"), ("陆闻樵", "记者")]),
        ("本报记者 白望川 通讯员 何远 文/图", [("白望川", "记者"), ("何远", "通讯员")]),
        ("青溪日报客户端记者 白望川", [("白望川", "记者")]),
        ("本报记者白望川陆闻樵发自青溪", [("白望川", "记者"), ("陆闻樵", "记者")]),
        ("本报记者 欧阳小川", [("欧阳小川", "记者")]),
        ("（记者 白望川、陆闻樵 通讯员 何远）", [("白望川", "记者"), ("陆闻樵", "记者"), ("何远", "通讯员")]),
        ("By Jane Doe and John O’Neill", [("Jane Doe", None), ("John O’Neill", None)]),
        ("作者：白望川（青溪县作协会员）", [("白望川", "青溪县作协会员")]),
        ("作者：白望川（笔名）、陆闻樵", [("白望川", None), ("陆闻樵", None)]),
        ("作者：白望川，青溪大学教授", [("白望川", "青溪大学教授")]),
        ("撰文：白望川 摄影：陆闻樵", [("白望川", None)]),
        ("文/白望川 图/陆闻樵", [("白望川", None)]),
        ("文｜白望川", [("白望川", None)]),
        ("口述：白望川 整理：陆闻樵", [("白望川", "口述"), ("陆闻樵", "整理")]),
        ("作者：白望川　通讯员：何远", [("白望川", None), ("何远", "通讯员")]),
        ("记者白望川、陆闻樵，通讯员何三省", [("白望川", "记者"), ("陆闻樵", "记者"), ("何三省", "通讯员")]),
        ("本报记者　陆 闻 樵　白 川", [("陆闻樵", "记者"), ("白川", "记者")]),
        ("记者 完颜望川", [("完颜望川", "记者")]),
        ("青溪日报记者 白望川 《 青溪日报 》（ 2031年03月05日 第 07 版）", [("白望川", "记者")]),
        ("某通社青溪3月5日电 (白望川 何远)", [("白望川", None), ("何远", None)]),
        ("□白望川", [("白望川", None)]),
        ("（白望川　何远）", [("白望川", None), ("何远", None)]),
        ("作者：白望川 全文 1,234 字", [("白望川", None)]),
    ],
)
def test_a_byline_gives_names_with_roles_as_printed(line, expected):
    """The office is what tells the eighteen authors of a series apart; a list of known names would miss the next one."""
    assert expected == pairs(read_byline(line))


@pytest.mark.parametrize(
    "line",
    [
        "今日要闻",
        "一是进一步强化了使命担当",
        "郑州 开封",
        "首页 | 滚动",
        "他是一名记者。",
        "编辑：白望川",
        "作者：佚名",
        "作者：本报记者",
        "供稿：青溪县委宣传部",
        "（未完待续）",
        "记者在现场看到，水已经退了。",
        "青溪县 林业局",
        "",
        "县长来了！",
    ],
)
def test_a_line_that_is_no_byline_gives_no_author(line):
    """A headline taken for a byline would vanish from the body."""
    assert read_byline(line) == ()


@pytest.mark.parametrize(
    ("paragraph", "expected"),
    [
        ("本报讯（记者 白望川 通讯员何远）三月的山里还有雪。", [("白望川", "记者"), ("何远", "通讯员")]),
        ("据新华社拉萨电（记者 格桑边觉）山里还有雪。", [("格桑边觉", "记者")]),
        ("山里还有雪。（本报记者 白望川）", [("白望川", "记者")]),
        ("山里还有雪（海拔两千米）。", []),
        ("（记者）山里还有雪。", []),
    ],
)
def test_reporters_in_brackets_are_authors(paragraph, expected):
    """Short news has no line of its own for the reporter."""
    assert expected == pairs(read_opening(paragraph))


@pytest.mark.parametrize(
    ("paragraph", "expected"),
    [
        ("山里还有雪。（白望川）", [("白望川", None)]),
        ("山里还有雪。(文/图 白望川 陆闻樵)", [("白望川", None), ("陆闻樵", None)]),
        ("山里还有雪。（白望川 青溪报道）", [("白望川", None)]),
        ("山里还有雪。（未完待续）", []),
        ("山里还有雪。（见第三版）", []),
    ],
)
def test_names_in_brackets_at_the_end_are_authors(paragraph, expected):
    """Some papers sign an article nowhere else; a remark in brackets is no signature."""
    assert expected == pairs(read_closing(paragraph))


def test_only_a_word_of_signing_makes_an_author_above_the_last_paragraph():
    """Sites print links below an article; a remark in brackets in the middle of it is no signature."""
    assert pairs(read_closing("山里还有雪。（白望川 青溪报道）", told=True)) == [("白望川", None)]
    assert read_closing("山里还有雪。（白望川）", told=True) == ()


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("采写：青溪日报记者 白望川 陆闻樵", [("白望川", "记者"), ("陆闻樵", "记者")]),
        ("作者：白望川 陆闻樵", [("白望川", None), ("陆闻樵", None)]),
        ("作者：白望川 陆闻樵返回首页，查看更多", []),
        ("山里还有雪。", []),
    ],
)
def test_a_signed_line_is_made_of_names_alone(line, expected):
    """What a template runs into the line must not become a name."""
    assert expected == pairs(read_signed(line))


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("Mo 04.03.31 | 14:07 Uhr | Von Jana Roth-Kern", [("Jana Roth-Kern", None)]),
        ("by Jane Doe Jul. 19, 2031 9:45 am", [("Jane Doe", None)]),
        ("05.03.2031, von Jana Roth-Kern", [("Jana Roth-Kern", None)]),
        ("March 5, 2031 by Jane Doe", [("Jane Doe", None)]),
        ("4 March 2031 • 3 min read", []),
        ("Home | News | Linxi", []),
        ("Made by hand in the hills", []),
    ],
)
def test_an_author_in_one_segment_of_the_line_under_the_headline_is_found(line, expected):
    """Templates set date, author and length of reading in one line."""
    assert expected == pairs(read_segments(line))


@pytest.mark.parametrize(
    ("line", "imprint"),
    [
        ("（责任编辑：白望川）", True),
        ("责编 白望川 校对 陆闻樵", True),
        ("来源：青溪日报", True),
        ("编辑们都很忙，他说。", False),
        ("来源：这条溪的水来自三处泉眼，最远的一处在二十里外的石壁下面，常年不断，旱年也有。", False),
    ],
)
def test_lines_of_editors_and_source_are_told_from_text(line, imprint):
    """They are no part of the article, but a paragraph that begins alike is."""
    assert imprint == is_imprint(line)


def test_editors_are_editors_and_never_authors():
    """kingname/GeneralNewsExtractor#34: editors listed as authors."""
    line = "2031-03-05 07:12 作者：陆闻樵 来源：青溪日报 责任编辑：白望川"

    assert (read_imprint(line).source, read_imprint(line).editor) == ("青溪日报", "白望川")
    assert pairs(read_labelled(line)) == [("陆闻樵", None)]


def test_a_field_of_authors_is_read_in_every_form():
    """APIs give 记者 白望川 in one article and 白望川,陆闻樵 in the next."""
    expected = [[("白望川", "记者")], [("白望川", None), ("陆闻樵", None)], [("山居客", None)], [("Jane Doe", None)]]

    assert expected == [pairs(read_people(text)) for text in ("记者 白望川", "白望川,陆闻樵", "山居客", "Jane Doe")]


@given(st.text(alphabet="记者编辑通讯员 　、：/（）白望川主任a·By.", max_size=60))
def test_any_line_can_be_read(line):
    """Byline patterns are long; none may fail or give an empty name."""
    authors = [*read_byline(line), *read_opening(line), *read_closing(line), *read_labelled(line), *read_people(line)]

    assert all(author.name.strip() for author in authors)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("2031-03-05 10:02 来源：青溪晚报 记者 白望川", [("白望川", "记者")]),
        ("2031年03月05日 | 青溪晚报 | 记者 白望川", [("白望川", "记者")]),
        ("2031-03-05 来源：青溪晚报 记者 白望川 通讯员 何远 责任编辑：周砚", [("白望川", "记者"), ("何远", "通讯员")]),
        ("来源：青溪晚报 青溪县林业局局长 白望川", [("白望川", "青溪县林业局局长")]),
        ("2031-03-05 10:02 来源：青溪晚报", []),
    ],
)
def test_date_and_source_before_a_name_are_no_part_of_its_role(line, expected):
    """The role is printed beside the name; a date in it would make two authors of one between two captures."""
    assert expected == pairs(read_byline(line))


@pytest.mark.parametrize(
    ("line", "source", "editor"),
    [
        ("2031-03-05 10:02 来源：青溪晚报 记者 白望川 责任编辑：周砚", "青溪晚报", "周砚"),
        ("来源：青溪晚报 责任编辑：周砚 点击：12", "青溪晚报", "周砚"),
        ("2031年03月05日 | 青溪晚报 | 记者 白望川", None, None),
    ],
)
def test_source_and_editor_are_read_where_they_are_labelled(line, source, editor):
    """A field after the editor's is none of the editor's name."""
    found = read_imprint(line)

    assert (source, editor) == (found.source, found.editor)


def test_the_label_after_a_name_is_no_name():
    """作者：白望川 时间：… held two authors, the second called Time."""
    assert pairs(read_labelled("来源：青溪晚报 作者：白望川 时间：2031年3月5日")) == [("白望川", None)]
