"""The kinds of lists, one module each: payload -> the articles it names.

Takes   the [source] table of a profile.
Gives   source_for: the Source of its kind; SourceError and Refused.
Writes  nothing; imports no Scrapy.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from archive.errors import ProfileError

from .protocol import Refused, Source, SourceError

if TYPE_CHECKING:
    from ..profile.source_tables import Source as SourceTable

__all__ = ["KINDS", "Refused", "Source", "SourceError", "source_for"]

KINDS = ("henandaily", "list-page", "url-list")


def source_for(table: SourceTable) -> Source:
    """Set up the source that a profile's [source] names. Raises ProfileError for a kind that is not read yet."""
    # A run reads one kind of list, and imports no other.
    if table.kind == "henandaily":
        from .henandaily import HenanDaily

        return HenanDaily(table.base_url, table.special_id, table.cat_id)
    if table.kind == "list-page":
        from .list_page import ListPage

        return ListPage(table.url, table.item, table.next or None, table.max_pages)
    if table.kind == "url-list":
        from .url_list import UrlList

        return UrlList(tuple(table.urls))
    raise ProfileError(f'source.kind: "{table.kind}" is not read yet; expected one of {", ".join(KINDS)}')
