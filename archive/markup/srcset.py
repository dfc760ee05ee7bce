"""The addresses in a srcset attribute, found or replaced.

Takes   the attribute's value.
Gives   the address of each candidate, as written; the value with others in their places.
Writes  nothing. Never raises.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

_SPACE = "\t\n\f\r "
_NOT_SPACE = re.compile(rf"[^{_SPACE}]+")


def srcset_addresses(text: str) -> Iterator[str]:
    """Give the addresses of a srcset. A comma within an address belongs to it; one at its end parts it from the next.

    >>> list(srcset_addresses("/i/w=8,q=9/1.jpg 1x, /2.jpg 2x,/3.jpg, data:image/gif;base64,R0== 3x"))
    ['/i/w=8,q=9/1.jpg', '/2.jpg', '/3.jpg', 'data:image/gif;base64,R0==']
    """
    return (text[start:end] for start, end in _spans(text))


def rewrite_srcset(text: str, instead: Callable[[str], str | None]) -> str:
    """Put other addresses in the places of those that are there. instead: gives one, None to leave what is there.

    >>> rewrite_srcset("a.png, b.png 2x", lambda address: f"/{address},")
    '/a.png%2C, /b.png%2C 2x'
    """
    parts, done = [], 0
    for start, end in _spans(text):
        address = instead(text[start:end])
        if address is not None:
            # A comma at either end of a candidate would part it from the next.
            parts += [text[done:start], address[:-1] + "%2C" if address.endswith(",") else address]
            done = end
    return "".join([*parts, text[done:]])


def _spans(text: str) -> Iterator[tuple[int, int]]:
    """Give where each address begins and ends.

    Source: HTML, "parsing a srcset attribute" (4.8.4.2.2), steps 4 to 13 without the descriptors' values.
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
        address, position = match[0].rstrip(","), match.end()
        yield match.start(), match.start() + len(address)
        if len(address) == len(match[0]):
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
