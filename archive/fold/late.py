"""What an import tells of a time that the series has passed: it adds, and changes nothing of how things stand now.

Takes   a capture older than what was answered since at its address, by its article or by the lists, and what it says.
Gives   events. A list adds the articles that the home does not know; an article's text becomes a revision, or a witness of one.
        No state, check, failure, list field or walk changes by it. Live captures are never late, whatever the clock says.
        In a crawl all that imports tell is late: how things stand is what the site has just said.
"""

from __future__ import annotations

from datetime import datetime

from ..model import IMPORTED, Capture, Event, Listing, Origin, Said, Statement, Unchanged
from .lists import Lists
from .revise import Reviser
from .state import Address, ArticleState, Channel, SeriesState


def origin_of(state: SeriesState, capture: Capture) -> Origin:
    """Say where a capture comes from: of an import also where it is read in a crawl, as its address is something by then."""
    if capture.file.startswith(IMPORTED):
        return "import"
    return state.run.origin if state.run else "live"


def is_late(state: SeriesState, address: Address, capture: Capture) -> bool:
    """Tell whether a capture of an import is as old as the last answer of its address, or older than its neighbours'."""
    if origin_of(state, capture) == "live":
        return False
    if state.run is None or state.run.origin == "live":
        return True
    if address.fetched is not None and capture.fetched <= address.fetched:
        return True
    newest = _newest(state, address)
    return newest is not None and capture.fetched < newest


def _newest(state: SeriesState, address: Address) -> datetime | None:
    """Give when the lists, or the addresses of the article, answered last."""
    if address.role == "list":
        return state.lists_heard
    article = state.articles.get(address.article or "")
    if article is None:
        return None
    answers = [a.fetched for c in article.channels.values() if (a := state.address(c.url)) is not None]
    return max((at for at in (article.last_checked, *answers) if at is not None), default=None)


class Late:
    """The late captures of one series."""

    def __init__(self, state: SeriesState, lists: Lists, reviser: Reviser) -> None:
        self._state = state
        self._lists = lists
        self._reviser = reviser

    def take(self, address: Address, capture: Capture, statement: Statement) -> list[Event]:
        """Take what one late capture says. A refusal, a failure or a redirect of the past says nothing of the present."""
        article = self._state.articles.get(address.article or "")
        match statement:
            case Listing() if address.role == "list":
                for url in statement.more:
                    self._lists.address(url)
                return self._lists.unknown(statement.entries, capture.fetched, capture.record_id)
            case Said() | Unchanged() if article is not None:
                return self._text(address, article, article.channels[address.channel or "page"], capture, statement)
        return []

    def _text(
        self, address: Address, article: ArticleState, channel: Channel, capture: Capture, statement: Said | Unchanged
    ) -> list[Event]:
        """Take a text: an older one than is shown, or the newest there is, since when the article told none."""
        again = channel.digest == capture.payload_digest  # what was read of the channel last
        reading = self._reviser.last(article, channel) if again else None
        if isinstance(statement, Said):
            reading = statement.reading
        if reading is None:  # a 304 says that some payload held, and not which
            return []
        self._state.touch(article)
        origin = origin_of(self._state, capture)
        if article.heard is not None and capture.fetched < article.heard:
            outcome, events = self._reviser.recall(article, channel, capture, reading, origin)
        else:
            article.heard = capture.fetched
            address.supersede(capture.payload_digest)
            self._state.put(address)
            if isinstance(statement, Said) and statement.next_part and self._state.address(statement.next_part) is None:
                self._lists.add_channel(article, f"page:{statement.part + 1}", statement.next_part)
            if again:
                return []
            outcome, events = self._reviser.hear(article, channel, capture, reading, origin)
        run = self._state.run
        if outcome is not None and run and (outcome == "captured" or run.origin != "live"):
            run.mark(article.id, outcome)  # a crawl counts an article that has a text at last, and no edit of the past
        return events
