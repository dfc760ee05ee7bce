"""One upload of a home at a time: a file that the uploading process holds by flock, which a kill lets go.

Takes   a home, a clock. Gives: a lock held until the process ends or releases it.
Writes  locks/_upload.lock; no series can be called so.
"""

from __future__ import annotations

import fcntl
import json
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager

from ..errors import BusyError
from ..events import emit
from ..home import Home, refused
from ..store import Clock

log = logging.getLogger(__name__)

WAIT_S = 60.0  # as a second crawl of a series waits
_STEP_S = 0.2
_NAME = "_upload.lock"


@contextmanager
def upload_lock(home: Home, clock: Clock) -> Iterator[None]:
    """Hold the lock. Raises BusyError, naming the holder, when it is not free in time; HomeError, DiskError."""
    path = home.locks / _NAME
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
    except OSError as error:
        raise refused(error, f"{path}: cannot be written: {error.strerror}", action="lianzai doctor") from error
    try:
        _acquire(descriptor, clock)
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, json.dumps({"pid": os.getpid()}).encode(), 0)
        yield
    finally:
        os.close(descriptor)


def _acquire(descriptor: int, clock: Clock) -> None:
    end, told = clock.now() + WAIT_S, False
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = _holder(descriptor)
            if clock.now() >= end:
                raise BusyError(
                    f"already being uploaded by {holder}; waited {WAIT_S:.0f} s",
                    action="lianzai upload, when it has ended",
                ) from None
            if not told:
                emit(log, logging.INFO, "upload.waited", holder=holder)
                told = True
            clock.wait(_STEP_S)
        else:
            return


def _holder(descriptor: int) -> str:
    try:
        return f"process {json.loads(os.pread(descriptor, 4096, 0))['pid']}"
    except (ValueError, KeyError, TypeError):
        return "another process"
