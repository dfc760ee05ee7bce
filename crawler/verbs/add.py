"""`lianzai add`: keeps a profile in the home.

Takes   a profile. Gives: {done, failed, paths}. Writes: profiles/<series>.toml and the series in the ledger.
"""

from __future__ import annotations

import click

from archive.config import Config
from archive.home import Home

from .reports import report


@click.command("add")
@click.argument("profile")
@click.pass_obj
def command(config: Config, profile: str) -> None:
    """Keep PROFILE in the home, to be crawled on its schedule.

    PROFILE is a file, or the id of a series that the home has crawled.
    """
    from ..keeping import keep

    path = keep(Home.of(config), profile, config.environ)
    report(config, f"kept as {path}; crawl it now with: lianzai crawl {path.stem}", paths=[path])
