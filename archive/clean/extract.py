"""Find the article in a page for which no CSS is given.

Takes   a page, its blocks, and what it may call itself.
Gives   the numbers of the blocks that are the article, ascending.
Writes  nothing.

The chooser says how likely each block is (archive.clean.chooser); here the blocks are taken that promise the best F1, and what
a chance of a single block cannot know is put right: rows of a table, labels and bylines, a text that stands twice, a second
article below the first. Wording and order are always those of archive.clean.blocks.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any

from .blocks import Blocks
from .boxes import boxed
from .chooser import Sheet, Told, chances
from .chooser.sheet import Place
from .chooser.words import KINDS
from .embedded import posts
from .evidence import home_of
from .outside import outside
from .page import Page
from .slots import slots
from .structure import is_structural
from .swelling import SwollenError

HOPE = 0.1  # where no block has a better chance, the page is unlike those learned from
ALIKE_CHANCE = 0.25  # of that of its neighbour, for a block that looks the same
ALIKE_CLOSED = 0.2  # the same for one that ends as a sentence does
RULED_OUT = 2  # so many blocks without any chance may stand between two wrapped ones of a row: an advertisement
PLAIN_LINKED = 0.2  # share of links in what is taken without a chance of its own
LEAD_BLOCKS, END_BLOCKS = 4, 2  # how far above and below the article a label or a byline is looked for
ARTICLE_LETTERS = 400  # what stands between two headlines of the first rank, to be an article of its own
REPEATED_LETTERS = 300  # a shorter run may stand twice in an article
HEADLINE_LETTERS = 150  # what is longer is none, whatever its tag
REPEATED_SHARE = 0.8
MAX_BLOCKS = 10_000  # each takes the chooser 0.3 ms; a novel on one page has 5,000
REMEMBERED = 100_000  # pieces that are remembered of a text, 20 MB of them; a novel has more, and is no slide show
PIECE, STEP = 12, 6  # letters of the pieces that two texts are compared by, and from one to the next

_SENTENCE = re.compile(r"[。！？!?；;，,.]")
_OVER = 1 << KINDS.index("overlay")  # what asks for cookies, above the page
_NOT_TEXT = frozenset({"title", "h1"})
_PAIR = frozenset({"dt", "dd"})
_CLOSING = tuple('。！？!?….”’»」』"')


def extract(page: Page, found: Blocks, titles: Sequence[str]) -> tuple[int, ...]:
    """Choose the blocks of the article; () where there is none.

    titles: what the page may call itself (not part of the text).
    """
    sheet = lay_out(page, found, titles)
    return choose(sheet, chances(sheet))


def lay_out(page: Page, found: Blocks, titles: Sequence[str]) -> Sheet:
    """Lay a page out for the chooser. Raises SwollenError where it has more blocks than any article's page."""
    if len(found.blocks) > MAX_BLOCKS or len(found.pictures) > MAX_BLOCKS:
        raise SwollenError(f"more than {MAX_BLOCKS} paragraphs or pictures")
    told = Told(
        tuple(titles),
        page.meta.get("og:description") or page.meta.get("description") or "",
        " ".join(body for one in page.linked_data if isinstance(body := one.get("articleBody"), str)),
    )
    return Sheet(found.blocks, found.pictures, told)


def choose(sheet: Sheet, likely: Sequence[float]) -> tuple[int, ...]:
    """Take the blocks of the article by the chance of each."""
    if max(likely, default=0.0) < HOPE:
        return _densest(sheet)
    none = outside(sheet, likely) | slots(sheet, likely)
    likely = [0.0 if number in none else chance for number, chance in enumerate(likely)]
    kept = _most_promising(sheet, likely)
    kept = _without_repeats(kept, sheet)
    kept = sorted({*kept, *_alike(kept, sheet, likely), *_missing(kept, sheet)})
    kept = sorted({*kept, *boxed(kept, sheet, likely)})
    kept = _first_article(kept, sheet)
    return tuple(sorted({*kept, *posts(kept, sheet)}))


def _most_promising(sheet: Sheet, likely: Sequence[float]) -> list[int]:
    """Take the likeliest blocks, as many as give the best F1 to be expected: the threshold is the page's own.

    With chances p and lengths n, taking a set gives 2 Σ pn / (Σ n + Σ all pn).
    """
    lengths = [len(letters) for letters in sheet.letters]
    order = sorted(range(len(likely)), key=lambda number: (-likely[number], number))
    expected = sum(chance * length for chance, length in zip(likely, lengths, strict=True))
    best, count, hits, taken = 0.0, 0, 0.0, 0
    for position, number in enumerate(order, start=1):
        hits += likely[number] * lengths[number]
        taken += lengths[number]
        score = 2 * hits / (taken + expected) if taken else 0.0
        if score > best:
            best, count = score, position
    return sorted(number for number in order[:count] if sheet.blocks[number].tag != "title")


def _without_repeats(kept: Sequence[int], sheet: Sheet) -> list[int]:
    """Leave out what was said before in another element: slides and their text once more, a summary for phones, a page sent
    twice. Only a run of some length: what is quoted beside an article stands in it too."""
    seen: dict[str, int] = {}  # a piece -> the number of the place that first had it, of the first REMEMBERED pieces
    left: list[int] = []
    run: list[int] = []
    for number in [*kept, None]:
        letters, home = (sheet.letters[number], sheet.homes[number].number) if number is not None else ("", -1)
        pieces = [letters[at : at + PIECE] for at in range(0, max(1, len(letters) - PIECE + 1), STEP)]
        again = sum(seen.get(piece, home) != home for piece in pieces)
        if number is not None and again >= REPEATED_SHARE * len(pieces):
            run.append(number)
            continue
        if sum(len(sheet.letters[one]) for one in run) < REPEATED_LETTERS:
            left += run
        run = []
        if number is not None:
            left.append(number)
            for at in range(min(max(1, len(letters) - PIECE + 1), REMEMBERED - len(seen))):
                seen.setdefault(letters[at : at + PIECE], home)
    return left


def _alike(kept: Sequence[int], sheet: Sheet, likely: Sequence[float]) -> set[int]:
    """Give what stands right beside a kept block in the same row, looks like it, and is not much less likely."""
    found: set[int] = set()
    reached: set[int] = (
        set()
    )  # from a start that is less likely everything is reached that a likelier one within reaches
    for start in sorted(kept, key=lambda number: likely[number]):
        if start in reached:
            continue
        reached.add(start)
        for step in (-1, 1):
            number, last = start + step, start
            while 0 <= number < len(likely):
                if not likely[number] and abs(number - last) <= RULED_OUT:
                    number += step
                    continue
                is_closed = sheet.blocks[number].text.endswith(_CLOSING)
                if (
                    not _in_one_row(sheet, start, number)
                    or sheet.linked[number] >= PLAIN_LINKED
                    or likely[number] < (ALIKE_CLOSED if is_closed else ALIKE_CHANCE) * likely[last]
                    or (abs(number - last) > 1 and sheet.at[number].parent is sheet.at[start].parent)
                ):
                    break
                found.add(number)
                reached.add(number)
                number, last = number + step, number
    return found


def _in_one_row(sheet: Sheet, first: int, second: int) -> bool:
    """Tell whether two blocks look alike and stand in the same element, or each alone in one of its own and these in the same:
    programs wrap each paragraph, and name the wrappers by turns. A question and its answer (dt, dd) are of one row."""
    if sheet.at[first].parent is sheet.at[second].parent:
        return sheet.looks[first] == sheet.looks[second] or _PAIR.issuperset(
            (sheet.blocks[first].tag, sheet.blocks[second].tag)
        )
    if sheet.looks[first][:2] != sheet.looks[second][:2] or not sheet.blocks[second].text.endswith(_CLOSING):
        return False
    one, other = _outer(sheet.at[first]), _outer(sheet.at[second])
    return one.parent is other.parent and sheet.at[first].depth == sheet.at[second].depth


def _outer(place: Place) -> Place:
    """Give the outermost element that holds no other block."""
    while place.parent is not None and place.parent.blocks == 1:
        place = place.parent
    return place


def _missing(kept: Sequence[int], sheet: Sheet) -> Iterable[int]:
    """Give what has little chance alone and yet belongs to what is kept: rows between paragraphs
    (adbar/trafilatura#890), labels and bylines."""
    if not kept:
        return
    blocks = sheet.blocks
    homes = {sheet.homes[number].number for number in kept}
    for before, after in pairwise([max(-1, kept[0] - LEAD_BLOCKS), *kept, kept[-1] + END_BLOCKS + 1]):
        for number in range(before + 1, min(after, len(blocks))):
            block = blocks[number]
            if sheet.linked[number] >= PLAIN_LINKED or block.tag in _NOT_TEXT:
                continue
            is_row = block.tag == "tr" and kept[0] < number < kept[-1]
            if is_row or (sheet.homes[number].number in homes and is_structural(block.text)):
                yield number


def _first_article(kept: list[int], sheet: Sheet) -> list[int]:
    """Cut at the next headline of the first rank: pages that scroll on append another article, or the same once more.

    Only where the headline above the article is the page's own, and a whole article stands before the cut.
    """
    titles = set(sheet.title_letters)
    heads = [
        number
        for number, block in enumerate(sheet.blocks[: kept[-1] if kept else 0])
        if block.tag == "h1" and len(sheet.letters[number]) <= HEADLINE_LETTERS
    ]
    own = next((number for number in heads if sheet.letters[number] in titles), None)
    if own is None:
        return kept
    # A linked one is a pointer to another article, set into this one.
    for head in (n for n in heads if n > max(own, kept[0]) and sheet.linked[n] < PLAIN_LINKED):
        before = [number for number in kept if own < number < head]
        if sum(len(sheet.letters[number]) for number in before) >= ARTICLE_LETTERS:
            return before
    return kept


def _densest(sheet: Sheet) -> tuple[int, ...]:
    """Take the container with most sentences, or the row of such containers: what is left for short or odd pages, and for
    galleries, where each picture has one for its line."""
    blocks = sheet.blocks
    rows = [_row_of(home_of(block)) for block in blocks]
    plain = [
        block.link_chars < 0.3 * len(block.text) and block.tag not in ("title", "h1", "footer") for block in blocks
    ]
    shown = [is_plain and not sheet.at[number].above & _OVER for number, is_plain in enumerate(plain)]
    for usable in (shown, plain):
        weight: dict[Any, int] = defaultdict(int)
        for row, letters, block, is_usable in zip(rows, sheet.letters, blocks, usable, strict=True):
            weight[row] += len(letters) if is_usable and _SENTENCE.search(block.text) else 0
        if any(weight.values()):
            main = max(weight, key=lambda row: weight[row])
            return tuple(number for number, row in enumerate(rows) if row == main and usable[number])
    return ()


def _row_of(home: Any) -> tuple[Any, ...]:
    """Give what containers beside each other have in common that look alike; a class must say so."""
    name = home.get("class")
    return (home.getparent(), home.tag, name) if name else (home,)
