"""Copy a file into a home so that it is there whole, or not at all; what is there is never written over.

Takes   a file and how many of its bytes, or bytes as they come; a place for it.
Gives   whether it was copied; False where the same bytes were there.
Writes  a part beside the place, then the file itself: fsync, read back, rename, fsync of the folder.

One process at a time copies into a folder (the caller holds the series' lock). What a killed one left is removed by the next
that holds it (home.clear_away, warc.recover).
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

from .errors import DiskError, IntegrityError, PartialError
from .fixity import CHUNK_BYTES, file_digest, label
from .home import part_of
from .warc.writer import sync_folder

_MOVE = "lianzai verify, which tells whether this one is damaged; move the wrong one away, then the same command again"


def copy_new(
    source: Path,
    target: Path,
    size: int | None = None,
    *,
    told: Callable[[int], None] | None = None,
    naming: Callable[[], None] | None = None,
) -> bool:
    """Copy the first `size` bytes of a file (all of it) to a place where nothing is.

    told: called with the bytes of each piece read. naming: called when the copy is whole, before it has its name. Returns
    False where a file of the same bytes is there. Raises IntegrityError where other bytes are (they are not touched) or
    the copy does not read back as it was written, PartialError where the source cannot be read, DiskError where the
    copy cannot be written.
    """
    return copy_pieces(_pieces(source, size, told), str(source), target, mode=_mode(source), naming=naming)


def copy_pieces(
    pieces: Iterator[bytes],
    source: str,
    target: Path,
    *,
    mode: int = 0o600,
    sha256: str | None = None,
    naming: Callable[[], None] | None = None,
) -> bool:
    """Write bytes as they come to a place where nothing is, as copy_new() does.

    source: where they come from, for people. sha256: what they must be, where that is known. Raises what copy_new() raises, and
    IntegrityError where they are something else.
    """
    if os.path.lexists(target):
        _compare(pieces, source, target)
        return False
    part = part_of(target)
    try:
        _make_folder(target.parent)
        digest = _write(part, pieces, mode)
        if sha256 is not None and digest != sha256:
            raise IntegrityError(
                f"{source}: expected {sha256[:15]}, found {digest[:15]}: not taken", action="another copy of it"
            )
        found = file_digest(part)
        if found != digest:
            raise IntegrityError(
                f"{part}: expected {digest[:15]}, found {found[:15]}: it does not read back as it was written; removed",
                action="lianzai doctor, then the same command again",
            )
        if naming:
            naming()
        part.rename(target)
    except OSError as error:
        raise DiskError(f"{target}: cannot be written: {error.strerror or error}", action="lianzai doctor") from error
    finally:
        with suppress(OSError):  # what hinders it has been told already
            part.unlink(missing_ok=True)
    sync_folder(target.parent)
    return True


def _pieces(source: Path, size: int | None, told: Callable[[int], None] | None) -> Iterator[bytes]:
    """Read a file in pieces. Raises PartialError where it cannot be read, or ends before `size`."""
    try:
        with source.open("rb", buffering=0) as file:
            left = size
            while left != 0 and (piece := file.read(min(CHUNK_BYTES, left or CHUNK_BYTES))):
                left = None if left is None else left - len(piece)
                if told:
                    told(len(piece))
                yield piece
    except OSError as error:
        raise PartialError(
            f"{source}: cannot be read: {error.strerror or error}", action="another copy of it"
        ) from error
    if left:
        raise PartialError(f"{source}: ends {left} bytes early", action="another copy of it")


def _mode(source: Path) -> int:
    """Give the permissions of a copy: no wider than those of the file, for a profile may hold a password."""
    try:
        return source.stat().st_mode & 0o666 | 0o600
    except OSError:
        return 0o600  # reading it tells what is wrong


def _write(path: Path, pieces: Iterator[bytes], mode: int) -> str:
    """Write a file anew and make its bytes durable; gives their digest. Raises OSError."""
    digest = hashlib.sha256()
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb", buffering=0) as file:
        for piece in pieces:
            digest.update(piece)
            _write_all(file.fileno(), piece)
        os.fsync(file.fileno())
        if hasattr(os, "posix_fadvise"):  # without its pages in memory, what is read back comes from the disk
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
    return label(digest.hexdigest())


def _write_all(descriptor: int, piece: bytes) -> None:
    view = memoryview(piece)
    while view:
        view = view[os.write(descriptor, view) :]


def _compare(pieces: Iterator[bytes], source: str, target: Path) -> None:
    """Hold a file against what is there under its name. Raises IntegrityError where they differ, PartialError."""
    there = 0
    try:
        if not target.is_file():
            raise IntegrityError(f"{target}: expected a file, found something else; it was not touched", action=_MOVE)
        with target.open("rb", buffering=0) as file:
            for piece in pieces:
                if _read_all(file.fileno(), len(piece)) != piece:
                    raise IntegrityError(
                        f"{target}: expected the bytes of {source}, found others behind offset {there};"
                        f" neither was touched",
                        action=_MOVE,
                    )
                there += len(piece)
            if file.read(1):
                raise IntegrityError(
                    f"{target}: expected the {there} bytes of {source}, found more; neither was touched", action=_MOVE
                )
    except OSError as error:
        raise IntegrityError(f"{target}: cannot be read: {error.strerror or error}", action="lianzai verify") from error


def _read_all(descriptor: int, size: int) -> bytes:
    parts, left = [], size
    while left and (piece := os.read(descriptor, left)):
        parts.append(piece)
        left -= len(piece)
    return b"".join(parts)


def _make_folder(folder: Path) -> None:
    """Make a folder and those above it, each durable by its name in the one above. Raises OSError."""
    if folder.is_dir():
        return
    _make_folder(folder.parent)
    folder.mkdir(exist_ok=True)
    sync_folder(folder.parent)
