"""How many instalments a complete series has, and how often they come, as far as a page says so.

Takes   the words of a page, the titles and dates of its entries.
Gives   Told: expected, subjects, cadence.
Writes  nothing.

A number in a headline (之七, Teil 7) says how far the series is, not how long: only words that speak of the whole count
(共18篇, in 12 parts, Part 3 of 12), and （上）（下）, which close what they begin.
"""

from __future__ import annotations

import itertools
import re
import statistics
from collections.abc import Sequence
from datetime import date, timedelta

from .answer import Told

_DIGITS = {char: number for number, char in enumerate("零一二三四五六七八九")} | {"两": 2, "〇": 0}
_HAN_NUMBER = r"[一二三四五六七八九十百两〇零\d]{1,5}"
_WHOLE = (
    # 共18篇, 全12回, 一共十八期, 总计18集; not 共235条, 共12页, which are of the list
    re.compile(
        rf"(?:一?共|全|总共|总计|合计|分为?|推出|刊发)\s*(?:有|计)?\s*(?P<n>{_HAN_NUMBER})\s*(?:篇|期|集|回|讲|章|站|部分|個?回)"
    ),
    re.compile(rf"(?P<n>{_HAN_NUMBER})\s*(?:篇|集|回)(?:的)?(?:系列|连载|連載|报道|報導)"),
    re.compile(r"\bin (?P<n>[a-z]+|\d{1,3}) (?:parts|instal?lments|episodes|chapters)\b", re.I),
    re.compile(r"\b(?P<n>[a-z]+|\d{1,3})[- ]part (?:series|serial|report)\b", re.I),
    re.compile(r"\bpart \d{1,3} of (?P<n>\d{1,3}|[a-z]+)\b", re.I),
    re.compile(r"\bin (?P<n>[a-zäöüß]+|\d{1,3}) (?:Teilen|Folgen|Kapiteln)\b", re.I),
    re.compile(r"\b(?P<n>[a-zäöüß]+|\d{1,3})[- ]?teilige\w* Serie", re.I),
    re.compile(r"\b(?:Teil|Folge) \d{1,3} von (?P<n>\d{1,3})\b", re.I),
    re.compile(r"(?P<n>\d{1,3})\s*부작"),
    re.compile(r"(?:총|전)\s*(?P<n>\d{1,3})\s*(?:회|편|부)"),
    re.compile(r"\ben (?P<n>\d{1,3}|[a-zéè]+) (?:parties|épisodes|volets)\b", re.I),
)
_OF_TITLES = _WHOLE[4], _WHOLE[7], re.compile(r"[（(]\s*\d{1,3}\s*/\s*(?P<n>\d{1,3})\s*[)）]")
_WORDS = {
    word: number
    for words in (
        "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen",
        "eins zwei drei vier fünf sechs sieben acht neun zehn elf zwölf dreizehn vierzehn fünfzehn sechzehn siebzehn achtzehn",
        "un deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize",
    )
    for number, word in enumerate(words.split(), 1)
}
_HALVES = re.compile(r"[（(【\[·•丨| ]\s*([上中下])\s*(?:篇|集|部|[)）\]】])?\s*$")
_CIRCLED = "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳"
_NUMBERED = re.compile(
    rf"之({_HAN_NUMBER})(?:$|[^\w])|第({_HAN_NUMBER})[期篇集回讲站章]|[（(]({_HAN_NUMBER})[)）]|(?:part|teil|folge|no\.?|#)\s*(\d{{1,3}})\b|([{_CIRCLED}])",
    re.I,
)
_SUBJECT = re.compile(r"^[【\[]?(?P<name>[^\s：:丨|｜·—【】\[\]]{2,8})\s*[：:丨|｜】\]·]")
_MOST = 400  # a larger number counts something else


def expected_of(text: str, titles: Sequence[str]) -> Told | None:
    """Find how many instalments the series has when it is whole. text: of the page around its list."""
    for title in titles:
        for pattern in _OF_TITLES:
            if (match := pattern.search(title)) and (number := _number(match["n"])) and number >= len(titles):
                return Told(number, f"“{match[0]}” in a headline")
    for pattern in _WHOLE:
        match = pattern.search(text)
        number = _number(match["n"]) if match else None
        if match and number and 2 <= number <= _MOST:
            return Told(number, f"the page says “{match[0].strip()}”", sure=number >= len(titles))
    halves = [match[1] for title in titles if (match := _HALVES.search(title))]
    if len(halves) == len(titles) and sorted(halves) in (sorted("上下"), sorted("上中下")):
        return Told(len(halves), "headlines end in （" + "）（".join(halves) + "）")
    highest = max((number for title in titles if (number := _number_in(title))), default=0)
    if highest >= max(2, len(titles) // 2):
        return Told(
            highest, "the highest number in a headline so far; make it a key when the series is whole", sure=False
        )
    return None


def _number_in(title: str) -> int | None:
    match = _NUMBERED.search(title)
    found = next(filter(None, match.groups()), None) if match else None
    if not found:
        return None
    return _CIRCLED.index(found) + 1 if found in _CIRCLED else _number(found)


def _number(text: str) -> int | None:
    """Read a number in digits, Chinese characters or words.

    >>> _number("十八"), _number("12"), _number("zwölf"), _number("water")
    (18, 12, 12, None)
    """
    if text.isdigit():
        return int(text) if len(text) <= 3 else None
    if text.lower() in _WORDS:
        return _WORDS[text.lower()]
    total, one = 0, 0
    for char in text:
        if char in _DIGITS:
            one = _DIGITS[char]
        elif char in "十百":
            total += (one or 1) * (10 if char == "十" else 100)
            one = 0
        else:
            return None
    return total + one or None


def subjects_of(titles: Sequence[str], expected: Told | None) -> Told | None:
    """Find what each instalment is about, where every headline begins with a name of its own (郑州：…).

    Sure only where the series is known to be whole: a list that still grows would count as complete.
    """
    found = [match["name"] for title in titles if (match := _SUBJECT.match(title))]
    if len(titles) < 3 or len(found) < len(titles) or len(set(found)) < len(found):
        return None
    whole = expected is not None and expected.sure and expected.value == len(found)
    why = (
        "what each headline begins with"
        if whole
        else "what each headline begins with so far; make it a key when the list is whole"
    )
    return Told(found, why, sure=whole)


def cadence_of(days: Sequence[date], today: date) -> Told | None:
    """Find the longest normal gap between instalments, where their dates are regular enough to show one. today: of the look."""
    apart = sorted(set(days))
    gaps = [(later - one).days for one, later in itertools.pairwise(apart)]
    if len(gaps) < 4:
        return None
    median = statistics.median(gaps)
    if max(gaps) > max(3.0, 2 * median):
        return None
    over = today - apart[-1] > timedelta(days=max(30, 6 * max(gaps)))
    why = (
        f"the newest is of {apart[-1]}: the series seems to be over"
        if over
        else f"gaps of {min(gaps)} to {max(gaps)} days so far"
    )
    return Told(f"{max(gaps) + 1}d", why, sure=not over)
