"""Look at a series while no crawl changes it, or at what else one process writes at a time.

Takes   a home and a series; or a lock.
Gives   a shared hold of the lock, or word that a writer has it.
Writes  nothing.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..home import Home


@contextmanager
def quiet(home: Home, series: str) -> Iterator[bool]:
    """Keep crawls of a series waiting for as long as this lasts; gives False where one runs already."""
    with unwritten(home.lock(series)) as still:
        yield still


@contextmanager
def unwritten(lock: Path) -> Iterator[bool]:
    """Keep writers waiting that hold a lock; gives False where one has it."""
    try:
        descriptor = os.open(lock, os.O_RDONLY)
    except FileNotFoundError:
        yield True  # never written in this home
        return
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True
    finally:
        os.close(descriptor)
