"""Entities that were encoded twice and so stand in the text: &ldquo;, &#183;, AT&amp;T.

Takes   a paragraph. Gives edits. Writes nothing.

A text about entities must stay: one that names HTML or code near by, an entity in quotes or backticks, an address; one in which
they stand as words: "he typed &copy; into the box".
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from html import unescape
from html.entities import html5

from .spans import Edit

WHY = "undecoded entity"
NEAR = 30  # characters on each side in which a word of programming speaks for the entity

# The names without a semicolon that publishing systems leave behind; a letter after them would be another name.
_BARE = "nbsp|ldquo|rdquo|lsquo|rsquo|mdash|ndash|hellip|middot"
NAME = r"(?:amp;)*(?:#[0-9]{1,7};|#[xX][0-9a-fA-F]{1,6};|[A-Za-z][A-Za-z0-9]{1,31};)"
ENTITY = re.compile(rf"&(?:{NAME}|(?:amp;)*(?:{_BARE})(?![A-Za-z0-9;]))")
_PROGRAMMING = re.compile(
    r"html|xml|entit(?:y|ies)\b|\bescap|markup|实体字符|字符实体|實體字元|字元實體|转义|轉義|跳脫字元|字符引用|源代码|原始碼",
    re.I,
)
_QUOTED_BEFORE = re.compile(r"[`“‘「『\"'<][^\s`“”‘’「」『』\"'<>]{0,3}$")
_QUOTED_AFTER = re.compile(r"^[^\s`“”‘’「」『』\"'<>]{0,3}[`”’」』\"'>]")
# Where the author writes about one of these, the others of the paragraph are of the example as well.
_MARKUP = frozenset("<>&\"'")
# A letter, a dash, a bullet or an ampersand of a damaged text may stand between two blanks, another sign next to never: ©, £ and
# € have a name or a figure beside them, a comparison its terms.
_WORD_BEFORE = re.compile(r"(?:(?<=\s)|^)[^\W\d_]{2,}[,;]? $")
_WORD_AFTER = re.compile(r"^ [^\W\d_]{2,}\b")
_TYPED_BEFORE = re.compile(
    r"(?:\b(?:typ(?:e|es|ed|ing)|writ(?:e|es|ing|ten)|wrote|spell(?:s|ed)|tipp(?:t|te|en)|schreib(?:t|en)|tap(?:e|ez|é)"
    r"|écri(?:t|re)) |(?:输入|键入|写成|打出) ?)$",
    re.I,
)
_BEHIND_TYPED = re.compile(r"^[\s,.;，。；]")
_ALONE_TOO = frozenset("-–—―•·…&|/")
_ADDRESS = re.compile(r"(?:\w+://|www\.|[?&/][\w%-]+=)[^\s\u3000-\u9fff\uff00-\uffef]*$")


def decode(entity: str) -> str | None:
    """Say what an entity with its & stands for, however often it was encoded; None where it is no entity.

    A non-breaking space becomes a space, an invisible character nothing.

    >>> decode("&amp;ldquo;"), decode("&#183;"), decode("&nosuch;")
    ('“', '·', None)
    """
    name = re.sub(r"^&(?:amp;)*(?=.)", "", entity)
    if not name.startswith("#") and not {name, name + ";"} & html5.keys():
        return None
    char = unescape("&" + name if name.endswith(";") else f"&{name};")
    if not char or char == "\ufffd" or char.startswith("&#"):
        return None
    if char in "\u200b\u200c\u200d\u2060\u00ad\ufeff":
        return ""
    return re.sub(r"[\u00a0\u2002-\u200a\t\r\n]", " ", char)


def undecoded(text: str) -> Iterator[Edit]:
    """Find the entities of a paragraph and what they stand for; those at its edges that are spaces fall away."""
    found = [(match, decode(match[0])) for match in ENTITY.finditer(text)]
    meant = [char is not None and _is_meant(text, match.start(), match.end(), char) for match, char in found]
    words = [_is_word(text, match.start(), match.end(), char or "") for match, char in found]
    is_about = any(meant) or any(one and (char or " ").strip() for one, (_, char) in zip(words, found, strict=True))
    edits = [
        Edit(match.start(), match.end(), char, WHY)
        for (match, char), is_meant, is_word in zip(found, meant, words, strict=True)
        if char is not None and not is_meant and not (is_about and (is_word or char in _MARKUP))
    ]
    first, last = _outermost(text, edits, 1), _outermost(text, edits, -1)
    for place, edit in enumerate(edits):
        at_edge = place < first or place >= len(edits) - last
        yield replace(edit, now="") if at_edge and edit.now == " " else edit


def _is_word(text: str, start: int, end: int, char: str) -> bool:
    """Whether an entity stands in a sentence as a word does, between two words in small letters."""
    before, after = text[max(0, start - NEAR) : start], text[end : end + NEAR]
    around = _WORD_BEFORE.search(before), _WORD_AFTER.search(after)
    if not all(around) or char.isalnum() or char in _ALONE_TOO:
        return False
    return all(one is not None and one[0].strip().islower() for one in around)


def _outermost(text: str, edits: list[Edit], direction: int) -> int:
    """How many of the first (1) or last (-1) entities have nothing but spaces between them and the paragraph's edge."""
    edge, count = (0 if direction == 1 else len(text)), 0
    for edit in edits[::direction]:
        near, far = (edit.start, edit.end) if direction == 1 else (edit.end, edit.start)
        if edit.now.strip() or text[min(edge, near) : max(edge, near)].strip():
            break
        edge, count = far, count + 1
    return count


def _is_meant(text: str, start: int, end: int, char: str) -> bool:
    """Whether the entity is what the author writes about, or part of an address. A letter's may be part of a quoted word."""
    before, after = text[max(0, start - NEAR) : start], text[end : end + NEAR]
    quoted = _QUOTED_BEFORE.search(before), _QUOTED_AFTER.search(after)
    if all(quoted) and (not char.isalnum() or all(one and len(one[0]) == 1 for one in quoted)):
        return True
    if _TYPED_BEFORE.search(before) and _BEHIND_TYPED.search(after) and not (char.isalnum() or char in _ALONE_TOO):
        return True
    without = ENTITY.sub(" ", before), ENTITY.sub(" ", after)
    return bool(any(map(_PROGRAMMING.search, without)) or _ADDRESS.search(text[max(0, start - 200) : start]))
