"""One crawl of a series at a time: a file that the crawling process holds by flock, which a kill lets go.

Takes   a home and a series. Gives: a lock held until the process ends or releases it.
Writes  locks/<series>.lock: who holds it, and how far it is.
"""

from __future__ import annotations

import json
import logging
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime

from archive.errors import BusyError
from archive.events import emit
from archive.home import Home
from archive.locking import held

log = logging.getLogger(__name__)

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


def tell_progress(home: Home, series: str, *, done: int, waiting: int, received_bytes: int) -> None:
    """Let others see how far the run is; only the process that holds the lock calls this. A disk that refuses is no matter."""
    path = home.lock(series)
    told = home.holder(series) | {"done": done, "waiting": waiting, "bytes": received_bytes}
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
