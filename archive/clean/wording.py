"""Whom a page speaks to: what it says to its reader about itself, told from what tells something.

Takes   sentences, or a title; reads the words of wording.txt.
Gives   whether a sentence speaks of its page, or asks to pay for the rest of it; the kind of notice that such sentences make.
Writes  nothing.

notices.py knows notices by their whole sentences. A notice that it has never met speaks of few things all the same: the page,
what is wrong with it, the reader, what the reader is to do, the machine between them, the price. A sentence that names two of
them, a long one three, and tells of nobody else, speaks of its page: so do 2 of 100 sentences of articles, and no third of any.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import Final

from .notices import Notice

CLASSES: Final = ("reader", "request", "thing", "state", "machinery", "sorry", "members")
SHORT, MIDDLE = 150, 420  # units of a sentence that must have two classes of words, and three; a longer one has four
TEXT = 1_200  # units of what is no sentence of a notice, nor looked at
# The first of equals: what is only blocked today must not count as gone.
_NAMED: Final[tuple[Notice, ...]] = ("wall", "paid", "consent", "parked", "gone")
_EDGES: Final = " \t\u3000\xa0!！?？.。…~～:：-–—|[]【】()（）"
_QUOTES: Final = ("“", "「", "『", '"', "‘", "«", "„", "《")
_PARTS: Final = re.compile(r"\s*[|_｜丨›»«‹]\s*|\s+[-–—:：·]\s+|\s*—+\s*")
_HOST: Final = re.compile(r"(?:https?://)?[\w-]+(?:\.[\w-]+)*\.[a-z]{2,12}(?:[:/].*)?", re.I)
_QUOTED: Final = re.compile(
    "|".join(f"{begin}[^{end}]{{0,400}}+[{end}]" for begin, end in ("“”", "「」", "『』", "«»", ("„", "“”"), '""'))
)
_WIDE: Final = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_SECTION: Final = re.compile(r"\[([a-z]+)\]")


def speaks_of_page(sentence: str, units: int) -> bool:
    """Tell whether a sentence speaks of the page it stands on, or to its reader. units: its length (evidence.units_of).

    >>> speaks_of_page("We looked everywhere, but the page you want is not here.", 45), speaks_of_page("老苏没有说话。", 18)
    (True, False)
    """
    needed = 2 if units <= SHORT else 3 if units <= MIDDLE else 4
    return units < TEXT and _count(sentence, needed) >= needed


def may_speak_of_page(sentence: str, units: int) -> bool:
    """Tell whether a sentence falls one class short of speaking of its page: 立即注册, "It may have been deleted"."""
    needed = 1 if units <= SHORT else 2
    return units <= MIDDLE and _count(sentence, needed) >= needed


def asks_to_pay(line: str) -> bool:
    """Tell whether a line asks its reader to log in, to join or to pay in order to read; one that tells of others does not.

    >>> asks_to_pay("开通会员阅读全文"), asks_to_pay("法院认为，被告应当支付剩余货款。")
    (True, False)
    """
    if line.lstrip().startswith(_QUOTES) or _pattern("tells").search(line):
        return False
    return all(_pattern(name).search(line) for name in ("reading", "payer"))


def is_label(title: str) -> bool:
    """Tell whether a title names no article, nor any part of it beside the name of the site: 提示信息, Oops, 404, a host.

    >>> is_label("提示信息 - 渠水论坛"), is_label("paper.example"), is_label("渠水流过十八城")
    (True, True, False)
    """
    parts = [said for one in _PARTS.split(title) if (said := one.strip(_EDGES))]
    return not parts or any(
        _HOST.fullmatch(one) or any(_pattern(name).fullmatch(one) for name in ("label", "sorry")) for one in parts
    )


def is_host(title: str) -> bool:
    """Tell whether a title is the name of a host alone."""
    return bool(_HOST.fullmatch(title.strip(_EDGES)))


def is_of_itself(sentence: str) -> bool:
    """Tell whether a sentence names the page, or its text, as only the page itself does: 本文, 您访问的页面, this article."""
    return bool(_pattern("self").search(sentence))


def is_plain(sentence: str) -> bool:
    """Tell whether a sentence asks what hardly any article asks of its reader: to be no robot, to wait, to log in."""
    return bool(_pattern("plain").search(sentence))


def is_wrong(title: str) -> bool:
    """Tell whether a title has a word for what may be wrong with a page: gone, refused, out of order."""
    return bool(_pattern("state").search(title))


def kind_of(sentences: Sequence[str]) -> Notice:
    """Say which notice a page of such sentences is: the one that most of them have words of."""
    counts = {name: sum(bool(_pattern(name).search(one)) for one in sentences) for name in _NAMED}
    best = max(_NAMED, key=lambda name: counts[name])
    return best if counts[best] else "broken"


def _count(sentence: str, enough: int) -> int:
    """Count the classes of words in a sentence, as far as there are enough; none where somebody is quoted, or tells of others."""
    if sentence.lstrip().startswith(_QUOTES):
        return 0
    said = _QUOTED.sub("", sentence)
    if _pattern("tells").search(said):
        return 0
    count = 0
    for name in CLASSES:
        count += bool(_pattern(name).search(said))
        if count >= enough:
            break
    return count


@cache
def _pattern(name: str) -> re.Pattern[str]:
    return re.compile("|".join(line if _WIDE.search(line) else _bounded(line) for line in _lines()[name]), re.I)


def _bounded(line: str) -> str:
    words = line.replace("*", r"\w*")
    return rf"\b(?:{words})\b"


@cache
def _lines() -> dict[str, list[str]]:
    """Read wording.txt into its sections."""
    found: dict[str, list[str]] = {}
    lines: list[str] = []
    for line in files(__package__).joinpath("wording.txt").read_text(encoding="utf-8").splitlines():
        head = _SECTION.fullmatch(line)
        if head:
            lines = found.setdefault(head[1], [])
        elif line and not line.startswith("#"):
            lines.append(line)
    return found
