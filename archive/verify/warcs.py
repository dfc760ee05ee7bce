"""Check the WARCs of one series: their bytes, their records, and whether ledger and records agree.

Takes   a home, a series, its ledger where that is whole.
Gives   SeriesCheck: what is damaged and missing, what the ledger lacks, where bytes with which digest lie.
Writes  nothing.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from ..fixity import file_digest
from ..home import Home
from ..ledger.fixity import KeptFile, capture_rows, kept_files, unfinished
from ..ledger.store import Ledger
from ..warc import series_files
from .account import Account, Compared, Loose
from .derived import NOTHING
from .quiet import quiet
from .report import Damage
from .scan import Fault, Scan

OPEN = ".open"
_WARCS = (".warc.gz", ".warc", ".arc.gz", ".arc")
_SHOWN = 5  # sentences kept of one file
_EVIDENCE = 100  # record ids that an event names at most
Told = Callable[[str], None]


@dataclass(slots=True)
class SeriesCheck:
    """What was found of one series. Paths are relative to the home.

    kept: the ledger's closed files by path. whole: path -> id of the warcinfo record. copies: stray path -> the path whose
    bytes it holds. places: digest -> paths. ledger: what the ledger tells otherwise than sound WARCs. lost: ids of the
    records of missing files.
    """

    series: str
    known: bool  # whether the ledger knows the series
    busy: str | None = None  # why files and rows may be behind each other: a crawl runs, or was killed
    kept: dict[str, KeptFile] = field(default_factory=dict)
    checked: int = 0
    damaged: dict[str, Damage] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)
    skipped: dict[str, str] = field(default_factory=dict)
    whole: dict[str, list[str]] = field(default_factory=dict)
    copies: dict[str, str] = field(default_factory=dict)
    places: dict[str, list[Path]] = field(default_factory=dict)
    lost: dict[str, list[str]] = field(default_factory=dict)
    ledger: list[tuple[int, str | None]] = field(default_factory=list)
    ledger_why: list[str] = field(default_factory=list)


def check_series(home: Home, ledger: Ledger | None, series: str, known: bool, told: Told) -> SeriesCheck:
    """Check every WARC of a series. told: called with the path of each file before it is read. Raises HomeError."""
    check = SeriesCheck(series, known)
    kept, account = _snapshot(home, ledger if known else None, series, check)
    try:
        _Files(home, ledger, check, kept, account, told).check()
    finally:
        account.close()
    return check


def _snapshot(
    home: Home, ledger: Ledger | None, series: str, check: SeriesCheck
) -> tuple[dict[str, KeptFile], Account]:
    """Copy what the ledger says of the WARCs, at a moment when no crawl rewrites it, where there is one."""
    if ledger is None:
        return {}, Account([])
    with quiet(home, series) as still, ledger.read() as connection:
        kept, account = kept_files(connection, series), Account(capture_rows(connection, series))
        if not still:
            check.busy = "a crawl of the series runs"
        elif unfinished(connection, series):
            check.busy = "the last crawl was killed; the next one finishes its work"
    return kept, account


class _Files:
    """The files of one series, one after the other."""

    def __init__(
        self,
        home: Home,
        ledger: Ledger | None,
        check: SeriesCheck,
        kept: dict[str, KeptFile],
        account: Account,
        told: Told,
    ) -> None:
        self._home, self._ledger, self._check_ = home, ledger, check
        self._kept, self._account, self._told = kept, account, told
        self._folder = home.warc(check.series)

    def check(self) -> None:
        """Check the known files, then those that the ledger does not know, then what holds between records."""
        found, rowed = self._found(), self._account.files()
        result = self._check_
        result.kept = {self._path(name): one for name, one in self._kept.items()}
        own = {path.name for path in series_files(self._folder, result.series)}
        known = set(self._kept) | rowed if result.known else own
        for name in sorted(known):
            if name in found and name not in self._kept and result.busy:
                result.skipped[self._path(name)] = result.busy
            elif name in found:
                self._file(name, self._kept.get(name), scanned="/" not in name)
            elif not self._there(name):
                result.missing.append(self._path(name))
                result.lost[self._path(name)] = self._account.ids_in(name, _EVIDENCE)
        for name in sorted(found - known):
            self._unknown(name, own=name in own)
        self._between()

    def _found(self) -> set[str]:
        """Name the files below the folder, hidden ones left out."""
        if not self._folder.is_dir():
            return set()
        paths = (path for path in self._folder.rglob("*") if not path.is_dir() and not path.name.startswith("."))
        return {path.relative_to(self._folder).as_posix() for path in paths}

    def _there(self, name: str) -> bool:
        """Say whether a file is there after all, under its name or still open: it may have been closed just now."""
        return any(os.path.lexists(self._folder / one) for one in (f"{name}{OPEN}", name))

    def _path(self, name: str) -> str:
        return (self._folder / name).relative_to(self._home.root).as_posix()

    # ------------------------------------------------------------------------------------------------- one file

    def _file(self, name: str, kept: KeptFile | None, *, scanned: bool) -> None:
        """Check one file. scanned: it is ours, one record a member; what others made is compared by its digest alone."""
        path = self._path(name)
        with self._readable(path, kept.sha256 if kept else "a file that can be read"):
            if scanned:
                self._scanned(name, path, kept)
            else:
                self._digested(name, path, kept)

    @contextmanager
    def _readable(self, path: str, expected: str) -> Iterator[None]:
        """Count a file that is read now; one that cannot be read is damaged."""
        self._told(path)
        self._check_.checked += 1
        try:
            yield
        except OSError as error:
            self._check_.damaged[path] = Damage(path, expected, f"{NOTHING} readable: {error.strerror or error}")

    def _scanned(self, name: str, path: str, kept: KeptFile | None) -> None:
        scan, account, faults = Scan(self._folder / name), self._account.of(name), list[Fault]()
        for one in scan:
            if isinstance(one, Fault):
                faults.append(one)
            else:
                account.take(one)
        compared = account.finish()
        self._place(scan.sha256, name)
        wrong = kept is not None and kept.sha256 != scan.sha256
        if wrong or faults:
            faults = faults or ([] if compared else scan.odd_heads())
            self._check_.damaged[path] = _damage(path, kept, scan, faults, compared, wrong=wrong)
            return
        self._check_.whole[path] = [account.evidence] if account.evidence else []
        if self._check_.known:
            self._blame_ledger(name, kept, scan, compared)

    def _digested(self, name: str, path: str, kept: KeptFile | None) -> None:
        digest = file_digest(self._folder / name)
        self._place(digest, name)
        if kept is not None and kept.sha256 != digest:
            self._check_.damaged[path] = Damage(path, kept.sha256, digest)
        else:
            self._check_.whole[path] = []

    def _place(self, digest: str, name: str) -> None:
        self._check_.places.setdefault(digest, []).append(self._folder / name)

    def _blame_ledger(self, name: str, kept: KeptFile | None, scan: Scan, compared: Compared) -> None:
        """The bytes are as their digests say: where rows tell otherwise, the rows are wrong."""
        found = [*compared.lost.items(), *compared.unlike.items(), *compared.unknown.items()]
        said = [f"{name}: {why}" for why in compared.why]
        said += [f"{name}: {len(compared.lost)} rows without a record"] if compared.lost else []
        said += [f"{name}: {len(compared.unknown)} records without a row"] if compared.unknown else []
        if kept is None and not self._check_.busy:
            said.append(f"{name}: no row says that it is closed")
        elif kept is not None and (kept.bytes, kept.records) != (scan.size, scan.records):
            said.append(f"{name}: {scan.size} bytes, {scan.records} records; its row says {kept.bytes}, {kept.records}")
        self._check_.ledger += sorted(found)
        self._check_.ledger_why += said

    def _unknown(self, name: str, *, own: bool) -> None:
        """Judge a file that the ledger did not know when it was asked."""
        path, check = self._path(name), self._check_
        if name.endswith(OPEN):
            check.skipped[path] = check.busy or "left open by a killed crawl; the next one closes it"
        elif not name.endswith(_WARCS):
            check.skipped[path] = "no WARC: nothing but WARCs belongs under warc/"
        elif self._ledger is None or not check.known:
            self._file(name, None, scanned=False)
        elif own and (check.busy or self._known_now(name)):
            check.skipped[path] = check.busy or "closed since this verification began"
        elif own and not self._copied(name):
            self._file(name, None, scanned=True)
        else:
            self._stray(name, path)

    def _known_now(self, name: str) -> bool:
        if self._ledger is None or not self._check_.known:
            return False
        with self._ledger.read() as connection:
            return name in kept_files(connection, self._check_.series)

    def _copied(self, name: str) -> bool:
        """Say whether a file has the bytes of one that the ledger knows."""
        try:
            size = (self._folder / name).stat().st_size
            return size in {kept.bytes for kept in self._kept.values()} and self._original(name) is not None
        except OSError:
            return False  # it is read again at once, and found to be damaged then

    def _original(self, name: str) -> str | None:
        digest = file_digest(self._folder / name)
        return next((path for path, kept in self._check_.kept.items() if kept.sha256 == digest), None)

    def _stray(self, name: str, path: str) -> None:
        """Name a file that should not be there."""
        with self._readable(path, NOTHING):
            digest, original = file_digest(self._folder / name), self._original(name)
            self._place(digest, name)
            why = f"the bytes of {original} under another name" if original else "the ledger knows no such file"
            self._check_.damaged[path] = Damage(path, NOTHING, digest, why=[why])
            if original:
                self._check_.copies[path] = original

    # ------------------------------------------------------------------------------------------ between records

    def _between(self) -> None:
        """Look for ids that stand twice and references that lead nowhere; what lies in a damaged file is known already."""
        broken = bool(self._check_.damaged or self._check_.missing)
        for places in self._account.twice():
            if all(self._path(one.file) not in self._check_.damaged for one in places):
                self._loose(places[1:])
        loose = list(self._account.loose())
        if not (broken and not self._check_.known):  # without rows, what a damaged file held is not known
            self._loose(one for one in loose if self._path(one.file) not in self._check_.damaged)

    def _loose(self, found: Iterable[Loose]) -> None:
        for one in found:
            path = self._path(one.file)
            kept = self._kept.get(one.file)
            damage = self._check_.damaged.setdefault(
                path, Damage(path, kept.sha256 if kept else "whole records", f"offset {one.offset}: {one.what}")
            )
            damage.records.append((one.offset, one.record_id))
            damage.why += [f"offset {one.offset}: {one.what}"] if len(damage.why) < _SHOWN else []
            self._check_.whole.pop(path, None)


def _damage(
    path: str, kept: KeptFile | None, scan: Scan, faults: list[Fault], compared: Compared, *, wrong: bool
) -> Damage:
    """Say what is wrong with a WARC: its damaged stretches, and the records that the ledger has there and it has not."""
    records: dict[int, str | None] = {}
    for fault in faults:
        records[fault.offset] = records.get(fault.offset) or fault.record_id
    records |= compared.lost | compared.unlike
    why = [f"offset {fault.offset}: {fault.what}" for fault in faults[:_SHOWN]]
    found = scan.sha256 if wrong else why[0]
    return Damage(path, kept.sha256 if kept else "whole records", found, sorted(records.items()), why)
