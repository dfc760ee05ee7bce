"""The headers of a request: who asks, what is taken, under which condition.

Takes   the fetch table of a profile, an address, and what the ledger knows of it.
Gives   pairs of bytes, sent in this order and case.
Writes  nothing.
"""

from __future__ import annotations

import base64
from http.cookiejar import MozillaCookieJar
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from urllib.request import Request as CookieRequest

from archive.errors import ProfileError

if TYPE_CHECKING:
    from archive.fold import Address

    from .profile import Profile

_ACCEPT = "text/html,application/xhtml+xml,application/xml;q=0.9,application/json;q=0.9,*/*;q=0.8"
# What archive.http can undo; zstd is left out, since few readers of WARCs know it.
_CODINGS = "gzip, deflate, br"


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
        self._cookies = _cookie_jar(fetch.cookies) if fetch.cookies else None
        shown = profile.public().get("fetch", {})
        public = shown.get("headers", {})
        hidden = {name.lower().encode() for name, value in fetch.headers.items() if public.get(name) != value}
        if shown.get("user_agent", fetch.user_agent) != fetch.user_agent:  # of the environment: sent, and not kept
            hidden.add(b"user-agent")
        self.secret = frozenset(hidden | {b"authorization", b"cookie"})

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

    def _cookie(self, url: str) -> bytes | None:
        if self._cookies is None:
            return None
        request = CookieRequest(url)  # noqa: S310 - never opened; the jar reads host, path and scheme from it
        self._cookies.add_cookie_header(request)
        value = request.get_header("Cookie")
        return value.encode("latin-1", "replace") if value else None


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
