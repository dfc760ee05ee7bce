"""Verify what the object stores keep: every object that the ledger says is there, against the digest it was sent with.

Takes   a home whose series name a store, the environment; whether to repair.
Gives   a Report whose paths are keys, which are the paths of the home.
Writes  events `damaged`, `repaired`, `verified` with the store's name before each path; with repair: objects that are damaged or
        missing, from files of the home that have the recorded digest, and their rows.

Where the server keeps a checksum of the object, and reckons such itself (one probe tells), that is compared; else the object is
read to its end. Of the copies of the ledger only the newest must be there: a rule of the bucket may expire the others.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, suppress
from dataclasses import dataclass, replace

from ..errors import IntegrityError, PartialError, StoreError, UsageError
from ..fixity import file_digest
from ..home import Home
from ..ledger.objects import KeptObject, kept_objects, put_objects
from ..ledger.queries import series_ids
from ..ledger.store import Ledger, open_ledger, open_to_read
from ..store import Bandwidth, Clock, Patience, RealClock, Store, digest_of, open_store, together
from ..upload import Item, Place, no_store, places, send, upload_lock
from .derived import NOTHING
from .remote_history import Found, tell_of_store
from .report import Damage, Report

_THREADS = 4
_LOOKS = 3  # at what is not as it should be: one answer may be spoiled on its way

# Called with objects checked so far, of all, and the key of the last.
Told = Callable[[int, int, str], None]


@dataclass(frozen=True, slots=True)
class _Look:
    """What was found of one object. found: None where it is whole, else its digest or NOTHING. error: it could not be asked."""

    row: KeptObject
    found: str | None = None
    error: StoreError | None = None


def verify_remote(
    home: Home,
    environ: Mapping[str, str],
    *,
    repair: bool = False,
    told: Told = lambda *_: None,
    clock: Clock | None = None,
) -> Report:
    """Check the stores of a home. One that cannot be used is in `unreached`, and the others are checked.

    Raises UsageError where no series names a store, BusyError where repair is wanted and another process uploads, HomeError,
    DiskError.
    """
    clock = clock or RealClock()
    ledger = open_ledger(home, create=False) if repair else open_to_read(home)
    with closing(ledger), ExitStack() as held:
        with ledger.read() as connection:
            found = places(connection, home, environ)
            if not found:
                raise no_store(home, known=bool(series_ids(connection)))
        if repair:
            held.enter_context(upload_lock(home, clock))
        with ledger.read() as connection:
            rows = [
                (place, [row for series in [*place.series, None] for row in _sent(kept_objects(connection, place.name, series))])
                for place in found
            ]  # fmt: skip
        check = _Remote(home, ledger, environ, clock, sum(len(some) for _, some in rows), told)
        for place, some in rows:
            check.place(place, some, repair=repair)
    return check.report


def _sent(rows: Mapping[str, KeptObject]) -> Iterator[KeptObject]:
    """Give the rows of objects that a store is said to keep; of the copies of the ledger the newest."""
    verified = [row for _, row in sorted(rows.items()) if row.verified]
    copies = [row for row in verified if row.series is None]  # their names sort by time
    yield from [row for row in verified if row.series is not None] + copies[-1:]


class _Remote:
    """One verification of the stores."""

    def __init__(
        self, home: Home, ledger: Ledger, environ: Mapping[str, str], clock: Clock, total: int, told: Told
    ) -> None:
        self._home, self._ledger, self._environ, self._clock = home, ledger, environ, clock
        self._total, self._told = total, told
        self._found: dict[str, Found] = {}  # of the store that is checked, by series
        self.report = Report()

    def place(self, place: Place, rows: Sequence[KeptObject], *, repair: bool) -> None:
        """Check one store; with repair also send again what it lacks."""
        self._found = {series: Found() for series in place.series}
        try:
            bandwidth = Bandwidth(self._clock)  # its clock, once stopped, ends what the threads read
            with closing(open_store(place.url, self._environ, bandwidth=bandwidth, connections=_THREADS)) as store:
                if rows:
                    store.reach()
                    wrong = self._check(store, rows)
                    if repair:
                        for row in wrong:
                            self._mend(store, row)
        except (StoreError, UsageError) as error:
            self.report.unreached[place.name] = error.message
        finally:
            self._tell_history(place.name)

    def _tell_history(self, store: str) -> None:
        """Write down what was found, where the ledger can be written."""
        if self._ledger.writable:
            for series, found in self._found.items():
                tell_of_store(self._home, self._ledger, store, series, found)

    def _check(self, store: Store, rows: Sequence[KeptObject]) -> list[KeptObject]:
        """Look at every object; give those that are not as they were sent. Raises StoreError for what meets all alike."""
        wrong: list[KeptObject] = []
        with closing(together(_Looker(store).look, rows, _THREADS)) as looks:
            try:
                wrong += [one.row for one in looks if self._took(one)]
            except StoreError:
                raise  # the next store is checked all the same
            except BaseException:
                self._clock.stop()
                raise
        return wrong

    def _took(self, look: _Look) -> bool:
        """Put down what was found; say whether the object is damaged or missing. Raises StoreError for what meets all alike."""
        report, key = self.report, look.row.key
        if look.error is not None:
            if look.error.whole:
                raise look.error
            report.skipped[key] = report.unreached[key] = look.error.message
            return False
        report.checked += 1
        self._told(report.checked, self._total, key)
        if look.found == NOTHING:
            report.missing.append(key)
        elif look.found is not None:
            report.damaged[key] = Damage(key, look.row.sha256, look.found)
        if (found := self._found.get(look.row.series or "")) is not None:  # of a copy of the ledger no series tells
            (found.whole if look.found is None else found.wrong).append(key)
        return look.found is not None

    def _mend(self, store: Store, row: KeptObject) -> None:
        """Send the bytes of the home again where they are whole; else leave what is there. Raises StoreError."""
        path = self._home.root / row.key
        with suppress(OSError):  # it cannot be read here: `verify` without --remote tells
            if file_digest(path) != row.sha256:
                return
            item = Item(row.key, path, row.series, row.bytes, final=True, sha256=row.sha256, known=row)
            try:
                done = send(store, item, Patience(self._clock), lambda _: None)
            except (IntegrityError, PartialError):  # the file changed or went since it was hashed
                return
            with self._ledger.write() as connection:
                put_objects(connection, [replace(done.row, sent=row.sent)])
            self.report.mended(row.key)
            if row.series in self._found:
                self._found[row.series].repaired.append(row.key)


class _Looker:
    """Looks at the objects of one store; threads may do so at once."""

    def __init__(self, store: Store) -> None:
        self._store, self._lock = store, threading.Lock()
        self._reckons: bool | None = None  # until a checksum is seen: to ask writes an object

    def look(self, row: KeptObject) -> _Look:
        """Hold one object against its row, more than once where it is not as it should be."""
        found: str | None = None
        try:
            for _ in range(_LOOKS):
                found = self._found(row)
                if found == row.sha256:
                    return _Look(row)
        except StoreError as error:
            return _Look(row, error=error)
        return _Look(row, found=found)

    def _found(self, row: KeptObject) -> str:
        """Give the digest of what is there now, or NOTHING."""
        stat = self._store.head(row.key)
        if stat is not None and stat.checksum is not None and stat.size == row.bytes and self._asked():
            return stat.checksum
        try:
            return digest_of(self._store, row.key)
        except FileNotFoundError:
            return NOTHING

    def _asked(self) -> bool:
        """Say whether checksums are worth something; where it cannot be found out, the objects are read."""
        with self._lock:
            if self._reckons is None:
                try:
                    self._reckons = self._store.reckons()
                except StoreError:
                    self._reckons = False
            return self._reckons
