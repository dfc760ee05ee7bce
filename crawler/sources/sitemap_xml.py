"""The XML of a sitemap to the places it names; read as a stream, for it may name 50,000.

Takes   the text of a sitemap or an index, decoded; any namespace, or none.
Gives   Places: the pages and the sitemaps, with their dates as written.
Writes  nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from lxml import etree

from ..scope import wire_url
from .markup import mended
from .protocol import SourceError

MAX_PLACES = 200_000  # sitemaps.org: 50,000 a file; some sites do not count
_BLOCK = 1 << 16  # bytes given to the parser at once
_CLOSED = re.compile(
    r"</(?:[\w.-]+:)?(?:urlset|sitemapindex)\s*>|<(?:[\w.-]+:)?(?:urlset|sitemapindex)\b[^<>]*/>", re.IGNORECASE
)
_ENTRY = re.compile(r"<(?:[\w.-]+:)?(?:url|sitemap)\b", re.IGNORECASE)
_ENTRY_END = re.compile(r"</(?:[\w.-]+:)?(?:url|sitemap)\s*>", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Place:
    """One place that a sitemap names.

    url: as it is asked for. changed, published: as written. is_news: the news extension tells of it.
    """

    url: str
    changed: str | None = None
    published: str | None = None
    title: str | None = None
    language: str | None = None
    is_news: bool = False


@dataclass(slots=True)
class Places:
    """What a sitemap names, in its order. cut: its end is missing, so there is more that it does not tell."""

    pages: list[Place] = field(default_factory=list)
    sitemaps: list[Place] = field(default_factory=list)
    cut: bool = False


def read_places(text: str, url: str) -> Places:
    """Read a sitemap. url: where it was got, for what is written relative to it.

    Raises SourceError where it cannot be read, or names more than MAX_PLACES.
    """
    found = Places(cut=not _CLOSED.search(text))
    if found.cut:  # the entry in which it is cut has half an address
        *_, last = [0, *(end.end() for end in _ENTRY_END.finditer(text))]
        text = text[:last]
    parser = etree.XMLPullParser(
        events=("end",), recover=True, resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True,
        remove_pis=True,
    )  # fmt: skip
    try:
        for block in _blocks(mended(text)):
            parser.feed(block)
            _take(parser.read_events(), url, found)
        parser.close()
    except (etree.XMLSyntaxError, ValueError) as error:
        if not found.pages and not found.sitemaps:
            raise SourceError("source", f"the answer of {url} is no XML that can be read: {error}") from error
        found.cut = True
    _take(parser.read_events(), url, found)
    if not found.pages and not found.sitemaps and _ENTRY.search(text):
        raise SourceError("source", f"no entry of the sitemap {url} names a web address")
    return found


def _blocks(markup: str) -> Iterator[bytes]:
    octets = markup.encode("utf-8", "replace")
    return (octets[at : at + _BLOCK] for at in range(0, len(octets), _BLOCK))


def _take(events: Any, url: str, found: Places) -> None:
    """Take the entries that are whole by now, and let go of what was read."""
    for _, element in events:
        name = _local(element)
        if name not in ("url", "sitemap"):
            continue
        place = _place(element, url)
        if place is not None:
            (found.pages if name == "url" else found.sitemaps).append(place)
            if len(found.pages) + len(found.sitemaps) > MAX_PLACES:
                raise SourceError("source", f"sitemap of more than {MAX_PLACES} addresses")
        element.clear()
        while element.getprevious() is not None:
            del element.getparent()[0]


def _place(element: Any, url: str) -> Place | None:
    told = {_local(child): child for child in reversed(element)}  # the first of a name counts
    address = wire_url(_text(told.get("loc")) or "", url) if _text(told.get("loc")) else None
    if address is None:
        return None
    news = told.get("news")
    of_news = {_local(part): _text(part) for part in news.iter(etree.Element)} if news is not None else {}
    return Place(
        address,
        changed=_text(told.get("lastmod")),
        published=of_news.get("publication_date"),
        title=of_news.get("title"),
        language=of_news.get("language"),
        is_news=news is not None,
    )


def _local(element: Any) -> str:
    """Give an element's name without namespace, also where its prefix is bound to none."""
    return element.tag.rpartition("}")[2].rpartition(":")[2] if isinstance(element.tag, str) else ""


def _text(element: Any) -> str | None:
    return " ".join("".join(element.itertext()).split()) or None if element is not None else None
