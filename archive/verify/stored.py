"""What the object stores of a home have, for whom nothing nearer has it.

Takes   a home, its ledger, the environment.
Gives   the bytes of an object, read as they come; which stores could not be used, each told once.
Writes  nothing. No store is asked before a byte of it is wanted.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress

from ..errors import StoreError, UsageError
from ..home import Home
from ..ledger.store import Ledger
from ..store import Store, open_store
from ..upload import Place, places


class Stored:
    """The stores that the series of a home name. unreached: store -> why it could not be used."""

    def __init__(self, home: Home, ledger: Ledger, environ: Mapping[str, str]) -> None:
        self._home, self._ledger, self._environ = home, ledger, environ
        self._places: list[Place] | None = None  # until they are asked for
        self._open: dict[str, Store] = {}
        self.unreached: dict[str, str] = {}

    def read(self, key: str, size: int) -> Iterator[bytes]:
        """Read the first `size` bytes of an object; none where there is none, its beginning where it broke off."""
        series = key.split("/")[1]
        for place in self._found():
            if series in place.series and place.name not in self.unreached:
                try:
                    with suppress(FileNotFoundError):
                        yield from self._store(place).read(key, 0, size)
                except (StoreError, UsageError) as error:
                    self._unreached(place.name, error)

    def close(self) -> None:
        """Close all connections."""
        for store in self._open.values():
            store.close()

    def _found(self) -> list[Place]:
        if self._places is None:
            with self._ledger.read() as connection:
                self._places = places(connection, self._home, self._environ)
        return self._places

    def _store(self, place: Place) -> Store:
        if place.name not in self._open:
            store = self._open[place.name] = open_store(place.url, self._environ)
            store.reach()
        return self._open[place.name]

    def _unreached(self, name: str, error: StoreError | UsageError) -> None:
        self.unreached[name] = error.message
