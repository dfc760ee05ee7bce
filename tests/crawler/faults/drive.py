"""Drive a case: its faulted runs, an ordinary crawl, and all that must hold between and after.

Takes   a Case and a Stage.
Gives   what went wrong, a line each; which faults bit.
Writes  the case's folder.
"""

from __future__ import annotations

import signal
from dataclasses import dataclass, field
from pathlib import Path

from desk import Crawled, Desk

from .cases import Case, Faulted
from .checks import kept, left_wrong, lost
from .injector import bitten
from .scenes import SCENES, Scene, Stage
from .stored import half_sent, not_sent

_DIED = {"SIGKILL": 9, "torn write": 9, "power cut": 9}
_SIGNALS = {
    "SIGTERM, SIGKILL": {signal.SIGTERM, signal.SIGKILL},
    "SIGTERM": {signal.SIGTERM},
    "SIGINT, SIGINT": {signal.SIGINT},
}
DISK, READ_ONLY, STORE_REFUSES = 3, 2, 5
_AFTER = {"repair": ("crawl", "repair"), "import": ("import", "crawl"), "upload": ("crawl", "upload")}


@dataclass
class Driven:
    """What came of a case. codes: of the faulted runs, as a shell has them; bit: the faults of each."""

    wrong: list[str] = field(default_factory=list)
    codes: list[int] = field(default_factory=list)
    bit: list[list[str]] = field(default_factory=list)


def drive(case: Case, stage: Stage, folder: Path) -> Driven:
    """Do a case; nothing is raised for what lianzai does wrong, all of it is in the lines."""
    scene, driven = SCENES[case.scene], Driven()
    expected = stage.expected(case.scene)
    desk = stage.desk(scene, folder)
    series, text = stage.series(scene), stage.text(scene)
    for number, run in enumerate(case.runs):
        before = kept(desk, series)
        log = folder / f"log-{number}"
        done = _run(desk, scene, stage, run, log)
        bit = bitten(log)
        driven.codes.append(_shell(done.code))
        driven.bit.append(bit)
        driven.wrong += [f"run {number + 1}: {line}" for line in _told_badly(run, done, bool(bit))]
        if scene.command != "repair":
            driven.wrong += [f"run {number + 1}: {line}" for line in lost(before, desk, series) if "closed" in line]
        if scene.stores:
            driven.wrong += [f"run {number + 1}: {line}" for line in half_sent(desk)]
        if done.code == 0 and run.kind != "clock":
            driven.wrong += [f"run {number + 1}: exit 0, and {line}" for line in _undone(case, number, stage, desk)]
    before = kept(desk, series)
    for command in _AFTER.get(scene.command, ("crawl",)):
        last = stage.run(desk, scene, command)
        if (last.code, last.stderr) != (0, ""):
            driven.wrong.append(f"the ordinary {command}: exit {last.code}, {last.stderr or last.document}")
    if scene.command != "repair":
        driven.wrong += lost(before, desk, series)
    driven.wrong += left_wrong(desk, series, text, expected)
    if scene.stores:
        driven.wrong += not_sent(desk)
    desk.close()
    return driven


def _undone(case: Case, number: int, stage: Stage, desk: Desk) -> list[str]:
    """Name what a run did not do that ended with 0. After other faulted runs only a crawl has one thing that it must come to."""
    run, scene = case.runs[number], SCENES[case.scene]
    if run.command != scene.command or (number and run.command != "crawl"):
        return []
    expected = stage.expected(case.scene) if run.command == "crawl" else stage.expected_of_it_alone(case.scene)
    text = None if run.command == "rebuild" else stage.text(scene)
    wrong = left_wrong(desk, stage.series(scene), text, expected)
    if run.command == "export" and not list(desk.home.glob("wacz/*.wacz")):
        wrong.append("there is no bundle")
    return wrong + list(not_sent(desk) if run.command == "upload" else ())


def _run(desk: Desk, scene: Scene, stage: Stage, run: Faulted, log: Path) -> Crawled:
    environment = stage.faulty(desk, scene, run.rules, log)
    if run.kib:
        return stage.run(desk, scene, run.command, shell=f"ulimit -f {run.kib}")
    return stage.run(desk, scene, run.command, **environment)


def _shell(code: int) -> int:
    return code if code >= 0 else 128 - code


def _told_badly(run: Faulted, done: Crawled, bit: bool) -> list[str]:
    """Hold exit code and stderr of a faulted run against the contract."""
    code, allowed = _shell(done.code), {0}
    if run.kind in _DIED and bit:
        allowed = {128 + _DIED[run.kind]}
    elif run.kind in _SIGNALS:
        allowed |= {128 + number for number in _SIGNALS[run.kind]}
    elif run.kind == "read-only":
        allowed |= {READ_ONLY, DISK}
    elif run.kind != "clock":
        allowed |= {DISK, STORE_REFUSES} if run.command == "upload" else {DISK}
    wrong = [] if code in allowed else [f"exit {code}, allowed {sorted(allowed)}: {done.stderr}"]
    lines = done.stderr.splitlines()
    if code in (0, 130, 137, 143) and lines:
        wrong.append(f"exit {code} and words on stderr: {done.stderr}")
    if code not in (0, 130, 137, 143) and (len(lines) != 1 or "a bug in lianzai" in done.stderr):
        wrong.append(f"exit {code}: an error is one line: {done.stderr}")
    return wrong
