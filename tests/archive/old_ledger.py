"""A ledger of schema 0001 with rows, in either database, and the steps that bring it further.

Takes   an engine. Gives: all rows of its tables. Writes: tables and rows.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import Engine, MetaData, insert, select

from archive.ledger import store

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
