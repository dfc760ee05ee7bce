"""Decision trees: read from a text file, asked for the chance of a row.

Takes   the text of a file that bench/train_chooser.py wrote, and rows of numbers.
Gives   Forest: the chance of each row.
Writes  nothing.

A file has the names of the numbers on its first line, then a tree a line in the order of a walk: `7<=0.25` asks for the
seventh name and is followed by the tree for yes and the tree for no; a plain number is a leaf. The sum of the leaves is the
logarithm of the odds.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

Node = Any  # a leaf is a float, any other a tuple: column, threshold, tree for at most, tree for more


class Forest:
    """Trees over named columns."""

    def __init__(self, text: str, columns: Sequence[str]) -> None:
        """columns: what the rows hold, in their order; the file may use any of them (ValueError for one that is not there)."""
        head, *lines = text.splitlines()
        places = [columns.index(name) for name in head.split()]
        self.trees = [_read(iter(line.split()), places) for line in lines if line]

    def chance(self, row: Sequence[float]) -> float:
        """Give the chance that a row is of the article, 0 to 1."""
        total = 0.0
        for tree in self.trees:
            node = tree
            while node.__class__ is tuple:
                column, threshold, low, high = node  # taken apart at once: a third faster than by their places
                node = low if row[column] <= threshold else high
            total += node
        return 1.0 / (1.0 + math.exp(-total))


def _read(words: Iterator[str], places: Sequence[int]) -> Node:
    """Read one tree; its depth is bounded by the number of its leaves, which training sets."""
    column, asks, threshold = next(words).partition("<=")
    if not asks:
        return float(column)
    yes = _read(words, places)
    return (places[int(column)], float(threshold), yes, _read(words, places))
