"""What the exports for readers ask of the ledger: how a series describes itself, its instalments, where its pictures lie.

Takes   a connection of the ledger. Gives: plain dicts, or captures. Writes nothing.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Final

from sqlalchemy import Connection, func, or_, select

from ..model import Capture
from .queries import capture_of
from .schema import ARTICLES, CAPTURES, SERIES

Row = dict[str, Any]
_ABOUT: Final = ("publisher", "language", "description", "rights", "tags")
_ABSENT: Final = ("id", "position", "subject", "title", "url", "state")


def described(connection: Connection, wanted: str) -> Row | None:
    """Tell how a series describes itself, and what it should have; None for an unknown one.

    Keys: id, title, subjects, missing, expected; publisher, language, description, rights, tags as in the profile, else None.
    """
    columns = [SERIES.c[name] for name in ("id", "title", "subjects", "missing", "expected", "profile")]
    row = connection.execute(select(*columns).where(SERIES.c.id == wanted)).mappings().first()
    if row is None:
        return None
    about = row["profile"].get("series") or {}
    own = {name: row[name] for name in ("id", "title", "subjects", "missing", "expected")}
    return own | {name: about.get(name) or None for name in _ABOUT}


def newest_capture(connection: Connection, wanted: str) -> str | None:
    """Give the time of the newest capture of a series, as the ledger writes it; None where it has none."""
    return connection.execute(select(func.max(CAPTURES.c.fetched)).where(CAPTURES.c.series == wanted)).scalar()


def uncaptured(connection: Connection, wanted: str) -> list[Row]:
    """Give the articles of a series that were found and never captured: id, position, subject, title, url, state."""
    query = select(*(ARTICLES.c[name] for name in _ABSENT))
    query = query.where(ARTICLES.c.series == wanted, ARTICLES.c.revisions == 0)
    return [dict(row) for row in connection.execute(query).mappings()]


def subjects_of(connection: Connection, wanted: str) -> set[str]:
    """Give the subjects that articles of a series have."""
    query = select(ARTICLES.c.subject).where(ARTICLES.c.series == wanted, ARTICLES.c.subject.is_not(None))
    return {str(one) for one in connection.execute(query).scalars()}


def places_of(connection: Connection, wanted: str) -> set[int]:
    """Give the positions that articles of a series have."""
    query = select(ARTICLES.c.position).where(ARTICLES.c.series == wanted, ARTICLES.c.position.is_not(None))
    return {int(one) for one in connection.execute(query).scalars()}


def captures_of(connection: Connection, wanted: str, urls: Collection[str]) -> list[Capture]:
    """Give the captures of an address in a series that stand for bytes that can be shown, the oldest first.

    urls: the spellings of the address.
    """
    good = or_(CAPTURES.c.type.in_(("resource", "revisit")), CAPTURES.c.status.between(200, 299))
    query = select(CAPTURES).where(CAPTURES.c.series == wanted, CAPTURES.c.url.in_(urls), good)
    rows = connection.execute(query.order_by(CAPTURES.c.fetched, CAPTURES.c.record_id)).mappings()
    return [capture_of(row) for row in rows]
