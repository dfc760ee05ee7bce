"""Articles that are no more, as they were found to be another one: all that the ledger says of them as of their own.

Takes   ids of articles, and channels of articles that are no more (a page that an article had).
Writes  takes their rows out of articles, revisions, readings and events. Their captures stay.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, delete

from .schema import ARTICLES, EVENTS, READINGS, REVISIONS


def drop(connection: Connection, series: str, articles: Sequence[str], channels: Sequence[tuple[str, str]]) -> None:
    """Take articles out of the ledger, within the transaction of a save; channels: (article, channel), what it said."""
    for article, channel in channels:
        connection.execute(delete(READINGS).where(READINGS.c.article == article, READINGS.c.channel == channel))
    if articles:
        connection.execute(delete(EVENTS).where(EVENTS.c.series == series, EVENTS.c.article.in_(articles)))
        connection.execute(delete(REVISIONS).where(REVISIONS.c.article.in_(articles)))
        connection.execute(delete(READINGS).where(READINGS.c.article.in_(articles)))
        connection.execute(delete(ARTICLES).where(ARTICLES.c.series == series, ARTICLES.c.id.in_(articles)))
