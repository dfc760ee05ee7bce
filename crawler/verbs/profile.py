"""`lianzai profile check`: tells what is wrong with a profile.

Takes   a profile. Gives: {done, failed, paths, inert, live}; `live` is null without --live. Writes nothing.
"""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from archive import terminal
from archive.config import Config
from archive.errors import PartialError
from archive.home import Home

from .reports import report

if TYPE_CHECKING:
    from ..probe import Probe
    from ..profile import Profile


@click.group("profile")
def command() -> None:
    """Check a profile."""


@command.command("check", short_help="Tell what is wrong with a profile.")
@click.argument("profile", type=click.Path(path_type=Path))
@click.option("--live", is_flag=True, help="Ask the site for its first list and first article, too; keep nothing.")
@click.pass_context
def check(context: click.Context, profile: Path, live: bool) -> None:
    """Tell what is wrong with PROFILE (a file), and which of its keys do nothing yet."""
    from archive.logs import keep_secret

    from ..profile import load_profile

    config: Config = context.obj
    loaded = load_profile(profile, config=Home.of(config).config, environ=config.environ)
    keep_secret(loaded.secrets)
    found = _probed(loaded) if live else None
    inert = list(loaded.inert())
    lines = [f"{profile}: good", *(f"does nothing yet: {key}" for key in inert), *(_told(found) if found else [])]
    failed = [{"what": one["url"], "reason": one["reason"]} for one in found.failed] if found else []
    report(
        config,
        "\n".join(lines),
        failed=failed,
        paths=[profile],
        inert=inert,
        live=asdict(found) if found else None,
    )
    if failed:
        context.exit(PartialError.exit_code)


def _probed(loaded: Profile) -> Probe:
    """Ask the site for its first list and article. Raises SiteError where it gives none."""
    from ..probe import probe

    return probe(loaded)


def _told(found: Probe) -> list[str]:
    """Say for people what a live look found."""
    lines = [f"the first list names {found.listed} articles{_of(found.title)}"]
    lines += [f"  {terminal.plain(entry.get('title') or entry.get('url'))}" for entry in found.entries]
    if found.article:
        lines.append(f"the first article reads: {terminal.plain(found.article.get('title')) or 'no title found'}")
        lines += [f"  {name}: {_brief(found.article.get(name))}" for name in ("published", "authors", "text")]
    return [*lines, *(f"failed {terminal.plain(one['url'])}: {one['reason']}" for one in found.failed)]


def _of(title: str | None) -> str:
    return f" of {terminal.plain(title)}" if title else ""


def _brief(value: Any) -> str:
    if isinstance(value, list):
        value = "、".join(str(one["name"]) for one in value)
    return terminal.clip(terminal.plain(value).replace("\n", " "), 60) or "not found"
