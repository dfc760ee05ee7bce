"""A request as bytes: who asks, what is taken, under which condition.

Takes   the fetch table of a profile, an address, and what the ledger knows of it.
Gives   pairs of bytes, sent in this order and case; the whole request, as it is sent and as it is kept.
Writes  nothing.
"""

from __future__ import annotations

import base64
import re
from email.message import Message
from http.cookiejar import CookieJar, MozillaCookieJar
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit
from urllib.request import Request as CookieRequest

from archive.errors import ProfileError
from archive.http import parse_head, parse_request
from archive.posted import posted

if TYPE_CHECKING:
    from scrapy import Request

    from archive.fold import Address
    from archive.octets import Octets

    from .connection import Route
    from .profile import Profile

_ACCEPT = "text/html,application/xhtml+xml,application/xml;q=0.9,application/json;q=0.9,*/*;q=0.8"
# What archive.http can undo; zstd is left out, since few readers of WARCs know it.
_CODINGS = "gzip, deflate, br"
# Characters of what a site may have us say to it again: servers answer 431 or 400 to a head of more than 8 kB.
_LONGEST_TAG, _MOST_COOKIES = 1024, 6144
_CONDITIONS = frozenset({"if-none-match", "if-modified-since"})
ALWAYS_SECRET = frozenset({b"proxy-authorization"})
_ONE_WORD = re.compile(r"[!-~]+")  # what a request line can hold: no blank, no control, ASCII alone


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
        if known is not None and known.etag and len(known.etag) <= _LONGEST_TAG:
            pairs.append((b"If-None-Match", known.etag.encode("latin-1", "replace")))
        if known is not None and known.last_modified:
            pairs.append((b"If-Modified-Since", known.last_modified.encode("latin-1", "replace")))
        if parts.netloc in self._own:
            pairs += self._extra
        cookie = self._cookie(url)
        return [*pairs, (b"Cookie", cookie)] if cookie else pairs

    def lets_in(self, url: str, raw: Octets, target: str, via: tuple[str, ...]) -> bool:
        """Take the cookies of a redirect, for this run alone.

        Tells, once an address, that a circle may open: a site that wants its cookie back sends a reader to where he was.
        raw: the answer of `url`. target: where it leads. via: what led to `url`.
        """
        told, room = Message(), _MOST_COOKIES - sum(len(one.name) + len(one.value or "") for one in self._cookies)
        for name, value in parse_head(raw).headers:
            if name.lower() == "set-cookie" and len(value) <= room:
                told["Set-Cookie"] = value
                room -= len(value)
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


def asked_address(request: Request) -> str:
    """Give the address to ask, without its fragment: as written where `meta` says so, else in the escapes of scrapy.Request.

    An address as written is passed over where it names another host than the request (a redirect has changed that), or has
    a character that would break the request line.
    """
    written = request.meta.get("wire_url", "").partition("#")[0]
    if _ONE_WORD.fullmatch(written) and urlsplit(written)[:2] == urlsplit(request.url)[:2]:
        return str(written)
    return str(request.url.partition("#")[0])


def is_conditional(request: bytes) -> bool:
    """Tell whether a request, as it is kept, asks only for what has changed: to such a one alone 304 is an answer.

    Source: RFC 9110, 15.4.5.
    """
    return any(name.lower() in _CONDITIONS for name, _ in parse_request(request).headers)


def compose(request: Request, route: Route) -> tuple[bytes, bytes]:
    """Write a request as bytes: as it is sent, and as it is kept, the lines with secrets left out."""
    pairs = request.meta.get("wire_headers")
    if pairs is None:
        pairs = [(name, value) for name, values in request.headers.items() for value in values]
    secret = ALWAYS_SECRET | request.meta.get("wire_secrets", frozenset())
    target = route.target(asked_address(request))
    lines = [b"%s %s HTTP/1.1" % (request.method.encode("ascii"), target)]
    if not any(name.lower() == b"host" for name, _ in pairs):
        lines.append(b"Host: " + route.host_header)
    hidden = []
    for name, value in pairs:
        line = b"%s: %s" % (name, b" ".join(value.splitlines()))
        if name.lower() in secret:
            hidden.append(line)
        lines.append(line)
    if route.proxy is not None and route.scheme == "http" and route.proxy.authorization:
        hidden.append(b"Proxy-Authorization: " + route.proxy.authorization)
        lines.append(hidden[-1])
    if request.body or request.method in ("POST", "PUT", "PATCH"):
        lines.append(b"Content-Length: %d" % len(request.body))
    end = b"\r\n\r\n" + request.body
    sent = b"\r\n".join(lines) + end
    return sent, b"\r\n".join(line for line in lines if line not in hidden) + end if hidden else sent
