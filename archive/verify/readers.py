"""Read a WARC of ours to its last byte, and hold it against the ledger's rows of it.

Takes   a Task.
Gives   a FileRead.
Writes  a database of the ids and references in the file, beside the account's (account.py).
"""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from .account import Compared, FileAccount
from .record import Note
from .scan import Fault, Scan


@dataclass(frozen=True, slots=True)
class Task:
    """A WARC of ours to be read. name: in its series' folder. sha256, bytes: as the ledger has them, None where it has none."""

    path: Path
    name: str
    sha256: str | None
    rows: Path
    seen: Path
    bytes: int | None = None


@dataclass(slots=True)
class FileRead:
    """What was found in one file. unreadable: why it could not be read; then nothing else is known of it."""

    name: str
    size: int = 0
    sha256: str = ""
    records: int = 0
    faults: list[Fault] = field(default_factory=list)
    compared: Compared = field(default_factory=Compared)
    evidence: str | None = None
    notes: list[Note] = field(default_factory=list)
    unreadable: str | None = None

    def count(self) -> None:
        """Count a record."""
        self.records += 1


def read_file(task: Task) -> FileRead:
    """Read one file. Raises sqlite3.OperationalError where there is no room for what was seen."""
    found, scan = FileRead(task.name), Scan(task.path)
    with closing(FileAccount(task.rows, task.seen, task.name)) as account:
        try:
            for one in scan:
                if isinstance(one, Fault):
                    found.faults.append(one)
                    continue
                account.take(one)
                if one.record.note is not None:
                    found.notes.append(one.record.note)
        except OSError as error:
            return FileRead(task.name, unreadable=str(error.strerror or error))
        found.compared, found.evidence = account.finish(), account.evidence
    found.size, found.sha256, found.records = scan.size, scan.sha256, scan.records
    if task.sha256 not in (None, scan.sha256) and not found.faults and not found.compared:
        found.faults = scan.odd_heads()
    return found
