"""Links to other articles, set into the text of one.

Takes   the blocks and pictures of the element that a profile names as the text, or the blocks of a page.
Gives   the same without pointers: 相关阅读 and the links below it, 【延伸阅读】 and its link, the next article, tags.
Writes  nothing.

A linked line alone is text: an article may be a list of links. A label tells, and that links follow it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from .blocks import Block, Blocks

LINKED = 0.9  # share of links from which on a block is one
_LABEL = (
    r"(?:相关|延伸|推荐|更多|热门|往期|精彩|猜你喜欢|拓展)(?:阅读|新闻|推荐|文章|内容|报道|链接|回顾|专题)?|"
    r"相關(?:閱讀|新聞|文章)|关联阅读|关联新闻"
    r"|上一篇|下一篇|上一条|下一条|标签|关键词|关键字|tags?|topics?|filed under|previous|next"
    r"|related(?: (?:articles?|stories|links?|reading|news|content|coverage))?|read (?:more|also|next)|see also|"
    r"also read|more (?:on this|stories|news|from)"
    r"|mehr (?:zum thema|dazu)|lesen sie (?:auch|hier|mehr)|auch interessant|das könnte sie (?:auch )?interessieren"
    r"|(?:à )?(?:lire|voir) (?:aussi|également)|sur le même sujet"
    r"|関連記事|関連リンク|あわせて読みたい|관련\s?기사|함께\s?읽(?:기|어보기)"
    r"|(?:lee|lea|leer|ver|vea) (?:también|más)|(?:te|le) puede interesar|(?:noticias|notas) relacionadas"
    r"|(?:leia|veja|saiba) (?:também|mais)|leggi anche|potrebbe interessarti|lees (?:ook|meer)|läs (?:också|även|mer)|les også"
    r"|(?:czytaj|zobacz|przeczytaj) (?:też|także|również)|(?:читайте|смотрите|читать) (?:также|ещё|еще)|(?:материалы )?по теме"
    r"|читайте також"
)
_IS_LABEL = re.compile(rf"\W*(?:{_LABEL})\W*", re.I)
_BEGINS = re.compile(rf"[\s【\[（(●■◆▶►>]*(?:{_LABEL})\s*[】\]）)：:|｜>»]", re.I)


def without_pointers(found: Blocks) -> Blocks:
    """Leave the pointers out; the pictures keep their places among what is left."""
    gone = pointers(found.blocks)
    if not gone:
        return found
    kept = Blocks(
        [block for number, block in enumerate(found.blocks) if number not in gone], found.pictures, found.garbled
    )
    for picture in kept.pictures:
        picture.position -= sum(number < picture.position for number in gone)
    return kept


def pointers(blocks: Sequence[Block]) -> set[int]:
    """Give the numbers of the pointers among some blocks."""
    gone: set[int] = set()
    for number, block in enumerate(blocks):
        if block.link_chars and _BEGINS.match(block.text) and block.link_chars >= len(block.text) / 3:
            gone.add(number)
        elif _IS_LABEL.fullmatch(block.text) and number + 1 < len(blocks) and _is_link(blocks[number + 1]):
            gone.add(number)
            gone.update(_following(blocks, number + 1))
    return gone


def _following(blocks: Sequence[Block], start: int) -> range:
    end = start
    while end < len(blocks) and _is_link(blocks[end]):
        end += 1
    return range(start, end)


def _is_link(block: Block) -> bool:
    return block.link_chars >= LINKED * len(block.text)
