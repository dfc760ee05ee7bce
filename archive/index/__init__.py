"""CDXJ: one line a capture, by which a replay finds it.

Takes   Captures of ours; WARC and ARC files of anyone; two addresses.
Gives   lines "SURT 14-digit JSON", as cdxj-indexer and pywb write and read them; whether two addresses are the same.
Writes  index/<series>.cdxj, sorted bytewise, in one step.
"""

from __future__ import annotations

from .external import sorted_lines
from .foreign import foreign_lines
from .lines import cdxj_line, timestamp, write_index
from .lookup import Index, Indexed, Lines
from .same import same_address, without_session

__all__ = [
    "Index",
    "Indexed",
    "Lines",
    "cdxj_line",
    "foreign_lines",
    "same_address",
    "sorted_lines",
    "timestamp",
    "without_session",
    "write_index",
]
