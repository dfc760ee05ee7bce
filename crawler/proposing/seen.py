"""A page as it was looked at, taken apart once, and what it says of the series.

Takes   the page's answer.
Gives   Seen: tree, links, list, head, reading; describe, which fills in title, publisher and language of a proposal.
Writes  nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from archive import clean
from archive.clean.page import Page as Head
from archive.model import Reading

from ..sources import links
from ..sources.list_answer import read_list_page
from . import about
from .anchors import Anchor, on_page
from .answer import Answer, Proposal, Told
from .groups import Found, find_list


@dataclass(frozen=True)
class Seen:
    """A page as it was looked at, taken apart once."""

    asked: str
    answer: Answer

    @cached_property
    def opened(self) -> clean.Opened:
        """The payload, decoded."""
        return clean.open_page(self.answer.body, self.answer.content_type, self.answer.url)

    @cached_property
    def page(self) -> links.Page:
        """The tree as readers of lists have it."""
        return read_list_page(self.answer.body, self.answer.url, self.answer.content_type)

    @cached_property
    def anchors(self) -> list[Anchor]:
        """Its links; of a page whose links are no list, what leads to articles by a script, where that is one."""
        linked = on_page(self.page, self.answer.url)
        if find_list(linked) is not None:
            return linked
        clicked = on_page(self.page, self.answer.url, clicked=True)
        return clicked if find_list(clicked) is not None else linked

    @cached_property
    def found(self) -> Found | None:
        """The list on it."""
        return find_list(self.anchors)

    @cached_property
    def head(self) -> Head:
        """What it says of itself."""
        return Head(self.page.root, self.answer.url)

    @cached_property
    def reading(self) -> Reading | clean.Refusal:
        """What the cleaner makes of it."""
        answer = self.answer
        return clean.read_page(
            answer.body, url=answer.url, content_type=answer.content_type, rules=clean.Rules(), opened=self.opened
        )


def describe(seen: Seen, proposal: Proposal) -> None:
    """Say what the page says of the series."""
    titles = [entry.title for entry in proposal.entries if entry.title]
    series = proposal.series
    told: dict[str, Told | None] = {
        "title": about.title_of(seen.head, titles),
        "publisher": about.publisher_of(seen.head),
        "language": about.language_of(seen.page.root, seen.head.language, titles),
    }
    for key, value in told.items():
        if value is not None:
            series.setdefault(key, value)
    proposal.around = around(seen)


def around(seen: Seen) -> str:
    """Give the words of the page around its list."""
    rows: list[Any] = list(seen.found.core.rows) if seen.found else []
    return about.words_around(seen.page.root, rows)
