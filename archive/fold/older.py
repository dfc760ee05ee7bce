"""An older copy of an article: a site behind several servers, or a cache, sends the old and the new text in turns.

Takes   an article, what its address says now, and what is known of it.
Gives   whether that is a text it had before, and the answer itself says that it is the older one.
Writes  nothing.

A newspaper may take back what it changed, and that is a revision. So a text that came back counts as an older copy only where the
page's own time of change, Last-Modified or a cache's Age say so. An ETag tells no order, and Date alone is a clock that may be
wrong. Why: decision 28.
"""

from __future__ import annotations

from datetime import datetime

from ..model import Capture, Said
from .revise import Reviser
from .state import Address, ArticleState, Channel, Revision


def is_older_copy(
    reviser: Reviser, article: ArticleState, channel: Channel, address: Address, capture: Capture, said: Said
) -> bool:
    """Tell whether an answer is an older copy of an article that stands on one page.

    address: with the validators of the answer that the newest text rests on.
    """
    if article.revisions < 2 or article.is_on_pages or channel.digest == capture.payload_digest:
        return False
    newest = reviser.last(article, channel)
    if newest is None or not _says_so(address, reviser.shown(article), capture, said, newest.modified):
        return False
    return reviser.told_before(article, channel, said.reading)


def _says_so(address: Address, shown: Revision, capture: Capture, said: Said, newest: str | None) -> bool:
    """Tell whether an answer says that it is older than the newest text. newest: when that says it was changed.

    What the page says goes first: Last-Modified is often the time of the answer.
    """
    if newest and said.reading.modified and newest != said.reading.modified:
        return said.reading.modified < newest
    before, now = _http_date(address.last_modified), _http_date(capture.last_modified)
    if before and now and before != now:
        return now < before
    return said.kept_since is not None and said.kept_since < shown.fetched


def _http_date(text: str | None) -> datetime | None:
    from email.utils import parsedate_to_datetime  # 10 ms, which most runs have no use for

    try:
        when = parsedate_to_datetime(text) if text else None
    except (ValueError, OverflowError, IndexError, TypeError):
        return None
    return when if when is not None and when.tzinfo is not None else None
