"""list-page: a web page of links, and the pages after it.

Takes   the page's body, CSS of the links and of the link to the next page.
Gives   one entry a link, in the page's order; the address of the next page.
Writes  nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lxml import etree

from archive.clean.dates import read_moment
from archive.clean.page import selector
from archive.model import Entry, Listing, Reading

from ..scope import canonicalise, wire_url
from .links import Page, name_of, read_page
from .protocol import SourceError

if TYPE_CHECKING:
    from archive.clean.rules import Rules

_ROWS = frozenset({"li", "tr", "dd", "dt", "article", "section", "p"})  # what one line of a list stands in
_MAX_CLIMB = 4  # elements from a link up to its row
_ROW_CHARS = 2000  # a "row" with more text is a page
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
            target = _target(page, anchor) if anchor is not None else None
            if target and canonicalise(target) != canonicalise(url):
                return (target,)
        return ()

    def read_detail(self, url: str, body: bytes, content_type: str, rules: Rules) -> Reading:  # noqa: ARG002
        """Refuse: a list of links has no API."""
        raise SourceError("source", f"{url} is no API answer: the list names web pages")

    def complete_walk(self) -> bool:
        """The pages, walked to their end, name every instalment."""
        return True


def _select(root: Any, css: str) -> list[Any]:
    return [] if root is None else list(selector(css)(root))


def _anchor(element: Any) -> Any:
    """Give the link that a matched element is, holds or stands in; None if there is none."""
    if element.tag == "a":
        return element if element.get("href") else None
    inside = next((a for a in element.iter("a") if a.get("href")), None)
    if inside is not None:
        return inside
    return next((a for a in element.iterancestors("a") if a.get("href")), None)


def _entries(page: Page, url: str, anchors: list[Any]) -> Iterator[Entry]:
    """Make an entry of each article that is linked: several links to it (a picture's, the headline's) tell of it together."""
    own = canonicalise(url)
    targets: dict[Any, str] = {}
    groups: dict[str, list[Any]] = {}
    for anchor in anchors:
        target = _target(page, anchor)
        if target is not None and canonicalise(target) != own:
            targets[anchor] = target
            groups.setdefault(canonicalise(target), []).append(anchor)
    for key, group in groups.items():
        titles = [title for read in (_title, _alternative) for anchor in group if (title := read(anchor))]
        dates = [day for read in (_day_beside, _day_inside) for anchor in group if (day := read(anchor, targets))]
        target = targets[group[0]]
        yield Entry(key, name_of(target), target, title=next(iter(titles), None), published=next(iter(dates), None))


def _target(page: Page, anchor: Any) -> str | None:
    """Give where a link leads; None within its own page (#top), and where it is no web address."""
    href = anchor.get("href") or ""
    return None if href.lstrip().startswith("#") else page.absolute(href)


def _title(anchor: Any) -> str | None:
    shown = " ".join("".join(anchor.itertext()).split())
    whole = " ".join((anchor.get("title") or "").split())
    return whole if whole and (not shown or _CUT_TITLE.search(shown)) else shown or None


def _alternative(anchor: Any) -> str | None:
    alternatives = (" ".join((image.get("alt") or "").split()) for image in anchor.iter("img"))
    return next(filter(None, alternatives), None)


def _day_beside(anchor: Any, targets: dict[Any, str]) -> str | None:
    """Find the day that stands in the link's row, beside the links: a headline may speak of another day."""
    text = "".join(_texts_beside(_row(anchor, targets), targets))
    return _day(text) if len(text) <= _ROW_CHARS else None


def _day_inside(anchor: Any, _targets: dict[Any, str]) -> str | None:
    return _day("".join(anchor.itertext()))


def _day(text: str) -> str | None:
    moment = read_moment(" ".join(text.split()))
    return moment.day.isoformat() if moment else None


def _row(anchor: Any, targets: dict[Any, str]) -> Any:
    """Climb from a link to the largest element that holds no link to another article, at most to its line."""
    row = anchor
    for _ in range(_MAX_CLIMB):
        parent = row.getparent()
        if row.tag in _ROWS or parent is None or parent.tag in ("body", "html"):
            break
        if any(targets.get(link, targets[anchor]) != targets[anchor] for link in parent.iter("a")):
            break
        row = parent
    return row


def _texts_beside(row: Any, targets: dict[Any, str]) -> Iterator[str]:
    """Give the texts of a row but for what stands in the links of the list."""
    depth = 0
    for action, element in etree.iterwalk(row, events=("start", "end")):
        is_link = element in targets
        if action == "start":
            depth += is_link
            if not depth and element.text:
                yield element.text + " "
        else:
            depth -= is_link
            if not depth and element is not row and element.tail:
                yield element.tail + " "


def _page_title(root: Any) -> str | None:
    title = root.find(".//title")
    return " ".join("".join(title.itertext()).split()) or None if title is not None else None
