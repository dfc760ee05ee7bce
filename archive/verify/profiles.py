"""Hold the profiles of a home against what the ledger remembers of them.

Takes   a home; of each series the text that it was last added or crawled with, or its checksum, and whether it is kept.
Gives   what cannot be a profile or is gone; and, since a profile is its user's to edit, what is only another text, or a draft.
Writes  with repair, profiles/<series>.toml as the ledger has it; a damaged one is put aside.

No digest can tell an edit from a flipped bit. A file that no command could use is damage; one that differs and reads is named,
with the line, and the user knows whether they wrote it: `add` takes it, and it is as the ledger has it from then on. Of one in
which a secret is written out the ledger has no text, so that nothing can put it back. One of a series that the home neither kept
nor crawled is somebody's draft, whatever stands in it.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ..config import ProfileFault, no_fault
from ..errors import DiskError
from ..fixity import checksum16, payload_digest
from ..home import Home, write_atomically
from ..syntax import syntax_fault
from .mend import put_aside
from .report import Damage

_EXPECTED = "a profile in TOML"
_MEANT = "if it is meant, add it again"
_DRAFT = "the home never had it, so nothing is lost"
_MAX_BYTES = 1 << 20  # crawler/profile/document.py reads no more


@dataclass(frozen=True, slots=True)
class Known:
    """What the ledger remembers of a profile.

    text: None where none was told, or where a secret stood in it; then crc is its checksum (fixity.checksum16).
    """

    text: str | None
    kept: bool
    crc: int | None = None

    def is_of(self, data: bytes) -> bool:
        """Say whether a file is as it is remembered."""
        if self.text is not None:
            return data == self.text.encode()
        return self.crc is not None and checksum16(data) == self.crc


@dataclass(slots=True)
class Profiles:
    """What was found, by series; paths in the home. differing: path -> what is other than the ledger has it."""

    checked: int = 0
    damaged: dict[str, Damage] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)
    differing: dict[str, str] = field(default_factory=dict)
    whole: dict[str, str] = field(default_factory=dict)

    @property
    def wrong(self) -> list[str]:
        """Name the series whose profile is damaged or missing."""
        return sorted([*self.damaged, *self.missing])


def check_profiles(home: Home, known: Mapping[str, Known], fault_of: ProfileFault = no_fault) -> Profiles:
    """Read every profile of the home. known: by series. fault_of: says what is wrong with a profile that is TOML."""
    found = Profiles()
    there = {path.stem: path for path in _profiles(home)}
    for series, path in sorted(there.items()):
        name = path.relative_to(home.root).as_posix()
        found.checked += 1
        told = known.get(series, Known(None, kept=False))
        try:
            with path.open("rb") as file:
                data = file.read(_MAX_BYTES + 1)
        except OSError as error:
            found.damaged[series] = Damage(name, _EXPECTED, f"nothing readable: {error.strerror or error}")
            continue
        if told.is_of(data):
            found.whole[series] = name
        elif series not in known and not home.warc(series).is_dir():  # a person writes it
            if fault := _fault(data, series) or fault_of(data.decode(), path.name):
                found.differing[name] = f"no profile yet: {fault}; {_DRAFT}"
        elif fault := _fault(data, series) or fault_of(data.decode(), path.name):
            expected = payload_digest(told.text.encode()) if told.text is not None else _EXPECTED
            found.damaged[series] = Damage(name, expected, payload_digest(data), why=[fault])
        elif told.text is not None:
            found.differing[name] = f"{_difference(told.text.encode(), data)}; {_MEANT}"
        elif told.crc is not None:
            found.differing[name] = f"a file with a secret, other than it was last added or crawled with; {_MEANT}"
    for series, one in known.items():
        if one.kept and series not in there:
            found.missing[series] = home.profile(series).relative_to(home.root).as_posix()
    return found


def mend_profiles(home: Home, found: Profiles, known: Mapping[str, Known]) -> Iterator[tuple[str, str]]:
    """Put back what the ledger remembers; give series and path. Raises DiskError."""
    for series in found.wrong:
        text, path = known[series].text if series in known else None, home.profile(series)
        if text is None:
            continue
        if path.exists():
            try:
                put_aside(home, path)
            except OSError as error:
                raise DiskError(f"{path}: cannot be moved: {error.strerror}", action="lianzai doctor") from error
        write_atomically(path, text.encode())
        yield series, path.relative_to(home.root).as_posix()


def _profiles(home: Home) -> list[Path]:
    """Name the files in profiles/; what is being written now (hidden) left out."""
    return [path for path in home.profiles.glob("*.toml") if not path.name.startswith(".")]


def _fault(data: bytes, series: str) -> str | None:
    """Say why no command could use a profile; None where one might."""
    if len(data) > _MAX_BYTES:
        return f"more than {_MAX_BYTES} bytes"
    try:
        text = data.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        return f"no UTF-8 at offset {error.start}"
    try:
        tables = tomllib.loads(text)
    except RecursionError:
        return "no TOML: nested too deep"
    except ValueError as error:
        return f"no TOML: line {syntax_fault(text, error)}"
    about = tables.get("series")
    name = about.get("id") if isinstance(about, dict) else None
    return None if name == series else f"series.id is {name!r}, another than the name of the file"


def _difference(was: bytes, now: bytes) -> str:
    """Say where a profile is other than the ledger remembers it, and whether a disk might have done it."""
    same = next((i for i, (a, b) in enumerate(zip(was, now, strict=False)) if a != b), min(len(was), len(now)))
    line = now.count(b"\n", 0, same) + 1
    bits = (int.from_bytes(was) ^ int.from_bytes(now)).bit_count() if len(was) == len(now) else 0
    what = "by one bit, as a failing disk does it" if bits == 1 else "an edit, or damage"
    return f"line {line} is other than it was last added or crawled with: {what}"
