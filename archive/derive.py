"""The text files of a series, made of the ledger; they can be made again at any time, the same to the byte.

Takes   a connection of the ledger and a home.
Writes  text/<series>/<position>-<id>.md and text/<series>/<series>.jsonl, each only where it changed; files of articles
        that have moved or gone from the ledger are removed.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from .errors import DiskError
from .formats import to_markdown
from .home import Home, write_atomically
from .index import cdxj_line, write_index
from .ledger import queries
from .ledger.queries import Connection
from .steering import steerless
from .views import document

# When an article was last looked at says nothing of its text, and would change every file at every crawl.
_LEFT_OUT = frozenset({"last_checked"})
_ENCODE = json.JSONEncoder(ensure_ascii=False).encode


def write_derived(connection: Connection, home: Home, series: str) -> list[Path]:
    """Bring text files and CDXJ of a series up to the ledger; give the paths that changed. Raises DiskError."""
    changed = write_text(connection, home, series)
    index = home.index(series)
    if write_index(index, (cdxj_line(capture) for capture in queries.captures(connection, series))):
        changed.append(index)
    return changed


def write_text(connection: Connection, home: Home, series: str) -> list[Path]:
    """Bring the text files of a series up to the ledger; give the paths that changed, removed ones too.

    No file is fsynced: a power cut may lose derived files, and the next call mends them. Memory does not grow with the
    series. Raises DiskError where the disk refuses.
    """
    folder = home.text(series)
    changed: list[Path] = []
    current: set[str] = {f"{series}.jsonl"}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("wb", dir=folder, prefix=".", suffix=".part", delete=False) as lines:
            for shown in documents(connection, series):
                path = folder / f"{shown['position'] or 0}-{shown['id']}.md"
                current.add(path.name)
                if write_atomically(path, to_markdown(shown).encode("utf-8", "backslashreplace"), durable=False):
                    changed.append(path)
                lines.write(line_of(shown))
        changed += _settle(Path(lines.name), folder / f"{series}.jsonl")
        changed += _remove_stale(folder, current)
    except OSError as error:
        raise DiskError(f"{folder}: cannot be written: {error.strerror}", action="lianzai doctor") from error
    return changed


def documents(connection: Connection, series: str) -> Iterator[dict[str, Any]]:
    """Walk the captured instalments of a series in its order, as the text files have them."""
    for row, revision in queries.shown_revisions(connection, series):
        yield {key: value for key, value in document(row, revision).items() if key not in _LEFT_OUT}


def line_of(shown: dict[str, Any]) -> bytes:
    """Write an instalment as a line of JSON. A lone surrogate has no UTF-8; its escape is what JSON writes for it.

    Separators of lines, which not a few readers take for the end of one, are escapes too.
    """
    return steerless(_ENCODE(shown)).encode("utf-8", "backslashreplace") + b"\n"


def _settle(written: Path, path: Path) -> list[Path]:
    """Put a written file in its place unless the same lies there."""
    if path.is_file() and _same(written, path):
        written.unlink()
        return []
    written.chmod(0o644)
    written.replace(path)
    return [path]


def _same(one: Path, other: Path) -> bool:
    if one.stat().st_size != other.stat().st_size:
        return False
    with one.open("rb") as a, other.open("rb") as b:
        while block := a.read(1 << 16):
            if block != b.read(1 << 16):
                return False
    return True


def _remove_stale(folder: Path, current: set[str]) -> list[Path]:
    stale = [path for path in folder.iterdir() if path.name not in current and path.suffix in {".md", ".part"}]
    for path in stale:
        path.unlink()
    return [path for path in stale if path.suffix == ".md"]
