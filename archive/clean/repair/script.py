"""The traditional script that a mirror gave to simplified text, brought back.

Takes   a text that is proven to be such a mirror's, brackets taken out. Gives edits. Writes nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from .hanzi import convert, simplified
from .spans import Edit

WHY = "traditional mirror"

# 著 is also simplified, in words of writing and fame; everywhere else a mirror made it of 着, which it then no longer has.
_ZHU = re.compile(r"(?<![显卓昭名巨原论专编译合遗拙土])著(?![名作称述者录书])")


def simplify(text: str, *, had_zhe: bool) -> Iterator[Edit]:
    """Find the runs that simplification changes. had_zhe: the whole text still has a 着, so its 著 are the author's."""
    after = convert(text, "t2s")
    if len(after) != len(text):  # a phrase of another length: character by character is what the mirror did
        after = "".join(map(simplified, text))
    if not had_zhe:
        after = _ZHU.sub("着", after)
    yield from differences(text, after, WHY)


def differences(before: str, after: str, why: str) -> Iterator[Edit]:
    """Find the runs in which two texts of one length differ."""
    start: int | None = None
    for place, (old, new) in enumerate(zip(before, after, strict=True)):
        if old != new and start is None:
            start = place
        elif old == new and start is not None:
            yield Edit(start, place, after[start:place], why)
            start = None
    if start is not None:
        yield Edit(start, len(after), after[start:], why)
