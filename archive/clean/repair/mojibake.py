"""Text that was decoded by the wrong charset, brought back where that is certain.

Takes   a paragraph. Gives edits. Writes nothing.

Three kinds: UTF-8 read as GBK (鍑哄僵缃戜俊), UTF-8 read as Latin-1 or code page 1252 (å‡ºå½©), GBK read as Latin-1
(³ö²ÊÍøÐÅ). Each is undone only where a whole run encodes back, decodes strictly, and reads as common characters: the
chance of that in healthy text is nil. 锟斤拷 is what is left of characters lost before; nothing brings them back.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from .hanzi import is_common
from .likelihood import CONTEXT, END, UNKNOWN, Model, choose
from .spans import Edit

WHY = "mojibake"
WHY_UNKNOWN = "unknown: mojibake"
MIN_RUN = 4  # characters of garble; fewer could be a rare name, and count only where the article has more of its kind
HEAD_CHARS = 600
LOST_TRAILS = range(0x80, 0xC0)  # what the last byte of a character in UTF-8 may have been
HEALTHY = (
    0.1  # share of an article's characters of Latin-1 that stand in no garble, at most, where short runs count as well
)
MIN_COMMON = 0.8  # share of the result that must be common characters or Chinese punctuation

_C1 = "€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ"  # what code page 1252 has at 80-9F
_MORE = rf"[\u0080-\u00bf{_C1}]"
_LATIN_RUN = re.compile(rf"(?:[\u00c2-\u00df]{_MORE}|[\u00e0-\u00ef]{_MORE}{{2}}|[\u00f0-\u00f4]{_MORE}{{3}})+")
_GBK_RUN = re.compile(
    r"(?:[\u0081-\u00fe€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ][\u0040-\u007e\u0080-\u00fe€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ])+"
)
_NO_LETTER = re.compile(r"[\u00a1-\u00bf×÷]")  # words in capitals, ÀÉÈÙ, have none of these
_HIGH = re.compile(rf"[\u0080-\u00ff{_C1}]")
_EUROPEAN = re.compile(r"[\u00a0-\u024f\u0300-\u036f\u1e00-\u1eff\u2010-\u2027\u2030-\u203a€™]+")
_WIDE_RUN = re.compile(r"[\u0100-\uffff¤§¨°±·×÷àáèéêìíòóùúü]+\??")
# Letters of scripts that are neither Latin nor Chinese, with the marks of their sentences.
_OTHER_SCRIPT = re.compile(
    r"(?=.*[\u0370-\u1fff\u3041-\u30ff\uac00-\ud7a3])[\u0300-\u1fff\u2010-\u203a\u20a0-\u20bf№\u3001-\u30ff\u4e00-\u9fff\uac00-\ud7a3\uff01-\uff5e\u00a0-\u00bf\u200b-\u200d]+"
)
_LATIN_LETTER = re.compile("[\u00c0-\u00ff]")
_PUNCTUATION_ONLY = re.compile(r"[\u2010-\u2027\u3000-\u303f\uff00-\uffef·□]+")
_ENDING = "。”’！？；，、）》」』…—"
_LATIN = frozenset(map(chr, range(0xA1, 0x100)))
_LOST = re.compile("(?:锟斤拷)+")
_QUOTED = re.compile(r"[“‘「『\"'《]$")
_PUNCTUATION = re.compile(r"[\u2010-\u2027\u3000-\u303f\uff00-\uffef·\s\d]")
# UTF-8 of Chinese read as GBK always has one of these: E3-E9 before 80-BF, or EF BC (full-width signs) before anything.
_TELLTALE = frozenset(
    char
    for lead in (*range(0xE3, 0xEA), 0xEF)
    for trail in range(0x80, 0xC0)
    for char in [bytes((lead, trail)).decode("gb18030", errors="replace")]
    if len(char) == 1
)

CUES = "锟" + "".join(sorted(_LATIN | _TELLTALE))  # without one of these there is no garble
_CUE = re.compile(f"[{CUES}]")


def suspicious(text: str) -> bool:
    """Whether a text holds a run that could be garble; cheap."""
    cues = set(_CUE.findall(text))
    if not cues:
        return False
    if "锟" in cues and _LOST.search(text):
        return True
    if not cues.isdisjoint(_LATIN) and (_LATIN_RUN.search(text) or _GBK_RUN.search(text)):
        return True
    telltale = 8 * len(cues & _TELLTALE)
    # The head alone has as many different characters in nearly every healthy text.
    return telltale > len(set(text[:HEAD_CHARS])) and telltale > len(set(text))


@dataclass(frozen=True, slots=True)
class Verdict:
    """Which kinds of garble an article is proven to have, by a run long enough: there the short ones count as well.

    european: letters beyond ASCII stand in garbled pairs only, twice at least: Ã©, never a lone é. model: of what could be read,
    by which characters are chosen whose last byte went lost; None where none did.
    """

    latin: bool = False
    gbk: bool = False
    wide: bool = False
    european: bool = False
    model: Model | None = None


def judge(texts: Sequence[str]) -> Verdict:
    """Weigh all paragraphs of an article together."""
    if not any(map(suspicious, texts)):
        return Verdict()
    whole = "\n".join(texts)
    european = len(_LATIN_RUN.findall(whole)) > 1 and not _LATIN_LETTER.search(_LATIN_RUN.sub("", whole))
    found = Verdict(european=european)
    high, left = len(_HIGH.findall(whole)), len(_HIGH.findall(_LATIN_RUN.sub("", whole)))
    latin = left <= HEALTHY * high and any(
        len(edit.now) > 1 and not _EUROPEAN.fullmatch(edit.now) for text in texts for edit in _latin(text, found)
    )
    proven = Verdict(
        latin,
        # The bytes of UTF-8 are GBK as well, mostly; few bytes of GBK are UTF-8.
        not latin and not european and any(True for text in texts for _ in _gbk(text, found)),
        any(True for text in texts for _ in _wide(text, found)),
        european,
    )
    wide = [edit.now for text in texts for edit in _wide(text, proven)] if proven.wide else []
    return replace(proven, model=Model(wide)) if any(UNKNOWN in now for now in wide) else proven


def garbled(text: str, verdict: Verdict) -> Iterator[Edit]:
    """Find the runs of garble of a paragraph and what they were. verdict: on its article."""
    if not (any((verdict.latin, verdict.gbk, verdict.wide)) or suspicious(text)):
        return
    taken = 0
    pairs = () if verdict.latin or verdict.european else _gbk(text, verdict)
    edits = (*_latin(text, verdict), *pairs, *_wide(text, verdict), *_lost(text))
    for edit in sorted(edits, key=lambda edit: (edit.start, -edit.end)):
        if edit.start >= taken:
            taken = edit.end
            yield edit


def _wide(text: str, verdict: Verdict) -> Iterator[Edit]:
    """UTF-8 read as GBK. Where the number of bytes was odd, the last one of a character went lost before what follows it."""
    for match in _WIDE_RUN.finditer(text):
        run = match[0]
        behind = text[match.end() : match.end() + CONTEXT] or END
        now = _read_wide(run, behind, verdict.model) if verdict.wide or len(run) >= MIN_RUN else ""
        if UNKNOWN in now and run[-1] not in "?\ufffd" and not run.count("\ufffd"):
            now = ""
        if not _reads_well(now.replace(UNKNOWN, "")) and not (now and _PUNCTUATION_ONLY.fullmatch(now)):
            continue
        yield Edit(match.start(), match.end(), now, WHY_UNKNOWN if UNKNOWN in now else WHY)


def _read_wide(run: str, behind: str, model: Model | None) -> str:
    """Take a run back to bytes and read them as UTF-8; "" where they are none. What went lost is UNKNOWN.

    A mark of replacement is the byte 80, which begins no pair, where more of the run follows; else it is the first byte of
    a pair that was none: the last of a character, unknown but for the marks that end sentences.
    """
    code: list[int | None] = []
    for place, char in enumerate(run):
        last = place == len(run) - 1
        if char == "\ufffd":
            code.append(None if last else 0x80)
        elif not (last and char == "?" and place):
            pair = b"" if "\ud800" <= char <= "\udfff" else char.encode("gb18030")
            code += pair
        else:
            code.append(None)
    return _utf8(code, behind, model)


def _utf8(code: list[int | None], behind: str, model: Model | None) -> str:
    """Read bytes as UTF-8, of which the last may be lost; "" where they are none. behind: the text after them."""
    out: list[str] = []
    place = 0
    while place < len(code):
        lead = code[place]
        if lead is None:
            return "" if place != len(code) - 1 else "".join(out) + UNKNOWN
        length = (
            1
            if lead < 0x80
            else 2
            if 0xC2 <= lead < 0xE0
            else 3
            if 0xE0 <= lead < 0xF0
            else 4
            if 0xF0 <= lead < 0xF5
            else 0
        )
        piece = code[place : place + length]
        if not length or (len(piece) < length and None not in piece and place + len(piece) < len(code)):
            return ""
        known = bytes(byte for byte in piece if byte is not None)
        if len(known) == length:
            try:
                out.append(known.decode("utf-8"))
            except UnicodeDecodeError:
                return ""
        else:
            out.append(_completed(known, length, "".join(out[-CONTEXT:]), behind, model))
        place += len(piece)
    return "".join(out)


def _completed(known: bytes, length: int, before: str, after: str, model: Model | None) -> str:
    """Choose the character whose last byte went lost, by likelihood; UNKNOWN where that is not sure."""
    if model is None or len(known) != length - 1:
        return UNKNOWN
    candidates = (decoded for trail in LOST_TRAILS if (decoded := _decodes(known + bytes([trail]))))
    return choose({char: model.weigh(before, char, after) for char in candidates if is_common(char) or char in _ENDING})


def _decodes(code: bytes) -> str:
    try:
        return code.decode("utf-8")
    except UnicodeDecodeError:
        return ""


def _latin(text: str, verdict: Verdict) -> Iterator[Edit]:
    """UTF-8 read as Latin-1 or code page 1252."""
    for match in _LATIN_RUN.finditer(text):
        now = _decoded(match[0], "utf-8")
        while _LATIN_RUN.fullmatch(now) and (again := _decoded(now, "utf-8")):  # wrongly decoded more than once
            now = again
        if not now:
            continue
        if _EUROPEAN.fullmatch(now):
            good = verdict.european or verdict.latin or match[0].startswith("â€")
        elif verdict.latin:
            good = True
        else:
            good = len(match[0]) >= MIN_RUN and (_reads_well(now) or bool(_OTHER_SCRIPT.fullmatch(now)))
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
        if not _QUOTED.search(text[: match.start()][-1:]):
            yield Edit(match.start(), match.end(), UNKNOWN * (2 * len(match[0]) // 3), WHY_UNKNOWN)


def _reads_well(text: str) -> bool:
    """Whether a text is of common Chinese characters and its punctuation."""
    good = sum(is_common(char) or bool(_PUNCTUATION.match(char)) for char in text)
    return bool(text) and good >= MIN_COMMON * len(text) and any(map(is_common, text))
