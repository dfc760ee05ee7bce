"""Read WARCs side by side: one process a core, one file a process at a time.

Takes   Tasks (readers.py); how many processes, where that is not to be chosen by cores and bytes.
Gives   the FileReads in the order of the tasks, whichever was done first.
Writes  what read_file writes.

Processes, not threads: half of the work is Python's own, which one thread does at a time. A worker ends with its pipe, with
SIGTERM, or with the process that started it; it never sees Ctrl-C, which is for that one to obey.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing import get_context, parent_process
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from traceback import format_exc

from ..errors import LianzaiError
from .readers import FileRead, Task, read_file

# Bytes of WARCs from which a second process is worth its start (20 ms) and the collecting of what it found. At 50 MB a second and
# core this is a third of a second; most homes of one newspaper stay below it for years.
WORTH_A_POOL = 16 << 20
_PATIENCE_S = 2.0  # until a worker that was told to end is killed
Told = Callable[[Task], None]


def cores() -> int:
    """Say how many processors this process may use."""
    counted: Callable[[], int | None] | None = getattr(os, "process_cpu_count", None)  # Python 3.13
    if counted is not None:
        return counted() or 1
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1


def read_files(tasks: Sequence[Task], told: Told, processes: int | None = None) -> Generator[FileRead, None, None]:
    """Read all files. told: called with each task before it is begun. processes: at most so many; None: cores, by bytes.

    Raises what read_file raises; LianzaiError with the file's name where the process that read it came to a sudden end.
    """
    many = min(processes or _worth(tasks), len(tasks))
    if many < 2:
        for task in tasks:
            told(task)
            yield read_file(task)
        return
    with _workers(many) as workers:
        yield from _shared_out(tasks, told, workers)


def _worth(tasks: Sequence[Task]) -> int:
    """Choose how many processes read these files."""
    return cores() if sum(map(_size, tasks)) >= WORTH_A_POOL else 1


def _size(task: Task) -> int:
    try:
        return task.path.stat().st_size
    except OSError:
        return 0  # who reads it will tell why


@dataclass(frozen=True, slots=True)
class _Worker:
    """A process, and the pipe to it."""

    process: BaseProcess
    pipe: Connection


def _shared_out(tasks: Sequence[Task], told: Told, workers: Sequence[_Worker]) -> Generator[FileRead, None, None]:
    """Give each worker a file whenever it has none: the longest first, so that none is left alone with one at the end."""
    waiting = sorted(range(len(tasks)), key=lambda number: _size(tasks[number]))
    found: dict[int, FileRead] = {}
    reads: dict[int, int] = {}  # worker -> task

    def employ(worker: int) -> None:
        reads[worker] = waiting.pop()
        told(tasks[reads[worker]])
        with suppress(OSError):  # it is gone: its pipe tells that at once, as it does of one that goes later
            workers[worker].pipe.send(tasks[reads[worker]])

    for worker in range(len(workers)):
        employ(worker)
    for number in range(len(tasks)):
        while number not in found:
            ready = wait([workers[worker].pipe for worker in reads])
            for worker in [one for one in reads if workers[one].pipe in ready]:
                task = reads.pop(worker)
                found[task] = _received(workers[worker], tasks[task])
                if waiting:
                    employ(worker)
        yield found.pop(number)


def _received(worker: _Worker, task: Task) -> FileRead:
    """Take what a worker found. Raises what it raised."""
    try:
        found: FileRead | Exception = worker.pipe.recv()
    except (EOFError, OSError) as error:
        worker.process.join(_PATIENCE_S)
        code = worker.process.exitcode
        how = f"signal {-code}" if code is not None and code < 0 else f"exit {code}"
        raise LianzaiError(
            f"{task.path}: the process that read it came to a sudden end ({how})", action="lianzai verify --processes 1"
        ) from error
    if isinstance(found, Exception):
        raise found
    return found


@contextmanager
def _workers(many: int) -> Iterator[list[_Worker]]:
    """Lend workers; at the end, however it comes, none is left."""
    # A copy of this process is there in 5 ms; a new one would import for half a second. With threads in it, or on a system whose
    # libraries do not stand it, no copy is made.
    copied = sys.platform == "linux" and threading.active_count() == 1
    context = get_context("fork") if copied else get_context("spawn")
    workers: list[_Worker] = []
    try:
        with _ctrl_c_waits():
            for _ in range(many):
                ours, theirs = context.Pipe()
                others = [*(worker.pipe for worker in workers), ours] if copied else []
                process = context.Process(target=_work, args=(theirs, others), daemon=True)
                process.start()
                theirs.close()  # else nobody would see that the worker is gone
                workers.append(_Worker(process, ours))
        yield workers
    finally:
        for worker in workers:
            worker.pipe.close()
            worker.process.terminate()
        for worker in workers:
            worker.process.join(_PATIENCE_S)
            if worker.process.is_alive():
                worker.process.kill()
                worker.process.join()


@contextmanager
def _ctrl_c_waits() -> Iterator[None]:
    """Keep SIGINT waiting meanwhile; a process that is started in it keeps it waiting for good."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _work(pipe: Connection, others: Sequence[Connection]) -> None:
    """Read file after file until nobody asks any more. others: pipes of the one who asks, of which a copy came along."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    for other in others:
        other.close()
    asker = parent_process()
    ends: list[Connection | int] = [pipe] if asker is None else [pipe, asker.sentinel]
    with suppress(EOFError, OSError):  # who asked is gone
        while pipe in wait(ends):
            pipe.send(_done(pipe.recv()))


def _done(task: Task) -> FileRead | Exception:
    try:
        return read_file(task)
    except Exception as error:  # noqa: BLE001  it is raised where it was asked for
        error.add_note(format_exc())  # where it happened, for --debug
        return error
