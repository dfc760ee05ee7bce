"""What must hold of a home, whatever happened to it: the faults of a home, each as a line.

Takes   a home at rest, by way of its Desk.
Gives   lines; none where all is well.
Writes  a copy of the home, to fold it anew.
"""

from __future__ import annotations

import re
import shutil
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import Any

import warc_checker
from desk import Desk

from archive.home import Home
from archive.verify import verify_home
from archive.warc import read_records, series_files
from crawler.profile import parse_profile
from crawler.run import SeriesRun

from .stored import STORE, store_of

# All that a home at rest may hold (CONTRACT, "A home"); anything else is left over from a run that died.
AT_REST = re.compile(
    r"ledger\.sqlite3(-wal|-shm|\.\d{4}-\d{14})?|search\.sqlite3(-wal|-shm|\.sha256)?|locks/([a-z_-]+\.lock|hosts/[^/.]+(\.[^/.]+)*)|index/[a-z-]+\.cdxj"
    r"|warc/[a-z-]+/([a-z-]+-\d{14}-\d{5}\.warc\.gz|imported/[a-z-]+\.warc\.gz)|wacz/[a-z-]+\.wacz"
    r"|text/[a-z-]+/(\d+-[^/]+\.md|[a-z-]+\.jsonl)|damaged/[^/.][^/]*\.damaged-\d+"
)


# Not of the site; and places, which are given at the end of a run by what it had: with half the series kept they are others.
UNTOLD = ("uploaded", "verified", "damaged", "repaired", "moved")


@dataclass(frozen=True, slots=True)
class Kept:
    """What a home holds at one moment: the closed WARCs, and the captures that its ledger speaks of."""

    warcs: dict[str, bytes]
    captures: set[str]


def kept(desk: Desk, series: str) -> Kept:
    """Look at a home without touching it: a ledger with its log is read in a copy."""
    warcs = {path.name: path.read_bytes() for path in series_files(desk.home / "warc" / series, series)}
    copy = desk.folder / "look"
    shutil.rmtree(copy, ignore_errors=True)
    copy.mkdir()
    for path in desk.home.glob("ledger.sqlite3*"):
        shutil.copy(path, copy)
    captures: set[str] = set()
    if (copy / "ledger.sqlite3").exists():
        with closing(sqlite3.connect(copy / "ledger.sqlite3")) as base:
            if base.execute("SELECT 1 FROM sqlite_master WHERE name = 'captures'").fetchone():
                captures = {row[0] for row in base.execute("SELECT record_id FROM captures")}
    return Kept(warcs, captures)


def lost(before: Kept, desk: Desk, series: str) -> Iterator[str]:
    """Name what was kept before and is no more."""
    after = {path.name: path for path in series_files(desk.home / "warc" / series, series)}
    for name, octets in before.warcs.items():
        if name not in after or after[name].read_bytes() != octets:
            yield f"{name}: a closed WARC is gone or has changed"
    imported = (desk.home / "warc" / series / "imported").glob("*.gz")  # in the scenes: by lianzai, written elsewhere
    records = [*desk.records(series), *(record for path in imported for record in read_records(path))]
    gone = before.captures - {record.record_id for record in records}
    if gone:
        yield f"the ledger spoke of {len(gone)} records that are in no WARC"


def story(desk: Desk, series: str) -> dict[str, list[Any]]:
    """Give what a home tells of its series, without ids of records and times: each article, each event."""
    with closing(sqlite3.connect(desk.home / "ledger.sqlite3")) as base:
        articles = base.execute(
            "SELECT id, position, subject, title, state, revisions, text_sha256 FROM articles WHERE series = ? ORDER BY id",
            (series,),
        ).fetchall()
        events = base.execute("SELECT kind, article, fields FROM events WHERE series = ?", (series,)).fetchall()
        row = base.execute("SELECT missing, complete FROM series WHERE id = ?", (series,)).fetchall()
    told = [event for event in events if event[0] not in UNTOLD]
    return {"series": row, "articles": articles, "events": sorted(told, key=repr)}


def left_wrong(desk: Desk, series: str, text: str | None, expected: dict[str, list[Any]]) -> list[str]:
    """Give all that is wrong with a home after an ordinary crawl by a profile's text. expected: its story without faults.

    text: None after a rebuild, whose ledger has the profile as the WARCs do: then it is not folded anew.
    """
    return [
        *_left_over(desk),
        *warc_checker.check(series_files(desk.home / "warc" / series, series)),
        *_doubled(desk, series),
        *_told_otherwise(expected, story(desk, series)),
        *_not_whole(desk),
        *(() if text is None else _folded_otherwise(desk, text)),
    ]


def _left_over(desk: Desk) -> Iterator[str]:
    for path in sorted(desk.home.rglob("*")):
        name = path.relative_to(desk.home).as_posix()
        if path.is_file() and not AT_REST.fullmatch(name):
            yield f"{name}: left over"


def _doubled(desk: Desk, series: str) -> Iterator[str]:
    """Name what is kept twice: a record id, or an exchange (the checker sees pairs, so answers are enough)."""
    records = desk.records(series)
    answers = [(one.url, one.date, one.block) for one in records if one.type in ("response", "revisit")]
    for what, times in Counter([*(one.record_id for one in records), *answers]).items():
        if times > 1:
            yield f"{what[:2] if isinstance(what, tuple) else what}: kept {times} times"


def _told_otherwise(expected: dict[str, list[Any]], found: dict[str, list[Any]]) -> Iterator[str]:
    for name, rows in expected.items():
        less, more = (Counter(map(repr, one)) for one in (rows, found[name]))
        yield from (f"{name}: missing {row}" for row in (less - more).elements())
        yield from (f"{name}: too many {row}" for row in (more - less).elements())


def _not_whole(desk: Desk) -> Iterator[str]:
    report = verify_home(Home(desk.home))
    if not report.whole:
        yield f"verify: {report.to_json()}"


def _folded_otherwise(desk: Desk, text: str) -> Iterator[str]:
    """Fold the WARCs anew in a copy, and compare all of the ledger and all that is made of it."""
    copy = Desk(desk.folder, desk.folder / "copy")
    shutil.rmtree(copy.home, ignore_errors=True)
    shutil.copytree(desk.home, copy.home)
    run = SeriesRun(Home(copy.home), parse_profile(text, name="p.toml", environ={STORE: store_of(desk).as_uri()}))
    try:
        run.refold()
        run.derive()
    finally:
        run.close()
    mine, other = desk.ledger(), copy.ledger()
    for table in mine:
        less, more = Counter(mine[table]), Counter(other[table])
        yield from (f"{table}: a rebuild has not {row[:300]}" for row in (less - more).elements())
        yield from (f"{table}: a rebuild has more {row[:300]}" for row in (more - less).elements())
    files, made = desk.derived(), copy.derived()
    yield from (f"{name}: a rebuild makes it otherwise" for name in sorted(files) if files[name] != made.get(name))
