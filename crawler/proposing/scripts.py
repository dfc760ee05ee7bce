"""What the scripts of a page hold of a list: JSON within the page, and the addresses that they ask.

Takes   a parsed page and its address.
Gives   rows_inside; api_addresses; comes_by_script.
Writes  nothing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from archive.clean.linked import read_linked

from ..scope import registered_domain, wire_url
from .rows import Rows, find_rows

if TYPE_CHECKING:
    from ..sources.links import Page

_CHARS = 4_000_000  # of inline scripts that are looked at
_ASSIGNED = re.compile(r"(?:window(?:\.|\[['\"])|var |let |const |self\.)?[\w$.]*(?:['\"]\])?\s*=\s*(?=[\[{])")
_PUSHED = re.compile(r'__next_f\.push\(\[1,\s*("(?:[^"\\]|\\.)*+")\]\)')
_LITERAL = re.compile(r"""["'`]((?:https?:)?/{0,2}[\w./:?&=%{}$+-]{4,300})["'`]""")
_API = re.compile(
    r"/api/|/ajax|\.json(?:\?|$)|get_?(?:more|list|news|article)|(?:list|news|articles?)\?[\w]+=|[?&](?:callback|page|offset|pageno)=|/wp-json/",
    re.I,
)
# What a call sends beside an address: get("…", {params: {…}}), ajax({url: "…", data: {…}}), get("…", {…}).
_SENT = re.compile(
    r"""["'`](?P<url>(?:https?:)?/{0,2}[\w./:?&=%-]{4,300})["'`]\s*,(?P<between>[^;{}]{0,200}\{?[^;{}]{0,80}?)"""
    r"""(?:(?:params|data)["']?\s*:\s*|(?<=,)\s*|(?<=,\s))\{(?P<sent>[^{}]{1,400})\}"""
)
_PAIR = re.compile(
    r"""["']?(?P<key>\w+)["']?\s*:\s*(?:["'](?P<text>[^"']*)["']|(?P<number>-?\d+)\b|(?P<name>[\w$.]+))"""
)
_OPTIONS = frozenset(
    {"credentials", "method", "mode", "cache", "redirect", "headers", "signal", "timeout"}
)  # of the call itself
_FIRST_PAGE = re.compile(r"page|page_?no|page_?num|page_?index|current_?page|p|pn", re.I)
_BY_POST = re.compile(r"post\s*\(?\s*$|[\"']post[\"']", re.I)
_NOT_LIST = re.compile(
    r"login|user|comment|stat|track|collect|analytics|config|manifest|locale|i18n|ads?[/.?]|search|captcha|weather",
    re.I,
)
_MOUNTS = re.compile(r"""id=["'](?:app|root|__next|__nuxt|main-app|application)["']""", re.I)
_PAGER = re.compile(r"createPage|totalPages?\b|pageCount|page_count|countPage|maxPage|laypage|\.pagination\(", re.I)
_DEPTH = 8  # of values within each other, in JSON that a page carries
_STREAM_DEPTH = 40  # in a stream, where elements stand in elements
_MOST_LINKED = 20_000  # values of JSON-LD that are looked at
_LEAST_ROWS = 3
_MOST = 2  # addresses that are worth a look


def rows_inside(page: Page, url: str) -> Rows | None:
    """Find a list of articles in the JSON that a page carries (__NEXT_DATA__, window.__STATE__ = {…}); None for none."""
    found = [
        rows
        for value, depth in (
            *((value, _DEPTH) for value in _values(page.root)),
            *((value, _STREAM_DEPTH) for value in _streamed(page.root)),
        )
        if (rows := find_rows(value, url, slugged=True, depth=depth)) is not None and rows.count >= _LEAST_ROWS
    ]
    return max(found, key=lambda rows: (not rows.slugged, rows.score), default=None)


def _values(root: Any) -> Iterator[Any]:
    decoder = json.JSONDecoder(strict=False)
    for script in root.iter("script"):
        text = script.text or ""
        kind = (script.get("type") or "").lower()
        if not text.strip() or len(text) > _CHARS:
            continue
        if "ld+json" in kind:
            yield from _item_lists(text)
            continue
        starts = [0] if "json" in kind else [match.end() for match in _ASSIGNED.finditer(text)][:50]
        for start in starts:
            try:
                yield decoder.raw_decode(text.strip() if start == 0 else text[start:].lstrip())[0]
            except (ValueError, RecursionError):
                continue


def _streamed(root: Any) -> Iterator[Any]:
    """Give the values of a page that comes as a stream of components, pushed piece by piece (React's Flight, as Next.js has it).

    The pieces are cut anywhere; put together they are lines, each a number, a colon and JSON.
    """
    pieces = (
        piece
        for script in root.iter("script")
        if len(script.text or "") < _CHARS
        for piece in _PUSHED.findall(script.text or "")
    )
    stream = "".join(text for piece in pieces if isinstance(text := _parsed(piece), str))
    for line in stream.splitlines():
        _, colon, written = line.partition(":")
        if colon and written[:1] in ("{", "["):
            yield _parsed(written)


def _parsed(text: str) -> Any:
    try:
        return json.loads(text, strict=False)
    except (ValueError, RecursionError):
        return None


def _item_lists(text: str) -> Iterator[Any]:
    """Give the lists of articles that JSON-LD tells of (ItemList), not its menus and crumbs."""
    waiting: list[Any] = [one for one, _ in read_linked(text)]
    for _ in range(_MOST_LINKED):
        if not waiting:
            return
        one = waiting.pop()
        if isinstance(one, dict):
            if "ItemList" in one.get("@type", ()):
                yield one.get("itemListElement")
            waiting += one.values()
        elif isinstance(one, list):
            waiting += one


def api_addresses(page: Page, url: str) -> list[str]:
    """Give addresses of the page's own site that its scripts and attributes name and that may answer with a list; few."""
    own = registered_domain(_host(url))
    found: dict[str, None] = {}
    for text in _literals(page.root):
        if not _API.search(text) or _NOT_LIST.search(text.partition("?")[0]) or set(text) & set("{}$`"):
            continue
        address = wire_url(text, page.base)
        if address and registered_domain(_host(address)) == own and address != url:
            found[address] = None
    return list(found)[:_MOST]


def _literals(root: Any) -> Iterator[str]:
    for element in root.iter():
        if isinstance(element.tag, str):
            yield from (
                value
                for name, value in element.attrib.items()
                if name.startswith("data-") and "/" in value and len(value) < 300
            )
    for script in root.iter("script"):
        if script.text and len(script.text) < _CHARS and "json" not in (script.get("type") or "").lower():
            yield from _called(script.text)
            yield from _LITERAL.findall(script.text)


def _called(text: str) -> Iterator[str]:
    """Give the addresses that a script asks with parameters beside them, put together as the first page is asked for."""
    for call in _SENT.finditer(text):
        before = text[max(0, call.start() - 80) : call.start()]
        if _BY_POST.search(before) or _BY_POST.search(call["between"]):
            continue
        sent = {
            pair["key"]: pair["text"] or pair["number"] or ("1" if pair["name"] else "")
            for pair in _PAIR.finditer(call["sent"])
            if not pair["name"] or _FIRST_PAGE.fullmatch(pair["key"])
        }
        if sent and not sent.keys() & _OPTIONS:
            yield f"{call['url']}{'&' if '?' in call['url'] else '?'}{urlencode(sent)}"


def writes_pager(page: Page) -> bool:
    """Tell whether an inline script of a page writes links to further pages."""
    return any(
        _PAGER.search(script.text) for script in page.root.iter("script") if script.text and len(script.text) < _CHARS
    )


def _host(url: str) -> str:
    return url.partition("://")[2].partition("/")[0].rpartition("@")[2].partition(":")[0]


def comes_by_script(text: str) -> bool:
    """Tell whether a page is filled by its scripts: it has many of them, or an element that they fill."""
    return bool(_MOUNTS.search(text)) or text.lower().count("<script") >= 3
