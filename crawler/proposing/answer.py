"""What a look at an address gave, and what is proposed of it: the values of this folder.

Takes   nothing. Gives: Answer, Wanted, Told, Proposal. Writes: nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from archive.model import Entry


@dataclass(frozen=True, slots=True)
class Answer:
    """The last answer to an address. url: where it came from, redirects followed. body: content coding undone.

    status: of HTTP. fetched: UTC.
    """

    url: str
    status: int
    content_type: str
    body: bytes
    fetched: datetime


@dataclass(frozen=True, slots=True)
class Wanted:
    """A further address that must be looked at before anything can be proposed. why: for a log."""

    url: str
    why: str


@dataclass(frozen=True, slots=True)
class Told:
    """One value of a profile and how it is known. sure: False writes it as a comment, for a person to judge."""

    value: Any
    why: str = ""
    sure: bool = True


@dataclass(slots=True)
class Proposal:
    """A profile as proposed. source, series, scope, article: tables, in the order in which they are written. entries: what its
    list names first, in its order. warnings: what a person should look at. is_private: the
    address is of a private network. around: words of the page around its list. note: what
    came of a look at the first article."""

    asked: str
    fetched: datetime
    source: dict[str, Told]
    series: dict[str, Told] = field(default_factory=dict)
    scope: dict[str, Told] = field(default_factory=dict)
    article: dict[str, Told] = field(default_factory=dict)
    entries: tuple[Entry, ...] = ()
    warnings: list[str] = field(default_factory=list)
    is_private: bool = False
    around: str = ""
    note: str = ""

    @property
    def kind(self) -> str:
        """The kind of list."""
        return str(self.source["kind"].value)


# What was looked at so far, by the address that was asked for; None where no answer came.
Answers = Mapping[str, Answer | None]
