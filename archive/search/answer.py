"""What a search finds, as commands and pages tell it.

Takes   a connection of the ledger, a home, a query. Gives: the contract's JSON. Writes: the index, where there is none yet.
"""

from __future__ import annotations

from typing import Any, Unpack

from ..errors import IntegrityError
from ..home import Home
from ..ledger import queries
from ..ledger.queries import Connection
from .file import make, make_again
from .grammar import Query, parse
from .seek import Hits, Search, Wanted


def ask(connection: Connection, home: Home, query: Query, **wanted: Unpack[Wanted]) -> Hits:
    """Ask the index, which is made where there is none, and made again where it is damaged. wanted: as of Search.ask.

    Raises IntegrityError where it is damaged and cannot be made again, PartialError where it cannot be read, DiskError.
    """
    make(connection, home)
    try:
        return Search(home.search).ask(query, **wanted)
    except IntegrityError:
        if not make_again(connection, home):
            raise
        return Search(home.search).ask(query, **wanted)


def answer(
    connection: Connection, home: Home, line: str, *, series: str | None = None, limit: int = 20
) -> dict[str, Any]:
    """Answer a query: `{total, hits: [{article, revision, title, snippet, position, series, state, marks}]}`.

    position: of the article in its series. marks: where in the snippet what was sought stands, [begin, end] in characters.
    Raises UsageError for a query that cannot be read, and what `ask` does.
    """
    query = parse(line)
    found = ask(connection, home, query, series=series, limit=limit)
    rows = queries.articles_by_id(connection, [hit.article for hit in found.hits])
    hits = [
        {
            "article": hit.article,
            "revision": hit.number,
            "title": hit.title.text,
            "snippet": hit.snippet.text,
            "position": rows[hit.article]["position"],
            "series": hit.series,
            "state": rows[hit.article]["state"],
            "marks": [list(mark) for mark in hit.snippet.marks],
        }
        for hit in found.hits
        if hit.article in rows  # one that a rebuild took away a moment ago
    ]
    return {"total": found.total, "hits": hits}
