"""Keep a run: bytes first, then what they say, then the ledger, in groups.

Takes   exchanges and failures as the spider has them; the notes of an import.
Gives   captures and statements; at the end the report.
Writes  the series' WARC, and the ledger after each sync of it: one fsync and one transaction for up to 256 captures or 1 s.
"""

from __future__ import annotations

import json
import logging
import shutil
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any

from archive.errors import DiskError
from archive.events import emit
from archive.ledger.rows import time_text
from archive.model import Capture, Event, Exchange, Listing, Reason, Statement
from archive.posted import asked
from archive.warc import Original, WarcWriter, next_serial, serial_of, warc_date

from .importing import ends_waiting, read_waiting
from .intake import Intake
from .request import is_conditional

if TYPE_CHECKING:
    from archive.fold import Address
    from archive.ledger.series import SeriesLedger

    from .profile import Profile

log = logging.getLogger(__name__)

_GROUP = 256  # captures between two syncs: a kill loses at most so many, and each is fetched again by the next run
_GROUP_S = 1.0
PROFILE_URL = "urn:lianzai:profile"  # target of the record that holds the profile as used


def now() -> datetime:
    """Give the time in UTC, cut to milliseconds: as the WARC will say it."""
    moment = datetime.now(UTC)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


class Recorder:
    """The record of one run."""

    def __init__(
        self,
        folder: Path,
        profile: Profile,
        ledger: SeriesLedger,
        intake: Intake,
        told: Callable[[Capture], None] | None = None,
    ) -> None:
        """told: called with each capture by others that is read where the run ends, for progress."""
        self._profile = profile
        self._series = profile.series.id
        self._ledger = ledger
        self._intake = intake
        self._folder = folder
        self._told = told
        self.read = Counter[str]()  # captures of articles by others that were read, by file
        self._last_save = monotonic()
        self.responses = self.bytes = self.new_bytes = 0
        self.started = now()
        self.paths: list[Path] = []
        self._run = ""
        self._place: tuple[str, int] = ("", 0)  # behind the last record that was taken
        self._check_room()
        self._writer = WarcWriter(
            folder,
            profile.series.id,
            serial=next_serial(folder, profile.series.id, ledger.closed_files()),
            opened=self.started,
            max_size=profile.warc.max_size,
            info=_info(profile),
            known=self._known,
            on_rotate=self._rotated,
        )
        self._repeat_profile(self._writer)

    def begin(self, run: str) -> None:
        """Note that the run has started."""
        self._run = run
        self.note({"lianzai": "run.started", "run": run, "series": self._profile.series.id}, self.started)
        self.save()

    def keep(self, exchange: Exchange, address: Address | None) -> tuple[Capture, Statement | None]:
        """Write an exchange, read it, and say what it says. address: what is known of where it came from.

        Raises DiskError where it cannot be written; all before it is kept.
        """
        exchange = replace(exchange, fetched=_milliseconds(exchange.fetched))
        not_modified = None
        if (
            exchange.response[9:12] == b"304"
            and is_conditional(exchange.request)
            and address is not None
            and address.digest
        ):
            not_modified = self._known(address.digest)
        capture = self._writer.write_exchange(exchange, not_modified=not_modified)
        capture = replace(capture, url=asked(capture.url, exchange.request))
        self._place = (capture.file, capture.offset + capture.length)
        self.responses += 1
        self.bytes += len(exchange.response)
        self.new_bytes += capture.payload_bytes if capture.type == "response" else 0
        statement, events = self._intake.capture(capture, exchange.response)
        self._tell(events)
        if isinstance(statement, Listing):
            emit(log, logging.INFO, "list.read", series=self._series, url=capture.url, entries=len(statement.entries))
        self._group()
        return capture, statement

    def failed(self, url: str, reason: Reason, detail: str) -> None:
        """Note a fetch that brought no byte of an answer."""
        self.note({"lianzai": "fetch.failed", "run": self._run, "url": url, "reason": reason, "detail": detail}, now())
        self._group()

    def end(self, outcome: str, skipped: list[dict[str, Any]], requests: int) -> dict[str, Any]:
        """Note that the run has ended, give the WARC its final name, and give the series' part of the report."""
        note = {
            "lianzai": "run.finished", "run": self._run, "series": self._profile.series.id, "started": time_text(self.started),
            "outcome": outcome, "skipped": skipped, "requests": requests, "responses": self.responses, "bytes": self.bytes,
            "new_bytes": self.new_bytes,
        }  # fmt: skip
        self.note(note, now())
        report = self._intake.report(note)
        self.close()
        return report

    def note(self, note: dict[str, Any], at: datetime) -> None:
        """Write what is known beside the exchanges, and take it.

        Where it ends a run, what waits of imports is read first: behind the note, which is durable by then, before its place is
        in the ledger. So whoever finds it after a kill goes on with that.
        """
        ends = ends_waiting(self._ledger, self._intake, note)
        if ends:
            self.save()
        record = self._writer.write_metadata(note, date=at, url=note.get("url"))
        self._place = (record.file, record.offset + record.length)
        if ends:
            self._writer.sync()
            self.read = read_waiting(self._folder, self._ledger, self._intake, self._told)
        self._tell(self._intake.note(record.record_id, at, note))

    def close(self) -> None:
        """Give the WARC its final name, and bring the ledger up to it."""
        for closed in self._writer.close():
            self.paths.append(closed.path)
            self._intake.file(closed)
            emit(log, logging.INFO, "warc.closed", file=closed.path.name, bytes=closed.bytes, sha256=closed.sha256)
        self._intake.save(*self._place)

    def sync(self) -> None:
        """Make the bytes durable; the ledger does not speak of them yet."""
        self._writer.sync()

    @property
    def folder(self) -> Path:
        """Where the WARCs of the series lie."""
        return self._folder

    @property
    def serial(self) -> int:
        """The serial of the WARC that is being written."""
        return serial_of(self._writer.file_name)

    def save(self) -> None:
        """Make the bytes durable, then let the ledger speak of them."""
        self._writer.sync()
        self._intake.save(*self._place)
        self._last_save = monotonic()
        self._check_room()

    # ------------------------------------------------------------------------------------------------ inside

    def _check_room(self) -> None:
        place = next(folder for folder in (self._folder, *self._folder.parents) if folder.exists())
        free, least = shutil.disk_usage(place).free, self._profile.fetch.min_free
        if free < least:
            raise DiskError(
                f"{self._folder}: {free} bytes free, fetch.min_free asks for {least}",
                action="free some space, then the same command again",
            )

    def _group(self) -> None:
        if len(self._intake.batch.captures) >= _GROUP or monotonic() - self._last_save >= _GROUP_S:
            self.save()

    def _tell(self, events: list[Event]) -> None:
        for event in events:
            if event.article is None:  # of the site as a whole
                until = self._intake.fold.state.block.until
                emit(
                    log, logging.WARNING, f"series.{event.kind}", series=self._series,
                    until=None if until is None else time_text(until),
                )  # fmt: skip
                continue
            more = {"fields": list(event.fields)} if event.fields else {}
            emit(log, logging.INFO, f"article.{event.kind}", series=self._series, article=event.article, **more)

    def _repeat_profile(self, writer: WarcWriter) -> None:
        text = json.dumps(self._profile.public(), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        record = writer.write_resource(PROFILE_URL, "application/json", text.encode(), self.started)
        self._intake.capture(record, b"")
        self._place = (record.file, record.offset + record.length)

    def _rotated(self, writer: WarcWriter) -> None:
        self._repeat_profile(writer)

    def _known(self, digest: str) -> Original | None:
        """Ask the ledger which record of earlier runs holds a payload; the writer knows those of this run."""
        row = self._ledger.original(digest)
        return None if row is None else Original(row[0], row[1], warc_date(row[2]), digest)


def _milliseconds(moment: datetime) -> datetime:
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def _info(profile: Profile) -> dict[str, str]:
    """Give what the warcinfo record says beside software and format; a value of the environment stands as `env:NAME`."""
    warc = profile.stored["warc"]
    info = {"isPartOf": profile.series.id, "robots": profile.fetch.robots}
    more = {"operator": warc.operator, "http-header-from": warc.contact, "description": warc.description}
    return info | {name: value for name, value in more.items() if value}
