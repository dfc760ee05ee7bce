"""One WARC record as a value: its fields, what capture it is, how it is spelt.

Takes   fields and block of a record.
Gives   Record, Capture, Original; the bytes of a response made whole from a revisit.
Writes  nothing.

Writer and reader both make a Capture by `http_capture`, so that a capture read back equals the one that was written.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, cast, get_args
from urllib.parse import quote

from ..errors import WarcError
from ..fixity import payload_digest
from ..http import Head, header, media_type, parse_head, parse_response, payload_of
from ..model import Capture, RecordType, Truncation

IDENTICAL = "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest"
NOT_MODIFIED = "http://netpreserve.org/warc/1.1/revisit/server-not-modified"
CONFORMS_TO = "http://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/"

# What RFC 3986, 2, lets stand in a URI, without "%" (looked at alone), the brackets, which only a host may have, and "#",
# of which there is one at most, before the fragment.
_URI_SAFE = "!$&'()*+,-./:;=?@_~"
_STRAY_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
_AUTHORITY = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://[^/?#]*")
_PLAIN_URI = re.compile(r"(?:[A-Za-z0-9!$&'()*+,\-./:;=?@_~]|%[0-9A-Fa-f]{2})*")
_LONE_SURROGATE = re.compile("[\ud800-\udc7f\udd00-\udfff]")  # the others stand for a byte each
_PROFILE_VERSION = re.compile(r"/warc/1\.\d/")
_MAX_HOPS = 8  # a revisit that refers to a revisit that …: more is a ring


@dataclass(frozen=True, slots=True)
class Record:
    """One record as read. headers: field names as written; block: its bytes; offset, length: of its gzip member."""

    type: RecordType
    record_id: str
    url: str | None
    date: datetime
    date_text: str
    headers: Mapping[str, str]
    block: bytes
    offset: int
    length: int
    file: str


@dataclass(frozen=True, slots=True)
class Original:
    """The response record that holds a payload. date: WARC-Date as written in it; digest: of its payload."""

    record_id: str
    url: str
    date: str
    digest: str


def warc_date(moment: datetime) -> str:
    """Spell a time as WARC-Date, UTC with milliseconds. Source: WARC 1.1, 5.4 (fractions since 1.1).

    >>> warc_date(datetime(2018, 8, 30, 2, 5, 0, 7999, UTC))
    '2018-08-30T02:05:00.007Z'
    """
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"


def parse_date(text: str) -> datetime:
    """Read a WARC-Date. Raises ValueError where it is none."""
    moment = datetime.fromisoformat(text)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def record_uri(url: str) -> str:
    """Escape an address as WARC-Target-URI wants it; what is a URI already stays as it is.

    Characters that no URI may have are percent-encoded as UTF-8; bytes that came as lone surrogates (errors=
    "surrogateescape") as themselves. Source: WARC 1.1, 5.13 ("properly escaped according to RFC 3986").

    >>> record_uri("http://example.org/连 载?a=[1]&b=100%")
    'http://example.org/%E8%BF%9E%20%E8%BD%BD?a=%5B1%5D&b=100%25'
    """
    if _PLAIN_URI.fullmatch(url):
        return url
    authority = _AUTHORITY.match(url)
    start = authority.end() if authority else 0
    path, mark, fragment = url[start:].partition("#")
    rest = _escape(path, _URI_SAFE + "%") + mark + _escape(fragment, _URI_SAFE + "%")
    return _escape(url[:start], _URI_SAFE + "%[]") + rest


def _escape(part: str, safe: str) -> str:
    known = _LONE_SURROGATE.sub("\N{REPLACEMENT CHARACTER}", _STRAY_PERCENT.sub("%25", part))
    return quote(known.encode("utf-8", "surrogateescape"), safe=safe)


def place(  # the nine facts are the record's own; a class for them would be Capture again
    kind: RecordType,
    record_id: str,
    url: str,
    date: str,
    where: tuple[str, int, int],
    digest: str,
    *,
    payload_bytes: int,
    mime: str = "",
    refers_to: str | None = None,
) -> Capture:
    """Make the capture of a record, without what an HTTP head tells. where: file, offset, length; date: WARC-Date."""
    file, offset, length = where
    return Capture(
        record_id=record_id,
        type=kind,
        url=url,
        fetched=parse_date(date),
        file=file,
        offset=offset,
        length=length,
        status=None,
        mime=mime.split(";")[0].strip().lower(),
        payload_digest=digest,
        payload_bytes=payload_bytes,
        refers_to=refers_to,
    )


def http_capture(capture: Capture, head: Head, truncated: str | None) -> Capture:
    """Complete a capture by what the head of its response says. truncated: WARC-Truncated of a response."""
    if truncated is not None and truncated not in get_args(Truncation):
        truncated = "unspecified"  # WARC 1.1, 5.14, lets others name further reasons
    return replace(
        capture,
        status=head.status,
        mime=media_type(head),
        truncated=cast(Truncation | None, truncated),
        etag=header(head, "etag"),
        last_modified=header(head, "last-modified"),
    )


def capture_of(record: Record) -> Capture | None:
    """Give the capture that a record is: response, revisit or resource; None for the others.

    payload_bytes is what this record itself holds: 0 for a revisit. A revisit's mime is its own head's; status and
    mime of a response with no status line are 0 and "".
    """
    if record.type == "resource":
        return _captured(record, record.block, mime=record.headers.get("Content-Type", ""))
    if record.type not in ("response", "revisit"):
        return None
    head = parse_head(record.block)
    if record.type == "revisit":
        return http_capture(_captured(record, b""), head, None)
    payload = payload_of(record.block, head).data
    return http_capture(_captured(record, payload), head, record.headers.get("WARC-Truncated"))


def _captured(record: Record, payload: bytes | memoryview, mime: str = "") -> Capture:
    return place(
        record.type,
        record.record_id,
        record.url or "",
        record.date_text,
        (record.file, record.offset, record.length),
        record.headers.get("WARC-Payload-Digest") or payload_digest(payload),
        payload_bytes=len(payload),
        mime=mime,
        refers_to=record.headers.get("WARC-Refers-To"),
    )


def original_of(record: Record) -> Original | None:
    """Give what later revisits may refer to: a whole response with a payload; None for any other record."""
    capture = capture_of(record)
    if capture is None or record.type != "response" or not capture.payload_bytes or capture.truncated:
        return None
    return Original(record.record_id, capture.url, record.date_text, capture.payload_digest)


def metadata_of(record: Record) -> dict[str, Any]:
    """Read the JSON of a metadata record that lianzai wrote. Raises WarcError where it is no JSON object."""
    try:
        payload = json.loads(record.block)
    except ValueError as error:
        raise WarcError(f"{record.file}: offset {record.offset}: metadata is not JSON: {error}") from error
    if not isinstance(payload, dict):
        raise WarcError(f"{record.file}: offset {record.offset}: metadata: expected a JSON object")
    return payload


def response_bytes(record: Record, load: Callable[[str], Record]) -> bytes:
    """Give the whole response that a record stands for: head and body.

    load: gives a record by its id. A response is its own block. A revisit with an identical payload is its own head
    and the original's payload, framed as that head says, so that parse_response finds the same payload in it. A
    revisit by 304 is the original's response: its own head says only that this still holds.
    Raises WarcError for a record that is no response, a profile that is not known, or a ring of revisits.
    """
    own = b""
    for _ in range(_MAX_HOPS):
        if record.type == "response":
            return _rejoin(own, parse_response(record.block).payload) if own else record.block
        profile = _profile(record)
        if profile == IDENTICAL and not own:
            own = record.block
        record = load(record.headers.get("WARC-Refers-To", ""))
    raise WarcError(f"{record.file}: offset {record.offset}: revisits that refer to each other without end")


def _profile(record: Record) -> str:
    """Give the profile of a revisit in its 1.1 spelling. Raises WarcError where it is none that is known."""
    where = f"{record.file}: offset {record.offset}"
    if record.type != "revisit":
        raise WarcError(f"{where}: a {record.type} record is no response")
    profile = _PROFILE_VERSION.sub("/warc/1.1/", record.headers.get("WARC-Profile", ""))
    if profile not in (IDENTICAL, NOT_MODIFIED):
        raise WarcError(f"{where}: revisit profile {profile!r} is not known")
    return profile


def _rejoin(block: bytes, payload: bytes) -> bytes:
    """Put a payload under another head of the same content, in chunks if that head says so."""
    head = parse_head(block)
    coding = (header(head, "transfer-encoding") or "").lower()
    if "chunked" in coding and payload:
        payload = b"%x\r\n%b\r\n0\r\n\r\n" % (len(payload), payload)
    return block[: head.length] + payload
