"""The captures in a file made by others, and the responses they stand for.

Takes   a WARC or ARC file, and the name under which it is kept.
Gives   Taken: a Capture of each whole response, revisit and resource record; the response of one, framed as its bytes are.
Writes  nothing. Memory is that of one piece of a record where captures are read, of one record where a response is.

A payload is named by our own SHA-256 whatever digest its record tells: tools take theirs over other bytes.
"""

from __future__ import annotations

import base64
import re
import uuid
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from hashlib import blake2b
from pathlib import Path
from typing import cast
from urllib.parse import urlsplit

from ..fixity import ALGORITHM
from ..http import parse_response
from ..model import Capture, RecordType
from .answer import final_head
from .asked import ANSWERS, with_requests
from .blocks import ForeignFile
from .foreign import Damage, ForeignRecord, read_foreign
from .framing import reframed, with_payload
from .heads import ForeignHead, address, moment
from .record import http_capture, place, warc_date
from .stretch import MAX_HTTP_HEAD

_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[\x21-\x7e]+")
_MAX_ID = 1024  # characters of a record id; longer ones are none
_MAX_DIGEST = 256  # characters of a digest as told, which suffice for SHA-512 in hex; longer ones are none
_SHA256_BYTES = 32
_SHA256 = re.compile(r"sha-?256:", re.IGNORECASE)
_SHA1 = re.compile(r"[A-Z2-7]{32}")  # without its label, as some tools tell it


@dataclass(frozen=True, slots=True)
class Taken:
    """A capture, and what its record tells beside.

    told_digest: WARC-Payload-Digest as the record tells it (often "sha1:..." ), "" where it tells none: revisits that refer to
    nothing name their original only by it. request: that was answered, head and body up to 1 MiB, where it was no GET; else b"".
    """

    capture: Capture
    told_digest: str = ""
    request: bytes = b""


def foreign_captures(
    path: Path,
    name: str,
    sha256: str,
    tell: Callable[[Damage], None],
    counted: Callable[[], None] | None = None,
) -> Iterator[Taken]:
    """Read the captures of a file in the order of their records: every response, revisit and resource that is whole.

    name: of the file as captures have it ("imported/x.warc.gz"). sha256: "sha256:<hex>" of the file, by which records without an
    id of their own are named (`given_id`): those of ARCs, those whose id is no URI, or stood before in this file. tell: is called
    with each damage as it is met; a capture without a usable time or address is one, and left out. counted: is called for each
    whole record, whatever its type.

    payload_digest: SHA-256 of the payload (transfer coding removed, content coding kept) of a response or resource, the same as
    of what parse_response finds in `foreign_response`; of a revisit as its record tells it ("" where it does not), SHA-256 in our
    spelling. status: None for what is no HTTP, 0 where there is no status line. Raises OSError.
    """
    with closing(_Seen()) as seen:
        for record, request in with_requests(_counted(read_foreign(path, tell, named=True), counted)):
            if record.head.type not in ANSWERS:
                continue
            fetched = moment(record.head.field(b"WARC-Date").decode("latin-1"))
            if fetched is None or not _is_address(record.head.url):
                told = f"time {record.head.timestamp!r}" if fetched is None else f"address {record.head.url[:80]!r}"
                offset, inner = record.member or (record.offset, 0)
                tell(Damage(offset, f"a {record.head.type} with the {told}, which is none", inner))
                continue
            taken = _taken(record, fetched, name, sha256, seen)
            yield taken if request is None else replace(taken, request=request.block)


def _counted(records: Iterator[ForeignRecord], counted: Callable[[], None] | None) -> Iterator[ForeignRecord]:
    for record in records:
        if counted is not None:
            counted()
        yield record


def given_id(sha256: str, offset: int, member: tuple[int, int] | None) -> str:
    """Name a record that has no id of its own, the same at any time. sha256: of its file; offset, member: as in its Capture."""
    place = f"{sha256}#{offset}" if member is None else f"{sha256}#{offset}+{member[0]}+{member[1]}"
    return f"<urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, place)}>"


def foreign_response(file: Path | ForeignFile, capture: Capture) -> bytes:
    """Give the HTTP response of a capture, head and body, such that archive.http finds its payload.

    file: a path, or the file kept open for many captures. Of a revisit it is its own head: `revisited` joins that with the
    response it refers to. Of what is no HTTP (status None) it is the block. Raises WarcError naming file and offset where the
    record is not whole there or longer than MAX_RECORD, OSError.
    """
    if isinstance(file, Path):
        with ForeignFile(file) as opened:
            return foreign_response(opened, capture)
    block = file.block(capture)[1]
    return block if capture.status is None else reframed(block, prefix=MAX_HTTP_HEAD)


def referred(file: ForeignFile, capture: Capture) -> tuple[str | None, datetime | None]:
    """Give what a revisit tells of its original beside its id: address (in ASCII) and time, None where it does not.

    Raises WarcError, OSError.
    """
    head, _ = file.block(capture)
    uri, date = address(head.field(b"WARC-Refers-To-Target-URI")), head.field(b"WARC-Refers-To-Date")
    return uri or None, moment(date.decode("latin-1"))


def revisited(head: bytes, original: bytes) -> bytes:
    """Give the response that a revisit stands for.

    head: its foreign_response; where it is empty or a 304, the original's still holds. original: foreign_response of the
    record that has the payload.
    """
    status = final_head(head)[0].status
    return original if status in (0, 304) else with_payload(head, parse_response(original).payload)


# ---------------------------------------------------------------------------------------------------------- one record


class _Seen:
    """Which ids stood in a file before. On the disk where there are many, so that memory stays flat."""

    def __init__(self) -> None:
        import sqlite3  # an index wants none

        self._ids = sqlite3.connect("", isolation_level=None)  # a private file, gone with the connection
        self._ids.execute("PRAGMA journal_mode = OFF")
        self._ids.execute("CREATE TABLE ids (id BLOB PRIMARY KEY) WITHOUT ROWID")
        self._ids.execute("BEGIN")

    def first(self, record_id: str) -> bool:
        """Note an id; False where it was noted before."""
        digest = blake2b(record_id.encode("ascii"), digest_size=16).digest()
        return self._ids.execute("INSERT OR IGNORE INTO ids VALUES (?)", (digest,)).rowcount > 0

    def close(self) -> None:
        """Forget them all."""
        self._ids.close()


def _taken(record: ForeignRecord, fetched: datetime, name: str, sha256: str, seen: _Seen) -> Taken:
    head, told = record.head, told_digest(record.head)
    record_id = _id(head.field(b"WARC-Record-ID"))
    if record_id is None or not seen.first(record_id):
        record_id = given_id(sha256, record.offset, record.member)
        seen.first(record_id)
    revisit = head.type == "revisit"
    payload = record.payload
    capture = place(
        cast(RecordType, head.type),
        record_id,
        head.url,
        warc_date(fetched),
        (name, record.offset, record.length),
        told if payload is None else payload.digest,
        payload_bytes=0 if payload is None else payload.bytes,
        mime=head.field(b"Content-Type").decode("latin-1"),
        refers_to=_id(head.field(b"WARC-Refers-To")) if revisit else None,
    )
    capture = replace(capture, member=record.member)
    if record.http is not None and record.block:
        capture = http_capture(capture, final_head(record.block)[0], _truncated(head))
    return Taken(capture, told)


def told_digest(head: ForeignHead) -> str:
    """Give the payload's digest as a record tells it, "" where it does not; SHA-256 always as lower-case hex digits.

    Tools spell it in hex, Base32 or Base64, in any case (WARC 1.1, 5.8, leaves that open).
    """
    told = head.field(b"WARC-Payload-Digest").decode("latin-1")
    if len(told) > _MAX_DIGEST:
        return ""
    if _SHA1.fullmatch(told):
        return f"sha1:{told}"
    label = _SHA256.match(told)
    octets = _octets(told[label.end() :]) if label else b""
    return f"{ALGORITHM}:{octets.hex()}" if len(octets) == _SHA256_BYTES else told


def _octets(text: str) -> bytes:
    """Decode a digest of SHA-256 by the length of its text; b"" where it is none."""
    text = text.rstrip("=")
    try:
        if len(text) == 2 * _SHA256_BYTES:
            return bytes.fromhex(text)
        if len(text) == 52:
            return base64.b32decode(text.upper() + "====")
        return base64.b64decode(text + "=", altchars=b"-_") if len(text) == 43 else b""
    except ValueError:
        return b""


def _truncated(head: ForeignHead) -> str | None:
    """Say why a response is not whole; the first segment of several is not either, and the others are not joined to it."""
    if head.type != "response":
        return None
    told = head.field(b"WARC-Truncated").decode("latin-1").lower()
    return told or ("unspecified" if head.field(b"WARC-Segment-Number") else None)


def _id(octets: bytes) -> str | None:
    """Give an id as WARC 1.1 spells it, None where it is no URI."""
    uri = octets.decode("latin-1").strip().removeprefix("<").removesuffix(">").strip()
    return f"<{uri}>" if len(uri) <= _MAX_ID and _URI.fullmatch(uri) else None


@lru_cache(maxsize=256)
def _is_address(url: str) -> bool:
    """Say whether an address can be asked for."""
    try:
        urlsplit(url).port  # noqa: B018  it raises where host or port are none
    except ValueError:
        return False
    return _URI.fullmatch(url) is not None
