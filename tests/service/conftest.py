"""What the service tests stand on: crawls as real processes, a newspaper that can be watched, a home looked at from outside."""

from __future__ import annotations

import json
import os
import re
import socket
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from archive.warc import Record, read_records, series_files
from crawler.demo.answers import Answer
from crawler.demo.profiles import demo_profile, list_profile, url_list_profile
from crawler.demo.server import Server

REPOSITORY = Path(__file__).parents[2]
KINDS = {"api": demo_profile, "list": list_profile, "urls": url_list_profile}
PROCESS_S = 60  # a process that has not ended by then hangs, and the test fails
# Columns that are an accident of the way a row came into the ledger.
ACCIDENTS = {"events": {"id"}, "series": {"profile_text"}}


def profile_text(server: Server | str, kind: str = "api", *, series: str | None = None, **changes: Any) -> str:
    """Write a profile for the newspaper. changes: keys of [fetch] or [watch], as TOML has them, other than the demonstration's."""
    url = server if isinstance(server, str) else server.url
    text = KINDS[kind](url, delay=0, **({"series": series} if series else {}))
    for key, value in changes.items():
        line = f"{key} = {value if isinstance(value, str) else json.dumps(value)}"
        text, done = re.subn(rf"^{key} = .*$", lambda _, line=line: line, text, flags=re.MULTILINE)
        if not done:
            text = text.replace("[fetch]\n", f"[fetch]\n{line}\n")
    return text


@dataclass
class Crawled:
    """One crawl that has ended. document: what stood on stdout, None where nothing did."""

    code: int
    document: dict[str, Any] | None
    stderr: str

    @property
    def report(self) -> dict[str, Any]:
        """The part of its one series."""
        assert self.document is not None, self.stderr
        return self.document["series"][0]

    @property
    def counts(self) -> dict[str, int]:
        """What was counted, without the zeros."""
        words = ("found", "captured", "unchanged", "revised", "withdrawn", "restored")
        return {word: self.report[word] for word in words if self.report[word]}

    @property
    def failed(self) -> list[str]:
        """The reasons of what failed, sorted."""
        return sorted(one["reason"] for one in self.report["failed"])

    @property
    def error(self) -> str:
        """The only line on stderr."""
        lines = self.stderr.splitlines()
        assert len(lines) == 1, self.stderr
        return lines[0]


@dataclass
class Desk:
    """A home, and crawls into it by the command itself."""

    folder: Path
    home: Path
    running: list[subprocess.Popen[str]] = field(default_factory=list)

    def profile(self, text: str, name: str = "p.toml") -> Path:
        """Write a profile's file."""
        path = self.folder / name
        path.write_text(text, encoding="utf-8")
        return path

    def start(self, *arguments: str | Path, shell: str = "", **environ: str) -> subprocess.Popen[str]:
        """Start the command in a scrubbed environment. shell: what a shell does first, as `ulimit -f 100`."""
        command = [sys.executable, str(REPOSITORY / "scheduler.py"), "--home", str(self.home), *map(str, arguments)]
        if shell:
            command = ["bash", "-c", f'{shell}; exec "$@"', "bash", *command]
        clean = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "TZ": "UTC", "HOME": str(self.folder), **environ}
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8", env=clean, cwd=self.folder
        )  # fmt: skip
        self.running.append(process)
        return process

    def crawl(self, text: str, *options: str, **more: str) -> Crawled:
        """Crawl by a profile's text and wait for the end."""
        return ended(self.start("crawl", self.profile(text), *options, "--json", **more))

    def ask(self, *arguments: str) -> Any:
        """Ask a verb that reads, and give its JSON."""
        done = ended(self.start(*arguments, "--json"))
        assert done.code == 0, done.stderr
        return done.document

    def records(self, series: str) -> list[Record]:
        """Read every record of a series in its order."""
        return [one for path in series_files(self.home / "warc" / series, series) for one in read_records(path)]

    def ledger(self) -> dict[str, list[str]]:
        """Give all rows of the ledger, without what is an accident of their way into it."""
        with closing(sqlite3.connect(self.home / "ledger.sqlite3")) as base:
            base.row_factory = sqlite3.Row
            names = [
                row[0] for row in base.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
            ]
            return {
                name: sorted(
                    repr({k: row[k] for k in row.keys() if k not in ACCIDENTS.get(name, ())})  # noqa: SIM118
                    for row in base.execute(f"SELECT * FROM {name}")
                )
                for name in names
                if not name.startswith("sqlite_")
            }

    def derived(self) -> dict[str, bytes]:
        """Give every file of text and index."""
        found = [path for name in ("text", "index") for path in sorted((self.home / name).rglob("*")) if path.is_file()]
        return {path.relative_to(self.home).as_posix(): path.read_bytes() for path in found}

    def warcs(self) -> list[str]:
        """Give the names of everything below warc/."""
        return sorted(path.name for path in (self.home / "warc").rglob("*") if path.is_file())


def ended(process: subprocess.Popen[str]) -> Crawled:
    """Wait for a command and give what it left."""
    stdout, stderr = process.communicate(timeout=PROCESS_S)
    return Crawled(process.returncode, json.loads(stdout) if stdout.strip() else None, stderr)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """An empty home; whatever still runs at the test's end is ended."""
    made = Desk(tmp_path, tmp_path / "home")
    yield made
    for process in made.running:
        if process.poll() is None:
            process.kill()
        process.communicate()


@dataclass
class Trap:
    """Does something when the newspaper is asked for the n-th time from now. stall: that and all later answers never come."""

    server: Server
    seen: int = 0

    def at(self, number: int, deed: Callable[[], object], *, stall: bool = False) -> threading.Event:
        """Set the trap; gives an event that is set once it has sprung."""
        answer, sprung, first = type(self.server.site).answer, threading.Event(), self.seen

        def watched(target: str, base: str) -> Answer:
            self.seen += 1
            said = answer(self.server.site, target, base)
            if self.seen - first == number:
                deed()
                sprung.set()
            return replace(said, trouble="stall") if stall and self.seen - first >= number else said

        self.server.site.answer = watched  # type: ignore[method-assign]
        return sprung


@pytest.fixture
def trap(newspaper: Server) -> Trap:
    """A trap in the newspaper."""
    return Trap(newspaper)


class Relay:
    """Passes a newspaper's connections on and keeps what went over each, so that a WARC has a witness that is not ours.

    An exchange begins where bytes of the client follow bytes of the server: a client asks one thing at a time.
    """

    def __init__(self, target: Server) -> None:
        self._port = int(target.url.rpartition(":")[2])
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self._kept: list[list[tuple[str, bytes]]] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._socket.accept()
            except OSError:  # closed: the test is over
                return
            server = socket.create_connection(("127.0.0.1", self._port))
            heard: list[tuple[str, bytes]] = []
            self._kept.append(heard)
            for side, source, sink in (("asked", client, server), ("told", server, client)):
                threading.Thread(target=self._pass, args=(side, source, sink, heard), daemon=True).start()

    @staticmethod
    def _pass(side: str, source: socket.socket, sink: socket.socket, heard: list[tuple[str, bytes]]) -> None:
        try:
            while data := source.recv(65536):
                heard.append((side, data))
                sink.sendall(data)
            sink.shutdown(socket.SHUT_WR)
        except OSError:  # one side hung up: nothing more is to be heard
            return

    def exchanges(self) -> list[tuple[bytes, bytes]]:
        """Give request and response of every exchange that had both."""
        found: list[tuple[bytes, bytes]] = []
        for heard in self._kept:
            last = "told"
            for side, data in heard:
                if side == "asked" and last == "told":
                    found.append((b"", b""))
                asked, told = found[-1]
                found[-1] = (asked + data, told) if side == "asked" else (asked, told + data)
                last = side
        return [pair for pair in found if all(pair)]

    def close(self) -> None:
        """Take no more connections."""
        self._socket.close()


@pytest.fixture
def relay(newspaper: Server) -> Iterator[Relay]:
    """A relay before the newspaper."""
    made = Relay(newspaper)
    yield made
    made.close()


class Canary:
    """A port of this machine that nobody has a reason to connect to, and the connections it saw."""

    def __init__(self) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self.touched = 0
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._socket.accept()
            except OSError:  # closed: the test is over
                return
            self.touched += 1
            client.close()

    def close(self) -> None:
        """Stop listening."""
        self._socket.close()


@pytest.fixture
def canary() -> Iterator[Canary]:
    """A port that closes every connection, and counts them."""
    made = Canary()
    yield made
    made.close()


@pytest.fixture
def profile() -> Callable[..., str]:
    """Write a profile for a newspaper, as profile_text."""
    return profile_text


@pytest.fixture
def wait_for() -> Callable[[subprocess.Popen[str]], Crawled]:
    """Wait for a command that was started, as ended."""
    return ended
