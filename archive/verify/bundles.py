"""Check the WACZs of a home: every entry against the digest that their manifest has of it.

Takes   a WACZ.
Gives   its faults as sentences; [] where it is whole.
Writes  nothing. Entries are read in pieces, and no entry beyond the size it declares.

Source: WACZ 1.1.1, "datapackage.json" (resources: path, hash, bytes) and "datapackage-digest.json" (path, hash).
"""

from __future__ import annotations

import hashlib
import json
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ..fixity import label, payload_digest
from .report import Damage

_PIECE = 1 << 20
_MAX_MANIFEST = 64 << 20  # bytes; 100 for each resource, and a WACZ has fewer than a million
_MANIFEST, _SEAL = "datapackage.json", "datapackage-digest.json"
_EXPECTED = "entries as datapackage.json has them"


def check_bundle(path: Path, name: str) -> Damage | None:
    """Read a whole WACZ. name: its path in the home. Gives what is wrong with it, or None."""
    try:
        faults = list(_faults(path))
    except (OSError, EOFError, ValueError, RuntimeError, NotImplementedError, zipfile.BadZipFile, zlib.error) as error:
        # RuntimeError: zipfile's word for an encrypted entry; ValueError: a manifest that is no JSON, or odd offsets.
        faults = [f"cannot be read: {error}"]
    return Damage(name, _EXPECTED, faults[0], why=faults[:5]) if faults else None


def _faults(path: Path) -> Iterator[str]:
    with zipfile.ZipFile(path) as opened:
        entries = {entry.filename: entry for entry in opened.infolist()}
        if missing := [name for name in (_MANIFEST, _SEAL) if name not in entries]:
            yield f"{missing[0]} is missing"
            return
        manifest, seal = (_small(opened, entries[name]) for name in (_MANIFEST, _SEAL))
        if json.loads(seal).get("hash") != payload_digest(manifest):
            yield f"{_MANIFEST} is not what {_SEAL} says"
        for told in json.loads(manifest)["resources"]:
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
