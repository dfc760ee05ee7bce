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
    "series.blocked": "the site asks to be left alone, or refuses us; the service runs the series again after that",
    "fetch.failed": "an address gave no answer, or one that is not whole",
    "fetch.retried": "a failed fetch is tried again",
    "fetch.skipped": "an address is not fetched: robots, scope, private, limit or off the client",
    "import.taken": "a file made by others was kept and read",
    "import.damaged": "an imported file is missing, or not as it was imported",
    "warc.closed": "a WARC got its final name",
    "object.uploaded": "a file was sent to the object store, read back and compared",
    "object.differed": "what was read back from the object store was not what was sent; it is sent again",
    "object.failed": "a file could not be sent to the object store, or not be kept by it; the next upload tries it again",
    "search.waited": "another process writes the full-text index; the next run brings it up",
    "upload.waited": "another process uploads from this home; waiting for it",
    "upload.finished": "an upload ended",
    "service.started": "the service is ready; what was missed while it was down is planned",
    "service.stopped": "a signal ended the service; its crawls have ended",
    "service.hindered": "the ledger cannot be read; the service tries again",
    "clock.jumped": "the wall clock was set; every series is planned anew",
    "series.planned": "a series was added, changed or resumed: it runs by its schedule",
    "series.unplanned": "a series was removed, paused or cannot be run: it runs no more by itself",
    "profile.refused": "a kept profile is wrong; its series is not run until it is mended",
    "profile.mended": "a kept profile that was wrong is right or gone",
    "host.unshared": "the pace of a host cannot be shared with other crawls; this one keeps it by itself",
    "run.queued": "a series is due, and is run as soon as there is room",
    "run.deferred": "a series is due while another process crawls it; it waits until that has ended",
    "run.launched": "a crawl was started as a child process",
    "run.ended": "a child process ended, and nothing is wrong",
    "run.broken": "a child process ended otherwise: its run failed, crashed, hung or was killed",
    "series.verified": "the closed WARCs of a series were hashed in the background",
    "file.damaged": "a closed WARC is missing, or not as it was written",
    "fixity.hindered": "the hashing in the background met an error; it goes on in an hour",
    "upload.launched": "an upload was started as a child process",
    "upload.ended": "an upload ended; one that failed is tried again",
    "notices.ended": "a process that tells people without a crawl ended; what it did not tell comes with the next",
    "notice.sent": "people were told of a series",
    "notice.failed": "people could not be told of a series; what they were to be told comes with the next message",
    "ledger.mended": "a row that was other than it was sealed, and that no WARC tells of, was mended as it could be",
    "ledger.migrated": "the ledger was brought to this version's schema, after a copy",
}


def emit(log: logging.Logger, level: int, event: str, **fields: object) -> None:
    """Log one event of the closed list.

    fields: plain values; no secrets, no bodies. Raises KeyError on a name that is not in EVENTS (a bug).
    """
    if not log.isEnabledFor(level):
        return
    log.log(level, "%s", event, extra={"event": event, "meaning": EVENTS[event], "fields": fields})
