"""What the history says of the copies in an object store: `damaged`, `repaired`, `verified`, each path with the store's name.

Takes   what a verification of one store found, by key. Gives: nothing.
Writes  events, only of what changed since it was told last.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from ..home import Home
from ..ledger.fixity import tell, told_before
from ..ledger.store import Ledger
from ..upload import evidence_of


@dataclass(slots=True)
class Found:
    """What was found of one series in a store: keys. repaired: of those that were wrong."""

    whole: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    repaired: list[str] = field(default_factory=list)


def tell_of_store(home: Home, ledger: Ledger, store: str, series: str, found: Found) -> None:
    """Add the events of one series. store: its name.

    A WARC is told to be whole the first time, and any file where it was damaged the last time.
    """
    with ledger.read() as connection:
        before = {path: kind for path, (kind, _) in told_before(connection, series).items()}

    def news(kind: str, keys: Iterable[str]) -> tuple[str, list[str], list[str]]:
        named = sorted(keys)
        return kind, [f"{store}/{key}" for key in named], evidence_of(home, named)

    fresh = [news("damaged", [key]) for key in sorted(found.wrong) if before.get(f"{store}/{key}") != "damaged"]
    fresh += [news("repaired", [key]) for key in sorted(found.repaired)]
    new = {key for key in found.whole if key.startswith("warc/") and f"{store}/{key}" not in before}
    good = [key for key in found.whole if key in new or before.get(f"{store}/{key}") == "damaged"]
    fresh += [news("verified", good)] if good else []
    if fresh:
        with ledger.write() as connection:
            tell(connection, series, datetime.now(UTC), fresh)
