"""RSS and Atom to the parts of a feed, as feedparser takes them.

Takes   the text of a feed, decoded; alone imports feedparser, which here asks nobody for anything.
Gives   Parts; None where feedparser finds no feed in it.
Writes  nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from typing import Any

from archive.model import Author

from ..scope import wire_url
from .feed_parts import Item, Parts
from .json_answer import text_of
from .links import parse_html
from .mending import depth_of, mended
from .people import authors_of
from .protocol import SourceError
from .times import Clock

MAX_CHARACTERS = 16 << 20
MAX_DEPTH = 500  # elements within each other; with xml:base on each the time grows by their square
MAX_TAGS = 200_000  # 10,000 items of 10 elements; feedparser takes about 40 us for each
_HISTORY = "http://purl.org/syndication/history/1.0"


def read_xml_feed(text: str, url: str, zone: str | None) -> Parts | None:
    """Read RSS or Atom. url: where it was got. zone: for times that name none.

    Raises SourceError where it is larger or deeper than any feed.
    """
    if len(text) > MAX_CHARACTERS:
        raise SourceError("source", f"feed of {len(text)} characters; at most {MAX_CHARACTERS} are read")
    markup = mended(text)
    _check_size(markup)
    parsed = _parsed(markup, url)
    if not parsed.version and not parsed.entries:
        return None
    if parsed.bozo and not parsed.entries:
        raise SourceError("source", f"the answer of {url} is XML that breaks before its first item")
    feed = parsed.feed
    clock = Clock(zone, text_of(dict.get(feed, "language")))
    following = _linked(feed, url, "next")
    before = _linked(feed, url, "prev-archive")
    marks = [prefix for prefix, namespace in parsed.namespaces.items() if namespace == _HISTORY]
    return Parts(
        title=_plain(feed, "title"),
        items=tuple(_items(parsed.entries, url, clock)),
        more=tuple(dict.fromkeys((*following, *before))),
        complete=any(f"{prefix}_complete" in feed for prefix in marks),
        archived=bool(before) or any(f"{prefix}_archive" in feed for prefix in marks),
        paged=bool(following) or bool(_linked(feed, url, "previous")),
    )


def _parsed(markup: str, url: str) -> Any:
    import feedparser  # 0.17 s of CPU, and other kinds of lists need it not

    headers = {"content-location": url, "content-type": "application/xml; charset=utf-8"}
    # From a stream: feedparser takes a string for an address or a file's name where it can.
    stream = BytesIO(markup.encode("utf-8", "replace"))
    try:
        return feedparser.parse(stream, response_headers=headers, sanitize_html=False, resolve_relative_uris=False)
    except Exception as error:  # its readers of broken XML raise whatever they stumble over
        raise SourceError("source", f"the answer of {url} is a feed that cannot be read: {error}") from error


def _check_size(markup: str) -> None:
    deepest, elements = depth_of(markup)
    if deepest > MAX_DEPTH:
        raise SourceError(
            "source", f"XML of {deepest} elements within each other; of a feed at most {MAX_DEPTH} are read"
        )
    if elements > MAX_TAGS:
        raise SourceError("source", f"feed of {elements} tags; at most {MAX_TAGS} are read")


def _items(entries: list[Any], url: str, clock: Clock) -> Iterator[Item]:
    for entry in entries:
        # dict.get: feedparser's own gives `published` where `updated` is asked for.
        published = next(filter(None, (dict.get(entry, name) for name in ("published", "created"))), None)
        changed = dict.get(entry, "updated")
        yield Item(
            url=_page(entry, url),
            title=_plain(entry, "title"),
            published=clock.when(published) or clock.when(changed),
            updated=clock.told(changed) or clock.told(published),
            updated_at=clock.when(changed) or clock.when(published),
            authors=_authors(entry),
        )


def _authors(entry: Any) -> tuple[Author, ...]:
    """Give the authors of an item (author, dc:creator).

    feedparser cuts the name that stands beside an address of mail, whose last label it takes to be of four letters at most.
    """
    named = [one.get("name") for one in dict.get(entry, "authors") or () if "email" not in one]
    return authors_of(named or dict.get(entry, "author"))


def _page(entry: Any, url: str) -> str | None:
    """Give the web page of an item: what a feed's host hid behind its counter, else the link, else a guid that is one."""
    for name in ("feedburner_origlink", "pheedo_origlink", "link"):
        if page := _web(dict.get(entry, name), url):
            return page
    return _web(dict.get(entry, "id"), None) if dict.get(entry, "guidislink") else None


def _linked(feed: Any, url: str, relation: str) -> tuple[str, ...]:
    links = dict.get(feed, "links") or ()
    targets = (_web(link.get("href"), url) for link in links if str(link.get("rel", "")).lower() == relation)
    return tuple(target for target in targets if target)


def _web(value: Any, base: str | None) -> str | None:
    text = text_of(value)
    return wire_url(text, base) if text else None


def _plain(holder: Any, name: str) -> str | None:
    """Give a title without the markup that a feed may put into it."""
    text = dict.get(holder, name)
    detail = dict.get(holder, f"{name}_detail") or {}
    if isinstance(text, str) and "html" in str(detail.get("type", "")) and ("<" in text or "&" in text):
        root = parse_html(f"<div>{text}</div>")
        text = "".join(root.itertext()) if root is not None else text
    return text_of(text)
