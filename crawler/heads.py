"""Where the heads of a response end that came over the wire, and what stands in them.

Takes   the bytes of a response, as many of them as have come.
Gives   offsets; the header lines; whether bytes behind a body go on with it.
Writes  nothing.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archive.octets import Octets

BEGUN_BYTES = 4 << 20  # of a response, in which its head ends, or is too long

_HEAD_END = re.compile(rb"\n\r?\n")  # Twisted's parser takes a bare LF as the end of a line, and so does this
_INTERIM = re.compile(rb"HTTP/\d+\.\d+ +1\d\d\b")
_ANSWER = b"HTTP/"
_BLANKS = b" \t\r\n\0"


def header_lines(response: Octets) -> Iterator[tuple[bytes, bytes]]:
    """Yield name and value of each header line of a raw response; folded lines are joined, lines without colon left out."""
    begun = response[:BEGUN_BYTES]
    head = begun[: head_end(begun)].replace(b"\r\n", b"\n")
    for line in re.sub(rb"\n[ \t]+", b" ", head).split(b"\n")[1:]:
        name, colon, value = line.partition(b":")
        if colon:
            yield name.strip(), value.strip()


def head_end(raw: bytes, start: int = 0) -> int:
    """Return the offset behind the status line and headers that begin at `start`; the length of `raw` where they do not end."""
    found = _HEAD_END.search(raw, start)
    return found.end() if found else len(raw)


def goes_on(rest: bytes) -> bool:
    """Tell whether bytes behind a body of a told length are more of it: neither blanks nor an answer to nothing that was asked.

    >>> [goes_on(rest) for rest in (b"\\r\\n", b"HTTP/1.1 200 OK\\r\\n", "第三段".encode())]
    [False, False, True]
    """
    rest = rest.strip(_BLANKS)
    return bool(rest) and rest[: len(_ANSWER)] != _ANSWER[: len(rest)]


def final_head(raw: bytes) -> int:
    """Return the offset of the first byte after the interim (1xx) heads that a captured response begins with.

    They are messages of their own (RFC 9110, 15.2), and Twisted's parser skips them in the same way.

    >>> final_head(b"HTTP/1.1 103 Early Hints\\r\\n\\r\\nHTTP/1.1 200 OK\\r\\n\\r\\n")
    28
    """
    start = 0
    while _INTERIM.match(raw, start):
        start = head_end(raw, start)
    return start
