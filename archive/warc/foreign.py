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
import stat
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from .answer import HttpAnswer
from .heads import ForeignHead
from .payload import Payload
from .stretch import BEGINS, NEXT, Found, Stretch, lone_record
from .unpack import GZIP, File, Member, Plain, Torn, Window, next_member, short_member

_MAX_REWINDS = 16  # times that one gzip member is unpacked again to go on inside a block that was too short
_START = 1 << 20  # bytes in which a file that is not packed must show a record, else gzip members are sought in it
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


@dataclass(slots=True)
class ForeignRecord:
    """One whole record.

    http: its HTTP head where it has one. block: the first bytes of its block, of a request up to 1 MiB. digest: as in the record,
    else of the payload (SHA-1), None for what has none. offset, length: bytes of its gzip member, or of head and block in a file
    that is not packed. Where several records share a gzip member these two count the unpacked bytes of the whole file, and member
    is (offset of the gzip member, unpacked bytes of it before the record); else None. payload: as named by SHA-256, where
    that was asked for.
    """

    head: ForeignHead
    http: HttpAnswer | None
    block: bytes
    digest: str | None
    offset: int
    length: int
    member: tuple[int, int] | None = None
    payload: Payload | None = None


def read_foreign(path: str | Path, tell: Callable[[Damage], None], *, named: bool = False) -> Iterator[ForeignRecord]:
    """Read a file record by record.

    tell: is called with each damage, as it is met. named: every payload is named by SHA-256, for which all bytes are read.
    Raises OSError.
    """
    with _opened(path) as opened:
        file = File(opened.fileno())
        start = file.read(0, 4)
        other = next((what for magic, what in _OTHERS.items() if start.startswith(magic)), None)
        if not start or other:
            tell(Damage(0, f"neither WARC nor ARC: {other or 'empty'}"))
        elif _is_packed(file):
            yield from _Packed(file, tell, named=named).records()
        else:
            yield from _plain_records(file, tell, named=named)


def _opened(path: str | Path) -> BinaryIO:
    """Open a file to be read at any place; what comes through a pipe is spooled to the disk first."""
    with ExitStack() as stack:
        file: BinaryIO = stack.enter_context(Path(path).open("rb"))
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            import shutil  # rarely wanted, and a tenth of the time in which the command starts
            import tempfile

            spool: BinaryIO = tempfile.TemporaryFile()  # noqa: SIM115  the caller closes it
            shutil.copyfileobj(file, spool, 1 << 20)
            spool.flush()
            return spool
        stack.pop_all()
        return file


def _is_packed(file: File) -> bool:
    """Say whether a file is of gzip members, also where its first bytes are damaged."""
    if file.read(0, 3) == GZIP:
        return True
    start = file.read(0, _START)
    return not BEGINS.match(start) and not NEXT.search(start) and next_member(file, 0, BEGINS) is not None


def _plain_records(file: File, tell: Callable[[Damage], None], *, named: bool) -> Iterator[ForeignRecord]:
    stretch = Stretch(lambda at: Window(Plain(file, at), at), lambda at, what: tell(Damage(at, what)), named=named)
    for found in stretch.records():
        yield _placed(found, found.start, found.end - found.start)


def _placed(found: Found, offset: int, length: int, member: tuple[int, int] | None = None) -> ForeignRecord:
    return ForeignRecord(found.head, found.http, found.block, found.digest, offset, length, member, found.payload)


class _Rewound:
    """One gzip member, unpacked from its beginning as often as is asked for."""

    def __init__(self, file: File, offset: int) -> None:
        self._file, self._offset = file, offset
        self._member = Member(file, offset)
        self._left = _MAX_REWINDS

    def window(self, place: int) -> Window:
        """Open it at a place. Raises Torn, also where that was done too often: each time costs all that lies before."""
        if place:
            if not self._left:
                raise Torn(f"more than {_MAX_REWINDS} wrong lengths in one gzip member, the rest of it is not read")
            self._left -= 1
            self._member = Member(self._file, self._offset)
        window = Window(self._member)
        window.drop(place)
        return window

    def end(self) -> int | None:
        """Give the offset after it, where it was read to its end."""
        return self._member.end


class _Packed:
    """A file of gzip members."""

    def __init__(self, file: File, tell: Callable[[Damage], None], *, named: bool) -> None:
        self._file, self._tell, self._named = file, tell, named
        self._unpacked = 0  # bytes that the members before this one hold

    def records(self) -> Iterator[ForeignRecord]:
        """Read member after member."""
        offset = 0
        while offset < self._file.size:
            found = self._file.read(offset, 16)
            if not found.startswith(GZIP):
                self._tell(Damage(offset, f"expected a gzip member, found {found!r}"))
                after = 0
            else:
                data, after = short_member(self._file, offset)
                lone = lone_record(data, named=self._named) if after else None
                if lone is None:
                    after = yield from self._member(offset)
                else:
                    yield _placed(lone, offset, after - offset)
                    self._unpacked += len(data)
            offset = after or next_member(self._file, offset + 1, BEGINS) or self._file.size

    def _member(self, offset: int) -> Generator[ForeignRecord, None, int]:
        """Read the records of one member; returns the offset after it, 0 where it is torn."""
        member, held = _Rewound(self._file, offset), None
        stretch = Stretch(member.window, lambda at, what: self._tell(Damage(offset, what, at)), named=self._named)
        try:
            for found in stretch.records():
                if held is not None:
                    yield self._shared(held, offset)
                held = found
            end = member.end() or 0
        except Torn as torn:
            self._tell(Damage(offset, str(torn), stretch.position))
            end = 0
        if held is not None and stretch.begun == 1 and held.start == 0:
            if end:  # alone in its member, it is whole only if the member is
                yield _placed(held, offset, end - offset)
        elif held is not None:
            yield self._shared(held, offset)
        self._unpacked += stretch.position
        return end

    def _shared(self, found: Found, offset: int) -> ForeignRecord:
        return _placed(found, self._unpacked + found.start, found.end - found.start, (offset, found.start))
