"""Parts of an article that stand in a box of their own: lists, quotes, leads, notes, posts that look alike.

Takes   a page laid out, the blocks taken so far and the chance of each.
Gives   the numbers of the blocks that belong to them.
Writes  nothing.

The chooser learned from pages where most lists and boxes are furniture, so a list of three items has a poor chance wherever it
stands. Its place tells more: between two paragraphs of the article, in the same element as these, without links.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from .chooser import Sheet
from .chooser.sheet import STRUCTURES, Place
from .chooser.words import KINDS
from .structure import is_label

LINKED = 0.2  # share of links from which on a box leads elsewhere
BETWEEN_CHANCE = 0.1  # of a box between two paragraphs; what shares or counts has less
AFTER_CHANCE = 0.02  # of one right below the text
POST_CHANCE = 0.1  # of that of its fellows, for a paragraph in a wrapper of its own
POSTS = 2  # wrappers that hold a kept paragraph each, to be a row of posts
STANDFIRST_LETTERS = 25
PIECE, STEP = 12, 6  # letters of the pieces that a quote is looked for by, and from one to the next
SAID_LETTERS, TEXT_LETTERS = 600, 100_000  # that are looked at of a quote and of a text
SAID_SHARE = 0.5  # of these, in a quote that the text says too
LEAD_BLOCKS = 4  # how far above the article a lead is looked for

_NOTE = re.compile(
    r"\s*(?:[\[［〔【(（]\s*(?:\d{1,3}|[一二三四五六七八九十])\s*[\]］〕】)）]|[①-⑳]|(?:注释|注釋|注|尾注|脚注)\s*[:：])"
)
_CLOCK = re.compile(r".{0,20}\d{1,2}\s?[:.h时時点시]\s?\d\d.{0,12}", re.S)
_CLOSING = tuple('。！？!?….”’»」』"')
_HEADINGS = frozenset({"h2", "h3", "h4", "h5", "h6"})


def _bits(names: Sequence[str], chosen: str) -> int:
    return sum(1 << names.index(one) for one in chosen.split())


_LIST, _QUOTE = _bits(STRUCTURES, "list"), _bits(STRUCTURES, "quote")
_NO_TEXT = _bits(STRUCTURES, "nav aside footer header form figure table link details hidden")
_FURNITURE = _bits(KINDS, "comment share menu advert byline subscribe overlay tags aside")


@dataclass(slots=True)
class _Box:
    """An element beside kept paragraphs. structures, kinds: bits of it and of what it holds. numbers: of its blocks."""

    home: Place
    numbers: list[int] = field(default_factory=list)
    structures: int = 0
    kinds: int = 0


def boxed(kept: Sequence[int], sheet: Sheet, likely: Sequence[float]) -> set[int]:
    """Give the blocks in boxes that belong to what is kept."""
    if not kept:
        return set()
    found = _posts(kept, sheet, likely)
    taken = sorted({*kept, *found})
    boxes = _boxes(range(taken[0] + 1, len(sheet.blocks)), frozenset(taken), sheet)
    end = taken[-1]
    text = "".join(sheet.letters[number] for number in taken)[:TEXT_LETTERS]
    for box in boxes:
        first, is_between = box.numbers[0], box.numbers[-1] < taken[-1]
        headed = first - 1 if _is_heading(first - 1, box.home, sheet) else first
        if not is_between and (headed if headed not in found else first) != end + 1:
            break
        if _belongs(box, sheet, likely, is_between=is_between) and not _is_said(box, text, sheet):
            found.update(range(headed, first), box.numbers)
            end = max(end, box.numbers[-1])
    return found | _lead(taken, sheet, likely)


def _boxes(numbers: Iterable[int], kept: frozenset[int], sheet: Sheet) -> list[_Box]:
    """Part the blocks that are not kept into boxes: the outermost elements beside kept paragraphs."""
    homes = {sheet.homes[number].number for number in kept}
    known: dict[int, _Box] = {}
    climbed: dict[int, tuple[Place, Place, int] | None] = {}
    for number in numbers:
        above = None if number in kept else _climbed(sheet.at[number], homes, climbed)
        if above is None:
            continue
        inner, place, kinds = above
        box = known.setdefault(inner.number, _Box(place))
        box.numbers.append(number)
        box.kinds |= kinds
        box.structures |= sheet.at[number].structures & ~place.structures
    return list(known.values())


def _climbed(
    start: Place, homes: set[int], climbed: dict[int, tuple[Place, Place, int] | None]
) -> tuple[Place, Place, int] | None:
    """Give the outermost element around a block below one of homes, that one, and the kinds on the way up; None if there is none.

    homes: numbers of the elements that hold what is kept. climbed: what is known of an element by its number, so that each is
    climbed from once.
    """
    way: list[Place] = []
    place: Place | None = start
    while place is not None and place.number not in homes and place.number not in climbed:
        way.append(place)
        place = place.parent
    found = climbed.get(place.number) if place is not None else None
    for one in reversed(way):
        if found is not None:
            found = (found[0], found[1], found[2] | one.kinds)
        elif place is not None and place.number in homes:
            found = (one, place, one.kinds)
        climbed[one.number] = found
    return found


def _belongs(box: _Box, sheet: Sheet, likely: Sequence[float], *, is_between: bool) -> bool:
    """Tell whether a box is a list, a quote or, below the text, its notes; without links, and not named as furniture."""
    if box.structures & _NO_TEXT or box.kinds & _FURNITURE:
        return False
    if any(sheet.linked[number] >= LINKED for number in box.numbers):
        return False
    chance = sum(likely[number] for number in box.numbers) / len(box.numbers)
    if is_between:
        return chance >= BETWEEN_CHANCE and bool(box.structures & (_LIST | _QUOTE))
    return chance >= AFTER_CHANCE and bool(box.structures & _LIST or _NOTE.match(sheet.blocks[box.numbers[0]].text))


def _is_said(box: _Box, text: str, sheet: Sheet) -> bool:
    """Tell whether a quote only shows in large letters what the text says itself, as a rule a little shortened."""
    if not box.structures & _QUOTE:
        return False
    said = sheet.letters[box.numbers[0]][:SAID_LETTERS]
    pieces = [said[at : at + PIECE] for at in range(0, max(1, len(said) - PIECE + 1), STEP)]
    return sum(piece in text for piece in pieces) >= SAID_SHARE * len(pieces)


def _is_heading(number: int, home: Place, sheet: Sheet) -> bool:
    block = sheet.blocks[number]
    return block.tag in _HEADINGS and sheet.homes[number] is home and sheet.linked[number] < LINKED


def _posts(kept: Sequence[int], sheet: Sheet, likely: Sequence[float]) -> set[int]:
    """Give the paragraphs that have a wrapper each, as those kept have beside them, and the headings of such wrappers."""
    rows: dict[tuple[Any, ...], list[int]] = defaultdict(list)
    for number in range(len(sheet.blocks)):
        wrapper = sheet.at[number].parent
        if wrapper is not None and wrapper.parent is not None and sheet.linked[number] < LINKED:
            rows[(*sheet.looks[number], wrapper.parent.number)].append(number)
    taken = set(kept)
    for numbers in rows.values():
        have = [number for number in numbers if number in taken]
        if len({id(sheet.at[number].parent) for number in have}) < POSTS:
            continue
        least = POST_CHANCE * min(likely[number] for number in have)
        taken.update(
            number for number in numbers if likely[number] >= least and sheet.blocks[number].text.endswith(_CLOSING)
        )
    wrappers = {id(sheet.at[number].parent): number for number in sorted(taken, reverse=True)}
    for numbers in rows.values():
        heads = [number for number in numbers if sheet.blocks[number].tag in _HEADINGS]
        above = [number for number in heads if number < wrappers.get(id(sheet.at[number].parent), -1)]
        if len(above) >= POSTS and len(above) == len(heads):
            taken.update(above)
            taken.update(number + 1 for number in above if _CLOCK.fullmatch(sheet.blocks[number + 1].text))
    return taken - set(kept)


def _lead(kept: Sequence[int], sheet: Sheet, likely: Sequence[float]) -> set[int]:
    """Give the lead above the text that stands in an element of its own and has its label: 核心提示, 摘要, 导读."""
    near = {place.number for place in (sheet.homes[kept[0]], sheet.homes[kept[0]].parent) if place is not None}
    for number in range(max(0, kept[0] - LEAD_BLOCKS), kept[0]):
        box = sheet.homes[number]
        if not is_label(sheet.blocks[number].text) or box.parent is None or box.parent.number not in near:
            continue
        inside = [one for one in range(number, kept[0]) if sheet.homes[one] is box]
        if box.number not in near and all(sheet.linked[one] < LINKED for one in inside):
            return set(inside)
    return _standfirst(kept, sheet, likely)


def _standfirst(kept: Sequence[int], sheet: Sheet, likely: Sequence[float]) -> set[int]:
    """Give the heading that stands right below the headline and tells more of the article than a heading does."""
    for number in range(max(1, kept[0] - LEAD_BLOCKS), kept[0]):
        above, block = sheet.blocks[number - 1], sheet.blocks[number]
        if (
            above.tag == "h1"
            and block.tag == "h2"
            and sheet.homes[number] is sheet.homes[number - 1]
            and sheet.letters[number - 1] in sheet.title_letters
            and len(sheet.letters[number]) >= STANDFIRST_LETTERS
            and sheet.linked[number] < LINKED
            and likely[number] >= AFTER_CHANCE
        ):
            return {number}
    return set()
