"""Find captures in the indexes of a home.

Takes   the folder of indexes, <series>.cdxj, each sorted bytewise; an address, or the beginning of keys.
Gives   Lines: what all indexes say of one key, oldest first; lines under a beginning, in the order of an index.
Writes  nothing.

Each file is mapped and searched by halving: some 20 us a file, whatever its length. An index is replaced by renaming, which
changes the time of the folder: one look at that tells whether anything is new.
"""

from __future__ import annotations

import heapq
import json
import mmap
import os
import re
import threading
import time
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from ..errors import IntegrityError
from ..surt import surt

_SETTLED_NS = 1_000_000_000  # two changes within one tick of the clock have one time: what is so new is looked at again
_SUFFIX = ".cdxj"
_LINE = re.compile(rb"(\S+) (\d{14}) (\{.*\})\n?")


@dataclass(frozen=True, slots=True)
class Indexed:
    """One line of an index, taken apart.

    time: 14 digits, UTC. status: None where none is told. file: relative to the folder of the series' WARCs. offset, length:
    bytes; member: as in model.Capture.
    """

    series: str
    key: str
    time: str
    url: str
    mime: str
    status: int | None
    digest: str
    file: str
    offset: int
    length: int
    member: tuple[int, int] | None = None

    @property
    def is_revisit(self) -> bool:
        """Say whether another record holds its payload."""
        return self.mime == "warc/revisit"


def parsed(line: bytes, series: str) -> Indexed:
    """Take a line apart. Raises ValueError or KeyError where it is none of an index."""
    match = _LINE.fullmatch(line)
    if match is None:
        raise ValueError(f"no line of an index: {line[:60]!r}")
    told = fields_told(match[3])
    status = told.get("status", "")
    return Indexed(
        series=series,
        key=match[1].decode("ascii"),
        time=match[2].decode("ascii"),
        url=told["url"],
        mime=told.get("mime", ""),
        status=int(status) if status.isdigit() else None,
        digest=told.get("digest", ""),
        file=told["filename"],
        offset=int(told["offset"]),
        length=int(told["length"]),
        member=(int(told["member"]), int(told["skip"])) if "member" in told else None,
    )


def fields_told(octets: bytes) -> dict[str, str]:
    """Read the JSON of a line. Raises ValueError where it is no object of texts."""
    try:
        told = json.loads(octets)
    except RecursionError as error:
        raise ValueError("JSON nested too deeply") from error
    if not isinstance(told, dict) or not all(isinstance(value, str) for value in told.values()):
        raise ValueError("a value that is no text")
    return told


def time_of(line: bytes) -> bytes:
    """Give the 14 digits of a line; whatever stands in their place where it is damaged."""
    return line.partition(b" ")[2][:14]


class Lines:
    """The captures under one key, oldest first; each is taken apart when it is looked at."""

    def __init__(self, lines: list[tuple[bytes, str]]) -> None:
        self._lines = lines
        self._known: dict[int, Indexed] = {}

    def __len__(self) -> int:
        """Count them."""
        return len(self._lines)

    def __getitem__(self, at: int) -> Indexed:
        """Give the one at a place, counted from 0. Raises IndexError behind the last, IntegrityError for a damaged line."""
        if at not in self._known:
            line, series = self._lines[at]
            try:
                self._known[at] = parsed(line, series)
            except (ValueError, KeyError) as error:
                raise IntegrityError(
                    f"the index of {series} is damaged: {line[:60]!r} is no line of one", action="lianzai rebuild"
                ) from error
        return self._known[at]

    def __iter__(self) -> Iterator[Indexed]:
        """Give them one after another."""
        return (self[at] for at in range(len(self)))

    def first_from(self, moment: str) -> int:
        """Give the place of the first capture of that time or later. moment: 14 digits."""
        return bisect_left(self._lines, moment.encode("ascii"), key=lambda line: time_of(line[0]))

    def raw(self) -> list[bytes]:
        """Give the lines as they stand in the indexes, with line ends."""
        return [line for line, _ in self._lines]


class Index:
    """All indexes of a home. Threads may look things up at once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._maps: dict[str, _Map] = {}
        self._seen: int | None = (
            None  # time of the folder when it was looked through, where nothing newer can hide behind it
        )

    def captures(self, url: str, series: str | None = None) -> Lines:
        """Give all captures under the key of an address, of all series or of one."""
        return self.under(surt(url).encode("ascii") + b" ", series)

    def under(self, beginning: bytes, series: str | None = None) -> Lines:
        """Give all lines that begin so, sorted bytewise."""
        maps = [one for one in self._current() if series is None or one.series == series]
        found = [(line, one.series) for one in maps for line in one.beginning(beginning)]
        found.sort(key=lambda line: line[0])
        return Lines(found)

    def between(self, beginnings: Sequence[bytes]) -> Iterator[tuple[bytes, str]]:
        """Give lines that begin in one of several ways, each with its series, sorted bytewise, one after another."""
        runs = [one.lines(beginning) for beginning in beginnings for one in self._current()]
        return heapq.merge(*runs)

    def _current(self) -> list[_Map]:
        try:
            changed = self._folder.stat().st_mtime_ns
        except FileNotFoundError:
            return []
        with self._lock:
            if changed != self._seen:
                now = time.time_ns()
                self._look()
                self._seen = changed if now - changed > _SETTLED_NS else None
            return list(self._maps.values())

    def _look(self) -> None:
        """Map what is new or another file than before; what was mapped and is gone stays readable for who reads it."""
        found: dict[str, _Map] = {}
        for entry in os.scandir(self._folder):
            if not entry.name.endswith(_SUFFIX):
                continue
            with suppress(FileNotFoundError):
                series, status = entry.name.removesuffix(_SUFFIX), Path(entry.path).stat()
                mark = (status.st_ino, status.st_size, status.st_mtime_ns)
                known = self._maps.get(series)
                found[series] = known if known and known.mark == mark else _Map(Path(entry.path), series, mark)
        self._maps = found


class _Map:
    """One index in memory."""

    def __init__(self, path: Path, series: str, mark: tuple[int, int, int]) -> None:
        self.series, self.mark = series, mark
        with path.open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            self._octets = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) if size else b""

    def beginning(self, beginning: bytes) -> list[bytes]:
        """Give the lines that begin so."""
        start = self._first(beginning)
        stretch = self._octets[start : self._first(_behind(beginning))]
        return stretch.splitlines(keepends=True)  # no other line ends: the JSON is ASCII, its controls escaped

    def lines(self, beginning: bytes) -> Iterator[tuple[bytes, str]]:
        """Give them one by one."""
        at, end = self._first(beginning), self._first(_behind(beginning))
        while at < end:
            behind = self._octets.find(b"\n", at) + 1 or end
            yield self._octets[at:behind], self.series
            at = behind

    def _first(self, wanted: bytes) -> int:
        """Give the offset of the first line that is not before `wanted`."""
        octets, width = self._octets, len(wanted)
        low, high = 0, len(octets)
        while low < high:
            middle = (low + high) // 2
            start = octets.rfind(b"\n", low, middle) + 1 or low
            if octets[start : start + width] < wanted:
                low = octets.find(b"\n", middle) + 1 or len(octets)
            else:
                high = start
        return low


def _behind(beginning: bytes) -> bytes:
    """Give what sorts behind all that begins so. The last byte is never 255: keys are ASCII."""
    return beginning[:-1] + bytes([beginning[-1] + 1])
