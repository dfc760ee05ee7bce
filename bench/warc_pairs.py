"""What a pair of WARC records costs: written and read by us and by warcio, the exchanges of a crawl, in one process.

Takes   a folder of WARCs (warc/<series> of a home).
Gives   JSON on stdout: pairs, bytes of the blocks, CPU microseconds a pair to write and to read, ours and warcio's.
Writes  files in a folder of its own, removed at the end.

Each figure is the least of its rounds. Blocks are read to their end; ours checks sums and lengths of gzip, warcio its digests.
"""

from __future__ import annotations

import argparse
import io
import json
import sys
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from time import process_time

from warcio.archiveiterator import ArchiveIterator
from warcio.statusandheaders import StatusAndHeadersParser
from warcio.warcwriter import WARCWriter

from archive.model import Exchange
from archive.warc import WarcWriter, read_records

HEADS = {"request": StatusAndHeadersParser([], verify=False), "response": StatusAndHeadersParser(["HTTP/1.1"])}


def exchanges(folder: Path) -> list[Exchange]:
    """Read back every exchange that has its payload."""
    found: list[Exchange] = []
    request = b""
    for path in sorted(folder.glob("*.warc.gz")):
        for record in read_records(path):
            if record.type == "request":
                request = record.block
            elif record.type == "response" and record.url:
                found.append(Exchange(record.url, request, record.block, record.date, "127.0.0.1"))
    return found


def write_ours(pairs: list[Exchange], folder: Path) -> Path:
    """Write with the product's writer."""
    writer = WarcWriter(
        folder, "pairs", serial=1, opened=datetime.now(UTC), max_size=1 << 40, info={}, known=lambda _: None
    )
    for pair in pairs:
        writer.write_exchange(pair)
    return writer.close()[0].path


def write_warcio(pairs: list[Exchange], folder: Path) -> Path:
    """Write the same with warcio, as its documentation does."""
    path = folder / "warcio.warc.gz"
    with path.open("wb") as stream:
        writer = WARCWriter(stream, gzip=True, warc_version="1.1")
        for pair in pairs:
            records = [_warcio_record(writer, pair, kind) for kind in ("request", "response")]
            writer.write_request_response_pair(*records)
    return path


def _warcio_record(writer: WARCWriter, pair: Exchange, kind: str) -> object:
    stream = io.BytesIO(getattr(pair, kind))
    heads = HEADS[kind].parse(stream)
    fields = {"WARC-IP-Address": pair.ip, "WARC-Date": pair.fetched.strftime("%Y-%m-%dT%H:%M:%SZ")}
    return writer.create_warc_record(pair.url, kind, payload=stream, http_headers=heads, warc_headers_dict=fields)


def read_ours(path: Path) -> int:
    """Read all blocks with the product's reader; gives the records."""
    return sum(1 for record in read_records(path) if record.block)


def read_warcio(path: Path) -> int:
    """Read all blocks with warcio; gives the records."""
    with path.open("rb") as stream:
        return sum(
            1 for record in ArchiveIterator(stream, check_digests=True) if record.content_stream().read() or True
        )


def least_us(rounds: int, pairs: int, work: Callable[[Path], object]) -> float:
    """Do a piece of work several times in an empty folder; give the least CPU of it, in microseconds a pair."""
    costs: list[float] = []
    for _ in range(rounds):
        with tempfile.TemporaryDirectory() as folder:
            started = process_time()
            work(Path(folder))
            costs.append(process_time() - started)
    return round(min(costs) / pairs * 1e6, 1)


def main() -> None:
    """Measure once."""
    parser = argparse.ArgumentParser(description="Measure WARC writing and reading on the exchanges of a crawl.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--rounds", type=int, default=3)
    chosen = parser.parse_args()
    pairs = exchanges(chosen.folder)
    if not pairs:
        parser.error(f"{chosen.folder}: no exchange with a payload in it")
    with tempfile.TemporaryDirectory() as kept:
        written, by_warcio = write_ours(pairs, Path(kept)), write_warcio(pairs, Path(kept))
        work: dict[str, Callable[[Path], object]] = {
            "write_us": lambda folder: write_ours(pairs, folder),
            "warcio_write_us": lambda folder: write_warcio(pairs, folder),
            "read_us": lambda _: read_ours(written),
            "warcio_read_us": lambda _: read_warcio(by_warcio),
        }
        costs = {name: least_us(chosen.rounds, len(pairs), one) for name, one in work.items()}
    size = sum(len(one.request) + len(one.response) for one in pairs)
    sys.stdout.write(json.dumps({"pairs": len(pairs), "bytes": size, **costs}) + "\n")


if __name__ == "__main__":
    main()
