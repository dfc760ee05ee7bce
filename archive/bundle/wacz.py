"""Bundle a series as WACZ 1.1.1: what a replay opens without a server of ours, in one file.

Takes   a connection of the ledger, the home, the series, where to.
Gives   a Bundle.
Writes  the file in one step: archive/ with the closed WARCs, indexes/, pages/pages.jsonl, datapackage.json and its digest.
        All members are stored, so that a record can be fetched by HTTP Range.

The same archive gives the same bytes: the times in it are those of the newest capture, never of now.
Source: https://specs.webrecorder.net/wacz/1.1.1/
"""

from __future__ import annotations

import hashlib
import json
import re
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, BinaryIO, Final

from ..errors import DiskError, IntegrityError, UsageError
from ..fixity import payload_digest
from ..home import Home
from ..index import cdxj_line
from ..ledger import queries
from ..ledger.holdings import openings
from ..ledger.queries import Connection
from ..ledger.rows import json_time, time_text
from ..views import unknown_series
from .container import Container, Resource
from .pages import Page, write_pages
from .place import begun, settle
from .warcs import Included, Refused, Warcs, captures_in, closed_warcs
from .zipnum import write_zipnum

VERSION: Final = "1.1.1"
_INDEX: Final = "index.cdx.gz"
_NOT_IN_A_NAME: Final = re.compile(r"[^-a-z0-9._/]")
_NOT_MODIFIED: Final = 304
_FIRST: Final = datetime.min.replace(tzinfo=UTC)

# Called with the bytes of WARCs copied so far, of all, and the file that is being copied.
Told = Callable[[int, int, str], None]


@dataclass(frozen=True, slots=True)
class Bundle:
    """What was written.

    written: False where the same file was there. captures: in the index. left_out: unfinished WARCs that are not in it.
    refused: what a WACZ cannot hold of imported files.
    """

    path: Path
    written: bool
    bytes: int
    warcs: int
    captures: int
    pages: int
    left_out: tuple[str, ...]
    refused: tuple[Refused, ...] = ()


def default_path(home: Home, series: str) -> Path:
    """Give the place of a series' WACZ in the home, where it is derived and replaced freely."""
    return home.root / "wacz" / f"{series}.wacz"


def write_wacz(
    connection: Connection,
    home: Home,
    series: str,
    path: Path | None = None,
    *,
    force: bool = False,
    told: Told | None = None,
) -> Bundle:
    """Bundle a series into `path`, or into its place in the home.

    force: replace another file that is there; a file of the same bytes is left as it is. Raises NotFoundError for an
    unknown series or one without a closed WARC, UsageError where the file may not be written, IntegrityError where a WARC
    is not as it was kept (a bundle would vouch for the damage), DiskError where the disk refuses, BusyError.
    """
    rows = queries.series(connection, series)
    if not rows:
        raise unknown_series(connection, series)
    target = default_path(home, series) if path is None else path
    _refuse(home, target)
    warcs = closed_warcs(connection, home, series)
    try:
        with begun(target) as file:
            captures, pages = _Writer(connection, rows[0], warcs, target.parent).write(file, told)
            written = settle(file, target, replace=force or path is None)
    except (FileExistsError, NotADirectoryError, PermissionError) as error:
        raise UsageError(f"{target}: cannot be written: {error.strerror}", action="another --output") from error
    except OSError as error:
        raise DiskError(f"{target}: cannot be written: {error.strerror or error}", action="lianzai doctor") from error
    size = target.stat().st_size
    return Bundle(target, written, size, len(warcs.files), captures, pages, warcs.left_out, warcs.refused)


def seal_of(package: bytes) -> bytes:
    """Give the bytes of datapackage-digest.json for those of datapackage.json."""
    return _spelt({"path": "datapackage.json", "hash": payload_digest(package)})


def _refuse(home: Home, target: Path) -> None:
    """Refuse a place that is no file's, or that the home keeps for something else."""
    if target.is_dir() or (target.exists() and not target.is_file()):
        raise UsageError(f"{target}: expected a file's name, found something else", action="--output FILE.wacz")
    root, place = home.root.resolve(), target.parent.resolve()
    if place.is_relative_to(root) and place != root / "wacz":
        raise UsageError(
            f"{target}: within the home only {root / 'wacz'} holds bundles", action="--output outside of the home"
        )


class _Writer:
    """Writes one bundle. scratch: folder for what must be whole before its size is known."""

    def __init__(self, connection: Connection, row: Mapping[str, Any], warcs: Warcs, scratch: Path) -> None:
        self._connection, self._row, self._warcs, self._scratch = connection, row, warcs, scratch
        self._series: str = row["id"]
        self._newest = _FIRST

    def write(self, file: BinaryIO, told: Told | None) -> tuple[int, int]:
        """Write the bundle; give the number of captures and of pages."""
        with self._temporary() as index, self._temporary() as members, self._temporary() as listed:
            captures = write_zipnum(self._lines(), index, members, name=_INDEX, folder=self._scratch)
            found = openings(self._connection, self._series, self._warcs.names)
            first, pages = write_pages(found, self._row["title"], listed)
            # The index comes first, for only behind it the newest capture is known, whose time all members bear.
            with Container(file, self._newest) as container:
                self._copy_warcs(container, told)
                for path, source in (
                    (f"indexes/{_INDEX}", index),
                    ("indexes/index.idx", members),
                    ("pages/pages.jsonl", listed),
                ):
                    size = source.tell()
                    source.seek(0)
                    container.add(path, source, size)
                package = _spelt(self._package(container.resources, first))
                container.add_bytes("datapackage.json", package)
                container.add_bytes("datapackage-digest.json", seal_of(package))
        return captures, pages

    def _temporary(self) -> Any:
        return tempfile.TemporaryFile(dir=self._scratch)

    def _lines(self) -> Iterator[bytes]:
        for capture in captures_in(self._connection, self._series, self._warcs):
            self._newest = max(self._newest, capture.fetched)
            # A 304 holds no document: ReplayWeb.page 2.5.3 answers with it as it is, and the reader sees an empty page
            # (seen 2026-11). Without its line the nearest capture of the same payload answers.
            if capture.status != _NOT_MODIFIED:
                yield cdxj_line(capture).encode()

    def _copy_warcs(self, container: Container, told: Told | None) -> None:
        sizes = {one: one.path.stat().st_size for one in self._warcs.files}
        done, total = 0, sum(sizes.values())
        for one, size in sizes.items():

            def copied(piece: int, name: str = one.name) -> None:
                nonlocal done
                done += piece
                if told:
                    told(done, total, name)

            with _opened(one.path) as source:
                self._compare(one, container.add(f"archive/{one.member}", source, size, copied))

    def _compare(self, one: Included, resource: Resource) -> None:
        """Refuse a WARC that is not the one that was closed, or imported."""
        held = self._warcs.held.get(one.name)
        if held and held.sha256 != resource.digest:
            raise IntegrityError(
                f"{one.path}: expected {held.sha256[:15]}, found {resource.digest[:15]}; nothing was exported",
                action="lianzai verify",
            )

    def _package(self, resources: list[Resource], first: Page | None) -> dict[str, Any]:
        """Make the manifest. Source: WACZ 1.1.1, "datapackage.json"; Data Package 1 for names, contributors, keywords."""
        about: Mapping[str, Any] = self._row["profile"].get("series") or {}
        newest = json_time(time_text(self._newest))
        package: dict[str, Any] = {
            "profile": "data-package",
            "wacz_version": VERSION,
            "name": self._series,
            "title": self._row["title"],
            "created": newest,
            "modified": newest,
            "software": f"lianzai {version('lianzai')}",  # no more of the machine, which says nothing of the bytes
            "resources": [
                {"name": name, "path": one.path, "hash": one.digest, "bytes": one.bytes}
                for name, one in zip(resource_names([one.path for one in resources]), resources, strict=True)
            ],
        }
        more = {
            "description": about.get("description"),
            "contributors": [{"title": about["publisher"], "role": "publisher"}] if about.get("publisher") else None,
            "keywords": about.get("tags"),
            "mainPageUrl": first and first["url"],
            "mainPageDate": first and first["ts"],
        }
        return package | {name: value for name, value in more.items() if value}


def resource_names(paths: Sequence[str]) -> list[str]:
    """Name members as Data Package 1 lets a resource be named: of a-z 0-9 - . _ and /, each name once.

    A path of such characters gives its last part; of others what is left of that, with a piece of the path's digest behind it.

    >>> resource_names(["archive/qushui-1.warc.gz", "archive/WEB~h.WARC.gz"])
    ['qushui-1.warc.gz', 'web-h.warc.gz-1193e5b0']
    """
    names: list[str] = []
    for path in paths:
        last = path.rpartition("/")[2]
        name = _NOT_IN_A_NAME.sub("-", last.lower())
        if name != last or name in names:
            name = f"{name}-{hashlib.sha256(path.encode('utf-8', 'surrogatepass')).hexdigest()[:8]}"
        names.append(name)
    return names


def _opened(path: Path) -> BinaryIO:
    try:
        return path.open("rb")
    except OSError as error:
        raise IntegrityError(f"{path}: cannot be read: {error.strerror}", action="lianzai verify") from error


def _spelt(document: Mapping[str, Any]) -> bytes:
    return json.dumps(document, ensure_ascii=False, indent=2).encode("utf-8", "backslashreplace") + b"\n"
