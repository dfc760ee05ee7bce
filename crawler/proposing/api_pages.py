"""How the further pages of an API are asked for, as its answer and its address tell.

Takes   the JSON value, the list in it, the address.
Gives   ways: keys of [source], the surest first; leads_on; more_told, where there is more and nothing leads to it; first_page.
Writes  nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from ..sources.json_answer import text_of
from ..sources.json_api import JsonApi
from ..sources.protocol import SourceError
from .answer import Answer, Told
from .rows import Rows, around, path_of

_PAGE_KEYS = "page|p|pn|pg|pageno|pagenum|pageindex|page_no|page_num|currentpage|curpage|paged"
_OFFSET_KEYS = "offset|start|skip|from|begin"
_PAGED = re.compile(rf"(?P<before>[?&](?P<key>{_PAGE_KEYS}|{_OFFSET_KEYS})=)(?P<number>\d{{1,6}})(?=&|$)", re.I)
_PAGED_PATH = re.compile(r"(?P<before>/page/|[_-])(?P<number>\d{1,4})(?=/?$|\.js(?:on|onp)?$|/?\?)")
_ADDRESS = re.compile(r"https?://|/|\?")
_NEXT = ("next", "nexturl", "nextpageurl", "nextpage", "nextlink")
_HAS_MORE = ("hasmore", "hasnext", "hasnextpage", "more")
_TOTAL = ("total", "totalcount", "totalelements", "totalitems", "totalresults", "numfound", "recordcount", "totalnum")
# What APIs call the place to go on from, and the parameters that take it.
_CURSORS = {
    "next": ("cursor", "next", "after"),
    "nextpage": ("page", "pageToken", "cursor"),
    "cursor": ("cursor",),
    "nextcursor": ("cursor", "next_cursor", "nextCursor"),
    "endcursor": ("after", "cursor"),
    "after": ("after",),
    "nexttoken": ("nextToken", "next_token", "pageToken"),
    "nextpagetoken": ("pageToken", "page_token"),
    "pagetoken": ("pageToken", "page_token"),
    "continuation": ("continuation",),
    "scrollid": ("scroll_id", "scrollId"),
    "lastid": ("last_id", "lastId"),
    "maxid": ("max_id", "maxId"),
    "minid": ("min_id", "max_id"),
    "nextmaxid": ("max_id", "next_max_id"),
    "nextid": ("next_id", "id"),
    "lasttime": ("last_time", "lastTime"),
}
_OF_ADDRESS = frozenset(key.lower().replace("_", "") for keys in _CURSORS.values() for key in keys) - {"page", "id"}
_EXPRESSION_CHARS = 1000  # of JMESPath that a profile takes
_PLAIN = re.compile(r"[\w.~:,-]{1,200}", re.ASCII)  # what stands in an address as it is


@dataclass(frozen=True, slots=True)
class Way:
    """A way to the further pages. table: keys of [source] that say it. is_told: the answer or the address names it outright."""

    table: dict[str, Told]
    is_told: bool = False


def ways(value: Any, rows: Rows, url: str) -> list[Way]:
    """Give the ways to the further pages of an API, the surest first."""
    envelope = _Envelope(value, rows)
    address = envelope.next_address()
    if address is not None:
        return [Way({"next": Told(address, "leads to the next page")}, is_told=True)]
    template = _template(url)
    if template is not None:
        more = {"next": Told(envelope.more[0], "true while there is more")} if envelope.more else {}
        return [Way(template | more, is_told=True)]
    if envelope.ends:
        return []
    return [*_by_cursor(envelope, url), *_by_count(envelope, url)]


def leads_on(source: JsonApi, answer: Answer, second: Answer | None) -> bool:
    """Tell whether what was tried as the second page names articles that the first one does not."""
    if second is None or second.status != 200:
        return False
    try:
        first = source.read_list(answer.url, answer.body, answer.content_type)
        further = source.read_list(second.url, second.body, second.content_type)
    except SourceError:
        return False
    return bool({entry.key for entry in further.entries} - {entry.key for entry in first.entries})


def more_told(value: Any, rows: Rows) -> str:
    """Say what an answer tells of pages to which nothing leads; "" where it says that there are none."""
    envelope = _Envelope(value, rows)
    if envelope.ends:
        return ""
    cursor = next(envelope.cursors(), None)
    if cursor is not None:
        return (
            f"{cursor[0]} of the answer ({cursor[1]}) leads to the next page, by a parameter that nothing names: write it with "
            f'{{cursor}} into url, and next = "{cursor[0]}"'
        )
    if envelope.says_more:
        told = "that there is more" if envelope.total is None else f"that there are {envelope.total[1]}"
        return (
            f"the answer says {told}, and names {rows.count}: how its pages are asked for is not known; "
            "write {page} or {offset} into url"
        )
    return (
        "nothing in the address or the answer tells of further pages: if there are, write {page} or {offset} into url"
    )


class _Envelope:
    """What stands around the list of an answer. more: path and value of what says whether there is more; total: of the count."""

    def __init__(self, value: Any, rows: Rows) -> None:
        self.count = rows.count
        self._told = [
            (path_of((*keys, name)), re.sub(r"[^a-z]", "", name.lower()), name, one)
            for keys, holder in around(value, rows.keys)
            for name, one in holder.items()
            if not isinstance(one, list)
        ]
        self.more = next(((p, v) for p, word, _, v in self._told if word in _HAS_MORE and isinstance(v, bool)), None)
        self.total = next(
            ((p, v) for p, word, _, v in self._told if word in _TOTAL and type(v) is int and v >= self.count), None
        )

    @property
    def ends(self) -> bool:
        """Tell that the answer says that it is all."""
        return (self.more is not None and not self.more[1]) or (
            self.more is None and self.total is not None and self.total[1] == self.count
        )

    @property
    def says_more(self) -> bool:
        """Tell that the answer says that there is more."""
        return (self.more is not None and self.more[1]) or (self.total is not None and self.total[1] > self.count)

    def next_address(self) -> str | None:
        """Give the path of the address of the next page."""
        for path, word, _, value in self._told:
            if word not in _NEXT:
                continue
            if isinstance(value, dict):
                path, value = f"{path}.href", value.get("href")
            if isinstance(value, str) and _ADDRESS.match(value.strip()):
                return path
        return None

    def cursors(self) -> Iterator[tuple[str, str, str, bool]]:
        """Give what names the place to go on from: path, value, the name in lower case, whether it is a number."""
        for path, word, _, value in self._told:
            text = text_of(value)
            if word in _CURSORS and text is not None and text != "0":
                yield path, text, word, not isinstance(value, str)

    def counters(self) -> Iterator[tuple[str, bool, int]]:
        """Give the parameters that count, as the answer calls them: name, whether it counts items, its value."""
        for _, _, name, value in self._told:
            if type(value) is int and value >= 0 and re.fullmatch(f"{_PAGE_KEYS}|{_OFFSET_KEYS}", name, re.I):
                yield name, bool(re.fullmatch(_OFFSET_KEYS, name, re.I)), value


def _by_cursor(envelope: _Envelope, url: str) -> Iterator[Way]:
    """Take a cursor: into the parameter of the address that is there for it, else into those that are in use for its name."""
    while_more = f"{envelope.more[0]} && " if envelope.more else ""
    held = next((key for key, _ in _query(url) if key.lower().replace("_", "") in _OF_ADDRESS), None)
    for path, value, word, is_number in envelope.cursors():
        if held is not None:
            start = dict(_query(url))[held]
            place = re.search(rf"[?&]{re.escape(held)}=([^&#]*)", url)
            if place and not set(url) & set("{}"):
                yield Way(
                    {
                        "url": Told(f"{url[: place.start(1)]}{{cursor}}{url[place.end(1) :]}", f"{held} takes {path}"),
                        "next": Told(while_more + path, "the place to go on from"),
                    }
                    | ({"cursor_start": Told(start, "of the first page")} if start else {})
                )
            continue
        asked = f"?{query}&" if (query := urlsplit(url).query) else "?"
        if not _PLAIN.fullmatch(value) or "'" in asked:
            continue
        text = f"to_string({path})" if is_number else path
        for name in _CURSORS[word]:
            written = f"{while_more or f'{path} && '}join('', ['{asked}{name}=', {text}])"
            if len(written) <= _EXPRESSION_CHARS:
                yield Way({"next": Told(written, f"the address of the next page, made of {path}; tried")})


def _by_count(envelope: _Envelope, url: str) -> Iterator[Way]:
    """Count pages or items by a parameter: what the answer calls its own number, else `page`."""
    if not envelope.says_more or set(url) & set("{}"):
        return
    joint = "&" if urlsplit(url).query else "?"
    more = {"next": Told(envelope.more[0], "true while there is more")} if envelope.more else {}
    counters = [one for one in envelope.counters() if one[2] < 2] or [("page", False, 1)]
    for name, counts_items, value in counters:
        placeholder = "{offset}" if counts_items else "{page}"
        table = {"url": Told(f"{url}{joint}{name}={placeholder}", "counts on; tried")}
        if not counts_items and value == 0:
            table["page_start"] = Told(0, "number of the first page")
        yield Way(table | more)


def _query(url: str) -> list[tuple[str, str]]:
    return parse_qsl(urlsplit(url).query, keep_blank_values=True)


def _template(url: str) -> dict[str, Told] | None:
    """Put {page} or {offset} into an address that asks for one page, with the number of the first page; None for another."""
    if set(url) & set("{}"):
        return None
    match = _PAGED.search(url)
    if match and re.fullmatch(_OFFSET_KEYS, match["key"], re.I):
        written = f"{url[: match.start('number')]}{{offset}}{url[match.end('number') :]}"
        return {"url": Told(written, f"{match['key']} counts items")}
    match = match or _PAGED_PATH.search(url)
    if match is None:
        return None
    table = {
        "url": Told(
            f"{url[: match.start('number')]}{{page}}{url[match.end('number') :]}",
            f"the page's number, {match['number']} when it was looked at",
        )
    }
    if match["number"] == "0":
        table["page_start"] = Told(0, "number of the first page")
    return table


def first_page(url: str) -> str:
    """Give the address of the first page of an API, from one that asks for a later page."""
    match = _PAGED.search(url) or _PAGED_PATH.search(url)
    if match is None:
        return url
    is_offset = "key" in match.groupdict() and re.fullmatch(_OFFSET_KEYS, match["key"], re.I)
    number = "0" if is_offset or match["number"] == "0" else "1"
    return f"{url[: match.start('number')]}{number}{url[match.end('number') :]}"
