"""What a person may leave in profiles/, and what a service says of it; what it knows of the runs before it was started."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from desk import Desk, ended
from serving import Served, keep
from tiny import tiny_profile

from archive.home import Home
from archive.ledger import schema
from archive.locking import held
from archive.views import status
from crawler.profile.checks import store_url
from crawler.service import facts
from crawler.service.readiness import readiness
from crawler.service.state import State

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
NOBODY = "http://127.0.0.1:1"  # no server listens on that port


def test_odd_files_stop_neither_the_watch_nor_the_service(desk: Desk) -> None:
    """A link that leads nowhere, and a pipe that nobody writes into: both are told by log, /readyz and `status`, a profile put
    there later is planned, a signal ends the service. What failed before it was started it tells as well."""
    assert ended(desk.start("crawl", desk.profile(tiny_profile(NOBODY, "dead"), "dead.toml"), "--json")).code == 5
    keep(desk, tiny_profile(NOBODY, "dead"), "dead", owed=False)
    service, profiles = Served(desk), desk.home / "profiles"
    service.wait("service.started")
    (profiles / "nowhere.toml").symlink_to(desk.folder / "nothing")
    os.mkfifo(profiles / "pipe.toml")
    for name in ("nowhere", "pipe"):
        service.wait("profile.refused", series=name)
    (profiles / "later.toml").write_text(tiny_profile(NOBODY, "later"))
    (profiles / "dead.toml").unlink()
    service.wait("series.planned", series="later")
    ready = json.loads(service.get("/readyz")[1])
    failing = service.metric("lianzai_failing", series="dead", reason="unreachable")
    asked, shown = desk.ask("status"), desk.start("status").communicate(timeout=60)[0]
    of_one = ended(desk.start("status", "pipe"))

    assert service.signal(signal.SIGTERM) == 143
    assert service.told("profile.mended") == []
    assert set(ready["refused"]) == set(asked["refused"]) == {"nowhere", "pipe"}
    assert (list(ready["failing"]), failing) == (["dead"], 1.0)
    assert "profile refused: pipe" in shown
    assert "failing: unreachable since" in shown
    assert "profile file gone" in shown
    assert of_one.code == 2
    assert "found a device" in of_one.stderr


# ----------------------------------------------------------------------------------------------------- without a process


@contextmanager
def serving(home: Home, **told: Any) -> Iterator[None]:
    """Hold the lock of a service, which has said something."""
    with held(home.service_lock, 0, lambda: None):
        home.service_state.write_text(json.dumps(told))
        yield


def of_one(filled: Any) -> dict[str, Any]:
    """Give what `status` tells of the one series."""
    with filled.ledger.read() as connection:
        told = status(connection, filled.home, now=NOW, next_fire=lambda *_: NOW)
    return dict(told["series"][0])


def test_a_series_whose_profile_is_refused_is_run_no_more(filled: Any) -> None:
    """So `status` promises no next run, and says why."""
    filled.add_series(kept=True, schedule="* * * * *")
    with serving(filled.home):
        before = of_one(filled)
    with serving(filled.home, refused={"qushui": "qushui.toml:26: Invalid value"}):
        after = of_one(filled)

    assert (before["next_run"], before["trouble"]) == ("2026-11-25T12:00:00Z", None)
    assert after["next_run"] is None
    assert after["trouble"] == {"reason": "profile", "detail": "qushui.toml:26: Invalid value", "since": None}


@pytest.mark.parametrize(("failed", "reason"), [("2026-11-25T10:00:00Z", "killed"), ("2026-11-25T08:00:00Z", None)])
def test_a_good_run_by_hand_ends_what_the_service_says(filled: Any, failed: str, reason: str | None) -> None:
    """It knows of its own runs alone."""
    filled.add_series()
    run = {"id": "r", "series": "qushui", "started": "2026-11-25T09:00:00.000Z", "outcome": "done"}
    filled.put(schema.RUNS, run)
    with serving(filled.home, failing={"qushui": {"reason": "killed", "detail": "", "at": failed}}):
        trouble = of_one(filled)["trouble"]

    assert (trouble and trouble["reason"]) == reason


def test_a_config_that_is_no_toml_is_a_reason_against_readiness(tmp_path: Path) -> None:
    """Every run fails with it."""
    home = Home(tmp_path).make()
    state = State(NOW, ticked=1.0, planned=True)
    home.config.write_text("[fetch]\nmin_free = 0\n")
    good = readiness(home, state, 1.0, {})["reasons"]
    home.config.write_text("[fetch\nmin_free = 0\n")
    bad = readiness(home, state, 1.0, {})["reasons"]

    assert good == []
    assert [one.partition(":")[0] for one in bad if not one.startswith("disk")] == ["config.toml"]


def test_nothing_is_overdue_that_nobody_awaits(filled: Any) -> None:
    """An alert of a paused or removed series would stand for ever."""
    for name, values in {"on": {"kept": True}, "paused": {"kept": True, "paused": True}, "removed": {}}.items():
        filled.add_series(name, **({"kept": False, "paused": False, "cadence_s": 60} | values))
        filled.add_article(f"{name}-1", series=name, published="2018-08-30", captured=None)

    assert facts.count(filled.home, {}).overdue == {"on": True}


@pytest.mark.parametrize("url", ["s3://bucket/../y", "s3://bucket/a/./b", "s3://bucket/a/.."])
def test_a_prefix_has_no_parts_that_lead_elsewhere(url: str) -> None:
    """Servers refuse them, or resolve them into another's prefix."""
    with pytest.raises(ValueError, match="part of a prefix"):
        store_url(url)
    assert store_url("s3://bucket/a..b/.c") == "s3://bucket/a..b/.c"
