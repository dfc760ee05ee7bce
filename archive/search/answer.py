"""What a search finds, as commands and pages tell it.

Takes   a connection of the ledger, a home, a query. Gives: the contract's JSON. Writes: the index, where there is none yet.
"""

from __future__ import annotations

from typing import Any

from ..home import Home
from ..ledger import queries
from ..ledger.queries import Connection
from .file import make
from .grammar import parse
from .seek import Search


def answer(
    connection: Connection, home: Home, line: str, *, series: str | None = None, limit: int = 20
) -> dict[str, Any]:
    """Answer a query: `{total, hits: [{article, revision, title, snippet, position, series, state, marks}]}`.

    position: of the article in its series. marks: where in the snippet what was sought stands, [begin, end] in characters.
    Raises UsageError for a query that cannot be read, PartialError where the index cannot be, DiskError.
    """
    query = parse(line)
    make(connection, home)
    found = Search(home.search).ask(query, series=series, limit=limit)
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
