"""What changed between two readings, field by field and character by character.

Takes   two values of a field: text, a list of paragraphs, authors or images. Gives: ops [["=" | "-" | "+", text], …].
Writes  nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

FIELDS: Final = (
    "title", "authors", "published", "source", "editor", "editors_note", "highlights", "body", "images", "text",
)  # fmt: skip
_PARTS: Final = frozenset({"title", "authors", "editors_note", "highlights", "body"})
_SIGNS: Final = {0: "=", -1: "-", 1: "+"}
# Two texts with nothing in common cost seconds a 10,000 characters; the search then stops with a coarser answer, still true.
_SEARCH_S: Final = 2.0

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
    """Compare two texts character by character, cut so that a person can read it.

    The texts of "=" and "-" joined are `was`, those of "=" and "+" are `now`. Equal texts give one "=", two empty ones [].
    Source: E. Myers, An O(ND) difference algorithm (1986), as in diff-match-patch, with its semantic cleanup.
    """
    from diff_match_patch import diff_match_patch

    machine = diff_match_patch()
    machine.Diff_Timeout = _SEARCH_S
    diffs = machine.diff_main(was, now)
    machine.diff_cleanupSemantic(diffs)
    return [[_SIGNS[sign], text] for sign, text in diffs if text]


def differences(was: Mapping[str, Any], now: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Give the fields in which two documents of an article differ: [{field, was, now, ops}]."""
    return [
        {
            "field": name,
            "was": was[name],
            "now": now[name],
            "ops": compare(textual(was[name]), textual(now[name])),
        }
        for name in FIELDS
        if was[name] != now[name]
    ]


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
