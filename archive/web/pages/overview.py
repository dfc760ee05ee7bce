"""All series of the home as `/` orders and counts them, kept for a moment while nothing in the home changes.

Takes   the Room, a connection of its ledger. Gives: an Overview. Writes nothing.

How 5,000 series stand costs 0.5 s of CPU to tell, however few of them a page shows; so it is told once for all pages that are
asked for within some seconds, unless the ledger or the service says something new meanwhile.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from time import monotonic
from typing import Any, Final

from ...ledger import shelf
from ...ledger.queries import Connection
from ...ledger.standing import change_mark
from ..room import Room
from .health import Health, health, standing

_AGE_S: Final = 10.0  # what is overdue, and who crawls, changes without a word in the ledger


@dataclass(frozen=True, slots=True)
class Line:
    """One series before its instalments are asked for. told: views.status of it. last: of shelf.last_changes."""

    id: str
    title: str
    told: Mapping[str, Any]
    health: Health
    last: tuple[int, str] | None


@dataclass(slots=True)
class Overview:
    """All series at one moment. What few pages want of all of them is asked for when the first one does."""

    lines: list[Line]
    _about: dict[str, dict[str, Any]] | None = None
    _spans: dict[str, tuple[str, str]] | None = None

    def about(self, connection: Connection) -> dict[str, dict[str, Any]]:
        """Give shelf.about of all."""
        if self._about is None:
            self._about = shelf.about(connection)
        return self._about

    def spans(self, connection: Connection) -> dict[str, tuple[str, str]]:
        """Give shelf.spans of all."""
        if self._spans is None:
            self._spans = shelf.spans(connection)
        return self._spans


class Overviews:
    """The last Overview of a room, and whether it still holds. Threads may ask at once: at worst each makes its own."""

    def __init__(self, room: Room) -> None:
        self._room = room
        self._kept: tuple[object, float, Overview] | None = None

    def now(self, connection: Connection) -> Overview:
        """Give the Overview of this moment."""
        mark = self._mark(connection)  # before anything is read: what is written meanwhile makes another mark
        kept = self._kept
        if kept is not None and kept[0] == mark and monotonic() - kept[1] < _AGE_S:
            return kept[2]
        begun = monotonic()
        told = standing(self._room, connection, datetime.now(UTC))
        last = shelf.last_changes(connection)
        found = Overview([Line(one["id"], one["title"], one, health(one), last.get(one["id"])) for one in told])
        self._kept = mark, begun, found
        return found

    def _mark(self, connection: Connection) -> object:
        """Give what differs where ledger or service have said something new."""
        home = self._room.home
        if connection.dialect.name != "sqlite":
            return change_mark(connection), _stamp(home.service_state)
        log = home.ledger.with_name(f"{home.ledger.name}-wal")
        return _stamp(home.ledger), _stamp(log), _stamp(home.service_state)


def _stamp(path: os.PathLike[str]) -> tuple[int, int, int]:
    try:
        told = os.stat(path)  # noqa: PTH116 - any path
    except OSError:
        return 0, 0, 0
    return told.st_ino, told.st_mtime_ns, told.st_size
