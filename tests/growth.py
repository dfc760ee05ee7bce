"""Whether work ends within bounds that only the kernel can hold: CPU time, and memory where that is asked for.

Takes   a function without arguments.
Gives   how its process ended: "" where it returned.
Writes  nothing. The function is called in a copy of this process, so what it changes is lost.

The bound is one of CPU time and far from what the work takes, so a busy machine changes nothing: what is linear takes a hundredth
of it, what grows with the square of its input a hundred times as much.
"""

from __future__ import annotations

import os
import resource
import signal
from collections.abc import Callable

CPU_S = 20


def how_it_ends(work: Callable[[], object], cpu_s: int = CPU_S) -> str:
    """Call a function in a process of its own; say what is wrong with its end, "" for nothing."""
    child = os.fork()
    if child == 0:
        try:
            signal.signal(signal.SIGXCPU, signal.SIG_DFL)
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
            used = resource.getrusage(resource.RUSAGE_SELF)
            limit = int(used.ru_utime + used.ru_stime) + cpu_s
            resource.setrlimit(resource.RLIMIT_CPU, (limit, limit + 1))
            work()
        except BaseException:  # noqa: BLE001 - whatever it is, this copy must not go on as the test run
            os._exit(1)
        os._exit(0)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if status in (-signal.SIGXCPU, -signal.SIGKILL):
        return f"more than {cpu_s} s of CPU time"
    return "" if status == 0 else f"exit {status}"
