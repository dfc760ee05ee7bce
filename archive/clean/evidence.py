"""Texts and places compared: what counts of a text, and which element a block belongs to.

Takes   a text, or a block.
Gives   its letters; the element that holds it and its neighbours.
Writes  nothing.
"""

from __future__ import annotations

import re
from typing import Any

from .blocks import Block

_NOT_LETTERS = re.compile(r"[\W_]+")
_CONTAINERS = frozenset({"div", "td", "body", "article", "section", "main", "center"})


def letters_of(text: str) -> str:
    """Keep letters and digits only, so that spacing and marks do not hinder a comparison."""
    return _NOT_LETTERS.sub("", text)


def home_of(block: Block) -> Any:
    """Give the element that holds a block's paragraph and its neighbours."""
    parent = block.element.getparent()
    return block.element if block.tag in _CONTAINERS or parent is None else parent
