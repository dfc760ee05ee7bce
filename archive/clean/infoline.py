"""The line of information that some pages print as the first paragraph: date, source, names, counters.

Takes   one paragraph.
Gives   whether it is made of such fields alone, and the authors that it names.
Writes  nothing.

Nothing but fields may stand on the line: a sentence that begins with a date (2031年3月5日，山里还有雪。) is text.
"""

from __future__ import annotations

import re

from ..model import Author
from .bylines import EDITOR_LABEL, LINE_CHARS, ROLE, SOURCE_LABEL, WHEN, read_byline, read_labelled
from .names import WORDY, is_name, leading_names, words_of

VALUE_CHARS = 30  # a longer value of a field is text

_GAP = r"[\s|丨/／·•,，、()（）\[\]【】<>《》\-—–]"
_COUNTER = (
    r"(?:点击|點擊|阅读|閱讀|浏览|瀏覽|访问|人气|评论|評論|点赞|分享)(?:量|数|數|次数|次數)?"
    r"\s*[：:]?\s*[（(]?\d[\d,.]*[万萬]?\+?\s*次?"
)
_TOOL = rf"(?:(?<={_GAP})|^)(?:分享到?|打印(?:本页)?|收藏|关闭(?:窗口)?|我要评论|字体|字号)(?={_GAP}|$)"
_PERSON = rf"作者|文字|撰文|撰稿|采写|(?:本[报報网網刊台社])?(?:{ROLE})|{EDITOR_LABEL}"
_OTHER = (
    rf"{SOURCE_LABEL}|(?:发布|發布|發佈|发表|發表|发稿|更新|刊发|上传)?(?:时间|時間|日期)"
    "|(?:点击|阅读|浏览|访问|评论)(?:量|数|次数)?|人气|字号|字体|字體|大小|分享"
)
_MARK = re.compile(
    rf"(?P<plain>{WHEN}|{_COUNTER}|{_TOOL})|(?P<person>{_PERSON})\s*[：:]|(?P<other>{_OTHER})\s*(?:于|自)?\s*[：:]"
    rf"|(?:(?<={_GAP})|^)(?:(?P<bare_person>{_PERSON})|(?P<bare_other>{SOURCE_LABEL}))(?=[\s|丨/／])"
)
_DAY = re.compile(r"(?:19|20)\d\d\s*[-/.年]\s*\d{1,2}\s*[-/.月]\s*\d{1,2}")
_BARE_DAY = re.compile(rf"{_DAY.pattern}\s*[日号號]?")
_IS_WHEN = re.compile(WHEN)
_CLOCK = re.compile(r"\d[:：]\d")
_WEEKDAY = re.compile("星期|周|週")
_FURNITURE = re.compile(rf"(?:字号|字號|字体|字體)\s*[：:]|{_COUNTER}")
_SENTENCE = re.compile("[。！？；!?;，：:“”…]")
_MEDIUM = re.compile(
    r"^[\u3400-\u9fffA-Za-z·]{0,10}(?:[日晚早晨时時周商市年]报|[日晚早晨時周商]報|新闻网?|[日报府华民]网|客户端|在线|周刊|电视台|通讯社|新华社)$"
)
_ONLY_GAPS = re.compile(rf"^{_GAP}*|{_GAP}*$")


def is_info_line(line: str) -> bool:
    """Tell whether a line is made of a date, labelled fields, counters and names that sign, and of nothing else.

    What read_byline and is_imprint know by one label alone (作者：…, 来源：…) is none.

    >>> is_info_line("2031年3月5日 07:12　来源：临溪日报　作者：苏砚秋"), is_info_line("2031年3月5日，渠水到了。")
    (True, False)
    """
    if len(line) > LINE_CHARS:
        return False
    marks = list(_MARK.finditer(line))
    if not marks or not _is_medium_or_nothing(line[: marks[0].start()]):
        return False
    ends = [mark.start() for mark in marks[1:]] + [len(line)]
    if not all(_is_field(mark, line[mark.end() : end]) for mark, end in zip(marks, ends, strict=True)):
        return False
    told = [mark for mark in marks if not _IS_WHEN.fullmatch(mark.group())]
    if not told:  # day and weekday alone head the entry of a diary
        return bool(_DAY.search(line)) and (bool(_CLOCK.search(line)) or not _WEEKDAY.search(line))
    # One label is enough beside a date; alone only one that no article begins with.
    return bool(_DAY.search(line)) or len(marks) > 1 or bool(_FURNITURE.match(told[0].group()))


def is_bare_day(line: str) -> bool:
    """Tell whether a line is a date and nothing else, as a diary has above each entry."""
    return bool(_BARE_DAY.fullmatch(line))


def read_info_authors(line: str) -> tuple[Author, ...]:
    """Read the authors of a line of information: behind their label, else behind the word before the name.

    >>> read_info_authors("2031-03-05 07:12 来源：临溪日报 记者 苏砚秋")
    (Author(name='苏砚秋', role='记者'),)
    """
    return read_labelled(line) or read_byline(line)


def _is_field(mark: re.Match[str], value: str) -> bool:
    """Tell whether what follows a mark is a value of its kind."""
    bare = _ONLY_GAPS.sub("", value)
    if mark["plain"]:
        return _is_medium_or_nothing(value)
    if len(bare) > VALUE_CHARS or _SENTENCE.search(bare):
        return False
    if mark["other"] or mark["bare_other"]:
        return not WORDY.search(bare)
    words = words_of(bare)
    if mark["bare_person"]:
        return bool(words) and all(map(is_name, words))
    return not WORDY.search(bare) and (len(words) <= 1 or len(leading_names(bare, said=True)) >= len(words))


def _is_medium_or_nothing(text: str) -> bool:
    bare = _ONLY_GAPS.sub("", text)
    return not bare or bool(_MEDIUM.match(bare) and not WORDY.search(bare))
