"""What an event of the history names as evidence for files: the first record of each WARC of ours.

Takes   a home, paths in it. Gives: record ids, at most _MOST of them. Writes: nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from ..errors import WarcError
from ..home import Home
from ..warc import read_at

_MOST = 100  # record ids that an event names


def evidence_of(home: Home, paths: Iterable[str]) -> list[str]:
    """Give the ids of the warcinfo records of those paths that are WARCs of ours and here."""
    names = [path for path in sorted(paths) if path.startswith("warc/") and "/imported/" not in path]
    return [name for path in names[:_MOST] if (name := _first_record(home.root / path))]


def _first_record(path: Path) -> str | None:
    with suppress(WarcError, OSError):
        return read_at(path, 0).record_id
    return None
