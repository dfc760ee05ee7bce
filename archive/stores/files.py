"""A folder as an object store: file:///path, a mounted disk or share.

Takes   file:///path, percent-decoded (RFC 8089); keys are paths below it.
Gives   a Store.
Writes  <name>.part beside the object, fsync, rename, fsync of the folder.

A folder keeps no metadata, so head() knows no digest: whoever wants to know reads.
"""

from __future__ import annotations

import errno
import fcntl
import os
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from urllib.parse import unquote

from ..errors import StoreError
from ..fixity import CHUNK_BYTES
from ..home import DISK_ERRORS, sync_names
from .patience import Bandwidth
from .protocol import Source, Stat, checked

_NAME_BYTES = 200  # of a name that is kept in the name of its part; a file system takes 255
_PART = re.compile(r"\..*\.part")


class FileStore:
    """A folder that holds objects as files."""

    def __init__(self, name: str, url: str, bandwidth: Bandwidth) -> None:
        self.name = name
        self.root = Path(unquote(url.removeprefix("file://")))
        self._bandwidth = bandwidth
        self._visited: set[Path] = set()  # folders whose objects were written or asked for

    def reach(self) -> None:
        """Raise StoreError where the folder is not there."""
        self._mounted()

    def put(self, key: str, source: Source, *, replace: bool) -> bool:
        """Copy an object to its place; False where something is there and `replace` was not asked for."""
        path = self._path(key)
        self._mounted()
        self._visited.add(path.parent)
        kept = path.name.encode()[:_NAME_BYTES].decode(errors="ignore")
        part = path.with_name(f".{kept}.part")  # the next try writes over what a killed one left
        try:
            _make_folder(path.parent)
            try:
                self._write(part, source)
                if not replace:
                    return _link(part, path)
                part.replace(path)
                sync_names(path.parent)
            finally:
                part.unlink(missing_ok=True)
        except OSError as error:
            raise self._explained(error, key) from error
        return True

    def head(self, key: str) -> Stat | None:
        """Give the size of an object."""
        self._mounted()
        try:
            path = self._path(key)
            self._visited.add(path.parent)
            return Stat(path.stat().st_size) if path.is_file() else None
        except OSError as error:
            raise self._explained(error, key) from error

    def read(self, key: str, start: int = 0, length: int | None = None) -> Iterator[bytes]:
        """Read an object from the disk, as far as the system lets one: pages in memory are let go first."""
        self._mounted()
        path = self._path(key)
        try:
            with path.open("rb", buffering=0) as file:
                _forget(file.fileno())
                file.seek(start)
                while (length is None or length > 0) and (
                    piece := file.read(CHUNK_BYTES if length is None else min(CHUNK_BYTES, length))
                ):
                    self._bandwidth.take(0)
                    yield piece
                    length = None if length is None else length - len(piece)
        except FileNotFoundError:
            raise FileNotFoundError(key) from None
        except OSError as error:
            raise self._explained(error, key) from error

    def list(self, prefix: str = "") -> Iterator[tuple[str, int]]:
        """Walk the folder."""
        self._mounted()
        found = []
        try:
            for folder, _, names in os.walk(self.root):
                for name in names:
                    path = Path(folder) / name
                    key = path.relative_to(self.root).as_posix()
                    if key.startswith(prefix) and not _PART.fullmatch(name):
                        found.append((key, path.stat().st_size))
        except OSError as error:
            raise self._explained(error, prefix) from error
        yield from sorted(found)

    def reckons(self) -> bool:
        """Say no: a folder keeps no checksums."""
        return False

    def close(self) -> None:
        """Remove the parts that a killed upload left in the folders of this one; what is being written is held by flock."""
        for folder in self._visited:
            with suppress(OSError):  # they are no objects: the next upload tries again
                for part in folder.glob(".*.part"):
                    _remove_unless_held(part)

    def _path(self, key: str) -> Path:
        checked(key)
        return self.root / key

    def _mounted(self) -> None:
        """Refuse where the folder's own parent is missing: a disk that is not mounted must not be filled beside."""
        if not self.root.is_dir() and not self.root.parent.is_dir():
            raise StoreError(
                f"{self.name}: no folder {self.root.parent.name or '/'} to hold it",
                action="mount it or make it, then the same command",
                whole=True,
            )

    def _write(self, part: Path, source: Source) -> None:
        at = 0
        with part.open("wb", buffering=0) as file:
            with suppress(OSError):  # a file system without locks
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            while piece := source.read(at, CHUNK_BYTES):
                self._bandwidth.take(len(piece))
                view = memoryview(piece)
                while view:
                    view = view[os.write(file.fileno(), view) :]
                at += len(piece)
            os.fsync(file.fileno())
            _forget(file.fileno())

    def _explained(self, error: OSError, key: str) -> StoreError:
        place = f"{self.name}: {key}"
        if error.errno in DISK_ERRORS - {errno.EIO, errno.EROFS}:
            return StoreError(
                f"{place}: the disk is full or its quota is used",
                action="make room there, then the same command",
                whole=True,
            )
        if isinstance(error, PermissionError):
            return StoreError(
                f"{place}: may not be written or read by this user",
                action="other permissions, then the same command",
                whole=True,
            )
        return StoreError(f"{place}: {error.strerror or error}", action="lianzai doctor, then the same command")


def _link(part: Path, path: Path) -> bool:
    """Give a file its name unless the name is taken; of two that try at once one succeeds."""
    try:
        os.link(part, path)
    except FileExistsError:
        return False
    except OSError:  # a file system without hard links (FAT, some shares)
        if path.exists():
            return False
        part.rename(path)
    sync_names(path.parent)
    return True


def _remove_unless_held(part: Path) -> None:
    with part.open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return
        part.unlink(missing_ok=True)


def _make_folder(folder: Path) -> None:
    if folder.is_dir():
        return
    _make_folder(folder.parent)
    folder.mkdir(exist_ok=True)
    sync_names(folder.parent)


def _forget(descriptor: int) -> None:
    """Let go of a file's pages in memory, so that what is read next comes from the disk."""
    with suppress(AttributeError, OSError):
        os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
