"""One budget of a host for all crawls of a home: how many requests at once, how far apart, and when not at all.

Takes   a folder that the crawls share, the name of a host or an address that hosts share. Gives: a place among those under way,
        the instant of the next sending.
Writes  <folder>/<host>: a few times, which each crawl reads and moves on under a lock.

Several processes that crawl series of the same host would each take all of its pace. They share a small file: locked bytes of it
are the places under way (POSIX record locks, which the system takes back when a process ends, however it does), its content is
when the last request was sent. Times are those of the steady clock, which all processes of a machine share, so that setting the
clock moves nothing; what must outlive the machine's start is of the wall clock.

    bytes 0-7   turn   the last turn that was given out: a request is prepared when its turn comes
    bytes 8-15  sent   when the last request went out on the wire, which is what the host sees of the pace
    bytes 16-23 until  wall clock, seconds since 1970: the host asked to be left alone until then
    bytes 24-31 hold   nobody's turn comes before
    bytes 32-39 slowed seconds: the least distance of two sendings, since the host said that it is too much
    bytes 40-47 calm   wall clock: up to then, what the host says against the pace is the wish that it was slowed for
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

_TIMES = struct.Struct("<6d")
_TURN, _SENT, _UNTIL, _HOLD, _SLOWED, _CALM = range(6)
_MUTEX, _PLACES = 64, 128
_FIRST_POLL_S, _LAST_POLL_S = (
    0.005,
    0.1,
)  # between two looks for a free place: record locks tell nobody that they are free
_BOOT_S = 24 * 3600.0  # a turn further ahead is of before a restart of the machine, when the steady clock began anew
SLOWED_LEAST_S, SLOWED_MOST_S = 0.05, 60.0  # after a 429 or 503: twice as far apart as before, within these
# The delay is promised to the host, which sees requests come: of two that go out so far apart the first may be longer on its way.
_MARGIN, _MARGIN_MOST_S = 0.02, 0.02
_RECOVERY = 0.9  # each good answer brings a slowed pace so far back: 7 of them undo one doubling
_SLOWED_FOR_S = 24 * 3600.0  # a wish of longer ago slows nobody
TOLD_S = 5.0  # a wait so long is told to whoever looks at the crawl
Waits = Callable[[str, float | None], None]  # of a host, so many seconds; None where it is not known how long
_PLAIN = re.compile(r"[a-z0-9.-]{1,100}")
KEPT_MARK = "_"  # in the name of what lies beside the budgets of hosts, and in none of theirs


class HostBudget:
    """What the crawls of a home may ask of one host. One for each process and host: record locks belong to processes.

    Where the file cannot be had or written (a full disk) the process keeps the pace by itself, and the log says so: a crawl
    does not end for the sake of crawls that may not even run.
    """

    def __init__(self, folder: Path | None, host: str) -> None:
        """folder: None where no other process asks the host."""
        self._host = host
        self._mine: set[int] = set()
        self._seen = [0.0] * 6  # the times as they were last read or set; all that there is where there is no file
        self._written = list(self._seen)
        self._asked_here = False  # whether the rest was asked of this process
        self._file: int | None = None
        if folder is None:
            return
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
            while True:
                wait_s = self._turn(delay_s)
                if wait_s >= TOLD_S:
                    waits(self._host, wait_s)
                if wait_s <= 0:
                    break
                await _pause(wait_s, halt)
                if halt.is_set() or not self._held():  # the host may have asked for rest since the turn was given
                    break
            yield
        finally:
            if place is not None:
                self._leave(place)

    def sending_s(self, delay_s: float, send: Callable[[], float] = lambda: 0.0) -> float:
        """Give 0 where a request may go out now, let it, and count it as sent; else the seconds after which to ask again.

        The invariant: each sending begins at least `delay_s` after the last one ended, of whatever process, and not while the
        host is held. What is counted is what went out, and not what was to go out: who came late leaves the next its distance.
        send: writes it out to the system, while no other process can, and gives 0; or gives the seconds after which to ask again,
        and nothing is counted: so several budgets count one sending, each the next one's `send`.
        """
        with self._times() as times:
            now, before = time.monotonic(), times[_SENT]
            wait_s = max(_sane(before, now) + _distance(times, delay_s), _sane(times[_HOLD], now)) - now
            if wait_s > 0:
                return wait_s
            times[_SENT] = now
            self._put()  # first, for a process that is killed behind the sending
            wait_s = send()
            times[_SENT] = before if wait_s > 0 else time.monotonic()
        return max(0.0, wait_s)

    def hold(self, wait_s: float) -> None:
        """Give nobody a turn for so long."""
        with self._times() as times:
            now = time.monotonic()
            until = now + wait_s
            times[_HOLD] = max(_sane(times[_HOLD], now), until)
            times[_TURN] = max(_sane(times[_TURN], now), until)

    def rest(self, wait_s: float) -> None:
        """Note that the host asked to be left alone for so long, at most a day: the service starts no crawl of it before.

        Those that run go on as they are told.
        """
        with self._times() as times:
            now = time.time()
            before = times[_UNTIL] if times[_UNTIL] <= now + REST_MOST_S else 0.0  # of a clock that was wrong
            times[_UNTIL] = max(before, now + min(wait_s, REST_MOST_S))
        self._asked_here = True

    def slow(self, delay_s: float, pause_s: float) -> None:
        """Go twice as far apart as before, as the host said that it is too much.

        delay_s: how far apart it was asked where it was not slowed. pause_s: for so long what else it says is the same wish.
        """
        with self._times() as times:
            now = time.time()
            slowed = _slowed(times)
            if slowed and now < times[_CALM]:
                return
            before = max(delay_s, slowed)
            times[_SLOWED] = min(max(2 * before, SLOWED_LEAST_S), max(before, SLOWED_MOST_S))
            times[_CALM] = now + pause_s

    def welcomed(self) -> None:
        """Note that the host answers well: a rest that it asked of an earlier crawl is over, a slowed pace recovers a little."""
        resting = not self._asked_here and self._seen[_UNTIL] > time.time()
        if not resting and not self._seen[_SLOWED]:
            return
        with self._times() as times:
            if resting:
                times[_UNTIL] = 0.0
            slowed = _RECOVERY * _slowed(times)
            times[_SLOWED] = slowed if slowed >= SLOWED_LEAST_S / 4 else 0.0

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

    def _turn(self, delay_s: float) -> float:
        with self._times() as times:
            now = time.monotonic()
            at = times[_TURN] = max(now, _sane(times[_TURN], now) + _distance(times, delay_s))
        return at - now

    def _held(self) -> bool:
        with self._times() as times:
            now = time.monotonic()
            return _sane(times[_HOLD], now) > now

    @contextmanager
    def _times(self) -> Iterator[list[float]]:
        """Lend the times, and write them back, while no other process has them."""
        self._on_file(self._read)
        self._written = list(self._seen)
        try:
            yield self._seen
        finally:
            if self._seen != self._written:
                self._put()
            self._on_file(lambda file: fcntl.lockf(file, fcntl.LOCK_UN, 1, _MUTEX))

    def _read(self, file: int) -> None:
        fcntl.lockf(file, fcntl.LOCK_EX, 1, _MUTEX)
        self._seen = _read(os.pread(file, _TIMES.size, 0))

    def _put(self) -> None:
        self._on_file(lambda file: os.pwrite(file, _TIMES.pack(*self._seen), 0))
        self._written = list(self._seen)

    def _on_file(self, step: Callable[[int], object]) -> None:
        """Do a step on the file, where there is one; without it the process goes on by itself."""
        if self._file is not None:
            try:
                step(self._file)
            except OSError as error:
                self._give_up(error)

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


def _distance(times: list[float], delay_s: float) -> float:
    """Give how far apart two sendings are to be, in seconds."""
    least_s = max(delay_s, _slowed(times))
    return least_s + min(_MARGIN_MOST_S, _MARGIN * least_s)


def _slowed(times: list[float]) -> float:
    """Give the least distance in seconds that the host's last wish left; 0 where it left none, or was long ago."""
    told_s = time.time() - times[_CALM]
    return times[_SLOWED] if 0.0 < times[_SLOWED] < _BOOT_S and -_SLOWED_FOR_S < told_s < _SLOWED_FOR_S else 0.0


def _read(written: bytes) -> list[float]:
    """Read a file's times; an older version wrote fewer, and what was cut is none."""
    return list(_TIMES.unpack(written[: len(written) // 8 * 8].ljust(_TIMES.size, b"\0")[: _TIMES.size]))


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
    return {name for name in names if KEPT_MARK not in name and _until(folder / name) is not None}


def _until(path: Path) -> float | None:
    try:
        until = _read(path.read_bytes())[_UNTIL]
    except OSError:
        return None
    return until if 0.0 < until - time.time() <= REST_MOST_S else None
