"""Whether two readings are of one article: held by properties, since a wrong yes loses an article."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st
from invented_texts import SENTENCES

from archive.fold.twins import tell_the_same
from archive.model import Reading

BODIES = st.lists(st.sampled_from(SENTENCES), min_size=3, max_size=10, unique=True)


def reading(body: list[str], **changes: str | None) -> Reading:
    """A reading of these paragraphs."""
    day = {"published": "2018-08-30", "published_precision": "day", "published_local": "2018-08-30"}
    return Reading(**({"title": "渠水十二站", "body": tuple(body), **day} | changes))


@settings(max_examples=40)
@given(BODIES, st.sampled_from(["查看原网页", "扫码下载", "（完）"]), st.integers(0, 10))
def test_the_same_lines_with_a_line_of_furniture_are_one_article(body: list[str], more: str, at: int) -> None:
    """A mobile page has a line more, breaks elsewhere, and sets its marks and blanks in its own way."""
    other = [*body[:at], more, *body[at:]]
    joined = ["".join(body[:2]), *(line.replace("，", ", ") for line in body[2:])]

    assert tell_the_same(reading(body), reading(other))
    assert tell_the_same(reading(other), reading(body))
    assert tell_the_same(reading(body), reading(joined, title="渠水十二站 手机版"))


@settings(max_examples=40)
@given(BODIES, st.data())
def test_one_character_within_a_line_makes_two_articles(body: list[str], data: st.DataObject) -> None:
    """A bulletin differs from yesterday's by one figure."""
    at = data.draw(st.integers(0, len(body) - 1))
    place = data.draw(st.integers(0, len(body[at]) - 1).filter(lambda i: body[at][i].isalnum()))
    edited = list(body)
    edited[at] = (
        body[at][:place] + "七" + body[at][place + 1 :]
        if body[at][place] != "七"
        else body[at][:place] + "八" + body[at][place + 1 :]
    )

    assert not tell_the_same(reading(body), reading(edited))


@settings(max_examples=40)
@given(BODIES)
def test_another_title_day_or_order_makes_two_articles(body: list[str]) -> None:
    """Each of them is what an editor tells two articles apart by."""
    one = reading(body)

    assert not tell_the_same(one, replace(one, title="渠水十三站"))
    another = replace(one, published="2018-08-31", published_local="2018-08-31")
    assert not tell_the_same(one, another)
    assert tell_the_same(one, replace(another, published_counted=True))  # 3小时前, read the day after
    assert not tell_the_same(one, reading(body[::-1]))
    assert not tell_the_same(one, reading(body[: len(body) // 2]))
    assert tell_the_same(one, reading(body, published=None, published_local=None, title=None))


@given(st.text("渠水城", max_size=30))
def test_a_caption_is_no_evidence(words: str) -> None:
    """Two galleries may show the same few words."""
    assert not tell_the_same(reading([words]), reading([words]))
