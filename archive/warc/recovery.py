"""Close what a killed run left open; find a series' files and its next serial.

Takes   the folder of a series' WARCs.
Gives   the files in the order of their serials, the next serial, the files that were recovered.
Writes  renames `<name>.warc.gz.open` to `<name>.warc.gz` after cutting it behind its last whole exchange; removes copies
        of imported files that were not whole yet.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from ..errors import DiskError, IntegrityError, WarcError
from ..model import IMPORTED
from .reader import last_whole_exchange, read_records
from .writer import OPEN, sync_folder

_MEMBER = b"\x1f\x8b\x08"  # begins a gzip member
_WINDOW = 1 << 20  # bytes searched at once
PART = ".part"  # ends the name of a file while it is copied here from elsewhere (home.part_of)

WARC_NAME = re.compile(r"(?P<series>[a-z0-9][a-z0-9-]*)-\d{14}-(?P<serial>\d{5,})\.warc\.gz(?P<open>\.open)?")


def series_files(folder: Path, series: str) -> list[Path]:
    """Give the closed WARCs of a series in the order of their serials; none where the folder is not there."""
    return [path for _, path in sorted(_named(folder, series)) if path.suffix != OPEN]


def in_order(names: Iterable[str]) -> list[str]:
    """Give names of a series' closed WARCs in the order of their serials; where the clock went back it is not that of the names.

    >>> in_order(["q-20260102000000-00001.warc.gz", "q-20260101000000-00002.warc.gz"])[0]
    'q-20260102000000-00001.warc.gz'
    """

    def place(name: str) -> tuple[int, str]:
        match = WARC_NAME.fullmatch(name)
        return (int(match["serial"]) if match else 0, name)

    return sorted(names, key=place)


def next_serial(folder: Path, series: str, known: Iterable[str] = ()) -> int:
    """Give the serial of the series' next file: one more than the highest there is, closed or open; at first 1.

    known: names of files that were there, missing ones too: what comes back by a repair keeps its place in the order.
    """
    missing = (int(match["serial"]) for name in known if (match := WARC_NAME.fullmatch(name)))
    return max((*missing, *(serial for serial, _ in _named(folder, series))), default=0) + 1


def serial_of(name: str) -> int:
    """Give the serial of a WARC by its final name, as series_files gives them."""
    return int(name.removesuffix(".warc.gz").rpartition("-")[2])


def recover(folder: Path, series: str, *, synced: Mapping[str, int] | None = None) -> list[Path]:
    """Close every file that a killed run left open, so that it holds nothing but whole exchanges.

    synced: by final name, how many bytes are known to be whole and durable (the ledger speaks of nothing beyond); the
    scan begins there. A file without one whole record is removed. Nobody may be writing the series.
    Returns the closed files in the order of their serials. Raises IntegrityError where a file of the final name is
    there already (neither is touched), DiskError where the disk refuses.
    """
    remove_unfinished(folder, PART)
    remove_unfinished(folder / IMPORTED)
    opened = [path for _, path in sorted(_named(folder, series)) if path.suffix == OPEN]
    closed = [final for path in opened if (final := _close(path, (synced or {}).get(path.stem, 0)))]
    if opened:
        sync_folder(folder)
    return closed


def remove_unfinished(folder: Path, endings: tuple[str, ...] | str = (OPEN, PART)) -> None:
    """Remove the copies that a kill left without their names: no record tells of one, and what they are copies of is there.

    endings: by which they are known. Raises DiskError.
    """
    try:
        left = [path for path in folder.iterdir() if path.name.endswith(endings)] if folder.is_dir() else []
        for path in left:
            path.unlink()
    except OSError as error:
        raise DiskError(f"{folder}: cannot be recovered: {error.strerror or error}") from error
    if left:
        sync_folder(folder)


def _named(folder: Path, series: str) -> Iterator[tuple[int, Path]]:
    """Give serial and path of each file of the series, in no order."""
    if not folder.is_dir():
        return
    for path in folder.iterdir():
        match = WARC_NAME.fullmatch(path.name)
        if match and match["series"] == series:
            yield int(match["serial"]), path


def _close(path: Path, start: int) -> Path | None:
    """Cut one open file behind its last whole exchange and give it its final name; remove it if nothing is left."""
    final = path.with_suffix("")
    if os.path.lexists(final):
        raise IntegrityError(
            f"{path}: cannot be closed, {final.name} exists already; neither was changed",
            action=f"compare the two and move one of them out of {path.parent}",
        )
    try:
        size = path.stat().st_size
        whole = _end_of_whole(path, start if start <= size else 0)
        if whole == 0:
            path.unlink()
            return None
        _cut(path, whole)
        path.rename(final)
    except OSError as error:
        raise DiskError(f"{path}: cannot be closed: {error.strerror or error}") from error
    return final


def _end_of_whole(path: Path, start: int) -> int:
    """Tell behind which byte a file is to be cut. start: up to where it was known to be whole. Raises OSError."""
    whole, fault = last_whole_exchange(path, start=start)
    if fault is None or whole > start or not start:
        return whole
    # The next exchange is torn; or the place is none of this file's, and then the file alone tells what is whole.
    whole, _ = last_whole_exchange(path)
    # Damage before the place takes nothing from what stands behind it: verify names it. A tail that never reached the disk goes.
    return start if whole < start and _leads_to(path, whole, start) else whole


def _leads_to(path: Path, begin: int, end: int) -> bool:
    """Say whether, behind a damaged place, whole records follow one on the other up to `end`. Raises OSError."""
    at = begin + 1
    while (found := _next_member(path, at, end)) is not None:
        at = found + 1
        with suppress(WarcError):
            for record in read_records(path, start=found):
                at = record.offset + record.length
                if at >= end:
                    return at == end
    return False


def _next_member(path: Path, at: int, end: int) -> int | None:
    """Find what may begin a gzip member, from a place on and before another; None where nothing does."""
    with path.open("rb") as file:
        while at < end:
            file.seek(at)
            window = file.read(_WINDOW)
            found = window.find(_MEMBER)
            if found >= 0 or len(window) < _WINDOW:
                return at + found if 0 <= found < end - at else None
            at += len(window) - len(_MEMBER) + 1
    return None


def _cut(path: Path, size: int) -> None:
    descriptor = os.open(path, os.O_WRONLY)
    try:
        if os.fstat(descriptor).st_size != size:
            os.ftruncate(descriptor, size)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
