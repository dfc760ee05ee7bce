"""Bylines known by their place and by the note, whatever the office; lines that only look like one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.clean.bylines import read_author_note, read_people
from archive.clean.signature import introduced, read_introduced, read_signature, split_person
from archive.clean.structure import part_paragraphs
from archive.model import Author

BODY = [
    "三月的山里还有雪，路是一点一点铲出来的，铲到第四天才看见村口的石桥。",
    "石桥那头住着十一户人家，雪一封路，灯就是他们和山外的一根线。",
    "等路通了，我们把灯一盏一盏擦干净，挂回原来的地方。",
]
HIGHLIGHTS = ["灯亮着，路就在。", "一根线的两头，都有人守着。"]
PEOPLE = [
    ("青溪县柳坡小学教师", "白望川"),
    ("青溪县灯塔守灯人", "陆闻樵"),
    ("青溪县东渠水管员", "易山"),
    ("青溪县雪线巡护队队员", "何小满"),
    ("青溪县上闸闸工", "于海"),
    ("青溪县流动放映队放映员", "欧阳青"),
    ("青溪县石桥面坊掌柜", "司马望山"),
    ("青溪县云顶牧场牧工", "格桑·次仁多吉"),
    ("青溪县木卡姆传习班鼓手", "阿依古丽·买买提江"),
    ("青溪县老街糖画摊摊主", "尉迟霜"),
    ("青溪县雪线缆车维保", "黎夜舟"),
]
people = pytest.mark.parametrize(("office", "name"), PEOPLE)


def note(said: str) -> list[str]:
    return ["入冬以来，本报记者沿着山路走了一个月。", said]


def authors(paragraphs: list[str]) -> list[tuple[str, str | None]]:
    return [(author.name, author.role) for author in part_paragraphs(paragraphs).authors]


@people
@pytest.mark.parametrize(
    "said",
    [
        "本期刊发{0}{1}的文章《灯与路》。",
        "今天刊登{0}{1}撰写的《灯与路》，敬请关注。",
        "这一期推出{0}{1}的署名文章《灯与路》。",
        "本期选登{0}{1}同志的来稿《灯与路》。",
        "{1}是{0}，他写下了《灯与路》。",
    ],
)
@pytest.mark.parametrize("gap", [" ", "\u3000", "　 "])
def test_the_line_that_the_note_announces_is_the_byline(office, name, said, gap):
    """The eighteen offices of a series end in eighteen words; the note says which line names the author."""
    lines = ["编者按：", *note(said.format(office, name)), "核心提示：", *HIGHLIGHTS, f"{office}{gap}{name}", *BODY]
    parts = part_paragraphs(lines)

    assert [(author.name, author.role) for author in parts.authors] == [(name, office)]
    assert (parts.body, parts.highlights) == (BODY, HIGHLIGHTS)
    assert lines == parts.text


@pytest.mark.parametrize("name", ["格桑边觉", "山居客", "阿依古丽", "白川明月"])
def test_a_note_makes_a_name_of_what_no_surname_tells(name):
    """Names of many peoples, and pen names, begin with no surname of the Han."""
    lines = [
        "编者按：",
        *note(f"本期刊发青溪县云顶牧场牧工{name}的文章《灯与路》。"),
        f"青溪县云顶牧场牧工 {name}",
        *BODY,
    ]

    assert authors(lines) == [(name, "青溪县云顶牧场牧工")]


@people
def test_office_and_name_without_a_blank_are_parted_by_what_else_is_known(office, name):
    """Some templates print both as one word; the article names its author elsewhere, or the office ends in its word."""
    said = note(f"本期刊发{office}{name}的文章《灯与路》。")
    lines = ["编者按：", *said, office + name, *BODY, f"那天夜里，{name}没有睡。"]

    assert authors(lines) == [(name, office)]
    assert part_paragraphs(lines).body == lines[4:]


@people
def test_a_note_alone_tells_the_author(office, name):
    """Where the page prints no line for the author, the note still says who it is."""
    lines = ["编者按：", *note(f"本期刊发{office}{name}的文章《灯与路》。"), *BODY, f"那天夜里，{name}没有睡。"]

    assert authors(lines) == [(name, office)]


def test_a_note_may_present_two_authors():
    """A line each, or both on one line."""
    said = note("本期刊发青溪县上闸闸工于海、青溪县东渠水管员易山的文章《灯与路》。")
    expected = [("于海", "青溪县上闸闸工"), ("易山", "青溪县东渠水管员")]
    two = ["编者按：", *said, "青溪县上闸闸工 于海", "青溪县东渠水管员 易山", *BODY]
    one = ["编者按：", *said, "青溪县上闸闸工 于海 青溪县东渠水管员 易山", *BODY]

    assert [authors(two), authors(one)] == [expected, expected]
    assert part_paragraphs(two).body == part_paragraphs(one).body == BODY


@people
@pytest.mark.parametrize("form", ["{0} {1}", "{0}　{1}", "{1}（{0}）", "{1} ({0})"])
def test_the_form_alone_tells_a_byline_where_bylines_stand(office, name, form):
    """Not every series has a note that names its author."""
    line = form.format(office, name)
    after_note = ["编者按：入冬以来，山路封了三次，敬请关注。", line, *BODY]
    after_highlights = ["核心提示：", *HIGHLIGHTS, line, *BODY]

    for lines in (after_note, after_highlights, [line, *BODY], ["灯与路", line, *BODY], [*BODY, line]):
        parts = part_paragraphs(lines)

        assert [(author.name, author.role) for author in parts.authors] == [(name, office)], lines
        assert line not in parts.body


@pytest.mark.parametrize(
    "line",
    [
        "一 春天",
        "第一站 郑州",
        "第三章 金秋",
        "图 张三",
        "摄影 白望川",
        "供图 白望川",
        "漫画师 白望川。",
        "渠水绕村 江南岸",
        "春风又过青山寨 白云间",
        "三月 山里",
        "青溪县 柳坡镇",
        "青溪县林业局 宣传部",
        "2031年3月5日 周三",
        "我的老师 白望川",
        "这是老闸工 于海",
        "白望川（化名）",
        "白望川（1931—2001）",
        "青溪 白望川",
        "上篇 江水",
        "灯亮着：陆伯 何远",
    ],
)
def test_a_line_that_only_looks_like_a_byline_stays_in_the_body(line):
    """Verse, subheadings and credits have blanks too; what is taken for a byline is lost to the reader."""
    for lines in (["编者按：入冬以来，山路封了三次，敬请关注。", line, *BODY], [line, *BODY], [*BODY, line]):
        parts = part_paragraphs(lines)

        assert parts.authors == ()
        assert [one for one in lines if not one.startswith("编者按")] == parts.body


def test_lines_of_one_measure_are_verse():
    """An article that opens with a poem has no author in its first line, even if that ends like a name."""
    poem = ["青溪县里守灯人 江望月", "白石桥边打渔人 何问山"]

    assert part_paragraphs([*poem, *BODY]).body == [*poem, *BODY]


def test_a_caption_never_signs():
    """（白望川摄） under a picture names the photographer."""
    lines = ["青溪县灯塔守灯人 陆闻樵", *BODY, "图为守灯人 白望川"]
    parts = part_paragraphs(lines, captions=frozenset({4}))

    assert (parts.body, parts.text) == (BODY, lines)
    assert [(author.name, author.role) for author in parts.authors] == [("陆闻樵", "青溪县灯塔守灯人")]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("（作者系青溪县东渠水管员）", (None, "青溪县东渠水管员")),
        ("作者系青溪县东渠水管员", (None, "青溪县东渠水管员")),
        ("作者易山，系青溪县东渠水管员。", ("易山", "青溪县东渠水管员")),
        ("（本文作者易山系青溪县东渠水管员）", ("易山", "青溪县东渠水管员")),
        ("作者简介：易山，青溪县东渠水管员", ("易山", "青溪县东渠水管员")),
        ("（作者单位：青溪县水利站）", (None, "青溪县水利站")),
        ("（作者为青溪县东渠水管员）", (None, "青溪县东渠水管员")),
        ("作者是一位老人。", None),
        ("作者系着围裙走出来。他说，路通了。", None),
        ("（作者：易山）", None),
        ("作者：易山", None),
    ],
)
def test_a_note_on_the_author_gives_name_and_office(line, expected):
    """Theory pages print the office under the text and the name above it."""
    assert expected == read_author_note(line)


@pytest.mark.parametrize(
    "lines",
    [
        [*BODY, "易山", "（作者系青溪县东渠水管员）"],
        [*BODY, "文/易山", "作者系青溪县东渠水管员"],
        ["作者：易山", *BODY, "（作者系青溪县东渠水管员）"],
        [*BODY, "（作者易山，系青溪县东渠水管员）"],
        [*BODY, "（作者系青溪县东渠水管员易山）"],
        ["作者：青溪县东渠水管员 易山", *BODY],
        ["编者按：", *note("本期刊发易山的文章《灯与路》。"), "易山", "（作者系青溪县东渠水管员）", *BODY],
    ],
)
def test_name_and_office_are_joined_wherever_they_stand(lines):
    """One author printed in two places must not become two, nor lose the office."""
    parts = part_paragraphs(lines)

    assert [(author.name, author.role) for author in parts.authors] == [("易山", "青溪县东渠水管员")]
    assert parts.body == BODY


def test_a_name_told_by_the_site_makes_its_line_a_byline():
    """An API gives 格桑边觉 without the office; the line in the text has both."""
    parts = part_paragraphs(["青溪县云顶牧场牧工 格桑边觉", *BODY], known=["格桑边觉"])

    assert parts.authors == (Author("格桑边觉", "青溪县云顶牧场牧工"),)
    assert parts.body == BODY


def test_a_field_of_authors_may_hold_the_office():
    """Profiles name the element; what it holds is then an author whatever the office."""
    assert read_people("青溪县东渠水管员 易山") == (Author("易山", "青溪县东渠水管员"),)


def test_a_passage_of_the_note_that_is_no_person_signs_nothing():
    """A heading may repeat words of the note."""
    said = introduced(["本期刊发青溪县上闸闸工于海的文章《山路 灯火》，山路和灯火都在里面。"])

    assert [read_introduced(line, said) for line in ("山路 灯火", "青溪县上闸 闸工", "上闸")] == [(), (), ()]


OFFICE = st.text(alphabet="青溪县东渠站馆坊巡护水管放映牧养灯塔", min_size=4, max_size=14)
NAME = st.sampled_from([name for _, name in PEOPLE] + ["格桑边觉", "山居客"])


@given(OFFICE, NAME, st.sampled_from([" ", "\u3000", "  "]))
def test_any_office_and_name_that_a_note_presents_are_found(office, name, gap):
    """No list of offices stands behind it: any words do."""
    said = introduced([f"本期刊发{office}{name}的文章《灯与路》。"])

    assert read_introduced(f"{office}{gap}{name}", said) == (Author(name, office),)


@given(st.text(alphabet="青溪县水管员易山 　（）·、和的系作者主任一第", max_size=40), st.lists(NAME, max_size=2))
def test_any_line_can_be_read_as_a_signature(line, known):
    """No line may fail, and name and office stand in the line."""
    for author in (*read_signature(line, known), *split_person(line, known)):
        assert author.name.strip()
        assert author.role or author.name == line
        assert set(author.name + (author.role or "")) <= set(line)
