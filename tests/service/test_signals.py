"""A crawl that is told to stop, has to wait, or meets a wall: everything kept, one clear line, and the next run goes on."""

from __future__ import annotations

import signal
import threading
from collections import Counter
from queue import Queue
from typing import Any

import pytest
from desk import Desk, ended, profile_text
from warcio.archiveiterator import ArchiveIterator
from witness import Trap

from crawler.demo.server import Server

UNDER_WAY = 4  # requests at once, as the profile has it: their answers may lie unread when the signal comes


def is_closed(desk: Desk) -> bool:
    """Whether no WARC was left open."""
    return all(name.endswith(".warc.gz") for name in desk.warcs())


@pytest.mark.parametrize(
    ("number", "code", "at"),
    [(signal.SIGTERM, 143, 30), (signal.SIGINT, 130, 3), pytest.param(signal.SIGTERM, 143, 1, marks=pytest.mark.soak)],
)
def test_a_signal_ends_a_crawl_that_keeps_what_it_has(
    desk: Desk, newspaper: Server, trap: Trap, number: signal.Signals, code: int, at: int
) -> None:
    """The site answers no more when the signal comes: nothing is waited for, the run is noted, and the next one goes on."""
    running: Queue[Any] = Queue()
    sprung = trap.at(at, lambda: running.get().send_signal(number), stall=True)
    running.put(process := desk.start("crawl", desk.profile(profile_text(newspaper)), "--json"))
    stopped = ended(process)
    kept = [one for one in desk.records("qushui") if one.type in ("response", "revisit")]
    closed, text = is_closed(desk), list((desk.home / "text" / "qushui").iterdir())
    last = [one.block for one in desk.records("qushui") if one.type == "metadata"][-1]
    trap.open()
    after = desk.crawl(profile_text(newspaper))

    assert sprung.is_set()
    assert (stopped.code, stopped.stderr) == (code, "")
    assert stopped.report["failed"] == []
    assert at - 1 - UNDER_WAY <= len(kept) <= at - 1
    assert closed
    assert text != []
    assert b'"outcome":"stopped"' in last
    assert (after.code, after.counts["captured"] + stopped.counts.get("captured", 0)) == (0, 17)


def test_a_signal_before_the_first_answer_is_heard(desk: Desk, newspaper: Server, trap: Trap) -> None:
    """It comes when the run is noted and nothing was answered yet: the run ends all the same, and is closed."""
    trap.at(1, lambda: None, stall=True)
    process = desk.start("crawl", desk.profile(profile_text(newspaper)), "--json", LIANZAI_LOG="info")
    assert process.stderr is not None
    for line in process.stderr:
        if '"run.started"' in line:
            process.send_signal(signal.SIGTERM)
            break
    done = ended(process)

    assert (done.code, done.report["failed"], is_closed(desk)) == (143, [], True)
    assert done.counts == {}


def test_a_second_crawl_of_a_series_waits_for_the_first(desk: Desk, newspaper: Server, trap: Trap) -> None:
    """It begins when the first has ended, finds its work done, and fetches nothing twice."""
    started: list[Any] = []
    path = desk.profile(profile_text(newspaper))
    go_on = threading.Event()

    def second() -> None:
        started.append(desk.start("crawl", path, "--json", LIANZAI_LOG="info"))
        for line in started[0].stderr:
            if '"series.waited"' in line:
                break
        go_on.set()

    trap.at(10, lambda: (second(), go_on.wait(60)))
    first = ended(desk.start("crawl", path, "--json"))
    other = ended(started[0])

    assert (first.code, first.counts) == (0, {"found": 17, "captured": 17})
    assert (other.code, other.counts) == (0, {"found": 17, "unchanged": 17})
    assert is_closed(desk)


def test_a_crawl_that_waits_for_another_ends_at_a_signal(desk: Desk, newspaper: Server, trap: Trap) -> None:
    """Who stops a service does not wait for a lock to be free."""
    path = desk.profile(profile_text(newspaper))
    codes: list[int] = []

    def second() -> None:
        waiting = desk.start("crawl", path, "--json", LIANZAI_LOG="info")
        assert waiting.stderr is not None
        for line in waiting.stderr:
            if '"series.waited"' in line:
                break
        waiting.send_signal(signal.SIGTERM)
        codes.append(ended(waiting).code)

    trap.at(10, second)
    first = ended(desk.start("crawl", path, "--json"))

    assert codes == [143]
    assert (first.code, first.counts) == (0, {"found": 17, "captured": 17})


@pytest.mark.soak
def test_two_series_are_crawled_into_a_fresh_home_at_once(desk: Desk, newspaper: Server) -> None:
    """Several processes make the ledger and write it: none is refused, and each has its own."""
    paths = {
        f"{kind}-{n}": desk.profile(profile_text(newspaper, kind, series=f"{kind}-{n}"), f"{kind}-{n}.toml")
        for n in range(2)
        for kind in ("api", "list")
    }
    processes = {series: desk.start("crawl", path, "--json") for series, path in paths.items()}
    done = {series: ended(process) for series, process in processes.items()}

    assert {series: (one.code, one.stderr) for series, one in done.items()} == dict.fromkeys(paths, (0, ""))
    assert {series: one.counts["captured"] for series, one in done.items()} == dict.fromkeys(paths, 17)
    assert len(desk.ask("status")["series"]) == 4


@pytest.mark.parametrize("blocks", [120, *(pytest.param(n, marks=pytest.mark.soak) for n in range(1, 300, 7))])
def test_a_full_disk_is_one_line_and_the_next_run_goes_on(desk: Desk, newspaper: Server, blocks: int) -> None:
    """A file may grow to so many KiB: the crawl ends with exit 3, nothing kept is lost, and with room it goes on."""
    text = profile_text(newspaper)
    desk.crawl(text.replace("qushui", "other"))  # the ledger is there, as on the day on which a disk becomes full
    full = desk.crawl(text, shell=f"ulimit -f {blocks}", PYTHONDONTWRITEBYTECODE="1")  # else a cut .pyc stays behind
    after = desk.crawl(text)
    names = desk.warcs()

    assert full.code == 3, full.stderr
    assert "try: " in full.error
    assert (after.code, after.stderr) == (0, "")
    assert after.counts["found"] == 17
    assert after.report["missing"] == ["济源"]
    assert Counter(one["state"] for one in desk.ask("articles", "qushui")) == {"captured": 17}
    assert [name for name in names if not name.endswith(".warc.gz")] == []
    for path in (desk.home / "warc" / "qushui").iterdir():
        with path.open("rb") as stream:
            assert sum(1 for _ in ArchiveIterator(stream)) > 0


def test_too_little_room_stops_a_crawl_before_it_begins(desk: Desk, newspaper: Server) -> None:
    """What `min_free` keeps for others is not touched: no file is begun, however often it is tried."""
    done = [desk.crawl(profile_text(newspaper, min_free=10**17)) for _ in range(2)]

    assert [one.code for one in done] == [3, 3]
    assert "fetch.min_free" in done[1].error
    assert (desk.warcs(), newspaper.requests) == ([], [])


def test_a_home_that_cannot_be_one_is_exit_2(desk: Desk, newspaper: Server) -> None:
    """Nothing is asked for that could not be kept."""
    desk.home.write_text("a file")
    done = desk.crawl(profile_text(newspaper))

    assert (done.code, done.document, newspaper.requests) == (2, None, [])
    assert "found a file" in done.error


def test_a_folder_of_the_home_that_is_a_file_is_exit_2(desk: Desk, newspaper: Server) -> None:
    """The same for the folder of the WARCs."""
    desk.home.mkdir()
    (desk.home / "warc").write_text("a file")
    done = desk.crawl(profile_text(newspaper))

    assert (done.code, done.document, newspaper.requests) == (2, None, [])
    assert str(desk.home / "warc") in done.error
