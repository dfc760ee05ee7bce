"""One budget of a host over processes: so many at once, so far apart, and nothing held by the dead."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.http import REST_MOST_S
from crawler.budget import HostBudget, file_name, resting, resting_until

REPOSITORY = Path(__file__).parents[2]
# Enters so often with `limit` and `delay`, and writes when it went out and when it left, on the clock that all share.
CRAWL = """
import asyncio, sys, time
from pathlib import Path
from crawler.budget import HostBudget

async def main(folder, times, limit, delay, stay):
    budget, halt = HostBudget(Path(folder), "news.example"), asyncio.Event()

    async def one():
        async with budget.admitted(limit, delay, halt):
            sent = []
            while wait_s := budget.sending_s(delay, lambda: sent.append(time.monotonic()) or 0.0):
                await asyncio.sleep(wait_s)
            went = sent[0]
            await asyncio.sleep(stay)
            print(went, time.monotonic(), flush=True)

    for _ in range(times):
        await one()

asyncio.run(main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4]), float(sys.argv[5])))
"""


class Clock:
    """Both clocks, which stand but for what a test lets pass."""

    steady_s, wall_s = 1000.0, 1.8e9

    def pass_by(self, seconds: float) -> None:
        """Let time pass."""
        self.steady_s += seconds
        self.wall_s += seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The clock of budgets in this process: figures do not depend on how busy the machine is."""
    made = Clock()
    times = SimpleNamespace(monotonic=lambda: made.steady_s, time=lambda: made.wall_s)
    monkeypatch.setattr("crawler.budget.time", times)
    return made


def start(folder: Path, times: int, limit: int, delay: float, stay: float) -> subprocess.Popen[str]:
    """Start one crawl of the host."""
    command = [sys.executable, "-c", CRAWL, str(folder), *map(str, (times, limit, delay, stay))]
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, env={"PYTHONPATH": str(REPOSITORY), "PATH": os.environ["PATH"]}
    )


def stays(processes: list[subprocess.Popen[str]]) -> list[tuple[float, float]]:
    """Give when each request went out and when it was answered, in order, of all processes."""
    texts = [process.communicate(timeout=120)[0] for process in processes]

    assert [process.returncode for process in processes] == [0] * len(processes)
    found = [tuple(map(float, line.split())) for text in texts for line in text.splitlines()]
    return sorted((went, left) for went, left in found)


def test_three_processes_keep_the_delay_of_one(tmp_path: Path) -> None:
    """What the host sees is one crawl: never two requests closer than the delay."""
    found = stays([start(tmp_path, 4, 3, 0.25, 0.0) for _ in range(3)])
    gaps = [later - earlier for (earlier, _), (later, _) in pairwise(found)]

    assert len(found) == 12
    assert found[-1][0] - found[0][0] >= 11 * 0.25 - 0.1
    assert min(gaps) >= 0.25


def test_three_processes_share_the_places_under_way(tmp_path: Path) -> None:
    """Two at once are two at once, whoever asks."""
    found = stays([start(tmp_path, 5, 2, 0.0, 0.05) for _ in range(3)])
    most = max(sum(other <= went < left for other, left in found) for went, _ in found)

    assert len(found) == 15
    assert most <= 2


def test_a_killed_process_frees_its_places(tmp_path: Path) -> None:
    """Who holds the only place and is killed blocks nobody."""
    holder = start(tmp_path, 2, 1, 0.0, 0.0)
    holder.communicate(timeout=60)
    stuck = subprocess.Popen(
        [sys.executable, "-c", CRAWL.replace("print(went", "print('in', flush=True); await asyncio.sleep(1e6); print(went"),
         str(tmp_path), "1", "1", "0", "0"],
        stdout=subprocess.PIPE, text=True, env={"PYTHONPATH": str(REPOSITORY), "PATH": os.environ["PATH"]},
    )  # fmt: skip
    assert stuck.stdout is not None
    assert stuck.stdout.readline() == "in\n"
    other = start(tmp_path, 1, 1, 0.0, 0.0)
    with pytest.raises(subprocess.TimeoutExpired):
        other.wait(timeout=1.0)
    stuck.kill()
    stuck.communicate()

    assert len(stays([other])) == 1


def test_who_is_told_to_end_waits_for_nothing(tmp_path: Path) -> None:
    """A run that was stopped leaves the queue at once: it has 10 s in all."""

    async def stopped() -> float:
        budget, halt = HostBudget(tmp_path, "news.example"), asyncio.Event()
        budget.hold(3600)
        asyncio.get_running_loop().call_later(0.05, halt.set)
        begun = time.monotonic()
        async with budget.admitted(1, 1.0, halt):
            return time.monotonic() - begun

    assert asyncio.run(stopped()) < 60


def test_a_long_wait_is_told_before_it_begins(tmp_path: Path) -> None:
    """For a turn with its length, for a place among those under way without; a short one is nobody's business."""
    told: list[tuple[str, float | None]] = []

    async def enter(delay_s: float) -> None:
        budget, halt = HostBudget(tmp_path, "news.example"), asyncio.Event()

        def waits(host: str, seconds: float | None) -> None:
            told.append((host, seconds))
            halt.set()

        async with budget.admitted(1, delay_s, halt, waits):
            pass

    asyncio.run(enter(0.01))
    asyncio.run(enter(0.01))
    HostBudget(tmp_path, "news.example").hold(60)
    asyncio.run(enter(0.0))

    assert told == [("news.example", pytest.approx(60, abs=5))]


def test_a_host_that_asked_for_rest_is_known_to_all(tmp_path: Path) -> None:
    """The service reads it, and starts no crawl of the host before."""
    HostBudget(tmp_path, "news.example").rest(600)
    until = resting_until(tmp_path, "news.example")

    assert until is not None
    assert 500 < until - time.time() <= 600
    assert resting_until(tmp_path, "other.example") is None
    assert resting(tmp_path) == {"news.example"}


def test_a_good_answer_ends_the_rest_that_an_earlier_crawl_was_asked_for(tmp_path: Path) -> None:
    """Not the one that this crawl was asked for itself: what answers well then was asked for before."""
    first, later = HostBudget(tmp_path, "news.example"), HostBudget(tmp_path, "news.example")
    first.rest(600)
    first.sending_s(0.0)
    first.welcomed()
    after_first = resting(tmp_path)
    later.sending_s(0.0)
    later.welcomed()

    assert after_first == {"news.example"}
    assert resting(tmp_path) == set()


@given(st.floats(0, 1e12))
def test_whatever_a_host_asks_for_is_a_day_at_most(tmp_path_factory: pytest.TempPathFactory, wait_s: float) -> None:
    """It is tried once a day all the same."""
    folder = tmp_path_factory.mktemp("hosts")
    HostBudget(folder, "news.example").rest(wait_s)
    until = resting_until(folder, "news.example")

    assert until is None or until - time.time() <= REST_MOST_S


def test_a_rest_by_a_clock_that_was_years_ahead_holds_nobody_up(tmp_path: Path) -> None:
    """What no rule of ours can have written counts as past, and the next rest counts anew."""
    import struct

    (tmp_path / "news.example").write_bytes(struct.pack("<ddd", 0.0, 0.0, time.time() + 1e8))
    before = resting(tmp_path)
    HostBudget(tmp_path, "news.example").rest(600)
    until = resting_until(tmp_path, "news.example")

    assert before == set()
    assert until is not None
    assert until - time.time() <= 600


def test_a_folder_that_cannot_be_written_leaves_the_pace_to_the_process(tmp_path: Path) -> None:
    """A crawl does not end for the sake of others that may not even run."""
    (tmp_path / "hosts").write_text("a file")

    async def once() -> float:
        budget = HostBudget(tmp_path / "hosts", "news.example")
        async with budget.admitted(1, 0.0, asyncio.Event()):
            return budget.sending_s(0.0)

    assert asyncio.run(once()) == 0.0


@given(st.text(max_size=300))
def test_any_host_has_a_file_name_of_its_own(host: str) -> None:
    """Nothing in it leads out of the folder, and it fits a file system."""
    name = file_name(host)

    assert name == Path(name).name
    assert 0 < len(name.encode()) <= 100
    assert not name.startswith(".")


def test_a_time_of_before_a_restart_of_the_machine_holds_nobody_up(tmp_path: Path) -> None:
    """The steady clock began anew: what stands in the file lies weeks ahead."""
    import struct

    (tmp_path / "news.example").write_bytes(struct.pack("<ddd", time.monotonic() + 1e6, time.monotonic() + 1e6, 0.0))

    assert HostBudget(tmp_path, "news.example").sending_s(1.0) == 0.0


def test_who_was_given_a_turn_before_the_host_asked_for_rest_waits_too(tmp_path: Path) -> None:
    """The turn was given a second ahead; what the host says in that second holds for it."""

    async def entered() -> list[float | None]:
        budget, halt, told = HostBudget(tmp_path, "news.example"), asyncio.Event(), []

        def waits(_host: str, seconds: float | None) -> None:
            told.append(seconds)
            halt.set()

        async with budget.admitted(1, 0.5, halt):
            pass
        asyncio.get_running_loop().call_later(0.02, HostBudget(tmp_path, "news.example").hold, 600)
        async with budget.admitted(1, 0.5, halt, waits):
            return told

    assert asyncio.run(entered()) == [pytest.approx(600, abs=5)]


def test_a_host_that_says_it_is_too_much_is_asked_half_as_often_by_all_and_recovers_slowly(
    tmp_path: Path, clock: Clock
) -> None:
    """What it says within the same pause is the same wish; each good answer brings the pace a little back."""
    ours, others = HostBudget(tmp_path, "news.example"), HostBudget(tmp_path, "news.example")

    def distance() -> float:
        clock.pass_by(120.0)
        others.sending_s(1.0)
        return round(others.sending_s(1.0), 6)

    paces = [distance()]
    for pause_s in (600.0, 0.0, 0.0):  # the second falls into the pause of the first
        ours.slow(1.0, pause_s)
        paces.append(distance())
    clock.pass_by(600.0)
    ours.slow(1.0, 0.0)
    paces.append(distance())
    for _ in range(30):
        others.welcomed()
        paces.append(distance())

    assert paces[:5] == pytest.approx([1.02, 2.02, 2.02, 2.02, 4.02])
    assert all(later <= earlier for earlier, later in pairwise(paces[4:]))
    assert paces[5] == pytest.approx(0.9 * 4 + 0.02)
    assert paces[-1] == pytest.approx(1.02)


def test_a_wish_of_the_day_before_slows_nobody(tmp_path: Path) -> None:
    """Nor does one by a clock that was wrong."""
    import struct

    for told in (-90_000.0, 90_000.0):
        (tmp_path / "news.example").write_bytes(struct.pack("<6d", 0, 0, 0, 0, 60.0, time.time() + told))
        budget = HostBudget(tmp_path, "news.example")
        budget.sending_s(0.0)

        assert budget.sending_s(0.0) == 0.0


def test_what_came_late_leaves_the_next_its_distance(tmp_path: Path, clock: Clock) -> None:
    """Only what goes out counts: two that were to go a second apart, and woke up together, go a second apart."""
    budget = HostBudget(tmp_path, "news.example")
    first, second = budget.sending_s(1.0), budget.sending_s(1.0)
    clock.pass_by(0.25)
    again = budget.sending_s(1.0)

    assert (first, second, again) == (0.0, pytest.approx(1.02), pytest.approx(0.77))


def test_several_budgets_count_a_sending_at_one_moment_or_not_at_all(tmp_path: Path, clock: Clock) -> None:
    """A host and the address that it shares: while the one wants a wait, the other counts nothing."""
    host, address = HostBudget(tmp_path, "news.example"), HostBudget(tmp_path, "192.0.2.1")
    address.hold(60)
    waits = [host.sending_s(1.0, lambda: address.sending_s(1.0)), HostBudget(tmp_path, "news.example").sending_s(0.0)]
    other = HostBudget(tmp_path, "other.example").sending_s(
        1.0, lambda: HostBudget(tmp_path, "third.example").sending_s(1.0)
    )
    after = [HostBudget(tmp_path, f"{name}.example").sending_s(1.0) for name in ("other", "third")]

    assert waits == [60.0, 0.0]
    assert other == 0.0
    assert after == [pytest.approx(1.02)] * 2


def test_what_is_killed_within_a_sending_has_sent(tmp_path: Path) -> None:
    """Whoever comes next cannot know how far it was."""
    killed = (
        "import os, signal, sys; from pathlib import Path; from crawler.budget import HostBudget\n"
        "HostBudget(Path(sys.argv[1]), 'news.example').sending_s(60.0, lambda: os.kill(os.getpid(), signal.SIGKILL))"
    )
    command = [sys.executable, "-c", killed, str(tmp_path)]
    done = subprocess.run(command, env={"PYTHONPATH": str(REPOSITORY), "PATH": os.environ["PATH"]}, check=False)

    assert done.returncode == -signal.SIGKILL
    assert HostBudget(tmp_path, "news.example").sending_s(60.0) > 0.0


def test_without_a_folder_a_process_keeps_the_pace_by_itself(clock: Clock) -> None:
    """A look that nobody else shares."""

    async def twice() -> float:
        budget = HostBudget(None, "news.example")
        async with budget.admitted(1, 1.0, asyncio.Event()):
            budget.sending_s(1.0)
        clock.pass_by(0.5)
        return budget.sending_s(1.0)

    assert asyncio.run(twice()) == pytest.approx(0.52)


def test_a_file_of_an_older_version_is_read(tmp_path: Path) -> None:
    """It had three times; what was cut within one is none."""
    import struct

    until = time.time() + 600
    (tmp_path / "a.example").write_bytes(struct.pack("<ddd", 0.0, 0.0, until))
    (tmp_path / "b.example").write_bytes(struct.pack("<dd", 0.0, 0.0) + b"\x01\x02\x03")
    (tmp_path / "robots_0").write_bytes(struct.pack("<ddd", 0.0, 0.0, until))
    HostBudget(tmp_path, "a.example").sending_s(0.0)

    assert resting(tmp_path) == {"a.example"}
    assert resting_until(tmp_path, "a.example") == until
    assert resting_until(tmp_path, "b.example") is None
