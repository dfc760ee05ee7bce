"""`lianzai rebuild`: ledger, text and index again, from the WARCs alone.

Takes   a home with WARCs. Gives: {done, failed, paths}. Writes: everything that is derived; no WARC is touched.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from archive import terminal
from archive.config import Config
from archive.errors import LianzaiError, NotFoundError, PartialError, WarcError
from archive.home import Home

if TYPE_CHECKING:
    from archive.warc import Record

    from ..profile import Profile


@click.command("rebuild")
@click.pass_obj
def command(config: Config) -> None:
    """Make ledger, text and index of every series again from its WARCs."""
    home = Home(config.home).make()
    paths: list[Path] = []
    failed: list[dict[str, str]] = []
    found = list(_series(home))
    if not found:
        raise NotFoundError(f"{home.root / 'warc'}: no WARCs of any series", action="lianzai crawl PROFILE")
    with terminal.progress(config, "reading again") as bar:
        for series in found:
            try:
                records, written = _rebuild(home, series, bar)
            except WarcError as error:
                failed.append({"what": series, "reason": str(error)})
                continue
            paths += written
            if not config.json:
                terminal.print_line(config, f"{series}  {records} records read, {len(written)} files written")
    if config.json:
        terminal.print_json({"done": not failed, "failed": failed, "paths": [str(p) for p in paths]})
    if failed:
        raise _damaged(failed)


def _damaged(failed: list[dict[str, str]]) -> LianzaiError:
    return WarcError("; ".join(f"{f['what']}: {f['reason']}" for f in failed), action="lianzai doctor")


def _series(home: Home) -> Iterator[str]:
    folder = home.root / "warc"
    if folder.is_dir():
        yield from sorted(path.name for path in folder.iterdir() if path.is_dir())


def _rebuild(home: Home, series: str, bar: terminal.Progress) -> tuple[int, list[Path]]:
    from ..run import SeriesRun

    done = 0

    def told(record: Record) -> None:
        nonlocal done
        done += 1
        bar.update(done, None, f"{series}  {record.url or record.type}")

    run = SeriesRun(home, _profile(home, series))
    try:
        records = run.refold(told)
        return records, run.derive()
    finally:
        run.close()


def _profile(home: Home, series: str) -> Profile:
    """Give the profile that the home remembers, else the last one that the WARCs hold."""
    from archive.ledger import queries
    from archive.ledger.store import open_ledger

    from ..profile import from_public

    ledger = open_ledger(home.root, create=True)
    try:
        with ledger.read() as connection:
            rows = queries.series(connection, series)
    finally:
        ledger.close()
    if rows:
        return from_public(rows[0]["profile"], f"{series} as remembered")
    return from_public(_recorded(home.warc(series), series), f"{series} as recorded in its WARCs")


def _recorded(folder: Path, series: str) -> dict[str, object]:
    """Read the profile that stands in the newest WARC which has one. Raises PartialError where none has."""
    from archive.warc import read_records, series_files

    from ..recorder import PROFILE_URL

    for path in reversed(series_files(folder, series)):
        for record in read_records(path):
            if record.type == "resource" and record.url == PROFILE_URL:
                profile: dict[str, object] = json.loads(record.block)
                return profile
    raise PartialError(
        f"{folder}: no WARC says by which profile it was made", action=f"lianzai crawl PROFILE of {series}"
    )
