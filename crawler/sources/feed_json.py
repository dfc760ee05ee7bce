"""JSON Feed to the parts of a feed. Source: JSON Feed 1.1 (jsonfeed.org, 2020), which 1.0 is a part of.

Takes   the text of a feed.
Gives   Parts; is_json_feed.
Writes  nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from ..scope import wire_url
from .feed_parts import Item, Parts
from .json_answer import parse_json, rows_of, text_of
from .json_items import plain
from .people import authors_of
from .protocol import SourceError
from .times import Clock

_VERSION = re.compile(r'"version"\s*+:\s*+"https?:\\?/\\?/(?:www\.)?jsonfeed\.org', re.IGNORECASE)
_SNIFFED = 65_536  # characters; the order of keys is free, but no generator writes the items first


def is_json_feed(text: str) -> bool:
    """Tell whether a text is a JSON Feed: an object whose version says so."""
    return text.lstrip()[:1] == "{" and bool(_VERSION.search(text[:_SNIFFED]) or _VERSION.search(text[-_SNIFFED:]))


def read_json_feed(text: str, url: str, zone: str | None) -> Parts:
    """Read a JSON Feed. url: where it was got. zone: for times that name none. Raises SourceError where it is none."""
    feed = parse_json(text)
    rows = rows_of(feed.get("items")) if isinstance(feed, dict) else None
    if rows is None:
        raise SourceError("source", f"the answer of {url} is JSON Feed without items")
    further = _web(feed.get("next_url"), url)
    clock = Clock(zone, text_of(feed.get("language")))
    items = tuple(_items(rows, url, clock))
    return Parts(text_of(feed.get("title")), items, (further,) if further else (), paged=bool(further))


def _items(rows: list[Any], url: str, clock: Clock) -> Iterator[Item]:
    for row in rows:
        if not isinstance(row, dict):
            continue
        published, modified = row.get("date_published"), row.get("date_modified")
        yield Item(
            url=_web(row.get("url"), url) or _web(row.get("id"), None) or _web(row.get("external_url"), url),
            title=plain(row.get("title")),
            published=clock.when(published) or clock.when(modified),
            updated=clock.told(modified) or clock.told(published),
            updated_at=clock.when(modified) or clock.when(published),
            authors=authors_of(row.get("authors") or row.get("author")),  # 1.1 has a list, 1.0 one object
        )


def _web(value: Any, base: str | None) -> str | None:
    """Give a web address. base: None where only a whole one counts: an id may be any words."""
    text = text_of(value)
    return wire_url(text, base) if text else None
