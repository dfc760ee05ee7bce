"""The parts of an instalment: editor's note, highlights, byline, body.

Takes   the paragraphs of an article, mended, in reading order (from HTML, plain text or an API alike).
Gives   Parts: each part without its label, the authors and editors found, and the whole text as read.
Writes  nothing.

A label stands alone on its line (编者按：) or before the text (编者按：近日…). A part ends at the next label or at the byline,
which is known by its words (bylines) or by its place (signature). Where neither follows, a label takes the one paragraph
after it, and more only while they speak of the paper itself.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from ..model import Author
from .bylines import (
    LINE_CHARS,
    Imprint,
    is_imprint,
    merge_authors,
    read_author_note,
    read_byline,
    read_closing,
    read_imprint,
    read_opening,
    read_signed,
)
from .infoline import is_bare_day, is_info_line, read_info_authors
from .names import is_name
from .signature import (
    Introduced,
    introduced,
    is_verse,
    read_introduced,
    read_japanese_end,
    read_signature,
    split_person,
)
from .spaced import read_korean_head

LEAD_PARAGRAPHS = 12  # labels are looked for only so far down
PART_PARAGRAPHS = 8  # longest note or highlights, in paragraphs, that an end mark may close
CLOSING_PARAGRAPHS = 3  # how many paragraphs from the end may be a byline
BYLINE_PARAGRAPHS = 3  # how many paragraphs may stand before a byline that follows no label
SIGNED_PARAGRAPHS = 4  # the same before one that is known by its form and follows a label
SIGNED_ABOVE = 8  # how many paragraphs from the end may end in names in brackets
INFO_PARAGRAPHS = 4  # lines of information stand among so many first paragraphs
HIRAGANA = 10  # so many in one paragraph, and the text is Japanese
BYLINES = 6  # lines of one byline, one author each

_NOTE = (
    "编者按语?|編者按語?|编者案|编者的话|編者的話|编前语|编前话|编前|編前語|开栏的话|開欄的話|开栏语|栏目开篇的话|按语"
    "|editor['’]s note"
)
_HIGHLIGHTS = (
    "核心提示|核心阅读|核心閱讀|核心内容|核心观点|内容提要|內容提要|内容摘要|摘要|提要|导读|導讀|阅读提示|本文要点|要点提示|核心要点"
    "|本期导读|新闻提要|key points|highlights"
)
_OPEN, _CLOSE = r"[【\[（(〔［\s●■◆▲□◎※*]*", r"[】\])）〕］]"
_LABEL = re.compile(
    rf"^{_OPEN}(?:(?P<note>{_NOTE})|(?P<highlights>{_HIGHLIGHTS}))\s*(?P<mark>{_CLOSE}\s*[：:]?|[：:丨|])?\s*(?P<rest>.*)$",
    re.S | re.I,
)
_CORRECTION = re.compile(
    r"[\W_]*(?:(?:correction|clarification|korrektur|berichtigung|rectificatif|更正|勘误|勘誤|订正|訂正)\w{0,3}\s*[:：(（]"
    r"|(?:this|an earlier version of this) (?:article|story|piece|report)\b.{0,40}\b(?:amended|corrected|updated"
    r"|misstated|misspelled|said|gave)\b"
    r"|(?:in )?einer (?:früheren|ersten) (?:version|fassung)\b|原文(?:所称|中|误))",
    re.I,
)
_OF_THE_PAPER = re.compile(
    "本[报報刊期网網栏欄版台]|客户端|客戶端|栏目|欄目|专题|專題|专栏|專欄|刊发|刊發|刊登|推出|敬请|敬請|即日起|今日起|今起|今天起|选登|摘发|连载|連載"
)
_CLOSING_MARKS = tuple("。！？；!?;…，,：:")
_BULLET = re.compile(r"^[●■◆▲•·○★☆◎►▶\-—*]|^[①-⑳]|^\d{1,2}[.、．]")
_HIRAGANA = re.compile("[ぁ-ん]")
_QUOTED = re.compile(r"《([^《》]{2,80})》")
_ARTICLE_NAMED = re.compile(
    r"(?:文章|题为|題為|撰写的|撰寫的|署名文章|刊发|刊發|刊登|发表|發表|推出)[^《》，,。]{0,24}《([^《》]{2,80})》"
)


@dataclass(slots=True)
class Parts:
    """The parts of an article. text: every paragraph as read, labels kept, lines of editors and source left out.

    info: lines of date, source and names that stood before the body; they are in the text. office: what a note says of
    an author whom the text does not name.
    """

    editors_note: list[str] = field(default_factory=list)
    highlights: list[str] = field(default_factory=list)
    body: list[str] = field(default_factory=list)
    text: list[str] = field(default_factory=list)
    info: list[str] = field(default_factory=list)
    authors: tuple[Author, ...] = ()
    imprint: Imprint = field(default_factory=Imprint)
    office: str | None = None


@dataclass(slots=True)
class _Bylines:
    """The paragraphs that say who wrote the article. authors: by number of paragraph, () for a note on the author."""

    authors: dict[int, tuple[Author, ...]] = field(default_factory=dict)
    notes: list[tuple[str | None, str]] = field(default_factory=list)


def part_paragraphs(
    paragraphs: Sequence[str], *, captions: frozenset[int] = frozenset(), known: Sequence[str] = ()
) -> Parts:
    """Part the paragraphs of an article.

    captions: numbers of those that are captions of pictures; they stay in the text and are in no part. known: names of
    authors that are told beside the text.

    >>> part_paragraphs(["编者按：本报今起刊发一组文章。", "临溪县水务局局长 苏砚秋", "水要是通了，路也就通了。"]).body
    ['水要是通了，路也就通了。']
    """
    parts = Parts()
    info = info_lines(paragraphs)
    lines = [
        (number, line) for number, line in enumerate(paragraphs) if number in info or not _take_imprint(line, parts)
    ]
    parts.text = [line for _, line in lines]
    apart = captions | info
    kept = [line for number, line in lines if number not in apart] if apart else parts.text
    _take_info([paragraphs[number] for number in sorted(info)], parts)
    bylines = _find_bylines(kept, known)
    number, first = 0, min(bylines.authors, default=None)
    while number < len(kept):
        number = _take(kept, number, bylines, first, parts)
    _take_closing(parts, bylines, known)
    for paragraph in (*parts.body[:2], *parts.body[-1:]):
        parts.authors = merge_authors(parts.authors, read_opening(paragraph), read_korean_head(paragraph))
    if parts.body and not parts.authors:
        parts.authors = _signed_above(parts) or _told_in_note(parts, known)
    for name, office in bylines.notes:
        _take_office(parts, name, office, known)
    return parts


def info_lines(paragraphs: Sequence[str]) -> frozenset[int]:
    """Give the numbers of the paragraphs that are lines of information: near the top, with no text above them.

    A bare date that is not the only one is the heading of an entry, as diaries have it.

    >>> sorted(info_lines(["2031年3月5日 来源：临溪日报", "2031年3月5日，渠水到了。"]))
    [0]
    """
    found = set()
    for number, line in enumerate(paragraphs[:INFO_PARAGRAPHS]):
        if is_info_line(line) and (not is_bare_day(line) or sum(map(is_bare_day, paragraphs)) == 1):
            found.add(number)
        elif not _may_be_byline(line):
            break
    return frozenset(found)


def is_structural(line: str) -> bool:
    """Tell whether a line is a label, a byline or a correction: what extractors take for furniture, and is the article's."""
    return _label(line) is not None or bool(_CORRECTION.match(line)) or bool(read_byline(line))


def is_label(line: str) -> bool:
    """Tell whether a line is the label of an editor's note or of highlights, or begins with it."""
    return _label(line) is not None


def title_in_note(note: Sequence[str]) -> str | None:
    """Give the title of the article that an editor's note introduces: the last 《…》 said to be the article.

    >>> title_in_note(["本报开设专栏《沿渠》。", "本期刊发苏砚秋的文章《水通了》。"])
    '水通了'
    """
    named = [match for paragraph in note for match in _ARTICLE_NAMED.findall(paragraph)]
    return named[-1] if named else None


def names_in_note(note: Sequence[str]) -> tuple[str, ...]:
    """Give everything that a note sets in 《…》: the article, and the series it belongs to."""
    return tuple(match for paragraph in note for match in _QUOTED.findall(paragraph))


def _take_imprint(line: str, parts: Parts) -> bool:
    if not is_imprint(line):
        return False
    found = read_imprint(line)
    parts.imprint = Imprint(parts.imprint.source or found.source, parts.imprint.editor or found.editor)
    return True


def _take_info(lines: Sequence[str], parts: Parts) -> None:
    """Read source, editor and authors from the lines of information."""
    for line in lines:
        found = read_imprint(line)
        parts.imprint = Imprint(parts.imprint.source or found.source, parts.imprint.editor or found.editor)
        parts.authors = merge_authors(parts.authors, read_info_authors(line))
        parts.info.append(line)


def _label(paragraph: str) -> tuple[str, str] | None:
    """Read a label: its kind, and the text after it. Text after it counts only behind a colon or a closing bracket."""
    match = _LABEL.match(paragraph)
    if not match or (match["rest"] and not match["mark"]):
        return None
    return ("editors_note" if match["note"] else "highlights"), match["rest"].strip()


def _find_bylines(paragraphs: Sequence[str], known: Sequence[str]) -> _Bylines:
    """Find the byline: near the top, or within reach of the last label; a line each where there are several authors."""
    found = _Bylines()
    label: int | None = None
    start = 0
    for number, paragraph in enumerate(paragraphs[: LEAD_PARAGRAPHS + PART_PARAGRAPHS]):
        if found.authors and (number - 1 not in found.authors or number == len(paragraphs) - 1):
            break
        if number < LEAD_PARAGRAPHS and not found.authors and _label(paragraph):
            start, label = (number if label is None else start), number
        elif number < (BYLINE_PARAGRAPHS if label is None else label + 1 + PART_PARAGRAPHS):
            _read_lead(paragraphs, number, start, label, known, found)
    return found


def _read_lead(
    paragraphs: Sequence[str], number: int, start: int, label: int | None, known: Sequence[str], found: _Bylines
) -> None:
    """Read one paragraph that stands where a byline may: by its words, by the note before it, by its form.

    start: number of the paragraph that the note begins with. label: number of the last label.
    """
    line = paragraphs[number]
    if len(line) > 2 * LINE_CHARS or len(found.authors) >= BYLINES:
        return
    note = read_author_note(line)
    if note:
        found.authors[number] = ()
        found.notes.append(note)
        return
    authors = read_byline(line)
    if not authors and _may_be_byline(line):
        said = introduced(paragraphs[start:number]) if number > start else Introduced()
        elsewhere = "\n".join(paragraphs[number + 1 :]) if said.persons else ""
        authors = read_introduced(line, said, known, elsewhere)
        if not authors and _may_be_signed(paragraphs, number, label):
            authors = read_signature(line, known)
    if authors:
        found.authors[number] = authors


def _may_be_byline(line: str) -> bool:
    return len(line) <= LINE_CHARS and line[-1:] not in _CLOSING_MARKS


def _may_be_signed(paragraphs: Sequence[str], number: int, label: int | None) -> bool:
    """Tell whether a line stands where its form alone makes it a byline: after the last label's text, or after the title."""
    if label is None:
        at_place = number == 0 or (
            number == 1 and _may_be_byline(paragraphs[0]) and len(paragraphs[0]) <= LINE_CHARS // 2
        )
    else:
        at_place = number <= label + SIGNED_PARAGRAPHS
    neighbours = (*paragraphs[max(0, number - 1) : number], *paragraphs[number + 1 : number + 2])
    return at_place and number < len(paragraphs) - 1 and not is_verse(paragraphs[number], neighbours)


def _take(paragraphs: Sequence[str], number: int, bylines: _Bylines, first: int | None, parts: Parts) -> int:
    """Put the paragraph (and those that belong to its label) where it belongs; give the number of the next one.

    first: number of the first byline.
    """
    paragraph = paragraphs[number]
    label = _label(paragraph) if number < LEAD_PARAGRAPHS and not (first is not None and parts.body) else None
    if label:
        kind, rest = label
        end = _part_end(paragraphs, number + 1, first, bool(rest), kind)
        getattr(parts, kind).extend([rest] if rest else [])
        getattr(parts, kind).extend(paragraphs[number + 1 : end])
        return end
    if number in bylines.authors:
        parts.authors = merge_authors(parts.authors, bylines.authors[number])
    else:
        parts.body.append(paragraph)
    return number + 1


def _part_end(paragraphs: Sequence[str], start: int, byline_at: int | None, has_text: bool, kind: str) -> int:
    """Give the number of the paragraph after a labelled part that begins at start."""
    limit = min(len(paragraphs), start + PART_PARAGRAPHS)
    for number in range(start, limit):
        if number == byline_at or _label(paragraphs[number]):
            return number
    end = start if has_text else min(start + 1, len(paragraphs))
    goes_on = _OF_THE_PAPER if kind == "editors_note" else _BULLET
    # Always leave something for the body.
    while end < min(limit, len(paragraphs) - 1) and goes_on.search(paragraphs[end]):
        end += 1
    return end


def _take_closing(parts: Parts, bylines: _Bylines, known: Sequence[str]) -> None:
    """Take bylines and notes on the author from the last paragraphs of the body."""
    below = True  # nothing but bylines stands below the line
    for number in range(len(parts.body) - 1, max(0, len(parts.body) - 1 - CLOSING_PARAGRAPHS), -1):
        line = parts.body[number]
        note = read_author_note(line)
        authors = () if note else read_byline(line)
        if below and not note and not authors and _may_be_byline(line):
            alone = is_name(line) and (line in known or bool(bylines.notes))
            authors = (Author(line),) if alone else _signed_at_end(parts.body, number, known)
        below = below and bool(note or authors)
        parts.authors = merge_authors(parts.authors, authors)
        bylines.notes.extend([note] if note else [])
        if note or authors:
            del parts.body[number]


def _signed_at_end(body: Sequence[str], number: int, known: Sequence[str]) -> tuple[Author, ...]:
    return () if is_verse(body[number], body[number - 1 : number]) else read_signature(body[number], known)


def _signed_above(parts: Parts) -> tuple[Author, ...]:
    """Read the names that end the last paragraph, or one not far above it: sites print links and notices below."""
    if _is_japanese(parts.body):
        return next(filter(None, map(read_japanese_end, parts.body[: -CLOSING_PARAGRAPHS - 1 : -1])), ())
    found = read_closing(parts.body[-1])
    for paragraph in parts.body[-2 : -SIGNED_ABOVE - 1 : -1] if not found else ():
        found = read_closing(paragraph, told=True) or read_signed(paragraph)
        if found:
            break
    return found


def _is_japanese(body: Sequence[str]) -> bool:
    """Tell whether the text has the small letters of Japanese, and more than a quoted word of them."""
    return any(len(_HIRAGANA.findall(paragraph)) >= HIRAGANA for paragraph in body[-CLOSING_PARAGRAPHS:])


def _told_in_note(parts: Parts, known: Sequence[str]) -> tuple[Author, ...]:
    """Give the authors whom the note presents, where no line of the article names one."""
    persons = introduced(parts.editors_note).persons
    elsewhere = "\n".join((*parts.highlights, *parts.body)) if persons else ""
    parted = [who for who in persons if not any(who != other and other in who for other in persons)]
    return merge_authors(*(split_person(who, known, elsewhere) for who in parted))


def _take_office(parts: Parts, name: str | None, office: str, known: Sequence[str]) -> None:
    """Give an author the office that a note tells; name: whom the note means, None where it does not say."""
    if name:
        parts.authors = merge_authors(parts.authors, (Author(name, office),))
        return
    names = [*(author.name for author in parts.authors), *known]
    named = next(iter(split_person(office, names)), None) if any(map(office.endswith, names)) else None
    if named:
        parts.authors = merge_authors(parts.authors, (named,))
    elif len(parts.authors) == 1 and parts.authors[0].role is None:
        parts.authors = (Author(parts.authors[0].name, office),)
    elif not parts.authors and len(parts.body) > 1 and is_name(parts.body[0]):  # alone below the headline
        parts.authors = (Author(parts.body.pop(0), office),)
    elif not parts.authors:
        parts.authors = split_person(office)
        parts.office = None if parts.authors else office
