"""Give a home the files that it lacks and a copy of a home has.

Takes   a home; a folder in the layout of a home: a copy of one, the disk of another machine, an object store's folder.
Gives   what was copied, what could not be, what was left where it is. The folder is only read.
Writes  warc/<series>/, its imported/, wacz/<series>/imported/, profiles/: only files of which the home has none.

Profiles come last and are not scheduled by it: what runs by itself is a person's word (`add`), and a copy of a home may
be years old.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote, urlsplit

from archive.copying import copy_new
from archive.errors import DiskError, IntegrityError, LianzaiError, PartialError, UsageError
from archive.home import Home
from archive.model import IMPORTED
from archive.warc import last_whole_exchange, recover, serial_of, series_files
from archive.warc.recovery import WARC_NAME
from archive.warc.writer import OPEN

from .lock import series_lock

_SERIES = re.compile(r"[a-z0-9][a-z0-9-]*")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://")
_NOT_FOLDED = "not folded"  # as the rules of a series: no rules have this name

# Called with bytes read so far, of all, and the file that is being read.
Told = Callable[[int, int, str], None]


@dataclass(slots=True)
class Refilled:
    """What came of it. paths: copied, in the home. failed: (file, why). left: (file, why), which is no failure."""

    paths: list[Path] = field(default_factory=list)
    failed: list[tuple[Path, LianzaiError]] = field(default_factory=list)
    left: list[tuple[Path, str]] = field(default_factory=list)


def copy_at(named: str, home: Home) -> Home:
    """Give the copy of a home that a person names by a folder or a file:// address.

    Raises UsageError where there is none, it has no warc/, it cannot be read, or it and the home lie in each other.
    """
    root = _folder(named)
    ours, theirs = home.root.resolve(), root.resolve()
    if ours == theirs:
        raise UsageError(f"{named}: is the home itself", action="lianzai rebuild, without --from")
    if theirs.is_relative_to(ours) or ours.is_relative_to(theirs):
        inner, outer = (named, "the home") if theirs.is_relative_to(ours) else ("the home", named)
        raise UsageError(
            f"{named}: {inner} lies within {outer}", action="a folder outside, or another home with --home DIR"
        )
    try:
        if not root.is_dir():
            found = "a file" if root.exists() else "nothing"
            raise UsageError(f"{named}: expected a folder, found {found}", action="--from DIR, the copy of a home")
        if not any(path.is_dir() for path in (root / "warc").iterdir()):
            raise UsageError(f"{named}: no series in its warc/", action="--from DIR, the folder that holds warc/")
    except (FileNotFoundError, NotADirectoryError) as error:
        raise UsageError(
            f"{named}: expected the layout of a home, found no folder warc/ in it",
            action="--from DIR, the folder that holds warc/",
        ) from error
    except OSError as error:
        raise UsageError(f"{named}: cannot be read: {error.strerror}", action="another copy") from error
    return Home(root)


def _folder(named: str) -> Path:
    """Read a folder's name or file:// address. Raises UsageError for an address of another kind."""
    if not _SCHEME.match(named):
        return Path(named)
    try:
        parts = urlsplit(named)
        host = parts.hostname
    except ValueError as error:
        raise UsageError(f"{named}: no address: {error}", action="--from DIR, or file:///path") from error
    if parts.scheme != "file":
        raise UsageError(
            f"{named}: expected a folder or a file:// address, found {parts.scheme}://; this lianzai cannot read an object"
            " store by its own address",
            action="a copy of it in a folder, and --from DIR",
        )
    if host not in (None, "", "localhost") or parts.query or parts.fragment:
        raise UsageError(f"{named}: expected a path of this machine", action="file:///path")
    return Path(unquote(parts.path))


def refill(home: Home, copy: Home, told: Told) -> Refilled:
    """Copy what the home lacks, series by series, each under its lock. What fails is told, and the rest goes on.

    Where a WARC is added the ledger is told that the series must be folded anew: so it will be, by whatever command
    comes next, also after a kill. Raises DiskError where the home's disk refuses: what was copied before stays, and the
    next call goes on from there.
    """
    return _Refill(home, copy, told).run()


class _Refill:
    """One refilling of a home."""

    def __init__(self, home: Home, copy: Home, told: Told) -> None:
        self._home, self._copy, self._told = home, copy, told
        self._done = Refilled()
        self._read, self._total = 0, _bytes_below(copy.root / "warc") + _bytes_below(copy.root / "wacz")

    def run(self) -> Refilled:
        """Copy all; what stands in no series' folder is left and told."""
        for series in self._names():
            try:
                with series_lock(self._home, series):
                    self._series(series)
            except DiskError:
                raise
            except (LianzaiError, OSError) as error:
                self._fail(self._copy.warc(series), error)
        return self._done

    def _names(self) -> list[str]:
        """Name the series of the copy, by their folders and profiles."""
        folders, profiles = _listed(self._copy.root / "warc"), _listed(self._copy.profiles)
        named = {path: path.name for path in folders if path.is_dir()}
        named |= {path: path.stem for path in profiles if path.is_file() and path.suffix == ".toml"}
        strange = [path for path in (*folders, *profiles) if not _SERIES.fullmatch(named.get(path, ""))]
        self._done.left += [(path, "not named as a series' own") for path in strange]
        return sorted(set(named.values()) - {named.get(path, "") for path in strange})

    def _series(self, series: str) -> None:
        """Copy one series: imports first, for the WARCs behind them tell of them; the profile last."""
        home, copy = self._home, self._copy
        recover(home.warc(series), series)  # else a copy may take the name that an open file is to have
        unfold = _once(lambda: self._unfold(series))
        for theirs, ours in (
            (copy.packages(series), home.packages(series)),
            (copy.warc(series) / IMPORTED, home.warc(series) / IMPORTED),
        ):
            for path in _listed(theirs):
                self._import(path, ours / path.name)
        for path, size in self._own(series):
            self._copied(path, home.warc(series) / path.name.removesuffix(OPEN), size, unfold)
        if copy.profile(series).is_file() and not home.profile(series).exists():
            self._copied(copy.profile(series), home.profile(series))

    def _unfold(self, series: str) -> None:
        """Let the series be folded anew: a WARC may come that stands before those that are folded."""
        if not self._home.ledger.exists():
            return
        from archive.ledger.series import SeriesLedger
        from archive.ledger.store import open_ledger

        ledger = open_ledger(self._home.root, create=True)
        try:
            rows = SeriesLedger(ledger, series)
            if rows.row() is not None:
                rows.put(rules=_NOT_FOLDED)
        finally:
            ledger.close()

    def _import(self, path: Path, target: Path) -> None:
        """Copy a file that was taken from others. What is hidden or open a killed import left: it is in no account."""
        if path.name.startswith(".") or path.suffix == OPEN or not path.is_file():
            self._done.left.append((path, "no whole file of an import"))
        else:
            self._copied(path, target)

    def _own(self, series: str) -> Iterator[tuple[Path, int | None]]:
        """Give the series' own WARCs in the order of their serials, each with how many bytes of it are to be had."""
        named = []
        for path in _listed(self._copy.warc(series)):
            match = WARC_NAME.fullmatch(path.name)
            if match and match["series"] == series and path.is_file():
                named.append((int(match["serial"]), path))
            elif path.name != IMPORTED.rstrip("/"):
                self._done.left.append((path, "not named as a WARC of its series"))
        for serial, path in sorted(named):
            try:
                size = self._size(series, path)
                if size != 0 and self._is_free(series, serial, path):
                    yield path, size
            except (OSError, IntegrityError) as error:
                self._fail(path, error)

    def _size(self, series: str, path: Path) -> int | None:
        """Give None for a closed WARC; of an open one, as recovery would cut it, the bytes up to its last whole exchange."""
        if path.suffix != OPEN:
            return None
        if self._copy.running(series):
            self._done.left.append((path, "a crawl writes it now"))
            return 0
        whole, _ = last_whole_exchange(path)
        if whole == 0:
            self._done.left.append((path, "not one whole record in it"))
        return whole

    def _is_free(self, series: str, serial: int, path: Path) -> bool:
        """Raise IntegrityError where the home has another file of that serial: then the two went on apart."""
        name = path.name.removesuffix(OPEN)
        for there in series_files(self._home.warc(series), series):
            if serial_of(there.name) == serial and there.name != name:
                raise IntegrityError(
                    f"{path}: the home has another file of serial {serial}, {there.name}: the series went on apart in the two",
                    action=f"lianzai import {path} --series {series}",
                )
        return True

    def _copied(
        self, source: Path, target: Path, size: int | None = None, naming: Callable[[], None] | None = None
    ) -> None:
        """Copy one file; a failure is told."""

        def read(piece: int) -> None:
            self._read += piece
            self._told(self._read, max(self._read, self._total), source.name)

        try:
            if copy_new(source, target, size, told=read, naming=naming):
                self._done.paths.append(target)
        except (IntegrityError, PartialError) as error:
            self._fail(source, error)

    def _fail(self, path: Path, error: LianzaiError | OSError) -> None:
        told = error if isinstance(error, LianzaiError) else PartialError(
            f"{path}: cannot be read: {error.strerror or error}", action="another copy of it"
        )  # fmt: skip
        self._done.failed.append((path, told))


def _listed(folder: Path) -> list[Path]:
    """List a folder by name; [] where it is none. Raises OSError."""
    return sorted(folder.iterdir()) if folder.is_dir() else []


def _bytes_below(folder: Path) -> int:
    """Sum the sizes of what lies in a folder, for progress."""
    total = 0
    for path in folder.rglob("*"):
        with suppress(OSError):  # it is gone, or a link to nothing
            total += path.stat().st_size
    return total


def _once(deed: Callable[[], None]) -> Callable[[], None]:
    """Make a function that does a deed the first time it is called."""
    done = False

    def first() -> None:
        nonlocal done
        if not done:
            done = True
            deed()

    return first
