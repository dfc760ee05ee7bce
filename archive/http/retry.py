"""How long an answer asks to be left alone: Retry-After, as seconds or as a date.

Takes   a header's value, or a response with the time at which it was asked for.
Gives   seconds.
Writes  nothing. Never raises on what a server sent.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from .message import Head, Response

RETRY_AFTER_CAP_S: Final = 30 * 24 * 3600.0  # a wait beyond this is a mistake, and a number still safe to add to a time
LONG_REST_S: Final = 300.0  # no run waits longer: what asks for more is for a later one
REST_MOST_S: Final = (
    24 * 3600.0
)  # for which a site is left alone: one that asks for more is tried once a day all the same
_RESTING: Final = (
    429,
    503,
)  # whose Retry-After is a wish for rest (RFC 6585, 4; RFC 9110, 15.6.4); that of a redirect is none


def retry_after(value: str | None, now: datetime) -> float | None:
    """Return the seconds that Retry-After asks for: a number of seconds or a date (RFC 9110, 10.2.3).

    now: aware. A date in the past is 0; a negative number or what cannot be read is None; more than RETRY_AFTER_CAP_S is that.

    >>> retry_after("120", datetime(2026, 11, 25, tzinfo=UTC))
    120.0
    """
    text = (value or "").strip()
    if text.isascii() and text.isdigit():
        return RETRY_AFTER_CAP_S if len(text) > 9 else min(float(text), RETRY_AFTER_CAP_S)
    when = _http_date(text)
    return None if when is None else min(max((when - now).total_seconds(), 0.0), RETRY_AFTER_CAP_S)


def rest_asked(response: Response | Head, fetched: datetime) -> float:
    """Return the seconds, from its capture on, that a 429 or 503 asks to be left alone; 0 where it does not.

    fetched: time of the capture. A date is held against the answer's own Date, where there is one: the server's clock may be
    wrong, the distance of its two dates is not.
    """
    if response.status not in _RESTING:
        return 0.0
    from .message import header  # `rest_stands` is asked where no message is read

    told = _http_date((header(response, "Date") or "").strip())
    return retry_after(header(response, "Retry-After"), told or fetched) or 0.0


def rest_stands(until: datetime | None, now: datetime) -> bool:
    """Tell whether a site is to be left alone now. A time beyond REST_MOST_S comes of a wrong clock, and counts as past."""
    return until is not None and now < until <= now + timedelta(seconds=REST_MOST_S)


def _http_date(text: str) -> datetime | None:
    """Read any of the three forms of an HTTP date (RFC 9110, 5.6.7)."""
    from email.utils import parsedate_to_datetime  # 10 ms, which `status` has no use for

    try:
        when = parsedate_to_datetime(text)
    except (ValueError, OverflowError, IndexError, TypeError):
        return None
    return when.replace(tzinfo=UTC) if when.tzinfo is None else when
