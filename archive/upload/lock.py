"""One upload of a home at a time: a file that the uploading process holds by flock, which a kill lets go.

Takes   a home, a clock. Gives: a lock held until the process ends or releases it.
Writes  locks/_upload.lock; no series can be called so.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager

from ..errors import BusyError
from ..events import emit
from ..home import Home
from ..locking import held
from ..store import Clock

log = logging.getLogger(__name__)

WAIT_S = 60.0  # as a second crawl of a series waits
_NAME = "_upload.lock"


@contextmanager
def upload_lock(home: Home, clock: Clock) -> Iterator[None]:
    """Hold the lock. Raises BusyError, naming the holder, when it is not free in time; HomeError, DiskError."""

    def waited() -> None:
        emit(log, logging.INFO, "upload.waited", holder=_holder(home))

    with held(home.locks / _NAME, WAIT_S, waited, now=clock.now, wait=clock.wait) as descriptor:
        if descriptor is None:
            raise BusyError(
                f"already being uploaded by {_holder(home)}; waited {WAIT_S:.0f} s",
                action="lianzai upload, when it has ended",
            )
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, json.dumps({"pid": os.getpid()}).encode(), 0)
        yield


def _holder(home: Home) -> str:
    try:
        return f"process {json.loads((home.locks / _NAME).read_bytes())['pid']}"
    except (OSError, ValueError, KeyError, TypeError):
        return "another process"
