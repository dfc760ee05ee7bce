"""Texts of the hostile newspaper: invented articles, whole only with their last sentence.

Takes   a name. Gives: pages as text, answers as bytes. Writes nothing.
"""

from __future__ import annotations

import random

LAST = "渠水到此为止，全文完。"
_SUBJECTS = (
    "老闸工",
    "渡口的船家",
    "县里的水务员",
    "修渠的石匠",
    "守夜的妇人",
    "量水的学生",
    "卖菱角的老人",
    "放牛的孩子",
)
_DEEDS = (
    "沿着堤岸走了半日",
    "在石碑前停下了脚步",
    "把旧账本翻了一遍",
    "说起那年夏天的大水",
    "指着对岸的白杨",
    "数了数剩下的木桩",
)
_WORDS = (
    "水位一夜之间落了两尺",
    "渠底的青石又露了出来",
    "新闸比旧闸高出一人多",
    "船只好停在柳树底下",
    "村里人都到堤上来看",
    "田里的稻子总算有救了",
)


def text(name: str, paragraphs: int = 6) -> list[str]:
    """Give the paragraphs of one article; no two articles share a sentence order."""
    chance = random.Random(name)
    lines = [
        f"{chance.choice(_SUBJECTS)}{chance.choice(_DEEDS)}，{chance.choice(_WORDS)}。"
        f"第{chance.randrange(100, 999)}号桩旁，{chance.choice(_SUBJECTS)}{chance.choice(_DEEDS)}，{chance.choice(_WORDS)}。"
        for _ in range(paragraphs)
    ]
    return [*lines, LAST]


def page(name: str, *, title: str | None = None, head: str = "", body: str = "", charset: str = "utf-8") -> str:
    """Give an article's page. head, body: what else stands in them, before the rest."""
    shown = title or f"渠边札记之{name}"
    lines = "".join(f"<p>{line}</p>" for line in text(name))
    return (
        f'<!DOCTYPE html><html lang="zh"><head><meta charset="{charset}">{head}<title>{shown}</title></head>'
        f'<body>{body}<nav><a href="/">首页</a> <a href="/list">目录</a></nav><article><h1>{shown}</h1>'
        f'<p class="info">2018年8月30日 渠水日报</p><div class="content">{lines}</div></article>'
        f"<footer>渠水日报社版权所有</footer></body></html>"
    )


def notice(line: str, title: str = "渠水日报") -> bytes:
    """Give a page that says one thing and is no article."""
    return (
        f'<!DOCTYPE html><html lang="zh"><head><meta charset="utf-8"><title>{title}</title></head><body>'
        f'<nav><a href="/">首页</a> <a href="/list">目录</a></nav><div class="tip">{line}</div>'
        "<footer>渠水日报社</footer></body></html>"
    ).encode()


def answer(body: bytes, *lines: str, status: str = "200 OK", kind: str | None = "text/html; charset=utf-8") -> bytes:
    """Give a response with a true Content-Length, and a Content-Type unless kind is None."""
    types = [f"Content-Type: {kind}"] if kind is not None else []
    head = [f"HTTP/1.1 {status}", *types, f"Content-Length: {len(body)}", *lines]
    return "\r\n".join(head).encode("utf-8", "surrogateescape") + b"\r\n\r\n" + body


def bare(*lines: str, body: bytes = b"", status: str = "200 OK") -> bytes:
    """Give a response of just these lines: nothing is added that would mend it."""
    return "\r\n".join([f"HTTP/1.1 {status}", *lines]).encode("utf-8", "surrogateescape") + b"\r\n\r\n" + body


def chunked(body: bytes, size: int = 700, *, last: bytes = b"0\r\n\r\n", extension: bytes = b"") -> bytes:
    """Give a body in chunks."""
    pieces = [body[at : at + size] for at in range(0, len(body), size)]
    return b"".join(b"%x%s\r\n%s\r\n" % (len(piece), extension, piece) for piece in pieces) + last
