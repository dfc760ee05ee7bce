"""The headline of a page.

Takes   a Page and its blocks.
Gives   the title as a reader sees it, the site's name cut off.
Writes  nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import Any

from .blocks import Block, read_blocks, tidy
from .evidence import letters_of
from .page import Page

TITLE_CHARS = 200
TOLD_CHARS = 600  # what is longer is no title; patterns that part one cost the square of its length
HEADINGS = 40  # headings of the first rank that are looked at
NAMED_LETTERS = 6  # what is shorter names a section rather than an article
TEXT_CHARS = 40  # a block so long is text
MARKED_TEXTS, MARKED_BLOCKS = 3, 6  # so near above one of the first texts stands a heading that only its markup tells
TRAIL_BLOCKS = 6  # so near below the trail of links that a heading of the first rank ends stands the headline
# What parts a headline from the site's name in <title>: a hyphen between Han characters counts, one inside a word does not.
_GAP = re.compile(
    r"\s+[-–—|·»:：_]+\s+|\s*[_|丨｜»]\s*|(?<=[\u3000-\u9fff”！？）])\s*[-–—]+\s*|\s+[-–—]\s*|\s*[-–—]\s+|--+"
)
_MARKED = re.compile(
    r"(?:^|[\s_-])(?:title|headline|heading|biaoti|tit|bt)(?:$|[\s_-])|(?:article|news|art|post|main|detail)_?title",
    re.I,
)
_HAN = re.compile("[\u3040-\u30ff\u3400-\u9fff]")
_LARGE = re.compile(r"\s*(?:[4-7]|\+[1-4])\s*$")


@dataclass(frozen=True, slots=True)
class _Heading:
    """A heading of the first rank. number: of its first block. rank: how much of what the head of the page says it repeats."""

    text: str
    number: int
    rank: int
    element: Any


def find_title(page: Page, blocks: Sequence[Block]) -> tuple[str | None, int | None]:
    """Find the headline, and the number of the block that shows it (None where none does).

    The visible one is preferred: a heading that <title>, og:title or the JSON-LD repeat; then any heading of the first
    rank; then the longest block that <title> begins with; then what the head of the page says; then what only its markup
    calls the title. Where the only heading is repeated nowhere, the JSON-LD's headline or og:title counts before it; a
    heading that ends a trail of links counts behind the headline below it. The corpus's figures: decision 21.
    """
    told = told_titles(page)
    whole = [letters_of(title) for title in told]
    sites = {letters_of(name) for name in page.site_names}
    headings = _headings(page, blocks, told, whole, sites)
    shown = _shown(blocks, whole, told[-1:], sites)
    for heading in sorted((one for one in headings if one.rank), key=lambda one: -one.rank):
        letters = letters_of(heading.text)
        inside = [title for title in whole if letters in title]
        # At the end of <title> stands the site's name; a longer heading that begins it is the article's.
        is_site = shown is not None and all(title.endswith(letters) and title != letters for title in inside)
        if not (is_site and shown is not None and len(letters_of(blocks[shown].text)) > len(letters)):
            below = _below_trail(heading, page, blocks)
            return below or (_as_told(heading.text, heading.element, told, page), heading.number)
    if shown is not None:
        return _as_told(blocks[shown].text, blocks[shown].element, told, page), shown
    if headings and (len(headings) == 1 or not told):
        # A heading that nothing in the head repeats may be the site's, the section's or a ticker's newest line.
        return _named(page, sites) or headings[0].text, headings[0].number
    return _only_told(page, told, blocks)


def told_titles(page: Page) -> list[str]:
    """List what the head of the page says: og:title, JSON-LD headline, and <title> last."""
    told = [page.meta.get("og:title", ""), page.linked("headline"), page.meta.get("twitter:title", "")]
    element = next(page.root.iter("title"), None)
    if element is not None:
        told.append(" ".join(block.text for block in read_blocks(element).blocks))
    return [title[:TOLD_CHARS] for title in told if title.strip()]


def headline_of(title: str, site_names: Iterable[str]) -> str:
    """Cut the site's name off a <title>: 渠水通了-临溪网, 渠水通了_连载_临溪网, Water | The Linxi Post.

    >>> headline_of("渠水通了_连载_临溪网", ())
    '渠水通了'
    """
    parts = [part for part in _GAP.split(tidy(title[:TOLD_CHARS])) if part]
    names = {letters_of(name) for name in site_names}
    parts = [part for part in parts if letters_of(part) not in names] or parts
    if not parts:
        return ""
    # The headline comes first on most sites; where a short site name comes first, it is the longer part that follows.
    longest = max(parts, key=len)
    return longest if len(parts[0]) <= 6 and len(longest) >= 3 * len(parts[0]) else parts[0]


def without_site(title: str, page: Page) -> str:
    """Cut the names of the site, and no other words, off the end of a title for machines, which mostly has none."""
    title = tidy(title[:TOLD_CHARS])
    for name in page.site_names:
        pattern = _tail(name.strip("@"))
        cut = pattern.sub("", title) if pattern and len(name) >= 2 else title
        title = cut or title
    return title


@lru_cache(maxsize=256)
def _tail(name: str) -> re.Pattern[str] | None:
    return re.compile(rf"\s*[-–—|｜丨_·»：:]+\s*{re.escape(name)}$", re.I) if name else None


def _headings(
    page: Page, blocks: Sequence[Block], told: Sequence[str], whole: Sequence[str], sites: set[str]
) -> list[_Heading]:
    """List the headings of the first rank, lines of one joined, without those that are the site's name."""
    exact = {
        *whole,
        *(letters_of(part) for title in told for part in (*_GAP.split(tidy(title)), headline_of(title, ()))),
    }
    found = []
    for element, numbers in _lines(page, blocks):
        texts = [blocks[number].text for number in numbers]
        for text in dict.fromkeys((" ".join(texts), texts[0])):  # a subtitle may stand in the heading
            letters = letters_of(text)
            if letters in sites or not 2 <= len(text) <= TITLE_CHARS:
                continue
            rank = 3 if letters in exact else 2 if any(title.startswith(letters) for title in whole) else 1
            rank = rank if any(letters in title for title in whole) else 0
            if rank or text != texts[0] or len(texts) == 1:
                found.append(_Heading(text, numbers[0], rank, element))
            if rank:
                break
    return found


def _lines(page: Page, blocks: Sequence[Block]) -> list[tuple[Any, list[int]]]:
    """List the headings of the first rank, each with the numbers of the blocks that it holds."""
    found: dict[Any, list[int]] = {}
    homes = {inner: heading for heading in islice(page.root.iter("h1"), HEADINGS) for inner in heading.iter()}
    for number, block in enumerate(blocks) if homes else ():
        heading = homes.get(block.element)
        if heading is not None:
            found.setdefault(heading, []).append(number)
    return list(found.items())


def _below_trail(heading: _Heading, page: Page, blocks: Sequence[Block]) -> tuple[str, int] | None:
    """Find the headline below a trail (Home > World > …) whose last step is the heading of the first rank.

    Sites put the words that search engines shall find there, and the headline that readers see into a heading of the second
    rank right below, with its kicker or without. It counts where og:title or the JSON-LD have the same words.
    """
    trail = next((one for one in heading.element.iterancestors("li", "nav")), None)
    if trail is None or heading.number == 0 or not blocks[heading.number - 1].link_chars:
        return None
    told = [without_site(title, page) for title in (page.linked("headline"), page.meta.get("og:title", ""))]
    told = [title for title in told if len(letters_of(title)) >= NAMED_LETTERS]
    for number, block in islice(enumerate(blocks), heading.number + 1, heading.number + 1 + TRAIL_BLOCKS):
        if block.tag != "h2" or block.link_chars:
            continue
        letters = letters_of(block.text)
        for title in told:
            its = letters_of(title)
            if its == letters:
                return _as_told(block.text, block.element, [title, ""], page), number
            if letters.endswith(its) and 2 * len(its) > len(letters):
                return title, number
    return None


def _as_told(text: str, element: Any, told: Sequence[str], page: Page) -> str:
    """Give a heading with its kicker (Ostsee: …) as the head of the page has it.

    A kicker set apart is put before the heading where og:title and the JSON-LD both have it so; one that the heading runs
    into loses what og:title leaves out; and of the same letters the spelling for machines counts where the heading is
    made of several elements, between which no mark or blank stands.
    """
    letters = letters_of(text)
    cut = [without_site(title, page) for title in told[:-1]]
    told_letters = [letters_of(title) for title in cut]
    for title, its in zip(cut, told_letters, strict=True):
        if its == letters and len(element) and title != text and not _differ_in_quotes(title, text):
            return title
    for title, its in zip(cut, told_letters, strict=True):
        if ": " in title and ": " not in text and its.endswith(letters) and told_letters.count(its) > 1:
            return title
        is_rest = letters.endswith(its) and 2 * len(its) > len(letters) and letters not in told_letters
        if (
            is_rest
            and len(its) < len(letters)
            and re.search(r"[-–—:|]\s*$", text[: -len(title)])
            and text.endswith(title)
        ):
            return title
    return text


def _differ_in_quotes(one: str, other: str) -> bool:
    """Tell whether two spellings differ in nothing but quotation marks, of which the reader's are the better."""
    return re.sub("[\"'“”„‘’«»]", "", one) == re.sub("[\"'“”„‘’«»]", "", other)


def _named(page: Page, sites: set[str]) -> str | None:
    """Give what the publisher names the article for machines that print it: the JSON-LD's headline, else og:title."""
    told = without_site(page.linked("headline"), page) or without_site(page.meta.get("og:title", ""), page)
    return told if len(letters_of(told)) >= NAMED_LETTERS and letters_of(told) not in sites else None


def _only_told(page: Page, told: Sequence[str], blocks: Sequence[Block]) -> tuple[str | None, int | None]:
    """Give the title where no block repeats what the head says: as told for machines, else as markup tells."""
    if len(told) > 1:
        return without_site(told[0], page) or None, None
    marked = _marked(blocks)
    if marked is not None:
        return blocks[marked].text, marked
    return (headline_of(told[-1], page.site_names) if told else "") or None, None


def _marked(blocks: Sequence[Block]) -> int | None:
    """Find the block that is called a title by its markup and stands close above text: some sites name every page alike."""
    texts = (number for number, block in enumerate(blocks) if _is_text(block.text) and not block.link_chars)
    for text in islice(texts, MARKED_TEXTS):
        for number in range(text - 1, max(-1, text - 1 - MARKED_BLOCKS), -1):
            block = blocks[number]
            names = f"{block.element.get('class') or ''} {block.element.get('id') or ''}"
            is_marked = block.tag in ("h1", "h2", "h3") or bool(_MARKED.search(names)) or _is_set_large(block)
            if is_marked and not block.link_chars and NAMED_LETTERS <= len(letters_of(block.text)) <= TITLE_CHARS:
                return number
    return None


def _is_text(text: str) -> bool:
    """Tell whether a block is as long as text; a Han character says as much as two letters."""
    return len(text) >= TEXT_CHARS or (
        2 * len(text) >= TEXT_CHARS and len(text) + len(_HAN.findall(text)) >= TEXT_CHARS
    )


def _is_set_large(block: Block) -> bool:
    """Tell whether all of a block is bold or in a large font, and centred: as old templates set a headline."""
    tags, is_centred = set(), False
    element = block.element
    while True:
        tags.add("large" if element.tag == "font" and _LARGE.match(element.get("size") or "") else element.tag)
        align = f"{element.get('align') or ''} {element.get('style') or ''}"
        is_centred = is_centred or element.tag == "center" or "center" in align.lower()
        if len(element) != 1 or (element.text or "").strip() or (element[0].tail or "").strip():
            break
        element = element[0]
    return is_centred and not tags.isdisjoint(("b", "strong", "large"))


def _shown(blocks: Sequence[Block], titles: Sequence[str], last: Sequence[str], sites: set[str]) -> int | None:
    """Find the longest block in plain text or a heading that a title begins with, or that is a part of <title>.

    titles: in letters. last: <title> as it stands, whose parts are the site's, the section's and the article's names.
    """
    parts = {letters_of(part) for title in last for part in _GAP.split(tidy(title)) if part}
    best, best_length = None, 5
    for n, block in enumerate(blocks):
        if len(block.text) > TITLE_CHARS or block.tag == "title" or block.link_chars > 0.5 * len(block.text):
            continue
        letters = letters_of(block.text)
        if len(letters) <= best_length or letters in sites:
            continue
        if letters in parts or any(title.startswith(letters) for title in titles):
            best, best_length = n, len(letters)
    return best
