"""A crawl that dies at any moment loses no record that it spoke of, and the next one goes on by itself."""

from __future__ import annotations

import random
from collections import Counter
from queue import Queue
from typing import Any

import pytest
from desk import Desk, ended, profile_text
from warcio.archiveiterator import ArchiveIterator
from witness import Trap

from crawler.demo.server import Server
from crawler.demo.text import SUBJECTS

LAST = 66  # exchanges of a first crawl of the demonstration newspaper, by a little more


def check_whole(desk: Desk, series: str) -> None:
    """Every file is closed and read to its end by another reader, every record is there once, and a rebuild says the same."""
    assert [name for name in desk.warcs() if not name.endswith(".warc.gz")] == []
    read = []
    for path in sorted((desk.home / "warc" / series).iterdir()):
        with path.open("rb") as stream:
            for record in ArchiveIterator(stream, no_record_parse=True):
                record.raw_stream.read()
                read.append(record.rec_headers.get_header("WARC-Record-ID"))
    kept, files = desk.ledger(), desk.derived()
    rebuilt = desk.ask("rebuild")

    assert [one for one, times in Counter(read).items() if times > 1] == []
    assert read == [record.record_id for record in desk.records(series)]
    assert rebuilt["failed"] == []
    for table, rows in desk.ledger().items():
        assert kept[table] == rows, table
    assert files == desk.derived()


def kill_at(desk: Desk, trap: Trap, text: str, number: int) -> int:
    """Crawl, and kill the process without warning when the site hears its request of that number."""
    running: Queue[Any] = Queue()
    sprung = trap.at(number, lambda: running.get().kill())
    running.put(process := desk.start("crawl", desk.profile(text)))
    code = ended(process).code
    assert sprung.is_set(), code
    return int(code)


@pytest.mark.parametrize("seed", [0, *(pytest.param(n, marks=pytest.mark.soak) for n in range(1, 20))])
def test_a_killed_crawl_is_gone_on_with(desk: Desk, newspaper: Server, trap: Trap, seed: int) -> None:
    """Killed twice at requests drawn by a seed: the third run completes the series, and nothing is half or twice."""
    chance = random.Random(seed)
    text = profile_text(newspaper, chance.choice(["api", "list"]))
    series = text.split('id = "')[1].split('"')[0]
    codes = [kill_at(desk, trap, text, chance.randint(2, last)) for last in (LAST if series == "qushui" else 44, 8)]
    done = desk.crawl(text)
    states = Counter(one["state"] for one in desk.ask("articles", series))

    assert codes == [-9, -9]
    assert (done.code, done.failed, done.stderr) == (0, [], "")
    assert done.report["missing"] == ["济源"]
    assert states == {"captured": 17}
    check_whole(desk, series)


@pytest.mark.soak
def test_a_crawl_killed_among_changes_tells_each_once(
    desk: Desk,
    newspaper: Server,
    trap: Trap,
) -> None:
    """A revision that the killed run had kept is not told again, and one that it had not come to is not lost."""
    text = profile_text(newspaper, recheck="always")
    first = desk.crawl(text)
    for subject in SUBJECTS[:6]:
        newspaper.newspaper.edit(subject)
    newspaper.newspaper.withdraw("信阳")
    kill_at(desk, trap, text, 24)
    done = desk.crawl(text)
    kinds = Counter(one["kind"] for one in desk.ask("history", "qushui"))

    assert (first.code, done.code) == (0, 0)
    assert {kind: kinds[kind] for kind in ("revised", "withdrawn", "captured", "found", "failed")} == {
        "revised": 6, "withdrawn": 1, "captured": 17, "found": 17, "failed": 0,
    }  # fmt: skip
    check_whole(desk, "qushui")
