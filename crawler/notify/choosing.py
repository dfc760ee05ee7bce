"""What of all that there is to tell an address is told now.

Takes   matters; what the address was told and when; the time. Gives: those that it is told now, what it can forget.
Writes  nothing.

What happened in a run is told once, by the run's id (Runs). What stands is told at once, and again after a day; one
that went away and came back within that day is the same. That a series is complete is told once each time that it becomes so.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from archive.ledger.notices import RUN, Key

from .matters import STANDING, Matter

AGAIN: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Runs:
    """The runs whose events an address is to be told: those of these ids, and all behind `between[0]` up to `between[1]`."""

    ids: tuple[str, ...]
    between: tuple[str, str] | None


def runs_to_tell(memory: Mapping[Key, str | None], run: str | None) -> Runs:
    """Choose runs: the one that has just ended, those that the address would not take, and those that were killed in between.

    memory: {(kind, subject): when it was told, None where it waits}. run: the id of the one that has ended, or None: then
    a run that goes on now is left alone. An address that was never told anything begins with this run. Where the clock was
    set back this id sorts before the last one; then it is told by its id alone.
    """
    waiting = {subject for (kind, subject), told in memory.items() if kind == RUN and told is None}
    mark = mark_of(memory)
    chosen = waiting | ({run} if run is not None else set())
    if mark is None or not chosen:
        return Runs(tuple(sorted(chosen)), None)
    return Runs(tuple(sorted(chosen)), (mark, run if run is not None else max(chosen)))


def mark_of(memory: Mapping[Key, str | None]) -> str | None:
    """Give the last run whose events an address was told."""
    return max((subject for (kind, subject), told in memory.items() if kind == RUN and told), default=None)


def mark_after(memory: Mapping[Key, str | None], run: str | None) -> str | None:
    """Give the mark once an address was told all that runs_to_tell chose: no later run may choose any of them again."""
    return max([subject for kind, subject in memory if kind == RUN] + ([] if run is None else [run]), default=None)


def untold(matters: Iterable[Matter], memory: Mapping[Key, datetime], now: datetime) -> list[Matter]:
    """Leave out what stands and was told within a day, and a completeness that was told.

    memory: {(kind, subject): when it was told}. A time of more than a day ahead, by a clock that was wrong, counts as long ago.
    """

    def is_due(matter: Matter) -> bool:
        told = memory.get((matter.kind, matter.subject))
        if told is None or matter.kind not in STANDING | {"complete"}:
            return True
        return matter.kind in STANDING and is_past(told, now)

    return [matter for matter in matters if is_due(matter)]


def to_forget(matters: Iterable[Matter], memory: Mapping[Key, datetime], now: datetime) -> list[Key]:
    """Name what is over and was told more than a day ago: where it comes again it is new."""
    standing = {(matter.kind, matter.subject) for matter in matters}
    return [key for key, told in memory.items() if key[0] != RUN and key not in standing and is_past(told, now)]


def is_past(told: datetime, now: datetime) -> bool:
    """Say whether something was told so long ago that it can be told again."""
    return abs(now - told) >= AGAIN
