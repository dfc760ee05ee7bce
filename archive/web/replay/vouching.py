"""Before it is said that an address was never captured: whether the indexes that would know of it are there.

Takes   a home, its ledger, by which it is known what should be indexed.
Gives   nothing, or IntegrityError naming the series whose index is not to be relied on.
Writes  nothing. Looks at the first and the last line of each index, at most once in some seconds.
"""

from __future__ import annotations

import os
from pathlib import Path
from time import monotonic
from typing import Final

from ...errors import IntegrityError
from ...home import Home
from ...index.lookup import parsed
from ...ledger.fixity import settled_series
from ...ledger.store import Ledger

_AGE_S: Final = 5.0  # a page may lack a hundred pictures, a home have 5,000 indexes: 0.1 s to look at them all
_LONGEST: Final = 128 << 10  # bytes of a line that is looked for


class Vouched:
    """The indexes of a home. Threads may ask at once: at worst each looks for itself."""

    def __init__(self, home: Home, ledger: Ledger) -> None:
        self._home, self._ledger = home, ledger
        self._whole_until = 0.0

    def never_captured(self) -> None:
        """Let it be said. Raises IntegrityError where an index is missing, empty, or no index, whose series has captures.

        A line in the midst that is damaged is not seen: that is for `verify`.
        """
        if monotonic() < self._whole_until:
            return
        with self._ledger.read() as connection:
            expected = settled_series(connection)
        wrong = [series for series in expected if not _is_index(self._home.index(series))]
        if wrong:
            more = f" (and of {len(wrong) - 1} more series)" if len(wrong) > 1 else ""
            raise IntegrityError(
                f"not found, but the index of {wrong[0]}{more} is damaged or missing: it may be captured",
                action="lianzai rebuild",
            )
        self._whole_until = monotonic() + _AGE_S


def _is_index(path: Path) -> bool:
    """Say whether a file begins and ends with lines of an index."""
    try:
        with path.open("rb") as file:
            first = file.readline(_LONGEST)
            file.seek(max(os.fstat(file.fileno()).st_size - _LONGEST, 0))
            last = file.read().removesuffix(b"\n").rpartition(b"\n")[2]
        return all(len(line) >= _LONGEST or parsed(line, "").url for line in (first, last))
    except (OSError, ValueError, KeyError):  # what cannot be read, is no line, or lacks a field
        return False
