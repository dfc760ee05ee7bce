"""The bytes of a file made by others, unpacked piece by piece: gzip members, or a file that is not packed.

Takes   an open file, an offset.
Gives   Window: bytes that are read forwards, as many in memory as its reader asks for; Torn where a gzip member breaks.
Writes  nothing.

No length that a file tells is ever allocated; a gzip bomb comes out in pieces of PIECE bytes and is dropped as it is read.
"""

from __future__ import annotations

import os
import re
from typing import Protocol

from isal import isal_zlib

PIECE = 256 << 10  # bytes that a source gives at once, at most
_SHORT = 1 << 20  # bytes of a member that is unpacked in one go
_BUFFER = 1 << 20  # bytes read from the file at once
# What is fed beyond a member's end is copied once by the library, which is less than what a further call costs.
_FIRST_FEED, _LARGEST_FEED = 16 << 10, 64 << 10
GZIP = b"\x1f\x8b\x08"  # RFC 1952, 2.3.1: magic and the only method there is
_MEMBER = re.compile(rb"\x1f\x8b\x08[\x00-\x1f]")  # 2.3.1: the upper flags are reserved and must be zero


class Torn(Exception):  # noqa: N818  it is no error of ours: the reader catches each and goes on behind it
    """A gzip member that is damaged or cut. The message says which."""


class File:
    """A file read at any place through one buffer. descriptor: stays the caller's, to be closed by it."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self.size = os.fstat(descriptor).st_size
        self._start, self._buffer = 0, memoryview(b"")

    def read(self, offset: int, most: int) -> bytes:
        """Give up to `most` bytes from an offset on; fewer at the end of the buffer, b"" at the end of the file."""
        return bytes(self.view(offset, most))

    def view(self, offset: int, most: int) -> memoryview:
        """Give the same as they lie in the buffer; they stay what they are."""
        at = offset - self._start
        if not 0 <= at < len(self._buffer):
            self._start, self._buffer = offset, memoryview(os.pread(self._descriptor, _BUFFER, offset))
            at = 0
        return self._buffer[at : at + most]


class Source(Protocol):
    """Where a Window gets its bytes. rest: how many will still come, None where only reading them tells."""

    rest: int | None

    def piece(self) -> bytes:
        """Give the next bytes, b"" at the end. Raises Torn."""
        ...


class Plain:
    """The bytes of a file from an offset on, as they are."""

    def __init__(self, file: File, offset: int) -> None:
        self._file, self._at = file, offset
        self.rest: int | None = file.size - offset

    def piece(self) -> bytes:
        """Give the next bytes, b"" at the end."""
        piece = self._file.read(self._at, PIECE)
        self._at += len(piece)
        self.rest = max(self._file.size - self._at, 0) if piece else 0
        return piece

    def pass_over(self, many: int) -> None:
        """Leave out bytes without reading them."""
        self._at += many
        self.rest = max(self._file.size - self._at, 0)


class Member:
    """The bytes of one gzip member. end: offset after it, once all of it was read and its checksum was right."""

    def __init__(self, file: File, offset: int) -> None:
        self._file, self._at = file, offset
        self._stream = isal_zlib.decompressobj(wbits=31)
        self._held, self._feed = b"", _FIRST_FEED
        self.rest: int | None = None
        self.end: int | None = None

    def piece(self) -> bytes:
        """Give the next bytes, b"" at the end. Raises Torn where the member is damaged or cut."""
        while self.end is None:
            feed = self._held or self._file.read(self._at, self._feed)
            if not feed:
                raise Torn("the gzip member is cut")
            if not self._held:
                self._at, self._feed = self._at + len(feed), min(4 * self._feed, _LARGEST_FEED)
            try:
                piece: bytes = self._stream.decompress(feed, PIECE)
            except isal_zlib.error as error:  # type: ignore[misc]  # its stub has no base class
                raise Torn(f"the gzip member is damaged ({error})") from error
            self._held = self._stream.unconsumed_tail
            if self._stream.eof:
                self.end, self.rest = self._at - len(self._stream.unused_data), 0
            if piece:
                return piece
        return b""


def short_member(file: File, offset: int) -> tuple[bytes, int]:
    """Unpack a gzip member in one go; gives its bytes and the offset after it, (b"", 0) where it is long, damaged or cut.

    Most members are short, and this takes half the time of a Window.
    """
    stream, packed = isal_zlib.decompressobj(wbits=31), file.view(offset, _FIRST_FEED)
    at = offset + len(packed)
    try:
        data: bytes = stream.decompress(packed, _SHORT)
        while not stream.eof:
            packed = file.view(at, _LARGEST_FEED)
            if not packed or stream.unconsumed_tail or len(data) >= _SHORT:
                return b"", 0
            at += len(packed)
            data += stream.decompress(packed, _SHORT)
    except isal_zlib.error:  # type: ignore[misc]  # its stub has no base class
        return b"", 0  # read again, to give what is whole and to tell the rest
    return data, at - len(stream.unused_data)


class Window:
    """Bytes of a source, read forwards. data: those in memory; at: of these, the first not yet read."""

    __slots__ = ("at", "base", "data", "source")

    def __init__(self, source: Source, base: int = 0) -> None:
        """base: position of the source's first byte, as the caller counts."""
        self.source, self.base, self.data, self.at = source, base, b"", 0

    @property
    def position(self) -> int:
        """Where the next byte to be read lies."""
        return self.base + self.at

    def more(self) -> bool:
        """Take a further piece into memory, without what was read already. False at the end. Raises Torn."""
        piece = b"" if self.source.rest == 0 else self.source.piece()
        if not piece:
            return False
        self.data = self.data[self.at :] + piece if self.at < len(self.data) else piece
        self.base, self.at = self.base + self.at, 0
        return True

    def has(self, many: int) -> bool:
        """Have so many unread bytes in memory; False where the source ends before. Only for few. Raises Torn."""
        while len(self.data) - self.at < many:
            if not self.more():
                return False
        return True

    def take(self, most: int) -> bytes:
        """Read up to `most` bytes; b"" at the end. Raises Torn."""
        if self.at >= len(self.data) and not self.more():
            return b""
        piece = self.data[self.at : self.at + most]
        self.at += len(piece)
        return piece

    def drop(self, many: int) -> int:
        """Read so many bytes and forget them; give how many there were. Raises Torn."""
        there = min(many, len(self.data) - self.at)
        self.at += there
        while there < many and (piece := self.take(many - there)):
            there += len(piece)
        return there


def next_member(file: File, start: int, begins: re.Pattern[bytes]) -> int | None:
    """Find the next gzip member from an offset on whose bytes begin as a record does; None where there is none.

    begins: must match the first bytes. Three bytes alone are also found by chance, and in every page that came packed.
    """
    at = start
    while chunk := file.read(at, _BUFFER):
        for match in _MEMBER.finditer(chunk):
            if _begins(file, at + match.start(), begins):
                return at + match.start()
        at += max(len(chunk) - len(GZIP), 1)
    return None


def _begins(file: File, offset: int, begins: re.Pattern[bytes]) -> bool:
    try:
        return begins.match(Member(file, offset).piece()) is not None
    except Torn:
        return False
