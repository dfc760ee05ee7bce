"""Which WARCs of a series go into a bundle, and the captures in them.

Takes   the home, the series, a connection of the ledger.
Gives   the closed files in the order of their serials, then those that were imported; what is left out; the captures.
Writes  nothing.

A bundle holds files as they are kept, under flat names, and its index tells where in a file a record begins and ends. So what
cannot be told so is left out: an ARC (a WACZ holds WARCs), and the records that share a gzip member with others.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from ..errors import IntegrityError, NotFoundError, WarcError
from ..home import Home
from ..ledger import queries
from ..ledger.holdings import HeldFile, held_files, imported_captures
from ..ledger.queries import Connection
from ..model import IMPORTED, Capture
from ..warc import capture_of, read_records, series_files

_GZIP = b"\x1f\x8b"
_START = 1 << 16  # bytes of a file in which its first record shows what it is


@dataclass(frozen=True, slots=True)
class Included:
    """One WARC of a bundle. name: as ledger and captures have it. member: its name in archive/, unlike all others there."""

    path: Path
    name: str
    member: str


@dataclass(frozen=True, slots=True)
class Refused:
    """What a bundle cannot hold. path: of the file. why: also where only some of its records are meant."""

    path: Path
    why: str


@dataclass(frozen=True, slots=True)
class Warcs:
    """The WARCs of a bundle. held: what the ledger knows of them, by name; left_out: names of unfinished files."""

    files: tuple[Included, ...]
    held: dict[str, HeldFile]
    left_out: tuple[str, ...]
    refused: tuple[Refused, ...]

    @property
    def names(self) -> frozenset[str]:
        """Names of the files, as captures have them."""
        return frozenset(one.name for one in self.files)


def closed_warcs(connection: Connection, home: Home, series: str) -> Warcs:
    """Find the closed WARCs of a series. An unfinished file may still grow or be cut, so it is left out.

    Raises NotFoundError where there is none, IntegrityError where one that the ledger knows is gone.
    """
    folder = home.warc(series)
    own = [(path, path.name) for path in series_files(folder, series)]
    held = held_files(connection, series)
    others = [(folder / name, name) for name in sorted(held) if name.startswith(IMPORTED)]
    there = {name for path, name in (*own, *others) if path.is_file()}
    if gone := sorted(held.keys() - there):
        raise IntegrityError(f"{folder / gone[0]}: {len(gone)} of its WARCs missing", action="lianzai verify")
    if not own and not others:
        raise NotFoundError(f"{series}: no closed WARC yet", action=f"lianzai crawl {series}")
    files, refused = _fitting(connection, series, others)
    left_out = tuple(sorted(path.name for path in folder.glob("*.warc.gz.open")))
    return Warcs(tuple(_named([*own, *files])), held, left_out, tuple(refused))


def _fitting(
    connection: Connection, series: str, others: list[tuple[Path, str]]
) -> tuple[list[tuple[Path, str]], list[Refused]]:
    """Part the imported files in those that a bundle can hold, and what of them it cannot."""
    files, refused = [], []
    counts = imported_captures(connection, series) if others else {}
    for path, name in others:
        count = counts.get(name)
        if _is_arc(path):
            refused.append(Refused(path, "left out, it is an ARC, and a WACZ holds WARCs"))
            continue
        if count and count.shared == count.all:
            refused.append(
                Refused(path, "left out, its records share gzip members: no index can tell where one begins")
            )
            continue
        if count and count.shared:
            why = (
                f"{count.shared} of its {count.all} captures are not in the index: they share gzip members with others"
            )
            refused.append(Refused(path, why))
        files.append((path, name))
    return files, refused


def _named(files: list[tuple[Path, str]]) -> Iterator[Included]:
    """Give each file its name in archive/: its own, with `imported-` before it where another file has that already.

    Names that differ by case only are held to be the same: a WACZ may be unzipped where they are.
    """
    taken: set[str] = set()
    for path, name in files:
        member = _with_ending(path) if name.startswith(IMPORTED) else name
        while member.lower() in taken:
            member = f"imported-{member}"
        taken.add(member.lower())
        yield Included(path, name, member)


def _with_ending(path: Path) -> str:
    """Give a file's name with the ending by which replays know what it is."""
    ending = ".warc.gz" if _start(path, 2) == _GZIP else ".warc"
    name = path.name
    if name.lower().endswith(ending):
        return name
    return name.removesuffix(".gz").removesuffix(".warc") + ending


def _is_arc(path: Path) -> bool:
    """Say whether a file begins as an ARC does; where its beginning is damaged, by its name."""
    start = _start(path, _START)
    if start.startswith(_GZIP):
        try:
            start = zlib.decompressobj(wbits=31).decompress(start, _START)
        except zlib.error:
            start = b""
    return start.startswith(b"filedesc:") or (b"WARC/" not in start and ".arc" in path.suffixes)


def _start(path: Path, size: int) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(size)
    except OSError as error:
        raise IntegrityError(f"{path}: cannot be read: {error.strerror}", action="lianzai verify") from error


def captures_in(connection: Connection, series: str, warcs: Warcs) -> Iterator[Capture]:
    """Walk every response, revisit and resource of the files that an index can tell of, in no order; `file` is its member.

    A file that was closed and of which the ledger has not heard yet (its run was killed just then) is read itself.
    Raises WarcError where the ledger speaks of bytes that a file does not have, or a file that is read is damaged.
    """
    files = {one.name: one for one in warcs.files}
    sizes = {one.name: one.path.stat().st_size for one in warcs.files}
    for capture in queries.captures(connection, series):
        if capture.file not in warcs.held or capture.file not in files or capture.member is not None:
            continue
        if capture.offset + capture.length > sizes[capture.file]:
            raise WarcError(
                f"{capture.file}: offset {capture.offset}: expected a record, found the end", action="lianzai verify"
            )
        member = files[capture.file].member
        yield capture if member == capture.file else replace(capture, file=member)
    for one in warcs.files:
        if one.name not in warcs.held:
            yield from filter(None, map(capture_of, read_records(one.path)))
