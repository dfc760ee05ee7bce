"""Look at a series while no crawl changes it.

Takes   a home and a series.
Gives   a shared hold of its lock, or word that a crawl has it.
Writes  nothing.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager

from ..home import Home


@contextmanager
def quiet(home: Home, series: str) -> Iterator[bool]:
    """Keep crawls of a series waiting for as long as this lasts; gives False where one runs already."""
    try:
        descriptor = os.open(home.lock(series), os.O_RDONLY)
    except FileNotFoundError:
        yield True  # never crawled in this home
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
