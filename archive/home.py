"""The paths of a home, and whether a crawl of a series runs in it.

Takes   the home's folder. Gives: where everything lies (CONTRACT, "A home").
Writes  the folder itself, when made; files only through write_atomically.
"""

from __future__ import annotations

import errno
import fcntl
import json
import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

from .config import Config
from .errors import DiskError, HomeError

# What the disk says where it is full or refuses: no bug of ours, and no fault of the call (DiskError, exit 3).
DISK_ERRORS = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EROFS})


class Home:
    """One home: a folder that holds profiles, WARCs and what is derived from them.

    database: address of the database that holds its ledger, secrets and all; None: the ledger lies in the folder.
    """

    def __init__(self, root: Path, database: str | None = None) -> None:
        self.root, self.database = root, database

    @classmethod
    def of(cls, config: Config) -> Home:
        """Give the home that the environment and the options name."""
        return cls(config.home, config.database)

    @property
    def config(self) -> Path:
        """Defaults for the profiles of this home; need not exist."""
        return self.root / "config.toml"

    @property
    def ledger(self) -> Path:
        """The ledger's SQLite file; there is none where a database holds the ledger."""
        return self.root / "ledger.sqlite3"

    @property
    def ledger_name(self) -> str:
        """What reports call the ledger: its path in the home, or what holds it."""
        return self.ledger.name if self.database is None else "postgresql"

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

    def kept_profiles(self) -> frozenset[str]:
        """Name the series whose kept profile is there as a file, without looking at each."""
        try:
            with os.scandir(self.profiles) as found:
                return frozenset(entry.name[:-5] for entry in found if entry.name.endswith(".toml"))
        except OSError:
            return frozenset()

    def lock(self, series: str) -> Path:
        """File that a crawl of the series holds by flock."""
        return self.locks / f"{series}.lock"

    @property
    def hosts(self) -> Path:
        """Folder of the files by which the crawls of a home share the pace of a host."""
        return self.locks / "hosts"

    @property
    def service_lock(self) -> Path:
        """File that the service of this home holds by flock; no series has such an id."""
        return self.locks / "_service.lock"

    @property
    def service_state(self) -> Path:
        """What the service tells `status`: JSON, worth reading while it holds its lock."""
        return self.locks / "_service.json"

    @property
    def search(self) -> Path:
        """Full-text index of all revisions; made again from the ledger where it is lost."""
        return self.root / "search.sqlite3"

    def warc(self, series: str) -> Path:
        """Folder of the series' WARCs."""
        return self.root / "warc" / series

    def packages(self, series: str) -> Path:
        """Folder of the WACZs that were imported into the series."""
        return self.root / "wacz" / series / "imported"

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
            raise refused(
                error, f"{self.root}: cannot be made: {error.strerror}", action="lianzai --home DIR …"
            ) from error
        if not os.access(self.root, os.W_OK | os.X_OK):
            raise HomeError(f"{self.root}: cannot be written", action="lianzai --home DIR …")
        return self

    def running(self, series: str) -> bool:
        """Say whether a process crawls the series now: whether its lock is held."""
        return _held(self.lock(series))

    def crawled(self, series: Iterable[str]) -> frozenset[str]:
        """Give those of the series that a process crawls now."""
        try:
            with os.scandir(self.locks) as found:
                there = {entry.name for entry in found}
        except OSError:
            return frozenset()
        folder = os.fspath(self.locks)
        return frozenset(one for one in series if f"{one}.lock" in there and _held(f"{folder}/{one}.lock"))

    def served(self) -> bool:
        """Say whether a service runs in this home now."""
        return _held(self.service_lock)

    def holder(self, series: str) -> dict[str, Any]:
        """Tell what the process that crawls a series, or did so last, said of itself and of how far it is; {} if nothing.

        Keys: `pid`, `host`, `started`, and once something was fetched `done`, `waiting` (addresses) and `bytes`.
        """
        return _read_object(self.lock(series))

    def told_by_service(self) -> dict[str, Any]:
        """Tell what the service said last of itself; {} where none runs."""
        return _read_object(self.service_state) if self.served() else {}


def _held(path: Path | str) -> bool:
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except OSError:
        return False  # never held here, or not ours to read: then no process of ours holds it either
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


def _read_object(path: Path) -> dict[str, Any]:
    try:
        told = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return {}  # not there, or read while it was being written
    return told if isinstance(told, dict) else {}


def clear_away(home: Home, series: str) -> None:
    """Remove what killed processes left half written beside bundle, profiles, ledger and damaged files.

    Nothing tells of such a file, and what it was to be can be made again. The caller holds the series' lock. What another
    process writes now stays: a bundle is held by flock, the others bear the number of their process.
    """
    folders = (home.root, home.profiles, home.root / "damaged")
    parts = [path for folder in folders for path in folder.glob(".*.part") if not _written_now(path)]
    with suppress(OSError):  # what hinders it hinders the run as well, and is told there
        for path in parts:
            path.unlink()
        _clear_bundle(home.root / "wacz" / f"{series}.wacz.open")


def _written_now(part: Path) -> bool:
    number = part.name.split(".")[-2]
    try:
        os.kill(int(number), 0)
    except (ValueError, ProcessLookupError):
        return False
    except PermissionError:
        pass  # it lives, under another user
    return True


def _clear_bundle(begun: Path) -> None:
    try:
        descriptor = os.open(begun, os.O_RDWR | os.O_NOFOLLOW)
    except FileNotFoundError:
        return
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        begun.unlink()
    except BlockingIOError:
        pass
    finally:
        os.close(descriptor)


def part_of(path: Path) -> Path:
    """Name a file while it is written: by its process, so that two which write the same do not write into each other's."""
    return path.with_name(f".{path.name[:40]}.{os.getpid()}.part")


def sync_names(folder: Path) -> None:
    """Make the names in a folder durable. Raises OSError."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def refused(error: OSError, message: str, *, action: str) -> DiskError | HomeError:
    """Make the error to raise for one of the system: DiskError where the disk is full or fails, else HomeError."""
    kind = DiskError if error.errno in DISK_ERRORS - {errno.EROFS} else HomeError
    return kind(message, action=action)


def write_atomically(path: Path, content: bytes, *, durable: bool = True) -> bool:
    """Write a file so that it is the old or the new one at any moment; leave it alone where it is the same already.

    durable: fsync of the file before the rename, and of the folder behind it; without it a power cut may lose the file, fit for
    what can be made again.
    Returns whether anything was written. Raises DiskError where it cannot be.
    """
    temporary = part_of(path)
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
            if durable:
                sync_names(path.parent)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
    except OSError as error:
        raise DiskError(f"{path}: cannot be written: {error.strerror}", action="lianzai doctor") from error
    return True
