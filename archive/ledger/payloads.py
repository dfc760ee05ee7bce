"""Where a payload is kept.

Takes   a connection, a series, a digest as a record tells it.
Gives   the capture that holds it.
Writes  nothing.
"""

from __future__ import annotations

from sqlalchemy import Connection, or_, select

from ..model import Capture
from .queries import capture_of
from .schema import CAPTURES


def with_payload(connection: Connection, series: str, digest: str) -> Capture | None:
    """Give a response or resource of the series that has the payload; None where there is none."""
    query = select(CAPTURES).where(
        CAPTURES.c.series == series,
        or_(CAPTURES.c.digest == digest, CAPTURES.c.told == digest),
        CAPTURES.c.type.in_(("response", "resource")),
    )
    row = connection.execute(query.limit(1)).mappings().first()
    return None if row is None else capture_of(row)
