"""Mend damaged text, and tell each mend.

Takes   the paragraphs of one article (the verdict on a kind of damage is on all of them together).
Gives   the paragraphs mended, and a row for each mend: the passage before, after, and the kind of damage.
Writes  nothing. Pure and linear; healthy text costs little more than a look at its set of characters.

Kinds: pinyin in brackets and the traditional script of a mirror (pinyin.py, script.py), GBK pairs that the mirror cut
(cuts.py), entities encoded twice (entities.py), text decoded by the wrong charset (mojibake.py), invisible characters
(invisible.py), digits of two widths (width.py). What cannot be known is not guessed: it becomes □, and the row says so.
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

_HIDDEN = re.compile(f"[{invisible.CHARS}]")
_CUE = re.compile(f"[{invisible.CHARS}{mojibake.CUES}{width.CUES}]")
_WIDE = frozenset(width.CUES)
_EMPTY = re.compile(rf"{pinyin.HAN}(?:\(\)|（）)")


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
        or (cues and mojibake.suspicious(text))
    )


def _opening(text: str) -> Iterator[int]:
    """Give the places of opening brackets; find is far quicker than a pattern where there are few."""
    for bracket in "(（":
        at = text.find(bracket)
        while at >= 0:
            yield at
            at = text.find(bracket, at + 1)


def mend(paragraphs: Sequence[str], *, like: Sequence[str] = ()) -> Mended:
    """Mend the paragraphs of one article.

    like: further text of the same article, evidence only; it is not mended.
    """
    if not looks_damaged("\n".join((*paragraphs, *like))):
        return Mended(tuple(paragraphs))
    rows = [[Span(text, text)] if text else [] for text in paragraphs]
    garble = mojibake.judge((*paragraphs, *like))
    rows = _step(rows, lambda text: mojibake.garbled(text, garble))
    rows = _step(rows, invisible.hidden)
    rows = _unmirror(rows, [text_of(amend([Span(t, t)], list(mojibake.garbled(t, garble)))) for t in like])
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


def _unmirror(rows: list[list[Span]], like: Sequence[str]) -> list[list[Span]]:
    """Undo what a mirror did: cut pairs first, as they need its brackets, then these, then the script."""
    texts = [*map(text_of, rows), *like]
    verdict = pinyin.judge("\n".join(texts))
    if not verdict.annotated:
        return rows
    model = Model(pinyin.BRACKET.sub("", text) for text in texts)
    rows = _step(rows, lambda text: pinyin.misplaced(text, verdict))
    rows = _step(rows, lambda text: cuts.rejoined(text, verdict, model))
    rows = _step(rows, lambda text: pinyin.unbracket(text, verdict))
    if not verdict.traditional:
        return rows
    had_zhe = any("着" in text for text in texts)
    return _step(rows, lambda text: script.simplify(text, had_zhe=had_zhe))
