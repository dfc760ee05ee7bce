"""The closed list of log events, and the one way to write one.

Names are `noun.participle`; docs/events.md tells what each means and its fields. Tests assert on names, never on prose.
"""

from __future__ import annotations

import logging
from typing import Final

EVENTS: Final[dict[str, str]] = {
    "run.started": "a crawl of a series began",
    "run.recovered": "a file left open by a killed run was closed after its last whole exchange",
    "run.refolded": "the profile or the cleaner changed: the series was read again from its WARCs",
    "run.finished": "a crawl ended; the fields are its report",
    "run.stopped": "a signal or a limit ended a crawl early; everything fetched is kept",
    "series.waited": "another process crawls this series; waiting for it",
    "list.read": "a list answer was read",
    "article.found": "a list named an article for the first time",
    "article.captured": "an article was captured for the first time",
    "article.revised": "an article's text, title, byline, date or images changed",
    "article.gone": "an article's addresses say that it is no more there; not yet called withdrawn",
    "article.withdrawn": "an article was seen gone often and long enough",
    "article.restored": "a withdrawn article is back",
    "article.failed": "an article could not be captured",
    "article.listed": "an article is in the list again",
    "article.unlisted": "a whole walk of the lists no longer names an article",
    "article.moved": "an article changed its place in the series",
    "fetch.failed": "an address gave no answer, or one that is not whole",
    "fetch.retried": "a failed fetch is tried again",
    "fetch.skipped": "an address is not fetched: robots, scope, private, limit or off the client",
    "warc.closed": "a WARC got its final name",
    "ledger.migrated": "the ledger was brought to this version's schema, after a copy",
}


def emit(log: logging.Logger, level: int, event: str, **fields: object) -> None:
    """Log one event of the closed list.

    fields: plain values; no secrets, no bodies. Raises KeyError on a name that is not in EVENTS (a bug).
    """
    if not log.isEnabledFor(level):
        return
    log.log(level, "%s", event, extra={"event": event, "meaning": EVENTS[event], "fields": fields})
