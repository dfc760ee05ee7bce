"""Read the records of WARC and ARC files made by others: leniently in form, strictly in what is whole.

Takes   a file: WARC/0.17 to 1.1 or ARC, not packed, one gzip member a record, or one member for many records.
Gives   ForeignRecords that are whole, in the order of the file; what is damaged is told with its offset, and read past.
Writes  nothing.

A record is whole when all bytes of its block are there and, where it has a gzip member of its own, the member's checksum is
right. After damage the reader goes on at the next `WARC/` line, or the next gzip member that begins with one. Memory is
that of one piece and one prefix of a block, whatever lengths a file tells.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from ..http import Head
from .heads import ForeignHead
from .stretch import BEGINS, Found, Stretch
from .unpack import File, Member, Plain, Torn, Window, next_member

_MAX_REWINDS = 16  # times that one gzip member is unpacked again to go on inside a block that was too short
_OTHERS = {b"PK\x03\x04": "a zip, perhaps a WACZ", b"\x28\xb5\x2f\xfd": "packed with zstd", b"BZh": "packed with bzip2"}


@dataclass(frozen=True, slots=True)
class Damage:
    """What is wrong in a file. offset: of the record or gzip member; inner: further unpacked bytes into the member."""

    offset: int
    what: str
    inner: int = 0

    def __str__(self) -> str:
        inner = f", unpacked byte {self.inner}" if self.inner else ""
        return f"offset {self.offset}{inner}: {self.what}"


@dataclass(frozen=True, slots=True)
class ForeignRecord:
    """One whole record.

    http: its HTTP head where it has one. block: the first bytes of its block, of a request up to 1 MiB. digest: as in the record,
    else of the payload (SHA-1), None for what has none. offset, length: bytes of its gzip member, or of head and block in a file that
    is not packed. Where several records share a gzip member these two count the unpacked bytes of the whole file, and member is
    (offset of the gzip member, unpacked bytes of it before the record); else None.
    """

    head: ForeignHead
    http: Head | None
    block: bytes
    digest: str | None
    offset: int
    length: int
    member: tuple[int, int] | None = None


def read_foreign(path: str | Path, tell: Callable[[Damage], None]) -> Iterator[ForeignRecord]:
    """Read a file record by record. tell: is called with each damage, as it is met. Raises OSError."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        file = File(descriptor)
        start = file.read(0, 4)
        other = next((what for magic, what in _OTHERS.items() if start.startswith(magic)), None)
        if not start or other:
            tell(Damage(0, f"neither WARC nor ARC: {other or 'empty'}"))
        elif file.is_packed():
            yield from _Packed(file, tell).records()
        else:
            yield from _plain_records(file, tell)
    finally:
        os.close(descriptor)


def _plain_records(file: File, tell: Callable[[Damage], None]) -> Iterator[ForeignRecord]:
    stretch = Stretch(lambda at: Window(Plain(file, at), at), lambda at, what: tell(Damage(at, what)))
    for found in stretch.records():
        yield _placed(found, found.start, found.end - found.start)


def _placed(found: Found, offset: int, length: int, member: tuple[int, int] | None = None) -> ForeignRecord:
    return ForeignRecord(found.head, found.http, found.block, found.digest, offset, length, member)


class _Packed:
    """A file of gzip members."""

    def __init__(self, file: File, tell: Callable[[Damage], None]) -> None:
        self._file, self._tell = file, tell
        self._unpacked = 0  # bytes that the members before this one hold

    def records(self) -> Iterator[ForeignRecord]:
        """Read member after member."""
        offset = 0
        while offset < self._file.size:
            if self._file.read(offset, 3) == b"\x1f\x8b\x08":
                after = yield from self._member(offset)
            else:
                self._tell(Damage(offset, f"expected a gzip member, found {self._file.read(offset, 16)!r}"))
                after = None
            offset = after or next_member(self._file, offset + 1, BEGINS) or self._file.size

    def _member(self, offset: int) -> Iterator[ForeignRecord]:  # type: ignore[misc]
        opened = _Opened(self._file, offset)
        stretch = None
        return None
