"""The XML of a sitemap to the places it names; read as a stream, for it may name 50,000 in 50 MB.

Takes   the text of a sitemap or an index, decoded, in pieces that part no tag; any namespace, or none.
Gives   Places: the pages and the sitemaps, with their dates as written.
Writes  nothing. No tree is built: what is held is what is told of the entry being read, and the places before it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from lxml import etree

from ..scope import wire_url
from .mending import mended_pieces
from .protocol import SourceError

MAX_PLACES = 200_000  # sitemaps.org: 50,000 a file; some sites do not count
MAX_CHARACTERS = (
    12 << 20
)  # of their addresses and titles, 250 each of 50,000: a series keeps each several times in memory
_BLOCK = 1 << 16  # bytes given to the parser at once
_CLOSED = re.compile(
    r"</(?:[\w.-]+:)?(?:urlset|sitemapindex)\s*>|<(?:[\w.-]+:)?(?:urlset|sitemapindex)\b[^<>]*/>", re.IGNORECASE
)
_ENTRY = re.compile(r"<(?:[\w.-]+:)?(?:url|sitemap)\b", re.IGNORECASE)
_ENTRY_END = re.compile(r"</(?:[\w.-]+:)?(?:url|sitemap)\s*>", re.IGNORECASE)
_TOLD = ("loc", "lastmod")
_NEWS = ("publication_date", "title", "language")


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


_Named = tuple[str, Place]  # name of its element, url or sitemap


@dataclass(slots=True)
class Places:
    """What a sitemap names, in its order. cut: its end is missing, so there is more that it does not tell."""

    pages: list[Place] = field(default_factory=list)
    sitemaps: list[Place] = field(default_factory=list)
    cut: bool = False

    def __len__(self) -> int:
        return len(self.pages) + len(self.sitemaps)


def read_places(pieces: Iterable[str], url: str) -> Places:
    """Read a sitemap. pieces: its text, none of which parts a tag. url: where it was got, for what is written relative to it.

    Raises SourceError where it cannot be read, names more than MAX_PLACES, or has more to tell of them than MAX_CHARACTERS.
    """
    reader, fault = _Reader(url), None
    try:
        for piece in mended_pieces(reader.seen(pieces)):
            reader.read(piece)
    except (etree.XMLSyntaxError, ValueError) as error:
        fault = str(error)
    found = reader.end(fault)
    if not found and fault:
        raise SourceError("source", f"the answer of {url} is no XML that can be read: {fault}")
    if not found and reader.has_entry:
        raise SourceError("source", f"no entry of the sitemap {url} names a web address")
    return found


class _Reader:
    """Reads pieces; knows where the last whole entry ended, for of a text that is cut there is half an entry behind it."""

    def __init__(self, url: str) -> None:
        self._url, self._target = url, _Target(url)
        self._parser = etree.XMLParser(
            target=self._target, recover=True, resolve_entities=False, no_network=True, load_dtd=False,
            remove_comments=True, remove_pis=True,
        )  # fmt: skip
        self._whole: tuple[int, int, list[_Named]] | None = None  # counts where the last entry ended, and what had not
        self._is_closed = False
        self.has_entry = False

    def seen(self, pieces: Iterable[str]) -> Iterator[str]:
        """Give pieces on as they were written; has_entry: whether one has the begin of an entry, mended or not."""
        for piece in pieces:
            self.has_entry = self.has_entry or _ENTRY.search(piece) is not None
            yield piece

    def read(self, piece: str) -> None:
        """Read the next piece, mended. Raises XMLSyntaxError where the parser gives up, SourceError beyond MAX_PLACES."""
        self._is_closed = self._is_closed or _CLOSED.search(piece) is not None
        *_, last = (0, *(end.end() for end in _ENTRY_END.finditer(piece)))
        self._feed(piece[:last])
        if last:
            found = self._target.found
            self._whole = len(found.pages), len(found.sitemaps), self._target.unended()
        self._feed(piece[last:])

    def end(self, fault: str | None) -> Places:
        """Give what was found. fault: why the parser gave up, if it did. Raises SourceError where not one entry ended."""
        found = self._target.found
        if fault is not None:
            found.cut = True
        elif self._is_closed:
            self._target.add(*self._target.unended())
        elif self._whole is None:
            raise SourceError(
                "source", f"the answer of {self._url} is no XML that can be read: it is cut before its first entry ends"
            )
        else:
            pages, sitemaps, unended = self._whole
            found.cut = True
            del found.pages[pages:], found.sitemaps[sitemaps:]
            self._target.add(*unended)
        return found

    def _feed(self, markup: str) -> None:
        octets = markup.encode("utf-8", "replace")
        for at in range(0, len(octets), _BLOCK):
            self._parser.feed(octets[at : at + _BLOCK])
            if len(self._target.found) > MAX_PLACES:
                raise SourceError("source", f"sitemap of more than {MAX_PLACES} addresses")
            if self._target.characters > MAX_CHARACTERS:
                raise SourceError(
                    "source", f"sitemap whose addresses and titles have more than {MAX_CHARACTERS} characters"
                )


class _Entry:
    """What is told of one entry while it is read: the texts of its children, the first of a name, and what news tells.

    name: url or sitemap. depth: of its element. is_news: it has an element of the news extension.
    """

    __slots__ = ("_news_depth", "_told", "depth", "is_news", "name")

    def __init__(self, name: str, depth: int) -> None:
        self.name, self.depth = name, depth
        self.forget()

    def forget(self) -> None:
        """Forget it: an entry within it ended, so it lacks its own end."""
        self._told: dict[str, list[str]] = {}
        self._news_depth: int | None = None  # of the element with the news, while it is read
        self.is_news = False

    def begin(self, name: str, depth: int) -> list[str] | None:
        """Take the begin of an element; give where its text is to be put, None where it tells nothing."""
        is_child = depth == self.depth + 1
        if is_child and name == "news" and not self.is_news:
            self._news_depth, self.is_news = depth, True
        elif (is_child and name in _TOLD and name not in self._told) or (self._news_depth and name in _NEWS):
            self._told[name] = []
            return self._told[name]
        return None

    def end(self, depth: int) -> None:
        """Take the end of an element within it."""
        if depth == self._news_depth:
            self._news_depth = None

    def named(self, base: str) -> _Named | None:
        """Give the place that it names, None where that is no web address. base: what its address may be relative to."""
        told = {name: " ".join("".join(texts).split()) or None for name, texts in self._told.items()}
        written = told.get("loc")
        address = wire_url(written, base) if written else None
        if address is None:
            return None
        dates = told.get("lastmod"), told.get("publication_date")
        return self.name, Place(address, *dates, told.get("title"), told.get("language"), self.is_news)


class _Target:
    """Hears of elements and texts from lxml's parser, as they come."""

    def __init__(self, url: str) -> None:
        self.found = Places()
        self.characters = 0  # of the addresses and titles found
        self._url = url
        self._depth = 0
        self._open: list[_Entry] = []
        self._read: list[tuple[int, list[str]]] = []  # depths of the elements whose texts are wanted, and where they go

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:  # noqa: ARG002 - an address stands in no attribute
        """Take the begin of an element."""
        name = _local(tag)
        self._depth += 1
        if self._open and (texts := self._open[-1].begin(name, self._depth)) is not None:
            self._read.append((self._depth, texts))
        if name in ("url", "sitemap"):
            self._open.append(_Entry(name, self._depth))

    def data(self, text: str) -> None:
        """Take a part of a text."""
        for depth, texts in self._read:
            if depth > self._open[-1].depth:  # not what stands in an entry within this one
                texts.append(text)

    def end(self, tag: str) -> None:  # noqa: ARG002 - which it is, its depth tells: the parser knows what each end is of
        """Take the end of an element."""
        if self._read and self._read[-1][0] == self._depth:
            self._read.pop()
        if self._open and self._open[-1].depth == self._depth:
            self.add(self._open.pop().named(self._url))
            if self._open and self._open[-1].depth == self._depth - 1:
                self._open[-1].forget()
        elif self._open:
            self._open[-1].end(self._depth)
        self._depth -= 1

    def close(self) -> None:
        """Take the end of all."""

    def add(self, *named: _Named | None) -> None:
        """Take places."""
        for name, place in filter(None, named):
            (self.found.pages if name == "url" else self.found.sitemaps).append(place)
            self.characters += len(place.url) + len(place.title or "")

    def unended(self) -> list[_Named]:
        """Give what would be named if the text ended here, by the inner entries first."""
        named: list[_Named | None] = []
        inner = 0
        for entry in reversed(self._open):
            named += [entry.named(self._url)] if inner != entry.depth + 1 else []
            inner = entry.depth
        return [*filter(None, named)]


@lru_cache(maxsize=1024)
def _local(tag: str) -> str:
    """Give an element's name without namespace, also where its prefix is bound to none."""
    return tag.rpartition("}")[2].rpartition(":")[2]
