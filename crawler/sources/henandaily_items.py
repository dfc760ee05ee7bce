"""An item of a client list to an entry: which article it names, or why it names none of the series.

Takes   one element of a list as JSON values; any key can be missing, numbers come as strings or integers.
Gives   Entry.
Writes  nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from archive.clean.dates import published, read_moment
from archive.model import Entry

from ..scope import canonicalise, wire_url
from .json_answer import text_of
from .links import name_of

ZONE = "Asia/Shanghai"  # the client's times name no zone
# content_8-38294-1: channel 8, article 38294; special_275-2330-1: topic section 275.
_ARTICLE_ID = re.compile(r"[a-z]+_\d+-\d+-\d+")
_TOPIC_ID = re.compile(r"special_\d+")
_NONE = frozenset({"0", "none", "null"})


def read_item(row: Any, place: int, list_url: str, detail: Callable[[str], str]) -> Entry:
    """Make an entry of an item.

    place: in its list, from 1. list_url: where the list was got. detail: gives the API's address of a content_id.
    What names no article at all is an entry skipped for "source", so that the report names it and the list still counts.
    """
    if not isinstance(row, Mapping):
        return _skipped(list_url, "source", f"item {place} of the list is no object")
    content_id, special_id = (_id(row.get(key)) for key in ("content_id", "special_id"))
    original = _original(row)
    url = _web(row.get("url"), list_url)
    title = text_of(row.get("title"))
    if text_of(row.get("is_link")) == "1" or row.get("is_link") is True:
        target = _web(row.get("link_url"), list_url) or url
        return _skipped(target or list_url, "off-client", f"leads off the client to {target}", content_id, title)
    topic = special_id if content_id is None else None
    if original and _TOPIC_ID.fullmatch(original):
        topic, original = original, None
    if topic:
        return _skipped(url or list_url, "scope", f"{topic} is a special topic of its own", content_id, title)
    key = original or content_id or (canonicalise(url) if url else None)
    if key is None:
        return _skipped(
            list_url, "source", f"item {place} of the list names no article: no content_id, no url", None, title
        )
    named = original or content_id
    return Entry(
        key,
        named or name_of(key),
        url or "",
        detail=detail(named) if named else None,
        title=title,
        published=read_time(row.get("created")),
        updated=text_of(row.get("updated")),
        aliases=(content_id,) if content_id and content_id != key else (),
    )


def _skipped(url: str, reason: Any, detail: str, key: str | None = None, title: str | None = None) -> Entry:
    return Entry(key or canonicalise(url), "", url, title=title, skip=reason, skip_detail=detail)


def _id(value: Any) -> str | None:
    text = text_of(value)
    return None if text is None or text.lower() in _NONE else text


def _original(row: Mapping[str, Any]) -> str | None:
    """Name what the item is a promoted copy of; None where it is the original, or where the id has a form not known."""
    if _id(row.get("internal_type")) is None and "internal_type" in row:
        return None
    original = _id(row.get("internal_id"))
    known = original and (_ARTICLE_ID.fullmatch(original) or _TOPIC_ID.fullmatch(original))
    return original if known else None


def _web(value: Any, base: str) -> str | None:
    text = text_of(value)
    return wire_url(text, base) if text else None


def read_time(value: Any) -> str | None:
    """Give a client's time in UTC as RFC 3339, a bare day as it is, None for anything else.

    >>> read_time("2017-03-17 07:48"), read_time("2017-03-17"), read_time("昨天"), read_time(1489708080)
    ('2017-03-16T23:48:00Z', '2017-03-17', None, '2017-03-16T23:48:00Z')
    """
    moment = read_moment(text_of(value) or "", compact=True)
    return published(moment, ZONE, None)[0] if moment else None
