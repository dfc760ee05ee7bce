"""What a person types into the search.

Takes   a line. Gives: a Query. Writes nothing.

    渠水             articles that have it, in title, byline or text
    "水 渠"          exactly so; “…” and 「…」 quote as well
    渠 闸            both
    渠 OR 闸         one of them; OR binds closer than the blank: a b OR c is a, and b or c
    -闸              none that has it
    title:渠  author:沈渡  title:"水 渠"
    date:2018-08..2018-10   published then, first and last day included; date:2018, date:2018-08-30, date:2018.., date:..2018-08
"""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date

from ..errors import UsageError
from .letters import plain

FIELDS = ("title", "author")
LONGEST = 1000  # characters of a query
_QUOTES = {'"': '"', "“": "”", "「": "」", "『": "』"}
_DAY = re.compile(r"([0-9]{4})(?:-([0-9]{1,2})(?:-([0-9]{1,2}))?)?")
_DATES = "date:2018, date:2018-08, date:2018-08-30, date:2018-08..2018-10"


@dataclass(frozen=True, slots=True)
class Term:
    """Text that an article has. text: plain (letters.py), of one line, not empty. field: None for any."""

    text: str
    field: str | None = None


@dataclass(frozen=True, slots=True)
class Span:
    """Days, both included, RFC 3339; None where it is open. Days sort as text."""

    first: str | None
    last: str | None


@dataclass(frozen=True, slots=True)
class Query:
    """What is sought. wanted: of each group one. unwanted: none of these. spans: within each."""

    wanted: tuple[tuple[Term, ...], ...]
    unwanted: tuple[Term, ...] = ()
    spans: tuple[Span, ...] = ()

    def terms(self, *, title: bool) -> tuple[str, ...]:
        """Give the texts that a snippet marks. title: of the title; else of the text."""
        fields = (None, "title") if title else (None,)
        return tuple(dict.fromkeys(term.text for group in self.wanted for term in group if term.field in fields))


@dataclass(frozen=True, slots=True)
class _Word:
    """A piece of the line. quoted: no part of it is syntax."""

    text: str
    quoted: bool
    field: str | None
    negated: bool


def parse(line: str) -> Query:
    """Read a query.

    Raises UsageError for nothing to seek, a quote without its end, an OR without both sides, a wrong date.

    >>> parse('渠 OR 闸 -title:"水 渠" date:2018-08').wanted
    ((Term(text='渠', field=None), Term(text='闸', field=None)),)
    """
    if len(line) > LONGEST:
        raise UsageError(f"the query has {len(line)} characters, the longest has {LONGEST}", action="a shorter one")
    groups: list[tuple[Term, ...]] = []
    unwanted: list[Term] = []
    spans: list[Span] = []
    joined = False  # whether an OR stands before the word
    before = False  # whether a word stands before that an OR may join
    for word in _words(line):
        if word.text == "OR" and not word.quoted and not word.negated and word.field is None:
            if joined or not before:
                raise _lonely()
            joined = True
            continue
        if word.field == "date":
            spans.append(_span(word))
        elif word.negated:
            unwanted.append(_term(word))
        else:
            groups.append((*groups.pop(), _term(word)) if joined else (_term(word),))
            joined, before = False, True
            continue
        if joined:
            raise _lonely()
        before = False
    if joined:
        raise _lonely()
    if not (groups or unwanted or spans):
        raise UsageError("the query is empty", action='lianzai search 渠, or "渠水" title:渠 date:2018-08..2018-10')
    return Query(tuple(groups), tuple(unwanted), tuple(spans))


def _words(line: str) -> list[_Word]:
    words: list[_Word] = []
    at = 0
    while at < len(line):
        if line[at].isspace():
            at += 1
            continue
        negated = line[at] == "-" and at + 1 < len(line) and not line[at + 1].isspace()
        at += negated
        field, at = _field(line, at)
        text, quoted, at = _text(line, at)
        if not plain(text).strip():
            where = f"{field}:" if field else "a quote"
            raise UsageError(f"{where} with nothing in it", action=f"{field or 'title'}:渠")
        words.append(_Word(text, quoted, field, negated))
    return words


def _field(line: str, at: int) -> tuple[str | None, int]:
    for name in (*FIELDS, "date"):
        if line[at : at + len(name) + 1].lower() == f"{name}:":
            return name, at + len(name) + 1
    return None, at


def _text(line: str, at: int) -> tuple[str, bool, int]:
    if at < len(line) and line[at] in _QUOTES:
        end = line.find(_QUOTES[line[at]], at + 1)
        if end < 0:
            raise UsageError(
                f"a quote begins with {line[at:]} and does not end", action=f"{line[at:]}{_QUOTES[line[at]]}"
            )
        return line[at + 1 : end], True, end + 1
    end = at
    while end < len(line) and not line[end].isspace():
        end += 1
    return line[at:end], False, end


def _term(word: _Word) -> Term:
    # A line's end within a quote is a blank: texts are sought line by line.
    return Term(plain(" ".join(word.text.split("\n")).strip()), word.field)


def _span(word: _Word) -> Span:
    if word.negated:
        raise UsageError(f"-date:{word.text}: dates cannot be excluded", action=_DATES)
    first, dots, last = word.text.partition("..")
    if not dots:
        last = first
    if not (first or last):
        raise UsageError("date:.. names no day", action=_DATES)
    span = Span(_day(first, last=False) if first else None, _day(last, last=True) if last else None)
    if span.first and span.last and span.first > span.last:
        raise UsageError(f"date:{word.text}: ends before it begins", action=f"date:{last}..{first}")
    return span


def _day(text: str, *, last: bool) -> str:
    """Give the first or last day of a year, a month or a day."""
    match = _DAY.fullmatch(text)
    if match:
        try:
            year, month = int(match[1]), int(match[2] or (12 if last else 1))
            end = monthrange(year, month)[1] if year else 0
            return date(year, month, int(match[3] or (end if last else 1))).isoformat()
        except ValueError:
            pass
    raise UsageError(f"date:{text}: no date", action=_DATES)


def _lonely() -> UsageError:
    return UsageError("OR stands between two words", action="渠 OR 闸; a quoted “OR” is sought as it is")
