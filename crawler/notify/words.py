"""The words of messages, in Chinese and English.

Takes   a language. Gives: Words. Writes: nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from ..profile.tables import Notice


@dataclass(frozen=True, slots=True)
class Words:
    """The words of one language. counts: what happened how often, by kind; do: what to do then, before the command.
    broken: how a run broke off, by the service's reason; `cut-short` where nobody knows."""

    counts: Mapping[Notice, str]
    do: Mapping[Notice, str]
    fields: Mapping[str, str]
    position: str
    colon: str
    comma: str
    bracket: str
    more_items: str
    more_changes: str
    added: str
    removed: str
    all: str
    pages: str
    whole_run: str
    broken: Mapping[str, str]
    test_title: str
    test_body: str


ENGLISH: Final = Words(
    counts={
        "found": "{n} found", "revised": "{n} revised", "withdrawn": "{n} withdrawn", "restored": "{n} restored",
        "overdue": "overdue", "failed": "{n} failed", "damaged": "{n} damaged or missing", "complete": "complete",
    },
    do={
        "found": "Read:", "revised": "Compare:", "withdrawn": "What was captured is kept:", "restored": "Read:",
        "overdue": "See whether the site moved its list:", "failed": "Try again:", "damaged": "Mend from another copy:",
        "complete": "Keep it as one file:",
    },
    fields={},
    position="No. {n} ", colon=": ", comma=", ", bracket=" ({text})", more_items="and {n} more",
    more_changes="and {n} more", added="added “{text}”", removed="removed “{text}”", all="All of it:", pages="Pages:",
    whole_run="the run",
    broken={
        "cut-short": "it was cut short: killed, or by a crash", "killed": "it was killed, mostly as memory ran out",
        "crashed": "it crashed: a bug", "hung": "it hung, and was ended", "not-started": "no process could be started",
    },
    test_title="lianzai: a test message",
    test_body="This address will be told of {series}. What is told: [notify] on, in the profile or config.toml.",
)  # fmt: skip

CHINESE: Final = Words(
    counts={
        "found": "新增 {n} 篇", "revised": "修改 {n} 篇", "withdrawn": "撤下 {n} 篇", "restored": "恢复 {n} 篇",
        "overdue": "逾期未更新", "failed": "失败 {n} 项", "damaged": "损坏或缺失 {n} 个文件", "complete": "已收齐",
    },
    do={
        "found": "阅读：", "revised": "比较：", "withdrawn": "已存的版本仍在：", "restored": "阅读：",
        "overdue": "看网站是否换了列表：", "failed": "再试：", "damaged": "用另一份修复：", "complete": "打包保存：",
    },
    fields={
        "title": "标题", "authors": "作者", "published": "日期", "source": "来源", "editor": "编辑", "editors_note": "编者按",
        "highlights": "提要", "body": "正文", "images": "图片", "text": "全文",
    },
    position="第{n}篇 ", colon="：", comma="，", bracket="（{text}）", more_items="另有 {n} 项", more_changes="另 {n} 处",
    added="增“{text}”", removed="删“{text}”", all="全部：", pages="网页：", whole_run="本次抓取",
    broken={
        "cut-short": "中途断了：被杀或崩溃", "killed": "被杀，多因内存不足", "crashed": "崩溃：程序错误",
        "hung": "卡死，已被终止", "not-started": "无法启动进程",
    },
    test_title="lianzai：测试消息",
    test_body="此地址会收到 {series} 的通知。通知哪些事：profile 或 config.toml 中 [notify] 的 on。",
)  # fmt: skip


def language_of(tag: str | None, environ: Mapping[str, str]) -> str:
    """Choose the language of messages: "zh" or "en".

    tag: of the series (BCP 47); where it has none, the locale decides as POSIX has it: LC_ALL, LC_MESSAGES, LANG.

    >>> language_of(None, {"LANG": "zh_CN.UTF-8"}), language_of("en", {"LANG": "zh_CN.UTF-8"})
    ('zh', 'en')
    """
    locale = next((environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if environ.get(name)), "")
    return "zh" if (tag or locale).lower().startswith("zh") else "en"


def words_of(language: str) -> Words:
    """Give the words of a language, those of English for any but Chinese."""
    return CHINESE if language == "zh" else ENGLISH
