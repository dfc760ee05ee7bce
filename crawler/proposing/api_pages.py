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

_PAGE_KEYS = "page|p|pn|pg|pageno|pagenum|pgnum|pgno|pno|pageindex|page_no|page_num|currentpage|curpage|paged"
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
# What asks for how many items, and what then counts the pages.
_HABITS = (
    (r"per_page|page_size", ("page",)),
    (r"pagesize", ("page", "pageNo", "pageNum")),
    (r"limit", ("page", "offset")),
    (r"size|count|cnt|num|rows|ps|ipp", ("page", "offset", "start")),
)
_FULL_PAGES = frozenset({10, 12, 15, 20, 24, 25, 30, 40, 50, 100})  # items that an API gives where nobody says how many
_OF_LAST = re.compile(r"^(?:last|max|min|before|until|since|end|cursor|after|older)|(?:last|cursor)(?:id|time)?$", re.I)
_NOT_YET = ("", "0", "-1")  # where a walk begins
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
        told = Way({"next": Told(address[0], "leads to the next page")}, is_told=True)
        return [told, *_by_address(envelope, address[1], url)]
    template = _template(url)
    if template is not None:
        more = {"next": Told(envelope.more[0], "true while there is more")} if envelope.more else _up_to(envelope, url)
        return [Way(template | more, is_told=True)]
    if envelope.ends:
        return []
    found = [*_by_cursor(envelope, url), *_by_count(envelope, url)]
    return found or [*_by_last(rows, url), *_by_habit(rows, url)]


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


def begins(source: JsonApi, answer: Answer, first: Answer | None) -> bool:
    """Tell whether what a profile would ask for first names what was looked at; believed where it was not seen.

    Some count their pages from 0, and number 1 is the second.
    """
    if first is None:
        return True
    try:
        named = source.read_list(first.url, first.body, first.content_type).entries if first.status == 200 else ()
    except SourceError:
        return False
    looked = source.read_list(answer.url, answer.body, answer.content_type).entries
    return bool({entry.key for entry in named} & {entry.key for entry in looked})


def is_page(answer: Answer) -> bool:
    """Tell whether an answer is a web page or none at all (4xx), where an API was asked."""
    return answer.status != 200 or answer.body.lstrip()[:1] == b"<"


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
            for keys, holder in around(value, rows.keys, deep=True)
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

    def next_address(self) -> tuple[str, str] | None:
        """Give the address of the next page, behind its path."""
        for path, word, _, value in self._told:
            if word not in _NEXT:
                continue
            if isinstance(value, dict):
                path, value = f"{path}.href", value.get("href")
            if isinstance(value, str) and _ADDRESS.match(value.strip()):
                return path, value
        return None

    def cursors(self) -> Iterator[tuple[str, str, str, bool]]:
        """Give what names the place to go on from: path, value, the name in lower case, whether it is a number."""
        for path, word, _, value in self._told:
            text = text_of(value)
            if word in _CURSORS and text is not None and text != "0":
                yield path, text, word, not isinstance(value, str)

    def path_of(self, value: str) -> tuple[str, bool] | None:
        """Give the path of what an answer says in so many signs beside its list, and whether it is a number; None for nowhere."""
        found = ((path, not isinstance(one, str)) for path, _, _, one in self._told if text_of(one) == value)
        return next(found, None)

    def counters(self) -> Iterator[tuple[str, bool, int]]:
        """Give the parameters that count, as the answer calls them: name, whether it counts items, its value."""
        for _, _, name, value in self._told:
            if type(value) is int and value >= 0 and re.fullmatch(f"{_PAGE_KEYS}|{_OFFSET_KEYS}", name, re.I):
                yield name, bool(re.fullmatch(_OFFSET_KEYS, name, re.I)), value


def _by_cursor(envelope: _Envelope, url: str) -> Iterator[Way]:
    """Take a cursor: into the parameter of the address that is there for it, else into those that are in use for its name."""
    while_more = f"{envelope.more[0]} && " if envelope.more else ""
    held = next((key for key, _ in _query(url) if key.lower().replace("_", "") in _OF_ADDRESS), None)
    counted = {str(value + 1) for _, counts_items, value in envelope.counters() if not counts_items}
    for path, value, word, is_number in envelope.cursors():
        if is_number and value in counted and held is None:  # the number of the next page, which is counted on
            continue
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
        for name in _CURSORS[word] if _PLAIN.fullmatch(value) else ():
            yield from _made(url, name, path, is_number, while_more)


def _made(url: str, name: str, path: str, is_number: bool, while_more: str) -> Iterator[Way]:
    """Make the address of the next page of a cursor, as `next`; the first page stays as it was looked at."""
    asked = f"?{query}&" if (query := urlsplit(url).query) else "?"
    text = f"to_string({path})" if is_number else path
    written = f"{while_more or f'{path} && '}join('', ['{asked}{name}=', {text}])"
    if "'" not in asked and len(written) <= _EXPRESSION_CHARS:
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


def _by_address(envelope: _Envelope, target: str, url: str) -> Iterator[Way]:
    """Take from an address that leads to a web page, not to the API, the parameter that its cursor goes into."""
    asked = dict(_query(url))
    for key, held in _query(target):
        named = envelope.path_of(held)
        if key not in asked and named is not None:
            yield from _made(url, key, named[0], named[1], "")


def _up_to(envelope: _Envelope, url: str) -> dict[str, Told]:
    """End the walk at the count of all items, where the address says how many a page has: for some a page too many is a fault."""
    if envelope.total is None or envelope.total[1] <= envelope.count:
        return {}
    sizes = (key.lower() for key, value in _query(url) if value == str(envelope.count))
    if not any(re.fullmatch(pattern, key) for key in sizes for pattern, _ in _HABITS):
        return {}
    return {
        "total": Told(envelope.total[0], f"{envelope.total[1]} items in all"),
        "page_size": Told(envelope.count, "items that the address asks for"),
    }


def _by_last(rows: Rows, url: str) -> Iterator[Way]:
    """Take the time or the number of the last item, where a parameter asks for what is older than that and is empty yet."""
    for key, start in _query(url):
        place = re.search(rf"[?&]{re.escape(key)}=([^&#]*)", url)
        if not _OF_LAST.search(key) or start not in _NOT_YET or place is None or set(url) & set("{}"):
            continue
        table = {
            "url": Told(
                f"{url[: place.start(1)]}{{cursor}}{url[place.end(1) :]}", f"{key} takes the last item's; tried"
            )
        }
        table |= {"cursor_start": Told(start, "of the first page")} if start else {}
        timed = bool(re.search(r"time|date|ts$|stamp", key, re.I))
        for name in ("published", "updated", "id") if timed else ("id", "published"):
            if name in rows.fields and None not in rows.keys:
                last = f"{path_of(rows.keys)}[-1].{rows.fields[name]}"
                yield Way(table | {"next": Told(last, "the place to go on from")})


def _by_habit(rows: Rows, url: str) -> Iterator[Way]:
    """Count pages by the parameter that is in use beside the one which says how many items are wanted, where so many came."""
    if set(url) & set("{}"):
        return
    sizes = [key.lower() for key, value in _query(url) if value == str(rows.count)]
    names = next((habit for pattern, habit in _HABITS if any(re.fullmatch(pattern, key) for key in sizes)), None)
    if names is None and rows.count in _FULL_PAGES:
        names = ("page",)
    joint = "&" if urlsplit(url).query else "?"
    for name in names or ():
        if re.fullmatch(_OFFSET_KEYS, name, re.I):
            yield Way({"url": Told(f"{url}{joint}{name}={{offset}}", "counts on; tried")})
            continue
        for start in (1, 0):
            table = {"url": Told(f"{url}{joint}{name}={{page}}", "counts on; tried")}
            yield Way(table | ({} if start else {"page_start": Told(0, "number of the first page")}))


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
