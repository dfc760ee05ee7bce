"""How fast `lianzai upload` sends, beside `rclone copy` of the same files to the same server, in turns.

Takes   --mb, how much is sent of the large kind (128; of the small one a thirty-second of it); --rounds (3); --seconds (60), then
        no further round is begun: all of it is sent or read six times a round, and a busy machine has time for one.
Gives   JSON on stdout, of each kind (large: files of 64 MB; small: of 20 kB): MB/s by clock, start-up included, ratios round by
        round (median, least, greatest), seconds of processor and peak memory. Sending alone stands beside `rclone copy`; the
        whole `upload`, which reads back all that it sent, beside that and beside `rclone copy` and `rclone check --download`,
        which together promise the same. Of one file of each of some sizes: peak memory of `upload`, which is to be flat.
Writes  homes, and the server's folder, in a folder of its own, removed at the end.

The server is `rclone serve s3` on loopback, so it takes part of the processors of all. The order is turned round by round.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from time import monotonic
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "archive"))

from s3_server import ACCESS_KEY, SECRET_KEY, environment, rclone, serving  # type: ignore[import-not-found]

from archive.home import Home
from archive.ledger.series import SeriesLedger
from archive.ledger.store import open_ledger
from archive.store import Source, open_store, together

SERIES, BUCKET = "speed", "archive"
KINDS = {"large": 64_000_000, "small": 20_000}  # bytes of a file
SIZES = (16_000_000, 64_000_000, 128_000_000)  # bytes of the one file whose upload's peak memory is measured
PIECE = 100_000
THREADS = 4  # as `upload` has by itself, and rclone
TURNS = (("upload",), ("send",), ("copy", "check"))  # what follows each other at once
RSS_UNIT = 1 if sys.platform == "darwin" else 1024  # bytes in a unit of ru_maxrss: getrusage(2)


def make_home(root: Path, megabytes: float, size: int) -> Path:
    """Make a home with files that a store does not have; give the folder they lie in."""
    home, chance = Home(root), random.Random(20180830)
    ledger = open_ledger(root, create=True)
    SeriesLedger(ledger, SERIES).put(title="speed", source="url-list", profile={}, subjects=[])
    ledger.close()
    folder = home.warc(SERIES) / "imported"
    folder.mkdir(parents=True)
    for number in range(max(round(megabytes * 1e6 / size), 1)):
        with (folder / f"{number:05}.warc.gz").open("wb") as file:
            for at in range(
                0, size, PIECE
            ):  # a process is told the peak memory of the one that started it: no large pieces
                file.write(chance.randbytes(min(PIECE, size - at)))
    return folder


@dataclass(frozen=True, slots=True)
class Used:
    """What a command used. cpu_s: of processor, user and system. peak_mb: of memory."""

    seconds: float
    cpu_s: float
    peak_mb: float


def run(command: Sequence[str | Path], url: str) -> Used:
    """Run a command to its end. Raises RuntimeError unless it exits with 0."""
    environ = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", **environment(url)}
    begun = monotonic()
    process = subprocess.Popen(list(map(str, command)), env=environ, stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"{command}: exit {process.returncode}")
    return Used(monotonic() - begun, used.ru_utime + used.ru_stime, used.ru_maxrss * RSS_UNIT / 1e6)


def send(folder: Path, url: str) -> None:
    """Send the files of a folder and read nothing back: what `upload` does before it proves it."""

    def put(path: Path) -> None:
        with path.open("rb", buffering=0) as file:
            store.put(path.name, Source(file), replace=False)

    with closing(open_store(url, {}, connections=THREADS)) as store:
        store.reach()
        for _ in together(put, sorted(folder.iterdir()), THREADS):
            pass


def measured(kind: str, megabytes: float, rounds: int, seconds_most: float, folder: Path) -> dict[str, Any]:
    """Measure one kind of files. seconds_most: behind which no further round is begun."""
    begun = monotonic()
    files = make_home(folder / "home", megabytes, KINDS[kind])
    total = sum(path.stat().st_size for path in files.iterdir()) / 1e6
    (folder / "s3" / BUCKET).mkdir(parents=True)
    found: dict[str, list[Used]] = {"upload": [], "send": [], "copy": [], "check": []}
    with serving(folder / "s3") as url:
        for number in range(rounds):
            if number and monotonic() - begun > seconds_most:
                break
            commands = the_commands(folder / "home", files, url, number)
            for names in TURNS if number % 2 else TURNS[::-1]:
                for name in names:
                    found[name].append(run(commands[name], url))
    seconds = {name: [used.seconds for used in all_] for name, all_ in found.items()}
    promised = [copy + check for copy, check in zip(seconds["copy"], seconds["check"], strict=True)]
    return {
        "mb": total,
        "rounds": len(found["copy"]),
        "mb_per_s": {name: round(total / median(some), 1) for name, some in seconds.items()},
        "sending_alone_to_rclone_copy": spread(seconds["copy"], seconds["send"]),
        "upload_to_rclone_copy": spread(seconds["copy"], seconds["upload"]),
        "upload_to_rclone_copy_and_check": spread(promised, seconds["upload"]),
        "cpu_s": {name: round(median(used.cpu_s for used in all_), 2) for name, all_ in found.items()},
        "peak_rss_mb": {name: round(max(used.peak_mb for used in all_)) for name, all_ in found.items()},
    }


def memory(size: int, folder: Path) -> float:
    """Give the peak memory, in 10^6 bytes, of an upload of one file."""
    files = make_home(folder / "home", size / 1e6, size)
    (folder / "s3" / BUCKET).mkdir(parents=True)
    with serving(folder / "s3") as url:
        return run(the_commands(folder / "home", files, url, 0)["upload"], url).peak_mb


def the_commands(home: Path, files: Path, url: str, number: int) -> dict[str, Any]:
    """Give what is run in one round, each with a place of its own on the server."""
    (home / "config.toml").write_text(f'[store]\nurl = "s3://{BUCKET}/ours-{number}"\n', "utf-8")
    remote = f":s3,provider=Other,access_key_id={ACCESS_KEY},secret_access_key={SECRET_KEY}"
    target = f'{remote},endpoint="{url}":{BUCKET}/theirs-{number}'
    plain = [rclone(), "--config", "", "--quiet", "--s3-no-check-bucket"]
    return {
        "upload": [Path(sys.executable).with_name("lianzai"), "--home", home, "upload"],
        "send": [sys.executable, __file__, "--send", files, f"s3://{BUCKET}/sent-{number}"],
        "copy": [*plain, "copy", files, target],
        "check": [*plain, "check", "--download", files, target],
    }


def spread(theirs_s: list[float], ours_s: list[float]) -> dict[str, float]:
    """Give median, least and greatest of how fast we are beside them, round by round: 1 is as fast, 2 twice so."""
    ratios = [theirs / ours for theirs, ours in zip(theirs_s, ours_s, strict=True)]
    return {"median": round(median(ratios), 2), "least": round(min(ratios), 2), "greatest": round(max(ratios), 2)}


def main() -> None:
    """Measure all kinds."""
    parser = argparse.ArgumentParser(description="Upload speed beside rclone copy.")
    parser.add_argument("--mb", type=float, default=128.0)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--send", nargs=2, metavar=("FOLDER", "URL"), help=argparse.SUPPRESS)
    wanted = parser.parse_args()
    if wanted.send:
        send(Path(wanted.send[0]), wanted.send[1])
        return
    result: dict[str, Any] = {}
    for kind in KINDS:
        with tempfile.TemporaryDirectory(prefix="lianzai-bench-") as folder:
            megabytes = wanted.mb if kind == "large" else wanted.mb / 32
            result[kind] = measured(kind, megabytes, wanted.rounds, wanted.seconds / len(KINDS), Path(folder))
    result["peak_rss_mb_by_file_mb"] = peaks = {}
    for size in SIZES:
        with tempfile.TemporaryDirectory(prefix="lianzai-bench-") as folder:
            peaks[round(size / 1e6)] = round(memory(size, Path(folder)))
    print(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
