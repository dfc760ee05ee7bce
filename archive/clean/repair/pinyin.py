"""Pinyin in brackets that a mirror put after characters: 網(wǎng)絡(luò).

Takes   the text of a whole article. Gives a verdict on it, and the edits that take the brackets out. Writes nothing.

A newspaper explains a rare character once: 䢵(yún)河. A mirror explains common characters, only those that the two
scripts write differently, each time they occur. So the verdict is on the whole text, never on one bracket.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from .hanzi import from_pair, gbk_pair, is_common, is_convertible, is_traditional, readings
from .spans import Edit

WHY = "pinyin in brackets"
WHY_BARE = "pinyin between characters"
MIN_TRADITIONAL = 3  # annotated common characters, all different, that prove a mirror in the traditional script
MIN_SIMPLIFIED = 6  # the same where the characters are simplified and a lesson is more likely
MIN_EMPTY = 5  # the same where the brackets are empty
MIN_PURE = 0.9  # share of all brackets of this form that must be so
MIN_COMMON = 0.5  # share of the annotated characters that must be common ones
MIN_STEADY = 0.8  # share of the occurrences of the annotated characters that must be annotated

TONED = "āáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜńňǹḿ"
SYLLABLE = rf"[a-zü{TONED}ɡɑ\u0300-\u030c]{{1,8}}[1-5]?"
OPENING = "(（[［【〔"
HAN = r"[\u3400-\u9fff]"
BRACKET = re.compile(rf"[{re.escape(OPENING)}] ?({SYLLABLE}|) ?[)）\]］】〕]")
ANNOTATED = re.compile(rf"({HAN}){BRACKET.pattern}")
# The same without brackets, 網wǎng絡luò or 網 wǎng 絡 luò.
BARE = re.compile(rf"({HAN})( ?)([a-zü{TONED}]{{1,6}})(?![a-zü{TONED}])(?:\2|$)")
_BEHIND_LETTER = re.compile(rf"([^\x00-\x7f])(?:\({SYLLABLE}\))?([@-~])\(({SYLLABLE})\)")


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a mirror annotated this text, whether in the traditional script, and with what.

    told: the annotated characters and the syllable that stands after each.
    """

    annotated: bool = False
    traditional: bool = False
    told: frozenset[tuple[str, str]] = frozenset()

    @property
    def chars(self) -> frozenset[str]:
        """The annotated characters."""
        return frozenset(char for char, _ in self.told)


def tidy(syllable: str) -> str:
    """Bring a syllable to the spelling of the dictionary: composed marks, plain a and g."""
    return unicodedata.normalize("NFC", syllable.replace("ɑ", "a").replace("ɡ", "g"))


def judge(text: str, form: re.Pattern[str] = ANNOTATED) -> Verdict:
    """Weigh all that is annotated in a text together. form: ANNOTATED or BARE."""
    found = [(match[1], tidy(match[match.lastindex or 0])) for match in form.finditer(text)]
    if form is BARE:  # only a syllable with its tone is no word of another language
        found = [pair for pair in found if _toneless(pair[1]) != pair[1]]
    full = [pair for pair in found if pair[1]]
    if full:
        return _weigh(text, full, MIN_TRADITIONAL, MIN_SIMPLIFIED)
    return _weigh(text, found, MIN_EMPTY, MIN_EMPTY + MIN_SIMPLIFIED)


def _weigh(text: str, found: list[tuple[str, str]], min_traditional: int, min_simplified: int) -> Verdict:
    good = [pair for pair in found if is_convertible(pair[0]) and _reads(*pair)]
    chars = {char for char, _ in good}
    common = {char for char in chars if is_common(char)}
    traditional = sum(is_traditional(char) for char in common)
    if len(good) < MIN_PURE * len(found) or len(common) < MIN_COMMON * len(chars):
        return Verdict()
    if traditional < min_traditional and len(common) < min_simplified:
        return Verdict()
    occurring = Counter(text)
    if len(good) < MIN_STEADY * sum(occurring[char] for char in chars):
        return Verdict()
    return Verdict(True, traditional >= max(min_traditional, 0.5 * len(common)), frozenset(found))


def _reads(char: str, syllable: str) -> bool:
    """Whether a syllable is a reading of a character. Without a mark, with a figure for the tone or none, letters are enough."""
    if not syllable or syllable in readings(char):
        return True
    letters = syllable.rstrip("12345")
    return _toneless(letters) == letters and letters in map(_toneless, readings(char))


def _toneless(syllable: str) -> str:
    """A syllable without the mark of its tone; that of ü stays."""
    marks = unicodedata.normalize("NFD", syllable)
    return unicodedata.normalize("NFC", re.sub("[\u0300\u0301\u0304\u030c]", "", marks))


@lru_cache(maxsize=4096)
def is_syllable(letters: str) -> bool:
    """Whether letters could be pinyin: at most one tone mark, a vowel, and only the letters of pinyin."""
    plain = "".join(c for c in unicodedata.normalize("NFD", letters.rstrip("12345")) if not unicodedata.combining(c))
    marks = sum(c in TONED for c in letters)
    return marks <= 1 and bool(re.fullmatch(r"[bpmfdtnlgkhjqxzcsryw]?h?[aeiou]{1,3}(?:n|ng|r)?", plain))


def unbracket(text: str, verdict: Verdict, form: re.Pattern[str] = ANNOTATED) -> Iterator[Edit]:
    """Find the pinyin to take out: after converted characters only, so that the author's own stays."""
    for match in form.finditer(text):
        char, syllable = match[1], tidy(match[match.lastindex or 0])
        is_told = syllable in readings(char) if form is BARE else is_syllable(syllable)
        if char in verdict.chars if not syllable else is_convertible(char) and is_told:
            yield Edit(match.start(), match.end(), char, WHY if form is ANNOTATED else WHY_BARE)


def misplaced(text: str, verdict: Verdict) -> Iterator[Edit]:
    """Find the brackets behind an ASCII letter that is the second byte of a key by chance: 到o(gěi)ffer.

    The mirror replaced bytes: 到 ends in BD, and BD6F (6F is o) is 給.
    """
    for match in _BEHIND_LETTER.finditer(text):
        pair = gbk_pair(match[1])
        key = from_pair(pair[1], ord(match[2])) if len(pair) == 2 else ""
        syllable = tidy(match[3])
        if (key, syllable) in verdict.told or (key and is_traditional(key) and syllable in readings(key)):
            yield Edit(match.start(2), match.end(), match[2], WHY)
