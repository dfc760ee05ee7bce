"""One budget of a host for all crawls of a home: how many requests at once, how far apart, and when not at all.

Takes   a folder that the crawls share, a host. Gives: a place among those under way, the instant of the next sending.
Writes  <folder>/<host>: three times, which each crawl reads and moves on under a lock.

One process keeps a host's pace by itself (politeness.HostGate); several that crawl series of the same host would each take
all of it. They share a small file: locked bytes of it are the places under way (POSIX record locks, which the system takes
back when a process ends, however it does), its content is when the last request was sent. Times are those of the steady
clock, which all processes of a machine share, so that setting the clock moves nothing.

    bytes 0-7   turn   the last turn that was given out: a request is prepared when its turn comes
    bytes 8-15  sent   when the last request went out on the wire, which is what the host sees of the pace
    bytes 16-23 until  wall clock, seconds since 1970: the host asked to be left alone until then
    lock on byte 64    whoever reads and moves the times on: held for microseconds
    lock on byte 128+n place n of those under way
"""

from __future__ import annotations

import asyncio
import errno
import fcntl
import logging
import os
import re
import struct
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from hashlib import sha256
from pathlib import Path

from archive.events import emit
from archive.http import REST_MOST_S

log = logging.getLogger(__name__)

_TIMES = struct.Struct("<ddd")
_TURN, _SENT, _UNTIL = range(3)
_MUTEX, _PLACES = 64, 128
_FIRST_POLL_S, _LAST_POLL_S = (
    0.005,
    0.1,
)  # between two looks for a free place: record locks tell nobody that they are free
_BOOT_S = 24 * 3600.0  # a turn further ahead is of before a restart of the machine, when the steady clock began anew
TOLD_S = 5.0  # a wait so long is told to whoever looks at the crawl
Waits = Callable[[str, float | None], None]  # of a host, so many seconds; None where it is not known how long
_PLAIN = re.compile(r"[a-z0-9.-]{1,100}")


class HostBudget:
    """What the crawls of a home may ask of one host. One for each process and host: record locks belong to processes.

    Where the file cannot be had or written (a full disk) the process keeps the pace by itself, and the log says so: a crawl
    does not end for the sake of crawls that may not even run.
    """

    def __init__(self, folder: Path, host: str) -> None:
        self._host = host
        self._mine: set[int] = set()
        self._until = 0.0  # as the file had it when it was read last
        self._asked_here = False  # whether the rest was asked of this process
        self._file: int | None = None
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._file = os.open(folder / file_name(host), os.O_RDWR | os.O_CREAT, 0o666)
        except OSError as error:
            self._give_up(error)

    @asynccontextmanager
    async def admitted(
        self, limit: int, delay_s: float, halt: asyncio.Event, waits: Waits = lambda _host, _s: None
    ) -> AsyncIterator[None]:
        """Wait for a place among `limit` under way and for a turn `delay_s` after the last one; hold the place meanwhile.

        halt: set where nothing more is waited for; whoever enters then sees it by himself. waits: told of a long wait.
        """
        place = await self._place(limit, halt, waits)
        try:
            wait_s = self._next(_TURN, delay_s)
            if wait_s >= TOLD_S:
                waits(self._host, wait_s)
            await _pause(wait_s, halt)
            yield
        finally:
            if place is not None:
                self._leave(place)

    def sending_s(self, delay_s: float) -> float:
        """Give the seconds until a request may go out, and count it as sent then."""
        return self._next(_SENT, delay_s)

    def rest(self, wait_s: float, *, hold: bool) -> None:
        """Note that the host asked to be left alone for so long, at most a day. hold: nobody takes a turn before.

        Without `hold` those that run go on as they are told; the service starts no crawl of the host before.
        """
        with self._times() as times:
            if hold:
                steady = time.monotonic()
                times[_TURN] = max(_sane(times[_TURN], steady), steady + wait_s)
            now = time.time()
            before = times[_UNTIL] if times[_UNTIL] <= now + REST_MOST_S else 0.0  # of a clock that was wrong
            times[_UNTIL] = self._until = max(before, now + min(wait_s, REST_MOST_S))
        self._asked_here = True

    def welcomed(self) -> None:
        """Note that the host answers well: a rest that it asked of an earlier crawl is over."""
        if self._asked_here or self._until <= time.time():
            return
        with self._times() as times:
            times[_UNTIL] = self._until = 0.0

    async def _place(self, limit: int, halt: asyncio.Event, waits: Waits) -> int | None:
        """Take a place. Those of this process wait for each other in HostGate before: one of them has room here, or all wait."""
        wait_s, begun, told = _FIRST_POLL_S, time.monotonic(), False
        while self._file is not None and not halt.is_set():
            for place in range(limit):
                if place not in self._mine and self._take(place):
                    self._mine.add(place)
                    return place
            if not told and time.monotonic() - begun >= TOLD_S:
                waits(self._host, None)
                told = True
            await _pause(wait_s, halt)
            wait_s = min(wait_s * 2, _LAST_POLL_S)
        return None

    def _take(self, place: int) -> bool:
        try:
            fcntl.lockf(self._open(), fcntl.LOCK_EX | fcntl.LOCK_NB, 1, _PLACES + place)
        except (BlockingIOError, PermissionError):  # POSIX allows EAGAIN and EACCES
            return False
        except OSError as error:
            self._give_up(error)
            return False
        return True

    def _leave(self, place: int) -> None:
        self._mine.discard(place)
        with suppress(OSError):
            fcntl.lockf(self._open(), fcntl.LOCK_UN, 1, _PLACES + place)

    def _next(self, which: int, delay_s: float) -> float:
        with self._times() as times:
            now = time.monotonic()
            at = max(now, _sane(times[which], now) + delay_s)
            times[which] = at
        return at - now

    @contextmanager
    def _times(self) -> Iterator[list[float]]:
        """Lend the three times, and write them back, while no other process has them."""
        if not self._lock():
            yield [0.0, 0.0, 0.0]
            return
        try:
            written = os.pread(self._open(), _TIMES.size, 0)
            times = list(_TIMES.unpack(written)) if len(written) == _TIMES.size else [0.0, 0.0, 0.0]
            self._until = times[_UNTIL]
            yield times
            os.pwrite(self._open(), _TIMES.pack(*times), 0)
            fcntl.lockf(self._open(), fcntl.LOCK_UN, 1, _MUTEX)
        except OSError as error:
            self._give_up(error)

    def _lock(self) -> bool:
        if self._file is None:
            return False
        try:
            fcntl.lockf(self._file, fcntl.LOCK_EX, 1, _MUTEX)
        except OSError as error:
            self._give_up(error)
            return False
        return True

    def _open(self) -> int:
        if self._file is None:
            raise OSError(errno.EBADF, "given up")
        return self._file

    def _give_up(self, error: OSError) -> None:
        emit(log, logging.WARNING, "host.unshared", host=self._host, error=error.strerror or str(error))
        if self._file is not None:
            os.close(self._file)  # with it go all its locks
            self._file = None


async def _pause(wait_s: float, halt: asyncio.Event) -> None:
    if wait_s > 0:
        with suppress(TimeoutError):
            await asyncio.wait_for(halt.wait(), wait_s)


def _sane(at: float, now: float) -> float:
    """Give a time of the file; one that no running clock can have written, or of another start of the machine, is long past."""
    return at if 0.0 < at < now + _BOOT_S else float("-inf")


def file_name(host: str) -> str:
    """Name the file of a host: the host where it is plain, else a digest of it.

    >>> file_name("news.example.org")
    'news.example.org'
    """
    plain = host.lower()
    if _PLAIN.fullmatch(plain) and not plain.startswith("."):
        return plain
    return "host-" + sha256(host.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def resting_until(folder: Path, host: str) -> float | None:
    """Tell until when a host asked to be left alone, in seconds since 1970; None where it did not, or that is past."""
    return _until(folder / file_name(host))


def resting(folder: Path) -> set[str]:
    """Name the hosts of a home that asked to be left alone for now, as file_name does."""
    try:
        names = os.listdir(folder)  # noqa: PTH208 - names are all that is wanted
    except FileNotFoundError:
        return set()
    return {name for name in names if _until(folder / name) is not None}


def _until(path: Path) -> float | None:
    try:
        written = path.read_bytes()[: _TIMES.size]
    except OSError:
        return None
    until: float = _TIMES.unpack(written)[_UNTIL] if len(written) == _TIMES.size else 0.0
    return until if 0.0 < until - time.time() <= REST_MOST_S else None
