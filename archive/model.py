"""The values that pass through lianzai, frozen: what was exchanged, what was kept, what it says.

Exchange  -> Capture     one request and response as bytes from the wire -> where the record lies (archive.warc)
Capture   -> Statement   what the capture says of the series (crawler.reading); pure
Statement -> Event       what changed by it (archive.fold); pure

Times are aware UTC datetimes. A field that is not known is None; an empty tuple is a known absence.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from .octets import Octets

State = Literal["found", "captured", "failed", "withdrawn"]
Origin = Literal["live", "archive", "mirror", "import"]
Role = Literal["list", "detail", "page", "requisite", "other"]
Truncation = Literal["length", "time", "disconnect", "unspecified"]
RecordType = Literal["response", "revisit", "resource", "metadata", "request", "warcinfo"]

EventKind = Literal[
    "found", "captured", "revised", "gone", "withdrawn", "restored", "failed", "blocked", "listed", "unlisted",
    "moved", "recovered", "uploaded", "verified", "damaged", "repaired",
]  # fmt: skip

Reason = Literal[
    "dns", "connect", "tls", "timeout", "http-4xx", "http-5xx", "blocked", "robots", "scope", "private", "off-client",
    "too-long", "soft-404", "not-an-article", "limit", "source", "disk",
]  # fmt: skip

# Names of files by others begin so, relative to the series' folder of WARCs; our own are bare names.
IMPORTED = "imported/"

# Reasons for which an address is skipped; the rest are failures (CONTRACT, JSON of crawl).
SKIPPED: frozenset[str] = frozenset({"robots", "scope", "private", "off-client", "limit"})


@dataclass(frozen=True, slots=True)
class Exchange:
    """One HTTP request and its response, as bytes from the wire.

    request: request line, headers and body as sent. response: status line, headers and body as received, interim (1xx)
    heads cut off, transfer coding and content coding kept; not held in memory where it is long. url: absolute,
    without fragment, as asked.
    truncated: why the response is not whole, or None.
    """

    url: str
    request: bytes
    response: Octets
    fetched: datetime
    ip: str | None = None
    truncated: Truncation | None = None


@dataclass(frozen=True, slots=True)
class Capture:
    """One exchange (or resource) as kept: where its record lies and what its payload is.

    file: name of the WARC. offset, length: bytes of the record's gzip member. payload_digest: "sha256:<hex>" of the
    body, transfer coding removed, content coding kept. refers_to: id of the record that holds the payload (revisit).
    status: HTTP status code, None for a resource. mime: media type without parameters, lower case, "" where not told.
    member: in a WARC by others that holds several records in one gzip member, (offset of the gzip member, unpacked bytes
    of it before the record); offset and length then count unpacked bytes of the whole file. None for all others.
    """

    record_id: str
    type: RecordType
    url: str
    fetched: datetime
    file: str
    offset: int
    length: int
    status: int | None
    mime: str
    payload_digest: str
    payload_bytes: int
    refers_to: str | None = None
    truncated: Truncation | None = None
    etag: str | None = None
    last_modified: str | None = None
    member: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Author:
    """One name of a byline. role: as printed: the office (三门峡市委宣传部网管办主任) or 记者, 通讯员; None if not printed."""

    name: str
    role: str | None = None


@dataclass(frozen=True, slots=True)
class Image:
    """One picture of the article. url: absolute."""

    url: str
    caption: str | None = None


@dataclass(frozen=True, slots=True)
class Repair:
    """One mend of damaged text. was, now: the passage before and after; why: the kind of damage, in a word or two."""

    was: str
    now: str
    why: str


@dataclass(frozen=True, slots=True)
class Reading:
    """What an article says, as cleaned from one capture.

    published: "2018-08-30" (a day) or RFC 3339 in UTC ("2018-08-30T02:05:00Z"); published_precision: "day", "minute"
    or "second"; published_local: as the publisher dates it, RFC 3339 with the offset of its zone, or the day;
    published_counted: the day was counted back from the time of the capture (3小时前), and may be the one before or after.
    modified: when the page says that it was changed last, RFC 3339 in UTC; it tells copies apart, and is shown nowhere.
    body: the article proper, a paragraph an item, without note, highlights, byline and captions. text: all of it as
    read, paragraphs joined by a line feed. undecoded: bytes that did not decode. cleaner: name and version of the rules.
    """

    title: str | None
    authors: tuple[Author, ...] = ()
    published: str | None = None
    published_precision: str | None = None
    published_local: str | None = None
    published_counted: bool = False
    source: str | None = None
    editor: str | None = None
    editors_note: tuple[str, ...] = ()
    highlights: tuple[str, ...] = ()
    body: tuple[str, ...] = ()
    text: str = ""
    images: tuple[Image, ...] = ()
    repairs: tuple[Repair, ...] = ()
    language: str | None = None
    undecoded: int = 0
    cleaner: str = ""
    modified: str | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a list: an article that the source names.

    key: the source's own name for the article, unique within the series (content_126-38294-1, or the canonical address).
    name: the part of it that is shown at the end of the id, "" where there is none. url: the article's web page.
    detail: address of the article in the source's API, or None. aliases: further keys of the same article.
    updated: what the list says of the last change, compared as text. published: as in Reading. skip: reason why the
    entry is no article of the series (off-client, scope), or None. variants: further spellings of url in the same list.
    authors: who the list says wrote it; counts where the article names nobody.
    """

    key: str
    name: str
    url: str
    detail: str | None = None
    title: str | None = None
    published: str | None = None
    updated: str | None = None
    aliases: tuple[str, ...] = ()
    skip: Reason | None = None
    skip_detail: str | None = None
    variants: tuple[str, ...] = ()
    authors: tuple[Author, ...] = ()


# --------------------------------------------------------------------------------------------------------- statements


@dataclass(frozen=True, slots=True)
class Listing:
    """A list answer was read. more: addresses of further list answers, in order. title: of the series, as the site has it.

    window: it shows a part of what there is (a feed's newest), so that nothing it does not name is proven absent.
    while_new: `more` is followed only where this answer names what no list of the walk has named: a site that gives its last
    page again for every number after it has an end. counted: `more` is a number of our own counting; that there is no such page
    is the list's end.
    """

    entries: tuple[Entry, ...]
    more: tuple[str, ...] = ()
    title: str | None = None
    window: bool = False
    while_new: bool = False
    counted: bool = False


@dataclass(frozen=True, slots=True)
class Said:
    """An article's capture was read. part: 1 for the whole or first page. next_part: address of its next page.

    claims: addresses that the page gives as its own (canonical, og:url), absolute. breaks_off: its markup does. kept_since: since
    when a cache has had it, None where the answer is none of a cache.
    """

    reading: Reading
    part: int = 1
    next_part: str | None = None
    requisites: tuple[str, ...] = ()
    claims: tuple[str, ...] = ()
    breaks_off: bool = False
    kept_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Gone:
    """The article's address says that it is no more there: 404, 410, soft-404 or the API's refusal."""

    reason: Reason
    detail: str


@dataclass(frozen=True, slots=True)
class Trouble:
    """The capture is kept, but does not say what was asked for. rest_s: seconds for which the site asks to be left alone."""

    reason: Reason
    detail: str
    rest_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Unchanged:
    """304: the site says that the payload of an earlier capture still holds."""


@dataclass(frozen=True, slots=True)
class Redirected:
    """The answer sends on to another address (absolute)."""

    location: str


@dataclass(frozen=True, slots=True)
class Needs:
    """A style sheet or a page that is no article: further requisites."""

    requisites: tuple[str, ...] = ()


Statement = Listing | Said | Gone | Trouble | Unchanged | Redirected | Needs


@dataclass(frozen=True, slots=True)
class Event:
    """One change of a series, with its evidence.

    start, end: revision numbers for "revised", positions for "moved", else None. evidence: WARC record ids.
    """

    at: datetime
    kind: EventKind
    article: str | None = None
    fields: tuple[str, ...] = ()
    start: int | None = None
    end: int | None = None
    evidence: tuple[str, ...] = field(default=())
