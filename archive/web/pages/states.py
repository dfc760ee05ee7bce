"""The states of an instalment as pages draw and name them.

Takes   a row of `articles`. Gives: a State: what stands in a cell, and its words. Writes nothing.

Several may hold at once; the gravest wins the cell (failed > withdrawn > missing > found > revised > second-hand > captured), the
words name all.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final


@dataclass(frozen=True, slots=True)
class State:
    """One state. name: as style.css has it (`is-<name>`). letter: for the cell, in both languages. words: in both."""

    name: str
    letter: tuple[str, str]
    words: tuple[str, str]


# The gravest first.
STATES: Final[tuple[State, ...]] = (
    State("failed", ("败", "F"), ("失败", "failed")),
    State("withdrawn", ("撤", "W"), ("撤下", "withdrawn")),
    State("missing", ("缺", "M"), ("缺", "missing")),
    State("found", ("见", "S"), ("已见未存", "seen, not captured")),
    State("revised", ("改", "R"), ("修订", "revised")),
    State("second", ("转", "2"), ("转存", "second-hand")),
    State("captured", ("存", "C"), ("已存", "captured")),
)
_BY_NAME: Final = {state.name: state for state in STATES}


def states_of(row: Mapping[str, Any]) -> list[State]:
    """Give all states that hold of an instalment, the gravest first. row: needs state, revisions, origin."""
    held = {row["state"]}
    if row["revisions"] > 1:
        held.add("revised")
    if row["revisions"] and row["origin"] != "live":
        held.add("second")
    if held - {"captured"}:
        held.discard("captured")
    return [state for state in STATES if state.name in held]


def state(name: str) -> State:
    """Give a state by its name."""
    return _BY_NAME[name]
