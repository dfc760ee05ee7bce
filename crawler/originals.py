"""The responses of captures made by others, revisits made whole from wherever their payload lies.

Takes   a capture of a file that is being imported.
Gives   its response, head and body; None where its payload is not in the series.
Writes  nothing.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from archive.errors import WarcError
from archive.ledger.series import SeriesLedger
from archive.model import IMPORTED, Capture
from archive.warc import (
    MAX_RECORD,
    ForeignFile,
    Record,
    Taken,
    foreign_response,
    read_at,
    response_bytes,
    revisited,
)

from .staged import Staged

_MAX_HOPS = 8  # a revisit that refers to a revisit that …: more is a ring


class Originals:
    """Looks up responses for one file: in itself first, then in what the series has taken before."""

    def __init__(self, folder: Path, rows: SeriesLedger, staged: Staged, file: int, opened: ForeignFile) -> None:
        self._folder, self._rows, self._staged, self._file, self._opened = folder, rows, staged, file, opened

    def response(self, taken: Taken) -> bytes | None:
        """Give the whole response that a capture stands for; None where its payload is not here, or too long to be read."""
        with suppress(WarcError):
            return self._here(taken, _MAX_HOPS)
        return None

    def _here(self, taken: Taken, hops: int) -> bytes | None:
        """Read a capture of this file."""
        capture = taken.capture
        if capture.payload_bytes > MAX_RECORD:
            return None
        own = foreign_response(self._opened, capture)
        if capture.type != "revisit":
            return own
        original = self._original(taken, hops - 1) if hops else None
        return None if original is None else revisited(own, original)

    def _original(self, taken: Taken, hops: int) -> bytes | None:
        """Find the response with the payload of a revisit: by record id, by address and time, by the digest it tells."""
        named = taken.capture.refers_to
        if named:
            if here := self._staged.named(self._file, named):
                return self._here(here, hops)
            if there := self._rows.capture(named):
                return self._elsewhere(there, hops)
        if taken.refers_uri and taken.refers_date:
            if here := self._staged.at(self._file, taken.refers_uri, taken.refers_date):
                return self._here(here, hops)
            if there := self._rows.capture_at(taken.refers_uri, taken.refers_date):
                return self._elsewhere(there, hops)
        here = self._staged.told(self._file, taken.told_digest) if taken.told_digest else None
        return None if here is None else self._here(here, hops)

    def _elsewhere(self, capture: Capture, hops: int) -> bytes | None:
        """Read a capture that the ledger has."""
        if not hops or capture.payload_bytes > MAX_RECORD:
            return None
        path = self._folder / capture.file
        with suppress(OSError):
            if not capture.file.startswith(IMPORTED):
                return response_bytes(read_at(path, capture.offset), self._own)
            if capture.type == "response":
                return foreign_response(path, capture)
            original = self._rows.capture(capture.refers_to) if capture.refers_to else None
            return self._elsewhere(original, hops - 1) if original else None
        return None

    def _own(self, record_id: str) -> Record:
        place = self._rows.place_of(record_id)
        if place is None or place[0].startswith(IMPORTED):
            raise WarcError(f"{self._folder}: record {record_id} is referred to, but no record of ours")
        return read_at(self._folder / place[0], place[1])
