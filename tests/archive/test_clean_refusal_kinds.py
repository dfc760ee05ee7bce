"""Invented pages that are no article, and articles that look like them: each told apart, and never at a price."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from archive.clean import Refusal, Rules, column, read_page, refusal, talk
from archive.clean.notices import KINDS, _any, _kinds, notice_of

PAGES = Path(__file__).parents[1] / "data" / "pages"
CSS = Rules(title="h1", body="div.content")
_PART = re.compile(r"\{([A-Z]+)\}")


def pages(name: str) -> Iterator[tuple[list[str], str]]:
    """Read a file of tests/data/pages: the words of each head, and its page."""
    first, *rest = (PAGES / name).read_text(encoding="utf-8").split("\n\n== ")
    parts = dict(line.split(" = ", 1) for line in first.partition("[parts]\n")[2].splitlines())
    for record in rest:
        head, _, page = record.partition("\n")
        yield head.split(), _PART.sub(lambda found: parts.get(found[1], found[0]), page.rstrip("\n"))


def told(page: str, rules: Rules, content_type: str = "text/html; charset=utf-8") -> str:
    """Say what a page is read as: the kind of its refusal, or "article"."""
    read = read_page(page.encode(), url="http://paper.example/a/1.html", content_type=content_type, rules=rules)
    return read.kind if isinstance(read, Refusal) else "article"


@pytest.mark.parametrize(
    "rules", [pytest.param(Rules(), id="without CSS"), pytest.param(CSS, id="with CSS", marks=pytest.mark.soak)]
)
def test_a_page_that_is_no_article_is_refused(rules: Rules) -> None:
    """Else a wall of today is the text of tomorrow, and an edit by the newspaper."""
    found = {head[0]: (told(page, rules, *head[2:]), head[1]) for head, page in pages("no-articles.txt")}

    assert {} == {name: (came, "article") for name, (came, _) in found.items() if came == "article"}
    wrong = [name for name, (came, wanted) in found.items() if came not in wanted.split("|")]
    assert len(wrong) <= 0.04 * len(found), wrong


@pytest.mark.parametrize(
    "rules", [pytest.param(Rules(), id="without CSS"), pytest.param(CSS, id="with CSS", marks=pytest.mark.soak)]
)
def test_an_article_that_looks_like_one_is_read(rules: Rules) -> None:
    """About captchas, deleted pages and 404s; of three sentences, in verse, of one picture: what is refused is lost."""
    assert {} == {head[0]: came for head, page in pages("look-alikes.txt") if (came := told(page, rules)) != "article"}


def test_a_short_text_is_read_and_not_the_foot_of_the_page() -> None:
    """A line of copyright is longer than a poem."""
    shown = {head[0]: page for head, page in pages("look-alikes.txt")}
    texts = {
        name: read_page(shown[name].encode(), url="http://p.example/1", content_type="text/html", rules=Rules())
        for name in ("poem", "letter", "video", "table", "picture-caption")
    }

    assert {} == {name: one.text for name, one in texts.items() if "版权所有" in one.text or not one.text}
    assert ("水到了", "灯灭了", "闸工的儿子", "也睡了") == texts["poem"].body[-4:]


def test_each_pattern_needs_a_word_of_the_hints() -> None:
    """Most texts have none, and cost nothing; a pattern without one would never be asked."""
    lines = [line for _, page in pages("no-articles.txt") for line in re.split(r"<[^>]*>|(?<=[。！？!?.])", page)]
    patterns = [pattern for wide in (True, False) for _, pattern in _kinds(wide=wide)]
    unseen = {one for line in lines if any(p.fullmatch(one := line.strip(" !！。.")) for p in patterns) and one}

    assert len(unseen) > 200
    assert [] == [one for one in unseen if not _any("hint").search(one)]
    assert set(KINDS) == {notice_of(one) for one in unseen} - {None}


def test_nine_of_ten_pages_are_refused_without_any_known_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the web says tomorrow stands in no list: the measure of the rules is what they refuse without it."""
    for module in (refusal, column, talk):
        monkeypatch.setattr(module, "notice_of", lambda _: None)
    found = {head[0]: told(page, Rules(), *head[2:]) for head, page in pages("no-articles.txt")}
    missed = [name for name, came in found.items() if came == "article"]

    assert len(missed) <= 0.12 * len(found), missed
