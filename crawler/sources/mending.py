"""XML mended so that a strict parser reads it, as a whole or piece by piece.

Takes   XML as text; in pieces, each of which begins with a tag or within a text, and ends where a tag begins.
Gives   mended, mended_pieces: XML without what makes parsers stop or swell; whole_tags: such pieces; depth_of.
Writes  nothing.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from html.entities import html5
from itertools import chain

SNIFFED = 8192  # characters; comments and style sheets may stand before the first element
LONGEST_TAG = 10_000_000  # characters from one < to the next; libxml2 takes no longer value or text
LONGEST_CDATA = 1 << 20  # characters of a section that stands in several pieces
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff\ud800-\udfff]")
_DECLARATION = re.compile(r"\s*+<\?xml[^>]*+>", re.IGNORECASE)
_DOCTYPE = re.compile(r"<!DOCTYPE", re.IGNORECASE)
_IN_DOCTYPE = re.compile(r"[\"'\[\]>]")
_REFERENCE = re.compile(
    r"&(?:(#[0-9]{1,7};|#[xX][0-9a-fA-F]{1,6};|(?:amp|lt|gt|quot|apos);)|([A-Za-z][A-Za-z0-9]{1,31};)|)"
)
# A < that no > follows before the next <: text that was not escaped, or a tag that was cut.
_NO_TAG = re.compile(r"<(?![/!?]?[A-Za-z\[-][^<>]*+>)")
_TAG = re.compile(r"<(/?)([A-Za-z][\w:.-]*+)[^<>]*?(/?)>")
_CDATA, _CDATA_END = "<![CDATA[", "]]>"


def mended(text: str) -> str:
    """Give XML that no declaration, entity or control character keeps a parser from.

    Declaration and doctype go: the text is decoded already, and without entities of its own nothing swells and nothing is
    fetched. HTML's names become their characters; an ampersand that begins no reference is escaped, as in ?a=1&b=2.

    >>> mended("<?xml version='1.0' encoding='gbk'?><loc>/?a=1&b=2&amp;c&nbsp;&bomb;</loc>")
    '<loc>/?a=1&amp;b=2&amp;c\\xa0&amp;bomb;</loc>'
    """
    return "".join(mended_pieces((text,)))


def mended_pieces(pieces: Iterable[str]) -> Iterator[str]:
    """Mend XML that comes in pieces as `whole_tags` gives them. CDATA without an end within LONGEST_CDATA is none."""
    held = ""
    for piece in _without_prolog(_CONTROL.sub("", piece) for piece in pieces):
        held += piece
        start = _unended(held)
        if len(held) - start > LONGEST_CDATA:
            start = len(held)
        yield _mended(held[:start])
        held = held[start:]
    yield _mended(held)


def _mended(text: str) -> str:
    return "".join(piece if verbatim else _escaped(piece) for piece, verbatim in _parts(text))


def _unended(text: str) -> int:
    """Tell where a CDATA section begins that has no end in a text; its length where there is none."""
    at = 0
    while (start := text.find(_CDATA, at)) >= 0:
        at = text.find(_CDATA_END, start) + 1
        if not at:
            return start
    return len(text)


def whole_tags(pieces: Iterable[str]) -> Iterator[str]:
    """Part a text anew so that each piece but the first begins with a <, and no tag stands in two.

    Raises ValueError where there is no < for longer than any reader would take.
    """
    held: list[str] = []
    length = 0
    for piece in pieces:
        at = piece.rfind("<")
        if at >= 0:
            yield "".join((*held, piece[:at]))
            held, length = [], 0
        held.append(piece[max(at, 0) :])
        length += len(held[-1])
        if length > LONGEST_TAG:
            raise ValueError(f"more than {LONGEST_TAG} characters between two tags")
    yield "".join(held)


def depth_of(markup: str) -> tuple[int, int]:
    """Count the elements of XML: how many stand within each other at most, and how many there are.

    A tag that closes an outer element closes those within it, as readers of broken XML have it.
    """
    open_tags: list[str] = []
    opened: Counter[str] = Counter()
    deepest = count = 0
    for piece, verbatim in _parts(markup):
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


def _parts(text: str) -> Iterator[tuple[str, bool]]:
    """Part a text into what is markup and what stands as it is (CDATA: True)."""
    at = 0
    while (start := text.find(_CDATA, at)) >= 0 and (end := text.find(_CDATA_END, start)) >= 0:
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


def _without_prolog(pieces: Iterable[str]) -> Iterator[str]:
    """Take declaration and document type out, with all that the type declares; it begins within the first SNIFFED characters."""
    rest = iter(pieces)
    head = ""
    while len(head) < SNIFFED and (piece := next(rest, None)) is not None:
        head += piece
    found = _DOCTYPE.search(head, 0, SNIFFED)
    if found is not None:
        behind = _behind_doctype(chain((head[found.end() :],), rest))
        head = head[: found.start()] + next(behind, "")
        rest = behind
    declared = _DECLARATION.match(head)
    yield head[declared.end() if declared else 0 :].lstrip()
    yield from rest


def _behind_doctype(pieces: Iterable[str]) -> Iterator[str]:
    """Give what stands behind the end of a document type; nothing where it has none."""
    depth, quote = 0, ""
    rest = iter(pieces)
    for piece in rest:
        at = 0
        while at < len(piece):
            mark = piece.find(quote, at) if quote else _found(piece, at)
            if mark < 0:
                break
            at = mark + 1
            match piece[mark]:
                case '"' | "'" as character if depth:
                    quote = "" if quote else character
                case "[":
                    depth += 1
                case "]":
                    depth -= 1
                case ">" if depth <= 0:
                    yield piece[at:]
                    yield from rest
                    return


def _found(text: str, at: int) -> int:
    found = _IN_DOCTYPE.search(text, at)
    return found.start() if found else -1
