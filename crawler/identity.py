"""What a page says that it is called, and where it sends its reader on.

Takes   a page as a tree, and its address.
Gives   the addresses that it gives as its own (canonical, og:url, its forms for telephones, a short link); the address that a
        refresh leads to, of a meta element or of the header.
Writes  nothing; pure.

A claim is evidence, never proof: templates give the front page, or the address of another article. What follows from it, the
fold decides by the texts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from .scope import canonicalise, location_url
from .sources.links import Page

_OWN_RELS = frozenset({"canonical", "amphtml", "shortlink"})
_OWN_NAMES = frozenset({"og:url", "twitter:url", "al:web:url"})
_AGENT_URL = re.compile(r"url\s*=\s*([^;\s]+)", re.IGNORECASE)
AT_ONCE_S = 10  # a refresh after a longer time shows its page to be read first, or again
_REFRESH = re.compile(
    r"\s*(?P<delay>\d+(?:\.\d*)?|\.\d+)\s*(?:[;,]\s*(?:url\s*=\s*)?[\"']?(?P<url>[^\"']*))?", re.IGNORECASE
)


def claims_of(page: Page, url: str) -> tuple[str, ...]:
    """Give the addresses that a page gives as its own, other than the one it was got from; a front page is none.

    url: absolute, where the page was got.
    """
    if page.root is None:
        return ()
    own = canonicalise(url)
    found = dict.fromkeys(target for written in _claims(page) if (target := page.absolute(written)))
    return tuple(target for target in found if canonicalise(target) != own and not _is_front(target))


def _claims(page: Page) -> Iterator[str | None]:
    for element in page.root.iter("link", "meta"):
        if element.tag == "link":
            rel = set((element.get("rel") or "").lower().split())
            # Beside `alternate` a media query tells of another form; a media type tells of a feed, a language of a translation.
            form = (
                "alternate" in rel and element.get("media") and not element.get("type") and not element.get("hreflang")
            )
            if rel & _OWN_RELS or form:
                yield element.get("href")
        elif (
            name := (element.get("property") or element.get("name") or element.get("itemprop") or "").lower()
        ) in _OWN_NAMES:
            yield element.get("content")
        elif (
            name == "mobile-agent"
        ):  # what Chinese search engines read: "format=html5; url=http://m.example.org/1.html"
            match = _AGENT_URL.search(element.get("content") or "")
            yield match[1] if match else None


def refresh_of(page: Page, url: str, header: str | None = None) -> str | None:
    """Give where a page without a text sends its reader on; None where it does not, or only to itself.

    header: the value of Refresh, a character a byte, which goes before what the page says.
    Source: HTML, 4.2.5.3, the refresh state; 7.5.1 for the header.
    """
    metas = page.root.iter("meta") if page.root is not None else ()
    told = (one.get("content") for one in metas if (one.get("http-equiv") or "").lower() == "refresh")
    led = [location_url(_refreshed(header), url), *(page.absolute(_refreshed(value)) for value in told)]
    return next((target for target in led if target and canonicalise(target) != canonicalise(url)), None)


def _refreshed(value: str | None) -> str:
    """Give the address in the value of a refresh that comes at once; "" where there is none."""
    match = _REFRESH.match(value or "")
    return (match["url"] or "") if match and float(match["delay"]) <= AT_ONCE_S else ""


def _is_front(url: str) -> bool:
    parts = urlsplit(url)
    return parts.path in ("", "/") and not parts.query
