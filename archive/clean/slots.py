"""Boxes set among the paragraphs of an article that are none of it: advertisements, forms, calls to subscribe.

Takes   a page laid out, and the chance of each block.
Gives   the numbers of the blocks in such boxes, and of the lines that count or call.
Writes  nothing.

What such a box says changes by the visit and reads like any sentence, so the box is told by what it is: it is named for it, it
has a field to fill in, or it begins with the label of an advertisement or of other stories. It must hold little of what may be
the article: some sites set the whole page into a form.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from .chooser import CLEAR, Sheet
from .chooser.sheet import Place
from .furniture import is_furniture

SHARE = 0.25  # of the letters that are likely to be the article, the most that a box may hold
BOX_LETTERS = 400  # a longer one is text
LABEL_CHARS, LINE_CHARS = 40, 80

_PART = re.compile(r"[A-Za-z][a-z]*|[A-Z]+(?![a-z])")
_NAMES = frozenset({
    "ad", "ads", "adv", "advert", "adverts", "advertise", "advertisement", "advertisements", "advertising", "adbox", "adslot",
    "adunit", "adwrap", "adsense", "dfp", "guanggao", "sponsor", "sponsored", "newsletter", "newsletters", "subscribe", "signup",
    "donate", "donation", "donations", "outbrain", "taboola",
})  # fmt: skip
_ADVERT = re.compile(
    r"\W*(?:advertise?ments?|sponsored(?: content)?|promoted|anzeige|werbung|publicidad|publicité|pubblicità"
    r"|advertentie|annons|reklama"
    r"|реклама|广告|廣告|推广|広告|スポンサー(?:リンク|ドサーチ)|pr|ad|광고)\W*",
    re.I,
)
# What heads a list of other stories, be they links or not.
_OTHERS = re.compile(
    r"\W*(?:see also|read (?:more|next|also)|related(?: \w+)?|recommended(?: for you)?|you (?:may"
    r"|might) (?:also )?like|most (?:read|popular|viewed)"
    r"|trending(?: now)?|editor['’]?s['’]? picks?|more from .{0,24}|what to read next|top stories"
    r"|up next|more (?:on|about) this (?:story|topic)"
    r"|mehr zum thema|lesen sie auch|meistgelesen"
    r"|das könnte sie (?:auch )?interessieren|à lire aussi|les plus lus|lo más leído|te puede interesar"
    r"|(?:大家都在看|猜你喜欢|为[你您]推荐|热门(?:推荐|文章|新闻|排行)|推荐(?:阅读|文章)|相关(?:阅读|新闻|推荐|链接"
    r"|文章|报道)|延伸阅读|往期(?:推荐|回顾|精选)|精彩推荐|编辑推荐"
    r"|喜欢此内容的人还喜欢|(?:今日|本周|小编)推荐|(?:24小时)?(?:阅读|新闻|点击)排行榜?"
    r"|(?:阅读|点击|新闻)?排行榜?|网友还看了|看了又看|更多精彩)"
    r"|(?:関連記事|あわせて読みたい|おすすめ(?:記事)?|あなたへのおすすめ|アクセスランキング|人気記事(?:ランキング)?"
    r"|ランキング)|관련\s?기사|많이 본 (?:기사|뉴스))\W*",
    re.I,
)
_CLOSING = tuple('。.！!？?…”’»」』"：:；;')
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_FIELDS = ("form", "input", "textarea")
_NO_FIELD = frozenset({"hidden", "checkbox", "radio"})


def slots(sheet: Sheet, likely: Sequence[float]) -> set[int]:
    """Give the blocks that stand in a box of an advertisement, a form or a call, and the lines that are no text anywhere."""
    open_ones = [number for number, chance in enumerate(likely) if chance >= CLEAR]
    if not open_ones:
        return set()
    limit = SHARE * sum(likely[number] * sheet.lengths[number] for number in open_ones)
    filled = _places_with_fields(sheet)
    known: dict[int, bool] = {}
    named = {number for number in open_ones if _is_in_slot(sheet, number, filled, known, limit)}
    if sum(likely[number] * sheet.lengths[number] for number in named) > limit:
        named = set()  # the name is the text's own
    found = named | set(_labelled(sheet, limit))
    return found | {
        number for number in open_ones if _has_words(sheet, number) and is_furniture(sheet.blocks[number].text)
    }


def _has_words(sheet: Sheet, number: int) -> bool:
    """Tell whether a line has more than the number of a section."""
    return any(map(str.isalpha, sheet.letters[number]))


def _is_small(place: Place, limit: float) -> bool:
    return place.parent is not None and place.letters <= min(limit, BOX_LETTERS)


def _is_in_slot(sheet: Sheet, number: int, filled: set[int], known: dict[int, bool], limit: float) -> bool:
    """Tell whether a small element around a block is named as a slot, or holds a field. known: by number of the place."""
    place, element = sheet.at[number], sheet.blocks[number].element
    way: list[int] = []
    answer = False
    while _is_small(place, limit) and element is not None:
        if place.number in known:
            answer = known[place.number]
            break
        way.append(place.number)
        if place.number in filled or _is_named(element):
            answer = True
            break
        if place.parent is None:
            break
        place, element = place.parent, element.getparent()
    known.update(dict.fromkeys(way, answer))
    return answer


def _is_named(element: Any) -> bool:
    names = f"{element.get('class') or ''} {element.get('id') or ''}"
    return len(names) > 1 and not _NAMES.isdisjoint(part.lower() for part in _PART.findall(names))


def _places_with_fields(sheet: Sheet) -> set[int]:
    """Give the numbers of the places that hold a field to fill in."""
    if not sheet.blocks:
        return set()
    places: dict[Any, Place] = {}
    for block, at in zip(sheet.blocks, sheet.at, strict=True):
        element, place = block.element, at
        while element not in places:
            places[element] = place
            if place.parent is None:
                break
            element, place = element.getparent(), place.parent
    found: set[int] = set()
    for field in sheet.blocks[0].element.getroottree().getroot().iter(*_FIELDS):
        if (field.get("type") or "").lower() in _NO_FIELD:
            continue
        element = field
        while element is not None and element not in places:
            element = element.getparent()
        above: Place | None = places.get(element)
        while above is not None and above.number not in found:
            found.add(above.number)
            above = above.parent
    return found


def _labelled(sheet: Sheet, limit: float) -> Iterator[int]:
    """Yield the blocks below the label of an advertisement or of other stories: its element, else lines that are no sentences."""
    taken = -1
    for number, block in enumerate(sheet.blocks):
        if number <= taken or len(block.text) > LABEL_CHARS or block.tag == "h1":
            continue
        is_advert = bool(_ADVERT.fullmatch(block.text))
        if not is_advert and not _OTHERS.fullmatch(block.text):
            continue
        taken = _end_of_box(sheet, number, limit)
        if taken == number:
            taken = _end_of_lines(sheet, number, is_advert=is_advert)
        if taken > number or is_advert:
            yield from range(number, taken + 1)


def _end_of_box(sheet: Sheet, number: int, limit: float) -> int:
    """Give the number of the last block of the largest small element that begins with a label."""
    place, before = sheet.at[number], sheet.at[number - 1] if number else None
    while place.parent is not None and _is_small(place.parent, limit) and not _holds(place.parent, before):
        place = place.parent
    end = number
    while end + 1 < len(sheet.at) and _is_small(place, limit) and _holds(place, sheet.at[end + 1]):
        end += 1
    return end


def _end_of_lines(sheet: Sheet, number: int, *, is_advert: bool) -> int:
    """Give the number of the last line below a label that stands among paragraphs: of one advertisement, or of other stories as
    far as the end of the element."""
    home, end = sheet.homes[number], number
    while end + 1 < len(sheet.blocks) and sheet.homes[end + 1] is home and _is_open_line(sheet, end + 1):
        end += 1
        if is_advert:
            return end
    is_last = end + 1 == len(sheet.blocks) or sheet.homes[end + 1] is not home
    return end if is_last else number


def _is_open_line(sheet: Sheet, number: int) -> bool:
    block = sheet.blocks[number]
    return len(block.text) <= LINE_CHARS and block.tag not in _HEADINGS and not block.text.endswith(_CLOSING)


def _holds(outer: Place, place: Place | None) -> bool:
    while place is not None and place.depth > outer.depth:
        place = place.parent
    return place is outer
