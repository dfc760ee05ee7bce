"""Some threads send, one writes down: what is done comes back to the thread that asked.

Takes   a store, items, how many threads.
Gives   results in the order in which they come, those of a fifth of a second together; word that it goes on.
Writes  what send.py writes.

The threads are daemons: a signal ends the process though one of them hangs in a connection. Nothing is lost by that, as only what
was verified is written down.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass

from ..errors import LianzaiError, StoreError
from ..ledger.objects import KeptObject
from ..store import Patience, Stopped, Store
from .plan import Item
from .send import Sent, send

_BEAT_S = 0.5
_BATCH = 256  # rows in one transaction of the ledger, and for how long they are gathered: one for each file cost
_GATHER_S = 0.2  # a third of an upload of small ones
_JOIN_S = 3.0  # a stop is to take less than 10 s


@dataclass(frozen=True, slots=True)
class Begun:
    """An object is about to be written."""

    row: KeptObject


@dataclass(frozen=True, slots=True)
class Done:
    """An item is settled: sent, failed, or neither (the file is gone, or the work ends)."""

    item: Item
    sent: Sent | None = None
    error: LianzaiError | BaseException | None = None


class Crew:
    """Threads that send items to one store."""

    def __init__(self, store: Store, items: Sequence[Item], patience: Patience, threads: int) -> None:
        self._store, self._patience = store, patience
        self._todo: queue.SimpleQueue[Item] = queue.SimpleQueue()
        self._told: queue.SimpleQueue[Begun | Done] = queue.SimpleQueue()
        self._halt = threading.Event()
        self._left = len(items)
        for item in items:
            self._todo.put(item)
        count = min(threads, len(items))
        self._threads = [threading.Thread(target=self._work, name=f"upload-{n}", daemon=True) for n in range(count)]

    def results(self) -> Iterator[list[Begun | Done]]:
        """Give what happens, all that waits at once; [] where nothing did for a while."""
        for thread in self._threads:
            thread.start()
        while self._left:
            yield self._gathered()

    def halt(self) -> None:
        """Begin nothing more: the items that are left come back as neither sent nor failed."""
        self._halt.set()

    def leave(self) -> list[Begun | Done]:
        """Wait a moment for the threads, whose clock was stopped; give what was done meanwhile."""
        self.halt()
        for thread in self._threads:
            if thread.is_alive():
                thread.join(_JOIN_S / len(self._threads))
        return self._waiting()

    def _gathered(self) -> list[Begun | Done]:
        """Wait for something to be told, and a moment for more."""
        told: list[Begun | Done] = []
        end = time.monotonic() + _BEAT_S
        with suppress(queue.Empty):
            while self._left and len(told) < _BATCH:
                told.append(self._told.get(timeout=max(end - time.monotonic(), 0)))
                self._left -= isinstance(told[-1], Done)
                if len(told) == 1:
                    end = time.monotonic() + _GATHER_S
        return told

    def _waiting(self) -> list[Begun | Done]:
        """Give what was told and not yet taken."""
        told: list[Begun | Done] = []
        with suppress(queue.Empty):
            while True:
                told.append(self._told.get_nowait())
        return told

    def _work(self) -> None:
        while True:
            try:
                item = self._todo.get_nowait()
            except queue.Empty:
                return
            self._told.put(Done(item) if self._halt.is_set() else self._settled(item))

    def _settled(self, item: Item) -> Done:
        try:
            return Done(item, sent=send(self._store, item, self._patience, lambda row: self._told.put(Begun(row))))
        except (Stopped, FileNotFoundError):
            return Done(item)
        except BaseException as error:  # noqa: BLE001  it is raised again where the results are taken
            if isinstance(error, StoreError) and error.whole:
                self.halt()
            return Done(item, error=error)
