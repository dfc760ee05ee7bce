"""Whether a body that goes on behind its Content-Length was whole before: many a server counts characters and sends bytes.

Takes   a response whose payload is longer than its Content-Length says.
Gives   the response up to that length, and what came behind it; whether nothing of what was meant lacks.
Writes  nothing; pure.

A browser reads up to the length, and so do we. How much of the rest came with it is chance, so it is never read.
"""

from __future__ import annotations

import re
from dataclasses import replace

from archive.http import Decoded, Response, header

_LOOKED_AT = 1 << 10  # bytes at either end
_PAGE = re.compile(rb"<(?:!doctype\s+html|html|body)\b", re.IGNORECASE)
_PAGE_END = re.compile(rb"</html\s*>?\s*(?:<!--(?:(?!-->).)*-->\s*)*", re.IGNORECASE | re.DOTALL)
_DATA_END = re.compile(rb"(?:[}\])]\s*;?|</(?:rss|feed|urlset|sitemapindex|rdf:rdf)\s*>)\s*", re.IGNORECASE)
# What of a page may lack without loss: the rest of a tag, end tags.
_ENDS = re.compile(rb"(?:[a-z0-9/]{0,10}\s*>)?\s*(?:</[a-z0-9]+\s*>?\s*)*", re.IGNORECASE)


def within_length(response: Response) -> tuple[Response, bytes]:
    """Give a response up to its Content-Length, and what of its payload is behind that."""
    if not response.surplus:
        return response, b""
    end = len(response.payload) - response.surplus
    return replace(response, payload=response.payload[:end], surplus=0), response.payload[end:]


def was_whole(response: Response, decoded: Decoded, behind: bytes) -> bool:
    """Tell whether a body was at its end where its length ended. decoded: it, its content codings removed."""
    if header(response, "Content-Encoding") and not decoded.problem:
        return True  # what is packed has an end of its own
    return ends(decoded.body, behind)


def ends(body: bytes, behind: bytes) -> bool:
    """Tell whether a text is at its end, or what is behind it adds nothing.

    >>> ends(b"<html><p>one</p></html>", b"pad"), ends(b"<html><p>one</p></body></ht", b"ml>")
    (True, True)
    >>> ends(b"<html><p>one</p><p>tw", b"o</p></html>"), ends(b'{"a": 1}', b"x"), ends(b'{"a": ', b"1}")
    (False, True, False)
    """
    end = body[-_LOOKED_AT:]
    if not _PAGE.search(body[:_LOOKED_AT]):
        return any(match.end() == len(end) for match in _DATA_END.finditer(end))
    ended = any(match.end() == len(end) for match in _PAGE_END.finditer(end))
    return ended or _ENDS.fullmatch(behind) is not None
