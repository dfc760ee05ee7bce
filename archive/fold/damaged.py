"""A text that came damaged where a good one is kept: characters lost, or read by a wrong table.

Takes   what an address says now, and what it said last.
Gives   what is wrong with it, as one plain line, or None; a text that was mended, as it was known.
Writes  nothing; pure.

The cleaner mends what can be mended for certain, and what is then as it was is no change. The rest is a fault of the site or of
something on the way, and never an edit: an editor writes no U+FFFD. A text whose damage is no more than that of the kept one
passes, so that a site which lost its characters for good, before we came, is read as it is.
"""

from __future__ import annotations

import re

from ..clean import fields_changed
from ..clean.likeness import likeness
from ..model import Reading

# What stands for lost characters wherever it does; a question mark between letters may be one, or be meant.
_LOST = re.compile("[\ufffd□\x80-\x9f\ue000-\uf8ff]|锟斤拷|\\?{3,}")
_ASKED = re.compile(r"(?<=[^\W\d_])\?{1,2}(?=[^\W\d_])")
_MARK = re.compile(f"{_LOST.pattern}|{_ASKED.pattern}")
MORE = 0.02  # of the letters of a text, lost beyond those that the kept one lacks
ASKED = 0.05  # question marks to a letter, which no text has
HOLE_LETTERS = 4  # of the kept text at most in place of one mark
_NO_LETTER = re.compile(r"[\W_]+")
_EAST_ASIAN = re.compile("[\u2e80-\uffff]+")
# What bytes of UTF-8, or of a pair table, are as characters of one byte.
_BYTES = re.compile("[\u0080-\u00ff€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]")
# Of the characters of a text: of one that was read a byte at a time; of one in a language of Europe.
STRAY, USUAL = 0.3, 0.1
EAST, STRANGE = 0.3, 0.15  # likeness of an East Asian text; of one read by a wrong table
_TEXT = frozenset({"editors_note", "highlights", "body", "images"})
LEAST_LETTERS = 40  # of a text that is weighed


def as_known(now: Reading, was: Reading) -> Reading:
    """Give what was known for what came damaged and is the same text once it is mended: names, title and date cannot all be.

    Two texts that were mended alike are held against each other as any others are.
    """
    more = len(now.repairs) - len(was.repairs)
    return was if more > 0 and not _TEXT.intersection(fields_changed(was, now)) else now


def damage(now: Reading, was: Reading) -> str | None:
    """Say how a text is damaged that was not so before; None where it is not, or no more than that one was."""
    if now.text == was.text or min(len(now.text), len(was.text)) < LEAST_LETTERS:
        return None
    lost, before = _lost(now.text), _lost(was.text)
    if lost >= before + MORE:
        return f"the text that was known, damaged: {100 * lost:.0f} % of its characters are lost"
    if holes := _holes(now.text, was.text):
        return f"the text that was known, damaged: characters are lost at {holes} places"
    if _stray(now.text) >= STRAY and _stray(was.text) < USUAL:
        return "the text that was known, its bytes read as single characters"
    if _is_strange(now.text, was.text):
        return "the text that was known, read by a wrong table of characters"
    return None


def _lost(text: str) -> float:
    """Give the share of a text that is lost: marks in place of characters."""
    letters = len(_letters(text))
    lost, asked = (sum(len(found[0]) for found in mark.finditer(text)) for mark in (_LOST, _ASKED))
    lost += asked if asked >= ASKED * letters else 0
    return lost / max(1, lost + letters)


def _holes(now: str, was: str) -> int:
    """Count the marks at which letters of another text are lost; 0 where a text is not that one but for these."""
    more = len(_MARK.findall(now)) - len(_MARK.findall(was))
    if more <= 0:
        return 0
    whole, at, holes = _letters(was), 0, 0
    for number, piece in enumerate(map(_letters, _MARK.split(now))):
        found = whole.find(piece, at)
        if found < 0:
            return 0
        holes += number > 0 and 0 < found - at <= HOLE_LETTERS
        at = found + len(piece)
    return holes if holes >= more else 0


def _stray(text: str) -> float:
    return 1 - len(_BYTES.sub("", text)) / len(text)


def _is_strange(now: str, was: str) -> bool:
    """Tell whether a text of East Asia has become one of its characters that nobody writes."""
    high = len(now) - len(_EAST_ASIAN.sub("", now))
    return high >= LEAST_LETTERS and 2 * high > len(now) and likeness(now) < STRANGE and likeness(was) >= EAST


def _letters(text: str) -> str:
    return _NO_LETTER.sub("", text).lower()
