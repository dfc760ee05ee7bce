"""Sort more lines than memory holds.

Takes   lines as bytes, in any order and number.
Gives   them sorted bytewise, each once.
Writes  sorted runs as temporary files without a name, gone with the process.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from typing import BinaryIO

RUN_BYTES = 32 << 20  # bytes of lines in memory at once: some 100,000 lines, and as much again for Python's objects
_MAX_RUNS = 64  # open files; more runs are merged into one


def sorted_lines(lines: Iterable[bytes], *, run_bytes: int = RUN_BYTES) -> Iterator[bytes]:
    """Sort lines, each with its line end. run_bytes: of lines in memory. Raises OSError where the disk refuses."""
    with ExitStack() as runs:
        files: list[BinaryIO] = []
        held: list[bytes] = []
        size = 0
        for line in lines:
            held.append(line)
            size += len(line)
            if size >= run_bytes:
                files = _with_run(runs, files, sorted(held))
                held, size = [], 0
        yield from _once(heapq.merge(*files, sorted(held)))


def _with_run(runs: ExitStack, files: list[BinaryIO], lines: Iterable[bytes]) -> list[BinaryIO]:
    """Keep a sorted run as a file; gives all runs, merged into one where they have become many."""
    if len(files) < _MAX_RUNS:
        return [*files, _kept(runs, lines)]
    merged = _kept(runs, heapq.merge(*files, lines))
    for file in files:
        file.close()
    return [merged]


def _kept(runs: ExitStack, lines: Iterable[bytes]) -> BinaryIO:
    import tempfile  # only large indexes want it

    file: BinaryIO = runs.enter_context(tempfile.TemporaryFile())  # noqa: SIM115  closed with the stack
    file.writelines(_once(lines))
    file.seek(0)
    return file


def _once(lines: Iterable[bytes]) -> Iterator[bytes]:
    """Leave out a line that equals the one before."""
    last = None
    for line in lines:
        if line != last:
            yield line
        last = line
