"""How fast the search answers, beside a scan of all texts in the same run, and whether it finds all of them.

Takes   --articles, --queries.
Gives   JSON on stdout: seconds to build and MB of the index; of queries cut from the texts, one to six characters long,
        milliseconds by CPU (median, 95th of a hundred, worst) in the index, with snippets, and of the scan; whether both agree.
Writes  an index in a folder of its own, removed at the end.

The texts are invented: characters drawn as often as in a newspaper (Zipf), 1,090 an article, so the most frequent stands in all.
"""

from __future__ import annotations

import argparse
import json
import random
import sqlite3
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from statistics import median, quantiles
from time import process_time

from archive.clean.likeness import FREQUENT
from archive.ledger.wordings import Wording
from archive.search import Search, parse
from archive.search.file import add, lay_out
from archive.search.letters import plain

LETTERS = list(FREQUENT) + [chr(0x4E00 + n) for n in range(3000)]
PARAGRAPHS, LENGTH = 12, 90
COMPARED = 40  # queries that are held against the scan, which takes its time


def wordings(articles: int, chance: random.Random) -> Iterator[Wording]:
    """Invent articles of ten years and forty series."""
    weights = [1 / (rank + 3) for rank in range(len(LETTERS))]
    for number in range(articles):
        letters = "".join(chance.choices(LETTERS, weights, k=PARAGRAPHS * LENGTH + 14))
        text = "。\n".join(letters[at : at + LENGTH] for at in range(14, len(letters), LENGTH))
        day = f"{2015 + number % 10}-{1 + number % 12:02d}-{1 + number % 28:02d}"
        yield Wording(f"a{number}", 1, letters[:14], "", text, day)


def queries(path: Path, many: int, chance: random.Random) -> list[str]:
    """Cut pieces out of the texts, each of one line."""
    with closing(sqlite3.connect(path)) as index:
        bodies = [body for (body,) in index.execute("SELECT body FROM texts ORDER BY id LIMIT 500")]
    cut = []
    for number in range(many):
        line = chance.choice(chance.choice(bodies).split("\n"))
        length = 1 + number % 6
        at = chance.randrange(len(line) - length)
        cut.append(line[at : at + length])
    return cut


def milliseconds(seconds: list[float]) -> dict[str, float]:
    """Sum up times of queries."""
    found = {"p50": median(seconds), "p95": quantiles(seconds, n=20)[-1], "max": max(seconds)}
    return {name: round(value * 1000, 3) for name, value in found.items()}


def main() -> int:
    """Build, ask, compare, print."""
    parser = argparse.ArgumentParser(description="Measure the search beside a scan of all texts.")
    parser.add_argument("--articles", type=int, default=20_000)
    parser.add_argument("--queries", type=int, default=300)
    chosen = parser.parse_args()
    chance = random.Random(20180830)
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        path = Path(folder) / "search.sqlite3"
        made = list(wordings(chosen.articles, chance))
        begun = process_time()
        with closing(sqlite3.connect(path, isolation_level=None)) as index:
            index.execute("BEGIN")
            lay_out(index)
            for number, wording in enumerate(made):
                add(index, f"s{number % 40}", wording, "")
            index.execute("COMMIT")
        built = process_time() - begun
        search, asked = Search(path), queries(path, chosen.queries, chance)
        search.ask(parse("一"))  # the first one loads the table of characters
        inside, whole, scans, right = [], [], [], True
        plains = [f"{plain(one.title)}\n{plain(one.text)}" for one in made]
        for number, line in enumerate(asked):
            quoted = parse('"' + line + '"')
            begun = process_time()
            search.ask(quoted, limit=0)
            inside.append(process_time() - begun)
            begun = process_time()
            total = search.ask(quoted).total
            whole.append(process_time() - begun)
            if number < COMPARED:
                begun = process_time()
                scanned = sum(plain(line) in text for text in plains)
                scans.append(process_time() - begun)
                right = right and scanned == total
        document = {
            "articles": chosen.articles, "characters": sum(len(one.text) for one in made), "queries": len(asked),
            "build_s": round(built, 2), "index_mb": round(path.stat().st_size / 1e6, 1), "index_ms": milliseconds(inside),
            "answer_ms": milliseconds(whole), "scan_ms": milliseconds(scans), "same": right,
        }  # fmt: skip
    print(json.dumps(document))
    return 0


if __name__ == "__main__":
    sys.exit(main())
