"""Enter a gzip member that holds many records at any of them, without unpacking it from its beginning each time.

Takes   a file, the offset of a gzip member, places in its unpacked bytes.
Gives   Windows that begin there.
Writes  nothing. Memory is that of _MAX_MARKS states of the unpacker, whatever the member's length.

Crawlers write records in the order in which answers end and date them by when they began, so that who reads by date goes
to and fro. isal cannot copy a state; zlib can, in 40 kB.
"""

from __future__ import annotations

import zlib
from bisect import bisect_right
from typing import Any

from .unpack import PIECE, File, Torn, Window

_MAX_MARKS = 256  # states that are kept: 10 MB
_SPACING = 8 << 20  # unpacked bytes between two marks at first: 30 ms of unpacking
_FEED = 16 << 10


class SharedMember:
    """One gzip member."""

    def __init__(self, file: File, offset: int, *, spacing: int = _SPACING) -> None:
        """spacing: unpacked bytes between two marks, until there are too many."""
        self._file, self.offset, self._spacing = file, offset, spacing
        # (unpacked bytes before it, offset of the next packed byte, state of the unpacker), in order
        self._marks: list[tuple[int, int, Any]] = [(0, offset, zlib.decompressobj(wbits=31))]
        self._window: Window | None = None

    def window(self, place: int) -> Window:
        """Open it at a place: where the reader stands, or from the nearest mark before it. Raises Torn."""
        nearest = self._marks[bisect_right(self._marks, place, key=lambda mark: mark[0]) - 1]
        if self._window is None or not nearest[0] <= self._window.position <= place:
            self._window = Window(_Unpacked(self, self._file, *nearest), nearest[0])
        self._window.drop(place - self._window.position)
        return self._window

    def mark(self, position: int, at: int, stream: Any) -> None:
        """Keep a state of the unpacker, where none is near; where there are many, every second one is given up."""
        if position < self._marks[-1][0] + self._spacing:
            return
        self._marks.append((position, at, stream.copy()))
        if len(self._marks) > _MAX_MARKS:
            self._marks, self._spacing = self._marks[::2], 2 * self._spacing


class _Unpacked:
    """The bytes of a member from a mark on."""

    def __init__(self, member: SharedMember, file: File, position: int, at: int, stream: Any) -> None:
        self._member, self._file, self._position, self._at = member, file, position, at
        self._stream = stream.copy()
        self._held = b""
        self.rest: int | None = None

    def piece(self) -> bytes:
        """Give the next bytes, b"" at the end. Raises Torn where the member is damaged or cut."""
        while not self._stream.eof:
            feed = self._held or self._file.read(self._at, _FEED)
            if not feed:
                raise Torn("the gzip member is cut")
            self._at += 0 if self._held else len(feed)
            try:
                piece: bytes = self._stream.decompress(feed, PIECE)
            except zlib.error as error:
                raise Torn(f"the gzip member is damaged ({error})") from error
            self._held = self._stream.unconsumed_tail
            self._position += len(piece)
            if piece:
                if not self._stream.eof:
                    self._member.mark(self._position, self._at - len(self._held), self._stream)
                return piece
        self.rest = 0
        return b""
