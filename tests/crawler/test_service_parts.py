"""Parts of the service by themselves: who is told when, what is hashed when, which series wait for their site."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from archive.errors import LianzaiError
from archive.home import Home
from archive.ledger import fixity
from archive.ledger.store import open_ledger
from archive.model import Exchange
from archive.store import RealClock
from archive.upload.lock import upload_lock
from crawler.budget import HostBudget
from crawler.intake import Intake
from crawler.keeping import columns
from crawler.profile import parse_profile
from crawler.recorder import Recorder
from crawler.service.children import Child, Ended
from crawler.service.fixity import EACH, Rounds
from crawler.service.notices import EACH_S, Notices
from crawler.service.plan import Plan, Planned
from crawler.service.rests import Rests
from crawler.service.state import State
from crawler.service.uploads import Uploads, damaged_series
from crawler.sources import source_for

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)


# --------------------------------------------------------------------------------------------------------------- notices


class Told:
    """Notices whose children are small processes of their own. asked: arguments of each. code: what a child does."""

    def __init__(self, *, wanted: bool = True, code: str = "") -> None:
        self.asked: list[list[str]] = []
        self.ended: list[Ended] = []
        self._one_more = asyncio.Event()
        self.wanted, self._code = wanted, code
        self.notices = Notices(self._start, lambda: self.wanted, self._take)

    def _take(self, ended: Ended) -> None:
        self.ended.append(ended)
        self._one_more.set()

    async def _start(self, arguments: Sequence[str], limit_s: float) -> Child:
        self.asked.append(list(arguments))
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-S", "-c", self._code, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
            start_new_session=True,
        )  # fmt: skip
        return Child("notices", process, time.monotonic(), time.monotonic() + limit_s)

    async def through(self, number: int) -> None:
        """Wait until so many children have ended."""
        while len(self.ended) < number:
            self._one_more.clear()
            await self._one_more.wait()


def in_a_loop(story: Callable[[], Awaitable[None]]) -> None:
    """Run a story in a loop of its own."""

    async def told() -> None:
        await story()

    asyncio.run(told())


def test_it_is_told_at_the_start_and_each_hour() -> None:
    """However often the service looks."""
    told = Told()

    async def story() -> None:
        for number, steady in enumerate((0.0, EACH_S, 2 * EACH_S + 1), start=1):
            told.notices.look(steady)
            told.notices.look(steady + 1)
            await told.through(number)
            told.notices.look(steady + 2)

    in_a_loop(story)

    assert told.asked == [[], [], []]


def test_runs_that_broke_off_are_told_at_once_together_and_one_child_at_a_time() -> None:
    """Those that broke off in the same way are one process; the round comes after them."""
    told = Told()

    async def story() -> None:
        for series, reason in (("a", "killed"), ("b", "hung"), ("c", "killed"), ("a", "killed")):
            told.notices.broken(series, reason)
        for number in range(1, 4):
            told.notices.look(0.0)
            told.notices.look(0.0)
            await told.through(number)

    in_a_loop(story)

    assert told.asked == [["a", "c", "--broken", "killed"], ["b", "--broken", "hung"], []]


def test_what_was_found_brings_the_round_forward() -> None:
    """A damaged file is told at once, not within the hour."""
    told = Told()

    async def story() -> None:
        told.notices.look(0.0)
        await told.through(1)
        told.notices.found()
        told.notices.look(60.0)
        await told.through(2)

    in_a_loop(story)

    assert told.asked == [[], []]


def test_where_nobody_is_told_no_process_is_started() -> None:
    """Also not for a run that broke off; once somebody is to be told, what breaks off then is told."""
    told = Told(wanted=False)

    async def story() -> None:
        told.notices.broken("a", "killed")
        told.notices.look(0.0)
        told.wanted = True
        told.notices.look(1.0)
        told.notices.broken("b", "killed")
        told.notices.look(2.0)
        await told.through(1)

    in_a_loop(story)

    assert told.asked == [["b", "--broken", "killed"]]


def test_a_child_that_tells_is_ended_with_the_service() -> None:
    """It would go on for an hour."""
    told = Told(code="import time; time.sleep(3600)")

    async def story() -> None:
        told.notices.look(0.0)
        while not told.asked:
            await asyncio.sleep(0.01)
        await told.notices.stop()
        told.notices.broken("a", "killed")
        told.notices.look(2 * EACH_S)

    in_a_loop(story)

    assert [one.reason for one in told.ended] == ["stopped"]
    assert told.asked == [[]]


# ----------------------------------------------------------------------------------------------------------------- rests


def planned(blocked_until: datetime | None = None, host: str | None = "news.example", series: str = "a") -> Planned:
    """Give a kept series."""
    return Planned(series, None, False, 60.0, False, host, blocked_until)


@pytest.mark.parametrize(
    ("until", "expected"),
    [
        (None, None),
        (NOW - timedelta(seconds=1), None),
        (NOW + timedelta(hours=1), NOW + timedelta(hours=1)),
        (NOW + timedelta(days=400), None),  # by a clock that was wrong
    ],
)
def test_a_series_waits_as_long_as_its_records_tell(
    tmp_path: Path, until: datetime | None, expected: datetime | None
) -> None:
    """No longer than a day, whatever stands there."""
    assert Rests(Home(tmp_path), lambda: NOW).until(planned(until)) == expected


def test_other_series_of_the_host_wait_as_well_and_it_counts_once(tmp_path: Path) -> None:
    """What one crawl was told holds for all of the home."""
    home = Home(tmp_path)
    HostBudget(home.hosts, "news.example").rest(600, hold=False)
    rests = Rests(home, lambda: datetime.now(UTC))
    soon = datetime.now(UTC) + timedelta(hours=2)

    assert rests.until(planned()) is not None
    assert rests.until(planned(soon)) == soon
    assert rests.until(planned(host="other.example")) is None
    assert rests.hosts([planned(soon), planned(soon, series="b"), planned(soon, host="third.example")]) == 2


@pytest.mark.parametrize(
    ("report", "series"),
    [
        (None, []),
        ({"failed": []}, []),
        (
            {"failed": [{"what": "warc/b/b-1.warc.gz"}, {"what": "warc/a/imported/x"}, {"what": "text/c/1.md"}]},
            ["a", "b"],
        ),
    ],
)
def test_an_upload_names_the_series_of_its_damaged_warcs(report: dict[str, object] | None, series: list[str]) -> None:
    """Those are hashed at once."""
    assert damaged_series(report) == series


def test_an_upload_by_another_process_is_waited_for(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """By hand, or left behind by a service that was killed: it is no failure, and the log says once who it is."""
    home = Home(tmp_path).make()
    started: list[bool] = []
    ended: list[Ended] = []
    caplog.set_level("INFO")

    async def start() -> Child:
        started.append(home.running("_upload"))
        raise OSError("no process in this test")

    async def story() -> None:
        uploads = Uploads(home, start, ended.append)
        uploads.want()
        with upload_lock(home, RealClock()):
            uploads.look(0.0)
            uploads.look(1.0)
        uploads.look(2.0)
        while not ended:
            await asyncio.sleep(0.01)

    in_a_loop(story)

    assert started == [False]
    said = [one.__dict__ for one in caplog.records]
    assert [one["fields"] for one in said if one.get("event") == "upload.waited"] == [
        {"holder": f"process {os.getpid()}"}
    ]


# ---------------------------------------------------------------------------------------------------------------- fixity


@pytest.fixture
def archived(tmp_path: Path) -> Home:
    """A home with two series of one closed WARC each."""
    home = Home(tmp_path).make()
    for name in ("a", "b"):
        text = f'[series]\nid = "{name}"\ntitle = "{name}"\n[source]\nkind = "url-list"\nurls = ["http://{name}.example/1"]\n'
        profile = parse_profile(text, name="p.toml", environ={})
        ledger = open_ledger(home, create=True)
        from archive.ledger.series import SeriesLedger

        rows = SeriesLedger(ledger, name)
        rows.put(**{key: value for key, value in columns(profile).items() if key != "id"})
        intake = Intake(profile, source_for(profile.source), rows)
        recorder = Recorder(home.warc(name), profile, rows, intake)
        recorder.begin("20261125120000-00000001")
        answer = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"
        url = f"http://{name}.example/1"
        recorder.keep(Exchange(url, b"GET /1 HTTP/1.1\r\n\r\n", answer, NOW), intake.fold.state.address(url))
        recorder.end("done", [], 1)
        ledger.close()
    return home


def verified(home: Home, series: str, at: datetime) -> None:
    """Put down that a series was found whole."""
    ledger = open_ledger(home, create=False)
    with ledger.write() as connection:
        fixity.tell(connection, series, at, [("verified", [f"warc/{series}/"], [])])
    ledger.close()


def hashed(rounds: Rounds) -> list[str]:
    """Hash all that is due; give the series in order."""
    while rounds.one():
        pass
    return list(rounds.findings.damaged)


def test_each_closed_warc_is_hashed_again_before_ninety_days_are_over(archived: Home) -> None:
    """By the ledger, so that a restart begins nothing anew; what was hashed a moment ago rests."""
    now = datetime.now(UTC)
    verified(archived, "a", now - EACH + timedelta(hours=1))
    verified(archived, "b", now - EACH - timedelta(hours=1))
    rounds = Rounds(archived)

    assert timedelta(days=90) > EACH
    assert hashed(rounds) == ["b"]
    assert rounds.findings.oldest is not None
    assert hashed(Rounds(archived)) == []


def test_what_was_never_hashed_comes_first_and_damage_is_told_once(archived: Home) -> None:
    """A byte is missing: one event, however often it is hashed; mended, the next round finds it whole."""
    verified(archived, "b", datetime.now(UTC) - 2 * EACH)
    (path,) = archived.warc("a").glob("*.warc.gz")
    whole = path.read_bytes()
    path.write_bytes(whole[:-1])
    rounds = Rounds(archived)
    order = hashed(rounds)
    rounds.again("a")
    hashed(rounds)
    found = rounds.findings.found
    path.write_bytes(whole)
    rounds.again("a")
    hashed(rounds)

    assert order == ["a", "b"]
    assert found == 1
    assert rounds.findings.damaged == {"a": 0, "b": 0}


# ------------------------------------------------------------------------------------------------------------ the profiles


def profile_text(name: str) -> str:
    """Give the profile of a series of one address."""
    return (
        f'[series]\nid = "{name}"\ntitle = "{name}"\n[source]\nkind = "url-list"\nurls = ["http://{name}.example/1"]\n'
    )


def test_what_is_no_profile_hides_no_other_and_is_never_waited_for(tmp_path: Path) -> None:
    """A link that leads nowhere or round, a pipe, a device, a folder, too much, a name that is not UTF-8: each is refused by
    name, the ones beside it are seen, and a pipe is not read. Mended or taken away, it is forgotten."""
    home = Home(tmp_path).make()
    home.profiles.mkdir()
    home.profile("good").write_text(profile_text("good"))
    os.mkfifo(home.profile("pipe"))
    home.profile("nowhere").symlink_to(tmp_path / "target")
    home.profile("round").symlink_to(home.profile("round"))
    home.profile("device").symlink_to("/dev/zero")
    home.profile("folder").mkdir()
    home.profile("large").write_bytes(b"#" * (1 << 20) + b"#")
    (home.profiles / os.fsdecode(b"\xff.toml")).write_text("")
    plan = Plan(home, {})
    plan.look(0.0)
    refused = plan.refused
    (tmp_path / "target").write_text(profile_text("nowhere"))
    home.profile("pipe").unlink()
    home.profile("later").write_text(profile_text("later"))
    plan.look(100.0)
    plan.close()

    assert set(refused) == {"pipe", "nowhere", "round", "device", "folder", "large", "\\udcff"}
    assert "found a device" in refused["pipe"]
    assert sorted(plan.series) == ["good", "later", "nowhere"]
    assert set(plan.refused) == set(refused) - {"pipe", "nowhere"}


def test_a_profile_that_the_ledger_could_not_take_is_tried_again(tmp_path: Path) -> None:
    """Nothing is wrong with the file, so it does not wait for an edit: once the ledger is back, the series is there."""
    home = Home(tmp_path).make()
    home.profiles.mkdir()
    plan = Plan(home, {})
    plan.look(0.0)
    home.ledger.rename(tmp_path / "away")
    home.ledger.mkdir()
    home.profile("late").write_text(profile_text("late"))
    with pytest.raises(LianzaiError):
        plan.look(100.0)
    home.ledger.rmdir()
    (tmp_path / "away").rename(home.ledger)
    plan.look(200.0)
    plan.close()

    assert (list(plan.series), plan.refused) == (["late"], {})


@pytest.mark.parametrize(
    ("reasons", "expected"),
    [
        (["killed"], "killed"), (["killed", None], None), (["killed", "stopped"], "killed"), (["stopped"], None),
        (["killed", "partial"], "partial"), ([None, "partial"], "partial"),
    ],
)  # fmt: skip
def test_a_series_fails_from_a_bad_run_until_a_good_one(reasons: list[str | None], expected: str | None) -> None:
    """Also where a run was done but for something (exit 3); one that was told to end says nothing."""
    state, report = State(NOW), {"series": [{"failed": [{"url": "u", "reason": "http-5xx", "detail": "HTTP 500"}]}]}
    for reason in reasons:
        state.ended("a", Ended(1, 1.0, reason, "said", report if reason == "partial" else None))
    found = state.standing.get("a")

    assert (found.reason if found else None) == expected
    assert found is None or found.detail == ("http-5xx: u: HTTP 500" if expected == "partial" else "said")
