"""Parts of the service by themselves: who is told when, what is hashed when, which series wait for their site."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client.parser import text_string_to_metric_families

from archive.errors import LianzaiError
from archive.home import Home
from archive.ledger import fixity
from archive.ledger.schema import RUNS
from archive.ledger.series import SeriesLedger
from archive.ledger.store import open_ledger
from archive.model import Exchange
from archive.store import RealClock
from archive.upload.lock import upload_lock
from crawler.budget import HostBudget
from crawler.intake import Intake
from crawler.keeping import columns
from crawler.lock import ASLEEP_S, Wait, asleep, earlier, series_lock, tell_progress
from crawler.profile import parse_profile
from crawler.recorder import Recorder
from crawler.service.children import KILL_AFTER_S, Child, Ended
from crawler.service.ends import End, Ends
from crawler.service.fixity import EACH, Rounds
from crawler.service.left_behind import LeftBehind
from crawler.service.metrics import LEDGER_GAUGES, Facts, facts_text
from crawler.service.notices import EACH_S, Notices
from crawler.service.plan import Plan, Planned
from crawler.service.rests import Rests
from crawler.service.runs import Runs
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
    HostBudget(home.hosts, "news.example").rest(600)
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


# ------------------------------------------------------------------------------------------- what a killed service left behind

# Holds a lock as an upload or a crawl does, and says so; ends by SIGTERM, or passes over it.
HOLDER = """
import fcntl, json, os, signal, sys
if sys.argv[2] == "deaf":
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
file = open(sys.argv[1], "w+")
fcntl.flock(file, fcntl.LOCK_EX)
file.write(json.dumps({"pid": os.getpid()}))
file.flush()
print("held", flush=True)
signal.pause()
"""


@contextmanager
def holding(home: Home, name: str, manner: str = "") -> Iterator[subprocess.Popen[str]]:
    """Let a process hold a lock of a home. manner: "deaf" for one that does not heed SIGTERM."""
    home.locks.mkdir(exist_ok=True)
    command = [sys.executable, "-S", "-c", HOLDER, str(home.lock(name)), manner]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "held\n"
            yield process
        finally:
            process.kill()


def test_an_upload_that_was_left_behind_is_ended_with_the_service(tmp_path: Path) -> None:
    """It takes no room from the crawls, and no longer than a day: then, and at SIGTERM, it is told to end."""
    home = Home(tmp_path).make()
    with holding(home, "_upload") as process:
        told = {"running": {}, "upload": {"pid": process.pid, "until": time.time() + 3600}}
        left = LeftBehind(home, told)
        found, room = left.upload, left.crawls
        left.stop()
        code = process.wait()
    left.look()

    assert found is not None
    assert (found.pid, room, code) == (process.pid, {}, -signal.SIGTERM)
    assert left.orphans == {}


def test_an_upload_that_was_left_behind_ends_where_its_day_is_over(tmp_path: Path) -> None:
    """One that does not heed that is killed; one of another process, by hand, is never touched."""
    home = Home(tmp_path).make()
    with holding(home, "_upload") as process:
        left = LeftBehind(home, {"upload": {"pid": process.pid, "until": time.time() - 1}})
        code = process.wait()
    with holding(home, "_upload") as other:
        LeftBehind(home, {"upload": {"pid": process.pid, "until": time.time() - 1}}).stop()
        spared = other.poll()
    with holding(home, "_upload", "deaf") as deaf:
        left = LeftBehind(home, {"upload": {"pid": deaf.pid, "until": time.time() - 1}})
        left.orphans["_upload"].told = time.monotonic() - KILL_AFTER_S - 1
        left.look()
        killed = deaf.wait()

    assert (code, spared, killed) == (-signal.SIGTERM, None, -signal.SIGKILL)


# ------------------------------------------------------------------------------------------------ what the ledger says of runs


def crawled(home: Home, name: str, run: str, outcome: str | None) -> None:
    """Put down a run as a crawl by hand does. outcome: None for one that goes on."""
    ledger = open_ledger(home, create=True)
    rows = SeriesLedger(ledger, name)
    profile = parse_profile(profile_text(name), name="p.toml", environ={})
    rows.put(**{key: value for key, value in columns(profile).items() if key != "id"})
    intake = Intake(profile, source_for(profile.source), rows)
    recorder = Recorder(home.warc(name), profile, rows, intake)
    recorder.begin(run)
    if outcome is not None:
        recorder.end(outcome, [], 1)
    ledger.close()


def run_id(ago_s: float, n: int) -> str:
    """Make the id of a run that began some seconds ago."""
    return f"{datetime.now(UTC) - timedelta(seconds=ago_s):%Y%m%d%H%M%S}-{n:08x}"


def test_a_good_crawl_by_hand_ends_what_the_service_found_failing(tmp_path: Path) -> None:
    """Not only the next run of the schedule, which may be a day away; a bad one by hand is told likewise."""
    home, state = Home(tmp_path).make(), State(NOW)
    home.profiles.mkdir()
    home.profile("a").write_text(profile_text("a"))
    plan = Plan(home, {})
    plan.look(0.0)
    state.ended("a", Ended(-9, 1.0, "killed", "", None))
    state.standing["a"].at = datetime.now(UTC) - timedelta(seconds=60)
    told: list[str | None] = []
    steady = 100.0
    for number, outcome in enumerate([None, "failed", "stopped", "done"]):
        crawled(home, "a", run_id(5 - number, number), outcome)
        steady += 100.0
        plan.look(steady)
        for end in plan.ends.taken():
            state.learned(end)
        told.append(state.standing["a"].reason if "a" in state.standing else None)
    plan.close()

    assert told == ["killed", "partial", "partial", None]


def test_a_run_that_is_older_than_what_is_known_says_nothing() -> None:
    """A crawl wrote its end as done and crashed behind it: the child has told that."""
    state = State(NOW)
    state.ended("a", Ended(1, 1.0, "crashed", "said", None))
    before = state.standing["a"].at
    for started in (before - timedelta(seconds=1), before + timedelta(seconds=1)):
        state.learned(End("a", started, started + timedelta(seconds=1), None, ""))
        if started < before:
            assert state.standing["a"].reason == "crashed"

    assert state.standing == {}


def test_a_run_that_goes_on_for_long_is_seen_to_end(tmp_path: Path) -> None:
    """It began before the service, and others ended meanwhile."""
    home, ends = Home(tmp_path).make(), Ends()
    now = datetime.now(UTC)
    crawled(home, "a", run_id(5400, 1), None)
    ledger = open_ledger(home, create=False)
    with ledger.write() as connection:
        ends.look(connection, now)
        ends.look(connection, now + timedelta(hours=3))
        nothing = ends.taken()
        connection.execute(RUNS.update().values(finished=f"{now:%Y-%m-%dT%H:%M:%S}.000Z", outcome="unreachable"))
        ends.look(connection, now + timedelta(hours=4))
        ends.look(connection, now + timedelta(hours=5))
    ledger.close()

    assert nothing == []
    assert [(end.series, end.reason) for end in ends.taken()] == [("a", "unreachable")]


# ----------------------------------------------------------------------------------------------------------- who waits for a host


def test_a_crawl_that_waits_for_its_host_is_seen_and_leaves_its_room(tmp_path: Path) -> None:
    """`status` names host and time; where it does nothing for long another series is run meanwhile."""
    home, now = Home(tmp_path).make(), time.time()
    with series_lock(home, "a"):
        far = {"done": 3, "waiting": 4, "received_bytes": 5}
        tell_progress(home, "a", **far, waits=Wait("news.example", now + 200))
        waits = home.holder("a")
        tell_progress(home, "a", **far)
        works = home.holder("a")

    assert waits["waits"] == {"host": "news.example", "until": now + 200}
    assert [asleep(waits, waits["at"] + later) for later in (0, ASLEEP_S, 100, 195, 300)] == [
        False, True, True, False, False,
    ]  # fmt: skip
    assert not asleep(works, works["at"] + 100)
    assert not asleep({"waits": {"host": "h", "until": None}, "at": 0.0}, now)


def test_the_wait_that_is_over_first_is_told() -> None:
    """Two requests of a crawl wait for their turns, one behind the other."""
    first, second, open_end = Wait("a", 100.0), Wait("a", 101.0), Wait("a", None)

    assert earlier(None, second, 0.0) == second
    assert earlier(first, second, 0.0) == first
    assert earlier(second, first, 0.0) == first
    assert earlier(first, open_end, 0.0) == first
    assert earlier(open_end, first, 0.0) == first
    assert earlier(first, second, 100.5) == second


def test_sleeping_crawls_make_room_up_to_twice_the_number(tmp_path: Path) -> None:
    """However many sleep: they may all wake at once."""

    async def start(series: str) -> Child:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-S", "-c", "import signal; signal.pause()",
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE, start_new_session=True,
        )  # fmt: skip
        return Child(series, process, time.monotonic(), time.monotonic() + 3600)

    async def story() -> list[list[str]]:
        runs = Runs(1, start, lambda _: None, lambda *_: None)
        seen = []
        for asleep_now, series in ((0, "a"), (0, "b"), (1, ""), (2, "c"), (2, "")):
            runs.asleep = asleep_now
            runs.request(series, "schedule") if series else runs.fill()
            while runs._starting:
                await asyncio.sleep(0)
            seen.append(sorted(runs.running))
        await runs.stop()
        return seen

    assert asyncio.run(story()) == [["a"], ["a"], ["a", "b"], ["a", "b"], ["a", "b"]]


# ------------------------------------------------------------------------------------------------------------ the metrics


@given(st.dictionaries(st.text(max_size=8), st.floats(0, 2e9), max_size=5), st.integers(0, 10**9))
def test_what_the_ledger_tells_is_read_by_prometheus_as_it_was_meant(values: dict[str, float], number: int) -> None:
    """It is written by us, for thousands of series at once; the library that reads it back is not ours."""
    facts = Facts(
        instalments=[(series, "captured", number) for series in values], last_run=values, pending_uploads=number
    )
    families = {one.name: one for one in text_string_to_metric_families(facts_text(facts).decode())}
    read = {name: {tuple(one.labels.values()): one.value for one in families[name].samples} for name in families}

    assert list(families) == list(LEDGER_GAUGES)
    assert {(one.type, one.documentation) for one in families.values()} == {
        ("gauge", meaning) for meaning, _ in LEDGER_GAUGES.values()
    }
    assert read["lianzai_last_run_timestamp_seconds"] == {(series,): value for series, value in values.items()}
    assert read["lianzai_instalments"] == {(series, "captured"): number for series in values}
    assert read["lianzai_pending_uploads"] == {(): number}
