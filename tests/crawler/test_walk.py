"""The one idea, held by properties: what the crawl keeps is the fold of its records, however it was cut into runs."""

from __future__ import annotations

import random
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
import walk
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from archive.home import Home
from archive.ledger.store import open_ledger
from archive.views import articles, history
from crawler.demo.answers import Answer, status
from crawler.demo.newspaper import Newspaper
from crawler.demo.profiles import demo_profile, list_profile, url_list_profile
from crawler.demo.text import SUBJECTS
from crawler.run import SeriesRun

KINDS = {"api": demo_profile, "list": list_profile, "urls": url_list_profile}
DEEDS = ("publish", "edit", "edit_quietly", "withdraw", "soft", "restore", "retitle", "die")


def do(newspaper: Newspaper, deed: str, subject: str) -> None:
    """Let the newspaper do something, where it can."""
    match deed:
        case "publish":
            newspaper.publish(subject)
        case "withdraw":
            newspaper.withdraw(subject)
        case "soft":
            newspaper.withdraw(subject, soft=True, listed=True)
        case "restore":
            newspaper.restore(subject)
        case "retitle":
            newspaper.retitle(subject, f"{subject}：换了题目的一篇")
        case "edit" | "edit_quietly":
            getattr(newspaper, deed)(subject)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    kind=st.sampled_from(sorted(KINDS)),
    phases=st.lists(
        st.lists(st.tuples(st.sampled_from(DEEDS), st.sampled_from(SUBJECTS[:6])), max_size=3), min_size=1, max_size=4
    ),
)
def test_a_rebuild_gives_what_the_crawls_kept(
    tmp_path_factory: pytest.TempPathFactory, kind: str, phases: list[list[tuple[str, str]]]
) -> None:
    """Ledger, text and index are derived: they can be thrown away. Runs that died in the middle are part of the stream."""
    home = walk.home_at(tmp_path_factory.mktemp("home"))
    newspaper = Newspaper()
    site = walk.site_of(newspaper)
    profile = walk.profile_of(KINDS[kind](walk.BASE, recheck="always"))
    walk.walk(home, profile, site)
    for number, phase in enumerate(phases):
        dies = False
        for deed, subject in phase:
            dies = dies or deed == "die"
            do(newspaper, deed, subject)
        if dies:
            with pytest.raises(walk.KilledError):
                walk.walk(home, profile, site, kill_after=3 + 5 * number)
        walk.walk(home, profile, site)
    kept, files = walk.state_of(home), walk.files_of(home, "text", "index")

    run = SeriesRun(home, profile)
    run.refold()
    run.derive()
    run.close()

    assert walk.state_of(home) == kept
    assert walk.files_of(home, "text", "index") == files


def test_a_rebuild_without_ledger_and_profile_gives_the_same(tmp_path: Path) -> None:
    """The WARCs alone say how they were made."""
    home, newspaper = walk.home_at(tmp_path / "a"), Newspaper()
    profile = walk.profile_of(demo_profile(walk.BASE, recheck="always"))
    walk.walk(home, profile, walk.site_of(newspaper))
    newspaper.stage(2)
    walk.walk(home, profile, walk.site_of(newspaper))
    kept, files = walk.state_of(home), walk.files_of(home, "text", "index")
    other = walk.home_at(tmp_path / "b")
    shutil.copytree(home.root / "warc", other.root / "warc")

    run = SeriesRun(other, profile)
    run.derive()
    run.close()

    assert walk.state_of(other) == kept
    assert walk.files_of(other, "text", "index") == files


@pytest.mark.parametrize("seed", [0, 1, *(pytest.param(seed, marks=pytest.mark.soak) for seed in (2, 3))])
def test_the_state_is_the_same_wherever_the_ledger_was_last_saved(tmp_path: Path, seed: int) -> None:
    """A ledger that lags behind the WARCs, by a kill between the two, catches up to the same state."""
    home, newspaper = walk.home_at(tmp_path / "home"), Newspaper()
    profile = walk.profile_of(demo_profile(walk.BASE, recheck="always"))
    chance = random.Random(seed)
    copies: list[Path] = []
    for phase in range(4):
        walk.walk(home, profile, walk.site_of(newspaper))
        copies.append(tmp_path / f"ledger-{phase}")
        shutil.copy(home.ledger, copies[-1])
        do(newspaper, chance.choice(DEEDS[:-1]), chance.choice(SUBJECTS[:6]))
    kept = walk.state_of(home)

    for copy in copies:
        for leftover in home.root.glob("ledger.sqlite3*"):
            leftover.unlink()
        shutil.copy(copy, home.ledger)
        SeriesRun(home, profile).close()

        assert walk.state_of(home) == kept


def test_what_happens_to_an_article_is_told_with_its_evidence(tmp_path: Path) -> None:
    """Each kind of change has its own word, and each word its record."""
    home, newspaper = walk.home_at(tmp_path), Newspaper()
    profile = walk.profile_of(demo_profile(walk.BASE, recheck="always"))
    first = walk.walk(home, profile, walk.site_of(newspaper))
    newspaper.stage(2)
    second = walk.walk(home, profile, walk.site_of(newspaper))
    newspaper.restore("信阳")
    third = walk.walk(home, profile, walk.site_of(newspaper))

    assert (first["captured"], first["missing"], first["complete"]) == (17, ["济源"], False)
    assert (second["captured"], second["revised"], second["withdrawn"], second["unchanged"]) == (1, 1, 1, 15)
    assert (second["missing"], second["complete"], second["failed"]) == ([], True, [])
    assert (third["restored"], third["unchanged"], third["revised"]) == (1, 17, 0)
    kinds = {"captured", "found", "gone", "listed", "restored", "revised", "unlisted", "withdrawn"}
    assert set(_history(home)) == kinds


def test_what_a_redirect_or_a_304_that_nobody_asked_for_leaves_is_named_and_folds_the_same(tmp_path: Path) -> None:
    """No answer to what was asked is none that the article is the same; and whoever reads the report knows articles, not hops."""
    home, site = walk.home_at(tmp_path), walk.site_of(Newspaper())
    profile = walk.profile_of(url_list_profile(walk.BASE, recheck="always"))
    first, second, third, fourth, fifth = (one.instalment.path for one in site.newspaper.all()[:5])
    site.fail(first, lambda answer: replace(answer, etag=None, modified=None), times=1)
    walk.walk(home, profile, site)
    site.fail(first, lambda _: Answer(304, b"", ""))  # the request has no condition
    site.fail("/later.html", 500)
    leads = {second: "/later.html", third: "http://10.0.0.1/c", fourth: "http://10.0.0.1/c", fifth: "http://10.0.0.1/"}
    for path, target in leads.items():
        site.fail(path, status(302, ("Location", target)))
    report = walk.walk(home, profile, site)
    kept = walk.state_of(home)
    run = SeriesRun(home, profile)
    run.refold()
    run.close()

    failed = {one["url"]: (one["reason"], one["detail"]) for one in report["failed"]}
    missing = {url for url, (reason, _) in failed.items() if reason == "http-4xx"}  # of the newspaper as it always is
    assert {url: told for url, told in failed.items() if url not in missing} == {
        walk.BASE + first: ("not-an-article", "HTTP 304, not asked for"),
        f"{walk.BASE}/later.html": ("http-5xx", f"HTTP 500; of the article {walk.BASE}{second}"),
    }
    assert {(one["url"], one["reason"]) for one in report["skipped"]} == {
        (url, "private")
        for url in ("http://10.0.0.1/c", "http://10.0.0.1/", *(walk.BASE + path for path in (third, fourth, fifth)))
    }
    assert walk.state_of(home) == kept


def _history(home: Home) -> list[str]:
    ledger = open_ledger(home.root, create=False)
    try:
        with ledger.read() as connection:
            events = history(connection, "qushui")
            assert all(event["evidence"] for event in events)
            assert len(articles(connection, "qushui")) == 18
            return [event["kind"] for event in events]
    finally:
        ledger.close()
