"""CDXJ: one line a capture, by which a replay finds it.

Takes   Captures of ours; WARC and ARC files of anyone; two addresses.
Gives   lines "SURT 14-digit JSON", as cdxj-indexer and pywb write and read them; whether two addresses are the same.
Writes  index/<series>.cdxj, sorted bytewise, in one step.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..lazy import names_of

if TYPE_CHECKING:
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

if not TYPE_CHECKING:
    # A crawl writes lines of its own captures: it wants neither files made by others nor the look-up.
    __getattr__ = names_of(
        __name__,
        {
            "external": "sorted_lines",
            "foreign": "foreign_lines",
            "lines": "cdxj_line timestamp write_index",
            "lookup": "Index Indexed Lines",
            "same": "same_address without_session",
        },
    )
