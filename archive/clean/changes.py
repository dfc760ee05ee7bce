"""What a reader sees changed between two readings.

Takes   two Readings.
Gives   the names of the fields that differ.
Writes  nothing.

What a site's machinery changes is no edit: white space and the cut into paragraphs, counters and other lines that stand below any
text, straight quotes for curly ones, the host or the size that a picture is sent from, where a caption stands, a date told more
finely. What an editor changes is one: a mark, the order, a picture, two words that become one.

A module of its own, as the fold wants it where nothing is read: the rest of the cleaner is a tenth of a crawl's start-up.
"""

from __future__ import annotations

import re
from datetime import date, timedelta
from urllib.parse import unquote, urlsplit

from ..model import Reading
from .furniture import is_furniture

_SEEN = ("title", "authors", "published", "editors_note", "highlights", "body", "images")
_PARTS = frozenset({"editors_note", "highlights", "body"})
# White space that a reader does not see, or that a template may set: all but that between two words.
_SPACE = re.compile(r"\s+")
_WIDE = "\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\uff00-\uffef"
_NO_SPACE = re.compile(rf"(?<![^\W{_WIDE}])\s+|\s+(?![^\W{_WIDE}])")
_STRAIGHT = {'"': "“”„‟″", "'": "‘’‚‛′"}
# Names of a trade, which one design of a site prints before each name and another does not.
_TRADES = frozenset(
    {"记者", "本报记者", "通讯员", "作者", "文", "撰文", "特约记者", "見習記者", "記者", "by", "author", "reporter"}
)

# What of a picture's address says in which size, form or copy it is sent, and not which picture it is.
_SIZING = re.compile(
    r"w|h|width|height|maxw(?:idth)?|maxh(?:eight)?|wd|ht|sz|size|resize|fit|crop|quality|fm|format|auto|dpr|scale|"
    r"strip|sharpen|"
    r"blur|ixlib|ixid|rect|interlace|x-oss-process|x-image-process|imageview2.*|imagemogr2.*|imageslim|tp|wx_fmt|"
    r"wxfrom|wx_lazy|"
    r"wx_co|timestamp|rnd|rand|random|cache|token|auth_key|sign|signature|expires?|ossaccesskeyid|x-amz-.*|key-pair-id|policy|"
    r"x-expires|x-signature|ssl|utm_.*|sid|phpsessid|jsessionid",
    re.IGNORECASE,
)
# The same where the path names the picture; of a script (pic.php?f=1) they may choose it.
_SIZING_OF_FILE = re.compile(r"[fqrstv_]|bg|cb|from|mode|ts|ver|version|time", re.IGNORECASE)
_SIZED_FOLDER = re.compile(
    r"(?:[a-z]{1,8}[_:=-]?[\w.%]{1,12},)+[a-z]{1,8}[_:=-]?[\w.%]{1,12}|(?:w|h|q|c|s|f|ar|dpr)[_=:]\w{1,8}|"
    r"\d{2,4}[x*]\d{2,4}(?:[a-z]\w{0,6})?"
    r"|unsafe|filters:.*|[\w-]{20,}=|(?:resize|thumbs?|thumbnail|format|quality|fit-in|smart|cdn-cgi|image)|"
    r"(?:width|height|max|quality)[=_:-]?\w{1,8}",
    re.IGNORECASE,
)
_SIZED_NAME = re.compile(
    r"(?:[@!].*$)|(?:[_-](?:\d{2,4}x\d{2,4}|w?\d{2,4}w|[wh]_?\d{2,4}|thumb|small|medium|large|scaled))+(?=\.\w{2,5}$)",
    re.IGNORECASE,
)
_TOLD_WITHIN = re.compile(r"https?(://|%3A%2F%2F).*$", re.IGNORECASE)
_HOST = re.compile(r"(?:[a-z0-9-]+\.)+[a-z]{2,}", re.IGNORECASE)
_SESSION_PATH = re.compile(r";\w+=[^/?;]*")
_FORM = re.compile(r"\.(?:jpe?g|png|webp|avif|gif|bmp)(?=$|\.)", re.IGNORECASE)


def fields_changed(a: Reading, b: Reading) -> tuple[str, ...]:
    """Name the fields that a reader sees changed between two readings; white space is no change, order is.

    Compared are title, authors, published, editors_note, highlights, body, images.
    """
    changed = tuple(name for name in _SEEN if not _same(_seen(a, name), _seen(b, name)))
    if "published" in changed and _is_same_day(a, b):
        changed = tuple(name for name in changed if name != "published")
    if "images" in changed and _captions_moved(a, b):
        changed = tuple(name for name in changed if name != "images")
    if _PARTS.intersection(changed) and _same(*_words_but_captions(a, b)):
        return tuple(name for name in changed if name not in _PARTS)  # a note told apart by its markup, which changed
    return changed


def picture_key(url: str) -> str:
    """Give what tells a picture from others, whatever host it is sent from, in what size and form.

    >>> picture_key("https://cdn2.example.com/2018/a.jpg?x-oss-process=image/resize,w_640") == picture_key("http://img.example.cn/2018/a.jpg")
    True
    >>> picture_key("http://img.example.cn/pic.php?id=5") == picture_key("http://img.example.cn/pic.php?id=6")
    False
    """
    try:
        parts = urlsplit(_within(url))
    except ValueError:
        return url
    if parts.scheme not in ("http", "https"):
        return url
    *folders, name = _SESSION_PATH.sub("", parts.path).split("/")
    kept = [folder for folder in folders if folder and not _SIZED_FOLDER.fullmatch(folder)]
    if kept and _HOST.fullmatch(kept[0]):  # of the host that a network of pictures has it from
        kept = kept[1:]
    names_it = bool(_FORM.search(name))
    chosen = sorted(pair for pair in parts.query.split("&") if pair and not _is_sizing(pair, names_it=names_it))
    path = "/".join([*kept, _FORM.sub("", _SIZED_NAME.sub("", name))])
    return f"{path}?{'&'.join(chosen)}" if chosen else path


def _within(url: str) -> str:
    """Give the address that an image service is asked for within its own, else the address itself."""
    told = _TOLD_WITHIN.search(url, 8)
    if told is None:
        return url
    inner = told[0] if told[1] == "://" else unquote(told[0])
    return inner.partition("&")[0] if "?" not in inner else inner


def _is_sizing(parameter: str, *, names_it: bool) -> bool:
    """Tell whether a parameter only says how a picture is sent. names_it: the path ends in the picture's name."""
    name = re.split("[=/]", parameter, maxsplit=1)[0]
    return bool(_SIZING.fullmatch(name) or (names_it and _SIZING_OF_FILE.fullmatch(name)))


def _seen(reading: Reading, name: str) -> object:
    value = getattr(reading, name)
    if name == "authors":
        return [(_bare(author.name), _office(author.role)) for author in reading.authors]
    if name == "images":
        return [(picture_key(image.url), _bare(image.caption)) for image in reading.images]
    return _joined(value) if isinstance(value, tuple) else _bare(value)


def _words_but_captions(a: Reading, b: Reading) -> tuple[str, str]:
    """Give the words of two readings without what is a caption in either: markup tells it from a paragraph, or does not."""
    captions = {_bare(image.caption) for reading in (a, b) for image in reading.images} - {""}
    both = ((one.editors_note, one.highlights, one.body) for one in (a, b))
    first, second = (_joined(tuple(p for part in parts for p in part if _bare(p) not in captions)) for parts in both)
    return first, second


def _captions_moved(a: Reading, b: Reading) -> bool:
    """Tell whether the pictures are the same, and each caption that one of them lacks stands in its text."""
    if [picture_key(one.url) for one in a.images] != [picture_key(one.url) for one in b.images]:
        return False
    lines = [{_bare(p) for part in (one.editors_note, one.highlights, one.body) for p in part} for one in (a, b)]
    pairs = ((_bare(x.caption), _bare(y.caption)) for x, y in zip(a.images, b.images, strict=True))
    return all(_same(x, y) or (not y and x in lines[1]) or (not x and y in lines[0]) for x, y in pairs)


def _joined(paragraphs: tuple[str, ...]) -> str:
    """Join paragraphs, without those that only count or stand below any text."""
    return _bare("\n".join(one for one in paragraphs if not is_furniture(one)))


def _same(a: object, b: object) -> bool:
    """Tell whether two values are the same but for quotes that are straight in one and curly in the other."""
    if a == b or not isinstance(a, str) or not isinstance(b, str) or len(a) != len(b):
        return a == b
    return all(x == y or y in _STRAIGHT.get(x, "") or x in _STRAIGHT.get(y, "") for x, y in zip(a, b, strict=True))


def _office(role: str | None) -> str:
    """Give the office or role of an author, "" for a trade's name alone."""
    bare = _bare(role)
    return "" if bare.lower() in _TRADES else bare


def _is_same_day(a: Reading, b: Reading) -> bool:
    """Tell whether two dates of publication agree as far as the coarser of them goes; a counted day may be one off."""
    if (a.published_counted or b.published_counted) and a.published and b.published:
        return abs(_day(a) - _day(b)) <= timedelta(days=1)
    if "day" not in (a.published_precision, b.published_precision):
        first, second = a.published or "", b.published or ""
        return "minute" in (a.published_precision, b.published_precision) and bool(first) and first[:16] == second[:16]
    first, second = a.published_local or a.published or "", b.published_local or b.published or ""
    return len(first) >= 10 and first[:10] == second[:10]


def _day(reading: Reading) -> date:
    return date.fromisoformat((reading.published_local or reading.published or "")[:10])


def _bare(text: str | None) -> str:
    """Leave out the white space that is none between two words of a script that parts them.

    >>> _bare(" 渠水 到了 the lock  keeper ")
    '渠水到了the lock keeper'
    """
    return _SPACE.sub(" ", _NO_SPACE.sub("", text or ""))
