"""One article found under two addresses: known by what its pages say of themselves, and by their text.

Takes   the articles of a series where a run ends, with what their pages call themselves (claims) and where they redirect.
Gives   the ids of articles that are another one's; that one has their addresses as variants from then on.
Changes articles, addresses, keys and the run in the state.

A canonical address that all pages share, an og:url that was copied, two bulletins of one form are common; so no claim
joins two articles whose texts differ. Where the text is the same but for whole lines at most, an address in common is
enough, and so is one that has only more parameters than the other. Where a parameter has another value, it may be what names
the article: then title, time and text must be the very same.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import combinations

from ..model import Reading
from .state import Address, ArticleState, FoldRules, Kin, Readings, SeriesState

_SAME = 0.9  # of the letters of the longer text at least stand in the shorter one, line by line
_LEAST_LETTERS = 40  # of the shorter text: a caption is no evidence
_CROWD = 12  # articles that share an address; more share a wrong one, and only the very same text counts
_NO_LETTER = re.compile(r"[\W_]+")


class Twins:
    """Joins the twins of one series."""

    def __init__(self, rules: FoldRules, state: SeriesState, readings: Readings) -> None:
        self._rules = rules
        self._state = state
        self._readings = readings

    def join(self) -> dict[str, str]:
        """Join what one article was found as; gives the ids that are gone, each with the one in its place."""
        run = self._state.run
        news = {name for name, came in run.outcomes.items() if came in ("captured", "revised")} if run else set()
        joined: dict[str, str] = {}
        leading = [a for a in self._state.articles.values() if a.leads and a.revisions == 0]
        for one, other in [*self._leading(leading), *(self._alike(news) if news else ())]:
            first, second = sorted((_last(joined, one.id), _last(joined, other.id)), key=self._age)
            if first != second and self._is_new(second):
                self._merge(self._state.articles[first], self._state.articles[second])
                joined[second] = first
        return joined

    def _is_new(self, name: str) -> bool:
        """Tell whether an article was told for the first time in this run, or never: what the history has stays."""
        run = self._state.run
        return self._state.articles[name].revisions == 0 or (run is not None and run.outcomes.get(name) == "captured")

    def _age(self, name: str) -> tuple[bool, int]:
        """An article that tells a text is never one that tells none; else the one that was known first stays."""
        article = self._state.articles[name]
        return article.revisions == 0, article.seq

    def _leading(self, articles: Iterable[ArticleState]) -> Iterator[tuple[ArticleState, ArticleState]]:
        """Pair what never told a text and redirects to another article with that one, where the lists call both the same."""
        for article in articles:
            target = self._state.articles.get(article.leads or "")
            titles = {_letters(a.list_title) for a in (article, target) if a is not None and a.list_title}
            if target is not None and target.revisions and len(titles) <= 1:
                yield article, target

    def _alike(self, news: set[str]) -> Iterator[tuple[ArticleState, ArticleState]]:
        """Pair the articles that share an address and tell the same; one of them was told anew in this run."""
        sharing: dict[Kin, list[ArticleState]] = {}
        pages: dict[str, list[tuple[frozenset[str], ArticleState]]] = {}
        for article in self._state.articles.values():
            if not article.revisions:
                continue
            own = {self._rules.kin(url) for url in (article.url, *article.variants)}
            for key in own.union(map(self._rules.kin, article.claims)):
                sharing.setdefault(key, []).append(article)
            if "://" in article.key:  # an address, or else the source itself tells its articles apart
                for page, pairs in own:
                    pages.setdefault(page, []).append((frozenset(pairs), article))
        for articles in sharing.values():
            if len(articles) > 1 and any(article.id in news for article in articles):
                yield from self._same(articles)
        for asked in pages.values():
            if len(asked) > 1 and any(article.id in news for _, article in asked):
                yield from self._of_one_page(asked)

    def _of_one_page(
        self, asked: list[tuple[frozenset[str], ArticleState]]
    ) -> Iterator[tuple[ArticleState, ArticleState]]:
        """Pair articles whose addresses differ in their queries alone. asked: the pairs of each query, and its article."""
        for one, other in _nested(asked):
            if self._tell_the_same(one, other):
                yield one, other
        alike: dict[tuple[str | None, str | None, str], list[ArticleState]] = {}
        for _, article in asked:
            if article.published:
                alike.setdefault((article.text_sha256, article.published, _letters(article.title)), []).append(article)
        for first, *others in alike.values():
            for other in others:
                listed = {_letters(a.list_title) for a in (first, other) if a.list_title}
                if other is not first and len(listed) <= 1 and self._tell_the_same(first, other):
                    yield first, other

    def _same(self, articles: list[ArticleState]) -> Iterator[tuple[ArticleState, ArticleState]]:
        if len(articles) > _CROWD:
            by_text: dict[str | None, ArticleState] = {}
            for article in articles:
                first = by_text.setdefault(article.text_sha256, article)
                if first is not article and self._tell_the_same(first, article):
                    yield first, article
            return
        for one, other in combinations(articles, 2):
            if self._tell_the_same(one, other):
                yield one, other

    def _tell_the_same(self, one: ArticleState, other: ArticleState) -> bool:
        first, second = (self._readings.revision(a.id, a.shown) for a in (one, other))
        return first is not None and second is not None and tell_the_same(first.reading, second.reading)

    def _merge(self, kept: ArticleState, gone: ArticleState) -> None:
        """Let an article have the addresses and names of another, which is no more."""
        state, run = self._state, self._state.run
        del state.articles[gone.id]
        state.dropped.append(gone.id)
        state.dirty_articles.discard(gone.id)
        for url in (gone.url, *gone.variants):
            if url != kept.url and url not in kept.variants:
                kept.variants.append(url)
        for key in (gone.key, *gone.aliases):
            state.keys[key] = kept.id
            if key != kept.key and key not in kept.aliases:
                kept.aliases.append(key)
        for channel in gone.channels.values():
            address = state.address(channel.url)
            if address is not None and address.article == gone.id:
                state.put(Address(address.url, "other", fetched=address.fetched, status=address.status))
            if run:
                run.failures.pop(channel.url, None)
        if run:
            if run.found.pop(gone.id, "") is None:
                run.found[kept.id] = None
            run.outcomes.pop(gone.id, None)
            for url, names in run.walk.entries.items():
                run.walk.entries[url] = list(dict.fromkeys(kept.id if name == gone.id else name for name in names))
        kept.captured = min(filter(None, (kept.captured, gone.captured)), default=None)
        state.touch(kept)


def _nested(
    asked: list[tuple[frozenset[str], ArticleState]],
) -> Iterator[tuple[ArticleState, ArticleState]]:
    """Pair articles of which one has the other's parameters and more. Of a crowd only such as share one that is rare."""
    having: dict[str, list[tuple[frozenset[str], ArticleState]]] = {}
    for query, article in asked:
        for pair in query:
            having.setdefault(pair, []).append((query, article))
    for fewer, one in asked:
        rarest = min((having[pair] for pair in fewer), key=len, default=asked)
        if len(rarest) <= _CROWD:
            yield from ((one, other) for more, other in rarest if other is not one and fewer < more)


def tell_the_same(one: Reading, other: Reading) -> bool:
    """Tell whether two readings are of one article: the lines of the shorter stand in the longer in order, and are nearly all.

    >>> lines = ("清晨六点，临溪县石桥村的水渠边已经有人走动，护渠员把闸门提起半尺。", "水顺着渠道往下游走，先到苗圃，再到稻田。")
    >>> tell_the_same(Reading("渠", body=lines), Reading("渠", body=(*lines, "手机版")))
    True
    """
    if one.title and other.title and not _titles_agree(_letters(one.title), _letters(other.title)):
        return False
    if (
        one.published
        and other.published
        and _day(one) != _day(other)
        and not (one.published_counted or other.published_counted)
    ):
        return False
    first, second = ([text for line in _lines(reading) if (text := _letters(line))] for reading in (one, other))
    shorter, longer = sorted((first, second), key=lambda lines: sum(map(len, lines)))
    size = sum(map(len, shorter))
    if size < _LEAST_LETTERS or size < _SAME * sum(map(len, longer)):
        return False
    whole = "".join(longer)
    at = 0
    for line in shorter:
        at = whole.find(line, at)
        if at < 0:
            return False
        at += len(line)
    return True


def _lines(reading: Reading) -> tuple[str, ...]:
    return (*reading.editors_note, *reading.highlights, *reading.body)


def _titles_agree(one: str, other: str) -> bool:
    return one in other or other in one


def _day(reading: Reading) -> str:
    return (reading.published_local or reading.published or "")[:10]


def _letters(text: str | None) -> str:
    return _NO_LETTER.sub("", text or "").lower()


def _last(joined: dict[str, str], name: str) -> str:
    while name in joined:
        name = joined[name]
    return name
