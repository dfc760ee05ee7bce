"""The service: schedules, children, signals, changes while it runs; real processes on loopback.

One service runs through the module, with a series for each thing that can happen to one; the tests look at it from outside.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from desk import Desk, ended
from receiver import Receiver, receiving
from serving import Served, early, keep, lock_pid, looked
from tiny import tiny_profile
from witness import Trap

from archive.home import Home
from archive.warc import series_files
from crawler.demo.newspaper import Newspaper
from crawler.demo.server import serve as serve_newspaper
from crawler.keeping import forget, pause
from crawler.lock import series_lock
from crawler.service.children import Child, Ended
from crawler.service.readiness import readiness
from crawler.service.runs import Runs
from crawler.service.state import State

ON = 'on = ["found", "failed", "damaged"]'
WELL, KILLED, HUNG, HELD, WRONG, LATE, ROTTEN, DEAF, IDLE = map(
    early, ("well", "killed", "hung", "held", "wrong", "late", "rotten", "deaf", "idle")
)


@dataclass
class Story:
    """One service with its home. held: locks that the test has; wrong: the text of a profile as it should be; trap: at the site
    of the series that is killed."""

    desk: Desk
    service: Served
    receiver: Receiver
    site: str
    wrong: str
    trap: Trap
    held: ExitStack = field(default_factory=ExitStack)

    def messages(self, title: str) -> list[dict[str, Any]]:
        """Give what people were told of a series."""
        return [one for one in self.receiver.messages if one["title"].startswith(f"连载 {title}")]

    def status(self, series: str) -> dict[str, Any]:
        """Give what `status` tells of a series."""
        return looked(self.desk.home, series)[0]


def notify(receiver: Receiver, path: str = "/ok", on: str = ON) -> str:
    """Give the table of a profile that tells a receiver."""
    return f'[notify]\nurls = ["{receiver.address(path)}"]\n{on}\n'


def growing(site: str, name: str, more: str = "") -> str:
    """Give a profile of a series that lacks an instalment since 2018."""
    text = tiny_profile(site, name, more=more)
    return text.replace('cadence = "10000d"', 'cadence = "7d"').replace("expected = 2", "expected = 3")


def prepare(desk: Desk, site: str, receiver: Receiver, others: dict[str, str], bucket: Path) -> str:
    """Fill a home; give the text of the profile that is to be mended. others: series -> its site."""
    crawled = [desk.profile(growing(site, one), f"{one}.toml") for one in (LATE, ROTTEN)]
    assert ended(desk.start("crawl", *crawled, "--json")).code == 0
    tables = {
        WELL: f'{notify(receiver)}[store]\nurl = "{bucket.as_uri()}"\n', DEAF: notify(receiver, "/broken"),
        ROTTEN: notify(receiver), LATE: notify(receiver, on='on = ["overdue"]'),
    }  # fmt: skip
    for name in (WELL, HELD, WRONG, DEAF):
        keep(desk, tiny_profile(site, name, more=tables.get(name, "")), name)
    for name, url in others.items():
        keep(desk, tiny_profile(url, name, max_seconds=1 if name == HUNG else 600, more=notify(receiver)), name)
    for name, tag in ((LATE, "en"), (ROTTEN, "zh")):
        text = growing(site, name, tables[name]).replace('language = "zh"', f'language = "{tag}"')
        keep(desk, text, name, owed=False)
    (rotten,) = series_files(desk.home / "warc" / ROTTEN, ROTTEN)
    rotten.write_bytes(rotten.read_bytes()[:-1])
    wrong = desk.home / "profiles" / f"{WRONG}.toml"
    right = wrong.read_text()
    wrong.write_text(right.replace("[fetch]", "[fetsch]"))
    return right


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    """A service that is owed runs by all of them, as it was down for a year."""
    folder = tmp_path_factory.mktemp("story")
    desk = Desk(folder, folder / "home")
    with ExitStack() as stack:
        stack.callback(desk.close)
        site, killing = (stack.enter_context(serve_newspaper(Newspaper())) for _ in range(2))
        receiver = stack.enter_context(receiving())
        trap = Trap(killing)
        trap.at(2, lambda: os.kill(lock_pid(desk.home, KILLED), signal.SIGKILL), stall=True)
        wrong = prepare(desk, site.url, receiver, {KILLED: killing.url, HUNG: site.url}, folder / "bucket")
        held = stack.enter_context(ExitStack())
        held.enter_context(series_lock(Home(desk.home), HELD))
        service = Served(desk, "--jobs", "3", "--grace", "3")
        stack.callback(kill_all, service)
        os.killpg(service.wait("run.launched", series=HUNG)["pid"], signal.SIGSTOP)
        yield Story(desk, service, receiver, site.url, wrong, trap, held)


def kill_all(service: Served) -> None:
    """End a service and its crawls."""
    service.process.kill()
    for line in service.told("run.launched"):
        try:
            os.killpg(line["pid"], signal.SIGKILL)
        except ProcessLookupError:
            continue


# ------------------------------------------------------------------------------------------------- a run and what follows


@pytest.mark.soak
def test_what_was_missed_while_it_was_down_is_run_once_and_told(story: Story) -> None:
    """A year of missed firings is one run; log, health, metrics and `status` all speak of it."""
    service = story.service
    service.wait("run.ended", series=WELL)
    healthy, ready = service.get("/healthz"), service.get("/readyz")
    service.until(lambda: service.metric("lianzai_last_success_timestamp_seconds", series=WELL) is not None)
    told = story.status(WELL)

    assert service.wait("run.queued", series=WELL)["why"] == "catch-up"
    assert (healthy[0], json.loads(healthy[1])) == (200, {"alive": True})
    assert (ready[0], json.loads(ready[1])["reasons"]) == (200, [])
    assert service.metric("lianzai_instalments", series=WELL, state="captured") == 2.0
    assert (told["captured"], told["running"], told["trouble"], told["complete"]) == (2, False, None, True)
    assert len(service.told("run.queued", series=WELL)) == len(service.told("run.started", series=WELL)) == 1


def test_a_run_is_told_in_one_message_and_never_again(story: Story) -> None:
    """By the service alone: two instalments are one message, in the series' language; the rounds add nothing."""
    story.service.wait("notice.sent", series=WELL)
    story.service.until(lambda: story.service.metric("lianzai_notices_total", result="done") is not None)

    assert [one["title"] for one in story.messages(WELL)] == [f"连载 {WELL}：新增 2 篇"]


def test_what_was_kept_is_sent_to_the_store(story: Story) -> None:
    """After the run, by a child of its own, and read back; nothing waits then."""
    service = story.service
    service.wait("run.ended", series=WELL)
    bucket = story.desk.folder / "bucket" / "warc" / WELL
    (kept,) = series_files(story.desk.home / "warc" / WELL, WELL)
    service.wait("object.uploaded", key=f"warc/{WELL}/{kept.name}", sent=True)
    service.until(lambda: service.metric("lianzai_uploads_total", result="done") is not None)

    assert (bucket / kept.name).read_bytes() == kept.read_bytes()
    service.until(lambda: service.metric("lianzai_pending_uploads") == 0.0)

    # What a crawl by hand beside the service keeps is sent too, and does not wait for the next run by the schedule.
    assert ended(story.desk.start("crawl", WELL, "--full", "--json")).code == 0
    newest = series_files(story.desk.home / "warc" / WELL, WELL)[-1]
    service.wait("object.uploaded", key=f"warc/{WELL}/{newest.name}", sent=True)

    assert newest != kept


def test_an_address_that_is_dead_stops_no_crawl(story: Story) -> None:
    """It is told in the log; the run is a good one, and what was not told waits."""
    story.service.wait("notice.failed", series=DEAF)
    told = story.service.wait("run.ended", series=DEAF)

    assert told["code"] == 0
    assert story.status(DEAF)["last_ok"] is not None


def test_what_is_overdue_is_told_at_the_start_without_a_crawl(story: Story) -> None:
    """Nobody crawls it, its instalments are of 2018, and its profile has only now an address to tell."""
    story.service.wait("notice.sent", series=LATE)

    assert [one["title"] for one in story.messages(LATE)] == [f"连载 {LATE}: overdue"]  # the series is in English


def test_what_the_hashing_finds_is_told(story: Story) -> None:
    """A byte is missing at the end of a WARC: log, metric, history, one message."""
    service = story.service
    found = service.wait("file.damaged", series=ROTTEN)
    service.wait("notice.sent", series=ROTTEN)

    assert [one["title"] for one in story.messages(ROTTEN)] == [f"连载 {ROTTEN}：损坏或缺失 1 个文件"]
    assert found["path"] in story.messages(ROTTEN)[0]["message"]
    assert service.metric("lianzai_damaged_files") == 1.0
    assert looked(story.desk.home, ROTTEN)[1][-1]["kind"] == "damaged"


# -------------------------------------------------------------------------------------------------------- what goes wrong


def test_a_crawl_that_is_killed_hurts_nobody_and_is_told(story: Story) -> None:
    """As by the system when memory runs out; the dead process cannot tell, so the service does."""
    service = story.service
    broken = service.wait("run.broken", series=KILLED)
    service.wait("notice.sent", series=KILLED)
    (message,) = story.messages(KILLED)

    assert (broken["reason"], broken["code"]) == ("killed", -9)
    assert service.metric("lianzai_failures_total", series=KILLED, reason="killed") == 1.0
    assert service.metric("lianzai_failing", series=KILLED, reason="killed") == 1.0
    assert story.status(KILLED)["trouble"]["reason"] == "killed"
    assert (message["title"], message["type"]) == (f"连载 {KILLED}：失败 1 项", "failure")
    assert "被杀" in message["message"]
    service.until(lambda: service.metric("lianzai_next_run_timestamp_seconds", series=KILLED) is not None)

    # A good crawl by hand ends it, not only the next one by the schedule, which is New Year's.
    story.trap.open()
    assert ended(story.desk.start("crawl", KILLED, "--json")).code == 0
    service.until(lambda: service.metric("lianzai_failing", series=KILLED, reason="killed") is None)
    assert KILLED not in json.loads(service.get("/readyz")[1])["failing"]


def test_another_process_that_holds_a_series_is_waited_for(story: Story) -> None:
    """As a crawl by hand does: the service says once who is in the way, and runs the series when that has ended."""
    service = story.service
    deferred = service.wait("run.deferred", series=HELD)
    launched = service.told("run.launched", series=HELD)
    story.held.close()
    service.wait("run.ended", series=HELD)

    assert f"process {os.getpid()} " in deferred["holder"]
    assert launched == []
    assert len(service.told("run.deferred", series=HELD)) == len(service.told("run.launched", series=HELD)) == 1


def test_a_broken_profile_is_told_and_the_others_go_on(story: Story) -> None:
    """It stands in log, /readyz and `status`; mended, its series is planned again; the service is ready all the time."""
    service = story.service
    refused = service.wait("profile.refused", series=WRONG)
    status, text = service.get("/readyz")
    trouble = story.status(WRONG)["trouble"]
    (story.desk.home / "profiles" / f"{WRONG}.toml").write_text(story.wrong)
    service.wait("profile.mended", series=WRONG)
    service.wait("series.planned", series=WRONG)

    assert "fetsch" in refused["error"]
    assert (status, list(json.loads(text)["refused"])) == (200, [WRONG])
    assert trouble["reason"] == "profile"


def test_changes_by_other_processes_take_effect_while_it_runs(story: Story) -> None:
    """add, pause, resume, an edit of the file, remove: each is seen without a restart, and the others are let be."""
    service, home = story.service, Home(story.desk.home)
    keep(story.desk, tiny_profile(story.site, IDLE), IDLE, owed=False)
    service.wait("series.planned", series=IDLE)
    pause(home, IDLE, paused=True)
    service.wait("series.unplanned", series=IDLE, why="paused")
    kept = home.profile(IDLE)
    kept.write_text(kept.read_text().replace("0 0 1 1 *", "0 0 2 1 *"))
    pause(home, IDLE, paused=False)
    planned = service.wait("series.planned", count=2, series=IDLE)
    forget(home, IDLE)
    service.wait("series.unplanned", series=IDLE, why="removed")

    assert planned["next"][5:10] in ("12-31", "01-01")  # midnight in Shanghai, before or after the edit was seen
    assert service.told("run.queued", series=IDLE) == []


def test_it_listens_on_loopback_alone(story: Story) -> None:
    """Unless told otherwise."""
    host, port = story.service.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=60) as connection:
        peer = connection.getpeername()[0]

    assert (host, peer) == ("127.0.0.1", "127.0.0.1")
    assert Path("/proc/net/tcp").read_text().count(f"00000000:{int(port):04X} 00000000:0000 0A") == 0


def test_one_home_has_one_service(story: Story, only_line: Any) -> None:
    """The second is told who is there (exit 5); a port that is taken is bad usage (exit 2)."""
    second = story.desk.start("serve", "--port", "0")
    other = Desk(story.desk.folder, story.desk.folder / "other")
    taken = other.start("serve", "--port", story.service.url.rpartition(":")[2])
    (_, refused), (_, complaint) = second.communicate(timeout=60), taken.communicate(timeout=60)
    other.close()

    assert second.returncode == 5
    assert f"process {story.service.process.pid}" in only_line(refused)
    assert taken.returncode == 2
    assert "another program listens there" in only_line(complaint)


def test_a_crawl_that_hangs_is_ended_and_told(story: Story) -> None:
    """It hears no signal any more: it is told to end when its time is up, and killed 9 s later."""
    service = story.service
    broken = service.wait("run.broken", series=HUNG)
    service.wait("notice.sent", series=HUNG)
    (message,) = story.messages(HUNG)

    assert (broken["reason"], broken["code"]) == ("hung", -9)
    assert service.metric("lianzai_failures_total", series=HUNG, reason="hung") == 1.0
    assert "卡死" in message["message"]


def test_no_more_run_at_once_than_may(story: Story) -> None:
    """Six were owed a run, three may run: the log never shows four, and no series twice at a time."""
    for name in (WELL, DEAF, HELD):
        story.service.wait("run.ended", series=name)
    for name in (KILLED, HUNG):
        story.service.wait("run.broken", series=name)
    running: list[str] = []
    most = 0
    for line in list(story.service.lines):
        if line.get("event") == "run.launched":
            assert line["series"] not in running
            running.append(line["series"])
        elif line.get("event") in ("run.ended", "run.broken"):
            running.remove(line["series"])
        most = max(most, len(running))

    assert most == 3


def test_a_signal_ends_it_and_exit_code_and_log_say_so(story: Story) -> None:
    """The last of the story: SIGTERM is 143, and everything has ended by then."""
    assert story.service.signal(signal.SIGTERM) == 143
    assert story.service.told("service.stopped", signal="SIGTERM")
    assert [one for one in (WELL, KILLED, HUNG, DEAF) if Home(story.desk.home).running(one)] == []


# ------------------------------------------------------------------------------------------------------- kill and restart


def test_killed_in_the_middle_of_a_crawl_it_is_ready_again_at_once_and_goes_on(desk: Desk) -> None:
    """The crawl goes on by itself; the next service is ready while it does, starts no second one, and ends it when it is told to
    end; the one after that owes the series the run that was cut short. No byte that was fetched is lost."""
    with serve_newspaper(Newspaper()) as site:
        keep(desk, tiny_profile(site, "qushui", pages=4), "qushui")
        trap, services = Trap(site), [Served(desk)]
        sprung = trap.at(4, services[0].process.kill, stall=True)
        assert sprung.wait(90)
        services[0].process.wait(90)
        services.append(Served(desk))
        ready = services[1].get("/readyz")[0]
        pid = lock_pid(desk.home, "qushui")
        services[1].until(lambda: looked(desk.home, "qushui")[0]["progress"]["until"] is not None)
        code = services[1].signal(signal.SIGTERM)
        running, names = Home(desk.home).running("qushui"), desk.warcs()
        trap.open()
        services.append(Served(desk))
        queued = services[2].wait("run.queued")
        services[2].wait("run.ended", series="qushui")

        assert services[2].signal(signal.SIGINT) == 130
    assert (ready, code, running) == (200, 143, False)
    assert pid == services[0].told("run.launched")[0]["pid"]
    assert services[1].told("run.launched") == []
    assert [name for name in names if not name.endswith(".warc.gz")] == []
    assert queued["why"] == "catch-up"
    assert {one["state"] for one in desk.ask("articles", "qushui")} == {"captured"}


# ----------------------------------------------------------------------------------------------------- without a process


@pytest.mark.parametrize("jobs", [1, 2, 5])
def test_what_is_due_at_once_runs_at_the_bound_and_none_is_missed(jobs: int) -> None:
    """Twelve are due in the same moment; each runs once, and so many at once as may."""
    running: set[str] = set()
    seen: list[int] = []
    done: list[str] = []

    async def begin(series: str) -> Child:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-S", "-c", "", stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE, start_new_session=True
        )  # fmt: skip
        running.add(series)
        seen.append(len(running))
        return Child(series, process, time.monotonic(), time.monotonic() + 600)

    def over(series: str, ended: Ended) -> None:
        running.discard(series)
        assert ended.reason is None
        done.append(series)

    async def twelve() -> None:
        runs = Runs(jobs, begin, lambda _: None, over)
        for n in range(12):
            runs.request(f"s{n}", "schedule")
            runs.request(f"s{n}", "schedule")
        while len(done) < 12:
            await asyncio.sleep(0.01)
        await runs.stop()

    asyncio.run(twelve())

    assert sorted(done) == sorted(f"s{n}" for n in range(12))
    assert max(seen) <= jobs


def test_it_is_not_ready_where_the_disk_is_too_full(tmp_path: Path) -> None:
    """It says why it cannot do its work; a series that fails is no reason."""
    home = Home(tmp_path).make()
    home.config.write_text("[fetch]\nmin_free = 100000000000000000\n")
    state = State(datetime.now(UTC), ticked=1.0, planned=True)
    state.ended("qushui", Ended(-9, 1.0, "killed", "", None))
    told = readiness(home, state, 1.0, {})

    assert told["ready"] is False
    assert [one.partition(":")[0] for one in told["reasons"]] == ["disk"]
    assert told["failing"]["qushui"]["reason"] == "killed"
