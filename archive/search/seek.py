"""A query answered by the index.

Takes   search.sqlite3, a Query, what to leave out. Gives: how many articles have it, some of them, and what they have in common.
Writes  nothing.

An article is one hit, however many of its revisions have what is sought: the newest of those, by number. They come by BM25 with
the title counted eight times and the byline four times (Robertson and Zaragoza 2009; FTS5's own, over pairs of characters). What
so many have that it tells nothing comes by day of publication, the newest first: weighing 20,000 rows takes 45 ms, dating them 9.
"""

# ruff: noqa: S608  statements are made of constants; what was typed is bound

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict
from urllib.parse import quote

from ..errors import IntegrityError, LianzaiError, PartialError
from .file import REVISION_BITS
from .grammar import Query, Span, Term
from .letters import phrase
from .snippet import Snippet, cut

_COLUMNS = {None: "", "title": "{title} : ", "author": "{authors} : "}
_RANK = "bm25(words, 8.0, 4.0, 1.0)"
_YEAR = "substr(day, 1, 4)"
# FTS5 whose own tables are torn fails with SQLITE_ERROR.
_DAMAGED = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR})
_TOO_COMMON = 2000  # articles; more than a person looks through, and slow to weigh


@dataclass(frozen=True, slots=True)
class Hit:
    """One article. number: of the revision that is shown. title: of that revision. in_title: where the title has it."""

    article: str
    number: int
    series: str
    title: Snippet
    snippet: Snippet


@dataclass(frozen=True, slots=True)
class Hits:
    """What was found. total: articles. series, years: how many each has, where asked for; a year is "2018", or None."""

    total: int
    hits: tuple[Hit, ...]
    series: dict[str, int]
    years: dict[str | None, int]


class Wanted(TypedDict, total=False):
    """Which of what was found is given, as Search.ask takes it."""

    series: str | None
    year: str | None
    limit: int
    offset: int
    count: bool


class Search:
    """The index of one home, opened for reading for each question, so that a new file is seen at once."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def ask(
        self,
        query: Query,
        *,
        series: str | None = None,
        year: str | None = None,
        limit: int = 20,
        offset: int = 0,
        count: bool = False,
    ) -> Hits:
        """Answer a query. count: also by series and year, without the choice of series and year.

        Raises IntegrityError where the index is damaged, PartialError where there is none, or it cannot be read now.
        """
        found = _found(query)
        with self._open() as index:
            counts = index.execute(found.counts, found.values).fetchall() if count or series or year else []
            total = index.execute(found.total, found.values).fetchone()[0]
            values = {"series": series, "year": year, "limit": limit, "offset": offset}
            ranked = found.matched and total <= _TOO_COMMON
            rows = index.execute(found.ranked if ranked else found.dated, found.values | values).fetchall()
            hits = tuple(_hit(index, row, query) for (row, *_) in rows)
        by_series: dict[str, int] = {}
        by_year: dict[str | None, int] = {}
        if series or year:
            total = sum(many for name, when, many in counts if series in (None, name) and year in (None, when))
        for name, when, many in counts:
            if year in (None, when):
                by_series[name] = by_series.get(name, 0) + many
            if series in (None, name):
                by_year[when] = by_year.get(when, 0) + many
        return Hits(total, hits, by_series, by_year)

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        # A folder that cannot be written cannot take the log of a writer either: then nobody writes there.
        try:
            index = sqlite3.connect(f"file:{quote(str(self._path.absolute()))}?mode=ro", uri=True)
        except sqlite3.OperationalError as error:
            raise self._unreadable(error) from error
        try:
            index.execute("PRAGMA temp_store = MEMORY")
            yield index
        except sqlite3.DatabaseError as error:
            raise self._unreadable(error) from error
        finally:
            index.close()

    def _unreadable(self, error: sqlite3.Error) -> LianzaiError:
        # The primary code is the low byte; an error that SQLite did not raise has none, and tells of rows that do not fit.
        code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT) & 0xFF
        kind = IntegrityError if code in _DAMAGED else PartialError
        return kind(f"{self._path}: cannot be searched: {error}", action="lianzai rebuild, which makes it again")


@dataclass(frozen=True, slots=True)
class _Found:
    """A query in SQL. values: what is bound in all of them. matched: whether FTS5 is asked for words that are wanted."""

    values: dict[str, str | int | None]
    matched: bool
    total: str
    counts: str
    ranked: str
    dated: str


def _found(query: Query) -> _Found:
    values: dict[str, str | int | None] = {}
    conditions: list[str] = []
    wanted = " AND ".join(f"({' OR '.join(map(_spelled, group))})" for group in query.wanted)
    unwanted = " OR ".join(map(_spelled, query.unwanted))
    source, row, rank = "docs", "id", "0"
    if wanted:
        source, row, rank = "words", "rowid", _RANK
        conditions.append("words MATCH :wanted")
        values["wanted"] = f"({wanted}) NOT ({unwanted})" if unwanted else wanted
    elif unwanted:
        conditions.append("id NOT IN (SELECT rowid FROM words WHERE words MATCH :unwanted)")
        values["unwanted"] = unwanted
    within = _within(query.spans, values)
    if within:
        conditions.append(f"{row} IN (SELECT id FROM docs WHERE {within})")
    fits = f"FROM {source} WHERE {' AND '.join(conditions)}"
    # Materialized: FTS5 ranks only where it is asked alone.
    newest = f"WITH fits AS MATERIALIZED (SELECT max({row}) AS id {fits} GROUP BY {row} >> {REVISION_BITS})"
    ranked = f"WITH fits AS MATERIALIZED (SELECT {row} AS id, {rank} AS rank {fits})"
    shown = f"WHERE (:series IS NULL OR series = :series) AND (:year IS NULL OR {_YEAR} = :year)"
    page = "LIMIT :limit OFFSET :offset"
    return _Found(
        values,
        bool(wanted),
        f"SELECT count(DISTINCT {row} >> {REVISION_BITS}) {fits}",
        f"{newest} SELECT series, {_YEAR}, count(*) FROM fits JOIN docs USING (id) GROUP BY 1, 2",
        # SQLite takes the other columns from the row that has the largest number.
        f"{ranked} SELECT id, rank, max(number) FROM fits JOIN docs USING (id) {shown}"
        f" GROUP BY id >> {REVISION_BITS} ORDER BY rank, id DESC {page}",
        f"{newest} SELECT id FROM fits JOIN docs USING (id) {shown} ORDER BY day DESC, id DESC {page}",
    )


def _within(spans: Sequence[Span], values: dict[str, str | int | None]) -> str:
    conditions = []
    for number, span in enumerate(spans):
        for sign, day in ((">=", span.first), ("<=", span.last)):
            if day is not None:
                name = f"{'first' if sign == '>=' else 'last'}{number}"
                values[name] = day
                conditions.append(f"day {sign} :{name}")
    return " AND ".join(conditions)


def _spelled(term: Term) -> str:
    return _COLUMNS[term.field] + phrase(term.text)


def _hit(index: sqlite3.Connection, row: int, query: Query) -> Hit:
    found = index.execute(
        "SELECT article, number, series, title, body FROM docs JOIN texts USING (id) WHERE id = ?", (row,)
    ).fetchone()
    if found is None:
        raise sqlite3.DatabaseError(f"row {row} has no text")
    article, number, series, title, body = found
    return Hit(
        article, number, series, cut(title, query.terms(title=True), whole=True), cut(body, query.terms(title=False))
    )
