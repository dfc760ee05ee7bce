"""How runs ended by the ledger: those by hand and by timers too, of which the service has no child.

Takes   a connection of the ledger, the wall clock.
Gives   each run that has ended since it was looked at last: whether it was good, or why not.
Writes  nothing.

A run is seen when it begins, by its id, which is its start; until it has an end it is asked for again, two days at most.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from archive.ledger.rows import time_of
from archive.ledger.standing import runs_begun

if TYPE_CHECKING:
    from archive.ledger.queries import Connection

_BEFORE_START = timedelta(hours=2)  # a crawl that a service finds under way: fetch.max_seconds is an hour
_OVERLAP = timedelta(minutes=1)  # an id is made a moment before its row is
_LONGEST = timedelta(days=2)
_GOOD = "done"


@dataclass(frozen=True, slots=True)
class End:
    """A run that ended. reason: None where it went to its end and nothing failed."""

    series: str
    started: datetime
    finished: datetime
    reason: str | None
    detail: str


class Ends:
    """The ends of runs, by the ledger."""

    def __init__(self) -> None:
        self._looked: datetime | None = None
        self._open: dict[str, datetime] = {}  # runs that have no end yet, with their start
        self._ended: list[End] = []

    def look(self, connection: Connection, now: datetime) -> None:
        """Look what has ended. now: wall clock."""
        since = now - _BEFORE_START if self._looked is None else min(self._looked, now) - _OVERLAP
        self._open = {run: at for run, at in self._open.items() if now - at < _LONGEST}
        for row in runs_begun(connection, f"{since:%Y%m%d%H%M%S}", self._open):
            started = time_of(row["started"])
            if row["finished"] is None:
                self._open[row["id"]] = started
                continue
            self._open.pop(row["id"], None)
            if row["reason"] is not None or row["outcome"] == _GOOD:  # one that was told to end says nothing
                self._ended.append(End(row["series"], started, time_of(row["finished"]), row["reason"], row["detail"]))
        self._looked = now

    def taken(self) -> list[End]:
        """Give the ends that were seen and not yet taken; one may come twice."""
        ended, self._ended = self._ended, []
        return ended
