"""The headers of a request: who asks, what is taken, under which condition.

Takes   the fetch table of a profile, an address, and what the ledger knows of it.
Gives   pairs of bytes, sent in this order and case.
Writes  nothing.
"""

from __future__ import annotations

import base64
from email.message import Message
from http.cookiejar import CookieJar, MozillaCookieJar
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit
from urllib.request import Request as CookieRequest

from archive.errors import ProfileError
from archive.http import parse_head
from archive.posted import posted

if TYPE_CHECKING:
    from archive.fold import Address

    from .profile import Profile

_ACCEPT = "text/html,application/xhtml+xml,application/xml;q=0.9,application/json;q=0.9,*/*;q=0.8"
# What archive.http can undo; zstd is left out, since few readers of WARCs know it.
_CODINGS = "gzip, deflate, br"


class Sent(NamedTuple):
    """One request as it is sent. headers: in this order and case."""

    url: str
    method: str
    headers: list[tuple[bytes, bytes]]
    body: bytes


class Headers:
    """Makes the headers of each request of a run."""

    def __init__(self, profile: Profile, source_urls: tuple[str, ...]) -> None:
        """source_urls: addresses of the source; only their hosts are given the profile's headers and credentials."""
        fetch = profile.fetch
        self._agent = fetch.user_agent
        self._own = {urlsplit(url).netloc for url in source_urls}
        self._extra = [(name.encode("latin-1"), value.encode("utf-8")) for name, value in fetch.headers.items()]
        if fetch.auth:
            self._extra.append((b"Authorization", b"Basic " + base64.b64encode(fetch.auth.encode())))
        self._cookies = _cookie_jar(fetch.cookies) if fetch.cookies else CookieJar()
        self._setters: set[str] = set()  # addresses whose redirect set a cookie
        self._sent_back: set[str] = set()
        shown = profile.public().get("fetch", {})
        public = shown.get("headers", {})
        hidden = {name.lower().encode() for name, value in fetch.headers.items() if public.get(name) != value}
        if shown.get("user_agent", fetch.user_agent) != fetch.user_agent:  # of the environment: sent, and not kept
            hidden.add(b"user-agent")
        self.secret = frozenset(hidden | {b"authorization", b"cookie"})

    def request(self, address: str, known: Address | None) -> Sent:
        """Give what is sent for an address of the series, which may stand for a POST. known: as in `of`."""
        sent = posted(address)
        if sent is None:
            return Sent(address, "GET", self.of(address, known), b"")
        pairs = [pair for pair in self.of(sent.url, known) if pair[0].lower() != b"content-type"]
        return Sent(sent.url, "POST", [*pairs, (b"Content-Type", sent.content_type.encode("ascii"))], sent.body)

    def of(self, url: str, known: Address | None) -> list[tuple[bytes, bytes]]:
        """Give the headers for one address. known: its last good capture, for a conditional request, or None."""
        parts = urlsplit(url)
        pairs = [
            (b"Host", parts.netloc.rpartition("@")[2].encode("ascii")),
            (b"User-Agent", self._agent.encode("utf-8")),
            (b"Accept", _ACCEPT.encode()),
            (b"Accept-Encoding", _CODINGS.encode()),
        ]
        if known is not None and known.etag:
            pairs.append((b"If-None-Match", known.etag.encode("latin-1", "replace")))
        if known is not None and known.last_modified:
            pairs.append((b"If-Modified-Since", known.last_modified.encode("latin-1", "replace")))
        if parts.netloc in self._own:
            pairs += self._extra
        cookie = self._cookie(url)
        return [*pairs, (b"Cookie", cookie)] if cookie else pairs

    def lets_in(self, url: str, raw: bytes, target: str, via: tuple[str, ...]) -> bool:
        """Take the cookies of a redirect, for this run alone.

        Tells, once an address, that a circle may open: a site that wants its cookie back sends a reader to where he was.
        raw: the answer of `url`. target: where it leads. via: what led to `url`.
        """
        told = Message()
        for name, value in parse_head(raw).headers:
            if name.lower() == "set-cookie":
                told["Set-Cookie"] = value
        if told:
            self._setters.add(url)
            self._cookies.extract_cookies(_Answer(told), CookieRequest(url))  # type: ignore[arg-type]  # noqa: S310
        way = (*via, url)
        if target not in way or target in self._sent_back or self._setters.isdisjoint(way):
            return False
        self._sent_back.add(target)
        return True

    def _cookie(self, url: str) -> bytes | None:
        request = CookieRequest(url)  # noqa: S310 - never opened; the jar reads host, path and scheme from it
        self._cookies.add_cookie_header(request)
        value = request.get_header("Cookie")
        return value.encode("latin-1", "replace") if value else None


class _Answer:
    """What a cookie jar asks of an answer."""

    def __init__(self, headers: Message) -> None:
        self._headers = headers

    def info(self) -> Message:
        """Give its headers."""
        return self._headers


def _cookie_jar(path: Path) -> MozillaCookieJar:
    jar = MozillaCookieJar(str(path))
    try:
        jar.load(ignore_discard=True, ignore_expires=True)
    except OSError as error:
        raise ProfileError(f"fetch.cookies: {path}: not a Netscape cookie file: {error}") from error
    for cookie in jar:
        if not cookie.expires:  # 0 is how curl writes a session's cookie; the jar would take it for long expired
            cookie.expires, cookie.discard = None, True
    return jar
