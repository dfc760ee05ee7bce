"""What a list answer is, by its first bytes, and XML mended so that a strict parser reads it.

Takes   a body with its content coding undone, and its Content-Type.
Gives   text_of_body: its text; kind_of: a word for what it is; mended: XML without what makes parsers stop or swell; depth_of.
Writes  nothing.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from html.entities import html5

from archive.clean.charset import decode
from archive.clean.swelling import crowded
from archive.http.codings import looks_gzipped, undo

from .protocol import SourceError

# Of a list, unpacked: a text takes twenty to thirty times its bytes while it is read, and a crawl has 300 MB (decision 26).
# A sitemap of 50,000 addresses has 5 to 10 MB; it may have 50 (sitemaps.org, 2022-11).
MAX_BYTES = 10 << 20
_MOST_GZIPS = 2  # a server that gzips what is gzip already, and says so of neither
_SNIFFED = 8192  # characters; comments and style sheets may stand before the first element
_SKIPPED = re.compile(r"(?:\s++|<\?[^>]*+>|<!--(?s:.*?)-->|<!DOCTYPE[^>\[]*+(?:\[[^\]]*+\]\s*+)?>)++", re.IGNORECASE)
_ROOT = re.compile(r"<(?:[\w.-]+:)?([A-Za-z][\w.-]*)")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff\ud800-\udfff]")
_DECLARATION = re.compile(r"\s*+<\?xml[^>]*+>", re.IGNORECASE)
_DOCTYPE = re.compile(r"<!DOCTYPE", re.IGNORECASE)
_REFERENCE = re.compile(
    r"&(?:(#[0-9]{1,7};|#[xX][0-9a-fA-F]{1,6};|(?:amp|lt|gt|quot|apos);)|([A-Za-z][A-Za-z0-9]{1,31};)|)"
)
# A < that no > follows before the next <: text that was not escaped, or a tag that was cut.
_NO_TAG = re.compile(r"<(?![/!?]?[A-Za-z\[-][^<>]*+>)")
_TAG = re.compile(r"<(/?)([A-Za-z][\w:.-]*)[^<>]*?(/?)>")
_KINDS = {"rss": "an RSS feed", "rdf": "an RSS feed", "feed": "an Atom feed", "channel": "an RSS feed",
          "urlset": "a sitemap", "sitemapindex": "a sitemap", "html": "HTML"}  # fmt: skip
_HTML = re.compile(r"<(?:html|head|body|title|div|p|a|ul|table|script|meta|span|h[1-6]|section|main)\b", re.IGNORECASE)
_ADDRESS = re.compile(r"https?://\S+")


def text_of_body(body: bytes, content_type: str) -> str:
    """Give the text of a body, unpacked where it is gzip, whatever its headers say.

    Raises SourceError where it is broken gzip, larger than MAX_BYTES, or an element has more attributes than any.
    """
    for _ in range(_MOST_GZIPS):
        if not looks_gzipped(body):
            break
        unpacked = undo("gzip", body, MAX_BYTES)
        if unpacked.problem:
            raise SourceError("source", f"gzip that does not unpack: {unpacked.problem}")
        body = unpacked.body
    if len(body) > MAX_BYTES:
        raise SourceError("source", f"list of {len(body)} bytes; at most {MAX_BYTES} are read")
    text = decode(body, content_type).text.lstrip("\ufeff")
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
        return _KINDS.get(root, "HTML" if _HTML.search(text[:_SNIFFED]) else f"XML that begins with <{root}>")
    start = text[:_SNIFFED].strip()
    if not start:
        return "empty"
    if start[0] in "{[":
        return "JSON"
    if _HTML.search(start):
        return "HTML"
    return "a list of addresses" if _ADDRESS.match(start) else "plain text"


def root_of(text: str) -> str | None:
    """Give the local name of the first element, lower case; None where the text does not begin with markup."""
    skipped = _SKIPPED.match(text, 0, _SNIFFED)
    root = _ROOT.match(text, skipped.end() if skipped else 0)
    return root[1].lower() if root else None


def mended(text: str) -> str:
    """Give XML that no declaration, entity or control character keeps a parser from.

    Declaration and doctype go: the text is decoded already, and without entities of its own nothing swells and nothing is
    fetched. HTML's names become their characters; an ampersand that begins no reference is escaped, as in ?a=1&b=2.

    >>> mended("<?xml version='1.0' encoding='gbk'?><loc>/?a=1&b=2&amp;c&nbsp;&bomb;</loc>")
    '<loc>/?a=1&amp;b=2&amp;c\\xa0&amp;bomb;</loc>'
    """
    text = _without_doctype(_CONTROL.sub("", text))
    declared = _DECLARATION.match(text)
    text = text[declared.end() if declared else 0 :].lstrip()
    return "".join(piece if verbatim else _escaped(piece) for piece, verbatim in _pieces(text))


def depth_of(markup: str) -> tuple[int, int]:
    """Count the elements of XML: how many stand within each other at most, and how many there are.

    A tag that closes an outer element closes those within it, as readers of broken XML have it.
    """
    open_tags: list[str] = []
    opened: Counter[str] = Counter()
    deepest = count = 0
    for piece, verbatim in _pieces(markup):
        for tag in () if verbatim else _TAG.finditer(piece):
            closing, name, empty = tag.groups()
            count += 1
            if not closing and not empty:
                open_tags.append(name)
                opened[name] += 1
                deepest = max(deepest, len(open_tags))
            while closing and opened[name]:
                last = open_tags.pop()
                opened[last] -= 1
                if last == name:
                    break
    return deepest, count


def _pieces(text: str) -> Iterator[tuple[str, bool]]:
    """Part a text into what is markup and what stands as it is (CDATA: True)."""
    at = 0
    while (start := text.find("<![CDATA[", at)) >= 0 and (end := text.find("]]>", start)) >= 0:
        yield text[at:start], False
        yield text[start : end + 3], True
        at = end + 3
    yield text[at:], False


def _escaped(text: str) -> str:
    return _NO_TAG.sub("&lt;", _REFERENCE.sub(_reference, text))


def _reference(match: re.Match[str]) -> str:
    if match[1]:
        return _numeric(match[0])
    character = html5.get(match[2]) if match[2] else None
    if character is None:
        return "&amp;" + match[0][1:]
    return character if character not in "<&" else f"&#{ord(character)};"


def _numeric(reference: str) -> str:
    """Give a reference as it is; nothing where it stands for what XML may not hold (&#0; and its like)."""
    if reference[1] != "#":
        return reference
    code = int(reference[3:-1], 16) if reference[2] in "xX" else int(reference[2:-1])
    allowed = code in (9, 10, 13) or 0x20 <= code <= 0xD7FF or 0xE000 <= code <= 0xFFFD or 0x10000 <= code <= 0x10FFFF
    return reference if allowed else ""


def _without_doctype(text: str) -> str:
    """Take the document type out, with all that it declares."""
    found = _DOCTYPE.search(text, 0, _SNIFFED)
    if found is None:
        return text
    depth = 0
    quote = ""
    for at in range(found.end(), len(text)):
        character = text[at]
        if quote:
            quote = "" if character == quote else quote
        elif depth and character in "\"'":
            quote = character
        elif character == "[":
            depth += 1
        elif character == "]":
            depth -= 1
        elif character == ">" and depth <= 0:
            return text[: found.start()] + text[at + 1 :]
    return text[: found.start()]
