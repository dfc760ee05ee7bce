"""What a capture says: the one pure function from bytes to statement, for crawl, recovery and rebuild alike.

Takes   a capture, its response as bytes, and what its address is in the series (list, detail, page, requisite).
Gives   a statement (archive.model). What cannot be read is Trouble with its reason, never an exception.
Writes  nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from archive import clean, http
from archive.clean.charset import is_plain
from archive.clean.ending import breaks_off, torn
from archive.clean.inlined import without_inlined
from archive.clean.swelling import SwollenError, swelling
from archive.model import (
    IMPORTED,
    Capture,
    Gone,
    Listing,
    Needs,
    Reading,
    Reason,
    Redirected,
    Role,
    Said,
    Statement,
    Trouble,
    Truncation,
    Unchanged,
)
from archive.octets import Octets, held
from archive.posted import posted

from .changed import changed_at, kept_since
from .identity import claims_of, refresh_of
from .parts import next_part
from .requisites import css_requisites, html_requisites
from .scope import location_url, wire_url
from .sources import Refused, SourceError, links
from .sources.markup import MAX_BYTES as LIST_BYTES
from .sources.protocol import ReadsLong
from .surplus import was_whole, within_length
from .walls import wall_of

if TYPE_CHECKING:
    from .profile import Profile
    from .sources import Source

_CUT: dict[str, tuple[Reason, str]] = {  # by WARC-Truncated
    "length": ("too-long", "it is longer than may be"),
    "time": ("timeout", "its time was up"),
    "disconnect": ("connect", "the connection was closed before its end"),
    "unspecified": ("connect", "its head or its framing is no HTTP, or whoever kept it does not say why"),
}
_REFUSALS: dict[str, Reason] = {"blocked": "blocked", "not-an-article": "not-an-article", "source": "source"}
_GONE = (404, 410)
_NO_SUCH_PAGE = (400, 416, 422)  # what APIs say to the number of a page behind their last (400: WordPress)
_PASSING_CHARS = 80  # of text that a page shows while it sends its reader on (正在跳转…)
# Of a body, packed or not; what is longer is kept and not read. A text takes twenty to thirty times its bytes while it is read.
PAGE_BYTES = 6 << 20
INLINED_BYTES = (
    32 << 20
)  # of a page with the pictures that it holds; they are taken out before anything else looks at it
_INLINED_ROLES = ("page", "detail")
LIST_ENTRIES = 50_000  # that one list may name, as a sitemap (sitemaps.org): each takes 4 kB from then on
_FRAMED_BYTES = 4 << 20  # what a head and the framing of a body have beyond its own length again
_HTML = ("text/html", "application/xhtml+xml", "")


@dataclass(frozen=True, slots=True)
class Asked:
    """What an address is in the series. part: 1 for the whole or first page of an article."""

    role: Role
    part: int = 1


class Reader:
    """Reads the captures of one series by one profile."""

    def __init__(self, profile: Profile, source: Source) -> None:
        self._source = source
        self._requisites = profile.fetch.requisites
        article, watch = profile.article, profile.watch
        self.rules = clean.Rules(
            title=article.title,
            published=article.published,
            body=article.body,
            authors=article.authors,
            ignore=tuple(watch.ignore),
            timezone=profile.series.timezone,
            language=profile.series.language or None,
        )
        self._next = article.next

    def read(self, capture: Capture, raw: Octets, asked: Asked) -> Statement:
        """Say what one capture says.

        raw: the response, head and body; of a revisit its own head before the body of the record it refers to.
        """
        if capture.truncated and capture.type == "response":
            return _broken(capture.truncated, raw, asked)
        if capture.status == 304 and (capture.type == "revisit" or capture.file.startswith(IMPORTED)):
            return Unchanged()  # one that nobody asked for is kept as a response; others keep theirs in either way
        head = http.parse_head(raw)
        if not head.status:
            return _broken("unspecified", raw, asked)
        if asked.role != "requisite" and (wall := wall_of(head)):
            return Trouble("blocked", wall, http.rest_asked(head, capture.fetched))
        statement = self._status(capture, head, asked)
        if statement is not None:
            return statement
        body = self._unpacked(raw, head, asked)
        try:
            return self._body(capture, body, head, asked) if isinstance(body, bytes) else body
        except SwollenError as error:
            return Trouble(_unread(asked), str(error))

    def _unpacked(self, raw: Octets, head: http.Head, asked: Asked) -> bytes | Statement:
        """Give the body of a response, its codings undone and without the pictures that it holds; or say why it is not read."""
        limit = self._longest(asked)
        if len(raw) > 2 * limit + _FRAMED_BYTES:
            return _too_long(asked, limit)
        response = http.read_response(raw)
        if not response.whole:
            return Trouble("connect", response.problem or "not whole")
        if len(response.payload) > limit:
            return _too_long(asked, limit)
        told, behind = within_length(response)
        decoded = http.decode_payload(told, limit=limit)
        if behind and asked.role != "requisite" and not was_whole(told, decoded, behind):
            return Trouble("connect", f"the body goes on behind its end: {response.problem}")
        # What is only labelled wrongly is read as browsers read it; that it is a text, nothing else tells then.
        if decoded.problem and asked.role != "requisite":
            if not decoded.mislabelled:
                return Trouble(_unread(asked), decoded.problem)
            if not is_plain(decoded.body, http.header(head, "Content-Type") or ""):
                return Trouble("source", f"{decoded.problem}, and the bytes are no text")
        if asked.role not in _INLINED_ROLES or len(decoded.body) <= PAGE_BYTES:
            return decoded.body
        body = without_inlined(decoded.body, PAGE_BYTES)
        return _too_long(asked, PAGE_BYTES) if body is None else body

    def _longest(self, asked: Asked) -> int:
        """Tell how many bytes of a body are read, its codings undone."""
        if asked.role == "list":
            return self._source.list_bytes if isinstance(self._source, ReadsLong) else LIST_BYTES
        return INLINED_BYTES if asked.role in _INLINED_ROLES else PAGE_BYTES

    def _body(self, capture: Capture, body: bytes, response: http.Head, asked: Asked) -> Statement:
        """Say what a body says, its coding undone. Raises SwollenError where a selector of the profile would take minutes."""
        content_type = http.header(response, "Content-Type") or ""
        match asked.role:
            case "list":
                return self._list(capture.url, body, content_type)
            case "detail":
                said = self._detail(capture.url, body, content_type)
            case "page":
                said = self._page(capture, body, content_type, asked.part, http.header(response, "Refresh"))
            case _:
                return self._requisite(capture.url, body, http.media_type(response))
        return replace(said, kept_since=kept_since(response, capture.fetched)) if isinstance(said, Said) else said

    def _status(self, capture: Capture, response: http.Head, asked: Asked) -> Statement | None:
        """Say what the status alone says; None for 200, whose body speaks."""
        status = response.status
        if status in (200, 203):  # 203: as a proxy rewrote it (RFC 9110, 15.3.4)
            return None
        location = http.header(response, "Location")
        if status in (301, 302, 303, 307, 308) and location:
            target = location_url(location, capture.url)
            if target and status in (307, 308) and (sent := posted(capture.url)):
                target = sent.at(target).address  # these alone keep method and body (RFC 9110, 15.4.8 and 15.4.9)
            return (
                Redirected(target) if target else Trouble("source", f"redirects to {location[:200]!r}, no web address")
            )
        if status in _GONE or (asked.role == "list" and status in _NO_SUCH_PAGE):
            return Gone("http-4xx", f"HTTP {status}")
        if 400 <= status < 500:
            return Trouble("http-4xx", f"HTTP {status}", http.rest_asked(response, capture.fetched))
        if 500 <= status < 600:
            return Trouble("http-5xx", f"HTTP {status}", http.rest_asked(response, capture.fetched))
        return Trouble("not-an-article", f"HTTP {status}, not asked for")

    def _list(self, url: str, body: bytes, content_type: str) -> Statement:
        try:
            listing: Listing = self._source.read_list(url, body, content_type)
        except SourceError as error:
            too_much = swelling(body)
            return Trouble(error.reason, f"{error.detail} ({too_much})" if too_much else error.detail)
        if len(listing.entries) > LIST_ENTRIES:
            return Trouble("source", f"a list of more than {LIST_ENTRIES} entries")
        return listing

    def _detail(self, url: str, body: bytes, content_type: str) -> Statement:
        try:
            reading = self._source.read_detail(url, body, content_type, self.rules)
            # A gallery's pictures stand in the answer alone: its page is filled by a script.
            images = reading.images if self._requisites != "none" else ()
            return Said(reading, requisites=tuple(u for image in images if (u := wire_url(image.url, url))))
        except Refused as error:
            return Gone("soft-404", error.detail)
        except SourceError as error:
            return Trouble(error.reason, error.detail)

    def _page(self, capture: Capture, body: bytes, content_type: str, part: int, refresh: str | None) -> Statement:
        url = capture.url
        if too_much := swelling(body):
            return Trouble("not-an-article", too_much)
        opened = clean.open_page(body, content_type, url)  # parsed once for text, next page and requisites
        page = clean.read_page(
            body, url=url, content_type=content_type, rules=self.rules, opened=opened, fetched=capture.fetched
        )
        linked = links.page_of(opened, url)
        is_open = opened.is_markup and breaks_off(opened.text)
        if opened.is_markup and (cut := _cut(opened.text, page, is_open=is_open)):
            return Trouble("connect", f"cut: the page ends {cut}")
        is_empty = page.kind == "not-an-article" if isinstance(page, clean.Refusal) else len(page.text) < _PASSING_CHARS
        target = refresh_of(linked, url, refresh) if is_empty else None
        if target:
            return Redirected(target)
        if isinstance(page, clean.Refusal):
            if page.kind == "soft-404":
                return Gone("soft-404", page.detail)
            return Trouble(_REFUSALS[page.kind], page.detail)
        following = next_part(linked, url, self._next, part)
        page = replace(page, modified=changed_at(opened, url))
        return Said(page, part, following, self._needed(linked, url), claims_of(linked, url), is_open)

    def _needed(self, page: links.Page, url: str) -> tuple[str, ...]:
        if self._requisites == "none" or page.root is None:
            return ()
        return html_requisites(page.root, url, encoding=page.encoding, kinds=self._requisites)

    def _requisite(self, url: str, body: bytes, mime: str) -> Needs:
        if self._requisites != "all":
            return Needs()
        if mime == "text/css":
            return Needs(css_requisites(body.decode("utf-8", "replace"), url))
        return Needs()


def _too_long(asked: Asked, limit: int) -> Statement:
    """Say that a body is kept and not read; a picture or a film is never read."""
    if asked.role == "requisite":
        return Needs()
    return Trouble(_unread(asked), f"longer than {limit} bytes, which is not read")


def _cut(markup: str, page: Reading | clean.Refusal, *, is_open: bool) -> str | None:
    """Say where a page ends that breaks off; None where all of its text may be there. is_open: its markup is."""
    if isinstance(page, clean.Refusal):
        return None
    within = torn(markup, page.text)
    if within:
        return f"within {within}"
    return (
        None if not is_open or page.body or page.highlights or page.editors_note or page.images else "before its text"
    )


def _broken(truncated: Truncation, raw: Octets, asked: Asked) -> Trouble:
    """Say why an answer is not whole: what of it is no HTTP, or else what whoever kept it says."""
    is_fault = truncated in ("unspecified", "disconnect") and len(raw) <= _FRAMED_BYTES
    fault = http.fault_of(held(raw)) if is_fault else None
    if fault:
        return Trouble(_unread(asked), fault)
    reason, why = _CUT[truncated]
    return Trouble(reason, f"cut: {why}")


def _unread(asked: Asked) -> Reason:
    """Name what came whole, or might have, and cannot be read."""
    return "not-an-article" if asked.role in ("page", "detail") else "source"
