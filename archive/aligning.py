"""Two lists of paragraphs laid beside each other: what stayed, changed, went, came, and moved.

Takes   two lists of texts. Gives: Rows in reading order. Writes nothing.

Equal paragraphs are aligned first (difflib); within what lies between two of them those that are alike are paired in their order.
What is then left over on both sides, and is the same or nearly, was moved.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Final, Literal

from .diff import Ops, compare

Kind = Literal["same", "changed", "gone", "new", "moved-from", "moved-to"]

_ALIKE: Final = 0.4  # of two paragraphs in the same place
_MOVED: Final = 0.6  # of two that stand apart: there is more that it could be
_MOST_PAIRS: Final = 2500  # above that only equal paragraphs are paired, as each comparison costs some 0.1 ms


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the comparison. was, now: places from 1; None where that side has nothing here.

    ops: as archive.diff gives them. Of what moved the two rows name each other's place, and `moved-to` has the differences.
    """

    kind: Kind
    was: int | None
    now: int | None
    ops: Ops

    @property
    def size(self) -> tuple[int, int]:
        """Characters taken out, and put in."""
        out, put = (sum(len(text) for sign, text in self.ops if sign == mark) for mark in "-+")
        return out, put


def align(was: Sequence[str], now: Sequence[str]) -> list[Row]:
    """Lay two lists of paragraphs beside each other.

    >>> [(row.kind, row.was, row.now) for row in align(["甲甲", "乙乙", "丙丙"], ["乙乙", "丙丙", "甲甲"])]
    [('moved-from', 1, 3), ('same', 2, 1), ('same', 3, 2), ('moved-to', 1, 3)]
    """
    blocks = SequenceMatcher(None, was, now, autojunk=len(was) + len(now) > 2000).get_opcodes()
    pairs: dict[int, int] = {}
    for tag, a, b, c, d in blocks:
        if tag == "replace":
            pairs |= _in_order(was, now, range(a, b), range(c, d))
    lost = [i for tag, a, b, _, _ in blocks if tag != "equal" for i in range(a, b) if i not in pairs]
    taken = set(pairs.values())
    gained = [j for tag, _, _, c, d in blocks if tag != "equal" for j in range(c, d) if j not in taken]
    moves = _moves(was, now, lost, gained)
    return _rows(was, now, blocks, pairs, moves)


def _likeness(one: str, other: str) -> float:
    """Say how alike two texts are, 0 to 1, by the pairs of characters that they share (Dice)."""
    first, second = _bigrams(one), _bigrams(other)
    return 2 * len(first & second) / max(len(first) + len(second), 1)


def _bigrams(text: str) -> set[str]:
    return {text[at : at + 2] for at in range(max(len(text) - 1, 1))}


def _in_order(was: Sequence[str], now: Sequence[str], olds: range, news: range) -> dict[int, int]:
    """Pair what is alike within one block such that pairs do not cross and their likeness is greatest."""
    if len(olds) == len(news) == 1:
        return {olds[0]: news[0]} if _likeness(was[olds[0]], now[news[0]]) >= _ALIKE else {}
    if len(olds) * len(news) > _MOST_PAIRS:
        return {}
    like = [[_likeness(was[i], now[j]) for j in news] for i in olds]
    best = [[0.0] * (len(news) + 1) for _ in range(len(olds) + 1)]
    for i in range(len(olds) - 1, -1, -1):
        for j in range(len(news) - 1, -1, -1):
            paired = like[i][j] + best[i + 1][j + 1] if like[i][j] >= _ALIKE else 0.0
            best[i][j] = max(paired, best[i + 1][j], best[i][j + 1])
    found, i, j = {}, 0, 0
    while i < len(olds) and j < len(news):
        if like[i][j] >= _ALIKE and best[i][j] == like[i][j] + best[i + 1][j + 1]:
            found[olds[i]] = news[j]
            i, j = i + 1, j + 1
        elif best[i][j] == best[i + 1][j]:
            i += 1
        else:
            j += 1
    return found


def _moves(was: Sequence[str], now: Sequence[str], lost: Sequence[int], gained: Sequence[int]) -> dict[int, int]:
    """Pair what went with what came: the same text first, then what is most alike."""
    places: dict[str, list[int]] = {}
    for j in gained:
        places.setdefault(now[j], []).append(j)
    moves = {i: places[was[i]].pop(0) for i in lost if places.get(was[i])}
    taken = set(moves.values())
    olds, news = [i for i in lost if i not in moves], [j for j in gained if j not in taken]
    if len(olds) * len(news) > _MOST_PAIRS:
        return moves
    likeness = sorted(((_likeness(was[i], now[j]), -i, -j) for i in olds for j in news), reverse=True)
    for like, i, j in likeness:
        if like >= _MOVED and -i not in moves and -j not in taken:
            moves[-i] = -j
            taken.add(-j)
    return moves


def _rows(
    was: Sequence[str],
    now: Sequence[str],
    blocks: Sequence[tuple[str, int, int, int, int]],
    pairs: dict[int, int],
    moves: dict[int, int],
) -> list[Row]:
    back = {j: i for i, j in moves.items()}

    def left(i: int) -> Row:
        if i in moves:
            return Row("moved-from", i + 1, moves[i] + 1, [["=", was[i]]])
        return Row("gone", i + 1, None, [["-", was[i]]])

    def right(j: int) -> Row:
        if j in back:
            return Row("moved-to", back[j] + 1, j + 1, compare(was[back[j]], now[j]))
        return Row("new", None, j + 1, [["+", now[j]]])

    found: list[Row] = []
    for tag, a, b, c, d in blocks:
        if tag == "equal":
            found += [Row("same", i + 1, j + 1, [["=", was[i]]]) for i, j in zip(range(a, b), range(c, d), strict=True)]
            continue
        j = c
        for i in range(a, b):
            if i not in pairs:
                found.append(left(i))
                continue
            found += [right(one) for one in range(j, pairs[i])]
            j = pairs[i] + 1
            found.append(Row("changed", i + 1, j, compare(was[i], now[j - 1])))
        found += [right(one) for one in range(j, d)]
    return found
