"""Crawls as real processes, and a home looked at from outside."""

from __future__ import annotations

import json
import os
import re
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import forking
from forking import Running

from archive.warc import Record, read_records, series_files
from crawler.demo.profiles import demo_profile, list_profile, url_list_profile
from crawler.demo.server import Server

KINDS = {"api": demo_profile, "list": list_profile, "urls": url_list_profile}
PROCESS_S = 60  # a process that has not ended by then hangs, and the test fails
# Columns that are an accident of the way a row came into the ledger.
ACCIDENTS = {"events": {"id"}, "series": {"profile_text", "profile_crc", "sealed"}}


def profile_text(server: Server | str, kind: str = "api", *, series: str | None = None, **changes: Any) -> str:
    """Write a profile for the newspaper. changes: keys of [fetch] or [watch] with other values than the
    demonstration's; a table is given as TOML ("{ checks = 2, hours = 0 }")."""
    url = server if isinstance(server, str) else server.url
    text = KINDS[kind](url, delay=0, **({"series": series} if series else {}))
    for key, value in changes.items():
        table = isinstance(value, str) and value.startswith("{")
        line = f"{key} = {value if table else json.dumps(value)}"
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
    running: list[Running] = field(default_factory=list)

    def profile(self, text: str, name: str = "p.toml") -> Path:
        """Write a profile's file."""
        path = self.folder / name
        path.write_text(text, encoding="utf-8")
        return path

    def start(self, *arguments: str | Path, shell: str = "", **environ: str) -> Running:
        """Start the command in a scrubbed environment. shell: what a shell does first, as `ulimit -f 100`."""
        said = ["--home", str(self.home), *map(str, arguments)]
        clean = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "TZ": "UTC", "HOME": str(self.folder), **environ}
        process: Running
        if shell:
            command = ["bash", "-c", f'{shell}; exec "$@"', "bash", sys.executable, str(forking.SCHEDULER), *said]
            process = subprocess.Popen(
                command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8", env=clean, cwd=self.folder
            )  # fmt: skip
        else:
            process = forking.start(said, clean, cwd=self.folder)
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

    def close(self) -> None:
        """End whatever still runs."""
        for process in self.running:
            if process.poll() is None:
                process.kill()
            process.communicate()

    def derived(self) -> dict[str, bytes]:
        """Give every file of text and index."""
        found = [path for name in ("text", "index") for path in sorted((self.home / name).rglob("*")) if path.is_file()]
        return {path.relative_to(self.home).as_posix(): path.read_bytes() for path in found}

    def warcs(self) -> list[str]:
        """Give the names of everything below warc/."""
        return sorted(path.name for path in (self.home / "warc").rglob("*") if path.is_file())


def ended(process: Running) -> Crawled:
    """Wait for a command and give what it left."""
    stdout, stderr = process.communicate(timeout=PROCESS_S)
    return Crawled(process.returncode, json.loads(stdout) if stdout.strip() else None, stderr)
