"""The page of the search: what it finds, how it is narrowed, what is typed into it and into titles."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from typing import Any

import pytest
from replay_maker import client

from archive.web.room import Room


@pytest.fixture
def page(filled: Any, reading: Any) -> Iterator[Any]:
    """Ask for the page of a home of two series: an edited instalment, one withdrawn, 25 of another year."""
    filled.add_series()
    filled.add_series("hedao", title="河道 <b>")
    filled.add_article(
        "aaaaaa-1", reading(title="旧闸"), reading(title="新渠<script>alert(1)</script>"), subject="济源"
    )
    filled.add_article("bbbbbb-2", reading(title="城里的渠"), position=2, state="withdrawn")
    for number in range(25):
        filled.add_article(f"cccc{number:02d}-1", reading(title=f"河{number}", published="2019-01-02"), series="hedao")
    with Room(filled.home, {}) as room, client(room) as asked:
        yield lambda **words: asked.get("/search", params=words)


def text(answer: Any) -> str:
    """Give what a reader reads."""
    return " ".join(unescape(re.sub(r"<[^>]+>", "", answer.text)).split())


def test_without_a_question_there_is_the_form(page: Any) -> None:
    """And how to ask."""
    answer = page()

    assert answer.status_code == 200
    assert '<input id="q" name="q"' in answer.text
    assert "date:2026-08..2026-10" in answer.text


def test_a_hit_in_an_old_revision_says_so(page: Any) -> None:
    """It leads to that revision, and to what changed since."""
    answer = page(q="title:旧闸")

    assert "<mark>旧闸</mark>" in answer.text
    assert 'href="/article/aaaaaa-1?revision=1"' in answer.text
    assert 'href="/article/aaaaaa-1/diff/1/2"' in answer.text
    assert "第 1 版（今已改）" in text(answer)


def test_states_have_words(page: Any) -> None:
    """No state is told by its colour alone."""
    assert "撤 撤下" in text(page(q="title:城里"))
    assert "W withdrawn" in text(page(q="title:城里", lang="en"))


def test_facets_narrow_and_the_chosen_one_is_marked(page: Any) -> None:
    """Counts are those of the question without the choice."""
    answer = page(q="渠水", series="hedao")

    assert re.search(
        r'series=hedao"\s+aria-current="true"><span lang="zh-Hans"><bdi>河道 &lt;b&gt;</bdi></span> <span class="num">25<',
        answer.text,
    )
    assert "全部 27" in text(answer)
    assert "第 1–20 篇，共 25 篇" in text(answer)
    assert "第 21–25 篇，共 25 篇" in text(page(q="渠水", series="hedao", page="2"))
    assert "2019" in text(page(q="渠水", year="2018"))
    assert "第 1–2 篇，共 2 篇" in text(page(q="渠水", year="2018"))


def test_what_is_typed_and_what_is_kept_is_never_markup(page: Any) -> None:
    """Titles come from the network, queries from anybody."""
    answer = page(q="新渠<script>")

    assert "<script>alert" not in answer.text
    assert "&lt;script&gt;" in answer.text
    assert "没有一篇有它" in text(page(q="x'><img src=x onerror=alert(1)>"))
    assert all("<img" not in page(q=f"{mark}><img src=x onerror=alert(1)>").text for mark in ("'", '"'))


@pytest.mark.parametrize(
    ("line", "told"), [("渠 OR", "OR stands between"), ("date:x", "no date"), ("“渠", "does not end")]
)
def test_a_query_that_cannot_be_read_is_told_in_its_place(page: Any, line: str, told: str) -> None:
    """With the line as it was typed, to be mended."""
    answer = page(q=line)

    assert answer.status_code == 400
    assert told in text(answer)
    assert f'value="{line}"' in answer.text


@pytest.mark.parametrize("number", ["0", "-1", "x", "99999", "999999999999", "１"])
def test_any_page_number_is_answered(page: Any, number: str) -> None:
    """A page that is not there has no hits."""
    assert page(q="渠水", page=number).status_code == 200
