"""A page laid out for the chooser: its blocks, and the places in the tree that they stand in.

Takes   the blocks and pictures of a page, and what the page says of itself (titles, description, text in JSON-LD).
Gives   Sheet: lengths, shares of links and words in common with the title by block; a Place for each element above a block.
Writes  nothing.

Places are listed parents first, so that sums go up and marks come down in one pass each: a hostile page of 10,000 blocks
2,000 levels deep costs no more than its elements.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from ..blocks import Block, Picture
from ..evidence import home_of, letters_of
from .words import kinds_of

COUNTED = 1_500  # letters of one block that count; a longer one is no more of an article for it
LINKED = 0.5  # share of letters in links from which a block is not plain text
IDLE_LINKED, IDLE_LETTERS = (
    0.9,
    40,
)  # such a block is a link and nothing else: 60 % of all blocks, 0.1 % of article text
WRAPPER = 0.7  # an element with more of the page's plain text is the frame of the page: what it is called says nothing
TITLE_WORDS, DESCRIPTION_WORDS, DESCRIPTION_CHARS = 24, 40, 200
CLIMB_GAIN, CLIMB_PURITY, CLIMB_MAX = 0.05, 0.5, 3.0  # see Sheet.main

STRUCTURES = (
    "nav", "aside", "footer", "header", "form", "figure", "article", "main", "list", "table", "quote", "link", "details",
    "hidden",
)  # fmt: skip
_STRUCTURE_OF = {
    "nav": 0, "menu": 0, "aside": 1, "footer": 2, "header": 3, "hgroup": 3, "form": 4, "fieldset": 4, "figure": 5,
    "figcaption": 5, "picture": 5, "article": 6, "main": 7, "li": 8, "dl": 8, "td": 9, "th": 9, "table": 9,
    "blockquote": 10, "q": 10, "a": 11, "details": 12, "dialog": 12,
}  # fmt: skip
_HIDDEN = 1 << STRUCTURES.index("hidden")
_UNSEEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden|(?:left|top|text-indent)\s*:\s*-\d{3,}")
_WORD = re.compile(r"[^\W\d_]+|\d{2,}")
_WIDE = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")


@dataclass(slots=True, eq=False)
class Place:
    """An element that holds blocks. kinds: bits of words.KINDS in its names; structures: bits of STRUCTURES, those above too;
    above: kinds of it and what is above it, frames of the page left out. The rest sums up its blocks: letters, letters in
    links, letters of plain blocks, blocks, and bits of the words of the title and the description that they have."""

    number: int
    parent: Place | None
    kinds: int
    structures: int
    depth: int
    above: int = 0
    letters: int = 0
    linked: float = 0.0
    plain: int = 0
    blocks: int = 0
    title: int = 0
    description: int = 0


@dataclass(frozen=True, slots=True)
class Told:
    """What a page says of itself. titles: as in the head and the headline. body: of the JSON-LD."""

    titles: Sequence[str] = ()
    description: str = ""
    body: str = ""


@dataclass(slots=True)
class Main:
    """The element that holds the article, as far as known, and how far each place is from it: levels up from the place to the
    first element that holds both, and from the main element up to there."""

    place: Place
    own: list[int] = field(default_factory=list)
    main: list[int] = field(default_factory=list)


class Sheet:
    """The blocks of one page, in reading order, with what is counted once. Every list has one value a block."""

    def __init__(self, blocks: Sequence[Block], pictures: Sequence[Picture], told: Told) -> None:
        self.blocks = blocks
        self.letters = [letters_of(block.text) for block in blocks]
        self.lengths = [min(COUNTED, len(one)) for one in self.letters]
        self.linked = [min(1.0, block.link_chars / max(1, len(block.text))) for block in blocks]
        self.plain = [n if part < LINKED else 0 for n, part in zip(self.lengths, self.linked, strict=True)]
        self.idle = [part > IDLE_LINKED and n < IDLE_LETTERS for n, part in zip(self.lengths, self.linked, strict=True)]
        self.total = max(1, sum(self.lengths))
        self.all_plain = max(1, sum(self.plain))
        self.pictures = [0] * (len(blocks) + 2)
        for picture in pictures:
            self.pictures[min(len(blocks), picture.position)] += 1
        self.title_letters = [one for one in map(letters_of, told.titles) if one]
        self.described, self.body = letters_of(told.description), letters_of(told.body)
        self.title_words = _words(told.titles, TITLE_WORDS)
        self.description_words = _words([told.description[:DESCRIPTION_CHARS]], DESCRIPTION_WORDS)
        self._match_words()
        self.looks = [_look(block) for block in blocks]
        self.places: list[Place] = []
        known: dict[Any, Place] = {}
        self.at = [self._place(block.element, known) for block in blocks]
        self.homes = [known.get(home_of(block), at) for block, at in zip(blocks, self.at, strict=True)]
        self._sum_up()

    def _match_words(self) -> None:
        self.title_bits, self.description_bits = [], []
        for block, idle in zip(self.blocks, self.idle, strict=True):
            lower = "" if idle else block.text.lower()
            self.title_bits.append(sum(1 << k for k, word in enumerate(self.title_words) if word in lower))
            self.description_bits.append(sum(1 << k for k, word in enumerate(self.description_words) if word in lower))

    def _place(self, element: Any, known: dict[Any, Place]) -> Place:
        path = []
        while element is not None and element not in known:
            path.append(element)
            element = element.getparent()
        place = known[element] if element is not None else None
        for one in reversed(path):
            place = known[one] = self._new_place(one, place)
        if place is None:  # an element is always its own place
            raise AssertionError
        return place

    def _new_place(self, element: Any, parent: Place | None) -> Place:
        tag, kinds = element.tag, 0
        if tag not in ("html", "body"):
            for name in ("class", "id", "itemprop"):
                value = element.get(name)
                kinds |= kinds_of(value) if value else 0
        marks = 1 << _STRUCTURE_OF[tag] if tag in _STRUCTURE_OF else 0
        marks |= _HIDDEN if _is_hidden(element) else 0
        if parent is None:
            place = Place(0, None, kinds, marks, 0)
        else:
            place = Place(len(self.places), parent, kinds, parent.structures | marks, parent.depth + 1)
        self.places.append(place)
        return place

    def _sum_up(self) -> None:
        for number, place in enumerate(self.at):
            place.letters += self.lengths[number]
            place.linked += self.linked[number] * self.lengths[number]
            place.plain += self.plain[number]
            place.blocks += 1
            place.title |= self.title_bits[number]
            place.description |= self.description_bits[number]
        for place in reversed(self.places):
            parent = place.parent
            if parent is not None:
                parent.letters += place.letters
                parent.linked += place.linked
                parent.plain += place.plain
                parent.blocks += place.blocks
                parent.title |= place.title
                parent.description |= place.description
        for place in self.places:
            place.above = place.parent.above if place.parent is not None else 0
            place.above |= place.kinds if place.plain < WRAPPER * self.all_plain else 0

    def shares(self, weights: Sequence[float]) -> list[float]:
        """Sum a weight of each block up the tree: one sum a place, by its number."""
        sums = [0.0] * len(self.places)
        for place, weight in zip(self.at, weights, strict=True):
            sums[place.number] += weight
        for place in reversed(self.places):
            if place.parent is not None:
                sums[place.parent.number] += sums[place.number]
        return sums

    def main(self, weights: Sequence[float]) -> Main | None:
        """Find the element that holds most of a weight directly, widened while that adds weight; None where there is none."""
        direct = [0.0] * len(self.places)
        for home, weight in zip(self.homes, weights, strict=True):
            direct[home.number] += weight
        if not any(direct):
            return None
        place = self.places[max(range(len(direct)), key=direct.__getitem__)]
        sums = self.shares(weights)
        outer = place.parent
        while outer is not None and outer.parent is not None:
            held = sums[place.number]
            gain, added = sums[outer.number] - held, outer.plain - place.plain
            if gain >= CLIMB_GAIN * held and gain >= CLIMB_PURITY * added:
                place = outer
            elif added > CLIMB_MAX * held:
                break
            outer = outer.parent
        return self._measured(place)

    def _measured(self, main: Place) -> Main:
        levels: dict[int, int] = {}
        above: Place | None = main
        while above is not None:
            levels[above.number] = len(levels)
            above = above.parent
        found = Main(main)
        for place in self.places:
            level = levels.get(place.number)
            if level is not None or place.parent is None:
                found.own.append(0)
                found.main.append(level or 0)
            else:
                found.own.append(found.own[place.parent.number] + 1)
                found.main.append(found.main[place.parent.number])
        return found


def _words(texts: Sequence[str], limit: int) -> list[str]:
    """Give the telling words of some texts, each once: pairs of characters where words are not parted."""
    found: dict[str, None] = {}
    for text in texts:
        for word in _WORD.findall(text.lower()):
            if _WIDE.search(word):
                found.update((word[at : at + 2], None) for at in range(len(word) - 1))
            elif len(word) >= 4 or word.isdigit():
                found[word] = None
    return list(found)[:limit]


def _look(block: Block) -> tuple[Any, ...]:
    """Give what blocks of one kind have in common: their tags and classes."""
    element, parent = block.element, block.element.getparent()
    outer = (parent.tag, parent.get("class")) if parent is not None else (None, None)
    return (block.tag, element.get("class"), *outer)


def _is_hidden(element: Any) -> bool:
    if element.get("hidden") is not None or element.get("aria-hidden") == "true":
        return True
    style = element.get("style")
    return bool(style and _UNSEEN.search(style.lower()))
