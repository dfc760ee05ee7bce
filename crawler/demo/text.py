"""The invented series 《渠水流过十八城》: eighteen instalments, read from the TOML files beside this module.

Takes   texts/NN-<city>.toml, one file an instalment (the keys are those of `Instalment`).
Gives   `Instalment`s in the order of the series, the editor's note of each, and its content as HTML.
Writes  nothing.

Names, offices and events are invented; only the names of the cities are real, so that the series has eighteen subjects.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from functools import lru_cache
from html import escape
from importlib import resources
from itertools import count

SERIES_TITLE = "渠水流过十八城"
SITE_NAME = "澜川日报客户端"
PUBLISHER = "澜川日报"
SHANGHAI = timezone(timedelta(hours=8))  # no summer time there since 1991, so a fixed offset is exact

SUBJECTS = (
    "郑州", "开封", "洛阳", "平顶山", "安阳", "鹤壁", "新乡", "焦作", "濮阳", "许昌", "漯河", "三门峡", "南阳", "商丘", "信阳",
    "周口", "驻马店", "济源",
)  # fmt: skip

BRIEF = (
    "一条渠把十八座城连在一起。守闸的、修车的、卖书的、摆渡的，十八位城里人各写一篇身边的水和日子，本报客户端逐篇刊发。"
)
NOTE = (
    "今年入夏以来，澜川日报社沿着渠走了两个多月，请十八座城里守着水边的人讲一讲自己的日常。",
    "近日，十八位作者的来稿陆续到齐，澜川日报客户端特别开设专题《渠水流过十八城》，逐篇刊发这18篇文章，敬请关注。",
)


@dataclass(frozen=True, slots=True)
class Instalment:
    """One instalment as its author sent it in.

    number: place in the series, from 1. article: the site's number of it. channel: path of its channel. edit: a passage
    of the text and what a silent edit makes of it. blocks: what stands in the body, top to bottom: a paragraph;
    a table ("| a | b" lines, the first is the head); a list ("- " lines); a picture ("!caption").
    """

    number: int
    subject: str
    title: str
    office: str
    name: str
    editor: str
    published: datetime
    channel: str
    channel_id: int
    article: int
    highlights: tuple[str, ...]
    blocks: tuple[str, ...]
    edit: tuple[str, str]

    @property
    def note(self) -> tuple[str, ...]:
        """The editor's note: the same in each instalment but for its last sentence."""
        return (*NOTE, f"本期刊发{self.office}{self.name}的文章《{self.title}》。")

    @property
    def captions(self) -> tuple[str, ...]:
        """The captions of its pictures, top to bottom."""
        return tuple(block[1:] for block in self.blocks if block.startswith("!"))

    @property
    def body(self) -> tuple[str, ...]:
        """The paragraphs of the article proper, without pictures, tables and lists."""
        return tuple(block for block in self.blocks if block[0] not in "!|-")

    @property
    def path(self) -> str:
        """Path of its web page, in the form that the client had in 2018."""
        return f"/content/{self.channel}/{self.published:%Y/%m%d}/{self.article}.html"

    @property
    def content_id(self) -> str:
        """Its name in the API: channel, article, page."""
        return f"content_{self.channel_id}-{self.article}-1"

    def picture(self, index: int) -> str:
        """Path of the picture of that index (from 0; the first is also the thumb)."""
        kind = "png" if index % 2 else "jpg"
        return f"/uploadfile/{self.published:%Y/%m%d/%Y%m%d%H%M}{self.number:02d}{index:03d}.{kind}"


@lru_cache(maxsize=1)
def instalments() -> tuple[Instalment, ...]:
    """Read the eighteen instalments, in the order of the series."""
    folder = resources.files(__package__) / "texts"
    files = sorted((file for file in folder.iterdir() if file.name.endswith(".toml")), key=lambda file: file.name)
    return tuple(_read(number, file.read_text("utf-8")) for number, file in enumerate(files, 1))


def _read(number: int, toml: str) -> Instalment:
    values = tomllib.loads(toml)
    was, now = values.pop("edit")
    blocks = tuple(block.strip() for block in values.pop("body").strip().split("\n\n"))
    return Instalment(
        number=number, highlights=tuple(values.pop("highlights")), blocks=blocks, edit=(was, now), **values
    )


def content_html(instalment: Instalment, base: str, *, srcset: bool = False) -> str:
    """Set an instalment as the site does: one div, each paragraph indented by two ideographic blanks.

    base: put before the paths of pictures ("http://127.0.0.1:8000", or "" for paths from the root). srcset: the first
    picture is offered in two sizes.
    """
    head = [_paragraph("编者按：", strong=True), *map(_paragraph, instalment.note)]
    head += [_paragraph("核心提示：", strong=True), *map(_paragraph, instalment.highlights)]
    head.append(f'<p style="text-align: center;">{escape(instalment.office)}　{escape(instalment.name)}</p>')
    pictures = count()
    body = [_block(instalment, block, pictures, base, srcset) for block in instalment.blocks]
    return '<div style="font-size: 16px; line-height: 1.8;">' + "\n".join(head + body) + "</div>"


def _block(instalment: Instalment, block: str, pictures: count[int], base: str, srcset: bool) -> str:
    if block.startswith("!"):
        return _picture(instalment, block[1:], next(pictures), base, srcset)
    if block.startswith("|"):
        return _table(block)
    if block.startswith("- "):
        return "<ul>" + "".join(f"<li>{escape(line[2:])}</li>" for line in block.split("\n")) + "</ul>"
    return _paragraph(block)


def _paragraph(text: str, *, strong: bool = False) -> str:
    inner = f"<strong>{escape(text)}</strong>" if strong else escape(text)
    return f"<p>　　{inner}</p>"


def _picture(instalment: Instalment, caption: str, index: int, base: str, srcset: bool) -> str:
    source = base + instalment.picture(index)
    sizes = f' srcset="{source} 1x, {source.replace(".jpg", "-2x.jpg")} 2x"' if srcset and index == 0 else ""
    return (
        f'<p style="text-align: center;"><img src="{source}"{sizes} alt="{escape(caption)}" width="400"></p>'
        f'<p style="text-align: center;"><span class="tuzhu">{escape(caption)}</span></p>'
    )


def _table(block: str) -> str:
    rows = [[cell.strip() for cell in line.strip("| ").split("|")] for line in block.split("\n")]
    head, *rest = ("".join(f"<td>{escape(cell)}</td>" for cell in row) for row in rows)
    lines = "".join(f"<tr>{row}</tr>" for row in rest)
    return f'<table border="1"><tbody><tr class="head">{head}</tr>{lines}</tbody></table>'
