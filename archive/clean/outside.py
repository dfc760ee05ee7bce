"""What stands among the paragraphs of an article and is none of it: pointers to others, calls to follow, comments below.

Takes   a page laid out, and the chance of each block.
Gives   the numbers of the blocks that are no part of the article, whatever their chance.
Writes  nothing.

A line is told by all of its words, never by one of them: an article may speak of advertisements. Comments are told by the heading
above them, in an element that begins with it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from .chooser import CLEAR, Sheet
from .chooser.sheet import Place
from .pointers import pointers

LINE_CHARS = 200  # a longer line is text
TEXT_LETTERS = 20  # of a block above a heading of comments, for it to be below a text

_ADVERT = (
    r"(?:advertise?ment|sponsored content|anzeige|werbung|publicidad|publicité|pubblicità|publicidade|advertentie|reklama|реклама"
    r"|广告|廣告|広告|광고)"
)
_EDGES = " \t\u3000\xa0*+-–—|·•:：.。!！▶►■●"
_LINE = re.compile(
    rf"(?:{_ADVERT}"
    rf"|(?:(?:story|article) )?continues? (?:reading )?(?:below|after)(?: the| this)? {_ADVERT}"
    r"|follow (?:us|\S+(?: \S+){0,3}) on (?:twitter|x|facebook|instagram|telegram|whatsapp|linkedin|youtube|google news)\b.{0,60}"
    r"|.{0,80}(?:whatsapp|telegram)[- ]kanal\b.{0,40}\babonnieren"
    r"|подпи(?:сывайтесь|шитесь) на (?:наш|нас)\b.{0,60}"
    r"|.{0,30}(?:네이버|카카오|채널).{0,20}구독하(?:세요|기)"
    r"|(?:请)?(?:扫描|扫一扫|长按|长按识别|识别|微信扫描?)(?:上方|下方|上面|下面)?.{0,4}二维码.{0,40}"
    r"|返回.{1,12}[，,]\s*查看更多"
    r"|(?:举报|反馈)(?:/(?:举报|反馈))?"
    r"|[【\[]?版权声明[】\]]?[：:]?\s*\S.*(?:转载|摘编|授权|侵权|版权).*"
    r"|(?:特别|免责|郑重)?(?:声明[：:])?\s*(?:本文|文章|以上(?:内容|文章))(?:内容)?[仅只]代表作者.{0,6}观点.*(?:立场|无关|平台|本网|本站).*"
    r"|.{0,40}무단\s*전재.{0,6}재배포\s*금지.*"
    r"|.{0,120}\bmay not be published, broadcast, .*(?:redistributed|permission)"
    r")",
    re.I,
)
_COMMENTS = re.compile(
    r"\W*(?:\d[\d.,]*\s*条?\s*)?(?:(?:最新|网友|網友|热门|熱門|全部|精彩|读者|讀者)(?:评论|評論|留言|跟帖)|评论(?:列表|区)|(?<=条)评论"
    r"|(?:(?:reader|user|all|latest|top|your) )?comments|(?:leser)?kommentare|(?:vos |les )?commentaires|coment[aá]rios|commenti"
    r"|reacties|komentarze|комментарии|コメント一覧|댓글)\W*(?:\d[\d.,]*\s*条?)?\W*",
    re.I,
)
_HEADINGS = frozenset({"h2", "h3", "h4", "h5", "h6"})


def outside(sheet: Sheet, likely: Sequence[float]) -> set[int]:
    """Give the blocks that are no part of the article."""
    calls = {
        number
        for number, block in enumerate(sheet.blocks)
        if likely[number] and len(block.text) <= LINE_CHARS and _LINE.fullmatch(block.text.strip(_EDGES))
    }
    return calls | pointers(sheet.blocks) | _comments(sheet, likely)


def _comments(sheet: Sheet, likely: Sequence[float]) -> set[int]:
    """Give the comments: an element that begins with their heading, below some text, and holds no headline."""
    found: set[int] = set()
    is_below = False
    for number, block in enumerate(sheet.blocks):
        if is_below and block.tag in _HEADINGS and _COMMENTS.fullmatch(block.text):
            home = sheet.homes[number]
            if number in found or _is_within(sheet.at[number - 1], home):
                continue
            end = number
            while end < len(sheet.at) and _is_within(sheet.at[end], home):
                end += 1
            if all(one.tag != "h1" for one in sheet.blocks[number:end]):
                found.update(range(number, end))
        is_below = is_below or (likely[number] >= CLEAR and len(sheet.letters[number]) >= TEXT_LETTERS)
    return found


def _is_within(place: Place | None, home: Place) -> bool:
    while place is not None and place.depth > home.depth:
        place = place.parent
    return place is home
