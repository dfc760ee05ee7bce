"""The cover of a book, drawn from its title: SVG, a watercourse with a lock for each instalment.

Takes   title, publisher, a line below, which instalments are there. Gives: an SVG document. Writes nothing.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from .chapter import clean

WIDTH: Final = 1200
HEIGHT: Final = 1600
# Ground, water, ink on the ground: a set is chosen by the id of the series, so that books on a shelf differ.
_COLOURS: Final = (
    ("#1b3a5c", "#7fa9cf", "#f4f1e8"),
    ("#3d2f4f", "#a892c4", "#f5f0ea"),
    ("#0c4a42", "#6fb8a8", "#f2f3ea"),
    ("#5c2b1b", "#d29a7a", "#f7f0e6"),
    ("#34393e", "#9aa7b0", "#f3f4f1"),
)
_FACES: Final = "'Songti SC','Noto Serif CJK SC',SimSun,serif"
_MARGIN: Final = 120
_LEVEL: Final = 1240  # of the water
_MOST: Final = 18  # locks that are drawn
_ROWS: Final = 5  # lines of the title
_CLOSING: Final = "，。、；：！？）》」』”’…—"  # never first in a line
_OPENING: Final = "（《「『“‘"  # never last
# What stays together: a Latin word, or a wide character with the marks that open and close it.
_PIECE: Final = re.compile(rf"[{_OPENING}]*(?:[!-\u024f]+|.)[{_CLOSING}]*\s*", re.DOTALL)


def cover(series: str, title: str, publisher: str | None, below: str, places: Sequence[bool]) -> bytes:
    """Draw the cover, 1200 by 1600. below: a line such as how many instalments there are. places: whether each is there."""
    ground, water, ink = _COLOURS[hashlib.sha256(series.encode()).digest()[0] % len(_COLOURS)]
    lines = _lines(title)
    widest = max(map(_width, lines))
    size = min(150, int((WIDTH - 2 * _MARGIN) / max(widest, 1)))
    text = "".join(
        f'<text x="{_MARGIN}" y="{260 + int(size * 1.35 * row) + size}" font-size="{size}">{clean(line)}</text>\n'
        for row, line in enumerate(lines)
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}">\n'
        f"<title>{clean(title)}</title>\n"
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="{ground}"/>\n'
        f'<g fill="{ink}" font-family="{_FACES}">\n{text}'
        f'<text x="{_MARGIN}" y="180" font-size="44">{clean(publisher or "")}</text>\n'
        f'<text x="{_MARGIN}" y="{HEIGHT - 90}" font-size="44">{clean(below)}</text>\n</g>\n'
        f"{_water(places, water, ground)}</svg>\n"
    ).encode()


def _width(line: str) -> float:
    """Measure a line in widths of a Chinese character; a Latin letter takes some half of it."""
    return sum(0.56 if char.isascii() else 1.0 for char in line)


def _lines(title: str) -> list[str]:
    """Break a title into at most _ROWS lines of about equal width, of 7 Chinese characters where that is enough.

    >>> _lines("渠水流过十八城，一座城一篇"), _lines("Walking the canals")
    (['渠水流过十八城，', '一座城一篇'], ['Walking the', 'canals'])
    """
    count = min(_ROWS, max(1, -(-int(_width(title)) // 7)))
    most = max(7.0, _width(title) / count + 0.5)
    lines = [""]
    for piece in _PIECE.findall(title):
        if lines[-1] and _width((lines[-1] + piece).rstrip()) > most + 1 and len(lines) < _ROWS:
            lines.append("")
        lines[-1] += piece
    return [line.strip() for line in lines if line.strip()] or [""]


def _water(places: Sequence[bool], water: str, ground: str) -> str:
    """Draw the watercourse: a full lock for what is there, an empty one where something is missing, in their places."""
    locks = _locks(places)
    step = (WIDTH - 2 * _MARGIN) / max(len(locks), 1)
    points = [(_MARGIN + step * (at + 0.5), _LEVEL + (40 if at % 2 else -40)) for at in range(len(locks))]
    path = " L".join(f"{x:.1f} {y}" for x, y in points)
    circles = [
        f'<circle cx="{x:.1f}" cy="{y}" r="{min(24.0, step / 3):.1f}" stroke="{water}" stroke-width="4"'
        + (f' fill="{water}"/>\n' if full else f' fill="{ground}" stroke-dasharray="7 6"/>\n')
        for (x, y), full in zip(points, locks, strict=True)
    ]
    line = f'<path d="M{path}" fill="none" stroke="{water}" stroke-width="4"/>\n' if len(points) > 1 else ""
    return line + "".join(circles)


def _locks(places: Sequence[bool]) -> list[bool]:
    """Give at most _MOST locks, each for a run of places; one is full where all of its run are.

    >>> _locks([True, False]), len(_locks([True] * 200))
    ([True, False], 18)
    """
    count = min(_MOST, len(places))
    ends = [len(places) * at // count for at in range(count + 1)] if count else []
    return [all(places[start:end]) for start, end in pairwise(ends)]
