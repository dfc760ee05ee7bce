"""`lianzai rebuild`: ledger, text and index again, from the WARCs alone.

Takes   a home with WARCs; with --from also a copy of a home, of which it first copies what the home lacks.
Gives   {done, failed, paths}. Writes: everything that is derived; no WARC that is there is touched.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import click

from archive import terminal
from archive.config import Config
from archive.errors import DiskError, HomeError, IntegrityError, LianzaiError, NotFoundError, PartialError
from archive.home import Home

if TYPE_CHECKING:
    from archive.model import Capture
    from archive.warc import Record

    from ..profile import Profile

_MEGABYTE = 1_000_000
_Failed = list[tuple[str, LianzaiError]]  # what failed, and why


@click.command("rebuild")
@click.option(
    "--from",
    "copy",
    metavar="URL",
    help="First copy what the home lacks from a copy of a home: a folder, its file:// address, or s3://bucket/prefix.",
)
@click.pass_obj
def command(config: Config, copy: str | None) -> None:
    """Make ledger, text and index of every series again from its WARCs."""
    home = Home.of(config)
    paths, failed = _refill(config, home, copy) if copy is not None else ([], [])
    home.make()
    found = list(_series(home))
    if not found and not failed:
        raise NotFoundError(f"{home.root / 'warc'}: no WARCs of any series", action="lianzai crawl PROFILE")
    with terminal.progress(config, "reading again") as bar:
        for series in found:
            try:
                records, written, damaged = _rebuild(home, series, bar, refilled=copy is not None)
            except (DiskError, HomeError):
                raise
            except LianzaiError as error:
                failed.append((series, error))
                continue
            paths += written
            failed += [(series, IntegrityError(fault, action="lianzai verify")) for fault in damaged]
            if not config.json:
                terminal.print_line(config, f"{series}  {records} records read, {len(written)} files written")
    if not config.json and (idle := _unscheduled(home)):
        first = home.profile(idle[0])
        terminal.print_line(config, f"on no schedule until added: {', '.join(idle)}; lianzai add {first}")
    if config.json:
        told = [{"what": what, "reason": str(error)} for what, error in failed]
        terminal.print_json({"done": not failed, "failed": told, "paths": [str(p) for p in paths]})
    if failed:
        raise _summed(failed)


def _unscheduled(home: Home) -> list[str]:
    """Name the series whose profile lies in the home and that the service will not run: no WARC tells which were kept."""
    from archive.ledger.standing import kept
    from archive.ledger.store import open_ledger

    with closing(open_ledger(home, create=True)) as ledger, ledger.read() as connection:
        known = kept(connection)
    return sorted(series for series, is_kept in known.items() if not is_kept and home.profile(series).is_file())


def _refill(config: Config, home: Home, named: str) -> tuple[list[Path], _Failed]:
    """Copy what the home lacks; give what was copied and what failed. Raises UsageError for a copy that is none."""
    from ..copies import copy_at
    from ..refill import refill

    copy = copy_at(named, home, config.environ)
    home.make()
    with closing(copy), terminal.progress(config, "copying, MB") as bar:

        def told(done: int, total: int, what: str) -> None:
            bar.update(done // _MEGABYTE, total // _MEGABYTE, what)

        done = refill(home, copy, told)
    for place, why in done.left:
        terminal.print_error(config, f"{place}: not taken: {why}")
    if not config.json:
        size = terminal.size(sum(path.stat().st_size for path in done.paths))
        terminal.print_line(config, f"{len(done.paths)} files copied, {size}")
    return done.paths, list(done.failed)


def _summed(failed: _Failed) -> LianzaiError:
    """Make one error of what failed: damage outweighs the rest (exit code 4); what is all of one kind is that kind."""
    errors = [error for _, error in failed]
    integrity = next((error for error in errors if isinstance(error, IntegrityError)), None)
    first = integrity or errors[0]
    kind: type[LianzaiError] = IntegrityError if integrity else PartialError
    if len({type(error) for error in errors}) == 1:
        kind = type(first)
    return kind("; ".join(_said(what, error) for what, error in failed), action=first.action)


def _said(what: str, error: LianzaiError) -> str:
    return error.message if what in error.message else f"{what}: {error.message}"


def _series(home: Home) -> Iterator[str]:
    folder = home.root / "warc"
    if folder.is_dir():
        yield from sorted(path.name for path in folder.iterdir() if path.is_dir())


def _rebuild(home: Home, series: str, bar: terminal.Progress, *, refilled: bool) -> tuple[int, list[Path], list[str]]:
    """Fold one series anew; gives the records read, what was written, and what is wrong with imported files."""
    from ..run import SeriesRun

    done = 0

    def told(record: Record | Capture) -> None:
        nonlocal done
        done += 1
        bar.update(done, None, f"{series}  {record.url or record.type}")

    run = SeriesRun(home, _profile(home, series, refilled=refilled), told, anew=True)
    try:
        return done, run.derive(), run.damaged
    finally:
        run.close()


def _profile(home: Home, series: str, *, refilled: bool) -> Profile:
    """Give the profile that the series was last crawled with.

    That is the one that the home remembers, where its row is as it was sealed, else the last one that the WARCs hold. The
    latter too where the home was refilled with WARCs behind the last that it had folded, unless it keeps the series: then
    what a person said there holds.
    """
    from archive.ledger.series import SeriesLedger
    from archive.ledger.store import open_ledger
    from archive.warc import series_files

    from ..profile import from_public

    ledger = open_ledger(home, create=True)
    try:
        rows = SeriesLedger(ledger, series)
        row = rows.row() if rows.is_whole() else None
    finally:
        ledger.close()
    files = series_files(home.warc(series), series)
    if row is not None and not (refilled and not row["kept"] and _newer(files, row["folded_file"])):
        return from_public(row["profile"], f"{series} as remembered")
    return from_public(_recorded(home.warc(series), files), f"{series} as recorded in its WARCs")


def _newer(files: Sequence[Path], folded: str | None) -> bool:
    """Say whether there are WARCs behind the last one that was folded."""
    return folded is not None and bool(files) and files[-1].name != folded


def _recorded(folder: Path, files: Sequence[Path]) -> dict[str, object]:
    """Read the profile that stands in the newest WARC which has one. Raises PartialError where none has."""
    from archive.warc import read_records

    from ..recorder import PROFILE_URL

    for path in reversed(files):
        for record in read_records(path):
            if record.type == "resource" and record.url == PROFILE_URL:
                profile: dict[str, object] = json.loads(record.block)
                return profile
    raise PartialError(
        f"{folder}: no WARC says by which profile it was made", action=f"lianzai crawl PROFILE of {folder.name}"
    )
