"""Hold the ledger's rows against each other: what one table says of a series, another must say too.

Takes   a connection of the ledger, a series that no crawl changes; of its runs, also the notes that lie in its WARCs.
Gives   each disagreement as a sentence; the record ids that rows name, for the WARCs to be asked for them.
Writes  nothing. Articles are walked a hundred at a time; of a run little is held.

A row that decays is found by its seal (seal.py). This finds what is sealed and yet wrong, by a bug or by hand: together with the
captures, which archive.verify compares with the records both ways, each row of any table that was lost, added or turned into
another, where a second table, a text file (archive.derive) or a record tells the same. What one column alone tells is not
compared: the fold makes it again from the WARCs (`lianzai rebuild`), or its user sets it.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, Row, Table, and_, exists, select

from ..clean import fields_changed
from ..fold.merge import merge
from ..index.post import question_of
from ..model import IMPORTED
from ..warc import record_uri
from .fixity import FIXITY_KINDS
from .rows import reading_of
from .schema import ADDRESSES, ARTICLES, CAPTURES, EVENTS, FILES, READINGS, REVISIONS, RUNS, SERIES

_BATCH = 100
_SHOWN = ("title", "authors", "published")  # what an article's row tells of the revision shown
_SPEAKING, _SILENT = ("detail", "page"), ("list", "requisite", "other")  # roles of addresses
_COUNTED = ("captured", "revised", "restored", "withdrawn")  # an article counts once a run, by the first of these


def named_records(connection: Connection, series: str) -> Iterator[tuple[str, str]]:
    """Give the record ids that rows name and that may be of no capture: (id, what names it).

    Evidence may be a note of a run. Events of fixity are left out: what they name may be lost, that is what they tell.
    """
    query = select(EVENTS.c.kind, EVENTS.c.article, EVENTS.c.at, EVENTS.c.evidence)
    query = query.where(EVENTS.c.series == series, EVENTS.c.kind.not_in((*FIXITY_KINDS, "uploaded"))).order_by(
        EVENTS.c.id
    )
    for row in connection.execute(query, execution_options={"yield_per": 1000}):
        for name in row.evidence:
            yield name, f"the event {row.kind} of {row.article or series} at {row.at}"


def disagreements_of(connection: Connection, series: str, *, texts: bool = True) -> Iterator[str]:
    """Name what the tables say otherwise than each other. The series must not be crawled meanwhile.

    texts: compare what articles say too, which takes most of the time.
    """
    try:
        yield from _place(connection, series)
        yield from _serials(connection, series)
        yield from _events(connection, series)
        yield from _addresses(connection, series)
        states = _told_states(connection, series)
        articles = select(ARTICLES).where(ARTICLES.c.series == series).order_by(ARTICLES.c.id)
        for some in connection.execute(articles, execution_options={"yield_per": _BATCH}).partitions():
            yield from _articles(connection, series, some, states, texts=texts)
    except (LookupError, TypeError, AttributeError, ValueError) as error:
        # JSON that reads and has other keys or types than were written; each row that is sealed was named before.
        yield f"{series}: a row that does not read: {type(error).__name__} {error}"


# ------------------------------------------------------------------------------------------------------------------ series


def _place(connection: Connection, series: str) -> Iterator[str]:
    """The place up to which the WARCs were folded is the end of the last of them."""
    told = connection.execute(select(SERIES.c.folded_file, SERIES.c.folded_offset).where(SERIES.c.id == series)).one()
    own = and_(FILES.c.series == series, ~FILES.c.name.startswith(IMPORTED, autoescape=True))
    last = connection.execute(select(FILES.c.name, FILES.c.bytes).where(own).order_by(FILES.c.serial.desc())).first()
    if last is not None and tuple(told) != tuple(last):
        yield f"{series}: folded up to {told[0]}, offset {told[1]}; the last WARC is {last[0]}, {last[1]} bytes"


def _serials(connection: Connection, series: str) -> Iterator[str]:
    query = select(FILES.c.name, FILES.c.serial).where(FILES.c.series == series).order_by(FILES.c.name)
    for name, serial in connection.execute(query):
        own = name.removesuffix(".warc.gz").rpartition("-")[2]
        if not name.startswith(IMPORTED) and own.isdecimal() and int(own) != serial:
            yield f"{name}: its row has serial {serial}"


# ------------------------------------------------------------------------------------------------------------------ events


def _events(connection: Connection, series: str) -> Iterator[str]:
    """Each event is of an article that is there."""
    there = exists().where(ARTICLES.c.id == EVENTS.c.article, ARTICLES.c.series == series)
    query = select(EVENTS.c.kind, EVENTS.c.article, EVENTS.c.at)
    lost = query.where(EVENTS.c.series == series, EVENTS.c.article.is_not(None), ~there).order_by(EVENTS.c.id)
    for row in connection.execute(lost):
        yield f"the event {row.kind} at {row.at} is of {row.article}, which is not in the ledger"


def _told_states(connection: Connection, series: str) -> dict[str, tuple[dict[str, int], str | None, str | None]]:
    """Give, by article, how many events of each kind it has, the last of withdrawn and restored, and of listed and unlisted."""
    counts: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    last: dict[tuple[str, str], str] = {}
    pairs = {"withdrawn": "state", "restored": "state", "listed": "list", "unlisted": "list"}
    query = select(EVENTS.c.article, EVENTS.c.kind).where(EVENTS.c.series == series, EVENTS.c.article.is_not(None))
    for article, kind in connection.execute(query.order_by(EVENTS.c.id), execution_options={"yield_per": 1000}):
        counts[article][kind] += 1
        if kind in pairs:
            last[article, pairs[kind]] = kind
    return {one: (told, last.get((one, "state")), last.get((one, "list"))) for one, told in counts.items()}


# --------------------------------------------------------------------------------------------------------------- addresses


def _addresses(connection: Connection, series: str) -> Iterator[str]:
    """What an address gave last is a capture of that address; an article's address is of an article that is there."""
    query = select(ADDRESSES).where(ADDRESSES.c.series == series).order_by(ADDRESSES.c.url)
    for some in connection.execute(query, execution_options={"yield_per": _BATCH}).partitions():
        yield from _some_addresses(connection, series, some)


def _some_addresses(connection: Connection, series: str, addresses: Sequence[Row[Any]]) -> Iterator[str]:
    c, uris = CAPTURES.c, {row.url: record_uri(row.url) for row in addresses}  # as captures spell them
    own = select(c.record_id, c.url, c.digest, c.fetched).where(c.series == series)
    rows = connection.execute(own.where(c.record_id.in_([row.record_id for row in addresses])))
    held = {tuple(row) for row in rows}
    times = [row.fetched for row in addresses]
    given = select(c.url, c.fetched, c.status).where(c.series == series, c.url.in_(uris.values()), c.fetched.in_(times))
    answers = {tuple(row) for row in connection.execute(given)}
    articles = _found(
        connection, ARTICLES.c.id, ARTICLES.c.series == series, {row.article for row in addresses} - {None}
    )
    for row in addresses:
        speaks = row.role in _SPEAKING
        if row.record_id and (row.record_id, uris[row.url], row.digest, row.date) not in held:
            yield f"the address {row.url} has a capture that is not in the ledger"
        here = not row.fetched or (uris[row.url], row.fetched, row.status) in answers
        if not here and not _answered_to_others(connection, series, row):
            yield f"the address {row.url} has an answer that is not in the ledger"
        if (
            not (speaks or row.role in _SILENT)
            or speaks != (row.article is not None)
            or speaks != (row.channel is not None)
        ):
            yield f"the address {row.url} has a role that it cannot have: {row.role}"
        if row.article is not None and row.article not in articles:
            yield f"the address {row.url} is of {row.article}, which is not in the ledger"


# ---------------------------------------------------------------------------------------------------------------- articles


def _articles(
    connection: Connection, series: str, articles: Any, states: Mapping[str, Any], *, texts: bool
) -> Iterator[str]:
    ids = [row.id for row in articles]
    revisions = _grouped(connection, REVISIONS, "number", ids, texts=texts)
    readings = _grouped(connection, READINGS, "channel", ids, texts=texts)
    records = {row.record_id for rows in revisions.values() for row in rows}
    records |= {one["record_id"] for rows in revisions.values() for row in rows for one in row.witnesses}
    channels = {row.id: {one["name"]: one for one in row.fold.get("channels", ())} for row in articles}
    records |= {one["record_id"] for some in channels.values() for one in some.values() if one["record_id"]}
    there = _found(connection, CAPTURES.c.record_id, CAPTURES.c.series == series, records)
    urls = {one["url"] for some in channels.values() for one in some.values()}
    addresses = _addressed(connection, series, urls)
    for row in articles:
        own, said = revisions.get(row.id, []), readings.get(row.id, [])
        yield from _revisions(row, own, there)
        yield from _channels(row, channels[row.id], {one.channel for one in said}, there, addresses)
        if texts:
            yield from _texts(row, own)
            yield from _readings(row, own, {one.channel: one.reading for one in said})
        yield from _state(row, *states.get(row.id, ({}, None, None)))


def _revisions(article: Row[Any], revisions: list[Row[Any]], there: set[str]) -> Iterator[str]:
    """Revisions are numbered without gaps, and each rests on captures that are there."""
    numbers = [row.number for row in revisions]
    if numbers != list(range(1, article.revisions + 1)):
        yield f"{article.id}: {article.revisions} revisions, found the numbers {numbers}"
    shown = [row for row in revisions if row.number == article.shown]
    if [row.text_sha256 for row in shown] != ([article.text_sha256] if article.text_sha256 else []):
        yield f"{article.id}: the digest of its text is not that of the revision shown"
    for row in revisions:
        where = f"{article.id}, revision {row.number}"
        if row.record_id not in there:
            yield f"{where}, rests on a capture that is not in the ledger"
        elif any(one["record_id"] not in there for one in row.witnesses):
            yield f"{where}, has a witness that is not in the ledger"


def _texts(article: Row[Any], revisions: list[Row[Any]]) -> Iterator[str]:
    """Each text is what its digest says; title, byline and date are those of the revision shown, where it tells them."""
    for row in revisions:
        if row.number == article.shown and (fields := [name for name in _SHOWN if _told_otherwise(article, row, name)]):
            yield f"{article.id}: its row and the revision shown differ in {', '.join(fields)}"
        text = str(row.reading.get("text", "")).encode("utf-8", "surrogatepass")
        if row.text_sha256 != f"sha256:{sha256(text).hexdigest()}":
            yield f"the text of {article.id}, revision {row.number}, is not what its digest says"


def _told_otherwise(article: Row[Any], revision: Row[Any], name: str) -> bool:
    told = revision.reading.get(name)
    if name == "authors":
        return bool((told or article.fold.get("list_authors", [])) != article.authors)
    return bool(told) and told != getattr(article, name)


def _channels(
    article: Row[Any], channels: Mapping[str, Any], said: set[str], there: set[str], addresses: set[str]
) -> Iterator[str]:
    """Each address that speaks for an article has its row; what was read from it last has its reading and its capture."""
    for name, one in channels.items():
        if one["url"] not in addresses:
            yield f"{article.id}: its address {one['url']} is not in the ledger"
        if one["record_id"] and one["record_id"] not in there:
            yield f"{article.id}: its {name} was read from a capture that is not in the ledger"
    heard = {name for name, one in channels.items() if one["record_id"]}
    for name in sorted(heard ^ said):
        yield f"{article.id}: {'the reading of its' if name in heard else 'a reading of no channel of it,'} {name}" + (
            " is not in the ledger" if name in heard else ""
        )


def _readings(article: Row[Any], revisions: list[Row[Any]], said: Mapping[str, Any]) -> Iterator[str]:
    """The readings of an article's addresses together are its last revision, as a reader sees it.

    Imports are left out: what they tell of older times may be a revision, and not what the address says now. So is an article on
    several pages that waits for one of them.
    """
    imported = any(one["origin"] != "live" for row in revisions for one in row.witnesses)
    if not revisions or not said or imported or article.fold.get("changed"):
        return
    _, merged = merge({name: reading_of(reading) for name, reading in said.items()})
    if fields := fields_changed(reading_of(revisions[-1].reading), merged):
        yield f"{article.id}: its last revision and its readings differ in {', '.join(fields)}"


def _state(article: Row[Any], told: Mapping[str, int], state: str | None, listed: str | None) -> Iterator[str]:
    """Its events tell the same of an article as its row."""
    wanted = {"found": 1, "captured": int(article.revisions > 0), "revised": max(article.revisions - 1, 0)}
    for kind, number in wanted.items():
        if told.get(kind, 0) != number:
            yield f"{article.id}: {number} events {kind} expected, found {told.get(kind, 0)}"
    states = ("withdrawn",) if state == "withdrawn" else ("captured",) if article.revisions else ("found", "failed")
    if article.state not in states:
        yield f"{article.id}: its state is {article.state}, its events tell {' or '.join(states)}"
    if bool(article.fold.get("listed", True)) != (listed != "unlisted"):
        yield f"{article.id}: its row and its events differ in whether the lists name it"
    if (article.captured is None) != (article.revisions == 0):
        yield f"{article.id}: captured at {article.captured}, {article.revisions} revisions"


# ------------------------------------------------------------------------------------------------- what notes tell too


@dataclass(frozen=True, slots=True)
class RunTold:
    """A run, by its row or by its notes. outcome: as its note has it. skipped: digest of what it skipped. None: not ended."""

    started: str
    finished: str | None = None
    outcome: str | None = None
    skipped: str | None = None


@dataclass(frozen=True, slots=True)
class Taken:
    """An imported file, by its row or by the note of its import. serial: of the WARC with the note."""

    name: str
    bytes: int
    sha256: str
    serial: int


@dataclass(frozen=True, slots=True)
class ToldByRows:
    """What rows tell of runs and imports that notes in the WARCs tell too. of_runs: table -> runs that its rows are of."""

    runs: dict[str, RunTold] = field(default_factory=dict)
    taken: dict[str, Taken] = field(default_factory=dict)
    of_runs: dict[str, set[str]] = field(default_factory=dict)
    miscounted: list[str] = field(default_factory=list)  # runs whose report counts otherwise than their events


def digest_of(skipped: Any) -> str:
    """Name what a run skipped, however long."""
    return sha256(json.dumps(skipped, sort_keys=True).encode()).hexdigest()


def told_by_rows(connection: Connection, series: str) -> ToldByRows:
    """Gather it, to be compared with the notes when they are read."""
    f, told, counts = FILES.c, ToldByRows(), _counts(connection, series)
    runs = select(RUNS).where(RUNS.c.series == series).order_by(RUNS.c.id)
    for row in connection.execute(runs, execution_options={"yield_per": _BATCH}):
        report = row.report or {}
        outcome = "done" if row.outcome == "partial" else row.outcome
        skipped = None if row.finished is None else digest_of(report.get("skipped", []))
        told.runs[row.id] = RunTold(row.started, row.finished, outcome, skipped)
        found = counts.get(row.id, {})
        if row.report is not None and any(report.get(kind, 0) != found.get(kind, 0) for kind in _COUNTED):
            told.miscounted.append(row.id)
    imports = select(f.name, f.bytes, f.sha256, f.serial).where(f.series == series, f.name.startswith(IMPORTED))
    told.taken.update({row.name: Taken(*row) for row in connection.execute(imports)})
    for table in (CAPTURES, EVENTS):
        of = select(table.c.run).where(table.c.series == series, table.c.run.is_not(None)).distinct()
        told.of_runs[table.name] = set(connection.execute(of).scalars())
    return told


def _counts(connection: Connection, series: str) -> dict[str, dict[str, int]]:
    """Count the articles of each run by the gravest of what happened to them: {run: {kind: articles}}."""
    c = EVENTS.c
    query = select(c.run, c.article, c.kind).where(c.series == series, c.kind.in_(_COUNTED), c.run.is_not(None))
    rows = connection.execute(query.order_by(c.run, c.article), execution_options={"yield_per": 1000})
    counts: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for (run, _), some in groupby(rows, key=lambda row: (row.run, row.article)):
        kinds = {row.kind for row in some}
        counts[run][next(kind for kind in _COUNTED if kind in kinds)] += 1
    return counts


# ------------------------------------------------------------------------------------------------------------------ within


def _grouped(
    connection: Connection, table: Table, order: str, ids: list[str], *, texts: bool
) -> dict[str, list[Row[Any]]]:
    columns = [column for column in table.c if texts or column.name != "reading"]
    query = select(*columns).where(table.c.article.in_(ids)).order_by(table.c.article, table.c[order])
    grouped: dict[str, list[Row[Any]]] = defaultdict(list)
    for row in connection.execute(query):
        grouped[row.article].append(row)
    return grouped


def _found(connection: Connection, column: Any, where: Any, wanted: set[str]) -> set[str]:
    """Say which of these values a column has."""
    values, found = sorted(wanted), set[str]()
    for start in range(0, len(values), 500):  # an old SQLite takes 999 values
        found |= set(connection.execute(select(column).where(where, column.in_(values[start : start + 500]))).scalars())
    return found


def _answered_to_others(connection: Connection, series: str, address: Row[Any]) -> bool:
    """Say whether the answer is to a POST by others, who spelled its body otherwise."""
    c, question = CAPTURES.c, question_of(address.url)
    if "#post=" not in question:
        return False
    then = select(c.url).where(c.series == series, c.fetched == address.fetched, c.status == address.status)
    return any(question_of(url) == question for url in connection.execute(then).scalars())


def _addressed(connection: Connection, series: str, urls: set[str]) -> set[str]:
    """Say which of these addresses have a row, by one spelling or another."""
    found = _found(connection, ADDRESSES.c.url, ADDRESSES.c.series == series, urls)
    if found == urls:
        return found
    every = connection.execute(select(ADDRESSES.c.url).where(ADDRESSES.c.series == series)).scalars()
    spelled = {question_of(url) for url in every}
    return {url for url in urls if url in found or question_of(url) in spelled}
