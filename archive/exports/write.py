"""Write a series in one of the formats: the table of them, and the place where the result goes.

Takes   the ledger (open), the records, the home, the series, the name of a format, where to.
Gives   an Exported.
Writes  one file or one folder, whole or not at all.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, BinaryIO, Final

from ..bundle.place import begun, settle
from ..errors import DiskError, UsageError
from ..home import Home
from ..ledger.queries import Connection
from ..records import Records
from .folder import begun_folder, files_in, settle_folder
from .pictures import Pictures, Unread
from .series import Series
from .source import Source, Told, Written


@dataclass(frozen=True, slots=True)
class Format:
    """One format. ending: of its file; of a folder what stands behind the id of the series."""

    module: str
    ending: str
    is_folder: bool = False


FORMATS: Final = {
    "txt": Format("plain", ".txt"),
    "md": Format("markdown", ".md"),
    "jsonl": Format("lines", ".jsonl"),
    "csv": Format("table", ".csv"),
    "epub": Format("epub", ".epub"),
    "parquet": Format("parquet", ".parquet"),
    "html": Format("site", "-html", is_folder=True),
    "bagit": Format("bag", "-bag", is_folder=True),
}


@dataclass(frozen=True, slots=True)
class Exported:
    """What was written. written: False where the same was there. bytes: of all files. failed: pictures that cannot be read."""

    path: Path
    written: bool
    bytes: int
    files: int
    held: Written
    failed: tuple[Unread, ...]


def default_path(series: str, form: str) -> Path:
    """Give the place of an export without --output: in the working folder, named by the series."""
    return Path(series + FORMATS[form].ending)


def export(
    connection: Connection,
    home: Home,
    records: Records,
    wanted: str,
    form: str,
    path: Path | None = None,
    *,
    force: bool = False,
    told: Told | None = None,
) -> Exported:
    """Write a series into `path`, or into its place in the working folder.

    force: replace another file, or the folder of another export; what is the same is left as it is. Raises NotFoundError for an
    unknown series or one of which nothing was captured, UsageError where it may not be written or a library is missing,
    IntegrityError where a WARC is not as it was kept (bagit), DiskError where the disk refuses, BusyError.
    """
    source = Source(
        Series(connection, wanted), Pictures(connection, records, wanted), connection, home, told or _silent
    )
    target = default_path(source.series.id, form) if path is None else path
    one = FORMATS[form]
    _refuse(home, target, form, one)
    writer: Any = import_module(f".{one.module}", __package__)
    try:
        if one.is_folder:
            with begun_folder(target) as folder:
                held = writer.write(source, folder)
                written = settle_folder(folder, target, replace=force)
        else:
            with begun(target) as file:
                held = writer.write(source, file)
                written = settle(file, target, replace=force)
    except (FileExistsError, NotADirectoryError, PermissionError) as error:
        raise UsageError(f"{target}: cannot be written: {error.strerror}", action="another --output") from error
    except OSError as error:
        raise DiskError(f"{target}: cannot be written: {error.strerror or error}", action="lianzai doctor") from error
    sizes = [(target / name).stat().st_size for name in files_in(target)] if one.is_folder else [target.stat().st_size]
    return Exported(target, written, sum(sizes), len(sizes), held, tuple(source.pictures.failed))


def write_into(
    file: BinaryIO, connection: Connection, home: Home, records: Records, wanted: str, form: str
) -> tuple[Unread, ...]:
    """Write a series into an open file, for who sends it on; give the pictures that cannot be read.

    form: one of a file. Raises what export does, and OSError.
    """
    source = Source(Series(connection, wanted), Pictures(connection, records, wanted), connection, home, _silent)
    writer: Any = import_module(f".{FORMATS[form].module}", __package__)
    writer.write(source, file)
    return tuple(source.pictures.failed)


def _refuse(home: Home, target: Path, form: str, one: Format) -> None:
    """Refuse a place that has another shape, or lies in the home, where each file has its meaning."""
    if one.is_folder and os.path.lexists(target) and not target.is_dir():
        raise UsageError(f"{target}: expected a folder, found a file", action=f"--output FOLDER, for {form}")
    if not one.is_folder and (target.is_dir() or (target.exists() and not target.is_file())):
        raise UsageError(f"{target}: expected a file's name, found something else", action=f"--output FILE{one.ending}")
    root, place = home.root.resolve(), target.resolve()
    if place.is_relative_to(root) or (one.is_folder and root.is_relative_to(place)):
        raise UsageError(
            f"{target}: not within the home {root}, nor around it; only wacz has a place there",
            action="--output outside of the home",
        )


def _silent(_done: int, _total: int, _what: str) -> None:
    return None
