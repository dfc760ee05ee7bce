"""Read the block of one record in a file made by others, at the place where its capture says that it lies.

Takes   a file, a Capture of it.
Gives   the record's head and its whole block; WarcError with file and offset where it is not whole there.
Writes  nothing. Memory is that of the block, at most MAX_RECORD.
"""

from __future__ import annotations

from pathlib import Path
from typing import Self

from ..errors import WarcError
from ..model import Capture
from ..posted import plain_url
from .heads import BadHead, ForeignHead
from .reader import MAX_RECORD
from .shared import SharedMember
from .stretch import BEGINS, LONGEST_LINE, MAX_HTTP_HEAD, MISSED_PEEK, missed_bytes, take_head
from .unpack import GZIP, PIECE, File, Member, Plain, Torn, Window

_MAX_CLOSING = 72  # bytes after the block in a member of its own; a record with more was told of when it was read first


class ForeignFile:
    """One file, open for its records at any place; a context.

    Keep it open for many records: where one gzip member holds them, it is then not unpacked from its beginning for each.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> Self:
        self._opened = self._path.open("rb")
        self._file = File(self._opened.fileno())
        self._shared: SharedMember | None = None  # the gzip member of many records that was entered last
        return self

    def __exit__(self, *_: object) -> None:
        self._opened.close()

    def block(self, capture: Capture) -> tuple[ForeignHead, bytes]:
        """Read one record. Raises WarcError, OSError."""
        try:
            return self._block(capture)
        except (Torn, BadHead) as error:
            self._shared = None
            raise self._wrong(capture, str(error)) from error

    def _block(self, capture: Capture) -> tuple[ForeignHead, bytes]:
        window, member = self._at(capture)
        window.has(LONGEST_LINE)
        if not BEGINS.match(window.data, window.at):
            found = window.data[window.at : window.at + 16]
            raise self._wrong(capture, f"expected a record, found {found!r}")
        head = take_head(window)
        if head.url not in (capture.url, plain_url(capture.url)) or head.type != capture.type:
            raise self._wrong(capture, f"expected the {capture.type} of {capture.url}, found another record")
        length = head.block_bytes
        if length > MAX_RECORD:
            raise self._wrong(capture, f"a record of {length} bytes; at most {MAX_RECORD} are read at once")
        block = _taken(window, length)
        if len(block) < length:
            raise self._wrong(capture, f"the record is cut, {len(block)} of {length} bytes are there")
        if capture.type == "response" and capture.status is not None:
            window.has(MISSED_PEEK)
            after = window.data[window.at : window.at + MISSED_PEEK]
            block += after[: missed_bytes(block[:MAX_HTTP_HEAD], length, after)]
        if member is not None:
            window.drop(_MAX_CLOSING + 1)
            if member.end != capture.offset + capture.length:
                raise self._wrong(capture, f"expected a gzip member of {capture.length} bytes, found another")
        return head, block

    def _at(self, capture: Capture) -> tuple[Window, Member | None]:
        """Open the file where the record begins. Gives the gzip member too where the record has one of its own."""
        if capture.member is not None:
            return self._within(*capture.member), None
        if self._file.read(capture.offset, len(GZIP)) != GZIP:
            return Window(Plain(self._file, capture.offset), capture.offset), None
        member = Member(self._file, capture.offset)
        return Window(member), member

    def _within(self, offset: int, skip: int) -> Window:
        """Go to a place in a gzip member that holds many records."""
        if self._shared is None or self._shared.offset != offset:
            self._shared = SharedMember(self._file, offset)
        return self._shared.window(skip)

    def _wrong(self, capture: Capture, what: str) -> WarcError:
        offset, inner = capture.member or (capture.offset, 0)
        place = f"offset {offset}" + (f", unpacked byte {inner}" if inner else "")
        return WarcError(f"{capture.file}: {place}: {what}", action="lianzai verify")


def _taken(window: Window, length: int) -> bytes:
    """Read up to `length` bytes."""
    parts, left = list[bytes](), length
    while left and (piece := window.take(min(left, PIECE))):
        parts.append(piece)
        left -= len(piece)
    return b"".join(parts)
