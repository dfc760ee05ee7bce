"""Cases drawn by a seed: where it begins, what fails, and when.

Takes   a seed, and if wanted a scene and a kind of fault.
Gives   a Case; the same for the same seed.
Writes  nothing.
"""

from __future__ import annotations

import errno
import random
import signal
from collections.abc import Callable
from dataclasses import dataclass

from .injector import Rule
from .scenes import SCENES, Scene

DAY_S = 86_400
FOR_EVER, ONCE = 0, 1


@dataclass(frozen=True, slots=True)
class Faulted:
    """One run that meets faults. kib: RLIMIT_FSIZE, 0 for none."""

    command: str
    kind: str
    rules: tuple[Rule, ...] = ()
    kib: int = 0


@dataclass(frozen=True, slots=True)
class Case:
    """Runs that meet faults, one after the other, on the home of a scene."""

    seed: int
    scene: str
    runs: tuple[Faulted, ...]

    def __str__(self) -> str:
        told = [
            f"{run.command} with {run.kind} ({'; '.join(map(str, run.rules)) or f'ulimit -f {run.kib}'})"
            for run in self.runs
        ]
        return f"seed {self.seed}: {self.scene}: {', then '.join(told)}"


Drawn = Callable[[random.Random, Scene], tuple[Rule, ...]]


def _at(chance: random.Random, scene: Scene, op: str = "any") -> int:
    return chance.randint(1, max(1, getattr(scene.calls, op)))


def _kill(chance: random.Random, scene: Scene) -> tuple[Rule, ...]:
    return (Rule("any", _at(chance, scene), "signal", signal.SIGKILL),)


def _torn(chance: random.Random, scene: Scene) -> tuple[Rule, ...]:
    return (Rule("write", _at(chance, scene, "write"), "torn", round(chance.random(), 3)),)


def _power_cut(chance: random.Random, scene: Scene) -> tuple[Rule, ...]:
    return (Rule("any", _at(chance, scene), "powercut", 0),)


def _terminated_and_killed(chance: random.Random, scene: Scene) -> tuple[Rule, ...]:
    first = _at(chance, scene)
    second = Rule("any", first + chance.randint(1, 40), "signal", signal.SIGKILL)
    return (Rule("any", first, "signal", signal.SIGTERM), second)


def _terminated(chance: random.Random, scene: Scene) -> tuple[Rule, ...]:
    return (Rule("any", _at(chance, scene), "signal", signal.SIGTERM),)


def _interrupted_twice(chance: random.Random, scene: Scene) -> tuple[Rule, ...]:
    first = _at(chance, scene)
    second = Rule("any", first + chance.randint(1, 40), "signal", signal.SIGINT)
    return (Rule("any", first, "signal", signal.SIGINT), second)


def _failing(number: int, ops: tuple[str, ...], times: tuple[int, ...]) -> Drawn:
    def drawn(chance: random.Random, scene: Scene) -> tuple[Rule, ...]:
        op = chance.choice([one for one in ops if getattr(scene.calls, one)])
        return (Rule(op, _at(chance, scene, op), "errno", number, chance.choice(times)),)

    return drawn


def _short(chance: random.Random, scene: Scene) -> tuple[Rule, ...]:
    """As a disk becomes full: a write puts down what there is room for, and the next has none."""
    at = _at(chance, scene, "write")
    return (
        Rule("write", at, "short", round(chance.random(), 3)),
        Rule("write", at + 1, "errno", errno.ENOSPC, chance.choice((0, 3))),
    )


def _write_and_cut(chance: random.Random, scene: Scene) -> tuple[Rule, ...]:
    """A write puts down a part and fails, and that part cannot be cut off either; then the disk is well again."""
    at = _at(chance, scene, "write")
    return (
        Rule("write", at, "short", round(chance.random(), 3)),
        Rule("write", at + 1, "errno", errno.EIO),
        Rule("cut", chance.randint(1, scene.calls.cut), "errno", errno.EIO, FOR_EVER),
    )


def _clock(chance: random.Random, scene: Scene) -> tuple[Rule, ...]:
    """Off by up to 40 days from the start, jumping twice on the way."""
    places = (0, *sorted(chance.sample(range(1, scene.calls.any), 2)))
    return tuple(Rule("any", at, "clock", chance.randint(-40 * DAY_S, 40 * DAY_S)) for at in places)


KINDS: dict[str, Drawn] = {
    "SIGKILL": _kill,
    "torn write": _torn,
    "power cut": _power_cut,
    "SIGTERM, SIGKILL": _terminated_and_killed,
    "SIGTERM": _terminated,
    "SIGINT, SIGINT": _interrupted_twice,
    "disk full": _failing(errno.ENOSPC, ("grow",), (FOR_EVER,)),
    "disk full for a moment": _failing(errno.ENOSPC, ("write",), (ONCE, 3)),
    "disk full in a write": _short,
    "no room for a name": _failing(errno.ENOSPC, ("open", "rename", "mkdir"), (ONCE, FOR_EVER)),
    "EIO on fsync": _failing(errno.EIO, ("sync",), (ONCE, FOR_EVER)),
    "EIO on write and truncate": _write_and_cut,
    "EIO on write": _failing(errno.EIO, ("write",), (ONCE, FOR_EVER)),
    "EIO on truncate or unlink": _failing(errno.EIO, ("cut",), (ONCE, FOR_EVER)),
    "read-only": _failing(errno.EROFS, ("change",), (FOR_EVER,)),
    "file too large": lambda _chance, _scene: (),
    "clock": _clock,
}


def draw(seed: int, *, scene: str | None = None, kind: str | None = None) -> Case:
    """Draw a case: one to three runs that meet a fault each; the first is the scene's command."""
    chance = random.Random(seed)
    name = scene or chance.choice(sorted(SCENES))
    place = SCENES[name]
    runs = [_faulted(chance, place, place.command, kind)]
    while kind is None and len(runs) < 3 and chance.random() < 0.35:
        runs.append(_faulted(chance, place, chance.choice(("crawl", place.command)), None))
    return Case(seed, name, tuple(runs))


def _faulted(chance: random.Random, scene: Scene, command: str, kind: str | None) -> Faulted:
    kind = kind or chance.choice(sorted(KINDS))
    kib = chance.randint(1, 400) if kind == "file too large" else 0
    return Faulted(command, kind, KINDS[kind](chance, scene), kib)
