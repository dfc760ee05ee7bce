"""What must hold of the object store of a home, a folder here, while uploads into it die and when one has ended.

Takes   the Desk of a home whose store is the folder `store` beside it.
Gives   lines; none where all is well.
Writes  nothing.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from desk import Desk

from archive.fixity import file_digest

STORE = "STORE"  # variable of the environment that names the store to the command


def store_of(desk: Desk) -> Path:
    """Give the folder that is the store."""
    return desk.folder / "store"


def half_sent(desk: Desk) -> Iterator[str]:
    """Name what is spoiled in the store after a run that may have died: a final object is whole or not there."""
    for name, path in _objects(desk):
        if name.startswith("warc/") and path.read_bytes() != _at_home(desk, name):
            yield f"store: {name}: is not what the home has"


def not_sent(desk: Desk) -> Iterator[str]:
    """Name what is wrong with the store after an upload that said that all is there."""
    there = dict(_objects(desk))
    for folder in ("warc", "text", "index"):
        for path in sorted((desk.home / folder).rglob("*")):
            name = path.relative_to(desk.home).as_posix()
            if path.is_file() and (name not in there or there[name].read_bytes() != path.read_bytes()):
                yield f"store: {name}: missing or not the same"
    copies = [path for name, path in there.items() if name.startswith("ledger/")]
    if not copies:
        yield "store: no copy of the ledger"
    for copy in copies:
        with closing(sqlite3.connect(f"file:{copy}?immutable=1", uri=True)) as base:
            if base.execute("PRAGMA integrity_check").fetchall() != [("ok",)]:
                yield f"store: {copy.name}: not a whole ledger"
    for path in sorted(store_of(desk).rglob(".*")):
        yield f"store: {path.name}: left over"
    yield from _told_wrongly(desk, there)


def _told_wrongly(desk: Desk, there: dict[str, Path]) -> Iterator[str]:
    """Name rows of objects that say of the store what is not so."""
    with closing(sqlite3.connect(desk.home / "ledger.sqlite3")) as base:
        rows = base.execute("SELECT key, sha256, verified, failed FROM objects").fetchall()
    for key, digest, verified, failed in rows:
        if key.startswith("ledger/") and verified is None:
            continue  # each copy has a name of its own, so one that failed is not sent again: another is
        if failed is not None or verified is None:
            yield f"store: {key}: the ledger has it as not sent: {failed}"
        elif key not in there or file_digest(there[key]) != digest:
            yield f"store: {key}: verified, and not there or other bytes"


def _objects(desk: Desk) -> list[tuple[str, Path]]:
    """List the objects; a part that is being written is none."""
    root = store_of(desk)
    found = (path for path in sorted(root.rglob("*")) if path.is_file() and not path.name.startswith("."))
    return [(path.relative_to(root).as_posix(), path) for path in found]


def _at_home(desk: Desk, name: str) -> bytes | None:
    path = desk.home / name
    return path.read_bytes() if path.exists() else None
