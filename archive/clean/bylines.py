"""Who wrote it, who edited it, where it comes from: read from lines as newspapers print them.

Takes   one line of text.
Gives   Authors with their roles as printed; an Imprint of source and editor.
Writes  nothing.

Names after 记者 and 通讯员 are authors, with that role; an office before a name (…主任 谢某某) is its role. Names after 编辑
and 责任编辑 are editors and never authors. Source: what kingname/GeneralNewsExtractor#34 reports as mixed up.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from ..model import Author
from .names import begins_as_a_name, ends_in_office, is_name, is_office, leading_names, words_of
from .signature import read_signature, read_with_offices
from .spaced import read_spaced, split_people

LINE_CHARS = 90  # a longer line is text, not a byline
PEOPLE_CHARS = 600  # what is longer names no people
OPENING_CHARS = 80  # how far into a paragraph （记者 …） is looked for

# A date, its weekday and time beside it; or a time alone. Without its year only what can be nothing else.
_CLOCK = r"\d{1,2}[:：]\d\d(?:[:：]\d\d)?(?!\d)"
WHEN = (
    r"(?<!\d)(?:(?:(?:19|20)\d\d\s*[-/.年]\s*\d{1,2}\s*[-/.月]\s*\d{1,2}(?!\d)\s*[日号號]?|\d{1,2}月\d{1,2}[日号號])"
    rf"(?:\s*(?:星期|周|週)[一二三四五六日天])?(?:[\sT]*{_CLOCK})?|\d\d-\d\d\s+{_CLOCK}|{_CLOCK})"
)
ROLE = (
    r"(?:见习|實習|实习|特约|特派|特邀|首席|摄影|攝影|全媒体|融媒体|高级|资深|驻[\u4e00-\u9fff]{2,6})?(?:记者|記者)"
    r"|(?:特约|特邀)?(?:通讯员|通訊員|评论员|評論員|撰稿人?)|实习生|實習生"
)
_ROLE_FIND = re.compile(ROLE)
# The line begins with the role, with at most the medium's name and a mark before it.
_REPORTERS_LINE = re.compile(
    rf"^[□■●◎○◆▲△☐\s]*(?:[（(\[【]\s*)?(?:(?:整合|综合|整理|采写|撰文)[\s：:]*)?(?:(?:本[报报網网刊台社]"
    rf"|[\u4e00-\u9fff·]{{2,14}}?)[\s]*)?(?:{ROLE})[\s:：丨|/／]*"
)
_REPORTERS_INLINE = re.compile(rf"[（(]([^（）()]{{0,16}}?(?:{ROLE})[\s:：]*[^（）()]{{2,70}})[)）]")
_CLOSING = re.compile(
    r"[（(]\s*((?:作者|撰文|撰稿|采写|文[/／、]?[图摄]|图[/／]?文|文"
    r"|供稿)[\s：:/／]*)?([^（）()。，！？：:]{2,24}?)\s*((?:[\u4e00-\u9fff]{2,4})?(?:报道|供稿|文/图|采写))?\s*[)）][。\s]*$"
)
_TAIL = re.compile(
    r"(?:摄影报道|图文报道|整理报道|综合报道|采写|报道|報道|整理|文[/／、]?[图摄]|图[/／]?文|摄影|摄|图|文|发自.*"
    r"|电)[)）\]】]*$"
)
WROTE = "作者|撰文|撰稿|采写|文字|文案|执笔|主笔|编写|来稿|投稿|供稿|口述|自述|讲述|整理"
_TOLD = re.compile("口述|自述|讲述|整理")  # their word is the role: one spoke, the other wrote
_AUTHOR_LABEL = re.compile(
    rf"^[（(\[【□■●◎\s]*(?:文章作者|本文作者|{WROTE}|文[/／][图摄]|图文|文图|文)\s*[：:/／丨|｜]\s*(.+?)[\]】\s]*$"
)
_LABELLED = re.compile(r"(作者|记者|記者|通讯员|撰文|撰稿|执笔)\s*[：:]\s*([^：:|丨]{2,40})")
# Who is named by a label and is nobody.
_NOBODY = re.compile(
    rf"(?:佚名|匿名|无名氏?|未知|不详|网络|暂无|小编|(?:本[报報网網刊台社站]|综合)?(?:{ROLE}|编辑|报道|整理|消息))$"
)
# A news agency's head: 某通社青溪3月5日电 (白望川 何远).
_DISPATCH = re.compile(r"^[\u3400-\u9fff\w·]{2,24}\d{1,2}[日号]电\s*[（(]([^（）()]{2,60})[)）]")
# Behind a byline: the paper's own issue and page, how long the text is.
_PRINTED_IN = re.compile(r"\s*《[^《》]{2,20}》\s*[（(][^（）()]{4,40}版\s*[)）]\s*$")
_LENGTH = re.compile(
    r"(?:(?:全文|本文|字数|篇幅|阅读|预计|时长|约|共"
    r"|需)[\s：:]{0,2}){0,3}(?<![\d０-９,，.．])[\d０-９][\d０-９,，.．]{0,9}\s?[万千]?\s?"
    r"(?:字|分钟|词|words?\b|min\b)(?:阅读|左右)?(?=[\s|丨，,)）]|$)"
)
_SIGNED_BY_MARK = re.compile(
    r"^(?:[□■●◎○◆▲△☐]\s*(?P<marked>\S.{1,30})|[（(【](?P<bracketed>[^（）()【】]{2,30})[)）】])$"
)
_NAME_GAP = re.compile(r"\s*(?:,|;| and | & | und | et )\s*", re.I)
_PHOTO = re.compile(
    r"[^文图圖/／、&＆\s]\s*[摄攝](?:影)?[)）\]】]*$"
)  # 记者 苏砚秋 摄 took the picture; 文/摄 did both
_SEGMENT = re.compile(r"\s*[|•·»]\s*")
_DATED = re.compile(
    r"\b(?:on\s+)?(?:[A-Z][a-zä]{2,8}\.?\s+\d{1,2}[,.]|\d{1,2}[./]\s?\w+[./]?\s?\d{2,4}|\d{4}-\d\d-\d\d).*$"
)
_DATE_BEFORE = re.compile(
    r"^(?:[^\W\d_]{2,10}\.?,?\s+)?(?:\d{1,2}[./]\s?\w+[./]?\s?\d{2,4}|\d{4}-\d\d-\d\d|\d{1,2}\.? [^\W\d_]{3,9} \d{4}"
    r"|[A-Z][a-z]{2,8} \d{1,2}, \d{4})"
    r"(?:,?\s+\d{1,2}[:.]\d\d(?:\s?(?:Uhr|[ap]m))?)?\s*[,–—|·-]?\s+(?=(?:by|von|par|por|door|av|af|di)\s)",
    re.I,
)
# Without brackets only words that no sentence about an author begins with.
_AUTHOR_IS = re.compile(
    r"^(?:[（(\[【]\s*(?:本文|文章|文)?作者(?P<name>[^，,。系为是：:]{0,12}?)\s*[，,]?\s*(?:系|为|是|现任|(?:单位|單位"
    r"|简介)[：:]?)"
    r"|(?:本文|文章)?作者(?P<bare_name>[^，,。系为是：:]{0,12}?)\s*[，,]?\s*(?:系|现任|(?:单位|單位|简介)(?=[：:]))[：:]?)"
    r"\s*(?P<office>[^。！？!?]{3,80}?)[。.]?\s*[)）\]】]?$"
)
PICTURED = "摄影|攝影|摄像|摄|图片|图|供图|制图|绘图|漫画|插画|插图|视频|剪辑|航拍|翻译|编译|朗读|朗诵|设计"
EDITOR_LABEL = (
    "责任编辑|責任編輯|本期编辑|值班编辑|执行编辑|网络编辑|责编|責編|编辑|編輯"
    "|校对|校對|审核|審核|复审|终审|审签|监制|監製|统筹|值班编委|编审|初审|排版|美编"
)
# The name ends before the next field, of whatever label.
_EDITOR = re.compile(
    rf"(?:{EDITOR_LABEL})\s*[：:/／丨| \u3000]\s*([^：:|丨()（）\[\]【】]+?)"
    rf"(?=\s*(?:{EDITOR_LABEL}|[)）\]】|丨]|来源|來源|\s\S{{2,8}}\s*[：:]|$))"
)
_EDITOR_LINE = re.compile(
    rf"^[（(\[【\s]*(?:(?:来源|來源)\s*[：:][^：:]{{1,20}}\s+)?"
    rf"(?:(?:{EDITOR_LABEL})\s*[：:/／丨| \u3000]\s*[^：:。，！？]{{1,24}}){{1,8}}[)）\]】\s]*$"
)
IMPRINT_CHARS = 400  # a longer line is none of information, whatever it says
SOURCE_LABEL = "文章来源|信息来源|稿件来源|来源|來源|稿源|出处"
_SOURCE = re.compile(rf"(?:{SOURCE_LABEL})\s*(?:于|自)?\s*[：:丨|]\s*《?([^\s|丨，。；)）\]】》]{{2,30}})")
# What a line of information has before its byline, and behind it.
_BEFORE_NAMES = re.compile(rf"^(?:[\s|丨]*(?:{WHEN}|(?:{SOURCE_LABEL})\s*[：:]\s*[^\s|丨：:]+(?=[\s|丨])))+[\s|丨]*")
_BEHIND_NAMES = re.compile(rf"[\s|丨]+(?:{EDITOR_LABEL})\s*[\s：:/／丨|].*$")
# The field behind the names, also where a template sets no blank between: 作者：苏砚秋编辑：周砚.
_NEXT_FIELD = re.compile(
    rf"\s*(?:{EDITOR_LABEL}|{SOURCE_LABEL}|(?:发布|發布|更新|发表)?(?:时间|時間|日期)|浏览|点击|阅读|字号|通讯员|記者"
    rf"|记者)\s*[：:/／丨|].*$"
    rf"|[\s，,；;|丨]+(?:{WROTE}|{PICTURED})\s*[：:/／丨|｜].*$|[\s，,；;|丨]+[\u3400-\u9fff]{{2,6}}\s*[：:].*$"
)
_NEXT_WROTE = re.compile(rf"[\s，,；;|丨]*(?:{WROTE}|{ROLE})\s*[：:/／丨|｜]")
_ACCOUNT = re.compile(r"https?:|www\.|@|^admin|administrator|webmaster|developer|^user\b|^root$|[|/<>{}]", re.I)
_LINK = re.compile("返回|查看|更多|点击|關注|关注|扫码|分享")  # what a template runs into the last name
_COLUMN = re.compile(r"\s*[|丨]\s*")
_MARK = re.compile("[：:/／丨| \u3000]")
_SOURCE_LINE = re.compile(r"^[（(\[【\s]*(?:文章来源|信息来源|稿件来源|来源|來源|稿源)\s*[：:].{2,30}$")


@dataclass(frozen=True, slots=True)
class Imprint:
    """What the lines around an article tell of its making."""

    source: str | None = None
    editor: str | None = None


def read_byline(line: str) -> tuple[Author, ...]:
    """Read a whole line as a byline; an empty tuple where it is none.

    >>> read_byline("临溪县水务局副局长　苏砚秋")
    (Author(name='苏砚秋', role='临溪县水务局副局长'),)
    """
    if len(line) > 2 * LINE_CHARS:
        return ()
    line = _PRINTED_IN.sub("", _LENGTH.sub("", line)).strip(" \u3000|丨\t\n")
    if not line or len(line) > LINE_CHARS or re.search(r"[。！？；!?;]", line.rstrip("。")) or _PHOTO.search(line):
        return ()
    before = _BEFORE_NAMES.match(line)
    if before:
        return _in_columns(_BEHIND_NAMES.sub("", line[before.end() :]))
    labelled = _AUTHOR_LABEL.match(line)
    if labelled:
        return _in_fields(line, labelled.group(1))
    dispatch = _DISPATCH.match(line)
    if dispatch and dispatch.end() == len(line):
        return _reporters(dispatch.group(1), said=True) or _all_names(dispatch.group(1))
    if _REPORTERS_LINE.match(line) and (found := _whole_line_reporters(line)):
        return found
    return read_spaced(line) or _offices(line) or _by_mark(line)


def read_opening(paragraph: str) -> tuple[Author, ...]:
    """Read the reporters named in brackets in a paragraph: 本报讯（记者 …）, or （记者 …） at its beginning or end."""
    if "（" not in paragraph and "(" not in paragraph:  # as most are: quicker than the pattern
        return ()
    for match in _REPORTERS_INLINE.finditer(paragraph):
        if match.start() <= OPENING_CHARS or match.end() >= len(paragraph) - 2:
            return _reporters(match.group(1), said=True)
    dispatch = _DISPATCH.match(paragraph)
    return _all_names(dispatch.group(1)) if dispatch else ()


def read_closing(paragraph: str, *, told: bool = False) -> tuple[Author, ...]:
    """Read the names in brackets that end an article: （林渡）, (文/图 苏砚秋 林渡), （林渡 临溪报道）.

    told: only where a word beside the names says that they sign.
    """
    match = _CLOSING.search(paragraph) if paragraph.rstrip("。 \u3000").endswith((")", "）")) else None
    if not match:
        return ()
    words = words_of(match.group(2))
    names = leading_names(match.group(2))
    signs = bool(match.group(1) or match.group(3))
    counts = signs or (not told and len(names) == len(words))
    return tuple(Author(name) for name in names) if names and counts else ()


def read_signed(line: str) -> tuple[Author, ...]:
    """Read a line like 采写：某报记者 苏砚秋, of which every word is a name or a role; an empty tuple for any other."""
    labelled = _AUTHOR_LABEL.match(line) if len(line) <= LINE_CHARS else None
    text = labelled.group(1) if labelled else ""
    words = words_of(text)
    return _reporters(text) or (tuple(map(Author, words)) if words and all(map(is_name, words)) else ())


def read_people(text: str) -> tuple[Author, ...]:
    """Read what is known to name authors: a field of an API, the text under a CSS rule, the part after 作者：."""
    text = re.sub(r"^\s*(?:作者|文|by)\s*[：:/ ]\s*", "", text.strip()[:PEOPLE_CHARS], flags=re.I).strip("（）() ")
    if _NOBODY.match(text):
        return ()
    found = read_with_offices(text) or _reporters(text) or _offices(text) or read_signature(text)
    if found:
        return found
    words = words_of(text)
    if words and all(is_name(word) for word in words):
        return tuple(Author(word) for word in words)
    if re.search(r"[\u3400-\u9fff]", text):  # a pen name, a section of the paper: as it stands
        words = [word for word in re.split(r"[、，,;；\s]+", text) if word and not _NOBODY.match(word)]
        return tuple(map(Author, words)) if len(text) <= 40 else ()
    names = [name.strip() for name in _NAME_GAP.split(text) if name.strip()]
    return split_people(text) or tuple(Author(name) for name in names if len(name) <= 60)


def is_account(name: str) -> bool:
    """Tell whether a name is a system's for who put the article in: an address, admin, a path."""
    return bool(_ACCOUNT.search(name))


def read_labelled(line: str) -> tuple[Author, ...]:
    """Read 作者：… or 记者：… from an information line that holds more than that.

    >>> read_labelled("2026-03-05 07:12 作者：苏砚秋 来源：临溪日报")
    (Author(name='苏砚秋', role=None),)
    """
    line = _LENGTH.sub("", line) if len(line) <= IMPRINT_CHARS else line
    match = _LABELLED.search(line) if "：" in line or ":" in line else None
    names = leading_names(_value(line, match), said=True) if match else []
    role = match.group(1) if match and _ROLE_FIND.fullmatch(match.group(1)) else None
    return tuple(Author(name, role) for name in names if not _NOBODY.match(name))


def read_segments(line: str) -> tuple[Author, ...]:
    """Read an author in one segment of an information line, or before its date.

    >>> read_segments("Mo 04.03.31 | 14:07 Uhr | Von Jana Roth-Kern"), read_segments("by Jane Doe Jul. 19, 2031 9:45 am")
    ((Author(name='Jana Roth-Kern', role=None),), (Author(name='Jane Doe', role=None),))
    """
    if len(line) > 2 * LINE_CHARS:
        return ()
    is_dated = bool(_DATED.search(line))
    line = _DATE_BEFORE.sub("", line)
    segments = _SEGMENT.split(line)
    for segment in segments if len(segments) > 1 or is_dated else ():
        found = read_spaced(_DATED.sub("", segment).strip(" ,-–—"))
        if found:
            return found
    return ()


def read_author_note(line: str) -> tuple[str | None, str] | None:
    """Read a note like （作者系临溪县水务局副局长）: the name, where it tells one, and the office; None where it is no such note.

    >>> read_author_note("作者苏砚秋，系临溪县水管员。"), read_author_note("作者系临溪县水管员")
    (('苏砚秋', '临溪县水管员'), (None, '临溪县水管员'))
    """
    match = _AUTHOR_IS.match(line.strip()) if len(line) <= 2 * LINE_CHARS and "作者" in line else None
    if not match:
        return None
    name, office = (match["name"] or match["bare_name"] or "").strip(), match["office"].strip()
    first, _, rest = office.replace(",", "，").partition("，")
    if not name and rest and is_name(first.strip()):
        name, office = first.strip(), rest.strip()
    return name or None, office


def read_imprint(line: str) -> Imprint:
    """Read source and editor from an information line.

    >>> read_imprint("2026-03-05 07:12 来源：临溪日报 编辑：周砚")
    Imprint(source='临溪日报', editor='周砚')
    """
    if len(line) > IMPRINT_CHARS or not _MARK.search(line):  # either label has one after it
        return Imprint()
    source = _SOURCE.search(line)
    editor = _EDITOR.search(line)
    return Imprint(source.group(1) if source else None, editor.group(1).strip() if editor else None)


def is_imprint(line: str) -> bool:
    """Tell whether a whole line only names editors or the source, and so is no part of the article."""
    return len(line) <= LINE_CHARS and bool(_EDITOR_LINE.match(line) or _SOURCE_LINE.match(line))


def merge_authors(*groups: tuple[Author, ...]) -> tuple[Author, ...]:
    """Join lists of authors, each name once in its first spelling, with the first role that is told."""
    merged: dict[str, Author] = {}
    for author in (author for group in groups for author in group):
        key = _bare(author.name)
        known = merged.get(key)
        if known is None:
            merged[key] = author
        elif known.role is None and author.role:
            merged[key] = Author(known.name, author.role)
    return tuple(merged.values())


def _bare(name: str) -> str:
    """Give a name without capitals, accents and blanks: JANE DOE is Jane Doe, Jose Munoz is José Muñoz.

    >>> _bare("José  MUÑOZ")
    'josemunoz'
    """
    parts = unicodedata.normalize("NFKD", name.casefold()) if not name.isascii() else name.casefold()
    return "".join(character for character in parts if not character.isspace() and not unicodedata.combining(character))


def _value(line: str, match: re.Match[str]) -> str:
    """Give the value of a label, without the word that is the next label."""
    value = _NEXT_FIELD.sub("", line[match.start(2) :])[: match.end(2) - match.start(2)]
    if len(value) < match.end(2) - match.start(2):
        return value
    return re.sub(r"\s+\S*\s*$", "", value) if line[match.end() : match.end() + 1] in ("：", ":") else value


def _in_fields(line: str, value: str) -> tuple[Author, ...]:
    """Read the people of a label, and those of the fields behind it whose labels name authors as well."""
    own = _NEXT_FIELD.sub("", _BEHIND_NAMES.sub("", value))
    told = _TOLD.match(line)
    people = tuple(one for one in read_people(own) if not _LINK.search(one.name))
    if told or line.startswith("供稿"):  # units send articles in as well
        people = tuple(
            Author(one.name, one.role or (told.group() if told else None)) for one in people if is_name(one.name)
        )
    rest = value[len(own) :].strip(" \u3000，,；;|丨")
    return merge_authors(people, read_byline(rest) if _NEXT_WROTE.match(rest) else ())


def _all_names(text: str) -> tuple[Author, ...]:
    words = words_of(text)
    return tuple(map(Author, words)) if words and all(map(is_name, words)) else ()


def _by_mark(line: str) -> tuple[Author, ...]:
    """Read names that stand alone behind a printer's mark or in brackets: □白望川, （白望川　何远）."""
    match = _SIGNED_BY_MARK.match(line)
    return _all_names(match["marked"] or match["bracketed"]) if match else ()


def _in_columns(line: str) -> tuple[Author, ...]:
    """Read what follows date and source on a line of information: the first column that is a byline."""
    found = (read_byline(column) for column in _COLUMN.split(line) if not _BEFORE_NAMES.match(column))
    return next((authors for authors in found if authors), ())


def _whole_line_reporters(line: str) -> tuple[Author, ...]:
    bare = _TAIL.sub("", line.strip("（）()[]【】□■●◎○◆▲△ \u3000")).strip()
    found = _reporters(bare)
    rest = bare
    for author in found:
        for piece in (author.name, author.role or ""):
            rest = rest.replace(piece, "", 1) if piece else rest
    letters = re.sub(r"[\s、，,：:/／丨|文图摄]|本[报網网刊台社]", "", rest)
    return found if found and len(letters) <= 14 else ()


def _reporters(text: str, *, said: bool = False) -> tuple[Author, ...]:
    """Read names after each role word: 记者 苏砚秋、林渡 通讯员 何穗."""
    marks = list(_ROLE_FIND.finditer(text))
    authors: list[Author] = []
    ends = [mark.start() for mark in marks[1:]] + [len(text)]
    for mark, end in zip(marks, ends, strict=False):
        part = text[mark.end() : end]
        part = _TAIL.sub("", part.strip(" \u3000:：丨|/／")).strip()
        names = leading_names(part, said=said) or ([part] if authors and begins_as_a_name(part) else [])
        authors += [Author(name, mark.group()) for name in names]
    return tuple(authors)


def _offices(line: str) -> tuple[Author, ...]:
    """Read an office and a name, or several of both: 临溪县水务局副局长 苏砚秋."""
    words = words_of(line.replace("\u3000", " "))
    authors: list[Author] = []
    office: list[str] = []
    fresh = True
    for word in words:
        if office and is_name(word) and is_office("".join(office)):
            authors.append(Author(word, " ".join(office)))
            fresh = False
        else:
            office = [word] if not fresh else [*office, word]
            if not fresh and not is_office(word):
                return ()
            fresh = True
    if authors and not fresh:
        return tuple(authors)
    return _joined(line)


def _joined(line: str) -> tuple[Author, ...]:
    """Read an office and a name printed without a space between: 临溪县水务局副局长苏砚秋."""
    if re.search(r"[\s：:，,、]", line):
        return ()
    for length in (3, 2, 4):
        office, name = line[:-length], line[-length:]
        if len(office) >= 6 and ends_in_office(office) and is_name(name):
            return (Author(name, office),)
    return ()
