"""Do one thing to many items, some at once.

Takes   a deed, items, how many threads.
Gives   what the deed gives, as it comes.
Writes  what the deed writes.

The threads are daemons: a signal ends the process though one of them hangs in a connection.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Generator, Sequence
from contextlib import suppress
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


def together(deed: Callable[[Item], Result], items: Sequence[Item], threads: int) -> Generator[Result, None, None]:
    """Give the results in the order in which they come. Closed, it begins nothing more. Raises what a deed raises."""
    todo: queue.SimpleQueue[Item] = queue.SimpleQueue()
    done: queue.SimpleQueue[tuple[Result, None] | tuple[None, BaseException]] = queue.SimpleQueue()
    halt = threading.Event()
    for item in items:
        todo.put(item)

    def work() -> None:
        with suppress(queue.Empty):
            while not halt.is_set():
                item = todo.get_nowait()
                try:
                    done.put((deed(item), None))
                except BaseException as error:  # noqa: BLE001  it is raised again where the results are taken
                    done.put((None, error))

    for number in range(min(threads, len(items))):
        threading.Thread(target=work, name=f"together-{number}", daemon=True).start()
    try:
        for _ in items:
            result, error = done.get()
            if error is not None:
                raise error
            yield result  # type: ignore[misc]  # without an error there is a result
    finally:
        halt.set()
