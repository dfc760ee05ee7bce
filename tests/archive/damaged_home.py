"""A home after two crawls, and what damages it.

Takes   a folder, the files of a home.
Gives   the home; its WARCs, and what its history says of fixity.
Writes  the home and its damage, below the folder that the test gives.
"""

from __future__ import annotations

import json
import os
import sqlite3
import zipfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import walk

from archive.fixity import file_digest, payload_digest
from archive.home import Home
from archive.ledger import queries
from archive.ledger.seal import seal_all
from archive.ledger.store import open_ledger
from archive.verify import Report
from archive.verify.warcs import check_series
from archive.warc import series_files
from crawler.demo.answers import Answer
from crawler.demo.newspaper import Newspaper
from crawler.demo.profiles import demo_profile

SERIES = "qushui"
PROFILE = demo_profile(walk.BASE, recheck="always")


def crawled_twice(folder: Path) -> Home:
    """Make a home with two WARCs, the second with revisits of the first, text and index."""
    home, newspaper, profile = walk.home_at(folder), Newspaper(), walk.profile_of(PROFILE)
    walk.walk(home, profile, walk.site_of(newspaper))
    newspaper.edit("开封")
    walk.walk(home, profile, walk.site_of(newspaper))
    return home


class OnePage:
    """A site of one short page."""

    def answer(self, _target: str, _base: str) -> Answer:
        text = "渠水过了闸口，就往北去了。守闸的人在本子上记下一行数字，又抬头看了看天。"
        page = f'<h1 class="content-title">守闸的人</h1><div class="content-content"><p>{text}</p></div>'
        return Answer(200, page.encode(), "text/html; charset=utf-8")


def one_page(folder: Path) -> Home:
    """Make a home of one short page: WARC, ledger, text and index, a few thousand bytes beside the ledger."""
    home, url = walk.home_at(folder), f"{walk.BASE}/1.html"
    profile = f"""
[series]
id = "{SERIES}"
title = "q"
[source]
kind = "url-list"
urls = ["{url}"]
[fetch]
requisites = "none"
allow_private = true
[article]
title = "h1.content-title"
body = "div.content-content"
"""
    walk.walk(home, walk.profile_of(profile), OnePage())  # type: ignore[arg-type]
    return home


def warcs(home: Home) -> list[Path]:
    return series_files(home.warc(SERIES), SERIES)


def path_of(home: Home, path: Path) -> str:
    return path.relative_to(home.root).as_posix()


def flip(path: Path, at: int, bit: int = 0) -> None:
    data = bytearray(path.read_bytes())
    data[at] ^= 1 << bit
    path.write_bytes(data)


@contextmanager
def flips(path: Path, bit: int, *, step: int = 1) -> Iterator[Iterator[int]]:
    """Flip a bit of every step-th byte of a file, one at a time, in place; the file is whole again at the end."""
    with path.open("r+b", buffering=0) as file:
        whole = file.read()

        def flipped() -> Iterator[int]:
            for at, byte in list(enumerate(whole))[::step]:
                os.pwrite(file.fileno(), bytes([byte ^ 1 << bit]), at)
                yield at
                os.pwrite(file.fileno(), bytes([byte]), at)

        yield flipped()


def unseen_flips(home: Home, path: Path, bit: int) -> list[int]:
    """Flip a bit of each byte of a WARC; give the places that the check of its series says nothing of, or names otherwise."""
    ledger = open_ledger(home.root, create=False)
    with closing(ledger), flips(path, bit) as flipped:
        return [
            at
            for at in flipped
            if list(check_series(home, ledger, SERIES, True, lambda _: None).damaged) != [path_of(home, path)]
        ]


def change(home: Home, statement: str, *values: Any) -> None:
    with closing(sqlite3.connect(home.ledger)) as connection, connection:
        connection.execute(statement, values)


def reseal(home: Home) -> None:
    """Seal each row as it is now: as if it had been written so."""
    ledger = open_ledger(home.root, create=False)
    with closing(ledger), ledger.write() as connection:
        seal_all(connection)


def told(home: Home) -> list[tuple[str, list[str]]]:
    """What the history says of fixity: kind and paths."""
    ledger = open_ledger(home.root, create=False)
    try:
        with ledger.read() as connection:
            events = queries.events(connection, SERIES)
    finally:
        ledger.close()
    return [(e["kind"], e["fields"]) for e in events if e["kind"] in ("verified", "damaged", "repaired")]


def wacz(home: Home, *paths: Path, name: str = "copy.wacz", method: int = zipfile.ZIP_STORED) -> Path:
    """A WACZ with these WARCs as entries."""
    bundle = home.root / "wacz" / name
    bundle.parent.mkdir(exist_ok=True)
    with zipfile.ZipFile(bundle, "w", method) as opened:
        resources = []
        for path in paths:
            opened.write(path, f"archive/{path.name}")
            told = {"path": f"archive/{path.name}", "hash": file_digest(path), "bytes": path.stat().st_size}
            resources.append(told)
        manifest = json.dumps({"resources": resources})
        opened.writestr("datapackage.json", manifest)
        seal = {"path": "datapackage.json", "hash": payload_digest(manifest.encode())}
        opened.writestr("datapackage-digest.json", json.dumps(seal))
    return bundle


def wrong(report: Report) -> list[str]:
    return sorted([*report.damaged, *report.missing])
