"""`lianzai upload`: what the object store lacks, sent and read back.

Takes   the home. Gives: {done, failed, paths, stores, sent, bytes, seconds} (CONTRACT, JSON) or a line; exit 3 where something
failed, 4 where it is damaged, 5 where a store cannot be used. Writes: objects, rows of the ledger, events of the history.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import click

from .. import terminal
from ..config import Config
from ..home import Home

if TYPE_CHECKING:
    from ..upload import Report

_MEGABYTE: Final = 1_000_000
_UNITS: Final = {"": 1, "k": 1_000, "m": 1_000_000, "g": 1_000_000_000}
_RATE: Final = re.compile(r"(\d+(?:\.\d+)?)([kmg]?)", re.IGNORECASE)


class Rate(click.ParamType[float]):
    """Bytes a second: 500k, 2M, 1.5M."""

    name = "rate"

    def convert(self, value: str | float, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Read it."""
        match = _RATE.fullmatch(str(value))
        rate = float(match[1]) * _UNITS[match[2].lower()] if match else 0.0
        if not rate:
            self.fail(f"{value!r} is no rate: bytes a second, as in 500k or 2M", param, ctx)
        return rate


@click.command("upload")
@click.option("--limit", type=Rate(), metavar="RATE", help="Send no more bytes a second: 500k, 2M.")
@click.option("--jobs", type=click.IntRange(1, 64), default=4, metavar="N", help="Files sent at once (4).")
@click.pass_obj
def command(config: Config, limit: float | None, jobs: int) -> None:
    """Send what the object stores of the home lack, read it back, and compare."""
    from ..upload import Options, upload_home

    home = Home.of(config).make()
    options = Options(threads=jobs, limit=limit)
    with terminal.progress(config, "sending, MB") as bar:
        begun = options.clock.now()

        def told(done: int, total: int, what: str) -> None:
            rate = done / max(options.clock.now() - begun, 0.001)
            bar.update(done // _MEGABYTE, total // _MEGABYTE, f"{terminal.size(round(rate))}/s  {what}")

        report = upload_home(home, config.environ, options, told)
    error = report.error()
    if report.reached or error is None:
        _tell(config, report)
    if error is not None:
        raise error


def _tell(config: Config, report: Report) -> None:
    if config.json:
        terminal.print_json(report.to_json())
        return
    size, seconds = terminal.size(report.bytes), f"{report.seconds:.0f} s"
    found = len(report.paths) - report.sent
    there = f", {found} were there" if found > 0 else ""
    failed = f", {len(report.failed)} failed" if report.failed else ""
    line = f"{report.sent} files sent, {size} in {seconds}{there}{failed}: {', '.join(report.stores)}"
    terminal.print_line(config, terminal.plain(line))
