"""sitemap: a sitemap, an index of sitemaps, or what else a robots.txt names as one (a feed, a text of addresses).

Takes   the answer, as XML or text, gzip or not, whatever its headers and namespaces say.
Gives   one entry an address, in the sitemap's order; the sitemaps that an index names; looks_like_sitemap.
Writes  nothing.
Source: sitemaps.org protocol 0.9; Google's news extension. A news sitemap holds the last two days only: it is a window.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from archive.clean.charset import decode_pieces
from archive.clean.swelling import crowded
from archive.model import Entry, Listing

from ..scope import canonicalise, wire_url
from .beginning import Beginning
from .feed import Feed, looks_like_feed
from .links import name_of
from .markup import MAX_BYTES, kind_of, root_of, text_of_body, unpacked
from .mending import SNIFFED, whole_tags
from .protocol import SourceError, distinct
from .sitemap_xml import Place, read_places
from .times import Clock

LONGEST_BYTES = 50 << 20  # unpacked, of a file (sitemaps.org; of 50,000 addresses most have 5 to 10 MB)
MAX_TAGS = 4_000_000  # of a long one: 80 an address
_ROOTS = frozenset({"urlset", "sitemapindex"})
_ADDRESS = re.compile(r"https?://\S+", re.IGNORECASE)
_OF_ROBOTS = re.compile(r"^[ \t]*sitemap[ \t]*:[ \t]*(\S+)", re.IGNORECASE | re.MULTILINE)
_ROBOTS_RULE = re.compile(r"^[ \t]*(?:user-agent|disallow|allow|sitemap)[ \t]*:", re.IGNORECASE | re.MULTILINE)


def looks_like_sitemap(body: bytes, content_type: str) -> bool:
    """Tell whether a body is a sitemap, an index of them, or a text of addresses; a feed is told by looks_like_feed."""
    try:
        body = unpacked(body, LONGEST_BYTES)
        if _is_long(body, content_type):
            return True
        text = text_of_body(body, content_type)
    except SourceError:
        return False
    return root_of(text) in _ROOTS or bool(_addresses(text))


@dataclass(frozen=True)
class Sitemap(Beginning):
    """The source of a profile that reads a sitemap.

    url: of a sitemap, an index of sitemaps, or a robots.txt that names some. since: what was changed last before is left out, and
    so are sitemaps that an index dates before. max_pages: sitemaps in all.
    """

    max_pages: int = 10_000

    @property
    def list_bytes(self) -> int:
        """Tell how long a sitemap may be, as it is read piece by piece."""
        return LONGEST_BYTES

    def read_list(self, url: str, body: bytes, content_type: str) -> Listing:
        """Read a sitemap. Raises SourceError where it is none, saying what it is instead."""
        body = unpacked(body, self.list_bytes)
        if _is_long(body, content_type):
            return self._sitemap(url, _uncrowded(whole_tags(decode_pieces(body, content_type))))
        text = text_of_body(body, content_type)
        root = root_of(text)
        if root in _ROOTS or (root is not None and "<loc" in text and kind_of(text) != "HTML"):
            return self._sitemap(url, (text,))
        if root is not None and looks_like_feed(text.encode(), ""):
            listing = Feed(self.url, self.match, self.since, self.max_pages, self.zone).read_list(
                url, text.encode(), ""
            )
            return Listing(listing.entries, listing.more, None, window=listing.window, while_new=True)
        if root is None and self._is_robots(url, text):
            return self._robots(url, text)
        if root is None and (addresses := _addresses(text)):
            wired = (wire_url(address, None) for address in addresses)
            return Listing(self._entries(Place(address) for address in wired if address))
        raise SourceError(
            "source",
            f"the answer of {url} is {kind_of(text)}, expected a sitemap, an index of sitemaps or a text of addresses",
        )

    def _sitemap(self, url: str, pieces: Iterable[str]) -> Listing:
        found = read_places(pieces, url)
        clock = Clock(self.zone)
        more = [place.url for place in found.sitemaps if not self.is_old(clock.when(place.changed))]
        here = canonicalise(url)
        further = tuple(dict.fromkeys(address for address in more if canonicalise(address) != here))
        window = found.cut or (bool(found.pages) and all(place.is_news for place in found.pages))
        return Listing(self._entries(found.pages), further, window=window)

    def _entries(self, places: Iterable[Place]) -> tuple[Entry, ...]:
        return distinct(self._fitting(places))

    def _fitting(self, places: Iterable[Place]) -> Iterator[Entry]:
        for place in places:
            url = place.url
            if not self.fits(url):
                continue
            clock = Clock(self.zone, place.language)
            published, changed = clock.when(place.published), clock.when(place.changed)
            if self.is_old(changed or published):
                continue
            yield Entry(
                canonicalise(url),
                name_of(url),
                url,
                title=place.title,
                published=published,
                updated=changed or place.changed,
            )

    # ------------------------------------------------------------------------------------------------- robots.txt

    def _is_robots(self, url: str, text: str) -> bool:
        return urlsplit(url).path.lower().endswith("/robots.txt") and bool(_ROBOTS_RULE.search(text))

    def _robots(self, url: str, text: str) -> Listing:
        named = (wire_url(line, url) for line in _OF_ROBOTS.findall(text))
        sitemaps = tuple(dict.fromkeys(address for address in named if address))
        if not sitemaps:
            raise SourceError(
                "source", f"{url} names no sitemap; give the address of the sitemap itself, if there is one"
            )
        return Listing((), sitemaps)


def _is_long(body: bytes, content_type: str) -> bool:
    """Tell whether a body is the XML of a sitemap, and too long to be held as text."""
    if len(body) <= MAX_BYTES:
        return False
    head = decode_pieces(body, content_type)
    return root_of(next(head, "")[: 2 * SNIFFED].lstrip("\ufeff")) in _ROOTS


def _uncrowded(pieces: Iterable[str]) -> Iterator[str]:
    """Give pieces of XML on. Raises SourceError where they have more tags, or one more attributes, than any sitemap."""
    tags = 0
    for piece in pieces:
        tags += piece.count("<")
        too_much = crowded(piece.encode("utf-8", "replace"), 0)
        if too_much or tags > MAX_TAGS:
            raise SourceError("source", f"a list with {too_much or f'more than {MAX_TAGS} tags'}")
        yield piece


def _addresses(text: str) -> list[str]:
    """Give the addresses of a text that has one on each line; nothing where most of its lines are something else."""
    lines = [line for line in map(str.strip, text.splitlines()) if line]
    found = [line for line in lines if _ADDRESS.fullmatch(line)]
    return found if found and len(found) * 2 > len(lines) else []
