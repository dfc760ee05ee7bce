"""`lianzai crawl`: one crawl now.

Takes   profiles: files, or ids of series of the home. Gives: the report (CONTRACT, JSON) or a line a series.
Writes  WARCs, ledger, text and index of each series.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any, Literal

import click

from archive import terminal
from archive.config import Config
from archive.errors import LianzaiError, NotFoundError, ProfileError, UsageError
from archive.home import Home
from archive.lazy import importing

if TYPE_CHECKING:
    from archive.ledger.queries import Connection

    from ..frontier import Options, Order
    from ..profile import Profile
    from ..run import Outcome, SeriesRun


_TELL_EACH_S = 1.0


@click.command("crawl")
@click.argument("profiles", nargs=-1, required=True, metavar="PROFILE…")
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
    """Crawl PROFILE now: a file, or the id of a series of the home."""
    with importing():
        from archive.logs import keep_secret

        from .. import run as _run  # noqa: F401  wanted below, as is load
        from ..frontier import Options
        from ..profile import load as _load  # noqa: F401

    home = Home.of(config).make()
    loaded = [profile_of(home, named, config) for named in profiles]
    for profile in loaded:
        keep_secret(profile.secrets)
    if len({profile.series.id for profile in loaded}) < len(loaded):
        raise UsageError("two of the profiles have the same series.id", action="one profile a series")
    options = Options(full=full, only=only, article=_article(home, article, loaded))
    if dry_run:
        _plan(config, home, loaded, options)
    else:
        _crawl(config, home, loaded, options)


def profile_of(home: Home, named: str, config: Config) -> Profile:
    """Find and read the profile that a person names. Raises ProfileError, NotFoundError."""
    from ..keeping import COLLECTION, collection
    from ..profile import load_profile, parse_profile

    path = Path(named)
    if not path.is_file() and home.profile(named).is_file():
        path = home.profile(named)
    if path.is_file() or _is_path(named):
        return load_profile(path, config=home.config, environ=config.environ)
    if "://" in named:
        raise UsageError(f"{named}: crawl takes a profile", action="write one (README.md, “A first profile”)")
    text = _remembered(home, named)
    if named == COLLECTION and _has_no_source(home):
        return collection(home)
    defaults = home.config.read_text(encoding="utf-8") if home.config.is_file() else None
    return parse_profile(text, name=f"{named}.toml", config=defaults, environ=config.environ)


def _is_path(named: str) -> bool:
    return "://" not in named and (os.sep in named or named.endswith(".toml"))


def _remembered(home: Home, series: str) -> str:
    """Give the text of the profile that the home remembers of a series."""
    from archive.ledger import queries
    from archive.views import unknown_series

    def ask(connection: Connection) -> str:
        if not queries.series(connection, series):
            raise unknown_series(connection, series)
        text = queries.profile_text(connection, series)
        if text is None:
            raise ProfileError(
                f"{series}: its profile holds secrets, so the home does not remember it",
                action="name the file, or write env:NAME for the secret and `lianzai add` it",
            )
        return text

    return _ask(home, ask)


def _has_no_source(home: Home) -> bool:
    """Tell whether the series of imports is what its name says, and no series of a person's own."""
    from archive.ledger import queries

    from ..keeping import COLLECTION, collection
    from ..profile import same_source

    known = _ask(home, lambda connection: str(queries.series(connection, COLLECTION)[0]["source"]))
    return same_source(known, collection(home).source_identity())


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

    return _ask(home, ask)


def _ask(home: Home, question: Callable[[Connection], str]) -> str:
    from archive.ledger.store import open_ledger

    ledger = open_ledger(home, create=True)
    try:
        with ledger.read() as connection:
            return question(connection)
    finally:
        ledger.close()


# ------------------------------------------------------------------------------------------------------------ crawl


class _Shown:
    """Passes the progress of a run on to a bar, and once a second to whoever asks `status`."""

    def __init__(self, bar: terminal.Progress, home: Home) -> None:
        self.series = ""
        self._bar, self._home = bar, home
        self._told = monotonic()

    def fetched(self, url: str, *, done: int, waiting: int, received_bytes: int) -> None:
        self._bar.update(done, done + waiting, f"{terminal.size(received_bytes)}  {url}")
        if monotonic() - self._told >= _TELL_EACH_S:
            from ..lock import tell_progress

            self._told = monotonic()
            tell_progress(self._home, self.series, done=done, waiting=waiting, received_bytes=received_bytes)


def _crawl(config: Config, home: Home, profiles: Sequence[Profile], options: Options) -> None:
    from ..run import SeriesRun, crawl

    started, begun = datetime.now(UTC), monotonic()
    refused: dict[str, LianzaiError] = {}  # series that could not be opened, for a run

    with terminal.progress(config, "crawling") as bar:
        shown = _Shown(bar, home)

        def opening(profile: Profile) -> Callable[[], SeriesRun]:
            def opened() -> SeriesRun:
                shown.series = profile.series.id
                try:
                    return SeriesRun(home, profile)
                except LianzaiError as error:
                    refused[profile.series.id] = error
                    raise

            return opened

        outcomes, errors = crawl([opening(profile) for profile in profiles], options, shown)
    seconds = monotonic() - begun
    if config.json and outcomes:
        terminal.print_json(_document(home, outcomes, started, seconds))
    elif not config.json:
        for outcome in outcomes:
            _print(config, outcome, seconds)
    _notify(config, home, profiles, outcomes, refused)
    _finish(outcomes, errors)


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
        counts.append(f"{len(report['skipped'])} skipped")
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


def _finish(outcomes: Sequence[Outcome], errors: Sequence[LianzaiError]) -> None:
    """End with the exit code that the outcomes ask for; several errors are told in one line, under the first one's code."""
    for outcome in outcomes:
        if outcome.error is not None and not isinstance(outcome.error, LianzaiError):
            raise outcome.error
    told = [*errors, *(o.error for o in outcomes if isinstance(o.error, LianzaiError))]
    if told:
        told[0].message = "; ".join([told[0].message, *map(str, told[1:])])
        raise told[0]
    stopped = next((o.stopped for o in outcomes if o.stopped is not None), None)
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
