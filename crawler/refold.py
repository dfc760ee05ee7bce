"""Fold records read back: what a killed run had written and not yet folded, or a whole series anew.

Takes   the WARCs of a series, in the order of their serials, from a place in them on.
Gives   the number of records taken.
Writes  the ledger, in batches.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from archive.fixity import file_digest
from archive.ledger.series import SeriesLedger
from archive.model import Capture
from archive.warc import (
    ClosedFile,
    Record,
    capture_of,
    metadata_of,
    read_at,
    read_records,
    response_bytes,
    series_files,
)

from .intake import Intake

_BATCH = 256  # captures between two transactions


class Refold:
    """Reads the records of one series into its intake."""

    def __init__(self, folder: Path, series: str, ledger: SeriesLedger, intake: Intake) -> None:
        self._folder = folder
        self._series = series
        self._ledger = ledger
        self._intake = intake
        self._places: dict[str, tuple[str, int]] = {}  # of the captures since the last save
        self._told: Callable[[Record], None] | None = None

    def run(self, file: str | None, offset: int, told: Callable[[Record], None] | None = None) -> int:
        """Fold every record behind a place; returns how many there were.

        file, offset: as the ledger has them, None for the beginning. told: called with each record, for progress.
        Raises WarcError where a file is damaged: what is before the damage is folded and kept.
        """
        self._told = told
        known, taken = self._ledger.closed_files(), 0
        for path in series_files(self._folder, self._series):
            if file is None or _serial(path.name) > _serial(file):
                taken += self._file(path, 0)
            elif path.name == file and offset < path.stat().st_size:
                taken += self._file(path, offset)
            elif path.name not in known:  # folded, but its run died before the ledger heard that it is closed
                self._closed(path, sum(1 for _ in read_records(path)))
                self._intake.save(None, 0)
        return taken

    def _file(self, path: Path, start: int) -> int:
        taken, end = 0, start
        for record in read_records(path, start=start):
            self._take(record)
            taken, end = taken + 1, record.offset + record.length
            if len(self._intake.batch.captures) >= _BATCH:
                self._save(path.name, end)
        self._closed(path, taken if start == 0 else sum(1 for _ in read_records(path)))
        self._save(path.name, end)
        return taken

    def _closed(self, path: Path, records: int) -> None:
        self._intake.file(ClosedFile(path, path.stat().st_size, file_digest(path), records))

    def _save(self, file: str, end: int) -> None:
        self._intake.save(file, end)
        self._places.clear()

    def _take(self, record: Record) -> None:
        if self._told:
            self._told(record)
        if record.type == "metadata":
            self._intake.note(record.record_id, record.date, metadata_of(record))
            return
        capture = capture_of(record)
        if capture is None:
            return
        self._places[capture.record_id] = (capture.file, capture.offset)
        self._intake.capture(capture, self._response(record, capture))

    def _response(self, record: Record, capture: Capture) -> bytes:
        if capture.type == "resource" or not self._intake.needs_payload(capture):
            return b""
        return response_bytes(record, self._load)

    def _load(self, record_id: str) -> Record:
        place = self._places.get(record_id) or self._ledger.place_of(record_id)
        if place is None:
            raise LookupError(f"{self._series}: record {record_id} is referred to, but not in the ledger")
        return read_at(self._folder / place[0], place[1])


def _serial(name: str) -> int:
    return int(name.removesuffix(".warc.gz").rpartition("-")[2])
