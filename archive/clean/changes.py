"""What a reader sees changed between two readings.

Takes   two Readings.
Gives   the names of the fields that differ.
Writes  nothing.

What a site's machinery changes is no edit: white space and the cut into paragraphs, counters, the host or the size that a
picture is sent from, a date told more finely. What an editor changes is one: a mark, the order, a picture.

A module of its own, as the fold wants it where nothing is read: the rest of the cleaner is a tenth of a crawl's start-up.
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from ..model import Reading

_SEEN = ("title", "authors", "published", "editors_note", "highlights", "body", "images")
_PARTS = frozenset({"editors_note", "highlights", "body"})
_SPACE = re.compile(r"\s+")

# Lines that count readers or minutes: 阅读 1,234 次 · 12 条评论 · 3 min read · Updated 5 minutes ago · 5分钟前更新.
_NUMBER = r"\d[\d,，.]*\s*(?:[万亿kKmMw]|\+)*"
_COUNTED = (
    r"(?:本文|文章|已有|共有|共|当前|累计)?(?:阅读|阅读量|阅读数|浏览|浏览量|浏览次数|点击|点击量|点击数|点击率|访问|人气|评论|评论数|跟贴|跟帖|点赞|赞|喜欢|收藏|转发|分享|推荐|热度|參與|参与|閱讀|瀏覽|點擊|點讚|評論)"
    r"(?:量|数|次数|人数)?"
)
_COUNTER = re.compile(
    rf"(?:{_COUNTED}\s*[:：(（]?\s*{_NUMBER}\s*(?:次|人|条|個|个)?\s*[)）]?"
    rf"|{_NUMBER}\s*(?:次|人|条|个|位)?\s*(?:阅读|浏览|点击|评论|点赞|赞|喜欢|收藏|转发|分享|跟贴|参与|推荐|views?|reads?|comments?|shares?|likes?|replies|claps|retweets?)"
    rf"|(?:views?|reads?|hits|comments?|shares?|likes?|replies)\s*[:(]?\s*{_NUMBER}\s*\)?"
    r"|(?:(?:最后|最近)?更新(?:时间|于)?\s*[:：]?\s*)?\d+\s*(?:秒|分钟|小时|天|周|个月)前(?:更新|发布)?"
    r"|(?:(?:last )?updated:?\s+)?(?:a|an|\d+)\s+(?:second|minute|min|hour|hr|day|week|month)s?\s+ago"
    r"|(?:(?:约|预计|大约)?(?:阅读)?(?:需|时间)?\s*[:：]?\s*\d+\s*分钟(?:阅读|读完))|\d+\s*min(?:ute)?s?\s+read"
    r"|[|·•,，、;；/\s])+",
    re.IGNORECASE,
)
_COUNTER_CHARS = 60  # a longer line is text

# What of a picture's address says in which size, form or copy it is sent, and not which picture it is.
_SIZING = re.compile(
    r"w|h|width|height|maxw(?:idth)?|maxh(?:eight)?|wd|ht|sz|size|resize|fit|crop|quality|fm|format|auto|dpr|scale|strip|sharpen|"
    r"blur|ixlib|ixid|rect|interlace|x-oss-process|x-image-process|imageview2.*|imagemogr2.*|imageslim|tp|wx_fmt|wxfrom|wx_lazy|"
    r"wx_co|timestamp|rnd|rand|random|cache|token|auth_key|sign|signature|expires?|ossaccesskeyid|x-amz-.*|key-pair-id|policy|"
    r"x-expires|x-signature|ssl|utm_.*|sid|phpsessid|jsessionid",
    re.IGNORECASE,
)
# The same where the path names the picture; of a script (pic.php?f=1) they may choose it.
_SIZING_OF_FILE = re.compile(r"[fqrstv_]|bg|cb|from|mode|ts|ver|version|time", re.IGNORECASE)
_SIZED_FOLDER = re.compile(
    r"(?:[a-z]{1,8}[_:=-]?[\w.%]{1,12},)+[a-z]{1,8}[_:=-]?[\w.%]{1,12}|(?:w|h|q|c|s|f|ar|dpr)[_=:]\w{1,8}|\d{2,4}[x*]\d{2,4}(?:[a-z]\w{0,6})?"
    r"|(?:resize|thumbs?|thumbnail|format|quality|fit-in|smart|cdn-cgi|image)|(?:width|height|max|quality)[=_:-]?\w{1,8}",
    re.IGNORECASE,
)
_SIZED_NAME = re.compile(
    r"(?:[@!].*$)|(?:[_-](?:\d{2,4}x\d{2,4}|w?\d{2,4}w|[wh]_?\d{2,4}|thumb|small|medium|large|scaled))+(?=\.\w{2,5}$)",
    re.IGNORECASE,
)
_SESSION_PATH = re.compile(r";\w+=[^/?;]*")
_FORM = re.compile(r"\.(?:jpe?g|png|webp|avif|gif|bmp)(?=$|\.)", re.IGNORECASE)


def fields_changed(a: Reading, b: Reading) -> tuple[str, ...]:
    """Name the fields that a reader sees changed between two readings; white space is no change, order is.

    Compared are title, authors, published, editors_note, highlights, body, images.
    """
    changed = tuple(name for name in _SEEN if _seen(a, name) != _seen(b, name))
    if "published" in changed and _is_same_day(a, b):
        changed = tuple(name for name in changed if name != "published")
    if _PARTS.intersection(changed) and _words(a) == _words(b):
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
        parts = urlsplit(url)
    except ValueError:
        return url
    if parts.scheme not in ("http", "https"):
        return url
    *folders, name = _SESSION_PATH.sub("", parts.path).split("/")
    kept = [folder for folder in folders if folder and not _SIZED_FOLDER.fullmatch(folder)]
    names_it = bool(_FORM.search(name))
    chosen = sorted(pair for pair in parts.query.split("&") if pair and not _is_sizing(pair, names_it=names_it))
    path = "/".join([*kept, _FORM.sub("", _SIZED_NAME.sub("", name))])
    return f"{path}?{'&'.join(chosen)}" if chosen else path


def _is_sizing(parameter: str, *, names_it: bool) -> bool:
    """Tell whether a parameter only says how a picture is sent. names_it: the path ends in the picture's name."""
    name = re.split("[=/]", parameter, maxsplit=1)[0]
    return bool(_SIZING.fullmatch(name) or (names_it and _SIZING_OF_FILE.fullmatch(name)))


def _seen(reading: Reading, name: str) -> object:
    value = getattr(reading, name)
    if name == "authors":
        return [(_bare(author.name), _bare(author.role)) for author in reading.authors]
    if name == "images":
        return [(picture_key(image.url), _bare(image.caption)) for image in reading.images]
    return _joined(value) if isinstance(value, tuple) else _bare(value)


def _words(reading: Reading) -> str:
    return "".join(_joined(part) for part in (reading.editors_note, reading.highlights, reading.body))


def _joined(paragraphs: tuple[str, ...]) -> str:
    """Join paragraphs, without those that only count."""
    return "".join(_bare(one) for one in paragraphs if not _counts(one))


def _counts(line: str) -> bool:
    return 0 < len(line) <= _COUNTER_CHARS and any(map(str.isdigit, line)) and bool(_COUNTER.fullmatch(line.strip()))


def _is_same_day(a: Reading, b: Reading) -> bool:
    """Tell whether two dates of publication agree as far as the coarser of them goes."""
    if "day" not in (a.published_precision, b.published_precision):
        first, second = a.published or "", b.published or ""
        return "minute" in (a.published_precision, b.published_precision) and bool(first) and first[:16] == second[:16]
    first, second = a.published_local or a.published or "", b.published_local or b.published or ""
    return len(first) >= 10 and first[:10] == second[:10]


def _bare(text: str | None) -> str:
    return _SPACE.sub("", text or "")
