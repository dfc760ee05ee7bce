"""The service: schedules, children, signals, changes while it runs; real processes on loopback."""

from __future__ import annotations

import json
import os
import signal
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from desk import Desk, ended, profile_text
from serving import Served, keep, lock_pid, yearly
from witness import Trap

from archive.home import Home
from crawler.demo.server import Server
from crawler.lock import series_lock

pytestmark = pytest.mark.soak  # real processes and servers: minutes, so by `make soak`


@pytest.fixture
def serve(desk: Desk) -> Iterator[Any]:
    """Start services; those that still run at the end are killed, their crawls too."""
    started: list[Served] = []

    def start(*options: str, **environ: str) -> Served:
        started.append(Served(desk, *options, **environ))
        return started[-1]

    yield start
    for one in started:
        one.process.kill()
        for line in one.told("run.launched"):
            try:
                os.killpg(line["pid"], signal.SIGKILL)
            except ProcessLookupError:
                continue


def series(newspaper: Server, name: str, **changes: Any) -> str:
    """Give a profile that is owed a run and not due again."""
    return yearly(profile_text(newspaper, series=name, **changes))


def test_what_was_missed_while_it_was_down_is_run_once_and_told(desk: Desk, newspaper: Server, serve: Any) -> None:
    """A year of missed firings is one run; log, health, metrics and `status` all speak of it; SIGTERM ends it, exit 143."""
    keep(desk, series(newspaper, "qushui"), "qushui")
    service = serve()
    service.wait("run.ended", series="qushui")
    healthy, ready = service.get("/healthz"), service.get("/readyz")
    captured = service.metric("lianzai_instalments", series="qushui", state="captured")
    service.until(lambda: service.metric("lianzai_last_success_timestamp_seconds", series="qushui") is not None)
    (told,) = desk.ask("status")["series"]

    assert service.wait("run.queued")["why"] == "catch-up"
    assert (healthy[0], json.loads(healthy[1])) == (200, {"alive": True})
    assert (ready[0], json.loads(ready[1])["reasons"]) == (200, [])
    assert (captured, told["captured"], told["running"], told["trouble"]) == (17.0, 17, False, None)
    assert service.metric("lianzai_runs_total", result="done") == 1.0
    assert service.metric("lianzai_run_duration_seconds_count") == 1.0
    assert len(service.told("run.started")) == 1  # the child's own line, passed on
    assert service.signal(signal.SIGTERM) == 143
    assert service.told("service.stopped", signal="SIGTERM")


def test_a_series_with_nothing_missed_waits_for_its_time(desk: Desk, newspaper: Server, serve: Any) -> None:
    """It was put into the home a moment ago: nothing is run, and SIGINT is exit 130."""
    keep(desk, series(newspaper, "qushui"), "qushui", owed=False)
    service = serve()
    service.until(lambda: service.metric("lianzai_next_run_timestamp_seconds", series="qushui") is not None)

    assert service.wait("service.started")["owed"] == 0
    assert service.signal(signal.SIGINT) == 130
    assert service.told("run.queued") == []


def test_changes_by_other_processes_take_effect_while_it_runs(desk: Desk, newspaper: Server, serve: Any) -> None:
    """add, pause, resume, an edit of the file, remove: each is seen without a restart, and the others are let be."""
    service = serve()
    assert service.wait("service.started")["series"] == 0
    keep(desk, series(newspaper, "qushui"), "qushui", owed=False)
    service.wait("series.planned", series="qushui")
    assert ended(desk.start("pause", "qushui", "--json")).code == 0
    service.wait("series.unplanned", series="qushui", why="paused")
    assert ended(desk.start("resume", "qushui", "--json")).code == 0
    service.wait("series.planned", count=2, series="qushui")
    kept = desk.home / "profiles" / "qushui.toml"
    kept.write_text(kept.read_text().replace("0 0 1 1 *", "0 0 2 1 *"))
    planned = service.wait("series.planned", count=3, series="qushui")
    assert ended(desk.start("remove", "qushui", "--json")).code == 0
    service.wait("series.unplanned", series="qushui", why="removed")

    assert planned["next"][5:10] in ("01-01", "01-02")  # midnight in Shanghai
    assert service.told("run.queued") == []


def test_a_broken_profile_is_told_and_the_others_go_on(desk: Desk, newspaper: Server, serve: Any) -> None:
    """It stands in log, /readyz and `status`; mended, its series runs again; the service stays ready all the time."""
    keep(desk, series(newspaper, "broken"), "broken", owed=False)
    keep(desk, series(newspaper, "whole"), "whole")
    path = desk.home / "profiles" / "broken.toml"
    right = path.read_text()
    path.write_text(right.replace("[fetch]", "[fetsch]"))
    service = serve()
    refused = service.wait("profile.refused", series="broken")
    service.wait("run.ended", series="whole")
    status, text = service.get("/readyz")
    told = {one["id"]: one["trouble"] for one in desk.ask("status")["series"]}
    path.write_text(right)
    service.wait("profile.mended", series="broken")

    assert "fetsch" in refused["error"]
    assert (status, list(json.loads(text)["refused"])) == (200, ["broken"])
    assert told["whole"] is None
    assert told["broken"]["reason"] == "profile"


def test_a_crawl_that_is_killed_hurts_nobody(desk: Desk, newspaper: Server, trap: Trap, serve: Any) -> None:
    """As by the system when memory runs out: it is told with its reason, and the other series is crawled."""
    keep(desk, series(newspaper, "killed"), "killed")
    trap.at(8, lambda: os.kill(lock_pid(desk.home, "killed"), signal.SIGKILL))
    service = serve("--jobs", "1")
    broken = service.wait("run.broken", series="killed")
    keep(desk, series(newspaper, "other"), "other", owed=False)
    service.wait("series.planned", series="other")
    told = {one["id"]: one["trouble"] for one in desk.ask("status")["series"]}

    assert (broken["reason"], broken["code"]) == ("killed", -9)
    assert service.metric("lianzai_failures_total", series="killed", reason="killed") == 1.0
    assert service.metric("lianzai_failing", series="killed", reason="killed") == 1.0
    assert told["killed"]["reason"] == "killed"
    service.until(lambda: service.metric("lianzai_next_run_timestamp_seconds", series="killed") is not None)


def test_a_crawl_that_hangs_is_ended(desk: Desk, newspaper: Server, serve: Any) -> None:
    """It hears no signal any more: it is told to end when its time is up, and killed 9 s later."""
    keep(desk, series(newspaper, "hung", max_seconds=1), "hung")
    service = serve("--grace", "1")
    os.killpg(service.wait("run.launched", series="hung")["pid"], signal.SIGSTOP)
    broken = service.wait("run.broken", series="hung")

    assert (broken["reason"], broken["code"]) == ("hung", -9)
    assert service.metric("lianzai_failures_total", series="hung", reason="hung") == 1.0


def test_a_signal_ends_the_crawls_and_a_restart_goes_on(desk: Desk, newspaper: Server, trap: Trap, serve: Any) -> None:
    """What was fetched is kept and closed within the 10 s of the contract; the next start owes the series its run."""
    keep(desk, series(newspaper, "qushui"), "qushui")
    services = [serve()]
    sprung = trap.at(20, lambda: services[0].process.send_signal(signal.SIGTERM), stall=True)
    assert sprung.wait(90)
    code = services[0].signal(0) if services[0].process.poll() is None else services[0].process.returncode
    closed = all(name.endswith(".warc.gz") for name in desk.warcs())
    trap.open()
    again = serve()
    again.wait("run.ended", series="qushui")

    assert code == 143
    assert closed
    assert services[0].told("run.stopped", outcome="stopped")
    assert again.wait("run.queued")["why"] == "catch-up"
    assert {one["state"] for one in desk.ask("articles", "qushui")} == {"captured"}
    assert len(desk.ask("articles", "qushui")) == 17


def test_a_killed_service_leaves_its_crawl_which_the_next_one_takes_over(
    desk: Desk, newspaper: Server, trap: Trap, serve: Any
) -> None:
    """The crawl goes on by itself; the next service counts it as running, starts no second one, and ends it when it ends."""
    keep(desk, series(newspaper, "qushui"), "qushui")
    first = serve()
    sprung = trap.at(20, first.process.kill, stall=True)
    assert sprung.wait(90)
    first.process.wait(90)
    second = serve()
    second.until(lambda: desk.ask("status")["series"][0]["progress"] is not None)
    (told,) = desk.ask("status")["series"]
    pid = lock_pid(desk.home, "qushui")

    assert pid == first.told("run.launched")[0]["pid"]
    assert told["running"] is True
    assert told["progress"]["until"] is not None
    assert second.told("run.launched") == []
    assert second.signal(signal.SIGTERM) == 143
    assert not desk_running(desk, "qushui")


def desk_running(desk: Desk, name: str) -> bool:
    """Whether a series is crawled now."""
    return any(one["id"] == name and one["running"] for one in desk.ask("status")["series"])


def test_another_process_that_holds_a_series_is_waited_for(desk: Desk, newspaper: Server, serve: Any) -> None:
    """As a crawl by hand does: the service says once who is in the way, and runs the series when that has ended."""
    keep(desk, series(newspaper, "qushui"), "qushui")
    with series_lock(Home(desk.home), "qushui"):
        service = serve()
        deferred = service.wait("run.deferred", series="qushui")
        launched = service.told("run.launched")
    service.wait("run.ended", series="qushui")

    assert f"process {os.getpid()} " in deferred["holder"]
    assert launched == []
    assert len(service.told("run.deferred")) == len(service.told("run.launched")) == 1


@pytest.mark.soak
def test_no_more_run_at_once_than_may(desk: Desk, newspaper: Server, serve: Any) -> None:
    """Five are owed a run, two may run: all run, and the log never shows three."""
    for n in range(5):
        keep(desk, series(newspaper, f"s{n}"), f"s{n}")
    service = serve("--jobs", "2")
    service.wait("run.ended", count=5)
    running, most = 0, 0
    for line in service.lines:
        running += {"run.launched": 1, "run.ended": -1}.get(str(line.get("event")), 0)
        most = max(most, running)

    assert most == 2
    assert sorted(line["series"] for line in service.told("run.ended")) == [f"s{n}" for n in range(5)]


def test_one_home_has_one_service(desk: Desk, serve: Any, only_line: Any) -> None:
    """The second is told who is there (exit 5); a port that is taken is bad usage (exit 2)."""
    first = serve()
    assert first.url
    second = desk.start("serve", "--port", "0")
    _, refused = second.communicate(timeout=60)
    other = Desk(desk.folder, desk.folder / "other")
    taken = other.start("serve", "--port", first.url.rpartition(":")[2])
    _, complaint = taken.communicate(timeout=60)
    other.close()

    assert second.returncode == 5
    assert f"process {first.process.pid}" in only_line(refused)
    assert taken.returncode == 2
    assert "another program listens there" in only_line(complaint)


def test_it_is_not_ready_where_the_disk_is_too_full(desk: Desk, serve: Any) -> None:
    """/healthz says that it lives, /readyz why it cannot do its work."""
    desk.home.mkdir()
    (desk.home / "config.toml").write_text("[fetch]\nmin_free = 100000000000000000\n")
    service = serve()
    status, text = service.get("/readyz")

    assert service.get("/healthz")[0] == 200
    assert status == 503
    assert [one.partition(":")[0] for one in json.loads(text)["reasons"]] == ["disk"]


def test_it_listens_on_loopback_alone(desk: Desk, serve: Any) -> None:
    """Unless told otherwise."""
    service = serve()
    host, port = service.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=60) as connection:
        peer = connection.getpeername()[0]

    assert (host, peer) == ("127.0.0.1", "127.0.0.1")
    assert Path("/proc/net/tcp").read_text().count(f"00000000:{int(port):04X} 00000000:0000 0A") == 0
