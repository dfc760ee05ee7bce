"""What a store lacks of a series.

Takes   the ledger's rows of files and objects, read once; the files of the home.
Gives   Item for each file that is to be sent; what is neither here nor there.
Writes  nothing.

A listing of the store is not asked: what counts as kept is what was read back, and the ledger says that. A closed WARC is known
by its digest. What is derived is looked at again where size or time say that it was written since.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from ..home import Home
from ..ledger.holdings import held_files
from ..ledger.objects import KeptObject, kept_objects
from ..ledger.queries import Connection, profile_text
from ..ledger.rows import time_of

_MARGIN = timedelta(seconds=2)  # the coarsest time of a file system (FAT)
_UNFINISHED = (".open", ".part")


@dataclass(frozen=True, slots=True)
class Item:
    """One file that is to be sent.

    final: it never changes, so what is there under its key is never replaced. sha256: what it must be, where the ledger knows.
    known: what the ledger says of the object.
    """

    key: str
    path: Path
    series: str | None
    size: int
    final: bool
    sha256: str | None = None
    known: KeptObject | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be sent. lost: paths of closed WARCs that are neither here nor there."""

    items: list[Item]
    lost: list[str]


def plan(connection: Connection, home: Home, store: str, series: str) -> Plan:
    """Compare the files of a series with what the ledger knows of a store."""
    objects, warcs = kept_objects(connection, store, series), held_files(connection, series)
    digests = {f"warc/{series}/{name}": held.sha256 for name, held in warcs.items()}
    with_profile = profile_text(connection, series) is not None  # else a secret stands in it literally
    items = []
    for path, final in _files(home, series, with_profile=with_profile):
        key = path.relative_to(home.root).as_posix()
        try:
            told = path.stat()
        except OSError:
            continue  # it was replaced or removed meanwhile: the next run sees what came of it
        item = Item(key, path, series, told.st_size, final, digests.get(key), objects.get(key))
        if not _kept(item, told):
            items.append(item)
    there = {one.key for one in objects.values() if one.verified}
    lost = [key for key in sorted(set(digests) - there) if not os.path.lexists(home.root / key)]
    return Plan(items, lost)


def _kept(item: Item, told: os.stat_result) -> bool:
    known = item.known
    if known is None or not known.verified or known.bytes != told.st_size:
        return False
    if item.sha256 is not None:
        return known.sha256 == item.sha256
    return item.final or (known.sent is not None and told.st_mtime < (time_of(known.sent) - _MARGIN).timestamp())


def _files(home: Home, series: str, *, with_profile: bool) -> Iterator[tuple[Path, bool]]:
    """Walk the finished files of a series, each with whether it is final: the truth first, then what is made of it."""
    for folder in (home.warc(series), home.warc(series) / "imported", home.packages(series)):
        yield from ((path, True) for path in _finished(folder))
    yield from ((path, False) for path in _finished(home.text(series)))
    alone = [home.index(series), home.root / "wacz" / f"{series}.wacz"]
    alone += [home.profile(series)] if with_profile else []
    yield from ((path, False) for path in alone if path.is_file())


def _finished(folder: Path) -> list[Path]:
    """List the files of a folder but those that are being written."""
    if not folder.is_dir():
        return []
    found = (path for path in folder.iterdir() if not path.name.startswith(".") and path.suffix not in _UNFINISHED)
    return sorted(path for path in found if path.is_file() and not path.is_symlink())
