"""The ledger in a PostgreSQL database: made, shared, refused, cut off; and what both databases give back."""

from __future__ import annotations

import json
import signal
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from postgres_server import PASSWORD, Postgres
from sqlalchemy import event, insert, select, text

from archive.errors import HomeError, LianzaiError, ServiceError, UsageError
from archive.fold import Address, SeriesState
from archive.home import Home
from archive.ledger import queries, schema, standing
from archive.ledger.series import Batch, SeriesLedger
from archive.ledger.store import LEDGER, SCHEMA_VERSION, Ledger, open_ledger, open_to_read
from archive.ledger.types import MARK, String, Text, json_text, json_value, keepable, restored

ANY_TEXT = st.text(
    st.characters(exclude_categories=()) | st.sampled_from(["\x00", "\ud83d", "\ude00", MARK, "\\", "u"])
)
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | ANY_TEXT, lambda of: st.lists(of) | st.dictionaries(ANY_TEXT, of)
)


def opened(home: Home) -> Any:
    return closing(open_ledger(home, create=True))


# ---------------------------------------------------------------------------------------------------------------- values


@given(ANY_TEXT)
def test_any_text_comes_back(written: str) -> None:
    """Also the marks by which others are spelled."""
    kept = keepable(written)

    assert restored(kept) == written
    assert "\x00" not in kept
    assert kept.encode().decode() == kept


@given(ANY_JSON)
@pytest.mark.soak
def test_any_json_comes_back(value: Any) -> None:
    """A pair of lone surrogates stays a pair of lone surrogates; no escape of NUL is left for PostgreSQL to refuse."""
    kept = json_text(value)

    assert json_value(kept) == value
    assert kept.encode().decode() == kept
    assert "\x00" not in json.dumps(json.loads(kept), ensure_ascii=False)


@given(ANY_TEXT, ANY_JSON)
@pytest.mark.soak
def test_both_databases_give_back_what_a_page_says(both: list[Ledger], title: str, value: Any) -> None:
    """Whatever a page says is kept: NULs and lone surrogates too, which PostgreSQL has no place for, in both alike."""
    for ledger in both:
        SeriesLedger(ledger, "qushui").put(title=title, profile={"store": {"url": value}, "more": title})
        with ledger.read() as connection:
            row = connection.execute(select(schema.SERIES.c.title, schema.SERIES.c.profile)).one()
            found = connection.execute(select(schema.SERIES.c.id).where(schema.SERIES.c.title == title)).scalars().all()
            (asked,) = standing.standing(connection)

        assert tuple(row) == (title, {"store": {"url": value}, "more": title})
        assert found == ["qushui"]
        assert asked["store"] == value or not isinstance(value, str)  # the service asks for texts alone


def test_rows_of_older_versions_read_as_they_are(tmp_path: Path) -> None:
    """SQLite took a NUL as it was, and JSON had it as an escape: old files have them."""
    with opened(Home(tmp_path)) as ledger:
        SeriesLedger(ledger, "qushui").put(title="", source="", profile={}, subjects=[])
        with ledger.write() as connection:
            connection.exec_driver_sql("UPDATE series SET title = 'a' || char(0) || 'b', subjects = '[\"\\u0000\"]'")
        row = SeriesLedger(ledger, "qushui").row()

    assert row is not None
    assert (row["title"], row["subjects"]) == ("a\x00b", ["\x00"])


def test_every_text_sorts_by_code_points_whatever_the_database_sorts_by(both: list[Ledger]) -> None:
    """By the rules of a language "a-2" may stand before "a1": then `since` and the order of files would differ."""
    names = ["Z", "a-2", "a1", "a_3", "b", "é", "渠", "𠀀"]
    texts = [(table.name, one) for table in schema.METADATA.sorted_tables for one in table.c]
    columns = {(name, one.name) for name, one in texts if isinstance(one.type, String | Text)}
    asked = text("SELECT table_name, column_name, collation_name FROM information_schema.columns")
    with both[1].read() as connection:
        found = {(table, column): collation for table, column, collation in connection.execute(asked)}
        values = text('SELECT name FROM unnest(CAST(:names AS text[])) AS name ORDER BY name COLLATE "C"')

        assert connection.execute(values, {"names": names[::-1]}).scalars().all() == sorted(names)
    assert {found[one] for one in columns} == {"C"}


@pytest.mark.parametrize("of", ["\\n{}", "http://qushui.example/?{}"])
def test_addresses_as_long_as_a_crawl_takes_them_are_kept_once(both: list[Ledger], of: str) -> None:
    """An index of PostgreSQL holds 2,704 bytes, and incompressible addresses of 8,192 characters are crawled."""
    import random

    chance = random.Random(20180830)
    url = of.format("".join(chance.choice("0123456789abcdefghijklmnopqrstuvwxyz\\%") for _ in range(8192)))
    for ledger in both:
        rows = SeriesLedger(ledger, "qushui")
        for digest in ("sha256:1", "sha256:2"):
            state = SeriesState()
            state.put(Address(url, "list", digest=digest))
            rows.save(state, Batch(), rules="")
        with ledger.read() as connection:
            found = (
                connection.execute(select(schema.ADDRESSES.c.digest).where(schema.ADDRESSES.c.url == url))
                .scalars()
                .all()
            )

        assert found == ["sha256:2"]


def test_numbers_beyond_32_bits_are_kept(both: list[Ledger]) -> None:
    """SQLite takes them, so a profile may have them."""
    for ledger in both:
        SeriesLedger(ledger, "qushui").put(expected=2**40)

        row = SeriesLedger(ledger, "qushui").row()
        assert row is not None
        assert row["expected"] == 2**40


# ---------------------------------------------------------------------------------------------------------------- sharing


def test_many_processes_make_one_ledger(home: Home) -> None:
    """`serve` and a crawl by hand may be the first in a home at the same moment."""
    barrier = threading.Barrier(8)

    def first(_: int) -> str | None:
        barrier.wait()
        with opened(home) as ledger, ledger.read() as connection:
            return queries.schema_version(connection)

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(first, range(8))) == [SCHEMA_VERSION] * 8


def test_one_writes_at_a_time_and_sees_what_was_written_before(home: Home) -> None:
    """What a transaction reads holds when it writes: eight that each add one to a number make it eight."""
    with opened(home) as ledger:
        SeriesLedger(ledger, "qushui").put(title="", source="", profile={}, subjects=[], expected=0)

        def add(_: int) -> None:
            with opened(home) as mine, mine.write() as connection:
                now = connection.execute(text("SELECT expected FROM series")).scalar_one()
                connection.execute(text("UPDATE series SET expected = :n"), {"n": now + 1})

        with ThreadPoolExecutor(8) as pool:
            list(pool.map(add, range(8)))
        row = SeriesLedger(ledger, "qushui").row()

    assert row is not None
    assert row["expected"] == 8


def test_what_only_reads_cannot_write(home: Home) -> None:
    """A slip in a question must not change the archive's memory; it is told as the bug that it is."""
    with opened(home) as ledger, pytest.raises(ServiceError, match="read-only"), ledger.read() as connection:
        connection.execute(text("DELETE FROM series"))


def test_the_mark_of_change_changes_with_each_transaction_and_only_then(home: Home) -> None:
    """The service reads ten thousand rows anew where it changed, and not each second."""
    with opened(home) as ledger, opened(home) as other:

        def mark() -> int:
            with ledger.read() as connection:
                return standing.change_mark(connection)

        first = mark()
        assert mark() == first

        SeriesLedger(other, "qushui").put(title="", source="", profile={}, subjects=[])

        assert mark() != first


def test_a_save_costs_the_same_statements_however_much_it_saves(both: list[Ledger]) -> None:
    """Each statement is a way to the server and back: rows of one kind go together. The series' row is read to be sealed."""
    state = SeriesState()
    for number in range(500):
        state.put(Address(f"http://qushui.example/{number}", "list"))
    done: list[str] = []
    ledger = both[1]
    event.listen(ledger._base.engine, "before_cursor_execute", lambda *told: done.append(told[2]))
    SeriesLedger(ledger, "qushui").save(state, Batch(), rules="")

    assert [one.split()[0] for one in done] == ["SELECT", "INSERT", "SELECT", "UPDATE"]


# --------------------------------------------------------------------------------------------------------- whose it is


def test_the_database_of_another_home_is_refused(home: Home, tmp_path: Path) -> None:
    """Two homes in one ledger would each miss the other's WARCs; a copy of the home says that it is one by ledger.id."""
    open_ledger(home, create=True).close()
    other = Home(tmp_path / "other", home.database).make()
    with pytest.raises(HomeError, match="another home") as caught:
        open_ledger(other, create=True)
    own = (home.root / "ledger.id").read_text()
    (other.root / "ledger.id").write_text(own)
    open_ledger(other, create=True).close()

    assert own.strip() in str(caught.value)


def test_a_home_whose_database_is_new_keeps_its_name(home: Home, postgres: Postgres) -> None:
    """After the loss of a database `rebuild` fills a new one; other copies of the home go on to be of it."""
    open_ledger(home, create=True).close()
    own = (home.root / "ledger.id").read_text()
    open_ledger(Home(home.root, postgres.make()), create=True).close()

    assert (home.root / "ledger.id").read_text() == own


def test_a_new_database_takes_over_what_the_file_said(filled: Any, reading: Callable[..., Any], database: str) -> None:
    """Which series are kept, what was told to whom: no rebuild makes that again. And back: a copy is a ledger of SQLite."""
    filled.add_series(kept=True, title="渠\x00水")
    filled.add_article("aaaaaa", reading(), reading(text="又"))
    for at in ("2018-09-03T05:00:00.000Z", "2018-09-01T05:00:00.000Z"):
        filled.add_event("verified", at, fields=["warc/qushui/"])
    was, events = contents(filled.ledger)
    home = Home(filled.home.root, database)
    with opened(home) as ledger:
        taken = contents(ledger)
        with ledger.write() as connection:
            connection.execute(insert(schema.EVENTS).values(at="2", kind="found", fields=[], evidence=[]))
        back = filled.home.root / "back"
        back.mkdir()
        ledger.copy_to(back / LEDGER)
    with closing(open_ledger(back, create=False)) as copy:
        again = contents(copy)

    assert taken == (was, events)
    assert again == (was, [*events, ("2", "found")])
    assert sorted(path.name for path in back.iterdir()) == [LEDGER]


def contents(ledger: Ledger) -> tuple[dict[str, Any], list[tuple[str, str]]]:
    """All rows but those of events; the events in their order."""
    with ledger.read() as connection:
        rows = {
            table.name: [dict(row) for row in connection.execute(table.select()).mappings()]
            for table in schema.METADATA.sorted_tables
            if table is not schema.EVENTS
        }
        order = select(schema.EVENTS.c.at, schema.EVENTS.c.kind).order_by(schema.EVENTS.c.id)
        return rows, [(at, kind) for at, kind in connection.execute(order)]


def test_a_newer_schema_is_refused_untouched(home: Home, postgres: Postgres) -> None:
    """What an older program would write there, a newer one might misread."""
    open_ledger(home, create=True).close()
    postgres.do("UPDATE alembic_version SET version_num = '9999'", str(home.database).rpartition("/")[2])

    with pytest.raises(HomeError, match="newer lianzai"):
        open_to_read(home)


# ------------------------------------------------------------------------------------------------------- out of reach


def refused(home: Home, kind: type[LianzaiError] = ServiceError) -> str:
    with pytest.raises(kind) as caught:
        open_ledger(home, create=True)
    assert PASSWORD not in str(caught.value)
    assert "%" not in str(caught.value)  # nor as the address spells it
    return str(caught.value)


def test_each_refusal_says_what_to_do(postgres: Postgres, tmp_path: Path) -> None:
    """The database, the password and the rights are set by people who see this one line."""
    postgres.do("CREATE ROLE reader LOGIN PASSWORD 'reader-secret'")
    for url, words in {
        postgres.url("nowhere"): ('"nowhere" does not exist', "createdb"),
        postgres.url("postgres", password="falsch-und-lang"): ("password authentication failed", "the right user"),
        postgres.url("postgres", user="nobody-here"): ("password authentication failed", "the right user"),
        postgres.make().replace("lianzai:", "reader:").replace(postgres.url("").split(":")[2].split("@")[0], "reader-secret"): (
            "permission denied", "GRANT CREATE"),
    }.items():  # fmt: skip
        told = refused(Home(tmp_path, url))

        assert "falsch-und-lang" not in told
        assert "reader-secret" not in told
        assert [word for word in words if word not in told] == []


def test_a_database_of_another_encoding_is_refused(postgres: Postgres, tmp_path: Path) -> None:
    """It has no place for Chinese."""
    url = postgres.make("ENCODING 'SQL_ASCII' LOCALE 'C' TEMPLATE template0")

    assert "expected the encoding UTF8, found SQL_ASCII" in refused(Home(tmp_path, url), HomeError)


@pytest.mark.parametrize(
    "url", ["mysql://a:geheim99@b/c", "postgresql://a:geheim99@b:port/c", "geheim99", "postgresql://a:geheim99@b"]
)
def test_an_address_that_is_none_is_refused(url: str, tmp_path: Path) -> None:
    """A typing error in the environment is the caller's, exit 2."""
    told = refused(Home(tmp_path, url), UsageError)

    assert "LIANZAI_DATABASE_URL: expected postgresql://" in told
    assert "geheim99" not in told


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_each_spelling_of_the_scheme_is_taken(scheme: str, home: Home) -> None:
    """Hosts hand out both."""
    spelled = Home(home.root, str(home.database).replace("postgresql", scheme))
    with opened(spelled) as ledger, ledger.read() as connection:
        assert connection.dialect.name == "postgresql"


def test_a_database_that_was_started_anew_is_found_again(home: Home, postgres: Postgres) -> None:
    """A service runs for years, its database is updated meanwhile: only what was under way is lost."""

    def write_and_be_cut_off(ledger: Ledger) -> None:
        with ledger.write() as connection:
            connection.execute(text("UPDATE alembic_version SET version_num = 'lost'"))
            postgres.stop(signal.SIGQUIT)  # as a power cut would
            connection.execute(text("UPDATE alembic_version SET version_num = 'lost too'"))

    with opened(home) as ledger:
        with pytest.raises(ServiceError, match="what was fetched is kept") as caught:
            write_and_be_cut_off(ledger)
        down = refused(home)
        postgres.start()
        with ledger.read() as connection:
            assert queries.schema_version(connection) == SCHEMA_VERSION
        postgres.cut(str(home.database))
        with ledger.write() as connection:
            assert queries.schema_version(connection) == SCHEMA_VERSION

    assert PASSWORD not in str(caught.value)
    assert "refused" in down


def test_a_writer_that_waits_in_vain_says_so(home: Home, postgres: Postgres, monkeypatch: pytest.MonkeyPatch) -> None:
    """A frozen process that holds the lock does not hold all others for ever."""
    from archive.ledger import postgres as module

    monkeypatch.setattr(module, "_WRITER", module._WRITER.replace("30s", "50ms"))
    with (
        opened(home) as one,
        opened(home) as other,
        one.write(),
        pytest.raises(ServiceError, match="lock timeout") as caught,
        other.write(),
    ):
        pass

    assert "another process writes" in str(caught.value)
