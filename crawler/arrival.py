"""A file made by others arrives in a home: a name that is safe, its bytes unchanged, its digest.

Takes   bytes and the name of the file that they were; the folder it goes to.
Gives   an Arrival: where its bytes are, how many, their digest; then its final path.
Writes  <folder>/<name>.open, durable before it gets its final name; never in place of another file.

Nobody else writes into the folder: the caller holds the lock of the series.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import unicodedata
import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import BinaryIO, Final

from archive.errors import DiskError, PartialError
from archive.fixity import CHUNK_BYTES, label
from archive.warc.writer import OPEN, sync_folder

NAME_BYTES: Final = (
    200  # of a name in UTF-8, extension and number in it; a file system takes 255, and `.open` comes to it
)
_GZIP: Final = b"\x1f\x8b"
_START: Final = 1 << 16  # bytes by which the kind is told
_EXTENSION = re.compile(r"\.(?:warc|arc|wacz|gz|zip|open)$", re.IGNORECASE)


def safe_name(given: str, extension: str, taken: Callable[[str], bool]) -> str:
    """Make the name that a file gets in a home.

    given: path or name, from anywhere: only its last part counts, composed (NFC), without control characters, leading dots
    and blanks, and without the extension it had. extension: ".warc.gz" and the like, by content. taken: tells whether a
    name is in use; a number is then put behind it. At most NAME_BYTES bytes in UTF-8.

    >>> safe_name("../../连载 1.arc", ".warc.gz", {"连载 1.warc.gz"}.__contains__)
    '连载 1-2.warc.gz'
    """
    text = given.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    last = re.split(r"[/\\]", text)[-1]
    composed = unicodedata.normalize("NFC", last)
    stem = "".join(char for char in composed if not unicodedata.category(char).startswith("C"))
    while (shorter := _EXTENSION.sub("", stem).rstrip(" .")) != stem:
        stem = shorter
    stem = stem.lstrip(" .") or "import"
    number, name = 1, _fitting(stem, extension)
    while taken(name):
        number += 1
        name = _fitting(stem, f"-{number}{extension}")
    return name


def _fitting(stem: str, end: str) -> str:
    room = NAME_BYTES - len(end.encode())
    return stem.encode()[:room].decode(errors="ignore").rstrip(" .") + end


def extension_of(start: bytes, name: str) -> str:
    """Tell the extension of a WARC or ARC by its first bytes; where they are damaged, by its name. start: up to 64 kB."""
    packed, text = start.startswith(_GZIP), start
    if packed:
        text = b""
        with suppress(zlib.error):
            text = zlib.decompressobj(wbits=31).decompress(start, 1 << 10)
    arc = text.startswith(b"filedesc:")
    if not arc and not text.startswith(b"WARC/"):
        arc = re.search(r"\.arc(\.gz)?$", name, re.IGNORECASE) is not None
    return (".arc" if arc else ".warc") + (".gz" if packed else "")


@dataclass(frozen=True, slots=True)
class Arrival:
    """A file whose bytes are in the home, durable, with `.open` behind its name until it is settled. sha256: "sha256:<hex>"."""

    path: Path
    bytes: int
    sha256: str

    @property
    def final(self) -> Path:
        """The path that it will have for good."""
        return self.path.with_name(self.path.name.removesuffix(OPEN))

    def settle(self, place: Path | None = None) -> Path:
        """Give it its name for good, or the one of `place`; returns the path. Raises DiskError."""
        final = place or self.final
        if self.path == final:
            return final
        try:
            if os.path.lexists(final):
                raise FileExistsError(0, f"{final.name} is there already")
            self.path.rename(final)
        except OSError as error:
            raise _refused(final, error) from error
        sync_folder(final.parent)
        return final

    def discard(self) -> None:
        """Remove the copy that has no name yet; what has its name stays."""
        if self.path != self.final:
            self.path.unlink(missing_ok=True)


class Arrivals:
    """One folder that takes files made by others. min_free: bytes of the disk that stay free."""

    def __init__(self, folder: Path, min_free: int) -> None:
        self.folder = folder
        self._min_free = min_free

    def receive(
        self,
        pieces: Iterator[bytes],
        name: str,
        extension: str | None = None,
        told: Callable[[int], None] | None = None,
    ) -> Arrival:
        """Copy bytes to their end.

        name: of the file that they are. extension: where the content does not tell it. told: called with the bytes of each
        piece. What `pieces` raises comes out; raises DiskError where the copy cannot be written or the disk would be too full.
        Nothing of it stays then.
        """
        start = b""
        while len(start) < _START and (piece := next(pieces, b"")):
            start += piece
        path = self._place(name, extension or extension_of(start[:_START], name))
        digest, size = hashlib.sha256(), 0
        try:
            with _open(path) as copy:
                for piece in chain((start,), pieces):
                    self._check_room(len(piece))
                    _write_all(copy.fileno(), piece, path)
                    digest.update(piece)
                    size += len(piece)
                    if told:
                        told(len(piece))
                _sync(copy.fileno(), path)
        except BaseException:
            path.unlink(missing_ok=True)
            raise
        return Arrival(path, size, label(digest.hexdigest()))

    def _place(self, name: str, extension: str) -> Path:
        """Make the folder, and find a name in it that neither a file has nor one that is about to get it."""
        try:
            _make_folder(self.folder)
        except OSError as error:
            raise _refused(self.folder, error) from error

        def taken(made: str) -> bool:
            return os.path.lexists(self.folder / made) or os.path.lexists(self.folder / (made + OPEN))

        return self.folder / (safe_name(name, extension, taken) + OPEN)

    def _check_room(self, size: int) -> None:
        free = shutil.disk_usage(self.folder).free
        if free - size < self._min_free:
            raise DiskError(
                f"{self.folder}: {free} bytes free, fetch.min_free asks for {self._min_free}",
                action="free some space, then import again",
            )


def pieces_of(source: BinaryIO, name: str) -> Iterator[bytes]:
    """Read a stream in pieces. Raises PartialError where it cannot be read."""
    try:
        while piece := source.read(CHUNK_BYTES):
            yield piece
    except OSError as error:
        raise PartialError(f"{name}: cannot be read: {error.strerror or error}", action="another copy of it") from error


def _open(path: Path) -> BinaryIO:
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
    except OSError as error:
        raise _refused(path, error) from error
    return os.fdopen(descriptor, "wb", buffering=0)


def _write_all(descriptor: int, piece: bytes, path: Path) -> None:
    view = memoryview(piece)
    try:
        while view:
            view = view[os.write(descriptor, view) :]
    except OSError as error:
        raise _refused(path, error) from error


def _sync(descriptor: int, path: Path) -> None:
    try:
        os.fsync(descriptor)
    except OSError as error:
        raise _refused(path, error) from error


def _make_folder(folder: Path) -> None:
    """Make a folder and those above it, each durable by its name in the one above. Raises OSError."""
    if not folder.is_dir():
        _make_folder(folder.parent)
        folder.mkdir(exist_ok=True)
        sync_folder(folder.parent)


def _refused(path: Path, error: OSError) -> DiskError:
    return DiskError(f"{path}: cannot be written: {error.strerror or error}", action="lianzai doctor")
