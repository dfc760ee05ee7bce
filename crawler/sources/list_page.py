"""list-page: a web page of links, and the pages after it.

Takes   the page's body, CSS of the links and of the link to the next page. What a button "load more" fetches is a page too: a
        piece of HTML, or JSON with HTML in it.
Gives   one entry a link, in the page's order; the address of the next page, as the page names it or counted on by {page}.
Writes  nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING, Any

from lxml import etree

from archive.clean.dates import read_moment
from archive.clean.selecting import select
from archive.model import Entry, Listing, Reading

from ..scope import canonicalise, wire_url
from .json_paging import Asking, Template
from .links import SHOWN_PIECES, Page, name_of, shown_in
from .list_answer import read_list_page
from .list_linked import with_linked
from .protocol import SourceError

if TYPE_CHECKING:
    from archive.clean.rules import Rules

_ROWS = frozenset({"li", "tr", "dd", "dt", "article", "section", "p"})  # what one line of a list stands in
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
# Where pages keep the address that a click asks for: the link's own, else what their scripts read.
_REFERENCES = ("href", "data-href", "data-url", "data-link", "data-next", "data-next-url", "data-more")
_OPENED = re.compile(
    r"""(?:location(?:\.href)?\s*+=|location\.(?:assign|replace)\s*+\(|\bopen\s*+\()\s*+["'](?P<url>[^"']+)["']"""
)
_CLICK_CHARS = 500  # of a script that a click runs
_MAX_CLIMB = 4  # elements from a link up to its row
_ROW_CHARS = 2000  # a "row" with more text is a page
_CARD_CHARS = 30  # of a link beyond its headline
_HEADLINE = re.compile(r"(?:^|[\s_-])(?<!sub-)(?<!sub_)(?:headline|title|ttl|tit|hed|hl|biaoti)(?:$|\s)", re.IGNORECASE)
_CUT_TITLE = re.compile(r"(?:…|\.{2,}|⋯)\s*$")


@dataclass(frozen=True)
class ListPage:
    """The source of a profile that reads a list of links.

    url: of the first page; with {page} also of the others. more: with {page}, of the second page on, where it is another.
    page_start: number of the first page. max_pages: how many pages the caller asks for at most.
    """

    url: str
    item: str
    next: str | None = None
    max_pages: int = 100
    more: str | None = None
    page_start: int = 1

    def seeds(self) -> tuple[str, ...]:
        """Give the first page."""
        return tuple(filter(None, [wire_url(self._first, None)]))

    def entries(self) -> tuple[Entry, ...]:
        """Give nothing: the list names the articles."""
        return ()

    def is_list(self, url: str) -> bool | None:
        """Tell that the first page is a list; of the others the address says nothing."""
        return True if canonicalise(url) == canonicalise(self._first) or self._number(url) is not None else None

    def read_list(self, url: str, body: bytes, content_type: str) -> Listing:
        """Read one page of the list. Raises SourceError where the item selector finds no web address in it."""
        page = read_list_page(body, url, content_type)
        matched = select(page.root, self.item)
        rows: dict[Any, Any] = {}
        for element in matched:
            for anchor in _anchors(element, page):
                rows.setdefault(anchor, element)
        entries = tuple(with_linked(page, _entries(page, (url, self._first), rows)))
        if not entries:
            self._check_end(url, body, content_type, len(matched))
            return Listing((), (), None)
        following = self._following(page, url)
        counted = () if self.next else self._counted(url)
        # The same but for a session's name or the like, which yet may be a cursor.
        doubtful = any(canonicalise(target) == canonicalise(url) for target in following)
        return Listing(
            entries,
            following or counted,
            _page_title(page.root),
            while_new=doubtful or bool(counted),
            counted=bool(counted),
        )

    def _check_end(self, url: str, body: bytes, content_type: str, matches: int) -> None:
        """Raise SourceError where nothing on a page is a fault; behind the first page of a counted list it is the end."""
        number = self._number(url)
        if number is None or number <= self.page_start:
            what = f"none of {matches} matches of" if matches else "no link matches"
            raise SourceError("source", f'{what} item "{self.item}"{" leads to a web address" if matches else ""}')
        from archive import clean  # slow to import, and only the end of a list is looked at so closely

        read = clean.read_page(body, url=url, content_type=content_type, rules=clean.Rules())
        if isinstance(read, clean.Refusal) and read.kind == "blocked":
            raise SourceError("blocked", read.detail)

    def _following(self, page: Page, url: str) -> tuple[str, ...]:
        for element in select(page.root, self.next) if self.next else []:
            anchor = element if reference_of(element) else _anchor(element)
            target = _target(page, anchor) if anchor is not None else None
            if target and target != wire_url(url, None):
                return (target,)
        return ()

    # ----------------------------------------------------------------------------------------------- page numbers

    @property
    def _first(self) -> str:
        return self.url.replace("{page}", str(self.page_start))

    @cached_property
    def _template(self) -> Template | None:
        written = self.more or self.url
        return Template(written) if "{page}" in written else None

    def _number(self, url: str) -> int | None:
        """Give the number of a page that is counted; None where the address has none."""
        if self.more and canonicalise(url) == canonicalise(self._first):
            return self.page_start
        asking = self._template.asked_by(url) if self._template else None
        return asking.page if asking else None

    def _counted(self, url: str) -> tuple[str, ...]:
        number = self._number(url)
        following = self._template.address(Asking(page=number + 1)) if self._template and number is not None else None
        return (following,) if following else ()

    def read_detail(self, url: str, body: bytes, content_type: str, rules: Rules) -> Reading:  # noqa: ARG002
        """Refuse: a list of links has no API."""
        raise SourceError("source", f"{url} is no API answer: the list names web pages")


def _anchor(element: Any) -> Any:
    """Give the link that a matched element is, holds or stands in; None if there is none.

    Of several that a row holds, the headline's comes before those of picture, section and author.
    """
    if element.tag == "a":
        return element if element.get("href") else None
    inside = [a for a in element.iter("a") if a.get("href")]
    headline = next((a for a in inside if _heading(a, element) is not None), None)
    if inside:
        return inside[0] if headline is None else headline
    around = next((a for a in element.iterancestors("a") if a.get("href")), None)
    return element if around is None and reference_of(element) else around


def _anchors(element: Any, page: Page) -> Iterator[Any]:
    """Give the link of a matched element, and what else in it leads to the same article."""
    first = _anchor(element)
    if first is None:
        return
    yield first
    if element.tag != "a":
        target = _target(page, first)
        yield from (a for a in element.iter("a") if a is not first and a.get("href") and _target(page, a) == target)


def _heading(anchor: Any, row: Any) -> Any:
    """Give the heading that a link stands in or holds, within its row."""
    for above in anchor.iterancestors():
        if above is row:
            break
        if above.tag in _HEADINGS:
            return above
    return next((inner for inner in anchor.iter(*_HEADINGS)), None)


def reference_of(element: Any) -> str:
    """Give what an element leads to: a link's href, or where a script of the page looks, or what a click on it opens."""
    named = next(filter(None, (element.get(name) for name in _REFERENCES)), "")
    opened = None if named else _OPENED.search((element.get("onclick") or "")[:_CLICK_CHARS])
    return opened["url"] if opened else named


def _entries(page: Page, lists: tuple[str, ...], rows: dict[Any, Any]) -> Iterator[Entry]:
    """Make an entry of each article that is linked: several links to it (a picture's, the headline's) tell of it together.

    lists: this page and the first one, to which a tag beside an article may lead. rows: by link, the element that the item
    selector matched.
    """
    own = {canonicalise(url) for url in lists}
    targets: dict[Any, str] = {}
    groups: dict[str, list[Any]] = {}
    for anchor in rows:
        target = _target(page, anchor)
        if target is not None and canonicalise(target) not in own:
            targets[anchor] = target
            groups.setdefault(canonicalise(target), []).append(anchor)
    for key, group in groups.items():
        readers = (_headline, _called, _title, _alternative)
        titles = [title for read in readers for anchor in group if (title := read(anchor, rows[anchor]))]
        dates = [day for read in (_day_beside, _day_inside) for anchor in group if (day := read(anchor, targets))]
        target, *others = dict.fromkeys(targets[anchor] for anchor in group)
        yield Entry(
            key, name_of(target), target,
            title=next(iter(titles), None), published=next(iter(dates), None), variants=tuple(others),
        )  # fmt: skip


def _target(page: Page, anchor: Any) -> str | None:
    """Give where a link leads; None within its own page (#top), and where it is no web address."""
    href = reference_of(anchor)
    return None if href.lstrip().startswith("#") else page.absolute(href)


def _headline(anchor: Any, row: Any) -> str | None:
    """Give the headline that a link holds, or that stands in its row without a link of its own ("read more" beside it)."""
    around = next((above for above in anchor.iterancestors(*_HEADINGS)), None)
    if around is not None:
        return _title(anchor, row)
    inside = [one for one in islice(anchor.iter(), SHOWN_PIECES) if one.tag in _HEADINGS]
    headings = inside or [h for h in row.iter(*_HEADINGS) if h.find(".//a[@href]") is None]
    return shown_in(headings[0]) or None if headings else None


def _called(anchor: Any, row: Any) -> str | None:  # noqa: ARG001 - as below
    """Give the headline of a link that is a whole card, with kicker and summary: what is called so in it, else its title."""
    shown = shown_in(anchor)
    parts = [
        shown_in(inner)
        for inner in islice(anchor.iter(), SHOWN_PIECES)
        if inner is not anchor and _HEADLINE.search(inner.get("class") or "")
    ]
    named = (*parts, " ".join((anchor.get("title") or "").split()))
    fitting = (one for one in named if one and one in shown)
    return next(
        (one for one in fitting if len(shown) > len(one) + _CARD_CHARS or _day(shown.replace(one, "", 1))), None
    )


def _title(anchor: Any, row: Any) -> str | None:  # noqa: ARG001 - one signature for all readers of a title
    shown = shown_in(anchor)
    whole = " ".join((anchor.get("title") or "").split())
    return whole if whole and (not shown or _CUT_TITLE.search(shown)) else shown or None


def _alternative(anchor: Any, row: Any) -> str | None:  # noqa: ARG001 - as above
    alternatives = (
        " ".join((one.get("alt") or "").split()) for one in islice(anchor.iter(), SHOWN_PIECES) if one.tag == "img"
    )
    return next(filter(None, alternatives), None)


def _day_beside(anchor: Any, targets: dict[Any, str]) -> str | None:
    """Find the day that stands in the link's row, beside the links: a headline may speak of another day."""
    row = _row(anchor, targets)
    text = "".join(_texts_beside(row, targets))
    term = row.getprevious() if row.tag == "dd" else None
    if term is not None and term.tag == "dt":  # day above headline, as definition lists have it
        text = f"{''.join(_texts_beside(term, targets))} {text}"
    return _day(text) if len(text) <= _ROW_CHARS else None


def _day_inside(anchor: Any, _targets: dict[Any, str]) -> str | None:
    pieces = list(islice(anchor.itertext(), SHOWN_PIECES))
    return _day(" ".join(pieces)) or _day("".join(pieces))


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
    for action, element in islice(etree.iterwalk(row, events=("start", "end")), 4 * SHOWN_PIECES):
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
