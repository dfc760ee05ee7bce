"""What the object stores hold, as far as it was read back and compared.

Takes   a connection of the ledger (store.py).
Gives   KeptObject by key; how many closed WARCs a store lacks.
Writes  rows of `objects`, and the event `uploaded`. A store is named as archive.store.store_name has it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields

from sqlalchemy import Connection, and_, bindparam, delete, func, select

from . import writing
from .schema import FILES, OBJECTS

_ENV = "env:"
_REMOVE = delete(OBJECTS).where(OBJECTS.c.store == bindparam("of_store"), OBJECTS.c.key == bindparam("of_key"))


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


_NAMES = tuple(field.name for field in fields(KeptObject))
_COLUMNS = [OBJECTS.c[name] for name in _NAMES]


def kept_objects(connection: Connection, store: str, series: str | None) -> dict[str, KeptObject]:
    """Give the objects of a series (None: those of the home itself) in a store by key."""
    query = select(*_COLUMNS).where(OBJECTS.c.store == store, OBJECTS.c.series.is_not_distinct_from(series))
    return {row["key"]: KeptObject(**row) for row in connection.execute(query).mappings()}


def verified_objects(connection: Connection) -> list[KeptObject]:
    """Give all objects that were read back, of all stores and series."""
    rows = connection.execute(select(*_COLUMNS).where(OBJECTS.c.verified.is_not(None))).mappings()
    return [KeptObject(**row) for row in rows]


def stores_of(connection: Connection, key: str) -> list[str]:
    """Name the stores in which an object was verified, the last one first."""
    query = select(OBJECTS.c.store).where(OBJECTS.c.key == key, OBJECTS.c.verified.is_not(None))
    return list(connection.execute(query.order_by(OBJECTS.c.verified.desc(), OBJECTS.c.store)).scalars())


def put_objects(connection: Connection, rows: Iterable[KeptObject]) -> None:
    """Write rows, in place of those of the same keys; of several of one key the last counts."""
    # Two statements for all: one each was a quarter of what an upload of small files costs.
    values = {(row.store, row.key): {name: getattr(row, name) for name in _NAMES} for row in rows}
    if values:
        connection.execute(_REMOVE, [{"of_store": store, "of_key": key} for store, key in values])
        writing.insert(connection, OBJECTS, list(values.values()))


def last_verified(connection: Connection, store: str) -> tuple[str | None, str | None]:
    """Give when the newest ledger copy in a store was sent, and when the newest other object there was verified."""
    verified = and_(OBJECTS.c.store == store, OBJECTS.c.verified.is_not(None))
    copies = select(func.max(OBJECTS.c.sent)).where(
        verified, OBJECTS.c.series.is_(None), OBJECTS.c.key.like("ledger/%")
    )
    others = select(func.max(OBJECTS.c.verified)).where(verified, OBJECTS.c.key.not_like("ledger/%"))
    return connection.execute(copies).scalar(), connection.execute(others).scalar()


def held_warcs(connection: Connection, wanted: str | None = None) -> dict[str, dict[str, int]]:
    """Count the closed WARCs of each series, or of one, that are in a store as they were closed: {series: {store: how many}}."""
    # The name is taken from the key, so that each object is one look-up among the files, and not each file one among the objects.
    name = func.substr(OBJECTS.c.key, func.length("warc/" + OBJECTS.c.series + "/") + 1)
    same = and_(FILES.c.series == OBJECTS.c.series, FILES.c.name == name, FILES.c.sha256 == OBJECTS.c.sha256)
    query = (
        select(OBJECTS.c.series, OBJECTS.c.store, func.count())
        .join(FILES, same)
        .where(OBJECTS.c.verified.is_not(None), OBJECTS.c.key.like("warc/%"))
        .group_by(OBJECTS.c.series, OBJECTS.c.store)
    )
    held: dict[str, dict[str, int]] = {}
    for series, store, files in connection.execute(
        query if wanted is None else query.where(OBJECTS.c.series == wanted)
    ):
        held.setdefault(series, {})[store] = files
    return held


def pending(files: int, url: str, held: Mapping[str, int]) -> int:
    """Say how many of a series' closed WARCs its store lacks. url: as the profile writes it. held: {store: how many of them}.

    Of an address from the environment the value is not known here: then the store that has most of them counts.
    """
    if not url.startswith(_ENV):
        return files - held.get(url.rstrip("/"), 0)
    return files - max((count for store, count in held.items() if store.startswith(f"{url}#")), default=0)
