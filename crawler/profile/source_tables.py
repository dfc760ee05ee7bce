"""The table [source]: one model a kind of list, each with the keys of its kind.

Takes   the types of fields.py.
Gives   one frozen model a kind, SOURCE_KINDS, and the identity of a source, by which two profiles are told apart.
Writes  nothing. Source: the contract, section Profile.
"""

from __future__ import annotations

from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from .fields import (
    DISTINCT,
    NOT_EMPTY,
    Amount,
    Count,
    Css,
    HeaderValue,
    JmesPath,
    LineOrNothing,
    Located,
    MaybeCount,
    MaybeCss,
    MaybeJmesPath,
    MaybeLocated,
    MaybeName,
    MaybePaged,
    MaybeRegex,
    MaybeSince,
    Table,
    TemplatedUrl,
    Text,
    Url,
)

HENANDAILY_API = "https://api.henandaily.cn/"

_URL = "an absolute http or https address with a host"
_CSS = "a CSS selector"
_JMESPATH = "a JMESPath expression"
_LOCATED = f'{_JMESPATH}, or an address with fields in braces such as "https://e.org/a/{{id}}.html"'
_COUNT = "a whole number, 1 or more"
_REGEX = "a regular expression of at most 1000 characters"
_SINCE = "a day or a time such as 2018-08-30"
_DEFAULT_PORTS = {"http": 80, "https": 443}


class Henandaily(Table):
    """A special topic (special_id) or a channel (cat_id) of the Henan Daily client."""

    kind: Literal["henandaily"]
    special_id: MaybeName = Field(default=None, description='a name such as "special_412"')
    cat_id: MaybeName = Field(default=None, description='a name such as "content_21"')
    base_url: Url = Field(default=HENANDAILY_API, description=_URL)

    @model_validator(mode="after")
    def _one_of_two(self) -> Henandaily:
        if (self.special_id is None) == (self.cat_id is None):
            found = "neither" if self.special_id is None else "both"
            raise PydanticCustomError("cross", "{said}", {"said": f"needs special_id or cat_id; found {found}"})
        return self

    def addresses(self) -> tuple[str, ...]:
        """What tells this source from another of its kind."""
        return (self.base_url, self.special_id or self.cat_id or "")


class JsonFields(Table):
    """Where an item of a JSON list tells what; JMESPath, asked of the item."""

    url: Located = Field(description=_LOCATED)
    id: MaybeJmesPath = Field(default=None, description=_JMESPATH)
    title: MaybeJmesPath = Field(default=None, description=_JMESPATH)
    updated: MaybeJmesPath = Field(default=None, description=_JMESPATH)
    published: MaybeJmesPath = Field(default=None, description=_JMESPATH)
    authors: MaybeJmesPath = Field(default=None, description=_JMESPATH)
    source: MaybeJmesPath = Field(default=None, description=_JMESPATH)
    summary: MaybeJmesPath = Field(default=None, description=_JMESPATH)
    position: MaybeJmesPath = Field(default=None, description=_JMESPATH)


class DetailFields(Table):
    """Where an article's own answer tells what; JMESPath, asked of the answer."""

    title: MaybeJmesPath = Field(default=None, description=_JMESPATH)
    body: MaybeJmesPath = Field(default=None, description=_JMESPATH)
    published: MaybeJmesPath = Field(default=None, description=_JMESPATH)
    authors: MaybeJmesPath = Field(default=None, description=_JMESPATH)
    source: MaybeJmesPath = Field(default=None, description=_JMESPATH)
    editor: MaybeJmesPath = Field(default=None, description=_JMESPATH)
    images: MaybeJmesPath = Field(default=None, description=_JMESPATH)


class JsonApi(Table):
    """Any JSON API that lists articles, page by page."""

    kind: Literal["json-api"]
    url: TemplatedUrl = Field(description=f"{_URL}; {{offset}}, {{page}} and {{cursor}} may stand in it")
    items: JmesPath = Field(description=_JMESPATH)
    next: MaybeJmesPath = Field(default=None, description=_JMESPATH)
    fields: JsonFields = Field(description=f"a table of fields, {_JMESPATH} each; url must be there")
    method: Literal["GET", "POST"] = Field(default="GET", description='"GET" or "POST"')
    body: Text = Field(default="", description="text of at most 4096 characters")
    content_type: HeaderValue = Field(default="application/json", description="a media type")
    page_start: Amount = Field(default=1, description="a whole number, 0 or more")
    page_size: MaybeCount = Field(default=None, description=_COUNT)
    cursor_start: LineOrNothing = Field(default="", description="one line of text")
    total: MaybeJmesPath = Field(default=None, description=_JMESPATH)
    ok: MaybeJmesPath = Field(default=None, description=_JMESPATH)
    max_pages: Count = Field(default=100, description=_COUNT)
    detail: MaybeLocated = Field(default=None, description=_LOCATED)
    detail_fields: DetailFields = Field(default=DetailFields(), description=f"a table of fields, {_JMESPATH} each")

    @model_validator(mode="after")
    def _fits_together(self) -> JsonApi:
        said = None
        if self.body and self.method != "POST":
            said = 'body needs method = "POST"; found "GET"'
        elif self.detail and not self.detail_fields.body:
            said = "detail needs detail_fields.body; found none"
        if said:
            raise PydanticCustomError("cross", "{said}", {"said": said})
        return self

    def addresses(self) -> tuple[str, ...]:
        """What tells this source from another of its kind."""
        return (self.url, self.body) if self.body else (self.url,)


class ListPage(Table):
    """A web page of links to articles, and the pages after it."""

    kind: Literal["list-page"]
    url: Url = Field(description=_URL)
    item: Css = Field(description=f"{_CSS} of the links")
    next: MaybeCss = Field(default=None, description=f"{_CSS} of the link to the next page")
    more: MaybePaged = Field(default=None, description=f"{_URL}, with {{page}} in it")
    page_start: Amount = Field(default=1, description="a whole number, 0 or more")
    max_pages: Count = Field(default=100, description=_COUNT)

    @model_validator(mode="after")
    def _one_way_on(self) -> ListPage:
        ways = [
            name
            for name, is_set in (("next", self.next), ("more", self.more), ("{page} in url", "{page}" in self.url))
            if is_set
        ]
        if len(ways) > 1:
            raise PydanticCustomError(
                "cross", "{said}", {"said": f"needs one way to the next page; found {' and '.join(ways)}"}
            )
        return self

    def addresses(self) -> tuple[str, ...]:
        """What tells this source from another of its kind."""
        return (self.url,)


class Feed(Table):
    """An RSS or Atom feed, or a JSON Feed."""

    kind: Literal["feed"]
    url: Url = Field(description=_URL)
    match: MaybeRegex = Field(default=None, description=_REGEX)
    since: MaybeSince = Field(default=None, description=_SINCE)
    max_pages: Count = Field(default=100, description=_COUNT)

    def addresses(self) -> tuple[str, ...]:
        """What tells this source from another of its kind."""
        return (self.url,)


class Sitemap(Table):
    """A sitemap, or an index of sitemaps."""

    kind: Literal["sitemap"]
    url: Url = Field(description=_URL)
    match: MaybeRegex = Field(default=None, description=_REGEX)
    since: MaybeSince = Field(default=None, description=_SINCE)
    max_pages: Count = Field(default=10_000, description=_COUNT)

    def addresses(self) -> tuple[str, ...]:
        """What tells this source from another of its kind."""
        return (self.url,)


class UrlList(Table):
    """Articles named one by one."""

    kind: Literal["url-list"]
    urls: Annotated[tuple[Url, ...], NOT_EMPTY, DISTINCT] = Field(description=f"{_URL}, at least one, no two the same")

    def addresses(self) -> tuple[str, ...]:
        """What tells this source from another of its kind."""
        return self.urls


Source = Henandaily | JsonApi | ListPage | Feed | Sitemap | UrlList

SOURCE_KINDS: dict[str, type[Source]] = {
    "henandaily": Henandaily,
    "json-api": JsonApi,
    "list-page": ListPage,
    "feed": Feed,
    "sitemap": Sitemap,
    "url-list": UrlList,
}


def identity(source: Source) -> str:
    """Name a source: its kind, then its addresses, sorted and parted by blanks.

    http and https, a default port, the case of the host and a fragment make no other source.
    """
    return " ".join((source.kind, *sorted({_spelled(address) for address in source.addresses()})))


def same_source(one: str, other: str) -> bool:
    """Tell whether two identities name the same source.

    A list of URLs may grow and shrink: it is the same while it keeps at least one of them. Other kinds must be equal.
    """
    kind, _, addresses = one.partition(" ")
    other_kind, _, other_addresses = other.partition(" ")
    if kind == other_kind == "url-list":
        return not set(addresses.split(" ")).isdisjoint(other_addresses.split(" "))
    return one == other


def _spelled(address: str) -> str:
    parts = urlsplit(address)
    if not parts.hostname:
        return address
    port = "" if parts.port in (None, _DEFAULT_PORTS[parts.scheme]) else f":{parts.port}"
    query = f"?{parts.query}" if parts.query else ""
    return f"{parts.hostname}{port}{parts.path or '/'}{query}"
