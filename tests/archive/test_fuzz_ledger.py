"""A ledger that decayed: whatever its bits or values have become, a command answers, or says what is wrong and what to do."""

from __future__ import annotations

import sqlite3
from contextlib import closing, redirect_stderr, redirect_stdout, suppress
from dataclasses import dataclass
from io import BytesIO, TextIOWrapper
from typing import Any

import pytest
from conftest import Filled, a_reading
from hypothesis import example, given
from hypothesis import strategies as st
from mutated import FEWEST

from archive.home import Home
from archive.ledger.schema import METADATA
from archive.ledger.store import open_ledger
from archive.search import bring_up
from scheduler import read_environment, run

ARTICLE = "3f9c1a-1"
COMMANDS = (
    ("status",), ("articles", "qushui"), ("show", ARTICLE), ("show", ARTICLE, "--revision", "1", "--format", "md"),
    ("show", ARTICLE, "--format", "schema.org"), ("diff", ARTICLE), ("history", "qushui"),
    ("cite", ARTICLE, "--format", "bibtex"),
    ("cite", ARTICLE, "--format", "ris"), ("cite", ARTICLE, "--format", "csl-json"), ("cite", ARTICLE, "--format", "robust-link"),
    ("search", "渠 -闸"), ("search", "date:2018 title:济源"), ("doctor",),
)  # fmt: skip
WRONG = (
    None, "", "x", b"\xff", b"", -1, 0, 2**62, 1.5, "[]", "{}", "[1]", "null", '{"a": 1}', '["a"', '[{"name": 1}]', "9999-99-99",
    "2018-09-01T05:00:00", "渠\ud7ff\x00", "a" * 2000,
)  # fmt: skip
CELLS = [(table.name, column.name) for table in METADATA.sorted_tables for column in table.c]


@dataclass(frozen=True)
class Decayed:
    """A home whose ledger and index of texts are put back as they were before each example."""

    home: Home
    ledger: bytes
    search: bytes

    def put(self, ledger: bytes | None = None, search: bytes | None = None) -> None:
        """Write both files."""
        for path, data in ((self.home.ledger, ledger or self.ledger), (self.home.search, search or self.search)):
            for beside in ("-wal", "-shm"):
                path.with_name(path.name + beside).unlink(missing_ok=True)
            path.write_bytes(data)

    def code_of(self, command: tuple[str, ...]) -> int:
        """Do a command in this process; give its exit code. What it says goes nowhere."""
        nowhere = TextIOWrapper(BytesIO(), "utf-8")
        with redirect_stdout(nowhere), redirect_stderr(nowhere):
            return run([*command, "--home", str(self.home.root)], read_environment({}))


@pytest.fixture(scope="module")
def decayed(tmp_path_factory: pytest.TempPathFactory) -> Decayed:
    """A small home with rows in the tables that commands read."""
    home = Home(tmp_path_factory.mktemp("ledger") / "home")
    ledger = open_ledger(home.make(), create=True)
    filled = Filled(home, ledger)
    filled.add_series(state={"title": "渠水"})
    filled.add_article(ARTICLE, a_reading(), a_reading(title="济源：水从这里分出去"))
    filled.add_article("3f9c1a-2", position=2)
    filled.add_event("found", "2018-09-01T05:00:00.000Z", article=ARTICLE)
    filled.add_event("revised", "2018-09-02T05:00:00.000Z", article=ARTICLE, fields=["title"], start=1, end=2)
    with ledger.read() as connection:
        bring_up(connection, home, "qushui")
    ledger.close()
    return Decayed(home, home.ledger.read_bytes(), home.search.read_bytes())


PIECES = (
    b"", b"", b"", b"\x00" * 16, b"\xff" * 4, b"\x0d\x00\x00\x00", b"SQLite format 3\x00", b"CREATE TABLE x", b"null",
    b"\x05\x00", b"{}", b"[", b"\xff", b"9999-99-99",
)  # fmt: skip
PLACES = st.tuples(st.integers(0, 1 << 20), st.integers(0, 7))


def with_odd_bits(data: bytes, place: tuple[int, int], piece: bytes) -> bytes:
    """Lay some bytes over what stands there, or flip one bit where there are none. place: byte, within any length, and bit."""
    at = place[0] % len(data)
    odd = piece or bytes([data[at] ^ 1 << place[1]])
    return data[:at] + odd + data[at + len(odd) :]


@FEWEST
@given(place=PLACES, piece=st.sampled_from(PIECES), command=st.sampled_from(COMMANDS))
def test_a_ledger_with_odd_bits_is_read_or_told(
    decayed: Decayed, place: tuple[int, int], piece: bytes, command: tuple[str, ...]
) -> None:
    """No bit of the file makes a bug of what is damage."""
    decayed.put(ledger=with_odd_bits(decayed.ledger, place, piece))

    assert decayed.code_of(command) != 1


@example(cell=("articles", "fold"), value="x", command=("diff", ARTICLE))
@example(cell=("articles", "captured"), value=b"", command=("diff", ARTICLE))
@example(cell=("series", "blocked_until"), value=1.5, command=("status",))
@example(cell=("series", "subjects"), value="9999-99-99", command=("doctor",))
@FEWEST
@given(cell=st.sampled_from(CELLS), value=st.sampled_from(WRONG), command=st.sampled_from(COMMANDS))
def test_a_ledger_with_odd_values_is_read_or_told(
    decayed: Decayed, cell: tuple[str, str], value: Any, command: tuple[str, ...]
) -> None:
    """Nor does a value that its column cannot have."""
    decayed.put()
    table, column = cell
    with closing(sqlite3.connect(decayed.home.ledger)) as file, suppress(sqlite3.IntegrityError), file:
        file.execute(f'UPDATE "{table}" SET "{column}" = ?', (value,))

    assert decayed.code_of(command) != 1


@FEWEST
@given(place=PLACES, piece=st.sampled_from(PIECES), command=st.sampled_from(COMMANDS[-3:-1]))
def test_an_index_of_texts_with_odd_bits_is_searched_or_told(
    decayed: Decayed, place: tuple[int, int], piece: bytes, command: tuple[str, ...]
) -> None:
    """The file of the full text is SQLite's as well."""
    decayed.put(search=with_odd_bits(decayed.search, place, piece))

    assert decayed.code_of(command) != 1
