"""The packing list of an object store: what an upload says that it read back there, by the newest copy of the ledger beside it.

Takes   a store that `upload` filled.
Gives   digest and size of each final object by key; {} where no copy of a ledger is there that can be read.
Writes  nothing that stays.

A listing may lack what was sent a moment ago, and what stands by an object was written with it. The ledger knows from before.
"""

from __future__ import annotations

import hashlib
import re
import tempfile
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from archive.errors import IntegrityError, LianzaiError, StoreError
from archive.fixity import label
from archive.home import Home
from archive.ledger.objects import verified_objects
from archive.ledger.store import LEDGER, open_ledger
from archive.store import Store, store_name

_COPY = re.compile(r"ledger/ledger-\d+\.sqlite3")
_TRIES = 3  # of the newest copies
_FINAL = ("warc/", "wacz/")  # a profile, an index or a text may have been sent anew since


@dataclass(frozen=True, slots=True)
class Packed:
    """One object as it was read back. sha256: "sha256:<hex>"."""

    bytes: int
    sha256: str


def packing_list(store: Store, url: str) -> dict[str, Packed]:
    """Read the list. url: of the store, by which the ledger names it. Raises StoreError for what meets every object alike."""
    copies = sorted(key for key, _ in store.list("ledger/") if _COPY.fullmatch(key))
    for key in reversed(copies[-_TRIES:]):
        try:
            return _read(store, key, url)
        except (FileNotFoundError, LianzaiError) as error:  # a copy that is damaged, or of a newer lianzai
            if isinstance(error, StoreError) and error.whole:
                raise
    return {}


def _read(store: Store, key: str, url: str) -> dict[str, Packed]:
    with tempfile.TemporaryDirectory(prefix="lianzai-") as folder:
        _fetch(store, key, Path(folder) / LEDGER)
        ledger = open_ledger(Home(Path(folder)), create=False)
        with closing(ledger), ledger.read() as connection:
            rows = verified_objects(connection)
    # A store by `env:NAME` is named by its variable, which is another machine's, and a digest of the address.
    here = store_name("env:URL", {"URL": url}).removeprefix("env:URL")
    return {
        row.key: Packed(row.bytes, row.sha256)
        for row in rows
        if row.key.startswith(_FINAL) and (row.store == url.rstrip("/") or row.store.endswith(here))
    }


def _fetch(store: Store, key: str, target: Path) -> None:
    """Write an object to a file. Raises IntegrityError where it is not what was sent, FileNotFoundError, StoreError."""
    stat, digest = store.head(key), hashlib.sha256()
    with target.open("wb") as file:
        for piece in store.read(key):
            digest.update(piece)
            file.write(piece)
    found = label(digest.hexdigest())
    if stat is not None and stat.sha256 not in (None, found):
        raise IntegrityError(f"{store.name}: {key}: expected {stat.sha256}, found {found}")
