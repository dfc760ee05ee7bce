"""The few words that an export itself says, in Chinese and English.

Takes   a language, "zh" or "en"; a date as the ledger has it. Gives: text. Writes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from ..formats import byline

_WORDS: Final[Mapping[str, tuple[str, str]]] = {
    "missing": ("缺：这一篇没有存到", "Missing: this instalment was never captured"),
    "missing.short": ("缺", "missing"),
    "contents": ("目录", "Contents"),
    "cover": ("封面", "Cover"),
    "note": ("编者按", "Editor’s note"),
    "original": ("原址", "Original address"),
    "captured": ("存档时间", "Captured"),
    "record": ("记录", "Record"),
    "digest": ("摘要", "Digest"),
    "revisions": ("版本数", "Revisions"),
    "withdrawn": ("已从报社网站撤下", "Withdrawn from the newspaper’s site"),
    "source": ("来源", "Source"),
    "editor": ("编辑", "Editor"),
    "previous": ("上一篇", "Previous"),
    "next": ("下一篇", "Next"),
    "picture": ("图片没有存到", "Picture not in the archive"),
    "from": ("最新存档", "Newest capture"),
    "instalments": ("篇", "instalments"),
}


def word(name: str, lang: str) -> str:
    """Give a word or sentence of ours. lang: "zh" or "en"."""
    return _WORDS[name][0 if lang == "zh" else 1]


def authors_of(document: Mapping[str, Any]) -> str:
    """Write the byline as the newspaper prints it."""
    return "、".join(byline(one) for one in document["authors"])


def day_of(document: Mapping[str, Any]) -> str:
    """Give the date of publication by the newspaper, to a minute at most, in UTC where its zone is not known; "" without any."""
    local, told = document["published_local"], document["published"] or ""
    if len(local or told) <= len("2018-08-30"):
        return local or told
    return f"{local[:10]} {local[11:16]}" if local else f"{told[:10]} {told[11:16]} UTC"


def counted(captured: int, missing: int, lang: str) -> str:
    """Say how much of the series is here.

    >>> counted(17, 1, "zh"), counted(2, 0, "en")
    ('17 篇，缺 1 篇', '2 instalments')
    """
    if lang == "zh":
        return f"{captured} 篇" + (f"，缺 {missing} 篇" if missing else "")
    return f"{captured} instalments" + (f", {missing} missing" if missing else "")
