"""Bytes of a message: held while they are few, else in a file without a name.

Takes   bytes as they come.
Gives   Octets: bytes, or Spooled, which is read like bytes, a slice at a time.
Writes  one file without a name for each message that is too long to be held; it is gone with the last who reads it, and with
        the process, however that ends.
"""

from __future__ import annotations

import os
import tempfile
import weakref
from collections.abc import Iterator
from pathlib import Path

HELD_BYTES = 1 << 20  # of one message in memory; nearly all are shorter
PIECE_BYTES = 256 << 10  # read from a file at once


class _Nameless:
    """An open file without a name; closed when nobody has it any longer."""

    def __init__(self, folder: Path | None) -> None:
        """folder: where its bytes take their room; None: where the system has its temporary files. Raises OSError."""
        file = tempfile.TemporaryFile(dir=folder, buffering=0)  # noqa: SIM115 - it outlives this call
        self._close = weakref.finalize(self, file.close)
        self.descriptor = file.fileno()


class Spooled:
    """A stretch of the bytes of a message that is too long to be held. They stay as they are."""

    __slots__ = ("_end", "_file", "_start")

    def __init__(self, file: _Nameless, start: int, end: int) -> None:
        self._file, self._start, self._end = file, start, max(start, end)

    def __len__(self) -> int:
        return self._end - self._start

    def __getitem__(self, where: slice) -> bytes:
        """Read a slice into memory, as that of bytes; a step is passed over. Raises OSError."""
        start, end, _ = where.indices(len(self))
        octets = os.pread(self._file.descriptor, max(0, end - start), self._start + start)
        # What the system gives at once, as nearly always, is held once, not piece by piece and whole.
        return octets if len(octets) >= end - start else octets + b"".join(self.pieces(start + len(octets), end))

    def stretch(self, start: int, end: int) -> Spooled:
        """Give a part of it, unread."""
        first, last, _ = slice(start, end).indices(len(self))
        return Spooled(self._file, self._start + first, self._start + last)

    def pieces(self, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        """Read it from one place to another, a piece at a time. Raises OSError, also where the file is shorter than it was."""
        at, last = self._start + start, self._end if end is None else self._start + end
        while at < last:
            piece = os.pread(self._file.descriptor, min(PIECE_BYTES, last - at), at)
            if not piece:
                raise OSError("a temporary file is shorter than what was written to it")
            at += len(piece)
            yield piece


Octets = bytes | Spooled


def held(octets: Octets) -> bytes:
    """Give all of it in memory: for what is known to be short enough. Raises OSError."""
    return octets if isinstance(octets, bytes) else octets[:]


def stretch(octets: Octets, start: int, end: int) -> Octets:
    """Give a part of it, unread where it is not held."""
    return octets[start:end] if isinstance(octets, bytes) else octets.stretch(start, end)


class Spool:
    """Takes the bytes of one message as they come."""

    def __init__(self, folder: Path | None = None, held_bytes: int = HELD_BYTES) -> None:
        """folder: where those go that are too many; None: where the system has its temporary files."""
        self._folder, self._most = folder, held_bytes
        self._held: list[bytes] = []
        self._file: _Nameless | None = None
        self._held_bytes = self._written = 0

    def __len__(self) -> int:
        return self._written + self._held_bytes

    def write(self, piece: bytes) -> None:
        """Take the next bytes. Raises OSError where the disk refuses them."""
        self._held.append(piece)
        self._held_bytes += len(piece)
        if self._held_bytes > (PIECE_BYTES if self._file else self._most):
            self._put_down()

    def octets(self) -> Octets:
        """Give all that came. Raises OSError."""
        if self._file is None:
            self._held = [b"".join(self._held)]
            return self._held[0]
        self._put_down()
        return Spooled(self._file, 0, self._written)

    def clear(self) -> None:
        """Forget what came; who was given it still has it."""
        self._held, self._file, self._held_bytes, self._written = [], None, 0, 0

    def _put_down(self) -> None:
        """Write what is held behind what was written."""
        self._file = self._file or _Nameless(self._folder)
        rest = memoryview(b"".join(self._held))
        at = self._written
        while rest:
            many = os.pwrite(self._file.descriptor, rest, at)
            rest, at = rest[many:], at + many
        self._written, self._held, self._held_bytes = at, [], 0
