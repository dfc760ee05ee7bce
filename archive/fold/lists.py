"""What lists tell: which articles there are, and where further lists and the articles' own addresses lie.

Takes   the answers of lists, and the entries that a profile names itself.
Gives   events of what was found. Changes articles, addresses and the walk of the run in the state.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import islice

from ..model import SKIPPED, Capture, Entry, Event, Gone, Listing, Reason, Redirected, Statement, Trouble
from .bounds import EVIDENCE, NAMED, REPEATS, article_weight, beginning
from .merge import part_of
from .parts import are_one_title, drop_parts
from .state import (
    Address,
    ArticleState,
    Changed,
    Channel,
    Failure,
    FoldRules,
    Readings,
    SeriesState,
    article_id,
    event,
)
from .subjects import score

SPELLINGS = 3  # of one address that an article keeps among its variants


class Lists:
    """The lists of one series."""

    def __init__(self, rules: FoldRules, state: SeriesState, readings: Readings) -> None:
        self.rules = rules
        self.state = state
        self._readings = readings
        self._held = sum(map(_weight, state.articles.values()))
        self._pages: dict[str, str] = {}
        for article in state.articles.values():
            for url in (article.url, *article.variants):
                self._pages.setdefault(self._page(article, url), article.id)

    def address(self, url: str) -> None:
        """Know an address as a list's."""
        known = self.state.address(url)
        if known is None or known.role != "list":
            self.state.put(Address(url, "list"))

    def take(self, address: Address, capture: Capture, statement: Statement) -> list[Event]:
        """Take what a list answers: entries, further lists, or a failure of the walk."""
        run = self.state.run
        match statement:
            case Listing():
                named = statement.more if not statement.while_new or self._names_more(statement.entries) else ()
                more = self._taken(address.url, named)
                for url in more:
                    self.address(url)
                if run and address.url in run.walk.order:
                    path = run.walk.order[address.url]
                    for place, url in enumerate(more):
                        run.walk.order.setdefault(url, (*path, place))
                    run.walk.counted.update(dict.fromkeys(more if statement.counted else ()))
                    run.walk.window = run.walk.window or statement.window
                    if len(run.walk.evidence) < EVIDENCE:
                        run.walk.evidence.append(capture.record_id)
                    if not run.walk.whole:  # it may have failed at the first try only
                        run.walk.whole = not any(listed in run.failures for listed in run.walk.order)
                self.state.site_title = statement.title or self.state.site_title
                return self.named(address.url, statement.entries, capture.fetched, capture.record_id)
            case Redirected():
                self.address(statement.location)
                if run and address.url in run.walk.order:
                    path = run.walk.order.pop(address.url)
                    run.walk.order.setdefault(
                        statement.location, path
                    )  # a number too many often leads back to the first page
            case Gone() if run and address.url in run.walk.counted:
                run.walk.entries[address.url] = []
            case Trouble() | Gone() if run:
                run.walk.whole = False
                run.failures[address.url] = Failure(address.url, statement.reason, statement.detail)
        return []

    def _taken(self, by: str, more: Sequence[str]) -> Sequence[str]:
        """Give the further lists that are taken into the walk: all that a run asks for, and one that tells of the rest."""
        walk = self.state.run.walk.order if self.state.run else {}
        room = max(0, self.rules.max_lists + 1 - len(walk))
        behind = next(islice((place for place, url in enumerate(more) if url not in walk), room, None), None)
        if behind is None:
            return more
        self._leave(by)
        return more[:behind]

    def _leave(self, by: str) -> None:
        """Note that not all that a list names was taken: then nothing that the lists do not name is proven absent."""
        if self.state.run:
            self.state.run.walk.window = True
            self.state.run.left[by] = None

    def _names_more(self, entries: Sequence[Entry]) -> bool:
        """Tell whether a list names an article that no other of this run has named."""
        run = self.state.run
        told = (self._known(entry) for entry in entries if entry.skip is None)
        return any(known is None or run is None or known.id not in run.found for known in told)

    def named(self, url: str, entries: Sequence[Entry], at: datetime, record_id: str) -> list[Event]:
        """Take the entries that a list names; url: of the list, "" where the profile itself names them."""
        events: list[Event] = []
        ids: list[str] = []
        run = self.state.run
        is_crowded = run is not None and sum(map(len, run.walk.entries.values())) >= REPEATS * self.rules.max_articles
        self._unread(url, entries)
        for entry in entries:
            if entry.skip is not None:
                continue
            article = self._known(entry)
            if article is None:
                if url and self._is_full():
                    self._leave(url)
                    continue
                article = self._found(entry, at, record_id)
                events.append(event(at, "found", article, record_id))
            self._update(article, entry)
            if not is_crowded or run is None or article.id not in run.found:
                ids.append(article.id)
            if run:
                run.found[article.id] = None
        if run:
            run.walk.entries[url] = ids
        return events

    def _is_full(self) -> bool:
        """Tell whether the series has as many articles as it takes."""
        return self._held >= self.rules.max_articles

    def unknown(self, entries: Sequence[Entry], at: datetime, record_id: str) -> list[Event]:
        """Take the entries of articles that the home does not know, and leave those that it knows as they are.

        The run has not found them: they were listed once.
        """
        events: list[Event] = []
        for entry in entries:
            if entry.skip is not None or self._known(entry) is not None or self._is_full():
                continue
            article = self._found(entry, at, record_id)
            self._update(article, entry)
            events.append(event(at, "found", article, record_id))
        return events

    def _unread(self, url: str, entries: Sequence[Entry]) -> None:
        """Note the entries that cannot be read, as failures; what else is no article the frontier reports.

        The first of a run have a failure each, those behind them one by list and reason, which tells how many they are.
        """
        unread = [
            (f"{url}#{place}", Failure(entry.url or url, entry.skip, beginning(entry.skip_detail) or ""))
            for place, entry in enumerate(entries)
            if entry.skip is not None and entry.skip not in SKIPPED
        ]
        run = self.state.run
        if run is None or not unread:
            return
        known = run.failures.keys() - {key for key, _ in unread}
        room = max(0, NAMED - sum("#" in key for key in known))
        run.failures.update(unread[:room])
        more: dict[Reason, list[Failure]] = {}
        for _, failure in unread[room:]:
            more.setdefault(failure.reason, []).append(failure)
        for reason, some in more.items():
            detail = f"{len(some)} more entries of this list; the first: {some[0].detail}"
            run.failures[f"{url}#{reason}"] = Failure(url, reason, detail)

    def _known(self, entry: Entry) -> ArticleState | None:
        for key in (entry.key, *entry.aliases):
            if key in self.state.keys:
                return self.state.articles[self.state.keys[key]]
        known = self._pages.get(self.rules.canonicalise(entry.url)) if entry.url else None
        return self.state.articles[known] if known else self._at(entry)

    def _at(self, entry: Entry) -> ArticleState | None:
        """Give the article that speaks through an entry's address: it was led there, or has it as a further page.

        A further page that the list calls otherwise is none: numbered articles that follow each other were taken for one.
        """
        address = self.state.address(entry.url) if entry.url else None
        article = self.state.articles.get(address.article or "") if address else None
        if article is None or address is None:
            return None
        is_its = part_of(address.channel or "") == 1 or are_one_title(entry.title, article.title)
        return article if is_its else None

    def _found(self, entry: Entry, at: datetime, record_id: str) -> ArticleState:
        made = article_id(self.rules.series, entry.key, entry.name, self.state.articles)
        article = ArticleState(
            made, entry.key, entry.name, entry.url, self._next_place(), detail=entry.detail,
            published=entry.published, published_precision=_precision(entry.published),
        )  # fmt: skip
        self.state.articles[made] = article
        self._held += _weight(article)
        self.state.touch(article)
        for name, url in (("detail", entry.detail), ("page", entry.url)):
            if url:
                self._release(url, at, record_id)
                self.add_channel(article, name, url)
        return article

    def _release(self, url: str, at: datetime, record_id: str) -> None:
        """Let an address be an article's own that was taken for a further page of another; what is behind it goes as well."""
        address = self.state.address(url)
        other = self.state.articles.get(address.article or "") if address else None
        part = part_of(address.channel or "") if address else 1
        if other is not None and part > 1:
            drop_parts(self.state, self._readings, other, part - 1)
            other.changed = Changed(record_id, at, at)
            self.state.touch(other)

    def _next_place(self) -> int:
        """Give the place of the next article in the order in which the home came to know them; some may be no more."""
        last = next(reversed(self.state.articles.values()), None)
        return last.seq + 1 if last else 0

    def led(self, article: ArticleState, url: str) -> None:
        """Know an address that an article was led to as one of its own."""
        if url != article.url and url not in article.variants:
            article.variants.append(url)
        self._pages.setdefault(self.rules.canonicalise(url), article.id)

    def renamed(self, joined: Mapping[str, str]) -> None:
        """Know the addresses of articles that were found to be another one as that one's."""
        self._held = sum(map(_weight, self.state.articles.values()))
        self._pages = {key: joined.get(name, name) for key, name in self._pages.items()}

    def _page(self, article: ArticleState, url: str) -> str:
        """Give the key of an address; where it is the article's own, as most are, that very string."""
        key = self.rules.canonicalise(url)
        return article.key if key == article.key else key

    def add_channel(self, article: ArticleState, name: str, url: str) -> None:
        """Let an article speak through a further address."""
        article.channels[name] = Channel(name, url)
        known = self.state.address(url)
        if known is None or known.role in ("requisite", "other"):
            self.state.put(Address(url, "detail" if name == "detail" else "page", article.id, name))
        if name == "page":
            self._pages.setdefault(self._page(article, url), article.id)

    def _update(self, article: ArticleState, entry: Entry) -> None:
        """Take what the list says of an article that is known by now."""
        before = _told(article)
        for key in (entry.key, *entry.aliases):
            if self.state.keys.setdefault(key, article.id) == article.id and key not in (article.key, *article.aliases):
                article.aliases.append(key)
                self.state.touch(article)
        own = not entry.aliases  # a promoted copy has a date of its own, which says nothing of the article
        if own or not article.own_listed:
            article.updated = beginning(entry.updated) or article.updated
        article.own_listed = article.own_listed or own
        article.list_title = beginning(entry.title) or article.list_title
        if article.revisions == 0:
            article.title = article.list_title
            article.published = entry.published or article.published
            article.published_precision = _precision(article.published)
            article.scores = score(self.rules.subjects, article.title, None)
        for url in filter(None, (entry.url, *entry.variants)):
            if self._is_news(article, url):
                article.variants.append(url)
                self._pages.setdefault(self.rules.canonicalise(url), article.id)
                self.state.touch(article)
        self._name_authors(article, entry)
        if before != _told(article):
            self.state.touch(article)

    def _name_authors(self, article: ArticleState, entry: Entry) -> None:
        """Take whom the list names as authors; they are the article's where what is shown of it names nobody."""
        if not entry.authors or entry.authors == article.list_authors:
            return
        article.list_authors = entry.authors
        shown = self._readings.revision(article.id, article.shown) if article.revisions else None
        if shown is None or not shown.reading.authors:
            article.authors = entry.authors

    def _is_news(self, article: ArticleState, url: str) -> bool:
        """Tell whether an address is one to be told of: a list may write another session id into it at each visit."""
        known = (article.url, *article.variants)
        if url in known:
            return False
        key = self.rules.canonicalise(url)
        return sum(self.rules.canonicalise(one) == key for one in known) < SPELLINGS


def _weight(article: ArticleState) -> int:
    return article_weight(article.key, article.url, article.detail or "")


def _told(article: ArticleState) -> tuple[object, ...]:
    """Give what the lists told of an article."""
    return (article.updated, article.list_title, article.list_authors, article.published, article.own_listed)


def _precision(published: str | None) -> str | None:
    return None if published is None else "day" if len(published) == 10 else "minute"
