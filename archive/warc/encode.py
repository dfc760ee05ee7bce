"""Spell records as bytes: named fields, block, one gzip member.

Takes   the parts of a record.
Gives   its gzip member, in pieces where its block is not held in memory; what an exchange's answer is worth (Answer).
Writes  nothing.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from isal import igzip_lib, isal_zlib

from ..fixity import label, payload_digest
from ..http import Head, header, name_payload, parse_head, parse_request
from ..model import Exchange, RecordType, Truncation
from ..octets import Octets, Spooled, stretch
from .record import CONFORMS_TO, IDENTICAL, NOT_MODIFIED, Original

# 264 news pages as records: level 1 552 MB/s at ratio 4.30, level 3 195 MB/s at 4.47, level 0 grows what is compressed
# already (NOTES 4). Level 2 beside level 1 here: the same time within the noise, 0.4 % fewer bytes on news pages.
LEVEL = 2
_BREAKS = re.compile(r"[\x00-\x1f\x7f]+")
_TOKEN = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")  # WARC 1.1, 4: token
_END = b"\r\n\r\n"  # of a record
_UUID_FOUR = 4 << 76 | 2 << 62  # version 4, variant 10
_UUID_FREE = ~(15 << 76 | 3 << 62)
_PLAIN_TRANSFER = ("", "chunked", "identity")


@dataclass(frozen=True, slots=True)
class Answer:
    """A response as the writer sees it. keeps: whole and not empty, so that later ones may refer to it."""

    head: Head
    digest: str
    payload_bytes: int
    truncated: Truncation | None
    keeps: bool

    @classmethod
    def of(cls, exchange: Exchange) -> Answer:
        """Take a response apart. A body that lacks something is marked, even where the fetch did not notice."""
        head = parse_head(exchange.response)
        payload = name_payload(exchange.response, head, method=_method(exchange.request))
        truncated = exchange.truncated or (None if payload.whole else "disconnect")
        transfer = (header(head, "transfer-encoding") or "").strip().lower()
        keeps = bool(payload.bytes) and not truncated and head.length > 0 and transfer in _PLAIN_TRANSFER
        return cls(head, payload.digest, payload.bytes, truncated, keeps)


def _method(request: bytes) -> str:
    return request[:8].partition(b" ")[0].decode("latin-1")


def record_id() -> str:
    """Make a new record id, a random UUID. Source: WARC 1.1, 5.2; RFC 9562, 5.4.

    Spelt by hand: the class of the standard library took 13 us, twice a pair of records; this takes 2.

    >>> record_id()[:10]
    '<urn:uuid:'
    """
    digits = ((int.from_bytes(os.urandom(16)) & _UUID_FREE) | _UUID_FOUR).to_bytes(16).hex()
    return f"<urn:uuid:{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}>"


def member(kind: RecordType, name: str, date: str, fields: Iterable[str], content_type: str, block: bytes) -> bytes:
    """Give the gzip member of one record.

    name: its id. date: WARC-Date. fields: further lines "Name: value", without line ends.
    Source: WARC 1.1, 4 for the grammar, annex D for one member a record.
    """
    head = _head(kind, name, date, fields, content_type, payload_digest(block), len(block))
    return igzip_lib.compress(b"".join((head, block, _END)), LEVEL, igzip_lib.COMP_GZIP)


def _member_in_pieces(
    kind: RecordType, name: str, date: str, fields: Iterable[str], content_type: str, block: Spooled
) -> Iterator[bytes]:
    """Give the gzip member of a record whose block is read twice: for its digest, and as it is packed. Raises OSError."""
    digest = hashlib.sha256()
    for piece in block.pieces():
        digest.update(piece)
    head = _head(kind, name, date, fields, content_type, label(digest.hexdigest()), len(block))
    packer = isal_zlib.compressobj(LEVEL, isal_zlib.DEFLATED, 16 + isal_zlib.MAX_WBITS)
    yield packer.compress(head)
    for piece in block.pieces():
        yield packer.compress(piece)
    yield packer.compress(_END) + packer.flush()


def _head(
    kind: RecordType, name: str, date: str, fields: Iterable[str], content_type: str, digest: str, length: int
) -> bytes:
    """Spell a record's named fields. digest, length: of its block."""
    lines = (
        "WARC/1.1",
        f"WARC-Type: {kind}",
        f"WARC-Record-ID: {name}",
        f"WARC-Date: {date}",
        *fields,
        f"WARC-Block-Digest: {digest}",
        f"Content-Type: {content_type}",
        f"Content-Length: {length}",
        "\r\n",
    )
    return "\r\n".join(lines).encode()


def request_member(exchange: Exchange, date: str, common: list[str], *, response_id: str) -> bytes:
    """Give the request record of an exchange. common: the fields it shares with the response."""
    body = b"" if exchange.request.endswith(b"\r\n\r\n") else parse_request(exchange.request).body
    digest = [f"WARC-Payload-Digest: {payload_digest(body)}"] if body else []
    fields = [*common, f"WARC-Concurrent-To: {response_id}", *digest]
    return member("request", record_id(), date, fields, "application/http;msgtype=request", exchange.request)


def answer_member(
    exchange: Exchange, answer: Answer, original: Original | None, name: str, date: str, common: list[str]
) -> tuple[RecordType, Iterable[bytes]]:
    """Give the response record of an exchange, or the revisit where `original` holds its payload; in pieces.

    Source: WARC 1.1, 6.7: a block cut for an identical payload is marked WARC-Truncated: length; that of a 304 is whole.
    """
    kind: RecordType = "revisit" if original else "response"
    block: Octets = exchange.response
    fields = [f"WARC-Payload-Digest: {original.digest if original else answer.digest}"]
    if original is not None:
        same = answer.head.status != 304
        block = stretch(block, 0, answer.head.length) if same else block
        fields += [
            f"WARC-Profile: {IDENTICAL if same else NOT_MODIFIED}",
            f"WARC-Refers-To: {original.record_id}",
            f"WARC-Refers-To-Target-URI: {original.url}",
            f"WARC-Refers-To-Date: {original.date}",
        ]
    truncated = "length" if block is not exchange.response else answer.truncated
    fields += [f"WARC-Truncated: {truncated}"] if truncated else []
    fields, mime = [*common, *fields], "application/http;msgtype=response"
    if isinstance(block, bytes):
        return kind, (member(kind, name, date, fields, mime, block),)
    return kind, _member_in_pieces(kind, name, date, fields, mime, block)


def json_block(payload: Mapping[str, Any]) -> bytes:
    """Spell a metadata record's block: compact JSON in UTF-8; what UTF-8 cannot say (lone surrogates) is escaped."""
    try:
        return json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode()
    except UnicodeEncodeError:
        return json.dumps(payload, separators=(",", ":")).encode()


def ip_field(ip: str | None) -> list[str]:
    """Give the WARC-IP-Address line; the zone of a link-local address ("%eth0") is no part of it (RFC 4291, 2.2)."""
    return [f"WARC-IP-Address: {ip.partition('%')[0]}"] if ip else []


def info_block(info: Mapping[str, str]) -> bytes:
    """Spell the block of a warcinfo record, application/warc-fields in UTF-8; empty values are left out.

    Raises ValueError for a name that is no token. Source: WARC 1.1, 6.2.
    """
    own = {"software": software(), "format": "WARC File Format 1.1", "conformsTo": CONFORMS_TO}
    if bad := [name for name in info if not _TOKEN.fullmatch(name)]:
        raise ValueError(f"warcinfo: {bad[0]!r} is no field name")
    values = {name: one_line(value) for name, value in {**own, **info}.items()}
    return "".join(f"{name}: {value}\r\n" for name, value in values.items() if value).encode()


def one_line(value: str) -> str:
    """Put a value on one line, as a named field wants it.

    >>> one_line("a \\r\\n b")
    'a b'
    """
    return " ".join(_BREAKS.sub(" ", value).split())


def software() -> str:
    """Name this program and what it runs on, for warcinfo."""
    from importlib.metadata import PackageNotFoundError, version  # 20 ms of import, which a reader need not pay

    try:
        own = version("lianzai")
    except PackageNotFoundError:
        own = "unpacked"  # run from a checkout that is not installed
    return f"lianzai/{own} {platform.python_implementation().lower()}/{platform.python_version()}"
