"""Send one file, read it back, compare; send it again where it is not the same.

Takes   a store, an Item.
Gives   Sent: the ledger's row of a verified object.
Writes  the object. A final file is never written over other bytes than our own: what is ours is known by the digest that stands
        by the object, or by the ledger, which says that we began to send it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from ..errors import IntegrityError, PartialError, StoreError
from ..events import emit
from ..ledger.objects import KeptObject
from ..ledger.rows import time_text
from ..store import Patience, Source, Stat, Store, digest_of
from .plan import Item

log = logging.getLogger(__name__)

TRIES = 6  # of sending and reading back
_ASKED_BYTES = 1 << 20
_LOOKS = 3  # at what seems to be another's: one look may be spoiled on its way


@dataclass(frozen=True, slots=True)
class Sent:
    """A verified object, and whether its bytes had to be sent."""

    row: KeptObject
    sent: bool


def send(store: Store, item: Item, patience: Patience, begun: Callable[[KeptObject], None]) -> Sent:
    """Bring one file into a store. begun: called with the row of an object that is about to be written.

    Raises IntegrityError where the file is not what the ledger says, or other bytes are there under the key of a final one;
    StoreError where the store does not take it; PartialError where the file cannot be read; FileNotFoundError where it is
    gone; Stopped.
    """
    opened = time_text(datetime.now(UTC))
    try:
        with item.path.open("rb", buffering=0) as file:
            source = Source(file)
            row = KeptObject(store.name, item.key, item.series, source.size, source.sha256, sent=opened)
            if item.sha256 is not None and source.sha256 != item.sha256:
                raise IntegrityError(
                    f"{item.key}: expected {item.sha256[:15]}, found {source.sha256[:15]}: not sent",
                    action="lianzai verify --repair",
                )
            sent = _Sending(store, item, source, patience, lambda: begun(row)).run()
    except FileNotFoundError:
        raise
    except OSError as error:
        raise PartialError(f"{item.key}: cannot be read: {error.strerror or error}", action="lianzai verify") from error
    return Sent(replace(row, verified=time_text(datetime.now(UTC))), sent)


class _Sending:
    """One file on its way."""

    def __init__(self, store: Store, item: Item, source: Source, patience: Patience, begun: Callable[[], None]) -> None:
        self._store, self._item, self._source = store, item, source
        self._patience, self._begun = patience, begun
        # What is there under this key are bytes of ours, good or spoiled: they may be written over.
        self._ours = not item.final

    def run(self) -> bool:
        """Send until it reads back; say whether anything had to be sent."""
        # What may be replaced and is small is sooner sent than asked for.
        if (self._item.final or self._source.size > _ASKED_BYTES) and self._is_there(self._store.head(self._item.key)):
            return False
        for attempt in range(TRIES):
            self._begun()
            if self._put(last=attempt + 1 == TRIES):
                self._ours = True
                if self._found() == self._source.sha256:
                    return True
            elif self._is_there(self._store.head(self._item.key)):
                return True
            emit(
                log, logging.WARNING, "object.differed", store=self._store.name, key=self._item.key, attempt=attempt + 1
            )
            self._patience.rest(attempt)
        raise StoreError(
            f"{self._store.name}: {self._item.key}: sent {TRIES} times, and never read back as it was sent",
            action="lianzai doctor, or another store where it goes on",
        )

    def _put(self, *, last: bool) -> bool:
        """Send it; False where something is there that was not a moment ago: our own, whose answer was lost, or another's."""
        try:
            return self._store.put(self._item.key, self._source, replace=self._ours)
        except StoreError as error:
            if last or error.whole or not error.passing:
                raise
            return False

    def _is_there(self, stat: Stat | None) -> bool:
        """Say whether these bytes are there already; of a final file, refuse to write over others'."""
        if stat is None:
            return False
        self._ours = self._ours or stat.sha256 == self._source.sha256 or self._begun_before()
        found = f"{stat.size} bytes"
        if stat.size == self._source.size:
            for _ in range(1 if self._ours else _LOOKS):
                found = self._found() or "nothing that can be read"
                if found == self._source.sha256:
                    return True
        if self._ours:
            return False
        raise IntegrityError(
            f"{self._store.name}: {self._item.key}: expected nothing or {self._source.sha256[:15]}, found {found[:15]};"
            " it was not touched",
            action="another prefix in [store] url where it is another home's; else move that object away",
        )

    def _begun_before(self) -> bool:
        """Say whether the ledger knows that these bytes were on their way there once."""
        known = self._item.known
        return known is not None and known.sent is not None and known.sha256 == self._source.sha256

    def _found(self) -> str | None:
        """Read what is there; None where a store that is late does not have it yet, or gives it broken."""
        with suppress(FileNotFoundError):
            return digest_of(self._store, self._item.key)
        return None
