"""What the cleaner is told and how it says no.

Takes   nothing; these are the values of the room's front door.
Gives   Rules (a profile's [article] table and what helps to read dates), Refusal, and CLEANER, the name of the rules.
Writes  nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from ..model import Reading

# Kept in every Reading. A higher number says that the same bytes may now read differently, so the series is folded anew.
CLEANER = "lianzai-clean/4"

RefusalKind = Literal["soft-404", "blocked", "not-an-article", "source"]


@dataclass(frozen=True, slots=True)
class Rules:
    """What a profile says about the articles of one series.

    title, published, body, authors: CSS selectors; None or "" where the cleaner shall find the field itself.
    ignore: CSS selectors of parts that are no part of the article. timezone: IANA name for times without a zone.
    language: short code ("zh"), None where it shall be detected.
    """

    title: str | None = None
    published: str | None = None
    body: str | None = None
    authors: str | None = None
    ignore: tuple[str, ...] = ()
    timezone: str | None = None
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Refusal:
    """The payload is no article. detail: the words that told, for the report. title: what the page calls itself. reading: what
    is known of it all the same, its text without the notices; None where nothing could be read."""

    kind: RefusalKind
    detail: str
    title: str | None = field(default=None, compare=False)
    reading: Reading | None = field(default=None, compare=False)
