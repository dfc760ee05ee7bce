"""The learned chooser: how likely each block of a page is of its article.

Takes   a Sheet: the blocks of a page, the tree they stand in, what the page says of itself.
Gives   the chance of each block, 0 to 1. Always the same for the same page.
Writes  nothing.

sheet -> features -> first forest -> what the chances say of their neighbours and containers -> second forest. Both are
small forests of decision trees that bench/train_chooser.py learns from pages whose text is known; first.txt and second.txt
are all that is kept of these (decision 22).
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from .features import CONTEXT, NAMES, context_rows, first_rows
from .forest import Forest
from .sheet import Sheet, Told

__all__ = ["CLEAR", "Sheet", "Told", "chances"]

CLEAR = 0.01  # a block with less chance by the first forest is none of the article: five of six blocks of a page


def chances(sheet: Sheet) -> list[float]:
    """Give the chance of each block that it is part of the article."""
    first, second = _forests()
    rows = first_rows(sheet)
    begun = [first.chance(row) if row is not None else 0.0 for row in rows]
    open_ones = [number for number, chance in enumerate(begun) if chance >= CLEAR]
    found = [0.0] * len(rows)
    for number, context in zip(open_ones, context_rows(sheet, begun, open_ones), strict=True):
        found[number] = second.chance([*(rows[number] or ()), *context])
    return found


@cache
def _forests() -> tuple[Forest, Forest]:
    here = files(__package__)
    first, second = (here.joinpath(name).read_text(encoding="ascii") for name in ("first.txt", "second.txt"))
    return Forest(first, NAMES), Forest(second, (*NAMES, *CONTEXT))
