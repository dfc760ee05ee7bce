"""`lianzai crawl`: one crawl now.

Takes   profiles: files, or ids of series of the home; addresses of lists. Gives: the report (CONTRACT, JSON) or a line a series.
Writes  WARCs, ledger, text and index of each series; for an address that no series reads yet profiles/<series>.toml.
"""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from time import monotonic, time
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import urlsplit

import click

from archive import terminal
from archive.config import Config
from archive.errors import LianzaiError, NotFoundError, UsageError
from archive.home import Home
from archive.lazy import importing

from ..lock import Wait, earlier, tell_progress
from .naming import ask_ledger, profile_of, wanted_of

if TYPE_CHECKING:
    from archive.ledger.queries import Connection

    from ..frontier import Options, Order
    from ..profile import Profile
    from ..proposing.looking import Looking
    from ..run import Outcome, SeriesRun


_TELL_EACH_S = 1.0


@click.command("crawl")
@click.argument("profiles", nargs=-1, required=True, metavar="PROFILE|URL…")
@click.option("--full", is_flag=True, help="Fetch every article again, conditionally.")
@click.option("--only", type=click.Choice(["missing", "failed"]), help="Fetch only articles never captured, or failed.")
@click.option("--article", metavar="A", help="Fetch one article: id, URL, SERIES/SUBJECT or SERIES/POSITION.")
@click.option("--dry-run", is_flag=True, help="Say what would be fetched; fetch nothing.")
@click.pass_obj
def command(
    config: Config,
    profiles: Sequence[str],
    full: bool,
    only: Literal["missing", "failed"] | None,
    article: str | None,
    dry_run: bool,
) -> None:
    """Crawl PROFILE now: a file, or the id of a series of the home.

    A URL is crawled with the profile that `profile new` would propose, which is kept in the home to be mended.
    """
    with importing():
        from archive.logs import keep_secret

        from .. import run as _run  # noqa: F401  wanted below, as is load
        from ..frontier import Options
        from ..profile import load as _load  # noqa: F401

    home = Home.of(config).make()
    wanted = [wanted_of(home, named, config) for named in profiles]
    loaded = [one for one in wanted if not isinstance(one, str)]
    for profile in loaded:
        keep_secret(profile.secrets)
    if len({profile.series.id for profile in loaded}) < len(loaded):
        raise UsageError("two of the profiles have the same series.id", action="one profile a series")
    unknown = next((one for one in wanted if isinstance(one, str)), None)
    if unknown is not None and (dry_run or article is not None):
        told = "--dry-run" if dry_run else "--article"
        raise UsageError(
            f"{unknown}: {told} wants a profile, and no series of the home reads this address",
            action=f"lianzai profile new {unknown}",
        )
    options = Options(full=full, only=only, article=_article(home, article, loaded))
    if dry_run:
        _plan(config, home, loaded, options)
    else:
        _crawl(config, home, wanted, options)


def _article(home: Home, named: str | None, profiles: Sequence[Profile]) -> str | None:
    if named is None:
        return None
    from archive.ledger import queries
    from archive.views import resolve

    if len(profiles) > 1:
        raise UsageError("--article goes with one profile", action="lianzai crawl PROFILE --article A")
    series = profiles[0].series.id

    def ask(connection: Connection) -> str:
        found = resolve(connection, named)
        article = queries.article(connection, found)
        if article is None or article["series"] != series:
            raise NotFoundError(f"{named}: no article of {series}", action=f"lianzai articles {series}")
        return found

    return ask_ledger(home, ask)


# ------------------------------------------------------------------------------------------------------------ crawl


class _Shown:
    """Passes the progress of a run on to a bar, and once a second to whoever asks `status`."""

    def __init__(self, bar: terminal.Progress, home: Home) -> None:
        self.series = ""
        self._bar, self._home = bar, home
        self._told = monotonic()
        self._far = {"done": 0, "waiting": 0, "received_bytes": 0}
        self._waits: Wait | None = None

    def fetched(self, url: str, *, done: int, waiting: int, received_bytes: int) -> None:
        self._bar.update(done, done + waiting, f"{terminal.size(received_bytes)}  {url}")
        self._far = {"done": done, "waiting": waiting, "received_bytes": received_bytes}
        waited = self._waits is not None and self._waits.host == urlsplit(url).hostname
        if waited:
            self._waits = None
        if waited or monotonic() - self._told >= _TELL_EACH_S:
            self._tell()

    def waits(self, host: str, seconds: float | None) -> None:
        self._waits = earlier(self._waits, Wait(host, None if seconds is None else time() + seconds), time())
        self._tell()

    def _tell(self) -> None:
        self._told = monotonic()
        tell_progress(self._home, self.series, **self._far, waits=self._waits)


@dataclass
class _Crawls:
    """The crawls of one call, each opened when its turn has come; an address is looked at first, and its profile kept.

    profiles: of what was crawled. refused: series that could not be opened, for a run. looks: what was looked at. notes: what a
    person should hear of profiles that were made.
    """

    config: Config
    home: Home
    shown: _Shown
    profiles: list[Profile] = field(default_factory=list)
    refused: dict[str, LianzaiError] = field(default_factory=dict)
    looks: list[Looking] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def of(self, wanted: Sequence[Profile | str]) -> Iterator[Callable[[], SeriesRun]]:
        """Give the runs, looks among them, in their order."""
        for one in wanted:
            if isinstance(one, str):
                yield from self._looked(one)
            else:
                yield self._opening(one)

    def is_look(self, outcome: Outcome) -> bool:
        """Tell the outcome of a look from that of a crawl."""
        return any(outcome is look for looking in self.looks for look in looking.outcomes)

    def _looked(self, url: str) -> Iterator[Callable[[], SeriesRun]]:
        from ..proposing.looking import Looking

        looking = Looking(url, self.home, self.config.environ)
        self.looks.append(looking)
        yield from looking.runs()
        try:
            profile = self._kept(looking)
        except LianzaiError as error:
            yield partial(_refuse, error)
        else:
            if profile is not None:
                yield self._opening(profile)

    def _kept(self, looking: Looking) -> Profile | None:
        """Keep what was proposed; None where a look was stopped or could not be opened, which is told without it."""
        from archive.logs import keep_secret

        from ..proposing.remembering import name, write_new
        from ..proposing.text import to_profile

        if looking.error is not None:
            raise looking.error
        if looking.proposal is None:
            return None
        series, is_known = name(self.home, looking.proposal)
        if any(profile.series.id == series for profile in self.profiles):
            raise UsageError(
                f"{looking.url}: is the list of {series}, which is crawled already", action="one profile a series"
            )
        path = self.home.profile(series)
        if not is_known:
            write_new(path, to_profile(looking.proposal, series))
            self.notes += [f"{looking.url}: {warning}" for warning in looking.proposal.warnings]
            self.notes.append(
                f"{looking.url}: its profile is {path}; mend it there, `lianzai add {series}` puts it on a schedule"
            )
        profile = profile_of(self.home, series, self.config)
        keep_secret(profile.secrets)
        return profile

    def _opening(self, profile: Profile) -> Callable[[], SeriesRun]:
        from ..run import SeriesRun

        self.profiles.append(profile)

        def opened() -> SeriesRun:
            self.shown.series = profile.series.id
            try:
                return SeriesRun(self.home, profile)
            except LianzaiError as error:
                self.refused[profile.series.id] = error
                raise

        return opened


def _refuse(error: LianzaiError) -> SeriesRun:
    raise error


def _crawl(config: Config, home: Home, wanted: Sequence[Profile | str], options: Options) -> None:
    from ..run import crawl

    started, begun = datetime.now(UTC), monotonic()
    with terminal.progress(config, "crawling") as bar:
        crawls = _Crawls(config, home, _Shown(bar, home))
        ended, errors = crawl(crawls.of(wanted), options, crawls.shown)
    seconds = monotonic() - begun
    outcomes = [outcome for outcome in ended if not crawls.is_look(outcome)]
    if not errors:
        for note in crawls.notes:
            terminal.print_error(config, note)
    if config.json and outcomes:
        terminal.print_json(_document(home, outcomes, started, seconds))
    elif not config.json:
        for outcome in outcomes:
            _print(config, outcome, seconds)
    _notify(config, home, crawls.profiles, outcomes, crawls.refused)
    _finish(outcomes, errors, next((one.stopped for one in ended if one.stopped is not None), None))


def _notify(
    config: Config,
    home: Home,
    profiles: Sequence[Profile],
    outcomes: Sequence[Outcome],
    refused: Mapping[str, LianzaiError],
) -> None:
    """Tell people what came of it, as the profiles want it; it changes nothing of what comes of the command."""
    ended = {outcome.report["id"]: outcome for outcome in outcomes}
    for profile in profiles:
        series = profile.series.id
        if not profile.notify.urls or (series not in ended and series not in refused):
            continue
        from ..notify.telling import Found, defer, tell

        outcome = ended.get(series)
        if outcome is None:
            tell(home, profile, Found(error=refused[series]), config.environ)
        elif outcome.stopped is not None:
            defer(home, profile, outcome.run)
        else:
            found = Found(outcome.run, outcome.report["failed"], outcome.error, crawled=True)
            tell(home, profile, found, config.environ)


def _document(home: Home, outcomes: Sequence[Outcome], started: datetime, seconds: float) -> dict[str, Any]:
    return {
        "run": outcomes[0].run if outcomes else None,
        "started": f"{started:%Y-%m-%dT%H:%M:%SZ}",
        "seconds": round(seconds, 3),
        "series": [outcome.report for outcome in outcomes],
        "requests": sum(o.requests for o in outcomes),
        "responses": sum(o.responses for o in outcomes),
        "bytes": sum(o.bytes for o in outcomes),
        "new_bytes": sum(o.new_bytes for o in outcomes),
        "warcs": [path.relative_to(home.root).as_posix() for o in outcomes for path in o.paths],
    }


def _print(config: Config, outcome: Outcome, seconds: float) -> None:
    report = outcome.report
    words = ("captured", "unchanged", "revised", "withdrawn", "restored")
    counts = [terminal.paint(f"{report[word]} {word}", word) for word in words if report[word]]
    if report["failed"]:
        counts.append(terminal.paint(f"{len(report['failed'])} failed", "failed"))
    if report["skipped"]:
        counts.append(f"{sum(one.get('more', 1) for one in report['skipped'])} skipped")
    missing = f"; missing {'、'.join(report['missing'])}" if report["missing"] else ""
    kept = outcome.kept
    total = f"{kept} of {report['expected']}" if report["expected"] else f"{kept} kept"
    terminal.print_line(
        config,
        f"{report['id']}  {total}: {', '.join(counts) or 'nothing listed'}{missing}"
        f"   {terminal.size(outcome.bytes)}  {seconds:.0f} s",
    )
    again = f"lianzai crawl {report['id']}"
    for failure in report["failed"]:
        url, detail = terminal.plain(failure["url"]), terminal.plain(failure["detail"])
        terminal.print_line(
            config, f"{terminal.paint('failed', 'failed')} {url}: {failure['reason']}: {detail}; try: {again}"
        )
    for skip in report["skipped"] if sys.stdout.isatty() else ():  # cron would mail them each time; --json has them all
        terminal.print_line(config, f"skipped {terminal.plain(skip['url'])}: {skip['reason']}")


def _finish(outcomes: Sequence[Outcome], errors: Sequence[LianzaiError], stopped: int | None) -> None:
    """End with the exit code that the outcomes ask for; several errors are told in one line, under the first one's code.

    stopped: the signal that ended the last run or look, None for none.
    """
    for outcome in outcomes:
        if outcome.error is not None and not isinstance(outcome.error, LianzaiError):
            raise outcome.error
    told = [*errors, *(o.error for o in outcomes if isinstance(o.error, LianzaiError))]
    if told:
        told[0].message = "; ".join([told[0].message, *map(str, told[1:])])
        raise told[0]
    if stopped is not None:
        raise SystemExit(128 + signal.Signals(stopped))
    if any(o.report["failed"] for o in outcomes):
        raise SystemExit(3)


# ---------------------------------------------------------------------------------------------------------- dry run


def _plan(config: Config, home: Home, profiles: Sequence[Profile], options: Options) -> None:
    from ..run import SeriesRun

    plans: list[tuple[Profile, list[Order]]] = []
    for profile in profiles:
        run = SeriesRun(home, profile)
        try:
            plans.append((profile, run.planned(options)))
        finally:
            run.close()
    if config.json:
        fetched = [
            {"id": p.series.id, "would_fetch": [{"url": o.url, "role": o.role} for o in orders]} for p, orders in plans
        ]
        terminal.print_json({"series": fetched})
        return
    for profile, orders in plans:
        terminal.print_line(
            config, f"{profile.series.id}  would fetch {len(orders)} addresses, and what the lists add to them"
        )
        for order in orders:
            terminal.print_line(config, f"  {order.role:9}  {terminal.plain(order.url)}")
