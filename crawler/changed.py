"""Of what time an answer is, as it says itself: of its page's last change, of the copy that a cache kept.

Takes   a page as a tree; the head of a response and the time of its capture.
Gives   times, None where nothing tells.
Writes  nothing; pure.

A newspaper behind several servers may send an older copy any day. These two, with Last-Modified, are what tells it from one that
was taken back (archive/fold/older.py).
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from archive.http import header

if TYPE_CHECKING:
    from archive.clean import Opened
    from archive.http import Head, Response

_META = (
    "article:modified_time", "og:article:modified_time", "og:updated_time", "article:modified", "datemodified", "modified_time",
    "dcterms.modified", "dc.date.modified", "lastmod", "last-modified",
)  # fmt: skip
_MAX_AGE_S = 10 * 365 * 86_400  # a greater Age is no age


def changed_at(opened: Opened, url: str) -> str | None:
    """Give when a page says that its article was changed last, RFC 3339 in UTC; None where it says no time, or no zone.

    url: where the page was got.
    """
    if opened.root is None:
        return None
    from archive.clean.dates import published, read_moment  # a crawl that finds nothing new reads no page
    from archive.clean.page import Page

    page = Page(opened.root, url)
    told = [value for one in page.own if isinstance(value := one.get("dateModified"), str)]
    for text in (*told, *(page.meta.get(name, "") for name in _META)):
        moment = read_moment(text, compact=True) if text else None
        if moment is not None and moment.has_time and moment.offset is not None:
            return published(moment, None, None).moment
    return None


def kept_since(response: Head | Response, fetched: datetime) -> datetime | None:
    """Give since when a cache on the way has had an answer (RFC 9111, 5.1), None where it is none of a cache.

    >>> from datetime import UTC; from archive.http import parse_head
    >>> kept_since(parse_head(b"HTTP/1.1 200 OK\\r\\nAge: 60\\r\\n\\r\\n"), datetime(2018, 8, 30, 2, 1, tzinfo=UTC)).minute
    0
    """
    told = (header(response, "Age") or "").strip()
    age_s = int(told) if told.isascii() and told.isdigit() and len(told) <= len(str(_MAX_AGE_S)) else 0
    return fetched - timedelta(seconds=age_s) if 0 < age_s <= _MAX_AGE_S else None
