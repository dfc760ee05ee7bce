"""Text that was decoded by the wrong charset, brought back where that is certain.

Takes   a paragraph. Gives edits. Writes nothing.

Three kinds: UTF-8 read as GBK (鍑哄僵缃戜俊), UTF-8 read as Latin-1 or code page 1252 (å‡ºå½©), GBK read as Latin-1
(³ö²ÊÍøÐÅ). Each is undone only where a whole run encodes back, decodes strictly, and reads as common characters: the
chance of that in healthy text is nil. 锟斤拷 is what is left of characters lost before; nothing brings them back.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from .hanzi import is_common
from .likelihood import UNKNOWN
from .spans import Edit

WHY = "mojibake"
WHY_UNKNOWN = "unknown: mojibake"
MIN_RUN = 4  # characters of garble; fewer could be a rare name
HEAD_CHARS = 600
MIN_COMMON = 0.8  # share of the result that must be common characters or Chinese punctuation

_C1 = "€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ"  # what code page 1252 has at 80-9F
_MORE = rf"[\u0080-\u00bf{_C1}]"
_LATIN_RUN = re.compile(rf"(?:[\u00c2-\u00df]{_MORE}|[\u00e0-\u00ef]{_MORE}{{2}}|[\u00f0-\u00f4]{_MORE}{{3}})+")
_GBK_RUN = re.compile(r"(?:[\u00a1-\u00fe][\u00a1-\u00fe]){2,}")
_NO_LETTER = re.compile(r"[\u00a1-\u00bf×÷]")  # words in capitals, ÀÉÈÙ, have none of these
_EUROPEAN = re.compile(r"[\u00a0-\u017f\u2010-\u2027\u2030-\u203a€™]+")
_WIDE_RUN = re.compile(r"[\u0100-\uffff¤§¨°±·×÷àáèéêìíòóùúü]{4,}\??")
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


def garbled(text: str) -> Iterator[Edit]:
    """Find the runs of garble and what they were."""
    if not suspicious(text):
        return
    taken = 0
    for edit in sorted((*_latin(text), *_wide(text), *_lost(text)), key=lambda edit: (edit.start, -edit.end)):
        if edit.start >= taken:
            taken = edit.end
            yield edit


def _wide(text: str) -> Iterator[Edit]:
    """UTF-8 read as GBK. A `?` at the end of a run took the last byte of its last character along."""
    for match in _WIDE_RUN.finditer(text):
        run = match[0].removesuffix("?")
        try:
            code = run.encode("gb18030")
        except UnicodeEncodeError:
            continue
        now, rest = _utf8_prefix(code)
        if len(run) < MIN_RUN or not _reads_well(now) or (rest and rest != 0 and not match[0].endswith("?")):
            continue
        if rest:
            yield Edit(match.start(), match.end(), now + UNKNOWN, WHY_UNKNOWN)
        else:
            yield Edit(match.start(), match.start() + len(run), now, WHY)


def _utf8_prefix(code: bytes) -> tuple[str, int]:
    """Decode UTF-8 strictly but for a last character cut short; returns the text and how many bytes are left of that."""
    try:
        return code.decode("utf-8"), 0
    except UnicodeDecodeError as error:
        if error.reason != "unexpected end of data":
            return "", 0
        return code[: error.start].decode("utf-8"), len(code) - error.start


def _latin(text: str) -> Iterator[Edit]:
    """UTF-8 or GBK read as Latin-1 or code page 1252."""
    european = _is_european_garble(text)
    for match in _LATIN_RUN.finditer(text):
        now = _decoded(match[0], "utf-8")
        if _EUROPEAN.fullmatch(now):
            good = european or match[0].startswith("â€")
        else:
            good = len(match[0]) >= MIN_RUN and _reads_well(now)
        if good:
            yield Edit(match.start(), match.end(), now, WHY)
    for match in _GBK_RUN.finditer(text):
        now = _decoded(match[0], "gbk")
        if _NO_LETTER.search(match[0]) and _reads_well(now):
            yield Edit(match.start(), match.end(), now, WHY)


def _is_european_garble(text: str) -> bool:
    """Whether letters beyond ASCII stand in garbled pairs only, twice at least: Ã©, never a lone é."""
    return len(_LATIN_RUN.findall(text)) > 1 and not re.search(r"[\u00c0-\u00ff]", _LATIN_RUN.sub("", text))


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
