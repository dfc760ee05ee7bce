"""The addresses in a style sheet, found or replaced.

Takes   CSS as text: a sheet, a <style> element or a style attribute; in any encoding that holds ASCII, also as Latin-1.
Gives   each address as written, escapes undone, with what it is for and where it stands; the text with others in their places.
Writes  nothing. Never raises; linear in the length of the text.

Source: CSS Syntax 3, section 4 (tokens), and CSS Images 4, 2.3 (image-set). `<!--` and `-->` are tokens, no comments: what
stands between them counts.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Literal, NamedTuple

Kind = Literal["image", "style", "script", "font", "media", "frame", "css", "other"]

# Quantifiers are possessive, so that no text, however broken, is read over and over.
_WHOLE = r"\"(?:[^\"\\\n\r\f]|\\(?:\r\n|.))*+(?:\"|\Z)|'(?:[^'\\\n\r\f]|\\(?:\r\n|.))*+(?:'|\Z)"
_GAP = r"(?:\s|/\*(?:[^*]|\*(?!/))*+(?:\*/|\Z))*+"
# Where something begins that matters. Each branch starts with a plain character: the search is slow otherwise.
_BEGIN = re.compile(r"/\*|\\|\"|'|@|u[rR][lL]\(|U[rR][lL]\(|image-set\(|IMAGE-SET\(")
_COMMENT = re.compile(r"/\*(?:[^*]|\*(?!/))*+(?:\*/|\Z)")
_STRING = re.compile(_WHOLE, re.S)
_BROKEN = re.compile(r"[^\n\r\f]*+")  # a string that a line's end breaks
_PREFIX = re.compile(rf"(?!url\()[\w-]++{_GAP}", re.I)
_URL = re.compile(
    rf"url\(\s*+(?:({_WHOLE})|((?:[^\s\"'()\\]|\\(?:[0-9a-f]{{1,6}}(?:\r\n|\s)?|[^\n\r\f]))*+))\s*+(?:\)|\Z)", re.S | re.I
)  # fmt: skip
_RULE = re.compile(rf"@(import|namespace|font-face)(?![\w-]){_GAP}", re.I)
_NAME_BEFORE = re.compile(r"[\w-]")
_ESCAPE = re.compile(r"\\(?:([0-9A-Fa-f]{1,6})(?:\r\n|[ \t\n\r\f])?|(\r\n|[\n\r\f])|(.))", re.S)
_QUOTED = re.compile(r"[\"\\\x00-\x1f\x7f<]")  # what a string cannot hold as it is, and what would end a <style>
_SET_PART = re.compile(
    rf"(?P<string>{_WHOLE})|(?P<url>{_URL.pattern})|(?P<call>\()|(?P<end>\))|(?P<stop>[;}}])", re.S | re.I
)


class Span(NamedTuple):
    """One address in a text. start, end: of the whole token: url(...), or a string with its quotes."""

    address: str
    kind: Kind
    start: int
    end: int


def css_addresses(text: str) -> Iterator[tuple[str, Kind]]:
    """Give the addresses of a style sheet in their order, each with its kind; "css" is url() in a declaration.

    >>> list(css_addresses('<!-- @import "a.css"; --> p { background: url( "b,1.png" ) }'))
    [('a.css', 'style'), ('b,1.png', 'css')]
    """
    for span in css_spans(text):
        yield span.address, span.kind


def rewrite_css(text: str, instead: Callable[[str, Kind], str | None]) -> str:
    """Put other addresses in the places of those that are there; all else stays to the character.

    instead: gives the address to be written, None to leave one as it is.

    >>> rewrite_css("a{b:url(c d.png)}@import 'e.css' print;", lambda address, kind: f"/{kind}/{address}")
    'a{b:url(c d.png)}@import "/style/e.css" print;'
    """
    parts, done = [], 0
    for span in css_spans(text):
        address = instead(span.address, span.kind)
        if address is None:
            continue
        quoted = f'"{_QUOTED.sub(_escaped, address)}"'
        parts += [text[done : span.start], quoted if text[span.start] in "\"'" else f"url({quoted})"]
        done = span.end
    return "".join([*parts, text[done:]]) if parts else text


def css_spans(text: str) -> Iterator[Span]:
    """Give the addresses of a style sheet in their order, each with its kind and place."""
    lower = text.lower()
    if "url(" not in lower and "@import" not in lower and "image-set(" not in lower:
        return
    position, font_until = 0, 0
    while begin := _BEGIN.search(text, position):
        start = begin.start()
        match text[start]:
            case "/":
                position = _end(_COMMENT, text, start)
            case "\\":
                position = start + 2
            case '"' | "'":
                position = _end(_STRING if _STRING.match(text, start) else _BROKEN, text, start)
            case "@":
                rule = _RULE.match(text, start)
                position = rule.end() if rule else start + 1
                name = rule[1].lower() if rule else ""
                if name == "font-face":
                    font_until = _end_of_block(text, position)
                elif name:
                    address, place, position = _target(text, position)
                    if address and name == "import":  # a namespace's name only looks like an address
                        yield Span(address, "style", place, position)
            case "u" | "U":
                found = None if _is_name_before(text, start) else _URL.match(text, start)
                position = found.end() if found else begin.end()
                address = _address(found) if found else ""
                if address:
                    yield Span(address, "font" if start < font_until else "css", start, position)
            case _:
                spans, position = _image_set(text, begin.end())
                yield from spans


def _end(pattern: re.Pattern[str], text: str, start: int) -> int:
    found = pattern.match(text, start)
    return max(found.end() if found else 0, start + 1)


def _end_of_block(text: str, start: int) -> int:
    end = text.find("}", start)
    return len(text) if end < 0 else end


def _is_name_before(text: str, start: int) -> bool:
    """Tell whether what stands here is the end of a longer name (curl(, -my-url()."""
    return start > 0 and bool(_NAME_BEFORE.match(text, start - 1))


def _target(text: str, position: int) -> tuple[str, int, int]:
    """Read what an @import or @namespace names, its place and the one behind it; a namespace may have a prefix before it."""
    prefix = _PREFIX.match(text, position)
    position = prefix.end() if prefix else position
    found = _URL.match(text, position)
    if found:
        return _address(found), position, found.end()
    string = _STRING.match(text, position)
    return (_unquoted(string[0]), position, string.end()) if string else ("", position, position)


def _image_set(text: str, position: int) -> tuple[list[Span], int]:
    """Read the strings and urls of an image-set up to its closing parenthesis; strings within type() are media types."""
    found: list[Span] = []
    depth = 1
    while depth and (part := _SET_PART.search(text, position)):
        position = part.end()
        address = ""
        if part["stop"]:  # never closed
            return found, part.start()
        if part["end"]:
            depth -= 1
        elif part["call"]:
            depth += 1
        elif part["url"]:
            url = _URL.match(text, part.start())
            address = _address(url) if url else ""
        elif depth == 1:
            address = _unquoted(part["string"])
        if address:
            found.append(Span(address, "image", part.start(), part.end()))
    return found, position


def _address(url: re.Match[str]) -> str:
    return _unquoted(url[1]) if url[1] is not None else unescape(url[2])


def _unquoted(string: str) -> str:
    """Undo the quotes of a string; the end of the text may stand for the second one."""
    closed = len(string) > 1 and string[-1] == string[0]
    return unescape(string[1:-1] if closed else string[1:]).strip()


def unescape(text: str) -> str:
    r"""Undo the escapes of a CSS string or url.

    Source: CSS Syntax 3, 4.3.7: up to six hex digits and one blank; zero, surrogates and too large numbers are U+FFFD.

    >>> unescape(r"a\26 b\)c")
    'a&b)c'
    """
    return _ESCAPE.sub(_unescaped, text) if "\\" in text else text


def _unescaped(match: re.Match[str]) -> str:
    if match[1]:
        number = int(match[1], 16)
        return chr(number) if 0 < number < 0xD800 or 0xDFFF < number <= 0x10FFFF else "\ufffd"
    return match[3] or ""


def _escaped(match: re.Match[str]) -> str:
    return f"\\{ord(match[0]):x} "
