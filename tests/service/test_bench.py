"""`make bench` on a tiny site: that it measures what it says, not how fast anything is."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.soak  # three crawls of the generated site: a minute that `make test` need not spend

REPOSITORY = Path(__file__).parents[2]
ARTICLES, SMALL = 6, 3
PROFILES, DUE = 12, 3


@pytest.fixture(scope="module")
def benched(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], str]:
    """The JSON and the table of one benchmark."""
    written = tmp_path_factory.mktemp("bench") / "figures.json"
    sizes = ["--articles", str(ARTICLES), "--small", str(SMALL), "--rounds", "1", "--records", "20", "--mb", "0.3"]
    sizes += ["--profiles", str(PROFILES), "--due", str(DUE), "--captures", "40", "--asks", "4", "--film", "3"]
    command = [sys.executable, str(REPOSITORY / "bench" / "run.py"), *sizes, "--json", str(written)]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", timeout=600, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(written.read_text("utf-8")), done.stdout


def test_all_crawls_fetch_the_same_addresses(benched: tuple[dict[str, Any], str]) -> None:
    """A ratio of two crawls means something only where both did the same work: the site itself is asked."""
    document, _ = benched

    assert (document["same_urls"], document["urls"]) == (True, 4 * ARTICLES + 1)


def test_a_second_crawl_knows_every_article_and_fetches_none(benched: tuple[dict[str, Any], str]) -> None:
    """What the list alone proves unchanged costs the newspaper nothing."""
    second = benched[0]["second"]

    assert (second["bodies"], second["article_requests"], second["unchanged"]) == (0, 0, ARTICLES)


def test_every_promised_figure_is_there(benched: tuple[dict[str, Any], str]) -> None:
    """The figures are read by programs that compare runs."""
    document, _ = benched
    three = {"min", "median", "max"}

    assert set(document) == {
        "at", "machine", "versions", "articles", "urls", "rounds", "same_urls", "crawls", "ratio", "growth", "second",
        "status", "help", "warc", "index", "verify", "replay", "service", "targets",
    }  # fmt: skip
    assert set(document["crawls"]) == {"plain", "css", "no_css"}
    for cost in (*document["crawls"].values(), document["status"], document["help"]):
        assert {"cpu_s": three, "wall_s": three, "rss_mb": three} == {name: set(value) for name, value in cost.items()}
    assert {"css": three, "no_css": three} == {name: set(value) for name, value in document["ratio"].items()}
    assert [one["articles"] for one in document["growth"]] == [SMALL, ARTICLES]
    assert [one["urls"] for one in document["growth"]] == [4 * SMALL + 1, 4 * ARTICLES + 1]
    assert {"pairs", "bytes", "write_us", "read_us", "warcio_write_us", "warcio_read_us"} == set(document["warc"])


def test_every_exchange_of_the_crawl_is_written_and_read_again(benched: tuple[dict[str, Any], str]) -> None:
    """The cost of a record pair is that of the crawl's own exchanges: all addresses and robots.txt."""
    document, _ = benched

    assert document["urls"] + 1 == document["warc"]["pairs"]


def test_what_was_measured_is_a_whole_process(benched: tuple[dict[str, Any], str]) -> None:
    """A cost of nothing would be that of a process that was not waited for."""
    document, _ = benched
    for cost in (*document["crawls"].values(), document["status"], document["help"]):
        assert cost["cpu_s"]["min"] > 0
        assert cost["rss_mb"]["min"] > 5  # an interpreter alone takes more, so the unit is right

    assert document["ratio"]["css"]["median"] == pytest.approx(
        document["crawls"]["css"]["cpu_s"]["median"] / document["crawls"]["plain"]["cpu_s"]["median"], rel=0.01
    )


def test_the_table_says_of_every_target_whether_it_is_met(benched: tuple[dict[str, Any], str]) -> None:
    """A person must not have to know the targets by heart."""
    document, table = benched
    said = [line for line in table.splitlines() if line.startswith(("met ", "MISSED "))]

    assert [one["name"] for one in document["targets"]] == [line[8:52].strip() for line in said]
    assert [one["met"] for one in document["targets"]] == [line.startswith("met") for line in said]


def test_index_and_verify_are_measured_beside_their_peers(benched: tuple[dict[str, Any], str]) -> None:
    """Where a peer is not installed that is said, and nothing is held against it."""
    document, table = benched
    verify = [line for line in table.splitlines() if line.startswith("verify, ")]

    assert set(document["verify"]) == {"pages", "mixed"}
    assert all(peer in " ".join(verify) for peer in ("sha256sum", "gzip -t"))
    if shutil.which("cdxj-indexer") is None:
        assert document["index"] is None
        assert "index: not compared, cdxj-indexer is not installed" in table.splitlines()
    else:
        assert document["index"]["same_keys"]
    assert (document["index"] is None) == (
        "speed of index over cdxj-indexer's" not in {one["name"] for one in document["targets"]}
    )


def test_the_service_runs_what_is_due_once_and_the_site_is_witness(benched: tuple[dict[str, Any], str]) -> None:
    """A run that the service believes in and the site never saw would be none; so would one that was done twice."""
    told = benched[0]["service"]

    assert (told["profiles"], told["due"], told["missed"], told["twice"], told["broken"]) == (PROFILES, DUE, 0, 0, [])
    assert told["lists_asked"] == told["runs_done"] == told["series_done"] == DUE
    assert 1 <= told["at_once"] <= told["jobs"]
    assert told["service_mb"] > 20
    assert told["crawl_mb"] > told["service_mb"] / 2  # a crawl has Scrapy


def test_the_replay_is_measured_with_or_without_its_peer(benched: tuple[dict[str, Any], str]) -> None:
    """Where pywb is not there that is said, and nothing is held against it; a film is never read whole for its first bytes."""
    document, table = benched
    replay = document["replay"]

    assert {"p50_ms", "p95_ms", "cpu_ms"} == set(replay["ours"]["page"]) == set(replay["ours"]["bytes"])
    assert (206, 206) == (replay["film"]["start"]["status"], replay["film"]["middle"]["status"])
    assert 0 < replay["film"]["start"]["read_mb"] < replay["film"]["mb"]
    assert (replay["peer"] is None) == (replay["ratio"] is None) == ("not compared, pywb is not installed" in table)
