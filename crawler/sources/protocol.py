"""The seam between a kind of list and everything else: what each module of this folder provides.

Takes   addresses and the bodies of their answers.
Gives   Source, the protocol; SourceError and Refused, how a body says no; distinct entries.
Writes  nothing. All pure: no network, no clock.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    from collections.abc import Iterable

    from archive.clean.rules import Rules
    from archive.model import Entry, Listing, Reading, Reason

DETAIL_CHARS = 300  # of what a site says, as it goes into a report


class SourceError(Exception):
    """An answer that does not say what was asked for. detail: expected and found, in one line."""

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason: Reason = reason
        self.detail = " ".join(detail.split())[:DETAIL_CHARS]


class Refused(SourceError):  # noqa: N818 - the site's word, not a fault of ours
    """The API says that the article is not there: it counts as gone, like a 404."""


class Source(Protocol):
    """One kind of list, set up by a profile."""

    def seeds(self) -> tuple[str, ...]:
        """Give the list addresses that a crawl starts from, as they are asked."""

    def entries(self) -> tuple[Entry, ...]:
        """Give the articles that the profile itself names; () where lists name them."""

    def is_list(self, url: str) -> bool | None:
        """Tell whether an address is a list of this source; None where the address alone does not tell."""

    def read_list(self, url: str, body: bytes, content_type: str) -> Listing:
        """Read a list answer. body: content coding undone. Raises SourceError where it is no such list.

        The listing says what its silence proves (`window`) and how its further pages are to be taken (`while_new`, `counted`).
        """

    def read_detail(self, url: str, body: bytes, content_type: str, rules: Rules) -> Reading:
        """Read an article's API answer. Raises SourceError where it is none, Refused where it says there is no article."""


@runtime_checkable
class ReadsLong(Protocol):
    """A source that reads its lists piece by piece, so that they may be longer than others."""

    @property
    def list_bytes(self) -> int:
        """Bytes of its longest list, unpacked."""


def distinct(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    """Give each article once, as its first entry has it, with the further spellings of its address."""
    found: dict[str, Entry] = {}
    for entry in entries:
        first = found.setdefault(entry.key, entry)
        if entry.url not in (first.url, *first.variants):
            found[entry.key] = replace(first, variants=(*first.variants, entry.url))
    return tuple(found.values())
