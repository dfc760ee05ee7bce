"""What feeds and sitemaps have in common: they begin at one address and name web pages, of which a profile may take a part.

Takes   the keys of such a source. Gives: Beginning, the part of a Source that does not depend on what the list is written in.
Writes  nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from archive.model import Entry, Reading
from archive.patterns import pattern_of

from ..scope import canonicalise, wire_url
from .protocol import SourceError
from .times import is_before

if TYPE_CHECKING:
    from archive.clean.rules import Rules


@dataclass(frozen=True)
class Beginning:
    """A source whose lists are found from one address.

    url: that address. match: pattern for the address of an article. since: what is dated before is left out. max_pages: lists
    in all. zone: IANA name, for times that name none.
    """

    url: str
    match: str | None = None
    since: str | None = None
    max_pages: int = 100
    zone: str | None = None

    def seeds(self) -> tuple[str, ...]:
        """Give the address of the profile."""
        return tuple(filter(None, [wire_url(self.url, None)]))

    def entries(self) -> tuple[Entry, ...]:
        """Give nothing: the lists name the articles."""
        return ()

    def is_list(self, url: str) -> bool | None:
        """Tell that the first address is a list; of others only a list tells."""
        return True if canonicalise(url) == canonicalise(self.url) else None

    def fits(self, url: str) -> bool:
        """Tell whether an address is one that match asks for, as written or in its canonical spelling."""
        return not self.match or any(pattern_of(self.match).search(spelled) for spelled in (url, canonicalise(url)))

    def is_old(self, time: str | None) -> bool:
        """Tell whether a time, as Clock gives it, lies before since."""
        return is_before(time, self.since, self.zone)

    def read_detail(self, url: str, body: bytes, content_type: str, rules: Rules) -> Reading:  # noqa: ARG002
        """Refuse: such a list has no API."""
        raise SourceError("source", f"{url} is no API answer: the list names web pages")
