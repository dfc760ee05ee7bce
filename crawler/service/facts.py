"""What /metrics tells of the ledger, counted at once for all series.

Takes   a home and its ledger, when each series is run next. Gives: Facts.
Writes  nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from archive.home import Home
from archive.ledger import objects, queries, standing
from archive.ledger.rows import time_of
from archive.ledger.store import open_ledger
from archive.store import default_url
from archive.views import overdue

from .metrics import Facts


def count(home: Home, next_run: Mapping[str, datetime]) -> Facts:
    """Count. next_run: of the series in the timetable. Raises HomeError, DiskError where the ledger cannot be read."""
    ledger = open_ledger(home, create=False)
    try:
        with ledger.read() as connection:
            series = queries.standings(connection)
            held, runs = queries.held(connection), queries.last_runs(connection)
            usual, there = default_url(home), objects.held_warcs(connection)
            published, now = queries.publications(connection), datetime.now(UTC)
            late = {
                row["id"]: overdue(row["complete"], published.get(row["id"], []), row["cadence_s"], now)
                for row in series
                if row["kept"] and not row["paused"]  # nobody awaits the others
            }
            return Facts(
                instalments=standing.instalments(connection),
                expected={row["id"]: row["expected"] for row in series if row["expected"] is not None},
                bytes={name: int(row["bytes"]) for name, row in held.items()},
                last_run={name: _seconds(row["last_run"]) for name, row in runs.items()},
                last_ok={name: _seconds(row["last_ok"]) for name, row in runs.items() if row["last_ok"]},
                overdue={name: is_late for name, is_late in late.items() if is_late is not None},
                paused={row["id"]: row["paused"] for row in series if row["kept"]},
                blocked_until={row["id"]: _seconds(row["blocked_until"]) for row in series if row["blocked_until"]},
                next_run={name: at.timestamp() for name, at in next_run.items()},
                pending_uploads=sum(
                    objects.pending(int(held[row["id"]]["files"]), url, there.get(row["id"], {}))
                    for row in series
                    if row["id"] in held and (url := row["store"] or usual)
                ),
            )
    finally:
        ledger.close()


def _seconds(moment: str) -> float:
    return time_of(moment).timestamp()
