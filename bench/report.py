"""What the benchmark measured, held against its targets, as a table for people.

Takes   the document that bench/run.py made.
Gives   targets (name, value, target, met) and lines of text.
Writes  nothing.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Sequence
from typing import Any

CPU_RATIO = 1.0  # of plain Scrapy's CPU, in the same run
RSS_MB = 250.0
FLAT = 1.10  # peak at the large site over the peak at the small one; a tenth is within what runs of one size differ by
STATUS_S, HELP_S = 0.5, 0.3
INDEX_RATIO = 2.5  # times the speed of cdxj-indexer, at least
REPLAY_RATIO = 0.5  # of pywb's p50, of a memento rewritten and as bytes
START_S, REST_PERCENT = 5.0, 5.0  # of the service, with however many profiles; of one core
NAMES = {"plain": "plain Scrapy, keeps nothing", "css": "lianzai, profile with CSS", "no_css": "lianzai, without CSS"}


def spread(values: Sequence[float], digits: int = 3) -> dict[str, float]:
    """Give min, median and max."""
    return {name: round(of(values), digits) for name, of in (("min", min), ("median", statistics.median), ("max", max))}


def targets(document: dict[str, Any]) -> list[dict[str, Any]]:
    """Hold each figure against what it shall be: the median where there are several, the worst for memory."""
    small, large = (one["rss_mb"]["max"] for one in document["growth"])
    found = (
        ("CPU, lianzai with CSS over plain Scrapy", document["ratio"]["css"]["median"], CPU_RATIO, "x"),
        ("peak memory, large site", large, RSS_MB, "MB"),
        ("peak memory, large site over small", round(large / small, 3), FLAT, "x"),
        ("article bodies fetched by a second crawl", document["second"]["bodies"], 0, ""),
        ("status --json, wall", document["status"]["wall_s"]["median"], STATUS_S, "s"),
        ("--help, wall", document["help"]["wall_s"]["median"], HELP_S, "s"),
        ("the service: seconds until ready", document["service"]["start_s"], START_S, "s"),
        ("the service: one core, at rest", document["service"]["rest_core_percent"], REST_PERCENT, "%"),
        ("due at one minute: missed or run twice", sum(document["service"][one] for one in ("missed", "twice")), 0, ""),
    )
    most = [
        {"name": name, "value": value, "target": target, "unit": unit, "at_least": False, "met": value <= target}
        for name, value, target, unit in found
    ]
    ratios = document["replay"]["ratio"] or {}
    most += [
        {
            "name": f"a memento over pywb's, {kind}, p50", "value": ratio, "target": REPLAY_RATIO, "unit": "x", "at_least": False,
            "met": ratio <= REPLAY_RATIO,
        }
        for kind, ratio in ratios.items()
    ]  # fmt: skip
    return most if document["index"] is None else [*most, _index_target(document["index"]["ratio"])]


def _index_target(ratio: float) -> dict[str, Any]:
    """Hold the speed of index against its target; where there is no peer there is nothing to hold."""
    name = "speed of index over cdxj-indexer's"
    return {
        "name": name,
        "value": ratio,
        "target": INDEX_RATIO,
        "unit": "x",
        "at_least": True,
        "met": ratio >= INDEX_RATIO,
    }


def lines(document: dict[str, Any]) -> Iterator[str]:
    """Write the document for people."""
    urls = document["urls"]
    yield f"{document['articles']} articles, {urls} addresses, {document['rounds']} rounds, interleaved; {document['machine']}"
    yield ""
    yield f"{'':<30}{'CPU s (min median max)':>26}{'ms/URL':>8}{'x plain (min med max)':>24}{'wall s':>8}{'RSS MB':>8}"
    for kind, crawl in document["crawls"].items():
        ratio = _three(document["ratio"][kind]) if kind in document["ratio"] else ""
        each = f"{crawl['cpu_s']['median'] / urls * 1000:.2f}"
        wall, rss = f"{crawl['wall_s']['median']:.1f}", f"{crawl['rss_mb']['max']:.0f}"
        yield f"{NAMES[kind]:<30}{_three(crawl['cpu_s']):>26}{each:>8}{ratio:>24}{wall:>8}{rss:>8}"
    yield ""
    yield from _others(document)
    yield ""
    for one in document["targets"]:
        said = f"{one['value']:g} {one['unit']}".strip()
        wanted = f"{'>=' if one['at_least'] else '<='} {one['target']:g} {one['unit']}".strip()
        yield f"{'met' if one['met'] else 'MISSED':<8}{one['name']:<44}{said:>12}   {wanted}"


def _others(document: dict[str, Any]) -> Iterator[str]:
    for one in document["growth"]:
        peak = f"{one['rss_mb']['max']:.0f} MB"
        yield f"peak memory of a crawl of {one['urls']} addresses ({one['articles']} articles): {peak}"
    second = document["second"]
    yield (
        f"second crawl at once: {second['requests']} requests, {second['bodies']} article bodies, "
        f"{second['cpu_s']:.2f} s CPU, {second['wall_s']:.2f} s wall"
    )
    for name, said in (("status", "status --json on that home"), ("help", "--help")):
        cost = document[name]
        yield f"{said}: wall {_three(cost['wall_s'])} s, CPU {_three(cost['cpu_s'])} s (min median max)"
    warc = document["warc"]
    yield (
        f"a pair of WARC records of {warc['bytes'] / warc['pairs'] / 1000:.1f} kB: "
        f"written in {warc['write_us']:.0f} us (warcio {warc['warcio_write_us']:.0f}), "
        f"read in {warc['read_us']:.0f} us (warcio {warc['warcio_read_us']:.0f})"
    )
    yield _index(document["index"])
    for kind, said in (("pages", "pages alone"), ("mixed", "pages and pictures")):
        yield from _verify(document["verify"][kind], said)
    yield from _replay(document["replay"])
    yield from _service(document["service"])


def _replay(told: dict[str, Any]) -> Iterator[str]:
    for name, said in (("ours", "lianzai"), ("peer", "pywb")):
        server = told[name]
        if server is None:
            yield "replay: not compared, pywb is not installed"
            continue
        times = ", ".join(
            f"{kind} p50 {server[kind]['p50_ms']:.1f} p95 {server[kind]['p95_ms']:.1f} ms, {server[kind]['cpu_ms']:.1f} ms CPU"
            for kind in ("page", "bytes")
        )
        yield f"replay from {told['captures']} captures, {said}: {times}"
        film = told["film"] if name == "ours" else server["film"]
        yield (
            f"a film of {film['mb']:.0f} MB, {said}: first byte after {film['start']['first_byte_ms']:.0f} ms, "
            f"{film['start']['read_mb']:.1f} MB read; of its middle {film['middle']['first_byte_ms']:.0f} ms; "
            f"peak {film['rss_mb']:.0f} MB"
        )


def _service(told: dict[str, Any]) -> Iterator[str]:
    yield (
        f"service of {told['profiles']} profiles: ready after {told['start_s']:.1f} s ({told['start_cpu_s']:.1f} s CPU), "
        f"{told['service_mb']:.0f} MB; at rest {told['rest_core_percent']:.1f} % of a core; "
        f"status --json {told['status_s']:.2f} s ({told['status_cpu_s']:.2f} s CPU), for people {told['table_s']:.2f} s"
    )
    yield (
        f"{told['due']} due at one minute, {told['jobs']} at once: {told['due_s']:.0f} s, {told['runs_per_minute']:.0f} runs a "
        f"minute, {told['run_cpu_s']:.2f} s CPU each; {told['missed']} missed, {told['twice']} twice, "
        f"{len(told['broken'])} broken; a crawl {told['crawl_mb']:.0f} MB, all together {told['all_mb']:.0f} MB"
    )


def _index(index: dict[str, Any] | None) -> str:
    if index is None:
        return "index: not compared, cdxj-indexer is not installed"
    same = "the same lines" if index["same_keys"] else "OTHER LINES"
    rounds = " ".join(f"{ratio:.2f}" for ratio in index["ratios"])
    return f"index: {index['ratio']:.2f} times the speed of cdxj-indexer by CPU ({rounds}), {same}"


def _verify(verify: dict[str, Any], said: str) -> Iterator[str]:
    for clock, name in (("cpu_s", "CPU"), ("wall_s", "clock")):
        figures = verify[clock]
        peers = [
            f"{_three(figures[key])} x {peer}"
            for key, peer in (("verify_to_sha256sum", "sha256sum"), ("verify_to_gzip_t", "gzip -t"))
            if key in figures
        ]
        speed = f"{figures['verify_mb_per_s']['median']:.0f} MB/s"
        yield f"verify, {said}, by {name}: {', '.join([speed, *peers])}"
    yield f"verify, {said}: peak {verify['rss_mb']['whole']} MB, of a quarter of the bytes {verify['rss_mb']['quarter']} MB"
    if verify["missing"]:
        yield f"verify, {said}: not compared with {', '.join(verify['missing'])}, not installed"


def _three(values: dict[str, float]) -> str:
    return " ".join(f"{values[name]:.2f}" for name in ("min", "median", "max"))
