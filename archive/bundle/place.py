"""The place of a file that is made in one step: written beside it, then named; nothing there is lost by accident.

Takes   a path, and what writes the file.
Gives   whether anything changed.
Writes  <name>.open beside it, which one process holds by flock; then the file itself.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

from ..errors import BusyError, UsageError
from ..fixity import CHUNK_BYTES
from ..home import sync_names

OPEN = ".open"


@contextmanager
def begun(path: Path) -> Iterator[BinaryIO]:
    """Lend an empty file beside `path`; it is gone at the end unless `settle` named it.

    What a killed process left there is used again. Raises BusyError where another process writes it now, OSError.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = _beside(path)
    with _locked(beside) as file:
        try:
            file.truncate()
            yield file
        finally:
            if _is(file, beside):  # else it has its name, and this one may be another process's already
                beside.unlink()


def settle(file: BinaryIO, path: Path, *, replace: bool) -> bool:
    """Give the file that `begun` lent its name; give False where the same bytes have it already.

    replace: whether other bytes may be lost by it. Raises UsageError where they may not, OSError.
    """
    file.flush()
    if path.is_file() and _same(file, path):
        return False
    if os.path.lexists(path) and not replace:
        raise UsageError(
            f"{path}: another file is there already; it was left as it is",
            action="another --output, or --force to replace it",
        )
    os.fsync(file.fileno())
    _beside(path).replace(path)
    sync_names(path.parent)
    return True


def _beside(path: Path) -> Path:
    return path.with_name(path.name + OPEN)


def _locked(beside: Path) -> BinaryIO:
    """Open a file and hold it. Another process may name or remove it between the two: then it is opened anew."""
    while True:
        descriptor = os.open(beside, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o666)
        file = cast(BinaryIO, os.fdopen(descriptor, "w+b"))
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            file.close()
            raise BusyError(
                f"{beside}: another process writes it now", action="the same command again later"
            ) from error
        if _is(file, beside):
            return file
        file.close()


def _is(file: BinaryIO, path: Path) -> bool:
    """Say whether a path still names an open file."""
    try:
        return os.path.samestat(os.fstat(file.fileno()), path.lstat())
    except FileNotFoundError:
        return False


def _same(file: BinaryIO, path: Path) -> bool:
    file.seek(0)
    with path.open("rb") as other:
        if os.fstat(file.fileno()).st_size != os.fstat(other.fileno()).st_size:
            return False
        while block := file.read(CHUNK_BYTES):
            if block != other.read(CHUNK_BYTES):
                return False
    return True
