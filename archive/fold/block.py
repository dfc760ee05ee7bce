"""Whether the site wants to be left alone, and until when: by its answers alone.

Takes   what the lists and articles of a series answer in crawls, one after the other; the end of a run.
Gives   an event `blocked` each time it begins to. Changes SeriesState.block.

It does where an answer says so (429 or 503 with Retry-After), and where it refuses (403, 429, a block page): REFUSALS answers
in a row, or AGAIN of them where a run got nothing else. A Retry-After beyond LONG_REST_S speaks of its address alone, until a
second one of the run says the same, or where the run got nothing else. A site that refuses is left alone for FIRST, twice as
long after each further run that found it so, and MOST at most, whatever it asks for. It does no longer when it answered well in
a later run, or after that time.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from ..http import LONG_REST_S, REST_MOST_S, rest_stands
from ..model import Capture, Event, Redirected, Statement, Trouble
from .state import ArticleState, SeriesState

REFUSALS: Final = 5
AGAIN: Final = 2  # one 403 of the only list may be a fault that passes
FIRST: Final = timedelta(hours=1)
MOST: Final = timedelta(seconds=REST_MOST_S)
_FORBIDDEN, _TOO_MANY = 403, 429


def refuses(status: int | None, statement: Statement | None, article: ArticleState | None) -> bool:
    """Tell whether an answer refuses us.

    article: None of a list. One that was refused in an earlier run, and is so again, says nothing of the site as a whole: it may
    be closed to all; but 429 speaks of us (RFC 6585, 4). One that failed for another reason is refused for the first time.
    """
    if status == _TOO_MANY:
        return True
    walled = isinstance(statement, Trouble) and (status == _FORBIDDEN or statement.reason == "blocked")
    return walled and (article is None or not _was_refused(article))


def _was_refused(article: ArticleState) -> bool:
    """Tell whether an article was refused when it was asked for last, in an earlier run."""
    return article.failing == "blocked" or (article.failing, article.failing_detail) == (
        "http-4xx",
        f"HTTP {_FORBIDDEN}",
    )


def welcomes(statement: Statement | None) -> bool:
    """Tell whether an answer is one that a site gives to whom it lets in: also that there is nothing (404)."""
    return statement is not None and not isinstance(statement, Trouble | Redirected)


def hear(state: SeriesState, capture: Capture, statement: Statement, article: ArticleState | None) -> None:
    """Take the answer of a list or an article. Of imports nothing follows."""
    run, block = state.run, state.block
    if run is None or run.origin != "live":
        return
    if welcomes(statement):
        block.row, block.heard = 0, True
        if block.until is not None and (block.run != run.id or capture.fetched >= block.until):
            _end(state)
        return
    if isinstance(statement, Trouble) and statement.rest_s > 0:
        _asks(state, capture, statement.rest_s)
    if refuses(capture.status, statement, article):
        block.row, block.row_at, block.row_evidence = block.row + 1, capture.fetched, capture.record_id
        if block.row >= REFUSALS:
            _begin(state, capture.fetched, capture.record_id, None)


def settle(state: SeriesState, at: datetime) -> list[Event]:
    """Settle it where a run ends: a rest that is over by then, as the run itself has waited for it, is not told."""
    run, block = state.run, state.block
    if run is None or run.origin != "live":
        return []
    if block.row >= AGAIN and not block.heard and block.run != run.id and block.row_at is not None:
        _begin(state, block.row_at, block.row_evidence or "", None)
    if not block.heard:
        _begin_asked(state)
    block.heard, block.asked = False, None
    if block.until is None or block.told:
        return []
    if block.until <= at or block.since is None:
        _end(state)
        return []
    block.told = True
    return [Event(block.since, "blocked", evidence=(block.evidence,) if block.evidence else ())]


def _asks(state: SeriesState, capture: Capture, rest_s: float) -> None:
    """Take an answer that asks for rest: of its address, or of the site."""
    block = state.block
    if rest_s > LONG_REST_S and block.asked in (None, capture.url):
        block.asked, block.asked_at = capture.url, capture.fetched
        block.asked_s, block.asked_evidence = rest_s, capture.record_id
        return
    if rest_s > LONG_REST_S:
        _begin_asked(state)
    _begin(state, capture.fetched, capture.record_id, timedelta(seconds=rest_s))


def _begin_asked(state: SeriesState) -> None:
    """Leave the site alone for as long as the first address of the run asked that is for a later one, if any."""
    block = state.block
    if block.asked is not None and block.asked_at is not None:
        _begin(state, block.asked_at, block.asked_evidence or "", timedelta(seconds=block.asked_s))


def _begin(state: SeriesState, at: datetime, record_id: str, asked: timedelta | None) -> None:
    """Leave the site alone from an answer on. asked: for how long it asks; None where it only refuses."""
    run, block = state.run, state.block
    assert run is not None  # noqa: S101 - the callers looked
    if block.until is None:
        block.since, block.evidence, block.told, block.times = at, record_id, False, 1
    elif block.run != run.id:
        block.times += 1
    block.run = run.id
    wait = asked if asked is not None else FIRST * 2.0 ** min(block.times - 1, 10)
    until = at + min(wait, MOST)
    block.until = max(until, block.until) if rest_stands(block.until, at) and block.until is not None else until


def _end(state: SeriesState) -> None:
    block = state.block
    block.until = block.since = block.evidence = block.run = None
    block.told, block.times = False, 0
