"""Killed, torn, full, failing, off in time: nothing is lost, nothing doubled, and an ordinary crawl makes it whole.

How faults are made and drawn stands in tests/crawler/faults. `make soak` draws as many cases as LIANZAI_FAULTS says; one of them
alone is run again by its seed:

    .venv/bin/pytest -m soak "tests/service/test_faults.py::test_a_drawn_case[17]"
"""

from __future__ import annotations

import errno
import os
import shutil
import signal
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from desk import Desk, ended
from faults import KINDS, SCENES, Injector, Rule, Stage, draw, drive
from faults.checks import left_wrong
from faults.injector import bitten
from faults.older import OLDEST

from crawler.demo.newspaper import Newspaper
from crawler.demo.server import serve

CASES = int(os.environ.get("LIANZAI_FAULTS", "300"))
FOR_EVER = 0


@pytest.fixture(scope="module")
def injector(tmp_path_factory: pytest.TempPathFactory) -> Injector:
    """The library that makes faults; without it these tests are skipped, and say why."""
    try:
        return Injector(tmp_path_factory.mktemp("shim"))
    except RuntimeError as error:
        pytest.skip(str(error))


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory, injector: Injector) -> Iterator[Stage]:
    """A newspaper, and the homes at which the scenes begin, made once."""
    with serve(Newspaper()) as server:
        yield Stage(tmp_path_factory.mktemp("stage"), server, injector)


IN_MAKE_TEST = ("SIGKILL", "SIGINT, SIGINT", "disk full")


@pytest.mark.parametrize(
    "kind", [kind if kind in IN_MAKE_TEST else pytest.param(kind, marks=pytest.mark.soak) for kind in KINDS]
)
def test_a_fault_of_each_kind_is_mended_by_an_ordinary_crawl(stage: Stage, tmp_path: Path, kind: str) -> None:
    """Each kind of fault once, in a second crawl that finds edits: what was kept stays, and each edit is told once."""
    case = draw(1, scene="small-again", kind=kind)
    driven = drive(case, stage, tmp_path / "case")

    assert driven.bit[0] != [] or case.runs[0].kib, case
    assert driven.wrong == [], case


COMMANDS = (
    "import",
    "rebuild",
    "rebuild-over",
    "export",
    "repair",
    "upload",
)  # scenes, each of another command than crawl
SHORT = (("upload", "SIGKILL"),)


@pytest.mark.parametrize(
    ("scene", "kind"),
    [
        pytest.param(*one, marks=() if one in SHORT else pytest.mark.soak)
        for one in ((scene, kind) for scene in COMMANDS for kind in KINDS)
    ],
)
def test_each_command_meets_each_fault(stage: Stage, tmp_path: Path, scene: str, kind: str) -> None:
    """What writes beside the crawl: the same command again, and an ordinary crawl, and all is there once."""
    case = draw(1, scene=scene, kind=kind)
    driven = drive(case, stage, tmp_path / "case")

    assert driven.wrong == [], case


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(CASES))
def test_a_drawn_case(stage: Stage, tmp_path: Path, seed: int) -> None:
    """Any command, any kind, any instant, up to three in a row. What stays of a case that went wrong is in its folder."""
    case = draw(seed)
    print(case)
    driven = drive(case, stage, tmp_path / "case")

    assert driven.wrong == [], case
    shutil.rmtree(tmp_path / "case")


def test_a_clock_that_goes_back_within_a_run_leaves_a_sound_home(stage: Stage, tmp_path: Path) -> None:
    """The run's later WARCs then have earlier names; they are read in the order of their serials."""
    driven = drive(draw(30, scene="small-rotating", kind="clock"), stage, tmp_path / "case")

    assert driven.wrong == []


# ------------------------------------------------------------------------------------------------ one thing at a time


def faulty(stage: Stage, desk: Desk, *rules: Rule) -> dict[str, str]:
    """Give the environment of a run that meets these faults."""
    return stage.injector.environment(desk.home, rules, desk.folder / "log")


def whole(stage: Stage, desk: Desk, scene: str, like: str | None = None) -> list[str]:
    """Crawl once more, as ever, and give what is wrong then. like: another scene that comes to the same story."""
    place = SCENES[scene]
    done = stage.run(desk, place, "crawl")
    told = [] if (done.code, done.stderr) == (0, "") else [f"exit {done.code}: {done.stderr}"]
    return told + left_wrong(desk, stage.series(place), stage.text(place), stage.expected(like or scene))


@pytest.mark.soak
def test_a_file_that_cannot_be_named_within_a_run_is_one_line(stage: Stage, tmp_path: Path) -> None:
    """The first WARC is full and the disk refuses its name: what came after that met a closed writer, and was called a bug."""
    scene = SCENES["small-rotating"]
    desk = stage.desk(scene, tmp_path / "case")
    done = stage.run(desk, scene, "crawl", **faulty(stage, desk, Rule("rename", 1, "errno", errno.ENOSPC)))

    assert (done.code, done.failed) == (3, ["disk"]), done.stderr
    assert "cannot get its final name: No space left on device" in done.error
    assert whole(stage, desk, "small-rotating", "small") == []


@pytest.mark.parametrize("rule", [
    Rule("rename", 1, "errno", errno.ENOSPC),
    *(pytest.param(rule, marks=pytest.mark.soak) for rule in (
        Rule("sync", 1, "errno", errno.EIO), Rule("change", 1, "errno", errno.EROFS, FOR_EVER),
        Rule("cut", 1, "errno", errno.EIO), Rule("grow", 1, "errno", errno.ENOSPC, FOR_EVER),
        *(Rule("any", at, "signal", signal.SIGKILL) for at in range(1, 30)),
    )),
], ids=str)  # fmt: skip
@pytest.mark.soak
def test_a_fault_while_a_killed_run_is_recovered(stage: Stage, tmp_path: Path, rule: Rule) -> None:
    """The second run fails where it closes what the first left open: the third closes it."""
    scene = SCENES["small-after-a-kill"]
    desk = stage.desk(scene, tmp_path / "case")
    left = list(desk.home.glob("warc/*/*.open"))
    done = stage.run(desk, scene, "crawl", **faulty(stage, desk, rule))

    assert len(left) == 1
    assert bitten(desk.folder / "log") != []
    assert done.code in ((-9,) if rule.action == "signal" else (0, 2, 3)), done.stderr
    assert whole(stage, desk, "small-after-a-kill") == []


def test_an_empty_open_file_is_taken_away(stage: Stage, tmp_path: Path) -> None:
    """Killed between making the file and writing its first record; its serial is not missed."""
    scene = SCENES["small-again"]
    desk = stage.desk(scene, tmp_path / "case")
    (desk.home / "warc" / "qushui-urls" / "qushui-urls-20180830000000-00002.warc.gz.open").touch()

    assert whole(stage, desk, "small-again") == []


def test_a_read_only_home_is_told_and_nothing_is_touched(stage: Stage, tmp_path: Path) -> None:
    """As where a disk was mounted read-only after an error: exit 2 or 3 by one line, and no file differs."""
    scene = SCENES["small-again"]
    desk = stage.desk(scene, tmp_path / "case")
    before = {path: path.read_bytes() for path in desk.home.rglob("*") if path.is_file()}
    done = stage.run(desk, scene, "crawl", **faulty(stage, desk, Rule("change", 1, "errno", errno.EROFS, FOR_EVER)))

    assert done.code in (2, 3)
    assert "lianzai doctor" in done.error or "--home" in done.error
    assert before == {path: path.read_bytes() for path in desk.home.rglob("*") if path in before}
    assert whole(stage, desk, "small-again") == []


def test_a_disk_that_fails_beside_the_ledger_does_not_make_it_damaged(stage: Stage, tmp_path: Path) -> None:
    """The ledger's index of its log cannot be cut: that says nothing of the ledger's pages, which no repair would bring back."""
    scene = SCENES["small-again"]
    desk = stage.desk(scene, tmp_path / "case")
    done = stage.run(desk, scene, "verify", **faulty(stage, desk, Rule("truncate", 1, "errno", errno.EIO, FOR_EVER)))

    assert "ledger.sqlite3-shm" in bitten(desk.folder / "log")[0]
    assert (done.code, done.document) == (3, None), done.stderr
    assert "disk I/O error" in done.error


def test_a_disk_that_is_full_while_the_ledger_is_opened_is_exit_3(stage: Stage, tmp_path: Path) -> None:
    """SQLite says only that it is unable to open a file; when that is looked into there is room again."""
    scene = SCENES["small-again"]
    desk = stage.desk(scene, tmp_path / "case")
    done = stage.run(desk, scene, "crawl", **faulty(stage, desk, Rule("open", 1, "errno", errno.ENOSPC)))

    assert "ledger.sqlite3" in bitten(desk.folder / "log")[0]
    assert (done.code, "unable to open database file" in done.error) == (3, True)
    assert whole(stage, desk, "small-again") == []


def test_a_lock_that_cannot_say_who_holds_it_is_held(stage: Stage, tmp_path: Path) -> None:
    """The line in it is for people who wait: a disk without room for it is no bug, and stops nothing."""
    scene = SCENES["small"]
    desk = stage.desk(scene, tmp_path / "case")
    done = stage.run(desk, scene, "crawl", **faulty(stage, desk, Rule("write", 1, "errno", errno.ENOSPC)))

    assert "/locks/" in bitten(desk.folder / "log")[0]
    assert (done.code, done.stderr) == (0, "")


@pytest.mark.parametrize("number", [1, pytest.param(2, marks=pytest.mark.soak)])
@pytest.mark.soak
def test_two_crawls_started_at_once_share_the_work(stage: Stage, tmp_path: Path, number: int) -> None:
    """On a home that is not there yet. One of them may be killed; the other, or the next, does what is left."""
    scene = SCENES["small"]
    desk = stage.desk(scene, tmp_path / "case")
    profile = desk.profile(stage.text(scene))
    killed = faulty(stage, desk, Rule("any", 110, "signal", signal.SIGKILL)) if number == 2 else {}
    both = [desk.start("crawl", profile, "--json", **more) for more in ({}, killed)]
    codes = [ended(process).code for process in both]

    assert codes == [0, -9 if killed else 0]
    assert whole(stage, desk, "small") == []


# --------------------------------------------------------------------------------------------- a home of an older lianzai


@pytest.mark.parametrize("at", [40, *(pytest.param(n, marks=pytest.mark.soak) for n in range(1, 200, 4))])
@pytest.mark.soak
def test_a_kill_while_the_ledger_is_copied_or_migrated_costs_nothing(stage: Stage, tmp_path: Path, at: int) -> None:
    """A copy of the old ledger is whole or not there, and the next crawl migrates."""
    scene = SCENES["older"]
    desk = stage.desk(scene, tmp_path / "case")
    done = stage.run(desk, scene, "crawl", **faulty(stage, desk, Rule("any", at, "signal", signal.SIGKILL)))
    wrong = whole(stage, desk, "older", "small-again")
    copies = list(desk.home.glob(f"ledger.sqlite3.{OLDEST}-*"))

    assert (done.code, wrong) == (-9, [])
    assert copies != []
    for copy in copies:
        with closing(sqlite3.connect(copy)) as base:
            assert base.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            assert base.execute("SELECT version_num FROM alembic_version").fetchall() == [(OLDEST,)]


def test_a_ledger_that_cannot_be_copied_is_not_migrated(stage: Stage, tmp_path: Path) -> None:
    """The copy cannot have its name: exit 3 by one line, no part of it stays, and the ledger is the old one."""
    scene = SCENES["older"]
    desk = stage.desk(scene, tmp_path / "case")
    done = stage.run(desk, scene, "crawl", **faulty(stage, desk, Rule("rename", 1, "errno", errno.ENOSPC)))
    with closing(sqlite3.connect(desk.home / "ledger.sqlite3")) as base:
        version = base.execute("SELECT version_num FROM alembic_version").fetchall()

    assert (done.code, version) == (3, [(OLDEST,)]), done.stderr
    assert "cannot be copied" in done.error
    assert list(desk.home.glob("*.part*")) + list(desk.home.glob("ledger.sqlite3.*-*")) == []
