"""A ledger of an older lianzai is brought up to this one: nothing is lost, and what is new follows from what was there."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from old_ledger import ROWS, contents, fill, step_to
from sqlalchemy import create_engine, text
from sqlalchemy.exc import IntegrityError

from archive.ledger.seal import broken_rows
from archive.ledger.series import SeriesLedger
from archive.ledger.store import LEDGER, SCHEMA_VERSION, open_ledger


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """A home whose ledger is of schema 0001, with rows."""
    engine = create_engine(f"sqlite:///{tmp_path / LEDGER}")
    step_to(engine, "0001")
    fill(engine)
    engine.dispose()
    return tmp_path


def test_a_ledger_of_the_first_schema_keeps_every_row(old: Path) -> None:
    """Each table has its rows and values as before; an article shows the revision that was its last."""
    engine = create_engine(f"sqlite:///{old / LEDGER}")
    before = contents(engine)
    engine.dispose()
    open_ledger(old, create=True).close()
    after = contents(create_engine(f"sqlite:///{old / LEDGER}"))
    assert [(a["id"], a["shown"]) for a in after["articles"]] == [("a0", 2), ("a1", 0)]
    for rows in after.values():
        assert all(row.pop("sealed", 1) != 0 for row in rows)
    for row in after["series"]:
        assert row.pop("profile_crc") is None
    for row in after["articles"]:
        del row["shown"]
    for row in after["captures"]:
        assert [row.pop(name) for name in ("member_offset", "member_skip", "unread", "told")] == [None] * 4

    assert {name: after[name] for name in before} == before
    assert {name: len(rows) for name, rows in before.items()} == {name: len(rows) for name, rows in ROWS.items()}


def test_the_ledger_is_copied_as_it_was_before(old: Path) -> None:
    """A migration that goes wrong must cost nothing."""
    engine = create_engine(f"sqlite:///{old / LEDGER}")
    before = contents(engine)
    engine.dispose()
    open_ledger(old, create=True).close()
    (copy,) = old.glob(f"{LEDGER}.0001-*")
    copied = create_engine(f"sqlite:///{copy}")

    assert contents(copied) == before
    with copied.connect() as connection:
        assert connection.execute(text("SELECT version_num FROM alembic_version")).scalar() == "0001"


def test_a_migrated_ledger_is_whole_and_is_not_migrated_again(old: Path) -> None:
    """Its pages and references are sound, its indexes are there, and the next opening finds it as it should be."""
    open_ledger(old, create=True).close()
    open_ledger(old, create=True).close()
    with closing(sqlite3.connect(old / LEDGER)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        assert connection.execute("SELECT version_num FROM alembic_version").fetchall() == [(SCHEMA_VERSION,)]
        indexes = {row[1] for row in connection.execute("PRAGMA index_list(captures)")}
    assert {"captures_digest", "captures_url", "captures_unread", "captures_told"} <= indexes
    assert len(list(old.glob(f"{LEDGER}.*-*"))) == 1


def test_a_migrated_ledger_is_sealed_row_by_row(old: Path) -> None:
    """As each row is, also where JSON was spelled otherwise then; what is changed afterwards is named."""
    ledger = open_ledger(old, create=True)
    with ledger.write() as connection:
        sound = list(broken_rows(connection))
        connection.execute(text("UPDATE addresses SET attempts = 1"))
        connection.execute(text("UPDATE events SET at = '2018-08-30T00:00:00.000Z'"))
        broken = [(one.series, one.why) for one in broken_rows(connection)]
    ledger.close()

    assert sound == []
    assert broken == [
        ("shui", "addresses: shui http://paper.example/0 is other than it was sealed"),
        ("shui", "events: shui a0 captured 2018-08-30T00:00:00.000Z is other than it was sealed"),
    ]


def test_one_record_may_stand_in_several_series_and_once_in_each(old: Path) -> None:
    """The same file by others is imported to two series; within one an id names one record."""
    ledger = open_ledger(old, create=True)
    copy = text(
        "INSERT INTO captures (record_id, series, type, url, fetched, file, \"offset\", length, mime, digest, bytes)"
        " SELECT record_id, :series, type, url, fetched, 'imported/x.warc', \"offset\", length, mime, digest, bytes"
        " FROM captures WHERE record_id = '<urn:uuid:1>' AND series = 'shui'"
    )  # fmt: skip
    with ledger.write() as connection:
        connection.execute(copy, {"series": "qu"})
    with pytest.raises(IntegrityError), ledger.write() as connection:
        connection.execute(copy, {"series": "shui"})

    assert SeriesLedger(ledger, "qu").place_of("<urn:uuid:1>") == ("imported/x.warc", 5_000_000_001)
    assert SeriesLedger(ledger, "shui").has_record("<urn:uuid:2>")
    assert not SeriesLedger(ledger, "qu").has_record("<urn:uuid:2>")
    ledger.close()


def test_a_state_of_the_first_schema_loads(old: Path) -> None:
    """A migrated series goes on from where it was: what it was heard last is when it was looked at last."""
    ledger = open_ledger(old, create=True)
    state = SeriesLedger(ledger, "shui").load()
    ledger.close()

    assert [(a.shown, a.channels["page"].origin) for a in state.articles.values()] == [(2, "live"), (0, "live")]
    assert state.articles["a0"].heard == state.articles["a0"].last_checked


def test_the_steps_hold_on_postgresql_too(database: str) -> None:
    """Both databases end at the same keys."""
    engine = create_engine(database.replace("postgresql:", "postgresql+psycopg:"))
    try:
        step_to(engine, "0001")
        fill(engine)
        step_to(engine, "head")
        after = contents(engine)

        with engine.connect() as connection:
            assert list(broken_rows(connection)) == []
        assert [(a["id"], a["shown"]) for a in after["articles"]] == [("a0", 2), ("a1", 0)]
        assert {name: len(after[name]) for name in ROWS} == {name: len(rows) for name, rows in ROWS.items()}
    finally:
        engine.dispose()
