"""The addresses in a srcset attribute.

Takes   the attribute's value.
Gives   the address of each candidate, as written.
Writes  nothing. Never raises.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_SPACE = "\t\n\f\r "
_NOT_SPACE = re.compile(rf"[^{_SPACE}]+")


def srcset_addresses(text: str) -> Iterator[str]:
    """Give the addresses of a srcset. A comma within an address belongs to it; one at its end parts it from the next.

    Source: HTML, "parsing a srcset attribute" (4.8.4.2.2), steps 4 to 13 without the descriptors' values.

    >>> list(srcset_addresses("/i/w=8,q=9/1.jpg 1x, /2.jpg 2x,/3.jpg, data:image/gif;base64,R0== 3x"))
    ['/i/w=8,q=9/1.jpg', '/2.jpg', '/3.jpg', 'data:image/gif;base64,R0==']
    """
    position, end = 0, len(text)
    while True:
        while position < end and (text[position] in _SPACE or text[position] == ","):
            position += 1
        if position >= end:
            return
        match = _NOT_SPACE.match(text, position)
        if match is None:
            return
        address, position = match[0], match.end()
        if address.endswith(","):
            yield address.rstrip(",")
            continue
        yield address
        position = _behind_descriptors(text, position)


def _behind_descriptors(text: str, position: int) -> int:
    """Give the place behind the comma that ends a candidate; one in parentheses does not."""
    inside = False
    for place in range(position, len(text)):
        character = text[place]
        if inside:
            inside = character != ")"
        elif character == "(":
            inside = True
        elif character == ",":
            return place + 1
    return len(text)
