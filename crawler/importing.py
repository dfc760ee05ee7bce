"""Files made by others in the fold: their captures are laid out in the ledger, and read as soon as they can be understood.

Takes   files that are kept in the series' folder, as the notes of their imports tell of them.
Gives   how much of each was taken.
Writes  the ledger, in batches.

A page may stand in another file than the list that names it, or the list may come years later. So a capture waits in the ledger
until its address is something in the series, and what waits is read where a run or an import ends.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any, Self

from archive.errors import WarcError
from archive.fixity import file_digest
from archive.fold import SeriesState
from archive.index.post import address_of
from archive.ledger.series import SeriesLedger
from archive.model import IMPORTED, Capture
from archive.posted import plain_url
from archive.warc import foreign_captures, given_id, record_uri
from archive.warc.foreign import Damage

from .intake import Intake
from .originals import Originals
from .staged import Staged

BATCH = 256  # captures between two transactions
ENDS = frozenset({"run.finished", "import.finished"})  # notes at which what waits is read

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
    """What was taken. records: whole ones of any type. articles: captures that said something of an article, or would have.

    known: the series had them.
    """

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


def lay_out(
    rows: SeriesLedger,
    intake: Intake,
    imported: Imported,
    serial: int,
    tell: Callable[[Damage], None],
    told: Told | None,
) -> Counts:
    """Put the captures of a file down in the ledger, where they wait to be read.

    serial: of the WARC that notes the file. tell: called with each damage; told: with each capture, for progress. The place in
    the ledger stays as it is, so the note must be behind it: whoever takes it again after a kill finds what is there already.
    The last captures are in the ledger when its caller saves next. Raises OSError.
    """
    counts = Counts()

    def counted() -> None:
        counts.records += 1

    found = foreign_captures(imported.path, imported.name, imported.sha256, tell, counted)
    # What the ledger knows of them is asked for many at once: 20,000 captures took 18 s so, and 55 s with a query each.
    while some := list(islice(found, BATCH)):
        known = rows.told_of_all([taken.capture.record_id for taken in some])
        for taken in some:
            if told:
                told(taken.capture)
            capture = _new(rows, taken.capture, known.get(taken.capture.record_id), imported)
            if capture is None:
                counts.known += 1
                continue
            counts.captures += 1
            capture = replace(capture, url=address_of(capture.url, taken.request))
            intake.others(capture, taken.told_digest)
        intake.save(None, 0)
    intake.imported(imported.name, serial, imported.bytes, imported.sha256, counts.records)
    return counts


def _new(rows: SeriesLedger, capture: Capture, known: tuple[str, str] | None, imported: Imported) -> Capture | None:
    """Give the capture under an id that no other of the series has; None where the series has this very capture.

    known: address and digest of what the series has under its id.
    """
    if known is None:
        return capture
    url, digest = known
    if record_uri(plain_url(url)) == record_uri(capture.url) and digest == capture.payload_digest:
        return None
    made = given_id(imported.sha256, capture.offset, capture.member)
    return None if rows.has_record(made) else replace(capture, record_id=made)


def ends_waiting(rows: SeriesLedger, intake: Intake, note: Mapping[str, Any]) -> bool:
    """Tell whether a note ends a run or an import, and captures may have become due by then: read_waiting comes first."""
    state = intake.fold.state
    return note.get("lianzai") in ENDS and len(state.addresses) > state.looked and rows.others.unread()


def read_waiting(folder: Path, rows: SeriesLedger, intake: Intake, told: Told | None = None) -> Counter[str]:
    """Read the captures whose address is something in the series by now, always the oldest first.

    What one says may make more addresses known: then their captures are due too. Called where `ends_waiting` says so, when all
    before that note is in the ledger and the note is durable; killed within, it goes on when the note is taken again.
    Gives how many captures of articles' addresses each file has had read.
    """
    state, articles = intake.fold.state, Counter[str]()
    with Staged() as staged, Originals(folder, rows) as originals:
        _look(state, rows, staged)
        while (waiting := staged.next()) is not None:
            capture = waiting.capture
            if told:
                told(capture)
            address = state.address(capture.url)
            articles[capture.file] += address is not None and address.article is not None
            needed = intake.needs_payload(capture)
            intake.waited(capture, waiting.run, originals.response(capture) if needed else b"")
            _look(state, rows, staged)
            if len(intake.batch.read) >= BATCH:
                intake.save(None, 0)
    return articles


def _look(state: SeriesState, rows: SeriesLedger, staged: Staged) -> None:
    """Let the captures of addresses that are new be due."""
    fresh = list(islice(reversed(state.addresses), len(state.addresses) - state.looked))
    if fresh:
        staged.add(rows.others.waiting(fresh))
        state.looked = len(state.addresses)
