"""What was sent to get an answer: the request of a capture, found beside its record.

Takes   a capture. Gives: method and body as the key of an index would have them, None of a GET or where no request was kept.
Writes  nothing. Reads at most 64 KiB before the record and one record behind it.

An index that an older version wrote names no requests of imports. Whoever writes a WARC puts the request next to its answer: wget
and we before it, warcio, pywb and browsertrix behind it.
Source: WARC 1.1, 5.7 (WARC-Concurrent-To).
"""

from __future__ import annotations

import re
from collections import OrderedDict
from threading import Lock

from ...errors import IntegrityError, WarcError
from ...http import parse_request
from ...index.lookup import Indexed
from ...index.post import sent_with
from ...index.same import same_address
from ...records import Records
from ...warc.heads import ForeignHead
from ...warc.streamed import Streamed, stream_record

Question = tuple[str, str]  # method, body as a query

_BEFORE = 64 << 10  # bytes in which a request is looked for; nearly all take less than one
_LINE_ENDS = 8  # bytes
_LONGEST = 1 << 20  # bytes of a request that is read
_BEGINS = re.compile(rb"\x1f\x8b\x08|WARC/[01]\.")
_KEPT = 4096  # captures whose question is remembered: their records never change


class Questions:
    """The requests of captures. Threads may ask at once."""

    def __init__(self, records: Records) -> None:
        self._records, self._lock = records, Lock()
        self._known: OrderedDict[tuple[str, str, int], Question | None] = OrderedDict()

    def of(self, capture: Indexed) -> Question | None:
        """Give what was sent for a capture. Raises StoreError where its record lies in a store that cannot be reached."""
        place = (capture.series, capture.file, capture.offset)
        with self._lock:
            if place in self._known:
                return self._known[place]
        found = None if capture.member is not None else self._found(capture)
        with self._lock:
            self._known[place] = found
            if len(self._known) > _KEPT:
                self._known.popitem(last=False)
        return found

    def _found(self, capture: Indexed) -> Question | None:
        try:
            answer = self._head(capture, capture.offset)
            request = self._behind(capture, answer) or self._before(capture, answer)
        except (WarcError, IntegrityError):
            return None
        return None if request is None else sent_with(parse_request(request))

    def _behind(self, capture: Indexed, answer: ForeignHead) -> bytes | None:
        at = capture.offset + capture.length
        with self._records.stretch(_path(capture), at) as stream:
            ends = stream.read(_LINE_ENDS)
        # The length of a record that is not packed leaves out the two line ends behind it.
        return self._request(capture, answer, at + len(ends) - len(ends.lstrip(b"\r\n")))

    def _before(self, capture: Indexed, answer: ForeignHead) -> bytes | None:
        """Look backwards for where records begin, as far as that of another answer."""
        start = max(capture.offset - _BEFORE, 0)
        with self._records.stretch(_path(capture), start, capture.offset - start) as stream:
            octets = stream.read()
        for found in reversed(list(_BEGINS.finditer(octets))):
            at = start + found.start()
            request = self._request(capture, answer, at)
            if request is not None:
                return request
            try:
                if self._head(capture, at).type in ("response", "revisit", "resource"):
                    return None
            except WarcError:
                continue  # no record begins here: bytes of one look so
        return None

    def _request(self, capture: Indexed, answer: ForeignHead, at: int) -> bytes | None:
        """Give the request that stands at a place, where it is the one that got the answer."""
        try:
            with self._records.stretch(_path(capture), at) as stream:
                record = stream_record(stream, f"{capture.file}: offset {at}")
                if not _belongs(record.record, answer) or record.record.block_bytes > _LONGEST:
                    return None
                return _whole(record)
        except WarcError:
            return None

    def _head(self, capture: Indexed, at: int) -> ForeignHead:
        with self._records.stretch(_path(capture), at) as stream:
            return stream_record(stream, f"{capture.file}: offset {at}").record


def _path(capture: Indexed) -> str:
    return f"warc/{capture.series}/{capture.file}"


def _whole(record: Streamed) -> bytes:
    return b"".join(record.payload())


def _belongs(request: ForeignHead, answer: ForeignHead) -> bool:
    """Say whether a record is the request of an answer: one names the other, or neither names any and the address is the same."""
    if request.type != "request" or not same_address(request.url, answer.url):
        return False
    of_request, of_answer = request.field(b"WARC-Concurrent-To"), answer.field(b"WARC-Concurrent-To")
    if not of_request and not of_answer:
        return True
    return of_request == answer.field(b"WARC-Record-ID") or of_answer == request.field(b"WARC-Record-ID")
