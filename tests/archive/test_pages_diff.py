"""Two revisions beside each other: by character, moved paragraphs as moved, both records in full."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pages_maker import NEW, OLD, asking, page, texts

from archive.aligning import align
from archive.home import Home

PARAGRAPHS = st.lists(
    st.sampled_from(["渠水自西而来", "渠水自东而来", "老闸工说", "", "一夜要起三回闸", "x"]), max_size=8
)


@pytest.fixture(scope="module")
def ask(pages_home: Home) -> Iterator[Any]:
    """A client of a home that has every state."""
    with asking(pages_home) as asked:
        yield asked


@pytest.fixture
def side(ask: Any) -> Any:
    """The page with both sides."""
    return page(ask("/article/cccccc-3/diff/1/2"))


def test_the_last_two_are_what_diff_alone_means(ask):
    """Most readers want what changed last."""
    answer = ask("/article/cheng/洛阳/diff?view=inline")

    assert (302, "/article/cccccc-3/diff/1/2?view=inline") == (answer.status_code, answer.headers["Location"])


def test_each_side_reads_as_its_revision(side):
    """What is marked is part of the text, not instead of it."""
    for column, expected in ((1, ("洛阳旧事", *OLD)), (2, ("洛阳新事", *NEW))):
        found = side.cssselect(f".sides td:nth-child({column}):not(.none)")
        for cell in found:
            for label in cell.cssselect(".lab"):
                label.drop_tree()
        assert sorted(expected) == sorted(texts(found))


def test_changes_are_marked_by_character(side):
    """A number changed in a long paragraph is what an editor looks for."""
    assert ["旧", "老", "四百", "丙段要被整段删去了。"] == texts(side.cssselect(".sides del"))
    assert ["新", "新", "三百四十", "己段是新添的，从前没有。"] == texts(side.cssselect(".sides ins"))


def test_a_moved_paragraph_is_moved_and_both_places_are_linked(side):
    """Else it would read as a deletion and an addition."""
    [here, there] = side.cssselect(".sides .moved")

    assert {"f-body-5", "t-body-2"} == {here.get("id"), there.get("id")}
    assert {"#f-body-5", "#t-body-2"} == {one.cssselect(".lab a")[0].get("href") for one in (here, there)}
    assert any("一字未改" in text for text in texts([here, there]))
    assert [] == [one for cell in (here, there) for one in cell.cssselect("ins, del")]


def test_the_sentence_tells_every_difference(side):
    """For whoever does not want to read two texts."""
    [told] = texts(side.cssselect(".head p"))

    assert told == (
        "第 1 版对第 2 版。5 处有别：标题删 1 字、添 1 字；原第 5 段移为第 2 段；第 3 段删 3 字、添 5 字；"
        "原第 3 段整段删去，10 字；第 5 段新添，12 字。"
    )


def test_both_records_are_named_in_full(ask):
    """A comparison with one record unnamed proves nothing."""
    for path in ("/article/cccccc-3/diff/1/2", "/article/cccccc-3/diff/2/1?view=inline&lang=en"):
        facts = texts(page(ask(path)).cssselect(".records dd"))
        for number in (1, 2):
            assert f"urn:uuid:cccccc-3-{number}" in facts
            assert f"sha256:{number:064x}" in facts
        assert facts.count("warc/cheng/cheng-20180901050000-00001.warc.gz") == 2


def test_inline_has_the_same_marks(ask):
    """Either view is good without the other."""
    shown = page(ask("/article/cccccc-3/diff/1/2?view=inline"))

    assert [] == shown.cssselect(".sides")
    assert ["旧", "老", "四百", "丙段要被整段删去了。"] == texts(shown.cssselect(".inline del"))
    assert ["合一"] == texts(shown.cssselect(".tabs a[aria-current]"))
    assert len(shown.cssselect(".inline .moved")) == 2


def test_a_revision_against_itself_reads_the_same(ask):
    """No marks, and it says so."""
    shown = page(ask("/article/cccccc-3/diff/2/2"))

    assert "两版文字全同。" in shown.text_content()
    assert [] == shown.cssselect(".sides ins, .sides del")


@given(was=PARAGRAPHS, now=PARAGRAPHS)
def test_nothing_is_lost_and_nothing_invented(was: list[str], now: list[str]) -> None:
    """Each paragraph of either side stands once, in its order; what moved names both places, and its ops make both texts."""
    rows = align(was, now)

    assert [*range(1, len(was) + 1)] == [row.was for row in rows if row.kind not in ("new", "moved-to")]
    assert [*range(1, len(now) + 1)] == [row.now for row in rows if row.kind not in ("gone", "moved-from")]
    for row in rows:
        before = "".join(text for sign, text in row.ops if sign != "+")
        after = "".join(text for sign, text in row.ops if sign != "-")
        assert row.was is None or before == was[row.was - 1]
        assert row.now is None or row.kind == "moved-from" or after == now[row.now - 1]
    assert {(r.was, r.now) for r in rows if r.kind == "moved-from"} == {
        (r.was, r.now) for r in rows if r.kind == "moved-to"
    }


def test_a_paragraph_moved_and_edited_is_both() -> None:
    """An editor who moves a paragraph often mends it too."""
    rows = align(
        ["甲甲甲甲甲", "乙乙乙", "一条渠绕过半座城，水声很轻"], ["一条渠绕过半座城，水声不轻", "甲甲甲甲甲", "乙乙乙"]
    )

    assert [("moved-to", 3, 1), ("same", 1, 2), ("same", 2, 3), ("moved-from", 3, 1)] == [
        (r.kind, r.was, r.now) for r in rows
    ]
    assert [["=", "一条渠绕过半座城，水声"], ["-", "很"], ["+", "不"], ["=", "轻"]] == rows[0].ops


def test_many_different_paragraphs_are_compared_without_pairing_each_with_each() -> None:
    """Two long texts with nothing in common must not take minutes."""
    rows = align([f"甲{number}" for number in range(400)], [f"{number}乙" for number in range(400)])

    assert (400, 400) == (sum(row.kind == "gone" for row in rows), sum(row.kind == "new" for row in rows))
