"""The further pages of an article: known by the link to them, dropped where they are no more, compared when all were heard.

Takes   what the pages of an article say, one after the other.
Gives   what of it is a fault; the events of articles whose text is another one by now.
Changes articles and addresses in the state, and forgets readings of pages that are no more.

A site may cut the same text into other pages any day, and its pages are read one by one: in between they lack lines, or have them
twice. So an article on several pages is compared with what it was when the run ends, and not before each of them has answered.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

from ..clean import fields_changed
from ..model import Capture, Event, Reading, Said
from .merge import merge, part_of, repeats
from .revise import Reviser
from .state import Address, ArticleState, Changed, Channel, Readings, SeriesState

MAX_PARTS = 100  # pages of one article; a calendar or a trap has a next page for ever
_ONE_CRAWL = timedelta(days=1)  # captures by others that lie further apart are of two crawls
_TEXT = frozenset({"editors_note", "highlights", "body", "images"})
_NO_LETTER = re.compile(r"[\W_]+")
_PAGE_MARK = re.compile(r"\s*[(（\[【_-]?\s*(?:第\s*)?\d{1,3}\s*[页頁]?\s*(?:/\s*\d{1,3})?\s*[)）\]】]?\s*$")
_CUT = re.compile(r"\s*(?:…+|\.{2,}|⋯+)\s*$")


class Parts:
    """The further pages of one series' articles. add: lets an article speak through a further address."""

    def __init__(
        self,
        state: SeriesState,
        readings: Readings,
        reviser: Reviser,
        add: Callable[[ArticleState, str, str], None],
    ) -> None:
        self._state = state
        self._readings = readings
        self._reviser = reviser
        self._add = add

    def follow(self, article: ArticleState, channel: Channel, capture: Capture, said: Said) -> bool:
        """Know the next page of an article; tells whether pages that it had are no more, as this one is the last."""
        if not channel.name.startswith("page"):
            return False
        channel.endless = False
        if said.next_part is None:
            return drop_parts(self._state, self._readings, article, said.part)
        known = self._state.address(said.next_part)
        if known is not None and known.role not in ("requisite", "other"):
            return False
        before = article.channels.get("page" if said.part == 2 else f"page:{said.part - 1}")
        earlier = self._reviser.last(article, before) if before and said.part > 1 else None
        if earlier is not None and repeats(said.reading, earlier):
            return False  # the site shows its last page for any number
        if said.part >= MAX_PARTS:
            channel.endless = True
            return False
        if channel.record_id:  # it was the last page: what is behind it now was not in the text before
            article.changed = Changed.by(capture, article.changed, self._state.run)
        drop_parts(self._state, self._readings, article, said.part)  # that were reached by other links
        self._add(article, f"page:{said.part + 1}", said.next_part)
        return False

    @staticmethod
    def endless(channel: Channel) -> str | None:
        """Say that a page has more behind it than are followed; None where it has not."""
        return f"more than {MAX_PARTS} pages" if channel.endless else None

    def repeated(self, article: ArticleState, channel: Channel, reading: Reading) -> int | None:
        """Give the earlier page that this one shows in place of the text it had, while nothing else of the article changed.

        Had the article been cut, its pages would be others, or no link would lead here.
        """
        prior = self._reviser.last(article, channel)
        if prior is None or article.changed is not None or not channel.name.startswith("page:"):
            return None
        for name in article.channels:
            if not name.startswith("page") or part_of(name) >= part_of(channel.name):
                continue
            earlier = self._readings.reading(article.id, name)
            if earlier is not None and repeats(reading, earlier) and not repeats(prior, earlier):
                return part_of(name)
        return None

    def another_crawl(self, article: ArticleState, address: Address, capture: Capture) -> list[Event]:
        """Compare before a capture by others that is of a later crawl than those which changed the article."""
        changed = article.changed
        if changed is None:
            return []
        heard = address.fetched is not None and address.fetched >= changed.since
        return self._compare(article) if heard or capture.fetched - changed.at >= _ONE_CRAWL else []

    def settle(self) -> list[Event]:
        """Compare the articles on several pages that changed, now that the run ends; those with a silent page wait on."""
        run = self._state.run
        live = run is not None and run.origin == "live"
        changed = [article for article in self._state.articles.values() if article.changed is not None]
        return [event for article in changed if not (live and self._waits(article)) for event in self._compare(article)]

    def _compare(self, article: ArticleState) -> list[Event]:
        outcome, events = self._reviser.settle(article, first=self._is_first(article))
        self._state.touch(article)
        if outcome is not None and self._state.run:
            self._state.run.mark(article.id, outcome)
        return events

    def _is_first(self, article: ArticleState) -> bool:
        run = self._state.run
        return run is not None and run.outcomes.get(article.id) == "captured"

    def _waits(self, article: ArticleState) -> bool:
        """Tell whether a page did not answer since the article changed, and the others say nothing that it did not say."""
        shown = self._readings.revision(article.id, article.shown)
        pages = [c for c in article.channels.values() if c.name.startswith("page")]
        if shown is None or article.changed is None or not any(self._is_silent(article, c) for c in pages):
            return False
        readings = {c.name: r for c in pages if (r := self._readings.reading(article.id, c.name)) is not None}
        if not _TEXT.issuperset(fields_changed(shown.reading, merge(readings)[1])):
            return False
        whole = _letters(shown.reading)
        return all(_letters(reading) in whole for reading in readings.values())

    def _is_silent(self, article: ArticleState, channel: Channel) -> bool:
        run, address = self._state.run, self._state.address(channel.url)
        if channel.record_id is None or (run is not None and channel.url in run.failures):
            return True
        heard = address.fetched if address else None
        return heard is None or (article.changed is not None and heard < article.changed.since)


def drop_parts(state: SeriesState, readings: Readings, article: ArticleState, behind: int) -> bool:
    """Drop the pages of an article behind one; tells whether there were any."""
    beyond = [name for name in article.channels if name.startswith("page") and part_of(name) > behind]
    for name in beyond:
        gone = article.channels.pop(name)
        state.put(Address(gone.url, "other"))
        readings.forget_reading(article.id, name)
    return bool(beyond)


def are_one_title(listed: str | None, title: str | None) -> bool:
    """Tell whether a list may mean by a title a page of the article that has the other one.

    >>> are_one_title("渠上一日（2）", "渠上一日"), are_one_title("渠上…", "渠上一日到夜"), are_one_title("渠之十一", "渠之十")
    (True, True, False)
    """
    if listed is None or title is None:
        return True
    one, other = (_NO_LETTER.sub("", _PAGE_MARK.sub("", _CUT.sub("", text))).lower() for text in (listed, title))
    return one == other or bool(one and _CUT.search(listed) and other.startswith(one))


def _letters(reading: Reading) -> str:
    return _NO_LETTER.sub("", "".join((*reading.editors_note, *reading.highlights, *reading.body)))
