"""Ledgers in PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from postgres_server import Postgres

from archive.home import Home
from archive.ledger.series import SeriesLedger
from archive.ledger.store import Ledger, open_ledger


@pytest.fixture
def home(tmp_path: Path, database: str) -> Home:
    """A home whose ledger is in a database."""
    return Home(tmp_path / "home", database).make()


@pytest.fixture(scope="session")
def both(tmp_path_factory: pytest.TempPathFactory, postgres: Postgres) -> Iterator[list[Ledger]]:
    """A ledger of each kind, with one series."""
    folder = tmp_path_factory.mktemp("both")
    ledgers = [
        open_ledger(Home(folder / name, url), create=True) for name, url in (("f", None), ("d", postgres.make()))
    ]
    for ledger in ledgers:
        SeriesLedger(ledger, "qushui").put(title="", source="", profile={}, subjects=[])
    yield ledgers
    for ledger in ledgers:
        ledger.close()
