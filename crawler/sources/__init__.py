"""The kinds of lists, one module each: payload -> the articles it names.

Takes   the [source] table of a profile.
Gives   source_for: the Source of its kind; SourceError and Refused.
Writes  nothing; imports no Scrapy.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from archive.errors import ProfileError

from .henandaily import HenanDaily
from .list_page import ListPage
from .protocol import Refused, Source, SourceError
from .url_list import UrlList

if TYPE_CHECKING:
    from ..profile.source_tables import Source as SourceTable

__all__ = ["KINDS", "Refused", "Source", "SourceError", "source_for"]

KINDS = ("henandaily", "list-page", "url-list")


def source_for(table: SourceTable) -> Source:
    """Set up the source that a profile's [source] names. Raises ProfileError for a kind that is not read yet."""
    if table.kind == "henandaily":
        return HenanDaily(table.base_url, table.special_id, table.cat_id)
    if table.kind == "list-page":
        return ListPage(table.url, table.item, table.next or None, table.max_pages)
    if table.kind == "url-list":
        return UrlList(tuple(table.urls))
    raise ProfileError(f'source.kind: "{table.kind}" is not read yet; expected one of {", ".join(KINDS)}')
