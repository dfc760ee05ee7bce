"""Check the WARCs of one series: their bytes, their records, and whether ledger and records agree.

Takes   a home, a series, its ledger where that is whole.
Gives   SeriesCheck: what is damaged and missing, what the ledger lacks, where bytes with which digest lie.
Writes  nothing.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from ..fixity import file_digest
from ..home import Home
from ..ledger.agreement import ToldByRows, named_records, told_by_rows
from ..ledger.fixity import KeptFile, capture_rows, kept_files, unfinished
from ..ledger.store import Ledger
from ..model import IMPORTED
from ..warc import in_order, series_files
from .account import Account, Loose
from .derived import NOTHING
from .imported import read_imported
from .notes import Notes
from .pool import read_files
from .quiet import quiet
from .readers import FileRead, Task
from .report import Damage

OPEN = ".open"
_WARCS = (".warc.gz", ".warc", ".arc.gz", ".arc")
_SHOWN = 5  # sentences kept of one file
_UNNOTED = "no note tells of it: left by a killed import; the next one takes it, or removes it where it is not whole"
_EVIDENCE = 100  # record ids that an event names at most
Told = Callable[[str], None]


@dataclass(slots=True)
class SeriesCheck:
    """What was found of one series. Paths are relative to the home.

    kept: the ledger's closed files by path. whole: path -> id of the warcinfo record. copies: stray path -> the path whose
    bytes it holds. places: digest -> paths. ledger: what the ledger tells otherwise than sound WARCs. lost: ids of the
    records of missing files. told: of runs and imports, when the files were named.
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
    told: ToldByRows = field(default_factory=ToldByRows)


def check_series(
    home: Home, ledger: Ledger | None, series: str, known: bool, told: Told, processes: int | None = None
) -> SeriesCheck:
    """Check every WARC of a series. told: called with the path of each file before it is read; processes: as pool.read_files.

    Raises HomeError; LianzaiError as pool.read_files does.
    """
    check = SeriesCheck(series, known)
    with tempfile.TemporaryDirectory(prefix="lianzai-verify-") as folder:
        kept, account = _snapshot(home, ledger if known else None, check, Path(folder))
        try:
            _Files(home, ledger, check, kept, account, told, processes).check()
        finally:
            account.close()
    return check


def _snapshot(
    home: Home, ledger: Ledger | None, check: SeriesCheck, folder: Path
) -> tuple[dict[str, KeptFile], Account]:
    """Copy what the ledger says of the WARCs, at a moment when no crawl rewrites it, where there is one."""
    series = check.series
    if ledger is None:
        return {}, Account(folder, [])
    with quiet(home, series) as still, ledger.read() as connection:
        rows, named = capture_rows(connection, series), named_records(connection, series)
        kept, account = kept_files(connection, series), Account(folder, rows, named)
        if not still:
            check.busy = "a crawl of the series runs"
        elif unfinished(connection, series):
            check.busy = "the last crawl was killed; the next one finishes its work"
        else:
            check.told = told_by_rows(connection, series)
    return kept, account


class _Files:
    """The files of one series."""

    def __init__(
        self,
        home: Home,
        ledger: Ledger | None,
        check: SeriesCheck,
        kept: dict[str, KeptFile],
        account: Account,
        told: Told,
        processes: int | None,
    ) -> None:
        self._home, self._ledger, self._check_ = home, ledger, check
        self._kept, self._account, self._told = kept, account, told
        self._processes = processes
        self._folder, self._notes = home.warc(check.series), Notes()

    def check(self) -> None:
        """Check the known files, then those that the ledger does not know, then what holds between records."""
        found, rowed = self._found(), self._account.files()
        result = self._check_
        result.kept = {self._path(name): one for name, one in self._kept.items()}
        own = {path.name for path in series_files(self._folder, result.series)}
        known = set(self._kept) | rowed if result.known else own
        imports = {name for name in found | known if name.startswith(IMPORTED)}
        self._read([self._task(name, self._kept.get(name)) for name in self._there(in_order(known - imports), found)])
        told = set(self._notes.taken)
        for name in self._there(sorted((known & imports) | told), found | told):
            self._imported(name)
        for name in sorted(found - known - told):
            self._unknown(name, own=name in own)
        self._packages()
        self._between()

    def _found(self) -> set[str]:
        """Name the files below the folder, hidden ones left out."""
        if not self._folder.is_dir():
            return set()
        paths = (path for path in self._folder.rglob("*") if not path.is_dir() and not path.name.startswith("."))
        return {path.relative_to(self._folder).as_posix() for path in paths}

    def _there(self, names: Iterable[str], found: set[str]) -> Iterator[str]:
        """Pass on the files that are there to be read; put down those that are missing, and those that must wait."""
        check = self._check_
        for name in names:
            path = self._path(name)
            if name in found and name not in self._kept and check.busy:
                check.skipped[path] = check.busy
            elif os.path.lexists(self._folder / name):
                yield name
            elif name in self._kept or not os.path.lexists(self._folder / f"{name}{OPEN}"):  # else it is still written
                check.missing.append(path)
                check.lost[path] = self._account.ids_in(name, _EVIDENCE)

    def _path(self, name: str) -> str:
        return (self._folder / name).relative_to(self._home.root).as_posix()

    # ------------------------------------------------------------------------------------------------- one file

    def _task(self, name: str, kept: KeptFile | None) -> Task:
        folder = self._account.folder
        digest, size = (kept.sha256, kept.bytes) if kept else (None, None)
        return Task(self._folder / name, name, digest, self._account.path, folder / f"{name}.seen", size)

    def _read(self, tasks: Sequence[Task]) -> None:
        """Read files of ours, whose records are held one by one against what they and the ledger say."""
        found = read_files(tasks, lambda task: self._told(self._path(task.name)), self._processes)
        with closing(found):
            for read in found:
                self._judge(read, self._path(read.name), self._kept.get(read.name))
        for task in tasks:  # not sooner: the readers rely on the account's file to stay as it is
            self._account.take(task.seen)

    def _judge(self, read: FileRead, path: str, kept: KeptFile | None) -> None:
        check = self._check_
        check.checked += 1
        if read.unreadable is not None:
            found = f"{NOTHING} readable: {read.unreadable}"
            check.damaged[path] = Damage(path, kept.sha256 if kept else "a file that can be read", found)
            return
        self._place(read.sha256, read.name)
        self._notes.take(read.name, read.notes)
        wrong = kept is not None and kept.sha256 != read.sha256
        if wrong or read.faults:
            check.damaged[path] = _damage(path, kept, read, wrong=wrong)
            return
        check.whole[path] = [read.evidence] if read.evidence else []
        if check.known:
            self._blame_ledger(read, self._kept.get(read.name))

    @contextmanager
    def _readable(self, path: str, expected: str) -> Iterator[None]:
        """Count a file that is read now; one that cannot be read is damaged."""
        self._told(path)
        self._check_.checked += 1
        try:
            yield
        except OSError as error:
            self._check_.damaged[path] = Damage(path, expected, f"{NOTHING} readable: {error.strerror or error}")

    def _imported(self, name: str) -> None:
        """Check a file that others made, by what it was when it was imported; its note tells that, else its row."""
        path, row, note = self._path(name), self._kept.get(name), self._notes.taken.get(name)
        kept = KeptFile(name, note.bytes, note.sha256, 0) if note else row
        self._told(path)
        read = read_imported(self._task(name, kept))
        if kept is not None:
            self._check_.kept[path] = kept
        self._judge(read, path, kept)

    def _packages(self) -> None:
        """Check the WACZs that imported files came in."""
        check, folder, home = self._check_, self._home.packages(self._check_.series), self._home
        there = {path.relative_to(home.root).as_posix() for path in folder.glob("*")} if folder.is_dir() else set()
        for path, kept in sorted(self._notes.packages.items()):
            check.kept[path] = kept
            if path not in there:
                check.missing.append(path)
                check.lost[path] = []
                continue
            with self._readable(path, kept.sha256):
                digest = file_digest(home.root / path)
                check.places.setdefault(digest, []).append(home.root / path)
                if digest != kept.sha256:
                    check.damaged[path] = Damage(path, kept.sha256, digest, why=self._beside(path))
                else:
                    check.whole[path] = []
        for path in sorted(there - set(self._notes.packages)):
            self._unknown_package(path)

    def _beside(self, package: str) -> list[str]:
        """Say that the WARCs of a damaged package are whole, where they are: nothing of the series is lost then."""
        names = [self._path(name) for name in self._notes.unpacked.get(package, ())]
        whole = bool(names) and all(name in self._check_.whole for name in names)
        return [f"the WARCs that came in it are whole: {', '.join(names[:_SHOWN])}"] if whole else []

    def _unknown_package(self, path: str) -> None:
        """Judge a WACZ that no note tells of: a copy of one that is kept, or what a killed import left."""
        check, home = self._check_, self._home
        of = {one.sha256: name for name, one in self._notes.packages.items()}
        with self._readable(path, NOTHING):
            digest = file_digest(home.root / path)
            if digest not in of:
                check.skipped[path] = check.busy or _UNNOTED
                return
            check.places.setdefault(digest, []).append(home.root / path)
            why = f"the bytes of {of[digest]} under another name"
            check.damaged[path] = Damage(path, NOTHING, digest, why=[why])
            check.copies[path] = of[digest]

    def _place(self, digest: str, name: str) -> None:
        self._check_.places.setdefault(digest, []).append(self._folder / name)

    def _blame_ledger(self, read: FileRead, kept: KeptFile | None) -> None:
        """The bytes are as their digests say: where rows tell otherwise, the rows are wrong."""
        name, compared = read.name, read.compared
        said = [f"{name}: {why}" for why in compared.why]
        said += [f"{name}: {len(compared.lost)} rows without a record"] if compared.lost else []
        said += [f"{name}: {len(compared.unknown)} records without a row"] if compared.unknown else []
        if kept is None and not self._check_.busy:
            said.append(f"{name}: no row says that it is closed")
        elif kept is not None and (kept.bytes, kept.records) != (read.size, read.records):
            said.append(f"{name}: {read.size} bytes, {read.records} records; its row says {kept.bytes}, {kept.records}")
        self._check_.ledger += sorted([*compared.lost.items(), *compared.unlike.items(), *compared.unknown.items()])
        self._check_.ledger_why += said

    def _unknown(self, name: str, *, own: bool) -> None:
        """Judge a file that the ledger did not know when it was asked."""
        path, check = self._path(name), self._check_
        if name.startswith(IMPORTED) and not self._copied(name):
            check.skipped[path] = check.busy or _UNNOTED
        elif name.removesuffix(OPEN) in self._kept:  # a closed file has lost its name, or another stands in its way
            self._stray(name, path)
            check.copies[path] = self._path(name.removesuffix(OPEN))
        elif name.endswith(OPEN):
            check.skipped[path] = check.busy or "left open by a killed crawl; the next one closes it"
        elif not name.endswith(_WARCS):
            check.skipped[path] = "no WARC: nothing but WARCs belongs under warc/"
        elif self._ledger is None or not check.known:
            self._read([self._task(name, None)])
        elif own and (check.busy or self._known_now(name)):
            check.skipped[path] = check.busy or "closed since this verification began"
        elif own and not self._copied(name):
            self._read([self._task(name, None)])
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
        if not broken and self._check_.known and not self._check_.busy:
            self._beside_records()

    def _beside_records(self) -> None:
        """Look for rows that name records of no file, and for runs that the WARCs tell otherwise; all files are sound."""
        nowhere = list(self._account.named_nowhere())
        self._check_.ledger += [(0, record_id) for record_id, _ in nowhere]
        self._check_.ledger_why += [f"{what} rests on {record_id}, which is nowhere" for record_id, what in nowhere]
        if self._notes.whole:
            self._check_.ledger_why += self._notes.disagreements(self._check_.told)

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


def _damage(path: str, kept: KeptFile | None, read: FileRead, *, wrong: bool) -> Damage:
    """Say what is wrong with a WARC: its damaged stretches, and the records that the ledger has there and it has not."""
    records: dict[int, str | None] = {}
    for fault in read.faults:
        records[fault.offset] = records.get(fault.offset) or fault.record_id
    records |= read.compared.lost | read.compared.unlike
    why = [f"offset {fault.offset}: {fault.what}" for fault in read.faults[:_SHOWN]]
    why = why or [f"offset {offset}: {name} is not there any more" for offset, name in sorted(records.items())[:_SHOWN]]
    found = read.sha256 if wrong else why[0]
    return Damage(path, kept.sha256 if kept else "whole records", found, sorted(records.items()), why)
