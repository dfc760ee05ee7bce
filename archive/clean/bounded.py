"""The cleaner within bounds: each page read in a process beside this one, which may use so much CPU time a page and no more.

Takes   a payload, its address and type, and the rules, as read_page() does.
Gives   a Reading or a Refusal; raises BoundError where the page cost too much, or ended the process that read it.
Writes  nothing.

A page can be made to cost any parser or pattern hours, within one call into C that no exception reaches. Only the kernel
ends that (RLIMIT_CPU, setrlimit(2)). One process reads page after page, so a healthy page costs no more than its way
through a pipe; the process is made anew where a page has ended it.
"""

from __future__ import annotations

import multiprocessing
import resource
import signal
from dataclasses import dataclass
from multiprocessing.connection import Connection
from types import TracebackType
from typing import TYPE_CHECKING

from .reading import read_page
from .rules import Refusal, Rules

if TYPE_CHECKING:
    from multiprocessing.context import ForkProcess

    from ..model import Reading

CPU_S = 10  # of one page; a page of the corpus takes 0.02 s, the slowest 0.4 s


class BoundError(Exception):
    """A page that could not be read within its bounds; the text says which it broke."""


@dataclass(frozen=True, slots=True)
class _Fault:
    """An error of the cleaner, as one line."""

    text: str


class BoundedCleaner:
    """Reads pages in a process beside this one. To be used as a context, which ends that process."""

    def __init__(self, cpu_s: int = CPU_S) -> None:
        self._cpu_s = cpu_s
        self._process: ForkProcess | None = None
        self._pipe: Connection | None = None

    def __enter__(self) -> BoundedCleaner:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()

    def read(self, payload: bytes, *, url: str, content_type: str, rules: Rules) -> Reading | Refusal:
        """Read one page, as read_page() does. Raises BoundError."""
        pipe = self._pipe or self._begin()
        try:
            pipe.send((url, content_type, rules))
            pipe.send_bytes(payload)
            answer: Reading | Refusal | _Fault = pipe.recv()
        except (EOFError, OSError):  # the process is no more
            raise BoundError(self._end()) from None
        if isinstance(answer, _Fault):
            raise BoundError(answer.text)
        return answer

    def _begin(self) -> Connection:
        # Forked, so that the cleaner's imports (0.6 s) are there already; this process has one thread.
        context = multiprocessing.get_context("fork")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(theirs, self._pipe, self._cpu_s), daemon=True)
        self._process.start()
        theirs.close()
        return self._pipe

    def _end(self) -> str:
        """End the process; says how it ended, where it has ended by itself."""
        pipe, process, self._pipe, self._process = self._pipe, self._process, None, None
        if pipe is None or process is None:
            return ""
        pipe.close()
        process.join()
        code = process.exitcode or 0
        if code == -signal.SIGXCPU:
            return f"it takes more than {self._cpu_s} s of CPU time to read"
        return f"reading it ended the cleaner's process ({signal.Signals(-code).name if code < 0 else f'exit {code}'})"


def _serve(pipe: Connection, other_end: Connection, cpu_s: int) -> None:
    """Read pages until the pipe is closed."""
    other_end.close()  # else the process would never see that its parent is gone
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C goes to the whole group; the parent closes the pipe
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    while True:
        try:
            url, content_type, rules = pipe.recv()
            payload = pipe.recv_bytes()
            _allow(cpu_s)
            pipe.send(_answer(payload, url, content_type, rules))
        except (EOFError, OSError):
            return


def _allow(cpu_s: int) -> None:
    """Let the process use so many seconds of CPU time from now on, rounded up to whole ones; then SIGXCPU ends it."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    _, most = resource.getrlimit(resource.RLIMIT_CPU)
    limit = int(used.ru_utime + used.ru_stime) + 1 + cpu_s
    resource.setrlimit(resource.RLIMIT_CPU, (limit if most == resource.RLIM_INFINITY else min(limit, most), most))


def _answer(payload: bytes, url: str, content_type: str, rules: Rules) -> Reading | Refusal | _Fault:
    try:
        return read_page(payload, url=url, content_type=content_type, rules=rules)
    except Exception as error:  # noqa: BLE001  a fault of ours that one page shows must not cost the others
        return _Fault(f"the cleaner failed at it ({type(error).__name__}: {' '.join(str(error).split())[:200]})")
