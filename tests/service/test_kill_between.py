"""A run that dies between any two of its durable steps: bytes synced, ledger saved, file named, text derived."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import walk
from desk import Desk

from archive.home import Home
from archive.ledger.series import SeriesLedger
from archive.warc import WarcWriter
from crawler.demo.newspaper import Newspaper
from crawler.demo.profiles import demo_profile, list_profile
from crawler.run import SeriesRun

STEPS = ((WarcWriter, "sync"), (WarcWriter, "_end"), (SeriesLedger, "save"), (SeriesRun, "derive"))
MOST = 60  # steps of a run; each run below has fewer


class Steps:
    """Counts the durable steps of this process and dies before, or behind, the one of a number."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.done, self.last, self.behind = 0, MOST, False
        for owner, name in STEPS:
            patch.setattr(owner, name, self._counted(getattr(owner, name)))

    def _counted(self, step: Callable[..., Any]) -> Callable[..., Any]:
        def counted(*arguments: Any, **named: Any) -> Any:
            self.done += 1
            if self.done == self.last and not self.behind:
                raise walk.KilledError
            result = step(*arguments, **named)
            if self.done >= self.last:
                raise walk.KilledError
            return result

        return counted


@pytest.mark.parametrize(
    ("kind", "behind"),
    [
        (demo_profile, False),
        pytest.param(list_profile, True, marks=pytest.mark.soak),
        pytest.param(demo_profile, True, marks=pytest.mark.soak),
        pytest.param(list_profile, False, marks=pytest.mark.soak),
    ],
)
@pytest.mark.soak
def test_a_run_may_die_at_each_of_its_steps(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: Callable[..., str], behind: bool
) -> None:
    """Whatever step was the last, the next run goes on from there, and a rebuild gives what it kept."""
    steps = Steps(monkeypatch)
    profile = walk.profile_of(kind(walk.BASE, recheck="always").replace("[warc]\n", "[warc]\nmax_size = 60000\n"))
    newspaper = Newspaper()
    home = Home(tmp_path / "home").make()
    last, died = 1, True
    while died:
        steps.done, steps.last, steps.behind = 0, last, behind
        newspaper.edit("安阳")
        try:
            walk.walk(home, profile, walk.site_of(newspaper))
            died = False
        except walk.KilledError:
            steps.last = MOST
            newspaper.edit("开封")
            report = walk.walk(home, profile, walk.site_of(newspaper))
            assert (report["failed"], report["found"]) == ([], 17), last
            compare(home, profile, tmp_path, last)
        last += 1

    assert last > 5
    assert [path for path in home.warc(profile.series.id).iterdir() if not path.name.endswith(".warc.gz")] == []


def compare(home: Home, profile: Any, folder: Path, last: int) -> None:
    """Compare all of the ledger, the files it knows and the runs among it, with what a rebuild makes of the WARCs."""
    desk = Desk(folder, home.root)
    kept, files = desk.ledger(), desk.derived()
    run = SeriesRun(home, profile)
    run.refold()
    run.derive()
    run.close()
    made = desk.ledger()

    assert {table: rows for table, rows in kept.items() if rows != made[table]} == {}, last
    assert files == desk.derived(), last
