"""Where pictures stand: as their captions tell, and never where nothing tells it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.web.pages.figures import places

BODY = ["一", "二", "三"]


@pytest.mark.parametrize(
    ("text", "captions", "expected"),
    [
        ("一\n图甲\n二\n三\n图乙", ["图甲", "图乙"], [1, 3]),
        ("图甲\n一\n二\n三", ["图甲"], [0]),
        ("编者按\n图甲\n提示\n一\n二\n三", ["图甲"], [0]),
        ("一\n图甲\n二\n三", ["图甲", "图甲"], [1, 1]),  # one line under two pictures is that of both
        ("一\n图甲\n二\n图乙\n三", ["图甲", None, "图乙"], [1, None, 2]),  # between 1 and 2: not known
        ("一\n图甲\n图乙\n二\n三", ["图甲", None, "图乙"], [1, 1, 1]),
        ("一\n二\n三", [None, ""], [None, None]),
        ("一\n二\n三", ["图甲"], [None]),  # a caption of the page's alt text alone
        ("一\n图乙\n二\n图甲\n三", ["图甲", "图乙"], [None, None]),  # not in the order of the pictures
        ("一\n图甲\n三", ["图甲"], [None]),  # the text does not have the body
        ("", [], []),
    ],
)
def test_a_picture_stands_above_its_caption(text: str, captions: list[str | None], expected: list[int | None]) -> None:
    """What is not known is not invented."""
    assert expected == places(text, BODY, captions)


@given(st.lists(st.tuples(st.integers(0, 6), st.booleans()), max_size=5))
def test_every_place_is_the_true_one_or_none(made: list[tuple[int, bool]]) -> None:
    """Of any article: pictures in their order, each with a caption of its own or without."""
    truth = sorted(made, key=lambda one: one[0])
    body = [f"段{number}" for number in range(6)]
    captions = [f"图{number}" if told else None for number, (_, told) in enumerate(truth)]
    lines = []
    for number in range(7):
        lines += [one for one, (place, _) in zip(captions, truth, strict=True) if place == number and one]
        lines += body[number : number + 1]

    found = places("\n".join(lines), body, captions)

    assert all(one in (None, place) for one, (place, _) in zip(found, truth, strict=True))
    assert all(one == place for one, (place, told) in zip(found, truth, strict=True) if told)
