"""The fields of a line of information, as a template sets them beside each other: date, source, a name.

Takes   the blocks that stand between headline and text.
Gives   the authors that the fields name.
Writes  nothing.

Templates part fields by style alone, so that the line reads 来源：临溪日报记者 苏砚秋; the elements tell where each begins. A
name that stands alone beside the date is its author's. Two characters may as well be a section of the paper (时政, 国际): only
longer names count so, and a link only where it leads to an author.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, islice
from typing import Any

from ..model import Author
from .blocks import Block, tidy
from .bylines import EDITOR_LABEL, SOURCE_LABEL, WHEN, merge_authors, read_byline, read_labelled
from .names import is_name

FIELDS = 12  # a line of more is none of information
LINE_CHARS, ITEM_CHARS = 160, 40
NAME_CHARS = (3, 4)  # of a name that stands alone

_WHEN = re.compile(WHEN)
_GAP = re.compile(r"[\s|丨·•/／]+")
_OF_AUTHORS = re.compile(r"author|writer|user|people|column|profile|space|zuozhe|zhuanlan|member", re.I)
_LABEL = re.compile(rf"(?:{SOURCE_LABEL}|{EDITOR_LABEL})\s*(?:于|自)?\s*[：:丨|]?\s*$")  # its value is the next field


@dataclass(frozen=True, slots=True)
class Field:
    """One piece of text on a line. is_link: it leads elsewhere than to an author."""

    text: str
    is_link: bool = False


@dataclass(frozen=True, slots=True)
class Named:
    """Who is named on lines of information. labelled: behind a word that tells (记者 苏砚秋). alone: beside the date."""

    labelled: tuple[Author, ...] = ()
    alone: tuple[Author, ...] = ()


NOBODY = Named()


def read_fields(blocks: Iterable[Block]) -> Named:
    """Read the authors that the fields of some lines name.

    >>> from lxml import html
    >>> read_fields([Block("苏砚秋　2031-03-05", "div", html.fromstring("<div>苏砚秋　2031-03-05</div>"))]).alone
    (Author(name='苏砚秋', role=None),)
    """
    rows = [list(chain(*map(fields_of, row))) for row in _rows(blocks)]
    parted = (one.text for row in rows if len(row) > 1 for one in row)
    labelled = merge_authors(*(read_labelled(text) or read_byline(text) for text in parted))
    labelled = tuple(author for author in labelled if is_name(author.name))
    return Named(labelled, merge_authors(*map(_alone, rows)))


def _rows(blocks: Iterable[Block]) -> Iterator[list[Block]]:
    """Part blocks into rows: a line, or short blocks beside each other in one element (dd, li, td)."""
    row: list[Block] = []
    for block in blocks:
        beside = row and row[-1].element.getparent() is block.element.getparent()
        if row and not (beside and len(block.text) <= ITEM_CHARS and len(row[-1].text) <= ITEM_CHARS):
            yield row
            row = []
        if len(block.text) <= LINE_CHARS:
            row.append(block)
    if row:
        yield row


def fields_of(block: Block) -> list[Field]:
    """Part a block as its elements do; a block that is only a part of its element is one field."""
    root = block.element
    pieces = list(islice((text for text in root.itertext() if not text.isspace()), FIELDS + 1))
    if len(pieces) > FIELDS or tidy("".join(pieces)).replace(" ", "") != block.text.replace(" ", ""):
        return [Field(block.text, block.link_chars > 0)]
    found = []
    for element in root.iter():
        is_link = _is_link(element, root)
        if isinstance(element.tag, str) and element.text and (text := tidy(element.text)):
            found.append(Field(text, is_link))
        if element is not root and element.tail and (text := tidy(element.tail)):
            found.append(Field(text, _is_link(element.getparent(), root)))
    return found


def _is_link(element: Any, root: Any) -> bool:
    while element is not None:
        if element.tag == "a":
            return not _OF_AUTHORS.search(element.get("href") or "")
        element = element.getparent() if element is not root else None
    return False


def _alone(row: list[Field]) -> tuple[Author, ...]:
    """Read the names that stand alone on a line with a date."""
    if not any(_WHEN.search(one.text) for one in row):
        return ()
    found: list[Author] = []
    before = ""
    for one in row:
        words = [word for word in _GAP.split(_WHEN.sub(" ", one.text)) if word]
        names = [word for word in words if is_name(word)]
        if not one.is_link and not _LABEL.search(before):
            told = names if len(names) == len(words) and any(map(_is_long, names)) else filter(_is_long, names)
            found += map(Author, told)
        before = one.text
    return tuple(found)


def _is_long(name: str) -> bool:
    return NAME_CHARS[0] <= len(name) <= NAME_CHARS[1]
