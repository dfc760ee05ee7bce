"""Events, fields, origins and times in both languages.

Takes   rows of the ledger. Gives: pairs of texts, Chinese and English. Writes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from urllib.parse import quote

from ..room import local
from .states import State, state

Both = tuple[str, str]

_FIELDS: Final[dict[str, Both]] = {
    "title": ("标题", "title"), "authors": ("署名", "byline"), "published": ("刊发时间", "date"), "source": ("来源", "source"),
    "editor": ("责编", "editor"), "editors_note": ("编者按", "editor's note"), "highlights": ("核心提示", "highlights"),
    "body": ("正文", "text"), "images": ("图片", "pictures"), "text": ("全文", "whole text"),
}  # fmt: skip
# kind: letter in both languages, the state whose look it takes, words.
_EVENTS: Final[dict[str, tuple[Both, str, Both]]] = {
    "found": (("见", "S"), "found", ("列入目录", "listed for the first time")),
    "captured": (("存", "C"), "captured", ("存下", "captured")),
    "revised": (("改", "R"), "revised", ("修订", "revised")),
    "gone": (("失", "G"), "withdrawn", ("不在原址，尚待再查", "not at its address, to be looked at again")),
    "withdrawn": (("撤", "W"), "withdrawn", ("撤下，存本可读", "withdrawn; kept here")),
    "restored": (("复", "B"), "captured", ("复现", "restored")),
    "failed": (("败", "F"), "failed", ("未能取得", "could not be fetched")),
    "blocked": (("拒", "X"), "failed", ("网站暂拒采集", "the site wants to be left alone")),
    "listed": (("列", "L"), "captured", ("重新列入目录", "listed again")),
    "unlisted": (("隐", "U"), "missing", ("目录不再列出", "no longer listed")),
    "moved": (("移", "M"), "captured", ("位次移动", "moved")),
    "recovered": (("补", "2"), "second", ("自他馆补回", "recovered from another archive")),
    "uploaded": (("传", "↑"), "captured", ("副本已送对象存储", "sent to the object store")),
    "verified": (("验", "V"), "captured", ("核验无损", "verified, bytes as written")),
    "damaged": (("损", "D"), "failed", ("存本受损", "bytes are damaged")),
    "repaired": (("修", "+"), "captured", ("已用副本修好", "repaired from the other copy")),
}
ORIGINS: Final[dict[str, Both]] = {
    "live": ("报社网站", "the newspaper's site"),
    "archive": ("他馆存本", "another archive"),
    "mirror": ("镜像", "a mirror"),
    "import": ("他人移交的文件", "a file made by others"),
}


def field(name: str) -> Both:
    """Name a field."""
    return _FIELDS.get(name, (name, name))


def mark(kind: str) -> State:
    """Give look, letter and words of a kind of event."""
    letter, look, words = _EVENTS.get(kind, (("·", "·"), "captured", (kind, kind)))
    return State(state(look).name, letter, words)


def sentence(event: Mapping[str, Any]) -> Both:
    """Say an event in plain words, without its subject."""
    words = mark(event["kind"]).words
    if event["kind"] == "revised":
        names = [field(name) for name in event["fields"] if name != "text" or len(event["fields"]) == 1]
        what = "、".join(name[0] for name in names), ", ".join(name[1] for name in names)
        numbers = (
            f"（第 {event['start']} 版至第 {event['end']} 版）",
            f" (revision {event['start']} to {event['end']})",
        )
        told = numbers if event["start"] and event["end"] else ("", "")
        return f"修订{'：' if what[0] else ''}{what[0]}{told[0]}", f"revised{': ' if what[1] else ''}{what[1]}{told[1]}"
    if event["kind"] == "moved" and event["start"] is not None and event["end"] is not None:
        return (
            f"自第 {event['start']} 篇移为第 {event['end']} 篇",
            f"moved from place {event['start']} to {event['end']}",
        )
    return words


def address(event: Mapping[str, Any]) -> str:
    """Lead to what shows an event: the differences, the article, else the series."""
    if event["article"] is None:
        return f"/series/{quote(event['series'])}#h-ev"
    if event["kind"] == "revised" and event["start"] and event["end"]:
        return f"/article/{quote(event['article'])}/diff/{event['start']}/{event['end']}"
    return f"/article/{quote(event['article'])}"


def published(told: str | None, precision: str | None) -> Both | None:
    """Spell when something was published, as exactly as it is known; None where it is not."""
    if told is None:
        return None
    if len(told) == len("2018-08-30"):
        day = datetime.fromisoformat(told)
        return f"{day.year} 年 {day.month} 月 {day.day} 日", told
    moment = local(told, "%Y-%m-%d")
    day = datetime.fromisoformat(moment)
    hour = local(told, "%H:%M:%S" if precision == "second" else "%H:%M")
    if precision == "day":
        return f"{day.year} 年 {day.month} 月 {day.day} 日", moment
    return f"{day.year} 年 {day.month} 月 {day.day} 日 {hour}", f"{moment} {hour}"


def language_tag(language: str | None) -> str:
    """Give the tag for texts of a series: Chinese without a script is simplified.

    >>> language_tag("zh"), language_tag(None), language_tag("zh-Hant"), language_tag("en-GB"), language_tag('"><')
    ('zh-Hans', 'zh-Hans', 'zh-Hant', 'en-GB', 'zh-Hans')
    """
    if not language or language in ("zh", "zh-CN", "zh-cn") or not language.replace("-", "").isalnum():
        return "zh-Hans"
    return language
