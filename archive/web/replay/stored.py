"""A capture as it is kept: the answer of the server, whichever records it lies in.

Takes   a line of an index; the records of the home and its stores.
Gives   Stored: status, headers, payload as a stream. A revisit has its own head and the payload of the record it refers to.
Writes  nothing. Memory is that of a piece.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import BinaryIO

from ...errors import IntegrityError
from ...http import MAX_DECODED, Response, decode_payload
from ...http.message import Headers
from ...index.lines import timestamp
from ...index.lookup import Index, Indexed
from ...ledger.payloads import with_payload
from ...ledger.store import Ledger
from ...records import Records
from ...surt import surt
from ...warc.heads import ForeignHead, address, stamp
from ...warc.streamed import Streamed, stream_record

_NOT_MODIFIED = 304
_NO_HTTP = 200  # what a record that holds no HTTP (a resource) is answered with


@dataclass(slots=True)
class Stored:
    """One answer, to be closed.

    payload: its body without transfer coding, once; payload_bytes: its length, where known. truncated: why it is not whole, as
    its record says, "" where that says nothing.
    """

    capture: Indexed
    status: int
    headers: Headers
    payload: Iterator[bytes]
    payload_bytes: int | None
    truncated: str
    _opened: ExitStack

    def close(self) -> None:
        """Let go of the files or connections."""
        self._opened.close()

    def stream(self) -> Iterator[bytes]:
        """Give the payload and close."""
        with self._opened:
            yield from self.payload

    def body(self) -> bytes:
        """Give all of the payload, content coding undone as far as it can be and is allowed, and close."""
        with self._opened:
            octets = b"".join(self.payload)
        response = Response("", self.status, "", self.headers, 0, octets)
        return decode_payload(response, limit=MAX_DECODED).body

    def is_coded(self) -> bool:
        """Say whether the payload has a content coding."""
        told = ",".join(value for name, value in self.headers if name.lower() == "content-encoding")
        return any(coding.strip().lower() not in ("", "identity") for coding in told.split(","))


class Archive:
    """The captures of a home, found and opened. Threads may use it at once."""

    def __init__(self, index: Index, ledger: Ledger, records: Records) -> None:
        self.index, self._ledger, self._records = index, ledger, records

    def opened(self, capture: Indexed) -> Stored:
        """Open a capture.

        Raises WarcError or IntegrityError where its record, or the one it refers to, is damaged or missing, StoreError where it
        lies in a store that cannot be reached.
        """
        with ExitStack() as stack:
            record = self._record(stack, capture)
            head, holder = record.http, record
            if record.record.type == "revisit":
                holder = self._original(stack, capture, record.record)
                if head is None or head.status in (0, _NOT_MODIFIED):
                    head, record = holder.http, holder
            status, headers = (head.status or _NO_HTTP, head.headers) if head is not None else (_NO_HTTP, _told(record))
            truncated = holder.record.field(b"WARC-Truncated").decode("latin-1").lower()
            return Stored(capture, status, headers, holder.payload(), holder.payload_bytes, truncated, stack.pop_all())

    def head_of(self, capture: Indexed) -> ForeignHead:
        """Read the fields of a capture's record. Raises what `opened` does."""
        with ExitStack() as stack:
            return self._record(stack, capture).record

    def _record(self, stack: ExitStack, capture: Indexed) -> Streamed:
        path = f"warc/{capture.series}/{capture.file}"
        if capture.member is None:
            offset, length, skip = capture.offset, capture.length, 0
        else:  # of a gzip member that holds many records all before it must be unpacked
            offset, length, skip = capture.member[0], None, capture.member[1]
        stream: BinaryIO = stack.enter_context(self._records.stretch(path, offset, length))
        return stream_record(stream, f"{path}: offset {capture.offset}", skip=skip)

    def _original(self, stack: ExitStack, capture: Indexed, head: ForeignHead) -> Streamed:
        """Open the record that holds the payload of a revisit."""
        named = self._named(capture, head) or self._with_payload(capture)
        if named is None:
            raise IntegrityError(
                f"{capture.series}/{capture.file}: offset {capture.offset}: no record here has its payload {capture.digest}",
                action="lianzai import FILE, with the WARC that has it",
            )
        return self._record(stack, named)

    def _named(self, capture: Indexed, head: ForeignHead) -> Indexed | None:
        """Find it in the indexes by the address and time that the revisit tells."""
        url = address(head.field(b"WARC-Refers-To-Target-URI")) or capture.url
        date = stamp(head.field(b"WARC-Refers-To-Date").decode("latin-1"))
        asked = [*self.index.captures(url), *self._alike(capture)]
        found = [one for one in asked if not one.is_revisit and one.status != _NOT_MODIFIED]
        fits = [
            one
            for one in found
            if (one.digest and one.digest == capture.digest) or (one.time == date and one.url == url)
        ]
        return min(
            fits,
            key=lambda one: (one.digest != capture.digest, one.time != date, one.series != capture.series),
            default=None,
        )

    def _alike(self, capture: Indexed) -> Iterator[Indexed]:
        """Give the captures under the key of one that was asked otherwise than by GET: a revisit tells an address alone."""
        return (
            iter(()) if capture.key == surt(capture.url) else iter(self.index.under(f"{capture.key} ".encode("ascii")))
        )

    def _with_payload(self, capture: Indexed) -> Indexed | None:
        """Find it in the ledger by its digest: some tools do not tell more."""
        if not capture.digest:
            return None
        with self._ledger.read() as connection:
            found = with_payload(connection, capture.series, capture.digest)
        if found is None:
            return None
        return Indexed(
            capture.series, "", timestamp(found.fetched), found.url, found.mime, found.status, found.payload_digest,
            found.file, found.offset, found.length, found.member,
        )  # fmt: skip


def _told(record: Streamed) -> Headers:
    """Give as headers what a record says that holds no HTTP."""
    told = record.record.field(b"Content-Type").decode("latin-1")
    return (("Content-Type", told),) if told else ()
