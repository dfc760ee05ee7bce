"""A bag (BagIt 1.0, RFC 8493): everything that is kept of a series, with digests, as archives hand it on.

Takes a Source. Gives: how many instalments there are. Writes: into the folder: data/ is a home by itself, with the WARCs of the
series (imported files too), index, text and profile, so that `lianzai rebuild --from BAG/data` makes the series again.

The date of the bag is that of the newest capture, so the same archive gives the same bytes.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Final

from ..derive import write_text
from ..errors import IntegrityError, NotFoundError
from ..fixity import CHUNK_BYTES, label
from ..home import Home
from ..index import cdxj_line, write_index
from ..ledger import queries
from ..ledger.holdings import HeldFile, held_files
from ..model import IMPORTED
from ..warc import series_files
from .folder import MANIFEST, TAGS, files_in, write_manifest
from .source import Source, Told, Written

_DECLARATION: Final = b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
_MEGABYTE: Final = 1_000_000


def write(source: Source, folder: Path) -> Written:
    """Write the bag. Raises NotFoundError without a closed WARC, IntegrityError where one is not as it was kept, OSError."""
    series, data = source.series.id, Home(folder / "data")
    held = held_files(source.connection, series)
    files = list(_files(source.home, series, held))
    _copy_all(source.home, data, files, held, source.told)
    write_text(source.connection, data, series)
    # Of what lies in the bag alone: a crawl that is going on has told the ledger of more.
    there = {name for _, name in files}
    captures = (one for one in queries.captures(source.connection, series) if one.file in there)
    write_index(data.index(series), map(cdxj_line, captures))
    profile = queries.profile_text(source.connection, series)
    if profile is not None:
        data.profiles.mkdir()
        data.profile(series).write_bytes(profile.encode("utf-8", "surrogateescape"))
    payload = [name for name in files_in(folder) if name.startswith("data/")]
    sizes = [(folder / name).stat().st_size for name in payload]
    (folder / "bagit.txt").write_bytes(_DECLARATION)
    (folder / "bag-info.txt").write_bytes(_info(source, sum(sizes), len(sizes)))
    write_manifest(folder, MANIFEST, iter(payload))
    write_manifest(folder, TAGS, iter(("bagit.txt", "bag-info.txt", MANIFEST)))
    left_out = tuple(sorted(path.name for path in source.home.warc(series).glob("*.warc.gz.open")))
    captured = sum(1 for _ in data.text(series).glob("*.md"))
    return Written(captured, left_out=left_out)


def _files(home: Home, series: str, held: dict[str, HeldFile]) -> Iterator[tuple[Path, str | None]]:
    """Give the closed files of a series, each with the name that the ledger has for it; None for an imported WACZ."""
    folder = home.warc(series)
    own = [path.name for path in series_files(folder, series)]
    names = sorted({*own, *(name for name in held if name.startswith(IMPORTED))})
    if gone := sorted(name for name in held if not (folder / name).is_file()):
        raise IntegrityError(f"{folder / gone[0]}: {len(gone)} of its WARCs missing", action="lianzai verify")
    if not names:
        raise NotFoundError(f"{series}: no closed WARC yet", action=f"lianzai crawl {series}")
    yield from ((folder / name, name) for name in names)
    packages = home.packages(series)
    if packages.is_dir():
        yield from ((path, None) for path in sorted(packages.glob("*.wacz")))


def _copy_all(
    home: Home, data: Home, files: list[tuple[Path, str | None]], held: dict[str, HeldFile], told: Told
) -> None:
    total, done = sum(path.stat().st_size for path, _ in files), 0
    for path, name in files:
        target = data.root / path.relative_to(home.root)
        target.parent.mkdir(parents=True, exist_ok=True)
        found = _copy(path, target)
        expected = held.get(name) if name else None
        if expected is not None and expected.sha256 != found:
            raise IntegrityError(
                f"{path}: expected {expected.sha256[:15]}, found {found[:15]}; nothing was exported",
                action="lianzai verify",
            )
        done += target.stat().st_size
        told(done // _MEGABYTE, total // _MEGABYTE, path.name)


def _copy(source: Path, target: Path) -> str:
    """Copy a file; give its digest. Raises IntegrityError where it cannot be read, OSError where not written."""
    digest = hashlib.sha256()
    with target.open("xb") as copy:
        try:
            original = source.open("rb")
        except OSError as error:
            raise IntegrityError(f"{source}: cannot be read: {error.strerror}", action="lianzai verify") from error
        with original:
            while piece := original.read(CHUNK_BYTES):
                digest.update(piece)
                copy.write(piece)
    shutil.copymode(source, target)
    return label(digest.hexdigest())


def _info(source: Source, size: int, count: int) -> bytes:
    """Write bag-info.txt. Source: RFC 8493, 2.2.2."""
    series = source.series
    told = {
        "Source-Organization": series.publisher,
        "External-Description": " ".join(filter(None, [series.title, series.description])),
        "External-Identifier": series.id,
        "Internal-Sender-Description": f"Series {series.id} of a lianzai home: WARCs, index, text, profile",
        "Bagging-Date": f"{series.newest:%Y-%m-%d}",
        "Bag-Software-Agent": f"lianzai {version('lianzai')}",
        "Payload-Oxum": f"{size}.{count}",
    }
    lines = [f"{name}: {' '.join(text.split())}\n" for name, text in told.items() if text]
    return "".join(lines).encode("utf-8", "backslashreplace")
