"""Bylines told by where they stand and by what the editor's note says, whatever the office is.

Takes   a short line that stands alone between note and body, and the note's words.
Gives   Authors with the office as printed; Introduced: the persons whom a note presents.
Writes  nothing.

Three kinds of evidence, the surest first. The note names author and office (本期刊发临溪县水管员苏砚秋的文章《…》): no surname
need be known. Both stand in the note, apart. The form alone (an office, a blank, a name): only what looks like an office
and ends in a personal name counts, for a line of verse or a subheading has blanks too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ..model import Author
from .names import WORDY, ends_in_office, is_name, is_office, is_surname, names_a_person

SIGNATURE_CHARS = 60  # a longer line is text
PEN_NAME_CHARS = 6
UNIT_OFFICE_CHARS = 5  # a shorter office must end in a word for a person

_HAN = r"\u3400-\u9fff\U00020000-\U0002fa1f"
_BLANK = re.compile(r"\s+")
_MARKS = re.compile(r"^[□■●◎○◆▲△☐※*\s—–-]+")
_NO_SIGNATURE = re.compile(r"[。！？；!?;，,：:《》“”\"|丨…]")
# The person comes between the word of publishing and the word of the text. Blanks are taken out before.
_PRESENTED = re.compile(
    r"(?:刊发|刊發|刊登|刊载|刊載|推出|推送|发表|發表|选登|選登|选发|转发|摘发|摘登|编发|发布|邀请|特邀|约请|请到|请|请来|来自|由)(?:的是|了)?"
    r"(?P<who>[^，,。；;：:！？《》“”]{2,80}?)"
    r"(?:同志|先生|女士)?(?:的|所?(?:撰写|撰寫|写|寫|作|著|口述|讲述|讲|谈|撰|投来|寄来)的?)"
    r"(?:一篇|署名|原创|体会|调研|专题|回忆|投书|来信)*(?:文章|来稿|來稿|稿件|投稿|文稿|作品|手记|手記|随笔|隨筆|散文|自述|口述|故事|文字|讲述|心得|体会|专稿|来信|日记|《)"
)
_AND = re.compile(r"[、]|(?<=[\u3400-\u9fff]{2})(?:以及|和|与|與|及)(?=[\u3400-\u9fff]{4})")
_NAME_THEN_OFFICE = re.compile(r"^(?P<name>\S+?)\s*[（(](?P<office>[^（）()]{2,40})[)）]$")
_DOTTED_TAIL = re.compile(rf"[{_HAN}]{{1,6}}(?:[·•・‧][{_HAN}]{{1,8}}){{1,4}}$")
_DOT = re.compile("[·•・‧]")
_ORDINAL = re.compile(
    r"^第?[一二三四五六七八九十百\d]+[章节節回集站篇期部季幕讲課课、.．]?$|^[(\uff08]?[一二三四五六七八九十\d]+[)\uff09、.\uff0e]"
)
_DATE = re.compile(r"\d\s*[年月日时點点:：]|^[上中下前后尾]篇$|^(?:星期|周|週)[一二三四五六日天]$")
# Words of a credit, which no office of an author begins with.
_CREDIT = re.compile(
    "^(?:摄影|攝影|摄|攝|图|圖|图片|供图|供圖|制图|绘图|插图|插画|漫画|题字|题图|航拍|视频|剪辑|朗诵|主播|播音|翻译|编译|编辑|編輯|责编|责任编辑|校对|校對|审核"
    "|排版|美编|设计|统筹|策划|监制|监審|值班|来源|來源|供稿|文字整理|整理)"
)
_UNIT = re.compile(
    "[省市縣县區区州旗盟鎮镇鄉乡村寨屯局廳厅處处科委部办辦會会院所站隊队館馆校園园店鋪铺廠厂場场司團团班庫库港礦矿社组組坊]|中心|大学|大學|小学|中学|街道|公司"
)


_JAPANESE_NAME = r"[\u3400-\u9fff々ヶ]{3,6}?|[\u3400-\u9fff々]{1,3}[ \u3000]?[\u3400-\u9fff々ぁ-んァ-ヶー]{1,5}"
_JAPANESE_PERSON = re.compile(
    rf"(?:(?:(?:取材|聞き手|文|取材・文|構成|執筆)[・：:＝ \u3000]+)?(?P<desk>[\u3400-\u9fff々ァ-ヶー]{{1,10}}"
    r"(?:部|局|支社|班|委員|員|室|記者|デスク|特派員|センター))[・ \u3000]+"
    rf"|(?:取材・文|聞き手|取材|文|構成|執筆|[ァ-ヶー]{{2,10}})[・：:＝= \u3000]+)?(?P<name>{_JAPANESE_NAME})"
    r"(?P<post>記者|特派員|編集委員|論説委員)?"
)
_JAPANESE_END = re.compile(
    r"[（(【〔](?P<inside>[^（）()【】〔〕。]{3,40})[）)】〕]$|^(?P<alone>(?:(?:取材・文|聞き手|文|執筆)[・：:＝]"
    r"|[\u3400-\u9fff々]{1,8}(?:部|局|員)[・ \u3000])[^。、]{3,14}"
    r"|[\u3400-\u9fff々]{3,6}(?:記者|特派員))$"
)
# What stands in brackets at the end and names nobody.
_JAPANESE_NOTE = re.compile(
    "敬称|写真|撮影|協力|共同|時事|通信|連載|随時|終|続|談$|訳|順$|提供|資料|読者|一部|以下|本紙|編集|無断|転載|配信|記事|年|月|日$|税|円|新聞|[のをはがにへとで]$|一覧|詳細|関連"
)


_NAME_AND_OFFICE = re.compile(
    r"^(?P<name>[^\s，,（）()]{2,12})\s*(?:[（(](?P<in>[^（）()]{1,40})[)）]?|[，,]\s*(?P<behind>[^，,]{4,40}))$"
)
_PEOPLE_GAP = re.compile(r"(?:[、;；]|\s+(?=\S+\s*[（(]))(?![^（(]*[)）])")


@dataclass(frozen=True, slots=True)
class Introduced:
    """What a note says of the author. bare: its words without blanks. persons: office and name as one word."""

    bare: str = ""
    persons: tuple[str, ...] = ()


def introduced(paragraphs: Sequence[str]) -> Introduced:
    """Read a note for the persons whom it presents.

    >>> introduced(["本期刊发临溪县水管员苏砚秋的文章《水通了》。"]).persons
    ('临溪县水管员苏砚秋',)
    """
    bare = _BLANK.sub("", "\n".join(paragraphs))
    whole = [match["who"] for match in _PRESENTED.finditer(bare)]
    parts = [part for who in whole for part in _AND.split(who) if part != who]
    return Introduced(bare, tuple(dict.fromkeys([*whole, *parts])))


def read_introduced(line: str, note: Introduced, known: Sequence[str] = (), elsewhere: str = "") -> tuple[Author, ...]:
    """Read a line as the byline that a note announces; an empty tuple where it is none.

    known: names told beside the text (by the site's API). elsewhere: the rest of the article, where a name stands alone.

    >>> read_introduced("临溪县灯塔守灯人　林渡", introduced(["这一期刊登临溪县灯塔守灯人林渡写的来稿《灯》。"]))
    (Author(name='林渡', role='临溪县灯塔守灯人'),)
    """
    if not note.bare or not _may_sign(line):
        return ()
    words = _words(line)
    bare = "".join(words)
    if bare in note.persons:
        return (_of_words(words),) if len(words) > 1 else split_person(bare, known, elsewhere)
    if len(words) == 1:
        office = next((who.removesuffix(bare) for who in note.persons if who.endswith(bare)), "")
        return (Author(bare, office),) if len(office) > 1 and (is_name(bare) or bare in known) else ()
    name = words[-1]
    sure = name in known or (is_name(name) and _is_person(name))
    if sure and name in note.bare and "".join(words[:-1]) in note.bare and not _excluded(words[:-1]):
        return (_of_words(words),)
    return ()


def read_signature(line: str, known: Sequence[str] = ()) -> tuple[Author, ...]:
    """Read a line that stands where bylines stand by its form: office, blank, name; or name and office in brackets.

    >>> read_signature("临溪县东渠闸工 司马秋"), read_signature("苏砚秋（临溪县柳坡村支书）"), read_signature("第一站 郑州")
    ((Author(name='司马秋', role='临溪县东渠闸工'),), (Author(name='苏砚秋', role='临溪县柳坡村支书'),), ())
    """
    line = _MARKS.sub("", line.strip())
    if not _may_sign(line):
        return ()
    bracketed = _NAME_THEN_OFFICE.match(line)
    if bracketed:
        name, office = bracketed["name"], bracketed["office"].strip()
        return (Author(name, office),) if _is_person(name, known) and _looks_like_office(office) else ()
    words = _words(line)
    if len(words) == 2 and _is_person(words[0], known) and not _is_person(words[1]) and names_a_person(words[1]):
        return (Author(words[0], words[1]),)
    authors: list[Author] = []
    office_words: list[str] = []
    for word in words:
        if office_words and _is_person(word, known) and _looks_like_office("".join(office_words)):
            authors.append(Author(word, " ".join(office_words)))
            office_words = []
        else:
            office_words.append(word)
    return () if office_words else tuple(authors)


def read_with_offices(text: str) -> tuple[Author, ...]:
    """Read names of which at least one has its office behind it: 白望川（青溪县作协会员）, 何远; 白望川，青溪大学教授.

    An empty tuple where a part is neither.
    """
    found: list[Author] = []
    parts = [part.strip() for part in _PEOPLE_GAP.split(text) if part.strip()]
    for part in parts:
        match = _NAME_AND_OFFICE.match(part)
        office = (match["in"] or match["behind"] or "").strip() if match else ""
        if match and match["behind"] and not (is_office(office) or names_a_person(office)):
            return ()
        name = match["name"] if match else part
        if not (is_name(name) or (office and match and match["in"] and len(name) <= PEN_NAME_CHARS)):
            return ()
        found.append(Author(name, office if is_office(office) or names_a_person(office) else None))
    return (
        tuple(found)
        if any("(" in part or "（" in part or one.role for part, one in zip(parts, found, strict=True))
        else ()
    )


def read_japanese_end(paragraph: str) -> tuple[Author, ...]:
    """Read the names that end a Japanese article: （青溪部・白望涼子）, 【白望涼子、何远翔】, 文・白望涼子, 白望涼子記者.

    paragraph: of a text that is known to be Japanese; no list of surnames tells, the place does.

    >>> read_japanese_end("水が来た。（社会部・白望涼子）"), read_japanese_end("（おわり）")
    ((Author(name='白望涼子', role='社会部'),), ())
    """
    match = _JAPANESE_END.search(paragraph[-SIGNATURE_CHARS:])
    if not match:
        return ()
    authors: list[Author] = []
    for person in re.split("[、,，/／]", match["inside"] or match["alone"]):
        one = _JAPANESE_PERSON.fullmatch(person.strip())
        if not one or _JAPANESE_NOTE.search(one["name"]):
            return ()
        authors.append(Author(one["name"].replace(" ", "").replace("\u3000", ""), one["desk"] or one["post"]))
    return tuple(authors)


def split_person(who: str, known: Sequence[str] = (), elsewhere: str = "") -> tuple[Author, ...]:
    """Part an office and a name printed as one word; an empty tuple where nothing tells where the name begins.

    A name that is told, or that stands elsewhere in the article, tells; else the words of the office do.

    >>> split_person("临溪县水管员苏砚秋"), split_person("临溪县戏校教练艾山·买买提", elsewhere="早上，艾山·买买提来了。")
    ((Author(name='苏砚秋', role='临溪县水管员'),), (Author(name='艾山·买买提', role='临溪县戏校教练'),))
    """
    told = next((name for name in known if len(name) > 1 and who.endswith(name) and len(who) > len(name) + 1), None)
    if who in known or (is_name(who) and not _DOT.search(who)):
        return (Author(who),)
    name = told or next(_tails(who, elsewhere), None)
    return (Author(name, who.removesuffix(name)),) if name else ()


def is_verse(line: str, neighbours: Sequence[str]) -> bool:
    """Tell whether a line with blanks has a neighbour of the same measure, as verses and lists have.

    >>> is_verse("春水绕村 白云间", ["秋风过寨 江南岸"])
    True
    """
    measure = [len(word) for word in _BLANK.split(line.strip())]
    return len(measure) > 1 and any(
        measure == [len(word) for word in _BLANK.split(other.strip())] for other in neighbours
    )


def _tails(who: str, elsewhere: str) -> Iterator[str]:
    """Give what may be the name at the end of office and name, the likeliest first."""
    dotted = _DOTTED_TAIL.search(who)
    if dotted:  # the part before the first dot runs on into the office
        first_dot = _DOT.search(dotted.group())
        tails = [dotted.group()[start:] for start in range(first_dot.start() if first_dot else 0)]
    else:
        tails = [who[-length:] for length in (4, 3, 2) if len(who) >= length + 2 and is_name(who[-length:])]
    yield from (tail for tail in tails if tail in elsewhere)
    yield from (tail for tail in tails if names_a_person(who.removesuffix(tail)))


def _words(line: str) -> list[str]:
    """Part a line at its blanks; two single characters at the end are one spaced-out name (张　三)."""
    words = _BLANK.split(line.strip())
    if len(words) > 2 and len(words[-1]) <= 2 and len(words[-2]) == 1 and is_surname(words[-2]):
        words[-2:] = ["".join(words[-2:])]
    return words


def _of_words(words: Sequence[str]) -> Author:
    return Author(words[-1], " ".join(words[:-1]))


def _may_sign(line: str) -> bool:
    return 1 < len(line) <= SIGNATURE_CHARS and not _NO_SIGNATURE.search(line)


def _is_person(name: str, known: Sequence[str] = ()) -> bool:
    return name in known or is_name(name)


def _looks_like_office(office: str) -> bool:
    """Tell whether words may be an office by their form: they end in a word for a person, or name a unit of men or land."""
    if len(office) < 2 or _excluded([office]):
        return False
    if is_office(office) or names_a_person(office) or ends_in_office(office):
        return True
    return len(office) >= UNIT_OFFICE_CHARS and bool(_UNIT.search(office[:-1])) and not is_name(office)


def _excluded(words: Sequence[str]) -> bool:
    office = "".join(words)
    return any(pattern.search(office) for pattern in (_ORDINAL, _DATE, WORDY, _CREDIT))
