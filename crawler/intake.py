"""Between a record and the ledger: each capture is read, folded and put down in one batch.

Takes   captures with their responses, and the notes a run leaves, in the order of the records.
Gives   statements and events.
Writes  the ledger, when save() is called: after the bytes are durable.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from archive.clean import CLEANER
from archive.fold import Address, Fold, FoldRules
from archive.ledger.rows import time_of, time_text
from archive.ledger.series import Batch, SeriesLedger
from archive.model import Capture, Entry, Event, Statement, Unchanged
from archive.warc import ClosedFile, serial_of

from .reading import Asked, Reader
from .scope import canonicalise
from .sources import scope_of
from .twins import kin_of

if TYPE_CHECKING:
    from archive.fold.state import Failure
    from archive.octets import Octets

    from .profile import Profile
    from .sources import Source

_MOST_LISTS = 10_000  # list answers of a run, where the source names no bound


def fold_rules(profile: Profile, source: Source) -> FoldRules:
    """Give what of a profile the fold needs."""
    series, watch, scope = profile.series, profile.watch, scope_of(profile, source)
    return FoldRules(
        series=series.id,
        subjects=tuple(series.subjects),
        expected=series.expected,
        withdraw_checks=watch.withdraw_after.checks,
        withdraw_hours=watch.withdraw_after.hours,
        given_order=profile.source.kind == "url-list",
        canonicalise=canonicalise,
        kin=kin_of,
        is_inside=lambda url: scope.decide(url, requisite=False) == "private",
        max_articles=profile.fetch.max_articles,
        max_lists=getattr(source, "max_pages", _MOST_LISTS),
    )


def rules_name(profile: Profile) -> str:
    """Name what a series is folded under: it is folded anew where this differs from what the ledger has."""
    return f"{CLEANER} {profile.rules_digest()}"


class Intake:
    """The one way of a series' records into its ledger."""

    def __init__(self, profile: Profile, source: Source, ledger: SeriesLedger) -> None:
        self._source = source
        self._ledger = ledger
        self._rules = rules_name(profile)
        self._reader = Reader(profile, source)
        self.fold = Fold(fold_rules(profile, source), ledger.load(), ledger)
        self.batch = Batch()

    def capture(self, capture: Capture, raw: Octets) -> tuple[Statement | None, list[Event]]:
        """Take one capture. An address that is nothing in the series is kept as bytes and says nothing."""
        self.batch.captures.append((self.fold.state.run_id, capture))
        address = self.fold.state.address(capture.url)
        if address is None or capture.type == "resource":
            return None, []
        statement = self._statement(address, capture, raw)
        return statement, self._keep(self.fold.take(capture, statement))

    def others(self, capture: Capture, told: str) -> None:
        """Take one capture by others; it waits to be read. told: digest of its payload as its record tells it."""
        self.batch.others.append((self.fold.state.run_id, capture, told))
        self.fold.state.looked = 0  # its address may be something already

    def waited(self, capture: Capture, run: str | None, raw: bytes | None) -> None:
        """Take what a capture says that waited until its address was something. run: of the import that brought it.

        raw: None where its payload is nowhere, or too long: it is kept, and says nothing. That an article has a text now is told
        of the run that is going on, all else of the import.
        """
        self.batch.read.append(capture.record_id)
        address = self.fold.state.address(capture.url)
        if address is None or raw is None:
            return
        for event in self.fold.take(capture, self._statement(address, capture, raw)):
            self.batch.events.append((self.fold.state.run_id if event.kind == "captured" else run, event))

    def _statement(self, address: Address, capture: Capture, raw: Octets) -> Statement:
        if self._same_again(address, capture):
            return Unchanged()
        part = int((address.channel or "").partition(":")[2] or 1)
        capture = replace(
            capture, url=address.url
        )  # a POST by others may be spelled otherwise than the source counts on from
        return self._reader.read(capture, raw, Asked(address.role, part))

    def needs_payload(self, capture: Capture) -> bool:
        """Tell whether the response will be looked into: not for an address of no role or a payload read before."""
        address = self.fold.state.address(capture.url)
        read = capture.status != 304 or capture.type == "response"
        return address is not None and read and not self._same_again(address, capture)

    def _same_again(self, address: Address, capture: Capture) -> bool:
        """Tell whether an article's address gave the very payload that was read from it last: the reading is the same."""
        article = self.fold.state.articles.get(address.article or "")
        channel = article.channels.get(address.channel or "") if article else None
        return channel is not None and capture.status == 200 and channel.digest == capture.payload_digest

    def note(self, record_id: str, at: datetime, note: Mapping[str, Any]) -> list[Event]:
        """Take what a run knows beside its exchanges (the JSON of a metadata record); an unknown note says nothing."""
        run = self.fold.state.run_id
        match note.get("lianzai"):
            case "run.started":
                events = self._begin(record_id, at, str(note["run"]))
            case "fetch.failed":
                events = self.fold.fail(note["url"], note["reason"], note["detail"], at, record_id)
            case "run.finished":
                events = self._end(record_id, at, note)
            case "import.started":  # an import is no crawl: it is in no table of runs
                seeds, entries = self._source.seeds(), self._source.entries()
                events = self.fold.begin(str(note["run"]), at, record_id, seeds, entries, origin="import")
            case "import.finished":
                events = self.fold.end(at, record_id)
            case _:
                events = []
        return self._keep(events, run)

    def _begin(self, record_id: str, at: datetime, run: str) -> list[Event]:
        entries: tuple[Entry, ...] = self._source.entries()
        events = self.fold.begin(run, at, record_id, self._source.seeds(), entries)
        self.batch.runs.append(
            {
                "id": run,
                "started": time_text(at),
                "finished": None,
                "outcome": None,
                "report": None,
                "series": self.fold.rules.series,
            }
        )
        return events

    def _end(self, record_id: str, at: datetime, note: Mapping[str, Any]) -> list[Event]:
        run = self.fold.state.run
        started = run.started if run and run.id == note["run"] else time_of(note["started"])
        events = self.fold.end(at, record_id)
        report = self.report(note)
        outcome = "partial" if note["outcome"] == "done" and report["failed"] else note["outcome"]
        self.batch.runs.append(
            {
                "id": note["run"], "started": time_text(started), "finished": time_text(at),
                "outcome": outcome, "report": report, "series": self.fold.rules.series,
            }
        )  # fmt: skip
        return events

    def report(self, note: Mapping[str, Any]) -> dict[str, Any]:
        """Give the series' part of `crawl --json`, after its run has ended. note: of run.finished."""
        state, rules = self.fold.state, self.fold.rules
        run = state.run
        failures = run.failures.values() if run else ()
        count = run.count if run else lambda _: 0
        return {
            "id": rules.series,
            "found": len(run.found) if run else 0,
            "captured": count("captured"),
            "unchanged": count("unchanged"),
            "revised": count("revised"),
            "withdrawn": count("withdrawn"),
            "restored": count("restored"),
            "failed": [{"url": f.url, "reason": f.reason, "detail": self._told(f)} for f in failures],
            "skipped": note.get("skipped", []),
            "expected": rules.expected if rules.expected is not None else len(rules.subjects) or None,
            "missing": list(state.missing),
            "complete": state.complete,
        }

    def _told(self, failure: Failure) -> str:
        """Give the detail of a failure; where its address is not the one the article is listed under, with that."""
        address = self.fold.state.address(failure.url)
        article = self.fold.state.articles.get(address.article or "") if address else None
        if article is None or article.url in ("", failure.url):
            return failure.detail
        return f"{failure.detail}; of the article {article.url}"

    def _keep(self, events: list[Event], run: str | None = None) -> list[Event]:
        run = self.fold.state.run_id or run
        self.batch.events += [(run, e) for e in events]
        return events

    def file(self, closed: ClosedFile) -> None:
        """Take a WARC that has its final name."""
        self._file(closed.path.name, serial_of(closed.path.name), closed.bytes, closed.sha256, closed.records)

    def imported(self, name: str, serial: int, size: int, sha256: str, records: int) -> None:
        """Take an imported file whose captures all wait, or were there before.

        name: "imported/<name>". serial: of the WARC that notes it. records: whole ones in it.
        """
        self._file(name, serial, size, sha256, records)

    def _file(self, name: str, serial: int, size: int, sha256: str, records: int) -> None:
        row = {"name": name, "serial": serial, "bytes": size, "sha256": sha256, "records": records}
        self.batch.files.append({**row, "series": self.fold.rules.series})

    def save(self, file: str | None, offset: int) -> None:
        """Write the batch. file, offset: place behind the last record taken, which must be durable by now; None: as before."""
        self.batch.file, self.batch.offset = file, offset
        self._ledger.save(self.fold.state, self.batch, rules=self._rules)
        self.batch = Batch()
