"""Read lengths of time as profiles write them: "30s", "45m", "12h", "3d", "2w".

Takes   a string: one whole number and one unit.
Gives   seconds.
Writes  nothing.
"""

from __future__ import annotations

import re

_DURATION = re.compile(r"([0-9]{1,9})([smhdw])")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}

# Longer than any newspaper lives; keeps every sum with a date within datetime's years.
LONGEST_S = 100 * 365 * 86400

DURATION = 'a length of time such as "30s", "45m", "12h", "3d" or "2w"'


def parse_duration(text: str) -> float:
    """Turn a length of time into seconds.

    Raises ValueError, without the text in it, for anything but a whole number above 0 and one of s, m, h, d, w.

    >>> parse_duration("3d")
    259200.0
    """
    match = _DURATION.fullmatch(text)
    if match is None:
        raise ValueError("one whole number, then one of s m h d w")
    seconds = int(match[1]) * _SECONDS[match[2]]
    if not 0 < seconds <= LONGEST_S:
        raise ValueError("more than nothing, at most 100 years")
    return float(seconds)
