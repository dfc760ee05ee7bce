"""The time axis of a series' plot: one scale, or two with a named gap where publication and capture lie years apart.

Takes   moments, the width in pixels. Gives: panels that turn a moment into a place, and their ticks. Writes nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Final
from zoneinfo import ZoneInfo

Both = tuple[str, str]  # in Chinese, in English

_LOCAL: Final = ZoneInfo("Asia/Shanghai")  # as the foot of every page says
_GAP_PX: Final = 96  # between two panels, for the words of the gap
_WIDE: Final = timedelta(days=120)  # a gap that deserves two scales: as long, and half of all
_LEAST: Final = timedelta(days=2)  # of a panel
_TICK_PX: Final = 76  # least distance of two ticks
_MONTHS: Final = (1, 2, 3, 6, 12, 24, 60, 120, 240, 600)
_DAYS: Final = (1, 2, 7)


@dataclass(frozen=True, slots=True)
class Panel:
    """One scale. begin, end: moments at its edges; left, right: pixels."""

    begin: datetime
    end: datetime
    left: float
    right: float

    def place(self, moment: datetime) -> float:
        """Give the pixel of a moment; what lies outside stands at the edge."""
        part = (moment - self.begin) / (self.end - self.begin)
        return round(self.left + min(max(part, 0.0), 1.0) * (self.right - self.left), 1)

    def ticks(self) -> list[tuple[float, Both]]:
        """Give the places of its ticks, with their words."""
        room = max(int((self.right - self.left) / _TICK_PX), 1)
        days = (self.end - self.begin).days
        step = next((step for step in _DAYS if days / step <= room), None)
        if step is not None:
            return [(self.place(day), (f"{day:%m-%d}", f"{day:%m-%d}")) for day in self._days(step)]
        step = next((step for step in _MONTHS if days / 30.4 / step <= room), _MONTHS[-1])
        return [(self.place(month), _month_words(month, step)) for month in self._months(step)]

    def _days(self, step: int) -> Iterator[datetime]:
        day = self.begin.astimezone(_LOCAL).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
        while day <= self.end:
            yield day
            day += timedelta(days=step)

    def _months(self, step: int) -> Iterator[datetime]:
        first = self.begin.astimezone(_LOCAL)
        number = first.year * 12 + first.month  # the month after the first
        number += -number % step
        while number // 12 <= 9999:
            month = datetime(number // 12, number % 12 + 1, 1, tzinfo=_LOCAL)
            if month > self.end:
                return
            yield month
            number += step


def _month_words(month: datetime, step: int) -> Both:
    if step >= 12:
        return f"{month.year} 年", f"{month.year}"
    return (f"{month.year} 年 {month.month} 月" if month.month == 1 else f"{month.month} 月"), f"{month:%Y-%m}"


def panels(moments: Sequence[datetime], left: float, right: float) -> tuple[list[Panel], Both | None]:
    """Lay out the axis. moments: at least one. Returns one panel, or two and the words of the gap between them."""
    known = sorted(moments)
    gap, before, behind = max(((b - a, a, b) for a, b in pairwise(known)), default=(timedelta(0), known[0], known[0]))
    whole = known[-1] - known[0]
    if gap < _WIDE or gap < whole / 2:
        return [_panel(known[0], known[-1], left, right)], None
    first, second = max(before - known[0], _LEAST), max(known[-1] - behind, _LEAST)
    room = right - left - _GAP_PX
    share = min(max(first / (first + second), 0.3), 0.7)
    middle = left + room * share
    return [
        _panel(known[0], before, left, middle),
        _panel(behind, known[-1], middle + _GAP_PX, right),
    ], _gap_words(gap)


def _panel(begin: datetime, end: datetime, left: float, right: float) -> Panel:
    pad = max((end - begin) / 40, (_LEAST - (end - begin)) / 2, timedelta(hours=12))
    return Panel(begin - pad, end + pad, left, right)


def _gap_words(gap: timedelta) -> Both:
    years, months = divmod(round(gap.days / 30.44), 12)
    chinese = (f"{years} 年" if years else "") + (f" {months} 个月" if months else "")
    english = " ".join(part for part in (f"{years} y" if years else "", f"{months} mo" if months else "") if part)
    return f"相隔 {chinese.strip()}", f"{english} apart"
