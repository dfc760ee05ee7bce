"""Put the right bytes of a WARC back where they are still kept: under another name, in a WACZ, in the object store.

Takes   what each file should be (size and digest, by the ledger), and where WARCs with which digests were found.
Gives   the paths that were mended.
Writes  warc/<series>/<name>; the damaged file goes to damaged/<name>.damaged-<n>: nothing is ever deleted.

All copies are made, and their digests compared, before the first file is moved: two files that were swapped mend each other.
"""

from __future__ import annotations

import hashlib
import os
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from ..errors import DiskError
from ..fixity import label
from ..home import Home, part_of
from ..ledger.fixity import KeptFile
from ..warc.writer import sync_folder
from .stored import Stored

_PIECE = 1 << 20
DAMAGED = "damaged"  # folder in the home


@dataclass(frozen=True, slots=True)
class Wanted:
    """A file to be mended: where it belongs and what it must be."""

    path: Path
    kept: KeptFile


class Copies:
    """The places where bytes of WARCs may be had, the nearest first.

    Files of the home by digest, entries of its WACZs by size, objects of its stores by key.
    """

    def __init__(self, home: Home, files: dict[str, list[Path]], stored: Stored | None = None) -> None:
        self._home, self._files, self._stored = home, files, stored
        self._bundles = [*sorted((home.root / "wacz").glob("*.wacz")), *sorted(home.root.glob("wacz/*/imported/*"))]
        self._staged = 0  # for two files of one name, in two series

    def stage(self, wanted: Wanted) -> Path | None:
        """Write a copy with the wanted digest beside damaged/'s files; None where these bytes are nowhere."""
        for path in self._files.get(wanted.kept.sha256, []):
            with _opened(path) as source:
                if source is not None and (staged := self._copied(_pieces(source), wanted)):
                    return staged
        for bundle in self._bundles:
            for entry in _entries(bundle, wanted.kept.bytes):
                with _entry(bundle, entry) as source:
                    if source is not None and (staged := self._copied(_pieces(source), wanted)):
                        return staged
        return self._from_store(self._stored, wanted) if self._stored else None

    def _from_store(self, stored: Stored, wanted: Wanted) -> Path | None:
        key = wanted.path.relative_to(self._home.root).as_posix()
        return self._copied(stored.read(key, wanted.kept.bytes), wanted)

    def _copied(self, pieces: Iterator[bytes], wanted: Wanted) -> Path | None:
        folder = self._home.root / DAMAGED
        self._staged += 1  # two series may each have a file of the name
        staged = part_of(folder / f"{self._staged}-{wanted.path.name}")
        digest = hashlib.sha256()
        try:
            folder.mkdir(exist_ok=True)
            with staged.open("wb") as file:
                for piece in pieces:
                    digest.update(piece)
                    file.write(piece)
                file.flush()
                os.fsync(file.fileno())
            if label(digest.hexdigest()) == wanted.kept.sha256:
                return staged
            staged.unlink()
        except OSError as error:
            staged.unlink(missing_ok=True)
            raise DiskError(f"{staged}: cannot be written: {error.strerror}", action="lianzai doctor") from error
        return None


def mend(home: Home, wanted: list[Wanted], copies: Copies) -> list[Path]:
    """Mend what can be mended; give those paths. Raises DiskError; every file is then the old or the new one."""
    staged = [(one, copy) for one in wanted if (copy := copies.stage(one)) is not None]
    for one, copy in staged:
        try:
            if os.path.lexists(one.path):
                put_aside(home, one.path, replaced=True)
            one.path.parent.mkdir(parents=True, exist_ok=True)
            copy.replace(one.path)
        except OSError as error:
            raise DiskError(f"{one.path}: cannot be put back: {error.strerror}", action="lianzai doctor") from error
        sync_folder(one.path.parent)
    return [one.path for one, _ in staged]


def put_aside(home: Home, path: Path, *, replaced: bool = False) -> Path:
    """Move a file to damaged/<name>.damaged-<n>, the first n that is free; give its place there. Raises OSError.

    replaced: the caller puts another in its place at once, so that it keeps its name till then: a kill in between must
    not leave the home without it.
    """
    folder = home.root / DAMAGED
    folder.mkdir(exist_ok=True)
    number = 1
    while os.path.lexists(target := folder / f"{path.name}.damaged-{number}"):
        number += 1
    if not (replaced and _linked(path, target)):
        path.rename(target)
    sync_folder(folder)
    return target


def _linked(path: Path, target: Path) -> bool:
    """Give a file a second name; False where the file system knows none."""
    try:
        target.hardlink_to(path)
    except FileExistsError:
        raise
    except OSError:
        return False
    return True


def _entries(bundle: Path, size: int) -> list[zipfile.ZipInfo]:
    """Name the entries of a WACZ that have the size; none where it is no zip. Their names are never used as paths."""
    try:
        with zipfile.ZipFile(bundle) as opened:
            found = opened.infolist()
    except (OSError, zipfile.BadZipFile, NotImplementedError, ValueError):
        return []  # a damaged WACZ has nothing to give
    return [
        one
        for one in found
        if one.file_size == size and one.compress_type in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
    ]


@contextmanager
def _opened(path: Path) -> Iterator[IO[bytes] | None]:
    try:
        file = path.open("rb")
    except OSError:
        yield None
        return
    with file:
        yield file


@contextmanager
def _entry(bundle: Path, entry: zipfile.ZipInfo) -> Iterator[IO[bytes] | None]:
    with zipfile.ZipFile(bundle) as opened:
        try:
            file = opened.open(entry)
        except (zipfile.BadZipFile, RuntimeError, NotImplementedError):  # RuntimeError: it is encrypted
            yield None
            return
        with file:
            yield file


def _pieces(source: IO[bytes]) -> Iterator[bytes]:
    """Read to the end; a source that is damaged further on ends there, and its digest will not be the wanted one."""
    with suppress(zipfile.BadZipFile, EOFError):
        while piece := source.read(_PIECE):
            yield piece
