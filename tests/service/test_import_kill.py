"""An import that dies between any two of its durable steps: copied, named, noted, folded, derived."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import walk
from bringing import bring
from desk import Desk
from foreign_crawls import by_writer, linked

from archive.bundle import write_wacz
from archive.home import Home
from archive.ledger.series import SeriesLedger
from archive.ledger.store import open_ledger
from archive.warc import WarcWriter
from crawler import arrival, importing, refold
from crawler.arrival import Arrival
from crawler.demo.newspaper import Newspaper
from crawler.demo.profiles import list_profile
from crawler.run import SeriesRun

STEPS: tuple[tuple[Any, str], ...] = (
    (arrival, "_sync"), (Arrival, "settle"), (WarcWriter, "sync"), (WarcWriter, "_end"), (SeriesLedger, "save"),
    (SeriesRun, "derive"),
)  # fmt: skip
PROFILE = walk.profile_of(list_profile(walk.BASE))
SERIES = PROFILE.series.id
EARLY = datetime(2020, 1, 1, tzinfo=UTC)
FIELDS = ("id", "position", "title", "state", "origin", "revisions", "captured", "text_sha256", "variants")


class Steps:
    """Counts the durable steps of this process and dies before, or behind, the one of a number."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.done, self.last, self.behind = 0, 0, False
        for owner, name in STEPS:
            patch.setattr(owner, name, self._counted(getattr(owner, name)))

    def _counted(self, step: Callable[..., Any]) -> Callable[..., Any]:
        def counted(*arguments: Any, **named: Any) -> Any:
            self.done += 1
            if self.done == self.last and not self.behind:
                raise walk.KilledError
            result = step(*arguments, **named)
            if self.done == self.last:
                raise walk.KilledError
            return result

        return counted


def told(desk: Desk) -> tuple[list[Any], list[str], list[str]]:
    """Give articles, events and captures of the series, without what differs from one import to the next."""
    articles = [[one[name] for name in FIELDS] for one in walk_articles(desk)]
    rows = walk.state_of(Home(desk.home))
    events = sorted(f"{e['kind']} {e['article']} {e['fields']} {e['start']} {e['end']}" for e in rows["events"])
    captures = sorted(
        f"{c['file']} {c['offset']} {c['record_id']}" for c in rows["captures"] if c["file"].startswith("imported/")
    )
    return articles, events, captures


def walk_articles(desk: Desk) -> list[dict[str, Any]]:
    """Give the articles as the command does."""
    from archive import views

    ledger = open_ledger(desk.home, create=False)
    try:
        with ledger.read() as connection:
            return list(views.articles(connection, SERIES))
    finally:
        ledger.close()


@pytest.fixture(scope="module")
def given(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """A WARC by warcio, and a WACZ of another home in which one instalment reads otherwise."""
    folder, newspaper = tmp_path_factory.mktemp("given"), Newspaper()
    site = walk.site_of(newspaper)
    paths = linked(site)
    random.Random(7).shuffle(paths)
    dated = [(path, EARLY + timedelta(seconds=place)) for place, path in enumerate(paths)]
    warc = by_writer(site, dated, folder / "a.warc.gz")
    newspaper.edit("安阳")
    elsewhere = Home(folder / "elsewhere").make()
    for day in (1, 2):
        walk.walk(elsewhere, PROFILE, site, at=lambda day=day: EARLY + timedelta(days=day))  # type: ignore[misc]
        newspaper.edit("开封")
    ledger = open_ledger(elsewhere.root, create=False)
    with ledger.read() as connection:
        write_wacz(connection, elsewhere, SERIES, folder / "b.wacz")
    ledger.close()
    return [warc, folder / "b.wacz"]


@pytest.mark.parametrize(
    ("behind", "stride"),
    [
        (False, 3),
        pytest.param(False, 1, marks=pytest.mark.soak),
        pytest.param(True, 1, marks=pytest.mark.soak),
    ],
)
def test_an_import_may_die_at_each_of_its_steps(
    given: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, behind: bool, stride: int
) -> None:
    """The same command again takes everything once; a rebuild gives the same; nothing is left open."""
    for module in (importing, refold):
        monkeypatch.setattr(module, "BATCH", 20)  # so that it dies within a file too
    whole = Desk(tmp_path, tmp_path / "whole")
    bring(Home(whole.home).make(), PROFILE, *given)
    wanted, names = told(whole), sorted(path.name for path in whole.home.rglob("imported/*"))
    steps = Steps(monkeypatch)
    last, died = 1, True
    while died:
        desk = Desk(tmp_path, tmp_path / f"home-{last}")
        home = Home(desk.home).make()
        steps.done, steps.last, steps.behind = 0, last, behind
        try:
            bring(home, PROFILE, *given)
            died = False
        except walk.KilledError:
            steps.last = 0
            bring(home, PROFILE, *given)
        steps.last = 0
        assert told(desk) == wanted, last
        assert sorted(path.name for path in home.root.rglob("imported/*")) == names, last
        assert list(home.root.rglob("*.open")) == [], last
        compare(home, desk, last)
        shutil.rmtree(desk.home)
        last += stride

    assert last > 12


@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.soak) for seed in range(1, 12))])
def test_a_crawl_after_a_killed_import_goes_on(
    given: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    """Without the import again: what was noted is in the ledger, what was not is taken by the next import of anything."""
    monkeypatch.setattr(importing, "BATCH", 20)
    steps = Steps(monkeypatch)
    desk = Desk(tmp_path, tmp_path / "home")
    home = Home(desk.home).make()
    steps.last, steps.behind = random.Random(seed).randint(2, 14), bool(seed % 2)
    with pytest.raises(walk.KilledError):
        bring(home, PROFILE, *given)
    steps.last = 0
    report = walk.walk(home, PROFILE, walk.site_of(Newspaper()))

    assert (report["failed"], report["found"]) == ([], 17)
    assert list(home.root.rglob("*.open")) == []
    compare(home, desk, seed)

    bring(home, PROFILE, *given)
    rows = walk.state_of(home)["captures"]
    places = [(row["file"], row["offset"]) for row in rows]
    assert len(places) == len(set(places))
    assert {row["file"] for row in rows if row["file"].startswith("imported/")} == {
        f"imported/{path.name}" for path in (home.warc(SERIES) / "imported").iterdir()
    }
    compare(home, desk, seed)


def compare(home: Home, desk: Desk, last: int) -> None:
    """Compare all of the ledger, and what is derived of it, with what a rebuild makes of the WARCs."""
    kept, files = desk.ledger(), desk.derived()
    run = SeriesRun(home, PROFILE)
    run.refold()
    run.derive()
    assert run.damaged == []
    run.close()
    made = desk.ledger()

    assert {table: rows for table, rows in kept.items() if rows != made[table]} == {}, last
    assert files == desk.derived(), last
