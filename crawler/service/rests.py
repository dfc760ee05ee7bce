"""Which series are not to be crawled for now, as their site wants to be left alone.

Takes   the plan, which has what each series' records tell; the budgets of hosts, which have what any crawl of the home was told.
Gives   until when.
Writes  nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime

from archive.home import Home
from archive.http import rest_stands

from ..budget import file_name, resting, resting_until
from .plan import Planned


class Rests:
    """The rests that sites asked for."""

    def __init__(self, home: Home, now: Callable[[], datetime]) -> None:
        self._home, self._now = home, now

    def until(self, planned: Planned) -> datetime | None:
        """Tell until when a series is to be left alone; None where it is not."""
        told = resting_until(self._home.hosts, planned.host) if planned.host is not None else None
        own = planned.blocked_until if rest_stands(planned.blocked_until, self._now()) else None
        of_host = None if told is None else datetime.fromtimestamp(told, UTC)
        return max((one for one in (own, of_host) if one is not None), default=None)

    def hosts(self, planned: Iterable[Planned]) -> int:
        """Count the hosts that are to be left alone, each once however many series it has."""
        now = self._now()
        own = {file_name(one.host or one.series) for one in planned if rest_stands(one.blocked_until, now)}
        return len(own | resting(self._home.hosts))
