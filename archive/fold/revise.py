"""What a new reading of an article makes of it: its first revision, a further one, or nothing new.

Two captures of the same channel are compared, both read by the same rules; a channel that speaks for the first time
completes the reading that there is. So neither the order in which detail and page arrive nor a better cleaner makes an edit.
Revisions are numbered as they come to be known; in time they stand by (fetched, number).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from hashlib import sha256

from ..clean import fields_changed
from ..model import Capture, Event, Origin, Reading
from .bounds import beginning
from .merge import merge
from .state import ArticleState, Changed, Channel, FoldRules, Outcome, Readings, Revision, RunState, Witness, event
from .subjects import score


class Reviser:
    """Keeps the readings and revisions of one series."""

    def __init__(self, rules: FoldRules, readings: Readings) -> None:
        self._rules = rules
        self._readings = readings

    def hear(
        self,
        article: ArticleState,
        channel: Channel,
        capture: Capture,
        reading: Reading,
        origin: Origin,
        *,
        shorter: bool = False,
        run: RunState | None = None,
    ) -> tuple[Outcome | None, list[Event]]:
        """Take what a channel says now; gives what came of it ("captured", "revised" or None) and the events.

        shorter: pages that the article had are no more, so that its text may be another though this page says the same.
        run: that is going on. An article on several pages is only noted as changed, for `settle`.
        """
        prior = self.last(article, channel)
        reading = _dated_as(prior, reading)
        channel.record_id, channel.digest = capture.record_id, capture.payload_digest
        channel.captured, channel.origin = capture.fetched, origin
        self._readings.keep_reading(article.id, channel.name, reading)
        speaker, merged = merge(self._all(article))
        if article.revisions == 0:
            article.captured, article.state = capture.fetched, "captured"
            self._keep(article, 1, capture, speaker, merged)
            return "captured", [event(capture.fetched, "captured", article, capture.record_id)]
        if prior is None and article.changed is None:
            self._keep(article, article.shown, capture, speaker, merged)
        elif prior is None or shorter or fields_changed(prior, reading):
            article.changed = Changed.by(capture, article.changed, run)
            if not article.is_on_pages:
                return self.settle(article)
        return None, []

    def settle(self, article: ArticleState, *, first: bool = False) -> tuple[Outcome | None, list[Event]]:
        """Make a revision of what changed, where a reader sees it. first: of an article told for the first time in this run,
        whose one revision is completed."""
        changed, (speaker, merged) = article.changed, merge(self._all(article))
        if changed is None:
            return None, []
        article.changed = None
        current = self._revision(article, article.shown)
        fields = fields_changed(current.reading, merged)
        if not fields:
            return None, []
        number = article.shown if first else article.revisions + 1
        self._keep(article, number, changed, speaker, merged)
        if first:
            return None, []
        evidence = (current.record_id, changed.record_id)
        told = event(changed.at, "revised", article, *evidence, fields=fields, start=current.number, end=number)
        return "revised", [told]

    def recall(
        self, article: ArticleState, channel: Channel, capture: Capture, reading: Reading, origin: Origin
    ) -> tuple[Outcome | None, list[Event]]:
        """Take what a channel said before the newest that is known of the article, which stays the revision shown.

        What a revision says already has a further witness. What is new is a revision of its own, told between its
        neighbours in time; unless another channel speaks for the article, for then no reader saw the difference.
        """
        article.captured = min(capture.fetched, article.captured or capture.fetched)
        speaker, merged = merge({**self._all(article), channel.name: reading})
        witness = Witness(channel.name, capture.record_id, capture.url, capture.fetched, capture.payload_digest, origin)
        known = sorted((self._revision(article, n + 1) for n in range(article.revisions)), key=_in_time)
        before = [r for r in known if r.fetched <= capture.fetched]
        after = known[len(before) :]
        for one in (*before[-1:], *after, *reversed(before[:-1])):
            if not fields_changed(one.reading, merged):
                self._add_witness(article, one, witness)
                return None, []
        if speaker != channel.name.partition(":")[0]:
            return None, []
        made = Revision(article.revisions + 1, capture.fetched, capture.record_id, merged, (witness,))
        self._readings.keep_revision(article.id, made)
        article.revisions = made.number
        was, now = (before[-1], made) if before else (made, after[0])
        told = event(
            capture.fetched, "revised", article, was.record_id, now.record_id,
            fields=fields_changed(was.reading, now.reading), start=was.number, end=now.number,
        )  # fmt: skip
        return "revised", [told]

    def shown(self, article: ArticleState) -> Revision:
        """Give the revision that is shown."""
        return self._revision(article, article.shown)

    def told_before(self, article: ArticleState, channel: Channel, reading: Reading) -> bool:
        """Tell whether a reading tells what a revision does that is not shown, and not what the shown one does."""
        merged = merge({**self._all(article), channel.name: _dated_as(self.last(article, channel), reading)})[1]
        if not fields_changed(self.shown(article).reading, merged):
            return False
        others = (self._revision(article, n) for n in range(1, article.revisions + 1) if n != article.shown)
        return any(not fields_changed(one.reading, merged) for one in others)

    def last(self, article: ArticleState, channel: Channel) -> Reading | None:
        """Give what a channel said last."""
        return self._readings.reading(article.id, channel.name) if channel.record_id else None

    def _add_witness(self, article: ArticleState, revision: Revision, witness: Witness) -> None:
        """Add a witness, unless one from the same side shows the same payload: a daily harvest would add thousands."""
        if all((w.digest, w.origin) != (witness.digest, witness.origin) for w in revision.witnesses):
            self._readings.keep_revision(article.id, replace(revision, witnesses=(*revision.witnesses, witness)))

    def _revision(self, article: ArticleState, number: int) -> Revision:
        found = self._readings.revision(article.id, number)
        if found is None:
            raise LookupError(f"{article.id}: revision {number} is not in the ledger")
        return found

    def _keep(
        self, article: ArticleState, number: int, evidence: Capture | Changed, speaker: str, reading: Reading
    ) -> None:
        """Keep a revision that is shown from now on, and the fields of the article that follow from it."""
        main = article.channels[speaker]
        known = self._revision(article, number) if number <= article.revisions else None
        at = evidence.at if isinstance(evidence, Changed) else evidence.fetched
        fetched = known.fetched if known else at
        witnesses = _witnesses(article, known)
        self._readings.keep_revision(
            article.id, Revision(number, fetched, main.record_id or evidence.record_id, reading, witnesses)
        )
        article.revisions, article.shown = max(article.revisions, number), number
        article.origin = main.origin
        article.title = beginning(reading.title) or article.list_title  # its revision has all of it
        article.authors = reading.authors or article.list_authors
        if reading.published:
            article.published, article.published_precision = reading.published, reading.published_precision
        article.text_sha256 = text_digest(reading)
        article.scores = score(self._rules.subjects, article.title, reading)

    def _all(self, article: ArticleState) -> Mapping[str, Reading]:
        kept = {name: self._readings.reading(article.id, name) for name, c in article.channels.items() if c.record_id}
        return {name: reading for name, reading in kept.items() if reading is not None}


def _dated_as(prior: Reading | None, reading: Reading) -> Reading:
    """Let a day that was counted back from the capture be the one that was known before: the same words count anew each time."""
    if prior is None or prior.published is None or not reading.published_counted:
        return reading
    return replace(
        reading,
        published=prior.published,
        published_precision=prior.published_precision,
        published_local=prior.published_local,
        published_counted=prior.published_counted,
    )


def text_digest(reading: Reading) -> str:
    """Name a text by its digest, as the ledger has it."""
    return f"sha256:{sha256(reading.text.encode('utf-8', 'surrogatepass')).hexdigest()}"


def _in_time(revision: Revision) -> tuple[datetime, int]:
    return revision.fetched, revision.number


def _witnesses(article: ArticleState, known: Revision | None) -> tuple[Witness, ...]:
    """Give the last capture of each channel; of a revision that is completed, also what imports said of it."""
    own = [
        Witness(c.name, c.record_id, c.url, c.captured, c.digest, c.origin)
        for _, c in sorted(article.channels.items())
        if c.record_id and c.captured and c.digest
    ]
    here = {w.record_id for w in own}
    more = [w for w in known.witnesses if w.origin != "live" and w.record_id not in here] if known else []
    return (*own, *more)
