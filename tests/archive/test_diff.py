"""Differences are true and readable."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.diff import FIELDS, around, compare, differences, moved, textual, without_repetition

# Few letters, so that texts have much in common and every kind of overlap occurs.
TEXTS = st.text(alphabet="渠水城。\n ab\U00020000", max_size=80)


@given(TEXTS, TEXTS)
def test_operations_spell_both_texts(was: str, now: str) -> None:
    """Who reads the operations can put together either revision to the character: a diff that loses one is a lie."""
    ops = compare(was, now)

    assert was == "".join(text for sign, text in ops if sign in "=-")
    assert now == "".join(text for sign, text in ops if sign in "=+")


@given(TEXTS)
def test_a_text_does_not_differ_from_itself(text: str) -> None:
    """What is the same must never be shown as a change."""
    assert ([["=", text]] if text else []) == compare(text, text)


def test_one_changed_character_is_one_change() -> None:
    """A silent edit of one character is found as that character, not as a paragraph."""
    ops = compare("水大的年份，一夜要起三回闸。", "水大的年份，一夜要起五回闸。")

    assert ops == [["=", "水大的年份，一夜要起"], ["-", "三"], ["+", "五"], ["=", "回闸。"]]


def test_a_long_text_without_anything_in_common_is_compared_in_bounded_time() -> None:
    """The search for the smallest difference is quadratic; a replaced article must not hang the command."""
    was, now = "渠水城乡" * 5000, "山川草木" * 5000

    ops = compare(was, now)

    assert was == "".join(text for sign, text in ops if sign in "=-")
    assert now == "".join(text for sign, text in ops if sign in "=+")


def test_lists_are_compared_line_by_line() -> None:
    """Authors, paragraphs and images are lists; their difference is told in words a person reads."""
    images = [{"url": "http://a.example/1.jpg", "caption": "闸"}, {"url": "http://a.example/2.jpg", "caption": None}]

    assert textual(images) == "http://a.example/1.jpg 闸\nhttp://a.example/2.jpg"
    assert textual(["一", "二"]) == "一\n二"
    assert textual(None) == ""


def test_only_fields_that_differ_are_told() -> None:
    """A field that stayed the same is no news; one that appeared is told from null on."""
    was = dict.fromkeys(FIELDS) | {"title": "旧", "body": ["一"], "editor": None}
    now = was | {"title": "新", "editor": "闻澜"}

    found = differences(was, now)

    assert [one["field"] for one in found] == ["title", "editor"]
    assert found[1] == {"field": "editor", "was": None, "now": "闻澜", "ops": [["+", "闻澜"]], "moved": []}


@given(TEXTS, TEXTS, st.integers(0, 8))
def test_shortening_keeps_every_change(was: str, now: str, context: int) -> None:
    """People's output leaves out what is unchanged, never a change."""
    ops = compare(was, now)

    assert [op for op in ops if op[0] != "="] == [op for op in around(ops, context) if op[0] != "="]


def test_shortening_shows_what_stands_beside_a_change() -> None:
    """A change without its surroundings cannot be found in the article."""
    ops = [["=", "一二三四五六七八九"], ["-", "旧"], ["=", "甲乙丙丁戊己庚辛"]]

    assert around(ops, 2) == [["=", "…八九"], ["-", "旧"], ["=", "甲乙…"]]


def test_people_read_a_change_once() -> None:
    """`text` is all of the article: beside `body` it would tell the same change again; alone it is all there is to tell."""
    body, text, images = {"field": "body"}, {"field": "text"}, {"field": "images"}

    assert without_repetition([body, text]) == [body]
    assert without_repetition([images, text]) == [images, text]


def signs(ops: list[list[str]], sign: str) -> list[str]:
    """Give the texts of one kind."""
    return [text for one, text in ops if one == sign]


@pytest.mark.parametrize(
    ("was", "now", "gone", "new"),
    [
        ("The gate was lifted early.", "The gate was lowered early.", ["lifted"], ["lowered"]),
        ("Das Wasser floß langsam.", "Das Wasser fließt langsam.", ["floß"], ["fließt"]),
        ("Утром открыли шлюз.", "Утром закрыли шлюз.", ["открыли"], ["закрыли"]),
        ("아침에 수문이 열렸다.", "저녁에 수문이 열렸다.", ["아침에"], ["저녁에"]),
        ("每亩二十六元", "每亩二十九元", ["六"], ["九"]),
        ("每亩26元", "每亩29元", ["26"], ["29"]),
        ("水門が開いた朝", "水門が閉じた朝", ["開い"], ["閉じ"]),
        ("使用Windows系统", "使用Ubuntu系统", ["Windows"], ["Ubuntu"]),
    ],
)
def test_words_are_compared_as_words_and_chinese_by_character(
    was: str, now: str, gone: list[str], new: list[str]
) -> None:
    """Half of a word marked as changed is hard to read; a Chinese sentence marked as one word says nothing."""
    ops = compare(was, now)

    assert (gone, new) == (signs(ops, "-"), signs(ops, "+"))


@given(st.text(max_size=60), st.text(max_size=60))
def test_operations_spell_texts_of_any_script(was: str, now: str) -> None:
    """Combining marks, emoji, characters beyond the first plane: nothing is lost by cutting into words."""
    ops = compare(was, now)

    assert (was, now) == ("".join(t for s, t in ops if s in "=-"), "".join(t for s, t in ops if s in "=+"))


@given(st.lists(st.text("渠水城乡山川", min_size=2, max_size=6), unique=True, min_size=2, max_size=9), st.data())
def test_one_paragraph_put_elsewhere_is_told_as_moved(paragraphs: list[str], data: st.DataObject) -> None:
    """Shown as gone and new it would be read twice for nothing."""
    start = data.draw(st.integers(0, len(paragraphs) - 1))
    end = data.draw(
        st.integers(0, len(paragraphs) - 1).filter(lambda place: abs(place - start) != 1 and place != start)
    )
    now = [*paragraphs[:start], *paragraphs[start + 1 :]]
    now.insert(end, paragraphs[start])

    assert [[start + 1, end + 1]] == moved(paragraphs, now)


@given(st.lists(st.text("渠水", max_size=3), max_size=8), st.lists(st.text("渠水", max_size=3), max_size=8))
def test_what_is_told_as_moved_is_the_same_in_both_places(was: list[str], now: list[str]) -> None:
    """Whoever follows the places finds the paragraph; each stands in one pair at most."""
    pairs = moved(was, now)

    assert [was[old - 1] for old, _ in pairs] == [now[new - 1] for _, new in pairs]
    assert all(len(set(places)) == len(pairs) for places in zip(*pairs, strict=True))
