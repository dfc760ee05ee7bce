"""A file that one process holds by flock, which a kill lets go; who waits for it is told by whom it is held.

Takes   the file, how long to wait, a clock. Gives: its descriptor while it is held; None where it is not free in time.
Writes  the file, where it is not there; what its holder says in it is the holder's.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from .home import refused

_STEP_S = 0.2


@contextmanager
def held(
    path: Path,
    wait_s: float,
    waited: Callable[[], None] = lambda: None,
    *,
    now: Callable[[], float] = time.monotonic,
    wait: Callable[[float], None] = time.sleep,
) -> Iterator[int | None]:
    """Hold a lock; lend None where another process holds it to the end.

    wait_s: seconds; 0 tries once. waited: called once, before the waiting begins.
    Raises HomeError, DiskError where the file cannot be had.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
    except OSError as error:
        raise refused(error, f"{path}: cannot be written: {error.strerror}", action="lianzai doctor") from error
    try:
        end, told = now() + wait_s, False
        while not (free := _take(descriptor)) and now() < end:
            if not told:
                waited()
                told = True
            wait(min(_STEP_S, max(end - now(), 0.0)))
        yield descriptor if free else None
    finally:
        os.close(descriptor)


def _take(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
