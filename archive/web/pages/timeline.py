"""The timeline of a series: publication and every event in lanes, as marks that are links.

Takes   Slots, events, when it is. Gives: a Plot in pixels, which the template draws as SVG. Writes nothing.

Marks of a lane that would stand upon each other become one, which tells how many it is and leads to the list.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from ..room import local
from .scales import Panel, panels
from .slots import Slot
from .wording import address, mark, sentence

Both = tuple[str, str]  # in Chinese, in English

WIDTH: Final = 1100
LEFT, RIGHT = 92.0, 1080.0
LANES: Final[tuple[tuple[int, Both], ...]] = (
    (44, ("刊发", "published")),
    (86, ("采集", "captured")),
    (128, ("修订", "revised")),
    (170, ("撤下·复现", "withdrawn")),
    (212, ("失败·补回", "failed")),
)
# The lane of each kind of event, and its shape; the graver shape wins where marks become one.
_KINDS: Final[dict[str, tuple[int, str]]] = {
    "found": (1, "seen"), "captured": (1, "cap"), "moved": (1, "seen"), "revised": (2, "rev"), "gone": (3, "away"),
    "withdrawn": (3, "wd"), "restored": (3, "rs"), "unlisted": (3, "away"), "listed": (3, "rs"), "failed": (4, "fl"),
    "blocked": (4, "fl"), "damaged": (4, "fl"), "recovered": (4, "rc"), "repaired": (4, "rc"),
}  # fmt: skip
KINDS: Final = tuple(_KINDS)
_GRAVITY: Final = ("fl", "wd", "away", "rs", "rc", "rev", "cap", "seen", "pub")
_APART: Final = 17  # pixels; nearer marks become one
_LETTER_PX: Final = (8, 12)  # width of a Latin character, and of a Chinese one
_BESIDE_PX: Final = 20  # from the middle of a mark over the letters beside it to the next mark, without the letters
_NAMED: Final = 6  # of those that became one, how many are named


@dataclass(frozen=True, slots=True)
class Mark:
    """One mark. shape: as style.css and the template have it. letter: beside it, "" for none. many: marks that it stands for."""

    x: float
    y: int
    shape: str
    label: Both
    address: str
    letter: str
    many: int = 1


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of the first lane: instalments whose date is not known, or time in which one is overdue.

    name: short, to stand above it.
    """

    x: float
    width: float
    label: Both
    name: Both
    address: str


@dataclass(frozen=True, slots=True)
class Plot:
    """All that is drawn. ticks: place and words. gap: its middle and words. now: where today is, None outside."""

    marks: list[Mark]
    missing: list[Span]
    late: Span | None
    ticks: list[tuple[float, Both]]
    panels: list[Panel]
    gap: tuple[float, Both] | None
    now: float | None
    years: Both


@dataclass(frozen=True, slots=True)
class _Point:
    moment: datetime
    lane: int
    shape: str
    label: Both
    name: Both
    address: str
    letter: str


def plot(
    series: str, shown: Sequence[Slot], events: Sequence[Mapping[str, Any]], told: Mapping[str, Any],
    cadence: timedelta | None, now: datetime,
) -> Plot | None:  # fmt: skip
    """Draw a series; None where nothing has a time. told: views.status of it. events: oldest first."""
    points = [*_publications(shown), *_events(shown, events)]
    if not points:
        return None
    moments = [point.moment for point in points]
    growing = not told["complete"]
    axis, apart = panels([*moments, now] if growing else moments, LEFT, RIGHT)
    years = f"{min(moments):%Y}", f"{max(moments):%Y}"
    return Plot(
        marks=_joined(series, points, axis),
        missing=_missing(shown, axis, now),
        late=_late(series, shown, axis, cadence, now) if told["overdue"] and not told["paused"] else None,
        ticks=[tick for panel in axis for tick in panel.ticks()],
        panels=axis,
        gap=None if apart is None else (round((axis[0].right + axis[1].left) / 2, 1), apart),
        now=place(axis, now) if growing else None,
        years=(
            f"{years[0]} 年" if years[0] == years[1] else f"{years[0]} 年至 {years[1]} 年",
            " to ".join(dict.fromkeys(years)),
        ),
    )


def place(axis: Sequence[Panel], moment: datetime) -> float:
    """Give the pixel of a moment on an axis of one panel or two."""
    panel = axis[0] if len(axis) == 1 or moment < axis[1].begin else axis[1]
    return panel.place(moment)


def moment_of(published: str) -> datetime:
    """Give a moment for a day or a time; of a day its noon in Beijing."""
    if len(published) == len("2018-08-30"):
        return datetime.fromisoformat(published).replace(hour=4, tzinfo=UTC)
    return datetime.fromisoformat(published)


def _publications(shown: Sequence[Slot]) -> list[_Point]:
    found = []
    for slot in shown:
        if slot.row and slot.row["published"]:
            moment, day = moment_of(slot.row["published"]), local(moment_of(slot.row["published"]), "%Y-%m-%d")
            label = f"{day} 刊发 {_called(slot)[0]}", f"{day} published: {_called(slot)[1]}"
            letter = slot.subject[0] if slot.subject else str(slot.position or "")
            found.append(_Point(moment, 0, "pub", label, slot.name, slot.address, letter))
    return found


def _events(shown: Sequence[Slot], events: Sequence[Mapping[str, Any]]) -> list[_Point]:
    names = {slot.row["id"]: slot for slot in shown if slot.row}
    found = []
    for event in events:
        lane, shape = _KINDS[event["kind"]]
        slot = names.get(event["article"] or "")
        called = _called(slot) if slot else ("全系列", "the series")
        words, day = sentence(event), local(event["at"], "%Y-%m-%d")
        label = f"{day} {called[0]}：{words[0]}", f"{day} {called[1]}: {words[1]}"
        letter = slot.subject[0] if slot and slot.subject and lane > 1 else ""
        kind = mark(event["kind"]).words
        name = (
            (f"{slot.name[0]} {kind[0]}", f"{slot.name[1]} {kind[1]}")
            if slot and lane > 1
            else slot.name
            if slot
            else kind
        )
        found.append(_Point(datetime.fromisoformat(event["at"]), lane, shape, label, name, address(event), letter))
    return found


def _called(slot: Slot) -> Both:
    if slot.subject and slot.position is not None:
        return f"第 {slot.position} 篇 {slot.subject}", f"no. {slot.position} {slot.subject}"
    return slot.name


def _joined(series: str, points: Sequence[_Point], axis: Sequence[Panel]) -> list[Mark]:
    """Make marks, in the order of lanes and time."""
    marks: list[Mark] = []
    for lane, (y, words) in enumerate(LANES):
        row = sorted(((place(axis, p.moment), p) for p in points if p.lane == lane), key=lambda one: one[0])
        drawn: list[Mark] = []
        at = 0
        while at < len(row):
            end = at + 1
            while end < len(row) and row[end][0] - row[at][0] < _APART:
                end += 1
            drawn.append(_mark(series, y, words, [point for _, point in row[at:end]], row[at][0], row[end - 1][0]))
            at = end
        marks += _lettered(drawn)
    return marks


def _lettered(row: Sequence[Mark]) -> list[Mark]:
    """Leave letters to the label where they would be written over a neighbour, or its letters."""
    around = [None, *row, None]
    return [
        one if _has_room(one, around[place], around[place + 2]) else replace(one, letter="")
        for place, one in enumerate(row)
    ]


def _has_room(one: Mark, left: Mark | None, right: Mark | None) -> bool:
    if one.shape != "pub":  # its letters stand to the right of it
        return right is None or right.x - one.x >= _BESIDE_PX + _width(one.letter)
    near = [other for other in (left, right) if other is not None]
    return all(abs(other.x - one.x) > (_width(one.letter) + _width(other.letter)) / 2 + 2 for other in near)


def _width(letters: str) -> int:
    return sum(_LETTER_PX[letter > "\u2e80"] for letter in letters)


def _mark(series: str, y: int, words: Both, group: Sequence[_Point], left: float, right: float) -> Mark:
    shape = min((point.shape for point in group), key=_GRAVITY.index)
    x = round((left + right) / 2, 1)
    if len(group) == 1:
        return Mark(x, y, shape, group[0].label, group[0].address, group[0].letter)
    first, last = (local(point.moment, "%Y-%m-%d") for point in (group[0], group[-1]))
    when = (first, first) if first == last else (f"{first} 至 {last}", f"{first} to {last}")
    names = list(dict.fromkeys(point.name for point in group))
    more = (
        (f" 等，共 {len(group)} 次", f" and more, {len(group)} in all")
        if len(names) > _NAMED or len(names) < len(group)
        else ("", "")
    )
    label = (
        f"{when[0]} {words[0]}：{'、'.join(name[0] for name in names[:_NAMED])}{more[0]}",
        f"{when[1]} {words[1]}: {', '.join(name[1] for name in names[:_NAMED])}{more[1]}",
    )
    to = group[0].address if shape == "pub" else f"/series/{series}#h-ev"
    return Mark(x, y, shape, label, to, f"×{len(names)}" if len(names) > 1 else "", len(group))


def _missing(shown: Sequence[Slot], axis: Sequence[Panel], now: datetime) -> list[Span]:
    """Draw the missing ones between the dates of their neighbours; those whose place is not known are left to the list."""
    found, at = [], 0
    while at < len(shown):
        end = at
        while end < len(shown) and shown[end].row is None:
            end += 1
        if end > at and shown[at].position is not None:
            before = next((s.row["published"] for s in reversed(shown[:at]) if s.row and s.row["published"]), None)
            behind = next((s.row["published"] for s in shown[end:] if s.row and s.row["published"]), None)
            if before or behind:
                left = place(axis, moment_of(before)) if before else axis[0].left
                right = place(axis, moment_of(behind)) if behind else place(axis, now)
                found.append(_gap(shown[at:end], min(left, right), max(abs(right - left), 24.0), before, behind))
        at = max(end, at + 1)
    return found


def _gap(gap: Sequence[Slot], x: float, width: float, before: str | None, behind: str | None) -> Span:
    chinese, english = (
        "、".join(slot.name[0] for slot in gap[:_NAMED]),
        ", ".join(slot.name[1] for slot in gap[:_NAMED]),
    )
    days = [one[:10] for one in (before, behind) if one]
    between = (
        (f"在 {days[0]} 与 {days[1]} 之间", f"between {days[0]} and {days[1]}")
        if len(days) == 2
        else (f"在 {days[0]} 之后", f"after {days[0]}") if before else (f"在 {days[0]} 之前", f"before {days[0]}")
    )  # fmt: skip
    label = f"缺 {chinese}：刊发日不详，{between[0]}", f"missing {english}: date unknown, {between[1]}"
    return Span(
        round(x, 1),
        round(width, 1),
        label,
        gap[0].name if len(gap) == 1 else (f"{len(gap)} 篇", str(len(gap))),
        gap[0].address,
    )


def _late(
    series: str, shown: Sequence[Slot], axis: Sequence[Panel], cadence: timedelta | None, now: datetime
) -> Span | None:
    last = max((slot.row["published"] for slot in shown if slot.row and slot.row["published"]), default=None)
    if last is None:
        return None
    since = moment_of(last) + (cadence or timedelta(0))
    left, right = place(axis, since), place(axis, now)
    if right <= left:
        return None
    return Span(left, round(right - left, 1), ("逾期", "overdue"), ("逾期", "overdue"), f"/series/{series}#h-list")
