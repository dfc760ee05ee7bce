"""Where the pictures of an article stood between its paragraphs, as far as its reading tells.

Takes   the text of a reading with its captions in place, the paragraphs of the body, the captions of its pictures.
Gives   of each picture how many paragraphs stand before it, None where that is not known. Writes nothing.

A reading keeps pictures in their order, and captions where they stood in the text. So a picture stands above its caption; one
without a caption stands where both pictures around it do, if these stand in one place.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise


def places(text: str, body: Sequence[str], captions: Sequence[str | None]) -> list[int | None]:
    """Place pictures. captions: of each picture, in their order; "" and None for none.

    >>> places("一\\n图甲\\n二", ["一", "二"], ["图甲", None])
    [1, None]
    >>> places("一\\n图甲\\n图乙\\n二", ["一", "二"], ["图甲", None, "图乙"])
    [1, 1, 1]
    """
    where = _of_captions(text, body, {one for one in captions if one})
    known = [where.get(one) if one else None for one in captions]
    if any(left > right for left, right in _pairs(known)):  # a caption that is said twice says nothing
        return [None] * len(known)
    before = _last_known(known)
    behind = _last_known(known[::-1])[::-1]
    return [
        here if here is not None else left if left == right else None
        for here, left, right in zip(known, before, behind, strict=True)
    ]


def _of_captions(text: str, body: Sequence[str], captions: set[str]) -> dict[str, int]:
    """Count for each caption the paragraphs before it; {} where the text does not have the whole body in its order."""
    found: dict[str, int] = {}
    at = 0
    for line in text.split("\n"):
        if at < len(body) and line == body[at]:
            at += 1
        elif line in captions:
            found.setdefault(line, at)
    return found if at == len(body) else {}


def _pairs(places: Sequence[int | None]) -> list[tuple[int, int]]:
    told = [one for one in places if one is not None]
    return list(pairwise(told))


def _last_known(places: Sequence[int | None]) -> list[int | None]:
    found: list[int | None] = []
    last: int | None = None
    for one in places:
        last = last if one is None else one
        found.append(last)
    return found
