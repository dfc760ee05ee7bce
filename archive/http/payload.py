"""The payload of a response of any size, piece by piece, as `payload_of` would find it.

Takes   the head of a response; the bytes behind it, in pieces.
Gives   Named: digest and length of the payload, and whether all of it is there; read_response: the response,
        its payload held once.
Writes  nothing. Only a transfer coding other than chunked (which no server of today sends) is held in memory.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from io import BytesIO

from ..fixity import label, payload_digest
from ..octets import Octets, Spooled, held
from .message import (
    CUT_CHUNKS,
    Body,
    Head,
    Response,
    by_length,
    header,
    is_short,
    parse_head,
    parse_response,
    payload_of,
)

# RFC 9112, 7.1: chunk-size [ chunk-ext ] CRLF; LF alone and blanks as payload_of allows them.
_CHUNK = re.compile(rb"[ \t]*([0-9A-Fa-f]{1,16})[ \t]*(?:;[^\n]*)?\r?\n")
_BEGINS_CHUNK = re.compile(rb"[ \t]*(?:[0-9A-Fa-f]{1,16}[ \t]*(?:;[^\n]*|\r)?)?")
_RETURN = 13  # "\r"


@dataclass(frozen=True, slots=True)
class Named:
    """A payload by its content. digest: "sha256:" and hex digits. bytes: its length. whole: nothing of it is known to lack."""

    digest: str
    bytes: int
    whole: bool


def name_payload(raw: Octets, head: Head, *, method: str = "GET") -> Named:
    """Name the payload of a response that came whole or in part. Raises OSError where it is not held and cannot be read."""
    if isinstance(raw, bytes):
        body = payload_of(raw, head, method=method)
        return Named(payload_digest(body.data), len(body.data), body.whole)
    if head.problem == "the head is cut":
        return Named(payload_digest(b""), 0, whole=False)
    payload = PayloadDigest(head, raw[: head.length])
    for piece in raw.pieces(head.length):
        payload.update(memoryview(piece))
    return Named(payload.digest(), payload.bytes, payload.whole)


def read_response(raw: Octets) -> Response:
    """Take a response apart as `parse_response` does. Of one that is not held only the payload comes into memory, and once.

    What stands behind the last chunk of one that is not held is not told. Raises OSError where it cannot be read.
    """
    if isinstance(raw, bytes):
        return parse_response(raw)
    head = parse_head(raw)
    is_chunked, is_plain = _is_chunked(head), header(head, "transfer-encoding") is None
    if head.problem == "the head is cut" or _has_no_body(head) or not (is_chunked or is_plain):
        return parse_response(held(raw))
    if is_chunked:
        payload, whole = _dechunked(raw, head.length)
        body = Body(payload, None if whole else CUT_CHUNKS, whole)
    else:
        payload = raw[head.length :]
        body = by_length(memoryview(payload), head.headers)
    problem = "; ".join(p for p in (head.problem, body.problem) if p) or None
    return Response(
        head.version, head.status, head.reason, head.headers, head.length, payload, problem, body.whole, body.surplus
    )


def _has_no_body(head: Head) -> bool:
    return head.status in (204, 304) or 100 <= head.status < 200


def _is_chunked(head: Head) -> bool:
    """Tell whether chunks are the one transfer coding of a response."""
    transfer = [value for name, value in head.headers if name.lower() == "transfer-encoding"]
    return len(transfer) == 1 and transfer[0].strip().lower() == "chunked"


def _dechunked(raw: Spooled, start: int) -> tuple[bytes, bool]:
    """Take the chunks off the bytes from a place on; tell whether the last chunk came."""
    chunks, payload = _Chunks(), BytesIO()
    for piece in raw.pieces(start):
        payload.writelines(chunks.feed(memoryview(piece)))
    payload.writelines(chunks.end())
    return payload.getvalue(), chunks.whole


class PayloadDigest:
    """The digest of what follows a head. whole: as payload_of has it, once the digest was asked for."""

    def __init__(self, head: Head, head_bytes: bytes) -> None:
        self._hash, self.bytes, self.whole = hashlib.sha256(), 0, True
        self._head, self._head_bytes = head, head_bytes
        self._held: bytearray | None = None
        self._chunks: _Chunks | None = None
        self._has_none = _has_no_body(head)
        if self._has_none or header(head, "transfer-encoding") is None:
            return
        if _is_chunked(head):
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
            body = payload_of(self._head_bytes + bytes(self._held), self._head)
            self._add(memoryview(body.data))
            self.whole = body.whole
        elif self._chunks is not None:
            for part in self._chunks.end():
                self._add(part)
            self.whole = self._chunks.whole
        elif not self._has_none:
            self.whole = not is_short(self._head, self.bytes)
        return label(self._hash.hexdigest())

    def _add(self, part: memoryview) -> None:
        self._hash.update(part)
        self.bytes += len(part)


class _Chunks:
    """Chunks taken off as they come; a body that is not chunked at all passes as it is."""

    def __init__(self) -> None:
        self._held = bytearray()  # bytes of a line that has not ended
        self._left = 0  # bytes of the chunk that have not come
        self._state = "first"  # first | data | behind | line | plain | ended | over

    @property
    def whole(self) -> bool:
        """Tell whether the last chunk came, or what came is not chunked."""
        return self._state in ("plain", "ended")

    def feed(self, piece: memoryview) -> list[memoryview]:
        """Give the parts of the payload that a piece brings."""
        found: list[memoryview] = []
        if self._held:
            piece = memoryview(bytes(self._held) + bytes(piece))
            self._held.clear()
        at = 0
        while at < len(piece) and self._state not in ("ended", "over"):
            if self._state == "plain":
                found.append(piece[at:])
                break
            if self._state == "data":
                part = piece[at : at + self._left]
                found.append(part)
                self._left, at = self._left - len(part), at + len(part)
                self._state = "data" if self._left else "behind"
            else:
                at = self._line_end(piece, at) if self._state == "behind" else self._size(piece, at)
        return found

    def end(self) -> list[memoryview]:
        """Give what is left when no more comes."""
        if self._state != "first":
            return []
        self._state = "plain" if self._held else "over"
        return [memoryview(bytes(self._held))]

    def _line_end(self, piece: memoryview, at: int) -> int:
        """Pass the line end behind a chunk, where there is one; give where to go on."""
        if len(piece) - at == 1 and piece[at] == _RETURN:
            self._held += piece[at:]
            return len(piece)
        self._state = "line"
        begins = bytes(piece[at : at + 2])
        return at + (2 if begins == b"\r\n" else 1 if begins[:1] == b"\n" else 0)

    def _size(self, piece: memoryview, at: int) -> int:
        """Read the line that begins a chunk; give where to go on."""
        match = _CHUNK.match(piece, at)
        if match is not None:
            self._left = int(match[1], 16)
            self._state = "data" if self._left else "ended"
            return match.end()
        if _BEGINS_CHUNK.fullmatch(piece, at):
            self._held += piece[at:]
            return len(piece)
        self._state = "plain" if self._state == "first" else "over"
        return at
