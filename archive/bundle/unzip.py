"""Read a zip that anyone may have made, also where its directory is cut off or a member is damaged.

Takes   an open file.
Gives   its Entries, and the bytes of one in pieces, as far as they are there.
Writes  nothing. No size that a zip tells is allocated; a member never comes out longer than it declares.

zipfile reads the directory; it keeps back the last bytes of a member whose CRC is wrong, so members are read here.
Source: APPNOTE.TXT 6.3.10, 4.3.7 (local header), 4.3.9 (data descriptor), 4.3.14 to 4.3.16 (end), 4.5.3 (zip64).
"""

from __future__ import annotations

import os
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, Final

from ..fixity import CHUNK_BYTES

STORED: Final = zipfile.ZIP_STORED
DEFLATED: Final = zipfile.ZIP_DEFLATED
MAX_DIRECTORY: Final = 64 << 20  # bytes of the zip's list of members; 100 for each of half a million
_LOCAL: Final = struct.Struct("<4s5H3L2H")
_END: Final = struct.Struct("<4s4H2LH")
_END_64: Final = struct.Struct("<4sQ2H2L4Q")
_LOCATOR: Final = struct.Struct("<4sLQL")
_DESCRIPTORS: Final = (struct.Struct("<4s3L"), struct.Struct("<4sL2Q"))
_STREAMED: Final = 0x08  # flag: lengths and CRC stand behind the data
_UTF8: Final = 0x800  # flag: the name is UTF-8, else code page 437
_FULL: Final = 0xFFFFFFFF  # the length stands in the zip64 field
_BEHIND: Final = 24  # bytes of the longest data descriptor
# What zipfile raises on a directory that is no sound one.
_BROKEN = (zipfile.BadZipFile, EOFError, ValueError, NotImplementedError, struct.error, OverflowError, IndexError)


class BrokenZip(Exception):  # noqa: N818  it is no error of ours: the reader catches each and tells it
    """A zip or a member that is not whole. The message says what is wrong."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One member. name: as in the zip. offset: of its local header. packed, unpacked: bytes. None: not known.

    cut: the zip ends within it.
    """

    name: str
    offset: int
    flags: int
    method: int
    packed: int
    unpacked: int | None
    crc: int | None
    cut: bool = False


def entries(file: BinaryIO) -> list[Entry]:
    """Read the zip's directory. Raises BrokenZip where there is none that can be read or held, OSError."""
    length = _directory_bytes(file)
    if length is None:
        raise BrokenZip("no zip, or a cut one: its directory, which stands at the end, is not there")
    if length > MAX_DIRECTORY:
        raise BrokenZip(f"the zip's directory has {length} bytes; at most {MAX_DIRECTORY} are read")
    try:
        with zipfile.ZipFile(file) as package:
            found = package.infolist()
    except _BROKEN as error:
        raise BrokenZip(f"the zip's directory is damaged: {error}") from error
    return [
        Entry(
            one.orig_filename,
            one.header_offset,
            one.flag_bits,
            one.compress_type,
            one.compress_size,
            one.file_size,
            one.CRC,
        )
        for one in found
    ]


def found_entries(file: BinaryIO) -> Iterator[Entry]:
    """Find the members of a zip without its directory, one behind the other; the last may be cut. Raises OSError."""
    size, at = file.seek(0, os.SEEK_END), 0
    while (entry := _local(file, at, size)) is not None:
        yield entry
        behind = _data(file, entry) + entry.packed
        file.seek(behind)
        gap = file.read(_BEHIND + 4).find(b"PK\x03\x04")
        if gap < 0:
            return
        at = behind + gap


def pieces(file: BinaryIO, entry: Entry) -> Iterator[bytes]:
    """Read a member; what is whole before a break is given, then BrokenZip raised. Raises OSError."""
    crc, given = 0, 0
    unpacked = _stored(file, entry) if entry.method == STORED else _inflated(file, entry)
    for piece in unpacked:
        if entry.unpacked is not None and given + len(piece) > entry.unpacked:
            yield piece[: entry.unpacked - given]
            raise BrokenZip(f"more than the {entry.unpacked} bytes that it declares")
        crc, given = zlib.crc32(piece, crc), given + len(piece)
        yield piece
    if entry.unpacked is not None and given != entry.unpacked:
        raise BrokenZip(f"cut: {given} of {entry.unpacked} bytes")
    if entry.cut:
        raise BrokenZip(f"cut: the zip ends after {given} bytes of it")
    if entry.crc is not None and crc != entry.crc:
        raise BrokenZip(f"CRC-32 {entry.crc:08x} expected, found {crc:08x}")


def _stored(file: BinaryIO, entry: Entry) -> Iterator[bytes]:
    at, end = _data(file, entry), _data(file, entry) + entry.packed
    while at < end:
        file.seek(at)  # the caller may read other members meanwhile
        piece = file.read(min(CHUNK_BYTES, end - at))
        if not piece:
            return
        at += len(piece)
        yield piece


def _inflated(file: BinaryIO, entry: Entry) -> Iterator[bytes]:
    stream = zlib.decompressobj(-zlib.MAX_WBITS)
    for packed in _stored(file, entry):
        feed = packed
        while feed and not stream.eof:
            try:
                piece = stream.decompress(feed, CHUNK_BYTES)
            except zlib.error as error:
                raise BrokenZip(f"damaged ({error})") from error
            feed = stream.unconsumed_tail
            if piece:
                yield piece
        if stream.eof:
            return
    raise BrokenZip("cut: its deflate stream does not end")


def _data(file: BinaryIO, entry: Entry) -> int:
    """Give where a member's bytes begin. Raises BrokenZip."""
    head = b""
    if 0 <= entry.offset < file.seek(0, os.SEEK_END):  # zip64 has room for offsets that no file has
        file.seek(entry.offset)
        head = file.read(_LOCAL.size)
    if len(head) < _LOCAL.size or not head.startswith(b"PK\x03\x04"):
        raise BrokenZip("no member where the directory says that it is")
    name, extra = _LOCAL.unpack(head)[-2:]
    return entry.offset + _LOCAL.size + int(name) + int(extra)


# ------------------------------------------------------------------------------------------- without a directory


def _local(file: BinaryIO, at: int, size: int) -> Entry | None:
    """Read the local header at a place; None where none is."""
    file.seek(at)
    head = file.read(_LOCAL.size)
    if len(head) < _LOCAL.size or not head.startswith(b"PK\x03\x04"):
        return None
    _, _, flags, method, _, _, crc, packed, unpacked, name_bytes, extra_bytes = _LOCAL.unpack(head)
    name, extra = file.read(name_bytes), file.read(extra_bytes)
    start = at + _LOCAL.size + name_bytes + extra_bytes
    if start > size:
        return None
    if _FULL in (packed, unpacked) and extra[:2] == b"\x01\x00" and len(extra) >= 20:
        unpacked, packed = struct.unpack_from("<2Q", extra, 4)
    spelt = name.decode("utf-8" if flags & _UTF8 else "cp437", "replace")
    if not flags & _STREAMED or packed:
        return Entry(spelt, at, flags, method, min(packed, size - start), unpacked, crc)
    length = _deflated_bytes(file, start) if method == DEFLATED else _stored_bytes(file, start)
    if length is None:
        return Entry(spelt, at, flags, method, size - start, None, None, cut=True)
    file.seek(start + length)
    signature, behind = struct.unpack("<4sL", file.read(8).ljust(8, b"\0"))
    return Entry(spelt, at, flags, method, length, None, behind if signature == b"PK\x07\x08" else None)


def _deflated_bytes(file: BinaryIO, start: int) -> int | None:
    """Give the length of a deflate stream; None where it does not end."""
    stream, used = zlib.decompressobj(-zlib.MAX_WBITS), 0
    file.seek(start)
    while feed := file.read(CHUNK_BYTES):
        used += len(feed)
        while feed and not stream.eof:
            try:
                stream.decompress(feed, CHUNK_BYTES)
            except zlib.error:
                return None
            feed = stream.unconsumed_tail
        if stream.eof:
            return used - len(stream.unused_data)
    return None


def _stored_bytes(file: BinaryIO, start: int) -> int | None:
    """Give the length of stored data, told only behind it; None where that is not found."""
    file.seek(start)
    held, at = b"", 0  # at: bytes before `held`
    while piece := file.read(CHUNK_BYTES):
        held += piece
        found = held.find(b"PK\x07\x08")
        while found >= 0 and len(held) - found >= _BEHIND:
            if any(form.unpack_from(held, found)[2] == at + found for form in _DESCRIPTORS):
                return at + found
            found = held.find(b"PK\x07\x08", found + 1)
        kept = len(held) - found if found >= 0 else _BEHIND
        at, held = at + max(len(held) - kept, 0), held[-kept:]
    return None


# ------------------------------------------------------------------------------------------------- the directory


def _directory_bytes(file: BinaryIO) -> int | None:
    """Give the length that the zip's directory is said to have; None where its end is not found."""
    size = file.seek(0, os.SEEK_END)
    file.seek(max(size - _END.size - 0xFFFF, 0))
    tail = file.read()
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or len(tail) - at < _END.size:
        return None
    length: int = _END.unpack_from(tail, at)[5]
    locator = at - _LOCATOR.size
    if locator >= 0 and tail.startswith(b"PK\x06\x07", locator):
        file.seek(min(_LOCATOR.unpack_from(tail, locator)[2], size))
        end = file.read(_END_64.size)
        if len(end) == _END_64.size and end.startswith(b"PK\x06\x06"):
            length = max(length, _END_64.unpack(end)[8]) if length != _FULL else _END_64.unpack(end)[8]
    return length
