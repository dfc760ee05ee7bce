"""The ledger as a file: made, migrated, refused, shared."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import create_engine, inspect, text
from sqlalchemy.exc import IntegrityError

from archive.errors import HomeError
from archive.home import Home
from archive.ledger.store import LEDGER, SCHEMA_VERSION, migrate, open_ledger


def shape(path: Path) -> dict[str, object]:
    """Tables, columns, keys and indexes of a database."""
    found = inspect(create_engine(f"sqlite:///{path}"))
    return {
        table: (
            [(c["name"], str(c["type"]), c["nullable"]) for c in found.get_columns(table)],
            sorted(found.get_pk_constraint(table)["constrained_columns"]),
            sorted((f["constrained_columns"][0], f["referred_table"]) for f in found.get_foreign_keys(table)),
            sorted((i["name"] or "", tuple(i["column_names"])) for i in found.get_indexes(table)),
        )
        for table in sorted(found.get_table_names())
    }


def test_a_new_ledger_is_what_the_migrations_make(tmp_path: Path) -> None:
    """New homes are made at once, old ones step by step; both must end at the same schema."""
    open_ledger(tmp_path / "new", create=True).close()
    engine = create_engine(f"sqlite:///{tmp_path / 'steps'}")
    with engine.begin() as connection:
        migrate(connection)

    assert shape(tmp_path / "new" / LEDGER) == shape(tmp_path / "steps")


def test_a_ledger_of_a_newer_version_is_refused_untouched(tmp_path: Path) -> None:
    """What an older program would write there, a newer one might misread."""
    open_ledger(tmp_path, create=True).close()
    with sqlite3.connect(tmp_path / LEDGER) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")

    with pytest.raises(HomeError, match="newer lianzai"):
        open_ledger(tmp_path, create=True)


def test_an_older_ledger_is_copied_before_it_is_migrated(tmp_path: Path) -> None:
    """A migration that goes wrong must cost nothing."""
    open_ledger(tmp_path, create=True).close()
    with sqlite3.connect(tmp_path / LEDGER) as connection:
        for (table,) in connection.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'"
        ).fetchall():
            if table != "alembic_version":
                connection.execute(f"DROP TABLE {table}")
        connection.execute("DELETE FROM alembic_version")
        connection.execute("INSERT INTO alembic_version VALUES ('0000')")
        connection.execute("CREATE TABLE of_old (what TEXT)")
    connection.close()

    with pytest.raises(Exception, match="0000"):  # there is no step before the first: Alembic does not know it
        open_ledger(tmp_path, create=True)
    (copy,) = tmp_path.glob(f"{LEDGER}.0000-*")

    with sqlite3.connect(copy) as kept:
        assert kept.execute("SELECT name FROM sqlite_master WHERE name = 'of_old'").fetchall() == [("of_old",)]


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    """A wrong file is never written over."""
    (tmp_path / LEDGER).write_bytes(b"this is no database, and longer than a header of SQLite would be" * 20)

    with pytest.raises(HomeError, match="not a database"):
        open_ledger(tmp_path, create=True)


def test_a_failed_transaction_leaves_nothing(either: Home) -> None:
    """All of a batch is kept, or nothing of it."""
    ledger = open_ledger(either, create=True)
    first = "INSERT INTO alembic_version VALUES ('more')"
    second = "INSERT INTO alembic_version VALUES ('more')"  # the key is taken

    def both() -> None:
        with ledger.write() as connection:
            connection.execute(text(first))
            connection.execute(text(second))

    with pytest.raises(IntegrityError):
        both()

    with ledger.read() as connection:
        assert connection.execute(text("SELECT count(*) FROM alembic_version")).scalar() == 1
    ledger.close()


def test_readers_see_one_state_while_a_writer_writes(either: Home) -> None:
    """`status` beside a running crawl neither waits nor sees half a batch."""
    ledger, other = open_ledger(either, create=True), open_ledger(either, create=True)
    asked = text("SELECT version_num FROM alembic_version")
    with other.read() as reader:
        first = reader.execute(asked).scalar()
        with ledger.write() as writer:
            writer.execute(text("UPDATE alembic_version SET version_num = 'changed'"))

            assert reader.execute(asked).scalar() == first == SCHEMA_VERSION
        assert reader.execute(asked).scalar() == SCHEMA_VERSION
    with other.read() as reader:
        assert reader.execute(asked).scalar() == "changed"
    ledger.close()
    other.close()
