"""One upload of a home: store by store, what it lacks, then a copy of the ledger.

Takes   a home, the environment, Options.
Gives   a Report.
Writes  objects; rows of `objects` in the ledger as they are settled; the event `uploaded`, one a series.
"""

from __future__ import annotations

import logging
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from ..errors import DiskError, IntegrityError, LianzaiError, StoreError, UsageError
from ..events import emit
from ..home import Home
from ..ledger.fixity import tell
from ..ledger.objects import KeptObject, last_verified, put_objects
from ..ledger.queries import series_ids
from ..ledger.store import Ledger, open_ledger
from ..store import Bandwidth, Clock, Patience, RealClock, Store, open_store
from .crew import Begun, Crew, Done
from .evidence import evidence_of
from .lock import upload_lock
from .places import Place, no_store, places
from .plan import Item, plan
from .report import Report
from .send import Sent
from .strangers import strangers

log = logging.getLogger(__name__)

_SCRATCH = ".upload-"

# Called with bytes sent so far, of all, and what is being sent.
Told = Callable[[int, int, str], None]


@dataclass(frozen=True, slots=True)
class Options:
    """How to send. threads: objects at once. limit: bytes a second. clock: by which is waited."""

    threads: int = 4
    limit: float | None = None
    clock: Clock = field(default_factory=RealClock)


def upload_home(
    home: Home, environ: Mapping[str, str], options: Options | None = None, told: Told = lambda *_: None
) -> Report:
    """Send what the stores of a home lack. A store that cannot be used does not hinder another.

    Raises UsageError where no series names a store, BusyError where another process uploads, HomeError, DiskError.
    """
    options = options or Options()
    began = options.clock.now()
    ledger = open_ledger(home, create=True)
    try:
        with ledger.read() as connection:
            found = places(connection, home, environ)
            known = bool(series_ids(connection))
        if not found:
            raise no_store(home, known=known)
        with upload_lock(home, options.clock):
            upload = _Upload(home, ledger, environ, options, told)
            try:
                for place in found:
                    upload.to(place)
            finally:
                upload.report.seconds = options.clock.now() - began
    finally:
        ledger.close()
    report = upload.report
    emit(log, logging.INFO, "upload.finished", objects=report.sent, bytes=report.bytes, failed=len(report.failed),
         seconds=round(report.seconds, 3))  # fmt: skip
    return report


class _Upload:
    """One upload, over all stores."""

    def __init__(self, home: Home, ledger: Ledger, environ: Mapping[str, str], options: Options, told: Told) -> None:
        self._home, self._ledger, self._environ = home, ledger, environ
        self._options, self._told = options, told
        self._bandwidth = Bandwidth(options.clock, options.limit)
        self._patience = Patience(options.clock)
        self._total = 0
        self._begun: dict[str, KeptObject] = {}  # what is there of these, whole or not, is ours
        self.report = Report()

    def to(self, place: Place) -> None:
        """Send what one store lacks; what fails is in the report."""
        self.report.stores.append(place.name)
        items = self._lacking(place)
        if not items and not self._copy_wanted(place):
            self.report.reached = True  # nothing was asked of it, so nothing is wrong with it
            return
        try:
            store = open_store(place.url, self._environ, bandwidth=self._bandwidth, connections=self._options.threads)
            with closing(store):
                store.reach()
                self.report.reached = True
                self._send(store, self._own(store, place, items))
                if self._copy_wanted(place):
                    with self._ledger_copy() as copy:
                        self._send(store, [Item(f"ledger/{copy.name}", copy, None, copy.stat().st_size, final=True)])
        except (StoreError, UsageError) as error:
            self._fail(place.name, error)

    def _lacking(self, place: Place) -> list[Item]:
        """Plan all series of a store; a WARC that is neither here nor there is told."""
        items: list[Item] = []
        with self._ledger.read() as connection:
            for series in place.series:
                lacking = plan(connection, self._home, place.name, series)
                items += lacking.items
                for key in lacking.lost:
                    self._fail(key, IntegrityError(f"{key}: missing, and not in the store", action="lianzai verify"))
        return items

    def _own(self, store: Store, place: Place, items: list[Item]) -> list[Item]:
        """Leave out the series of which another home's WARCs lie in the store, and tell so."""
        others: set[str | None] = set()
        for series in place.series:
            with self._ledger.read() as connection:
                found = strangers(connection, self._home, store, series)
            if found:
                others.add(series)
                told = (
                    f"{place.name}: {found[0]} is of another home ({len(found)} WARCs); nothing of the series was sent"
                )
                action = (
                    "another prefix in [store] url; where that home was lost: lianzai rebuild --from URL, in a new one"
                )
                self._fail(f"warc/{series}/", IntegrityError(told, action=action))
        return [item for item in items if item.series not in others]

    def _copy_wanted(self, place: Place) -> bool:
        """Say whether anything was verified since the newest copy of the ledger was made."""
        with self._ledger.read() as connection:
            copied, verified = last_verified(connection, place.name)
        return verified is not None and (copied is None or copied < verified)

    # ---------------------------------------------------------------------------------------------------------- sending

    def _send(self, store: Store, items: list[Item]) -> None:
        """Send some items. Raises the error of a store that takes none; what was done until then is written down."""
        self._total += sum(item.size for item in items)
        crew = Crew(store, items, self._patience, self._options.threads)
        fresh: dict[str, list[str]] = {}  # paths that were verified, by series
        broken: StoreError | None = None
        try:
            for results in crew.results():
                what = self._take(store, results, fresh)
                self._told(min(self._bandwidth.passed, self._total), self._total, what)
                broken = broken or _unusable(results)
        except BaseException:
            self._options.clock.stop()
            self._take(store, crew.leave(), fresh)
            raise
        finally:
            self._tell_history(fresh)
        if broken is not None:
            raise broken

    def _take(self, store: Store, results: Iterable[Begun | Done], fresh: dict[str, list[str]]) -> str:
        """Write results down, in one transaction; give what the last is about. fresh: gets the paths verified, by series."""
        rows: list[KeptObject] = []
        what = ""
        try:
            for result in results:
                what = self._taken(store, result, fresh, rows)
        finally:
            if rows:
                with self._ledger.write() as connection:
                    put_objects(connection, rows)
        return what

    def _taken(self, store: Store, result: Begun | Done, fresh: dict[str, list[str]], rows: list[KeptObject]) -> str:
        if isinstance(result, Begun):
            self._begun[result.row.key] = result.row
            rows.append(result.row)
            return result.row.key
        if result.sent is not None:
            rows.append(self._verified(result.sent, fresh))
        elif isinstance(result.error, LianzaiError):
            if not (isinstance(result.error, StoreError) and result.error.whole):  # that is told once, of the store
                rows.append(self._failed(store, result.item, result.error))
        elif result.error is not None:
            raise result.error
        return result.item.key

    def _verified(self, done: Sent, fresh: dict[str, list[str]]) -> KeptObject:
        row = done.row
        if row.series is not None:
            fresh.setdefault(row.series, []).append(row.key)
            self.report.paths.append(row.key)
        self.report.sent += done.sent
        self.report.bytes += row.bytes * done.sent
        emit(log, logging.INFO, "object.uploaded", store=row.store, key=row.key, bytes=row.bytes, sent=done.sent)
        return row

    def _failed(self, store: Store, item: Item, error: LianzaiError) -> KeptObject:
        self._fail(item.key, error)
        emit(log, logging.ERROR, "object.failed", store=store.name, key=item.key, reason=str(error))
        never = KeptObject(store.name, item.key, item.series, item.size, item.sha256 or "")
        return replace(self._begun.get(item.key) or item.known or never, failed=error.message)

    def _fail(self, what: str, error: LianzaiError) -> None:
        self.report.failed.append((what, error))

    # ---------------------------------------------------------------------------------------------------------- the ledger

    def _tell_history(self, fresh: Mapping[str, list[str]]) -> None:
        """Add the event of each series: the paths, and as evidence the first record of each of its WARCs among them."""
        now = datetime.now(UTC)
        for series, paths in fresh.items():
            evidence = evidence_of(self._home, paths)
            with self._ledger.write() as connection:
                tell(connection, series, now, [("uploaded", sorted(paths), evidence)])

    @contextmanager
    def _ledger_copy(self) -> Iterator[Path]:
        """Lend a consistent copy of the ledger, under a name of its own."""
        for left in self._home.root.glob(f"{_SCRATCH}*"):
            shutil.rmtree(left, ignore_errors=True)  # of an upload that was killed; the lock is ours
        try:
            with tempfile.TemporaryDirectory(dir=self._home.root, prefix=_SCRATCH) as folder:
                copy = Path(folder) / f"ledger-{datetime.now(UTC):%Y%m%d%H%M%S%f}.sqlite3"
                self._ledger.copy_to(copy)
                yield copy
        except (sqlite3.OperationalError, OSError) as error:
            raise DiskError(f"{self._home.ledger_name}: cannot be copied: {error}", action="lianzai doctor") from error


def _unusable(results: Iterable[Begun | Done]) -> StoreError | None:
    """Give the first error that meets every object of the store alike."""
    errors = (one.error for one in results if isinstance(one, Done))
    return next((error for error in errors if isinstance(error, StoreError) and error.whole), None)
