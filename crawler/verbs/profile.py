"""`lianzai profile check`: tells what is wrong with a profile.

Takes   a profile. Gives: {done, failed, paths, inert}, with --live `live` too. Writes nothing.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from archive.config import Config
from archive.home import Home

from .reports import report


@click.group("profile")
def command() -> None:
    """Check a profile."""


@command.command("check")
@click.argument("profile", type=click.Path(path_type=Path))
@click.option("--live", is_flag=True, help="Ask the site for its first list, too.")
@click.pass_obj
def check(config: Config, profile: Path, live: bool) -> None:
    """Tell what is wrong with PROFILE (a file), and which of its keys do nothing yet."""
    from ..profile import load_profile

    loaded = load_profile(profile, config=Home(config.home).config, environ=config.environ)
    inert = list(loaded.inert())
    lines = [f"{profile}: good"] + [f"does nothing yet: {key}" for key in inert]
    more: dict[str, Any] = {"inert": inert}
    if live:
        more["live"] = _probe(loaded, lines)
    report(config, "\n".join(lines), paths=[profile], **more)


def _probe(loaded: Any, lines: list[str]) -> dict[str, Any]:
    """Ask the site for its first list. Raises SiteError where it gives none."""
    from dataclasses import asdict

    from ..run import probe

    found = asdict(probe(loaded))
    lines += [f"{name}: {value}" for name, value in found.items()]
    return found
