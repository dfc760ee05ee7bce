"""A live look at a source: its first list and its first article, by the machinery of a crawl, and nothing kept.

Takes   a profile. Gives: what was found there.
Writes  nothing that stays: the crawl goes into a home that is thrown away.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from archive.home import Home
from archive.ledger.rows import reading_to_json

from .frontier import Options
from .run import Outcome, SeriesRun, crawl

if TYPE_CHECKING:
    from .profile import Profile


@dataclass(frozen=True, slots=True)
class Probe:
    """What a live look at a source found: its first list and its first article. failed: also what was skipped, where that
    left nothing to read: {url, reason, detail}."""

    title: str | None
    listed: int
    entries: list[dict[str, str | None]]
    article: dict[str, Any] | None
    failed: list[dict[str, Any]]


_SHOWN_ENTRIES = 5


def probe(profile: Profile) -> Probe:
    """Ask a site for its first list and its first article, by the machinery of a crawl, and keep nothing of it.

    Raises SiteError where the site cannot be reached. It can be called once a process, as crawl().
    """
    with tempfile.TemporaryDirectory() as folder:
        home = Home(Path(folder))
        outcomes, errors = crawl([lambda: SeriesRun(home, profile)], Options(probe=True), None)
        for error in (*errors, *(o.error for o in outcomes if o.error is not None)):
            raise error
        outcome = outcomes[0]
        run = SeriesRun(home, profile)
        try:
            return _probed(run, outcome)
        finally:
            run.close()


def _probed(run: SeriesRun, outcome: Outcome) -> Probe:
    state = run.intake.fold.state
    articles = list(state.articles.values())
    read = next((a for a in articles if a.revisions), None)
    revision = run.rows.revision(read.id, read.shown) if read else None
    reading = reading_to_json(revision.reading) if revision else None
    return Probe(
        title=state.site_title,
        listed=len(articles),
        entries=[{"title": a.list_title, "url": a.url, "published": a.published} for a in articles[:_SHOWN_ENTRIES]],
        article=reading,
        failed=outcome.report["failed"]
        or ([] if articles else [{"detail": None} | one for one in outcome.report["skipped"]]),
    )
