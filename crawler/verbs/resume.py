"""`lianzai resume`: scheduled runs of a paused series again.

Takes   a series. Gives: {done, failed, paths}. Writes: its mark in the ledger.
"""

from __future__ import annotations

import click

from archive.config import Config
from archive.home import Home

from .reports import report


@click.command("resume")
@click.argument("series")
@click.pass_obj
def command(config: Config, series: str) -> None:
    """Scheduled runs of SERIES again."""
    from ..keeping import pause

    pause(Home.of(config), series, paused=False)
    report(config, f"{series} is no longer paused")
