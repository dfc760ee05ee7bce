"""A whole crawl of the hostile newspaper: each fault costs at most its own article, and each is named."""

from __future__ import annotations

import json
import os
import re
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from desk import Desk
from forking import SCHEDULER
from hostile import ENDPOINTS, Endpoint, HostileNewspaper
from hostile.great import great_bodies
from raw_site import site
from witness import Canary

UNSAFE = '/\\:<>"|?*'  # in names of files, on some system or other
RSS_MOST_KB = 300_000  # of the whole crawl, whatever comes
_STEERS = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]"
)  # what moves a cursor or turns a line round
PROFILE = """
[series]
id = "hostile"
title = "渠边札记"
language = "zh"
timezone = "Asia/Shanghai"
[source]
kind = "list-page"
url = "{url}/list"
item = "ul.list a"
[fetch]
delay = {delay}
concurrency = 4
timeout = 30
retries = {retries}
max_body = 2097152
requisites = "none"
allow_private = true
"""
GREAT = """
[series]
id = "great"
title = "渠边札记"
[source]
kind = "list-page"
url = "{url}/list"
item = "ul.list a"
[fetch]
delay = 0
concurrency = 8
retries = 0
requisites = "none"
allow_private = true
"""

ENDLESS = """
[series]
id = "endless"
title = "渠边札记"
[source]
kind = "sitemap"
url = "{url}/index"
[fetch]
delay = 0
max_requests = 40
allow_private = true
robots = "ignore"
"""


# The most memory of a child is counted from its fork on, so it is started by a process that has little itself.
_MEASURED = """
import os, sys
_, status, usage = os.wait4(os.posix_spawn(sys.executable, [sys.executable, *sys.argv[1:]], os.environ), 0)
print(usage.ru_maxrss, file=sys.stderr)
sys.exit(os.waitstatus_to_exitcode(status))
"""


def endless(connection: Any, target: str) -> None:
    """Answer as a site whose lists and pages name more than anyone could keep."""
    url, (name, _, number) = connection.server.url, target.rpartition("/")
    kind, text = "text/xml", ""
    if name == "/map":
        text = "".join(f"<url><loc>{url}/a/{number}-{n}</loc></url>" for n in range(25_000))
        text = f"<urlset>{text}</urlset>"
    elif name == "/a":
        kind = "text/html; charset=utf-8"
        pictures = "".join(f'<img src="/p/{number}-{n}.jpg">' for n in range(5_000))
        text = f"<title>{number}</title><h1>{number}</h1><p>{'渠水从闸口出来，先绕过村北的老磨坊。' * 9}</p>{pictures}"
    elif target == "/index":
        text = "".join(f"<sitemap><loc>{url}/map/{n}</loc></sitemap>" for n in range(3))
        text = f"<sitemapindex>{text}</sitemapindex>"
    body = text.encode()
    head = f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n"
    connection.send(head.encode(), body)


def crawl(desk: Desk, profile: Path, code: int = 3) -> tuple[dict[str, Any], int]:
    """Crawl by a process of its own; give the report of the series and the most memory that it had, in kB."""
    said = [str(SCHEDULER), "--home", str(desk.home), "crawl", str(profile), "--json"]
    environ = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "TZ": "UTC", "HOME": str(desk.folder)}
    done = subprocess.run(
        [sys.executable, "-c", _MEASURED, *said], env=environ, capture_output=True, text=True, check=False
    )
    assert done.returncode == code, done.stderr
    return json.loads(done.stdout)["series"][0], int(done.stderr)


def outcomes(desk: Desk, paper: HostileNewspaper, report: dict[str, Any]) -> dict[str, str]:
    """Say what became of each endpoint, in the words of Endpoint.outcome."""
    lines = (desk.home / "text" / "hostile" / "hostile.jsonl").read_text(encoding="utf-8").split("\n")
    bodies = {one["id"]: "".join(one["body"]) for one in map(json.loads, filter(None, lines))}
    articles = {url: one for one in desk.ask("articles", "hostile") for url in (one["url"], *one["variants"])}
    told = {one["url"]: one["reason"] for one in report["failed"]}
    found = {}
    for one in ENDPOINTS:
        article = articles[paper.url + one.path]
        if article["state"] == "captured":
            missing = [line for line in one.lines if line not in bodies[article["id"]]]
            found[one.name] = f"captured, without {missing}" if missing else "captured"
        else:
            named = told.get(paper.url + (one.told_at or one.path))
            found[one.name] = named or ("skipped" if article["state"] == "found" else "failed, and not named")
    return found


def is_as_wanted(one: Endpoint, came: str) -> bool:
    """Tell whether an outcome is one of those that an endpoint may have."""
    return came in one.outcome.replace(":", "|").split("|")


def test_each_fault_costs_its_own_article_and_is_named(tmp_path: Path, canary: Canary) -> None:
    """Whole where a browser would show a whole article; else kept as bytes, not whole, and the reason told.

    Beside that: nobody within the network was asked, nothing more often than it must be, memory had its bound, what the
    titles say harms no name of a file and no terminal, and the records give the same ledger once more.
    """
    desk, paper = Desk(tmp_path, tmp_path / "home"), HostileNewspaper(canary=canary.url)
    with paper.open():
        report, rss_kb = crawl(desk, desk.profile(PROFILE.format(url=paper.url, delay=0, retries=0)))
    came = outcomes(desk, paper, report)
    before, derived = desk.ledger(), desk.derived()
    names = [path.name for path in (desk.home / "text" / "hostile").iterdir()]
    shown = desk.start("articles", "hostile").communicate()[0]

    assert {} == {one.name: (came[one.name], one) for one in ENDPOINTS if not is_as_wanted(one, came[one.name])}
    assert canary.touched == 0
    assert {target for target, times in paper.asked.items() if times > 1} == {"/a/cookie-wall.html"}
    assert {one["reason"] for one in report["skipped"]} == {"private"}
    assert rss_kb < RSS_MOST_KB
    assert [
        name for name in names if not name.isprintable() or len(name.encode()) > 200 or set(name) & set(UNSAFE)
    ] == []
    assert _STEERS.findall(shown) == []
    assert desk.start("rebuild").wait() == 0
    assert desk.ledger() == before
    assert desk.derived() == derived
    assert desk.ask("verify")["damaged"] == []


def sendings(desk: Desk) -> list[float]:
    """Give the times at which what was answered was asked for, as the ledger has them, in seconds."""
    with closing(sqlite3.connect(desk.home / "ledger.sqlite3")) as base:
        told = base.execute("SELECT fetched FROM captures WHERE status IS NOT NULL ORDER BY fetched").fetchall()
    return [datetime.fromisoformat(fetched).timestamp() for (fetched,) in told]


@pytest.mark.soak
def test_a_long_hostile_crawl_in_figures(tmp_path: Path, canary: Canary, capsys: pytest.CaptureFixture[str]) -> None:
    """The figures of SECURITY.md: a polite crawl of all that is hostile, and bodies of 64 MiB eight at a time."""
    desk, paper = Desk(tmp_path, tmp_path / "home"), HostileNewspaper(canary=canary.url)
    with paper.open():
        report, polite_kb = crawl(desk, desk.profile(PROFILE.format(url=paper.url, delay=0.1, retries=2)))
    came = outcomes(desk, paper, report)
    good = [one for one in ENDPOINTS if one.outcome == "captured"]
    between = [later - earlier for earlier, later in pairwise(sendings(desk))]
    great = HostileNewspaper(great_bodies(), canary=canary.url)
    with great.open():
        told, great_kb = crawl(desk, desk.profile(GREAT.format(url=great.url), "great.toml"))
    figures = {
        "addresses": len(ENDPOINTS) + len(told["failed"]),
        "good articles, whole": sum(came[one.name] == "captured" for one in good),
        "damaged ones, called whole": sum(came[one.name] == "captured" for one in ENDPOINTS if one not in good),
        "faults not named": sum(not is_as_wanted(one, came[one.name]) for one in ENDPOINTS),
        "touches of the canary": canary.touched,
        "most memory, MB": max(polite_kb, great_kb) // 1000,
        "of 12 bodies of 64 MiB, MB": great_kb // 1000,
        "smallest interval, ms (delay 100)": round(min(between) * 1000),
        "most requests of one address (retries 2)": max(paper.asked.values()),
    }
    with capsys.disabled():
        print("", *(f"{name:<42}{value:>6}" for name, value in figures.items()), sep="\n")

    assert figures["good articles, whole"] == len(good)
    assert [figures[name] for name in ("damaged ones, called whole", "faults not named", "touches of the canary")] == [
        0
    ] * 3
    assert max(polite_kb, great_kb) < RSS_MOST_KB
    assert min(between) >= 0.099
    assert max(paper.asked.values()) <= 3
    assert sorted({one["reason"] for one in told["failed"]}) == ["not-an-article", "too-long"]
    assert len(told["failed"]) == len(great_bodies())
    assert desk.ask("verify")["damaged"] == []
    assert desk.start("rebuild").wait() == 0


@pytest.mark.soak
def test_lists_and_pages_that_name_without_an_end_keep_to_the_memory(tmp_path: Path) -> None:
    """Three sitemaps of 25,000 articles, each of which needs 5,000 pictures of its own: it would be 375 million."""
    desk = Desk(tmp_path, tmp_path / "home")
    with site(endless) as server:
        url = server.url
        report, rss_kb = crawl(desk, desk.profile(ENDLESS.format(url=url)), code=0)

    assert report["found"] == 25_000
    assert {one["reason"] for one in report["skipped"]} == {"limit"}
    left = {one["url"] for one in report["skipped"]}
    assert 2 == sum(f"{url}/map/{n}" in left for n in range(3))  # the one that answers first is taken
    assert sum(one.get("more", 0) for one in report["skipped"]) > 100_000
    assert rss_kb < RSS_MOST_KB
