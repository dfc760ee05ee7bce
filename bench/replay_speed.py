"""How fast a memento is answered, beside pywb from the same WARCs in the same run; how soon a long film begins.

Takes   --captures, --asks, --film (MB); --peer, pywb's command (default: $LIANZAI_BENCH_PYWB, else wayback on the PATH).
Gives   JSON on stdout: of mementos rewritten (mp_) and as bytes (id_) milliseconds by clock (p50, p95) and CPU of the server,
        ours and pywb's, and the ratio of the p50; of a Range into a film the milliseconds until its first byte, bytes that the
        server read, and its memory. `peer` is null where pywb is not there: then nothing is compared.
Writes  a home and WARCs in a folder of its own, removed at the end.

Both servers answer one client over one kept connection each, turn about, the same captures in the same order. pywb is GPL: it is
run as a command and asked over HTTP, and is in no lock file of ours.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import random
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median, quantiles
from time import perf_counter, sleep
from typing import Any

import measure
from isal import isal_zlib

from archive.home import Home
from archive.index import cdxj_line, write_index
from archive.model import Capture, Exchange
from archive.warc import WarcWriter

SITE = "http://news.example"
TARGET = 0.5  # of pywb's p50
ADDRESSES = 5  # captures of one address, on the average
LINKS = 75
_PIECE = 1 << 20
_LOOK_S = 0.05  # between two looks whether pywb listens
_TICK_MS = 1000 / os.sysconf("SC_CLK_TCK")
_FRESH = datetime(2018, 1, 1, tzinfo=UTC)


@dataclass(slots=True)
class Server:
    """One server that is measured. place: what stands before the time in its addresses."""

    process: subprocess.Popen[bytes]
    port: int
    place: str
    connection: http.client.HTTPConnection = field(init=False)

    def __post_init__(self) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)

    def ask(self, path: str, **headers: str) -> tuple[int, float, int]:
        """Ask for a memento: status, milliseconds until the last byte, how many there were."""
        begun = perf_counter()
        self.connection.request("GET", self.place + path, headers=headers)
        answer = self.connection.getresponse()
        size = len(answer.read())
        return answer.status, (perf_counter() - begun) * 1000, size

    def cpu_ms(self) -> float:
        """Give the CPU time that it has used, of user and system."""
        told = Path(f"/proc/{self.process.pid}/stat").read_text("ascii").rpartition(")")[2].split()
        return (int(told[11]) + int(told[12])) * _TICK_MS

    def read_bytes(self) -> int:
        """Give how many bytes it has read, of files and sockets, whether from a disk or from the system's memory."""
        lines = Path(f"/proc/{self.process.pid}/io").read_text("ascii").splitlines()
        return int(dict(line.split(": ") for line in lines)["rchar"])

    def rss_mb(self) -> float:
        """Give its memory at its peak, in 10^6 bytes."""
        status = Path(f"/proc/{self.process.pid}/status").read_text("ascii")
        return int(status.partition("VmHWM:")[2].split()[0]) * 1024 / 1e6


# ----------------------------------------------------------------------------------------------------------- what is kept


def write_pages(home: Home, captures: int, chance: random.Random) -> list[Capture]:
    """Write pages of 18 kB with 75 links, several captures an address, each with its own bytes."""
    signs = [chr(0x4E00 + chance.randrange(3000)) for _ in range(3000)]
    text = "".join(chance.choices(signs, k=5000))
    writer = WarcWriter(
        home.warc("bench"), "bench", serial=1, opened=_FRESH, max_size=1 << 40, info={}, known=lambda _: None
    )
    kept = []
    for number in range(captures):
        url, moment = f"{SITE}/{number // ADDRESSES}.html", _FRESH + timedelta(minutes=number)
        links = "".join(
            f'<a href="/{chance.randrange(captures)}.html"><img src="/img/{one}.png"></a>' for one in range(LINKS)
        )
        at = chance.randrange(1000)
        body = f'<!doctype html><meta charset="utf-8"><title>{number}</title>{links}<p>{text[at : at + 3700]}'.encode()
        head = f"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {len(body)}\r\n\r\n"
        request = f"GET /{number}.html HTTP/1.1\r\nHost: news.example\r\n\r\n".encode()
        kept.append(writer.write_exchange(Exchange(url, request, head.encode() + body, moment)))
    writer.close()
    return kept


def write_film(home: Home, size: int) -> Capture:
    """Write one record of a film, piece by piece, as it comes from a network: it does not pack."""
    name = "bench-20180101000000-00002.warc.gz"
    head = f"HTTP/1.1 200 OK\r\nContent-Type: video/mp4\r\nContent-Length: {size}\r\n\r\n".encode()
    fields = (
        f"WARC/1.1\r\nWARC-Type: response\r\nWARC-Record-ID: <urn:uuid:film>\r\nWARC-Date: 2018-02-01T00:00:00Z\r\n"
        f"WARC-Target-URI: {SITE}/film.mp4\r\nContent-Type: application/http; msgtype=response\r\n"
        f"Content-Length: {len(head) + size}\r\n\r\n"
    ).encode()
    packer = isal_zlib.compressobj(1, isal_zlib.DEFLATED, 31)
    piece = random.Random(500).randbytes(_PIECE)
    with (home.warc("bench") / name).open("wb") as file:
        file.write(packer.compress(fields + head))
        for at in range(0, size, _PIECE):
            file.write(packer.compress(piece[: min(_PIECE, size - at)]))
        file.write(packer.compress(b"\r\n\r\n") + packer.flush())
        length = file.tell()
    when = datetime(2018, 2, 1, tzinfo=UTC)
    return Capture("urn:uuid:film", "response", f"{SITE}/film.mp4", when, name, 0, length, 200, "video/mp4", "", size)


# ---------------------------------------------------------------------------------------------------------- the servers


@contextmanager
def ours(home: Home, folder: Path) -> Iterator[Server]:
    """Run `lianzai replay`."""
    command = [str(measure.LIANZAI), "--home", str(home.root), "--json", "replay", "--port", "0"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=measure.environment(folder), cwd=folder
    ) as process:
        try:
            assert process.stdout is not None
            url = json.loads(process.stdout.readline())["url"]
            yield Server(process, int(url.rpartition(":")[2]), "/web/")
        finally:
            process.terminate()


@contextmanager
def pywb(command: str, home: Home, folder: Path) -> Iterator[Server]:
    """Run pywb over the same WARCs and the same index."""
    told = {
        "collections": {
            "bench": {"index_paths": str(home.index("bench")), "archive_paths": f"{home.warc('bench')}{os.sep}"}
        }
    }
    (folder / "config.yaml").write_text(json.dumps(told), "utf-8")  # JSON is YAML
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [command, "--port", str(port), "--bind", "127.0.0.1", "--directory", str(folder)],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=measure.environment(folder), cwd=folder,
    )  # fmt: skip
    with process:
        try:
            _wait_for(port, process)
            yield Server(process, port, "/bench/")
        finally:
            process.terminate()


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    """Wait until something listens. Raises CommandError where the process ended before."""
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            if process.poll() is not None:
                raise measure.CommandError(f"pywb ended with {process.returncode} before it listened") from None
            sleep(_LOOK_S)
        else:
            return


# -------------------------------------------------------------------------------------------------------- what is asked


def mementos(servers: list[Server], captures: list[Capture], asks: int, mode: str, chance: random.Random) -> list[Any]:
    """Ask all servers for the same mementos, turn about. Raises CommandError for an answer that is none."""
    spent: list[list[float]] = [[] for _ in servers]
    chosen = [chance.choice(captures) for _ in range(asks)]
    for server in servers:  # what is done once is not measured: imports, first look into the index
        server.ask(_path(captures[0], mode))
    before = [server.cpu_ms() for server in servers]
    for capture in chosen:
        for server, times in zip(servers, spent, strict=True):
            status, took, size = server.ask(_path(capture, mode))
            if status != 200 or size < capture.payload_bytes:
                raise measure.CommandError(f"{server.place}{_path(capture, mode)}: {status}, {size} bytes")
            times.append(took)
    used = [server.cpu_ms() - told for server, told in zip(servers, before, strict=True)]
    return [
        {
            "p50_ms": round(median(times), 3),
            "p95_ms": round(quantiles(times, n=20)[-1], 3),
            "cpu_ms": round(cpu / asks, 3),
        }
        for times, cpu in zip(spent, used, strict=True)
    ]


def _path(capture: Capture, mode: str) -> str:
    return f"{capture.fetched:%Y%m%d%H%M%S}{mode}/{capture.url}"


def film(server: Server, capture: Capture) -> dict[str, Any]:
    """Ask for a little of a film, at its beginning and in its middle: when the first byte comes and what was read for it."""
    found: dict[str, Any] = {"mb": round(capture.payload_bytes / 1e6, 1)}
    for name, first in (("start", 0), ("middle", capture.payload_bytes // 2)):
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=600)
        before, begun = server.read_bytes(), perf_counter()
        connection.request(
            "GET", server.place + _path(capture, "id_"), headers={"Range": f"bytes={first}-{first + 65535}"}
        )
        answer = connection.getresponse()
        answer.read(1)
        took = (perf_counter() - begun) * 1000
        answer.read()
        connection.close()
        found[name] = {
            "status": answer.status, "first_byte_ms": round(took, 2), "read_mb": round((server.read_bytes() - before) / 1e6, 2),
        }  # fmt: skip
    return {**found, "rss_mb": round(server.rss_mb(), 1)}


def main() -> int:
    """Write, serve, ask, print."""
    parser = argparse.ArgumentParser(description="Measure the replay beside pywb.")
    parser.add_argument("--captures", type=int, default=20_000)
    parser.add_argument("--asks", type=int, default=300, help="mementos that are asked for, of each kind")
    parser.add_argument("--film", type=float, default=500, help="size of the film, in 10^6 bytes")
    parser.add_argument("--peer", default=os.environ.get("LIANZAI_BENCH_PYWB", "wayback"), help="pywb's command")
    chosen, chance = parser.parse_args(), random.Random(20180830)
    peer = shutil.which(chosen.peer)
    with tempfile.TemporaryDirectory(prefix="bench-") as name, ExitStack() as stack:
        folder = Path(name)
        home = Home(folder / "home").make()
        captures = write_pages(home, chosen.captures, chance)
        long_one = write_film(home, int(chosen.film * 1e6))
        write_index(home.index("bench"), map(cdxj_line, [*captures, long_one]))
        servers = [stack.enter_context(ours(home, folder))]
        if peer is not None:
            servers.append(stack.enter_context(pywb(peer, home, folder)))
        asked = {
            kind: mementos(servers, captures, chosen.asks, mode, chance)
            for kind, mode in (("page", "mp_"), ("bytes", "id_"))
        }
        films = [film(server, long_one) for server in servers]
    document: dict[str, Any] = {
        "captures": chosen.captures, "asks": chosen.asks, "ours": {kind: told[0] for kind, told in asked.items()},
        "film": films[0], "peer": None, "ratio": None,
    }  # fmt: skip
    if peer is None:
        print(f"replay: pywb is left out, {chosen.peer} is not there", file=sys.stderr)
    else:
        document["peer"] = {**{kind: told[1] for kind, told in asked.items()}, "film": films[1]}
        document["ratio"] = {kind: round(told[0]["p50_ms"] / told[1]["p50_ms"], 3) for kind, told in asked.items()}
    print(json.dumps(document))
    return 0


if __name__ == "__main__":
    sys.exit(main())
