"""Send a message to addresses, by apprise.

Takes   messages by address. Gives: of each address None where it took it, else why it did not.
Writes  nothing; the only keeper of apprise, which is imported when something is sent: 0.6 s of CPU, 45 MB.

An address that never answers holds nobody up: each has a thread of its own, and all have WITHIN_S together. A thread that
hangs ends with its own time limit or with the process. What apprise and its libraries log may hold the keys of an address,
so none of it is passed on: a reason is made of the status that it tells, if any.
"""

from __future__ import annotations

import logging
import re
import threading
import time
import warnings
from collections.abc import Mapping
from typing import Any, Final

from .message import Message

WITHIN_S: Final = 8.0  # below the 10 s in which a crawl that was told to end has ended
_STATUS: Final = re.compile(r"\berror=(\d{3})\b")
_TALKATIVE: Final = ("apprise", "urllib3", "requests", "charset_normalizer")


def send(letters: Mapping[str, tuple[str, Message]], within_s: float = WITHIN_S) -> dict[str, str | None]:
    """Send to all addresses at once.

    letters: {name: (address, message)}. within_s: seconds that they have together. Returns {name: why it failed, or None}.
    """
    statuses = _quiet()
    results: dict[str, str | None] = {}
    threads = [
        threading.Thread(target=_deliver, args=(name, url, message, results, statuses), name="notify", daemon=True)
        for name, (url, message) in letters.items()
    ]
    prepared()
    end = time.monotonic() + within_s
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(max(0.0, end - time.monotonic()))
    return {name: results.get(name, f"no answer within {within_s:g} s") for name in letters}


def prepared() -> Any:
    """Import apprise and give what all messages share: no pictures of others, no file of its own, no thread pool."""
    from apprise import AppriseAsset
    from apprise.common import PersistentStoreMode

    return AppriseAsset(
        app_id="lianzai",
        app_desc="lianzai",
        app_url="",
        image_url_mask="",
        image_url_logo="",
        async_mode=False,
        storage_mode=PersistentStoreMode.MEMORY.value,
    )


def _deliver(name: str, url: str, message: Message, results: dict[str, str | None], statuses: dict[int, str]) -> None:
    try:
        why = _sent(url, message)
    except Exception as error:  # noqa: BLE001 - a plugin of apprise may raise anything, and its words may hold the address
        why = type(error).__name__
    status = statuses.pop(threading.get_ident(), None)
    results[name] = f"HTTP {status}" if why is not None and status else why


def _sent(url: str, message: Message) -> str | None:
    from apprise import Apprise, NotifyFormat

    service = Apprise(asset=prepared())
    if not service.add(url):
        return "apprise knows no such address"
    taken = service.notify(
        title=message.title, body=message.body, notify_type=message.grade, body_format=NotifyFormat.TEXT
    )
    return None if taken else "cannot be reached, or refuses"


class _Statuses(logging.Handler):
    """Takes from apprise's warnings the HTTP status, by the thread that met it."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.found: dict[int, str] = {}

    def emit(self, record: logging.LogRecord) -> None:
        """Look for a status."""
        if record.thread is not None and (match := _STATUS.search(record.getMessage())):
            self.found[record.thread] = match[1]


_STATUSES: Final = _Statuses()


def _quiet() -> dict[int, str]:
    """Let nothing of what the libraries log or warn of get out, for as long as the process lives; give the statuses that come."""
    for name in _TALKATIVE:
        logger = logging.getLogger(name)
        logger.propagate = False
        logger.handlers[:] = [_STATUSES if name == "apprise" else logging.NullHandler()]
        logger.setLevel(logging.WARNING)
    warnings.filterwarnings("ignore", module="urllib3|requests|apprise")
    return _STATUSES.found
