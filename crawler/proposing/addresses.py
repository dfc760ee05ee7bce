"""What an address says of the page behind it: an article, another list, or neither.

Takes   absolute addresses.
Gives   Kind of an address; its shape, by which articles of one series are alike; how much it looks like an article's.
Writes  nothing.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Literal
from urllib.parse import parse_qsl, urlsplit

from ..scope import canonicalise, is_public, literal_address, registered_domain

Kind = Literal["page", "index", "file", "off-site"]

_INDEX_WORDS = frozenset({
    "tag", "tags", "category", "categories", "author", "authors", "autor", "autoren", "user", "users", "search", "suche",
    "page", "seite", "login", "register", "archive", "archives", "topics", "channel", "profile", "about", "contact",
    "kontakt", "impressum", "rss", "feed",
})  # fmt: skip
_INDEX_NAMES = re.compile(
    r"(?:index|default|main|home|list|node|more)(?:[_-]?\d+)?(?:\.[a-z]{2,6})?|[a-z]{1,3}/?", re.I
)
_INDEX_KEYS = frozenset({
    "page", "p", "paged", "tag", "cat", "category", "author", "s", "q", "search", "offset", "sort",
})  # fmt: skip
_FILE = re.compile(r"\.(?:pdf|docx?|xlsx?|zip|rar|mp[34]|jpe?g|png|gif|webp|apk|exe|xml|rss|ics|css|js)$", re.I)
_DAY = re.compile(r"(?:19|20)\d\d[-/_]?(?:0[1-9]|1[0-2])(?:[-/_]?[0-3]\d)?")
_PAGE_SUFFIX = re.compile(r"\.(?:s?html?|php|aspx?|jsp|do|cgi)$", re.I)
_HEX = re.compile(r"[0-9a-f]{8,}", re.I)


@lru_cache(8192)
def kind_of(url: str, own: str) -> Kind:
    """Tell what an address leads to, as far as it tells. own: the list's own address."""
    parts, here = urlsplit(url), urlsplit(own)
    if not _same_site(parts.hostname or "", here.hostname or "", url, own):
        return "off-site"
    path = parts.path
    if _FILE.search(path):
        return "file"
    segments = [segment for segment in path.split("/") if segment]
    last = segments[-1] if segments else ""
    keys = {key.lower() for key, _ in parse_qsl(parts.query, keep_blank_values=True)}
    if path.rstrip("/") == here.path.rstrip("/") and (not keys or keys <= _INDEX_KEYS):
        return "index"
    if not segments and not keys:
        return "index"
    if {part.lower().partition(".")[0] for part in segments[-2:]} & _INDEX_WORDS and not _DAY.search(path):
        return "index"
    if keys and keys <= _INDEX_KEYS and not _PAGE_SUFFIX.search(path):
        # ?p=123 is how WordPress names an article
        return "page" if keys == {"p"} and not segments else "index"
    if _INDEX_NAMES.fullmatch(last) and not keys:
        return "page" if _DAY.search(path) else "index"
    return "page"


def is_private(url: str) -> bool:
    """Tell whether an address names a host of a private network by itself: a number of one, or localhost.

    >>> is_private("http://127.0.0.1:8080/"), is_private("http://[fd00::1]/"), is_private("https://paper.example/")
    (True, True, False)
    """
    host = urlsplit(url).hostname or ""
    address = literal_address(host)
    return host == "localhost" or host.endswith(".localhost") or (address is not None and not is_public(str(address)))


def _same_site(host: str, own: str, url: str, own_url: str) -> bool:
    if literal_address(own) is not None or "." not in own:
        return urlsplit(url).netloc == urlsplit(own_url).netloc
    return registered_domain(host) == registered_domain(own)


@lru_cache(8192)
def shape_of(url: str) -> str:
    """Write an address with its numbers and names of articles left out.

    >>> shape_of("http://a.example/news/2018/0830/001.html"), shape_of("http://a.example/kanal/der-bau-beginnt-12")
    ('/news/N/N/N.html', '/kanal/S')
    """
    parts = urlsplit(canonicalise(url))
    segments = [segment for segment in parts.path.split("/") if segment]
    shaped = []
    for at, segment in enumerate(segments):
        stem, suffix = segment, ""
        if match := _PAGE_SUFFIX.search(segment):
            stem, suffix = segment[: match.start()], match[0].lower()
        if re.fullmatch(r"[\d_.-]+", stem):
            stem = "N"
        elif _HEX.fullmatch(stem) or (re.search(r"\d{3}", stem) and not suffix and at == len(segments) - 1):
            stem = "S"
        elif re.search(r"\d", stem):
            stem = re.sub(r"\d+", "N", stem) if stem.count("-") < 2 else "S"
        elif at == len(segments) - 1:
            stem = "S"
        shaped.append(stem + suffix)
    keys = sorted(key for key, _ in parse_qsl(parts.query, keep_blank_values=True))
    return "/" + "/".join(shaped) + ("?" + "&".join(keys) if keys else "")


def article_likeness(url: str) -> float:
    """Say how much an address looks like an article's, from 0 to 1: a day, a number, a slug of words, the name of a page."""
    parts = urlsplit(url)
    last = next((segment for segment in reversed(parts.path.split("/")) if segment), "")
    if _DAY.search(parts.path):
        return 1.0
    if re.search(r"\d{3}", last) or any(
        value.isdigit() or _HEX.fullmatch(value) for _, value in parse_qsl(parts.query)
    ):
        return 0.8
    if last.count("-") >= 2 or last.count("_") >= 2 or "%" in last:
        return 0.7
    return 0.6 if _PAGE_SUFFIX.search(last) or re.search(r"\d", last) else 0.2
