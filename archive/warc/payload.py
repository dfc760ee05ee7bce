"""Name a payload as other archives do, where its record does not: SHA-1 in Base32.

Takes   the bytes of a block after its HTTP head, piece by piece.
Gives   "sha1:" and 32 characters.
Writes  nothing.
"""

from __future__ import annotations

import base64
import hashlib
import re

_SIZE = re.compile(rb"[ \t]*([0-9A-Fa-f]{1,16})[ \t]*(?:;[^\n]*)?\r?\n")  # RFC 9112, 7.1
_LINE_ENDS = re.compile(rb"[\r\n]*")
_LONGEST_SIZE = 4 << 10  # bytes of a chunk's size line with its extensions; more is no chunked body


class PayloadDigest:
    """The digest of a payload, its transfer coding removed, taken as it is read.

    SHA-1 in Base32 is what pywb, warcio and OpenWayback put where a record tells no digest, and what their
    deduplication compares; warcio takes it over the chunks where there are any, we over what they hold
    (WARC 1.1, 6.3.2; RFC 9110, 6.4). A body that is not chunked though it says so is taken as it is.
    """

    def __init__(self, *, chunked: bool) -> None:
        self._hash = hashlib.sha1(usedforsecurity=False)
        self._left = 0  # bytes of the chunk that is being read
        self._held = b""  # between chunks: what is not yet a whole size line
        self._state = "size" if chunked else "plain"
        self._began = False

    def update(self, octets: bytes) -> None:
        """Take the next bytes."""
        if self._state == "plain":
            self._hash.update(octets)
        elif self._state != "end":
            self._dechunk(octets)

    def label(self) -> str:
        """Give the digest of all that came."""
        if self._state == "size" and not self._began:
            self._hash.update(self._held)
        return "sha1:" + base64.b32encode(self._hash.digest()).decode("ascii")

    def _dechunk(self, octets: bytes) -> None:
        data, self._held = self._held + octets, b""
        view, at = memoryview(data), 0
        while at < len(data) and self._state == "size":
            if self._left:
                piece = view[at : at + self._left]
                self._hash.update(piece)
                self._left, at = self._left - len(piece), at + len(piece)
            else:
                at = self._size(data, at)

    def _size(self, data: bytes, at: int) -> int:
        """Read the line before a chunk; what is not yet a whole line is held. Gives where to go on."""
        start = _LINE_ENDS.match(data, at).end() if self._began else at  # type: ignore[union-attr]  # it matches nothing too
        if match := _SIZE.match(data, start):
            self._left, self._began = int(match[1], 16), True
            self._state = "size" if self._left else "end"
            return match.end()
        if data.find(b"\n", start) < 0 and len(data) - start <= _LONGEST_SIZE:
            self._held = data[at:]
        elif self._began:
            self._state = "end"
        else:
            self._state = "plain"
            self._hash.update(data[at:])
        return len(data)
