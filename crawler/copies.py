"""What a copy of a home has: a folder in the layout of a home, or an object store that `upload` filled.

Takes   a folder, its file:// address, or s3://bucket/prefix.
Gives   Copy: its files by folder, and each of them copied to a place where nothing is.
Writes  the files that it is asked to copy (archive/copying.py). What is read is never changed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit

from archive.copying import copy_new, copy_pieces
from archive.errors import IntegrityError, PartialError, UsageError
from archive.fixity import file_digest, payload_digest
from archive.home import Home, part_of
from archive.store import Store, checked, open_store
from archive.warc import last_whole_exchange, read_records
from archive.warc.recovery import WARC_NAME

from .packing import packing_list

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://")
_TRIES = 3  # of an object that came otherwise than it was sent


@dataclass(frozen=True, slots=True)
class Entry:
    """A file or folder of a copy. key: its path within the home, by `/`. place: where, for people. is_file: else a folder."""

    key: str
    place: str
    is_file: bool

    @property
    def name(self) -> str:
        """Give its name."""
        return self.key.rpartition("/")[2]


class Copy(Protocol):
    """A copy of a home. bytes: of all its files under warc/ and wacz/. strange: (place, why) of what cannot be taken."""

    bytes: int
    strange: list[tuple[str, str]]

    def place(self, key: str) -> str:
        """Say where a key is, for people."""

    def listed(self, folder: str) -> list[Entry]:
        """List a folder by name; [] where there is none. Raises OSError."""

    def open_size(self, series: str, entry: Entry) -> int | str:
        """Give the bytes of an open WARC up to its last whole exchange, or why it is to be left. Raises OSError, WarcError."""

    def take(
        self,
        entry: Entry,
        target: Path,
        size: int | None,
        told: Callable[[int], None],
        naming: Callable[[], None] | None,
    ) -> bool:
        """Copy a file, or its first `size` bytes, as copy_new() does."""

    def close(self) -> None:
        """Give back connections."""


def copy_at(named: str, home: Home, environ: Mapping[str, str]) -> Copy:
    """Give the copy of a home that a person names.

    Raises UsageError where there is none, it has no warc/, it cannot be read, or it and the home lie in each other; StoreError.
    """
    if named.startswith(("s3://", "env:")):
        url = environ.get(named.removeprefix("env:"), "") if named.startswith("env:") else named
        return StoreCopy(open_store(named, environ), named, url)
    root = _folder(named)
    ours, theirs = home.root.resolve(), root.resolve()
    if ours == theirs:
        raise UsageError(f"{named}: is the home itself", action="lianzai rebuild, without --from")
    if theirs.is_relative_to(ours) or ours.is_relative_to(theirs):
        inner, outer = (named, "the home") if theirs.is_relative_to(ours) else ("the home", named)
        raise UsageError(
            f"{named}: {inner} lies within {outer}", action="a folder outside, or another home with --home DIR"
        )
    try:
        if not root.is_dir():
            found = "a file" if root.exists() else "nothing"
            raise UsageError(f"{named}: expected a folder, found {found}", action="--from DIR, the copy of a home")
        if not any(path.is_dir() for path in (root / "warc").iterdir()):
            raise UsageError(f"{named}: no series in its warc/", action="--from DIR, the folder that holds warc/")
    except (FileNotFoundError, NotADirectoryError) as error:
        raise UsageError(
            f"{named}: expected the layout of a home, found no folder warc/ in it",
            action="--from DIR, the folder that holds warc/",
        ) from error
    except OSError as error:
        raise UsageError(f"{named}: cannot be read: {error.strerror}", action="another copy") from error
    return FolderCopy(Home(root))


def _folder(named: str) -> Path:
    """Read a folder's name or file:// address. Raises UsageError for an address of another kind."""
    if not _SCHEME.match(named):
        return Path(named)
    try:
        parts = urlsplit(named)
        host = parts.hostname
    except ValueError as error:
        raise UsageError(f"{named}: no address: {error}", action="--from DIR, or file:///path") from error
    if parts.scheme != "file":
        raise UsageError(
            f"{named}: expected a folder, file:// or s3://, found {parts.scheme}://",
            action="--from s3://bucket/prefix, or a copy of it in a folder and --from DIR",
        )
    if host not in (None, "", "localhost") or parts.query or parts.fragment:
        raise UsageError(f"{named}: expected a path of this machine", action="file:///path")
    return Path(unquote(parts.path))


class FolderCopy:
    """A folder in the layout of a home."""

    def __init__(self, copy: Home) -> None:
        self._copy = copy
        self.bytes = sum(_bytes_below(copy.root / name) for name in ("warc", "wacz"))
        self.strange: list[tuple[str, str]] = []

    def place(self, key: str) -> str:
        """Give the path."""
        return str(self._copy.root / key)

    def listed(self, folder: str) -> list[Entry]:
        """List a folder by name; what is neither file nor folder counts as a folder that is empty."""
        path = self._copy.root / folder
        found = sorted(path.iterdir()) if path.is_dir() else []
        return [Entry(f"{folder}/{one.name}", str(one), one.is_file()) for one in found]

    def open_size(self, series: str, entry: Entry) -> int | str:
        """Measure it as recovery would cut it."""
        if self._copy.running(series):
            return "a crawl writes it now"
        whole, _ = last_whole_exchange(self._copy.root / entry.key)
        return whole or "not one whole record in it"

    def take(
        self,
        entry: Entry,
        target: Path,
        size: int | None,
        told: Callable[[int], None],
        naming: Callable[[], None] | None,
    ) -> bool:
        """Copy a file of the folder."""
        return copy_new(self._copy.root / entry.key, target, size, told=told, naming=naming)

    def close(self) -> None:
        """Nothing is open."""


class StoreCopy:
    """An object store whose keys are the paths of a home. Raises UsageError where it has no WARCs, StoreError.

    What it holds is what it lists, and what the newest copy of the ledger in it says was sent and read back.
    """

    def __init__(self, store: Store, named: str, url: str) -> None:
        self._store, self._named = store, store.name
        self.bytes = 0
        self.strange: list[tuple[str, str]] = []
        self._folders: dict[str, dict[str, bool]] = {}  # folder -> name -> whether it is an object
        store.reach()
        self._packed = packing_list(store, url)
        listed = {key: size for folder in ("warc/", "wacz/", "profiles/") for key, size in store.list(folder)}
        for key, size in ({key: one.bytes for key, one in self._packed.items()} | listed).items():
            self._put(key, size)
        if "warc" not in self._folders:
            raise UsageError(
                f"{named}: no objects under warc/", action="--from s3://bucket/prefix, as [store] url had it"
            )

    def place(self, key: str) -> str:
        """Give the object's address."""
        return f"{self._named}/{key}"

    def listed(self, folder: str) -> list[Entry]:
        """List what stood below a folder when the store was opened."""
        found = sorted(self._folders.get(folder, {}).items())
        return [Entry(f"{folder}/{name}", self.place(f"{folder}/{name}"), is_file) for name, is_file in found]

    def open_size(self, series: str, entry: Entry) -> str:  # noqa: ARG002  the protocol's
        """Leave it: `upload` sends none."""
        return "an open WARC; one in a folder is read, by --from DIR"

    def take(
        self,
        entry: Entry,
        target: Path,
        size: int | None,
        told: Callable[[int], None],
        naming: Callable[[], None] | None,
    ) -> bool:
        """Copy an object; its bytes are held against the digest by which it was read back, or was sent.

        Where only the store tells a digest, or nobody, a WARC of ours is held against those of its own records too.
        """
        sha256 = self._sha256(entry.key)
        if sha256 is not None and target.is_file() and file_digest(target) == sha256:
            return False

        def ready() -> None:
            if entry.key not in self._packed and WARC_NAME.fullmatch(entry.name):
                _hold_against_itself(part_of(target), entry.place)
            if naming:
                naming()

        for left in reversed(range(_TRIES)):
            try:
                return copy_pieces(self._pieces(entry, size, told), entry.place, target, sha256=sha256, naming=ready)
            except IntegrityError:
                if not left or target.exists():
                    raise
        raise AssertionError("a copy without tries")

    def _sha256(self, key: str) -> str | None:
        if key in self._packed:
            return self._packed[key].sha256
        stat = self._store.head(key)
        return stat.sha256 if stat else None

    def close(self) -> None:
        """Close all connections."""
        self._store.close()

    def _put(self, key: str, size: int) -> None:
        try:
            checked(key)
        except UsageError as error:
            self.strange.append((self.place(key), error.message))
            return
        self.bytes += size if not key.startswith("profiles/") else 0
        folder, _, name = key.rpartition("/")
        self._folders.setdefault(folder, {})[name] = True
        while folder:
            folder, _, name = folder.rpartition("/")
            if folder:
                self._folders.setdefault(folder, {}).setdefault(name, False)

    def _pieces(self, entry: Entry, size: int | None, told: Callable[[int], None]) -> Iterator[bytes]:
        try:
            for piece in self._store.read(entry.key, 0, size):
                told(len(piece))
                yield piece
        except FileNotFoundError as error:
            if entry.key in self._packed:
                raise IntegrityError(
                    f"{entry.place}: was read back when it was sent, and is not there", action="the same command later"
                ) from error
            raise PartialError(f"{entry.place}: is listed, and not there", action="the same command later") from error


def _hold_against_itself(path: Path, place: str) -> None:
    """Compare each block of a WARC of ours with the digest that its record tells. Raises IntegrityError."""
    for record in read_records(path):
        told = record.headers.get("WARC-Block-Digest")
        if told is not None and payload_digest(record.block) != told:
            raise IntegrityError(
                f"{place}: offset {record.offset}: expected {told[:15]}, found {payload_digest(record.block)[:15]}: not taken",
                action="another copy of it",
            )


def _bytes_below(folder: Path) -> int:
    """Sum the sizes of what lies in a folder, for progress."""
    total = 0
    for path in folder.rglob("*"):
        with suppress(OSError):  # it is gone, or a link to nothing
            total += path.stat().st_size
    return total
