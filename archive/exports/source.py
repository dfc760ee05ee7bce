"""What every format is made of, and what it says of what it wrote.

Takes nothing. Gives: the values that pass between write.py and the module of a format. Writes nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ..home import Home
from ..ledger.queries import Connection
from .pictures import Pictures
from .series import Series

# Called with what is done so far, of how much (0: not known), and what is being done.
Told = Callable[[int, int, str], None]


@dataclass(frozen=True, slots=True)
class Source:
    """What a format is made of."""

    series: Series
    pictures: Pictures
    connection: Connection
    home: Home
    told: Told


@dataclass(frozen=True, slots=True)
class Written:
    """What a format's module says of what it wrote. captured, missing: instalments with and without a text. pictures: files."""

    captured: int
    missing: int = 0
    pictures: int = 0
    left_out: tuple[str, ...] = ()
