"""Whether the markup of a page breaks off: what a server sent before its script died, or its connection did.

Takes   the markup of a page, and what was read of it.
Gives   whether it has no end tag of the page, and elements that are open still; within what it stops.
Writes  nothing; pure, and linear in the length of the page.

HTML lets the end tags of html and body be left out (13.1.2.4), and a site may do so on every page. It never lets that of a div.
"""

from __future__ import annotations

import re
from html import unescape

_MARK = re.compile(r"<(?:(/?)(?:div|section|article|main|table|ul|ol)\b|(!--|script\b|style\b))")
_CLOSINGS = {"!--": "-->", "script": "</script", "style": "</style"}
_NAMES = {"!--": "a comment", "script": "a script", "style": "a style sheet"}
_ELEMENT = "an element"
_TAG = re.compile(r"<(?:[a-z/][^<>]*)?\Z")
_SPACE = re.compile(r"\s+")
_LAST = 20  # characters of the last sentence, by which it is known again in what was read
_LOOKED_AT = 4_000  # characters at the end of a page, for the beginning of a tag and the last sentence
_SENTENCE_END = re.compile("[。！？!?.…؟۔।;；:：”’\"'»』」）)\\]】》]\\Z")


def breaks_off(markup: str) -> bool:
    """Tell whether a page ends before its markup does.

    >>> breaks_off("<body><div><p>one"), breaks_off("<div><p>one</div>"), breaks_off("<div><p>one</body>"), breaks_off("one")
    (True, False, False, False)
    """
    return _left_open(markup.lower()) is not None


def torn(markup: str, told: str) -> str | None:
    """Say within what a page stops that has no end tag; None where it may be whole. told: the text that was read of it.

    No page ends within a tag or a script. One that ends with half a sentence of its article, in a div that is open, was not
    written so either; behind a whole one it may have been, and a foot of a page has no full stop.

    >>> torn("<div><p>水到了。</p><di", "水到了。"), torn("<div><p>渠水到", "渠水到"), torn("<div><p>水到了。", "水到了。")
    ('a tag', 'a sentence', None)
    """
    text = markup.lower()
    within, end = _left_open(text), text[-_LOOKED_AT:]
    if within in ("a script", "a style sheet"):
        return within
    if within == "a comment" or _has_end(text):
        return None
    if _TAG.search(end):
        return "a tag"
    last = _SPACE.sub("", unescape(end.rpartition(">")[2]))[-_LAST:]
    is_told = bool(last) and _SPACE.sub("", told[-_LOOKED_AT:].lower()).endswith(last)
    return "a sentence" if within == _ELEMENT and is_told and not _SENTENCE_END.search(last) else None


def _left_open(text: str) -> str | None:
    """Say what is open at the end of a page that has no end tag; None where nothing is that must be closed."""
    if _has_end(text):
        return None
    opened = at = 0
    while found := _MARK.search(text, at):
        at = found.end()
        if found[2]:
            at = text.find(_CLOSINGS[found[2]], at)
            if at < 0:
                return _NAMES[found[2]]
        else:
            opened += -1 if found[1] else 1
    return _ELEMENT if opened > 0 else None


def _has_end(text: str) -> bool:
    return "</body" in text or "</html" in text
