"""Read one record as it comes, its head first and then its payload piece by piece: a film of gigabytes too.

Takes   a stream that stands where a record begins, or the gzip member that holds it, whoever made it.
Gives   Streamed: the fields of the record, the head of the HTTP answer in it, its payload without transfer coding.
Writes  nothing. Memory is that of an HTTP head and a piece.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from isal import isal_zlib

from ..errors import WarcError
from ..http import Head
from .answer import final_head, is_chunked
from .heads import BadHead, ForeignHead
from .payload import Chunks
from .stretch import MAX_HTTP_HEAD, take_head
from .unpack import PIECE, Torn, Window

_FIRST_READ, _NEXT_READ = 16 << 10, 256 << 10
_PREFIX = 64 << 10  # bytes in which nearly every HTTP head ends
_MAX_UNPROVED = 1 << 20  # bytes of what may be chunks that are held until a second chunk proves it
_HTTP = b"application/http"


@dataclass(slots=True)
class Streamed:
    """One record. http: None where it holds no HTTP; interim (1xx) heads are passed over."""

    record: ForeignHead
    http: Head | None
    _window: Window
    _left: int
    _where: str

    @property
    def payload_bytes(self) -> int | None:
        """How long the payload is; None where only reading it tells, as of chunks."""
        return None if self._is_chunked() else self._left

    def payload(self) -> Iterator[bytes]:
        """Give what follows the head: the body without its chunks, its content coding kept; once.

        Raises WarcError where the record is damaged or ends early.
        """
        pieces = self._pieces()
        return _dechunked(pieces) if self._is_chunked() else pieces

    def _is_chunked(self) -> bool:
        return self.http is not None and is_chunked(self.http)

    def _pieces(self) -> Iterator[bytes]:
        try:
            while self._left:
                piece = self._window.take(min(self._left, PIECE))
                if not piece:
                    raise WarcError(f"{self._where}: the record is cut, {self._left} bytes of its block are missing")
                self._left -= len(piece)
                yield piece
            self._window.more()  # to the end of the member, where its checksum is
        except Torn as torn:
            raise WarcError(f"{self._where}: {torn}") from torn


def stream_record(stream: BinaryIO, where: str, *, skip: int = 0) -> Streamed:
    """Begin to read a record. where: file and offset, for messages. skip: unpacked bytes of the member that stand before it.

    Raises WarcError where none begins there, and what reading the stream raises.
    """
    window = Window(_Unpacked(stream))
    try:
        window.drop(skip)
        if not window.has(5):
            raise WarcError(f"{where}: expected a record, found the end")
        _whole_line(window)
        record = take_head(window)
        head, left = (_http_head(window, record.block_bytes) if _is_http(record, window) else None), record.block_bytes
        return Streamed(record, head, window, left - (0 if head is None else _passed(window, head)), where)
    except (Torn, BadHead, ValueError) as error:
        raise WarcError(f"{where}: {error}") from error


def _whole_line(window: Window) -> None:
    """Have the first line in memory, as take_head wants it. Raises BadHead where there is none."""
    while window.data.find(b"\n", window.at) < 0:
        if len(window.data) - window.at > _PREFIX or not window.more():
            raise BadHead("no record begins here")


def _is_http(record: ForeignHead, window: Window) -> bool:
    if record.type not in ("response", "revisit") or not record.block_bytes:
        return False
    window.has(min(16, record.block_bytes))
    begins = window.data[window.at : window.at + 16].lstrip(b"\r\n")[:5].upper() == b"HTTP/"
    return begins or record.field(b"Content-Type").lower().startswith(_HTTP)


def _http_head(window: Window, block_bytes: int) -> Head:
    """Read the answer's head, without passing over it."""
    for many in (_PREFIX, MAX_HTTP_HEAD):
        window.has(min(many, block_bytes))
        block = window.data[window.at : window.at + min(many, block_bytes)]
        head, begin = final_head(block)
        if head.problem != "the head is cut":
            break
    return Head(head.version, head.status, head.reason, head.headers, begin + head.length, head.problem)


def _passed(window: Window, head: Head) -> int:
    return window.drop(head.length)


def _dechunked(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Take the chunks off; a body that is not chunked though it says so is given as it is."""
    chunks, size = Chunks(), 0
    held: list[bytes] = []
    parts: list[bytes] = []
    for piece in pieces:
        found = [bytes(part) for part in chunks.feed(piece)]
        if chunks.proved or size > _MAX_UNPROVED:
            yield from parts
            yield from found
            held, parts = [], []
        else:
            held.append(piece)
            parts += found
            size += len(piece)
    yield from held if chunks.verdict() == "plain" else parts


class _Unpacked:
    """The bytes of a stream, unpacked where they are gzip: one member."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self.rest: int | None = None
        self._fresh = stream.read(_FIRST_READ)
        self._member = isal_zlib.decompressobj(wbits=31) if self._fresh[:2] == b"\x1f\x8b" else None

    def piece(self) -> bytes:
        """Give the next bytes, b"" at the end. Raises Torn where the member is damaged or cut."""
        if self._member is None:
            return self._next()
        while not self._member.eof:
            packed = self._member.unconsumed_tail or self._next()
            if not packed:
                raise Torn("the gzip member is cut")
            try:
                piece: bytes = self._member.decompress(packed, PIECE)
            except isal_zlib.error as error:  # type: ignore[misc]  # its stub has no base class
                raise Torn(f"the gzip member is damaged ({error})") from error
            if piece:
                return piece
        self.rest = 0
        return b""

    def _next(self) -> bytes:
        fresh, self._fresh = self._fresh, b""
        return fresh or self._stream.read(_NEXT_READ)
