"""Which subject an article is about: one instalment each, found in title or text."""

from __future__ import annotations

from collections.abc import Sequence

from ..model import Reading
from .state import ArticleState

_IN_TITLE = 10_000
_IN_NOTE = 5_000  # the editor's note names the office and the article, the byline names the office
_MAX_COUNT = 99


def score(subjects: Sequence[str], title: str | None, reading: Reading | None) -> dict[str, int]:
    """Weigh each subject for one article; subjects it does not name are left out.

    A name in the title decides; among several there, the one that the text names more often. The text alone counts only
    where the note or the byline has the name, or one subject is named twice as often as any other: an introduction that
    lists all of them is about none.
    """
    text = reading.text if reading else ""
    counts = {s: min(text.count(s), _MAX_COUNT) for s in subjects}
    note = " ".join([reading.editors_note[-1]] if reading and reading.editors_note else [])
    office = " ".join(a.role or "" for a in reading.authors) if reading else ""
    scores = {s: _IN_TITLE + 10 * counts[s] for s in subjects if title and s in title}
    if scores:
        return scores
    named = [s for s in subjects if s in office] or [s for s in subjects if s in note]
    if len(named) == 1:
        return {named[0]: _IN_NOTE + counts[named[0]]}
    by_count = sorted((s for s in subjects if counts[s]), key=lambda s: -counts[s])
    if by_count and (len(by_count) == 1 or counts[by_count[0]] >= 2 * counts[by_count[1]]):
        return {by_count[0]: counts[by_count[0]]}
    return {}


def assign(articles: Sequence[ArticleState]) -> dict[str, str]:
    """Give each subject to the one article that names it most; returns article id -> subject.

    articles: in the order in which the home came to know them, which decides between equals.
    """
    bids = [(-points, place, subject) for place, a in enumerate(articles) for subject, points in a.scores.items()]
    given: dict[str, str] = {}
    taken: set[str] = set()
    for _, place, subject in sorted(bids):
        article = articles[place]
        if subject not in taken and article.id not in given:
            given[article.id] = subject
            taken.add(subject)
    return given
