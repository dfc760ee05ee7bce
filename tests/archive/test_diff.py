"""Differences are true and readable."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from archive.diff import FIELDS, around, compare, differences, textual, without_repetition

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
    assert found[1] == {"field": "editor", "was": None, "now": "闻澜", "ops": [["+", "闻澜"]]}


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
