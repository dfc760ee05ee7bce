"""What a new reading of an article makes of it: its first revision, a further one, or nothing new.

Two captures of the same channel are compared, both read by the same rules; a channel that speaks for the first time
completes the reading that there is. So neither the order in which detail and page arrive nor a better cleaner makes an edit.
"""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256

from ..clean import fields_changed
from ..model import Capture, Event, Reading
from .merge import merge
from .state import ArticleState, Channel, FoldRules, Outcome, Readings, Revision, Witness, event
from .subjects import score


class Reviser:
    """Keeps the readings and revisions of one series."""

    def __init__(self, rules: FoldRules, readings: Readings) -> None:
        self._rules = rules
        self._readings = readings

    def hear(
        self, article: ArticleState, channel: Channel, capture: Capture, reading: Reading
    ) -> tuple[Outcome | None, list[Event]]:
        """Take what a channel says now; gives what came of it ("captured", "revised" or None) and the events."""
        prior = self._readings.reading(article.id, channel.name) if channel.record_id else None
        channel.record_id, channel.digest = capture.record_id, capture.payload_digest
        channel.captured = capture.fetched
        self._readings.keep_reading(article.id, channel.name, reading)
        speaker, merged = merge(self._all(article))
        if article.revisions == 0:
            article.captured, article.state = capture.fetched, "captured"
            self._keep(article, 1, capture, speaker, merged)
            return "captured", [event(capture.fetched, "captured", article, capture.record_id)]
        if prior is None:
            self._keep(article, article.revisions, capture, speaker, merged)
        elif fields_changed(prior, reading):
            return self._compare(article, capture, speaker, merged)
        return None, []

    def _compare(
        self, article: ArticleState, capture: Capture, speaker: str, merged: Reading
    ) -> tuple[Outcome | None, list[Event]]:
        current = self._readings.revision(article.id, article.revisions)
        if current is None:
            raise LookupError(f"{article.id}: revision {article.revisions} is not in the ledger")
        fields = fields_changed(current.reading, merged)
        if not fields:
            return None, []
        was = article.revisions
        self._keep(article, was + 1, capture, speaker, merged)
        evidence = (current.record_id, capture.record_id)
        told = event(capture.fetched, "revised", article, *evidence, fields=fields, start=was, end=was + 1)
        return "revised", [told]

    def _keep(self, article: ArticleState, number: int, capture: Capture, speaker: str, reading: Reading) -> None:
        """Keep a revision, and the fields of the article that follow from it."""
        witnesses = tuple(
            Witness(c.name, c.record_id, c.url, c.captured, c.digest, article.origin)
            for _, c in sorted(article.channels.items())
            if c.record_id and c.captured and c.digest
        )
        main = article.channels[speaker].record_id or capture.record_id
        known = self._readings.revision(article.id, number) if number <= article.revisions else None
        fetched = known.fetched if known else capture.fetched
        self._readings.keep_revision(article.id, Revision(number, fetched, main, reading, witnesses))
        article.revisions = number
        article.title = reading.title or article.list_title
        article.authors = reading.authors
        if reading.published:
            article.published, article.published_precision = reading.published, reading.published_precision
        article.text_sha256 = f"sha256:{sha256(reading.text.encode('utf-8', 'surrogatepass')).hexdigest()}"
        article.scores = score(self._rules.subjects, article.title, reading)

    def _all(self, article: ArticleState) -> Mapping[str, Reading]:
        kept = {name: self._readings.reading(article.id, name) for name, c in article.channels.items() if c.record_id}
        return {name: reading for name, reading in kept.items() if reading is not None}
