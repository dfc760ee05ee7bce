"""What every object store can, and what a key is.

Takes   keys relative to the store's prefix, in the layout of a home.
Gives   Store, Stat, Source; keys checked.
Writes  nothing.

There is no delete: nothing that was sent is ever taken away by lianzai.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO, Protocol

from ..errors import UsageError
from ..fixity import CHUNK_BYTES, label

DIGEST = "sha256"  # name of the metadata that holds our digest
MAX_KEY_BYTES = 1024  # of a key with its prefix (Amazon S3 User Guide, "Naming Amazon S3 objects")


@dataclass(frozen=True, slots=True)
class Stat:
    """What a store says of an object without reading it.

    sha256: "sha256:<hex>" as we sent it along, None where the store has none. checksum: the same, but reckoned by the store
    from the bytes that it received, None where it reckons none.
    """

    size: int
    sha256: str | None = None
    checksum: str | None = None
    metadata: dict[str, str] = field(default_factory=dict)


class Source:
    """An open file that is sent: its size and digest are those of the bytes that are read through it.

    The file may be replaced meanwhile (by a rename): what was opened stays. Threads may read it at once.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.size = 0
        digest = hashlib.sha256()
        while piece := self.read(self.size, CHUNK_BYTES):
            digest.update(piece)
            self.size += len(piece)
        self.sha256 = label(digest.hexdigest())

    def read(self, start: int, length: int) -> bytes:
        """Read `length` bytes at `start`, fewer only at the end of the file. Raises OSError."""
        parts: list[bytes] = []
        while length and (piece := os.pread(self._file.fileno(), length, start)):
            parts.append(piece)
            start, length = start + len(piece), length - len(piece)
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def read_into(self, start: int, room: memoryview) -> memoryview:
        """Read into memory that is there; give as much of it as was filled: less only at the end of the file. Raises OSError."""
        filled = 0
        while piece := self.read(start + filled, min(CHUNK_BYTES, len(room) - filled)):
            room[filled : filled + len(piece)] = piece
            filled += len(piece)
        return room[:filled]


class Store(Protocol):
    """An object store below one prefix. Methods may be called by several threads at once; all raise StoreError.

    name: for people and the ledger: the address as the profile writes it.
    """

    name: str

    def reach(self) -> None:
        """Ask whether it is there and lets us in, in a way that tells why not. Raises StoreError."""

    def put(self, key: str, source: Source, *, replace: bool) -> bool:
        """Send an object with its digest; whole or not at all.

        replace: whatever is there. Without it False is given where something is there already, as far as the store can tell
        at the moment in which it keeps the object; else True.
        """

    def head(self, key: str) -> Stat | None:
        """Ask for an object; None where there is none."""

    def read(self, key: str, start: int = 0, length: int | None = None) -> Iterator[bytes]:
        """Read an object, or a range of it, in pieces; a cut connection is taken up again where it was cut.

        Raises FileNotFoundError where there is none.
        """

    def list(self, prefix: str = "") -> Iterator[tuple[str, int]]:
        """Name objects with their sizes, sorted. An object that is missing from it may be there all the same."""

    def reckons(self) -> bool:
        """Say whether Stat.checksum is worth something: reckoned from what was received, and held against what was told."""

    def close(self) -> None:
        """Give back connections."""


def checked(key: str, prefix: str = "") -> str:
    """Give the whole key, or raise UsageError for one that not every store can hold, or that would leave the prefix.

    >>> checked("warc/s/x.warc.gz", "归档 a+b/")
    '归档 a+b/warc/s/x.warc.gz'
    """
    whole = prefix + key
    try:
        size = len(whole.encode())
    except UnicodeEncodeError:
        raise UsageError(f"{key!r}: its name is no UTF-8, no object can be named so", action="another name") from None
    if size > MAX_KEY_BYTES:
        raise UsageError(
            f"{key}: {size} bytes with the store's prefix, a key has at most {MAX_KEY_BYTES}", action="a shorter prefix"
        )
    if any(part in ("", ".", "..") for part in key.split("/")) or "\0" in key:
        raise UsageError(f"{key!r}: no path within a home", action="a name without . and .. as parts")
    return whole


def digest_of(store: Store, key: str) -> str:
    """Read an object to its end; give its digest. Raises FileNotFoundError, StoreError."""
    digest = hashlib.sha256()
    for piece in store.read(key):
        digest.update(piece)
    return label(digest.hexdigest())
