"""Which series are to be run and when: the ledger and the profiles of the home, watched for changes.

Takes   a home. Gives: a Planned of each kept series that can run, and what is wrong with the others.
Writes  a profile that was changed or put into profiles/ by hand into the ledger, as `add` would.

Nothing is asked twice: rows are read where the ledger changed (PRAGMA data_version), files are looked at where their time or
size changed, and parsed only where their text is another than the ledger's.
"""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from archive.errors import LianzaiError, ProfileError
from archive.events import emit
from archive.home import Home
from archive.ledger import standing
from archive.ledger.rows import time_of
from archive.ledger.store import Ledger, open_ledger
from archive.logs import keep_secret
from archive.store import default_url

from ..keeping import keep
from ..profile import check_schedule
from ..profile.document import read_text
from .due import Schedule
from .ends import Ends

log = logging.getLogger(__name__)

_ENV = "env:"
_MAX_SECONDS = 3600.0  # fetch.max_seconds where the profile gives none (CONTRACT, Profile)
_ROWS_EACH_S = 3.0  # a crawl commits each second; the rows are not read as often
_FILES_EACH_S = 5.0  # where the folder itself has not changed: a file may be written in place
_FILES_RARELY_S = 15.0  # the same with thousands of profiles: 10,000 take 0.06 s of processor to look at
_REST = 200  # times as long as a look took nothing is looked at: half a hundredth of a core
Stamp = tuple[int, int, int]  # time of change in ns, bytes, inode


@dataclass(frozen=True, slots=True)
class Planned:
    """A kept series. schedule: None where it has none. limit_s: seconds that a run may take by its profile. store: whether it
    is sent to an object store. host: of its source, or None. blocked_until: up to when its site wants to be left alone, by its
    records."""

    series: str
    schedule: Schedule | None
    paused: bool
    limit_s: float
    store: bool
    host: str | None
    blocked_until: datetime | None = None


class Plan:
    """The kept series of a home. Raises HomeError, DiskError where the ledger cannot be read."""

    def __init__(self, home: Home, environ: Mapping[str, str]) -> None:
        self.series: dict[str, Planned] = {}
        self.refused: dict[str, str] = {}  # series -> what is wrong with its profile
        self.ends = Ends()
        self.tells = False  # whether anybody is told of any of them, as the rows have it
        self._home, self._environ = home, environ
        self._ledger: Ledger = open_ledger(home, create=True)
        self._inode: int | None = None
        self.mark: int | None = None  # another one where the ledger changed
        self._rows: list[standing.Row] = []
        self._read_at = self._scanned_at = float("-inf")
        self._folder: int | None = None
        self._files_each_s = _FILES_EACH_S
        self._stamps: dict[str, Stamp] = {}
        self._broken: dict[str, str] = {}  # of `refused`, those whose file is wrong

    def close(self) -> None:
        """Let the ledger go."""
        self._ledger.close()

    def added(self, series: str) -> datetime | None:
        """Tell when the profile of a series was put into the home."""
        stamp = self._stamps.get(series)
        return None if stamp is None else datetime.fromtimestamp(stamp[0] / 1e9, UTC)

    def last_runs(self) -> dict[str, standing.Row]:
        """Give the last run of each series."""
        with self._ledger.read() as connection:
            return standing.last_runs(connection)

    def broken_runs(self) -> dict[str, standing.Row]:
        """Tell of each series whose last run went wrong why (ledger/standing.py)."""
        with self._ledger.read() as connection:
            return standing.broken_runs(connection)

    def look(self, steady: float) -> bool:
        """Look whether anything changed; True where `series` or `refused` is another than before. steady: seconds."""
        files = self._look_at_files(steady)
        rows = self._look_at_rows(steady, at_once=files)
        if not files and not rows:
            return False
        before = (self.series, self.refused)
        self._settle()
        return before != (self.series, self.refused)

    # ------------------------------------------------------------------------------------------------------- rows

    def _look_at_rows(self, steady: float, *, at_once: bool) -> bool:
        if steady - self._read_at < _ROWS_EACH_S and not at_once:
            return False
        inode = self._home.ledger.stat().st_ino if self._home.ledger.exists() else None
        if inode != self._inode:  # a rebuild with the old ledger moved away: the open file is no more the home's
            self._ledger.close()
            self._ledger = open_ledger(self._home, create=True)
            self._inode, self.mark = self._home.ledger.stat().st_ino, None
        with self._ledger.read() as connection:
            mark = standing.change_mark(connection)
            connection.rollback()
            if mark is not None and mark == self.mark:
                return False
            self.ends.look(connection, datetime.now(UTC))
            rows = standing.standing(connection)
        self.mark, self._read_at = mark, steady
        if rows == self._rows:
            return False
        self._rows = rows
        return True

    def _settle(self) -> None:
        """Make `series` and `refused` of rows and files."""
        series: dict[str, Planned] = {}
        usual = default_url(self._home) is not None
        refused = {_spelled(name): _spelled(error) for name, error in self._broken.items()}
        self.tells = any(row["notify"] not in (None, "", "[]") for row in self._rows)
        for row in self._rows:
            if not row["kept"] or row["id"] in refused:
                continue
            try:
                series[row["id"]] = self._planned(row, usual)
            except ValueError as error:
                refused[row["id"]] = f"series.schedule: {error}"
        for name in refused.keys() - self.refused.keys():
            emit(log, logging.ERROR, "profile.refused", series=name, error=refused[name])
        for name in self.refused.keys() - refused.keys():
            emit(log, logging.INFO, "profile.mended", series=name)
        self.series, self.refused = series, refused

    def _planned(self, row: Mapping[str, Any], usual: bool) -> Planned:
        """usual: whether config.toml names a store for all."""
        line, zone = self._value(row["schedule"]), self._value(row["timezone"])
        if line and line != row["schedule"]:
            check_schedule(
                line
            )  # what stands in the ledger was checked before it came there; a value of the environment was not
        return Planned(
            series=row["id"],
            schedule=Schedule(line, zone or "UTC") if line else None,
            paused=bool(row["paused"]),
            limit_s=_seconds(row["max_seconds"]),
            store=bool(row["store"]) or usual,
            host=urlsplit("//" + str(row["source"]).rpartition(" ")[2]).hostname,  # an identity has no scheme
            blocked_until=None if row["blocked_until"] is None else time_of(row["blocked_until"]),
        )

    def _value(self, written: str | None) -> str | None:
        if written is None or not written.startswith(_ENV):
            return written
        value = self._environ.get(written[len(_ENV) :])
        if value is None:
            raise ValueError(f"{written} is not set in the environment of the service")
        return value or None

    # ------------------------------------------------------------------------------------------------------ files

    def _look_at_files(self, steady: float) -> bool:
        """Take the profiles that were changed, put there or taken away by hand; True where there was one."""
        try:
            folder = self._home.profiles.stat().st_mtime_ns
        except FileNotFoundError:
            folder = 0
        if folder == self._folder and steady - self._scanned_at < self._files_each_s:
            return False
        first = self._folder is None
        self._folder, self._scanned_at = folder, steady
        begun = time.thread_time()
        stamps = _stamps(self._home.profiles)
        self._files_each_s = min(max(_FILES_EACH_S, _REST * (time.thread_time() - begun)), _FILES_RARELY_S)
        changed = [name for name, stamp in stamps.items() if self._stamps.get(name) != stamp]
        gone = self._broken.keys() - stamps.keys()
        self._stamps = stamps
        for name in gone:
            del self._broken[name]
        if changed:
            self._take(changed, first=first)
        return bool(changed or gone)

    def _take(self, changed: list[str], *, first: bool) -> None:
        with self._ledger.read() as connection:
            texts = standing.profile_texts(connection)
            connection.rollback()
            known = standing.kept(connection) if first else {}
        folder = os.fspath(self._home.profiles)
        for name in sorted(changed):
            if known.get(name) is False:
                continue  # `remove` was killed between its two steps: the ledger's word counts
            self._broken.pop(name, None)
            if _holds(f"{folder}/{name}.toml", texts.get(name)):
                continue
            path = self._home.profile(name)
            if not os.path.lexists(path):
                continue  # taken away since it was seen
            try:
                if texts.get(name) != read_text(path):
                    self._keep(name, path)
            except ProfileError as error:
                self._broken[name] = str(error)
            except (
                LianzaiError
            ) as error:  # the ledger or the disk refuses: nothing is wrong with the file, which is tried again
                self._broken[name] = str(error)
                del self._stamps[name]

    def _keep(self, name: str, path: Path) -> None:
        # Where nothing was changed by hand, the models of a profile are never needed.
        from ..profile import load_profile

        profile = load_profile(path, config=self._home.config, environ=self._environ)
        keep_secret(profile.secrets)
        if profile.series.id != name:
            raise ProfileError(
                f"{path}: series.id is {profile.series.id!r}, another than the name of the file",
                action=f"lianzai add {path}, and remove this file",
            )
        keep(self._home, str(path), self._environ)
        stamp = _stamp(path)
        if stamp is not None:
            self._stamps[name] = stamp


def _stamps(folder: Path) -> dict[str, Stamp]:
    """Give the stamp of each profile's file. What is taken away while this looks is not there; it hides no other."""
    try:
        with os.scandir(folder) as found:
            stamps = {
                entry.name[:-5]: _stamp(entry)
                for entry in found
                if entry.name.endswith(".toml") and not entry.name.startswith(".")
            }
    except FileNotFoundError:
        return {}
    return {name: stamp for name, stamp in stamps.items() if stamp is not None}


def _holds(path: str, text: str | None) -> bool:
    """Say whether a file holds a text and nothing else, without the care that read_text takes of what is none of ours."""
    if text is None:
        return False
    expected = text.encode()
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        return os.read(descriptor, len(expected) + 1) == expected
    except OSError:
        return False
    finally:
        os.close(descriptor)


def _seconds(told: str | None) -> float:
    """Read fetch.max_seconds; what the environment gives is not known here."""
    try:
        return float(told or _MAX_SECONDS)
    except ValueError:
        return _MAX_SECONDS


def _stamp(file: os.DirEntry[str] | Path) -> Stamp | None:
    """Give the stamp of a file, or of a link that leads nowhere; None where there is neither."""
    try:
        stat = file.stat()
    except OSError:
        try:
            stat = file.stat(follow_symlinks=False)
        except OSError:
            return None
    return (stat.st_mtime_ns, stat.st_size, stat.st_ino)


def _spelled(text: str) -> str:
    """Give a text that can be written anywhere: a file's name need not be UTF-8."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")
