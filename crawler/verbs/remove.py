"""`lianzai remove`: keeps a profile no longer.

Takes   a series. Gives: {done, failed, paths}. Writes: removes profiles/<series>.toml, unmarks the series in the ledger.
"""

from __future__ import annotations

import click

from archive.config import Config
from archive.home import Home

from .reports import report


@click.command("remove")
@click.argument("series")
@click.pass_obj
def command(config: Config, series: str) -> None:
    """Keep the profile of SERIES no longer: no scheduled runs. Nothing archived is deleted."""
    from ..keeping import forget

    paths = forget(Home.of(config), series)
    report(config, f"{series} is no longer run on a schedule; what was archived stays", paths=paths)
