"""A service as a real process, watched by its log and its answers."""

from __future__ import annotations

import json
import os
import sqlite3
import threading
import urllib.error
import urllib.request
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

from desk import Desk

from archive.home import Home
from archive.ledger.store import open_ledger
from archive.views import history, status
from crawler.keeping import keep as keep_profile
from crawler.service.due import jitter

GUARD_S = 90.0  # what has not happened by then will not happen, and the test fails


class Served:
    """One `lianzai serve` of a home, and all that its log has said."""

    def __init__(self, desk: Desk, *options: str, **environ: str) -> None:
        self.lines: list[dict[str, Any]] = []
        self.process = desk.start("serve", "--port", "0", *options, **environ)
        self._news = threading.Condition()
        self._over = False
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        threading.Thread(target=self.process.stdout.read, daemon=True).start()  # type: ignore[union-attr]

    def _read(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            told = json.loads(line) if line.startswith("{") else {"plain": line.rstrip("\n")}
            with self._news:
                self.lines.append(told)
                self._news.notify_all()
        with self._news:
            self._over = True
            self._news.notify_all()

    def wait(self, event: str, count: int = 1, **fields: Any) -> dict[str, Any]:
        """Wait until the log has said something so often; give its last line. Fails where the service ends before."""
        with self._news:
            told = (
                self._news.wait_for(lambda: len(self.told(event, **fields)) >= count or self._over, timeout=GUARD_S)
                and self.told(event, **fields)[count - 1 : count]
            )
        assert told, f"{event} {fields} did not come: {self.lines[-20:]}"
        return told[0]

    def told(self, event: str, **fields: Any) -> list[dict[str, Any]]:
        """Give the lines of an event so far."""
        return [
            line
            for line in self.lines
            if line.get("event") == event and all(line.get(key) == value for key, value in fields.items())
        ]

    @property
    def url(self) -> str:
        """Where it answers; waits until it is ready."""
        return str(self.wait("service.started")["url"])

    def get(self, path: str) -> tuple[int, str]:
        """Ask; give status and text."""
        try:
            with urllib.request.urlopen(self.url + path, timeout=GUARD_S) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    def metric(self, name: str, **labels: str) -> float | None:
        """Give a sample of /metrics, None where there is none."""
        wanted = {f'{key}="{value}"' for key, value in labels.items()}
        for line in self.get("/metrics")[1].splitlines():
            head, _, number = line.rpartition(" ")
            found, _, rest = head.partition("{")
            if found == name and wanted <= set(rest.rstrip("}").split(",")):
                return float(number)
        return None

    def until(self, asked: Callable[[], bool]) -> None:
        """Ask again with each line of the log, and each second, until it is so."""
        with self._news:
            for _ in range(int(GUARD_S)):
                if asked():
                    return
                self._news.wait(1.0)
        raise AssertionError(f"it did not become so: {self.lines[-20:]}")

    def signal(self, number: int) -> int:
        """Send a signal and wait for the end; give the exit code as a shell has it."""
        self.process.send_signal(number)
        code = self.process.wait(timeout=GUARD_S)
        self._reader.join(GUARD_S)
        return code


def keep(desk: Desk, text: str, name: str, *, owed: bool = True) -> None:
    """Put a profile into the home. owed: as if that had been a year ago, so that a service runs it when it starts."""
    keep_profile(Home(desk.home).make(), str(desk.profile(text, f"{name}.toml")), {})
    if owed:
        kept = desk.home / "profiles" / f"{name}.toml"
        os.utime(kept, (1_764_000_000, 1_764_000_000))


def a_year_ago(home: Path) -> None:
    """Let the runs of a home lie a year back, so that a service owes each series one when it starts."""
    with closing(sqlite3.connect(home / "ledger.sqlite3")) as base, base:
        base.execute("UPDATE runs SET started = replace(started, substr(started, 1, 4), substr(started, 1, 4) - 1)")


def yearly(text: str) -> str:
    """Give a profile a schedule that does not fire while a test runs (unless it is New Year)."""
    return text.replace('schedule = "*/30 7-23 * * *"', 'schedule = "0 0 1 1 *"')


def early(name: str) -> str:
    """Give an id that is among the first where many series are owed a run: their places in the spread follow from their ids."""
    return next(one for n in count() if jitter(one := f"{name}-{n}") < 0.02)


def lock_pid(home: Path, series: str) -> int:
    """Give the process that crawls a series."""
    return int(json.loads((home / "locks" / f"{series}.lock").read_bytes())["pid"])


def looked(home: Path, series: str) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Give what `status` and `history` tell of a series, without a process of their own."""
    ledger = open_ledger(Home(home), create=False)
    try:
        with ledger.read() as connection:
            told = status(connection, Home(home), now=datetime.now(UTC), next_fire=lambda *_: None, wanted=series)
            return told["series"][0], history(connection, series)
    finally:
        ledger.close()
