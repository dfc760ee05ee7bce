"""What a service with many profiles costs: start, rest, `status`, and many series due in the same minute.

Takes   --profiles (500), --due (20), --jobs (the default of `serve`), --seconds of rest (15), --articles of the site (4).
Gives   one JSON document, what each figure means: docs/benchmarks.md. The crawls are real ones, of the site of bench/site.py in a
        process of its own, which counts what it is asked: so a run that was missed, or done twice, is seen from outside.
Writes  a home in a temporary folder, which is removed.

    python bench/service_load.py --profiles 10000 --due 500
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections import Counter
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import measure
from measure import Site
from service_home import Sizes, fill, names

from archive.home import Home
from crawler.budget import HostBudget

FRONT_DOOR = Path(__file__).parents[1] / "scheduler.py"
TICKS = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")
SCRAPE_S = 15.0  # what Prometheus does by default is a minute; a quarter of it is against us
SAMPLE_S = 0.25
LIST = "/list/index.html"  # asked for once a crawl


class Served:
    """The service as a process: what it logs, and what the kernel says of it."""

    def __init__(self, home: Home, jobs: int | None) -> None:
        self.begun = time.monotonic()
        arguments = [] if jobs is None else ["--jobs", str(jobs)]
        self.command = [sys.executable, str(FRONT_DOOR), "--home", str(home.root)]
        self.process = subprocess.Popen(
            [*self.command, "serve", "--port", "0", *arguments], stderr=subprocess.PIPE, stdout=subprocess.DEVNULL,
            text=True, env=measure.environment(home.root.parent),
        )  # fmt: skip
        self.events: list[tuple[float, dict[str, Any]]] = []  # seconds of the steady clock, event
        self.said = ""  # the last line that is no event
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        """Take the log as it comes: a full pipe would hold up the service."""
        assert self.process.stderr is not None
        for line in self.process.stderr:
            if '"event"' in line:
                self.events.append((time.monotonic(), json.loads(line)))
            else:
                self.said = line.strip()

    def named(self, *kinds: str) -> list[tuple[float, dict[str, Any]]]:
        """Give the events of some kinds, so far."""
        return [one for one in list(self.events) if one[1]["event"] in kinds]

    def wait(self, kind: str) -> tuple[float, dict[str, Any]]:
        """Wait for the first event of a kind."""
        while not (found := self.named(kind)):
            if self.process.poll() is not None:
                raise measure.CommandError(f"the service ended with {self.process.returncode}: {self.said}")
            time.sleep(0.01)
        return found[0]

    def cpu_s(self) -> tuple[float, float]:
        """Give the CPU seconds of the process, and those of its children that have ended."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        own, children = (int(fields[at]) + int(fields[at + 1]) for at in (11, 13))
        return own / TICKS, children / TICKS

    def rss_mb(self) -> float:
        """Give its resident memory in 10^6 bytes."""
        return rss_mb(self.process.pid)


def rss_mb(pid: int) -> float:
    """Give the resident memory of a process in 10^6 bytes, 0 where it has ended."""
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * PAGE / 1e6
    except (FileNotFoundError, ProcessLookupError):
        return 0.0


def scrape(url: str) -> float:
    """Ask for the metrics; give the seconds."""
    begun = time.monotonic()
    with urllib.request.urlopen(url + "/metrics", timeout=120) as answer:
        answer.read()
    return time.monotonic() - begun


def rest(service: Served, url: str, seconds: float) -> dict[str, float]:
    """Measure a service that rests and is scraped."""
    first = scrape(url)
    before, begun = service.cpu_s()[0], time.monotonic()
    scrapes: list[float] = []
    while (left := seconds - (time.monotonic() - begun)) > 0:
        scrapes.append(scrape(url))
        time.sleep(max(min(SCRAPE_S, left), 0.0))
    share = (service.cpu_s()[0] - before) / (time.monotonic() - begun)
    return {
        "rest_core_percent": round(100 * share, 2),
        "first_scrape_s": round(first, 3),
        "scrape_s": round(max(scrapes), 3),
    }


@dataclass
class Peaks:
    """The most that was seen at one moment."""

    at_once: int = 0
    crawl_mb: float = 0.0
    all_mb: float = 0.0

    def look(self, service: Served) -> None:
        """Look at the service and its crawls now."""
        launched = service.named(
            "run.launched"
        )  # before those that ended: else one that follows another counts beside it
        ended = {one["series"] for _, one in service.named("run.ended", "run.broken")}
        pids = [one["pid"] for _, one in launched if one["series"] not in ended]
        sizes = [rss_mb(pid) for pid in pids]
        self.at_once = max(self.at_once, len(pids))
        self.crawl_mb = max([self.crawl_mb, *sizes])
        self.all_mb = max(self.all_mb, sum(sizes) + service.rss_mb())


def due_runs(service: Served, due: int) -> dict[str, Any]:
    """Follow the series that are due to their ends."""
    begun, _ = service.wait("run.queued")
    before, peaks = service.cpu_s(), Peaks()
    while len(service.named("run.ended", "run.broken")) < due and service.process.poll() is None:
        peaks.look(service)
        time.sleep(SAMPLE_S)
    ends = service.named("run.ended", "run.broken")
    seconds, own = ends[-1][0] - begun, service.cpu_s()
    ran = Counter(one["series"] for _, one in ends)
    broken = [one for _, one in ends if one["event"] == "run.broken"]
    return {
        "due": due,
        "missed": len(set(names(0, due)) - ran.keys()),
        "twice": sum(number - 1 for number in ran.values()),
        "broken": [f"{one['series']}: {one['reason']}: {one['detail']}" for one in broken],
        "due_s": round(seconds, 1),
        "runs_per_minute": round(60 * len(ends) / seconds, 1),
        "run_cpu_s": round((own[1] - before[1]) / len(ends), 2),
        "service_cpu_s": round(own[0] - before[0], 2),
        "at_once": peaks.at_once,
        "crawl_mb": round(peaks.crawl_mb, 1),
        "all_mb": round(peaks.all_mb, 1),
    }


def witnessed(home: Home, site: Site, due: int) -> dict[str, Any]:
    """Say what site and ledger know of the runs: how often the list was asked for, and how many runs are `done`."""
    asked = site.asked()
    with closing(sqlite3.connect(home.ledger)) as base:
        query = (
            "SELECT count(*), count(DISTINCT series) FROM runs WHERE outcome = 'done' AND series < ? AND series >= ?"
        )
        runs, series = base.execute(query, [names(due, due + 1)[0], names(0, 1)[0]]).fetchone()
    return {
        "lists_asked": sum(asked[LIST].values()),
        "requests": sum(sum(one.values()) for one in asked.values()),
        "runs_done": runs,
        "series_done": series,
    }


def budget_us(folder: Path) -> float:
    """Give the CPU microseconds that sharing a host's pace costs a request."""

    async def ask(times: int) -> float:
        budget, halt = HostBudget(folder, "news.example"), asyncio.Event()
        begun = time.process_time()
        for _ in range(times):
            async with budget.admitted(2, 0.0, halt):
                budget.sending_s(0.0)
        return (time.process_time() - begun) / times * 1e6

    return round(asyncio.run(ask(5000)), 1)


def statuses(command: list[str], folder: Path) -> dict[str, float]:
    """Ask for the status of all series, for programs and for people."""
    told: dict[str, float] = {}
    for name, arguments in (("status", ["status", "--json"]), ("table", ["status"])):
        cost = measure.run(*command, *arguments, folder=folder)
        told |= {f"{name}_s": round(cost.wall_s, 2), f"{name}_cpu_s": round(cost.cpu_s, 2)}
    return told


def measure_all(chosen: argparse.Namespace, site: Site, folder: Path) -> dict[str, Any]:
    """Do all of it."""
    home, sizes = Home(folder / "home"), Sizes(chosen.profiles, chosen.due)
    one = measure.crawl(site.css, home.root)
    # Time to fill, start, rest and ask, on a busy machine.
    ahead = timedelta(seconds=30 + chosen.seconds + chosen.profiles / 50)
    at = (datetime.now(UTC) + ahead).replace(second=0) + timedelta(minutes=1)
    fill(home, site.css, sizes, at)
    site.asked()
    service = Served(home, chosen.jobs)
    try:
        ready, started = service.wait("service.started")
        told: dict[str, Any] = {
            "profiles": started["series"],
            "jobs": started["jobs"],
            "start_s": round(ready - service.begun, 2),
            "start_cpu_s": round(service.cpu_s()[0], 2),
            "service_mb": round(service.rss_mb(), 1),
        }
        told |= rest(service, started["url"], chosen.seconds)
        told |= statuses(service.command, folder)
        told |= {"crawl_alone_s": round(one.wall_s, 2), "crawl_alone_cpu_s": round(one.cpu_s, 2)}
        if chosen.due:
            told |= due_runs(service, chosen.due) | witnessed(home, site, chosen.due)
        told |= {"service_mb_end": round(service.rss_mb(), 1)}
    finally:
        service.process.terminate()
        service.process.wait()
    return told | {"budget_us": budget_us(folder)}


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--profiles", type=int, default=500)
    parser.add_argument("--due", type=int, default=20)
    parser.add_argument("--jobs", type=int)
    parser.add_argument("--seconds", type=float, default=15.0)
    parser.add_argument("--articles", type=int, default=4)
    chosen = parser.parse_args()
    with (
        tempfile.TemporaryDirectory(prefix="lianzai-load-") as folder,
        measure.served(chosen.articles, Path(folder)) as site,
    ):
        print(json.dumps(measure_all(chosen, site, Path(folder)), indent=1))


if __name__ == "__main__":
    main()
