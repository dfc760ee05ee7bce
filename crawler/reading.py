"""What a capture says: the one pure function from bytes to statement, for crawl, recovery and rebuild alike.

Takes   a capture, its response as bytes, and what its address is in the series (list, detail, page, requisite).
Gives   a statement (archive.model). What cannot be read is Trouble with its reason, never an exception.
Writes  nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from archive import clean, http
from archive.model import (
    Capture,
    Gone,
    Listing,
    Needs,
    Reason,
    Redirected,
    Role,
    Said,
    Statement,
    Trouble,
    Unchanged,
)
from archive.posted import posted

from .identity import claims_of, refresh_of
from .parts import next_part
from .requisites import css_requisites, html_requisites
from .scope import location_url, wire_url
from .sources import Refused, SourceError, links

if TYPE_CHECKING:
    from .profile import Profile
    from .sources import Source

_CUT: dict[str, Reason] = {"length": "too-long", "time": "timeout", "disconnect": "connect", "unspecified": "connect"}
_REFUSALS: dict[str, Reason] = {"blocked": "blocked", "not-an-article": "not-an-article", "source": "source"}
_GONE = (404, 410)
_PASSING_CHARS = 80  # of text that a page shows while it sends its reader on (正在跳转…)
PAGE_BYTES = 32 << 20  # of a page decoded: what inflates to more is no article. Lists may be as long as sitemaps are
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

    def read(self, capture: Capture, raw: bytes, asked: Asked) -> Statement:
        """Say what one capture says.

        raw: the response, head and body; of a revisit its own head before the body of the record it refers to.
        """
        if capture.truncated and capture.type == "response":
            return Trouble(_CUT[capture.truncated], f"cut: {capture.truncated}")
        if capture.status == 304:  # of a revisit, `raw` is the answer that still holds
            return Unchanged()
        response = http.parse_response(raw)
        statement = self._status(capture, response)
        if statement is not None:
            return statement
        if not response.whole:
            return Trouble("connect", response.problem or "not whole")
        limit = http.MAX_DECODED if asked.role == "list" else PAGE_BYTES
        decoded = http.decode_payload(response, limit=limit)
        # What is only labelled wrongly is read as browsers read it; bytes of no text are refused by what reads them.
        if decoded.problem and not decoded.mislabelled and asked.role != "requisite":
            return Trouble("source" if asked.role == "list" else "not-an-article", decoded.problem)
        content_type = http.header(response, "Content-Type") or ""
        match asked.role:
            case "list":
                return self._list(capture.url, decoded.body, content_type)
            case "detail":
                return self._detail(capture.url, decoded.body, content_type)
            case "page":
                return self._page(capture.url, decoded.body, content_type, asked.part)
            case _:
                return self._requisite(capture.url, decoded.body, http.media_type(response))

    def _status(self, capture: Capture, response: http.Response) -> Statement | None:
        """Say what the status alone says; None for 200, whose body speaks."""
        status = response.status
        if status == 200:
            return None
        location = http.header(response, "Location")
        if status in (301, 302, 303, 307, 308) and location:
            target = location_url(location, capture.url)
            if target and status in (307, 308) and (sent := posted(capture.url)):
                target = sent.at(target).address  # these alone keep method and body (RFC 9110, 15.4.8 and 15.4.9)
            return (
                Redirected(target) if target else Trouble("source", f"redirects to {location[:200]!r}, no web address")
            )
        if status in _GONE:
            return Gone("http-4xx", f"HTTP {status}")
        if 400 <= status < 500:
            return Trouble("http-4xx", f"HTTP {status}", http.rest_asked(response, capture.fetched))
        if 500 <= status < 600:
            return Trouble("http-5xx", f"HTTP {status}", http.rest_asked(response, capture.fetched))
        return Trouble("not-an-article", f"HTTP {status}, not asked for" if status else "no HTTP answer")

    def _list(self, url: str, body: bytes, content_type: str) -> Statement:
        try:
            listing: Listing = self._source.read_list(url, body, content_type)
        except SourceError as error:
            return Trouble(error.reason, error.detail)
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

    def _page(self, url: str, body: bytes, content_type: str, part: int) -> Statement:
        opened = clean.open_page(body, content_type, url)  # parsed once for text, next page and requisites
        page = clean.read_page(body, url=url, content_type=content_type, rules=self.rules, opened=opened)
        linked = links.page_of(opened, url)
        is_empty = page.kind == "not-an-article" if isinstance(page, clean.Refusal) else len(page.text) < _PASSING_CHARS
        target = refresh_of(linked, url) if is_empty else None
        if target:
            return Redirected(target)
        if isinstance(page, clean.Refusal):
            if page.kind == "soft-404":
                return Gone("soft-404", page.detail)
            return Trouble(_REFUSALS[page.kind], page.detail)
        following = next_part(linked, url, self._next, part)
        return Said(page, part, following, self._needed(linked, url), claims_of(linked, url))

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
