"""Which series goes to which object store.

Takes   the ledger's series, each with the profile that the home remembers; the home's config.toml.
Gives   Place: a store and the series whose files it gets.
Writes  nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ..errors import UsageError
from ..home import Home
from ..ledger.queries import Connection, series
from ..store import default_url, store_name, url_of


@dataclass(slots=True)
class Place:
    """One store. url: as the profile writes it. name: as the ledger and messages have it."""

    url: str
    name: str
    series: list[str] = field(default_factory=list)


def places(connection: Connection, home: Home, environ: Mapping[str, str]) -> list[Place]:
    """Name the stores of a home, in the order of their first series.

    One whose env:NAME is not set is among them: opening it tells so, and the others are not hindered.
    """
    usual = default_url(home)
    found: dict[str, Place] = {}
    for row in series(connection):
        if url := url_of(row["profile"]) or usual:
            name = store_name(url, environ)
            found.setdefault(name, Place(url, name)).series.append(row["id"])
    return list(found.values())


def no_store(home: Home, *, known: bool) -> UsageError:
    """Make the error to raise where places() names none. known: the home has series."""
    if not known:
        return UsageError(f"{home.root}: no series yet, nothing to upload", action="lianzai crawl PROFILE")
    return UsageError(
        f"{home.root}: no series says where to: [store] url is not set",
        action=f'[store] url = "s3://bucket/prefix" or "file:///path" in {home.config}',
    )
