"""A home as the first lianzai left it: its ledger at the oldest schema, with the same rows.

Takes   the path of a ledger at rest.
Gives   nothing.
Writes  the ledger, in the schema of migrations/versions/v0001_first.py.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine

from archive.ledger import migrations

OLDEST = "0001"


def make_older(path: Path) -> None:
    """Put a ledger of the oldest schema in place of one of the newest; columns that came later are dropped."""
    newest = path.with_name("newest")
    path.rename(newest)
    engine = create_engine(f"sqlite:///{path}")
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, OLDEST)
    engine.dispose()
    with closing(sqlite3.connect(path)) as base, base:
        base.execute("ATTACH ? AS newest", (str(newest),))
        for (table,) in base.execute("SELECT name FROM main.sqlite_master WHERE type = 'table'").fetchall():
            if table not in ("alembic_version", "sqlite_sequence"):
                columns = ", ".join(f'"{row[1]}"' for row in base.execute(f"PRAGMA main.table_info({table})"))
                base.execute(f"INSERT INTO main.{table} ({columns}) SELECT {columns} FROM newest.{table}")
    newest.unlink()
