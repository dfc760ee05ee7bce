"""CDXJ: one line a capture, by which a replay finds it.

Takes   Captures.
Gives   lines "SURT 14-digit JSON", as cdxj-indexer and pywb write and read them.
Writes  index/<series>.cdxj, sorted bytewise, in one step.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from itertools import zip_longest
from json.encoder import encode_basestring_ascii
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import DiskError
from ..surt import surt
from .post import key_address, sent_to

if TYPE_CHECKING:
    from ..model import Capture


def timestamp(moment: datetime) -> str:
    """Spell a time as the 14 digits of CDXJ and replay, UTC.

    >>> timestamp(datetime(2018, 8, 30, 2, 5, 0, 999, UTC))
    '20180830020500'
    """
    at = moment if moment.tzinfo is UTC else moment.astimezone(UTC)
    return f"{at.year:04}{at.month:02}{at.day:02}{at.hour:02}{at.minute:02}{at.second:02}"  # strftime takes thrice the time


def cdxj_line(capture: Capture) -> str:
    """Give the index line of a response, revisit or resource, without a line end.

    The fields and their order are cdxj-indexer's; what is not known (mime of an answer without a type, status of a
    resource) is left out as there. The address stands in it as in the record, so a look-up can compare it itself.
    """
    key, fields, sent = capture.url, {"url": capture.url}, {}
    if (request := sent_to(capture.url)) is not None:
        key, fields["url"] = key_address(request.url, request.method, request.query), request.url
        sent = {"requestBody": request.query, "method": request.method}
    mime = "warc/revisit" if capture.type == "revisit" else capture.mime
    if mime:
        fields["mime"] = mime
    if capture.status:
        fields["status"] = str(capture.status)
    fields["digest"] = capture.payload_digest
    fields["length"] = str(capture.length)
    fields["offset"] = str(capture.offset)
    fields["filename"] = capture.file
    if capture.member is not None:  # of several records in one gzip member: as foreign.py writes it
        fields["member"], fields["skip"] = map(str, capture.member)
    return f"{surt(key)} {timestamp(capture.fetched)} {told(fields | sent)}"


def told(fields: Mapping[str, str]) -> str:
    """Spell the fields of a line as json.dumps would, which takes 8 us, and this 2."""
    return "{" + ", ".join([f'"{name}": {encode_basestring_ascii(value)}' for name, value in fields.items()]) + "}"


def write_index(path: Path, lines: Iterable[str]) -> bool:
    """Write lines sorted bytewise and each once, replacing the index in one step; tell whether it changed.

    Raises DiskError; the index that was there is then untouched.
    """
    octets = sorted({line.encode() + b"\n" for line in lines})
    if _are_written(octets, path):
        return False
    fresh = path.with_name(path.name + ".open")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with fresh.open("wb") as file:
            file.writelines(octets)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):  # the disk refuses already; the next run writes over it
            fresh.unlink()
        raise DiskError(f"{path}: index not written: {error.strerror or error}") from error
    return True


def _are_written(lines: list[bytes], path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return all(line == old for line, old in zip_longest(lines, file))
    except OSError:  # there is none; or it cannot be read, which the writing will tell
        return False
