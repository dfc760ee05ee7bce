"""What the search knows of each revision.

Takes   a connection of the ledger. Gives: marks, by which a change is seen, and the readings themselves.
Writes  nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import select

from .queries import Connection
from .rows import reading_of
from .schema import ARTICLES, REVISIONS, SERIES

Key = tuple[str, int]  # article, number of the revision
_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Wording:
    """One revision as it is searched. day: of publication, where the publisher is; None where that is not known."""

    article: str
    number: int
    title: str
    authors: str
    text: str
    day: str | None


def marks(connection: Connection, series: str) -> dict[Key, str]:
    """Give all revisions of a series, each with a mark that changes where its reading may."""
    rules = connection.execute(select(SERIES.c.rules).where(SERIES.c.id == series)).scalar()
    rows = connection.execute(
        select(REVISIONS.c.article, REVISIONS.c.number, REVISIONS.c.record_id, REVISIONS.c.text_sha256)
        .join(ARTICLES, ARTICLES.c.id == REVISIONS.c.article)
        .where(ARTICLES.c.series == series)
    )
    return {(row.article, row.number): f"{row.record_id} {row.text_sha256} {rules}" for row in rows}


def wordings(connection: Connection, keys: Sequence[Key]) -> Iterator[Wording]:
    """Give the revisions of these keys; few in memory at once."""
    for begin in range(0, len(keys), _AT_ONCE):
        wanted = set(keys[begin : begin + _AT_ONCE])
        articles = sorted({article for article, _ in wanted})
        query = select(REVISIONS.c.article, REVISIONS.c.number, REVISIONS.c.reading).where(
            REVISIONS.c.article.in_(articles)
        )
        for row in connection.execute(query.order_by(REVISIONS.c.article, REVISIONS.c.number)):
            if (row.article, row.number) in wanted:
                yield _wording(row.article, row.number, row.reading)


def _wording(article: str, number: int, row: dict[str, object]) -> Wording:
    reading = reading_of(row)
    authors = "\n".join(" ".join(part for part in (one.name, one.role) if part) for one in reading.authors)
    published = reading.published_local or reading.published
    return Wording(article, number, reading.title or "", authors, reading.text, published[:10] if published else None)
