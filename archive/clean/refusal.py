"""Tell pages that are no article: notices of deletion, walls, empty pages, other media.

Takes   what a page calls itself, the paragraphs found on it, and what else it says.
Gives   a Refusal, or None.
Writes  nothing.

A phrase alone proves nothing: an article may quote 该文章已删除. What counts is whole sentences that are notices (notices.py),
against how much else the page tells, and whether it tells who wrote it and when. A text of some length is never refused, nor
one that is there as a whole beside 打开APP阅读全文 or Réservé aux abonnés: it goes on below that line, or does not break off.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from .evidence import letters_of
from .notices import Notice, is_beside, is_furniture, notice_of, says
from .rules import Refusal, RefusalKind

# Lengths of text in units: a letter or digit is one, a character of a script without spaces between words is three.
WIDE = 3
LONG = 3_600  # a text as long as this is no notice, whatever it says
REST = 240  # what a page with a notice may say besides
WALL = 1_200  # a wall explains itself at more length, and shows the beginning of what it hides
WHOLE = 480  # a text that does not break off at its wall; a lead and a first paragraph are less
PARAGRAPH = 60  # what is shorter is a heading, a date, a byline, and breaks off nowhere
WHOLE_PARAGRAPHS, PARAGRAPHS_BELOW = 4, 2  # of a whole text; below a wall that stands in the middle of one
NAMED = 120  # what a page may say that is a notice by its title alone
SENTENCE_CHARS = 420  # a longer sentence is no notice
OTHER_CHARS = 120  # a longer sentence beside the text is no notice
SAMPLE_CHARS = 4_000  # of a payload, looked at for control characters
LEAST_LETTERS, LEAST_LINES = 8, 3  # less of both, without a sentence or a picture, is no article

REASONS: dict[Notice, RefusalKind] = {
    "gone": "soft-404",
    "wall": "blocked",
    "paid": "blocked",
    "consent": "blocked",
    "broken": "not-an-article",
    "parked": "not-an-article",
    "shell": "not-an-article",
}
_WALLS = frozenset({"wall", "paid", "consent", "broken", "parked"})
_WIDE = re.compile("[\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\U00020000-\U0003ffff]")
_CONTROLS = bytes(code for code in range(0x20) if code not in b"\t\n\f\r\x1b")
_SENTENCE = re.compile(r"[。！？!?;；：:….]")
_WHOLE_END = re.compile("(?<![.…])[。！？!?.؟۔।][”’\"'»』」）)\\]]*$")
_END = re.compile(r"(?<=[。！？!?；;])\s*|(?<=[.…])\s+|(?<=……)|\n")
_CALLED = re.compile(r"[\w.$]{1,80}\(\s*([{\[].*[}\]])\s*\)\s*;?", re.S)
_TITLE_PARTS = re.compile(r"\s*[|_｜丨]\s*|\s+[-–—:：]\s+|\s*—+\s*")
_MEDIA = re.compile(r"^(?:$|text/|[\w.+-]+/(?:[\w.+-]*\+)?(?:x?html|xml)|application/(?:octet-stream|unknown))", re.I)


@dataclass(slots=True)
class _Said:
    """Paragraphs taken apart. notices: the first sentence of each kind. rest: units of what is text. at_top: no text stands above
    the first notice. above, below: whole paragraphs on both sides of the last notice. is_torn: the text breaks off at a notice,
    or at its end. has_more: a notice that asks for money says that more of the text is kept elsewhere."""

    notices: dict[Notice, str] = field(default_factory=dict)
    rest: int = 0
    at_top: bool = False
    above: int = 0
    below: int = 0
    is_torn: bool = False
    has_more: bool = False


def judge(
    title: str | None,
    paragraphs: Sequence[str],
    image_count: int,
    others: Sequence[str] = (),
    *,
    names: Sequence[str] = (),
    signed: bool = False,
) -> Refusal | None:
    """Judge what was read from a page; None where it may be an article.

    others: lines of the page beside a short text. names: what its head calls it. signed: it tells who wrote it, or when.
    """
    data = _data_in(paragraphs)
    if data:
        return Refusal("not-an-article", data)
    if not is_short(paragraphs):
        return None
    titles = [one for one in (title, *names) if one]
    said = _take_apart(paragraphs, frozenset(titles))
    noticed = _by_text(said, titles, signed=signed) or _by_others(said, others, image_count, signed=signed)
    if noticed or image_count:
        return noticed
    lines = [line for line in paragraphs if not is_furniture(line)]
    letters = sum(len(letters_of(line)) for line in lines)
    if not letters:
        return Refusal("not-an-article", "no text and no picture found")
    if letters < LEAST_LETTERS and len(lines) < LEAST_LINES and not any(_SENTENCE.search(line) for line in lines):
        return Refusal("not-an-article", f"only {letters} letters: {lines[0][:20]}")
    return None


def is_short(paragraphs: Sequence[str]) -> bool:
    """Tell whether a text is so short that it may be a notice."""
    return units_of(paragraphs, LONG) < LONG


def _by_text(said: _Said, titles: Sequence[str], *, signed: bool) -> Refusal | None:
    """Refuse a page for a notice in its text, or for its title where it says next to nothing besides."""
    title = next(((kind, one) for one in titles if (kind := notice_in_title(one))), None)
    for kind, line in said.notices.items():
        if said.rest < (LONG if title and not signed else _room(kind, line, said, signed=signed)):
            return Refusal(REASONS[kind], line)
    if title and said.rest < _room_of_title(*title, signed=signed):
        return Refusal(REASONS[title[0]], title[1])
    return None


def _by_others(said: _Said, others: Sequence[str], image_count: int, *, signed: bool) -> Refusal | None:
    """Refuse a page for a notice beside the little that was taken for its text."""
    if said.rest >= WALL or (image_count and said.rest >= NAMED):
        return None
    for line in (_END.split(one)[0] for one in others):
        kind = notice_of(line) if len(line) <= OTHER_CHARS else None
        if kind == "gone":
            room = REST if signed else WALL
        elif kind == "paid" and says("text", line):
            room = WALL if says("more", line) or not _is_whole(said) else WHOLE
        else:
            room = 1 if kind else 0
        if kind and said.rest < room:
            return Refusal(REASONS[kind], line)
    return None


def _room(kind: Notice, line: str, said: _Said, *, signed: bool) -> int:
    """Say how much text a page may have besides a notice in its paragraphs, and be no article."""
    if kind == "paid":
        return _room_of_paid(line, said)
    if kind in _WALLS:
        return WALL if said.at_top or not signed else REST
    return WALL if said.at_top and not signed else REST


def _room_of_paid(line: str, said: _Said) -> int:
    """Say the same for a line that asks to log in or to pay: any page may have it; what tells is whether the text is there."""
    if not (says("text", line) or says("members", line)):
        return REST
    if not said.is_torn and min(said.above, said.below) >= PARAGRAPHS_BELOW:
        return 0
    hides = said.has_more and said.below < WHOLE_PARAGRAPHS
    return WALL if hides or not _is_whole(said) else WHOLE


def _is_whole(said: _Said) -> bool:
    """Tell whether a text has paragraphs enough, and breaks off nowhere."""
    return not said.is_torn and said.above + said.below >= WHOLE_PARAGRAPHS


def _room_of_title(kind: Notice, title: str, *, signed: bool) -> int:
    """Say how much text a page may have below a title that is a notice, and be no article."""
    if says("machine", title):
        return WALL
    if signed:
        return 0
    return WALL // 2 if kind == "gone" else NAMED


def judge_medium(content_type: str, text: str, undecoded: int, looks_like_html: bool) -> Refusal | None:
    """Refuse what is no text: another medium by its type, or bytes that no encoding makes sense of."""
    mime = content_type.split(";")[0].strip()
    if not _MEDIA.match(mime) and not looks_like_html:
        return Refusal("source", f"{mime} is no page")
    sample = text[:SAMPLE_CHARS].encode("utf-8", "replace")
    controls = len(sample) - len(sample.translate(None, _CONTROLS))
    if undecoded > 0.1 * max(1, len(text)) or controls > 0.02 * max(1, min(SAMPLE_CHARS, len(text))):
        return Refusal("source", "the bytes are no text in any encoding tried")
    return None


def _take_apart(paragraphs: Sequence[str], titles: frozenset[str]) -> _Said:
    """Tell the notices among the sentences from the text; what only stands beside notices, or is furniture, is neither."""
    said = _Said()
    is_cut = False
    for line in paragraphs:
        if line in titles or is_furniture(line):
            continue
        whole = notice_of(line) if len(line) <= SENTENCE_CHARS else None
        units, is_noticed = 0, False
        for sentence in (line,) if whole else sentences_of(line):
            kind = whole or (notice_of(sentence) if len(sentence) <= SENTENCE_CHARS else None)
            if kind:
                said.at_top = said.at_top or not said.rest + units
                said.notices.setdefault(kind, sentence)
                said.has_more = said.has_more or (kind == "paid" and says("more", sentence))
                is_noticed = True
            elif not is_beside(sentence):
                units += units_of((sentence,), LONG)
        said.rest += units
        if is_noticed:
            said.above, said.below = said.above + said.below, 0
            said.is_torn = said.is_torn or is_cut
        elif units >= PARAGRAPH:
            is_cut = not _WHOLE_END.search(line)
            said.below += not is_cut
    said.is_torn = said.is_torn or is_cut
    return said


def without_notices(paragraphs: Sequence[str]) -> list[int]:
    """Give the numbers of the paragraphs of a refused page that tell something of its article: the little text there is."""
    if _data_in(paragraphs):
        return []
    return [
        number
        for number, line in enumerate(paragraphs)
        if not (is_furniture(line) or is_beside(line) or (len(line) <= SENTENCE_CHARS and notice_of(line)))
    ]


def without_prompts(paragraphs: Sequence[str]) -> list[int]:
    """Give the numbers of the paragraphs of an article that are no request to log in, to pay or to open the app.

    One that ends a text and says that there is more of it stays: it may be so.
    """
    kept: list[int] = []
    is_followed = False
    for number in range(len(paragraphs) - 1, -1, -1):
        line = paragraphs[number]
        if not (_is_prompt(line) and (is_followed or not says("more", line))):
            kept.append(number)
            is_followed = is_followed or (bool(_WHOLE_END.search(line)) and units_of((line,), PARAGRAPH) >= PARAGRAPH)
    return kept[::-1]


def _is_prompt(line: str) -> bool:
    speaks = len(line) <= OTHER_CHARS and notice_of(line) == "paid"
    return speaks and (says("text", line) or says("members", line))


def notice_in_title(title: str) -> Notice | None:
    """Say which notice a title is, or one of its parts beside the name of the site."""
    return notice_of(title) or next((kind for one in _TITLE_PARTS.split(title) if (kind := notice_of(one))), None)


def sentences_of(line: str) -> list[str]:
    """Part a line at the ends of its sentences."""
    return _END.split(line)


def _data_in(paragraphs: Sequence[str]) -> str | None:
    """Tell whether a page is the answer of an API or a store: an error, as a rule, that was sent as a page."""
    text = "\n".join(paragraphs).strip() if len(paragraphs) < 200 else ""
    if text[:1] + text[-1:] == "<>" and text.startswith(("<?xml", "<Error", "<error")):
        return f"XML in place of a page: {text[:60]}"
    called = _CALLED.fullmatch(text)
    text = called[1] if called else text
    if text[:1] + text[-1:] not in ("{}", "[]", '""'):
        return None
    try:
        json.loads(text)
    except ValueError:
        return None
    return f"JSON in place of a page: {text[:60]}"


def units_of(lines: Iterable[str], enough: int) -> int:
    """Measure text until there is enough."""
    count = 0
    for line in lines:
        letters = letters_of(line)
        count += len(letters) + (WIDE - 1) * len(_WIDE.findall(letters))
        if count >= enough:
            break
    return count
