"""One crawl of a series at a time: a file that the crawling process holds by flock, which a kill lets go.

Takes   a home and a series. Gives: a lock held until the process ends or releases it.
Writes  locks/<series>.lock: who holds it, and how far it is.
"""

from __future__ import annotations

import fcntl
import json
import logging
import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime

from archive.errors import BusyError
from archive.events import emit
from archive.home import Home, refused

log = logging.getLogger(__name__)

WAIT_S = 60.0  # contract: a second crawl of the same series waits up to 60 s
_STEP_S = 0.2


@contextmanager
def series_lock(home: Home, series: str, *, wait_s: float = WAIT_S) -> Iterator[None]:
    """Hold the lock of a series. Raises BusyError, naming the holder, when it is not free in time; HomeError, DiskError."""
    path = home.lock(series)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
    except OSError as error:
        raise refused(error, f"{path}: cannot be written: {error.strerror}", action="lianzai doctor") from error
    try:
        _acquire(descriptor, series, wait_s)
        holder = {
            "pid": os.getpid(),
            "host": socket.gethostname(),
            "started": datetime.now(UTC).isoformat(timespec="seconds"),
        }
        with suppress(OSError):  # the lock is held all the same; who waits then reads of "another process"
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, json.dumps(holder).encode(), 0)
        yield
    finally:
        os.close(descriptor)


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


def _acquire(descriptor: int, series: str, wait_s: float) -> None:
    end = time.monotonic() + wait_s
    told = False
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= end:
                raise BusyError(
                    f"{series}: already being crawled by {_holder(descriptor)}; waited {wait_s:.0f} s",
                    action="lianzai crawl again when it has ended",
                ) from None
            if not told:
                emit(log, logging.INFO, "series.waited", series=series, holder=_holder(descriptor))
                told = True
            time.sleep(_STEP_S)
        else:
            return


def _holder(descriptor: int) -> str:
    try:
        holder = json.loads(os.pread(descriptor, 4096, 0))
        return f"process {holder['pid']} on {holder['host']} since {holder['started']}"
    except (ValueError, KeyError, TypeError):
        return "another process"
