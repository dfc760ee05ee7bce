"""Tell pages that are no article: notices of deletion, walls, empty pages, other media.

Takes   what a page calls itself, the paragraphs found on it, and what else it says.
Gives   a Refusal, or None.
Writes  nothing.

A phrase alone proves nothing: an article may quote 该文章已删除. What counts is whole sentences that are notices (notices.py),
against how much else the page tells, and whether it tells who wrote it and when. A text of some length is never refused, nor
one that is there as a whole beside 打开APP阅读全文 or Réservé aux abonnés: it goes on below that line, or does not break off.
What no known sentence tells is left to talk.py: whether the page speaks of anything but itself.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from .evidence import is_wide, letters_of, sentences_of, units_of
from .notices import Notice, is_beside, is_furniture, notice_of, says
from .rules import Refusal, RefusalKind
from .talk import LONG, PARAGRAPH, WALL, Signs, refuse_talk, speaks
from .wording import asks_to_pay

# Lengths of text in units (evidence.units_of).
REST = 240  # what a page with a notice may say besides
WHOLE = 480  # a text that does not break off at its wall; a lead and a first paragraph are less
WHOLE_PARAGRAPHS, PARAGRAPHS_BELOW = 4, 2  # of a whole text; below a wall that stands in the middle of one
NAMED = 120  # what a page may say that is a notice by its title alone
SENTENCE_CHARS = 420  # a longer sentence is no notice
OTHER_CHARS = 120  # a longer sentence beside the text is no notice
SAMPLE_CHARS = 4_000  # of a payload, looked at for control characters
LEAST_LETTERS, LEAST_LINES = 8, 3  # less of both, without a sentence or a picture, is no article

_NO_SIGNS = Signs()
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
_SIGNED_OFF = re.compile(
    r"[\s（(【\[]*(?:本[文期])?(?:责任编辑|责编|值班编辑|执行编辑|新媒体编辑|编辑|校对|[一二三终初]审|审核|监制|编审)\s*[:：/／丨|]?\s*\S{2}|[（(]\s*完\s*[）)]$"
)
_WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]{2,}|[^\W\d_\u3040-\u30ff\u3400-\u9fff]{4,}")
_COMMON = frozenset(
    {"that", "this", "with", "from", "have", "what", "will", "about", "after", "their", "they", "when", "over"}
)
_CONTROLS = bytes(code for code in range(0x20) if code not in b"\t\n\f\r\x1b")
_SENTENCE = re.compile(r"[。！？!?;；：:….]")
_WHOLE_END = re.compile("(?<![.…])[。！？!?.؟۔।][”’\"'»』」）)\\]]*$")
_CALLED = re.compile(r"[\w.$]{1,80}\(\s*([{\[].*[}\]])\s*\)\s*;?", re.S)
_TITLE_PARTS = re.compile(r"\s*[|_｜丨]\s*|\s+[-–—:：]\s+|\s*—+\s*")
_MEDIA = re.compile(r"^(?:$|text/|[\w.+-]+/(?:[\w.+-]*\+)?(?:x?html|xml)|application/(?:octet-stream|unknown))", re.I)


@dataclass(slots=True)
class _Said:
    """Paragraphs taken apart. notices: the first sentence of each kind. rest: units of what is text. at_top: no text stands above
    the first notice. above, below: whole paragraphs on both sides of the last notice. is_torn: the text breaks off at a notice,
    or at its end. has_more: a notice that asks for money says that more of the text is kept elsewhere.
    is_signed_off: below the text it says who edited it, as what is only the beginning of one does not. is_strange:
    what stands below a notice has no word of the title."""

    notices: dict[Notice, str] = field(default_factory=dict)
    rest: int = 0
    at_top: bool = False
    above: int = 0
    below: int = 0
    is_torn: bool = False
    has_more: bool = False
    is_signed_off: bool = False
    is_strange: bool = False


def judge(
    title: str | None,
    paragraphs: Sequence[str],
    image_count: int,
    others: Sequence[str] = (),
    *,
    names: Sequence[str] = (),
    signs: Signs = _NO_SIGNS,
) -> Refusal | None:
    """Judge what was read from a page; None where it may be an article.

    others: lines of the page beside a short text. names: what its head calls it. signs: what else it shows.
    """
    data = _data_in(paragraphs)
    if data:
        return Refusal("not-an-article", data)
    if not is_short(paragraphs):
        return None
    titles = [one for one in (title, *names) if one]
    said = _take_apart(paragraphs, frozenset(titles), signs)
    said.is_signed_off = said.is_signed_off or any(_signs_off(line, said) for line in others)
    noticed = _by_text(said, titles, signs) or _by_others(said, others, image_count, signs)
    if noticed is None and (talk := refuse_talk(paragraphs, titles, others, signs)):
        noticed = Refusal(REASONS[talk[0]], talk[1])
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


def _by_text(said: _Said, titles: Sequence[str], signs: Signs) -> Refusal | None:
    """Refuse a page for a notice in its text, or for its title where it says next to nothing besides."""
    title = next(((kind, one) for one in titles if (kind := notice_in_title(one))), None)
    for kind, line in said.notices.items():
        if kind == "gone" and said.is_strange and not signs.signed:
            return Refusal(REASONS[kind], line)
        if said.rest < (LONG if title and not signs.signed else _room(kind, line, said, signs)):
            return Refusal(REASONS[kind], line)
    if title and said.rest < _room_of_title(*title, signs):
        return Refusal(REASONS[title[0]], title[1])
    return None


def _by_others(said: _Said, others: Sequence[str], image_count: int, signs: Signs) -> Refusal | None:
    """Refuse a page for a notice beside the little that was taken for its text."""
    if said.rest >= WALL or (image_count and said.rest >= NAMED):
        return None
    pairs = [f"{one} {two}" for one, two in pairwise(others) if len(one) + len(two) < OTHER_CHARS]
    for line in (*(sentences_of(one)[0] for one in others), *pairs):
        kind = notice_of(line) or ("paid" if _holds_back(line, said) else None) if len(line) <= OTHER_CHARS else None
        if kind == "gone":
            room = REST if signs.signed else WALL
        elif kind == "paid":
            room = _room_beside(line, said)
        else:
            room = 1 if kind else 0
        if kind and said.rest < room:
            return Refusal(REASONS[kind], line)
    return None


def _room_beside(line: str, said: _Said) -> int:
    """Say how much text a page may have beside a line that asks to pay, and be no article."""
    if not (says("text", line) or _holds_back(line, said)):
        return REST // 2 if says("members", line) and not _is_ended(said) else 1
    if says("more", line):
        return WALL
    return 0 if _is_ended(said) else WHOLE if _is_whole(said) else WALL


def _holds_back(line: str, said: _Said) -> bool:
    """Tell whether a line asks to pay and says how much of the text is kept elsewhere (打开APP查看剩余92%), or means this very
    text, where there is little of it."""
    means_text = says("left", line) or (said.rest < REST and says("text", line) and not says("app", line))
    return means_text and asks_to_pay(line)


def _room(kind: Notice, line: str, said: _Said, signs: Signs) -> int:
    """Say how much text a page may have besides a notice in its paragraphs, and be no article."""
    if kind == "paid":
        return _room_of_paid(line, said)
    if kind in _WALLS:
        return WALL if said.at_top or not signs.signed else REST
    return WALL if said.at_top and not signs.signed else REST


def _room_of_paid(line: str, said: _Said) -> int:
    """Say the same for a line that asks to log in or to pay: any page may have it; what tells is whether the text is there."""
    if not (says("text", line) or says("members", line)):
        return 0 if _is_ended(said) else REST
    if _is_ended(said) or (not said.is_torn and min(said.above, said.below) >= PARAGRAPHS_BELOW):
        return 0
    hides = said.has_more and said.below < WHOLE_PARAGRAPHS
    return WALL if hides or not _is_whole(said) else WHOLE


def _is_ended(said: _Said) -> bool:
    """Tell whether a text ends as whole texts do: with a sentence, and a line of those who edited it."""
    return said.is_signed_off and not said.is_torn and not said.has_more


def _is_whole(said: _Said) -> bool:
    """Tell whether a text has paragraphs enough, and breaks off nowhere."""
    return not said.is_torn and said.above + said.below >= WHOLE_PARAGRAPHS


def _room_of_title(kind: Notice, title: str, signs: Signs) -> int:
    """Say how much text a page may have below a title that is a notice, and be no article."""
    if says("machine", title):
        return WALL
    if signs.signed:
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


def _take_apart(paragraphs: Sequence[str], titles: frozenset[str], signs: Signs) -> _Said:
    """Tell the notices among the sentences from the text; what only stands beside notices, or is furniture, is neither."""
    said = _Said()
    is_cut = False
    for number, line in enumerate(paragraphs):
        if line in titles or is_furniture(line):
            continue
        said.is_signed_off = said.is_signed_off or _signs_off(line, said)
        whole = notice_of(line) if len(line) <= SENTENCE_CHARS else None
        is_little = said.rest < REST and not signs.signed
        if (
            not whole
            and said.rest >= (1 if is_little else PARAGRAPH)
            and _is_last_prompt(paragraphs[number:], is_little)
        ):
            whole = "paid"
        units, is_noticed = 0, False
        for sentence in (line,) if whole else sentences_of(line):
            kind = whole or (notice_of(sentence) if len(sentence) <= SENTENCE_CHARS else None)
            if kind:
                said.is_strange = said.is_strange or (bool(whole) and not said.rest)
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
    said.is_strange = said.is_strange and not any(_share(one, paragraphs) for one in titles if not notice_in_title(one))
    return said


def _share(title: str, paragraphs: Sequence[str]) -> bool:
    """Tell whether a text has a word of a title: two characters of a script without spaces, else a word of four letters."""
    words = [word for word in _WORD.findall(title.lower()) if word not in _COMMON]
    pieces = [one[at : at + 2] for one in words if is_wide(one) for at in range(len(one) - 1)]
    pieces += [word for word in words if not is_wide(word)]
    text = "\n".join(line for line in paragraphs if line != title and not notice_of(line)).lower()
    return any(piece in text for piece in pieces)


def _signs_off(line: str, said: _Said) -> bool:
    """Tell whether a line says who edited the text above it."""
    return said.above + said.below > 0 and len(line) <= OTHER_CHARS and bool(_SIGNED_OFF.match(line))


def _is_last_prompt(lines: Sequence[str], is_little: bool) -> bool:
    """Tell whether a line asks to pay for the rest of the text, and nothing is told below it. is_little: so little stands above
    it that it need not say which text it means."""
    line = lines[0]
    asks = len(line) <= OTHER_CHARS and (is_little or says("text", line)) and asks_to_pay(line)
    return asks and all(units_of((one,), PARAGRAPH) < PARAGRAPH or speaks(one) for one in lines[1:])


def without_notices(paragraphs: Sequence[str]) -> list[int]:
    """Give the numbers of the paragraphs of a refused page that tell something of its article: the little text there is."""
    if _data_in(paragraphs):
        return []
    return [
        number
        for number, line in enumerate(paragraphs)
        if not (
            is_furniture(line) or is_beside(line) or (len(line) <= SENTENCE_CHARS and (notice_of(line) or speaks(line)))
        )
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
