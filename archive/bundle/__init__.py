"""One file out of a series: closed WARCs, their index and the pages, as a WACZ (Web Archive Collection Zipped 1.1.1).

Takes   a connection of the ledger, the home, the series.
Gives   a Bundle: what was written and what is in it.
Writes  wacz/<series>.wacz in the home, or a file that is named.
"""

from __future__ import annotations

from .wacz import Bundle, default_path, write_wacz

__all__ = ["Bundle", "default_path", "write_wacz"]
