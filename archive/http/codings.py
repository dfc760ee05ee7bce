"""Undo gzip, deflate, br and zstd within bounds.

Takes   a coded body and the name of its coding.
Gives   Decoded: all that could be decoded, and what was wrong with the rest (cut, bad checksum, too long).
Writes  nothing.

gzip and zlib frames are read by own code around raw deflate, because the standard library throws away what it has
decoded when a checksum fails; a page with a wrong CRC is still a page.
"""

from __future__ import annotations

import importlib
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import brotli

MAX_DECODED = 64 << 20  # bytes; as much as the profile's default max_body
_FEED = 4 << 10  # bytes given to a decoder at once; what is lost where a stream breaks is at most one step
_STEP = 16 << 10  # bytes taken from a decoder at once
_FHCRC, _FEXTRA, _FNAME, _FCOMMENT = 2, 4, 8, 16  # RFC 1952, 2.3.1


@dataclass(frozen=True, slots=True)
class Decoded:
    """A body with its coding undone as far as it is whole. problem: what was wrong, or None.

    mislabelled: the body is not what its coding says; it is given as what it looks like, or as it is.
    """

    body: bytes
    problem: str | None = None
    mislabelled: bool = False


@dataclass(frozen=True, slots=True)
class _Inflated:
    """One raw deflate stream. used: bytes of input that belong to it. ended: its last block was seen."""

    body: bytes
    used: int
    ended: bool
    problem: str | None = None


def undo(coding: str, body: bytes, limit: int = MAX_DECODED) -> Decoded:
    """Undo one coding.

    coding: name as in Content-Encoding, any case. limit: bytes of output; what is beyond is cut and told.
    A body that is not what its coding says is read as the coding that it begins like, else given back as it is; with the
    problem.
    Source: RFC 9110, 8.4.1; RFC 8878 (zstd), RFC 7932 (br).
    """
    name = coding.strip().lower()
    if name in ("", "identity") or not body:
        return Decoded(body)
    decode = _DECODERS.get(name)
    if decode is None:
        return _by_look(body, limit, f"the coding {name[:40]!r} is not known")
    decoded = decode(body, limit)
    if decoded.body or decoded.problem is None or not decoded.problem.startswith("not "):
        return decoded
    return _by_look(body, limit, decoded.problem)


def _by_look(body: bytes, limit: int, problem: str) -> Decoded:
    """Read a body under a wrong label by its first bytes, where it is then whole."""
    for looks_so, decode in ((looks_gzipped, _gunzip), (_looks_like_zlib, _undeflate)):
        if looks_so(body):
            decoded = decode(body, limit)
            if decoded.problem is None:
                return Decoded(decoded.body, problem, mislabelled=True)
    return Decoded(body, problem, mislabelled=True)


def _looks_like_zlib(body: bytes) -> bool:
    """Tell whether a body begins with the two bytes of a zlib stream. Source: RFC 1950, 2.2."""
    return len(body) >= 2 and body[0] & 15 == 8 and (body[0] << 8 | body[1]) % 31 == 0


def looks_gzipped(body: bytes) -> bool:
    """Tell whether a body begins like a gzip member with the only method there is."""
    return body[:3] == b"\x1f\x8b\x08"


def _inflate(data: memoryview, limit: int) -> _Inflated:
    """Decode one raw deflate stream, at most `limit` bytes of output."""
    stream, out, used = zlib.decompressobj(-zlib.MAX_WBITS), BytesIO(), 0
    while not stream.eof:
        feed = data[used : used + _FEED]
        try:
            piece = stream.decompress(feed, _STEP)
        except zlib.error as error:
            return _Inflated(out.getvalue(), used, ended=False, problem=f"the stream is damaged ({error})")
        # At the end both tails hold the same rest, where the last step was as long as allowed before.
        used += len(feed) - len(stream.unused_data if stream.eof else stream.unconsumed_tail)
        out.write(piece)
        if out.tell() > limit:
            return _Inflated(_cut(out, limit), used, ended=False, problem=_too_long(limit))
        if not piece and not feed:
            return _Inflated(out.getvalue(), used, ended=False, problem="the stream is cut")
    return _Inflated(out.getvalue(), used, ended=True)


def _cut(out: BytesIO, limit: int) -> bytes:
    out.truncate(limit)
    return out.getvalue()  # which gives what it holds, and copies nothing


def _too_long(limit: int) -> str:
    return f"longer than {limit} bytes when decoded; cut there"


def _gzip_head(data: memoryview) -> int | None:
    """Tell how long the head of a gzip member is; None if it is not one, or is cut. Source: RFC 1952, 2.3."""
    if len(data) < 10 or not looks_gzipped(bytes(data[:3])):
        return None
    flags, at = data[3], 10
    if flags & _FEXTRA:
        at += 2 + int.from_bytes(data[at : at + 2], "little")
    for flag in (_FNAME, _FCOMMENT):
        if flags & flag:
            end = bytes(data[at : at + 65536]).find(b"\0")
            if end < 0:
                return None
            at += end + 1
    at += 2 if flags & _FHCRC else 0
    return at if at <= len(data) else None


def _gunzip(body: bytes, limit: int) -> Decoded:
    """Decode all members of a gzip body; what stands after the last and is none is no problem."""
    data, at, length = memoryview(body), 0, 0
    parts: list[bytes] = []  # joined at the end: of one member no copy is made
    while at < len(data):
        head = _gzip_head(data[at:])
        if head is None:
            return Decoded(b"".join(parts), _no_member(data[at:], first=at == 0))
        part = _inflate(data[at + head :], limit - length)
        parts.append(part.body)
        length += len(part.body)
        if part.problem:
            return Decoded(b"".join(parts), f"gzip: {part.problem}")
        at += head + part.used + 8
        tail = bytes(data[at - 8 : at])
        if problem := _bad_tail(tail, part.body):
            return Decoded(b"".join(parts), problem)
    return Decoded(b"".join(parts))


def _no_member(rest: memoryview, *, first: bool) -> str | None:
    """Say what is wrong with bytes that should begin a gzip member."""
    if first:
        return "gzip: the stream is cut" if looks_gzipped(bytes(rest[:3])) else "not gzip, though it says so"
    # What stands behind a whole member and begins no other is not looked at: so browsers do, and the checksum was right.
    return "gzip: the stream is cut" if bytes(rest[:3]) == b"\x1f\x8b\x08"[: len(rest)] else None


def _bad_tail(tail: bytes, body: bytes) -> str | None:
    """Compare a member's checksum and length with what was decoded."""
    if len(tail) < 8:
        return "gzip: the stream is cut"
    if int.from_bytes(tail[:4], "little") != zlib.crc32(body):
        return "gzip: the checksum is wrong"
    if int.from_bytes(tail[4:], "little") != len(body) & 0xFFFFFFFF:
        return "gzip: the length is wrong"
    return None


def _undeflate(body: bytes, limit: int) -> Decoded:
    """Decode "deflate": a zlib stream by the standard, raw deflate from not a few servers."""
    data = memoryview(body)
    framed = _looks_like_zlib(body)
    if framed:
        part = _inflate(data[2:], limit)
        if part.ended:
            tail = bytes(data[2 + part.used :][:4])
            wrong = None if tail == zlib.adler32(part.body).to_bytes(4, "big") else "deflate: the checksum is wrong"
            return Decoded(part.body, "deflate: the stream is cut" if len(tail) < 4 else wrong)
        if part.body:
            return Decoded(part.body, f"deflate: {part.problem}")
    raw = _inflate(data, limit)
    if not raw.body and not raw.ended:
        return Decoded(b"", f"deflate: {part.problem}" if framed else "not deflate, though it says so")
    return Decoded(raw.body, f"deflate: {raw.problem}" if raw.problem else None)


def _unbrotli(body: bytes, limit: int) -> Decoded:
    """Decode "br"."""
    data, stream, out, at = memoryview(body), brotli.Decompressor(), BytesIO(), 0
    while not stream.is_finished():
        feed = data[at : at + _FEED] if stream.can_accept_more_data() else data[:0]
        at += len(feed)
        try:
            piece = stream.process(bytes(feed), output_buffer_limit=_STEP)
        except brotli.error:
            return Decoded(out.getvalue(), "br: the stream is damaged" if out.tell() else "not br, though it says so")
        out.write(piece)
        if out.tell() > limit:
            return Decoded(_cut(out, limit), _too_long(limit))
        if not piece and not feed and stream.can_accept_more_data() and at >= len(data):
            return Decoded(out.getvalue(), None if stream.is_finished() else "br: the stream is cut")
    return Decoded(out.getvalue())


def _zstd_library() -> Any:
    """Find zstd: of Python 3.14 on, or the package backports.zstd; None where neither is."""
    for name in ("compression.zstd", "backports.zstd"):
        try:
            return importlib.import_module(name)
        except ModuleNotFoundError:
            continue
    return None


def _unzstd(body: bytes, limit: int) -> Decoded:
    """Decode "zstd", all frames."""
    zstd = _zstd_library()
    if zstd is None:
        return Decoded(body, "zstd cannot be read by this Python")
    data, out, at = memoryview(body), BytesIO(), 0
    while at < len(data):
        stream = zstd.ZstdDecompressor()
        while not stream.eof:
            feed = bytes(data[at : at + _FEED]) if stream.needs_input else b""
            at += len(feed)
            try:
                piece = stream.decompress(feed, _STEP)
            except zstd.ZstdError:
                return Decoded(
                    out.getvalue(), "zstd: the stream is damaged" if out.tell() else "not zstd, though it says so"
                )
            out.write(piece)
            if out.tell() > limit:
                return Decoded(_cut(out, limit), _too_long(limit))
            if not piece and not feed and not stream.eof:
                return Decoded(out.getvalue(), "zstd: the stream is cut")
        at -= len(stream.unused_data)
    return Decoded(out.getvalue())


_DECODERS: dict[str, Callable[[bytes, int], Decoded]] = {
    "gzip": _gunzip,
    "x-gzip": _gunzip,
    "deflate": _undeflate,
    "br": _unbrotli,
    "zstd": _unzstd,
}
