"""What is known of single Chinese characters: readings, both scripts, GBK bytes, how common they are.

Takes   a character. Gives an answer without context. Writes nothing.
pypinyin and opencc are loaded when first asked, since healthy text never needs them (0.3 s together).
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import Any

from ..likeness import FREQUENT

# Those of the frequent ones that mostly are words by themselves; the others mostly are parts of words, so alone they are rarer.
ALONE = frozenset(
    "的一是不了在人有我他这来上大为和说时要就会也你对能得着下年过后里用多去都还但因从想它与把将两由很最并被各又向及等到于而以中"
)
_RANKS = {char: rank for rank, char in reversed(list(enumerate(FREQUENT, start=1)))}


@lru_cache(maxsize=1)
def _dictionary() -> dict[int, str]:
    from pypinyin.pinyin_dict import pinyin_dict

    loaded: dict[int, str] = pinyin_dict
    return loaded


@lru_cache(maxsize=2)
def _converter(direction: str) -> Any:
    from opencc import OpenCC

    return OpenCC(direction)


def convert(text: str, direction: str) -> str:
    """Bring text into the other script. direction: "t2s" or "s2t"."""
    converted: str = _converter(direction).convert(text)
    return converted


@lru_cache(maxsize=30_000)
def simplified(char: str) -> str:
    """The simplified form of one character, itself where it has none."""
    return convert(char, "t2s")


@lru_cache(maxsize=30_000)
def is_traditional(char: str) -> bool:
    """Whether this form is left behind by simplification."""
    return simplified(char) != char


@lru_cache(maxsize=30_000)
def is_convertible(char: str) -> bool:
    """Whether the two scripts write this character differently, in whichever form it stands here.

    著 and 着 count although opencc leaves them: mirrors write the one for the other.
    """
    return char in "著着" or is_traditional(char) or convert(char, "s2t") != char


@lru_cache(maxsize=30_000)
def readings(char: str) -> frozenset[str]:
    """All readings with tone marks. Source: pypinyin's dictionary (from the Unihan database)."""
    return frozenset(unicodedata.normalize("NFC", _dictionary().get(ord(char), "")).split(","))


@lru_cache(maxsize=30_000)
def _row(char: str) -> int:
    """The lead byte of the simplified form in GB 2312, 0 where it has none."""
    try:
        pair = simplified(char).encode("gb2312")
    except UnicodeEncodeError:
        return 0
    return pair[0] if len(pair) == 2 else 0


def is_common(char: str) -> bool:
    """Whether the simplified form is of level 1 of GB 2312 (3,755 characters, lead bytes B0-D7): nobody explains these."""
    return 0xB0 <= _row(char) <= 0xD7


def is_written(char: str) -> bool:
    """Whether the simplified form is a character of GB 2312 at all (6,763): few texts have others."""
    return 0xB0 <= _row(char) <= 0xF7


def gbk_pair(char: str) -> bytes:
    """The bytes of a character in GBK with its private areas: one or two; b"" where it has none.

    gb18030 agrees with GBK on all pairs and also names the private ones; 80 is the euro of code page 936.
    """
    if char == "€":
        return b"\x80"
    code = char.encode("gb18030") if not "\ud800" <= char <= "\udfff" else b""
    return code if len(code) <= 2 else b""


@lru_cache(maxsize=30_000)
def from_pair(lead: int, trail: int) -> str:
    """The character of a GBK pair, "" where there is none or a private one."""
    try:
        char = bytes((lead, trail)).decode("gb18030")
    except UnicodeDecodeError:
        return ""
    return "" if len(char) != 1 or "\ue000" <= char <= "\uf8ff" else char


@lru_cache(maxsize=1)
def _by_reading() -> dict[str, list[str]]:
    chars = [char for char in map(chr, range(0x4E00, 0x9FA6)) if len(gbk_pair(char)) == 2]
    plain = convert("\n".join(chars), "t2s").split("\n")
    table: dict[str, list[str]] = {}
    for char, other in zip(chars, plain, strict=True):
        for reading in readings(char) if char != other or char == "著" else ():
            table.setdefault(reading, []).append(char)
    return table


@lru_cache(maxsize=2048)
def annotated_as(syllable: str) -> frozenset[str]:
    """The traditional characters of GBK, and 著, that a mirror could have put this syllable after."""
    return frozenset(_by_reading().get(syllable, ()))


@lru_cache(maxsize=30_000)
def share_alone(char: str) -> float:
    """How large a share of the words of running text a simplified character is, by its rank alone; a rough prior.

    的 is 5 % of the words of a newspaper (People's Daily, January 1998); the others follow Zipf's law with the exponent
    and the factor that fit the counts of characters.
    """
    rank = _RANKS.get(char)
    if rank is not None:
        return 0.05 if rank == 1 else 0.045 / (rank + 2) ** 0.75 * (1.0 if char in ALONE else 0.3)
    if char in "，。、；：？！“”‘’（）《》—…·":
        return 0.01
    return 2e-5 if is_common(char) else 1e-6
