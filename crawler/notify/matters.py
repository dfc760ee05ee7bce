"""What there may be to tell of a series.

Takes   nothing. Gives: Matter, Change, About. Writes: nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, get_args

from ..profile.tables import Notice

KINDS: Final[tuple[Notice, ...]] = get_args(Notice)
# What happens once, in a run; the others stand as long as nobody mends them (or, of `complete`, spoils them).
HAPPENINGS: Final[frozenset[Notice]] = frozenset({"found", "revised", "withdrawn", "restored"})
STANDING: Final[frozenset[Notice]] = frozenset({"failed", "overdue", "damaged"})


@dataclass(frozen=True, slots=True)
class Change:
    """The first difference between two revisions. field: its name. more: how many others there are."""

    field: str
    was: str
    now: str
    more: int = 0


@dataclass(frozen=True, slots=True)
class Matter:
    """One thing to tell.

    subject: what it is about, by which it is remembered as told: an article's id, an address, a path, "" for the series.
    name: how people call that. detail: more words, as the reason of a failure. at: when it happened, as the ledger has it.
    article: id, with its position and, of an edit, the numbers of the two revisions.
    """

    kind: Notice
    subject: str
    name: str = ""
    detail: str = ""
    at: str | None = None
    article: str | None = None
    position: int | None = None
    revisions: tuple[int, int] | None = None
    change: Change | None = None


@dataclass(frozen=True, slots=True)
class About:
    """The series of a message. id: "" where it is the home as a whole. home: its path. profile: path of its kept
    profile, "" where it has none. web: address of its pages, or None.
    """

    id: str
    title: str
    language: str
    home: str
    profile: str = ""
    web: str | None = None


def first_change(fields: Sequence[tuple[str, Sequence[Sequence[str]]]]) -> Change | None:
    """Give the first difference of an edit; None where there is none.

    fields: of each field that differs its name and ops, as archive.diff gives them. A number or a word of Latin letters is
    told whole, where only a part of it changed.

    >>> first_change([("body", [["=", "灌溉"], ["-", "400"], ["+", "340"], ["=", "亩"]])])
    Change(field='body', was='400', now='340', more=0)
    """
    changes = [(name, *sides) for name, ops in fields for sides in _sides(ops)]
    return None if not changes else Change(*changes[0], len(changes) - 1)


def _sides(ops: Sequence[Sequence[str]]) -> list[tuple[str, str]]:
    """Give both sides of each difference; those that stand within one number or word are one."""
    found: list[tuple[str, str]] = []
    was = now = before = ""
    for sign, text in [*ops, ["=", ""]]:
        if sign != "=":
            was, now = was + text * (sign == "-"), now + text * (sign == "+")
        elif (was or now) and text and _word_at(text) == text:
            was, now = was + text, now + text
        else:
            if was != now:
                found.append(_whole(before, was, now, text))
            was, now, before = "", "", text
    return found


def _whole(before: str, was: str, now: str, after: str) -> tuple[str, str]:
    """Add what belongs to the same number or word on either side of a difference."""
    head = _word_at(before[::-1])[::-1] if _is_word(was[:1]) or _is_word(now[:1]) else ""
    tail = _word_at(after) if _is_word(was[-1:]) or _is_word(now[-1:]) else ""
    return head + was + tail, head + now + tail


def _word_at(text: str) -> str:
    return text[: next((n for n, char in enumerate(text) if not _is_word(char)), len(text))]


def _is_word(char: str) -> bool:
    return char.isascii() and char.isalnum()
