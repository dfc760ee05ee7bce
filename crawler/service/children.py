"""A crawl is a child process: its crash or leak cannot hurt the service.

Takes   a command, the time that it may take. Gives: Ended, how it went and what it reported.
Writes  what the child logs on stderr into the log of the service, line by line.

A child has a process group of its own, so that a signal from a terminal reaches it by way of the service alone. One that
takes longer than it may is told to end, and is killed KILL_AFTER_S later.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import signal
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from importlib.util import find_spec
from typing import Any

KILL_AFTER_S = 9.0  # contract: a signal ends a crawl within 10 s
_LINE_BYTES = 1 << 20  # of a log line; a longer one is passed over
_PIPE_S = 5.0  # that a pipe may stay open when its process has ended
_LIBRARIES = ("scrapy", "twisted", "asyncio")
_OWN = frozenset({"at", "level", "logger", "event", "message"})
_REASONS = {1: "crashed", 2: "profile", 3: "partial", 4: "integrity", 5: "unreachable", 130: "stopped", 143: "stopped"}

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Ended:
    """How a child went.

    code: its exit code, negative the signal that ended it. reason: None where nothing is wrong; `partial`, `profile`,
    `integrity`, `unreachable`, `stopped`, or where it did not end by itself `crashed`, `killed`, `hung`, `not-started`.
    detail: its last line beside the log. report: its JSON document, or None.
    """

    code: int
    seconds: float
    reason: str | None
    detail: str
    report: dict[str, Any] | None


@dataclass(slots=True)
class Child:
    """A child process while it runs. deadline: seconds of the steady clock after which it counts as hung."""

    name: str
    process: asyncio.subprocess.Process
    begun: float
    deadline: float
    told: asyncio.Event = field(default_factory=asyncio.Event)
    hung: bool = False

    def stop(self) -> None:
        """Tell it to end now; it is killed where it does not in time."""
        self.told.set()

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to all of its group."""
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, number)

    async def ended(self) -> Ended:
        """Wait for its end, passing its log on, and say how it went."""
        assert self.process.stdout is not None and self.process.stderr is not None  # noqa: PT018, S101
        said: list[str] = []
        reading = asyncio.ensure_future(_whole(self.process.stdout))
        passing = asyncio.ensure_future(_pass_on(self.process.stderr, said))
        await self._wait()
        # A process that it left behind may hold the pipes; what it still says is not waited for.
        await asyncio.wait({reading, passing}, timeout=_PIPE_S)
        for task in (reading, passing):
            if not task.done():
                task.cancel()
        document = reading.result() if reading.done() and not reading.cancelled() else b""
        code = self.process.returncode
        assert code is not None  # noqa: S101 - it was waited for
        return Ended(
            code, time.monotonic() - self.begun, self._reason(code), said[-1] if said else "", _document(document)
        )

    async def _wait(self) -> None:
        end = asyncio.ensure_future(self.process.wait())
        told = asyncio.ensure_future(self.told.wait())
        try:
            await asyncio.wait(
                {end, told}, timeout=max(self.deadline - time.monotonic(), 0.0), return_when=asyncio.FIRST_COMPLETED
            )
            if not end.done():
                self.hung = not self.told.is_set()
                self.signal(signal.SIGTERM)
                await asyncio.wait({end}, timeout=KILL_AFTER_S)
            if not end.done():
                self.signal(signal.SIGKILL)
            await end
        finally:
            told.cancel()

    def _reason(self, code: int) -> str | None:
        if self.hung:
            return "hung"
        if self.told.is_set():
            return "stopped"
        if code < 0:
            return "killed" if -code == signal.SIGKILL else "crashed"
        return _REASONS.get(code, "crashed") if code else None


async def start(name: str, arguments: Sequence[str], environ: Mapping[str, str], limit_s: float) -> Child:
    """Start `lianzai ARGUMENTS` as a child. limit_s: seconds that it may take. Raises OSError where it cannot be started."""
    process = await asyncio.create_subprocess_exec(
        *command(arguments),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=dict(environ),
        start_new_session=True,
        limit=_LINE_BYTES,
    )
    begun = time.monotonic()
    return Child(name, process, begun, begun + limit_s)


def command(arguments: Sequence[str]) -> list[str]:
    """Give the command line of this lianzai: the front door by its file, so that neither PATH nor the folder decide."""
    spec = find_spec("scheduler")
    assert spec is not None and spec.origin is not None  # noqa: PT018, S101 - it is what runs us
    return [sys.executable, spec.origin, *arguments]


def not_started(error: OSError) -> Ended:
    """Say how a child went that could not be started."""
    return Ended(-1, 0.0, "not-started", error.strerror or str(error), None)


async def _whole(stream: asyncio.StreamReader) -> bytes:
    return await stream.read()


async def _pass_on(stream: asyncio.StreamReader, said: list[str]) -> None:
    """Write each line of a child's log into ours; keep the lines that are no log."""
    while True:
        try:
            line = await stream.readline()
        except ValueError:  # longer than any line of ours
            continue
        if not line:
            return
        text = line.decode("utf-8", "replace").rstrip("\n")
        if not pass_line(text) and text.strip():
            said.append(text)


def pass_line(text: str) -> bool:
    """Log a line of a child's log as if it were ours; False where it is none."""
    if not text.startswith("{"):
        return False
    try:
        told = json.loads(text)
        level = logging.getLevelNamesMapping()[told["level"].upper()]
        name, created = told["logger"], datetime.fromisoformat(told["at"]).timestamp()
        what = told.get("event") or told["message"]
    except (ValueError, KeyError, TypeError, AttributeError):
        return False
    logger = logging.getLogger(name)
    if name.startswith(_LIBRARIES) and level < logging.WARNING:
        return True  # of each crawl the same twenty lines
    if logger.isEnabledFor(level):
        fields = {key: value for key, value in told.items() if key not in _OWN}
        extra = {"fields": fields} | ({"event": told["event"]} if "event" in told else {})
        record = logger.makeRecord(name, level, "", 0, "%s", (what,), None, extra=extra)
        record.created = created
        logger.handle(record)
    return True


def _document(written: bytes) -> dict[str, Any] | None:
    try:
        document = json.loads(written)
    except ValueError:
        return None
    return document if isinstance(document, dict) else None
