"""A page as a tree, with what it says of itself in its head.

Takes   a payload, or the text of a page (HTML or XHTML), and its address.
Gives   Opened: text and tree; Page: the tree with lookups by CSS, meta elements, JSON-LD objects, absolute addresses.
Writes  nothing.
"""

from __future__ import annotations

import html
import re
from functools import cached_property
from typing import Any
from urllib.parse import urljoin

from lxml import etree

from .charset import decode
from .linked import is_article, own_objects, read_linked
from .selecting import select
from .unnest import unnested

_SELF_CLOSED = re.compile(
    r"<(script|style|title|iframe|textarea|noscript|div|span|a|p|b|i|em|strong|td|th|li)(\s[^<>]*)?/>", re.I
)
_TAG = re.compile(
    r"<(?:!doctype|html|head|body|div|p|br|span|table|a|h[1-6]|ul|meta|title|section|article|font|b|i|img|script|style|iframe)\b",
    re.I,
)
_HTML_START = re.compile(
    r"^\s*+(?:<\?xml[^>]*+>\s*+)?(?:(?><!--.*?-->)\s*+)*+<(?:!doctype\s+html|html|head|body)\b", re.I | re.S
)
_ANY_TAG = re.compile(r"<[A-Za-z/!?][^<>]*>")
_LINE_END = re.compile(r"[\r\n\u2028\u2029]")
_XML_START = re.compile(r"\s*<\?xml")


class Page:
    """One page. root: its html element."""

    def __init__(self, root: Any, url: str) -> None:
        self.root = root
        self.url = url

    @cached_property
    def base(self) -> str:
        """Address that relative addresses are joined to (HTML, 4.2.3 The base element)."""
        for element in self.root.iter("base"):
            if element.get("href"):
                return join(self.url, element.get("href"))
        return self.url

    @cached_property
    def meta(self) -> dict[str, str]:
        """Content of the meta elements by name, property or itemprop in lower case; the first of a name counts."""
        found: dict[str, str] = {}
        for element in self.root.iter("meta"):
            name = element.get("property") or element.get("name") or element.get("itemprop")
            content = (element.get("content") or "").strip()
            if name and content:
                found.setdefault(name.strip().lower(), content)
        return found

    @cached_property
    def _linked(self) -> list[tuple[dict[str, Any], bool]]:
        scripts = (one.text for one in self.root.iter("script") if "ld+json" in (one.get("type") or "").lower())
        return [found for text in scripts for found in read_linked(text or "")]

    @cached_property
    def linked_data(self) -> list[dict[str, Any]]:
        """JSON-LD objects of the page, those of articles first."""
        return sorted((one for one, _ in self._linked), key=lambda one: not is_article(one))

    @cached_property
    def own(self) -> list[dict[str, Any]]:
        """JSON-LD objects that speak of the page's own article: the article first, then the page."""
        element = next(self.root.iter("title"), None)
        return own_objects(self._linked, self.addresses, "".join(element.itertext()) if element is not None else "")

    @cached_property
    def addresses(self) -> tuple[str, ...]:
        """What the page is called by: where it was got, its canonical address, og:url."""
        links = (one.get("href") for one in self.root.iter("link") if (one.get("rel") or "").lower() == "canonical")
        return tuple(filter(None, (self.url, next(links, None), self.meta.get("og:url"))))

    @cached_property
    def language(self) -> str | None:
        """Short code of the html element's lang attribute."""
        lang = self.root.get("lang") or self.root.get("{http://www.w3.org/XML/1998/namespace}lang") or ""
        match = re.match(r"\s*([A-Za-z]{2,3})(?![A-Za-z])", lang)
        return match.group(1).lower() if match else None

    @cached_property
    def site_names(self) -> frozenset[str]:
        """What the site or its publisher is called, to tell it from an author and to cut it off a title."""
        names = {self.meta.get(name, "") for name in ("og:site_name", "application-name", "twitter:site", "copyright")}
        for one in self.linked_data:
            publisher = one.get("publisher")
            publishers = publisher if isinstance(publisher, list) else [publisher]
            names |= {text_of(item.get("name") if isinstance(item, dict) else item) for item in publishers}
            if str(one.get("@type")) in ("WebSite", "Organization", "NewsMediaOrganization"):
                names.add(text_of(one.get("name")))
        return frozenset(name.strip() for name in names if name.strip())

    def select(self, css: str | None) -> list[Any]:
        """Give the elements that match a CSS selector, in document order; [] for no selector. Raises SwollenError."""
        return select(self.root, css)

    def linked(self, key: str) -> str:
        """Give the first text of a key in the JSON-LD of the page's own article, "" where there is none."""
        return next((text for one in self.own if (text := text_of(one.get(key)))), "")


class Opened:
    """A payload opened once for all who read it. text, encoding (Python's codec) and undecoded: as archive.clean.charset has
    them. is_markup: whether it is to be read as HTML."""

    def __init__(self, payload: bytes, content_type: str, url: str) -> None:
        decoded = decode(payload, content_type)
        self.text, self.encoding, self.undecoded = decoded.text, decoded.encoding, decoded.undecoded
        self.url, self.content_type = url, content_type
        self.is_markup = is_markup(decoded.text, content_type)
        # What is UTF-8 from end to end need not be encoded again to be parsed.
        self._utf8 = payload if decoded.encoding == "utf-8" and not (decoded.undecoded or decoded.is_mixed) else None

    @cached_property
    def root(self) -> Any:
        """The tree, without comments and processing instructions; None for plain text and where there is no element."""
        if not self.is_markup:
            return None
        if "xhtml" in self.content_type.lower() or _XML_START.match(self.text):
            return _parse(_closed(self.text).encode("utf-8", "replace"))
        return _parse(self._utf8 or self.text.encode("utf-8", "replace"))


def open_page(payload: bytes, content_type: str, url: str) -> Opened:
    """Open a payload, its content coding undone: decode it, and parse it where it is markup. Never raises.

    content_type: as in the header, "" if none. url: absolute, where it was got.
    """
    return Opened(payload, content_type, url)


def read_markup(text: str, url: str) -> Page | None:
    """Parse HTML as far as it can be; None where there is no element at all. Self-closed elements of XHTML are closed."""
    root = _parse((_closed(text) if _XML_START.match(text) else text).encode("utf-8", "replace"))
    return Page(root, url) if root is not None else None


def _closed(text: str) -> str:
    """Close what XML closes with a slash and HTML does not."""
    return _SELF_CLOSED.sub(r"<\1\2></\1>", text)


def _parse(markup: bytes) -> Any:
    root, is_whole = _tree(markup)
    return root if is_whole else _tree(unnested(markup))[0]


def _tree(markup: bytes) -> tuple[Any, bool]:
    """Parse markup; False where the parser stopped at its limit of depth."""
    # huge_tree: without it libxml2 stops at a depth of 255; with it, of 2,047 (measured, 2.14.6).
    parser = etree.HTMLParser(encoding="utf-8", huge_tree=True, remove_comments=True, remove_pis=True)
    try:
        root = etree.fromstring(markup, parser)
    except (etree.XMLSyntaxError, ValueError):  # nothing but blanks, comments or a doctype
        return None, True
    last = parser.error_log.last_error
    return root, last is None or last.type != etree.ErrorTypes.ERR_RESOURCE_LIMIT


def is_markup(text: str, content_type: str) -> bool:
    """Tell whether a payload is to be read as HTML. Its media type decides, except where the text is plainly the other.

    Servers send plain text as text/html too: a text in lines without a single tag is one.
    """
    mime = content_type.split(";")[0].strip().lower()
    if mime == "text/plain":
        return bool(_HTML_START.match(text[:2_000]))
    if "html" in mime:
        return bool(_ANY_TAG.search(text)) or _LINE_END.search(text.strip()) is None
    return bool(_TAG.search(text[:20_000]))


def join(base: str, reference: str) -> str:
    """Make an address absolute; one that no rule can join stays as it is."""
    try:
        return urljoin(base, reference.strip())
    except ValueError:
        return reference.strip()


def text_of(value: Any) -> str:
    """Give the text of a JSON value that should be one, entities undone: the first of a list, the name of an object."""
    if isinstance(value, list):
        value = value[0] if value else ""
    if isinstance(value, dict):
        value = value.get("name") or value.get("@value") or ""
    text = str(value).strip() if isinstance(value, str | int | float) else ""
    return html.unescape(text) if "&" in text else text
