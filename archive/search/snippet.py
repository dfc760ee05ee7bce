"""A line of a text that shows what was sought in it.

Takes   a text, and plain texts that were sought. Gives: a piece of it, where they stand in it, and how often in all of it.
Writes  nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from .letters import plain

LENGTH = 90  # characters of a snippet
_LEAD = 20  # that stand before the first place, where the line is longer
_STOPS = "。！？；!?;"


@dataclass(frozen=True, slots=True)
class Snippet:
    """A piece of a text. marks: (begin, end) in it, in order. paragraph: from 1; 0: nothing marked. count: in all of it."""

    text: str
    marks: tuple[tuple[int, int], ...] = ()
    paragraph: int = 0
    count: int = 0


def cut(text: str, terms: Sequence[str], *, whole: bool = False) -> Snippet:
    """Cut it out of the line with the most of the terms, then the most places, the last of such: first come
    editor's notes that all instalments share. The beginning where it has none. whole: nothing is cut off."""
    best: tuple[tuple[int, int], int, str, list[tuple[int, int]]] | None = None
    count = 0
    for number, line in enumerate(text.split("\n"), 1):
        places = list(_places(plain(line), terms))
        count += len(places)
        weight = len({plain(line[begin:end]) for begin, end in places}), len(places)
        if places and (best is None or weight >= best[0]):
            best = weight, number, line, places
    if best is None:
        first = next((line for line in text.split("\n") if line.strip()), "")
        return Snippet(first if whole or len(first) <= LENGTH else f"{first[: LENGTH - 1]}…")
    _, number, line, places = best
    if whole or len(line) <= LENGTH:
        return Snippet(line, tuple(_apart(places)), number, count)
    begin = _beginning(line, places[0][0])
    end = min(begin + LENGTH, len(line))
    before, behind = "…" if begin else "", "…" if end < len(line) else ""
    moved = len(before) - begin
    marks = [(max(a, begin) + moved, min(b, end) + moved) for a, b in _apart(places) if a < end]
    return Snippet(f"{before}{line[begin:end]}{behind}", tuple(marks), number, count)


def _beginning(line: str, place: int) -> int:
    """Begin with the sentence that has the place, where that is near; else some characters before it."""
    earliest = max(place - _LEAD, 0)
    stop = max(line.rfind(char, earliest, place) for char in _STOPS)
    begin = stop + 1 if stop >= 0 else earliest
    return max(min(begin, len(line) - LENGTH), 0)


def _places(line: str, terms: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Find all places of all terms, in order."""
    found = []
    for term in terms:
        at = line.find(term)
        while at >= 0:
            found.append((at, at + len(term)))
            at = line.find(term, at + len(term))
    yield from sorted(found)


def _apart(places: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Join places that overlap."""
    joined: list[tuple[int, int]] = []
    for begin, end in places:
        if joined and begin < joined[-1][1]:
            joined[-1] = joined[-1][0], max(joined[-1][1], end)
        else:
            joined.append((begin, end))
    return joined
