"""Open a WACZ that anyone may have made: the WARCs and ARCs in it, read in pieces and within bounds.

Takes   a zip; what is wrong with it is told, member by member.
Gives   PackedWarcs in the order of their names, under names that are safe as file names.
Writes  nothing. No name of the zip is ever a path, no size that it tells is allocated.

Source: WACZ 1.1.1, "Directory Layout" (archive/), "datapackage.json" (resources: path, hash, bytes) and
"datapackage-digest.json"; of 1.0 the same parts. APPNOTE.TXT 6.3.10, 4.3.16 and 4.3.14 (end of the zip's directory).
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, Final

from ..errors import WarcError
from ..warc.foreign import Damage
from .unzip import DEFLATED, STORED, BrokenZip, Entry, entries, found_entries, pieces

MAX_MEMBER: Final = 1 << 40  # bytes of one member, unpacked
MAX_RATIO: Final = (
    1100  # bytes out of one: deflate cannot give more than 1032 (zlib's technical notes), so more is a lie
)
_BOMB_RATIO: Final = (
    200  # a WARC of text comes to 10; only what is long is looked at, so that a short one of blanks is read
)
_LONG: Final = 64 << 20  # bytes
_MAX_MANIFEST: Final = 64 << 20  # bytes of datapackage.json
_MAX_NAME: Final = 180  # bytes of a safe name; with ".open" and a number behind it every file system takes it
_WARCS: Final = (".warc.gz", ".warc", ".arc.gz", ".arc")
_ENCRYPTED: Final = 0x2041  # flags of encryption: of the member, strong, of the directory
_MANIFEST, _SEAL = "datapackage.json", "datapackage-digest.json"
_DIGESTS: Final = {"sha256": 64, "md5": 32, "sha1": 40, "sha512": 128}  # hex digits
_UNSAFE = re.compile(r"[^\w.-]+")
Tell = Callable[[Damage], None]


@dataclass(slots=True)
class PackedWarc:
    """One WARC or ARC in a zip.

    name: as the zip has it, made printable. safe_name: a file name, unlike those of the other members. size: bytes when
    unpacked, as the zip declares them; None where it is cut. digest: "<algorithm>:<hex>" that datapackage.json has of it, or
    None. whole: after `pieces`, whether length, CRC and digest were right.
    """

    name: str
    safe_name: str
    size: int | None
    digest: str | None
    _file: BinaryIO = field(repr=False)
    _entry: Entry = field(repr=False)
    _tell: Tell = field(repr=False)
    whole: bool = False

    def pieces(self) -> Iterator[bytes]:
        """Read it to its end, or to where it breaks: that is told, and what was read before it was given. Raises OSError."""
        algorithm = self.digest.partition(":")[0] if self.digest else "sha256"
        digest = hashlib.new(algorithm, usedforsecurity=False)
        try:
            for piece in pieces(self._file, self._entry):
                digest.update(piece)
                yield piece
        except BrokenZip as broken:
            self._tell(_damage(self._entry, str(broken)))
            return
        found = f"{algorithm}:{digest.hexdigest()}"
        self.whole = self.digest in (None, found)
        if not self.whole:
            self._tell(_damage(self._entry, f"{_MANIFEST} says {self.digest}, found {found}"))


@contextmanager
def opened(path: Path, tell: Tell) -> Iterator[list[PackedWarc]]:
    """Lend the WARCs of a WACZ in the order of their names. tell: called with what is wrong; offset: of the member.

    Left out, and told: what is encrypted, packed by other than deflate, declares more than MAX_MEMBER, MAX_RATIO or _BOMB_RATIO,
    or lies outside archive/. Of a zip that is cut the members are given that are there.
    Raises WarcError where it is no zip, or has no WARC that can be read; OSError.
    """
    name = path.name.removesuffix(".open")  # as it comes into the home
    with path.open("rb") as file:
        found, cut = _members(file, name, tell)
        digests = _digests(file, found, tell)
        warcs = list(_warcs(file, found, digests, tell, cut=cut))
        if not warcs:
            raise WarcError(f"{name}: no WARC in archive/ that can be read", action="unzip it, then import its WARCs")
        there = {entry.name for entry in found}
        for lost in sorted(digests.keys() - there):
            if lost.lower().endswith(_WARCS):
                tell(Damage(0, f"{shown(lost)}: named by {_MANIFEST}, missing in the zip"))
        yield warcs


def _members(file: BinaryIO, name: str, tell: Tell) -> tuple[list[Entry], bool]:
    """List the members; where the directory is lost, those that can be found, and True."""
    try:
        return entries(file), False
    except BrokenZip as broken:
        found = list(found_entries(file))
        if not found:
            raise WarcError(f"{name}: {broken}") from broken
        tell(Damage(0, str(broken)))
        return found, True


def _damage(entry: Entry, what: str) -> Damage:
    return Damage(entry.offset, f"{shown(entry.name)}: {what}")


def shown(name: str) -> str:
    """Make a name printable on one line."""
    return "".join(sign if sign.isprintable() else ascii(sign)[1:-1] for sign in name)[:200]


def safe_name(name: str, taken: set[str]) -> str:
    """Make a file name of the last part of a name, and note it. taken: names in lower case that others have.

    >>> safe_name("archive/../石桥 1.WARC.GZ", {"石桥_1.warc.gz"})
    '石桥_1-2.warc.gz'
    """
    last = re.split(r"[/\\]", name)[-1]
    suffix = next((one for one in _WARCS if last.lower().endswith(one)), "")
    stem = _UNSAFE.sub("_", last[: len(last) - len(suffix)]).lstrip(".-") or "_"
    stem = stem.encode("utf-8", "replace")[: _MAX_NAME - len(suffix)].decode("utf-8", "ignore")
    number, safe = 1, stem + suffix
    while safe.lower() in taken:
        number += 1
        safe = f"{stem}-{number}{suffix}"
    taken.add(safe.lower())
    return safe


# ----------------------------------------------------------------------------------------------------------- members


def _warcs(
    file: BinaryIO, found: list[Entry], digests: dict[str, str], tell: Tell, *, cut: bool
) -> Iterator[PackedWarc]:
    """Choose the members that are WARCs and can be read."""
    taken, names = set[str](), set[str]()
    for entry in sorted(found, key=lambda one: (one.name, one.offset)):
        if not entry.name.lower().endswith((*_WARCS, ".wacz")):
            continue
        wrong = _left_out(entry, cut=cut)
        if wrong:
            tell(_damage(entry, f"left out: {wrong}"))
            continue
        if _leads_away(entry.name):
            tell(_damage(entry, "a name that leads out of the archive"))
        if entry.name in names:
            tell(_damage(entry, "a second member of that name"))
        names.add(entry.name)
        digest = digests.get(entry.name)
        yield PackedWarc(shown(entry.name), safe_name(entry.name, taken), entry.unpacked, digest, file, entry, tell)


def _left_out(entry: Entry, *, cut: bool) -> str | None:
    """Say why a member is not read; None where it is. cut: the zip is, so lengths may be more than is there."""
    parts = [part for part in re.split(r"[/\\]", entry.name) if part]
    if parts[:1] != ["archive"]:
        return "outside archive/" + (", by a name that leads out of the zip" if _leads_away(entry.name) else "")
    if entry.name.lower().endswith(".wacz"):
        return "a WACZ within a WACZ"
    if entry.flags & _ENCRYPTED:
        return "encrypted"
    if entry.method not in (STORED, DEFLATED):
        return f"packed by method {entry.method}"
    size = entry.unpacked or 0
    if size > MAX_MEMBER:
        return f"{size} bytes declared; at most {MAX_MEMBER} are read"
    ratio = _BOMB_RATIO if size > _LONG else MAX_RATIO
    if size > entry.packed * ratio and not cut:
        return f"{size} bytes declared out of {entry.packed}: a bomb, or a wrong length"
    return None


def _leads_away(name: str) -> bool:
    """Say whether a name would be a place outside the folder it is unpacked in."""
    return name.startswith(("/", "\\")) or ".." in re.split(r"[/\\]", name) or re.match(r"[A-Za-z]:", name) is not None


# ---------------------------------------------------------------------------------------------------------- manifest


def _digests(file: BinaryIO, found: list[Entry], tell: Tell) -> dict[str, str]:
    """Read which digest each member must have, as "<algorithm>:<hex>", by its name."""
    content = _small(file, found, _MANIFEST, tell)
    if content is None:
        tell(Damage(0, f"{_MANIFEST}: missing or damaged; the WARCs are not compared with it"))
        return {}
    seal = _small(file, found, _SEAL, tell)
    told = None if seal is None else _labelled(_json(seal, _SEAL, tell).get("hash"))
    if told is not None:
        algorithm = told.partition(":")[0]
        if told != f"{algorithm}:{hashlib.new(algorithm, content, usedforsecurity=False).hexdigest()}":
            tell(Damage(0, f"{_MANIFEST}: not what {_SEAL} says"))
    resources = _json(content, _MANIFEST, tell).get("resources")
    digests = {}
    for one in resources if isinstance(resources, list) else []:
        if isinstance(one, dict) and isinstance(one.get("path"), str) and (digest := _labelled(one.get("hash"))):
            digests[one["path"]] = digest
    return digests


def _labelled(told: object) -> str | None:
    """Spell a digest with its label; None where it is none that is known. Data Package 1.0: MD5 where no label stands."""
    if not isinstance(told, str):
        return None
    label, _, digits = told.lower().strip().rpartition(":")
    label = (label or "md5").replace("sha-", "sha")
    known = re.fullmatch(r"[0-9a-f]+", digits) and _DIGESTS.get(label) == len(digits)
    return f"{label}:{digits}" if known else None


def _small(file: BinaryIO, found: list[Entry], name: str, tell: Tell) -> bytes | None:
    """Read a member that should be small; None where it is not there or cannot be read, which is told."""
    entry = next((one for one in found if one.name == name), None)
    if entry is None:
        return None
    content = bytearray()
    try:
        for piece in pieces(file, entry):
            content += piece
            if len(content) > _MAX_MANIFEST:
                raise BrokenZip(f"more than {_MAX_MANIFEST} bytes")
    except BrokenZip as broken:
        tell(_damage(entry, str(broken)))
        return None
    return bytes(content)


def _json(content: bytes, name: str, tell: Tell) -> dict[str, Any]:
    """Read a JSON object; an empty one where it is none, which is told."""
    try:
        told = json.loads(content)
    except (ValueError, RecursionError):
        told = None
    if not isinstance(told, dict):
        tell(Damage(0, f"{name}: no JSON object"))
        return {}
    return told
