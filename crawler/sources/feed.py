"""feed: RSS, Atom or JSON Feed, and the pages of it that it links (RFC 5005).

Takes   a feed as it was served: any charset label, broken XML, gzip that nothing declares.
Gives   one entry an item, in the feed's order; the addresses of further pages, as it names them or counted on by {page};
        looks_like_feed.
Writes  nothing.

A feed is a window on a newspaper: what has left it is not unlisted. Only one that says it is complete, or that is walked
through its archives to their beginning, proves an absence (RFC 5005, 2 and 4).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from archive.model import Entry, Listing

from ..scope import canonicalise, wire_url
from .beginning import Beginning
from .feed_json import is_json_feed, read_json_feed
from .feed_parts import Parts
from .feed_xml import read_xml_feed
from .json_paging import Asking, Template
from .links import feeds_of, name_of, parse_html
from .markup import kind_of, root_of, text_of_body
from .protocol import SourceError, distinct

_ROOTS = frozenset({"rss", "feed", "rdf", "channel"})


def looks_like_feed(body: bytes, content_type: str) -> bool:
    """Tell whether a body is a feed: by what it begins with, for media types are often wrong."""
    try:
        text = text_of_body(body, content_type)
    except SourceError:
        return False
    return root_of(text) in _ROOTS or is_json_feed(text)


@dataclass(frozen=True)
class Feed(Beginning):
    """The source of a profile that reads a feed. url: with {page} its pages are counted, from 1 on. match: on the address of
    an item. max_pages: of the feed."""

    def seeds(self) -> tuple[str, ...]:
        """Give the first page."""
        return (
            super().seeds() if self._template is None else tuple(filter(None, [self._template.address(Asking(page=1))]))
        )

    def is_list(self, url: str) -> bool | None:
        """Tell that the pages which the profile counts are lists; of others only a feed tells."""
        return super().is_list(url) if self._number(url) is None else True

    def read_list(self, url: str, body: bytes, content_type: str) -> Listing:
        """Read one page of the feed. Raises SourceError where it is none, saying what it is instead."""
        text = text_of_body(body, content_type)
        parts = self._parts(text, url)
        entries = distinct(self._entries(parts, url))
        more = tuple(link for link in parts.more if link != wire_url(url, None))
        window = not (parts.complete or (parts.archived and not parts.paged))
        counted = () if more or not parts.items else self._counted(url)
        return Listing(entries, more or counted, parts.title, window=window, while_new=True, counted=bool(counted))

    @cached_property
    def _template(self) -> Template | None:
        return Template(self.url) if "{page}" in self.url else None

    def _number(self, url: str) -> int | None:
        asking = self._template.asked_by(url) if self._template else None
        return asking.page if asking else None

    def _counted(self, url: str) -> tuple[str, ...]:
        number = self._number(url)
        following = self._template.address(Asking(page=number + 1)) if self._template and number is not None else None
        return (following,) if following else ()

    def _parts(self, text: str, url: str) -> Parts:
        if is_json_feed(text):
            return read_json_feed(text, url, self.zone)
        parts = None if root_of(text) in (None, "html") else read_xml_feed(text, url, self.zone)
        if parts is None:
            raise SourceError(
                "source", f"{_what(text, url)}, expected a feed (RSS, Atom or JSON Feed){_hint(text, url)}"
            )
        return parts

    def _entries(self, parts: Parts, url: str) -> Iterator[Entry]:
        for place, item in enumerate(parts.items, 1):
            if self.is_old(item.updated_at or item.published):
                continue
            target = item.url
            if target is None:
                if self.match:
                    continue
                detail = f"item {place} of the feed ({item.title or 'without a title'}) links no web page"
                yield Entry(
                    f"{canonicalise(url)}#{place}", "", url, title=item.title, skip="source", skip_detail=detail
                )
            elif self.fits(target):
                yield Entry(
                    canonicalise(target), name_of(target), target,
                    title=item.title, published=item.published, updated=item.updated, authors=item.authors,
                )  # fmt: skip


def _what(text: str, url: str) -> str:
    return f"the answer of {url} is {kind_of(text)}"


def _hint(text: str, url: str) -> str:
    """Say where the feed is, if the page names it."""
    named = feeds_of(parse_html(text), url) if kind_of(text) == "HTML" else ()
    return f"; the page names {named[0]} as its feed" if named else ""
