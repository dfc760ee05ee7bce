"""A page to the pieces of its article: title, paragraphs, pictures, date, names.

Takes   a Page and the Rules of its series.
Gives   Article: the pieces as printed, not yet mended or parted.
Writes  nothing.

Each field is found by the profile's CSS where that matches, else by the cleaner; so a selector that a redesign of the
site has made void costs nothing but time.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import islice
from typing import Any

from ..model import Author, Image
from .ago import Ago
from .blocks import Block, Blocks, Picture, garbled_lines, read_blocks, tidy
from .bylines import Imprint, merge_authors, read_imprint, read_people
from .column import refuse_column
from .dates import Moment, read_moment
from .fields import read_fields
from .linked import is_article
from .page import Page
from .pictures import read_pictures, with_captions
from .pointers import without_pointers
from .refusal import is_short, judge
from .rules import Refusal, Rules
from .sparse import below_headline, is_only_furniture
from .structure import info_lines
from .titles import find_title, headline_of, told_titles
from .unseen import unseen_authors, unseen_text
from .when import Around, find_ago, find_moment, is_of_address
from .who import People, find_people

INFO_CHARS = 160  # a longer line beside the headline is text
INFO_ELEMENTS = 16  # how many elements between headline and body are read for date and source
INFO_BEFORE, INFO_BETWEEN, INFO_AFTER = 8, 24, 4  # the same in blocks, where the article was found without CSS

BESIDE = 300  # lines beside a short text that are looked at
LINKED = 0.5  # share of links from which on a line is one
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.I)
_RIGHT = re.compile(r"text-align\s*:\s*right", re.I)
# Blocks of the body, the lines around it, and its pictures with the numbers of their captions.
_Found = tuple[Blocks, list[str], tuple[tuple[Image, ...], frozenset[int]]]


@dataclass(slots=True)
class Article:
    """The pieces of an article as printed.

    title_is_weak: only the head of the page has it. captions: numbers of the paragraphs that are captions. corporate: who is
    named as the author and is no person. language: the page's word. names: what the head of the page calls it. others: lines
    of the page beside a text that is short, links left out. is_dated_by_address: nothing else tells the day of a short text.
    is_article: the head of the page of a short text says that it is one. refused: why the page as a whole has none. garbled:
    title and paragraphs as they were, where a blank in them may be a byte of another character (Blocks).
    """

    title: str | None = None
    title_is_weak: bool = False
    paragraphs: list[str] = field(default_factory=list)
    images: tuple[Image, ...] = ()
    captions: frozenset[int] = frozenset()
    moment: Moment | None = None
    ago: Ago | None = None
    authors: tuple[Author, ...] = ()
    corporate: tuple[Author, ...] = ()
    source: str | None = None
    editor: str | None = None
    language: str | None = None
    site_names: frozenset[str] = frozenset()
    names: list[str] = field(default_factory=list)
    others: list[str] = field(default_factory=list)
    is_dated_by_address: bool = False
    is_article: bool = False
    refused: Refusal | None = None
    garbled: dict[str, str] = field(default_factory=dict)


def read_article(page: Page, markup: str, rules: Rules) -> Article:
    """Read the article of a page; markup: the text that the page was parsed from."""
    return _Sheet(page, markup, rules).read()


class _Sheet:
    """One page being read: what is found once is kept for the other fields."""

    def __init__(self, page: Page, markup: str, rules: Rules) -> None:
        self.page = page
        self.markup = markup
        self.rules = rules
        self.around = Around()
        self.signed: list[str] = []
        self.rows: list[Block] = []
        self.ignored = frozenset(element for css in rules.ignore for element in page.select(css))
        titles = ((one, _text(one)) for one in page.select(rules.title))
        self.title_element: Any
        self.title_text: str
        self.title_element, self.title_text = next((each for each in titles if each[1]), (None, ""))

    def read(self) -> Article:
        told = self.by_css()
        found = told or self.by_extraction()
        article = Article(language=self.page.language, site_names=self.page.site_names)
        article.title, article.title_is_weak = self.title()
        body, info, pictures = found
        article.paragraphs = [block.text for block in body.blocks]
        article.garbled = self.garbled(body)
        article.images, article.captions = pictures
        unseen = self.unseen(article)
        if unseen:
            article.paragraphs, article.captions = unseen, frozenset()
        elif told is None:
            article.refused = refuse_column(self.page, self.whole, self.headline[1], self.names)
        if is_short(article.paragraphs):
            article.names, article.others = told_titles(self.page), self.beside(body)
            article.is_article = self.page.meta.get("og:type", "").lower() == "article" or any(
                is_article(one) for one in self.page.own
            )
        first = [article.paragraphs[number] for number in info_lines(article.paragraphs)]
        self.around = replace(self.around, between=[*self.around.between, *first])
        article.moment = self.moment()
        if article.moment and is_short(article.paragraphs):
            article.is_dated_by_address = is_of_address(article.moment, self.page, self.around)
        article.ago = None if article.moment else find_ago(self.around)
        article.authors, article.corporate = self.people(info)
        if unseen and not article.authors:
            article.authors = merge_authors(*map(read_people, unseen_authors(self.page, self.names)))
        imprints = [read_imprint(line) for line in info]
        article.source = _first(imprint.source for imprint in imprints) or self.told_source()
        article.editor = _first(imprint.editor for imprint in imprints)
        return article

    @cached_property
    def whole(self) -> Blocks:
        """Every block of the page, ignored parts left out."""
        return read_blocks(self.page.root, self.ignored)

    @cached_property
    def headline(self) -> tuple[str | None, int | None]:
        return find_title(self.page, self.whole.blocks)

    @cached_property
    def names(self) -> list[str]:
        """What the page may call itself: what its head says, whole and without the site; the headline, as found and as shown."""
        told = told_titles(self.page)
        shown = [self.whole.blocks[number].text for number in (self.headline[1],) if number is not None]
        return [*told, *(headline_of(one, ()) for one in told), self.title()[0] or "", *shown]

    def garbled(self, body: Blocks) -> dict[str, str]:
        """Give the texts of which a blank may be a byte of another character; the head's titles, too."""
        told = [*(one.text or "" for one in self.page.root.iter("title")), self.title_text]
        return {**garbled_lines(told), **(self.whole.garbled if "whole" in self.__dict__ else body.garbled)}

    def title(self) -> tuple[str | None, bool]:
        """Give the title, and whether it stands nowhere but in the head of the page."""
        if self.title_element is not None:
            return self.title_text, False
        return self.headline[0], self.headline[1] is None

    def by_css(self) -> _Found | None:
        """Read the body that the profile's CSS names, and the lines around it; None where it names none or an empty one."""
        elements = _outermost(self.page.select(self.rules.body))
        joined = Blocks()
        for element in elements:
            found = read_blocks(element, self.ignored)
            for picture in found.pictures:
                picture.position += len(joined.blocks)
            joined.blocks += found.blocks
            joined.pictures += found.pictures
            joined.garbled |= found.garbled
        if not joined.blocks and not joined.pictures:
            return None
        joined = without_pointers(joined)
        info = self.lines_beside(elements[0], elements[-1])
        self.around = Around(info)
        return joined, info, read_pictures(joined, self.page.base)

    def by_extraction(self) -> _Found:
        """Read the body that the extractors agree on, and the lines around it."""
        from .extract import extract  # it imports what a profile with CSS never needs

        blocks = self.whole.blocks
        kept = extract(self.page, self.whole, self.names)
        lone: list[Picture] = []
        if is_only_furniture(blocks, kept):
            kept, lone = below_headline(self.whole, self.headline[1])
        if not kept:
            info = [block.text for block in blocks[:INFO_BEFORE] if block.tag != "title"]
            self.around = Around(info)
            return Blocks(), info, read_pictures(Blocks(blocks, lone), self.page.base)
        self.around = self.dated_lines(kept)
        self.signed = [
            one.text for one in blocks[kept[-1] - 1 : kept[-1] + 3] if _RIGHT.search(one.element.get("style") or "")
        ]
        start, end = with_captions(self.whole, kept[0], kept[-1] + 1)
        shown = [one for one in self.whole.pictures if start <= one.position <= end]
        # Captions are told by what stands next to the picture on the page, be it kept or not.
        images, captions = read_pictures(Blocks(blocks, shown), self.page.base)
        numbers = frozenset(at for at, number in enumerate(kept) if number in captions)
        return Blocks([blocks[number] for number in kept]), self.lines_around(kept), (images, numbers)

    def beside(self, body: Blocks) -> list[str]:
        """Give the first lines that stand beside the text: a notice may be among them. Links and what is hidden are none."""
        kept = {id(block.element) for block in body.blocks}
        hidden: dict[Any, bool] = {}
        lines = (
            block.text
            for block in self.whole.blocks
            if id(block.element) not in kept
            and block.tag not in ("title", "h1")
            and block.link_chars < LINKED * len(block.text)
            and not _is_hidden(block.element, hidden)
        )
        return list(islice(lines, BESIDE))

    def unseen(self, article: Article) -> list[str]:
        """Give the text that the page holds for machines alone, unless what it shows says that the article is gone."""
        found = unseen_text(self.page, self.names, article.paragraphs)
        refused = judge(article.title, article.paragraphs, len(article.images)) if found else None
        return [] if refused and refused.kind == "soft-404" else found

    def lines_around(self, kept: Sequence[int]) -> list[str]:
        """Give the short lines between headline and article, and those after it."""
        shown = self.headline[1] if self.title_element is None else None
        start = kept[0] - INFO_BEFORE if shown is None or shown > kept[0] else max(shown + 1, kept[0] - 2 * INFO_BEFORE)
        numbers = [*range(max(0, start), kept[0] + 2), *range(kept[-1] + 1, kept[-1] + 1 + INFO_AFTER)]
        lines = [self.whole.blocks[number] for number in numbers if number < len(self.whole.blocks)]
        return [line.text for line in lines if len(line.text) <= INFO_CHARS and line.tag != "title"]

    def dated_lines(self, kept: Sequence[int]) -> Around:
        """Give the lines that may hold the date: below the headline as far as the text, above it, below the article."""
        blocks, shown = self.whole.blocks, self.headline[1]
        start = kept[0] - INFO_BEFORE if shown is None or shown > kept[-1] else shown + 1
        text = next(
            (number for number in kept if number >= start and len(blocks[number].text) > INFO_CHARS // 2), kept[-1]
        )
        between = range(max(0, start), min(text + 1, start + INFO_BETWEEN))
        above = range(start - 1, max(-1, start - 1 - INFO_BEFORE), -1)
        below = range(kept[-1] + 1, min(len(blocks), kept[-1] + 1 + INFO_AFTER))
        self.rows = [blocks[n] for n in between if blocks[n].tag != "title"]
        groups = ([blocks[n].text for n in numbers if blocks[n].tag != "title"] for numbers in (between, above, below))
        return Around(*groups)

    def lines_beside(self, body: Any, last: Any) -> list[str]:
        """Give the short lines between the headline and the body's element, nearest first, and those right after it."""
        above = {self.title_element, *self.title_element.iterancestors()} if self.title_element is not None else set()
        found: list[Block] = []
        element, left = body, INFO_ELEMENTS
        while element is not None and element.tag != "body" and left > 0:
            for sibling in element.itersiblings(preceding=True):
                found += read_blocks(sibling, self.ignored).blocks if isinstance(sibling.tag, str) else []
                left -= 1
                if sibling in above or left <= 0:
                    left = 0
                    break
            element = element.getparent()
        for sibling in list(last.itersiblings())[:2]:
            found += read_blocks(sibling, self.ignored).blocks[:INFO_AFTER] if isinstance(sibling.tag, str) else []
        self.rows = [block for block in found if len(block.text) <= INFO_CHARS]
        return [block.text for block in self.rows]

    def moment(self) -> Moment | None:
        """Find when the article was published: by CSS, else as archive.clean.when does."""
        for element in self.page.select(self.rules.published):
            given = read_moment(_text(element)) or read_moment(_attribute(element), compact=True)
            if given:
                return given
        return find_moment(self.page, self.around)

    def people(self, info: Sequence[str]) -> People:
        """Find the authors told beside the text: by CSS, else as archive.clean.who does."""
        given = [read_people(text) for one in self.page.select(self.rules.authors) if (text := _text(one))]
        if any(given):
            return People(merge_authors(*given))
        lines = list(dict.fromkeys((*info, *(line for line in self.around.between if len(line) <= INFO_CHARS))))
        return find_people(self.page, lines, self.signed, read_fields(self.rows), marked=self.rules.body is None)

    def told_source(self) -> str | None:
        told = self.page.meta.get("source") or self.page.meta.get("article:source") or ""
        found: Imprint = read_imprint(told)
        return found.source or (tidy(told) if 0 < len(told) <= 30 and "http" not in told else None)


def _text(element: Any) -> str:
    return " ".join(block.text for block in read_blocks(element).blocks)


def _attribute(element: Any) -> str:
    return next((value for name in ("datetime", "content", "title", "value") if (value := element.get(name))), "")


def _is_hidden(element: Any, known: dict[Any, bool]) -> bool:
    """Tell whether an element or one around it is hidden. known: what was found, so that deep pages are climbed once."""
    path = []
    while element is not None and element not in known:
        path.append(element)
        element = element.getparent()
    hidden = element is not None and known[element]
    for one in reversed(path):
        hidden = hidden or one.get("hidden") is not None or bool(_HIDDEN.search(one.get("style") or ""))
        known[one] = hidden
    return hidden


def _outermost(elements: Sequence[Any]) -> list[Any]:
    """Drop elements that stand within others, so that no text is read twice."""
    all_of_them = set(elements)
    return (
        [one for one in elements if not any(outer in all_of_them for outer in one.iterancestors())]
        if len(elements) > 1
        else list(elements)
    )


def _first(values: Any) -> str | None:
    return next((value for value in values if value), None)
