"""One series in the ledger: load the fold's state, keep what changed, look up readings and originals.

Takes   a SeriesState whose dirty sets name what changed, and the captures and events since the last save.
Gives   the state as it was saved last; readings and revisions on demand (it is the fold's Readings).
Writes  one short transaction a save: captures, articles, addresses, readings, revisions, events and the place reached
        in the WARCs go together or not at all. The WARC is durable before (the caller syncs it).
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, Select, and_, delete, select

from ..events import emit
from ..fold import Address, ArticleState, Channel, Revision, SeriesState, Witness
from ..fold.state import Failure
from ..index.post import question_of
from ..model import IMPORTED, Capture, Event, Reading
from . import writing
from .dropping import drop
from .others import Others
from .rows import people_of, people_to_json, reading_of, reading_to_json, time_of, time_text
from .running import block_of, block_to_json, changed_of, changed_to_json, lists_heard, run_of, run_to_json
from .schema import ADDRESSES, ARTICLES, CAPTURES, EVENTS, FILES, READINGS, REVISIONS, RUNS, SERIES
from .sharing import shared_address, shared_article
from .store import Ledger

log = logging.getLogger(__name__)

_ROW_TIMES = ("captured", "last_checked", "gone_since")
# Columns of `articles` that carry a field of ArticleState under its own name.
_COLUMNS = (
    "id", "key", "position", "subject", "title", "url", "published", "published_precision", "state", "origin",
    "revisions", "shown", "variants", "text_sha256", "failing", "failing_detail",
)  # fmt: skip
# Fields of ArticleState that only the fold needs, kept as JSON in `articles.fold`.
_FOLDED = (
    "name", "seq", "aliases", "detail", "scores", "list_title", "updated", "own_listed", "listed", "gone_checks", "gone_run",
    "gone_evidence", "claims", "leads",
)  # fmt: skip
# Columns of `series` before anything is folded.
_UNFOLDED: dict[str, Any] = {
    "folded_file": None, "folded_offset": 0, "state": {}, "missing": [], "complete": None, "blocked_until": None,
}  # fmt: skip
_MANY = 500  # values in one query: an old SQLite takes 999


def _own(name: Column[Any]) -> ColumnElement[bool]:
    """Say, of a column of file names, that the file is one of our own and no import."""
    return ~name.startswith(IMPORTED, autoescape=True)


_OURS = _own(CAPTURES.c.file)


@dataclass(slots=True)
class Batch:
    """What came since the last save.

    captures: with the ids of their runs. others: captures by others, with the digest that the record tells; what can say
    something of the series waits to be read. read: record ids of such that wait no longer. file, offset: the place reached
    in the WARCs, behind the last folded record.
    """

    captures: list[tuple[str | None, Capture]] = field(default_factory=list)
    others: list[tuple[str | None, Capture, str]] = field(default_factory=list)
    read: list[str] = field(default_factory=list)
    events: list[tuple[str | None, Event]] = field(default_factory=list)
    runs: list[dict[str, Any]] = field(default_factory=list)
    files: list[dict[str, Any]] = field(default_factory=list)
    file: str | None = None
    offset: int = 0


class SeriesLedger:
    """The rows of one series."""

    def __init__(self, ledger: Ledger, series: str) -> None:
        self._ledger = ledger
        self._series = series
        self._readings: dict[tuple[str, str], Reading | None] = {}  # None: forgotten
        self._revisions: dict[tuple[str, int], Revision] = {}
        self._payloads: set[bytes] | None = None  # digests kept before this process, 32 bytes each
        self.others = Others(ledger, series)

    # ---------------------------------------------------------------------------------------- series and place

    def row(self) -> Mapping[str, Any] | None:
        """Give the series' row, or None where the home does not know it."""
        with self._ledger.read() as c:
            row = c.execute(select(SERIES).where(SERIES.c.id == self._series)).mappings().first()
        return None if row is None else dict(row)

    def is_whole(self) -> bool:
        """Say whether the series' row, where it is there, is as it was sealed."""
        with self._ledger.read() as c:
            return writing.is_whole(c, SERIES, SERIES.c.id == self._series)

    def put(self, **values: Any) -> None:
        """Add the series' row, or change these columns of it."""
        with self._ledger.write() as c:
            if not writing.change(c, SERIES, SERIES.c.id == self._series, values):
                writing.insert(c, SERIES, [{"id": self._series, **_UNFOLDED, **values}])

    def clear(self) -> None:
        """Drop all that the fold can make again: before a series is folded anew.

        What no WARC tells of is mended where it is other than it was sealed, and that is said: `ledger.mended`.
        """
        with self._ledger.write() as c:
            ours = select(ARTICLES.c.id).where(ARTICLES.c.series == self._series)
            c.execute(delete(REVISIONS).where(REVISIONS.c.article.in_(ours)))
            c.execute(delete(READINGS).where(READINGS.c.article.in_(ours)))
            for table in (ARTICLES, ADDRESSES, CAPTURES, RUNS, FILES):
                c.execute(delete(table).where(table.c.series == self._series))
            kept = ("uploaded", "verified", "damaged", "repaired")
            c.execute(delete(EVENTS).where(EVENTS.c.series == self._series, EVENTS.c.kind.not_in(kept)))
            own = SERIES.c.id == self._series
            whole = writing.change(c, SERIES, own, _UNFOLDED, mended=True)
            told = writing.mend(c, self._series)
            if whole == [False]:  # the rest of the row was written before this, or is by the next save
                kept, paused = c.execute(select(SERIES.c.kept, SERIES.c.paused).where(own)).one()
                told.append(
                    f"series: kept {kept}, paused {paused}, profile_text: as they were found, no WARC tells them"
                )
        for row in told:
            emit(log, logging.WARNING, "ledger.mended", series=self._series, row=row)

    # ------------------------------------------------------------------------------------------------- load

    def load(self) -> SeriesState:
        """Give the state as it was saved last; an empty one for a series that was never folded."""
        state = SeriesState()
        row = self.row()
        if row is None:
            return state
        state.site_title = row["state"].get("title")
        going = row["state"].get("run")
        if going is not None:
            state.run_id, state.run = going["id"], run_of(going)
        state.missing, state.complete = tuple(row["missing"]), row["complete"]
        state.block = block_of(row["state"].get("block"))
        with self._ledger.read() as c:
            rows = c.execute(select(ARTICLES).where(ARTICLES.c.series == self._series)).mappings()
            articles = [shared_article(_article(dict(r))) for r in rows]
            state.articles = {a.id: a for a in sorted(articles, key=lambda a: a.seq)}
            addresses = c.execute(select(ADDRESSES).where(ADDRESSES.c.series == self._series)).mappings()
            for known in addresses:
                state.put(shared_address(_address(dict(known)), state.articles.get(known["article"])))
        state.dirty_addresses.clear()
        state.lists_heard = lists_heard(row["state"], state)
        state.looked = len(state.addresses) if state.run_id is None else 0  # each run ends with a look
        state.keys = {key: a.id for a in state.articles.values() for key in (a.key, *a.aliases)}
        return state

    # ------------------------------------------------------------------------------------------- look-ups

    def reading(self, article: str, channel: str) -> Reading | None:
        """Give the last reading of a channel."""
        if (article, channel) in self._readings:
            return self._readings[article, channel]
        with self._ledger.read() as c:
            where = (READINGS.c.article == article, READINGS.c.channel == channel)
            row = c.execute(select(READINGS.c.reading).where(*where)).scalar()
        return None if row is None else reading_of(row)

    def keep_reading(self, article: str, channel: str, reading: Reading) -> None:
        """Keep it; written by the next save."""
        self._readings[article, channel] = reading

    def forget_reading(self, article: str, channel: str) -> None:
        """Forget it; done by the next save."""
        self._readings[article, channel] = None

    def revision(self, article: str, number: int) -> Revision | None:
        """Give one revision."""
        if (article, number) in self._revisions:
            return self._revisions[article, number]
        with self._ledger.read() as c:
            where = (REVISIONS.c.article == article, REVISIONS.c.number == number)
            row = c.execute(select(REVISIONS).where(*where)).mappings().first()
        return None if row is None else _revision(dict(row))

    def keep_revision(self, article: str, revision: Revision) -> None:
        """Keep it; written by the next save."""
        self._revisions[article, revision.number] = revision

    def original(self, digest: str) -> tuple[str, str, datetime] | None:
        """Give record id, address and date of our oldest whole response with that payload in the series, or None.

        Imports are left out: a revisit of ours refers to a record of ours.
        """
        if self._payloads is None:  # asked for each capture of a run, and mostly unknown: a query each would cost more
            with self._ledger.read() as c:
                ours = select(CAPTURES.c.digest).where(CAPTURES.c.series == self._series, _OURS)
                kept = c.execute(ours).scalars()
                self._payloads = {bytes.fromhex(d.removeprefix("sha256:")) for d in kept}
        if bytes.fromhex(digest.removeprefix("sha256:")) not in self._payloads:
            return None
        query = (
            select(CAPTURES.c.record_id, CAPTURES.c.url, CAPTURES.c.fetched)
            .where(CAPTURES.c.series == self._series, CAPTURES.c.digest == digest, _OURS)
            .where(CAPTURES.c.type == "response", CAPTURES.c.truncated.is_(None))
            .order_by(CAPTURES.c.fetched)
            .limit(1)
        )
        with self._ledger.read() as c:
            row = c.execute(query).first()
        return None if row is None else (row[0], row[1], time_of(row[2]))

    def closed_files(self) -> set[str]:
        """Give the names of the WARCs that the ledger knows to be closed."""
        with self._ledger.read() as c:
            return set(c.execute(select(FILES.c.name).where(FILES.c.series == self._series)).scalars())

    def place_of(self, record_id: str) -> tuple[str, int] | None:
        """Give the WARC and the offset of a record, or None."""
        with self._ledger.read() as c:
            row = c.execute(self._record(record_id, CAPTURES.c.file, CAPTURES.c.offset)).first()
        return None if row is None else (row[0], row[1])

    def has_record(self, record_id: str) -> bool:
        """Tell whether the series has a capture of that id in the ledger."""
        return self.told_of(record_id) is not None

    def told_of(self, record_id: str) -> tuple[str, str] | None:
        """Give address and payload digest of the capture of that id, or None."""
        with self._ledger.read() as c:
            row = c.execute(self._record(record_id, CAPTURES.c.url, CAPTURES.c.digest)).first()
        return None if row is None else (row[0], row[1])

    def told_of_all(self, record_ids: Sequence[str]) -> dict[str, tuple[str, str]]:
        """Give what told_of gives, of those that the series has; for some hundred ids at once."""
        query = select(CAPTURES.c.record_id, CAPTURES.c.url, CAPTURES.c.digest)
        with self._ledger.read() as c:
            rows = c.execute(query.where(CAPTURES.c.series == self._series, CAPTURES.c.record_id.in_(record_ids)))
            return {row[0]: (row[1], row[2]) for row in rows}

    def imported(self) -> dict[str, str]:
        """Give the imported files of the series: {sha256 ("sha256:<hex>"): name ("imported/…")}."""
        query = select(FILES.c.sha256, FILES.c.name).where(FILES.c.series == self._series, ~_own(FILES.c.name))
        with self._ledger.read() as c:
            return {row[0]: row[1] for row in c.execute(query)}

    def _record(self, record_id: str, *columns: Column[Any]) -> Select[Any]:
        return select(*columns).where(CAPTURES.c.series == self._series, CAPTURES.c.record_id == record_id)

    # ------------------------------------------------------------------------------------------------ save

    def save(self, state: SeriesState, batch: Batch, *, rules: str) -> None:
        """Write what changed, in one transaction. rules: what the state was folded under (series.rules)."""
        with self._ledger.write() as c:
            self._save_articles(c, state)
            self._save_captures(c, batch)
            drop(c, self._series, state.dropped, [key for key, reading in self._readings.items() if reading is None])
            values: dict[str, Any] = {
                "state": {
                    "title": state.site_title, "run": _going(state), "lists_heard": _text(state.lists_heard),
                    "block": block_to_json(state.block),
                },
                "missing": list(state.missing), "complete": state.complete, "rules": rules,
                "blocked_until": _text(state.block.until),
            }  # fmt: skip
            if batch.file is not None:
                values |= {"folded_file": batch.file, "folded_offset": batch.offset}
            writing.change(c, SERIES, SERIES.c.id == self._series, values)
        state.dirty_articles.clear()
        state.dirty_addresses.clear()
        state.dropped.clear()
        self._readings.clear()
        self._revisions.clear()

    def _save_articles(self, c: Connection, state: SeriesState) -> None:
        articles = (_article_row(self._series, state.articles[i]) for i in sorted(state.dirty_articles))
        writing.put(c, ARTICLES, articles)
        addresses = (_address_row(self._series, state.addresses[u]) for u in sorted(state.dirty_addresses))
        writing.put(c, ADDRESSES, addresses)
        kept = {k: r for k, r in self._readings.items() if r is not None and k[0] not in state.dropped}
        writing.put(
            c, READINGS, [{"article": a, "channel": ch, "reading": reading_to_json(r)} for (a, ch), r in kept.items()]
        )
        revisions = [_revision_row(a, r) for (a, _), r in self._revisions.items() if a not in state.dropped]
        writing.put(c, REVISIONS, revisions)

    def _save_captures(self, c: Connection, batch: Batch) -> None:
        captures = [_capture_row(self._series, run, capture) for run, capture in batch.captures]
        captures += [_others_row(self._series, run, capture, told) for run, capture, told in batch.others]
        writing.insert(c, CAPTURES, captures)
        for start in range(0, len(batch.read), _MANY):
            some = CAPTURES.c.record_id.in_(batch.read[start : start + _MANY])
            writing.change(c, CAPTURES, and_(CAPTURES.c.series == self._series, some), {"unread": None})
        writing.insert(c, EVENTS, (_event_row(self._series, run, e) for run, e in batch.events))
        writing.put(c, RUNS, batch.runs)
        writing.put(c, FILES, batch.files)


def _going(state: SeriesState) -> dict[str, Any] | None:
    """Give the run that has begun and not ended."""
    return run_to_json(state.run) if state.run is not None and state.run_id is not None else None


def _text(moment: datetime | None) -> str | None:
    return None if moment is None else time_text(moment)


def _time(text: str | None) -> datetime | None:
    return None if text is None else time_of(text)


def _article_row(series: str, a: ArticleState) -> dict[str, Any]:
    folded = {name: getattr(a, name) for name in _FOLDED} | {"list_authors": people_to_json(a.list_authors)}
    folded["channels"] = [{**asdict(c), "captured": _text(c.captured)} for c in a.channels.values()]
    folded |= {"unlisted_at": _text(a.unlisted_at), "heard": _text(a.heard), **changed_to_json(a.changed)}
    if a.trouble is not None:
        folded["trouble"] = {**asdict(a.trouble), "at": _text(a.trouble_at), "evidence": a.trouble_evidence}
    return {
        **{name: getattr(a, name) for name in _COLUMNS},
        **{name: _text(getattr(a, name)) for name in _ROW_TIMES},
        "series": series,
        "authors": people_to_json(a.authors),
        "fold": folded,
    }


def _article(row: Mapping[str, Any]) -> ArticleState:
    folded = row["fold"]
    trouble = folded.get("trouble")
    plain: dict[str, Any] = {name: row[name] for name in _COLUMNS}
    plain |= {name: folded[name] for name in _FOLDED if name in folded}
    plain |= {name: _time(row[name]) for name in _ROW_TIMES}
    return ArticleState(
        **plain,
        authors=people_of(row["authors"]),
        list_authors=people_of(folded.get("list_authors", ())),
        channels={c["name"]: Channel(**{**c, "captured": _time(c["captured"])}) for c in folded["channels"]},
        unlisted_at=_time(folded["unlisted_at"]),
        heard=_time(folded.get("heard", row["last_checked"])),  # rows of older versions have none
        trouble=Failure(trouble["url"], trouble["reason"], trouble["detail"]) if trouble else None,
        trouble_at=_time(trouble["at"]) if trouble else None,
        trouble_evidence=trouble["evidence"] if trouble else None,
        changed=changed_of(folded.get("changed")),
    )


_ADDRESS_TIMES = ("date", "fetched")


def _address_row(series: str, a: Address) -> dict[str, Any]:
    row = {name: getattr(a, name) for name in Address.__slots__}
    return {**row, **{name: _text(row[name]) for name in _ADDRESS_TIMES}, "series": series}


def _address(row: Mapping[str, Any]) -> Address:
    values = {name: row[name] for name in Address.__slots__}
    return Address(**{**values, **{name: _time(row[name]) for name in _ADDRESS_TIMES}})


def _capture_row(series: str, run: str | None, c: Capture) -> dict[str, Any]:
    return {
        "record_id": c.record_id, "series": series, "run": run, "type": c.type, "url": c.url, "fetched": time_text(c.fetched),
        "file": c.file, "offset": c.offset, "length": c.length, "status": c.status, "mime": c.mime,
        "digest": c.payload_digest, "bytes": c.payload_bytes, "refers_to": c.refers_to, "truncated": c.truncated,
        "member_offset": c.member[0] if c.member else None, "member_skip": c.member[1] if c.member else None,
        "unread": None, "told": None,
    }  # fmt: skip


def _others_row(series: str, run: str | None, c: Capture, told: str) -> dict[str, Any]:
    """Give the row of a capture by others; only an answer of HTTP can say something. told: digest that its record tells."""
    waits = c.type in ("response", "revisit") and c.status is not None
    told_otherwise = told if told not in ("", c.payload_digest) else None
    return _capture_row(series, run, c) | {"unread": question_of(c.url) if waits else None, "told": told_otherwise}


def _event_row(series: str, run: str | None, e: Event) -> dict[str, Any]:
    return {
        "series": series, "article": e.article, "run": run, "at": time_text(e.at), "kind": e.kind,
        "fields": list(e.fields), "start": e.start, "end": e.end, "evidence": list(e.evidence),
    }  # fmt: skip


def _revision_row(article: str, r: Revision) -> dict[str, Any]:
    text = r.reading.text.encode("utf-8", "surrogatepass")
    return {
        "article": article, "number": r.number, "fetched": time_text(r.fetched), "record_id": r.record_id,
        "reading": reading_to_json(r.reading), "text_sha256": f"sha256:{sha256(text).hexdigest()}",
        "witnesses": [{**asdict(w), "captured": time_text(w.captured)} for w in r.witnesses],
    }  # fmt: skip


def _revision(row: Mapping[str, Any]) -> Revision:
    witnesses = tuple(Witness(**{**w, "captured": time_of(w["captured"])}) for w in row["witnesses"])
    return Revision(row["number"], time_of(row["fetched"]), row["record_id"], reading_of(row["reading"]), witnesses)
