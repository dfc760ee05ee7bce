"""The library that spoils calls: compiled, told what to spoil, and asked what it did.

Takes   rules.
Gives   the environment of the process to be spoilt; what bit.
Writes  shim.so and a log a run, in a folder of the test.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

SOURCE = Path(__file__).with_name("shim.c")


@dataclass(frozen=True, slots=True)
class Rule:
    """One fault: at the n-th call of an op (shim.c names ops and actions). times: so often, 0 for ever."""

    op: str
    at: int
    action: str
    argument: float
    times: int = 1

    def __str__(self) -> str:
        return f"{self.op}:{self.at}:{self.action}:{self.argument:g}:{self.times}"


class Injector:
    """The library, ready for use."""

    def __init__(self, folder: Path) -> None:
        """Compile it into a folder. Raises RuntimeError that says why it cannot be had here."""
        compiler = shutil.which("cc")
        if compiler is None or not sys.platform.startswith("linux"):
            raise RuntimeError(
                "faults are injected by a library that `cc` compiles on Linux; here is no `cc`, or no Linux"
            )
        self.library = folder / "shim.so"
        command = [compiler, "-shared", "-fPIC", "-O1", "-o", str(self.library), str(SOURCE), "-ldl"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(f"`cc` cannot compile {SOURCE.name}: {done.stderr.splitlines()[:1]}")

    def environment(self, home: Path, rules: tuple[Rule, ...], log: Path) -> dict[str, str]:
        """Give the variables under which a process meets these faults on the files of a home."""
        return {
            "LD_PRELOAD": str(self.library),
            "FAULT_ROOT": str(home),
            "FAULT_RULES": ";".join(map(str, rules)),
            "FAULT_LOG": str(log),
        }


def bitten(log: Path) -> list[str]:
    """Give what bit, one line a fault: op, number of the call, action, path."""
    lines = log.read_text(encoding="utf-8").splitlines() if log.exists() else []
    return [line.removeprefix("bit ") for line in lines if line.startswith("bit ")]
