"""Pairs of GBK bytes that a mirror cut, joined again: 日?qǐng)?bào)客 was 日報客.

Takes   a paragraph with its pinyin still in brackets, the verdict on the article, its model.
Gives   edits, each a whole cut passage in the mirror's own script. Writes nothing.

What the mirror did, worked out from its traces: it put pinyin after each key character by replacing bytes, without
heed to where a character begins. Where the second byte of one character and the first of the next were a key by chance,
the brackets fell between the two bytes of the latter: 日報客 is C8D5 88F3 BFCD, and D588 is 請, so C8D5 88"(qǐng)"F3 BFCD.
Decoding then lost the 88 together with the bracket that was no second byte to it (`?`), and went on one byte out of
step: F3 paired with whatever followed, up to the next ASCII character. Here that is the bracket of 報 itself.

So a `?` before a syllable and a lone `)` is a first byte, of which we know that it makes, with the byte before it, a
character of that reading; the characters behind it are pairs out of step, and give all further bytes. What stays
unknown (that first byte among several keys; the second byte of the last character, where a further `?` took it along)
is chosen by likelihood, or told as □ where that is not sure.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import product, takewhile

from .entities import NAME, decode
from .hanzi import annotated_as, from_pair, gbk_pair
from .likelihood import CONTEXT, END, UNKNOWN, Model, choose
from .pinyin import BRACKET, SYLLABLE, Verdict, is_syllable, tidy
from .spans import Edit

WHY = "cut GBK pair"
WHY_UNKNOWN = "unknown: cut GBK pair"

LEADS = range(0x81, 0xFF)  # first bytes of GBK; second bytes above ASCII are the same
LOOK_AHEAD = 8  # characters by whose fluency the reading in step and the one out of step are compared
AROUND = 30  # characters around a passage from which its context is taken, brackets included
UNSEEN = 3.0  # logarithm by which a key that the article shows nowhere else falls behind one that it does

_STRAY = re.compile(rf"[?\ufffd](\(?)({SYLLABLE})\)")
_BRACKET_BEFORE = re.compile(rf"{BRACKET.pattern}$")
_ENTITY_TAIL = re.compile(NAME)
_TAG_TAIL = re.compile(r"/?(?:p|br|div|span|strong|b|em|i|a|font|td|tr|li|h[1-6])(?:\s[^<>]{0,80})?/?>")


@dataclass(frozen=True, slots=True)
class Slot:
    """One character of a cut passage: its bytes, None where lost, and the syllable in brackets after it, if any."""

    lead: int | None
    trail: int | None
    syllable: str = ""


@dataclass(frozen=True, slots=True)
class Passage:
    """A cut passage as bytes in step again.

    before: the character before it. key: the syllable of the key that cut it. tail: what ASCII the last `?` took along,
    None where that is unknown. end: position behind it.
    """

    before: str
    key: str
    slots: tuple[Slot, ...]
    tail: str | None
    end: int


def rejoined(text: str, verdict: Verdict, model: Model) -> Iterator[Edit]:
    """Find the cut passages of a paragraph and what they were."""
    position = 0
    while match := _STRAY.search(text, position):
        position = match.end()
        if not is_syllable(tidy(match[2])):
            continue
        passage = _read(text, match, model)
        before = BRACKET.sub("", text[max(0, match.start() - AROUND) : match.start()])
        after = BRACKET.sub("", (text + END)[passage.end : passage.end + AROUND])
        now = _resolve(passage, before, after, verdict, model)
        position = passage.end
        yield Edit(match.start(), passage.end, now, WHY_UNKNOWN if UNKNOWN in now else WHY)


def _read(text: str, stray: re.Match[str], model: Model) -> Passage:
    """Read the bytes behind a stray bracket up to where the pairs are in step again."""
    slots: list[Slot] = []
    lead: int | None = None
    position, tail = stray.end(), None
    keeps_bracket = bool(stray[1])
    while tail is None:
        char = text[position : position + 1]
        pair = gbk_pair(char) if char and char != "\ufffd" else b""
        if len(pair) == 2:
            slots.append(Slot(lead, pair[0]))
            lead = pair[1]
            position = _behind_bracket(text, position + 1)
            if lead < 0x80:  # no first byte but an ASCII character, which the byte before it took for its second
                tail = chr(lead)
        elif char in ("?", "\ufffd"):
            if not _STRAY.match(text, position) and _stays_out_of_step(text, position + 1, model):
                slots.append(Slot(lead, None))
                lead, position = None, position + 1
                continue
            slot, tail, position = _last(text, position, keeps_bracket, model)
            slots.append(replace(slot, lead=lead))
        else:
            # ASCII from @ up is a second byte; anything else means that the trail was lost without a sign.
            taken = len(pair) == 1 and pair[0] >= 0x40
            bracket = BRACKET.match(text, position + 1) if taken else None
            slots.append(Slot(lead, pair[0] if taken else None, tidy(bracket[1]) if bracket else ""))
            position, tail = (bracket.end() if bracket else position + taken), ""
    return Passage(_before(text, stray.start()), tidy(stray[2]), tuple(slots), tail, position)


def _last(text: str, position: int, keeps: bool, model: Model) -> tuple[Slot, str, int]:
    """Read the `?` that ends a passage: a lost second byte, and the ASCII sign that it took along.

    keeps: the decoder left the sign behind the `?` in place.
    """
    own = _STRAY.match(text, position)
    if own and is_syllable(tidy(own[2])):
        return Slot(None, None, tidy(own[2])), "", own.end()
    after = position + 1
    if keeps or text[position] == "\ufffd" or after == len(text):
        return Slot(None, None), "", after
    entity = _ENTITY_TAIL.match(text, after)
    if entity and (char := decode("&" + entity[0])) is not None:
        return Slot(None, None), char, entity.end()
    if tag := _TAG_TAIL.match(text, after):
        return Slot(None, None), "", tag.end()
    return Slot(None, None), model.eaten(text[after]), after


def _behind_bracket(text: str, position: int) -> int:
    """Skip the brackets of a pair that is a key out of step."""
    bracket = BRACKET.match(text, position)
    return bracket.end() if bracket and is_syllable(tidy(bracket[1])) else position


def _before(text: str, position: int) -> str:
    """The character before a position, its own brackets skipped."""
    nearest = _BRACKET_BEFORE.search(text, max(0, position - 12), position)
    if nearest:
        position = nearest.start()
    return text[position - 1 : position]


def _stays_out_of_step(text: str, position: int, model: Model) -> bool:
    """Whether the text behind a `?` reads better one byte on, so that the `?` was a pair without a character."""
    ahead = text[position : position + LOOK_AHEAD]
    ahead = ahead[: next((i for i, char in enumerate(ahead) if len(gbk_pair(char)) != 2), len(ahead))]
    shifted = b"".join(map(gbk_pair, ahead))[1:-1]
    if len(shifted) < 4:
        return False
    pairs = zip(shifted[::2], shifted[1::2], strict=True)
    return model.fluency("".join(from_pair(*pair) or UNKNOWN for pair in pairs)) > model.fluency(ahead)


def _resolve(passage: Passage, before: str, after: str, verdict: Verdict, model: Model) -> str:
    """Turn the slots into characters, from left to right. before, after: the text around, brackets taken out."""
    known = [_known(slot) for slot in passage.slots]
    for place, slot in enumerate(passage.slots):
        if known[place]:
            continue
        left = _up_to_unknown(reversed((before + "".join(known[max(0, place - CONTEXT) : place]))[-CONTEXT:]))[::-1]
        behind = [char or UNKNOWN for char in known[place + 1 : place + 1 + CONTEXT]]
        if place + len(behind) + 1 == len(known):
            behind += [passage.tail or "", after]
        right = _up_to_unknown("".join(behind))
        known[place] = _choice(slot, passage if place == 0 else None, (left, right), verdict, model)
    return "".join(known) + (passage.tail or "")


def _known(slot: Slot) -> str:
    """The character of a slot whose bytes are both known, else ""."""
    return "" if slot.lead is None or slot.trail is None else from_pair(slot.lead, slot.trail) or UNKNOWN


def _up_to_unknown(chars: Iterable[str]) -> str:
    return "".join(takewhile(UNKNOWN.__ne__, chars))


def _choice(slot: Slot, cut: Passage | None, around: tuple[str, str], verdict: Verdict, model: Model) -> str:
    """Choose the character of a slot by likelihood. cut: given for the first slot, whose lead byte only the key tells."""
    keys = _keys(cut, verdict) if cut else {}
    weights: dict[str, float] = {}
    for char in _candidates(slot, keys):
        behind = keys.get(gbk_pair(char)[0], 0.0)
        weights[char] = model.weigh(around[0], char, around[1]) - behind
    return choose(weights)


def _candidates(slot: Slot, keys: Mapping[int, float]) -> Iterable[str]:
    """The characters that a slot could hold: by the syllable after it, else by its bytes; none where nothing is known."""
    leads: Iterable[int] = keys or (LEADS if slot.lead is None else (slot.lead,))
    trails = LEADS if slot.trail is None else (slot.trail,)
    if slot.syllable:
        pairs = ((char, gbk_pair(char)) for char in sorted(annotated_as(slot.syllable)))
        return [char for char, pair in pairs if pair[0] in leads and pair[1] in trails]
    if slot.lead is None and slot.trail is None and not keys:
        return ()
    return [char for lead, trail in product(leads, trails) if (char := from_pair(lead, trail))]


def _keys(cut: Passage, verdict: Verdict) -> dict[int, float]:
    """The lead bytes that make a key of the cut's syllable with the byte before them.

    0 where the article shows the key elsewhere, else UNSEEN.
    """
    pair = gbk_pair(cut.before) if cut.before else b""
    if len(pair) != 2:
        return {}
    keys: dict[int, float] = {}
    for lead in LEADS:
        char = from_pair(pair[1], lead)
        if (char, cut.key) in verdict.told:
            keys[lead] = 0.0
        elif char in annotated_as(cut.key):
            keys[lead] = UNSEEN
    return keys
