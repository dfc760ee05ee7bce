"""The parts of an instalment: editor's note, highlights, byline, body.

Takes   the paragraphs of an article, mended, in reading order (from HTML, plain text or an API alike).
Gives   Parts: each part without its label, the authors and editors found, and the whole text as read.
Writes  nothing.

A label stands alone on its line (编者按：) or before the text (编者按：近日…). A part ends at the next label or at the byline.
Where neither follows, a label takes the one paragraph after it, and more only while they speak of the paper itself.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from ..model import Author
from .bylines import (
    Imprint,
    is_imprint,
    merge_authors,
    read_author_note,
    read_byline,
    read_closing,
    read_imprint,
    read_opening,
)

LEAD_PARAGRAPHS = 12  # labels are looked for only so far down
PART_PARAGRAPHS = 8  # longest note or highlights, in paragraphs, that an end mark may close
CLOSING_PARAGRAPHS = 3  # how many paragraphs from the end may be a byline
BYLINE_PARAGRAPHS = 3  # how many paragraphs may stand before a byline that follows no label

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
_OF_THE_PAPER = re.compile(
    "本[报報刊期网網栏欄版台]|客户端|客戶端|栏目|欄目|专题|專題|专栏|專欄|刊发|刊發|刊登|推出|敬请|敬請|即日起|今日起|今起|今天起|选登|摘发|连载|連載"
)
_BULLET = re.compile(r"^[●■◆▲•·○★☆◎►▶\-—*]|^[①-⑳]|^\d{1,2}[.、．]")
_QUOTED = re.compile(r"《([^《》]{2,80})》")
_ARTICLE_NAMED = re.compile(
    r"(?:文章|题为|題為|撰写的|撰寫的|署名文章|刊发|刊發|刊登|发表|發表|推出)[^《》，,。]{0,24}《([^《》]{2,80})》"
)


@dataclass(slots=True)
class Parts:
    """The parts of an article. text: every paragraph as read, labels kept, lines of editors and source left out."""

    editors_note: list[str] = field(default_factory=list)
    highlights: list[str] = field(default_factory=list)
    body: list[str] = field(default_factory=list)
    text: list[str] = field(default_factory=list)
    authors: tuple[Author, ...] = ()
    imprint: Imprint = field(default_factory=Imprint)


def part_paragraphs(paragraphs: Sequence[str]) -> Parts:
    """Part the paragraphs of an article.

    >>> part_paragraphs(["编者按：本报今起刊发一组文章。", "临溪县水务局局长 苏砚秋", "水要是通了，路也就通了。"]).body
    ['水要是通了，路也就通了。']
    """
    parts = Parts()
    kept = [line for line in paragraphs if not _take_imprint(line, parts)]
    parts.text = list(kept)
    byline_at = _find_byline(kept)
    number = 0
    while number < len(kept):
        number = _take(kept, number, byline_at, parts)
    _take_closing(parts)
    for paragraph in (*parts.body[:2], *parts.body[-1:]):
        parts.authors = merge_authors(parts.authors, read_opening(paragraph))
    if parts.body and not parts.authors:
        parts.authors = read_closing(parts.body[-1])
    return parts


def is_structural(line: str) -> bool:
    """Tell whether a short line is a label or a byline: extractors take it for furniture, yet it belongs to the article."""
    return _label(line) is not None or bool(read_byline(line))


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


def _label(paragraph: str) -> tuple[str, str] | None:
    """Read a label: its kind, and the text after it. Text after it counts only behind a colon or a closing bracket."""
    match = _LABEL.match(paragraph)
    if not match or (match["rest"] and not match["mark"]):
        return None
    return ("editors_note" if match["note"] else "highlights"), match["rest"].strip()


def _find_byline(paragraphs: Sequence[str]) -> int | None:
    """Find the paragraph that is the byline: near the top, or within reach of the last label."""
    reach = BYLINE_PARAGRAPHS
    for number, paragraph in enumerate(paragraphs[: LEAD_PARAGRAPHS + PART_PARAGRAPHS]):
        if number < LEAD_PARAGRAPHS and _label(paragraph):
            reach = number + 1 + PART_PARAGRAPHS
        elif number < reach and read_byline(paragraph):
            return number
    return None


def _take(paragraphs: Sequence[str], number: int, byline_at: int | None, parts: Parts) -> int:
    """Put the paragraph (and those that belong to its label) where it belongs; give the number of the next one."""
    paragraph = paragraphs[number]
    label = _label(paragraph) if number < LEAD_PARAGRAPHS and not (byline_at is not None and parts.body) else None
    if label:
        kind, rest = label
        end = _part_end(paragraphs, number + 1, byline_at, bool(rest), kind)
        getattr(parts, kind).extend([rest] if rest else [])
        getattr(parts, kind).extend(paragraphs[number + 1 : end])
        return end
    if number == byline_at or (byline_at is not None and number == byline_at + 1 and number < len(paragraphs) - 1):
        authors = read_byline(paragraph)
        parts.authors = merge_authors(parts.authors, authors)
        if authors:
            return number + 1
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


def _take_closing(parts: Parts) -> None:
    """Take bylines and notes on the author from the last paragraphs of the body."""
    for number in range(len(parts.body) - 1, max(0, len(parts.body) - 1 - CLOSING_PARAGRAPHS), -1):
        line = parts.body[number]
        role = read_author_note(line)
        authors = read_byline(line)
        if role and len(parts.authors) == 1 and parts.authors[0].role is None:
            parts.authors = (Author(parts.authors[0].name, role),)
        parts.authors = merge_authors(parts.authors, authors)
        if role or authors:
            del parts.body[number]
