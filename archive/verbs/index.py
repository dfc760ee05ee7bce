"""`lianzai index`: CDXJ of any WARC or ARC.

Takes   files, packed or not, whoever made them; pipes too. Gives: CDXJ lines, sorted bytewise, each once. Writes nothing.
A file that cannot be read, and each damage in one, is a line on stderr with file and offset; the exit code is then 3.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from .. import terminal
from ..config import Config
from ..errors import PartialError

if TYPE_CHECKING:
    from ..warc.foreign import Damage

_MAX_TOLD: Final = 100  # damages of one file that are told singly: a disk's worth of them would bury the first


@click.command("index")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="WARC…")
@click.pass_context
def command(context: click.Context, files: tuple[Path, ...]) -> None:
    """CDXJ of any WARC or ARC, one line a capture, sorted, whether or not --json is given.

    Of a damaged file all records that are whole are indexed, and the rest is told on stderr.
    """
    from ..index import sorted_lines

    report = _Report(context.obj)
    gc.freeze()  # what is imported stays: looking through it again and again took 5 % of the time
    sys.stdout.flush()
    sys.stdout.buffer.writelines(sorted_lines(_lines(files, report)))
    sys.stdout.flush()
    if report.failed:
        context.exit(PartialError.exit_code)


def _lines(files: tuple[Path, ...], report: _Report) -> Iterator[bytes]:
    """Index one file after the other."""
    from ..index import foreign_lines

    for path in files:
        report.begin(path)
        try:
            yield from foreign_lines(path, report.damage)
        except OSError as error:
            report.say(f"cannot be read: {error.strerror or error}; try: another path")
        report.end()


class _Report:
    """What is told on stderr. failed: something was."""

    def __init__(self, config: Config) -> None:
        self._config, self._path, self._told = config, Path(), 0
        self.failed = False

    def begin(self, path: Path) -> None:
        self._path, self._told = path, 0

    def damage(self, damage: Damage) -> None:
        """Tell one damage, unless there were too many."""
        self._told += 1
        if self._told <= _MAX_TOLD:
            self.say(str(damage))

    def end(self) -> None:
        """Tell how many were not told."""
        if self._told > _MAX_TOLD:
            self.say(f"{self._told - _MAX_TOLD} more damages; try: a better copy of the file")

    def say(self, fault: str) -> None:
        self.failed = True
        terminal.print_error(self._config, f"{self._path}: {fault}")
