"""Hold what runs and imports say of themselves in the WARCs of a series against what the ledger's rows say of them.

Takes   the notes of each file; what rows tell (archive.ledger.agreement), of the moment at which the files were named.
Gives   which files of others were taken, and what they were then; each disagreement as a sentence.
Writes  nothing. Of a run a few words are held; of an import one value a file.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from ..ledger.agreement import RunTold, Taken, ToldByRows, digest_of
from ..ledger.fixity import KeptFile
from ..warc import serial_of
from .record import TOO_LONG, Note


@dataclass(slots=True)
class Notes:
    """The notes of a series.

    runs: of crawls. ours: ids of crawls and of imports. taken: name ("imported/…") -> what the file was. packages: path in the
    home -> what the WACZ was that files came in; unpacked: by the same, the names of those. whole: no note was too long to be
    read.
    """

    runs: dict[str, RunTold] = field(default_factory=dict)
    ours: set[str] = field(default_factory=set)
    taken: dict[str, Taken] = field(default_factory=dict)
    packages: dict[str, KeptFile] = field(default_factory=dict)
    unpacked: dict[str, list[str]] = field(default_factory=dict)
    whole: bool = True

    def take(self, file: str, notes: Iterable[Note]) -> None:
        """Take the notes of one file of ours; files come in the order of their serials."""
        for note in notes:
            run = str(note.values.get("run"))
            match note.kind:
                case "run.started":
                    self.ours.add(run)
                    self.runs.setdefault(run, RunTold(note.date))
                case "run.finished":
                    begun = self.runs.get(run, RunTold(""))  # no run ends that did not begin
                    outcome, skipped = str(note.values.get("outcome")), digest_of(note.values.get("skipped", []))
                    self.runs[run] = replace(begun, finished=note.date, outcome=outcome, skipped=skipped)
                case "import.started":
                    self.ours.add(run)
                case "import.taken":
                    self._taken(note.values, serial_of(file))
                case kind if kind == TOO_LONG:
                    self.whole = False

    def _taken(self, values: dict[str, Any], serial: int) -> None:
        taken = Taken(str(values["file"]), int(values["bytes"]), str(values["sha256"]), serial)
        self.taken[taken.name] = taken
        if package := values.get("package"):
            path = str(package["file"])
            self.packages[path] = KeptFile(path, int(package["bytes"]), str(package["sha256"]), 0)
            self.unpacked.setdefault(path, []).append(taken.name)

    def disagreements(self, rows: ToldByRows) -> Iterator[str]:
        """Compare both ways; all files that the rows speak of must have been read, and be sound."""
        for name in sorted(self.runs.keys() | rows.runs.keys()):
            note, row = self.runs.get(name), rows.runs.get(name)
            if row is None:
                yield f"the run {name} is in a WARC, but not in the ledger"
            elif note is None:
                yield f"the run {name} is in no WARC"
            elif note != row:
                yield f"the run {name} is otherwise than its notes say"
        yield from (f"the run {name} counts otherwise than its events" for name in rows.miscounted)
        for table, runs in rows.of_runs.items():
            yield from (f"{table} of the run {name}, which is in no WARC" for name in sorted(runs - self.ours))
        for name in sorted(self.taken.keys() | rows.taken.keys()):
            if name not in rows.taken:
                yield f"{name}: imported, but not in the ledger"
            elif name not in self.taken:
                yield f"{name}: in the ledger, but no WARC tells of its import"
            elif self.taken[name] != rows.taken[name]:
                yield f"{name}: its row is otherwise than the note of its import"
