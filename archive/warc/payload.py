"""Name a payload as it is read: its transfer coding removed, its content coding kept.

Takes   the bytes of a block after its HTTP head, piece by piece.
Gives   Payload: its digest and length, and whether all of it was there.
Writes  nothing. Memory is that of one line before a chunk.

Source: WARC 1.1 (ISO 28500:2017), 6.3.2 (what the payload is); RFC 9112, 7.1 (chunks).
"""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import dataclass
from typing import Literal

_SIZE = re.compile(rb"[ \t]*([0-9A-Fa-f]{1,16})[ \t]*(?:;[^\n]*)?\r?\n")  # RFC 9112, 7.1
_TRAILERS = re.compile(rb"(?:[!-9;-~]+[ \t]*:[^\n]*\n)*\r?\n")
_LONGEST_SIZE = 4 << 10  # bytes of a chunk's size line with its extensions; more is no chunked body
_LONGEST_TRAILERS = 16 << 10  # bytes after an empty body's only chunk; more is no chunked body

Algorithm = Literal["sha1", "sha256"]
Verdict = Literal["whole", "cut", "plain"]


@dataclass(frozen=True, slots=True)
class Payload:
    """digest: "sha1:" and 32 characters of Base32, or "sha256:" and 64 hex digits. bytes: length of what was named.

    verdict: of a body that says it is chunked, whether its last chunk came ("whole", "cut"), or that it is not chunked
    ("plain"); "plain" of all others.
    """

    digest: str
    bytes: int
    verdict: Verdict


class PayloadDigest:
    """The digest of a payload, taken as it comes.

    SHA-1 in Base32 is what pywb, warcio and OpenWayback put where a record tells no digest, and what their
    deduplication compares; warcio takes it over the chunks where there are any, we over what they hold
    (WARC 1.1, 6.3.2; RFC 9110, 6.4). A body that is not chunked though it says so is taken as it is.
    """

    def __init__(self, *, chunked: bool, algorithm: Algorithm = "sha1") -> None:
        self._algorithm = algorithm
        self._plain, self._plain_bytes = hashlib.new(algorithm, usedforsecurity=False), 0
        self._chunks = Chunks() if chunked else None
        self._joined, self._joined_bytes = hashlib.new(algorithm, usedforsecurity=False) if chunked else None, 0

    def update(self, octets: bytes | memoryview) -> None:
        """Take the next bytes."""
        if self._chunks is None or self._joined is None:
            self._plain.update(octets)
            self._plain_bytes += len(octets)
            return
        if not self._chunks.proved:
            self._plain.update(octets)
            self._plain_bytes += len(octets)
        for part in self._chunks.feed(octets):
            self._joined.update(part)
            self._joined_bytes += len(part)

    def payload(self) -> Payload:
        """Name all that came; nothing may be taken after it."""
        verdict = self._chunks.verdict() if self._chunks is not None else "plain"
        if verdict == "plain" or self._joined is None:
            return Payload(self._label(self._plain.digest()), self._plain_bytes, verdict)
        return Payload(self._label(self._joined.digest()), self._joined_bytes, verdict)

    def _label(self, digest: bytes) -> str:
        told = digest.hex() if self._algorithm == "sha256" else base64.b32encode(digest).decode("ascii")
        return f"{self._algorithm}:{told}"


class Chunks:
    """Chunks taken off a body as it comes, and a judgement whether it is chunked at all.

    Tools that write WARCs take the chunks off and leave the header that tells of them. The first line of a text may look
    like a chunk's size, so the chunks are `proved` only when a second such line stands where the first says.
    """

    def __init__(self) -> None:
        self.proved = False
        self._state = "size"  # size | data | behind (a chunk) | trailers | over | plain
        self._left = 0  # bytes of the chunk that have not come
        self._held = b""  # what is not yet a whole line, or trailers of an empty body
        self._begun = False  # a size line was read
        self._last = False  # the last chunk was seen

    def feed(self, octets: bytes | memoryview) -> list[memoryview]:
        """Give the parts of the payload that the next bytes bring, if it is chunked."""
        if self._state == "over" or self._state == "plain":
            return []
        data = self._held + octets if self._held else bytes(octets)
        self._held = b""
        view, at, found = memoryview(data), 0, []
        while at < len(data) and self._state not in ("over", "plain"):
            if self._state == "data":
                part = view[at : at + self._left]
                found.append(part)
                self._left, at = self._left - len(part), at + len(part)
                self._state = "data" if self._left else "behind"
            else:
                at = self._between(data, at)
        return found

    def verdict(self) -> Verdict:
        """Judge all that came."""
        if self._state == "trailers":
            return "whole" if _TRAILERS.fullmatch(self._held) else "plain"
        if self._state == "plain" or not self._begun:
            return "plain"
        return "whole" if self._last else "cut"

    def _between(self, data: bytes, at: int) -> int:
        """Read what stands between two chunks; what is not yet a whole line is held. Gives where to go on."""
        if self._state == "trailers":
            self._held = data[at:]
            if len(self._held) > _LONGEST_TRAILERS:
                self._held, self._state = b"", "plain"
            return len(data)
        if self._state == "behind":
            return self._line_end(data, at)
        if match := _SIZE.match(data, at):
            return self._size(int(match[1], 16), match.end())
        if data.find(b"\n", at) < 0 and len(data) - at <= _LONGEST_SIZE:
            self._held = data[at:]
        else:
            self._break()
        return len(data)

    def _line_end(self, data: bytes, at: int) -> int:
        """Pass the line end behind a chunk; where none is, no chunk was before it, unless others were already."""
        ends = 2 if data.startswith(b"\r\n", at) else 1 if data.startswith(b"\n", at) else 0
        if not ends and data[at:] == b"\r":
            self._held = data[at:]
            return len(data)
        if not ends and not self.proved:
            self._break()
            return len(data)
        self._state = "size"
        return at + ends

    def _size(self, size: int, at: int) -> int:
        self.proved, self._begun = self._begun, True
        self._left = size
        if size:
            self._state = "data"
        else:
            self._last, self._state = True, "over" if self.proved else "trailers"
        return at

    def _break(self) -> None:
        """See that no chunk begins where one should."""
        self._state = "over" if self.proved else "plain"
