"""The captures that imports brought into one series: which of them wait to be read, and where the payloads of revisits lie.

Takes   addresses, as WARC-Target-URI has them; what a revisit tells of its original.
Gives   the captures of these addresses that have said nothing yet; responses, with the digests that they tell.
Writes  nothing. What waits is put down, and marked as read, by the saves of a series (series.py).

A capture waits from its import on until its address is something in the series: the column `unread` has that address, and
is empty in all other rows. So a series without such captures is asked one question a run, and an index answers it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, RowMapping, select

from ..model import Capture
from .queries import capture_of
from .rows import time_text
from .schema import CAPTURES
from .store import Ledger

_MANY = 500  # values in one query: an old SQLite takes 999


@dataclass(frozen=True, slots=True)
class Waiting:
    """A capture that has said nothing yet. run: of the import that brought it."""

    run: str | None
    capture: Capture


@dataclass(frozen=True, slots=True)
class Told:
    """A capture that a revisit may refer to. digest: of its payload as its record tells it, "" where it does not."""

    capture: Capture
    digest: str


class Others:
    """The captures by others in one series."""

    def __init__(self, ledger: Ledger, series: str) -> None:
        self._ledger, self._series = ledger, series

    def unread(self) -> bool:
        """Tell whether any capture waits."""
        query = select(CAPTURES.c.series).where(CAPTURES.c.series == self._series, CAPTURES.c.unread.is_not(None))
        with self._ledger.read() as c:
            return c.execute(query.limit(1)).first() is not None

    def waiting(self, urls: Sequence[str]) -> Iterator[Waiting]:
        """Give the captures of these addresses that wait, in no order."""
        query = select(CAPTURES).where(CAPTURES.c.series == self._series)
        for start in range(0, len(urls), _MANY):
            some = query.where(CAPTURES.c.unread.in_(urls[start : start + _MANY]))
            with self._ledger.read() as c:
                rows = c.execute(some, execution_options={"yield_per": _MANY}).mappings()
                yield from (Waiting(row["run"], capture_of(row)) for row in rows)

    def named(self, record_id: str) -> Told | None:
        """Give the capture of that record id, or None."""
        return self._first(CAPTURES.c.record_id == record_id)

    def at(self, url: str, fetched: datetime) -> Told | None:
        """Give the response of an address and time, or None."""
        return self._first(CAPTURES.c.url == url, CAPTURES.c.fetched == time_text(fetched), _RESPONSE)

    def telling(self, digest: str) -> Told | None:
        """Give the oldest whole response with a payload of that digest, as its record tells it, else as we do, or None."""
        whole = (_RESPONSE, CAPTURES.c.truncated.is_(None))
        # Two questions, each of an index of its own: SQLite answers one with OR by reading the whole series.
        return self._first(CAPTURES.c.told == digest, *whole) or self._first(CAPTURES.c.digest == digest, *whole)

    def _first(self, *where: ColumnElement[bool]) -> Told | None:
        order = (CAPTURES.c.fetched, CAPTURES.c.file, CAPTURES.c.offset, CAPTURES.c.record_id)
        query = select(CAPTURES).where(CAPTURES.c.series == self._series, *where).order_by(*order).limit(1)
        with self._ledger.read() as c:
            row = c.execute(query).mappings().first()
        return None if row is None else _told(row)


_RESPONSE = CAPTURES.c.type == "response"


def _told(row: RowMapping) -> Told:
    return Told(capture_of(row), row["told"] or row["digest"])
