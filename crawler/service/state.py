"""What the service knows of itself, for whoever asks: the log of its failures, and the file that `status` reads.

Takes   what runs, waits, failed and is refused. Gives: plain values.
Writes  locks/_service.json, at most once a second and only where something changed.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from archive.errors import DiskError
from archive.home import Home, write_atomically
from archive.model import Reason

from .children import Ended
from .ends import End

DURATIONS_S = (
    1,
    3,
    10,
    30,
    60,
    120,
    300,
    600,
    1200,
    2400,
    3600,
    7200,
)  # bounds of the histogram; max_seconds is 3600 by default


@dataclass(slots=True)
class Failure:
    """The last run of a series went wrong: as children.Ended tells it."""

    reason: str
    detail: str
    at: datetime


@dataclass
class State:
    """What happened since the service was started."""

    started: datetime
    url: str = ""
    jobs: int = 0
    ticked: float = 0.0  # when the loop last looked, in seconds of the steady clock
    trouble: str = ""  # why the ledger cannot be read
    planned: bool = False  # whether the series are in the timetable
    clock_jumps: int = 0
    uploads: Counter[str] = field(default_factory=Counter)
    notices: Counter[str] = field(default_factory=Counter)
    runs: Counter[str] = field(default_factory=Counter)  # by how they ended
    durations: Counter[float] = field(default_factory=Counter)  # by the least bound that holds them
    seconds: float = 0.0  # of all runs together
    failures: Counter[tuple[str, str]] = field(default_factory=Counter)  # by series and reason
    standing: dict[str, Failure] = field(default_factory=dict)  # until the next good run

    def ended(self, series: str, ended: Ended) -> None:
        """Count a run that ended."""
        self.runs[ended.reason or "done"] += 1
        bound = next((float(one) for one in DURATIONS_S if ended.seconds <= one), float("inf"))
        self.durations[bound] += 1
        self.seconds += ended.seconds
        for reason, number in failed_reasons(ended.report).items():
            self.failures[series, reason] += number
        if ended.reason is None:
            self.standing.pop(series, None)
        elif ended.reason == "partial":  # what failed is counted by its own reasons
            self.standing[series] = Failure("partial", first_failed(ended.report) or ended.detail, datetime.now(UTC))
        elif ended.reason != "stopped":  # that says nothing of the series
            self.failures[series, ended.reason] += 1
            self.standing[series] = Failure(ended.reason, ended.detail, datetime.now(UTC))

    def learned(self, end: End) -> None:
        """Take what the ledger says of a run, which may be one by hand. One that is older than what is known says nothing."""
        known = self.standing.get(end.series)
        if known is not None and end.started < known.at:
            return
        if end.reason is None:
            self.standing.pop(end.series, None)
        else:
            self.standing[end.series] = Failure(end.reason, end.detail, end.finished)


def failed_reasons(report: Mapping[str, Any] | None) -> Counter[Reason]:
    """Count by reason what a crawl's report calls failed."""
    series = report.get("series", []) if report is not None else []
    return Counter(failure["reason"] for one in series for failure in one["failed"])


def first_failed(report: Mapping[str, Any] | None) -> str:
    """Name the first thing that a crawl's report calls failed, as the ledger does (standing.broken_runs); "" where none."""
    series = report.get("series", []) if report is not None else []
    failed = [failure for one in series for failure in one["failed"]]
    return f"{failed[0]['reason']}: {failed[0]['url']}: {failed[0]['detail']}" if failed else ""


class Told:
    """The file by which the service tells `status` what no ledger knows."""

    def __init__(self, home: Home) -> None:
        self._path = home.service_state
        self._last = b""

    def tell(self, document: Mapping[str, Any]) -> None:
        """Write it where it is another than before. A disk that refuses takes `status` a detail, and no more."""
        content = json.dumps({"pid": os.getpid(), **document}, ensure_ascii=False, sort_keys=True).encode()
        if content == self._last:
            return
        try:
            write_atomically(self._path, content, durable=False)
        except DiskError:
            return
        self._last = content
