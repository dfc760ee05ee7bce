"""What the tests of stores and uploads stand on: a clock that never waits, a home with files to send, what a store holds.

Takes   a folder.
Gives   a home of one series; digests of what lies in a folder.
Writes  the home.
"""

from __future__ import annotations

import random
import re
import threading
from pathlib import Path

import walk

from archive.fixity import file_digest
from archive.home import Home
from archive.ledger.objects import KeptObject, kept_objects
from archive.ledger.queries import events
from archive.ledger.store import open_ledger
from archive.store import Source, Stopped
from crawler.demo.newspaper import Newspaper
from crawler.demo.profiles import url_list_profile

SERIES = "qushui-urls"
NAMES = (
    "渠水 十八城+a.warc.gz", "100%.warc.gz", "a%2Bb%20c.warc.gz", "渠..渠.warc.gz", "b..c.warc.gz", "q?x=1&y#z.warc.gz",
    "é=Ω~!$'()*,;:@.warc.gz",
    "[a]{b}|^`\\\"<>.warc.gz", "plus+plus.warc.gz", "  two blanks.warc.gz",
)  # fmt: skip


class QuickClock:
    """Time that passes only by waiting. waits: all that was waited."""

    def __init__(self) -> None:
        self.waits: list[float] = []
        self._now, self._stopped, self._lock = 0.0, False, threading.Lock()

    def now(self) -> float:
        return self._now

    def wait(self, seconds: float) -> None:
        if self._stopped:
            raise Stopped
        if seconds > 0:
            with self._lock:
                self._now += seconds
                self.waits.append(seconds)

    def stop(self) -> None:
        self._stopped = True


def source(path: Path) -> Source:
    """Open a file to be sent; it is closed when nobody holds it any more."""
    return Source(path.open("rb", buffering=0))


def home_for(folder: Path, url: str, *, files: int = 0, large: int = 0) -> Home:
    """Make a home of one article whose store is `url`, with so many further files, and one of `large` bytes."""
    home, chance = _one_article(folder), random.Random(20180830)
    home.config.write_text(f'[store]\nurl = "{url}"\n', "utf-8")
    imported = home.warc(SERIES) / "imported"
    imported.mkdir()
    for number in range(files):
        name = NAMES[number] if number < len(NAMES) else f"{number}.warc.gz"
        (imported / name).write_bytes(chance.randbytes(chance.randrange(1, 40_000)))
    if large:
        (imported / "large.warc.gz").write_bytes(chance.randbytes(large))
    return home


def _one_article(folder: Path) -> Home:
    """Crawl one article without its pictures."""
    text = url_list_profile(walk.BASE)
    urls = re.search(r"urls = \[\s*(\"[^\"]+\").*?\]", text, re.DOTALL)
    assert urls is not None
    text = text.replace(urls[0], f"urls = [{urls[1]}]").replace("[fetch]\n", '[fetch]\nrequisites = "none"\n')
    home = walk.home_at(folder)
    walk.walk(home, walk.profile_of(text), walk.site_of(Newspaper()))
    return home


def kept(home: Home) -> dict[str, str]:
    """Give the digests of what the store of the home is to hold, by key."""
    paths = [path for name in ("warc", "index", "text", "profiles") for path in (home.root / name).rglob("*")]
    return {path.relative_to(home.root).as_posix(): file_digest(path) for path in paths if path.is_file()}


def held(folder: Path) -> dict[str, str]:
    """Give the digests of what lies in a folder, by path; copies of the ledger left out."""
    found = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}
    return {key: file_digest(path) for key, path in found.items() if not key.startswith("ledger/")}


def rows(home: Home, store: str, series: str | None = SERIES) -> dict[str, KeptObject]:
    """Give what the ledger knows of a store."""
    ledger = open_ledger(home.root, create=False)
    try:
        with ledger.read() as connection:
            return kept_objects(connection, store, series)
    finally:
        ledger.close()


def uploads(home: Home) -> list[tuple[list[str], list[str]]]:
    """Give paths and evidence of the events `uploaded`."""
    ledger = open_ledger(home.root, create=False)
    try:
        with ledger.read() as connection:
            return [(e["fields"], e["evidence"]) for e in events(connection, SERIES) if e["kind"] == "uploaded"]
    finally:
        ledger.close()
