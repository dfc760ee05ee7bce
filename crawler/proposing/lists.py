"""A feed, a sitemap or an API's answer to the source that reads it.

Takes   the answer to an address.
Gives   a Proposal with its source and entries; Wanted, where a further answer tells.
Writes  nothing.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from archive.errors import UsageError
from archive.model import Entry

from ..sources.feed import Feed
from ..sources.json_answer import read_json, text_of
from ..sources.json_api import JsonApi
from ..sources.protocol import SourceError
from ..sources.sitemap import Sitemap
from .answer import Answer, Answers, Proposal, Told, Wanted
from .rows import Rows, find_rows

if TYPE_CHECKING:
    from archive.model import Listing

_PAGE_KEYS = "page|p|pn|pg|pageno|pagenum|pageindex|page_no|page_num|currentpage|curpage|paged"
_OFFSET_KEYS = "offset|start|skip|from|begin"
_PAGED = re.compile(rf"(?P<before>[?&](?P<key>{_PAGE_KEYS}|{_OFFSET_KEYS})=)(?P<number>\d{{1,6}})(?=&|$)", re.I)
_PAGED_PATH = re.compile(r"(?P<before>/page/|[_-])(?P<number>\d{1,4})(?=/?$|\.js(?:on|onp)?$|/?\?)")
_NEXT = (
    "next",
    "next_url",
    "nextUrl",
    "nextPageUrl",
    "next_page_url",
    "nextPage",
    "next_page",
    "nextLink",
    "next_link",
    "hasMore",
    "has_more",
    "hasNext",
    "has_next",
)
_HOLDERS = ("links", "_links", "paging", "pagination", "meta", "data", "page", "result")
_MANY = 200  # addresses of a sitemap that is a whole site's rather than a series'


def feed(asked: str, answer: Answer) -> Proposal:
    """Propose a feed. Raises UsageError where it names nothing."""
    listing = _read(Feed(answer.url), answer)
    entries = _articles(listing)
    if not entries:
        raise UsageError(
            f"{asked}: a feed without articles", action="lianzai profile new URL, of a page that lists them"
        )
    proposal = Proposal(asked, answer.fetched, {"kind": Told("feed"), "url": Told(answer.url)}, entries=entries)
    if listing.title:
        proposal.series["title"] = Told(listing.title, "the feed's title")
    if listing.window and not listing.more:
        proposal.warnings.append(
            "a feed names the newest articles only: older ones, and what was withdrawn, are not seen by it"
        )
    return proposal


def sitemap(asked: str, answer: Answer, answers: Answers) -> Proposal | Wanted:
    """Propose a sitemap; of an index its first sitemap is looked at as well, for the entries.

    Raises UsageError where it names nothing.
    """
    listing = _read(Sitemap(answer.url), answer)
    entries = _articles(listing)
    for child in () if entries else listing.more[:3]:
        if child not in answers:
            return Wanted(child, "a sitemap of the index")
        if (below := answers[child]) is not None and below.status == 200:
            entries = _articles(_read(Sitemap(answer.url), below))
            if entries:
                break
    if not entries:
        raise UsageError(
            f"{asked}: a sitemap without addresses",
            action="lianzai profile new URL, of a page that lists the articles",
        )
    proposal = Proposal(asked, answer.fetched, {"kind": Told("sitemap"), "url": Told(answer.url)}, entries=entries)
    folder = _busiest(entries)
    if listing.more or len(entries) > _MANY or folder is not None:
        proposal.warnings.append(
            "a sitemap names a whole site: make match the folder of the series, else every page is taken"
        )
    if folder is not None:
        proposal.source["match"] = Told(
            re.escape(folder), "the folder of most addresses; only those that fit are taken", sure=False
        )
    return proposal


def _busiest(entries: tuple[Entry, ...]) -> str | None:
    """Give the first folder that most addresses have, where not all have it."""
    folders = Counter(
        "/" + urlsplit(entry.url).path.split("/")[1] + "/"
        for entry in entries
        if urlsplit(entry.url).path.count("/") > 1
    )
    folder, times = next(iter(folders.most_common(1)), ("", 0))
    return folder if times and times < len(entries) else None


@dataclass(frozen=True, slots=True)
class Api:
    """A list that an API gives. table: [source]. entries: of the answer that was looked at."""

    table: dict[str, Told]
    rows: Rows
    entries: tuple[Entry, ...]


def api(answer: Answer) -> Api | None:
    """Find the list in an API's answer, and how its pages are asked for; None where it has none with addresses.

    Raises SourceError where the answer is no JSON.
    """
    value = read_json(answer.body, answer.content_type).value
    rows = find_rows(value, answer.url)
    if rows is None:
        return None
    table: dict[str, Told] = {
        "kind": Told("json-api"),
        "url": Told(answer.url),
        "items": Told(rows.items, f"a list of {rows.count} objects"),
    }
    following = _next(value)
    template = _template(answer.url)
    if following is not None and isinstance(following[1], str):
        table["next"] = Told(following[0], "leads to the next page")
    elif template is not None:
        table["url"], start = template
        if start is not None and start.value != 1:
            table["page_start"] = start
        if following is not None:
            table["next"] = Told(following[0], "true while there is more")
    table["fields"] = Told(dict(rows.fields), "what an item tells")
    source = JsonApi(answer.url, rows.items, rows.fields)
    return Api(table, rows, _articles(_read(source, answer)))


def api_proposal(asked: str, answer: Answer) -> Proposal:
    """Propose an API. Raises UsageError where its answer holds no list of articles, SourceError where it is no JSON."""
    found = api(answer)
    if found is None:
        raise UsageError(
            f"{asked}: JSON without a list of articles (objects with an address and a headline each)",
            action='a profile by hand: kind json-api, fields.url such as "https://HOST/article/{id}" (docs/profile.md)',
        )
    proposal = Proposal(asked, answer.fetched, found.table, entries=found.entries)
    if not (
        {"{page}", "{offset}"} & set(re.findall(r"\{\w+\}", str(found.table["url"].value))) or "next" in found.table
    ):
        proposal.warnings.append(
            "nothing in the address or the answer tells of further pages: if there are, write {page} or {offset} into url"
        )
    return proposal


def _template(url: str) -> tuple[Told, Told | None] | None:
    """Put {page} or {offset} into an address that asks for one page, with the number of the first page; None for another."""
    if set(url) & set("{}"):
        return None
    match = _PAGED.search(url)
    if match and re.fullmatch(_OFFSET_KEYS, match["key"], re.I):
        return Told(
            f"{url[: match.start('number')]}{{offset}}{url[match.end('number') :]}", f"{match['key']} counts items"
        ), None
    match = match or _PAGED_PATH.search(url)
    if match is None:
        return None
    why = f"the page's number, {match['number']} when it was looked at"
    start = Told(0 if match["number"] == "0" else 1, "number of the first page")
    return Told(f"{url[: match.start('number')]}{{page}}{url[match.end('number') :]}", why), start


def first_page(url: str) -> str:
    """Give the address of the first page of an API, from one that asks for a later page."""
    match = _PAGED.search(url) or _PAGED_PATH.search(url)
    if match is None:
        return url
    is_offset = "key" in match.groupdict() and re.fullmatch(_OFFSET_KEYS, match["key"], re.I)
    number = "0" if is_offset or match["number"] == "0" else "1"
    return f"{url[: match.start('number')]}{number}{url[match.end('number') :]}"


def _next(value: Any) -> tuple[str, str | bool] | None:
    """Find what an answer says of its next page: JMESPath, and the address or whether there is one."""
    if not isinstance(value, dict):
        return None
    holders = [("", value)] + [(f"{name}.", value[name]) for name in _HOLDERS if isinstance(value.get(name), dict)]
    for path, holder in holders:
        for name in _NEXT:
            found = holder.get(name)
            if isinstance(found, dict):
                name, found = f"{name}.href", found.get("href")
            text = text_of(found) if isinstance(found, str) else None
            if text and re.match(r"https?://|/|\?", text):
                return f"{path}{name}", text
            if isinstance(found, bool):
                return f"{path}{name}", found
    return None


def _read(source: Any, answer: Answer) -> Listing:
    try:
        listing: Listing = source.read_list(answer.url, answer.body, answer.content_type)
    except SourceError as error:
        raise UsageError(f"{answer.url}: {error.detail}", action="lianzai profile new URL, of another list") from error
    return listing


def _articles(listing: Listing) -> tuple[Entry, ...]:
    return tuple(entry for entry in listing.entries if entry.skip is None)
