"""Hold the file of the search against its digest, and make it again where it is damaged.

Takes   a home; for the repair a connection of its ledger.
Gives   what is wrong with it, or why it was not looked at.
Writes  with repair, the file and its digest.

It is derived, and one file for all series. Its digest is away while it is written, and after a kill until the next run: then
there is nothing that it could be held against.
"""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from urllib.parse import quote

from ..errors import DiskError
from ..fixity import file_digest
from ..home import Home
from ..ledger.queries import Connection
from ..search import bring_up, stamp_of
from ..search.file import index_version
from .derived import NOTHING
from .quiet import unwritten
from .report import Damage

_EXPECTED = "an index of the search with its digest"
_UNFINISHED = "it has no digest: a run writes it, or was killed; the next one brings it up"
_OTHER = "made by another version; the next run makes it anew"


@dataclass(frozen=True, slots=True)
class Searched:
    """What was found. path: in the home. there: whether there is anything to be looked at."""

    path: str
    there: bool = False
    damage: Damage | None = None
    missing: bool = False
    skipped: str | None = None

    @property
    def wrong(self) -> bool:
        """Say that it wants to be made again."""
        return self.missing or self.damage is not None


def check_search(home: Home) -> Searched:
    """Hold the index of a home against its digest; it is left alone while a run writes it."""
    path, name = home.search, home.search.name
    with unwritten(home.locks / "_search.lock") as still:
        if not path.exists():
            gone = still and stamp_of(path).exists()
            return Searched(name, there=gone, missing=gone)
        if not still:
            return Searched(name, skipped="a run writes it")
        try:
            told = _told(home)
            if told is None:
                return Searched(name, skipped=_UNFINISHED)
            found = file_digest(path)
        except (OSError, ValueError) as error:
            why = f"{NOTHING} readable: {error.strerror}" if isinstance(error, OSError) else str(error)
            return Searched(name, there=True, damage=Damage(name, _EXPECTED, why))
        if found != told:
            return Searched(name, there=True, damage=Damage(name, told, found))
        version = _version(home)
    if version is None:
        return Searched(name, there=True, damage=Damage(name, _EXPECTED, "no index of the search"))
    return Searched(name, there=True, skipped=None if version == index_version() else _OTHER)


def make_search_again(connection: Connection, home: Home) -> None:
    """Remove the index and its digest, and make both again from the ledger. Raises DiskError."""
    try:
        for path in (stamp_of(home.search), home.search):
            path.unlink(missing_ok=True)
    except OSError as error:
        raise DiskError(f"{home.search}: cannot be removed: {error.strerror}", action="lianzai doctor") from error
    bring_up(connection, home, "")


def _told(home: Home) -> str | None:
    """Give the digest that lies beside the index; None where there is none. Raises OSError; ValueError where it is garbled."""
    stamp = stamp_of(home.search)
    try:
        with stamp.open("rb") as file:
            told = file.read(200)
    except FileNotFoundError:
        return None
    match = re.fullmatch(rb"([0-9a-f]{64})  " + re.escape(home.search.name.encode()) + rb"\n", told)
    if match is None:
        raise ValueError(f"{stamp.name} is no line as sha256sum writes it: {told[:80]!r}")
    return f"sha256:{match[1].decode('ascii')}"


def _version(home: Home) -> str | None:
    """Give what an index says that it was made by; None where it is no index."""
    try:
        with closing(
            sqlite3.connect(f"file:{quote(str(home.search.absolute()))}?mode=ro&immutable=1", uri=True)
        ) as index:
            return str(index.execute("SELECT version FROM about").fetchone()[0])
    except (sqlite3.Error, TypeError):
        return None
