"""A site that wants to be left alone: the crawl heeds it, the service waits, and a good answer ends it."""

from __future__ import annotations

import signal
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from desk import Desk, ended
from serving import Served, a_year_ago, early, keep, looked
from tiny import paths, tiny_profile

from crawler.budget import resting
from crawler.demo.answers import Answer, too_many
from crawler.demo.answers import status as answering
from crawler.demo.newspaper import Newspaper
from crawler.demo.server import Server
from crawler.demo.server import serve as serve_newspaper

HOUR = timedelta(hours=1)


def blocks(desk: Desk) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Give what `status` tells of the series, and its events `blocked`."""
    told, events = looked(desk.home, "qushui")
    return told, [one for one in events if one["kind"] == "blocked"]


def targets(server: Server) -> list[str]:
    """Give the pages asked for so far."""
    return [target for target in server.targets() if target != "/robots.txt"]


@pytest.mark.soak
def test_a_site_that_asks_for_an_hour_is_left_alone_until_it_lets_us_in(desk: Desk, newspaper: Server) -> None:
    """The first page that says so is left to a later run; from the second on nothing more is asked in that run. Status, history
    and the service know it, `rebuild` too; a crawl by hand ends it."""
    keep(desk, tiny_profile(newspaper, "qushui", pages=8, delay=0.3), "qushui")
    for path in paths(4)[2:]:
        newspaper.fail(path, too_many("3600"))
    first, heard = ended(desk.start("crawl", "qushui", "--json")), datetime.now(UTC)
    told, events = blocks(desk)
    asked = targets(newspaper)
    rebuilt = ended(desk.start("rebuild", "--json")).code
    a_year_ago(desk.home)
    service = Served(desk)
    deferred = service.wait("run.deferred", series="qushui")
    blocked = service.metric("lianzai_blocked_hosts")
    by_hand = ended(desk.start("crawl", "qushui", "--json"))
    service.wait("run.launched", series="qushui")
    after, _ = blocks(desk)

    assert (first.code, first.failed, asked) == (3, ["http-4xx"] * 2, paths(4)[1:])
    assert [one["reason"] for one in first.report["skipped"]] == ["limit"] * 5
    with closing(sqlite3.connect(desk.home / "ledger.sqlite3")) as base:
        asking = "SELECT record_id, fetched FROM captures WHERE status = 429 ORDER BY fetched"
        ((record, _), (_, at)) = base.execute(asking).fetchall()
    assert [one["evidence"] for one in events] == [[record]]
    assert told["blocked_until"] == f"{datetime.fromisoformat(at) + HOUR:%Y-%m-%dT%H:%M:%SZ}"
    assert rebuilt == 0
    assert blocks(desk)[1] == events
    # The service goes by what the crawl heard, a moment after the record's time.
    resting_until = datetime.fromisoformat(deferred["holder"].rpartition(" ")[2])
    assert datetime.fromisoformat(told["blocked_until"]) <= resting_until <= heard + HOUR
    assert blocked == 1.0
    assert (by_hand.code, by_hand.counts["captured"]) == (0, 7)
    assert (after["blocked_until"], resting(desk.home / "locks" / "hosts")) == (None, set())


def test_what_rebuild_makes_says_until_when(desk: Desk, newspaper: Server) -> None:
    """Only the records tell it: the ledger and the folder of locks are gone."""
    newspaper.fail(paths(1)[0], answering(503, ("Retry-After", "7200")), times=2)
    desk.crawl(tiny_profile(newspaper, "qushui", pages=1))
    before = blocks(desk)
    for path in [*desk.home.glob("ledger.*"), *(desk.home / "locks" / "hosts").iterdir()]:
        path.unlink()
    ended(desk.start("rebuild", "--json"))

    assert before[0]["blocked_until"] is not None
    assert blocks(desk) == before


@pytest.mark.parametrize("how", ["403", "wall"])
def test_a_site_that_refuses_one_page_after_the_other_is_not_asked_for_all(
    desk: Desk, newspaper: Server, how: str
) -> None:
    """Five in a row are enough; it is tried again after an hour. On a busy machine the next goes out before the fifth is read."""
    page = "<html><head><title>Just a moment...</title></head><body><p>Checking your browser before accessing.</p></body></html>"
    wall = lambda _: Answer(200, page.encode(), "text/html; charset=utf-8")  # noqa: E731
    newspaper.fail("/content/*", 403 if how == "403" else wall, times=0)
    done = desk.crawl(tiny_profile(newspaper, "qushui", pages=8, delay=0.3))
    told, events = blocks(desk)

    assert (done.code, set(done.failed)) == (3, {"http-4xx" if how == "403" else "blocked"})
    assert len(targets(newspaper)) == len(done.failed)
    assert done.document is not None
    assert done.document["requests"] == len(newspaper.requests)
    assert 5 <= len(done.failed) <= 5 + 1  # one at once
    assert [one["reason"] for one in done.report["skipped"]] == ["limit"] * (8 - len(done.failed))
    last = max(one.date for one in desk.records("qushui") if one.type in ("response", "revisit"))
    assert told["blocked_until"] == f"{last + HOUR:%Y-%m-%dT%H:%M:%SZ}"
    assert len(events) == 1


def test_one_429_slows_the_whole_host(desk: Desk, newspaper: Server) -> None:
    """It names no time: every page waits for the pause, not only the refused one, and all come further apart after it."""
    newspaper.fail(paths(2)[1], 429)
    done = desk.crawl(tiny_profile(newspaper, "qushui", pages=6, concurrency=2))
    at = {(one.target, one.status): one.at for one in newspaper.requests if one.target != "/robots.txt"}
    refused = at[paths(2)[1], 429]
    later = sorted((moment - refused).total_seconds() for moment in at.values() if moment > refused)

    assert (done.code, done.counts["captured"], done.report["skipped"]) == (0, 6, [])
    assert sum(wait < 0.25 for wait in later) <= 1  # of two at once the other one was under way
    assert later[-1] >= 0.25 + 0.05
    assert blocks(desk)[1] == []


@pytest.mark.soak
def test_a_crawl_that_waits_for_its_host_is_seen_and_another_takes_its_place(desk: Desk, newspaper: Server) -> None:
    """The host wants some minutes: `status` says who waits, for which host, until when; meanwhile another series is crawled."""
    with serve_newspaper(Newspaper()) as other:
        waiting, ready = early("waiting"), early("ready")
        newspaper.fail(paths(1)[0], too_many("290"))  # longer than a busy machine takes for all that follows
        keep(desk, tiny_profile(newspaper, waiting, pages=1), waiting)
        service = Served(desk, "--jobs", "1")
        service.until(lambda: bool((looked(desk.home, waiting)[0]["progress"] or {}).get("waits")))
        told = looked(desk.home, waiting)[0]
        process = desk.start("status", waiting)
        shown = process.communicate()[0]
        keep(desk, tiny_profile(other.url.replace("127.0.0.1", "localhost"), ready, pages=1), ready, owed=False)
        text = desk.home / "profiles" / f"{ready}.toml"
        text.write_text(text.read_text("utf-8").replace("0 0 1 1 *", "* * * * *"), "utf-8")
        service.wait("run.launched", series=ready)
        running = service.told("run.ended", series=waiting) == []
        code = service.signal(signal.SIGTERM)

    assert told["progress"]["waits"]["host"] == "127.0.0.1"
    assert datetime.fromisoformat(told["progress"]["waits"]["until"]) > datetime.now(UTC) - HOUR
    assert ", waits for 127.0.0.1 until " in shown
    assert running
    assert code == 143
