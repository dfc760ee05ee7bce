"""A page that says hardly anything but of itself: no article, whatever its words are.

Takes   the paragraphs found on a page, what it calls itself, what else it shows.
Gives   the kind of notice that it is, and the sentence that told; None where it may be an article.
Writes  nothing.

What it says of itself (wording.py) is weighed against what it tells. Who signs or dates a page tells something: such a page is
refused only where it has no name either, and tells nothing. A name that is none (提示信息, Error) makes a short text suspect.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from .evidence import letters_of, sentences_of, units_of
from .infoline import is_info_line
from .notices import Notice, is_beside, is_furniture, notice_of
from .wording import is_host, is_label, is_of_itself, is_plain, is_wrong, kind_of, may_speak_of_page, speaks_of_page

# Lengths of text in units (evidence.units_of).
LONG = 3_600  # a text as long as this is no notice, whatever it says
WALL = 1_200  # a wall explains itself at more length, and shows the beginning of what it hides
PARAGRAPH = 60  # what is shorter is a heading, a date, a byline, and breaks off nowhere
LITTLE = 120  # that a page may tell whose title names no article
SHARE = 0.5  # of what tells something to what speaks of the page, where the title names an article
NEAR = 60  # lines beside a text that is none, where what is wrong with the page is looked for


@dataclass(frozen=True, slots=True)
class Signs:
    """What else a page shows. signed: who wrote it, or when. is_article: its head says that it is one. pictures: how many."""

    signed: bool = False
    is_article: bool = False
    pictures: int = 0


@dataclass(slots=True)
class _Talk:
    """spoken: sentences that speak of the page; spoken_units: how much they are. half: sentences that may do so. told: these,
    and those that tell something; told_units: how much they are, half_units those of half, label_units the short ones of half."""

    spoken: list[str] = field(default_factory=list)
    spoken_units: int = 0
    half: list[str] = field(default_factory=list)
    half_units: int = 0
    label_units: int = 0
    told: list[str] = field(default_factory=list)
    told_units: int = 0


def refuse_talk(
    paragraphs: Sequence[str], titles: Sequence[str], others: Sequence[str], signs: Signs
) -> tuple[Notice, str] | None:
    """Refuse a page that says hardly anything but of itself.

    titles: what the page is called, by itself and in its head first. others: lines beside the text.
    """
    called = _called(titles)
    labels = [one for one in called if is_label(one)]
    is_signed = signs.signed or signs.is_article
    if is_signed and not labels and units_of(paragraphs, LITTLE) >= LITTLE:
        return None
    talk = _weigh(paragraphs, frozenset(titles))
    whole = talk.told_units + talk.spoken_units
    if whole >= LONG:
        return None
    if is_signed:
        is_own = bool(labels) or any(map(is_of_itself, talk.spoken))
        lines: Sequence[str] = talk.spoken if is_own and talk.told_units == talk.label_units else []
    else:
        named = [one for one in called if speaks(one) or is_of_itself(one)]
        is_own = any(is_of_itself(one) or is_plain(one) or notice_of(one) for one in (*talk.spoken, *talk.half, *named))
        nameless = [*labels, *(one for one in named if is_own or is_wrong(one))]
        if whole >= WALL or (called and not nameless):
            lines = talk.spoken if is_own and _outweighs(talk) else []
        else:
            lines = _without_name(talk, called, nameless, () if signs.pictures else others)
    return (kind_of([*called, *talk.spoken, *talk.half, *lines]), lines[0]) if lines else None


def _called(titles: Sequence[str]) -> Sequence[str]:
    """Give what tells whether a page has a name: its own, and its head's where that has the own one as a part. A template may
    call all of its pages 新闻详情 in their heads."""
    own, *heads = titles[:2] or ("",)
    whole = [
        head
        for head in heads
        if is_label(own) or speaks(own) or is_of_itself(own) or letters_of(own) in letters_of(head)
    ]
    return [one for one in (own, *whole) if one]


def _outweighs(talk: _Talk) -> bool:
    """Tell whether a page that has the title of an article says more of itself than it tells, or tells nothing else at all."""
    told = talk.told_units - talk.label_units
    return told <= SHARE * talk.spoken_units or talk.told_units == talk.half_units <= talk.spoken_units


def _without_name(talk: _Talk, called: Sequence[str], nameless: Sequence[str], others: Sequence[str]) -> Sequence[str]:
    """Give the lines that tell that a page is no article whose title names none; nothing where it may be one."""
    told = talk.told_units - talk.half_units
    if talk.spoken and told <= talk.spoken_units + units_of(nameless, WALL):
        return talk.spoken
    is_hosts = bool(called) and all(map(is_host, called))
    if told > (WALL if is_hosts else LITTLE):
        return []
    beside = [one for one in others[:NEAR] if speaks(one)]
    return talk.half or beside or ([*nameless, *talk.told] if told <= PARAGRAPH or is_hosts else [])


def speaks(line: str) -> bool:
    """Tell whether a line as a whole speaks of its page."""
    return speaks_of_page(line, units_of((line,), LONG))


def _weigh(paragraphs: Sequence[str], titles: frozenset[str]) -> _Talk:
    """Weigh what a page says of itself against what it tells."""
    talk = _Talk()
    for line in paragraphs:
        if line in titles or is_furniture(line) or is_info_line(line):
            continue
        for sentence in sentences_of(line):
            units = units_of((sentence,), LONG)
            if units and (notice_of(sentence) or speaks_of_page(sentence, units)):
                talk.spoken.append(sentence)
                talk.spoken_units += units
            elif units and not is_beside(sentence):
                talk.told.append(sentence)
                talk.told_units += units
                if may_speak_of_page(sentence, units):
                    talk.half.append(sentence)
                    talk.half_units += units
                    talk.label_units += units if units <= PARAGRAPH else 0
    return talk
