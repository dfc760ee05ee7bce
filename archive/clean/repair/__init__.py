"""Mend damaged text, and tell each mend.

Takes   the paragraphs of one article (the verdict on a kind of damage is on all of them together).
Gives   the paragraphs mended, and a row for each mend: the passage before, after, and the kind of damage.
Writes  nothing. Pure and linear; healthy text costs little more than a look at its set of characters.

Kinds: pinyin in brackets or bare and the traditional script of a mirror (pinyin.py, script.py), GBK pairs that the mirror cut
(cuts.py), entities encoded twice (entities.py), text decoded by the wrong charset, once or more (mojibake.py; wide.py and lost.py
where bytes are gone), invisible characters (invisible.py), digits of two widths (width.py). What cannot be known is not guessed:
it becomes □, and the row says so. What is no damage but typography leaves without a row.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from ...model import Repair
from . import cuts, entities, invisible, mojibake, pinyin, script, width
from .likelihood import Model
from .spans import Edit, Span, amend, repairs_of, text_of

__all__ = ["Mended", "looks_damaged", "mend", "mend_line"]

LAYERS = 3  # how often text is decoded by a wrong charset, one over the other, at most

_HIDDEN = re.compile(f"[{invisible.CHARS}]")
_CUE = re.compile(f"[{invisible.CHARS}{mojibake.CUES}{width.CUES}{pinyin.TONED}]")
_WIDE = frozenset(width.CUES)
_TONED = frozenset(pinyin.TONED)


@dataclass(frozen=True, slots=True)
class Mended:
    """An article's paragraphs as mended, as many as before, and what was mended, in order."""

    paragraphs: tuple[str, ...]
    repairs: tuple[Repair, ...] = ()


def looks_damaged(text: str) -> bool:
    """Whether anything in a text could be damage; cheap, and wrong only on the side of yes."""
    cues = "".join(set(_CUE.findall(text)))  # one scan for all that is rare
    return bool(
        _HIDDEN.search(cues)
        or ("&" in text and entities.ENTITY.search(text))
        or any(pinyin.BRACKET.match(text, at) for at in _opening(text))
        or not _WIDE.isdisjoint(cues)
        or (not _TONED.isdisjoint(cues) and pinyin.BARE.search(text))
        or (cues and mojibake.suspicious(text))
    )


def _opening(text: str) -> Iterator[int]:
    """Give the places of opening brackets; find is far quicker than a pattern where there are few."""
    for bracket in pinyin.OPENING:
        at = text.find(bracket)
        while at >= 0:
            yield at
            at = text.find(bracket, at + 1)


def mend(paragraphs: Sequence[str], *, like: Sequence[str] = ()) -> Mended:
    """Mend the paragraphs of one article.

    like: further text of the same article, evidence only; it is not mended.
    """
    # Each line is looked at by itself as well: a title may be garbled above a healthy text, whose characters outweigh it.
    if not (looks_damaged("\n".join((*paragraphs, *like))) or any(map(mojibake.suspicious, paragraphs))):
        return Mended(tuple(paragraphs))
    rows = [[Span(text, text)] if text else [] for text in paragraphs]
    rows, like = _ungarble(rows, like)
    unseen = invisible.judge((*map(text_of, rows), *like))
    rows = _step(rows, lambda text: invisible.hidden(text, unseen))
    rows = _unmirror(rows, like)
    rows = _step(rows, entities.undecoded)
    everywhere = width.all_wide("\n".join((*map(text_of, rows), *like)))
    rows = _step(rows, lambda text: width.widened(text, everywhere=everywhere))
    return Mended(tuple(map(text_of, rows)), tuple(repair for row in rows for repair in repairs_of(row)))


def mend_line(text: str, *, like: Sequence[str] = ()) -> Mended:
    """Mend one line, such as a title. like: the article's paragraphs as they were, which prove more than a line can."""
    return mend((text,), like=like)


def _step(rows: Iterable[list[Span]], find: Callable[[str], Iterable[Edit]]) -> list[list[Span]]:
    """Carry out one step on each paragraph."""
    return [amend(row, list(find(text_of(row)))) for row in rows]


def _ungarble(rows: list[list[Span]], like: Sequence[str]) -> tuple[list[list[Span]], list[str]]:
    """Undo wrong decoding, as often as it was done; of like, too, which is evidence for what follows."""
    others = [[Span(text, text)] for text in like]
    for _ in range(LAYERS):
        verdict = mojibake.judge([*map(text_of, rows), *map(text_of, others)])
        found = [list(mojibake.garbled(text_of(row), verdict)) for row in (*rows, *others)]
        if not any(found):
            break
        rows = [amend(row, edits) for row, edits in zip(rows, found, strict=False)]
        others = [amend(row, edits) for row, edits in zip(others, found[len(rows) :], strict=True)]
    return rows, list(map(text_of, others))


def _unmirror(rows: list[list[Span]], like: Sequence[str]) -> list[list[Span]]:
    """Undo what a mirror did: cut pairs first, as they need its brackets, then these, then the script."""
    texts = [*map(text_of, rows), *like]
    verdict = pinyin.judge("\n".join(texts))
    if verdict.annotated:
        model = Model(pinyin.BRACKET.sub("", text) for text in texts)
        rows = _step(rows, lambda text: pinyin.misplaced(text, verdict))
        rows = _step(rows, lambda text: cuts.rejoined(text, verdict, model))
        rows = _step(rows, lambda text: pinyin.unbracket(text, verdict))
    else:
        verdict = pinyin.judge("\n".join(texts), pinyin.BARE)
        if verdict.annotated:
            rows = _step(rows, lambda text: pinyin.unbracket(text, verdict, pinyin.BARE))
    if not verdict.traditional:
        return rows
    had_zhe = any("着" in text for text in texts)
    return _step(rows, lambda text: script.simplify(text, had_zhe=had_zhe))
