"""What stands beside the WARCs can be deleted: `rebuild` gives back all that it told of the site, to the byte."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import walk
from desk import Desk, profile_text
from rebuilder import rebuild

from archive import views
from archive.home import Home
from archive.ledger.store import open_ledger
from crawler.demo.newspaper import Newspaper
from crawler.demo.profiles import demo_profile, list_profile, url_list_profile
from crawler.demo.server import Server
from crawler.profile import Profile

NOW = datetime(2030, 1, 1, tzinfo=UTC)
NOT_OF_THE_SITE = {"kept", "paused", "next_run", "pending_uploads", "running"}
ACTS = {"uploaded", "verified", "damaged", "repaired"}
Kind = Callable[..., str]


def told(home: Home) -> dict[str, Any]:
    """Give what `status`, `articles`, `show` and `history` tell of the site: every series, article and revision."""
    ledger = open_ledger(home.root, create=False)
    try:
        with ledger.read() as connection:
            series = views.status(connection, home, now=NOW, next_fire=lambda *_: None)["series"]
            listed = {one["id"]: views.articles(connection, one["id"]) for one in series}
            shown = [
                views.show(connection, article["id"], number)
                for articles in listed.values()
                for article in articles
                for number in [None, *range(1, article["revisions"] + 1)]
            ]
            events = {name: views.history(connection, name) for name in listed}
    finally:
        ledger.close()
    return {
        "status": [{key: value for key, value in one.items() if key not in NOT_OF_THE_SITE} for one in series],
        "articles": listed,
        "show": shown,
        "history": {name: [one for one in of if one["kind"] not in ACTS] for name, of in events.items()},
    }


def without_what_is_derived(home: Home) -> None:
    """Delete ledger, text and index."""
    for path in home.root.glob("ledger.sqlite3*"):
        path.unlink()
    for name in ("text", "index"):
        shutil.rmtree(home.root / name)


def phases(home: Home, kind: Kind, newspaper: Newspaper) -> Profile:
    """Crawl a newspaper through its life: growth, edits, a death of the crawl, withdrawals, other rules, returns."""
    site = walk.site_of(newspaper)
    profile = walk.profile_of(kind(walk.BASE, recheck="always"))
    walk.walk(home, profile, site)
    newspaper.stage(2)
    walk.walk(home, profile, site)
    newspaper.edit("开封")
    newspaper.edit_quietly("洛阳")
    with pytest.raises(walk.KilledError):
        walk.walk(home, profile, site, kill_after=9)
    walk.walk(home, profile, site)
    newspaper.restore("信阳")
    newspaper.withdraw("安阳", soft=True, listed=True)
    # Other rules: the last line of each text is furniture now, so what was read before is read anew.
    changed = kind(walk.BASE, recheck="always").replace("[watch]\n", '[watch]\nignore = ["p:last-of-type"]\n')
    assert changed != kind(walk.BASE, recheck="always")
    profile = walk.profile_of(changed)
    walk.walk(home, profile, site)
    newspaper.restore("安阳")
    newspaper.retitle("安阳", "安阳：回来的一篇")
    walk.walk(home, profile, site)
    return profile


@pytest.mark.parametrize("kind", [demo_profile, list_profile, url_list_profile])
def test_ledger_text_and_index_come_back_from_the_warcs(tmp_path: Path, kind: Kind) -> None:
    """The same articles, texts, states and events, the same files to the byte; and once more, into an empty home."""
    home, other = walk.home_at(tmp_path / "home"), walk.home_at(tmp_path / "other")
    phases(home, kind, Newspaper())
    kept, rows, files = told(home), walk.state_of(home), walk.files_of(home, "text", "index")
    kinds = {one["kind"] for events in kept["history"].values() for one in events}
    without_what_is_derived(home)
    _, here, _ = rebuild(home)
    _, there, _ = rebuild(other, "--from", home.root)

    assert {"found", "captured", "revised", "gone", "withdrawn", "restored"} <= kinds
    assert here["failed"] == there["failed"] == []
    for one in (home, other):
        assert kept == told(one)
        assert rows == walk.state_of(one)
        assert files == walk.files_of(one, "text", "index")
    assert walk.files_of(home, "warc") == walk.files_of(other, "warc")


def test_what_a_killed_run_left_is_rebuilt_as_the_next_run_would_tell_it(tmp_path: Path) -> None:
    """The open file of a killed run is taken up to its last whole exchange, and the copy is not touched."""
    home, other = walk.home_at(tmp_path / "home"), walk.home_at(tmp_path / "other")
    newspaper = Newspaper()
    profile = walk.profile_of(demo_profile(walk.BASE, recheck="always"))
    walk.walk(home, profile, walk.site_of(newspaper))
    newspaper.stage(2)
    with pytest.raises(walk.KilledError):
        walk.walk(home, profile, walk.site_of(newspaper), kill_after=30)
    (opened,) = home.warc("qushui").glob("*.open")
    with opened.open("ab") as file:  # as a write that was torn leaves it
        file.write(opened.read_bytes()[:500])
    before = walk.files_of(home, "warc", "profiles", "wacz", "locks", "text", "index")
    _, first, _ = rebuild(other, "--from", home.root)
    _, again, _ = rebuild(other, "--from", home.root)
    untouched = before == walk.files_of(home, "warc", "profiles", "wacz", "locks", "text", "index")
    without_what_is_derived(home)
    rebuild(home)

    assert untouched
    assert first["failed"] == again["failed"] == []
    assert [path for path in again["paths"] if path.endswith(".gz")] == []
    assert told(home) == told(other)
    assert walk.files_of(home, "warc", "text", "index") == walk.files_of(other, "warc", "text", "index")


@pytest.mark.soak
def test_the_commands_tell_the_same_before_and_after(desk: Desk, newspaper: Server) -> None:
    """By the console script, over sockets: what a person and a script read of the site."""
    text = profile_text(newspaper, recheck="always")
    first = desk.crawl(text)
    newspaper.newspaper.stage(2)
    second = desk.crawl(text)

    def asked() -> dict[str, Any]:
        status = desk.ask("status")["series"][0]
        listed = desk.ask("articles", "qushui")
        return {
            "status": {key: value for key, value in status.items() if key not in NOT_OF_THE_SITE},
            "articles": listed,
            "show": [desk.ask("show", one["id"]) for one in listed[:3]],
            "history": desk.ask("history", "qushui"),
        }

    kept, files = asked(), desk.derived()
    without_what_is_derived(Home(desk.home))
    done = desk.ask("rebuild")

    assert (first.code, second.code, done["failed"]) == (0, 0, []), (first.stderr, second.stderr)
    assert kept == asked()
    assert files == desk.derived()
