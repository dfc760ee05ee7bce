"""The tables of a ledger in PostgreSQL: what their indexes hold, and how those of older versions become them."""

from __future__ import annotations

import re
from contextlib import closing
from pathlib import Path
from random import Random
from typing import Any

import pytest
from old_ledger import contents, fill, step_to
from postgres_server import Postgres
from sqlalchemy import create_engine, delete, insert, text

from archive.errors import HomeError
from archive.fold import Address
from archive.home import Home
from archive.ledger import queries, schema
from archive.ledger.postgres import HOME_ID
from archive.ledger.series import Batch, SeriesLedger
from archive.ledger.store import SCHEMA_VERSION, Ledger, open_ledger
from archive.ledger.types import MAX_KEY, Key
from archive.warc.taken import foreign_captures


def opened(home: Home) -> Any:
    return closing(open_ledger(home, create=True))


INCOMPRESSIBLE = "".join(Random(1).choices("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", k=9000))
CAPTURE = {"series": "qushui", "type": "response", "url": "u", "fetched": "1", "file": "f", "offset": 1, "length": 1, "mime": "m",
           "record_id": "r", "digest": "d", "bytes": 1}  # fmt: skip
KEYS = {
    "record": (schema.CAPTURES, CAPTURE, "record_id"),
    "digest": (schema.CAPTURES, CAPTURE, "digest"),
    "file": (
        schema.FILES,
        {"series": "qushui", "serial": 1, "bytes": 1, "sha256": "s", "records": 1, "name": "n"},
        "name",
    ),
    "store": (schema.OBJECTS, {"key": INCOMPRESSIBLE[:MAX_KEY], "bytes": 1, "sha256": "s"}, "store"),
    "object": (schema.OBJECTS, {"store": INCOMPRESSIBLE[:MAX_KEY], "bytes": 1, "sha256": "s"}, "key"),
    "address": (schema.NOTICES, {"series": "qushui", "kind": "run", "subject": INCOMPRESSIBLE}, "address"),
}


@pytest.mark.parametrize("name", KEYS)
def test_a_name_is_taken_or_refused_by_both_databases_alike(both: list[Ledger], name: str) -> None:
    """An index of PostgreSQL would refuse it with words for nobody, and SQLite take what a later move could not."""
    table, row, column = KEYS[name]
    for ledger in both:
        with ledger.write() as connection:
            connection.execute(delete(table))
            connection.execute(insert(table).values(**row | {column: INCOMPRESSIBLE[:MAX_KEY]}))
        with (
            pytest.raises(HomeError, match=r"a name of 1,301 bytes .*: the ledger takes at most 1,300") as caught,
            ledger.write() as connection,
        ):
            connection.execute(insert(table).values(**row | {column: "é" + INCOMPRESSIBLE[: MAX_KEY - 1]}))

        assert "lianzai import" in str(caught.value)
        assert INCOMPRESSIBLE not in str(caught.value)


def test_every_index_of_postgresql_is_of_what_is_bounded(both: list[Ledger]) -> None:
    """A column that is indexed as it is must be a key, or hold what this program alone writes."""
    ours = {"id", "series", "run", "state", "article", "number", "channel", "position", "started", "outcome", "published",
            "captured", "at", "kind", "revisions", "version_num"}  # fmt: skip
    keys = {one.name for table in schema.METADATA.sorted_tables for one in table.c if isinstance(one.type, Key)}
    with both[1].read() as connection:
        asked = text("SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' AND indexdef LIKE '%USING btree%'")
        found = {word for (line,) in connection.execute(asked)
                 for word in re.findall(r"(?:^|, )(\w+)", re.sub(r"sha256\(.*\)", "", line.partition("btree (")[2]))}  # fmt: skip

    assert found - keys - ours == set()


def test_a_digest_that_is_none_is_none(tmp_path: Path) -> None:
    """A revisit by others is told by the digest that it tells, which may be as long as a header."""
    head = "WARC/1.1\r\nWARC-Type: revisit\r\nWARC-Record-ID: <urn:x:{0}>\r\nWARC-Target-URI: http://q.example/\r\n"
    head += "WARC-Date: 2018-08-30T04:00:00Z\r\nWARC-Payload-Digest: {1}\r\nContent-Length: 0\r\n\r\n\r\n\r\n"
    path = tmp_path / "x.warc"
    path.write_text(
        "".join(head.format(n, told) for n, told in enumerate(("sha512:" + "0f" * 64, "sha1:" + INCOMPRESSIBLE)))
    )
    found = [one.told_digest for one in foreign_captures(path, "imported/x.warc", "sha256:0", pytest.fail)]

    assert found == ["sha512:" + "0f" * 64, ""]


def layout(postgres: Postgres, url: str) -> tuple[list[Any], ...]:
    """Give columns and indexes of a ledger's tables as the database has them."""
    asked = (
        (
            "SELECT table_name, column_name, data_type, collation_name, is_nullable, is_identity FROM information_schema.columns"
            " WHERE table_schema = 'public' AND {} ORDER BY 1, 2"
        ),
        "SELECT tablename, indexdef FROM pg_indexes WHERE schemaname = 'public' AND {} ORDER BY 1, 2",
    )
    tables = ", ".join(f"'{name}'" for name in schema.METADATA.tables)
    names = ("table_name", "tablename")
    return tuple(
        postgres.do(question.format(f"{name} IN ({tables})"), url.rpartition("/")[2])
        for question, name in zip(asked, names, strict=True)
    )


@pytest.mark.parametrize("version", ["0001", "0002", "0003", "0004"])
def test_an_older_schema_is_copied_within_the_database_and_migrated(
    home: Home, postgres: Postgres, tmp_path: Path, version: str
) -> None:
    """Every row is there afterwards, and as it was beside the tables; the home goes on with it."""
    name = str(home.database).rpartition("/")[2]
    engine = create_engine(str(home.database).replace("postgresql:", "postgresql+psycopg:"))
    step_to(engine, "0001")
    fill(engine)
    step_to(engine, version)
    before = contents(engine)
    postgres.do("CREATE TABLE home (id varchar PRIMARY KEY)", name)
    postgres.do("INSERT INTO home VALUES ('a-home')", name)
    (home.root / HOME_ID).write_text("a-home")
    with opened(home) as ledger:
        with ledger.read() as connection:
            reached = queries.schema_version(connection)
        state = SeriesLedger(ledger, "shui").load()
        state.put(Address("http://paper.example/0", "page", digest="sha256:2"))
        SeriesLedger(ledger, "shui").save(state, Batch(), rules="")
    after = contents(engine)
    engine.dispose()
    made = postgres.make()
    open_ledger(Home(tmp_path / "new", made), create=True).close()

    assert reached == SCHEMA_VERSION
    assert [one.shown for one in state.articles.values()] == [2, 0]
    for table, rows in before.items():
        (copy,) = [one for one in after if re.fullmatch(rf"{table}\.{version}-\d{{14}}", one)]
        assert after[copy] == rows
        assert len(after[table]) == len(rows)
    assert [row["digest"] for row in after["addresses"]] == ["sha256:2"]
    assert layout(postgres, str(home.database)) == layout(postgres, made)
