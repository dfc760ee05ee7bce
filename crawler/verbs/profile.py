"""`lianzai profile new`, `profile check`: proposes a profile for a list; tells what is wrong with one.

new     takes an address, gives TOML or {done, failed, paths, id, kind, profile, entries, warnings}; writes --output alone.
check   takes a profile, gives {done, failed, paths, inert, live}; `live` is null without --live. Writes nothing.
"""

from __future__ import annotations

import re
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from archive import terminal
from archive.config import Config
from archive.errors import LianzaiError, PartialError, SiteError, UsageError
from archive.home import Home
from archive.lazy import importing

from .reports import report

if TYPE_CHECKING:
    from ..probe import Probe
    from ..profile import Profile
    from ..proposing.answer import Proposal

_PLACEHOLDER = re.compile(r"\{\w+\}")
_SHOWN = 5  # entries of a proposal that a person is shown


@click.group("profile")
def command() -> None:
    """Propose a profile, or check one."""


@command.command("new", short_help="Propose a profile for a list of articles.")
@click.argument("url")
@click.option(
    "--output", type=click.Path(path_type=Path), metavar="F", help="Write the profile there; never over a file."
)
@click.pass_obj
def new(config: Config, url: str, output: Path | None) -> None:
    """Look at URL (a list or topic page, a feed, a sitemap, an API's answer) and propose a profile for it.

    The profile goes to stdout, what was seen to stderr.
    """
    with importing():
        from ..proposing.looking import asked
        from ..proposing.remembering import name, write_new
        from ..proposing.text import to_profile

    if output is not None and (output.exists() or output.is_symlink()):
        raise UsageError(f"{output}: is there already, and is not written over", action="another path with --output")
    home = Home.of(config)
    proposal = _proposed(config, home, asked(url))
    series, is_known = name(home, proposal)
    if is_known:
        proposal.warnings.append(f"the home reads this list already, as {series}: lianzai crawl {series}")
    text = to_profile(proposal, series)
    if output is not None:
        write_new(output, text)
    seen = _seen(proposal, output)
    if config.json:
        entries = [{"title": e.title, "url": e.url, "published": e.published} for e in proposal.entries]
        more: dict[str, Any] = {
            "id": series,
            "kind": proposal.kind,
            "profile": text,
            "entries": entries,
            "warnings": proposal.warnings,
        }
        report(config, "", paths=[output] if output else [], **more)
    elif output is not None:
        report(config, "\n".join(seen))
    else:
        for line in seen:
            click.echo(terminal.safe(line, sys.stderr.encoding), err=True)
        terminal.print_text(text)


def _proposed(config: Config, home: Home, url: str) -> Proposal:
    """Look at an address; raise what keeps a profile from being proposed for it."""
    from ..frontier import Options
    from ..proposing.looking import Looking
    from ..run import crawl

    looking = Looking(url, home, config.environ)
    outcomes, errors = crawl(looking.runs(), Options(), None)
    stopped = next((one.stopped for one in outcomes if one.stopped is not None), None)
    if stopped is not None:
        raise SystemExit(128 + stopped)
    for error in (*errors, looking.error):
        if error is not None:
            raise error
    if looking.proposal is None:
        raise LianzaiError(f"{url}: could not be looked at")
    return looking.proposal


def _seen(proposal: Proposal, output: Path | None) -> list[str]:
    """Say for people what was seen: the kind of list, the first entries, what to look at."""
    title = str(proposal.series["title"].value)
    count = len(proposal.entries)
    lines = [f"{proposal.kind}: names {count} article{'' if count == 1 else 's'}{_of(title)}"]
    for entry in proposal.entries[:_SHOWN]:
        headline = terminal.clip(terminal.plain(entry.title) or "(no headline)", 60)
        lines.append(f"  {(entry.published or 'no date')[:10]:10}  {headline}  {terminal.plain(entry.url)}")
    lines += [f"  … and {count - _SHOWN} more"] if count > _SHOWN else []
    lines += [f"further pages: {terminal.plain(way)}" for way in _ways_on(proposal)]
    lines += [f"note: {terminal.plain(warning)}" for warning in proposal.warnings]
    named = output or "FILE"
    return [*lines, f"{f'written to {output}; ' if output else ''}check it with: lianzai profile check {named} --live"]


def _ways_on(proposal: Proposal) -> list[str]:
    """Say how the list is followed to its further pages: the key of the profile that leads there, and what it was known by."""
    keys: list[str] = [key for key in ("next", "more") if key in proposal.source]
    url = proposal.source.get("url")
    if not keys and url is not None and {"{page}", "{offset}", "{cursor}"} & set(_PLACEHOLDER.findall(str(url.value))):
        keys = ["url"]
    return [f"by {key}, {proposal.source[key].why}" for key in keys]


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
    found = _probed(loaded, profile) if live else None
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


def _probed(loaded: Profile, path: Path) -> Probe:
    """Ask the site for its first list and article. Raises SiteError where it gives none: the home need not know the series."""
    from ..probe import probe

    try:
        return probe(loaded)
    except SiteError as error:
        raise SiteError(error.message, action=f"lianzai profile check {path} --live, later") from error


def _told(found: Probe) -> list[str]:
    """Say for people what a live look found."""
    lines = [f"the first list names {found.listed} articles{_of(found.title)}"]
    lines += [f"  {terminal.plain(entry.get('title') or entry.get('url'))}" for entry in found.entries]
    if found.article:
        lines.append(f"the first article reads: {terminal.plain(found.article.get('title')) or 'no title found'}")
        lines += [f"  {name}: {_brief(found.article.get(name))}" for name in ("published", "authors", "text")]
    return [*lines, *map(_told_failure, found.failed)]


def _told_failure(one: dict[str, Any]) -> str:
    detail = f", {one['detail']}" if one["detail"] else ""
    return terminal.plain(f"failed {one['url']}: {one['reason']}{detail}")


def _of(title: str | None) -> str:
    return f" of {terminal.plain(title)}" if title else ""


def _brief(value: Any) -> str:
    if isinstance(value, list):
        value = "、".join(str(one["name"]) for one in value)
    return terminal.clip(terminal.plain(value).replace("\n", " "), 60) or "not found"
