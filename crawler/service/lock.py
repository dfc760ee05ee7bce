"""One service a home.

Takes   a home. Gives: a lock held while the service runs, and what the last service said of itself.
Writes  locks/_service.lock.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from archive.errors import BusyError
from archive.home import Home
from archive.locking import held

_LOCK_WAIT_S = 2.0  # `status` tries the lock for a moment to see whether it is held


@contextmanager
def service_lock(home: Home) -> Iterator[dict[str, Any]]:
    """Be the one service of a home; lends what the last one said of itself. Raises BusyError, HomeError, DiskError."""
    with held(home.service_lock, _LOCK_WAIT_S) as descriptor:
        if descriptor is None:
            pid = home.told_by_service().get("pid", "unknown")
            raise BusyError(f"{home.root}: a service runs in this home already, process {pid}", action="lianzai status")
        yield _last_words(home)


def _last_words(home: Home) -> dict[str, Any]:
    try:
        told = json.loads(home.service_state.read_bytes())
    except (OSError, ValueError):
        return {}
    return told if isinstance(told, dict) else {}
