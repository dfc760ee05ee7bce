"""Texts and places compared: what counts of a text, and which element a block belongs to.

Takes   a text, or a block.
Gives   its letters, its length in units, its sentences; the element that holds it and its neighbours.
Writes  nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from .blocks import Block

# A letter or digit is one unit, a character of a script without spaces between words is three.
WIDE = 3
_WIDE = re.compile("[\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\U00020000-\U0003ffff]")
_END = re.compile(r"(?<=[。！？!?；;])\s*|(?<=[.…])\s+|(?<=……)|\n")
_NOT_LETTERS = re.compile(r"[\W_]+")
_CONTAINERS = frozenset({"div", "td", "body", "article", "section", "main", "center"})


def letters_of(text: str) -> str:
    """Keep letters and digits only, so that spacing and marks do not hinder a comparison."""
    return _NOT_LETTERS.sub("", text)


def units_of(lines: Iterable[str], enough: int) -> int:
    """Measure text until there is enough."""
    count = 0
    for line in lines:
        letters = letters_of(line)
        count += len(letters) + (WIDE - 1) * len(_WIDE.findall(letters))
        if count >= enough:
            break
    return count


def is_wide(word: str) -> bool:
    """Tell whether a word is of a script without spaces between words."""
    return bool(_WIDE.search(word))


def sentences_of(line: str) -> list[str]:
    """Part a line at the ends of its sentences."""
    return _END.split(line)


def home_of(block: Block) -> Any:
    """Give the element that holds a block's paragraph and its neighbours."""
    parent = block.element.getparent()
    return block.element if block.tag in _CONTAINERS or parent is None else parent
