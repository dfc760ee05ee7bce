"""The instalments of a series as places in a row: those that are known, and those that are missing in their place.

Takes   the rows of a series' articles in its order, what it should have. Gives: Slots, and Cells of a picture. Writes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final
from urllib.parse import quote

from .states import STATES, State, state, states_of

Row = Mapping[str, Any]
Both = tuple[str, str]  # in Chinese, in English

ONE_EACH: Final = 36  # up to so many instalments have a cell each
_RUNS: Final = 18  # else so many cells have a run of them each


@dataclass(frozen=True, slots=True)
class Slot:
    """One instalment, or the place of one that is missing (row: None)."""

    position: int | None
    subject: str | None
    row: Row | None
    states: tuple[State, ...]
    address: str

    @property
    def state(self) -> State:
        """The gravest."""
        return self.states[0]

    @property
    def anchor(self) -> str:
        """The id of its line in the list."""
        return f"n{self.position}" if self.row is None else f"a-{self.row['id']}"

    @property
    def name(self) -> Both:
        """How it is called: subject, else place, else title."""
        if self.subject:
            return self.subject, self.subject
        if self.position is not None:
            return f"第 {self.position} 篇", f"no. {self.position}"
        told = (self.row or {}).get("title") or (self.row or {}).get("url") or ""
        return told, told

    @property
    def words(self) -> Both:
        """All of its states."""
        return "、".join(one.words[0] for one in self.states), ", ".join(one.words[1] for one in self.states)


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of a completeness picture. letter: what stands in it; label: for ear and tip."""

    state: State
    address: str
    letter: str
    label: Both


def slots(series: str, wanted: Row, articles: Sequence[Row]) -> list[Slot]:
    """Put articles and gaps in order. wanted: needs subjects, missing, expected."""
    known = [_known(row) for row in articles]
    have = {row["subject"] for row in articles}
    order = {subject: place for place, subject in enumerate(wanted["subjects"], 1)}
    taken = {slot.position for slot in known if slot.position is not None}
    gaps = [
        _gap(series, order.get(subject), subject) for subject in wanted["missing"] if subject not in have
    ]  # of a subject that the profile no longer has, the place is not known
    if not wanted["subjects"]:
        lacking = max((wanted["expected"] or 0) - len(known), 0)
        free = (place for place in range(1, (wanted["expected"] or 0) + len(known) + 1) if place not in taken)
        gaps += [_gap(series, next(free), None) for _ in range(lacking)]
    return sorted([*known, *gaps], key=lambda slot: (slot.position is None, slot.position or 0))


def _known(row: Row) -> Slot:
    return Slot(row["position"], row["subject"], row, tuple(states_of(row)), f"/article/{quote(row['id'])}")


def _gap(series: str, position: int | None, subject: str | None) -> Slot:
    return Slot(position, subject, None, (state("missing"),), f"/series/{series}#n{position}")


def cells(series: str, row: Sequence[Slot]) -> list[Cell]:
    """Draw a series: a cell an instalment, or a run of them where they are many."""
    if len(row) <= ONE_EACH:
        letters = _letters(row)
        return [
            Cell(slot.state, slot.address, letter, _label(slot.name, slot.words))
            for slot, letter in zip(row, letters, strict=True)
        ]
    size, more = divmod(len(row), _RUNS)
    ends = [0]
    for number in range(_RUNS):
        ends.append(ends[-1] + size + (number < more))
    return [_run(series, row[start:end], start + 1) for start, end in pairwise(ends)]


def _letters(row: Sequence[Slot]) -> list[str]:
    """Give what stands in the cells: the first character of the subjects where these all differ, else the place."""
    firsts = [slot.subject[0] if slot.subject else "" for slot in row]
    if all(firsts) and len(set(firsts)) == len(firsts):
        return firsts
    return [str(place if slot.position is None else slot.position) for place, slot in enumerate(row, 1)]


def _label(name: Both, words: Both) -> Both:
    return f"{name[0]}：{words[0]}", f"{name[1]}: {words[1]}"


def _run(series: str, run: Sequence[Slot], first: int) -> Cell:
    last = first + len(run) - 1
    gravest = min((slot.state for slot in run), key=_gravity)
    many: dict[State, int] = {}
    for slot in run:
        for one in slot.states:
            many[one] = many.get(one, 0) + 1
    told = sorted(many, key=_gravity)
    words = (
        "、".join(f"{one.words[0]} {many[one]}" for one in told),
        ", ".join(f"{many[one]} {one.words[1]}" for one in told),
    )
    label = _label((f"第 {first}–{last} 篇", f"nos. {first}–{last}"), words)
    return Cell(gravest, f"/series/{series}#{run[0].anchor}", str(first), label)


def _gravity(one: State) -> int:
    return STATES.index(one)
