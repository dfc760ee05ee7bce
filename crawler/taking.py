"""One import: files made by others are kept unchanged in a series, noted in a WARC of our own, and folded together.

Takes   a series that is open for a run; files, one after the other.
Gives   of each file what came of it.
Writes  warc/<series>/imported/, wacz/<series>/imported/; one WARC with the notes of the import; the ledger.

    each: copy to …open -> look whether anything in it is whole -> final name -> note, durable -> captures into the ledger
    all:  last note, durable -> what can be understood is read, the oldest first -> text and index

Killed at any moment it leaves copies without their names, which recovery removes, or files that no note tells of, which the
next import takes; that goes on with the notes where they broke off. A file whose digest the series has is not taken twice;
where nothing is taken nothing is written.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import BinaryIO, Final, Protocol

from archive.bundle.opening import opened
from archive.errors import DiskError, PartialError, WarcError
from archive.events import emit
from archive.fixity import file_digest
from archive.model import IMPORTED, Capture
from archive.warc.foreign import Damage, read_foreign
from archive.warc.writer import OPEN

from .arrival import Arrival, Arrivals, pieces_of
from .importing import Counts, Imported, lay_out
from .recorder import Recorder, now
from .run import SeriesRun

log = logging.getLogger(__name__)

_ZIP: Final = b"PK\x03\x04"
_NOTHING: Final = "no whole record in it: it was not kept"
_MAX_TOLD: Final = 100  # damages of one file that are told singly: a disk's worth of them would bury the first


class Shown(Protocol):
    """Where progress goes."""

    def copied(self, size: int, what: str) -> None:
        """Tell that so many bytes of a file were copied."""

    def read(self, capture: Capture) -> None:
        """Tell that a capture was read."""


@dataclass(slots=True)
class Brought:
    """What came of one file. what: as it was named. paths: where it is kept, a package before its WARCs.

    taken: WARCs in it that the series did not have. restored: that the series had lost. damages: what in it is not whole, each
    with its offset. refused: why nothing of it is kept. full: as the disk has no room for it.
    """

    what: str
    paths: list[Path] = field(default_factory=list)
    taken: int = 0
    restored: int = 0
    counts: Counts = field(default_factory=Counts)
    damages: list[str] = field(default_factory=list)
    untold: int = 0  # damages beyond those that are told singly
    refused: str | None = None
    full: bool = False

    def damage(self, damage: Damage, member: str | None = None) -> None:
        """Note a damage. member: name of the WARC within a package."""
        if len(self.damages) < _MAX_TOLD:
            self.damages.append(f"{member}: {damage}" if member else str(damage))
        else:
            self.untold += 1

    def faults(self) -> list[str]:
        """Give all that is to be told of as failed."""
        more = [f"{self.untold} more damages"] if self.untold else []
        return [*self.damages, *more, *([self.refused] if self.refused else [])]


@dataclass(frozen=True, slots=True)
class _Piece:
    """A WARC that is about to be taken.

    given: its name as it came. arrival: None for one that has its name already. member: its name within a package.
    """

    given: str
    imported: Imported
    arrival: Arrival | None
    member: str | None = None


class Import:
    """One import into a series. finish() ends it."""

    def __init__(self, run: SeriesRun, shown: Shown) -> None:
        self._run, self._shown = run, shown
        min_free = run.profile.fetch.min_free
        self._warcs = Arrivals(run.folder / IMPORTED, min_free)
        self._packages = Arrivals(run.home.packages(run.series), min_free)
        told = run.rows.imported()
        self._known = {digest: name for digest, name in told.items() if (run.folder / name).exists()}
        self._missing = {digest: name for digest, name in told.items() if digest not in self._known}
        self._unnoted = {file_digest(path): path for path in self._without_note()}
        # An import that was killed is gone on with: the order of the lists that it has read is not lost by that.
        going = run.intake.fold.state.run if run.intake.fold.state.run_id else None
        self._resumed = going is not None and going.origin == "import"
        self._id = going.id if going and self._resumed else f"{now():%Y%m%d%H%M%S}-{uuid.uuid4().hex[:8]}"
        self._recorder: Recorder | None = None
        self._brought: dict[str, Brought] = {}  # by the name that a WARC is kept under

    def take(self, path: Path) -> Brought:
        """Take one file: a WARC, an ARC, or a WACZ. What is wrong with it is in what is given.

        Raises DiskError where the ledger or our own WARC cannot be written: the import has then ended, and the next goes on.
        """
        brought = Brought(str(path))
        try:
            with path.open("rb") as source:
                if source.peek(len(_ZIP)).startswith(_ZIP):
                    self._package(source, path, brought)
                else:
                    self._file(source, path, brought)
        except OSError as error:
            brought.refused = f"cannot be read: {error.strerror or error}"
        if brought.taken:
            fields = {"captures": brought.counts.captures, "damages": len(brought.damages) + brought.untold}
            emit(log, logging.INFO, "import.taken", series=self._run.series, file=path.name, **fields)
        return brought

    def finish(self, *, anew: bool) -> list[Brought]:
        """End the import: take what a killed one left, read it all, derive text and index. Gives what came of what was left.

        anew: files were restored, so the series is folded anew.
        """
        left = [self._left(path) for path in list(self._unnoted.values())]
        if self._recorder is not None or self._resumed:
            recorder = self._begun()
            recorder.note({"lianzai": "import.finished", "run": self._id, "series": self._run.series}, now())
            recorder.close()
            for name, articles in recorder.read.items():
                if name in self._brought:
                    self._brought[name].counts.articles += articles
        if anew:
            self._run.refold()
        if self._run.rows.closed_files():  # a series that holds nothing has neither text nor index
            self._run.derive()
        return left

    # ---------------------------------------------------------------------------------------------- a WARC or ARC

    def _file(self, source: BinaryIO, path: Path, brought: Brought) -> None:
        digest = self._likely(path, self._files(self._warcs.folder))
        if digest is not None and self._has(digest, brought):
            return
        arrival = self._received(self._warcs, pieces_of(source, str(path)), path.name, None, brought)
        if arrival is None:
            return
        piece = self._looked(arrival, path.name, None, brought)
        if piece is not None:
            self._settle(piece)
            self._note(piece, None, brought)

    def _left(self, path: Path) -> Brought:
        """Take a file that a killed import had named and not noted."""
        brought = Brought(str(path))
        imported = Imported(self._run.folder, IMPORTED + path.name, path.stat().st_size, file_digest(path))
        self._note(_Piece(path.name, imported, None), None, brought)
        return brought

    # ----------------------------------------------------------------------------------------------------- a WACZ

    def _package(self, source: BinaryIO, path: Path, brought: Brought) -> None:
        """Keep a WACZ as it is, and take the WARCs in it.

        They get their names before it gets its own, and are noted after that: so what has its name has its WARCs, and what a note
        tells of is there.
        """
        arrival = self._same_or_received(source, path, brought)
        if arrival is None:
            return
        pieces: list[_Piece] = []
        try:
            pieces = self._unpacked(arrival.path, brought)
            if not pieces and not brought.paths:
                return
            for piece in pieces:
                self._settle(piece)
            kept = arrival.settle()
            brought.paths.insert(0, kept)
            place = kept.relative_to(self._run.home.root).as_posix()
            for piece in pieces:
                self._note(piece, {"file": place, "bytes": arrival.bytes, "sha256": arrival.sha256}, brought)
        finally:
            for left in (arrival, *(piece.arrival for piece in pieces)):
                if left is not None:
                    left.discard()

    def _same_or_received(self, source: BinaryIO, path: Path, brought: Brought) -> Arrival | None:
        """Give the package as the series has it already, else its copy; None where that was refused."""
        likely = self._likely(path, self._files(self._packages.folder))
        there = self._package_of(likely) if likely else None
        if there is not None:
            return there
        copied = self._received(self._packages, pieces_of(source, str(path)), path.name, ".wacz", brought)
        there = self._package_of(copied.sha256) if copied and not likely else None  # it came through a pipe
        if copied is None or there is None:
            return copied
        copied.discard()
        return there

    def _package_of(self, digest: str) -> Arrival | None:
        """Find a package that the series keeps by its digest."""
        for path in self._files(self._packages.folder):
            if file_digest(path) == digest:
                return Arrival(path, path.stat().st_size, digest)
        return None

    def _unpacked(self, package: Path, brought: Brought) -> list[_Piece]:
        """Copy the WARCs of a package that are to be taken; none where one of them found no room."""
        pieces: list[_Piece] = []
        try:
            with opened(package, brought.damage) as warcs:
                for warc in warcs:
                    arrival = self._received(self._warcs, warc.pieces(), warc.safe_name, None, brought)
                    if arrival is None:
                        raise DiskError(brought.refused or "")
                    piece = self._looked(arrival, warc.safe_name, warc.name, brought)
                    if piece is not None and piece.imported.sha256 in {one.imported.sha256 for one in pieces}:
                        arrival.discard()
                    elif piece is not None:
                        pieces.append(piece)
            if not pieces and not brought.paths:
                brought.refused = _NOTHING
        except BaseException as error:
            for piece in pieces:
                if piece.arrival is not None:
                    piece.arrival.discard()
            if not isinstance(error, WarcError | DiskError):
                raise
            brought.refused = error.message
            brought.paths.clear()
            return []
        return pieces

    # -------------------------------------------------------------------------------------------------- every WARC

    def _likely(self, path: Path, there: Iterable[Path]) -> str | None:
        """Give the digest of a file where there is one of its size already, else None: most files are read once only."""
        if not path.is_file():
            return None
        size = path.stat().st_size
        return file_digest(path) if any(one.stat().st_size == size for one in there) else None

    def _has(self, digest: str, brought: Brought) -> bool:
        """Tell whether the series has a file, noted and in its place."""
        if digest not in self._known:
            return False
        brought.paths.append(self._run.folder / self._known[digest])
        return True

    def _received(
        self, arrivals: Arrivals, pieces: Iterator[bytes], name: str, extension: str | None, brought: Brought
    ) -> Arrival | None:
        """Copy a file; None where that was refused."""
        done = 0

        def told(size: int) -> None:
            nonlocal done
            done += size
            self._shown.copied(done, name)

        try:
            return arrivals.receive(pieces, name, extension, told)
        except (DiskError, PartialError) as error:
            brought.refused, brought.full = error.message, isinstance(error, DiskError)
            return None

    def _looked(self, arrival: Arrival, given: str, member: str | None, brought: Brought) -> _Piece | None:
        """Look whether a copied WARC holds anything whole; None where it is not to be taken, and then it is gone.

        given: its name as it came. member: its name within a package.
        """
        try:
            if self._has(arrival.sha256, brought) or self._restored(arrival, brought):
                arrival.discard()
                return None
            there = self._unnoted.get(arrival.sha256)
            name = IMPORTED + (there or arrival.final).name
            imported = Imported(self._run.folder, name, arrival.bytes, arrival.sha256)
            whole = _holds_record(there or arrival.path, brought, member)
        except BaseException:
            arrival.discard()
            raise
        if there is not None or not whole:
            arrival.discard()
        if not whole:
            brought.refused = None if member else _NOTHING
            return None
        return _Piece(given, imported, None if there else arrival, member)

    def _restored(self, arrival: Arrival, brought: Brought) -> bool:
        """Put a file back that the series had and has lost; what it says is folded at the end."""
        name = self._missing.pop(arrival.sha256, None)
        if name is None:
            return False
        brought.paths.append(arrival.settle(self._run.folder / name))
        brought.restored += 1
        self._known[arrival.sha256] = name
        return True

    def _settle(self, piece: _Piece) -> None:
        if piece.arrival is not None:
            piece.arrival.settle()

    def _note(self, piece: _Piece, package: dict[str, object] | None, brought: Brought) -> None:
        """Note a file that has its name, and lay out its captures, to be read at the end. package: the WACZ it came in."""
        imported, recorder, run = piece.imported, self._begun(), self._run
        note = {
            "lianzai": "import.taken", "run": self._id, "file": imported.name, "bytes": imported.bytes,
            "sha256": imported.sha256, "name": piece.given, "package": package,
        }  # fmt: skip
        recorder.note(note, now())
        recorder.sync()  # and no more: the ledger must not be behind the note before all of the file is laid out
        damage = partial(brought.damage, member=piece.member)
        try:
            brought.counts += lay_out(run.rows, run.intake, imported, recorder.serial, damage, self._shown.read)
        except OSError as error:
            raise DiskError(
                f"{imported.path}: cannot be read: {error.strerror or error}", action="lianzai doctor"
            ) from error
        recorder.save()
        brought.taken += 1
        brought.paths.append(imported.path)
        self._brought[imported.name] = brought
        self._known[imported.sha256] = imported.name
        self._unnoted.pop(imported.sha256, None)

    def _begun(self) -> Recorder:
        """Begin our own WARC of this import, where that was not done yet."""
        if self._recorder is None:
            run = self._run
            self._recorder = Recorder(run.folder, run.profile, run.rows, run.intake, self._shown.read)
            if not self._resumed:
                self._recorder.note({"lianzai": "import.started", "run": self._id, "series": run.series}, now())
            self._recorder.save()
        return self._recorder

    def _without_note(self) -> Iterator[Path]:
        """Find the files that no note tells of: an import was killed between their names and the notes."""
        noted = self._run.rows.closed_files()
        yield from (path for path in self._files(self._warcs.folder) if IMPORTED + path.name not in noted)

    def _files(self, folder: Path) -> list[Path]:
        """List what is kept in a folder, without what is hidden or still open."""
        there = sorted(folder.iterdir()) if folder.is_dir() else []
        return [path for path in there if path.is_file() and path.name[0] != "." and not path.name.endswith(OPEN)]


def _holds_record(path: Path, brought: Brought, member: str | None) -> bool:
    """Look whether any record of a file is whole; where none is, its damages are told (else they will be when it is laid out)."""
    seen = Brought(brought.what)
    for _ in read_foreign(path, partial(seen.damage, member=member)):
        return True
    brought.damages += seen.damages
    brought.untold += seen.untold
    return False
