"""JSON lines: the same bytes as text/<series>/<series>.jsonl of the home (docs/data.md).

Takes a Source. Gives: how many instalments there are. Writes: to the file, one object a line, UTF-8.
"""

from __future__ import annotations

from typing import BinaryIO

from ..derive import documents, line_of
from .source import Source, Written


def write(source: Source, file: BinaryIO) -> Written:
    """Write the captured instalments in the series' order. Raises OSError."""
    count = 0
    for count, shown in enumerate(documents(source.connection, source.series.id), 1):  # noqa: B007
        file.write(line_of(shown))
    return Written(count)
