"""A feed or a sitemap to the source that reads it.

Takes   the answer to an address.
Gives   a Proposal with its source and entries; Wanted, where a further answer tells.
Writes  nothing.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from archive.errors import UsageError
from archive.model import Entry

from ..sources.feed import Feed
from ..sources.protocol import SourceError
from ..sources.sitemap import Sitemap
from .answer import Answer, Answers, Proposal, Told, Wanted

if TYPE_CHECKING:
    from archive.model import Listing

_MADE_BY_WORDPRESS = re.compile(rb"<generator>\s*https?://wordpress\.(?:org|com)/", re.I)
_MANY = 200  # addresses of a sitemap that is a whole site's rather than a series'


def feed(asked: str, answer: Answer, answers: Answers) -> Proposal | Wanted:
    """Propose a feed; where its maker is known to count its pages, its second one is looked at. Raises UsageError where it
    names nothing."""
    listing = read_with(Feed(answer.url), answer)
    entries = articles_of(listing)
    if not entries:
        raise UsageError(
            f"{asked}: a feed without articles", action="lianzai profile new URL, of a page that lists them"
        )
    pages = None if listing.more else _counted(answer, entries, answers)
    if isinstance(pages, Wanted):
        return pages
    source = {"kind": Told("feed"), "url": pages or Told(answer.url)}
    proposal = Proposal(asked, answer.fetched, source, entries=entries)
    if listing.title:
        proposal.series["title"] = Told(listing.title, "the feed's title")
    if listing.window and not listing.more and pages is None:
        proposal.warnings.append(
            "a feed names the newest articles only: older ones, and what was withdrawn, are not seen by it"
        )
    return proposal


def _counted(answer: Answer, entries: tuple[Entry, ...], answers: Answers) -> Told | Wanted | None:
    """Count the pages of a feed as WordPress does (?paged=2), where that made it and a second page names further articles."""
    if not _MADE_BY_WORDPRESS.search(answer.body) or set(answer.url) & set("{}") or "paged=" in answer.url:
        return None
    joint = "&" if urlsplit(answer.url).query else "?"
    second = f"{answer.url}{joint}paged=2"
    if second not in answers:
        return Wanted(second, "the second page of the feed")
    further = answers[second]
    if further is None or further.status != 200:
        return None
    try:
        named = Feed(answer.url).read_list(further.url, further.body, further.content_type).entries
    except SourceError:
        return None
    if not {entry.key for entry in named} - {entry.key for entry in entries}:
        return None
    return Told(f"{answer.url}{joint}paged={{page}}", "the pages of a feed by WordPress; tried")


def sitemap(asked: str, answer: Answer, answers: Answers) -> Proposal | Wanted:
    """Propose a sitemap; of an index its first sitemap is looked at as well, for the entries.

    Raises UsageError where it names nothing.
    """
    listing = read_with(Sitemap(answer.url), answer)
    entries = articles_of(listing)
    shown = None
    for child in () if entries else listing.more[:3]:
        if child not in answers:
            return Wanted(child, "a sitemap of the index")
        if (below := answers[child]) is not None and below.status == 200:
            entries = articles_of(read_with(Sitemap(answer.url), below))
            if entries:
                shown = child
                break
    if not entries:
        raise UsageError(
            f"{asked}: a sitemap without addresses",
            action="lianzai profile new URL, of a page that lists the articles",
        )
    proposal = Proposal(asked, answer.fetched, {"kind": Told("sitemap"), "url": Told(answer.url)}, entries=entries)
    if shown is not None:
        proposal.warnings.append(f"an index of {len(listing.more)} sitemaps: what is shown here is of {shown} alone")
    folder = _busiest(entries)
    if listing.more or len(entries) > _MANY or folder is not None:
        proposal.warnings.append(
            "a sitemap names a whole site: make match the folder of the series, else every page is taken"
        )
    if folder is not None:
        proposal.source["match"] = Told(
            re.escape(folder), "the folder of most addresses; only those that fit are taken", sure=False
        )
    return proposal


def _busiest(entries: tuple[Entry, ...]) -> str | None:
    """Give the first folder that most addresses have, where not all have it."""
    folders = Counter(
        "/" + urlsplit(entry.url).path.split("/")[1] + "/"
        for entry in entries
        if urlsplit(entry.url).path.count("/") > 1
    )
    folder, times = next(iter(folders.most_common(1)), ("", 0))
    return folder if times and times < len(entries) else None


def read_with(source: Any, answer: Answer) -> Listing:
    """Read a list answer. Raises UsageError where the source cannot."""
    try:
        listing: Listing = source.read_list(answer.url, answer.body, answer.content_type)
    except SourceError as error:
        raise UsageError(f"{answer.url}: {error.detail}", action="lianzai profile new URL, of another list") from error
    return listing


def articles_of(listing: Listing) -> tuple[Entry, ...]:
    """Give the entries that lead to articles."""
    return tuple(entry for entry in listing.entries if entry.skip is None)
