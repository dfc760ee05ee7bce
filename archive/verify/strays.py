"""Name the files that no layout of a home knows.

Takes   a home and its series.
Gives   files of which nothing of the home speaks: derived by nobody, or lying where nobody looks.
Writes  with repair, moves those among the derived ones to damaged/.

What lies in the folders of WARCs and WACZs is looked at by warcs.py and check.py. Hidden files are left out: such are
written now, or left by a kill and cleared away by the next run.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import PurePosixPath

from ..errors import DiskError
from ..fixity import file_digest
from ..home import Home
from .derived import NOTHING
from .mend import put_aside
from .report import Damage

_OPEN = ".open"
_DERIVED = ("index", "text")
_WHY = {
    "warc": "not in the folder of a series: lianzai import takes a WARC by others",
    "wacz": "not where WACZs lie: lianzai import takes one by others",
    "index": "the ledger derives no such file",
    "text": "the ledger derives no such file",
}
_NO_PROFILE = "no profile: nothing but <series>.toml is read from profiles/"


def strays(home: Home, series: Collection[str]) -> tuple[list[Damage], dict[str, str]]:
    """Look through the folders of a home: files that should not be there, and files that are the user's (path -> why)."""
    found = [Damage(path, NOTHING, _digest(home, path), why=[_WHY[path.partition("/")[0]]])
             for folder in _WHY for path in _below(home, folder) if not _known(PurePosixPath(path), series)]  # fmt: skip
    return found, {path: _NO_PROFILE for path in _below(home, "profiles") if not path.endswith(".toml")}


def put_strays_aside(home: Home, found: list[Damage]) -> Iterator[str]:
    """Move what nobody derived to damaged/, and give its paths; all else is not ours to move. Raises DiskError."""
    for stray in found:
        if stray.path.partition("/")[0] not in _DERIVED:
            continue
        try:
            put_aside(home, home.root / stray.path)
        except OSError as error:
            raise DiskError(f"{stray.path}: cannot be moved: {error.strerror}", action="lianzai doctor") from error
        yield stray.path


def _below(home: Home, folder: str) -> list[str]:
    """Name the files below a folder of the home, hidden ones left out."""
    paths = (path.relative_to(home.root) for path in (home.root / folder).rglob("*") if not path.is_dir())
    return sorted(path.as_posix() for path in paths if not any(part.startswith(".") for part in path.parts))


def _known(path: PurePosixPath, series: Collection[str]) -> bool:
    """Say whether a file is one that the layout has a place for."""
    match path.parts:
        case ["warc", name, _, *_]:
            return name in series
        case ["index", name]:
            return name.removesuffix(_OPEN).removesuffix(".cdxj") in series  # .open: while it is written
        case ["text", name, file]:
            return name in series and (file.endswith(".md") or file == f"{name}.jsonl")
        case ["wacz", _]:
            return True
        case ["wacz", name, "imported", _]:
            return name in series
    return False


def _digest(home: Home, path: str) -> str:
    try:
        return file_digest(home.root / path)
    except OSError as error:
        return f"{NOTHING} readable: {error.strerror}"
