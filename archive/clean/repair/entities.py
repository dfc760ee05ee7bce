"""Entities that were encoded twice and so stand in the text: &ldquo;, &#183;, AT&amp;T.

Takes   a paragraph. Gives edits. Writes nothing.

A text about entities must stay: one that names HTML or code near by, an entity in quotes or backticks, an address.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
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
    r"html|xml|css|\bweb\b|entit|escap|encod|unicode|markup|browser|\bcode|\btags?\b"
    r"|实体|實體|转义|轉義|字符引用|编码|編碼|代码|代碼|源码|浏览器|瀏覽器|标签|標籤|网页|網頁",
    re.I,
)
_QUOTED_BEFORE = re.compile(r"[`“‘「『\"'<][^\s`“‘「『\"'<]{0,3}$")
_QUOTED_AFTER = re.compile(r"^[^\s`”’」』\"'>]{0,3}[`”’」』\"'>]")
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
    for match in ENTITY.finditer(text):
        char = decode(match[0])
        if char is None or _is_meant(text, match.start(), match.end()):
            continue
        if char == " " and (not text[: match.start()].strip() or _only_spaces(text[match.end() :])):
            char = ""
        yield Edit(match.start(), match.end(), char, WHY)


def _only_spaces(text: str) -> bool:
    return not ENTITY.sub(lambda match: decode(match[0]) or "x", text[:400]).strip() and len(text) <= 400


def _is_meant(text: str, start: int, end: int) -> bool:
    """Whether the entity is what the author writes about, or part of an address."""
    before, after = text[max(0, start - NEAR) : start], text[end : end + NEAR]
    if _QUOTED_BEFORE.search(before) and _QUOTED_AFTER.search(after):
        return True
    without = ENTITY.sub(" ", before), ENTITY.sub(" ", after)
    return bool(any(map(_PROGRAMMING.search, without)) or _ADDRESS.search(text[max(0, start - 200) : start]))
