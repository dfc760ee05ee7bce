"""Which capture answers: the nearest in time of those that are the same page.

Takes   the captures under one key, oldest first, an address, a time as asked.
Gives   Mementos: those of them that can be shown, and their neighbours.
Writes  nothing.

A 304 says only that an earlier capture still held, so none is a memento of its own. One second can hold several captures, of two
series or of http and https: they share an address below /web/, and the best of them answers there.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cached_property

from ...index.lookup import Indexed, Lines
from ...index.same import same_address

_SHAPES = {4: "%Y", 6: "%Y%m", 8: "%Y%m%d", 10: "%Y%m%d%H", 12: "%Y%m%d%H%M", 14: "%Y%m%d%H%M%S"}
_NOT_MODIFIED = 304


class Mementos:
    """The mementos of one original. Captures are looked at only as far as it is asked."""

    def __init__(self, lines: Lines, url: str) -> None:
        self._lines, self._url = lines, url

    @property
    def lines(self) -> int:
        """How many captures there are under the key, all counted."""
        return len(self._lines)

    def __iter__(self) -> Iterator[Indexed]:
        """Give them all, oldest first, one a second."""
        last = ""
        for at in range(len(self._lines)):
            if self._fits(at) and self._lines[at].time != last:
                last = self._lines[at].time
                yield self._best(at)

    @cached_property
    def first(self) -> Indexed | None:
        """The oldest, None where there is none at all."""
        return self._next(0)

    @cached_property
    def last(self) -> Indexed | None:
        """The newest."""
        return self._before(len(self._lines))

    def after(self, moment: str) -> Indexed | None:
        """Give the next one after a time. moment: 14 digits."""
        return self._next(self._lines.first_from(f"{int(moment) + 1:014}"))

    def before(self, moment: str) -> Indexed | None:
        """Give the last one before a time."""
        return self._before(self._lines.first_from(moment))

    def at(self, moment: str) -> Indexed | None:
        """Give the one of exactly that second."""
        found = self._next(self._lines.first_from(moment))
        return found if found is not None and found.time == moment else None

    def nearest(self, begin: datetime, end: datetime) -> Indexed | None:
        """Give the nearest to a period, the first within it where there is one; of two as near, the older."""
        within = self._next(self._lines.first_from(begin.strftime("%Y%m%d%H%M%S").rjust(14, "0")))
        if within is not None and datetime_of(within.time) <= end:
            return within
        earlier = self.before(begin.strftime("%Y%m%d%H%M%S").rjust(14, "0"))
        if within is None or earlier is None:
            return within or earlier
        return earlier if begin - datetime_of(earlier.time) <= datetime_of(within.time) - end else within

    def around(self, begin: datetime, end: datetime) -> Iterator[Indexed]:
        """Give them all, several of one second too, the nearest to a period first."""

        def distance(one: Indexed) -> timedelta:
            moment = datetime_of(one.time)
            return max(begin - moment, moment - end, timedelta())

        return iter(sorted((self._lines[at] for at in range(len(self._lines)) if self._fits(at)), key=distance))

    def other_spelling(self) -> str | None:
        """Give an address that was captured under the same key, where this one never was: of another case, or without a slash."""
        if self.first is not None:
            return None
        places = range(len(self._lines) - 1, -1, -1)
        return next((self._lines[at].url for at in places if self._lines[at].status != _NOT_MODIFIED), None)

    def _fits(self, at: int) -> bool:
        one = self._lines[at]
        return one.status != _NOT_MODIFIED and same_address(one.url, self._url)

    def _next(self, at: int) -> Indexed | None:
        return next((self._best(place) for place in range(at, len(self._lines)) if self._fits(place)), None)

    def _before(self, at: int) -> Indexed | None:
        place = next((place for place in range(at - 1, -1, -1) if self._fits(place)), None)
        return None if place is None else self.at(self._lines[place].time)

    def _best(self, at: int) -> Indexed:
        """Choose among the captures of one second: the address as asked, then what is no redirect or error."""
        time, end = self._lines[at].time, at + 1
        while end < len(self._lines) and self._lines[end].time == time:
            end += 1
        if end == at + 1:
            return self._lines[at]
        found = [self._lines[place] for place in range(at, end) if self._fits(place)]
        return min(found, key=lambda one: (one.url != self._url, (one.status or 200) // 100 != 2))


def datetime_of(moment: str) -> datetime:
    """Read 14 digits. A time that no calendar has (by others) is the nearest before it."""
    year, month, day, hour, minute, second = (
        int(moment[a:b]) for a, b in ((0, 4), (4, 6), (6, 8), (8, 10), (10, 12), (12, 14))
    )
    try:
        return datetime(max(year, 1), month, day, hour, minute, min(second, 59), tzinfo=UTC)
    except ValueError:
        return datetime(max(year, 1), 1, 1, tzinfo=UTC)


def period(asked: str) -> tuple[datetime, datetime] | None:
    """Read a time as asked: the first and last second of what it names; None where no calendar has it.

    asked: 4 to 14 digits; what is longer than a whole number of parts is read up to it.

    >>> [str(one) for one in period("201802")]
    ['2018-02-01 00:00:00+00:00', '2018-02-28 23:59:59+00:00']
    """
    length = len(asked) - len(asked) % 2
    if length not in _SHAPES:
        return None
    try:
        begin = datetime.strptime(asked[:length], _SHAPES[length]).replace(tzinfo=UTC)
    except ValueError:
        return None
    try:
        match length:
            case 4:
                after = begin.replace(year=begin.year + 1)
            case 6:
                after = (begin + timedelta(days=31)).replace(day=1)
            case 14:
                return begin, begin
            case _:
                after = begin + {8: timedelta(days=1), 10: timedelta(hours=1), 12: timedelta(minutes=1)}[length]
    except (ValueError, OverflowError):  # the last year that the calendar has
        return begin, datetime.max.replace(tzinfo=UTC)
    return begin, after - timedelta(seconds=1)
