"""What a list answer is, by its first bytes, whatever its headers say.

Takes   a body with its content coding undone, and its Content-Type.
Gives   unpacked: it without gzip; text_of_body: its text; root_of, kind_of: what it is.
Writes  nothing.
"""

from __future__ import annotations

import re

from archive.clean.charset import decode
from archive.clean.swelling import crowded
from archive.http.codings import looks_gzipped, undo

from .mending import SNIFFED
from .protocol import SourceError

# Of a list, unpacked: a text takes twenty to thirty times its bytes while it is read, and a crawl has 300 MB (decision 26).
MAX_BYTES = 10 << 20
_MOST_GZIPS = 2  # a server that gzips what is gzip already, and says so of neither
_SKIPPED = re.compile(r"(?:\s++|<\?[^>]*+>|<!--(?s:.*?)-->|<!DOCTYPE[^>\[]*+(?:\[[^\]]*+\]\s*+)?>)++", re.IGNORECASE)
_ROOT = re.compile(r"<(?:[\w.-]+:)?([A-Za-z][\w.-]*)")
_KINDS = {"rss": "an RSS feed", "rdf": "an RSS feed", "feed": "an Atom feed", "channel": "an RSS feed",
          "urlset": "a sitemap", "sitemapindex": "a sitemap", "html": "HTML"}  # fmt: skip
_HTML = re.compile(r"<(?:html|head|body|title|div|p|a|ul|table|script|meta|span|h[1-6]|section|main)\b", re.IGNORECASE)
_ADDRESS = re.compile(r"https?://\S+")


def unpacked(body: bytes, limit: int) -> bytes:
    """Give a body without the gzip that nothing declares.

    limit: bytes of the body, unpacked. Raises SourceError where there are more, or it is broken gzip.
    """
    for _ in range(_MOST_GZIPS):
        if not looks_gzipped(body):
            break
        undone = undo("gzip", body, limit)
        if undone.problem:
            raise SourceError("source", f"gzip that does not unpack: {undone.problem}")
        body = undone.body
    if len(body) > limit:
        raise SourceError("source", f"list of {len(body)} bytes; at most {limit} are read")
    return body


def text_of_body(body: bytes, content_type: str) -> str:
    """Give the text of a body, unpacked where it is gzip.

    Raises SourceError where it is broken gzip, larger than MAX_BYTES, or an element has more attributes than any.
    """
    text = decode(unpacked(body, MAX_BYTES), content_type).text.lstrip("\ufeff")
    if too_much := crowded(text.encode("utf-8", "replace")):
        raise SourceError("source", f"a list with {too_much}")
    return text


def kind_of(text: str) -> str:
    """Name what a text is, for a report.

    >>> kind_of("<!doctype html><p>x"), kind_of("<?xml version='1.0'?><rss>"), kind_of('{"a": 1}'), kind_of(" ")
    ('HTML', 'an RSS feed', 'JSON', 'empty')
    """
    root = root_of(text)
    if root is not None:
        return _KINDS.get(root, "HTML" if _HTML.search(text[:SNIFFED]) else f"XML that begins with <{root}>")
    start = text[:SNIFFED].strip()
    if not start:
        return "empty"
    if start[0] in "{[":
        return "JSON"
    if _HTML.search(start):
        return "HTML"
    return "a list of addresses" if _ADDRESS.match(start) else "plain text"


def root_of(text: str) -> str | None:
    """Give the local name of the first element, lower case; None where the text does not begin with markup."""
    skipped = _SKIPPED.match(text, 0, SNIFFED)
    root = _ROOT.match(text, skipped.end() if skipped else 0)
    return root[1].lower() if root else None
