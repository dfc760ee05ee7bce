"""A page whose own column tells no article: a notice, or nothing, and then the titles and teasers of other stories.

Takes   the blocks and pictures of a page, the number of its headline, and what it calls itself.
Gives   a Refusal, or None.
Writes  nothing.

A site shows its notice in the frame of its articles, with a date, a byline and the stories of the day below; the longest text
there is then one of those. So the column is read from the headline down: what is the page's own, and what belongs to other
stories, by a heading that says so (热门推荐) or by a linked title above each text. The first paragraph of its own ends it: then
it is an article.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from .blocks import Block, Blocks
from .evidence import letters_of, sentences_of, units_of
from .infoline import is_info_line
from .notices import Notice, is_beside, is_furniture, is_heading_of_others, notice_of
from .page import Page, join
from .refusal import REASONS, SENTENCE_CHARS, notice_in_title
from .rules import Refusal
from .structure import is_structural
from .talk import LONG, PARAGRAPH
from .wording import kind_of, speaks_of_page

LINKED = 0.5  # share of links from which on a line is one
TITLE_LETTERS = 6  # a linked line of fewer that is no heading is the way back, or a section
STORIES = 2  # of others, below a notice
TEASERS, UNNAMED = (
    5,
    3,
)  # linked titles with a text each, on a page that has nothing else; where it shows no headline either
MAX_BLOCKS = 1_000  # that are read; a page with more above its first paragraph is left to the words of its text
ABOVE = 4  # blocks above the headline that may date the page
_HEADINGS = frozenset({"h2", "h3", "h4", "h5", "h6"})
_DATED = re.compile(r"(?:19|20)\d\d")


@dataclass(slots=True)
class _Column:
    """What stands below a headline. notices: whole lines, above all other stories. is_addressed: a line speaks to the reader, as
    forms do. is_dated: a line of information is the page's own. rest: units of text of its own. stories: titles and texts of
    others. teasers: titles with a text each. links: where the titles lead. first: number of the first title that leads there.
    spoken: sentences that speak of the page, and are no notices that are known."""

    notices: list[tuple[Notice, str]] = field(default_factory=list)
    is_addressed: bool = False
    is_dated: bool = False
    rest: int = 0
    stories: int = 0
    teasers: int = 0
    links: list[str] = field(default_factory=list)
    first: int = 0
    spoken: list[str] = field(default_factory=list)


def refuse_column(page: Page, found: Blocks, headline: int | None, titles: Sequence[str]) -> Refusal | None:
    """Refuse a page of which nothing but a notice is its own, or that has only teasers of other stories; else None.

    headline: number of its block, None where none is shown. titles: what the page calls itself.
    """
    start = -1 if headline is None else headline
    column = _read(found.blocks, start, frozenset(titles))
    if column.rest >= PARAGRAPH or len(found.blocks) - start > MAX_BLOCKS:
        return None
    if _read(found.blocks[: max(0, start)], -1, frozenset(titles)).rest >= PARAGRAPH:
        return None  # what is taken for the headline may stand below the text
    called = next(((kind, one) for one in titles if (kind := notice_in_title(one))), None)
    is_followed = column.stories >= STORIES
    if not is_followed and any(start < one.position <= len(found.blocks) for one in found.pictures):
        return None
    gone = next((one for one in column.notices if one[0] == "gone"), None)
    told = gone if gone and (is_followed or called) else None
    if told is None and called and (is_followed or column.notices or column.is_addressed):
        told = called
    if told is not None:
        return Refusal(REASONS[told[0]], told[1])
    enough = UNNAMED if headline is None else TEASERS
    if not (column.teasers >= enough or (is_followed and column.spoken)) or column.is_dated:
        return None
    if _is_dated(page, found.blocks, start):
        return None
    if is_followed and column.spoken:
        return Refusal(REASONS[kind_of([*titles, *column.spoken])], column.spoken[0])
    if any(start < one.position <= column.first for one in found.pictures):
        return None  # a story told by its picture
    host = _host(page.url)
    own = {link for link in column.links if _host(join(page.base, link)) == host}
    return Refusal("not-an-article", f"only teasers of {len(own)} other stories") if len(own) >= enough else None


def _read(blocks: Sequence[Block], start: int, titles: frozenset[str]) -> _Column:
    """Read a column as far as its first paragraph of text."""
    column = _Column()
    section: Any = None  # the element in which plain texts are those of others
    link: Any = None  # of the linked block above
    is_led = False  # a linked title stands above
    for number, block in enumerate(blocks[start + 1 : start + 1 + MAX_BLOCKS], start + 1):
        text, units = block.text, units_of((block.text,), PARAGRAPH)
        if block.tag in ("title", "footer") or is_furniture(text):
            continue
        if block.link_chars >= LINKED * len(text):
            section, before = None, link
            link = _link(block)
            if link is not None and link is before:  # a card: title and text are one link
                column.teasers, is_led = column.teasers + (is_led and units >= PARAGRAPH), False
            elif block.tag in _HEADINGS or len(letters_of(text)) >= TITLE_LETTERS:
                is_led = True
                column.first = column.first or number
                column.stories += 1
                column.links += [link.get("href") or ""] if link is not None else []
        elif is_heading_of_others(text):
            section, is_led = block.element.getparent(), False
        elif is_led and units >= PARAGRAPH:
            column.teasers, is_led = column.teasers + 1, False
        elif section is not None and section in block.element.iterancestors():
            column.stories += units >= PARAGRAPH
        elif units >= PARAGRAPH or not column.stories:  # what is short among other stories is their date
            _add(column, text, is_title=text in titles)
            if column.rest >= PARAGRAPH:
                break
    return column


def _add(column: _Column, text: str, *, is_title: bool) -> None:
    """Add a line of the page's own to its column: a notice, what stands beside one, who wrote it and when, or text."""
    whole = notice_of(text) if len(text) <= SENTENCE_CHARS else None
    if whole:
        column.notices.append((whole, text))
    elif is_info_line(text) or is_structural(text):
        column.is_dated = True
    elif not is_title:
        for sentence in sentences_of(text):
            kind = notice_of(sentence) if len(sentence) <= SENTENCE_CHARS else None
            if kind:
                column.notices.append((kind, sentence))
            elif is_beside(sentence):
                column.is_addressed = True
            elif speaks_of_page(sentence, units := units_of((sentence,), LONG)):
                column.spoken.append(sentence)
            else:
                column.rest += units


def _link(block: Block) -> Any:
    """Give the link of a linked block: the first within it, else the one it stands in."""
    inner = next(block.element.iter("a"), None)
    return inner if inner is not None else next(block.element.iterancestors("a"), None)


def _host(address: str) -> str | None:
    try:
        return urlsplit(address).hostname
    except ValueError:
        return None


def _is_dated(page: Page, blocks: Sequence[Block], start: int) -> bool:
    """Tell whether a page says when it was published, in its head or right above its headline."""
    told = page.meta.get("article:published_time") or page.linked("datePublished")
    above = (block.text for block in blocks[max(0, start - ABOVE) : max(0, start)] if block.tag != "title")
    return bool(told) or any(_DATED.search(line) and is_info_line(line) for line in above)
