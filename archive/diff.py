"""What changed between two readings, field by field: word by word, or by character in scripts that part no words.

Takes   two values of a field: text, a list of paragraphs, authors or images. Gives: ops [["=" | "-" | "+", text], …].
Writes  nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

FIELDS: Final = (
    "title", "authors", "published", "source", "editor", "editors_note", "highlights", "body", "images", "text",
)  # fmt: skip
PARAGRAPHS: Final = frozenset({"editors_note", "highlights", "body"})
_PARTS: Final = PARAGRAPHS | {"title", "authors"}
_SIGNS: Final = {0: "=", -1: "-", 1: "+"}
# Two texts with nothing in common cost seconds a 10,000 characters; the search then stops with a coarser answer, still true.
_SEARCH_S: Final = 2.0
# A word of a script that parts words by spaces, with its marks; else one character. Not so parted: Thai and its neighbours
# (0E00-0EFF, 1000-109F, 1780-17FF), and the scripts of China and Japan with all that stands between them.
_PIECE: Final = re.compile(
    r"(?:(?![\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\ua4cf\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff_])\w[\u0300-\u036f]*)+|.",
    re.DOTALL,
)
_SURROGATES: Final = (0xD800, 0x800)

Ops = list[list[str]]


def textual(value: Any) -> str:
    """Write a field's value as the text that is compared: one line a paragraph, author or image.

    >>> textual([{"name": "谢正刚", "role": "记者"}])
    '谢正刚 记者'
    """
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    return "\n".join(_line(item) for item in value)


def _line(item: str | Mapping[str, str | None]) -> str:
    return item if isinstance(item, str) else " ".join(part for part in item.values() if part)


def compare(was: str, now: str) -> Ops:
    """Compare two texts, cut so that a person can read it: word by word, but character by character where a script parts no
    words (Chinese, Japanese, Thai, …); in a text of both each in its way.

    The texts of "=" and "-" joined are `was`, those of "=" and "+" are `now`. Equal texts give one "=", two empty ones [].
    Source: E. Myers, An O(ND) difference algorithm (1986), as in diff-match-patch, with its semantic cleanup.
    """
    from diff_match_patch import diff_match_patch

    machine = diff_match_patch()
    machine.Diff_Timeout = _SEARCH_S
    signs = _Signs()
    diffs = machine.diff_main(signs.of(was), signs.of(now), False)  # its shortcut by lines would read the signs as text
    machine.diff_cleanupSemantic(diffs)
    return [[_SIGNS[sign], signs.text(coded)] for sign, coded in diffs if coded]


class _Signs:
    """One character for each different word, and for each other character, so that words are compared as characters are."""

    def __init__(self) -> None:
        self._sign: dict[str, str] = {}
        self._pieces: dict[str, str] = {}

    def of(self, text: str) -> str:
        return "".join(map(self._of_piece, _PIECE.findall(text)))

    def text(self, coded: str) -> str:
        return "".join(self._pieces[sign] for sign in coded)

    def _of_piece(self, piece: str) -> str:
        sign = self._sign.get(piece)
        if sign is None:
            number = len(self._sign) + 1
            sign = self._sign[piece] = chr(number if number < _SURROGATES[0] else number + _SURROGATES[1])
            self._pieces[sign] = piece
        return sign


def differences(was: Mapping[str, Any], now: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Give the fields in which two documents of an article differ: [{field, was, now, ops, moved}].

    moved: of paragraphs [[place before, place after], …], each from 1, of those that stand elsewhere among the others.
    """
    return [
        {
            "field": name,
            "was": was[name],
            "now": now[name],
            "ops": compare(textual(was[name]), textual(now[name])),
            "moved": moved(was[name] or (), now[name] or ()) if name in PARAGRAPHS else [],
        }
        for name in FIELDS
        if was[name] != now[name]
    ]


def moved(was: Sequence[str], now: Sequence[str]) -> list[list[int]]:
    """Give the places, from 1, of the paragraphs that are the same and stand elsewhere among the others.

    >>> moved(["甲", "乙", "丙", "丁"], ["甲", "丙", "丁", "乙"]), moved(["甲", "乙"], ["新", "甲", "乙"])
    ([[2, 4]], [])
    """
    from difflib import SequenceMatcher

    blocks = SequenceMatcher(None, was, now, autojunk=False).get_opcodes()
    came: dict[str, list[int]] = {}
    for tag, _, _, start, end in blocks:
        if tag != "equal":
            for place in range(start, end):
                came.setdefault(now[place], []).append(place)
    went = (place for tag, start, end, _, _ in blocks if tag != "equal" for place in range(start, end))
    return [[place + 1, came[was[place]].pop(0) + 1] for place in went if came.get(was[place])]


def without_repetition(fields: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Leave out the field `text` where a part of it tells the change already: for people, who read it once."""
    if any(field["field"] in _PARTS for field in fields):
        return [field for field in fields if field["field"] != "text"]
    return list(fields)


def around(ops: Sequence[Sequence[str]], context: int = 24) -> Ops:
    """Shorten the unchanged passages to what stands around the changes, for people; "…" marks what is left out.

    context: characters kept on each side of a change.
    """
    last = len(ops) - 1
    return [
        [sign, text if sign != "=" else _shorten(text, context if at > 0 else 0, context if at < last else 0)]
        for at, (sign, text) in enumerate(ops)
    ]


def _shorten(text: str, head: int, tail: int) -> str:
    if len(text) <= head + tail + 1:
        return text
    return text[:head] + "…" + (text[-tail:] if tail else "")
