"""Commands as real processes that start warm: each is a fork of one process that has imported lianzai already.

Takes   arguments, environment, folder and files, as subprocess.Popen takes them.
Gives   Process, with what tests use of Popen; `start`.
Writes  nothing.

Half a second of most tests was the start of an interpreter and its imports. What a test sees is the same: a pid, signals,
pipes, an exit code, and the interpreter's own end. What an environment changes before the first import (PYTHON*, LD_*,
LC_*, another LANG) has an interpreter of its own, and so has whatever asks how imports behave.
"""

from __future__ import annotations

import atexit
import contextlib
import functools
import gc
import json
import os
import runpy
import selectors
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from types import TracebackType
from typing import IO, Any, NamedTuple

SCHEDULER = Path(__file__).parents[1] / "scheduler.py"
MESSAGE_BYTES = 1 << 17  # longest request: the arguments and the environment of one command
STATUS = struct.Struct("=i")
PRELOADED = (
    "crawler.run", "crawler.spider", "crawler.capture", "crawler.connection", "archive.ledger.store", "archive.derive",
    "archive.clean.reading", "archive.upload", "archive.verify", "archive.stores.s3", "archive.search", "scrapy.crawler",
    "scrapy.core.engine", "scrapy.core.scraper", "scrapy.core.downloader.handlers.http11", "scrapy.extensions.closespider",
    "scrapy.pipelines", "scrapy.logformatter", "scrapy.dupefilters", "scrapy.statscollectors", "scrapy.squeues",
    "scrapy.spidermiddlewares.httperror", "twisted.internet.asyncioreactor", "twisted.web.client", "twisted.internet.ssl",
    "sqlalchemy.dialects.sqlite.pysqlite", "alembic.command", "alembic.runtime.migration", "asyncio",
)  # fmt: skip
_OWN_INTERPRETER = ("PYTHON", "LD_", "LC_", "FAKETIME")


class Process:
    """A running command. stdin, stdout, stderr: our ends of its pipes; returncode: -N where signal N ended it."""

    def __init__(
        self, arguments: Sequence[str], pid: int, told: int, pipes: Sequence[IO[Any] | None], text: bool
    ) -> None:
        self.args = list(arguments)
        self.pid = pid
        self.returncode: int | None = None
        self.stdin, self.stdout, self.stderr = pipes
        self._told = told
        self._text = text

    def poll(self) -> int | None:
        """Give the exit code, None while it runs."""
        try:
            return self.wait(timeout=0)
        except subprocess.TimeoutExpired:
            return None

    def wait(self, timeout: float | None = None) -> int:
        """Wait for the end. Raises subprocess.TimeoutExpired."""
        if self.returncode is None:
            with selectors.DefaultSelector() as selector:
                selector.register(self._told, selectors.EVENT_READ)
                if not selector.select(timeout):
                    raise subprocess.TimeoutExpired(self.args, timeout or 0.0)
            told = os.read(self._told, STATUS.size)
            if not told:
                raise ChildProcessError(f"process {self.pid} was lost: what it was forked from has ended")
            os.close(self._told)
            self.returncode = os.waitstatus_to_exitcode(STATUS.unpack(told)[0])
        return self.returncode

    def communicate(self, said: Any = None, timeout: float | None = None) -> tuple[Any, Any]:
        """Send what is `said`, read both outputs to their ends, and wait. Raises subprocess.TimeoutExpired."""
        if self.stdin:
            if said:
                self.stdin.write(said)
            self.stdin.close()
        until = None if timeout is None else time.monotonic() + timeout
        read: dict[int, bytearray] = {}
        with selectors.DefaultSelector() as selector:
            for pipe in (self.stdout, self.stderr):
                if pipe and not pipe.closed:
                    read[pipe.fileno()] = bytearray()
                    selector.register(pipe, selectors.EVENT_READ)
            while selector.get_map():
                ready = selector.select(None if until is None else max(0.0, until - time.monotonic()))
                if not ready:
                    raise subprocess.TimeoutExpired(self.args, timeout or 0.0)
                for key, _ in ready:
                    block = os.read(key.fd, 1 << 16)
                    read[key.fd] += block
                    if not block:
                        selector.unregister(key.fileobj)
        heard = [self._close(pipe, read) for pipe in (self.stdout, self.stderr)]
        self.wait(None if until is None else max(0.0, until - time.monotonic()))
        return heard[0], heard[1]

    def _close(self, pipe: IO[Any] | None, read: dict[int, bytearray]) -> Any:
        if pipe is None or pipe.closed:
            return None
        said = bytes(read[pipe.fileno()])
        pipe.close()
        return said.decode("utf-8").replace("\r\n", "\n") if self._text else said

    def send_signal(self, number: int) -> None:
        """Send a signal, unless it has ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        """Send SIGTERM."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """Send SIGKILL."""
        self.send_signal(signal.SIGKILL)

    def __enter__(self) -> Process:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for pipe in (self.stdin, self.stdout, self.stderr):
            if pipe:
                pipe.close()
        self.wait()


Running = Process | subprocess.Popen[Any]


def start(
    arguments: Sequence[str | Path], env: Mapping[str, str], *, cwd: Path | None = None, text: bool = True,
    stdin: int | None = subprocess.DEVNULL, stdout: int | None = subprocess.PIPE, stderr: int | None = subprocess.PIPE,
    script: Path = SCHEDULER,
) -> Any:  # fmt: skip
    """Start `lianzai ARGUMENTS`, as `python scheduler.py` does. stdin and the others: PIPE, DEVNULL, a descriptor, None for ours.
    script: another program than lianzai, of the tests.

    Gives a Process, or a Popen where the environment wants an interpreter of its own.
    """
    command = [sys.executable, str(script), *map(str, arguments)]
    if any(name.startswith(_OWN_INTERPRETER) for name in env) or env.get("LANG", "C.UTF-8") != "C.UTF-8":
        return subprocess.Popen(
            command,
            env=env,
            cwd=cwd,
            stdin=stdin,
            stdout=stdout,
            stderr=stderr,
            text=text,
            encoding="utf-8" if text else None,
        )
    theirs, ours = zip(*(_files(number, one, text) for number, one in enumerate((stdin, stdout, stderr))), strict=True)
    told, tell = os.pipe()
    message = json.dumps([command[1:], dict(env), str(cwd or Path.cwd())]).encode("ascii")
    try:
        socket.send_fds(_warm(), [message], [tell, *theirs])
    finally:
        os.close(tell)
        for descriptor, given in zip(theirs, (stdin, stdout, stderr), strict=True):
            if given in (subprocess.PIPE, subprocess.DEVNULL):
                os.close(descriptor)
    pid = os.read(told, STATUS.size)
    if not pid:
        raise ChildProcessError("the process that commands are forked from has ended; what it said stands on stderr")
    return Process(command, STATUS.unpack(pid)[0], told, ours, text)


def run(
    arguments: Sequence[str | Path], env: Mapping[str, str], *, cwd: Path | None = None, timeout: float = 60,
    said: str | None = None, script: Path = SCHEDULER,
) -> Any:  # fmt: skip
    """Run `lianzai ARGUMENTS`, or another script, to its end, as subprocess.run does with captured text. said: on its stdin."""
    stdin = subprocess.DEVNULL if said is None else subprocess.PIPE
    process = start(arguments, env, cwd=cwd, stdin=stdin, script=script)
    try:
        told, complained = process.communicate(said, timeout=timeout)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        raise
    return subprocess.CompletedProcess(process.args, process.returncode, told, complained)


def _files(number: int, given: int | None, text: bool) -> tuple[int, IO[Any] | None]:
    """Give the descriptor of the command, and our end of a pipe."""
    if given == subprocess.DEVNULL:
        return os.open(os.devnull, os.O_RDWR), None
    if given != subprocess.PIPE:
        return (number if given is None else given), None
    read, write = os.pipe()
    theirs, ours = (read, write) if number == 0 else (write, read)
    mode = "w" if number == 0 else "r"
    return theirs, os.fdopen(ours, mode, encoding="utf-8") if text else os.fdopen(ours, mode + "b")


# -------------------------------------------------------------------------------------------------- the warm process


class _Asked(NamedTuple):
    argv: list[str]
    environ: dict[str, str]
    folder: str
    descriptors: list[int]  # stdin, stdout, stderr


@functools.cache
def _warm() -> socket.socket:
    """Start the process that the commands of this process are forked from; it ends when this one does."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    environ = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "TZ": "UTC"}
    subprocess.Popen([sys.executable, __file__, str(theirs.fileno())], pass_fds=[theirs.fileno()], env=environ)
    theirs.close()
    return ours


def _serve(control: socket.socket) -> _Asked | None:
    """Fork a child for each request. Gives what is asked in the child; None in the parent, when nobody can ask any more."""
    running: dict[int, int] = {}
    woken, wake = os.pipe()
    os.set_blocking(wake, False)
    signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda _number, _frame: None)
    with selectors.DefaultSelector() as selector:
        selector.register(control, selectors.EVENT_READ)
        selector.register(woken, selectors.EVENT_READ)
        while True:
            for key, _ in selector.select():
                if key.fd == woken:
                    os.read(woken, 512)
                    _tell_ended(running)
                    continue
                message, descriptors, _flags, _address = socket.recv_fds(control, MESSAGE_BYTES, 4)
                if not message:
                    return None
                tell, *files = descriptors
                pid = os.fork()
                if pid == 0:
                    signal.set_wakeup_fd(-1)
                    for descriptor in (control.detach(), woken, wake, tell, *running.values()):
                        os.close(descriptor)
                    return _Asked(*json.loads(message), files)
                running[pid] = tell
                os.write(tell, STATUS.pack(pid))
                for descriptor in files:
                    os.close(descriptor)


def _tell_ended(running: dict[int, int]) -> None:
    while running:
        pid, status = os.waitpid(-1, os.WNOHANG)
        if not pid:
            return
        tell = running.pop(pid)
        with contextlib.suppress(BrokenPipeError):  # the test that asked is gone
            os.write(tell, STATUS.pack(status))
        os.close(tell)


def _become(asked: _Asked) -> None:
    """Make this process what `python scheduler.py` would have found itself to be."""
    for number, descriptor in enumerate(asked.descriptors):
        os.dup2(descriptor, number)
        os.close(descriptor)
    for number in (signal.SIGCHLD, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.environ.clear()
    os.environ.update(asked.environ)
    time.tzset()
    os.chdir(asked.folder)
    sys.argv = asked.argv
    sys.stdout.reconfigure(line_buffering=os.isatty(1))  # type: ignore[union-attr]
    gc.unfreeze()
    gc.enable()


def _main() -> None:
    sys.path[0] = str(SCHEDULER.parent)
    scheduler: Any = import_module("scheduler")
    for module, _ in scheduler.VERBS.values():
        import_module(module)
    for module in PRELOADED:
        import_module(module)
    assert "twisted.internet.reactor" not in sys.modules, "a reactor cannot be shared by forks"
    gc.disable()
    gc.freeze()
    asked = _serve(socket.socket(fileno=int(sys.argv[1])))
    if asked:
        _become(asked)
        is_lianzai = asked.argv[0] == str(SCHEDULER)
        _end(_code_of(lambda: scheduler.main(scheduler.as_service(sys.argv[1:])) if is_lianzai else _run_script()))


def _run_script() -> None:
    sys.path.insert(0, str(Path(sys.argv[0]).parent))
    runpy.run_path(sys.argv[0], run_name="__main__")


def _code_of(command: Callable[[], None]) -> int:
    try:
        command()
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:  # noqa: BLE001  as the interpreter would
        traceback.print_exc()
        return 1
    return 0


def _end(code: int) -> None:
    """End as an interpreter does (threads, exit functions, files), without taking every module apart: that costs 0.1 s."""
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(BrokenPipeError):
            stream.flush()
    os._exit(code)


if __name__ == "__main__":
    _main()
