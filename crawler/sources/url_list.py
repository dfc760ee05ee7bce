"""url-list: articles that the profile itself names, one address each.

Takes   the addresses.
Gives   one entry each, in the order of the profile; there is no list to ask for.
Writes  nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from archive.model import Entry, Listing, Reading

from ..scope import canonicalise, wire_url
from .links import name_of
from .protocol import SourceError

if TYPE_CHECKING:
    from archive.clean.rules import Rules


@dataclass(frozen=True)
class UrlList:
    """The source of a profile that lists its articles."""

    urls: tuple[str, ...]

    def seeds(self) -> tuple[str, ...]:
        """Give no list address: nothing is asked for but the articles."""
        return ()

    def entries(self) -> tuple[Entry, ...]:
        """Give the profile's addresses as entries; further spellings of one address are its variants."""
        found: dict[str, dict[str, None]] = {}
        for written in self.urls:
            url = wire_url(written, None)
            if url is not None:
                found.setdefault(canonicalise(url), {})[url] = None
        return tuple(Entry(key, name_of(url), url, variants=tuple(more)) for key, (url, *more) in found.items())

    def is_list(self, url: str) -> bool | None:  # noqa: ARG002 - no address is one
        """Tell that no address is a list."""
        return False

    def read_list(self, url: str, body: bytes, content_type: str) -> Listing:  # noqa: ARG002
        """Refuse: such a source has no lists."""
        raise SourceError("source", f"{url} is no list: the profile names the articles")

    def read_detail(self, url: str, body: bytes, content_type: str, rules: Rules) -> Reading:  # noqa: ARG002
        """Refuse: such a source has no API."""
        raise SourceError("source", f"{url} is no API answer: the profile names web pages")
