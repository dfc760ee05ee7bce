"""Compare text files and CDXJ with what the ledger derives; they are derived anew where they differ.

Takes   a connection of the ledger, a home, a series; nobody may be crawling it.
Gives   by path what is damaged, and what is missing.
Writes  a temporary folder with everything derived once more, removed again; with repair, the files that differ.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from ..derive import write_derived
from ..fixity import file_digest
from ..home import Home
from ..ledger.queries import Connection
from .report import Damage

NOTHING = "nothing"  # where no file should be, or none can be read


@dataclass(slots=True)
class Derived:
    """What was found. checked: files that should be there."""

    checked: int = 0
    damaged: list[Damage] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    whole: list[str] = field(default_factory=list)


def compare(connection: Connection, home: Home, series: str) -> Derived:
    """Derive a series into a folder of its own and compare file by file. Raises DiskError."""
    found = Derived()
    with tempfile.TemporaryDirectory(prefix="lianzai-verify-") as folder:
        fresh = Home(Path(folder))
        write_derived(connection, fresh, series)
        wanted = _files(fresh, series)
        for path in sorted(wanted):
            found.checked += 1
            _compare(fresh.root / path, home.root / path, path, found)
        found.damaged += [
            Damage(path, NOTHING, _digest(home.root / path), why=["the ledger derives no such file"])
            for path in sorted(_files(home, series) - wanted)
        ]
    return found


def _files(home: Home, series: str) -> set[str]:
    """Name the derived files of a series, relative to the home; what is being written now (hidden) left out."""
    index, folder = home.index(series), home.text(series)
    paths = [*folder.iterdir()] if folder.is_dir() else []
    mine = [path for path in paths if path.suffix == ".md" or path.name == f"{series}.jsonl"]
    shown = [path for path in mine if not path.name.startswith(".")]
    return {path.relative_to(home.root).as_posix() for path in [*shown, *([index] if index.is_file() else [])]}


def _compare(fresh: Path, kept: Path, path: str, found: Derived) -> None:
    if not kept.exists():
        found.missing.append(path)
        return
    expected, digest = file_digest(fresh), _digest(kept)
    if expected != digest:
        found.damaged.append(Damage(path, expected, digest, why=["not what the ledger derives"]))
    else:
        found.whole.append(path)


def _digest(path: Path) -> str:
    try:
        return file_digest(path)
    except OSError as error:
        return f"{NOTHING} readable: {error.strerror}"
