"""What the object stores hold, as far as it was read back and compared.

Takes   a connection of the ledger (store.py).
Gives   KeptObject by key; how many closed WARCs a store lacks.
Writes  rows of `objects`, and the event `uploaded`. A store is named as archive.store.store_name has it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass

from sqlalchemy import Connection, and_, delete, func, insert, select

from .schema import FILES, OBJECTS

_ENV = "env:"


@dataclass(frozen=True, slots=True)
class KeptObject:
    """One object of a store. Times as the ledger spells them (rows.time_text).

    key: relative to the store's prefix: a path in the home, or `ledger/…`. sha256: "sha256:<hex>" of what was sent. sent: when
    the file was opened to be sent. verified: when it was read back with that digest, None before. failed: why it could not be
    sent the last time.
    """

    store: str
    key: str
    series: str | None
    bytes: int
    sha256: str
    sent: str | None = None
    verified: str | None = None
    failed: str | None = None


def kept_objects(connection: Connection, store: str, series: str | None) -> dict[str, KeptObject]:
    """Give the objects of a series (None: those of the home itself) in a store by key."""
    query = select(OBJECTS).where(OBJECTS.c.store == store, OBJECTS.c.series.is_not_distinct_from(series))
    return {row["key"]: KeptObject(**row) for row in connection.execute(query).mappings()}


def stores_of(connection: Connection, key: str) -> list[str]:
    """Name the stores in which an object was verified, the last one first."""
    query = select(OBJECTS.c.store).where(OBJECTS.c.key == key, OBJECTS.c.verified.is_not(None))
    return list(connection.execute(query.order_by(OBJECTS.c.verified.desc(), OBJECTS.c.store)).scalars())


def put_objects(connection: Connection, rows: Iterable[KeptObject]) -> None:
    """Write rows, in place of those of the same keys."""
    for row in rows:
        connection.execute(delete(OBJECTS).where(OBJECTS.c.store == row.store, OBJECTS.c.key == row.key))
        connection.execute(insert(OBJECTS).values(**asdict(row)))


def last_verified(connection: Connection, store: str) -> tuple[str | None, str | None]:
    """Give when the newest ledger copy in a store was sent, and when the newest other object there was verified."""
    verified = and_(OBJECTS.c.store == store, OBJECTS.c.verified.is_not(None))
    copies = select(func.max(OBJECTS.c.sent)).where(
        verified, OBJECTS.c.series.is_(None), OBJECTS.c.key.like("ledger/%")
    )
    others = select(func.max(OBJECTS.c.verified)).where(verified, OBJECTS.c.key.not_like("ledger/%"))
    return connection.execute(copies).scalar(), connection.execute(others).scalar()


def held_warcs(connection: Connection) -> dict[tuple[str, str], int]:
    """Count the closed WARCs that are in a store as they were closed: {(series, store): how many}."""
    same = and_(
        OBJECTS.c.series == FILES.c.series,
        OBJECTS.c.key == "warc/" + FILES.c.series + "/" + FILES.c.name,
        OBJECTS.c.sha256 == FILES.c.sha256,
        OBJECTS.c.verified.is_not(None),
    )
    query = select(FILES.c.series, OBJECTS.c.store, func.count().label("files")).join(OBJECTS, same)
    rows = connection.execute(query.group_by(FILES.c.series, OBJECTS.c.store))
    return {(row.series, row.store): row.files for row in rows}


def pending(files: int, series: str, url: str, held: Mapping[tuple[str, str], int]) -> int:
    """Say how many of a series' closed WARCs its store lacks. url: as the profile writes it.

    Of an address from the environment the value is not known here: then the store that has most of them counts.
    """
    name = f"{url}#" if url.startswith(_ENV) else url.rstrip("/")
    found = [
        count
        for (of, store), count in held.items()
        if of == series and (store.startswith(name) if url.startswith(_ENV) else store == name)
    ]
    return files - max(found, default=0)
