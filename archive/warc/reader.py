"""Read WARC files that hold one record a gzip member, strictly.

Takes   a file, an offset.
Gives   Records; the place up to which a file holds whole exchanges.
Writes  nothing.

A member must end where its deflate stream ends, its checksum must be right, and it must hold one record to the byte:
a reader that stops quietly at a cut member (as warcio does, webrecorder/warcio#138) would hide a loss.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import BinaryIO, cast, get_args

from isal import isal_zlib

from ..errors import WarcError
from ..model import RecordType
from .record import Record, parse_date

MAX_RECORD = 1 << 30  # bytes of one record, decompressed; what is longer is no record of ours but a bomb
_FIRST_READ = 16 << 10  # most records fit; what was read beyond the member is read again
_NEXT_READ = 256 << 10
_HEAD_END = b"\r\n\r\n"
_END = b"\r\n\r\n"
_FIELD = re.compile(rb"([!#-'*+.0-9A-Z^_`a-z|~-]+):[ \t]*(.*)", re.DOTALL)
_REQUIRED = ("WARC-Type", "WARC-Record-ID", "WARC-Date", "Content-Length")


def read_records(path: str | Path, *, start: int = 0) -> Iterator[Record]:
    """Read a file record by record, one in memory at a time. start: offset of a member.

    Raises WarcError with file and offset at the first damage, OSError where the file cannot be read.
    """
    file = Path(path)
    descriptor = os.open(file, os.O_RDONLY)
    try:
        size, offset = os.fstat(descriptor).st_size, start
        while offset < size:
            record = _record_at(descriptor, _name(file), offset)
            yield record
            offset += record.length
    finally:
        os.close(descriptor)


def count_records(path: str | Path, *, end: int) -> int:
    """Count the records of a file before a place where one begins. Each is unpacked, which proves it, and not taken apart.

    Raises WarcError with file and offset at the first damage, OSError where the file cannot be read.
    """
    file, offset, count = Path(path), 0, 0
    descriptor = os.open(file, os.O_RDONLY)
    try:
        while offset < end:
            member = _Member(partial(os.pread, descriptor), _name(file), offset)
            for _ in member:
                pass
            offset, count = offset + member.length, count + 1
    finally:
        os.close(descriptor)
    return count


def read_at(path: str | Path, offset: int) -> Record:
    """Read the one record whose gzip member begins at `offset`. Raises WarcError, OSError."""
    file = Path(path)
    descriptor = os.open(file, os.O_RDONLY)
    try:
        return _record_at(descriptor, _name(file), offset)
    finally:
        os.close(descriptor)


def read_stream(stream: BinaryIO, file: str, offset: int) -> Record:
    """Read the one record that a stream begins with. file, offset: where it stands, for the record and for messages.

    Raises WarcError, and what reading the stream raises.
    """
    return _parse(_Member(lambda size, _: stream.read(size), file, offset), file, offset)


def last_whole_exchange(path: str | Path, *, start: int = 0) -> tuple[int, WarcError | None]:
    """Tell up to which byte a file holds nothing but whole units, and what comes then, if it is damage.

    A unit is a request with its response, or any other record alone. start: offset of a member that is known to begin
    a unit. Raises OSError.
    """
    whole, waits_for = start, None
    try:
        for record in read_records(path, start=start):
            if record.type == "request":
                waits_for = record.headers.get("WARC-Concurrent-To")
            elif waits_for in (None, record.record_id):
                waits_for, whole = None, record.offset + record.length
            else:  # a request whose response is not there: not ours, or damage
                return whole, WarcError(f"{record.file}: offset {record.offset}: expected the response {waits_for}")
    except WarcError as error:
        return whole, error
    return whole, None


def _name(file: Path) -> str:
    """Give the final name of a file, as captures have it."""
    return file.name.removesuffix(".open")


def _record_at(descriptor: int, name: str, offset: int) -> Record:
    return _parse(_Member(partial(os.pread, descriptor), name, offset), name, offset)


class _Member:
    """The bytes of one gzip member, in pieces. length: that of the member, packed, once all of it was read."""

    def __init__(self, read: Callable[[int, int], bytes], name: str, offset: int) -> None:
        """read: gives up to so many bytes at a place. name, offset: where it stands."""
        self._read, self._where, self._offset = read, f"{name}: offset {offset}", offset
        self.length = 0

    def __iter__(self) -> Iterator[bytes]:
        """Unpack it. Raises WarcError where it is cut, damaged, or a bomb."""
        stream, got, at, size = isal_zlib.decompressobj(wbits=31), 0, self._offset, _FIRST_READ
        while not stream.eof:
            piece = self._read(size, at)
            if not piece:
                raise WarcError(f"{self._where}: the record is cut, its gzip member does not end")
            at, size = at + len(piece), _NEXT_READ
            while piece:
                try:
                    out = stream.decompress(piece, _NEXT_READ)
                except isal_zlib.error as error:  # type: ignore[misc]  # its stub has no base class
                    raise WarcError(f"{self._where}: the gzip member is damaged: {error}") from error
                got += len(out)
                if got > MAX_RECORD:
                    raise WarcError(f"{self._where}: a record of more than {MAX_RECORD} bytes")
                yield out
                piece = stream.unconsumed_tail
        self.length = at - len(stream.unused_data) - self._offset


def _unpacked(member: _Member) -> tuple[bytes, bytes | None, bytes]:
    """Give the head of the record that a member holds, its block, and the four bytes behind that.

    The block is None where no head ends. It is gathered in a buffer and taken out of it without a copy.
    """
    begun, block = b"", None
    for piece in member:
        if block is not None:
            block.write(piece)
            continue
        begun += piece
        end = begun.find(_HEAD_END)
        if end >= 0:
            block = BytesIO()
            block.write(memoryview(begun)[end + len(_HEAD_END) :])
            begun = begun[:end]
    if block is None:
        return begun, None, b""
    end = max(block.tell() - len(_END), 0)
    block.seek(end)
    tail = block.read()
    block.truncate(end)
    return begun, block.getvalue(), tail


def _parse(member: _Member, name: str, offset: int) -> Record:
    """Read the one record that a member holds."""
    begun, block, tail = _unpacked(member)
    where = f"{name}: offset {offset}"
    if block is None or not begun.startswith(b"WARC/1."):
        raise WarcError(f"{where}: expected a WARC record, found {begun[:16]!r}")
    headers = _fields(begun, where)
    kind = headers["WARC-Type"]
    if kind not in get_args(RecordType):
        raise WarcError(f"{where}: a record of type {kind!r}")
    if headers["Content-Length"] != str(len(block)) or tail != _END:
        raise WarcError(f"{where}: Content-Length {headers['Content-Length'][:20]}, found {len(block)} bytes")
    try:
        date = parse_date(headers["WARC-Date"])
    except ValueError as error:
        raise WarcError(f"{where}: WARC-Date {headers['WARC-Date'][:40]!r}") from error
    return Record(
        type=cast(RecordType, kind),
        record_id=headers["WARC-Record-ID"],
        url=headers.get("WARC-Target-URI"),
        date=date,
        date_text=headers["WARC-Date"],
        headers=headers,
        block=block,
        offset=offset,
        length=member.length,
        file=name,
    )


def _fields(head: bytes, where: str) -> dict[str, str]:
    """Read the named fields. Raises WarcError for a line that is none, a field twice, or a required one missing."""
    headers: dict[str, str] = {}
    for line in head.split(b"\r\n")[1:]:
        match = _FIELD.fullmatch(line)
        if match is None:
            raise WarcError(f"{where}: no named field: {line[:60]!r}")
        name = match[1].decode("ascii")
        if name in headers:
            raise WarcError(f"{where}: {name} stands twice")
        try:
            headers[name] = match[2].decode("utf-8")
        except UnicodeDecodeError as error:
            raise WarcError(f"{where}: {name} is not UTF-8") from error
    if missing := [field for field in _REQUIRED if field not in headers]:
        raise WarcError(f"{where}: {missing[0]} is missing")
    return headers
