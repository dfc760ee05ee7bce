"""Which WARCs of a series go into a bundle, and the captures in them.

Takes   the home, the series, a connection of the ledger.
Gives   the closed files in the order of their serials, those left out, the captures of the closed ones.
Writes  nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ..errors import IntegrityError, NotFoundError, WarcError
from ..home import Home
from ..ledger import queries
from ..ledger.holdings import HeldFile, held_files
from ..ledger.queries import Connection
from ..model import Capture
from ..warc import capture_of, read_records, series_files


@dataclass(frozen=True, slots=True)
class Warcs:
    """The closed WARCs of a series. held: what the ledger knows of them, by name; left_out: names of unfinished files."""

    paths: tuple[Path, ...]
    held: dict[str, HeldFile]
    left_out: tuple[str, ...]

    @property
    def names(self) -> frozenset[str]:
        """Names of the closed files."""
        return frozenset(path.name for path in self.paths)


def closed_warcs(connection: Connection, home: Home, series: str) -> Warcs:
    """Find the closed WARCs of a series. An unfinished file may still grow or be cut, so it is left out.

    Raises NotFoundError where there is none, IntegrityError where one that the ledger knows is gone.
    """
    folder = home.warc(series)
    paths = tuple(series_files(folder, series))
    held = held_files(connection, series)
    if gone := sorted(held.keys() - {path.name for path in paths}):
        raise IntegrityError(f"{folder / gone[0]}: {len(gone)} of its WARCs missing", action="lianzai verify")
    if not paths:
        raise NotFoundError(f"{series}: no closed WARC yet", action=f"lianzai crawl {series}")
    left_out = tuple(sorted(path.name for path in folder.glob("*.warc.gz.open")))
    return Warcs(paths, held, left_out)


def captures_in(connection: Connection, series: str, warcs: Warcs) -> Iterator[Capture]:
    """Walk every response, revisit and resource of the closed WARCs, in no order.

    A file that was closed and of which the ledger has not heard yet (its run was killed just then) is read itself.
    Raises WarcError where the ledger speaks of bytes that a file does not have, or a file that is read is damaged.
    """
    sizes = {path.name: path.stat().st_size for path in warcs.paths}
    for capture in queries.captures(connection, series):
        if capture.file not in warcs.held:
            continue
        if capture.offset + capture.length > sizes[capture.file]:
            raise WarcError(
                f"{capture.file}: offset {capture.offset}: expected a record, found the end", action="lianzai verify"
            )
        yield capture
    for path in warcs.paths:
        if path.name not in warcs.held:
            yield from filter(None, map(capture_of, read_records(path)))
