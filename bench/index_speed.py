"""How fast `lianzai index` is beside cdxj-indexer on the same file, in one run.

Takes   --peer, the peer's command (default: cdxj-indexer on the PATH); --records, --rounds; --json for a program.
Gives   the ratio of CPU time, peer's over ours, round by round, one process and one core each; exit 0 also below the target.
Writes  a WARC in a folder of its own, removed at the end.

The two take turns, so that a machine that slows down slows both. cdxj-indexer depends on AGPL code: it is run as a command and
is in no lock file of ours, so where it is not there nothing is compared, and that is said.
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any

import measure

from archive.model import Exchange
from archive.warc import WarcWriter

TARGET = 2.5  # times the peer's speed
_SEED = 412
_WORDS = 4000


def compare(*, peer: str = "cdxj-indexer", records: int = 3000, rounds: int = 3) -> dict[str, Any] | None:
    """Index one file with both, by turns; None where the peer is not there.

    Returns {ratios, ratio (their median), target, ours_s, peer_s, bytes, same_keys}. Raises measure.CommandError.
    """
    found = shutil.which(peer)
    if found is None:
        return None
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        path = _write(folder, records)
        ours, theirs, same = [], [], True
        for _ in range(rounds):
            theirs.append(measure.run(found, "--sort", path, folder=folder))
            ours.append(measure.lianzai("index", path, folder=folder))
            same = same and _keys(ours[-1].stdout) == _keys(theirs[-1].stdout)
        ratios = [round(them.cpu_s / us.cpu_s, 2) for us, them in zip(ours, theirs, strict=True)]
        return {
            "ratios": ratios,
            "ratio": median(ratios),
            "target": TARGET,
            "ours_s": [one.cpu_s for one in ours],
            "peer_s": [one.cpu_s for one in theirs],
            "bytes": path.stat().st_size,
            "same_keys": same,
        }


def _keys(lines: str) -> list[str]:
    """Give key and time of each line, without what of metadata records the peer lists."""
    return [line.partition(" {")[0] for line in lines.splitlines() if '"mime": "application/json"' not in line]


def _write(folder: Path, records: int) -> Path:
    """Write a WARC as a crawl does: two pages of invented text to one picture, so that it packs as news does."""
    chance = random.Random(_SEED)
    signs = [chr(0x4E00 + chance.randrange(3000)) for _ in range(1500)]
    words = ["".join(chance.choices(signs, k=chance.choice((1, 2, 2, 3)))) for _ in range(_WORDS)]
    weights = [1 / (rank + 5) for rank in range(_WORDS)]  # Zipf's law, roughly
    writer = WarcWriter(
        folder, "speed", serial=1, opened=datetime.now(UTC), max_size=1 << 40, info={}, known=lambda _: None
    )
    for number in range(records):
        url = f"http://news.example.org/2026/{number}.html?id={number}&x=a"
        text = "".join(f"<p>{''.join(chance.choices(words, weights, k=60))}。</p>\n" for _ in range(number % 50))
        body, kind = (text.encode(), "text/html") if number % 3 else (chance.randbytes(15_000), "image/jpeg")
        head = f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n".encode()
        asked = f"GET {url} HTTP/1.1\r\nHost: news.example.org\r\n\r\n".encode()
        writer.write_exchange(Exchange(url, asked, head + body, datetime.now(UTC)))
    return writer.close()[0].path


def main() -> None:
    """Measure once and tell."""
    parser = argparse.ArgumentParser(description="Compare the speed of `lianzai index` with cdxj-indexer's.")
    parser.add_argument("--peer", default="cdxj-indexer")
    parser.add_argument("--records", type=int, default=3000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args()
    found = compare(peer=chosen.peer, records=chosen.records, rounds=chosen.rounds)
    if chosen.json:
        sys.stdout.write(json.dumps(found) + "\n")
    elif found is None:
        sys.stdout.write(f"index: not compared, {chosen.peer} is not installed\n")
    else:
        sys.stdout.write(
            f"index: {found['ratio']:.2f} times the speed of cdxj-indexer (target {TARGET}), rounds {found['ratios']}\n"
        )


if __name__ == "__main__":
    main()
