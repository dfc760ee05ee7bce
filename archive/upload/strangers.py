"""Whether another home's WARCs of a series lie where its first upload is about to go.

Takes   a store, the home, its ledger's rows.
Gives   the keys that are not of this home.
Writes  nothing.

A home that was lost, and crawled anew instead of being rebuilt, would else be mixed with the old one: index and text replaced,
two WARCs of each serial. A listing that lacks something proves nothing, and nothing follows from that; it is asked until the
first object of the series is on its way.
"""

from __future__ import annotations

from ..errors import StoreError
from ..home import Home
from ..ledger.holdings import held_files
from ..ledger.objects import kept_objects
from ..ledger.queries import Connection
from ..store import Store


def strangers(connection: Connection, home: Home, store: Store, series: str) -> list[str]:
    """Give the keys of the series' WARCs in the store that this home does not know; [] where it has sent there already.

    Raises StoreError where the store does not answer; who may send may be forbidden to list.
    """
    if any(one.sent for one in kept_objects(connection, store.name, series).values()):
        return []
    folder, known = f"warc/{series}/", set(held_files(connection, series))
    try:
        names = [key.removeprefix(folder) for key, _ in store.list(folder)]
    except StoreError as error:
        if "AccessDenied" in error.message:
            return []
        raise
    ours = (name for name in names if name.startswith(f"{series}-") and name.endswith(".warc.gz") and "/" not in name)
    return [folder + name for name in sorted(ours) if name not in known and not (home.warc(series) / name).exists()]
