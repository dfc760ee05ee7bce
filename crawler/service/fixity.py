"""Hash again what is kept, slowly and for ever: every closed WARC within 90 days.

Takes   a home. Gives: what was found damaged, how many bytes were hashed, which series waits longest.
Writes  events `verified` (one a series and round, of its folder) and `damaged` (one a file, when it is found so) into the ledger.

The series that waits longest comes first. When it was last found whole stands in the ledger, so that a restart begins
nothing anew. It runs in a thread of the lowest priority and reads no faster than BYTES_A_SECOND: a terabyte takes 14 hours.
"""

from __future__ import annotations

import logging
import os
import threading
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from archive.errors import LianzaiError
from archive.events import emit
from archive.fixity import file_digest
from archive.home import Home
from archive.ledger import fixity, standing
from archive.ledger.rows import time_of
from archive.ledger.store import Ledger, open_ledger

log = logging.getLogger(__name__)

EACH = timedelta(days=80)  # so that a round of many series ends within 90 days
BYTES_A_SECOND = 20_000_000
_LOOK_EACH_S = 3600.0
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass
class Findings:
    """damaged: by series, how many files were not as written. found: how often one was found so that was whole before.
    oldest: when the series that waits longest was hashed.
    """

    damaged: dict[str, int] = field(default_factory=dict)
    bytes: int = 0
    found: int = 0
    oldest: datetime | None = None


class Rounds:
    """The thread that hashes."""

    def __init__(self, home: Home, each: timedelta = EACH) -> None:
        self._home, self._each = home, each
        self.findings = Findings()
        self._hashed: dict[str, datetime] = {}  # by this process, also where something was damaged
        self._asked: set[str] = set()  # to be hashed at once
        self._halt, self._wake = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._run, name="fixity", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End, after the file that is being read."""
        self._halt.set()
        self._wake.set()

    def again(self, series: str) -> None:
        """Hash a series at once: somebody met a file of it that is not as it was written."""
        self._asked.add(series)
        self._wake.set()

    def _run(self) -> None:
        with suppress(OSError, AttributeError):  # elsewhere than on Linux a thread has no priority of its own
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), 19)
        while not self._halt.is_set():
            self._wake.clear()
            try:
                while self.one():
                    pass
            except (LianzaiError, OSError) as error:
                emit(log, logging.WARNING, "fixity.hindered", error=str(error))
            if not self._halt.is_set():
                self._wake.wait(_LOOK_EACH_S)

    def one(self) -> bool:
        """Hash the series that waits longest, where it is due; False where none is, or the service ends."""
        ledger = open_ledger(self._home, create=False)
        try:
            with ledger.read() as connection:
                told, holding = standing.verified(connection), standing.holding(connection)
            whole = {one: time_of(told[one]) for one in holding if one in told} | self._hashed
            waiting = sorted((_NEVER if one in self._asked else whole.get(one, _NEVER), one) for one in holding)
            self.findings.oldest = next((at for at, _ in waiting if at != _NEVER), None)
            if not waiting or waiting[0][0] > datetime.now(UTC) - self._each or self._halt.is_set():
                return False
            return self._hash(ledger, waiting[0][1])
        finally:
            ledger.close()

    def _hash(self, ledger: Ledger, series: str) -> bool:
        """Hash the files of a series and tell of it; False where the service ends meanwhile, and nothing is told."""
        with ledger.read() as connection:
            kept, before = fixity.kept_files(connection, series), fixity.told_before(connection, series)
        damaged: list[str] = []
        for name, file in sorted(kept.items()):
            if not self._is_whole(series, name, file):
                damaged.append(f"warc/{series}/{name}")
                emit(log, logging.ERROR, "file.damaged", series=series, path=damaged[-1])
            if self._halt.wait(file.bytes / BYTES_A_SECOND):
                return False
        self._asked.discard(series)
        self.findings.damaged[series] = len(damaged)
        self._hashed[series] = datetime.now(UTC)
        events: list[tuple[str, list[str], list[str]]] = [
            ("damaged", [path], []) for path in damaged if before.get(path, ("",))[0] != "damaged"
        ]
        events += [] if damaged else [("verified", [f"warc/{series}/"], [])]
        with ledger.write() as connection:
            fixity.tell(connection, series, datetime.now(UTC), events)
        self.findings.found += sum(1 for kind, _, _ in events if kind == "damaged")
        emit(log, logging.INFO, "series.verified", series=series, files=len(kept), damaged=len(damaged))
        return True

    def _is_whole(self, series: str, name: str, file: fixity.KeptFile) -> bool:
        path = self._home.warc(series) / name
        try:
            found = file_digest(path)
        except OSError:
            return False
        self.findings.bytes += file.bytes
        return found == file.sha256
