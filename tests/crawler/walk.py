"""A crawl without a network: the real frontier, recorder, reader and fold, fed by the demonstration newspaper's model.

It lets properties run hundreds of phases of a newspaper in the time of one crawl over sockets.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select

from archive.home import Home
from archive.ledger.schema import ADDRESSES, ARTICLES, CAPTURES, EVENTS, READINGS, REVISIONS, SERIES
from archive.ledger.store import open_ledger
from archive.model import Exchange
from crawler.demo.newspaper import Newspaper
from crawler.demo.server import conditioned, wire
from crawler.demo.site import Site
from crawler.frontier import Options
from crawler.profile import Profile, parse_profile
from crawler.recorder import Recorder, now
from crawler.run import SeriesRun

BASE = "http://127.0.0.1:8099"
# Columns whose values are the run's own accident, not the site's word.
_ACCIDENTS = {"events": {"id"}, "series": {"profile_text", "profile_crc", "sealed"}}


class KilledError(Exception):
    """The process dies here."""


def profile_of(text: str) -> Profile:
    """Read a profile as the command does."""
    return parse_profile(text, name="test.toml", environ={})


def walk(
    home: Home,
    profile: Profile,
    site: Site,
    *,
    options: Options | None = None,
    at: Callable[[], datetime] = now,
    kill_after: int | None = None,
) -> dict[str, Any]:
    """Crawl once; returns the report. kill_after: die behind so many exchanges, with the WARC still open."""
    run = SeriesRun(home, profile)
    try:
        recorder = Recorder(run.folder, profile, run.rows, run.intake)
        recorder.begin(f"run-{recorder.started:%Y%m%d%H%M%S%f}")
        frontier = run.frontier(options or Options())
        orders, done = frontier.start(), 0
        while orders:
            order = orders.pop(0)
            known = run.intake.fold.state.address(order.url)
            exchange = _exchange(site, order.url, known if order.conditional else None, at())
            _, statement = recorder.keep(exchange, known)
            done += 1
            if done == kill_after:
                recorder.save()
                raise KilledError
            orders += frontier.after(order, statement)
        report = recorder.end("done", frontier.skipped.report(), done)
        run.derive()
        return report
    finally:
        run.close()


def _exchange(site: Site, url: str, known: Any, at: datetime) -> Exchange:
    """Ask the newspaper's model as its server would."""
    target = url.removeprefix(BASE)
    headers = {}
    if known is not None and known.etag:
        headers["if-none-match"] = known.etag
    if known is not None and known.last_modified:
        headers["if-modified-since"] = known.last_modified
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    head, body = wire(conditioned(site.answer(target, BASE), headers), keep=True)
    request = f"GET {target} HTTP/1.1\r\nHost: 127.0.0.1\r\n{lines}\r\n".encode()
    return Exchange(url, request, head + body, at, "127.0.0.1")


def site_of(newspaper: Newspaper) -> Site:
    """Give the site of a newspaper."""
    return Site(newspaper)


def state_of(home: Home) -> dict[str, list[dict[str, Any]]]:
    """Give all that the ledger knows of the site, in an order that does not depend on the way it came there."""
    ledger = open_ledger(home.root, create=False)
    try:
        with ledger.read() as connection:
            return {
                table.name: sorted(
                    (
                        {k: v for k, v in row.items() if k not in _ACCIDENTS.get(table.name, set())}
                        for row in connection.execute(select(table)).mappings()
                    ),
                    key=repr,
                )
                for table in (SERIES, ARTICLES, ADDRESSES, CAPTURES, EVENTS, READINGS, REVISIONS)
            }
    finally:
        ledger.close()


def files_of(home: Home, *folders: str) -> dict[str, bytes]:
    """Give the files below folders of a home, by path."""
    found: dict[str, bytes] = {}
    for folder in folders:
        for path in sorted((home.root / folder).rglob("*")):
            if path.is_file():
                found[path.relative_to(home.root).as_posix()] = path.read_bytes()
    return found


def home_at(path: Path) -> Home:
    """Make a home."""
    return Home(path).make()
