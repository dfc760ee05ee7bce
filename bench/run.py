"""Measure crawl, index, verify and replay, each beside a peer in the same run, and the service (`make bench`; what each figure
means: docs/benchmarks.md).

Takes   --quick for one round; --rounds, --articles, --small, --records, --mb, --captures, --asks, --film, --profiles, --due for
        other sizes; --peer, --wayback; --json FILE.
Gives   a table on stdout, progress on stderr; exit 0 also where a target is missed: a shared machine must not fail a build.
Writes  FILE; everything else in a folder of its own, removed at the end.

The crawls take turns (A B C A B C), so that a machine that slows down slows all of them; a ratio is taken within a round.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from time import monotonic
from typing import Any

import measure
import report
from measure import CommandError, Cost, Site

CONTENT = "/content/"  # where the site's articles lie
ROBOTS = "/robots.txt"  # asked for by lianzai; plain Scrapy does not by default
ASKS = 5  # times that status and --help are measured


def say(text: str) -> None:
    """Tell how far it is."""
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


def costs(measured: Sequence[Cost]) -> dict[str, dict[str, float]]:
    """Sum up several runs of one command."""
    return {name: report.spread([getattr(one, name) for one in measured]) for name in ("cpu_s", "wall_s", "rss_mb")}


class Rounds:
    """The interleaved crawls of one site. same: in every round all of them fetched the same addresses, each once and whole."""

    def __init__(self, site: Site, folder: Path) -> None:
        self.site, self.folder, self.home = site, folder, folder / "none"
        self.costs: dict[str, list[Cost]] = {"plain": [], "css": [], "no_css": []}
        self.fetched: dict[str, int] | None = None
        self.same = True

    def round(self, number: int) -> None:
        """Crawl once with each; the home of the crawl with CSS stays."""
        for kind in self.costs:
            home = self.folder / f"{kind}-{number}"
            cost = self._crawl(kind, home)
            self.costs[kind].append(cost)
            self._compare()
            say(f"round {number}: {report.NAMES[kind]}: {cost.cpu_s:.2f} s CPU, {cost.rss_mb:.0f} MB")
            if kind == "css":
                self.home = home

    def _crawl(self, kind: str, home: Path) -> Cost:
        if kind == "plain":
            return measure.plain(self.site, self.folder)
        return measure.crawl(self.site.css if kind == "css" else self.site.no_css, home)

    def _compare(self) -> None:
        asked = {path: sum(answers.values()) for path, answers in self.site.asked().items() if path != ROBOTS}
        self.fetched = self.fetched or asked
        self.same = self.same and asked == self.fetched and set(asked.values()) == {1}

    def ratios(self) -> dict[str, dict[str, float]]:
        """Give CPU over plain Scrapy's, round by round."""
        plain = self.costs["plain"]
        return {
            kind: report.spread([one.cpu_s / base.cpu_s for one, base in zip(self.costs[kind], plain, strict=True)])
            for kind in ("css", "no_css")
        }


def second_crawl(rounds: Rounds) -> dict[str, Any]:
    """Crawl again at once into the home of the last crawl, and let the site say what it was asked."""
    cost = measure.crawl(rounds.site.css, rounds.home)
    asked = rounds.site.asked()
    articles = [answers for path, answers in asked.items() if path.startswith(CONTENT)]
    return {
        "requests": sum(sum(answers.values()) for answers in asked.values()),
        "article_requests": sum(sum(answers.values()) for answers in articles),
        "bodies": sum(answers.get("200", 0) for answers in articles),
        "unchanged": json.loads(cost.stdout)["series"][0]["unchanged"],
        "cpu_s": round(cost.cpu_s, 3),
        "wall_s": round(cost.wall_s, 3),
    }


def asked_often(*arguments: str | Path, folder: Path) -> dict[str, dict[str, float]]:
    """Run a command of lianzai that only reads, several times."""
    return costs([measure.lianzai(*arguments, folder=folder) for _ in range(ASKS)])


def growth(small: int, times: int, folder: Path) -> dict[str, Any]:
    """Crawl the small site as often as the large one was, for its peak memory."""
    with measure.served(small, folder) as site:
        measured = [measure.crawl(site.css, folder / f"small-{number}") for number in range(times)]
        urls = len(site.asked()) - 1
    say(f"{urls} addresses: {max(one.rss_mb for one in measured):.0f} MB")
    return {"articles": small, "urls": urls, **costs(measured)}


def script(name: str, *arguments: object, folder: Path) -> Any:
    """Run another script of this folder in a process of its own, so that this one stays small; give its JSON."""
    return json.loads(measure.run(sys.executable, measure.HERE / name, *map(str, arguments), folder=folder).stdout)


def measure_all(chosen: argparse.Namespace, folder: Path) -> dict[str, Any]:
    """Measure everything; give the document that --json writes."""
    articles, small, rounds = chosen.articles, chosen.small, chosen.rounds
    with measure.served(articles, folder) as site:
        crawls = Rounds(site, folder)
        for number in range(1, rounds + 1):
            crawls.round(number)
        second = second_crawl(crawls)
        home, urls = crawls.home, len(crawls.fetched or {})
    say("status, --help, WARC records")
    pairs = script("warc_pairs.py", home / "warc" / "bench", folder=folder)
    say("index beside cdxj-indexer")
    options = ("--records", chosen.records, "--rounds", rounds, "--peer", chosen.peer, "--json")
    index = script("index_speed.py", *options, folder=folder)
    say("verify beside sha256sum and gzip -t")
    verify = script("verify_speed.py", "--mb", chosen.mb, "--rounds", rounds, folder=folder)
    say("replay beside pywb")
    sizes = ("--captures", chosen.captures, "--asks", chosen.asks, "--film", chosen.film)
    replay = script("replay_speed.py", *sizes, "--peer", chosen.wayback, folder=folder)
    say(f"the service: {chosen.profiles} profiles, {chosen.due} of them due at one minute")
    service = script("service_load.py", "--profiles", chosen.profiles, "--due", chosen.due, folder=folder)
    sums = {kind: costs(measured) for kind, measured in crawls.costs.items()}
    document = {
        **surroundings(),
        "articles": articles,
        "urls": urls,
        "rounds": rounds,
        "same_urls": crawls.same,
        "crawls": sums,
        "ratio": crawls.ratios(),
        "growth": [growth(small, rounds, folder), {"articles": articles, "urls": urls, **sums["css"]}],
        "second": second,
        "status": asked_often("--home", home, "status", "--json", folder=folder),
        "help": asked_often("--help", folder=folder),
        "warc": pairs,
        "index": index,
        "verify": verify,
        "replay": replay,
        "service": service,
    }
    return document | {"targets": report.targets(document)}


def surroundings() -> dict[str, Any]:
    """Say when and on what it was measured."""
    versions = {name: version(name) for name in ("lianzai", "scrapy", "twisted", "warcio")}
    python = f"{platform.python_implementation()} {platform.python_version()}"
    machine = f"{python}, {platform.system()} {platform.machine()}, {os.cpu_count()} processors"
    return {"at": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}", "machine": machine, "versions": versions}


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description="Measure crawl, index, verify and replay, each beside a peer, and the service."
    )
    parser.add_argument("--quick", action="store_true", help="one round in place of three")
    parser.add_argument("--rounds", type=int, help="rounds of interleaved crawls (3)")
    parser.add_argument("--articles", type=int, default=1000, help="of the site; four addresses each")
    parser.add_argument("--small", type=int, default=250, help="articles of the site that memory is compared with")
    parser.add_argument("--records", type=int, default=3000, help="of the WARC that is indexed")
    parser.add_argument("--mb", type=float, default=200, help="size of the WARCs that are verified, in 10^6 bytes")
    parser.add_argument(
        "--captures", type=int, default=5000, help="of the home that is replayed; the target is at 20,000"
    )
    parser.add_argument("--asks", type=int, default=200, help="mementos that are asked for, of each kind")
    parser.add_argument("--film", type=float, default=100, help="size of the film that is replayed, in 10^6 bytes")
    parser.add_argument("--profiles", type=int, default=500, help="of the service")
    parser.add_argument("--due", type=int, default=20, help="how many of them fire at the same minute")
    parser.add_argument("--peer", default="cdxj-indexer", help="command of the peer of index")
    pywb = os.environ.get("LIANZAI_BENCH_PYWB", "wayback")
    parser.add_argument("--wayback", default=pywb, help="command of the peer of replay ($LIANZAI_BENCH_PYWB)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there")
    chosen = parser.parse_args()
    chosen.rounds = chosen.rounds or (1 if chosen.quick else 3)
    if (
        min(chosen.rounds, chosen.articles, chosen.small, chosen.records, chosen.captures, chosen.due) < 1
        or chosen.mb <= 0
    ):
        parser.error("--rounds, --articles, --small, --records, --captures and --due begin at 1, --mb is more than 0")
    if chosen.asks < 2 or chosen.film <= 0:
        parser.error("--asks begins at 2, --film is more than 0")
    if chosen.due > chosen.profiles:
        parser.error("--due is at most --profiles")
    return chosen


def main() -> int:
    """Measure, write, print."""
    chosen, started = arguments(), monotonic()
    try:
        with tempfile.TemporaryDirectory(prefix="bench-") as folder:
            document = measure_all(chosen, Path(folder))
    except CommandError as error:
        say(f"bench: {error}")
        return 1
    if chosen.json:
        chosen.json.write_text(json.dumps(document, ensure_ascii=False, indent=1) + "\n", "utf-8")
    print("\n".join(report.lines(document)))
    if not document["same_urls"]:
        say("bench: the crawls did not fetch the same addresses, so the ratios compare different work")
        return 1
    say(f"{monotonic() - started:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
