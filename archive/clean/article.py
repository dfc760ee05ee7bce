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
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from lxml import etree

from ..model import Author, Image
from .blocks import Block, Blocks, read_blocks, tidy
from .bylines import Imprint, merge_authors, read_byline, read_imprint, read_labelled, read_people, read_segments
from .dates import Moment, day_in_url, read_moment
from .evidence import letters_of
from .names import is_name, is_spaced_name, words_of
from .page import Page, text_of
from .pictures import read_pictures
from .rules import Rules
from .structure import info_lines
from .titles import find_title, headline_of, told_titles

INFO_CHARS = 160  # a longer line beside the headline is text
INFO_ELEMENTS = 16  # how many elements between headline and body are read for date and source
INFO_BEFORE, INFO_AFTER = 8, 4  # the same in blocks, where the article was found without CSS

_DATE_META = (
    "article:published_time", "og:article:published_time", "og:published_time", "datepublished", "publishdate",
    "publish_date", "publish-date", "publication_date", "publicationdate", "pubdate", "published", "published_time",
    "parsely-pub-date", "sailthru.date", "dc.date.issued", "dcterms.created", "dc.date", "dcterms.date",
    "weibo:article:create_at", "_pubtime", "apub:time", "cxenseparse:recs:publishtime", "date",
)  # fmt: skip
_AUTHOR_META = (
    "author",
    "article:author",
    "byl",
    "dc.creator",
    "parsely-author",
    "sailthru.author",
    "cxenseparse:author",
)
# The word stands before its date (更新时间：…); 刚刚更新 after one says nothing of it.
NOT_PUBLISHED = re.compile(
    r"(?:更新|修改|改稿|modif|updated|edited|aktualisiert|mis à jour)[^0-9]{0,14}\d|copyright|©|版权|版權|all rights",
    re.I,
)
MARKED_CHARS = 24  # longest text of an element named as the author's
_MARKED = etree.XPath("//*[contains(@class, 'author') or contains(@itemprop, 'author') or contains(@rel, 'author')]")
_AUTHOR_CLASS = re.compile(r"(?:^|[\s_-])author(?:[_-]?(?:name|nick))?(?:[_-]\d)?(?:\s|$)|authorName", re.I)
_PEN_NAME = re.compile(r"^[^\W\d_][^\W\d_·]{1,11}$")
_NOT_A_PEN_NAME = re.compile("账号|用户|登录|注册|作者|关注|匿名|网友|更多|编辑|記者|记者|来源|文章|评论|专栏|號$|号$")
_BY = re.compile(r"^(?:by|von|par|por|door)\s+", re.I)
_SINGLE = re.compile(r"^[^\W\d_]{2,20}$")
_NOT_A_PERSON = re.compile(
    r"https?:|@|admin|editor|staff|redaktion|newsroom|news\b|agenc|webmaster|\b(?:inc|ltd|llc|gmbh)\b|[|/]", re.I
)


# Blocks of the body, the lines around it, and its pictures with the numbers of their captions.
_Found = tuple[Blocks, list[str], tuple[tuple[Image, ...], frozenset[int]]]


@dataclass(slots=True)
class Article:
    """The pieces of an article as printed.

    title_is_weak: only the head of the page has it. captions: numbers of the paragraphs that are captions. language: the
    page's word. others: lines of a page without article.
    """

    title: str | None = None
    title_is_weak: bool = False
    paragraphs: list[str] = field(default_factory=list)
    images: tuple[Image, ...] = ()
    captions: frozenset[int] = frozenset()
    moment: Moment | None = None
    authors: tuple[Author, ...] = ()
    source: str | None = None
    editor: str | None = None
    language: str | None = None
    site_names: frozenset[str] = frozenset()
    others: list[str] = field(default_factory=list)


def read_article(page: Page, markup: str, rules: Rules) -> Article:
    """Read the article of a page; markup: the text that the page was parsed from."""
    return _Sheet(page, markup, rules).read()


class _Sheet:
    """One page being read: what is found once is kept for the other fields."""

    def __init__(self, page: Page, markup: str, rules: Rules) -> None:
        self.page = page
        self.markup = markup
        self.rules = rules
        self.ignored = frozenset(element for css in rules.ignore for element in page.select(css))
        titles = ((one, _text(one)) for one in page.select(rules.title))
        self.title_element: Any
        self.title_text: str
        self.title_element, self.title_text = next((each for each in titles if each[1]), (None, ""))

    def read(self) -> Article:
        found = self.by_css() or self.by_extraction()
        article = Article(language=self.page.language, site_names=self.page.site_names)
        article.title, article.title_is_weak = self.title()
        body, info, pictures = found
        article.others = [] if body.blocks else [block.text for block in self.whole.blocks if block.tag != "title"]
        article.paragraphs = [block.text for block in body.blocks]
        article.images, article.captions = pictures
        article.moment = self.moment(
            [*info, *(article.paragraphs[number] for number in info_lines(article.paragraphs))]
        )
        article.authors = self.authors(info)
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
        if not joined.blocks and not joined.pictures:
            return None
        return joined, self.lines_beside(elements[0], elements[-1]), read_pictures(joined, self.page.base)

    def by_extraction(self) -> _Found:
        """Read the body that the extractors agree on, and the lines around it."""
        from .extract import extract  # it imports what a profile with CSS never needs

        blocks = self.whole.blocks
        told = told_titles(self.page)
        titles = [*told, *(headline_of(one, ()) for one in told), self.title()[0] or ""]
        titles += [blocks[number].text for number in (self.headline[1],) if number is not None]
        kept = extract(self.markup, self.page.url, self.page.root, blocks, titles).kept
        if not kept:
            return Blocks(), [block.text for block in blocks[:INFO_BEFORE] if block.tag != "title"], ((), frozenset())
        shown = [one for one in self.whole.pictures if kept[0] <= one.position <= kept[-1] + 1]
        # Captions are told by what stands next to the picture on the page, be it kept or not.
        images, captions = read_pictures(Blocks(blocks, shown), self.page.base)
        numbers = frozenset(at for at, number in enumerate(kept) if number in captions)
        return Blocks([blocks[number] for number in kept]), self.lines_around(kept), (images, numbers)

    def lines_around(self, kept: Sequence[int]) -> list[str]:
        """Give the short lines between headline and article, and those after it."""
        shown = self.headline[1] if self.title_element is None else None
        start = kept[0] - INFO_BEFORE if shown is None or shown > kept[0] else max(shown + 1, kept[0] - 2 * INFO_BEFORE)
        numbers = [*range(max(0, start), kept[0] + 2), *range(kept[-1] + 1, kept[-1] + 1 + INFO_AFTER)]
        lines = [self.whole.blocks[number] for number in numbers if number < len(self.whole.blocks)]
        return [line.text for line in lines if len(line.text) <= INFO_CHARS and line.tag != "title"]

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
        return [block.text for block in found if len(block.text) <= INFO_CHARS]

    def moment(self, info: Sequence[str]) -> Moment | None:
        """Find when the article was published: by CSS, else told in the head and seen beside the headline, else the address.

        Where told and seen differ by a day or more the earlier counts: what systems write into the head is often the day
        of a later build (adbar/htmldate#8).
        """
        for element in self.page.select(self.rules.published):
            given = read_moment(_text(element)) or read_moment(_attribute(element), compact=True)
            if given:
                return given
        told, seen = self.told_moment(), self.seen_moment(info)
        if told and seen:
            if seen.day != told.day:
                return min(told, seen, key=lambda moment: moment.day)
            return seen if seen.has_time and not told.has_time else told
        return told or seen or self.marked_moment() or day_in_url(self.page.url)

    def told_moment(self) -> Moment | None:
        texts = [self.page.linked("datePublished"), *(self.page.meta.get(name, "") for name in _DATE_META)]
        return next((moment for text in texts if text and (moment := read_moment(text, compact=True))), None)

    def seen_moment(self, info: Sequence[str]) -> Moment | None:
        """Read the date beside the headline, preferring one with a time."""
        moments = [read_moment(line) for line in info if not NOT_PUBLISHED.search(line)]
        found = [moment for moment in moments if moment]
        return next((moment for moment in found if moment.has_time), found[0] if found else None)

    def marked_moment(self) -> Moment | None:
        """Read the first time element that does not say it is of a change."""
        for element in self.page.root.iter("time"):
            names = f"{element.get('class') or ''} {element.get('itemprop') or ''}".lower()
            moment = read_moment(element.get("datetime") or _text(element), compact=True)
            if moment and "modif" not in names and "update" not in names and not NOT_PUBLISHED.search(_text(element)):
                return moment
        return None

    def authors(self, info: Sequence[str]) -> tuple[Author, ...]:
        """Find the authors told beside the text: by CSS, else in the lines around it, else in the head of the page."""
        given = [read_people(text) for one in self.page.select(self.rules.authors) if (text := _text(one))]
        if any(given):
            return merge_authors(*given)
        seen = merge_authors(*(read_labelled(line) or read_byline(line) or read_segments(line) for line in info))
        if seen:
            return merge_authors(tuple(self.as_told(author) for author in seen))
        # Sites put the editor at the desk into the head as the author.
        editors = {name for line in info for name in words_of(read_imprint(line).editor or "")}
        told = tuple(author for author in self.told_authors() if author.name not in editors)
        return told or (self.marked_authors() if self.rules.body is None else ())

    def as_told(self, author: Author) -> Author:
        """Cut off what a byline runs into (Jane DoeStaff Writer) where the head of the page has the name alone."""
        alone = (one.name for one in self.linked_authors if author.name.startswith(one.name))
        return Author(next(alone, author.name), author.role)

    def marked_authors(self) -> tuple[Author, ...]:
        """Read the one text of the page that stands in an element named as the author's."""
        marked = [one for one in _MARKED(self.page.root) if _AUTHOR_CLASS.search(_names_of(one))]
        texts = {text for one in marked if 1 < len(text := _text(one)) <= MARKED_CHARS}
        text = texts.pop() if len(texts) == 1 else ""
        if re.search(r"[\u3400-\u9fff]", text):  # a name or a pen name, one word
            is_name_like = _PEN_NAME.match(text) and not _NOT_A_PEN_NAME.search(text)
            return (Author(text),) if is_name_like and not _is_publisher(text, self.page) else ()
        return _persons(_BY.sub("", text), self.page)

    def told_authors(self) -> tuple[Author, ...]:
        return self.linked_authors or merge_authors(
            *(_persons(name, self.page) for key in _AUTHOR_META if (name := self.page.meta.get(key, "")))
        )

    @cached_property
    def linked_authors(self) -> tuple[Author, ...]:
        """Authors of the JSON-LD. One said to be a person counts under a single word too: an agency (dpa), a pen name."""
        groups = []
        for one in self.page.linked_data:
            for author in _linked_authors(one.get("author"), self.page):
                name = text_of(author)
                is_person = isinstance(author, dict) and author.get("@type") == "Person"
                found = _persons(name, self.page) if name else ()
                if not found and is_person and _SINGLE.match(name) and not _NOT_A_PERSON.search(name):
                    found = () if _is_publisher(name, self.page) else (Author(name),)
                groups.append(found)
        return merge_authors(*groups)

    def told_source(self) -> str | None:
        told = self.page.meta.get("source") or self.page.meta.get("article:source") or ""
        found: Imprint = read_imprint(told)
        return found.source or (tidy(told) if 0 < len(told) <= 30 and "http" not in told else None)


def _persons(name: str, page: Page) -> tuple[Author, ...]:
    """Read an author told in the head of a page. Sites put themselves there: only what is a person's name counts."""
    if name in page.site_names or _NOT_A_PERSON.search(name):
        return ()
    people = read_people(name)
    if not re.search(r"[\u3400-\u9fff]", name):
        return tuple(one for one in people if is_spaced_name(one.name) and one.name not in page.site_names)
    if page.language == "ja":  # family and given name, parted by a space
        return (Author(name),) if re.fullmatch(r"[\u3400-\u9fff々]{1,4}[ \u3000]\S{1,6}", name) else ()
    return people if all(is_name(one.name) for one in people) else ()


def _linked_authors(value: Any, page: Page) -> list[Any]:
    """List the authors of a JSON-LD object, references (@id) followed, organisations left out."""
    values = value if isinstance(value, list) else [value]
    found = []
    for one in values:
        if isinstance(one, dict) and set(one) == {"@id"}:
            one = next((each for each in page.linked_data if each.get("@id") == one["@id"] and "name" in each), {})
        kind = str(one.get("@type", "")) if isinstance(one, dict) else ""
        if one and "Organization" not in kind:
            found.append(one)
    return found


def _is_publisher(name: str, page: Page) -> bool:
    """Tell whether a name is the site's, or a part of it."""
    letters = letters_of(name).casefold()
    return any(letters in letters_of(site).casefold() for site in page.site_names)


def _names_of(element: Any) -> str:
    return " ".join(filter(None, (element.get("class"), element.get("itemprop"), element.get("rel"))))


def _text(element: Any) -> str:
    return " ".join(block.text for block in read_blocks(element).blocks)


def _attribute(element: Any) -> str:
    return next((value for name in ("datetime", "content", "title", "value") if (value := element.get(name))), "")


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
