"""Links of a web page: the tree, what addresses are relative to, and a link's name.

Takes   the body of a page with its content coding undone, and its Content-Type.
Gives   Page: tree, base and encoding; name_of an address.
Writes  nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from lxml import etree

from archive.clean.charset import decode
from archive.clean.swelling import swelling

from ..scope import wire_url
from ..tracking import without_session

if TYPE_CHECKING:
    from archive.clean import Opened

NAME_CHARS = 60
SHOWN_PIECES = 100  # of text that are looked at of one element: links within each other show all that is behind them
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")
_SUFFIX = re.compile(r"\.[A-Za-z][A-Za-z0-9]{0,5}$")
_FEED_TYPES = frozenset({"application/rss+xml", "application/atom+xml", "application/feed+json", "application/rdf+xml"})
# Names that servers give to whatever stands in a folder: they tell no article from another.
_NAMELESS = frozenset({"index", "default", "main", "home"})


@dataclass(frozen=True, slots=True)
class Page:
    """A parsed page. root: lxml element, None where there is nothing. base: absolute. encoding: Python codec of its queries."""

    root: Any
    base: str
    encoding: str

    def absolute(self, href: str | None) -> str | None:
        """Give the address that a link asks for, None where it is none of http or https."""
        return wire_url(href, self.base, self.encoding) if href and href.strip() else None


def shown_in(element: Any) -> str:
    """Give the text of an element on one line, of its first SHOWN_PIECES pieces."""
    return " ".join("".join(islice(element.itertext(), SHOWN_PIECES)).split())


def read_page(body: bytes, url: str, content_type: str) -> Page:
    """Parse a page; never raises.

    url: absolute, where the page was got.
    Source: the query of a link is in the page's encoding, UTF-8 for UTF-16 (WHATWG Encoding, 4.3 output encodings).
    """
    decoded = decode(body, content_type)
    root = parse_html(decoded.text)
    return Page(root, base_of(root, url), _of_queries(decoded.encoding))


def page_of(opened: Opened, url: str) -> Page:
    """Give the links of a page that the cleaner has opened; without a tree where it is plain text.

    url: absolute, where the page was got.
    """
    return Page(opened.root, base_of(opened.root, url), _of_queries(opened.encoding))


def _of_queries(encoding: str) -> str:
    return "utf-8" if encoding.startswith("utf-16") else encoding


def parse_html(text: str) -> Any:
    """Parse text into a tree; None where there is no element in it, or more of them than in any page."""
    parser = etree.HTMLParser(encoding="utf-8", huge_tree=True, remove_comments=True, remove_pis=True)
    markup = text.encode("utf-8", "replace")
    if swelling(markup):
        return None
    try:
        return etree.fromstring(markup, parser)
    except (etree.XMLSyntaxError, ValueError):  # nothing but blanks, comments or a doctype
        return None


def base_of(root: Any, url: str) -> str:
    """Give what the links of a page are relative to: its first <base href> that is a web address, else the page's own.

    Source: HTML, 4.2.3: the first base element with an href counts.
    """
    if root is not None:
        for base in root.iter("base"):
            href = base.get("href")
            if href is not None:
                return wire_url(href, url) or url
    return url


def feeds_of(root: Any, url: str) -> tuple[str, ...]:
    """Give the feeds that a page names, as browsers find them. url: where it was got.

    Source: HTML, 4.6.6.1: link rel=alternate with the media type of a feed.
    """
    base = base_of(root, url)
    links = root.iter("link", "a") if root is not None else ()
    named = (
        wire_url(link.get("href") or "", base)
        for link in links
        if "alternate" in (link.get("rel") or "").lower().split()
        and (link.get("type") or "").partition(";")[0].strip().lower() in _FEED_TYPES
    )
    return tuple(dict.fromkeys(url for url in named if url))


def name_of(url: str) -> str:
    """Name an article by the last part of its path without its suffix and its session; "" where that tells nothing.

    >>> name_of("http://example.org/2018/0830/001.html"), name_of("http://example.org/a/index.html"), name_of("http://e.org/")
    ('001', '', '')
    >>> name_of("http://example.org/a/4.html;jsessionid=0A1B2C3D")
    '4'
    """
    last = unquote(without_session(urlsplit(url).path).rpartition("/")[2], errors="replace")
    stem = _UNSAFE.sub("_", _SUFFIX.sub("", last)).strip("._-")[:NAME_CHARS]
    return "" if stem.lower() in _NAMELESS else stem
