"""How fast the cleaner is beside trafilatura on the same pages, in one run.

Takes   a folder with pages/*.html.gz (as ../shared/extraction); --rounds; --json for a program.
Gives   pages a second of CPU and the ratio of CPU time, trafilatura's over ours (target 0.5), round by round; one core each.
Writes  nothing.

The two take turns, so that a machine that slows down slows both. trafilatura gets the text decoded; we get the bytes. Where it
is not installed only our own figure is given.
"""

from __future__ import annotations

import argparse
import gzip
import json
import sys
import time
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from typing import Any

from archive.clean import Rules, open_page, read_page

TARGET_RATIO, TARGET_PAGES = 0.5, 25.0
_WARM = 5  # pages read before the clock runs: imports and tables are made once a process


def compare(corpus: Path, rounds: int = 3) -> dict[str, Any]:
    """Read all pages with both, by turns: {pages, ours_s, peer_s, pages_per_s, ratios, ratio}; None for a peer not there."""
    payloads = [gzip.decompress(path.read_bytes()) for path in sorted((corpus / "pages").glob("*.html.gz"))]
    texts = [open_page(payload, "text/html", "").text for payload in payloads]
    ask = _peer() if find_spec("trafilatura") else None
    ours, peers = [], []
    for _ in range(rounds):
        ours.append(_seconds(_read, payloads))
        if ask is not None:
            peers.append(_seconds(ask, texts))
    ratios = [peer / own for peer, own in zip(peers, ours, strict=True)] if peers else None
    return {
        "pages": len(payloads), "ours_s": min(ours), "peer_s": min(peers, default=None), "pages_per_s": len(payloads) / min(ours),
        "ratios": ratios, "ratio": median(ratios) if ratios else None,
    }  # fmt: skip


def _seconds(read: Callable[[Any], object], pages: Sequence[Any]) -> float:
    for page in pages[:_WARM]:
        read(page)
    start = time.process_time()
    for page in pages:
        read(page)
    return time.process_time() - start


def _read(payload: bytes) -> object:
    return read_page(payload, url="", content_type="", rules=Rules())


def _peer() -> Callable[[str], object]:
    import trafilatura

    return lambda text: trafilatura.extract(text, include_comments=False)


def main() -> int:
    """Read the options, compare, print."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("corpus", type=Path)
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--json", action="store_true")
    given = options.parse_args()
    found = compare(given.corpus, given.rounds)
    if given.json:
        print(json.dumps(found))
        return 0
    print(f"{found['pages']} pages, {found['pages_per_s']:.1f} a second (target {TARGET_PAGES:.0f})")
    if found["ratio"] is not None:
        print(f"{found['ratio']:.2f} times trafilatura's speed (target {TARGET_RATIO})")
    return 0


if __name__ == "__main__":
    sys.exit(main())
