"""Read the bytes of WARCs where they lie: in the home, else in the object store of their series, by ranges.

Takes   a home, its ledger, the environment by which stores are found; the place of a record: path in the home, offset, length.
Gives   a stream of the bytes there as they lie in the file, packed and all; the Record that they are.
Writes  nothing. Memory is that of one piece of a stretch, whatever its length; of one record where that is parsed.

Nothing is compared here: who reads a record holds its payload against its digest.
"""

from __future__ import annotations

import io
import os
import threading
from collections.abc import Generator, Iterator, Mapping
from typing import TYPE_CHECKING, BinaryIO, Self, cast

from .errors import IntegrityError, PartialError, StoreError, UsageError
from .fixity import CHUNK_BYTES
from .home import Home
from .ledger.objects import stores_of
from .ledger.queries import series
from .ledger.store import Ledger
from .store import Bandwidth, Clock, RealClock, Store, checked, default_url, open_store, store_name, url_named, url_of
from .warc import Record, read_stream

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

_TRIES = 3  # of a request: somebody waits for the page
_REST_S = 30.0  # a store that could not be used is left alone so long: a page has fifty pictures
_BUFFER = 64 << 10
_OPEN = ".open"  # of a WARC that is being written; its captures have its final name


class Records:
    """The WARCs of a home. Threads may read at once; a context, at whose end the connections are closed."""

    def __init__(self, home: Home, ledger: Ledger, environ: Mapping[str, str], *, clock: Clock | None = None) -> None:
        self._home, self._ledger, self._environ = home, ledger, environ
        self._clock = clock or RealClock()
        self._lock = threading.Lock()
        self._open: dict[str, Store] = {}
        self._resting: dict[str, tuple[float, StoreError]] = {}  # until when a store is left alone, and why

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close all connections."""
        with self._lock:
            while self._open:
                self._open.popitem()[1].close()

    def stretch(self, warc: str, offset: int, length: int | None = None) -> BinaryIO:
        """Open bytes of a WARC, to be read forwards and closed.

        warc: its path in the home, "warc/<series>/…". offset, length: in bytes as the file lies there; None: to its end.
        Raises UsageError for another path, IntegrityError where the bytes are neither here nor there, StoreError (UsageError
        where its address is none) where a store that may have them cannot be used. Reading raises StoreError, IntegrityError
        and PartialError where the bytes end early.
        """
        try:
            stretch = self._local(warc, offset, length)
        except OSError as error:
            gone = isinstance(error, FileNotFoundError)
            why = "not in the home" if gone else f"cannot be read: {error.strerror or error}"
            stretch = self._stored(warc, offset, length, why)
        return cast(BinaryIO, io.BufferedReader(stretch, _BUFFER))

    def record(self, warc: str, offset: int, length: int) -> Record:
        """Read one record of a WARC of ours. Raises what stretch() and reading it raise, WarcError where it is damaged."""
        with self.stretch(warc, offset, length) as stream:
            return read_stream(stream, warc.rpartition("/")[2], offset)

    # ------------------------------------------------------------------------------------------------------ in the home

    def _local(self, warc: str, offset: int, length: int | None) -> _Stretch:
        """Open a file of the home. Raises OSError, also where it ends before the stretch does."""
        _series(warc)
        descriptor = self._opened(warc)
        if os.fstat(descriptor).st_size < offset + (length or 0):
            os.close(descriptor)
            raise OSError(f"ends before byte {offset + (length or 0)}")
        return _Stretch(_read(descriptor, offset, length), warc)

    def _opened(self, warc: str) -> int:
        for name in (warc, warc + _OPEN, warc):  # it may be closed, and so renamed, between two looks
            try:
                return os.open(self._home.root / name, os.O_RDONLY)
            except FileNotFoundError:
                continue
        raise FileNotFoundError(warc)

    # ------------------------------------------------------------------------------------------------------ in a store

    def _stored(self, warc: str, offset: int, length: int | None, why: str) -> _Stretch:
        """Open an object. why: the home does not give the bytes. Raises what stretch() does."""
        unusable: StoreError | UsageError | IntegrityError | None = None
        asked: list[str] = []
        for name, url in self._stores(warc).items():
            asked.append(name)
            try:
                return _Stretch(_whole(self._store(name, url).read(warc, offset, length), warc, offset, length), warc)
            except FileNotFoundError:
                continue
            except (UsageError, IntegrityError) as error:
                unusable = error
            except StoreError as error:
                unusable = error
                if error.whole:
                    self._rest(name, error)
        if unusable is not None:
            raise unusable
        where = f", nor in {' or '.join(asked)}" if asked else "; its series names no store"
        raise IntegrityError(f"{warc}: {why}{where}", action="lianzai verify")

    def _stores(self, warc: str) -> dict[str, str]:
        """Give name and address of the stores that may have a WARC: that of its series, then others to which it was sent."""
        with self._ledger.read() as connection:
            rows, names = series(connection, _series(warc)), stores_of(connection, warc)
        url = (url_of(rows[0]["profile"]) if rows else None) or default_url(self._home)
        found = {store_name(url, self._environ): url} if url else {}
        return found | {name: url for name in names if (url := url_named(name, self._environ))}

    def _store(self, name: str, url: str) -> Store:
        """Give a store, opened once. Raises UsageError, and the StoreError of one that is left alone."""
        with self._lock:
            if name in self._resting:
                until, error = self._resting[name]
                if self._clock.now() < until:
                    raise error
                del self._resting[name]
            if name not in self._open:
                self._open[name] = open_store(url, self._environ, bandwidth=Bandwidth(self._clock), tries=_TRIES)
            return self._open[name]

    def _rest(self, name: str, error: StoreError) -> None:
        with self._lock:
            self._resting.setdefault(name, (self._clock.now() + _REST_S, error))


class _Stretch(io.RawIOBase):
    """Pieces as a stream. The first is read at once: what hinders it is told before anything is shown."""

    def __init__(self, pieces: Generator[bytes], warc: str) -> None:
        self._pieces, self._warc = pieces, warc
        self._held = memoryview(next(pieces, b""))

    def readable(self) -> bool:
        """Say yes."""
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        """Give what is held of the last piece, else of the next. Raises PartialError, and what the pieces raise."""
        if not self._held:
            try:
                self._held = memoryview(next(self._pieces, b""))
            except OSError as error:
                raise PartialError(
                    f"{self._warc}: cannot be read: {error.strerror or error}", action="lianzai verify"
                ) from error
        into = memoryview(buffer).cast("B")
        size = min(len(into), len(self._held))
        into[:size], self._held = self._held[:size], self._held[size:]
        return size

    def close(self) -> None:
        """Let go of the file or the connection."""
        self._pieces.close()
        super().close()


def _series(warc: str) -> str:
    """Give the series of a path below warc/. Raises UsageError for any other."""
    parts = checked(warc).split("/")
    if parts[0] != "warc" or len(parts) < 3:
        raise UsageError(f"{warc}: no WARC of a home", action="warc/<series>/<name>, as `lianzai show` gives it")
    return parts[1]


def _read(descriptor: int, offset: int, length: int | None) -> Generator[bytes]:
    """Read a file, and close it. Raises OSError."""
    at, end = offset, None if length is None else offset + length
    try:
        while end is None or at < end:
            piece = os.pread(descriptor, CHUNK_BYTES if end is None else min(CHUNK_BYTES, end - at), at)
            if not piece:
                return
            at += len(piece)
            yield piece
    finally:
        os.close(descriptor)


def _whole(pieces: Iterator[bytes], warc: str, offset: int, length: int | None) -> Generator[bytes]:
    """Pass pieces on. Raises IntegrityError where they are fewer bytes than there must be."""
    there = 0
    for piece in pieces:
        there += len(piece)
        yield piece
    if length is not None and there < length:
        raise IntegrityError(
            f"{warc}: offset {offset}: expected {length} bytes in the store, found {there}",
            action="lianzai verify --remote",
        )
