"""Pages that hold their pictures: what `data:` addresses hold is taken out before a page is read, for no one reads it.

Takes   markup, or JSON that holds some, as bytes: in an encoding that has ASCII's characters at their places, or UTF-16.
Gives   without_inlined: it without what its `data:` addresses hold.
Writes  nothing. Takes time in proportion to the bytes, and memory for what is given alone.

Source: RFC 2397; the characters of base64 and of percent-encoding (RFC 4648, 4 and 5; RFC 3986, 2), with JSON's escapes of them.
"""

from __future__ import annotations

import codecs
import re

LONG_CHARACTERS = 1 << 10  # of what a data: address holds; a shorter one is left as it is
# Neither media type nor content has a colon, so each search of one ends where the next data: begins.
_TYPE = rb"[^\x00\s\"'<>():,]"
_CONTENT = rb"[A-Za-z0-9+/=_%.~!$*;-]"
_ESCAPED = rb"[/u]"  # behind a backslash: \/ and + in JSON; a backslash before a quote stays with it
_KEPT = 12  # characters of what it holds: in a srcset an address that ends in a comma is another one
_MOST_TYPE = 120  # characters of a media type with its parameters


def _pattern(before: bytes, behind: bytes) -> re.Pattern[bytes]:
    """Give the pattern of a data: address, of which each character stands between two such bytes."""

    def one(character: bytes) -> bytes:
        return before + character + behind

    head = b"".join(map(one, (b"[dD]", b"[aA]", b"[tT]", b"[aA]", b":")))
    kind = rb"(?:%b){0,%d}+" % (one(_TYPE), _MOST_TYPE)
    begin, content = rb"(?:%b){0,%d}+" % (one(_CONTENT), _KEPT), rb"(?:%b)*+" % one(_CONTENT)
    escaped = one(rb"\\") + one(_ESCAPED)
    return re.compile(rb"(%b%b%b%b)(%b(?:%b%b)*+)" % (head, kind, one(b","), begin, content, escaped, content))


_NARROW, _LITTLE, _BIG = _pattern(b"", b""), _pattern(b"", rb"\x00"), _pattern(rb"\x00", b"")
_WIDE = ((codecs.BOM_UTF16_LE, _LITTLE), (codecs.BOM_UTF16_BE, _BIG), (b"<\0", _LITTLE), (b"\0<", _BIG))


def without_inlined(markup: bytes, limit: int) -> bytes | None:
    """Take out what the long data: addresses of markup hold; of each the begin stays.

    limit: bytes of what is given. Returns None where there are more.

    >>> without_inlined(b'<img src="data:image/png;base64,' + b"iVBO" * 300 + b'"><p>x', 99)
    b'<img src="data:image/png;base64,iVBOiVBOiVBO"><p>x'
    """
    pattern = next((wide for begin, wide in _WIDE if markup.startswith(begin)), _NARROW)
    shortest = LONG_CHARACTERS * (1 if pattern is _NARROW else 2)
    kept: list[bytes] = []
    at = length = 0
    for found in pattern.finditer(markup):
        if found.end() - found.end(1) < shortest:
            continue
        length += found.end(1) - at
        if length > limit:
            return None
        kept.append(markup[at : found.end(1)])
        at = found.end()
    if length + len(markup) - at > limit:
        return None
    return b"".join((*kept, markup[at:]))
