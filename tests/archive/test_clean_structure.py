"""The parts of an instalment, in every arrangement that papers print."""

from __future__ import annotations

import doctest
import importlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.clean.structure import part_paragraphs, title_in_note

NOTE = ["三月起，县里的十二个林场开始轮封。", "本期刊发青溪县林业局局长白望川的文章《先让山歇一歇》。"]
HIGHLIGHT = "山歇三年，水多一成；这是十二个林场共同的账。"
BYLINE = "青溪县林业局局长 白望川"
BODY = ["轮封不是不管，是换一种管法。", "一是先封最陡的坡。", "二是把护林员的路修通。"]


def test_note_highlights_byline_and_body_are_parted():
    """The arrangement of the series this was made for: labels alone on their lines, a note of several paragraphs."""
    parts = part_paragraphs(["编者按：", *NOTE, "核心提示：", HIGHLIGHT, BYLINE, *BODY])

    assert (parts.editors_note, parts.highlights, parts.body) == (NOTE, [HIGHLIGHT], BODY)
    assert [(author.name, author.role) for author in parts.authors] == [("白望川", "青溪县林业局局长")]
    assert ["编者按：", *NOTE, "核心提示：", HIGHLIGHT, BYLINE, *BODY] == parts.text


@pytest.mark.parametrize(
    "label", ["编者按：", "【编者按】", "编者按 ", "編者按:", "［编者的话］", "开栏的话", "■编前语："]
)
def test_every_form_of_the_label_begins_the_note(label):
    """Papers and mirrors print the label in many forms."""
    inline = label if not label.strip().endswith(("按", "话")) else f"{label.strip()}："
    for paragraphs in ([label, *NOTE, BYLINE, *BODY], [inline + NOTE[0], NOTE[1], BYLINE, *BODY]):
        parts = part_paragraphs([paragraph.strip() for paragraph in paragraphs])

        assert (parts.editors_note, parts.body) == (NOTE, BODY)


@pytest.mark.parametrize("label", ["核心提示", "核心阅读：", "【内容提要】", "导读：", "提要"])
def test_highlights_without_a_note_are_found(label):
    """Not every instalment has an editor's note."""
    parts = part_paragraphs([label, HIGHLIGHT, BYLINE, *BODY])

    assert (parts.highlights, parts.body, parts.editors_note) == ([HIGHLIGHT], BODY, [])


def test_a_note_without_byline_ends_where_it_stops_speaking_of_the_paper():
    """With no end mark, taking too much would empty the body."""
    parts = part_paragraphs(["编者按：三月起，林场开始轮封。", "本报今起推出专栏，敬请关注。", *BODY])

    assert (parts.editors_note, parts.body) == (["三月起，林场开始轮封。", "本报今起推出专栏，敬请关注。"], BODY)


@pytest.mark.parametrize(
    "paragraphs",
    [
        ["编者按语写得很长，他读了两遍。", *BODY],
        ["导读员把孩子们领进山里。", *BODY],
        [*BODY, "他在文末写了编者按。"],
        BODY,
    ],
)
def test_a_word_that_only_looks_like_a_label_is_text(paragraphs):
    """A label counts with its colon or bracket, or alone on its line."""
    parts = part_paragraphs(paragraphs)

    assert (paragraphs, [], []) == (parts.body, parts.editors_note, parts.highlights)


def test_lines_of_editors_leave_text_and_body():
    """They are the paper's housekeeping and differ between reprints."""
    parts = part_paragraphs([*BODY, "来源：青溪日报", "（责任编辑：陆闻樵）"])

    assert (parts.body, parts.text) == (BODY, BODY)
    assert (parts.imprint.source, parts.imprint.editor) == ("青溪日报", "陆闻樵")


def test_a_byline_at_the_end_gives_name_and_office():
    """Theory pages sign at the end: a name, then what the author is."""
    parts = part_paragraphs([*BODY, "文/白望川", "（作者系青溪县林业局局长）"])

    assert parts.body == BODY
    assert [author.name for author in parts.authors] == ["白望川"]


def test_the_note_tells_the_title_of_the_article_and_not_of_the_series():
    """A plain text has no other title; the note also names the column in 《》."""
    note = ["本报开设专栏《山里的账》。", "本期刊发青溪县林业局局长白望川的文章《先让山歇一歇》。"]

    assert title_in_note(note) == "先让山歇一歇"
    assert title_in_note(["《山里的账》今起与读者见面。"]) is None


LINE = st.sampled_from(
    ["编者按：", *NOTE, "核心提示：", HIGHLIGHT, BYLINE, *BODY, "编者按：本报讯", "（责任编辑：陆闻樵）", "记者 白望川"]
)


@given(st.lists(LINE, max_size=24))
def test_no_paragraph_is_lost_or_printed_twice(paragraphs):
    """Whatever the order, every paragraph but an editor's line is in the text, and every part comes from it."""
    parts = part_paragraphs(paragraphs)

    assert [line for line in paragraphs if not line.startswith("（责任编辑")] == parts.text
    rest = "".join(parts.text)
    assert all(line in rest for line in (*parts.editors_note, *parts.highlights, *parts.body))
    assert len(parts.editors_note) + len(parts.highlights) + len(parts.body) <= len(parts.text)


@pytest.mark.parametrize("name", ["blocks", "bylines", "charset", "dates", "language", "names", "structure", "titles"])
def test_the_examples_in_the_documentation_hold(name):
    """An example that is wrong misleads whoever changes the rule."""
    results = doctest.testmod(importlib.import_module(f"archive.clean.{name}"))

    assert 0 == results.failed < results.attempted


@pytest.mark.parametrize(
    ("end", "expected"),
    [
        ("（社会部・白望涼子）", [("白望涼子", "社会部")]),
        ("水は残った。【白望涼子、陸樵太郎】", [("白望涼子", None), ("陸樵太郎", None)]),
        ("文・白望涼子", [("白望涼子", None)]),
        ("白望涼子記者", [("白望涼子", "記者")]),
        ("（文化部　白望涼子）", [("白望涼子", "文化部")]),
        ("（ロンドン＝白望涼子）", [("白望涼子", None)]),
        ("水は残った。（敬称略）", []),
        ("（おわり）", []),
    ],
)
def test_names_in_brackets_sign_a_japanese_article(end, expected):
    """No list of surnames tells them; the small letters of the text tell that it is Japanese, and the place does the rest."""
    parts = part_paragraphs(
        [
            "山の水は十二年前に止まり、村の人たちは町まで水を買いに行った。",
            "去年の春、水はまた流れはじめたという。",
            end,
        ]
    )

    assert [(author.name, author.role) for author in parts.authors] == expected


@pytest.mark.parametrize(
    "head",
    [
        "(청계=청계뉴스) 도지현 기자 = ",
        "[청계신문=도지현 기자] ",
        "청계신문 도지현 기자 = ",
        "[청계=청계일보] 도지현 기자 ",
    ],
)
def test_the_head_of_a_korean_report_names_its_reporter(head):
    """Agencies and papers print it before the first sentence and nowhere else."""
    parts = part_paragraphs(
        [head + "산골 마을에 열두 해 만에 물이 다시 흐른다.", "주민들은 물길을 따라 나무를 심었다고 말했다."]
    )

    assert [(author.name, author.role) for author in parts.authors] == [("도지현", "기자")]


def test_a_name_alone_below_the_headline_is_the_one_that_the_note_speaks_of():
    """Op-eds: the name on top, the office at the end; a name without such a note may be a line of the text."""
    parts = part_paragraphs(["白望川", *BODY, "（作者系青溪县林业局局长）"])

    assert [(author.name, author.role) for author in parts.authors] == [("白望川", "青溪县林业局局长")]
    assert parts.body == list(BODY)
