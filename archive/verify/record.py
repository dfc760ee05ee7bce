"""Hold one record against what it says of itself, whatever its size.

Takes   the decompressed bytes of one gzip member, in pieces.
Gives   its id, type and references, the columns the ledger has of it, and its faults.
Writes  nothing; no more than _IN_MEMORY bytes are held of a record whose head can be read.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any, get_args

from ..fixity import label, payload_digest
from ..http import Head, PayloadDigest, header, media_type, parse_head, payload_of
from ..ledger.rows import time_text
from ..model import RecordType, Truncation
from ..warc import MAX_RECORD
from ..warc.answer import usual_answer
from ..warc.record import parse_date

_IN_MEMORY = 4 << 20  # bytes; a page or a picture is hardly longer, and one piece is faster than many
_HEAD_END = b"\r\n\r\n"
_END = b"\r\n\r\n"
_ID = re.compile(r"<urn:uuid:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}>")
_TYPES = frozenset(get_args(RecordType))
_TRUNCATIONS = frozenset(get_args(Truncation))
_HEAD_BYTES = 16 << 10  # bytes in which most heads end
_BODILESS = frozenset({204, 304, *range(100, 200)})  # RFC 9112, 6.3; what follows them is archive.http's to judge
_CAPTURES = frozenset({"response", "revisit", "resource"})
_REQUIRED = ("WARC-Type", "WARC-Record-ID", "WARC-Date", "WARC-Block-Digest", "Content-Length")
_REQUIRED_ALL = frozenset(_REQUIRED)
_AS_IN_LEDGER = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", re.ASCII)  # so time_text writes it
_NOTES = re.compile(rb'"lianzai":\s*"(?:run|import)\.[a-z]+"')
TOO_LONG = "too long"
Fields = dict[str, str]


class BrokenError(Exception):
    """The bytes are no whole record. record_id: where it could still be read."""

    def __init__(self, what: str, record_id: str | None = None) -> None:
        super().__init__(what)
        self.record_id = record_id


@dataclass(frozen=True, slots=True)
class Note:
    """What a run or an import says of itself beside its exchanges: the JSON of a metadata record.

    kind: its "lianzai", TOO_LONG where it is longer than what is held of a record. date: of the record, as the ledger has times.
    """

    record_id: str
    kind: str
    date: str
    values: dict[str, Any]


@dataclass(slots=True)
class Examined:
    """One record. columns: as in the ledger's `captures`, without file, offset and length; None for no capture.

    note: of a metadata record that the ledger's rows rest on. refers: (what, id, payload digest that the record of that id must
    have, or None).
    """

    record_id: str
    type: str
    fields: Fields
    columns: tuple[Any, ...] | None = None
    note: Note | None = None
    faults: list[str] = field(default_factory=list)

    @property
    def refers(self) -> list[tuple[str, str, str | None]]:
        """Give the references to other records."""
        names = ("WARC-Concurrent-To", "WARC-Refers-To", "WARC-Warcinfo-ID")
        digest = self.fields.get("WARC-Payload-Digest") if self.type == "revisit" else None
        return [
            (name, self.fields[name], digest if name == "WARC-Refers-To" else None)
            for name in names
            if name in self.fields
        ]


def examine(pieces: Iterator[bytes]) -> Examined:
    """Read one record and compare digests and lengths. Raises BrokenError where it is no record."""
    held, size = [], 0
    for piece in pieces:
        held.append(piece)
        size += len(piece)
        if size > _IN_MEMORY:
            return _streamed(b"".join(held), pieces)
    return examine_whole(held[0] if len(held) == 1 else b"".join(held))


def examine_whole(data: bytes) -> Examined:
    """Examine a record that is there in one piece. Raises BrokenError where it is no record."""
    end = data.find(_HEAD_END)
    record = _named(data, end)
    block = memoryview(data)[end + 4 : -4]  # not copied: a copy of each block is a twelfth of the time
    _compare_length(record, len(block), data[-4:])
    digest = payload_digest(block)
    _compare_digest(record, "WARC-Block-Digest", digest)
    if record.type in ("response", "revisit"):
        _answer(record, block)
    elif record.type == "resource":
        mime = record.fields.get("Content-Type", "").split(";")[0].strip().lower()
        _complete(record, None, mime, len(block), lambda: digest)
    elif record.type == "metadata" and _NOTES.search(block):
        record.note = _note(record, block)
    return record


def id_in(head: bytes) -> str | None:
    """Find the id in the beginning of a record that is damaged further on; None where there is none to trust."""
    match = re.search(rb"\r\nWARC-Record-ID: (<[^\r\n]{1,80}>)\r\n", head)
    name = match[1].decode("latin-1") if match else ""
    return name if _ID.fullmatch(name) else None


def _note(record: Examined, block: memoryview) -> Note | None:
    """Read a note; None where the block only looks like one."""
    try:
        values = json.loads(bytes(block))
    except ValueError:
        return None
    if not isinstance(values, dict) or not isinstance(values.get("lianzai"), str):
        return None
    return Note(record.record_id, values["lianzai"], _moment(record), values)


def _answer(record: Examined, block: memoryview) -> None:
    """Complete a response or revisit: by the short way where its head is as nearly all are."""
    begun = bytes(block[:_HEAD_BYTES])
    usual = usual_answer(begun)
    if usual is not None:
        payload = block[usual.length :] if record.type == "response" else b""
        _complete(record, usual.status, usual.mime, len(payload), partial(payload_digest, payload))
        return
    head = parse_head(begun)
    if head.problem is not None and len(block) > _HEAD_BYTES:  # it does not end in its first bytes
        head = parse_head(bytes(block))
    payload = _payload(block, head) if record.type == "response" else b""
    _complete(record, head.status, media_type(head), len(payload), partial(payload_digest, payload))


def _payload(block: memoryview, head: Head) -> bytes | memoryview:
    """Find the payload; only a body under a transfer coding must be copied for it."""
    plain = header(head, "transfer-encoding") is None and head.status not in _BODILESS
    return block[head.length :] if plain and head.problem is None else payload_of(bytes(block), head).data


def _streamed(begun: bytes, pieces: Iterator[bytes]) -> Examined:
    """Examine a record that is too long to be held."""
    end = begun.find(_HEAD_END)
    record = _named(begun, end)
    declared = record.fields["Content-Length"]
    left = int(declared) if declared.isdecimal() and len(declared) < 19 else 0
    block_hash, block_bytes, tail = hashlib.sha256(), 0, b""
    payload: PayloadDigest | None = None
    head: Head | None = None
    piece = memoryview(begun)[end + 4 :]
    if record.type in ("response", "revisit"):
        head = parse_head(bytes(piece[:left]))
        if head.problem == "the head is cut":  # a head of megabytes, of which nobody knows where it ends
            return examine_whole(b"".join([begun, *pieces]))
        payload = PayloadDigest(head, bytes(piece[: head.length])) if record.type == "response" else None
    skip = head.length if head else 0
    while True:
        mine, behind = piece[:left], piece[left:]
        block_hash.update(mine)
        if payload is not None:
            payload.update(mine[skip:])
        skip, left, block_bytes = 0, left - len(mine), block_bytes + len(mine)
        tail = (tail + bytes(behind[:8]))[:8]
        follows = next(pieces, None)
        if follows is None:
            break
        piece = memoryview(follows)
    _compare_length(record, block_bytes, tail)
    digest = label(block_hash.hexdigest())
    _compare_digest(record, "WARC-Block-Digest", digest)
    if head is not None:
        told = payload.digest() if payload is not None else ""
        _complete(record, head.status, media_type(head), payload.bytes if payload is not None else 0, lambda: told)
    elif record.type == "resource":
        mime = record.fields.get("Content-Type", "").split(";")[0].strip().lower()
        _complete(record, None, mime, block_bytes, lambda: digest)
    elif record.type == "metadata":
        record.note = Note(record.record_id, TOO_LONG, _moment(record), {})
    return record


def _named(data: bytes, end: int) -> Examined:
    """Read the head of a record."""
    if end < 0 or not data.startswith(b"WARC/1."):
        raise BrokenError(f"expected a WARC record, found {data[:16]!r}")
    try:
        lines = data[:end].decode("utf-8").split("\r\n")
    except UnicodeDecodeError as error:
        raise BrokenError("the named fields are not UTF-8", id_in(data[:end])) from error
    try:
        fields: Fields = dict([line.split(": ", 1) for line in lines[1:]])
    except ValueError:
        fields = {}
    if len(fields) != len(lines) - 1:
        raise BrokenError(f"no named field, or one that stands twice: {_odd(lines[1:])[:60]!r}", id_in(data[:end]))
    if not fields.keys() >= _REQUIRED_ALL:
        missing = next(name for name in _REQUIRED if name not in fields)
        raise BrokenError(f"{missing} is missing", fields.get("WARC-Record-ID"))
    record = Examined(fields["WARC-Record-ID"], fields["WARC-Type"], fields)
    if record.type not in _TYPES:
        raise BrokenError(f"a record of type {record.type!r}", record.record_id)
    return record


def _odd(lines: list[str]) -> str:
    """Give the first line that is no named field, or names one once more."""
    names: set[str] = set()
    for line in lines:
        name, colon, _ = line.partition(": ")
        if not colon or name in names:
            return name + colon
        names.add(name)
    raise AssertionError(lines)


def _compare_length(record: Examined, found: int, tail: bytes) -> None:
    declared = record.fields["Content-Length"]
    if declared != str(found) or tail != _END:
        more = "" if tail == _END else ", not followed by two line ends"
        raise BrokenError(f"Content-Length {declared[:20]}, found {found} bytes{more}", record.record_id)


def _compare_digest(record: Examined, name: str, found: str) -> None:
    if record.fields[name] != found:
        record.faults.append(f"{name} {record.fields[name][:80]}, found {found}")


def _complete(record: Examined, status: int | None, mime: str, payload_bytes: int, digest: Callable[[], str]) -> None:
    """Compare the payload's digest and give the columns of a capture, as archive.warc.capture_of would.

    A revisit holds no payload: its digest is compared with the record it refers to.
    """
    fields, own = record.fields, "WARC-Payload-Digest"
    if record.type != "revisit":
        found = digest()
        if own in fields:
            _compare_digest(record, own, found)
        else:
            record.faults.append(f"{own} is missing")
    truncated = fields.get("WARC-Truncated") if record.type == "response" else None
    if truncated is not None and truncated not in _TRUNCATIONS:
        truncated = "unspecified"
    record.columns = (
        record.record_id, record.type, fields.get("WARC-Target-URI", ""), _moment(record), status, mime, fields.get(own, ""),
        payload_bytes, fields.get("WARC-Refers-To"), truncated,
    )  # fmt: skip


def _moment(record: Examined) -> str:
    """Give the record's time as the ledger has it; "" where it is none, which is a fault."""
    told = record.fields["WARC-Date"]
    try:
        moment = parse_date(told)
        return told if _AS_IN_LEDGER.fullmatch(told) else time_text(moment)
    except ValueError:
        record.faults.append(f"WARC-Date {told[:40]!r}")
        return ""


LONGEST = MAX_RECORD  # what a member may unfold to before it is called a bomb
