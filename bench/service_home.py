"""A home with thousands of kept series, as a service has it after some time.

Takes   a home in which one series was crawled, and its profile.
Gives   the ids of the series that are due at one minute.
Writes  profiles and ledger: as `add` would, but the profile is checked once; articles and the run of the crawled series are
        copied to each series that is not due, since `status` costs what the articles cost.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from archive.home import Home
from archive.ledger import queries
from archive.ledger.store import open_ledger
from crawler.keeping import columns
from crawler.profile import parse_profile

TEMPLATE = "bench"  # the series that bench/site.py's profile names
_LATER_H = 5  # hours from the minute of those that are due to the first of the others


@dataclass(frozen=True, slots=True)
class Sizes:
    """profiles: kept series. due: how many of them fire at one minute."""

    profiles: int
    due: int


def names(first: int, last: int) -> list[str]:
    """Name the series by number; those that are due come first."""
    return [f"series-{n:05}" for n in range(first, last)]


def fill(home: Home, profile: Path, sizes: Sizes, at: datetime) -> None:
    """Keep so many profiles; `due` of them fire at a minute, the others daily, hours later. at: in UTC."""
    home.profiles.mkdir(parents=True, exist_ok=True)
    ledger = open_ledger(home, create=True)
    with ledger.write() as connection:
        for values in _kept(profile.read_text("utf-8"), sizes, at):
            home.profile(values["id"]).write_text(values["profile_text"], "utf-8")
            queries.keep_series(connection, values)
    ledger.close()
    _copy(home.ledger, names(sizes.due, sizes.profiles))


def _kept(text: str, sizes: Sizes, at: datetime) -> Iterator[dict[str, Any]]:
    """Give the columns of each series, of one checked profile."""
    head, _, rest = text.partition(f'id = "{TEMPLATE}"\n')
    lines = (_line(n, sizes, at) for n in range(sizes.profiles))
    shared = columns(parse_profile(text, name="bench.toml", environ={}))
    for series, line in zip(names(0, sizes.profiles), lines, strict=True):
        own = {"id": series, "schedule": line, "timezone": "UTC"}
        written = f'{head}id = "{series}"\nschedule = "{line}"\ntimezone = "UTC"\n{rest}'
        profile = shared["profile"] | {"series": shared["profile"]["series"] | own}
        yield shared | own | {"profile": profile, "profile_text": written}


def _line(number: int, sizes: Sizes, at: datetime) -> str:
    if number < sizes.due:
        return f"{at.minute} {at.hour} {at.day} {at.month} *"
    return f"{number % 60} {(at.hour + _LATER_H + number // 60 % 12) % 24} * * *"


def _copy(ledger: Path, series: list[str]) -> None:
    """Copy articles and run of the crawled series to others."""
    with closing(sqlite3.connect(ledger)) as base, base:
        base.execute("CREATE TEMPORARY TABLE copied AS SELECT value AS other FROM json_each(?)", [json.dumps(series)])
        for table in ("articles", "runs"):
            columns_ = [row[1] for row in base.execute(f"PRAGMA table_info({table})")]
            new = {"series": "other", "id": "t.id || '-' || other"}
            taken = ", ".join(new.get(one, f't."{one}"') for one in columns_)
            base.execute(
                f"INSERT INTO {table} SELECT {taken} FROM {table} t, copied WHERE t.series = ?",
                [TEMPLATE],
            )
