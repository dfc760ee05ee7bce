"""Fold a file made by others: its captures are taken as our own are, in the order in which they can be understood.

Takes   a file that is kept in the series' folder, as the note of its import tells of it.
Gives   how much of it was taken.
Writes  the ledger, in batches. Until all of a file is taken, the place in the ledger is in the file: a run that finds it
        there was killed midway, and the series is folded anew.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any, Self

from archive.errors import WarcError
from archive.fixity import file_digest
from archive.ledger.series import SeriesLedger
from archive.model import IMPORTED, Capture
from archive.warc import ForeignFile, Taken, foreign_captures, given_id, record_uri
from archive.warc.foreign import Damage

from .intake import Intake
from .originals import Originals
from .staged import Staged

BATCH = 256  # captures between two transactions

Told = Callable[[Capture], None]


@dataclass(frozen=True, slots=True)
class Imported:
    """A file as its note tells of it. name: "imported/<name>", below `folder`. sha256: "sha256:<hex>" of it."""

    folder: Path
    name: str
    bytes: int
    sha256: str

    @classmethod
    def of(cls, folder: Path, note: Mapping[str, Any]) -> Imported:
        """Read the note import.taken. Raises WarcError where it names no file of the folder of imports."""
        name = str(note["file"])
        last = name.removeprefix(IMPORTED)
        if not name.startswith(IMPORTED) or Path(last).name != last or last in ("", ".", ".."):
            raise WarcError(f"{folder}: the note of an import names {name!r}, expected {IMPORTED}NAME")
        return cls(folder, name, int(note["bytes"]), str(note["sha256"]))

    @property
    def path(self) -> Path:
        """Where it lies."""
        return self.folder / self.name

    def fault(self) -> str | None:
        """Say what is wrong with the file, None where it is as it was imported."""
        try:
            size = self.path.stat().st_size
            if size != self.bytes:
                return f"{self.path}: expected {self.bytes} bytes, found {size}"
            found = file_digest(self.path)
        except OSError as error:
            return f"{self.path}: cannot be read: {error.strerror or error}"
        return None if found == self.sha256 else f"{self.path}: expected {self.sha256[:15]}, found {found[:15]}"


@dataclass(slots=True)
class Counts:
    """What was taken. records: whole ones of any type. articles: captures of articles' addresses. known: the series had them."""

    records: int = 0
    captures: int = 0
    articles: int = 0
    known: int = 0

    def __iadd__(self, other: Counts) -> Self:
        self.records += other.records
        self.captures += other.captures
        self.articles += other.articles
        self.known += other.known
        return self


def stage(staged: Staged, file: int, imported: Imported, path: Path, tell: Callable[[Damage], None]) -> int:
    """Lay out the captures of a file; returns how many whole records of any type it has.

    path: where its bytes lie now, which may not be its final place. tell: called with each damage. Raises OSError.
    """
    records = 0

    def counted() -> None:
        nonlocal records
        records += 1

    staged.add(file, foreign_captures(path, imported.name, imported.sha256, tell, counted))
    return records


class Importing:
    """Takes staged files into one series, one after the other."""

    def __init__(self, folder: Path, rows: SeriesLedger, intake: Intake, staged: Staged, told: Told | None) -> None:
        self._folder, self._rows, self._intake, self._staged, self._told = folder, rows, intake, staged, told

    def take(self, file: int, imported: Imported, records: int, *, serial: int) -> Counts:
        """Fold one file. All before it must be in the ledger; the last of it is, when its caller saves next.

        serial: of the WARC that notes it.
        """
        counts = Counts(records)
        with ForeignFile(imported.path) as opened:
            originals = Originals(self._folder, self._rows, self._staged, file, opened)
            for found in self._staged.passes(file, self._intake.fold.state.addresses):
                self._all(found, imported, originals, counts)
            self._all(self._staged.rest(file), imported, originals, counts)
        self._intake.imported(imported.name, serial, imported.bytes, imported.sha256, records)
        return counts

    def _all(self, found: Iterator[Taken], imported: Imported, originals: Originals, counts: Counts) -> None:
        """Take captures in their order."""
        # What the ledger knows of them is asked for many at once: 20,000 captures took 18 s so, and 55 s with a query each.
        while some := list(islice(found, BATCH)):
            known = self._rows.told_of_all([taken.capture.record_id for taken in some])
            for taken in some:
                self._one(taken, known.get(taken.capture.record_id), imported, originals, counts)

    def _one(
        self, taken: Taken, known: tuple[str, str] | None, imported: Imported, originals: Originals, counts: Counts
    ) -> None:
        if self._told:
            self._told(taken.capture)
        capture = self._new(taken.capture, known, imported)
        if capture is None:
            counts.known += 1
            return
        counts.captures += 1
        self._say(capture, taken, originals, counts)
        if len(self._intake.batch.captures) >= BATCH:
            self._intake.save(imported.name, 0)

    def _say(self, capture: Capture, taken: Taken, originals: Originals, counts: Counts) -> None:
        """Let a capture say what it does; one whose payload is nowhere, or too long to be read, is kept alone."""
        intake = self._intake
        raw: bytes | None = None
        if intake.speaks(capture):
            raw = originals.response(taken) if intake.needs_payload(capture) else b""
        if raw is None:
            intake.keep(capture)
            return
        address = intake.fold.state.address(capture.url)
        counts.articles += address is not None and address.article is not None
        intake.capture(capture, raw)

    def _new(self, capture: Capture, known: tuple[str, str] | None, imported: Imported) -> Capture | None:
        """Give the capture under an id that no other of the series has; None where the series has this very capture.

        known: address and digest of what the series has under its id.
        """
        if known is None:
            return capture
        url, digest = known
        if record_uri(url) == record_uri(capture.url) and digest == capture.payload_digest:
            return None
        made = given_id(imported.sha256, capture.offset, capture.member)
        return None if self._rows.has_record(made) else replace(capture, record_id=made)
