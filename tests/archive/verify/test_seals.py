"""Seals: each row of each table bears a digest of itself, whatever wrote it, and keeps a broken one until it is made again."""

from __future__ import annotations

import ast
import logging
import shutil
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import walk
from damaged_home import PROFILE, SERIES, change, crawled_twice, wrong
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, create_engine

from archive.home import Home
from archive.ledger import notices, objects, queries, writing
from archive.ledger.objects import KeptObject
from archive.ledger.schema import CAPTURES, METADATA, RUNS, SEALED
from archive.ledger.seal import broken_rows
from archive.ledger.series import SeriesLedger
from archive.ledger.store import Ledger, open_ledger
from archive.ledger.types import json_text, json_value
from archive.verify import verify_home
from crawler.keeping import keep, pause
from crawler.run import SeriesRun

ROOM = Path(writing.__file__).parent


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with rows in every table: two crawls, a kept profile, an object in a store, a notice, a capture by others."""
    folder = tmp_path_factory.mktemp("kept")
    home = crawled_twice(folder / "home")
    (folder / "p.toml").write_text(PROFILE, encoding="utf-8")
    keep(home, str(folder / "p.toml"), {})
    sent = "2026-11-25T05:00:00.000Z"
    with closing(open_ledger(home, create=False)) as ledger, ledger.write() as connection:
        for of, key in ((SERIES, "warc/x"), (None, "ledger/x")):
            objects.put_objects(connection, [KeptObject("file:///s", key, of, 7, "sha256:7", sent, sent)])
        notices.remember(connection, SERIES, "env:NOTIFY", [("failed", "http://q.example/1")], sent)
        columns = [column.name for column in CAPTURES.columns if column.name != SEALED]
        one = connection.execute(CAPTURES.select().limit(1)).mappings().one()
        other = {name: one[name] for name in columns} | {
            "record_id": "<urn:x:1>",
            "unread": "http://q.example/",
            "told": "x",
        }
        writing.insert(connection, CAPTURES, [other])
    return home.root


@pytest.fixture
def ledger(home: Home) -> Iterator[Ledger]:
    """The ledger of that home."""
    with closing(open_ledger(home, create=False)) as ledger:
        yield ledger


def _broken(ledger: Ledger) -> list[str]:
    with ledger.read() as connection:
        return [one.table for one in broken_rows(connection)]


# ------------------------------------------------------------------------------------------------------ what is found


def _other(value: Any) -> Any:
    """Give what one flipped bit makes of a value."""
    match value:
        case int():
            return value ^ 1
        case str():
            middle = len(value) // 2
            return value[:middle] + chr(ord(value[middle]) ^ 1) + value[middle + 1 :]
        case _:
            raise TypeError(value)


def test_one_flipped_bit_in_any_column_of_any_table_is_found(kept: Path) -> None:
    """Also in the seal, and in what no WARC and no other row tells: a series that is paused, an address that waits.

    But for the number of an event: each index of the table has it too, and SQLite's own check compares them.
    """
    columns = {(table.name, column.name) for table in METADATA.sorted_tables for column in table.columns}
    empty, missed = set(), set()
    engine = create_engine(f"sqlite:///{kept / 'ledger.sqlite3'}")
    with engine.connect() as connection:
        sound = list(broken_rows(connection))
        for table, name in sorted(columns - {("events", "id")}):
            filled = f'SELECT rowid, "{name}" FROM {table} WHERE length(CAST("{name}" AS TEXT)) > 0 ORDER BY rowid DESC'
            row = connection.exec_driver_sql(filled).first()
            if row is None:
                empty.add(f"{table}.{name}")
                continue
            set_to = f'UPDATE {table} SET "{name}" = ? WHERE rowid = ?'
            connection.exec_driver_sql(set_to, (_other(row[1]), row[0]))
            if [one.table for one in broken_rows(connection)] != [table]:
                missed.add(f"{table}.{name}")
            connection.rollback()
    engine.dispose()

    assert sound == []
    assert missed == set()
    assert empty <= {
        "series.expected", "series.complete", "series.schedule", "series.timezone", "series.cadence_s", "series.blocked_until",
        "series.profile_crc", "articles.failing", "articles.failing_detail", "articles.gone_since", "addresses.etag",
        "addresses.last_modified", "addresses.updated", "captures.truncated", "captures.member_offset", "captures.member_skip",
        "objects.failed", "captures.refers_to", "events.start", "events.end",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("statement", "named"),
    [
        ("UPDATE series SET paused = 1", f"series: {SERIES} is"),
        ("UPDATE series SET profile_text = replace(profile_text, 'a', 'b')", f"series: {SERIES} is"),
        ("UPDATE captures SET unread = unread || 'x' WHERE unread IS NOT NULL", f"captures: {SERIES} <urn:x:1> is"),
        ("UPDATE addresses SET attempts = attempts + 1 WHERE role = 'list'", f"addresses: {SERIES} http"),
        ("UPDATE events SET at = replace(at, '20', '21') WHERE kind = 'found'", f"events: {SERIES} "),
        ("UPDATE objects SET verified = NULL WHERE series IS NULL", "objects: file:///s ledger/x is"),
        ("UPDATE notices SET told = NULL", f"notices: {SERIES} env:NOTIFY failed http"),
        ("UPDATE runs SET report = json_set(report, '$.complete', 7)", "runs: "),
    ],
)
def test_verify_names_table_and_row(home: Home, statement: str, named: str) -> None:
    """What stands in the ledger alone: a bit of it was found by nobody."""
    change(home, "DELETE FROM captures WHERE record_id = '<urn:x:1>'" if "unread" not in statement else "SELECT 1")
    change(home, statement)
    report = verify_home(home)

    assert wrong(report) == ["ledger.sqlite3"]
    assert any(why.startswith(named) and "sealed" in why for why in report.damaged["ledger.sqlite3"].why)


@pytest.fixture(scope="module")
def empty() -> Iterator[Engine]:
    """The tables of a ledger, without rows."""
    engine = create_engine("sqlite://", json_serializer=json_text, json_deserializer=json_value)
    METADATA.create_all(engine)
    yield engine
    engine.dispose()


@given(
    values=st.fixed_dictionaries(
        {
            # An object, as every column of JSON holds one or a list: SQLite turns a bare 0.0 into a number of its own.
            "report": st.dictionaries(
                st.text(),
                st.recursive(
                    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
                    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
                    max_leaves=8,
                ),
                max_size=3,
            ),
            "outcome": st.none() | st.text(),
        }
    )
)
def test_whatever_is_written_is_read_back_as_it_was_sealed(empty: Engine, values: dict[str, Any]) -> None:
    """A seal that a sound row breaks is worse than none: NULs, lone surrogates, numbers, nested JSON, nulls."""
    with empty.connect() as connection:
        writing.insert(connection, RUNS, [{"id": "r", "series": "s", "started": "x", "finished": None, **values}])
        sound = list(broken_rows(connection))
        connection.rollback()

    assert sound == []


# ----------------------------------------------------------------------------------------------------- what is written


def test_rows_are_written_in_one_place() -> None:
    """No module writes a row without its seal: none but writing.py knows how; store.py copies whole ledgers with their seals."""
    writers = set()
    for path in ROOM.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("sqlalchemy"):
                names = {alias.name for alias in node.names}
                writers |= {path.name} if names & {"insert", "update", "postgresql"} else set()

    assert writers == {"writing.py", "store.py", "seal.py"}


def test_each_way_of_writing_seals(home: Home, ledger: Ledger) -> None:
    """Crawls, marks of the user, objects, notices: the fixture wrote them; here what changes some columns of a row."""
    pause(home, SERIES, paused=True)
    with ledger.write() as connection:
        queries.mark(connection, SERIES, kept=False)
        waits = CAPTURES.c.unread.is_not(None)
        assert writing.change(connection, CAPTURES, waits, {"unread": None}) == [True]
    rows = SeriesLedger(ledger, SERIES)
    rows.put(title="渠\x00水\ud800")

    assert _broken(ledger) == []
    assert rows.is_whole()


def test_what_decayed_is_not_sealed_by_the_next_change(home: Home, ledger: Ledger) -> None:
    """A crawl writes some columns of its series' row: another one that decayed must not pass for right from then on."""
    change(home, "UPDATE series SET cadence_s = 7")
    rows = SeriesLedger(ledger, SERIES)
    for title in ("a", "b", "c"):
        rows.put(title=title)

    assert _broken(ledger) == ["series"]
    assert not rows.is_whole()


def test_a_copy_of_the_ledger_is_sealed_as_the_ledger_is(
    home: Home, ledger: Ledger, tmp_path: Path, database: str
) -> None:
    """From SQLite to PostgreSQL and back: what decayed stays named, what is sound stays sound."""
    change(home, "UPDATE addresses SET attempts = 7 WHERE role = 'list'")
    shutil.copy(home.ledger, tmp_path / "ledger.sqlite3")
    ledger.close()
    number = len(_broken(ledger))
    with closing(open_ledger(Home(home.root, database), create=True)) as other:
        there = _broken(other)
        other.copy_to(tmp_path / "copy.sqlite3")
    engine = create_engine(f"sqlite:///{tmp_path / 'copy.sqlite3'}")
    with engine.connect() as connection:
        back = [one.table for one in broken_rows(connection)]
    engine.dispose()

    assert number > 0
    assert there == back == ["addresses"] * number


# ------------------------------------------------------------------------------------------------------------- mended


def test_a_rebuild_makes_the_series_row_whole_and_tells_what_no_warc_tells(
    home: Home, caplog: pytest.LogCaptureFixture
) -> None:
    """Another source in the row would be refused, another profile would be folded under: the WARCs' holds. `paused` is told."""
    change(home, "DELETE FROM captures WHERE record_id = '<urn:x:1>'")
    change(home, "UPDATE series SET paused = 1, source = 'x', title = 'x', rules = 'x'")
    change(home, "UPDATE objects SET bytes = bytes + 1")
    change(home, "UPDATE notices SET told = 'x', series = 'nobody'")
    broken = verify_home(home).damaged["ledger.sqlite3"].why
    with caplog.at_level(logging.WARNING):
        run = SeriesRun(home, walk.profile_of(PROFILE), anew=True)
    run.derive()
    row = run.rows.row()
    run.close()
    said = [str(record.__dict__.get("fields", record.getMessage())) for record in caplog.records]

    assert len([why for why in broken if "sealed" in why]) == 4
    assert row is not None
    assert (row["paused"], row["title"] == "x", row["source"] == "x") == (True, False, False)
    assert any("paused True" in line for line in said), said
    assert any("objects: file:///s warc/x" in line for line in said), said
    assert verify_home(home).whole
