"""Digits that a converter made as wide as a Chinese character: ２０18年, 全长２０１８米.

Takes   the text of a whole article for the verdict, then a paragraph. Gives edits. Writes nothing.

Some newspapers set some numbers so, or all of one digit, and Japanese ones most; that is their style. A number of both widths is
nobody's; nor are years and amounts all through a Chinese text that has not one digit of the usual width.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from .spans import Edit

WHY = "full-width digits"
CUES = "０１２３４５６７８９"
MANY = 20  # full-width digits of a text that has no others
LONG = 3  # digits of a number that few styles set wide

_NUMBER = re.compile(r"(?:[0-9０-９]+[.．,，:：](?=[0-9０-９]))*[0-9０-９]+")
_WIDE = re.compile("[０-９]")
_KANA = re.compile("[\u3041-\u30ff]")
_HAN = re.compile("[\u3400-\u9fff]")
_LONG = re.compile(f"[０-９]{{{LONG}}}")
_PLAIN = str.maketrans(CUES, "0123456789")


def all_wide(text: str) -> bool:
    """Tell whether the digits of a text were all made wide."""
    digits = len(_WIDE.findall(text))
    if not digits or re.search("[0-9]", text) or _KANA.search(text):
        return False
    return digits >= MANY or bool(_LONG.search(text)) or not _HAN.search(text)


def widened(text: str, *, everywhere: bool) -> Iterator[Edit]:
    """Find the numbers that are of both widths, or, everywhere, all that are wide."""
    for match in _NUMBER.finditer(text):
        wide = len(_WIDE.findall(match[0]))
        narrow = len(re.findall("[0-9]", match[0]))
        if wide and (narrow or everywhere):
            yield Edit(match.start(), match.end(), match[0].translate(_PLAIN), WHY)
