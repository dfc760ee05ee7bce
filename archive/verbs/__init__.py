"""The verbs of this room, one file a verb: each gives a click command named `command`, which has the Config as its object.

A module imports at its top only what `--help` needs; the ledger and the cleaner are imported when the verb is done.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from ..config import Config
from ..home import Home

if TYPE_CHECKING:
    from ..ledger.queries import Connection


@contextmanager
def reading(config: Config) -> Iterator[tuple[Home, Connection]]:
    """Open the home and lend a connection for queries. Raises HomeError."""
    from ..ledger.store import open_ledger

    home = Home(config.home).make()
    ledger = open_ledger(home.root, create=True)
    try:
        with ledger.read() as connection:
            yield home, connection
    finally:
        ledger.close()
