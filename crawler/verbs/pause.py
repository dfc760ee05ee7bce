"""`lianzai pause`: no scheduled runs of a series for now.

Takes   a series. Gives: {done, failed, paths}. Writes: its mark in the ledger.
"""

from __future__ import annotations

import click

from archive.config import Config
from archive.home import Home

from .reports import report


@click.command("pause")
@click.argument("series")
@click.pass_obj
def command(config: Config, series: str) -> None:
    """No scheduled runs of SERIES for now; a crawl by hand goes on."""
    from ..keeping import pause

    pause(Home.of(config), series, paused=True)
    report(config, f"{series} is paused; go on with: lianzai resume {series}")
