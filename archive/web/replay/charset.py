"""The charset of an archived page: which bytes of it are ASCII, and what the browser is told.

Takes   the body and its Content-Type.
Gives   the body such that each ASCII character is one byte of its own, and the label of its charset.
Writes  nothing.
"""

from __future__ import annotations

import re

from ...clean.charset import codec_of, decode

_HEADER = re.compile(r"charset\s*+=\s*+[\"']?\s*+([\w.:+-]{1,40})", re.IGNORECASE)
_META = re.compile(rb"<meta[^>]{0,400}?charset\s*+=\s*+[\"']?\s*+([\w.:+-]{1,40})", re.IGNORECASE)
_XML = re.compile(rb"^\s*<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([\w.:+-]{1,40})", re.IGNORECASE)
_PRESCAN = 2048  # bytes; HTML asks for 1024, real pages put comments before
_BOMS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))
# Charsets in which a byte below 128 may be part of another character: such a page is given out as UTF-8.
_NOT_ASCII = re.compile(r"utf-?16|utf-?32|utf-?7|iso-?2022|hz|ucs", re.IGNORECASE)


def readable(body: bytes, content_type: str) -> tuple[bytes, str]:
    """Give a page's body and the label of its charset.

    What is declared stands, right or wrong: the page is shown as it was. Only where nothing is declared, its bytes are asked. The
    body is changed only where ASCII is not plain in it (UTF-16, ISO-2022-JP).
    """
    for bom, label in _BOMS:
        if body.startswith(bom):
            return (body, label) if label == "utf-8" else (_transcoded(body[2:], label), "utf-8")
    label = _declared(body, content_type)
    if label and _NOT_ASCII.match(label):
        return _transcoded(body, codec_of(label) or label), "utf-8"
    return body, label or _label(decode(body, content_type).encoding)


def _declared(body: bytes, content_type: str) -> str:
    told = _HEADER.search(content_type)
    if told:
        return told[1]
    start = body[:_PRESCAN]
    match = _META.search(start) or _XML.match(start)
    label = match[1].decode("ascii", "replace") if match else ""
    # A declaration that could be read as ASCII is none of UTF-16 (HTML, 13.2.3.2).
    return "utf-8" if label.lower().startswith("utf-16") else label


def _transcoded(body: bytes, codec: str) -> bytes:
    try:
        return body.decode(codec, "replace").encode()
    except LookupError:
        return body


def _label(codec: str) -> str:
    """Name a codec of Python as browsers know it."""
    return {"cp1252": "windows-1252", "big5hkscs": "big5", "cp932": "shift_jis", "cp949": "euc-kr"}.get(codec, codec)
