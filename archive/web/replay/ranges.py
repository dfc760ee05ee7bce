"""Ranges of bytes: what a film that is played, or a WACZ that is read by its index, asks for.

Takes   a Range header, the length of what is asked.
Gives   first and last byte.
Writes  nothing.

Source: RFC 9110, 14.1.2 (byte ranges), 14.2: a Range that is not understood is as none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_RANGE = re.compile(r"bytes[ \t]*=[ \t]*(\d{0,18})[ \t]*-[ \t]*(\d{0,18})[ \t]*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Span:
    """Bytes from `first` to `last`, both included, of `total`."""

    first: int
    last: int
    total: int

    @property
    def length(self) -> int:
        """How many bytes it is."""
        return self.last - self.first + 1

    @property
    def header(self) -> str:
        """Spell it as Content-Range does."""
        return f"bytes {self.first}-{self.last}/{self.total}"


class Unsatisfiable(Exception):  # noqa: N818  it is an answer (416), no error of ours
    """A range that begins behind the end."""


def span(header: str | None, total: int) -> Span | None:
    """Read a Range of one part; None where all is wanted, also for several parts. Raises Unsatisfiable.

    >>> span("bytes=-5", 20), span("bytes=0-0, 5-6", 20)
    (Span(first=15, last=19, total=20), None)
    """
    match = _RANGE.fullmatch(header or "")
    if match is None or not (match[1] or match[2]):
        return None
    if not match[1]:
        first, last = max(total - int(match[2]), 0), total - 1
        if int(match[2]) == 0:
            raise Unsatisfiable
    else:
        first, last = int(match[1]), min(int(match[2] or total), total - 1)
        if match[2] and int(match[2]) < first:
            return None
    if first >= total:
        raise Unsatisfiable
    return Span(first, last, total)


def cut(pieces: Iterator[bytes], wanted: Span) -> Iterator[bytes]:
    """Give the bytes of a span out of all; nothing behind them is read."""
    skip, left = wanted.first, wanted.length
    for piece in pieces:
        part = piece[skip : skip + left]
        skip = max(skip - len(piece), 0)
        left -= len(part)
        if part:
            yield part
        if not left:
            return
