"""The verbs of this room, one file a verb: each gives a click command named `command`, which has the Config as its object.

A module imports at its top only what `--help` needs; the ledger and the cleaner are imported when the verb is done.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from ..config import Config
from ..home import Home
from ..lazy import importing

if TYPE_CHECKING:
    from ..ledger.queries import Connection


def found_or_made(config: Config) -> Home:
    """Give the home, made where it is missing; one that is there may be such that it cannot be written."""
    home = Home.of(config)
    return home if os.path.isdir(home.root) else home.make()  # noqa: PTH112  Path.is_dir raises where it may not look


@contextmanager
def reading(config: Config) -> Iterator[tuple[Home, Connection]]:
    """Open the home, made where it is missing, and lend a connection for queries; it need not be writable. Raises HomeError."""
    with importing():
        from ..ledger.store import open_to_read

    home = found_or_made(config)
    ledger = open_to_read(home)
    try:
        with ledger.read() as connection:
            yield home, connection
    finally:
        ledger.close()
