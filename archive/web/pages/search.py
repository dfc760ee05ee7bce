"""`/search`: full text of all revisions, narrowed by series and year.

Takes   `q`, `series`, `year`, `page` of the address. Gives: a page of hits.
Writes  the index, where there is none yet, or it is damaged.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from time import perf_counter
from typing import Any, Final
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from ...errors import UsageError
from ...ledger import queries, shelf
from ...search import Hit, Snippet, ask, make, parse
from ..room import Room
from .states import states_of
from .wording import language_tag

_A_PAGE: Final = 20
_LAST_PAGE: Final = 1000


def search(room: Room, request: Request) -> Response:
    """Answer `/search?q=`. A query that cannot be read is told in its place, with status 400."""
    asked = {name: request.query_params.get(name, "").strip() for name in ("q", "series", "year")}
    shown: dict[str, Any] = {"tab": "search", "asked": asked, "fault": None, "hits": [], "total": None}
    if not asked["q"]:
        return room.page(request, "search.html", shown)
    try:
        shown |= _found(room, asked, _page(request))
    except UsageError as error:
        return room.page(request, "search.html", shown | {"fault": error}, status=400)
    return room.page(request, "search.html", shown)


def _page(request: Request) -> int:
    written = request.query_params.get("page", "1")
    return min(max(int(written), 1), _LAST_PAGE) if written.isascii() and written.isdigit() and len(written) < 6 else 1


def _found(room: Room, asked: Mapping[str, str], page: int) -> dict[str, Any]:
    query = parse(asked["q"])
    with room.ledger.read() as connection:
        make(connection, room.home)
        begun = perf_counter()
        found = ask(
            connection, room.home, query, series=asked["series"] or None, year=asked["year"] or None,
            limit=_A_PAGE, offset=(page - 1) * _A_PAGE, count=True,
        )  # fmt: skip
        seconds = perf_counter() - begun
        rows = queries.articles_by_id(connection, [hit.article for hit in found.hits])
        by_series = _most(found.series)
        names = {name for name, _ in by_series} | {hit.series for hit in found.hits} | {asked["series"]}
        about = shelf.about(connection, sorted(names))
    pages = min(math.ceil(found.total / _A_PAGE), _LAST_PAGE)
    return {
        "total": found.total,
        "ms": seconds * 1000,
        "hits": [_hit(hit, rows[hit.article], about) for hit in found.hits if hit.article in rows],
        "first": (page - 1) * _A_PAGE + 1,
        "facets": [
            _facet("series", asked, [(name, _title(about, name), many) for name, many in by_series]),
            _facet("year", asked, [(name, name, many) for name, many in sorted(_years(found.years), reverse=True)]),
        ],
        "earlier": _address(asked, page=page - 1) if page > 1 else None,
        "later": _address(asked, page=page + 1) if page < pages else None,
        "without": _address({"q": asked["q"]}),
    }


def _title(about: Mapping[str, Mapping[str, Any]], name: str) -> str:
    return str(about[name]["title"]) if name in about else name


def _hit(hit: Hit, row: Mapping[str, Any], about: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    newest = hit.number == row["shown"]
    return {
        "row": row,
        "states": states_of(row),
        "series": _title(about, hit.series),
        "lang": language_tag(about[hit.series]["language"] if hit.series in about else None),
        "title": pieces(hit.title) if hit.title.text else [(row["url"], False)],
        "snippet": pieces(hit.snippet),
        "count": hit.title.count + hit.snippet.count,
        "number": hit.number,
        "newest": newest,
        "address": f"/article/{hit.article}" + ("" if newest else f"?revision={hit.number}"),
        "compare": None if newest else f"/article/{hit.article}/diff/{hit.number}/{row['shown']}",
    }


def pieces(snippet: Snippet) -> list[tuple[str, bool]]:
    """Cut a snippet where its marks begin and end: text, and whether it is marked.

    >>> pieces(Snippet("水渠边", ((1, 2),)))
    [('水', False), ('渠', True), ('边', False)]
    """
    found, at = [], 0
    for begin, end in snippet.marks:
        found += [(snippet.text[at:begin], False), (snippet.text[begin:end], True)]
        at = end
    return [(text, marked) for text, marked in [*found, (snippet.text[at:], False)] if text]


def _facet(name: str, asked: Mapping[str, str], choices: list[tuple[str, str, int]]) -> dict[str, Any]:
    everything = sum(many for _, _, many in choices)
    return {
        "name": name,
        "all": (_address({**asked, name: ""}), everything, not asked[name]),
        "choices": [
            (_address({**asked, name: value}), words, many, asked[name] == value) for value, words, many in choices
        ],
    }


def _most(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda one: (-one[1], one[0]))[:30]


def _years(counts: Mapping[str | None, int]) -> list[tuple[str, int]]:
    return [(name, many) for name, many in counts.items() if name]


def _address(asked: Mapping[str, str], page: int = 1) -> str:
    return "/search?" + urlencode(
        {name: value for name, value in [*asked.items(), ("page", page if page > 1 else "")] if value}
    )
