"""Faults of disk, process and clock at exact instants, and what must hold after each.

Takes   a seed.
Gives   a Case: a command on a home and the faults that its runs meet; the faults of the home that is left.
Writes  homes below a test's folder; one shared library, compiled by `cc`.

How faults are made. A disk changes only by calls: between two of them a process may be killed at any moment and leaves the same
bytes. So an instant is "the n-th call on a file of the home", drawn by a seed, and a case can be run again exactly. The calls are
counted and spoilt by a library (shim.c) that LD_PRELOAD puts before libc in the command's own process: it reaches all that writes
there, Python and SQLite alike, needs no rights, and nothing of lianzai knows of it. What is real is used as it is: signals
are sent by kill(2), a file too large is RLIMIT_FSIZE. Not chosen: `strace -e inject` (one more tool to install, ptrace is
forbidden in many containers, and it counts calls of the whole process, not those on one folder); patches of `os` in the
child (SQLite does not pass there). Without `cc`, or where the loader knows no LD_PRELOAD, these tests are skipped and say so.
"""

from __future__ import annotations

from .cases import KINDS, Case, draw
from .drive import Driven, drive
from .injector import Injector, Rule
from .scenes import SCENES, Scene, Stage

__all__ = ["KINDS", "SCENES", "Case", "Driven", "Injector", "Rule", "Scene", "Stage", "draw", "drive"]
