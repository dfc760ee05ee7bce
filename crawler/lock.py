"""One crawl of a series at a time: a file that the crawling process holds by flock, which a kill lets go.

Takes   a home and a series. Gives: a lock held until the process ends or releases it.
Writes  locks/<series>.lock: who holds it, how far it is, and for which host it waits.
"""

from __future__ import annotations

import json
import logging
import os
import socket
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from archive.errors import BusyError
from archive.events import emit
from archive.home import Home
from archive.locking import held

log = logging.getLogger(__name__)

ASLEEP_S = 10.0  # nothing was done for so long, nor will be: others may have its place
WAIT_S = 60.0  # contract: a second crawl of the same series waits up to 60 s


@contextmanager
def series_lock(home: Home, series: str, *, wait_s: float = WAIT_S) -> Iterator[None]:
    """Hold the lock of a series. Raises BusyError, naming the holder, when it is not free in time; HomeError, DiskError."""

    def waited() -> None:
        emit(log, logging.INFO, "series.waited", series=series, holder=_holder(home, series))

    with held(home.lock(series), wait_s, waited) as descriptor:
        if descriptor is None:
            raise BusyError(
                f"{series}: already being crawled by {_holder(home, series)}; waited {wait_s:.0f} s",
                action="lianzai crawl again when it has ended",
            )
        holder = {
            "pid": os.getpid(),
            "host": socket.gethostname(),
            "started": datetime.now(UTC).isoformat(timespec="seconds"),
        }
        with suppress(OSError):  # the lock is held all the same; who waits then reads of "another process"
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, json.dumps(holder).encode(), 0)
        yield


@dataclass(frozen=True, slots=True)
class Wait:
    """A crawl waits for a host. until: wall clock, seconds since 1970; None where others of the home ask it meanwhile."""

    host: str
    until: float | None


def earlier(known: Wait | None, one: Wait, now: float) -> Wait:
    """Give the wait that is over first, of one that is known and a further one. now: wall clock, seconds since 1970."""
    if known is None or known.until is None or known.until <= now:
        return one
    return known if one.until is None or known.until <= one.until else one


def asleep(told: Mapping[str, Any], now: float) -> bool:
    """Say whether a crawl does nothing and will not for a while, by what it said. now: wall clock, seconds since 1970."""
    waits = told.get("waits")
    until = waits.get("until") if isinstance(waits, dict) else None
    return until is not None and until - now >= ASLEEP_S and now - told.get("at", now) >= ASLEEP_S


def tell_progress(
    home: Home, series: str, *, done: int, waiting: int, received_bytes: int, waits: Wait | None = None
) -> None:
    """Let others see how far the run is; only the process that holds the lock calls this. A disk that refuses is no matter."""
    path = home.lock(series)
    told = home.holder(series) | {
        "done": done,
        "waiting": waiting,
        "bytes": received_bytes,
        "at": round(time.time(), 3),
        "waits": None if waits is None else asdict(waits),
    }
    if told.get("pid") != os.getpid():
        return
    with suppress(OSError):
        descriptor = os.open(path, os.O_WRONLY)
        try:
            content = json.dumps(told).encode()
            os.pwrite(descriptor, content, 0)
            os.ftruncate(descriptor, len(content))
        finally:
            os.close(descriptor)


def _holder(home: Home, series: str) -> str:
    told = home.holder(series)
    try:
        return f"process {told['pid']} on {told['host']} since {told['started']}"
    except KeyError:
        return "another process"
