"""Whether markup is more than any page has: what would take a parser, or the chooser, minutes and hundreds of megabytes.

Takes   markup as bytes, in an encoding that has ASCII's characters at their places (UTF-16 is told by its tags, too).
Gives   what is too much of it, as one plain line, or None.
Writes  nothing.
"""

from __future__ import annotations

import re

MAX_TAGS = 300_000  # 1,400,000 took 190 MB and 5 s; the longest page of a standard has 250,000, an article 5,000
MAX_ATTRIBUTES = 500  # of one tag: libxml2 2.14 goes through all before it for each (40,000: 2.4 s, their square)
_SHORT_BYTES = 128 << 10  # in which no number of tags or attributes takes a second
# A quoted value stands behind an equals sign (WHATWG HTML, 13.2.5); a quote elsewhere in a tag opens nothing.
_VALUE = rb"=[\s]*+(?:\"[^\"]*+\"|'[^']*+')"
_TAG = rb"(?:%b|[^>=]++|=)*+" % _VALUE
# What stands in scripts, styles and comments is no tag; one that is not closed reaches to the end.
_TAGS = re.compile(
    rb"<!--(?s:.*?)(?:-->|\Z)|<(?i:(script|style)\b)(%b)(?s:.*?)(?:</(?i:\1)|\Z)|<[A-Za-z](%b)" % (_TAG, _TAG)
)
_ATTRIBUTE = re.compile(rb"[\s/][^\s/>=]")
_QUOTED = re.compile(_VALUE)


class SwollenError(ValueError):
    """A page has more of something than any page of an article."""


def swelling(markup: bytes) -> str | None:
    """Say what is too much of markup, None where it is like a page."""
    if len(markup) <= _SHORT_BYTES:
        return None
    return f"more than {MAX_TAGS} tags" if markup.count(b"<") > MAX_TAGS else crowded(markup)


def crowded(markup: bytes, short_bytes: int = _SHORT_BYTES) -> str | None:
    """Say whether an element has more attributes than any, None where none has, or all is not longer than short_bytes."""
    if len(markup) <= short_bytes:
        return None
    for found in _TAGS.finditer(markup):
        tag = found[2] or found[3] or b""
        if len(tag) > 2 * MAX_ATTRIBUTES and _attributes(tag) > MAX_ATTRIBUTES:
            return f"more than {MAX_ATTRIBUTES} attributes of one element"
    return None


def _attributes(tag: bytes) -> int:
    return sum(1 for _ in _ATTRIBUTE.finditer(_QUOTED.sub(b"= ", tag)))
