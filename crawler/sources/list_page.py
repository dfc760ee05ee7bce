"""list-page: a web page of links, and the pages after it.

Takes   the page's body, CSS of the links and of the link to the next page.
Gives   one entry a link, in the page's order; the address of the next page.
Writes  nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from lxml.cssselect import CSSSelector

from archive.model import Entry, Listing, Reading

from ..scope import canonicalise, wire_url
from .links import Page, name_of, read_page
from .protocol import SourceError

if TYPE_CHECKING:
    from archive.clean.rules import Rules

_ROWS = frozenset({"li", "tr", "dd", "dt", "article", "section", "p"})  # what one line of a list stands in
_MAX_CLIMB = 4  # elements from a link up to its row
_ROW_CHARS = 2000  # a "row" with more text is a page
_DATE = re.compile(r"(?<!\d)((?:19|20)\d\d)\s?[-/.年]\s?(\d{1,2})\s?[-/.月]\s?(\d{1,2})(?!\d)")
_CUT_TITLE = re.compile(r"(?:…|\.{2,}|⋯)\s*$")


@dataclass(frozen=True)
class ListPage:
    """The source of a profile that reads a list of links. max_pages: how many pages the caller asks for at most."""

    url: str
    item: str
    next: str | None = None
    max_pages: int = 100

    def seeds(self) -> tuple[str, ...]:
        """Give the first page."""
        return tuple(filter(None, [wire_url(self.url, None)]))

    def entries(self) -> tuple[Entry, ...]:
        """Give nothing: the list names the articles."""
        return ()

    def is_list(self, url: str) -> bool | None:
        """Tell that the first page is a list; of the others the address says nothing."""
        return True if canonicalise(url) == canonicalise(self.url) else None

    def read_list(self, url: str, body: bytes, content_type: str) -> Listing:
        """Read one page of the list. Raises SourceError where the item selector finds no web address in it."""
        page = read_page(body, url, content_type)
        matched = _select(page.root, self.item)
        anchors = list(dict.fromkeys(a for element in matched if (a := _anchor(element)) is not None))
        entries = tuple(_entries(page, url, anchors))
        if not entries:
            what = f"none of {len(matched)} matches of" if matched else "no link matches"
            raise SourceError("source", f'{what} item "{self.item}"{" leads to a web address" if matched else ""}')
        return Listing(entries, self._following(page, url), _page_title(page.root))

    def _following(self, page: Page, url: str) -> tuple[str, ...]:
        for element in _select(page.root, self.next) if self.next else []:
            anchor = element if element.get("href") else _anchor(element)
            target = page.absolute(anchor.get("href")) if anchor is not None else None
            if target and canonicalise(target) != canonicalise(url):
                return (target,)
        return ()

    def read_detail(self, url: str, body: bytes, content_type: str, rules: Rules) -> Reading:  # noqa: ARG002
        """Refuse: a list of links has no API."""
        raise SourceError("source", f"{url} is no API answer: the list names web pages")

    def complete_walk(self) -> bool:
        """The pages, walked to their end, name every instalment."""
        return True


@lru_cache(maxsize=64)
def _selector(css: str) -> CSSSelector:
    return CSSSelector(css, translator="html")


def _select(root: Any, css: str) -> list[Any]:
    return [] if root is None else list(_selector(css)(root))


def _anchor(element: Any) -> Any:
    """Give the link that a matched element is, holds or stands in; None if there is none."""
    if element.tag == "a":
        return element if element.get("href") else None
    inside = next((a for a in element.iter("a") if a.get("href")), None)
    if inside is not None:
        return inside
    return next((a for a in element.iterancestors("a") if a.get("href")), None)


def _entries(page: Page, url: str, anchors: list[Any]) -> Iterator[Entry]:
    """Make an entry of each link; the first of several to one article counts, titles and dates of the others complete it."""
    own = canonicalise(url)
    links = set(anchors)
    found: dict[str, Entry] = {}
    for anchor in anchors:
        target = page.absolute(anchor.get("href"))
        key = canonicalise(target) if target else own
        if target is None or key == own:
            continue
        title, published = _title(anchor), _date(anchor, links)
        first = found.get(key)
        if first is not None:  # a picture's link is often followed by the headline's
            title, published, target = first.title or title, first.published or published, first.url
        found[key] = Entry(key, name_of(target), target, title=title, published=published)
    yield from found.values()


def _title(anchor: Any) -> str | None:
    shown = " ".join("".join(anchor.itertext()).split())
    whole = " ".join((anchor.get("title") or "").split())
    if whole and (not shown or _CUT_TITLE.search(shown)):
        return whole
    if shown:
        return shown
    alternative = next((image.get("alt") for image in anchor.iter("img") if image.get("alt")), None)
    return " ".join(alternative.split()) or None if alternative else None


def _date(anchor: Any, links: set[Any]) -> str | None:
    """Find the day that stands in the link's row: beside the link rather than in it, for a headline may speak of another."""
    row = _row(anchor, links)
    inside = "".join(anchor.itertext())
    beside = "".join(_texts_beside(row, anchor))
    return (_day(beside) if len(beside) <= _ROW_CHARS else None) or _day(inside)


def _row(anchor: Any, links: set[Any]) -> Any:
    """Climb from a link to the largest element that holds no other link of the list, at most to its line."""
    row = anchor
    for _ in range(_MAX_CLIMB):
        parent = row.getparent()
        if row.tag in _ROWS or parent is None or parent.tag in ("body", "html"):
            break
        if any(link in links and link is not anchor for link in parent.iter("a")):
            break
        row = parent
    return row


def _texts_beside(row: Any, anchor: Any) -> Iterator[str]:
    inside = set(anchor.iter())
    for element in row.iter():
        if element not in inside and isinstance(element.tag, str) and element.text:
            yield element.text + " "
        if element is not row and element.tail and (element not in inside or element is anchor):
            yield element.tail + " "


def _day(text: str) -> str | None:
    for match in _DATE.finditer(text):
        try:
            return date(int(match[1]), int(match[2]), int(match[3])).isoformat()
        except ValueError:  # a 31 February is a number of something else
            continue
    return None


def _page_title(root: Any) -> str | None:
    title = root.find(".//title")
    return " ".join("".join(title.itertext()).split()) or None if title is not None else None
