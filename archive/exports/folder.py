"""The place of a folder that is made in one step: written beside it, then named; nothing there is lost by accident.

Takes   a path, and what fills the folder.
Gives   whether anything changed.
Writes  <name>.open beside it, which one process holds by flock; then the folder itself. While one is replaced, what was there is
        <name>.replaced for a moment; where a kill leaves it so, the next export puts it back or clears it away.

A folder that is there is replaced only if it holds nothing but files that its own manifest names: no other folder, named by
mistake, can be lost.
"""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from ..bundle.place import OPEN
from ..errors import BusyError, UsageError
from ..fixity import CHUNK_BYTES, file_digest
from ..home import sync_names

MANIFEST: Final = "manifest-sha256.txt"
TAGS: Final = "tagmanifest-sha256.txt"
_REPLACED: Final = ".replaced"


@contextmanager
def begun_folder(path: Path) -> Iterator[Path]:
    """Lend an empty folder beside `path`; it is gone at the end unless `settle_folder` named it.

    What a killed process left there is cleared. Raises BusyError where another process writes it now, UsageError where something
    else has that name, OSError.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(path.name + OPEN)
    descriptor = _locked(beside)
    try:
        _restore(path)
        for one in list(beside.iterdir()):
            _remove(one)
        yield beside
    finally:
        if _is(descriptor, beside):  # else it has its name
            shutil.rmtree(beside)
        os.close(descriptor)


def settle_folder(folder: Path, path: Path, *, replace: bool) -> bool:
    """Give the folder that `begun_folder` lent its name; give False where the same files are there already.

    Raises UsageError where other files may not be lost (replace: false), or are none of an export; OSError.
    """
    if path.is_dir() and not path.is_symlink() and _same(folder, path):
        return False
    if os.path.lexists(path):
        if not replace:
            raise UsageError(
                f"{path}: something else is there already; it was left as it is",
                action="another --output, or --force to replace an export",
            )
        _refuse_others(path)
    _sync(folder)
    aside = path.with_name(path.name + _REPLACED)
    if path.is_dir():
        path.rename(aside)
    folder.rename(path)
    sync_names(path.parent)
    if aside.is_dir():
        shutil.rmtree(aside)
    return True


def write_manifest(folder: Path, name: str, paths: Iterator[str]) -> None:
    """Write digests as `sha256sum` does and BagIt wants them: a line a file, sorted, of paths relative to the folder.

    Source: RFC 8493, 2.1.3: LF, CR and % in a path are percent-encoded.
    """
    with (folder / name).open("wb") as file:
        for path in sorted(paths):
            digest = file_digest(folder / path).removeprefix("sha256:")
            file.write(f"{digest}  {_encoded(path)}\n".encode())


def files_in(folder: Path) -> Iterator[str]:
    """Give the paths of all files in a folder, relative to it, with slashes; sorted."""
    return iter(sorted(one.relative_to(folder).as_posix() for one in folder.rglob("*") if not one.is_dir()))


def _encoded(path: str) -> str:
    return path.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _refuse_others(path: Path) -> None:
    """Refuse to replace what is no folder that an export wrote, or has more in it. Raises UsageError, OSError."""
    named: set[str] = {MANIFEST, TAGS}
    there = set(map(_encoded, files_in(path))) if path.is_dir() and not path.is_symlink() else {""}
    for manifest in (MANIFEST, TAGS):
        if manifest in there:
            lines = (path / manifest).read_text("utf-8", "replace").splitlines()
            named |= {line.partition("  ")[2] for line in lines}
    if (MANIFEST not in there and there) or there - named:
        other = min(there - named, default="") or "no folder of an export"
        raise UsageError(f"{path}: not replaced, an export did not write all of it: {other}", action="another --output")


def _restore(path: Path) -> None:
    """Put back what a kill left aside, or clear it away where its successor is there."""
    aside = path.with_name(path.name + _REPLACED)
    if not aside.is_dir() or aside.is_symlink() or not (aside / MANIFEST).is_file():
        return
    if os.path.lexists(path):
        shutil.rmtree(aside)
    else:
        aside.rename(path)


def _same(one: Path, other: Path) -> bool:
    names = list(files_in(one))
    return names == list(files_in(other)) and all(_same_bytes(one / name, other / name) for name in names)


def _same_bytes(one: Path, other: Path) -> bool:
    with one.open("rb") as a, other.open("rb") as b:
        if os.fstat(a.fileno()).st_size != os.fstat(b.fileno()).st_size:
            return False
        while block := a.read(CHUNK_BYTES):
            if block != b.read(CHUNK_BYTES):
                return False
    return True


def _sync(folder: Path) -> None:
    for path in [folder, *folder.rglob("*")]:
        sync_names(path)  # of a file as well as of a folder: fsync


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink()


def _locked(beside: Path) -> int:
    """Make a folder and hold it. Another process may name or remove it between the two: then it is made anew."""
    while True:
        beside.mkdir(exist_ok=True)
        try:
            descriptor = os.open(beside, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        except FileNotFoundError:
            continue
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            os.close(descriptor)
            raise BusyError(
                f"{beside}: another process writes it now", action="the same command again later"
            ) from error
        if _is(descriptor, beside):
            return descriptor
        os.close(descriptor)


def _is(descriptor: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), path.lstat())
    except FileNotFoundError:
        return False
