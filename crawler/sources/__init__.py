"""The kinds of lists, one module each: payload -> the articles it names.

Takes   the [source] table of a profile.
Gives   source_for: the Source of its kind; scope_of: what it and the profile let be fetched; SourceError and Refused.
Writes  nothing; imports no Scrapy.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from archive.errors import ProfileError

from ..scope import Scope
from .protocol import Refused, Source, SourceError

if TYPE_CHECKING:
    from ..profile import Profile
    from ..profile.source_tables import JsonApi as JsonApiTable
    from ..profile.source_tables import Source as SourceTable

__all__ = ["KINDS", "Refused", "Source", "SourceError", "scope_of", "source_for"]

KINDS = ("henandaily", "json-api", "list-page", "feed", "sitemap", "url-list")


def source_for(table: SourceTable, zone: str | None = None) -> Source:
    """Set up the source that a profile's [source] names. zone: of times in lists that name none, as series.timezone.

    Raises ProfileError for a kind that is not read yet.
    """
    # A run reads one kind of list, and imports no other.
    if table.kind == "henandaily":
        from .henandaily import HenanDaily

        return HenanDaily(table.base_url, table.special_id, table.cat_id)
    if table.kind == "list-page":
        from .list_page import ListPage

        return ListPage(table.url, table.item, table.next or None, table.max_pages, table.more, table.page_start)
    if table.kind == "url-list":
        from .url_list import UrlList

        return UrlList(tuple(table.urls))
    if table.kind == "feed":
        from .feed import Feed

        return Feed(table.url, table.match, table.since, table.max_pages, zone)
    if table.kind == "sitemap":
        from .sitemap import Sitemap

        return Sitemap(table.url, table.match, table.since, table.max_pages, zone)
    if table.kind == "json-api":
        return _json_api(table, zone)
    raise ProfileError(f'source.kind: "{table.kind}" is not read yet; expected one of {", ".join(KINDS)}')


def scope_of(profile: Profile, source: Source) -> Scope:
    """Give the scope of a series."""
    told = profile.scope
    return Scope(
        (*source.seeds(), *(entry.url for entry in source.entries())),
        told.include,
        told.exclude,
        told.exclude_requisites,
        allow_private=profile.fetch.allow_private,
    )


def _json_api(table: JsonApiTable, zone: str | None) -> Source:
    from .json_api import JsonApi

    fields = {name: written for name, written in table.fields.model_dump().items() if written}
    detail = {name: written for name, written in table.detail_fields.model_dump().items() if written}
    return JsonApi(
        table.url,
        table.items,
        fields | ({"detail": table.detail} if table.detail else {}),
        next=table.next,
        body=table.body if table.method == "POST" else None,
        content_type=table.content_type,
        page_start=table.page_start,
        page_size=table.page_size,
        cursor_start=table.cursor_start,
        total=table.total,
        good=table.ok,
        max_pages=table.max_pages,
        zone=zone,
        detail_fields=detail,
    )
