"""The responses of captures made by others, revisits made whole from wherever in the series their payload lies.

Takes   a capture that an import brought.
Gives   its response, head and body; None where its payload is not in the series.
Writes  nothing. A few files are open at a time.
"""

from __future__ import annotations

from collections import OrderedDict
from contextlib import ExitStack, suppress
from datetime import datetime
from pathlib import Path
from typing import Self

from archive.errors import WarcError
from archive.ledger.others import Others, Told
from archive.ledger.series import SeriesLedger
from archive.model import IMPORTED, Capture
from archive.posted import plain_url
from archive.warc import (
    MAX_RECORD,
    ForeignFile,
    Record,
    foreign_response,
    read_at,
    referred,
    response_bytes,
    revisited,
)

_MAX_HOPS = 8  # a revisit that refers to a revisit that …: more is a ring
_MAX_OPEN = 16  # files: captures are read by their dates, and crawlers write several files at once


class Originals:
    """Looks up responses for one series. A context, at whose end its files are closed."""

    def __init__(self, folder: Path, rows: SeriesLedger) -> None:
        self._folder, self._rows = folder, rows
        self._others: Others = rows.others
        self._open: OrderedDict[str, tuple[ForeignFile, ExitStack]] = OrderedDict()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        while self._open:
            self._open.popitem()[1][1].close()

    def response(self, capture: Capture) -> bytes | None:
        """Give the whole response that a capture stands for.

        None where its payload is not here, too long to be read, or damaged: `verify` tells of that.
        """
        with suppress(WarcError, OSError):
            return self._response(capture, _MAX_HOPS)
        return None

    def _response(self, capture: Capture, hops: int) -> bytes | None:
        if not hops or capture.payload_bytes > MAX_RECORD:
            return None
        if not capture.file.startswith(IMPORTED):
            return response_bytes(read_at(self._folder / capture.file, capture.offset), self._own)
        file = self._file(capture.file)
        own = foreign_response(file, capture)
        if capture.type != "revisit":
            return own
        url, date = referred(file, capture)
        original = self._original(capture, url, date)
        payload = None if original is None else self._response(original, hops - 1)
        return None if payload is None else revisited(own, payload)

    def _original(self, capture: Capture, url: str | None, date: datetime | None) -> Capture | None:
        """Find the record with the payload of a revisit: by its id, by address and time, by the digest that both tell.

        An id may be another record's too. So an original that tells a digest of the same kind must tell the same one.
        """
        digest = capture.payload_digest
        named = self._others.named(capture.refers_to) if capture.refers_to else None
        if named and _agree(named, digest):
            return named.capture
        there = self._there(capture, url, date) if url and date else None
        if there and _agree(there, digest):
            return there.capture
        alike = self._others.telling(digest) if digest else None
        return alike.capture if alike else None

    def _there(self, capture: Capture, url: str, date: datetime) -> Told | None:
        """Find it by address and time; a record tells the address alone, the ledger also what was sent there."""
        sent = capture.url[len(plain_url(capture.url)) :]
        return (self._others.at(url + sent, date) if sent else None) or self._others.at(url, date)

    def _file(self, name: str) -> ForeignFile:
        """Open an imported file, or give it where it is open: one gzip member of many records is not unpacked anew for each."""
        if name not in self._open:
            if len(self._open) >= _MAX_OPEN:
                self._open.popitem(last=False)[1][1].close()
            stack = ExitStack()
            self._open[name] = stack.enter_context(ForeignFile(self._folder / name)), stack
        self._open.move_to_end(name)
        return self._open[name][0]

    def _own(self, record_id: str) -> Record:
        place = self._rows.place_of(record_id)
        if place is None or place[0].startswith(IMPORTED):
            raise WarcError(f"{self._folder}: record {record_id} is referred to, but no record of ours")
        return read_at(self._folder / place[0], place[1])


def _agree(original: Told, digest: str) -> bool:
    """Tell whether nothing speaks against it that a record has the payload of that digest."""
    known = {one.partition(":")[0]: one for one in (original.digest, original.capture.payload_digest) if one}
    return not digest or known.get(digest.partition(":")[0], digest) == digest
