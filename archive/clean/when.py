"""When a page says that its article was published.

Takes   a Page, and the lines that stand around its article.
Gives   Moment, None where nothing tells.
Writes  nothing.

Told for machines (JSON-LD, meta, microdata) before seen by readers, both before the address; why: decision 21. A date that
the page says is one of change is never taken, nor one within a sentence.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import islice
from typing import Any

from .ago import Ago, read_ago
from .dates import Dated, Moment, day_in_url, read_dates, read_moment
from .page import Page

LINE_CHARS = 160  # a longer line beside the headline is text
LETTERS = 60  # so many letters beside a date, and it stands in a sentence
LETTERS_APART = (
    24  # the same above the headline, where other dates stand too; below the text a word must say what a date is
)
ZONE_DAYS = 60  # a zone told by another date of the page holds for so long: summer time ends
ELEMENTS = 200  # elements with a date that are looked at
SCRIPT_CHARS = 300_000

_META = (
    "article:published_time", "og:article:published_time", "article:published", "og:published_time", "og:release_date",
    "datepublished", "dcsext.articlefirstpublished", "originalpublicationdate", "article_date_original", "publishdate",
    "publish_date", "publish-date", "publication_date", "publicationdate", "pubdate", "pub_date", "published", "published_time",
    "published_at", "published-date", "publishedtime", "publishtime", "publish_time", "parsely-pub-date", "sailthru.date",
    "rnews:datepublished", "bt:pubdate", "cxenseparse:recs:publishtime", "cxenseparse:publishtime", "dc.date.issued",
    "dcterms.issued", "citation_publication_date", "citation_date", "prism.publicationdate", "dcterms.created", "dc.date.created",
    "date.created", "weibo:article:create_at", "_pubtime", "apub:time", "og:time", "og:regdate", "release_date", "dc.date",
    "dcterms.date", "datecreated", "date",
)  # fmt: skip
_IS_PUBLISHED = re.compile(
    r"(?<![a-z])(?:date_?published|published|pubdate|publish[_-]?(?:date|time)|dt-published|entry-date)", re.I
)
_IS_CHANGED = re.compile("modif|updated?|changed|edited|aktualis|更新", re.I)
# What a date stands in that is none of publication: a sentence, or the caption of a picture.
_SENTENCE = re.compile(
    r"[。！？；!?;]|\w{4}\.\s+[^\W\d_]|\b(?:foto|photo|bild|bildquelle|picture|getty)\b|图为|[摄攝]$", re.I
)
# A clock: of the reader, or of the machine that made the page.
_TODAY = re.compile(
    r"今[天日](?:是|[:：]|\s*\d)|现在时间|today is|heute ist|processed in|(?:访问|拦截|请求|当前|服务器)时间"
    r"|^GMT ?[+-]\d|\d \(?(?:UTC|GMT)\)?$|\b(?:ray|request|event|incident|trace) ?id\b",
    re.I,
)
_LETTER = re.compile(r"[^\W\d_]")
_SCRIPTED = re.compile(
    r"""(?<![\w-])["']?(?:publish(?:ed)?[_-]?(?:at|time|date|on)?|pub[_-]?(?:time|date)|ptime|datePublished|first[_-]?publish\w{0,8}"""
    r"""|release[_-]?(?:time|date))["']?\s{0,4}[:=]\s{0,4}["']?(\d{4}[-/.]\d{1,2}[-/.]\d{1,2}[^"',;<}]{0,20}|\d{13}|\d{10})(?!\d)""",
    re.I,
)


# What systems call the moment an entry was made: of the article where the script sets it as a variable of the page's own.
_CREATED = re.compile(
    r"""(?:\bvar\s|\blet\s|\bconst\s|\bwindow\.)\s{0,4}(?:ori[_-]?|msg[_-]?)?(?:create[_-]?(?:time|date)|created[_-]?at|ct|(?:post|issue|news|input|add)[_-]?(?:time|date))"""
    r"""\s{0,4}=\s{0,4}(?:\w{1,20}\()?["']?(\d{4}[-/.]\d{1,2}[-/.]\d{1,2}[^"',;<})]{0,20}|\d{13}|\d{10})(?!\d)""",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Around:
    """Short lines around an article, each group from the article outwards. between: below the headline and above the text."""

    between: Sequence[str] = ()
    above: Sequence[str] = ()
    below: Sequence[str] = ()


def find_moment(page: Page, around: Around) -> Moment | None:
    """Find when the article was published.

    Where told and seen differ the earlier counts: what systems write into the head is often the day of a later build
    (adbar/htmldate#8). A time told in UTC may be a day later than the reader's day.
    """
    told, seen = told_moment(page), seen_moment(around, month_first=_month_first(page))
    if told and seen and seen.day != told.day:
        slack = timedelta(days=1 if told.offset == timedelta(0) and told.has_time else 0)
        told = seen if seen.day < told.day - slack else told
    elif told and seen and seen.has_time and not told.has_time:
        told = seen
    found = told or seen or _timed(page) or _in_address(page) or _scripted(page)
    return _zoned(found, page) if found else None


def is_of_address(moment: Moment, page: Page, around: Around) -> bool:
    """Tell whether only a page's address says when its article was published: whatever is sent from there has that day."""
    if all((told := day_in_url(address)) is None or told.day != moment.day for address in page.addresses):
        return False
    return not any((told_moment(page), seen_moment(around), _timed(page), _scripted(page)))


def find_ago(around: Around) -> Ago | None:
    """Find how long ago the page says that its article was published: below the headline, else above it."""
    return next((ago for line in (*around.between, *around.above) if (ago := read_ago(line))), None)


def told_moment(page: Page) -> Moment | None:
    """Read what the head of the page, or markup, says for machines."""
    texts = [*_linked(page), *(page.meta.get(name, "") for name in _META)]
    told = next((moment for text in texts if text and (moment := read_moment(text, compact=True))), None)
    return told or _marked(page)


def seen_moment(around: Around, *, month_first: bool = False) -> Moment | None:
    """Read the date that stands beside the headline; else above it; else below the text.

    month_first: as read_dates takes it.

    >>> seen_moment(Around(["2031-03-05 07:12 来源：临溪日报"])).hour
    7
    """
    for lines, letters in ((around.between, LETTERS), (around.above, LETTERS_APART), (around.below, 0)):
        found = [dated for line in lines for dated in _datelines(line, letters, month_first=month_first)]
        if found:
            return max(
                found, key=lambda dated: (dated.kind == "published", dated.moment.has_time)
            ).moment  # the first of equals
    return None


def _datelines(line: str, letters: int, *, month_first: bool) -> list[Dated]:
    """Give the dates of a line that may be the article's; [] where they stand in a sentence."""
    if len(line) > LINE_CHARS or _TODAY.search(line):
        return []
    found = read_dates(line, month_first=month_first)
    if not found:
        return []
    rest = line[: found[0].start] + line[found[-1].end :]
    usable = [dated for dated in found if dated.kind in ("published", None)]
    labelled = any(dated.kind == "published" for dated in usable)
    count = len(_LETTER.findall(rest))
    if labelled:
        return usable if count <= 2 * LETTERS else []
    return usable if letters and count <= letters and not _SENTENCE.search(line) else []


def _linked(page: Page) -> Iterator[str]:
    """Yield the dates of the JSON-LD, those of the page's own article first."""
    for objects in (page.own, page.linked_data):
        for one in objects:
            value = one.get("datePublished")
            if isinstance(value, str | int) and not re.search("Image|Video|Audio|Comment", str(one.get("@type", ""))):
                yield str(value)


def _marked(page: Page) -> Moment | None:
    """Read the first element whose markup says that it holds the date of publication (microdata, hAtom)."""
    for element in islice(_dated_elements(page), ELEMENTS):
        names = f"{element.get('class') or ''} {element.get('itemprop') or ''} {'pubdate' if 'pubdate' in element.attrib else ''}"
        if _IS_PUBLISHED.search(names) and not _IS_CHANGED.search(element.get("itemprop") or ""):
            moment = _moment_of(element)
            if moment:
                return moment
    return None


def _timed(page: Page) -> Moment | None:
    """Read the first time element that does not say that it is of a change."""
    for element in islice(page.root.iter("time"), ELEMENTS):
        names = f"{element.get('class') or ''} {element.get('itemprop') or ''}"
        moment = None if _IS_CHANGED.search(names) else _moment_of(element)
        if moment:
            return moment
    return None


def _dated_elements(page: Page) -> Iterator[Any]:
    for element in page.root.iter("time", "span", "div", "p", "abbr", "meta"):
        if element.tag == "time" or element.get("itemprop") or (element.tag == "abbr" and element.get("title")):
            yield element


def _moment_of(element: Any) -> Moment | None:
    """Read an element's date: the attribute for machines, else its text, unless that says that it is of a change."""
    text = " ".join("".join(element.itertext()).split())[:LINE_CHARS]
    if any(dated.kind in ("changed", "other") for dated in read_dates(text)[:1]) or _IS_CHANGED.match(text):
        return None
    told = (
        element.get("datetime")
        or element.get("content")
        or (element.get("title") if element.tag == "abbr" else "")
        or ""
    )
    return read_moment(told, compact=True) or read_moment(text)


def _in_address(page: Page) -> Moment | None:
    return next((moment for address in page.addresses if (moment := day_in_url(address))), None)


def _scripted(page: Page) -> Moment | None:
    """Read the one day that the page's scripts call that of publication, else of its making; None of several."""
    published, created, left = [], [], SCRIPT_CHARS
    for script in page.root.iter("script"):
        text = (script.text or "")[:left]
        left -= len(text)
        published += [moment for value in _SCRIPTED.findall(text) if (moment := read_moment(value, compact=True))]
        created += [moment for value in _CREATED.findall(text) if (moment := read_moment(value, compact=True))]
    return _one_day(published or created)


def _one_day(moments: Sequence[Moment]) -> Moment | None:
    """Give the first of moments that are of one day; seconds since 1970 beside a local time may be of the day before or after."""
    if len({moment.day for moment in moments}) == 1:
        return moments[0]
    exact = next((moment for moment in moments if moment.has_time and moment.offset is not None), None)
    if exact is None or any(abs(one.day - exact.day) > timedelta(days=1) for one in moments):
        return None
    same = (one.day == exact.day if one.offset is not None else one.has_time for one in moments)
    return exact if all(same) else None


def _zoned(moment: Moment, page: Page) -> Moment:
    """Give a time without a zone the one that another date of the page has beside it."""
    if not moment.has_time or moment.offset is not None:
        return moment
    texts = [str(one.get(key) or "") for one in page.own for key in ("datePublished", "dateModified", "dateCreated")]
    texts += [value for name, value in page.meta.items() if "time" in name or "date" in name]
    for text in texts:
        other = read_moment(text, compact=True)
        if other and other.offset and abs((other.day - moment.day).days) <= ZONE_DAYS:
            return replace(moment, offset=other.offset)
    return moment


def _month_first(page: Page) -> bool:
    """Tell whether the page is American, where 3/5/2031 is the fifth of March."""
    return bool(
        re.match(r"en[-_](?:us|ph)\b", (page.root.get("lang") or page.meta.get("og:locale") or "").strip(), re.I)
    )
