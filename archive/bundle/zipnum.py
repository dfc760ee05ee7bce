"""A CDXJ index in gzip members of some lines each, with a small index of the members ("ZipNum").

Takes   CDXJ lines in any order.
Gives   how many different lines there were.
Writes  the lines, sorted bytewise and each once, as one gzip member every 300 lines; and one line a member, by which a
        replay over HTTP Range fetches that member alone. Memory does not grow with the number of lines.

The members are stored, not deflated: another zlib (zlib-ng, isal, a later version) gives other bytes at the same level, and
the same archive shall give the same file on any machine, so that two copies can be compared by digest.
"""

from __future__ import annotations

import heapq
import json
import struct
import tempfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from itertools import groupby, islice
from pathlib import Path
from typing import BinaryIO, Final

from ..fixity import payload_digest

BLOCK_LINES: Final = 300  # about 100 kB, which a replay fetches at each look-up
_RUN_LINES: Final = 50_000  # lines sorted in memory at once, about 20 MB
_STORED_MAX: Final = 65_535  # bytes of one stored block. Source: RFC 1951, 3.2.4
# Magic, deflate, no flags, no time, no hint, unknown system. Source: RFC 1952, 2.3.
_GZIP_HEAD: Final = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"


def write_zipnum(lines: Iterable[bytes], index: BinaryIO, members: BinaryIO, *, name: str, folder: Path) -> int:
    """Write lines to `index`, and where each member of it begins to `members`.

    lines: without line ends. name: of the index, as the second file refers to it. folder: for what is sorted on disk.
    Returns the number of different lines. Raises OSError.
    Source: the form that py-wacz 0.6.0 writes and ReplayWeb.page reads; keys as in its `!meta` line.
    """
    members.write(b"!meta 0 " + json.dumps({"format": "cdxj-gzip-1.0", "filename": name}).encode() + b"\n")
    written = offset = 0
    with ExitStack() as opened:
        ordered = _distinct(_sorted(lines, folder, opened))
        while block := list(islice(ordered, BLOCK_LINES)):
            member = stored_gzip(b"".join(line + b"\n" for line in block))
            place = {"offset": offset, "length": len(member), "digest": payload_digest(member), "filename": name}
            key, moment, _ = block[0].split(b" ", 2)
            members.write(b"%b %b %b\n" % (key, moment, json.dumps(place).encode()))
            index.write(member)
            written, offset = written + len(block), offset + len(member)
    return written


def stored_gzip(data: bytes) -> bytes:
    """Make a gzip member that holds data as it is. Source: RFC 1952, 2.2, with stored blocks of RFC 1951, 3.2.4.

    >>> zlib.decompress(stored_gzip(b"org,example)/"), wbits=31)
    b'org,example)/'
    """
    parts = [_GZIP_HEAD]
    for start in range(0, len(data) or 1, _STORED_MAX):
        piece = data[start : start + _STORED_MAX]
        last = start + _STORED_MAX >= len(data)
        parts += [struct.pack("<BHH", last, len(piece), len(piece) ^ 0xFFFF), piece]
    return b"".join([*parts, struct.pack("<II", zlib.crc32(data), len(data) & 0xFFFFFFFF)])


def _distinct(ordered: Iterable[bytes]) -> Iterator[bytes]:
    return (line for line, _ in groupby(ordered))


def _sorted(lines: Iterable[bytes], folder: Path, opened: ExitStack) -> Iterator[bytes]:
    """Sort any number of lines bytewise: in memory where they are few, else in runs on disk that are merged."""
    rest = iter(lines)
    runs: list[Iterator[bytes]] = []
    while run := sorted(islice(rest, _RUN_LINES)):
        if len(run) < _RUN_LINES:
            return heapq.merge(run, *runs)
        file = opened.enter_context(tempfile.TemporaryFile(dir=folder))  # noqa: SIM115  the stack closes it
        runs.append(_on_disk(run, file))
    return heapq.merge(*runs)


def _on_disk(run: list[bytes], file: BinaryIO) -> Iterator[bytes]:
    file.writelines(line + b"\n" for line in run)
    file.seek(0)
    return (line[:-1] for line in file)
