"""Characters that nobody sees and that break search and comparison: soft hyphens, zero widths, controls.

Takes   a paragraph. Gives edits. Writes nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from .spans import Edit

WHY = "invisible characters"

_HIDDEN = "\u00ad\u200b\u2060\ufeff\u180e\x00-\x08\x0b\x0c\x0e-\x1f\x7f"
_JOINERS = "\u200c\u200d"
_DIRECTION = "\u200e\u200f\u202a-\u202e\u2066-\u2069"
CHARS = _HIDDEN + _JOINERS + _DIRECTION
_RUN = re.compile(f"[{CHARS}]+")
# Scripts of Europe and East Asia, which need neither joiners nor marks of direction; emoji and Arabic do.
_PLAIN = re.compile(r"[\s\x21-\u052f\u1e00-\u1fff\u2010-\u2027\u2030-\u205e\u3000-\ua4cf\uac00-\ud7ff\uff00-\uffef]?")
_RIGHT_TO_LEFT = re.compile(r"[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")


def hidden(text: str) -> Iterator[Edit]:
    """Find the invisible characters that carry nothing here."""
    right_to_left = bool(_RIGHT_TO_LEFT.search(text))
    for match in _RUN.finditer(text):
        kept = "" if not right_to_left else re.sub(f"[{_HIDDEN}]", "", match[0])
        around = text[match.start() - 1 : match.start()], text[match.end() : match.end() + 1]
        if not all(map(_PLAIN.fullmatch, around)):
            kept = re.sub(f"[{_HIDDEN}]", "", match[0])
        if kept != match[0]:
            yield Edit(match.start(), match.end(), kept, WHY)
