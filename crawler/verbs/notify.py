"""`lianzai notify test`, `lianzai notify due`: whether notifications arrive; what is to be told without a crawl.

Takes   the home, a series. Gives: {done, failed, paths} (CONTRACT, JSON) and `sent`, or a line an address;
exit 3 where one fails.
Writes  what was told into the ledger (`due`); `test` writes nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from archive import terminal
from archive.config import Config
from archive.errors import UsageError
from archive.home import Home

from .reports import report

if TYPE_CHECKING:
    from ..profile import Profile


@click.group("notify")
def command() -> None:
    """Send a test notification; tell what is due to be told without a crawl."""


@command.command("test")
@click.argument("series", required=False, metavar="[SERIES]")
@click.pass_obj
def test(config: Config, series: str | None) -> None:
    """Send a test message to each address that SERIES tells, or to those of config.toml."""
    from archive.logs import keep_secret

    from ..notify.addresses import addresses
    from ..notify.gathering import about
    from ..notify.message import compose_test
    from ..notify.sending import send

    home = Home.of(config).make()
    profile = _profile(config, home, series)
    keep_secret(profile.secrets)
    named = addresses(profile)
    if not named:
        place = f"the profile of {series}" if series else "config.toml"
        raise UsageError(
            f"{place}: notify.urls names no address",
            action='[notify] urls = ["env:NOTIFY_URL"] there (docs/notify.md)'
            + ("" if series else ", or lianzai notify test SERIES"),
        )
    message = compose_test(about(home, profile, config.environ))
    reasons = send({name: (url, message) for name, url in named.items()})
    if not config.json:
        for name, why in reasons.items():
            said = terminal.paint("sent", "captured") if why is None else f"{terminal.paint('failed', 'failed')}: {why}"
            terminal.print_line(config, f"{terminal.plain(name)}  {said}")
    _report(
        config, [name for name, why in reasons.items() if why is None], {n: why for n, why in reasons.items() if why}
    )


def _profile(config: Config, home: Home, series: str | None) -> Profile:
    """Give the profile whose addresses are tried. Raises NotFoundError, ProfileError."""
    from archive.ledger import queries
    from archive.views import unknown_series

    from ..keeping import opened
    from ..notify.addresses import profile_of_home, profile_of_series

    if series is None:
        return profile_of_home(home, config.environ)
    with opened(home) as ledger, ledger.read() as connection:
        if not queries.series(connection, series) and not home.profile(series).is_file():
            raise unknown_series(connection, series)
        return profile_of_series(connection, home, series, config.environ)


@command.command("due")
@click.argument("series", nargs=-1, metavar="[SERIES…]")
@click.option(
    "--broken",
    type=click.Choice(["killed", "crashed", "hung", "not-started"]),
    help="How the last run of SERIES broke off, as the service saw it.",
)
@click.pass_obj
def due(config: Config, series: tuple[str, ...], broken: str | None) -> None:
    """Tell now what is overdue or damaged, and what could not be told before; of SERIES also a run that was cut short."""
    from ..notify.telling import tell_standing

    if broken and not series:
        raise UsageError("--broken goes with SERIES", action="lianzai notify due SERIES --broken killed")
    told = tell_standing(Home.of(config).make(), config.environ, series, broken=broken)
    sent = [f"{of}: {name}" for of, one in told.items() for name in one.sent]
    failed = {f"{of}: {name}" if name else of: why for of, one in told.items() for name, why in one.failed.items()}
    if not config.json:
        for what in sent:
            terminal.print_line(config, f"{terminal.plain(what)}  {terminal.paint('sent', 'captured')}")
        for what, why in failed.items():
            terminal.print_line(config, f"{terminal.plain(what)}  {terminal.paint('failed', 'failed')}: {why}")
        if not sent and not failed:
            terminal.print_line(config, "nothing to tell")
    _report(config, sent, failed)


def _report(config: Config, sent: list[str], failed: dict[str, str]) -> None:
    """End with the report of a program, and the exit code."""
    if config.json:
        report(config, "", failed=[{"what": what, "reason": why} for what, why in failed.items()], sent=sent)
    if failed:
        raise SystemExit(3)
