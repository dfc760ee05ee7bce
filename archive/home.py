"""The paths of a home, and whether a crawl of a series runs in it.

Takes   the home's folder. Gives: where everything lies (CONTRACT, "A home").
Writes  the folder itself, when made; files only through write_atomically.
"""

from __future__ import annotations

import errno
import fcntl
import os
from pathlib import Path

from .errors import DiskError, HomeError

FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


class Home:
    """One home: a folder that holds profiles, WARCs and what is derived from them."""

    def __init__(self, root: Path) -> None:
        self.root = root

    @property
    def config(self) -> Path:
        """Defaults for the profiles of this home; need not exist."""
        return self.root / "config.toml"

    @property
    def ledger(self) -> Path:
        """The ledger's SQLite file."""
        return self.root / "ledger.sqlite3"

    @property
    def profiles(self) -> Path:
        """Folder of the kept profiles, <series>.toml."""
        return self.root / "profiles"

    @property
    def locks(self) -> Path:
        """Folder of <series>.lock, held by the process that crawls the series."""
        return self.root / "locks"

    def profile(self, series: str) -> Path:
        """Place of the kept profile of a series."""
        return self.profiles / f"{series}.toml"

    def lock(self, series: str) -> Path:
        """File that a crawl of the series holds by flock."""
        return self.locks / f"{series}.lock"

    def warc(self, series: str) -> Path:
        """Folder of the series' WARCs."""
        return self.root / "warc" / series

    def index(self, series: str) -> Path:
        """CDXJ of the series."""
        return self.root / "index" / f"{series}.cdxj"

    def text(self, series: str) -> Path:
        """Folder of the series' cleaned text."""
        return self.root / "text" / series

    def make(self) -> Home:
        """Make the folder where it is missing; give this home.

        Raises HomeError where it is a file, cannot be made, or cannot be written.
        """
        try:
            self.root.mkdir(parents=True, exist_ok=True)
        except (FileExistsError, NotADirectoryError) as error:
            raise HomeError(f"{self.root}: a home is a folder, found a file", action="lianzai --home DIR …") from error
        except OSError as error:
            raise HomeError(f"{self.root}: cannot be made: {error.strerror}", action="lianzai --home DIR …") from error
        if not os.access(self.root, os.W_OK | os.X_OK):
            raise HomeError(f"{self.root}: cannot be written", action="lianzai --home DIR …")
        return self

    def running(self, series: str) -> bool:
        """Say whether a process crawls the series now: whether its lock is held."""
        try:
            descriptor = os.open(self.lock(series), os.O_RDONLY)
        except OSError:
            return False  # never crawled here, or not ours to read: then no crawl of ours holds it either
        try:
            fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        finally:
            os.close(descriptor)
        return False


def write_atomically(path: Path, content: bytes, *, durable: bool = True) -> bool:
    """Write a file so that it is the old or the new one at any moment; leave it alone where it is the same already.

    durable: fsync before the rename; without it a power cut may lose the file, fit for what can be made again.
    Returns whether anything was written. Raises DiskError where it cannot be.
    """
    # Named by the process: two that write the same file at once do not write into each other's.
    temporary = path.with_name(f".{path.name[:40]}.{os.getpid()}.part")
    try:
        if path.is_file() and path.read_bytes() == content:
            return False
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with temporary.open("wb") as file:
                file.write(content)
                file.flush()
                if durable:
                    os.fsync(file.fileno())
            temporary.replace(path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
    except OSError as error:
        raise DiskError(f"{path}: cannot be written: {error.strerror}", action="lianzai doctor") from error
    return True
