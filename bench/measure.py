"""Run a command and say what it cost; run the generated site and say what it was asked.

Takes   command lines.
Gives   Cost: user and system CPU of the whole process tree, wall-clock time, peak memory; what the command wrote on stdout.
Writes  files below the folder it is given.

A process is told the peak memory of the one that started it until it has used more itself (Linux hands it down through exec), so
this module and bench/run.py import nothing large.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

HERE = Path(__file__).parent
LIANZAI = Path(sys.executable).with_name("lianzai")
RSS_UNIT = 1 if sys.platform == "darwin" else 1024  # bytes in a unit of ru_maxrss: getrusage(2)


@dataclass(frozen=True, slots=True)
class Cost:
    """What one process and all that it started cost. rss_mb: peak of the largest of them, in 10^6 bytes."""

    cpu_s: float
    wall_s: float
    rss_mb: float
    stdout: str


class CommandError(Exception):
    """A measured command did not end as it should, so its cost means nothing."""


def run(*command: str | Path, folder: Path) -> Cost:
    """Run a command in a scrubbed environment, wait for it, and give its cost. Raises CommandError unless it exits with 0."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        started = monotonic()
        process = subprocess.Popen(list(map(str, command)), stdout=out, stderr=err, env=environment(folder), cwd=folder)
        _, status, used = os.wait4(process.pid, 0)
        wall_s = monotonic() - started
        process.returncode = os.waitstatus_to_exitcode(status)  # the object does not see that wait4 took its child
        said, complaint = (_whole(file.fileno()) for file in (out, err))
    if process.returncode:
        raise CommandError(f"{' '.join(map(str, command))}: exit {process.returncode}: {complaint.strip()}")
    return Cost(used.ru_utime + used.ru_stime, wall_s, used.ru_maxrss * RSS_UNIT / 1e6, said)


def environment(folder: Path) -> dict[str, str]:
    """Give the scrubbed environment of what is measured."""
    return {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "TZ": "UTC", "HOME": str(folder)}


def _whole(descriptor: int) -> str:
    return os.pread(descriptor, os.fstat(descriptor).st_size, 0).decode("utf-8")


class Site:
    """The generated site, being served. url: its address. css, no_css: profiles of it, with and without CSS rules."""

    def __init__(self, url: str, css: Path) -> None:
        """css: the profile that the site wrote; the other is made of it."""
        self.url, self.css, self.no_css = url, css, css.with_name("no-css-" + css.name)
        self.no_css.write_text(css.read_text("utf-8").partition("\n[article]\n")[0] + "\n", "utf-8")

    def asked(self) -> dict[str, dict[str, int]]:
        """Say what was asked since this was last called: {path: {status: times}}."""
        with urllib.request.urlopen(f"{self.url}/-/asked") as answer:
            told: dict[str, dict[str, int]] = json.load(answer)
        return told


@contextmanager
def served(articles: int, folder: Path) -> Iterator[Site]:
    """Serve a site of so many articles, until the end of the block."""
    css = folder / f"{articles}.toml"
    command = [sys.executable, str(HERE / "site.py"), "--articles", str(articles), "--profile", str(css)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            url = process.stdout.readline().strip()
            if not url:
                raise CommandError(f"{' '.join(command)}: did not begin to serve")
            yield Site(url, css)
        finally:
            process.terminate()


def plain(site: Site, folder: Path) -> Cost:
    """Crawl with plain Scrapy."""
    return run(sys.executable, HERE / "plain_spider.py", site.url, folder=folder)


def lianzai(*arguments: str | Path, folder: Path) -> Cost:
    """Run the command as it is installed."""
    return run(LIANZAI, *arguments, folder=folder)


def crawl(profile: Path, home: Path) -> Cost:
    """Crawl a profile into a home. The report is the cost's stdout."""
    return lianzai("--home", home, "crawl", profile, "--json", folder=home.parent)
