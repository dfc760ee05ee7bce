"""Fold records read back: what a killed run had written and not yet folded, or a whole series anew.

Takes   the WARCs of a series, in the order of their serials, from a place in them on; where one notes an import, the file
        that was imported.
Gives   the number of records taken, and what is wrong with files that were imported.
Writes  the ledger, in batches.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from archive.errors import WarcError
from archive.fixity import file_digest
from archive.ledger.series import SeriesLedger
from archive.model import Capture
from archive.posted import asked
from archive.warc import (
    ClosedFile,
    Record,
    capture_of,
    count_records,
    metadata_of,
    read_at,
    read_records,
    response_bytes,
    serial_of,
    series_files,
)

from .importing import BATCH, Imported, ends_waiting, lay_out, read_waiting
from .intake import Intake


class Refold:
    """Reads the records of one series into its intake."""

    def __init__(self, folder: Path, series: str, ledger: SeriesLedger, intake: Intake) -> None:
        self._folder = folder
        self._series = series
        self._ledger = ledger
        self._intake = intake
        self._places: dict[str, tuple[str, int]] = {}  # of the captures since the last save
        self._sent: Record | None = None  # the POST request whose answer comes next
        self._told: Callable[[Record | Capture], None] | None = None
        self.damaged: list[str] = []  # imported files that are missing, or not as they were imported

    def run(self, file: str | None, offset: int, told: Callable[[Record | Capture], None] | None = None) -> int:
        """Fold every record behind a place; returns how many there were.

        file, offset: as the ledger has them, None for the beginning. told: called with each record, for progress.
        Raises WarcError where a file of ours is damaged: what is before the damage is folded and kept. Of an imported file
        that is damaged what is whole is taken, and `damaged` tells of it.
        """
        self._told = told
        known, taken = self._ledger.closed_files(), 0
        for path in series_files(self._folder, self._series):
            if file is None or serial_of(path.name) > serial_of(file):
                taken += self._file(path, 0)
            elif path.name == file and offset < path.stat().st_size:
                taken += self._file(path, offset)
            elif path.name not in known:  # folded, but its run died before the ledger heard that it is closed
                self._closed(path, count_records(path, end=path.stat().st_size))
                self._intake.save(None, 0)
        return taken

    def _file(self, path: Path, start: int) -> int:
        records, imported, end = 0, 0, start
        for record in read_records(path, start=start):
            note = metadata_of(record) if record.type == "metadata" else None
            if note is not None and note.get("lianzai") == "import.taken":
                self._save(path.name, end)
                imported += self._import(record, note)
                self._save(path.name, record.offset + record.length)
            else:
                if note is not None and ends_waiting(self._ledger, self._intake, note):
                    self._save(path.name, end)
                    read_waiting(self._folder, self._ledger, self._intake, self._told)
                self._take(record, note)
            records, end = records + 1, record.offset + record.length
            if len(self._intake.batch.captures) >= BATCH:
                self._save(path.name, end)
        self._closed(path, records + count_records(path, end=start))
        self._save(path.name, end)
        return records + imported

    def _closed(self, path: Path, records: int) -> None:
        self._intake.file(ClosedFile(path, path.stat().st_size, file_digest(path), records))

    def _save(self, file: str, end: int) -> None:
        self._intake.save(file, end)
        self._places.clear()

    def _take(self, record: Record, note: Mapping[str, Any] | None) -> None:
        if self._told:
            self._told(record)
        if note is not None:
            self._intake.note(record.record_id, record.date, note)
            return
        if record.type == "request":
            self._sent = record if record.block[:5] == b"POST " else None
        capture = capture_of(record)
        if capture is None:
            return
        if self._sent is not None and self._sent.headers.get("WARC-Concurrent-To") == record.record_id:
            capture = replace(capture, url=asked(capture.url, self._sent.block))
        self._places[capture.record_id] = (capture.file, capture.offset)
        self._intake.capture(capture, self._response(record, capture))

    def _import(self, record: Record, note: Mapping[str, Any]) -> int:
        """Lay out the file that a note tells of, as the import did; returns the number of its captures."""
        imported, serial = Imported.of(self._folder, note), serial_of(record.file)
        fault = imported.fault()
        if fault is not None:
            self.damaged.append(fault)
        try:
            # What was damaged when it was imported was told then.
            counts = lay_out(self._ledger, self._intake, imported, serial, lambda _: None, self._told)
        except OSError:  # `fault` has told it; the ledger still says what should be there
            self._intake.imported(imported.name, serial, imported.bytes, imported.sha256, 0)
            return 0
        return counts.captures + counts.known

    def _response(self, record: Record, capture: Capture) -> bytes:
        if capture.type == "resource" or not self._intake.needs_payload(capture):
            return b""
        return response_bytes(record, self._load)

    def _load(self, record_id: str) -> Record:
        place = self._places.get(record_id) or self._ledger.place_of(record_id)
        if place is None:
            raise WarcError(
                f"{self._folder}: record {record_id} is referred to, and no WARC of the series holds it",
                action="lianzai rebuild --from DIR, a copy of this home",
            )
        return read_at(self._folder / place[0], place[1])
