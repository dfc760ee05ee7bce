"""How much a service with many profiles costs: start, rest, `status`, and many series due in the same minute.

Takes   --profiles (10,000), --due (500), --jobs, --seconds of rest (30).
Gives   one JSON document: seconds to start, CPU of a core while it rests and is scraped each 15 s, seconds of `status`, and of
        the runs how many ran at once and in all, resident memory of the service and of a crawl.
Writes  a home in a temporary folder, which is removed.

    python bench/service_load.py --profiles 10000 --due 500

The series that are due crawl the demonstration newspaper on loopback; the others are due hours later.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from archive.home import Home
from archive.ledger import queries
from archive.ledger.store import open_ledger
from crawler.budget import HostBudget
from crawler.demo.newspaper import Newspaper
from crawler.demo.profiles import demo_profile
from crawler.demo.server import serve
from crawler.keeping import columns
from crawler.profile import parse_profile

FRONT_DOOR = Path(__file__).parents[1] / "scheduler.py"
TICKS = os.sysconf("SC_CLK_TCK")
SCRAPE_S = 15.0


def fill(home: Home, number: int, due: int, url: str, at: datetime) -> None:
    """Keep so many profiles, as `add` would; `due` of them fire at one minute, the others daily, hours later."""
    ledger = open_ledger(home.make().root, create=True)
    home.profiles.mkdir(parents=True, exist_ok=True)
    with ledger.write() as connection:
        for n in range(number):
            hour = (at.hour + 5 + n // 60 % 12) % 24
            line = f"{at.minute} {at.hour} {at.day} {at.month} *" if n < due else f"{n % 60} {hour} * * *"
            text = demo_profile(url, series=f"series-{n:05}", delay=0).replace(
                'schedule = "*/30 7-23 * * *"', f'schedule = "{line}"'
            )
            text = text.replace('timezone = "Asia/Shanghai"', 'timezone = "UTC"')
            home.profile(f"series-{n:05}").write_text(text, encoding="utf-8")
            queries.keep_series(connection, columns(parse_profile(text, name="p.toml", environ={})))
    ledger.close()


def cpu_s(pid: int) -> float:
    """Give the CPU seconds of a process, its ended children left out."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def rss(pid: int) -> int:
    """Give the resident memory of a process in bytes, 0 where it has ended."""
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (FileNotFoundError, ProcessLookupError):
        return 0


def events(process: subprocess.Popen[str]) -> Iterator[dict[str, Any]]:
    """Give the events of the log as they come."""
    assert process.stderr is not None
    for line in process.stderr:
        if '"event"' in line:
            yield json.loads(line)


def rest(pid: int, url: str, seconds: float) -> dict[str, float]:
    """Measure a service that rests and is scraped."""
    scrape(url)
    before, begun = cpu_s(pid), time.monotonic()
    scrapes: list[float] = []
    while time.monotonic() - begun < seconds:
        scrapes.append(scrape(url))
        time.sleep(min(SCRAPE_S, max(seconds - (time.monotonic() - begun), 0.01)))
    share = (cpu_s(pid) - before) / (time.monotonic() - begun)
    return {"rest_core_percent": round(100 * share, 2), "scrape_s": round(max(scrapes), 3)}


def scrape(url: str) -> float:
    """Ask for the metrics; give the seconds."""
    begun = time.monotonic()
    with urllib.request.urlopen(url + "/metrics", timeout=120) as answer:
        answer.read()
    return time.monotonic() - begun


def due_runs(process: subprocess.Popen[str], due: int) -> dict[str, Any]:
    """Follow the series that are due to their ends."""
    running: dict[str, int] = {}
    ran: set[str] = set()
    broken: list[str] = []
    most = most_crawl = most_all = 0
    begun = None
    for event in events(process):
        match event["event"]:
            case "run.queued":
                begun = begun or time.monotonic()
            case "run.launched":
                running[event["series"]] = event["pid"]
            case "run.ended" | "run.broken":
                running.pop(event["series"], None)
                ran.add(event["series"])
                broken += [event["reason"]] if event["event"] == "run.broken" else []
        sizes = [rss(pid) for pid in running.values()]
        most, most_crawl = max(most, len(running)), max([most_crawl, *sizes])
        most_all = max(most_all, sum(sizes) + rss(process.pid))
        if len(ran) == due:
            break
    seconds = time.monotonic() - (begun or time.monotonic())
    return {
        "due": due, "ran": len(ran), "broken": sorted(set(broken)), "at_once": most, "due_s": round(seconds, 1),
        "rss_crawl": most_crawl, "rss_all": most_all,
    }  # fmt: skip


def budget_us(folder: Path) -> float:
    """Give the CPU microseconds that sharing a host's pace costs a request."""
    import asyncio

    async def ask(times: int) -> float:
        budget, halt = HostBudget(folder, "news.example"), asyncio.Event()
        begun = time.process_time()
        for _ in range(times):
            async with budget.admitted(2, 0.0, halt):
                budget.sending_s(0.0)
        return (time.process_time() - begun) / times * 1e6

    return round(asyncio.run(ask(5000)), 1)


def measure(arguments: argparse.Namespace, folder: Path, url: str) -> dict[str, Any]:
    """Do all of it."""
    home = Home(folder / "home")
    at = datetime.now(UTC).replace(second=0) + timedelta(seconds=arguments.profiles / 80 + arguments.seconds + 90)
    fill(home, arguments.profiles, arguments.due, url, at)
    command = [
        sys.executable,
        str(FRONT_DOOR),
        "--home",
        str(home.root),
        "serve",
        "--port",
        "0",
        "--jobs",
        str(arguments.jobs),
    ]
    begun = time.monotonic()
    with subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True) as process:
        started = next(event for event in events(process) if event["event"] == "service.started")
        told: dict[str, Any] = {"profiles": started["series"], "start_s": round(time.monotonic() - begun, 2)}
        told |= {"rss_service": rss(process.pid)} | rest(process.pid, started["url"], arguments.seconds)
        begun = time.monotonic()
        subprocess.run([*command[:4], "status", "--json"], stdout=subprocess.DEVNULL, check=True)
        told["status_s"] = round(time.monotonic() - begun, 2)
        told |= due_runs(process, arguments.due) if arguments.due else {}
        process.terminate()
    return told | {"budget_us": budget_us(folder)}


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--profiles", type=int, default=10_000)
    parser.add_argument("--due", type=int, default=500)
    parser.add_argument("--jobs", type=int, default=4)
    parser.add_argument("--seconds", type=float, default=30.0)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="lianzai-load-") as folder, serve(Newspaper()) as server:
        print(json.dumps(measure(arguments, Path(folder), server.url), indent=1))


if __name__ == "__main__":
    main()
