"""An API's answer to the source that reads it: where its list is, what an item tells, how its pages are asked for.

Takes   the answer to an address, and those to the addresses that were tried for its second page.
Gives   Api, or the Proposal of it; Wanted, where a further answer tells.
Writes  nothing.

A way to the second page that the answer or the address names outright is believed, unless it leads to a web page. Of a cursor
that no address holds, and of a count of pages that only the answer speaks of, the name of the parameter is not known: those in
use are tried, and one counts whose answer names further articles.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from archive.errors import UsageError
from archive.model import Entry

from ..sources.json_answer import read_json, text_of
from ..sources.json_api import JsonApi
from ..sources.protocol import SourceError
from .anchors import units_of
from .answer import Answer, Answers, Proposal, Told, Wanted
from .api_pages import begins, is_page, leads_on, more_told, ways
from .lists import articles_of, read_with
from .rows import Rows, around, find_rows, path_of

_TRIED = 4  # addresses of a second page
_TITLES = ("title", "name", "topic", "subject", "series_title", "seriesTitle", "topicName", "columnName", "channelName")
_TITLE_UNITS = range(3, 81)  # of what may be the name of a series


@dataclass(frozen=True, slots=True)
class Api:
    """A list that an API gives. table: [source]. entries: of the answer that was looked at. title: of the series, where the
    answer names it. note: what a person should know of its further pages, or ""."""

    table: dict[str, Told]
    rows: Rows
    entries: tuple[Entry, ...]
    title: Told | None = None
    note: str = ""


def api(answer: Answer, answers: Answers) -> Api | Wanted | None:
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
    entries = articles_of(read_with(JsonApi(answer.url, rows.items, rows.fields), answer))
    paging = _paging(value, rows, answer, answers)
    if isinstance(paging, Wanted):
        return paging
    told, note = paging
    fields = {"fields": Told(dict(rows.fields), "what an item tells")}
    return Api(table | told | fields, rows, entries, _title(value, rows), note)


def _paging(value: Any, rows: Rows, answer: Answer, answers: Answers) -> tuple[dict[str, Told], str] | Wanted:
    """Choose how the pages are asked for. Give the keys of [source] that say so, and a note where nothing does."""
    for way in ways(value, rows, answer.url)[:_TRIED]:
        if way.is_told and "next" not in way.table:
            return way.table, ""
        source = _source(answer.url, rows, way.table)
        second = _second(source, answer)
        if second is None and not way.is_told:
            continue
        if second is not None and second not in answers:
            return Wanted(second, "the second page of the API's list")
        seen = answers[second] if second is not None else None
        if way.is_told:
            if seen is None or not is_page(seen):
                return way.table, ""
            continue
        first = source.seeds()[0]
        if not leads_on(source, answer, seen):
            continue
        if first not in answers and first != answer.url:
            return Wanted(first, "the first page, as the profile would ask for it")
        if begins(source, answer, answers.get(first)):
            return way.table, ""
    return {}, more_told(value, rows)


def _source(url: str, rows: Rows, table: Mapping[str, Told]) -> JsonApi:
    values: dict[str, Any] = {key: told.value for key, told in table.items()}
    return JsonApi(values.pop("url", url), rows.items, rows.fields, **values)


def _second(source: JsonApi, answer: Answer) -> str | None:
    """Give the address that a source asks for after the first page."""
    try:
        listing = source.read_list(source.seeds()[0], answer.body, answer.content_type)
    except (SourceError, IndexError):
        return None
    return next(iter(listing.more), None)


def _title(value: Any, rows: Rows) -> Told | None:
    """Find the name of the series: that of the innermost object which holds the list."""
    found = None
    for keys, holder in around(value, rows.keys):
        for name in _TITLES:
            text = text_of(holder.get(name)) if isinstance(holder.get(name), str) else None
            if text and units_of(text) in _TITLE_UNITS:
                found = Told(text, f"{path_of((*keys, name))} of the answer")
                break
    return found


def api_proposal(asked: str, answer: Answer, answers: Answers) -> Proposal | Wanted | None:
    """Propose an API; None where its answer holds no list of articles. Raises SourceError where it is no JSON."""
    found = api(answer, answers)
    if found is None or isinstance(found, Wanted):
        return found
    proposal = Proposal(asked, answer.fetched, found.table, entries=found.entries)
    if found.title is not None:
        proposal.series["title"] = found.title
    proposal.warnings += [found.note] if found.note else []
    return proposal


def no_list(asked: str) -> UsageError:
    """Say that an answer lists nothing."""
    return UsageError(
        f"{asked}: JSON without a list of articles (objects with an address and a headline each, or HTML with links)",
        action='a profile by hand: kind json-api, fields.url such as "https://HOST/article/{id}" (docs/profile.md)',
    )
