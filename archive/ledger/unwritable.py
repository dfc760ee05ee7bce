"""A ledger that can be read and not written: on a read-only mount, or another user's.

Takes   the path of the ledger's file.
Gives   a way to connect to it that asks SQLite for no lock file and no log of its own.
Writes  nothing there; where a writer was killed, a copy in the folder for temporary files.

SQLite's WAL mode wants to make `-wal` and `-shm` beside the file even to read it. Three cases:

- Both are there: someone has it open, or had. Read as they are (`mode=ro`).
- A `-wal` with content, no `-shm`: a writer was killed, or the folder is a copy of a home in use. What is committed lies in
  that log, so ledger and log are copied, and the copy is read.
- No `-wal`, or an empty one: nobody writes. Read as a file that does not change (`immutable`). A writer of another user who
  begins in the meantime is not seen, and may make the answer a wrong one: ask again.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

from ..errors import DiskError, HomeError


def writable(path: Path) -> bool:
    """Say whether a ledger can be written, or made, at a place."""
    return os.access(path.parent, os.W_OK | os.X_OK) and (not path.exists() or os.access(path, os.W_OK))


class UnwritableFile:
    """The file of such a ledger; `close` removes the copy, where one was needed."""

    def __init__(self, path: Path) -> None:
        """Raises HomeError where it cannot be read, DiskError where the copy finds no room."""
        self._copy: tempfile.TemporaryDirectory[str] | None = None
        wal = path.with_name(f"{path.name}-wal")
        try:
            if not os.access(path, os.R_OK):
                raise HomeError(f"{path}: cannot be read", action="lianzai --home DIR, another home")
            if _opens(self._address(path, "mode=ro")):
                self.address = self._address(path, "mode=ro")
            elif wal.exists() and wal.stat().st_size:
                self.address = self._address(self._copied(path, wal), "mode=rw")
            else:
                self.address = self._address(path, "mode=ro&immutable=1")
        except OSError as error:
            self.close()
            raise HomeError(f"{path}: cannot be read: {error.strerror}", action="lianzai --home DIR") from error

    @staticmethod
    def _address(path: Path, how: str) -> str:
        return f"file:{quote(str(path.absolute()))}?{how}"

    def _copied(self, path: Path, wal: Path) -> Path:
        try:
            self._copy = tempfile.TemporaryDirectory(prefix="lianzai-")
            for one in (path, wal):
                shutil.copyfile(one, Path(self._copy.name) / one.name)
        except OSError as error:
            self.close()
            raise DiskError(
                f"{path}: is to be copied before it can be read, as a killed writer left {wal.name}: {error.strerror}",
                action="another TMPDIR",
            ) from error
        return Path(self._copy.name) / path.name

    def connector(self, timeout_s: float) -> Callable[[], sqlite3.Connection]:
        """Give what makes a connection."""
        return lambda: sqlite3.connect(self.address, uri=True, timeout=timeout_s, check_same_thread=False)

    def close(self) -> None:
        """Remove the copy."""
        if self._copy is not None:
            self._copy.cleanup()


def _opens(address: str) -> bool:
    """Say whether SQLite can read it so; a damaged file it opens, and tells what is wrong with it when it is read."""
    try:
        with closing(sqlite3.connect(address, uri=True)) as connection:
            connection.execute("SELECT 1 FROM sqlite_master").fetchone()
    except sqlite3.OperationalError as error:
        return "unable to open" not in str(error) and "readonly" not in str(error)
    except sqlite3.DatabaseError:
        return True
    return True
