"""`lianzai import`: files made by others, kept unchanged and read as our own.

Takes   WARCs, ARCs and WACZs; the id of a series. Gives: {done, failed, paths}, or a line a file.
Writes  warc/<series>/imported/, wacz/<series>/imported/, a WARC that notes it, ledger, text and index of the series.

What is damaged in a file is a line on stderr with file and offset, and failed; what is whole in it is taken.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from archive import terminal
from archive.config import Config
from archive.errors import IntegrityError, PartialError
from archive.home import Home

if TYPE_CHECKING:
    from archive.model import Capture
    from archive.warc import Record

    from ..profile import Profile
    from ..taking import Brought

_MEGABYTE: Final = 1_000_000


@click.command("import")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FILE…")
@click.option("--series", metavar="S", help="The series that they belong to; without it they are kept as `imported`.")
@click.pass_context
def command(context: click.Context, files: Sequence[Path], series: str | None) -> None:
    """Keep WARCs, ARCs and WACZs made by others, unchanged.

    With --series their captures go through the same reading as those of a crawl.
    """
    from ..keeping import profile_for_import

    config: Config = context.obj
    home = Home.of(config).make()
    brought, damaged = _import(config, home, profile_for_import(home, series, config.environ), files)
    failed = [(one.what, fault) for one in brought for fault in one.faults()]
    for what, fault in failed:
        terminal.print_error(config, f"{what}: {fault}")
    if config.json:
        told = [{"what": what, "reason": fault} for what, fault in failed]
        paths = dict.fromkeys(str(path) for one in brought for path in one.paths)
        terminal.print_json({"done": not failed, "failed": told, "paths": list(paths)})
    else:
        for one in brought:
            terminal.print_line(config, _line(home, one))
    if damaged:
        raise IntegrityError("; ".join(damaged), action="lianzai verify")
    if failed:
        context.exit(PartialError.exit_code)


def _import(config: Config, home: Home, profile: Profile, files: Sequence[Path]) -> tuple[list[Brought], Sequence[str]]:
    """Take one file after the other; gives what came of each, and what is wrong with files imported before."""
    from ..run import SeriesRun
    from ..taking import Import

    with terminal.progress(config, "importing") as bar:
        shown = _Shown(bar)
        run = SeriesRun(home, profile, shown.read)
        try:
            importing = Import(run, shown)
            brought: list[Brought] = []
            for path in files:
                brought.append(importing.take(path))
                if brought[-1].full:
                    break
            brought += importing.finish(anew=any(one.restored for one in brought))
            return brought, run.damaged
        finally:
            run.close()


class _Shown:
    """Passes the progress of an import on to a bar."""

    def __init__(self, bar: terminal.Progress) -> None:
        self._bar, self._read = bar, 0

    def copied(self, size: int, what: str) -> None:
        self._bar.update(size // _MEGABYTE, None, f"MB copied  {what}")

    def read(self, record: Capture | Record) -> None:
        self._read += 1
        self._bar.update(self._read, None, f"read  {record.url or record.type}")


def _line(home: Home, one: Brought) -> str:
    """Say what came of one file."""
    what, place = terminal.plain(one.what), ", ".join(_below(home, path) for path in one.paths)
    if one.taken:
        counts = one.counts
        known = f"; {counts.known} more were there already" if counts.known else ""
        return f"{what}  kept as {place}: {counts.captures} captures, {counts.articles} of them articles'{known}"
    if one.restored:
        return f"{what}  put back as {place}"
    return f"{what}  there already, as {place}" if one.paths else f"{what}  {terminal.paint('not kept', 'failed')}"


def _below(home: Home, path: Path) -> str:
    return terminal.plain(path.relative_to(home.root).as_posix())
