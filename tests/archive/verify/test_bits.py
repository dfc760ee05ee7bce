"""One flipped bit in what no record's digest covers: the zip of a WACZ, an imported file, the ledger's file, a profile.

test_verify.py flips those of WARCs, text and index.
"""

from __future__ import annotations

import gzip
import random
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import walk
from damaged_home import PROFILE, SERIES, flip, flips, one_page, path_of, unseen_flips, wrong
from foreign_makers import page
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.bundle import write_wacz
from archive.errors import HomeError
from archive.home import Home
from archive.ledger.store import open_ledger
from archive.verify import verify_home
from archive.verify.bundles import check_bundle
from crawler.run import SeriesRun
from crawler.taking import Import

# -------------------------------------------------------------------------------------------------------------- WACZs


def exported(home: Home, name: str | None = None) -> Path:
    """Bundle the series into the home."""
    ledger = open_ledger(home.root, create=False)
    with closing(ledger), ledger.read() as connection:
        return write_wacz(connection, home, SERIES, home.root / "wacz" / name if name else None).path


@pytest.mark.parametrize("name", [None, "copy.wacz", "copy.zip"])
def test_any_flipped_bit_of_a_wacz_of_ours_is_found(home: Home, name: str | None) -> None:
    """Also in what a zip reader passes over: times, attributes, versions, the second copy of each name and length."""
    path = exported(home, name)
    size = path.stat().st_size

    @settings(max_examples=60, deadline=None)
    @given(st.one_of(st.integers(0, size - 1), st.integers(max(size - 1500, 0), size - 1)), st.integers(0, 7))
    def check(at: int, bit: int) -> None:
        flip(path, at, bit)
        assert check_bundle(path, path_of(home, path)) is not None
        flip(path, at, bit)

    assert verify_home(home).whole
    check()
    flip(path, size - 30)
    assert wrong(verify_home(home)) == [path_of(home, path)]


def test_what_a_zip_reader_passes_over_is_named_by_its_offset(tmp_path: Path) -> None:
    """The time of the first member: any reader opens the file, and none says a word."""
    home = one_page(tmp_path / "home")
    path = exported(home)
    flip(path, 10)
    damage = verify_home(home).damaged[path_of(home, path)]

    assert damage.found.startswith("offset 10: ")


@pytest.mark.parametrize("added", [b"\0", b"PK\x05\x06" + bytes(18)])
def test_what_stands_behind_a_wacz_of_ours_is_found(tmp_path: Path, added: bytes) -> None:
    """A zip may have a comment and an end more than one; ours has none."""
    home = one_page(tmp_path / "home")
    path = exported(home)
    with path.open("ab") as file:
        file.write(added)

    assert wrong(verify_home(home)) == [path_of(home, path)]


def test_what_is_no_wacz_in_their_folder_is_said(tmp_path: Path) -> None:
    """Whoever put it there thinks that it is kept, and nobody holds it against anything."""
    home = one_page(tmp_path / "home")
    path = exported(home)
    path.with_name("notes.txt").write_text("渠水\n", encoding="utf-8")
    shutil.copy(path, path.with_name(path.name + ".open"))
    report = verify_home(home)

    assert report.whole
    assert set(report.skipped) == {"wacz/notes.txt", f"wacz/{path.name}.open"}


@pytest.mark.soak
@pytest.mark.parametrize("bit", range(8))
def test_every_flipped_bit_of_a_wacz_of_ours_is_found(tmp_path: Path, bit: int) -> None:
    """All of them, each alone. What verify_home asks of a WACZ it asks of check_bundle, which is called here for each bit."""
    home = one_page(tmp_path / "home")
    path = exported(home)
    with flips(path, bit) as flipped:
        missed = [at for at in flipped if check_bundle(path, path_of(home, path)) is None]

    assert missed == []
    assert verify_home(home).whole


# ------------------------------------------------------------------------------------------------------------- imports


class Silent:
    """Progress that nobody looks at."""

    def copied(self, size: int, what: str) -> None: ...

    def read(self, capture: object) -> None: ...


@pytest.mark.soak
@pytest.mark.parametrize("bit", range(8))
@pytest.mark.parametrize("form", ["one.warc.gz", "cut.warc"])
def test_every_flipped_bit_of_an_imported_file_is_found(tmp_path: Path, form: str, bit: int) -> None:
    """All of them, each alone: two records in one gzip member; and one record that is whole, one that was cut when it came."""
    home, path = walk.home_at(tmp_path / "home"), tmp_path / form
    path.write_bytes(gzip.compress(page(1) + page(2), mtime=0) if form == "one.warc.gz" else page(1) + page(2)[:-30])
    run = SeriesRun(home, walk.profile_of(PROFILE))
    with closing(run):
        importing = Import(run, Silent())
        assert importing.take(path).refused is None
        importing.finish(anew=False)
    (imported,) = (home.warc(SERIES) / "imported").iterdir()

    assert unseen_flips(home, imported, bit) == []
    assert verify_home(home).whole


# -------------------------------------------------------------------------------------------------------------- ledger

Rows = dict[str, dict[int, dict[str, str]]]  # table -> rowid -> column -> value as an SQL literal


def dump(path: Path) -> Rows:
    """Read all that the ledger's file holds, by its tables alone. Raises sqlite3.DatabaseError where it cannot be read."""
    with closing(sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True)) as connection:
        tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {name: dict(_rows(connection, name)) for name in tables} | {"schema": dict(_schema(connection, tables))}


def _schema(connection: sqlite3.Connection, tables: list[str]) -> Iterator[tuple[int, dict[str, str]]]:
    """Give what the schema means, not how its statements are spelt: columns, types, keys, references, indexes."""
    asked = ("table_info", "foreign_key_list", "index_list")
    rows = (repr((name, what, row)) for name in tables for what in asked for row in _pragma(connection, what, name))
    yield from ((number, {"row": row}) for number, row in enumerate(rows))


def _pragma(connection: sqlite3.Connection, what: str, name: str) -> list[tuple[Any, ...]]:
    return connection.execute(f'PRAGMA {what}("{name}")').fetchall()


def _rows(connection: sqlite3.Connection, table: str) -> Iterator[tuple[int, dict[str, str]]]:
    names = [row[1] for row in connection.execute(f'PRAGMA table_info("{table}")')]
    values = ", ".join(f'quote("{name}")' for name in names)
    for rowid, *row in connection.execute(f'SELECT rowid, {values} FROM "{table}" NOT INDEXED ORDER BY rowid'):
        yield rowid, dict(zip(names, row, strict=True))


def changed(was: Rows, path: Path) -> set[str]:
    """Name what a ledger's file holds otherwise: "table.column", or the table where it has other rows."""
    try:
        now = dump(path)
    except (sqlite3.DatabaseError, UnicodeDecodeError):  # the second: a message of SQLite that quotes what is no UTF-8
        return {"unreadable"}
    names = was.keys() ^ now.keys()
    for table in was.keys() & now.keys():
        if was[table].keys() != now[table].keys():
            names.add(table)
            continue
        pairs = ((was[table][rowid], row) for rowid, row in now[table].items())
        names |= {f"{table}.{name}" for before, row in pairs for name in row if before.get(name) != row[name]}
    return names


def missed_flips(home: Home, seed: int, number: int) -> dict[tuple[int, int], set[str]]:
    """Flip bits of the ledger's file, one at a time; give those that changed something and that verify did not see.

    Returns {(offset, bit): what it changed}. No flip may end verify by another error than one that the user is told.
    """
    whole, was, chance = home.ledger.read_bytes(), dump(home.ledger), random.Random(seed)
    missed: dict[tuple[int, int], set[str]] = {}
    for _ in range(number):
        at, bit = chance.randrange(len(whole)), chance.randrange(8)
        for beside in home.root.glob("ledger.sqlite3*"):
            beside.unlink()
        home.ledger.write_bytes(whole)
        flip(home.ledger, at, bit)
        names = changed(was, home.ledger)
        try:
            found = "ledger.sqlite3" in wrong(verify_home(home))
        except HomeError as error:  # the version of the schema is another: no command opens such a home
            found = "schema" in error.message
        if not found and names:
            missed[at, bit] = names
    return missed


def test_a_flipped_bit_of_the_ledger_is_found_or_changes_nothing(home: Home) -> None:
    """Where verify is content, each row of each table is what it was: the bit was in space that holds nothing."""
    assert missed_flips(home, 1830, 40) == {}


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(4))
def test_many_flipped_bits_of_the_ledger_are_found_or_change_nothing(home: Home, seed: int) -> None:
    """Four times 500 of the five million, each alone."""
    assert missed_flips(home, seed, 500) == {}
