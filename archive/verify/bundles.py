"""Check the WACZs of a home: every entry against the digest that their manifest has of it, and one of ours to its last byte.

Takes   a WACZ.
Gives   its faults as sentences; [] where it is whole.
Writes  nothing. Entries are read in pieces, and no entry beyond the size it declares.

No digest covers what a zip has around its entries. A WACZ of ours has one form (bundle/container.py), which follows from its
manifest and its entries: so it is written once more, against the file. Of one by others only the entries can be judged.

Source: WACZ 1.1.1, "datapackage.json" (resources: path, hash, bytes) and "datapackage-digest.json" (path, hash).
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO, cast

from ..bundle.container import Container
from ..bundle.wacz import seal_of
from ..errors import IntegrityError
from ..fixity import label, payload_digest
from .report import Damage

_PIECE = 1 << 20
_MAX_MANIFEST = 64 << 20  # bytes; 100 for each resource, and a WACZ has fewer than a million
_MANIFEST, _SEAL = "datapackage.json", "datapackage-digest.json"
_EXPECTED = "entries as datapackage.json has them"
_OURS = "lianzai "  # begins "software" of a manifest that `export` wrote


def check_bundle(path: Path, name: str) -> Damage | None:
    """Read a whole WACZ. name: its path in the home. Gives what is wrong with it, or None."""
    try:
        faults = list(_faults(path))
    except (
        OSError, EOFError, ValueError, RuntimeError, NotImplementedError, OverflowError, LookupError, TypeError,
        AttributeError, IntegrityError, zipfile.BadZipFile, zlib.error,
    ) as error:  # fmt: skip
        # RuntimeError: zipfile's word for an encrypted entry; ValueError: a manifest that is no JSON, or odd offsets; LookupError
        # to AttributeError: one that is JSON and no manifest.
        faults = [f"cannot be read: {error}"]
    return Damage(name, _EXPECTED, faults[0], why=faults[:5]) if faults else None


def is_bundle(path: Path) -> bool:
    """Say whether a file is to be read as a WACZ: by its name, or as a zip that has another one, or cannot be read."""
    if path.suffix == ".wacz":
        return True
    try:
        with path.open("rb") as file:  # two marks, one at each end: no flipped bit hides both
            return file.read(4) == b"PK\x03\x04" or zipfile.is_zipfile(file)
    except OSError:
        return True


def _faults(path: Path) -> Iterator[str]:
    with path.open("rb") as file, zipfile.ZipFile(file) as opened:
        entries = {entry.filename: entry for entry in opened.infolist()}
        if missing := [name for name in (_MANIFEST, _SEAL) if name not in entries]:
            yield f"{missing[0]} is missing"
            return
        content, seal = (_small(opened, entries[name]) for name in (_MANIFEST, _SEAL))
        if json.loads(seal).get("hash") != payload_digest(content):
            yield f"{_MANIFEST} is not what {_SEAL} says"
        manifest = json.loads(content)
        if str(manifest.get("software")).startswith(_OURS):
            with path.open("rb") as whole:
                yield from _ours(opened, entries, whole, manifest, content)
            return
        for told in manifest["resources"]:
            yield from _entry_faults(opened, entries, told)


def _entry_faults(opened: zipfile.ZipFile, entries: dict[str, zipfile.ZipInfo], told: dict[str, Any]) -> Iterator[str]:
    name = str(told.get("path"))
    if name not in entries:
        yield f"{name} is missing"
        return
    digest = hashlib.sha256()
    with opened.open(entries[name]) as source:
        while piece := source.read(_PIECE):
            digest.update(piece)
    found = label(digest.hexdigest())
    if (told.get("hash"), told.get("bytes")) != (found, entries[name].file_size):
        yield f"{name}: expected {told.get('hash')}, {told.get('bytes')} bytes; found {found}, {entries[name].file_size}"


def _small(opened: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    if entry.file_size > _MAX_MANIFEST:
        raise ValueError(f"{entry.filename}: {entry.file_size} bytes")
    return opened.read(entry)


# ---------------------------------------------------------------------------------------------------------------- of ours


def _ours(
    opened: zipfile.ZipFile,
    entries: Mapping[str, zipfile.ZipInfo],
    file: BinaryIO,
    manifest: Mapping[str, Any],
    content: bytes,
) -> Iterator[str]:
    """Write a WACZ of ours once more, out of its own entries, and compare it with the file, byte for byte."""
    against = _Against(file)
    # Members bear the newest capture's time, which the manifest tells too (bundle/wacz.py).
    with Container(cast(BinaryIO, against), datetime.fromisoformat(manifest["modified"])) as container:
        for told in manifest["resources"]:
            name = str(told["path"])
            if name not in entries:
                yield f"{name} is missing"
                return
            with opened.open(entries[name]) as source:
                found = container.add(name, cast(BinaryIO, source), int(told["bytes"]))
            if found.digest != told["hash"]:
                yield f"{name}: expected {told['hash']}, found {found.digest}"
        container.add_bytes(_MANIFEST, content)
        container.add_bytes(_SEAL, seal_of(content))
    if odd := against.first_difference():
        yield odd


class _Against(io.RawIOBase):
    """Takes what a Container writes, and keeps of it where it is otherwise than a file. Memory does not grow with the file."""

    def __init__(self, file: BinaryIO) -> None:
        super().__init__()
        self._file, self._at, self._end = file, 0, 0
        self._odd: dict[int, int] = {}  # where a write began -> its first byte that differs; a header is written twice

    def write(self, data: Any) -> int:
        """Compare a piece with the same place of the file."""
        self._file.seek(self._at)
        held = self._file.read(len(data))
        self._odd.pop(self._at, None)
        if held != data:
            same = next((i for i, (a, b) in enumerate(zip(held, data, strict=False)) if a != b), len(held))
            self._odd[self._at] = self._at + same
        self._at += len(data)
        self._end = max(self._end, self._at)
        return len(data)

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to a place, counted from the beginning."""
        if whence != io.SEEK_SET:
            raise io.UnsupportedOperation("only from the beginning")
        self._at = offset
        return offset

    def tell(self) -> int:
        """Give the place."""
        return self._at

    def seekable(self) -> bool:
        """Say that it can be sought."""
        return True

    def writable(self) -> bool:
        """Say that it can be written to."""
        return True

    def first_difference(self) -> str | None:
        """Tell the first byte that is otherwise, or that the file ends elsewhere."""
        if self._odd:
            return f"offset {min(self._odd.values())}: another byte than the zip of these entries has"
        size = self._file.seek(0, io.SEEK_END)
        return None if size == self._end else f"offset {min(size, self._end)}: {size} bytes, expected {self._end}"
