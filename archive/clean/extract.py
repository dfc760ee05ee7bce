"""Find the article in a page for which no CSS is given.

Takes   the text of the page and its blocks.
Gives   Extraction: which blocks are the article, and the element that holds most of it.
Writes  nothing.

Three extractors (trafilatura in two modes, readability-lxml) each choose a text; no one is best everywhere. Their choices
are votes on our own blocks, weighed with what the blocks look like, so that the wording, the rows of tables and the
order are always those of archive.clean.blocks. On the 264 pages of the corpus (mean F1, all / Chinese): trafilatura
alone .927 / .889, the text most like the others .936 / .909, this chooser .954 / .953. The extractors are imported when
first needed: they cost half a second of CPU, and a profile with CSS never needs them.
"""

from __future__ import annotations

import logging
import re
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from .blocks import Block
from .evidence import FEATURES, VOTED, home_of, letters_of, weigh
from .structure import is_structural

MAX_CHARS = 3_000_000  # a longer page is read without the extractors, whose time grows faster than the page
MAX_BLOCKS = 10_000  # the same for their number
MAX_DEPTH = 400  # deeper trees exhaust the extractors' recursion

_ANNOTATION = re.compile(r"<(rt|rp|rtc)\b[^>]*>[^<]{0,200}(?:</\1\s*>)?", re.I)
_TAG = re.compile(r"<[^>]*>")
_SENTENCE = re.compile(r"[。！？!?；;，,.]")
_COLUMN = {name: number for number, name in enumerate(FEATURES)}
# Found by coordinate ascent over a coarse grid on the corpus; each step changes the mean F1 by a few thousandths.
WEIGHTS = {
    "vote-full": 0.8, "vote-precise": 0.8, "vote-readability": 1.3, "in-main": 0.4, "link-density": -2.2,
    "boilerplate-words": -3.0, "h1": -2.0, "is-title": -2.0, "caption": -2.0,
}  # fmt: skip
ALIKE_WEIGHT = 0.8  # for a block that looks as the voted ones do, in full from a quarter of all voted text on
ALIKE_SHARE = 0.25
FURNITURE_WEIGHT = -1.2  # for a block in something named as furniture, unless all vote for it
DATED_WEIGHT = -2.0  # for a line of date and source above the article
LONG_WEIGHT = 0.3
ARTICLE_LETTERS = 400  # what stands between two headlines of the first rank, to be an article of its own
LEAD_BLOCKS = 4  # how far above the first paragraph a label or a byline is looked for
THRESHOLD = 1.8


@dataclass(frozen=True, slots=True)
class Extraction:
    """The article within a page. kept: numbers of its blocks, ascending. main: the element that holds it, or None."""

    kept: tuple[int, ...]
    main: Any


def extract(text: str, url: str, root: Any, blocks: Sequence[Block], titles: Sequence[str]) -> Extraction:
    """Choose the blocks of the article.

    text: the page's markup. root: its tree, unaltered. titles: what the page may call itself (not part of the text).
    """
    usable = len(text) <= MAX_CHARS and len(blocks) <= MAX_BLOCKS and _depth(root) <= MAX_DEPTH
    chosen = ask_extractors(text, url) if usable else ["", "", ""]
    rows, main = weigh(blocks, chosen, titles)
    kept = [number for number, row in enumerate(rows) if blocks[number].tag != "title" and _keeps(row)]
    if main is None or not kept:
        return _densest(blocks)
    kept = _first_article(sorted({*kept, *_gaps(kept, rows, blocks)}), rows, blocks)
    return Extraction(tuple(kept), main)


def ask_extractors(text: str, url: str) -> list[str]:
    """Give the text that each extractor chooses, "" from one that finds none or breaks."""
    text = _ANNOTATION.sub("", text) if "<rt" in text or "<RT" in text else text
    return [_ask(extractor, text, url) for extractor in (_trafilatura, _trafilatura_precise, _readability)]


def _ask(extractor: Callable[[str, str], str], text: str, url: str) -> str:
    try:
        return extractor(text, url)
    except Exception as error:  # noqa: BLE001  what they raise on broken pages is not documented; a vote is lost, no text
        logging.getLogger(__name__).debug("%s: %s on %s", extractor.__name__, type(error).__name__, url)
        return ""


def _trafilatura(text: str, url: str) -> str:
    import trafilatura

    return trafilatura.extract(text, url=url or None, include_comments=False) or ""


def _trafilatura_precise(text: str, url: str) -> str:
    import trafilatura

    return trafilatura.extract(text, url=url or None, include_comments=False, favor_precision=True) or ""


def _readability(text: str, url: str) -> str:
    from readability import Document

    summary: str = Document(text, url=url or None).summary(html_partial=True)
    return _unescape(_TAG.sub(" ", summary))


def _unescape(markup: str) -> str:
    import html

    return html.unescape(markup)


def _keeps(row: Sequence[float]) -> bool:
    """Weigh the evidence for one block (see FEATURES)."""
    votes = [float(row[number] >= VOTED) for number in (1, 2, 3)]
    seen = dict(zip(FEATURES, row, strict=True))
    seen.update(zip(FEATURES[1:4], votes, strict=True))
    long_in_main = seen["in-main"] and seen["alike-voted"] > 0.5 and seen["is-long"]
    if not any(votes) and not long_in_main:
        return False
    score = sum(weight * seen[name] for name, weight in WEIGHTS.items())
    score += ALIKE_WEIGHT * seen["alike-voted"] * min(1.0, seen["alike-share"] / ALIKE_SHARE)
    score += FURNITURE_WEIGHT * seen["boilerplate-class"] * (1 - seen["vote-all"])
    score += DATED_WEIGHT * seen["dated-short"] * seen["before-first"]
    return score + LONG_WEIGHT * seen["is-long"] > THRESHOLD


def _gaps(kept: Sequence[int], rows: Sequence[Sequence[float]], blocks: Sequence[Block]) -> list[int]:
    """Give what extractors lose: data rows between two paragraphs (adbar/trafilatura#890), labels and bylines."""
    inside, links, furniture = (_COLUMN[name] for name in ("in-main", "link-density", "boilerplate-class"))
    found = []
    for before, after in pairwise([max(-1, kept[0] - LEAD_BLOCKS), *kept, kept[-1] + 3]):
        for number in range(before + 1, min(after, len(blocks))):
            row, block = rows[number], blocks[number]
            usable = row[inside] and not row[furniture] and row[links] < 0.2 and block.tag not in ("h1", "title")
            if usable and ((block.tag == "tr" and kept[0] < number < kept[-1]) or is_structural(block.text)):
                found.append(number)
    return found


def _first_article(kept: list[int], rows: Sequence[Sequence[float]], blocks: Sequence[Block]) -> list[int]:
    """Cut at the next headline of the first rank: pages that scroll on append another article, or the same once more.

    Only where the headline above the article is the page's own, and a whole article stands before the cut.
    """
    heads = [number for number, block in enumerate(blocks) if block.tag == "h1" and number < kept[-1]]
    own = next((number for number in heads if rows[number][_COLUMN["is-title"]]), None)
    if own is None:
        return kept
    for head in (number for number in heads if number > max(own, kept[0])):
        before = [number for number in kept if own < number < head]
        if sum(len(letters_of(blocks[number].text)) for number in before) >= ARTICLE_LETTERS:
            return before
    return kept


def _densest(blocks: Sequence[Block]) -> Extraction:
    """Take the container with most sentences: what is left where no extractor finds a text (short or odd pages)."""
    weight: dict[Any, int] = defaultdict(int)
    homes = [home_of(block) for block in blocks]
    plain = [
        block.link_chars < 0.3 * len(block.text) and block.tag not in ("title", "h1", "footer") for block in blocks
    ]
    for home, block, is_plain in zip(homes, blocks, plain, strict=True):
        weight[home] += len(letters_of(block.text)) if is_plain and _SENTENCE.search(block.text) else 0
    if not any(weight.values()):
        return Extraction((), None)
    main = max(weight, key=lambda element: weight[element])
    kept = tuple(n for n, home in enumerate(homes) if home is main and plain[n])
    return Extraction(kept, main)


def _depth(root: Any) -> int:
    """Count the levels of a tree, without recursion."""
    deepest, depth, element = 0, 1, root
    while True:
        deepest = max(deepest, depth)
        if len(element):
            element, depth = element[0], depth + 1
            continue
        while element is not root and element.getnext() is None:
            element, depth = element.getparent(), depth - 1
        if element is root:
            return deepest
        element = element.getnext()
