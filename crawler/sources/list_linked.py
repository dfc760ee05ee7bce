"""What a list page says of its articles for machines: JSON-LD, as an ItemList or beside it (schema.org).

Takes   the page, and the entries that its links name.
Gives   the entries, with authors, and the date and title that the links lack.
Writes  nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from archive.clean.linked import is_article, read_linked
from archive.model import Author, Entry

from ..scope import canonicalise
from .json_answer import text_of
from .links import Page
from .people import authors_of
from .times import Clock


def with_linked(page: Page, entries: Iterable[Entry]) -> Iterator[Entry]:
    """Complete entries by what the page's JSON-LD says of their addresses; what the links say counts before it."""
    told = {key: one for one in _articles(page.root) for key in _keys(one, page)}
    for entry in entries:
        one = told.get(entry.key)
        if one is not None:
            entry = replace(
                entry,
                title=entry.title or text_of(one.get("headline")),
                published=entry.published or Clock().when(one.get("datePublished")),
                authors=entry.authors or _authors(one.get("author")),
            )
        yield entry


def _articles(root: Any) -> Iterator[dict[str, Any]]:
    for script in root.iter("script") if root is not None else ():
        if script.text and "ld+json" in (script.get("type") or "").lower():
            yield from (one for one, _ in read_linked(script.text) if is_article(one))


def _keys(one: Mapping[str, Any], page: Page) -> Iterator[str]:
    """Give the canonical addresses that an object calls its own."""
    for name in ("url", "@id", "mainEntityOfPage"):
        value = one.get(name)
        written = value.get("@id") or value.get("url") if isinstance(value, Mapping) else value
        address = page.absolute(written) if isinstance(written, str) else None
        if address:
            yield canonicalise(address)


def _authors(value: Any) -> tuple[Author, ...]:
    """Give the persons; that the paper wrote it, its own page says better."""
    some = value if isinstance(value, list) else [value]
    return authors_of(
        [one for one in some if not (isinstance(one, Mapping) and "Organization" in str(one.get("@type")))]
    )
