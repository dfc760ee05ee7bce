"""A ledger of an older lianzai is brought up to this one: nothing is lost, and what is new follows from what was there."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Engine, MetaData, create_engine, insert, select, text
from sqlalchemy.exc import IntegrityError

from archive.ledger import store
from archive.ledger.series import SeriesLedger
from archive.ledger.store import LEDGER, SCHEMA_VERSION, open_ledger

AT = "2026-11-25T05:00:00.000Z"
MIGRATIONS = Path(store.__file__).parent / "migrations"
# Rows of schema 0001, each table at least once; an article with two revisions, one with none.
ROWS: dict[str, list[dict[str, Any]]] = {
    "series": [
        {"id": name, "title": "渠", "source": "list-page", "profile": {}, "kept": True, "paused": False, "subjects": ["郑州"],
         "missing": [], "folded_offset": 9, "state": {"title": None, "run": None}}
        for name in ("shui", "qu")
    ],
    "runs": [{"id": "r1", "series": "shui", "started": AT, "finished": AT, "outcome": "done", "report": {"found": 2}}],
    "articles": [
        {"id": f"a{n}", "series": "shui", "key": f"k{n}", "url": f"http://paper.example/{n}", "authors": [], "state": state,
         "origin": "live", "revisions": revisions, "captured": AT, "last_checked": AT, "variants": [],
         "fold": {"name": "", "seq": n, "aliases": [], "detail": None, "scores": {}, "list_title": None, "updated": None,
                  "own_listed": True, "listed": True, "gone_checks": 0, "gone_run": None, "gone_evidence": [],
                  "unlisted_at": None,
                  "channels": [{"name": "page", "url": f"http://paper.example/{n}", "record_id": None, "digest": None,
                                "captured": None, "gone": None}]}}
        for n, (state, revisions) in enumerate((("captured", 2), ("found", 0)))
    ],
    "addresses": [{"series": "shui", "url": "http://paper.example/0", "role": "page", "article": "a0", "channel": "page",
                   "attempts": 0}],
    "captures": [
        {"record_id": f"<urn:uuid:{n}>", "series": "shui", "run": "r1", "type": "response", "url": "http://paper.example/0",
         "fetched": AT, "file": "shui-20261125050000-00001.warc.gz", "offset": 5_000_000_000 + n, "length": 9, "status": 200,
         "mime": "text/html", "digest": f"sha256:{n:064x}", "bytes": 3}
        for n in (1, 2)
    ],
    "revisions": [
        {"article": "a0", "number": n, "fetched": AT, "record_id": f"<urn:uuid:{n}>", "reading": {"text": f"第{n}"},
         "text_sha256": "sha256:0", "witnesses": []}
        for n in (1, 2)
    ],
    "readings": [{"article": "a0", "channel": "page", "reading": {"text": "第2"}}],
    "events": [{"series": "shui", "article": "a0", "at": AT, "kind": "captured", "fields": [], "evidence": ["<urn:uuid:1>"]}],
    "files": [{"name": "shui-20261125050000-00001.warc.gz", "series": "shui", "serial": 1, "bytes": 7, "sha256": "sha256:1",
               "records": 4}],
}  # fmt: skip


def step_to(engine: Engine, version: str) -> None:
    """Run the steps up to a version."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, version)


def fill(engine: Engine) -> None:
    """Put the rows in as they were written then."""
    tables = MetaData()
    tables.reflect(engine)
    with engine.begin() as connection:
        for name, rows in ROWS.items():
            connection.execute(insert(tables.tables[name]), rows)


def contents(engine: Engine) -> dict[str, list[dict[str, Any]]]:
    """All rows of the tables, in the order of their values."""
    tables = MetaData()
    tables.reflect(engine)
    with engine.connect() as connection:
        return {
            name: sorted((dict(row) for row in connection.execute(select(table)).mappings()), key=repr)
            for name, table in tables.tables.items()
            if name != "alembic_version"
        }


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

        assert [(a["id"], a["shown"]) for a in after["articles"]] == [("a0", 2), ("a1", 0)]
        assert {name: len(after[name]) for name in ROWS} == {name: len(rows) for name, rows in ROWS.items()}
    finally:
        engine.dispose()
