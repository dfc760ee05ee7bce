"""Give a home the files that it lacks and a copy of a home has.

Takes   a home; a copy of a home (copies.py): a folder, the disk of another machine, an object store.
Gives   what was copied, what could not be, what was left where it is. The copy is only read.
Writes  warc/<series>/, its imported/, wacz/<series>/imported/, profiles/: only files of which the home has none.

Profiles come last and are not scheduled by it: what runs by itself is a person's word (`add`), and a copy of a home may
be years old.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from archive.errors import DiskError, IntegrityError, LianzaiError, PartialError, StoreError
from archive.home import Home
from archive.model import IMPORTED
from archive.warc import recover, serial_of, series_files
from archive.warc.recovery import WARC_NAME
from archive.warc.writer import OPEN

from .copies import Copy, Entry
from .lock import series_lock

_SERIES = re.compile(r"[a-z0-9][a-z0-9-]*")
_TOML = ".toml"
_NOT_FOLDED = "not folded"  # as the rules of a series: no rules have this name

# Called with bytes read so far, of all, and the file that is being read.
Told = Callable[[int, int, str], None]


@dataclass(slots=True)
class Refilled:
    """What came of it. paths: copied, in the home. failed: (place in the copy, why). left: (place, why), which is no failure."""

    paths: list[Path] = field(default_factory=list)
    failed: list[tuple[str, LianzaiError]] = field(default_factory=list)
    left: list[tuple[str, str]] = field(default_factory=list)


def refill(home: Home, copy: Copy, told: Told) -> Refilled:
    """Copy what the home lacks, series by series, each under its lock. What fails is told, and the rest goes on.

    Where a WARC is added the ledger is told that the series must be folded anew: so it will be, by whatever command
    comes next, also after a kill. Raises DiskError where the home's disk refuses, StoreError where the copy's store does: what
    was copied before stays, and the next call goes on from there.
    """
    return _Refill(home, copy, told).run()


class _Refill:
    """One refilling of a home."""

    def __init__(self, home: Home, copy: Copy, told: Told) -> None:
        self._home, self._copy, self._told = home, copy, told
        self._done = Refilled(left=list(copy.strange))
        self._read, self._total = 0, copy.bytes

    def run(self) -> Refilled:
        """Copy all; what stands in no series' folder is left and told."""
        for series in self._names():
            try:
                with series_lock(self._home, series):
                    self._series(series)
            except DiskError:
                raise
            except (LianzaiError, OSError) as error:
                if isinstance(error, StoreError) and error.whole:
                    raise
                self._fail(self._copy.place(f"warc/{series}"), error)
        return self._done

    def _names(self) -> list[str]:
        """Name the series of the copy, by their folders and profiles."""
        folders, profiles = self._copy.listed("warc"), self._copy.listed("profiles")
        named = {one: one.name for one in folders if not one.is_file}
        named |= {one: one.name.removesuffix(_TOML) for one in profiles if one.is_file and one.name.endswith(_TOML)}
        strange = [one for one in (*folders, *profiles) if not _SERIES.fullmatch(named.get(one, ""))]
        self._done.left += [(one.place, "not named as a series' own") for one in strange]
        return sorted(set(named.values()) - {named.get(one, "") for one in strange})

    def _series(self, series: str) -> None:
        """Copy one series: imports first, for the WARCs behind them tell of them; the profile last."""
        home, folder = self._home, f"warc/{series}"
        recover(home.warc(series), series)  # else a copy may take the name that an open file is to have
        unfold = _once(lambda: self._unfold(series))
        for theirs, ours in (
            (f"wacz/{series}/imported", home.packages(series)),
            (f"{folder}/{IMPORTED.rstrip('/')}", home.warc(series) / IMPORTED),
        ):
            for entry in self._copy.listed(theirs):
                self._import(entry, ours / entry.name)
        for entry, size in self._own(series):
            self._copied(entry, home.warc(series) / entry.name.removesuffix(OPEN), size, unfold)
        if not home.profile(series).exists():
            for entry in self._copy.listed("profiles"):
                if entry.is_file and entry.name == home.profile(series).name:
                    self._copied(entry, home.profile(series))

    def _unfold(self, series: str) -> None:
        """Let the series be folded anew: a WARC may come that stands before those that are folded."""
        if self._home.database is None and not self._home.ledger.exists():
            return
        from archive.ledger.series import SeriesLedger
        from archive.ledger.store import open_ledger

        ledger = open_ledger(self._home, create=True)
        try:
            rows = SeriesLedger(ledger, series)
            if rows.row() is not None:
                rows.put(rules=_NOT_FOLDED)
        finally:
            ledger.close()

    def _import(self, entry: Entry, target: Path) -> None:
        """Copy a file that was taken from others. What is hidden or open a killed import left: it is in no account."""
        if entry.name.startswith(".") or entry.name.endswith(OPEN) or not entry.is_file:
            self._done.left.append((entry.place, "no whole file of an import"))
        else:
            self._copied(entry, target)

    def _own(self, series: str) -> Iterator[tuple[Entry, int | None]]:
        """Give the series' own WARCs in the order of their serials, each with how many bytes of it are to be had."""
        named = []
        for entry in self._copy.listed(f"warc/{series}"):
            match = WARC_NAME.fullmatch(entry.name)
            if match and match["series"] == series and entry.is_file:
                named.append((int(match["serial"]), entry.name, entry))
            elif entry.name != IMPORTED.rstrip("/"):
                self._done.left.append((entry.place, "not named as a WARC of its series"))
        for serial, _, entry in sorted(named, key=lambda one: one[:2]):
            try:
                size = self._size(series, entry)
                if size != 0 and self._is_free(series, serial, entry):
                    yield entry, size
            except (OSError, IntegrityError) as error:
                self._fail(entry.place, error)

    def _size(self, series: str, entry: Entry) -> int | None:
        """Give None for a closed WARC; of an open one the bytes that are to be had of it, 0 where it is left."""
        if not entry.name.endswith(OPEN):
            return None
        size = self._copy.open_size(series, entry)
        if isinstance(size, str):
            self._done.left.append((entry.place, size))
            return 0
        return size

    def _is_free(self, series: str, serial: int, entry: Entry) -> bool:
        """Raise IntegrityError where the home has another file of that serial: then the two went on apart."""
        name = entry.name.removesuffix(OPEN)
        for there in series_files(self._home.warc(series), series):
            if serial_of(there.name) == serial and there.name != name:
                raise IntegrityError(
                    f"{entry.place}: the home has another file of serial {serial}, {there.name}:"
                    " the series went on apart in the two",
                    action=_apart(entry.place, series),
                )
        return True

    def _copied(
        self, source: Entry, target: Path, size: int | None = None, naming: Callable[[], None] | None = None
    ) -> None:
        """Copy one file; a failure is told."""

        def read(piece: int) -> None:
            self._read += piece
            self._told(self._read, max(self._read, self._total), source.name)

        try:
            if self._copy.take(source, target, size, read, naming):
                self._done.paths.append(target)
        except (IntegrityError, PartialError, StoreError) as error:
            if isinstance(error, StoreError) and error.whole:
                raise
            self._fail(source.place, error)

    def _fail(self, place: str, error: LianzaiError | OSError) -> None:
        told = error if isinstance(error, LianzaiError) else PartialError(
            f"{place}: cannot be read: {error.strerror or error}", action="another copy of it"
        )  # fmt: skip
        self._done.failed.append((place, told))


def _once(deed: Callable[[], None]) -> Callable[[], None]:
    """Make a function that does a deed the first time it is called."""
    done = False

    def first() -> None:
        nonlocal done
        if not done:
            done = True
            deed()

    return first


def _apart(place: str, series: str) -> str:
    """Say how a file comes in whose serial is taken; `import` reads files, no addresses."""
    if "://" not in place:
        return f"lianzai import {place} --series {series}"
    name = place.rpartition("/")[2]
    return f"get that object into a folder, then lianzai import {name} --series {series}"
