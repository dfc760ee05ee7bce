"""Characters that steer a terminal, or end a line, where a text by others is shown.

Takes   a line of JSON.
Gives   the same with its escapes: steerless; TURNING, STEERING, CONTROL: what is looked for.
Writes  nothing.
"""

from __future__ import annotations

import re
from typing import Final

# What JSON leaves as it is, and should not reach a terminal or a reader of lines: DEL and C1 (0x9b steers some), line and
# paragraph separators, and what turns the direction of all that follows (Unicode Standard Annex 9, 2.1, 2.2 and 2.4).
TURNING: Final = re.compile("[\u202a-\u202e\u2066-\u2069]")
STEERING: Final = re.compile(f"[\x7f-\x9f\u2028\u2029]|{TURNING.pattern}")
CONTROL: Final = re.compile(f"[\x00-\x08\x0b-\x1f]|{STEERING.pattern}")


def steerless(line: str) -> str:
    """Escape in a JSON document what steers those who look at it; it means the same.

    >>> steerless('"a\\u202eb"')
    '"a\\\\u202eb"'
    """
    return STEERING.sub(lambda match: f"\\u{ord(match[0]):04x}", line)
