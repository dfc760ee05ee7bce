"""Text as it is compared, character by character, and the tokens by which the index knows it.

Takes   text. Gives: its plain form, of the same length; tokens for FTS5. Writes nothing.

Words are of no use here: Chinese has no spaces, and a dictionary's words find a third to a half of all substrings (measured over
20,000 articles: recall .36 to .52). Pairs of neighbouring characters, asked for as a phrase, find all of them and nothing else.
The last character of a line stands alone, so that a single character is the beginning of some token wherever it stands.

A character is spelled by four letters and digits (36⁴ > 0x10FFFF): FTS5's plainest tokenizer then takes any of them, and all
tokens that begin with a character are one prefix of four.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from functools import cache
from typing import Any

CHARACTER = 4  # letters that spell one character
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
# What a text may hold in place of a blank, so that a query typed with one finds it.
_BLANKS = "\t\u00a0\u3000"


def plain(text: str) -> str:
    """Give text as it is compared: simplified, small letters, half width. Its length is that of text.

    >>> plain("後門ＡＢ　Café")
    '后门ab café'
    """
    return text.translate(_PLAIN)


def tokens(text: str) -> str:
    """Spell a plain text for FTS5: the pairs of each line, then its last character."""
    return " ".join(pair for line in text.split("\n") for pair in _pairs(line))


def phrase(text: str) -> str:
    """Spell what a plain text must hold as an FTS5 phrase. text: not empty, of one line."""
    if len(text) == 1:
        return f'"{_spelled(text)}"*'
    return '"' + " ".join(_spelled(text[at]) + _spelled(text[at + 1]) for at in range(len(text) - 1)) + '"'


def _pairs(line: str) -> Iterator[str]:
    before = None
    for letter in map(_spelled, line):
        if before is not None:
            yield before + letter
        before = letter
    if before is not None:
        yield before


@cache
def _spelled(letter: str) -> str:
    rest, spelled = ord(letter), ""
    for _ in range(CHARACTER):
        rest, digit = divmod(rest, 36)
        spelled = _DIGITS[digit] + spelled
    return spelled


class _Plain(dict[int, str]):
    """The plain form of each character, found when it is first met."""

    def __init__(self) -> None:
        super().__init__()
        self._converter: Any = None

    def __missing__(self, code: int) -> str:
        self[code] = found = self._found(chr(code))
        return found

    def _found(self, letter: str) -> str:
        if letter in _BLANKS:
            return " "
        if letter.isascii():
            return letter.lower()
        # A form of another length would move all that follows: then the character stays what it is.
        half = unicodedata.normalize("NFKC", letter)
        small = (half if len(half) == 1 else letter).lower()
        letter = small if len(small) == 1 else letter
        if "\u2e80" <= letter:
            letter = self._simplified(letter)
        return letter

    def _simplified(self, letter: str) -> str:
        if 0xD800 <= ord(letter) <= 0xDFFF:  # a lone surrogate, which a damaged page may hold, has no UTF-8
            return letter
        if self._converter is None:
            from opencc import OpenCC  # 0.1 s, and home pages are served without it

            self._converter = OpenCC("t2s")
        simplified: str = self._converter.convert(letter)
        return simplified if len(simplified) == 1 else letter


_PLAIN = _Plain()
