"""How fast `lianzai verify` reads, beside `sha256sum` and `gzip -t` over the same WARCs, in turns.

Takes   --mb, the size of the WARCs of each kind; --rounds.
Gives   JSON on stdout, of each kind of content (pages: text alone; mixed: three pictures a page): MB/s of the three by CPU and by
        clock, the ratios round by round (median, least, greatest), and peak memory at the size and at a quarter of it. A peer
        that is not there is named in `missing` and has no figures.
Writes  homes in a folder of its own, removed at the end.

sha256sum reads the packed bytes once. verify digests these, unpacks them, digests every block and, of responses, the payload too,
and compares each record with its row in the ledger.
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any

import measure

from archive.derive import write_derived
from archive.fold import SeriesState
from archive.home import Home
from archive.ledger.series import Batch, SeriesLedger
from archive.ledger.store import open_ledger
from archive.model import Exchange
from archive.warc import WarcWriter

SERIES = "speed"
NOON = datetime(2018, 8, 30, 4, tzinfo=UTC)
PEERS = {"sha256sum": ["sha256sum"], "gzip_t": ["gzip", "-t"]}
WORDS_PER_PAGE = 1500
PICTURE_BYTES = (20_000, 200_000)


def bodies(mixed: bool) -> Iterator[tuple[str, bytes]]:
    """Invent bodies without end: pages of Chinese words in the markup of a newspaper; pictures that cannot be packed."""
    chance = random.Random(20180830)
    words = ["".join(chr(chance.randint(0x4E00, 0x62FF)) for _ in range(chance.randint(1, 4))) for _ in range(800)]
    furniture = "".join(f'<li class="nav-item"><a href="/channel/{n}">{words[n]}</a></li>' for n in range(200))
    while True:
        for _ in range(3 if mixed else 0):
            yield "image/jpeg", chance.randbytes(chance.randint(*PICTURE_BYTES))
        text = "".join(f"<p>{'，'.join(chance.choices(words, k=15))}。</p>\n" for _ in range(WORDS_PER_PAGE // 15))
        yield "text/html", f"<!DOCTYPE html><ul>{furniture}</ul><article>{text}</article>".encode()


def make_home(home: Path, megabytes: float, *, mixed: bool) -> list[Path]:
    """Make a home whose WARCs have that size and whose ledger knows them; give the WARCs."""
    ledger = open_ledger(home, create=True)
    rows = SeriesLedger(ledger, SERIES)
    rows.put(title="speed", source="url-list", profile={}, subjects=[])
    writer = WarcWriter(
        home / "warc" / SERIES, SERIES, serial=1, opened=NOON, max_size=64 << 20, info={}, known=lambda _: None
    )
    batch, written = Batch(), 0
    for number, (mime, body) in enumerate(bodies(mixed)):
        if written >= megabytes * 1e6:
            break
        url = f"http://example.org/{number}"
        head = f"HTTP/1.1 200 OK\r\nServer: nginx\r\nContent-Type: {mime}\r\nContent-Length: {len(body)}\r\n\r\n"
        request = f"GET /{number} HTTP/1.1\r\nHost: example.org\r\nUser-Agent: lianzai\r\nAccept: */*\r\n\r\n".encode()
        capture = writer.write_exchange(Exchange(url, request, head.encode() + body, NOON, "127.0.0.1"))
        batch.captures.append((None, capture))
        written += capture.length
    for serial, file in enumerate(writer.close(), 1):
        row = {"name": file.path.name, "series": SERIES, "serial": serial}
        batch.files.append({**row, "bytes": file.bytes, "sha256": file.sha256, "records": file.records})
        batch.file, batch.offset = file.path.name, file.bytes
    rows.save(SeriesState(), batch, rules="")
    with ledger.read() as connection:
        write_derived(connection, Home(home), SERIES)
    ledger.close()
    return sorted((home / "warc" / SERIES).iterdir())


def spread(values: list[float]) -> dict[str, float]:
    """Sum up the rounds."""
    return {"min": round(min(values), 3), "median": round(median(values), 3), "max": round(max(values), 3)}


def speeds(folder: Path, megabytes: float, rounds: int, *, mixed: bool) -> dict[str, Any]:
    """Measure one kind of content."""
    home, small = folder / "home", folder / "small"
    files = make_home(home, megabytes, mixed=mixed)
    make_home(small, megabytes / 4, mixed=mixed)
    size = sum(path.stat().st_size for path in files) / 1e6
    there = {name: peer for name, peer in PEERS.items() if shutil.which(peer[0])}
    commands: dict[str, list[str | Path]] = {"verify": [measure.LIANZAI, "--home", home, "verify", "--json"]}
    commands |= {name: [*peer, *files] for name, peer in there.items()}
    measure.run(*commands["verify"], folder=folder)  # the first writes `verified` into the history
    costs: dict[str, list[measure.Cost]] = {name: [] for name in commands}
    for _ in range(rounds):
        for name, command in commands.items():
            costs[name].append(measure.run(*command, folder=folder))
    measure.lianzai("--home", small, "verify", folder=folder)
    low = measure.lianzai("--home", small, "verify", folder=folder)
    missing = [" ".join(peer) for name, peer in PEERS.items() if name not in there]
    told: dict[str, Any] = {"mb": round(size, 1), "files": len(files), "missing": missing}
    for clock in ("cpu_s", "wall_s"):
        per_s = {name: [size / getattr(one, clock) for one in some] for name, some in costs.items()}
        told[clock] = {f"{name}_mb_per_s": spread(values) for name, values in per_s.items()}
        for name in there:
            ratios = [ours / its for ours, its in zip(per_s["verify"], per_s[name], strict=True)]
            told[clock][f"verify_to_{name}"] = spread(ratios)
    told["rss_mb"] = {"quarter": round(low.rss_mb), "whole": round(max(one.rss_mb for one in costs["verify"]))}
    return told


def verify_speed(megabytes: float, rounds: int) -> dict[str, Any]:
    """Measure both kinds of content. Raises measure.CommandError where a command fails."""
    told = {}
    for kind in ("pages", "mixed"):
        with tempfile.TemporaryDirectory(prefix="bench-") as folder:
            told[kind] = speeds(Path(folder), megabytes, rounds, mixed=kind == "mixed")
    return told


def main() -> None:
    """Measure once."""
    parser = argparse.ArgumentParser(description="Measure verify beside sha256sum and gzip -t.")
    parser.add_argument("--mb", type=float, default=200, help="size of the WARCs, in 10^6 bytes")
    parser.add_argument("--rounds", type=int, default=3)
    chosen = parser.parse_args()
    sys.stdout.write(json.dumps(verify_speed(chosen.mb, chosen.rounds), indent=1) + "\n")


if __name__ == "__main__":
    main()
