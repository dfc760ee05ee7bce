"""Read one WARC once: the digest of its bytes, and every record in it held against its own digests.

Takes   a file that holds one record a gzip member.
Gives   Seen for each whole record, Fault for each damaged stretch; at the end size and digest of the file.
Writes  nothing. Memory does not grow with file or record.

Behind damage it goes on with the next member that begins a record, so that all that is whole is told from what is not.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

from isal import isal_zlib

from ..fixity import label
from .record import LONGEST, BrokenError, Examined, examine, examine_whole, id_in

_WINDOW = 1 << 20  # bytes read at once
_FIRST = 16 << 10  # bytes given to a decompressor at once: what it does not need is copied back by it
_NEXT = 128 << 10
_OUT = 1 << 20  # bytes decompressed at once
_MAGIC = b"\x1f\x8b\x08"  # RFC 1952, 2.3.1: gzip, deflate
_GZIP_HEAD = 10  # bytes of a gzip head without extras, as ours are
_PEEK = 64 << 10
_BEGUN = 2 << 10  # bytes in which the id of a damaged record is sought


@dataclass(frozen=True, slots=True)
class Seen:
    """A whole record and where its gzip member lies."""

    offset: int
    length: int
    record: Examined


@dataclass(frozen=True, slots=True)
class Fault:
    """A place where the file is not what it says. record_id: of the record there, where it could be read."""

    offset: int
    record_id: str | None
    what: str


class Tape:
    """A file read from its beginning to its end, some of it again; each byte is digested once, in its order."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor, self._hash, self.digested = descriptor, hashlib.sha256(), 0
        self._data, self._start = b"", 0

    def read(self, at: int, size: int) -> memoryview:
        """Give some bytes at `at`, at most `size`; none at the end of the file. `at` is never behind what was read."""
        here = at - self._start
        if not 0 <= here < len(self._data):
            self._data, self._start, here = os.pread(self._descriptor, _WINDOW, at), at, 0
            end = at + len(self._data)
            if end > self.digested:
                self._hash.update(memoryview(self._data)[self.digested - at :])
                self.digested = end
        return memoryview(self._data)[here : here + size]

    def finish(self) -> str:
        """Read what is left; give the digest of the file."""
        while self.read(self.digested, 1):
            pass
        return label(self._hash.hexdigest())


class Scan:
    """One file being read. size, sha256, records: known when the iteration has ended."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.size, self.sha256, self.records = 0, "", 0
        self.faults = 0
        self._heads: dict[bytes, list[tuple[int, str]]] = {}
        self._end = 0

    def __iter__(self) -> Iterator[Seen | Fault]:
        """Walk the file. Raises OSError where it cannot be read."""
        descriptor = os.open(self._path, os.O_RDONLY)
        try:
            os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_SEQUENTIAL)
            tape, offset = Tape(descriptor), 0
            while head := bytes(tape.read(offset, _GZIP_HEAD)):
                yield from self._member(tape, offset, head)
                offset = self._end
            self.sha256, self.size = tape.finish(), tape.digested
        finally:
            os.close(descriptor)

    def odd_heads(self) -> list[Fault]:
        """Name the members whose gzip head is not as the others': no checksum covers it, only the file's digest."""
        common = max(self._heads.values(), key=len, default=[])
        return [
            Fault(offset, name, "the gzip head differs")
            for members in self._heads.values()
            if members is not common
            for offset, name in members
        ]

    def _member(self, tape: Tape, offset: int, head: bytes) -> Iterator[Seen | Fault]:
        self._end, first = offset, b""
        stream, piece = isal_zlib.decompressobj(wbits=31), tape.read(offset, _FIRST)
        try:
            first = stream.decompress(piece, _OUT)
            if stream.eof:  # nearly every record but pictures: it is there in one piece
                self._end = offset + len(piece) - len(stream.unused_data)
                record = examine_whole(first)
            else:
                record = examine(chain((first,), self._rest(tape, offset + len(piece), stream, len(first))))
        except (BrokenError, isal_zlib.error) as error:  # type: ignore[misc]  # its stub has no base class
            self.faults += 1
            name = getattr(error, "record_id", None) or id_in(first[:_BEGUN])
            self._end = _next_member(tape, offset + 1)
            yield Fault(offset, name, str(error))
            return
        self.records += 1
        self._note(head, offset, record.record_id)
        for what in record.faults:
            self.faults += 1
            yield Fault(offset, record.record_id, what)
        yield Seen(offset, self._end - offset, record)

    def _note(self, head: bytes, offset: int, name: str) -> None:
        """Remember the gzip head; of the common ones only that they are many."""
        members = self._heads.setdefault(head, [])
        if len(members) < 100:
            members.append((offset, name))

    def _rest(self, tape: Tape, at: int, stream: Any, got: int) -> Iterator[bytes]:
        """Decompress a member further, of which `got` bytes came from what lies before `at`; sets _end to the place behind it."""
        piece: memoryview | bytes = stream.unconsumed_tail
        while not stream.eof:
            if not piece:
                piece = tape.read(at, _NEXT)
                at += len(piece)
            if not piece:
                raise BrokenError("the record is cut, its gzip member does not end")
            out = stream.decompress(piece, _OUT)
            got += len(out)
            if got > LONGEST:
                raise BrokenError(f"a record of more than {LONGEST} bytes")
            if out:
                yield out
            piece = stream.unconsumed_tail
        self._end = at - len(stream.unused_data)


def _next_member(tape: Tape, at: int) -> int:
    """Find the next gzip member that begins a record; the end of the file where there is none."""
    while piece := bytes(tape.read(at, _WINDOW)):
        found = piece.find(_MAGIC)
        if found < 0:
            at += max(len(piece) - 2, 1)
        elif _begins_record(bytes(tape.read(at + found, _PEEK)) or b""):
            return at + found
        else:
            at += found + 1
    return at


def _begins_record(data: bytes) -> bool:
    try:
        return isal_zlib.decompressobj(wbits=31).decompress(data, 16).startswith(b"WARC/1.")
    except isal_zlib.error:  # type: ignore[misc]
        return False
