"""Find the records in a stretch of unpacked bytes, and go on behind what is damaged.

Takes   a Window at any place of the stretch (a file that is not packed, or one gzip member).
Gives   Found: records whose block is whole, in order; each damage is told with its place.
Writes  nothing.

Where a length is wrong, the record that it is of counts as whole only when as many bytes as it says are there before the next
record begins. Memory is that of a prefix of one block, whatever lengths are told.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from ..http import header
from .answer import HttpAnswer, final_head, read_answer
from .heads import ARC_BEGINS, ARC_NEXT, WARC_BEGINS, WARC_NEXT, BadHead, ForeignHead, read_arc_line, read_warc_head
from .payload import Payload, PayloadDigest
from .unpack import PIECE, Plain, Torn, Window

BEGINS = re.compile(WARC_BEGINS.pattern + b"|" + ARC_BEGINS.pattern)
NEXT = re.compile(WARC_NEXT.pattern + b"|" + ARC_NEXT.pattern)
_MAX_HEAD = 4 << 20  # bytes of a record's head; crawls by browsers have data: addresses of megabytes
_PREFIX = 64 << 10  # bytes of a block in which its HTTP head must end
MAX_HTTP_HEAD = 1 << 20  # bytes in which the longest HTTP head must end
_MAX_REQUEST = 1 << 20  # bytes of a request that are kept, for its body is part of a POST's key
LONGEST_LINE = 16 << 10  # bytes; no first line of a record is longer, so so much is kept where one is sought
_STRAY = 64  # bytes after a block up to which its length counts as too short without another look into it
_MAX_MISSED = 8  # bytes of a body that may lie behind the block's end
MISSED_PEEK = _MAX_MISSED + 4 + 32  # with the closing line ends and the next record's first line
_LINE_ENDS = re.compile(rb"[\r\n]*")
_CLOSINGS = (b"\r\n\r\n", b"\n\n")  # WARC 1.1, 4; the second in files that have LF throughout
_USUAL = (b"WARC/1.0\r\n", b"WARC/1.1\r\n")
_HTTP = re.compile(rb"application/http\b", re.IGNORECASE)
_CAPTURES = frozenset({"response", "resource", "revisit"})
_DIGESTED = frozenset({"response", "resource"})
_METADATA = frozenset({"metadata"})  # it has a line in an index, and is no capture


@dataclass(slots=True)
class Found:
    """A record in a stretch. start, end: where it begins and its block ends; block: its first bytes.

    digest: as told; where none is told that of the payload, if that was named. payload: None where it was not named.
    """

    head: ForeignHead
    http: HttpAnswer | None
    block: bytes
    digest: str | None
    start: int
    end: int
    payload: Payload | None = None


def lone_record(data: bytes, *, named: bool = False) -> Found | None:
    """Read the one record that `data` is, to the byte; None where it is anything else, which a Stretch then looks into.

    This is what nearly every gzip member holds, so it is worth a short way: twice as fast. named: as of a Stretch.
    """
    if not (data.startswith(_USUAL) and data.endswith(_CLOSINGS[0])):
        return None
    end = data.find(_CLOSINGS[0])
    try:
        head = read_warc_head(data[:end])
    except BadHead:
        return None
    begin = end + 4
    last = begin + head.block_bytes
    if last + 4 != len(data) or (head.type in _CAPTURES and not (head.url and head.timestamp)):
        return None
    block = data[begin : min(last, begin + _kept(head))]
    http = read_answer(block) if _is_http(head, block) else None
    if http is not None and http.cut and len(block) < head.block_bytes:
        return None
    digest, payload = _told_digest(head), None
    if naming := _naming(head, http, digest, named=named):
        naming.update(memoryview(data)[begin + (http.length if http else 0) : last])
        payload = naming.payload()
    return Found(head, http, block, digest or (payload.digest if payload else None), 0, last, payload)


class Stretch:
    """The records of one stretch. begun: how many began, the damaged too."""

    def __init__(
        self, window_at: Callable[[int], Window], tell: Callable[[int, str], None], *, named: bool = False
    ) -> None:
        """window_at: opens the stretch at a place, 0 first. tell: is called with the place and kind of a damage.

        named: every payload is named by SHA-256; else only those of which no digest is told, by SHA-1.
        """
        self._window_at, self._tell, self._named = window_at, tell, named
        self._window = window_at(0)
        self._next = NEXT
        self.begun = 0
        self._naming: PayloadDigest | None = None  # of the record that is being read
        self._torn: Torn | None = None  # met behind a block that is whole

    @property
    def position(self) -> int:
        """How far it is read."""
        return self._window.position

    def records(self) -> Iterator[Found]:
        """Read record after record. Raises Torn."""
        while self._to_record():
            found = self._record()
            if found is not None:
                yield found
            if self._torn is not None:
                raise self._torn

    # ------------------------------------------------------------------------------------------- where records begin

    def _to_record(self) -> bool:
        """Go to where the next record begins; False where none does."""
        self._pass_line_ends()
        if self._begins():
            return True
        window = self._window
        if not window.has(1):
            return False
        place, found = window.position, window.data[window.at : window.at + 16]
        there = self._seek()
        self._tell(place, f"expected a record, found {found!r}; {window.position - place} bytes are none")
        return there

    def _pass_line_ends(self) -> bytes:
        """Pass over line ends; give the first of them."""
        window = self._window
        first = window.data[window.at : window.at + 8]
        while True:
            window.at = _LINE_ENDS.match(window.data, window.at).end()  # type: ignore[union-attr]  # matches nothing too
            if window.at < len(window.data) or not window.more():
                break
            first = (first + window.data[:8])[:8]
        return _LINE_ENDS.match(first)[0]  # type: ignore[index]

    def _begins(self) -> bool:
        """Say whether a record begins here."""
        window = self._window
        if not window.has(5):
            return False
        if window.data.startswith(b"WARC/", window.at):
            window.has(32)
            return WARC_BEGINS.match(window.data, window.at) is not None
        if self._next is WARC_NEXT or not window.data[window.at : window.at + 1].isalpha():
            return False
        window.has(LONGEST_LINE)
        return ARC_BEGINS.match(window.data, window.at) is not None

    def _seek(self) -> bool:
        """Read on to what looks like a record's beginning; False at the end of the stretch."""
        window = self._window
        while True:
            match = self._next.search(window.data, window.at)
            if match is not None:
                window.at = match.start()
                return True
            window.at = max(window.at, len(window.data) - LONGEST_LINE)
            if not window.more():
                window.at = len(window.data)
                return False

    def _back_to(self, place: int) -> None:
        """Read again from a place on."""
        if place >= self._window.base:
            self._window.at = place - self._window.base
        else:
            self._window = self._window_at(place)

    # ---------------------------------------------------------------------------------------------------- one record

    def _record(self) -> Found | None:
        """Read one record; None where it is damaged."""
        self.begun += 1
        window, start = self._window, self._window.position
        try:
            head = self._head()
        except BadHead as bad:
            self._tell(start, str(bad))
            window.at += 1
            self._seek()
            return None
        block = window.position
        found = self._block(head, start)
        if found is None:
            self._skip_short(head, start, block)
            return None
        try:
            if not self._closes(found, block):
                return None
        except Torn as torn:
            self._torn = torn
        if head.type in _CAPTURES and not (head.url and head.timestamp):
            self._tell(start, f"a {head.type} without {'a time' if head.url else 'an address'}")
            return None
        return found

    def _head(self) -> ForeignHead:
        """Read the head. Raises BadHead, the window then still at its beginning."""
        self._next = WARC_NEXT if self._window.data.startswith(b"WARC/", self._window.at) else ARC_NEXT
        return take_head(self._window)

    def _block(self, head: ForeignHead, start: int) -> Found | None:
        """Read the block; None where it has fewer bytes than its length says."""
        window, length = self._window, head.block_bytes
        begin, rest = window.position, window.source.rest
        if rest is not None and len(window.data) - window.at + rest < length:
            return None
        wanted = min(length, _kept(head))
        if not window.has(wanted):
            return None
        block = window.data[window.at : window.at + wanted]
        http = read_answer(block) if _is_http(head, block) else None
        if http is not None and http.cut and wanted < length:  # a head longer than any but a hostile server's
            window.has(min(length, MAX_HTTP_HEAD))
            block = window.data[window.at : window.at + min(length, MAX_HTTP_HEAD)]
            http = read_answer(block)
            http.length = length if http.cut else http.length  # a head alone has no payload
        digest, payload = _told_digest(head), None
        self._naming = _naming(head, http, digest, named=self._named)
        if self._naming is not None:
            payload = self._payload(self._naming, http, length)
        else:
            self._pass(length)
        if window.position - begin < length:
            return None
        return Found(head, http, block, digest or (payload.digest if payload else None), start, begin + length, payload)

    def _payload(self, naming: PayloadDigest, http: HttpAnswer | None, length: int) -> Payload:
        """Read a block and name the payload in it."""
        window, left = self._window, length
        left -= window.drop(http.length if http else 0)
        while left and (piece := window.take(min(left, PIECE))):
            naming.update(piece)
            left -= len(piece)
        return naming.payload()

    def _pass(self, length: int) -> None:
        """Pass over a block without looking at it."""
        window = self._window
        there = len(window.data) - window.at
        if length > there and isinstance(window.source, Plain):
            window.source.pass_over(length - there)
            window.base, window.at, window.data = window.position + length, 0, b""
        else:
            window.drop(length)

    # ------------------------------------------------------------------------------------------------- wrong lengths

    def _closes(self, found: Found, block: int) -> bool:
        """See that the record ends where its length says, and tell what is wrong; False where it is not whole."""
        window = self._window
        window.has(len(_CLOSINGS[0]) + 5)
        if window.data.startswith(_CLOSINGS[0], window.at):
            behind = window.data[window.at + 4 : window.at + 9]
            if not behind or behind == b"WARC/":
                window.at += 4
                return True  # the usual cases, without looking twice
        if self._take_missed(found):
            return True
        blank = self._pass_line_ends()
        told = f"Content-Length {found.head.block_bytes}"
        if self._begins() or not window.has(1):
            if blank not in _CLOSINGS and self._next is WARC_NEXT:
                self._tell(found.start, f"{told}: expected two line ends after the block, found {blank!r}")
            return True
        window.has(LONGEST_LINE)
        near = self._next.search(window.data, window.at)
        if near is not None and near.start() - window.at <= _STRAY:
            window.at = near.start()
            self._tell(
                found.start, f"{told}, but the next record begins {window.position - found.end} bytes after the block"
            )
            return True
        return self._looks_into(found, block, told)

    def _take_missed(self, found: Found) -> bool:
        """Take the last bytes of a body that the length of its block leaves out, and tell it; False where there are none."""
        window, length = self._window, found.head.block_bytes
        window.has(MISSED_PEEK)
        after = window.data[window.at : window.at + MISSED_PEEK]
        many = 0 if found.http is None else missed_bytes(found.block, length, after)
        if not many:
            return False
        window.at += many + len(_CLOSINGS[0])
        found.end += many
        if self._naming is not None:
            self._naming.update(after[:many])
            found.payload = self._naming.payload()
            found.digest = _told_digest(found.head) or found.payload.digest
        self._tell(found.start, f"Content-Length {length}, but {many} bytes more are of the block")
        return True

    def _looks_into(self, found: Found, block: int, told: str) -> bool:
        """Say whether a record with other bytes after it is whole: no, where the next one begins within its block."""
        self._back_to(block)
        there = self._seek()
        place = self._window.position
        if there and place < found.end:
            self._tell(found.start, f"{told}, but the next record begins after {place - block} bytes of the block")
            return False
        until = "the next record begins" if there else "the end is"
        self._tell(found.start, f"{told}, but {until} {place - found.end} bytes after the block")
        return True

    def _skip_short(self, head: ForeignHead, start: int, block: int) -> None:
        """Tell of a block that is shorter than its length says, and go on where the next record begins."""
        self._back_to(block)
        there = self._seek()
        until = "the next record" if there else "the end"
        self._tell(
            start, f"Content-Length {head.block_bytes}, found {self._window.position - block} bytes before {until}"
        )


def take_head(window: Window) -> ForeignHead:
    """Read the head of the record that begins here. Raises BadHead, the window then still at its beginning; Torn."""
    if not window.data.startswith(b"WARC/", window.at):
        end = window.data.index(b"\n", window.at) + 1
        head = read_arc_line(window.data[window.at : end])
        window.at = end
        return head
    first = window.data.index(b"\n", window.at)
    closing = _CLOSINGS[0] if window.data[first - 1 : first] == b"\r" else _CLOSINGS[1]
    while (end := window.data.find(closing, window.at)) < 0:
        if len(window.data) - window.at > _MAX_HEAD:
            raise BadHead(f"a head of more than {_MAX_HEAD} bytes")
        if not window.more():
            raise BadHead("the head is cut")
    head = read_warc_head(window.data[window.at : end])
    window.at = end + len(closing)
    return head


def missed_bytes(block: bytes, length: int, after: bytes) -> int:
    """Say how many bytes behind a block are of its body: as many as HTTP tells more, where the record ends behind them.

    Old wget told one byte too few (iipc/jwarc#29), and each page would seem cut. block: its first bytes; length: as told;
    after: MISSED_PEEK bytes behind it, fewer at the end.
    """
    head, begin = final_head(block)
    told = header(head, "content-length") or ""
    if not (told.isascii() and told.isdigit()) or len(told) > 18:
        return 0
    many = int(told) - (length - begin - head.length)
    if not 0 < many <= _MAX_MISSED or after[many : many + 4] != _CLOSINGS[0]:
        return 0
    return many if len(after) == many + 4 or WARC_BEGINS.match(after, many + 4) else 0


def _naming(head: ForeignHead, http: HttpAnswer | None, told: str | None, *, named: bool) -> PayloadDigest | None:
    """Begin to name a record's payload; None where that is not wanted."""
    if head.type not in (_DIGESTED if named else _DIGESTED | _METADATA) or (told is not None and not named):
        return None
    return PayloadDigest(chunked=http is not None and http.chunked, algorithm="sha256" if named else "sha1")


def _kept(head: ForeignHead) -> int:
    """Say how much of a block is kept."""
    return _MAX_REQUEST if head.type == "request" else _PREFIX


def _is_http(head: ForeignHead, block: bytes) -> bool:
    """Say whether a block should begin with an HTTP head: by its type, else (ARC) by its first bytes."""
    if head.type not in ("response", "revisit"):
        return False
    if block[:5] == b"HTTP/" or _HTTP.match(head.field(b"Content-Type")):
        return True
    return block[:16].lstrip(b"\r\n")[:5].upper() == b"HTTP/"


def _told_digest(head: ForeignHead) -> str | None:
    if head.type not in _CAPTURES | _METADATA:
        return None
    return head.field(b"WARC-Payload-Digest").decode("latin-1") or None
