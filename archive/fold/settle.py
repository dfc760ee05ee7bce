"""What is settled when a run ends: subjects, order, failures, absences, completeness.

Settling twice changes nothing. It reads the walk of the run where there was one; an empty, cut or failed walk proves no absence.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise

from ..model import Event
from . import block
from .state import ArticleState, Failure, FoldRules, SeriesState, Walk, event
from .subjects import assign


def settle(
    rules: FoldRules, state: SeriesState, at: datetime, record_id: str, walk: Walk | None, *, absences: bool = True
) -> list[Event]:
    """Settle the series; returns the events.

    record_id: of the run's start or end, evidence where no list is. absences: whether the walk tells what the lists name no
    longer and again; without it, only in which order they name it.
    """
    events = _absences(state, at, walk) if absences else []
    _subjects(rules, state)
    events += _order(rules, state, at, record_id, walk)
    events += _failures(state)
    _refusals(state)
    events += block.settle(state, at)
    had = {a.subject for a in state.articles.values() if a.revisions and a.subject}
    state.missing = tuple(s for s in rules.subjects if s not in had)
    state.complete = _complete(rules, state)
    return events


def _complete(rules: FoldRules, state: SeriesState) -> bool | None:
    if not rules.subjects and rules.expected is None:
        return None
    captured = sum(1 for a in state.articles.values() if a.revisions and not a.lacks_a_page)
    return not state.missing and captured >= (rules.expected or len(rules.subjects))


def _absences(state: SeriesState, at: datetime, walk: Walk | None) -> list[Event]:
    """Tell what a whole walk no longer names, and what is named again."""
    if walk is None:
        return []
    named = set(walk.articles())
    events = []
    for article in state.in_order():
        if article.id in named and not article.listed:
            article.listed, article.unlisted_at = True, None
            events.append(event(at, "listed", article, *walk.evidence))
            state.touch(article)
        elif article.id not in named and article.listed and named and walk.complete():
            article.listed, article.unlisted_at = False, at
            events.append(event(at, "unlisted", article, *walk.evidence))
            state.touch(article)
    return events


def _subjects(rules: FoldRules, state: SeriesState) -> None:
    if not rules.subjects:
        return
    given = assign(list(state.articles.values()))
    for article in state.articles.values():
        if article.subject != given.get(article.id):
            article.subject = given.get(article.id)
            state.touch(article)


def _order(rules: FoldRules, state: SeriesState, at: datetime, record_id: str, walk: Walk | None) -> list[Event]:
    """Number the instalments: by subject where the profile names them, else by date and place in the list."""
    order = _sequence(rules, state, walk)
    place = {s: i for i, s in enumerate(rules.subjects, 1)}
    numbers: dict[str, int] = {a.id: place[a.subject] for a in order if a.subject in place}
    rest = [a for a in order if a.id not in numbers]
    numbers |= {a.id: len(place) + i for i, a in enumerate(rest, 1)}
    final = sorted(order, key=lambda a: numbers[a.id])
    moved = _moved(final)
    events = []
    for article in final:
        number = numbers[article.id]
        if article.id in moved:
            evidence = walk.evidence if walk and walk.evidence else [record_id]
            events.append(event(at, "moved", article, *evidence, start=article.position, end=number))
        if article.position != number:
            article.position = number
            state.touch(article)
    return events


def _sequence(rules: FoldRules, state: SeriesState, walk: Walk | None) -> list[ArticleState]:
    """Put the articles in the order of publication, as far as dates and lists tell it."""
    old = state.in_order()
    if walk is None:
        return old
    listed = [state.articles[i] for i in walk.articles()]
    if rules.given_order:
        return _with_absent(listed, old)
    dated = [a.published for a in listed if a.published]
    falls = sum(1 for x, y in pairwise(dated) if x > y)
    rises = sum(1 for x, y in pairwise(dated) if x < y)
    if falls > rises:  # newest first, as most newspapers list
        listed.reverse()
    everything = _with_absent(listed, old)
    keys: list[str] = []
    for article in everything:  # one without a date stands behind its neighbour
        keys.append(article.published or (keys[-1] if keys else ""))
    return [everything[i] for i in sorted(range(len(everything)), key=lambda i: keys[i])]


def _with_absent(listed: list[ArticleState], old: Sequence[ArticleState]) -> list[ArticleState]:
    """Put articles that the lists no longer name behind the one that stood before them."""
    here = {a.id for a in listed}
    behind: dict[str | None, list[ArticleState]] = {}
    last: str | None = None
    for article in old:
        if article.id in here:
            last = article.id
        else:
            behind.setdefault(last, []).append(article)
    result = list(behind.get(None, []))
    for article in listed:
        result.append(article)
        result += behind.get(article.id, [])
    return result


def _moved(order: Sequence[ArticleState]) -> set[str]:
    """Name the articles that changed their place among the others; those only pushed on by a new one did not move.

    They are what is outside a longest increasing run of the old positions (patience sorting, Fredman 1975).
    """
    tails: list[int] = []
    tail_at: list[int] = []
    before: dict[int, int | None] = {}
    placed = [(i, a.position) for i, a in enumerate(order) if a.position is not None]
    for i, position in placed:
        k = bisect_left(tails, position)
        before[i] = tail_at[k - 1] if k else None
        tails[k : k + 1] = [position]
        tail_at[k : k + 1] = [i]
    kept: set[int] = set()
    step: int | None = tail_at[-1] if tail_at else None
    while step is not None:
        kept.add(step)
        step = before[step]
    return {order[i].id for i, _ in placed if i not in kept}


def _failures(state: SeriesState) -> list[Event]:
    """Turn this run's troubles into standing failures; one event for each streak."""
    events = []
    for article in state.articles.values():
        trouble, at = article.trouble, article.trouble_at
        if trouble is None or at is None:
            continue
        article.trouble = article.trouble_at = None
        evidence, article.trouble_evidence = article.trouble_evidence, None
        state.touch(article)
        if _told_elsewhere(article, trouble):
            if trouble.reason == "not-an-article" and state.run:
                state.run.failures.pop(trouble.url, None)
            continue
        if article.revisions == 0:
            article.state = "failed"
        if article.failing != trouble.reason and not _answered(state, article):
            events.append(event(at, "failed", article, evidence))
        article.failing, article.failing_detail = trouble.reason, trouble.detail
        if state.run:
            state.run.mark(article.id, "failed")
    return events


def _told_elsewhere(article: ArticleState, trouble: Failure) -> bool:
    """Tell whether what one address does not say is no failure of the article.

    Either that address never was, or its page has no text of its own while the API tells the article (a gallery, a video).
    """
    here = [c for c in article.channels.values() if c.url == trouble.url]
    detail = article.channels.get("detail")
    textless = trouble.reason == "not-an-article" and detail is not None and detail.record_id and not detail.gone
    return bool(article.revisions and any(c.gone or (textless and c.name != "detail") for c in here))


def _answered(state: SeriesState, article: ArticleState) -> bool:
    """Tell whether another address of a captured article answered well in this run."""
    run, checked = state.run, article.last_checked
    return bool(article.revisions and run is not None and checked is not None and checked >= run.started)


def _refusals(state: SeriesState) -> None:
    """Report the addresses that say an article is gone while another still tells it."""
    run = state.run
    for url, failure in run.refused.items() if run else ():
        address = state.address(url)
        article = state.articles.get(address.article or "") if address else None
        if run and article and any(c.record_id and not c.gone for c in article.channels.values()):
            run.failures[url] = failure
