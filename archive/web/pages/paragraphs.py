"""Paragraphs as they are drawn: cut where a repair was made, each repair told under its paragraph.

Takes   paragraphs, repairs of a reading. Gives: Paragraphs; and the repairs that stand in none of them. Writes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

Both = tuple[str, str]  # in Chinese, in English

_WHYS: Final[dict[str, Both]] = {
    "mojibake": ("按错误的字符集解过码，依原字节复原", "decoded by a wrong charset, made again from the bytes"),
    "unknown: mojibake": ("按错误的字符集解过码，原字已不可知", "decoded by a wrong charset; the character is lost"),
    "cut GBK pair": ("GBK 半字被截断，依原字节复原", "a GBK character was cut in two, made again from the bytes"),
    "unknown: cut GBK pair": ("GBK 半字被截断，原字已不可知", "a GBK character was cut in two; it is lost"),
    "undecoded entity": ("字符参照未曾解码", "a character reference was left undecoded"),
    "invisible characters": ("去掉不可见的字符", "invisible characters were taken out"),
    "pinyin in brackets": ("去掉转换时夹入的拼音", "pinyin that a conversion put in was taken out"),
    "traditional mirror": ("繁体镜像误转，复其简体", "a mirror had turned it into traditional characters"),
}


@dataclass(frozen=True, slots=True)
class Mend:
    """One repair. number: from 1, in the order of the reading. why: in both languages."""

    number: int
    was: str
    now: str
    why: Both


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One paragraph: its pieces, each with the repair that it is, and those repairs."""

    pieces: tuple[tuple[str, Mend | None], ...]
    mends: tuple[Mend, ...]


def mends(repairs: Sequence[Mapping[str, str]]) -> list[Mend]:
    """Number the repairs of a reading."""
    return [Mend(number, one["was"], one["now"], _why(one["why"])) for number, one in enumerate(repairs, 1)]


def _why(told: str) -> Both:
    """Say the kinds of damage in both languages; several are joined by a comma, and one that is not known stays as it is."""
    parts = [_WHYS.get(part, (part, part)) for part in told.split(", ")]
    return "；".join(part[0] for part in parts), "; ".join(part[1] for part in parts)


def paragraphs(texts: Sequence[str], repairs: Sequence[Mend]) -> tuple[list[Paragraph], list[Mend]]:
    """Cut paragraphs at the repairs made in them; the repairs that are found in none come back.

    Repairs come in the order of the text, so each is sought behind the one before it, then anywhere. Of a passage that was taken
    out nothing is left to be marked.

    >>> [one] = paragraphs(["一二三"], mends([{"was": "&#20108;", "now": "二", "why": "x"}]))[0]
    >>> [text for text, _ in one.pieces]
    ['一', '二', '三']
    """
    places: list[list[tuple[int, Mend]]] = [[] for _ in texts]
    homeless, at, begin = [], 0, 0
    for mend in repairs:
        found = _sought(texts, mend.now, at, begin) or _sought(texts, mend.now, 0, 0) if mend.now else None
        if found is None or any(_overlap(found[1], mend, *other) for other in places[found[0]]):
            homeless.append(mend)
            continue
        at, begin = found[0], found[1] + len(mend.now)
        places[at].append((found[1], mend))
    drawn = [_cut(text, sorted(row, key=lambda one: one[0])) for text, row in zip(texts, places, strict=True)]
    return drawn, homeless


def _sought(texts: Sequence[str], passage: str, at: int, begin: int) -> tuple[int, int] | None:
    for number in range(at, len(texts)):
        place = texts[number].find(passage, begin if number == at else 0)
        if place >= 0:
            return number, place
    return None


def _overlap(place: int, mend: Mend, other_place: int, other: Mend) -> bool:
    return place < other_place + len(other.now) and other_place < place + len(mend.now)


def _cut(text: str, row: Sequence[tuple[int, Mend]]) -> Paragraph:
    found: list[tuple[str, Mend | None]] = []
    end = 0
    for place, mend in row:
        found += [(text[end:place], None), (mend.now, mend)]
        end = place + len(mend.now)
    found.append((text[end:], None))
    return Paragraph(tuple(piece for piece in found if piece[0]), tuple(mend for _, mend in row))
