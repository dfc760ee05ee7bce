"""The pages of a list by their numbers, where no link can be named that leads from each to the next.

Takes   a parsed page and its address.
Gives   Counted: the template of the further pages, the number of the first, the address of the second, found in the page or in
        its own address; the words of a button that loads more.
Writes  nothing.

A row of numbers without a mark on the current one, and pagers that a script writes: createPageHTML(5, 0, "index", "html") is
that of TRS WCM, which many Chinese authorities and papers use: page 0 is index.html, page 1 is index_1.html. A button "load more"
keeps in a data attribute what its script asks for: a piece of a page, which most often has no such button again.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from ..scope import canonicalise
from ..sources.links import shown_in
from .addresses import kind_of
from .paging import says_more

if TYPE_CHECKING:
    from ..sources.links import Page

_SECOND = re.compile(r"\s*[\[(（]?\s*(?:2|第2页|Page 2|Seite 2)\s*[\])）]?\s*", re.I)
_IN_QUERY = re.compile(r"(?P<before>[?&](?:page|p|pn|pageno|pagenum|paged|seite|pg)=)(?P<number>[12])(?=&|$)", re.I)
_IN_PATH = re.compile(r"(?P<before>[/_-](?:page[/-]?)?)(?P<number>[12])(?=/?$|\.\w{2,5}$|/?\?)", re.I)
_OWN = re.compile(
    r"(?:[?&](?:page|p|pn|pageno|pagenum|pageindex|paged|seite|pg)=|/page/)(?P<number>\d{1,4})(?=&|$|/?(?:\?|$))", re.I
)
_TRS = re.compile(
    r"""createPageHTML\(\s*(?P<pages>\d+)\s*,\s*\d+\s*,\s*["'](?P<name>[\w-]+)["']\s*,\s*["'](?P<end>\w+)["']"""
)
_WRITES_LINKS = re.compile(r"document\.write(?:ln)?\s*\([^;]*<a\b[^;]*(?:next|page|currentPage)", re.I)
_ENDS = re.compile(r"\b(s?html?|aspx?|php|jsp)\b", re.I)
_ADDRESS_CHARS = 300


@dataclass(frozen=True, slots=True)
class Counted:
    """Pages that are counted. more: with {page}. start: number of the first. second: its address. how: for a comment.

    piece: what comes is a piece of the page, without what stands around its list. own: the page's own address is one of them.
    """

    more: str
    start: int
    second: str
    how: str
    piece: bool = False
    own: bool = False


def counted(page: Page, url: str) -> list[Counted]:
    """Give the ways to count the pages of a list, the surest first. url: the page's own address."""
    if page.root is None or set(url) & set("{}"):
        return []
    own = canonicalise(url)
    found = {
        one.second: one
        for one in (
            *_by_script(page, url),
            *_by_number(page, url),
            *_by_button(page, url),
            *_by_query(page, url),
            *_by_choice(page, url),
        )
        if canonicalise(one.second) != own
    }
    return list(found.values())


def counted_by_itself(url: str) -> Counted | None:
    """Give the way to count the pages that an address itself tells of (?page=1, /page/0/): a piece of a page has no pager."""
    match = _OWN.search(url)
    if match is None or set(url) & set("{}"):
        return None
    number = int(match["number"])
    before, after = url[: match.start("number")], url[match.end("number") :]
    how = f"the page's number, {number} when it was looked at"
    return Counted(
        f"{before}{{page}}{after}", min(number, 1), f"{before}{number + 1}{after}", how, piece=True, own=True
    )


def number_of(url: str) -> int | None:
    """Give the number of the page of a list that an address asks for; None where it names none."""
    match = _OWN.search(url)
    return int(match["number"]) if match else None


def _by_script(page: Page, url: str) -> Iterator[Counted]:
    for script in page.root.iter("script"):
        match = _TRS.search(script.text or "")
        second = page.absolute(f"{match['name']}_1.{match['end']}") if match and int(match["pages"]) > 1 else None
        if match and second:
            more = page.absolute(f"{match['name']}_PAGE.{match['end']}") or ""
            yield Counted(
                more.replace("_PAGE.", "_{page}."), 0, second, f"the pager's script counts {match['pages']} pages"
            )
        elif match is None and _WRITES_LINKS.search(script.text or ""):
            yield from _by_habit(page, url, script.text)


def _by_habit(page: Page, url: str, script: str) -> Iterator[Counted]:
    """Count the pages as sites do whose script puts the addresses together: index_1.html behind index.html, or index_2.html."""
    stem, dot, end = urlsplit(url).path.rpartition("/")[2].rpartition(".")
    ends = [end] if dot else list(dict.fromkeys(_ENDS.findall(script)))[:1]
    for suffix in ends:
        for number in (1, 2):
            if second := page.absolute(f"{stem or 'index'}_{number}.{suffix}"):
                more = f"{second.rpartition('_')[0]}_{{page}}.{suffix}"
                yield Counted(more, number - 1, second, "as pages are counted where a script writes the pager; tried")


def _by_choice(page: Page, url: str) -> Iterator[Counted]:
    """Take the options of a field in which the reader chooses the page."""
    for option in page.root.iter("option"):
        yield from _by_address(page.absolute(option.get("value")), url, "a choice of pages")


def _appended(target: str, url: str) -> re.Match[str] | None:
    """Find the number of the second page behind the name of the first: list2.htm of list.htm."""
    match = re.search(r"(?<=[A-Za-z])(?P<number>2)(?=\.[a-z]{2,5}$)", target)
    return match if match and target[: match.start()] + target[match.end() :] == url else None


def _by_number(page: Page, url: str) -> Iterator[Counted]:
    for anchor in page.root.iter("a"):
        target = page.absolute(anchor.get("href")) if _SECOND.fullmatch(shown_in(anchor)) else None
        yield from _by_address(target, url, "a row of page numbers")


def _by_query(page: Page, url: str) -> Iterator[Counted]:
    """Take a link that asks for the list itself but for a second page, whatever it says."""
    for anchor in page.root.iter("a"):
        target = page.absolute(anchor.get("href")) or ""
        if (
            urlsplit(target).path == urlsplit(url).path
            and (match := _IN_QUERY.search(target))
            and match["number"] == "2"
        ):
            yield from _by_address(target, url, "a link to the second page")


def _by_button(page: Page, url: str) -> Iterator[Counted]:
    for button in _buttons(page):
        for name, value in button.attrib.items():
            if name.startswith("data-") and "/" in value and len(value) < _ADDRESS_CHARS:
                for one in _by_address(page.absolute(value), url, f"what {shown_in(button)} asks for"):
                    yield replace(one, piece=True)


def loads_more(page: Page) -> str | None:
    """Give the words of the button that loads more of the list by a script; None where there is none."""
    return next((shown_in(button) for button in _buttons(page)), None) if page.root is not None else None


def _buttons(page: Page) -> Iterator[Any]:
    """Give the elements that say so and are no plain links, the outer of two included."""
    for element in page.root.iter("a", "button", "div", "span", "p"):
        if len(element) <= 1 and says_more(shown_in(element)) and not page.absolute(element.get("href")):
            yield element


def _by_address(target: str | None, url: str, how: str) -> Iterator[Counted]:
    """Count on from an address of the site that has the number of the second page in it."""
    if target is None or kind_of(target, url) == "off-site" or set(target) & set("{}"):
        return
    match = _IN_QUERY.search(target) or _IN_PATH.search(target) or _appended(target, url)
    if match and urlsplit(target).netloc == urlsplit(url).netloc:
        more = f"{target[: match.start('number')]}{{page}}{target[match.end('number') :]}"
        yield Counted(more, int(match["number"]) - 1, target, how)
