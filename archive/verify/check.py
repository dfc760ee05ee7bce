"""Verify a home: everything that is kept, against its digest and against what the ledger would derive.

Takes   a home; whether to repair.
Gives   a Report.
Writes  events `verified`, `damaged`, `repaired` into the ledger, one a change; with repair also the files that are mended.

    ledger's pages -> WARCs of each series -> mend WARCs -> text and index of each series -> search -> strays -> WACZs
    -> profiles -> events
"""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

from ..config import ProfileFault, no_fault
from ..derive import write_derived
from ..errors import DiskError, HomeError
from ..home import Home
from ..ledger.agreement import disagreements_of
from ..ledger.fixity import derivable, page_faults, tell, told_before
from ..ledger.queries import series_ids
from ..ledger.seal import broken_rows
from ..ledger.standing import remembered_profiles
from ..ledger.store import Ledger, open_to_read
from .bundles import check_bundle, is_bundle
from .derived import Derived, compare
from .mend import Copies, Wanted, mend, put_aside
from .profiles import Known, check_profiles, mend_profiles
from .quiet import quiet
from .report import Damage, Report
from .searched import check_search, make_search_again
from .stored import Stored
from .strays import put_strays_aside, strays
from .warcs import OPEN, SeriesCheck, check_series

Told = Callable[[str], None]
_EVIDENCE = 100  # record ids that an event names at most
_REBUILT = "rows as the WARCs tell them"


def verify_home(
    home: Home,
    *,
    repair: bool = False,
    told: Told = lambda _: None,
    environ: Mapping[str, str] | None = None,
    processes: int | None = None,
    profile_fault: ProfileFault = no_fault,
) -> Report:
    """Check everything that is kept. told: called with the path of each file before it is read.

    processes: that read WARCs at once, at most; None: as many as there are cores, one for a small home.
    profile_fault: says why no command could use a profile, as far as this room cannot tell.
    environ: with repair, what is nowhere in the home is taken from its object stores, which are found by it; None: from none.

    Raises HomeError where the home cannot be used, DiskError where it cannot be written, LianzaiError as pool.read_files does.
    """
    report = Report()
    try:
        ledger = _sound_ledger(home, report)
    except (
        sqlite3.OperationalError
    ) as error:  # it says nothing of the bytes: locked, not to be opened by this user, no disk
        if error.sqlite_errorname.startswith(("SQLITE_IOERR", "SQLITE_FULL")):
            raise DiskError(f"{home.ledger}: {error}", action="lianzai doctor") from error
        raise HomeError(f"{home.ledger}: {error}", action="lianzai doctor") from error
    try:
        stored = Stored(home, ledger, environ) if repair and ledger is not None and environ is not None else None
        return _Verification(home, ledger, report, repair, told, stored, processes, profile_fault).run()
    except sqlite3.OperationalError as error:  # the account of the records found no room
        raise DiskError(f"{tempfile.gettempdir()}: {error}", action="lianzai doctor, or another TMPDIR") from error
    finally:
        if ledger is not None:
            ledger.close()


def _sound_ledger(home: Home, report: Report) -> Ledger | None:
    """Open the ledger if it is there and whole; else put down what is wrong and go on without it."""
    name = home.ledger_name
    if home.database is not None:  # it checks its own pages (data checksums); of its rows no less is asked
        report.checked += 1
        return open_to_read(home)
    if not home.ledger.exists():
        if (home.root / "warc").is_dir():
            report.missing.append(name)
            return None
        return open_to_read(home)
    report.checked += 1
    faults = page_faults(home.ledger)
    if faults:
        report.damaged[name] = Damage(name, "a whole database", faults[0], why=faults[:5])
        return None
    return open_to_read(home)


class _Verification:
    """One verification, from phase to phase."""

    def __init__(
        self,
        home: Home,
        ledger: Ledger | None,
        report: Report,
        repair: bool,
        told: Told,
        stored: Stored | None,
        processes: int | None,
        profile_fault: ProfileFault,
    ) -> None:
        self._home, self._ledger, self._report = home, ledger, report
        self._repair, self._told, self._stored, self._processes = repair, told, stored, processes
        self._profile_fault = profile_fault
        self._checks: list[SeriesCheck] = []
        self._untold: set[str] = set()  # series whose own row is damaged: it tells nothing of a profile
        # What the history is to be told: series -> (kind, paths, evidence); and what is whole.
        self._events: dict[str, list[tuple[str, list[str], list[str]]]] = {}
        self._whole: dict[str, dict[str, list[str]]] = {}

    def run(self) -> Report:
        """Do all phases."""
        for series, known in self._series():
            check = check_series(self._home, self._ledger, series, known, self._told, self._processes)
            self._checks.append(check)
            self._take(check)
        self._ledger_rows()
        if self._repair:
            self._mend()
        for check in self._checks:
            self._derived(check)
        self._search()
        self._strays()
        self._bundles()
        self._profiles()
        self._tell()
        return self._report

    def _series(self) -> list[tuple[str, bool]]:
        """Name the series of ledger and folders, each with whether the ledger knows it."""
        known: set[str] = set()
        if self._ledger is not None:
            with self._ledger.read() as connection:
                known = set(series_ids(connection))
        folder = self._home.root / "warc"
        found = {path.name for path in folder.iterdir() if path.is_dir()} if folder.is_dir() else set()
        return [(name, name in known) for name in sorted(known | found)]

    def _take(self, check: SeriesCheck) -> None:
        """Put what was found of a series' WARCs into the report."""
        report, events = self._report, self._events.setdefault(check.series, [])
        report.checked += check.checked
        report.damaged |= check.damaged
        report.missing += check.missing
        report.skipped |= check.skipped
        events += [("damaged", [path], one.evidence[:_EVIDENCE]) for path, one in sorted(check.damaged.items())]
        events += [("damaged", [path], check.lost[path]) for path in check.missing]
        self._whole[check.series] = dict(check.whole)

    # ----------------------------------------------------------------------------------------------------- ledger

    def _ledger_rows(self) -> None:
        """Put down where the ledger tells otherwise than sound WARCs: one entry, as it is one file."""
        if self._ledger is None:
            return
        entry, broken = Damage(self._home.ledger_name, _REBUILT, ""), self._broken_rows()
        for check in self._checks:
            check.ledger_why += broken.pop(check.series, [])
            if not check.known:
                check.ledger_why += [f"{check.series}: not in the ledger, and has WARCs"] if check.whole else []
            elif not check.busy:
                with quiet(self._home, check.series) as still, self._ledger.read() as connection:
                    check.ledger_why += disagreements_of(connection, check.series) if still else []
            entry.records += check.ledger
            entry.why += check.ledger_why
            if check.ledger_why:
                evidence = [name for _, name in check.ledger if name][:_EVIDENCE]
                self._events[check.series].append(("damaged", [entry.path], evidence))
            else:
                self._whole[check.series][entry.path] = []
        for some in broken.values():  # of the home itself, or of a series that is not there
            entry.why += some
        if entry.why:
            more = f" (and {len(entry.why) - 1} more)" if len(entry.why) > 1 else ""
            entry.found = entry.why[0] + more
            self._report.damaged[entry.path] = entry

    def _broken_rows(self) -> dict[str | None, list[str]]:
        """Name the rows that are other than they were sealed, by series. No crawl writes a row without its seal."""
        found: dict[str | None, list[str]] = {}
        if self._ledger is not None:
            with self._ledger.read() as connection:
                for one in broken_rows(connection):
                    found.setdefault(one.series, []).append(one.why)
                    if one.table == "series" and one.series is not None:
                        self._untold.add(one.series)
        return found

    # ----------------------------------------------------------------------------------------------------- repair

    def _mend(self) -> None:
        """Mend WARCs from where their bytes still are; put copies under wrong names aside."""
        places: dict[str, list[Path]] = {}
        for check in self._checks:
            for digest, paths in check.places.items():
                places.setdefault(digest, []).extend(paths)
        copies = Copies(self._home, places, self._stored)
        with ExitStack() as held:
            if self._stored is not None:
                held.callback(self._leave_stores, self._stored)
            still = [one for one in self._checks if held.enter_context(quiet(self._home, one.series))]
            wrong = {
                path: (check.series, check.kept[path])
                for check in still
                for path in [*check.damaged, *check.missing]
                if path in check.kept
            }
            wanted = [Wanted(self._home.root / path, kept) for path, (_, kept) in wrong.items()]
            for done in mend(self._home, wanted, copies):
                path = done.relative_to(self._home.root).as_posix()
                self._mended(wrong[path][0], path)
            for check in still:
                self._put_strays_aside(check)

    def _leave_stores(self, stored: Stored) -> None:
        stored.close()
        self._report.unreached |= stored.unreached
        self._report.skipped |= stored.unreached

    def _put_strays_aside(self, check: SeriesCheck) -> None:
        for stray, of in check.copies.items():
            if of in self._report.damaged or of in self._report.missing:
                continue
            try:
                put_aside(self._home, self._home.root / stray)
            except OSError as error:
                raise DiskError(f"{stray}: cannot be moved: {error.strerror}", action="lianzai doctor") from error
            self._mended(check.series, stray)

    def _mended(self, series: str, path: str) -> None:
        evidence = self._report.damaged[path].evidence if path in self._report.damaged else []
        self._report.mended(path)
        self._events[series].append(("repaired", [path], evidence[:_EVIDENCE]))

    # ---------------------------------------------------------------------------------------------------- derived

    def _derived(self, check: SeriesCheck) -> None:
        """Compare text and index, while no crawl writes them; derive them anew where they differ and repair is wanted."""
        if self._ledger is None or not check.known:
            return
        places = (f"text/{check.series}", f"index/{check.series}.cdxj")
        reason = check.busy or ("the ledger is damaged" if check.ledger_why else None)
        with quiet(self._home, check.series) as still, self._ledger.read() as connection:
            if not derivable(connection, check.series):
                return
            if reason or not still:
                self._report.skipped |= dict.fromkeys(places, reason or "a crawl of the series runs")
                return
            self._told(places[0])
            found = compare(connection, self._home, check.series)
            self._take_derived(check.series, found)
            if self._repair and (found.damaged or found.missing):
                write_derived(connection, self._home, check.series)
                self._take_mended(check.series, found, compare(connection, self._home, check.series))

    def _take_derived(self, series: str, found: Derived) -> None:
        self._report.checked += found.checked
        self._report.damaged |= {one.path: one for one in found.damaged}
        self._report.missing += found.missing
        wrong = [one.path for one in found.damaged] + found.missing
        if wrong:
            self._events[series].append(("damaged", wrong, []))
        self._whole[series] |= {path: [] for path in found.whole}

    def _take_mended(self, series: str, before: Derived, after: Derived) -> None:
        left = {one.path for one in after.damaged} | set(after.missing)
        mended = [path for path in [*(one.path for one in before.damaged), *before.missing] if path not in left]
        for path in mended:
            self._report.mended(path)
        if mended:
            self._events[series].append(("repaired", mended, []))

    def _search(self) -> None:
        """Check the index of the search, which is one for all series; make it again where repair is wanted."""
        found, report = check_search(self._home), self._report
        report.checked += found.there
        report.skipped |= {found.path: found.skipped} if found.skipped else {}
        if not found.wrong:
            return
        report.missing += [found.path] if found.missing else []
        report.damaged |= {found.path: found.damage} if found.damage else {}
        if self._repair and self._ledger is not None and self._home.ledger_name not in report.damaged:
            with self._ledger.read() as connection:
                make_search_again(connection, self._home)
            if not check_search(self._home).wrong:
                report.mended(found.path)

    def _strays(self) -> None:
        """Name what lies in the folders of the home and is known to nobody."""
        found, left = strays(self._home, {check.series for check in self._checks})
        self._report.damaged |= {one.path: one for one in found}
        self._report.skipped |= left
        if self._repair:
            for path in put_strays_aside(self._home, found):
                self._report.mended(path)

    def _bundles(self) -> None:
        """Check the WACZs: they are derived too, but only an export makes them again."""
        folder = self._home.root / "wacz"
        for path in sorted(path for path in folder.glob("[!.]*") if not path.is_dir()):
            name = path.relative_to(self._home.root).as_posix()
            if path.suffix == OPEN:
                self._report.skipped[name] = "written by an export now, or left by a killed one"
            elif not is_bundle(path):
                self._report.skipped[name] = "no WACZ: nothing but WACZs belongs in wacz/"
            else:
                self._told(name)
                self._report.checked += 1
                if damage := check_bundle(path, name):
                    self._report.damaged[name] = damage

    # --------------------------------------------------------------------------------------------------- profiles

    def _profiles(self) -> None:
        """Compare the kept profiles with the ledger's memory of them, and put it back where repair is wanted."""
        known: dict[str, Known] = {}
        if self._ledger is not None:
            with self._ledger.read() as connection:
                rows = remembered_profiles(connection)
            known = {
                row["id"]: Known(None, row["kept"])
                if row["id"] in self._untold
                else Known(row["profile_text"], row["kept"], row["profile_crc"])
                for row in rows
            }
        found = check_profiles(self._home, known, self._profile_fault)
        self._report.checked += found.checked
        self._report.damaged |= {one.path: one for one in found.damaged.values()}
        self._report.missing += found.missing.values()
        self._report.skipped |= found.differing
        for series in found.wrong:
            path = found.damaged[series].path if series in found.damaged else found.missing[series]
            self._events.setdefault(series, []).append(("damaged", [path], []))
        for series, path in found.whole.items():
            self._whole.setdefault(series, {})[path] = []
        if self._repair:
            for series, path in mend_profiles(self._home, found, known):
                self._mended(series, path)

    # ----------------------------------------------------------------------------------------------------- events

    def _tell(self) -> None:
        """Write into the history what changed since it was told last, where it can be written."""
        if self._ledger is None or not self._ledger.writable:
            return
        now = datetime.now(UTC)
        for series, events in self._events.items():
            with self._ledger.read() as connection:
                before = told_before(connection, series)
            fresh = _news(events, self._whole.get(series, {}), before)
            if fresh:
                with self._ledger.write() as connection:
                    tell(connection, series, now, fresh)


def _news(
    events: list[tuple[str, list[str], list[str]]],
    whole: dict[str, list[str]],
    before: dict[str, tuple[str, list[str]]],
) -> list[tuple[str, list[str], list[str]]]:
    """Leave out what the history says already: damage that has not changed, files that were whole the last time.

    Files are told to be whole in one event: the first time (WARCs), and when they were damaged the last time.
    """
    fresh = []
    for kind, paths, evidence in events:
        changed = [path for path in paths if kind != "damaged" or before.get(path) != (kind, evidence)]
        fresh += [(kind, changed, evidence)] if changed else []
    first = {path for path in whole if path.startswith("warc/")}
    good = [path for path in sorted(whole) if before.get(path, ("",))[0] == "damaged" or path in first - set(before)]
    evidence = [name for path in good for name in whole[path]]
    return [*fresh, ("verified", good, evidence[:_EVIDENCE])] if good else fresh
