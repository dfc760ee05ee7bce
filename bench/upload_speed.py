"""How fast `lianzai upload` sends, beside `rclone copy` of the same files to the same server, in turns.

Takes   --mb, the size of the files of each kind; --rounds.
Gives   JSON on stdout, of each kind (large: files of 64 MB; small: of 20 kB): MB/s of both by clock, start-up included, the ratio
        round by round (median, least, greatest) and peak memory; also against `rclone copy` and `rclone check --download`,
        which together promise what `upload` does: that what is there reads as it was sent.
Writes  homes, and the server's folder, in a folder of its own, removed at the end.

The server is `rclone serve s3` on loopback, so it takes part of the processors of both.
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
from pathlib import Path
from statistics import median
from time import monotonic
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "archive"))

from s3_server import ACCESS_KEY, SECRET_KEY, environment, rclone, serving  # type: ignore[import-not-found]

from archive.home import Home
from archive.ledger.series import SeriesLedger
from archive.ledger.store import open_ledger

SERIES, BUCKET = "speed", "archive"
KINDS = {"large": 64_000_000, "small": 20_000}  # bytes of a file
PIECE = 100_000
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


def run(command: Sequence[str | Path], url: str) -> tuple[float, float]:
    """Run a command; give seconds and peak MB. Raises RuntimeError unless it exits with 0."""
    environ = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", **environment(url)}
    begun = monotonic()
    process = subprocess.Popen(list(map(str, command)), env=environ, stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"{command}: exit {process.returncode}")
    return monotonic() - begun, used.ru_maxrss * RSS_UNIT / 1e6


def measured(kind: str, megabytes: float, rounds: int, folder: Path) -> dict[str, Any]:
    """Measure one kind of files."""
    files = make_home(folder / "home", megabytes, KINDS[kind])
    total = sum(path.stat().st_size for path in files.iterdir()) / 1e6
    remote = f":s3,provider=Other,access_key_id={ACCESS_KEY},secret_access_key={SECRET_KEY}"
    found: dict[str, list[float]] = {
        "lianzai": [],
        "rclone": [],
        "rclone_checked": [],
        "lianzai_mb": [],
        "rclone_mb": [],
    }
    (folder / "s3" / BUCKET).mkdir(parents=True)
    with serving(folder / "s3") as url:
        for number in range(rounds):
            (folder / "home" / "config.toml").write_text(f'[store]\nurl = "s3://{BUCKET}/ours-{number}"\n', "utf-8")
            target = f'{remote},endpoint="{url}":{BUCKET}/theirs-{number}'
            plain = [rclone(), "--config", "", "--quiet", "--s3-no-check-bucket"]
            ours, our_mb = run([Path(sys.executable).with_name("lianzai"), "--home", folder / "home", "upload"], url)
            theirs, their_mb = run([*plain, "copy", files, target], url)
            check, _ = run([*plain, "check", "--download", files, target], url)
            found["lianzai"].append(total / ours)
            found["rclone"].append(total / theirs)
            found["rclone_checked"].append(total / (theirs + check))
            found["lianzai_mb"].append(our_mb)
            found["rclone_mb"].append(their_mb)
    return {
        "mb": total,
        **{f"{name}_mb_per_s": round(median(found[name]), 1) for name in ("lianzai", "rclone", "rclone_checked")},
        "ratio_to_rclone_copy": spread(found["lianzai"], found["rclone"]),
        "ratio_to_rclone_copy_and_check": spread(found["lianzai"], found["rclone_checked"]),
        "peak_rss_mb": {"lianzai": round(max(found["lianzai_mb"])), "rclone": round(max(found["rclone_mb"]))},
    }


def spread(ours: list[float], theirs: list[float]) -> dict[str, float]:
    """Give median, least and greatest of the ratios, round by round."""
    ratios = [a / b for a, b in zip(ours, theirs, strict=True)]
    return {"median": round(median(ratios), 2), "least": round(min(ratios), 2), "greatest": round(max(ratios), 2)}


def main() -> None:
    """Measure all kinds."""
    parser = argparse.ArgumentParser(description="Upload speed beside rclone copy.")
    parser.add_argument("--mb", type=float, default=512.0)
    parser.add_argument("--rounds", type=int, default=5)
    wanted = parser.parse_args()
    result: dict[str, Any] = {}
    for kind in KINDS:
        with tempfile.TemporaryDirectory(prefix="lianzai-bench-") as folder:
            result[kind] = measured(kind, wanted.mb if kind == "large" else wanted.mb / 16, wanted.rounds, Path(folder))
    print(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
