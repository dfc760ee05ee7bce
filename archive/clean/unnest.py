"""Markup with fewer elements within each other, so that a parser with a limit reads it to its end.

Takes   HTML as UTF-8.
Gives   the same text; start and end tags below a depth are left out, with a line break where they part paragraphs.
Writes  nothing.

libxml2 stops at 2,048 elements within each other and drops the rest of the page. Pages come to that by elements that are never
closed: a font for each paragraph of a long text. One pass, no recursion, in time that grows with the length alone.
"""

from __future__ import annotations

import re
from collections import defaultdict

from .blocks import BLOCK_TAGS

# Elements that are counted: a table brings three more (tbody, tr, td) that are not, so that 2,048 stay far.
DEPTH = 400

_TOKEN = re.compile(
    rb"<!--.*?(?:-->|\Z)|<(script|style|title|textarea)\b.*?(?:</\1|\Z)"
    rb"|<(?P<end>/?)(?P<name>[a-z][a-z0-9:_-]*+)(?P<rest>(?:[^<>\"']|\"[^\"<]*\"|'[^'<]*')*+|[^<>]*+)>",
    re.I | re.S,
)
# What is never open, and what the next of its kind closes.
_UNCOUNTED = frozenset(
    b"area base br col embed hr img input link meta param source track wbr html head body"
    b" p li tr td th tbody colgroup option".split()
)
_BLOCKS = frozenset(tag.encode() for tag in BLOCK_TAGS)


def unnested(markup: bytes) -> bytes:
    """Leave out the tags of elements that stand deeper than DEPTH.

    >>> unnested(b"<i>" * 1000 + b"text").count(b"<i>")
    400
    """
    return _TOKEN.sub(_Open().token, markup)


class _Open:
    """The elements that are open at a place of the markup."""

    def __init__(self) -> None:
        self.stack: list[bytes] = []
        self.places: dict[bytes, list[int]] = defaultdict(list)  # of a name in the stack; of all blocks, by b""

    def token(self, match: re.Match[bytes]) -> bytes:
        """Give what stands for a tag, a comment or a script in the new markup."""
        name = (match["name"] or b"").lower()
        if not name or name in _UNCOUNTED or match["rest"].endswith(b"/"):
            return match[0]
        depth = self._close(name) if match["end"] else self._open(name)
        if depth < DEPTH:
            return match[0]
        return b"<br>" if name in _BLOCKS else b""

    def _open(self, name: bytes) -> int:
        """Open an element; how deep it stands."""
        depth = len(self.stack)
        self.stack.append(name)
        for key in (name, b"") if name in _BLOCKS else (name,):
            self.places[key].append(depth)
        return depth

    def _close(self, name: bytes) -> int:
        """Close the innermost element of a name, with those in it; how deep it stood, DEPTH where none is closed.

        The end of an inline element closes no block, as parsers have it. An end without a start costs libxml2 a look at all
        that is open.
        """
        places, blocks = self.places[name], self.places[b""]
        if not places or (name not in _BLOCKS and blocks and blocks[-1] > places[-1]):
            return DEPTH
        depth = places[-1]
        while len(self.stack) > depth:
            inner = self.stack.pop()
            for key in (inner, b"") if inner in _BLOCKS else (inner,):
                self.places[key].pop()
        return depth
