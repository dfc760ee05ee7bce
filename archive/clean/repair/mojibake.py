"""Text that was decoded by the wrong charset, brought back where that is certain.

Takes   a paragraph. Gives edits. Writes nothing.

Three kinds: UTF-8 read as GBK (鍑哄僵缃戜俊), UTF-8 read as Latin-1 or code page 1252 (å‡ºå½©), GBK read as Latin-1
(³ö²ÊÍøÐÅ). Each is undone only where a whole run encodes back, decodes strictly, and reads as common characters: the
chance of that in healthy text is nil. 锟斤拷 is what is left of characters lost before; nothing brings them back.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from .hanzi import is_common
from .likelihood import END, UNKNOWN
from .lost import Evidence
from .spans import Edit, Span, amend, text_of
from .wide import Piece, characters

WHY = "mojibake"
WHY_LOST = "completed: mojibake"
WHY_UNKNOWN = "unknown: mojibake"
MIN_RUN = 4  # characters of garble; fewer could be a rare name, and count only where the article has more of its kind
HEAD_CHARS = 600
REACH = 200  # characters on each side from which one that lost a byte is completed
HEALTHY = (
    0.1  # share of an article's characters of Latin-1 that stand in no garble, at most, where short runs count as well
)
MOST = 3  # garbled letters for each healthy one of other lines, from which on these lines are those of a template
QUOTED = 0.1  # share of an article's characters up to which garble is an example, where the article speaks of encodings
MIN_COMMON = 0.8  # share of the result that must be common characters or Chinese punctuation

_C1 = "€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ"  # what code page 1252 has at 80-9F
_MORE = rf"[\u0080-\u00bf{_C1}]"
_LATIN_RUN = re.compile(rf"(?:[\u00c2-\u00df]{_MORE}|[\u00e0-\u00ef]{_MORE}{{2}}|[\u00f0-\u00f4]{_MORE}{{3}})+")
# The closing quotation mark's last byte is 9D, which code page 1252 does not have: a mark stands for it, or nothing.
_CLOSING = re.compile(rf"â€(?:\ufffd|(?!{_MORE}))")
_GBK_RUN = re.compile(
    r"(?:[\u0081-\u00fe€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ][\u0040-\u007e\u0080-\u00fe€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ])+"
)
_NO_LETTER = re.compile(r"[\u00a1-\u00bf×÷]")  # words in capitals, ÀÉÈÙ, have none of these
_HIGH = re.compile(rf"[\u0080-\u00ff{_C1}]")
_EUROPEAN = re.compile(r"[\u00a0-\u024f\u0300-\u036f\u1e00-\u1eff\u2010-\u2027\u2030-\u203a€™]+")
_KANA = re.compile("[\u3041-\u30ff]")
_WIDE = "\u0100-\uffff¤§¨°±·×÷àáèéêìíòóùúü"
_WIDE_RUN = re.compile(rf"[{_WIDE}][{_WIDE}?]*")
_ACCENTED = re.compile("[\u00c0-\u024f]")
# What UTF-8 of an East Asian text holds: its characters and signs, an ASCII letter that a lead byte took for its second, and
# the letters and private areas of GBK, where it is garble once more.
_EAST_ASIAN = re.compile(
    r"[\x21-\x7e\u0080-\u0451\u2010-\u27bf\u3000-\u9fff\uac00-\ud7a3\ue000-\uf8ff\ufe30-\ufe4f\uff01-\uffe5\ufffd]*"
)
# Letters of scripts that are neither Latin nor Chinese, with the marks of their sentences.
_OTHER_SCRIPT = re.compile(
    r"(?=.*[\u0370-\u1fff\u3041-\u30ff\uac00-\ud7a3])[\u0300-\u1fff\u2010-\u203a\u20a0-\u20bf№\u3001-\u30ff\u4e00-\u9fff\uac00-\ud7a3\uff01-\uff5e\u00a0-\u00bf\u200b-\u200d]+"
)
_ABOUT = re.compile(
    r"mojibake|utf-?8|latin-?1|8859-1|windows-125\d|cp-?125\d|\bgbk\b|gb2312|gb18030|乱码|亂碼|文字化け|编码|編碼|字符集",
    re.I,
)
_PRIVATE = re.compile("[\ue000-\uf8ff]")
_LATIN_LETTER = re.compile("[\u00c0-\u00ff]")
_LATIN = frozenset(map(chr, range(0xA1, 0x100)))
_LOST = re.compile("(?:锟斤拷)+")
_QUOTED = re.compile(r"[“‘「『\"'《]$")
_PUNCTUATION = re.compile(r"[\u2010-\u2027\u3000-\u303f\uff00-\uffef·\s\d]")


def _pairs(leads: Iterable[int], trails: Iterable[int]) -> frozenset[str]:
    """The characters that GBK makes of these bytes."""
    read = (bytes((lead, trail)).decode("gb18030", errors="replace") for lead in leads for trail in trails)
    return frozenset(char for char in read if len(char) == 1)


# UTF-8 of Chinese read as GBK always has one of these: E3-E9 before 80-BF, or EF BC (full-width signs) before anything.
_TELLTALE = _pairs((*range(0xE3, 0xEA), 0xEF), range(0x80, 0xC0))
_BEGINNING = _TELLTALE | _pairs((0xE2,), range(0x80, 0xC0))  # quotation marks, arrows, stars, too

CUES = "锟" + "".join(sorted(_LATIN | _TELLTALE))  # without one of these there is no garble
_CUE = re.compile(f"[{CUES}]")


def suspicious(text: str) -> bool:
    """Whether a text holds a run that could be garble; cheap."""
    cues = set(_CUE.findall(text))
    if not cues:
        return False
    if "锟" in cues and _LOST.search(text):
        return True
    if not cues.isdisjoint(_LATIN) and (_LATIN_RUN.search(text) or _GBK_RUN.search(text) or _CLOSING.search(text)):
        return True
    telltale = 8 * len(cues & _TELLTALE)
    # The head alone has as many different characters in nearly every healthy text.
    return telltale > len(set(text[:HEAD_CHARS])) and telltale > len(set(text))


@dataclass(frozen=True, slots=True)
class Verdict:
    """Which kinds of garble an article is proven to have, by a run long enough: there the short ones count as well.

    european: letters beyond ASCII stand in garbled pairs only, twice at least: Ã©, never a lone é; but for the few lines that
    came whole from elsewhere. private: the table that
    read UTF-8 as GBK had its private areas. quoted: the article is healthy and shows garble as an example. evidence: on
    characters that lost a byte; None where what comes back is garble still.
    """

    latin: bool = False
    gbk: bool = False
    wide: bool = False
    european: bool = False
    private: bool = False
    quoted: bool = False
    evidence: Evidence | None = None


def judge(texts: Sequence[str]) -> Verdict:
    """Weigh all paragraphs of an article together."""
    if not any(map(suspicious, texts)):
        return Verdict()
    whole = "\n".join(texts)
    proven = _proven(texts, whole)
    if _ABOUT.search(whole):
        garble = sum(edit.end - edit.start for text in texts for edit in garbled(text, proven))
        if garble <= QUOTED * len(whole):
            return Verdict(quoted=True)
    if not proven.wide:
        return proven
    read = [text_of(amend([Span(text, text)], list(_wide(text, proven)))) for text in texts]
    return proven if suspicious("\n".join(read)) else replace(proven, evidence=Evidence(read))


def _proven(texts: Sequence[str], whole: str) -> Verdict:
    """Find the kinds of garble that the paragraphs of an article prove. whole: these, joined."""
    judged = _without_healthy(texts, whole)
    rest = _LATIN_RUN.sub("", judged)
    european = len(_LATIN_RUN.findall(judged)) > 1 and not _LATIN_LETTER.search(rest)
    found = Verdict(european=european, private=bool(_PRIVATE.search(whole)))
    high, left = len(_HIGH.findall(judged)), len(_HIGH.findall(rest))
    latin = left <= HEALTHY * high and any(
        len(edit.now) > 1 and not _EUROPEAN.fullmatch(edit.now) for text in texts for edit in _latin(text, found)
    )
    return replace(
        found,
        latin=latin,
        # The bytes of UTF-8 are GBK as well, mostly; few bytes of GBK are UTF-8.
        gbk=not latin and not european and any(True for text in texts for _ in _gbk(text, found)),
        wide=any(True for text in texts for _ in _wide_runs(text, found)),
    )


def _without_healthy(texts: Sequence[str], whole: str) -> str:
    """Give the lines by which garble of Latin-1 is judged: all, but where most letters are garbled only the lines that have some.

    A byline or a headline that the template put in was not read with the text, and says nothing of it.
    """
    runs = [len(_LATIN_RUN.findall(text)) for text in texts]
    healthy = "\n".join(text for text, count in zip(texts, runs, strict=True) if not count)
    if sum(map(bool, runs)) < 2 or sum(runs) < MOST * max(1, len(_LATIN_LETTER.findall(healthy))):
        return whole
    return "\n".join(text for text, count in zip(texts, runs, strict=True) if count)


def garbled(text: str, verdict: Verdict) -> Iterator[Edit]:
    """Find the runs of garble of a paragraph and what they were. verdict: on its article."""
    if verdict.quoted or not (any((verdict.latin, verdict.gbk, verdict.wide)) or suspicious(text)):
        return
    taken = 0
    pairs = () if verdict.latin or verdict.european else _gbk(text, verdict)
    closing = (Edit(one.start(), one.end(), "”", WHY_LOST) for one in _CLOSING.finditer(text))
    edits = (*_latin(text, verdict), *closing, *pairs, *_wide(text, verdict), *_lost(text))
    for edit in sorted(edits, key=lambda edit: (edit.start, -edit.end)):
        if edit.start >= taken:
            taken = edit.end
            yield edit


def _wide(text: str, verdict: Verdict) -> Iterator[Edit]:
    """UTF-8 read as GBK. What lost a byte is completed from the whole paragraph, left to right."""
    runs = list(_wide_runs(text, verdict))
    line: list[str] = []
    gaps: list[tuple[int, tuple[str, ...]]] = []
    position = 0
    for match, pieces in runs:
        line += text[position : match.start()]
        gaps += [(len(line) + at, piece) for at, piece in enumerate(pieces) if isinstance(piece, tuple)]
        line += [piece if isinstance(piece, str) else UNKNOWN for piece in pieces]
        position = match.end()
    line += text[position:] + END
    for place, candidates in gaps:
        if not verdict.evidence:
            break
        before, after = line[max(0, place - REACH) : place], line[place + 1 : place + 1 + REACH]
        line[place] = verdict.evidence.complete(candidates, "".join(before), "".join(after))
    shift = 0
    for match, pieces in runs:
        start = match.start() + shift
        now = "".join(line[start : start + len(pieces)])
        shift += len(pieces) - len(match[0])
        completed = any(isinstance(piece, tuple) for piece in pieces)
        yield Edit(match.start(), match.end(), now, WHY_UNKNOWN if UNKNOWN in now else WHY_LOST if completed else WHY)


def _wide_runs(text: str, verdict: Verdict) -> Iterator[tuple[re.Match[str], list[Piece]]]:
    """Find the runs of UTF-8 read as GBK, and what they hold."""
    for match in _WIDE_RUN.finditer(text):
        pieces = characters(match[0], text[match.end() : match.end() + 1], private=verdict.private)
        if pieces is not None and _is_accepted(match, pieces, verdict):
            yield match, pieces


def _is_garble(text: str) -> bool:
    """Whether a text is UTF-8 read as GBK itself, so that this was done twice."""
    return (
        3 * sum(char in _BEGINNING for char in text) >= len(text) >= MIN_RUN
    )  # of two characters' three pairs one at least


def _is_accepted(match: re.Match[str], pieces: Sequence[Piece], verdict: Verdict) -> bool:
    """Whether a run that goes back to UTF-8 is garble: by itself if it is long, else by its article's proof."""
    read = "".join(piece for piece in pieces if isinstance(piece, str))
    if not verdict.wide:
        whole = len(match[0]) >= MIN_RUN and 4 * (len(pieces) - len(read)) <= len(pieces)
        return whole and (_reads_well(read) or _is_garble(read))
    if len(match[0]) < MIN_RUN and _BEGINNING.isdisjoint(match[0]):  # a lone letter or sign: é in a word, · in a name
        around = match.string[match.start() - 1 : match.start()] + match.string[match.end() : match.end() + 1]
        return bool(_ACCENTED.fullmatch(read) and around.isascii() and around.isalpha()) or read == "·"
    return bool(_EAST_ASIAN.fullmatch(read))


def _latin(text: str, verdict: Verdict) -> Iterator[Edit]:
    """UTF-8 read as Latin-1 or code page 1252."""
    for match in _LATIN_RUN.finditer(text):
        now = _decoded(match[0], "utf-8")
        while _LATIN_RUN.fullmatch(now) and (again := _decoded(now, "utf-8")):  # wrongly decoded more than once
            now = again
        if not now:
            continue
        if _EUROPEAN.fullmatch(now):
            good = verdict.european or verdict.latin or match[0].startswith(("â€", "Ã¢â‚¬"))
        elif verdict.latin:
            good = True
        else:
            good = len(match[0]) >= MIN_RUN and (
                _reads_well(now) or _is_garble(now) or bool(_OTHER_SCRIPT.fullmatch(now))
            )
        if good:
            yield Edit(match.start(), match.end(), now, WHY)


def _gbk(text: str, verdict: Verdict) -> Iterator[Edit]:
    """GBK read as Latin-1 or code page 1252. A pair may end in an ASCII character; without proof only pairs beyond it count."""
    for match in _GBK_RUN.finditer(text):
        run = match[0]
        if not verdict.gbk:
            if len(run) < MIN_RUN or (not run.isascii() and re.search("[@-~]", run)):
                continue
            if not _NO_LETTER.search(run):
                continue
        now = _decoded(run, "gb18030")
        if now and (verdict.gbk or _reads_well(now)):
            yield Edit(match.start(), match.end(), now, WHY)


def _decoded(run: str, charset: str) -> str:
    """Take a run back to bytes and decode it; "" where it does not go."""
    try:
        return b"".join(c.encode("cp1252" if c in _C1 else "latin-1") for c in run).decode(charset)
    except UnicodeError:
        return ""


def _lost(text: str) -> Iterator[Edit]:
    """锟斤拷 stands for two lost characters; a text that names it in quotation marks means it."""
    for match in _LOST.finditer(text):
        if not _QUOTED.search(text[match.start() - 1 : match.start()]):
            yield Edit(match.start(), match.end(), UNKNOWN * (2 * len(match[0]) // 3), WHY_UNKNOWN)


def _reads_well(text: str) -> bool:
    """Whether a text is of common Chinese characters, kana, and their punctuation."""
    good = sum(is_common(char) or bool(_PUNCTUATION.match(char) or _KANA.match(char)) for char in text)
    return bool(text) and good >= MIN_COMMON * len(text) and any(map(is_common, text))
