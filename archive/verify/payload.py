"""Digest the payload of a response of any size, piece by piece, as archive.http would find it.

Takes   the head of the response; the bytes behind it, in pieces.
Gives   the payload's digest and length: the same as of payload_of over the whole.
Writes  nothing. Only a transfer coding other than chunked (which no server of today sends) is held in memory.
"""

from __future__ import annotations

import hashlib
import re

from ..fixity import label
from ..http import Head, header, payload_of

# RFC 9112, 7.1: chunk-size [ chunk-ext ] CRLF; LF alone and blanks as archive.http allows them.
_CHUNK = re.compile(rb"[ \t]*([0-9A-Fa-f]{1,16})[ \t]*(?:;[^\n]*)?\r?\n")
_BEGINS_CHUNK = re.compile(rb"[ \t]*(?:[0-9A-Fa-f]{1,16}[ \t]*(?:;[^\n]*|\r)?)?")


class PayloadDigest:
    """The digest of what follows a head."""

    def __init__(self, head: Head, head_bytes: bytes) -> None:
        self._hash, self.bytes = hashlib.sha256(), 0
        self._head, self._head_bytes = head, head_bytes
        self._held: bytearray | None = None
        self._chunks: _Chunks | None = None
        transfer = [value for name, value in head.headers if name.lower() == "transfer-encoding"]
        if head.status in (204, 304) or 100 <= head.status < 200 or not transfer:
            return
        if len(transfer) == 1 and (header(head, "transfer-encoding") or "").strip().lower() == "chunked":
            self._chunks = _Chunks()
        else:
            self._held = bytearray()

    def update(self, piece: memoryview) -> None:
        """Take the next bytes behind the head."""
        if self._held is not None:
            self._held += piece
        elif self._chunks is None:
            self._add(piece)
        else:
            for part in self._chunks.feed(piece):
                self._add(part)

    def digest(self) -> str:
        """Give the payload's digest; nothing may be taken after it."""
        if self._held is not None:
            self._add(memoryview(payload_of(self._head_bytes + bytes(self._held), self._head).data))
        elif self._chunks is not None:
            for part in self._chunks.end():
                self._add(part)
        return label(self._hash.hexdigest())

    def _add(self, part: memoryview) -> None:
        self._hash.update(part)
        self.bytes += len(part)


class _Chunks:
    """Chunks taken off as they come; a body that is not chunked at all passes as it is."""

    def __init__(self) -> None:
        self._held = bytearray()  # bytes of a line that has not ended
        self._left = 0  # bytes of the chunk that have not come
        self._state = "first"  # first | data | behind | line | whole | over

    def feed(self, piece: memoryview) -> list[memoryview]:
        """Give the parts of the payload that a piece brings."""
        found: list[memoryview] = []
        if self._held:
            piece = memoryview(bytes(self._held) + bytes(piece))
            self._held.clear()
        while len(piece):
            if self._state == "over":
                break
            if self._state == "whole":
                found.append(piece)
                break
            if self._state == "data":
                taken = piece[: self._left]
                found.append(taken)
                self._left -= len(taken)
                piece = piece[len(taken) :]
                self._state = "data" if self._left else "behind"
                continue
            rest = self._line_end(piece) if self._state == "behind" else self._size(piece)
            if rest is None:
                break
            piece = rest
        return found

    def end(self) -> list[memoryview]:
        """Give what is left when no more comes."""
        return [memoryview(bytes(self._held))] if self._state == "first" else []

    def _line_end(self, piece: memoryview) -> memoryview | None:
        """Pass the line end behind a chunk, where there is one."""
        if bytes(piece) == b"\r":
            self._held += piece
            return None
        self._state = "line"
        return piece[2:] if bytes(piece[:2]) == b"\r\n" else piece[1:] if bytes(piece[:1]) == b"\n" else piece

    def _size(self, piece: memoryview) -> memoryview | None:
        """Read the line that begins a chunk."""
        match = _CHUNK.match(piece)
        if match is not None:
            self._left = int(match[1], 16)
            self._state = "data" if self._left else "over"
            return piece[match.end() :]
        if _BEGINS_CHUNK.fullmatch(piece):
            self._held += piece
            return None
        self._state = "whole" if self._state == "first" else "over"
        return piece
