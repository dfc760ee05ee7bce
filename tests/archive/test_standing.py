"""How thousands of series stand: asked in few questions, whose number does not grow with the series; alike on both databases."""

from __future__ import annotations

import fcntl
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import event, text

from archive.home import Home
from archive.ledger import objects, queries, schema, standing
from archive.views import status

NOW = datetime(2018, 9, 10, 12, tzinfo=UTC)
STORE = "s3://bucket/prefix"


@pytest.fixture
def place(either: Home) -> Home:
    """All of this holds for both databases."""
    return either


def fill(filled: Any, number: int) -> list[str]:
    """Add series with two articles, three runs and two WARCs each; every other one is complete. Gives their ids."""
    known = [f"qu-{n}" for n in range(number)]
    for n, name in enumerate(known):
        profile = {"store": {"url": f"{STORE}/"}} if n % 3 else {"store": {}}
        filled.add_series(
            name, profile=profile, complete=n % 2 == 1, kept=True, schedule=f"{n % 2} 5 * * *", missing=["济源"]
        )
        filled.put(
            schema.ARTICLES,
            *(
                {
                    "id": f"{name}-{at}", "series": name, "key": str(at), "url": "http://qu.example/", "authors": [],
                    "state": state, "origin": "live", "revisions": revisions, "variants": [], "fold": {},
                    "published": f"2018-08-{n + at + 1:02}", "captured": "2018-09-01T05:00:00.120Z",
                }
                for at, (state, revisions) in enumerate((("captured", n % 3), ("withdrawn", 1)))
            ),
        )  # fmt: skip
        filled.put(
            schema.RUNS,
            *(
                {"id": f"{name}-{day}", "series": name, "started": f"2018-09-0{day}T05:00:00.120Z", "outcome": outcome}
                for day, outcome in ((2, "done"), (1, "done"), (3, "partial"))
            ),
        )
        for file in ("a.warc.gz", "渠.warc.gz"):
            row = {
                "name": file,
                "series": name,
                "serial": 1,
                "bytes": 3_000_000_000,
                "sha256": "sha256:1",
                "records": 4,
            }
            filled.put(schema.FILES, row)
    return known


def told(filled: Any, wanted: str | None = None) -> list[dict[str, Any]]:
    """Give the status of all series, or of one."""
    with filled.ledger.read() as connection:
        return list(status(connection, filled.home, now=NOW, next_fire=lambda *_: NOW, wanted=wanted)["series"])


def kept_object(series: str, name: str, *, digest: str = "sha256:1", verified: str | None = "2018-09-03") -> Any:
    """An object as `upload` notes it."""
    key = f"warc/{series}/{name}"
    return objects.KeptObject(STORE, key, series, 3_000_000_000, digest, "2018-09-02", verified)


def test_what_is_told_of_one_series_is_its_row_among_all(filled: Any) -> None:
    """One series of a large home is asked for alone, and told the same."""
    known = fill(filled, 5)
    everyone = told(filled)

    assert [row["id"] for row in everyone] == known
    assert [told(filled, name) for name in known] == [[row] for row in everyone]


def test_the_figures_of_each_series_are_its_own(filled: Any) -> None:
    """Counts, runs, bytes beyond 2³² and days are grouped by series."""
    fill(filled, 3)
    rows = told(filled)

    figures = ("found", "captured", "revised", "withdrawn", "failed", "bytes", "pending_uploads", "missing")
    assert [tuple(row[name] for name in figures) for row in rows] == [
        (2, 1, 0, 1, 0, 6_000_000_000, None, ["济源"]),
        (2, 2, 0, 1, 0, 6_000_000_000, 2, ["济源"]),
        (2, 2, 1, 1, 0, 6_000_000_000, 2, ["济源"]),
    ]
    assert {(row["last_run"], row["last_ok"]) for row in rows} == {("2018-09-03T05:00:00Z", "2018-09-02T05:00:00Z")}


def test_more_series_are_not_more_questions(filled: Any) -> None:
    """A question a series is what makes `status` of 10,000 take half a minute."""
    asked: list[str] = []
    event.listen(filled.ledger._base.engine, "before_cursor_execute", lambda *given: asked.append(given[2]))
    numbers = []
    for more in (2, 12):
        with filled.ledger.write() as connection:
            for table in (schema.RUNS, schema.FILES, schema.ARTICLES, schema.SERIES):
                connection.execute(table.delete())
        fill(filled, more)
        del asked[:]
        told(filled)
        numbers.append(len(asked))

    assert numbers[0] == numbers[1] < 12


def test_a_schedule_that_many_series_share_is_asked_once(filled: Any) -> None:
    """The next firing costs more than the rest of a row."""
    fill(filled, 10)
    asked: list[tuple[str, str | None]] = []

    def next_fire(schedule: str, timezone: str | None, after: datetime) -> datetime:
        asked.append((schedule, timezone))
        return after

    with filled.ledger.read() as connection:
        status(connection, filled.home, now=NOW, next_fire=next_fire)

    assert sorted(asked) == [("0 5 * * *", None), ("1 5 * * *", None)]


def test_a_warc_counts_as_sent_only_as_it_was_closed_and_read_back(filled: Any) -> None:
    """Of another digest, not read back, or of a series whose name begins alike, it is none of them."""
    fill(filled, 12)
    with filled.ledger.write() as connection:
        sent = [
            kept_object("qu-1", "a.warc.gz"),
            kept_object("qu-1", "渠.warc.gz"),
            kept_object("qu-2", "a.warc.gz", digest="sha256:2"),
            kept_object("qu-4", "a.warc.gz", verified=None),
            kept_object("qu-5", "b.warc.gz"),
            kept_object("qu-10", "a.warc.gz"),
        ]
        objects.put_objects(connection, sent)
    waiting = {row["id"]: row["pending_uploads"] for row in told(filled)}

    assert {name: number for name, number in waiting.items() if number is not None} == {
        "qu-1": 0, "qu-2": 2, "qu-4": 2, "qu-5": 2, "qu-7": 2, "qu-8": 2, "qu-10": 1, "qu-11": 2,
    }  # fmt: skip


def test_a_store_named_by_the_environment_counts_with_the_most_it_holds(filled: Any) -> None:
    """Its value is not known here: the ledger names it by a digest."""
    held = {"env:STORE#1234abcd": 3, "env:STORE#00000000": 1, "env:STOREROOM#1": 9, STORE: 5}

    assert objects.pending(5, "env:STORE", held) == 2
    assert objects.pending(5, f"{STORE}/", held) == 0
    assert objects.pending(5, "file:///elsewhere", held) == 5


def test_the_last_run_of_each_series_is_found_whatever_order_they_came_in(filled: Any) -> None:
    """At its start the service asks whether a firing was missed since."""
    known = fill(filled, 3)
    filled.add_series("never-run")
    with filled.ledger.read() as connection:
        last = standing.last_runs(connection)

    found = {name: (row["started"], row["outcome"]) for name, row in last.items()}

    assert found == dict.fromkeys(known, ("2018-09-03T05:00:00.120Z", "partial"))


def test_only_the_series_whose_lock_is_held_are_being_crawled(filled: Any) -> None:
    """A lock file stays behind each crawl: that it is there says nothing."""
    home: Home = filled.home
    assert home.crawled(["a", "b"]) == frozenset()

    home.locks.mkdir()
    for name in ("a", "b", "c"):
        home.lock(name).write_text("{}", "utf-8")
    with home.lock("b").open() as held, home.lock("c").open() as other:
        fcntl.flock(held, fcntl.LOCK_EX)
        fcntl.flock(other, fcntl.LOCK_EX)

        assert home.crawled(["a", "b", "nowhere"]) == {"b"}


def test_how_series_stand_is_read_from_indexes_alone(filled: Any) -> None:
    """The articles of 10,000 series are 600 MB and their index 30: a ledger of years is not read through for `status`."""
    if filled.home.database is not None:
        pytest.skip("PostgreSQL plans by the sizes of the tables")
    questions: list[str] = []
    event.listen(filled.ledger._base.engine, "before_cursor_execute", lambda *given: questions.append(given[2]))
    with filled.ledger.read() as connection:
        queries.counts(connection)
        queries.publications(connection)
        queries.last_runs(connection)
        asked = [one for one in questions if one.startswith("SELECT")]
        plans = [
            "\n".join(row[3] for row in connection.execute(text(f"EXPLAIN QUERY PLAN {_literal(one)}")))
            for one in asked
        ]

    assert len(plans) == 3
    assert "USING COVERING INDEX articles_standing" in plans[0]
    assert "USING COVERING INDEX articles_standing" in plans[1]
    assert plans[2].count("USING COVERING INDEX runs_standing") == 2


def _literal(question: str) -> str:
    """Put some value where a statement has a place for one: the plan does not depend on it."""
    return question.replace("?", "'done'").replace(":", "")
