"""Take a raw HTTP message apart, as tolerant as browsers are.

Takes   bytes of one request or response, interim (1xx) heads cut off.
Gives   Head, Response, Request; the payload with its transfer coding removed as far as it is whole.
Writes  nothing.

Heads may end their lines with LF alone, fold headers, lack the reason or a colon; what has no head at all is HTTP/0.9
or rubbish: status 0, everything payload. Sources: RFC 9112 (HTTP/1.1), 2.2, 4, 5.2, 6.3, 7.1; RFC 9110, 8.4.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ..octets import Octets
from . import codings
from .codings import MAX_DECODED, Decoded

Headers = tuple[tuple[str, str], ...]

_HEAD_END = re.compile(rb"\n\r?\n")
_STATUS = re.compile(rb"(HTTP/\d+(?:\.\d+)?)[ \t]+(\d{3})(?:[ \t]+(.*))?", re.IGNORECASE | re.DOTALL)
_CHUNK = re.compile(rb"[ \t]*([0-9A-Fa-f]{1,16})[ \t]*(?:;[^\n]*)?\r?\n")
_SIZE_BEGUN = re.compile(rb"[ \t]*[0-9A-Fa-f]{0,16}[ \t]*(?:;.*)?\r?", re.DOTALL)
_SIZE_BYTES = 256  # of the line of a chunk's size, extensions and all
_CHUNK_END = re.compile(rb"\r?\n?")
_BLANKS = " \t\r\n"
_EMPTY_LINES = re.compile(rb"[\r\n]*")
_MEDIA_TYPE = re.compile(r"[a-z0-9!#$&^_.+*-]+/[a-z0-9!#$&^_.+*-]+")  # RFC 6838, 4.2, with * as some servers send it
CUT_CHUNKS = "the body is cut: its last chunk is not there"
LONGEST_HEAD = 4 << 20  # bytes in which the head of a response ends that is not held
_MAX_CODINGS = 8  # more codings one over the other than anyone has a use for: a bomb


@dataclass(frozen=True, slots=True)
class Head:
    """Status line and headers of a response. length: bytes, blank line included; 0 where there is no head."""

    version: str
    status: int
    reason: str
    headers: Headers
    length: int
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class Body:
    """Payload of a message, a view of the message's own bytes where it can be. whole: nothing of it is known to lack.

    surplus: how many of its bytes are behind what Content-Length says.
    """

    data: bytes | memoryview
    problem: str | None = None
    whole: bool = True
    surplus: int = 0


@dataclass(frozen=True, slots=True)
class Response:
    """One HTTP response taken apart.

    status: 0 where there is no status line. headers: in order, Latin-1, as sent but for folds; lines without a colon
    are left out. head_bytes: length of the head with its blank line. payload: transfer coding removed as far as it is
    whole, content coding kept. problem: what is wrong with it, or None. whole: nothing of it is known to lack. surplus: bytes
    at the end of the payload that are more than Content-Length says.
    """

    version: str
    status: int
    reason: str
    headers: Headers
    head_bytes: int
    payload: bytes
    problem: str | None = None
    whole: bool = True
    surplus: int = 0


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request taken apart; headers as in Response, body with its transfer coding removed."""

    method: str
    target: str
    version: str
    headers: Headers
    head_bytes: int
    body: bytes


def parse_response(raw: bytes, *, method: str = "GET") -> Response:
    """Take a response apart. method: of its request; the answer to HEAD has no body. Never raises."""
    head = parse_head(raw)
    body = payload_of(raw, head, method=method)
    problem = "; ".join(p for p in (head.problem, body.problem) if p) or None
    return Response(
        head.version, head.status, head.reason, head.headers, head.length, bytes(body.data), problem, body.whole,
        body.surplus,
    )  # fmt: skip


def parse_head(response: Octets) -> Head:
    """Read status line and headers. Never raises on what a server sent; OSError where it is not held and cannot be read."""
    raw = response if isinstance(response, bytes) else response[:LONGEST_HEAD]
    start = _EMPTY_LINES.match(raw).end()  # type: ignore[union-attr]  # it matches the empty string
    if raw[start : start + 5].upper() != b"HTTP/":
        return Head("", 0, "", (), 0, "no status line: HTTP/0.9 or no HTTP")
    end = _HEAD_END.search(raw, start)
    length = end.end() if end else len(raw)
    lines = raw[start:length].split(b"\n")
    status = _STATUS.fullmatch(lines[0].rstrip(b"\r"))
    problem = None if end else "the head is cut"
    if status is None:
        return Head("", 0, "", _headers(lines[1:]), length, problem or "the status line is not HTTP's")
    version, code, reason = status.groups(default=b"")
    return Head(_text(version), int(code), _text(reason), _headers(lines[1:]), length, problem)


def payload_of(raw: bytes, head: Head, *, method: str = "GET") -> Body:
    """Find the payload of a response: what follows the head, transfer coding removed as far as it is whole.

    More bytes than Content-Length says are kept in the payload (and told), because archives made by others often hold
    a decoded body under the old length.
    """
    rest = memoryview(raw)[head.length :]
    if head.problem == "the head is cut":
        return Body(b"", whole=False)
    if method.upper() == "HEAD" or head.status in (204, 304) or 100 <= head.status < 200:
        return Body(rest, f"{len(rest)} bytes where no body can be" if rest else None)
    transfer = _listed(head.headers, "transfer-encoding")
    if transfer:
        return _untransfer(raw, head.length, transfer)
    return by_length(rest, head.headers)


def fault_of(raw: bytes) -> str | None:
    """Say in what way a response is no HTTP; None where it is, or only breaks off.

    >>> fault_of(b"SSH-2.0-OpenSSH_9\\r\\n"), fault_of(b"HTTP/1.1 200 OK\\r\\nContent-Length: 7, 9\\r\\n\\r\\n")
    ("no HTTP: it begins with 'SSH-2.0-OpenSSH_9'", 'Content-Length is no single number: 7, 9')
    """
    head = parse_head(raw)
    if head.problem == "the head is cut" or b"HTTP/".startswith(raw):
        return None
    if not head.status:
        return f"no HTTP: it begins with {_shown(raw)}"
    transfer = _listed(head.headers, "transfer-encoding")
    if transfer[-1:] == ["chunked"]:
        return _chunk_fault(raw, head.length)
    if transfer:
        return f"the transfer coding {transfer[-1][:40]!r} is not known"
    told = _lengths(head.headers)
    return _no_number(told) if told and _single(told) is None else None


def header(message: Response | Request | Head, name: str) -> str | None:
    """Give the first value of a header, or None. name: any case."""
    return next(_values(message.headers, name.lower()), None)


def media_type(response: Response | Head) -> str:
    """Give the media type without parameters, lower case; "" where the header is not there or not a type.

    >>> media_type(parse_head(b"HTTP/1.1 200 OK\\r\\nContent-Type: Text/HTML; charset=gbk\\r\\n\\r\\n"))
    'text/html'
    """
    told = (header(response, "content-type") or "").split(";")[0].split(",")[0].strip().lower()
    return told if _MEDIA_TYPE.fullmatch(told) else ""


def decode_payload(response: Response, *, limit: int = MAX_DECODED) -> Decoded:
    """Undo the content codings of a response, the last applied first; never more than `limit` bytes come out.

    A text that is gzip without saying so (or once more than it says) is decoded too, as browsers' users would want it.
    Never raises on a body; what is wrong with it is told in `problem`.
    """
    listed = _listed(response.headers, "content-encoding")
    if len(listed) > _MAX_CODINGS:
        return Decoded(response.payload, f"{len(listed)} content codings; at most {_MAX_CODINGS} are undone")
    decoded = _undo_all(listed, response.payload, limit)
    if decoded.problem is None and codings.looks_gzipped(decoded.body) and media_type(response).startswith("text/"):
        again = codings.undo("gzip", decoded.body, limit)
        return again if again.body else decoded
    return decoded


def parse_request(raw: bytes) -> Request:
    """Take a request apart. Never raises: what has no request line has method and target ""."""
    end = _HEAD_END.search(raw)
    length = end.end() if end else len(raw)
    lines = raw[:length].split(b"\n")
    words = _text(lines[0]).split(" ")
    method, target, version = (words[0], " ".join(words[1:-1]), words[-1]) if len(words) > 2 else ("", "", "")
    headers = _headers(lines[1:])
    transfer = _listed(headers, "transfer-encoding")
    body = _untransfer(raw, length, transfer).data if transfer else raw[length:]
    return Request(method, target, version, headers, length, bytes(body))


def _undo_all(listed: list[str], body: bytes, limit: int) -> Decoded:
    """Undo codings from the last to the first; stop at the first that fails."""
    for coding in reversed(listed):
        decoded = codings.undo(coding, body, limit)
        body = decoded.body
        if decoded.problem:
            return decoded
    return Decoded(body)


def _text(octets: bytes) -> str:
    return octets.decode("latin-1").strip(_BLANKS)


def _headers(lines: Iterable[bytes]) -> Headers:
    """Read header lines; a line that begins blank continues the one before (RFC 9112, 5.2), also one without a colon.

    So crawler.connection reads them off the wire: what continues a line that is none goes with it.
    """
    found: list[str] = []
    for line in lines:
        if line[:1] not in (b" ", b"\t"):
            found.append(_text(line))
        elif found and (more := _text(line)):
            found[-1] = f"{found[-1]} {more}"
    named = (line.partition(":") for line in found)
    return tuple((name.strip(_BLANKS), value.strip(_BLANKS)) for name, colon, value in named if colon)


def _values(headers: Headers, name: str) -> Iterator[str]:
    return (value for key, value in headers if key.lower() == name)


def _listed(headers: Headers, name: str) -> list[str]:
    """Give the members of a list header in lower case, over all its lines, without empty ones and "identity"."""
    members = (m.split(";")[0].strip().lower() for value in _values(headers, name) for m in value.split(","))
    return [member for member in members if member not in ("", "identity")]


def by_length(rest: memoryview, headers: Headers) -> Body:
    """Compare what follows the head with Content-Length (RFC 9112, 6.3)."""
    told = _lengths(headers)
    if not told:
        return Body(rest)
    length = _single(told)
    if length is None:
        return Body(rest, _no_number(told))
    if len(rest) < length:
        return Body(rest, f"the body is cut: {len(rest)} of {length} bytes", whole=False)
    surplus = len(rest) - length
    return Body(rest, f"{surplus} bytes more than Content-Length" if surplus else None, surplus=surplus)


def is_short(head: Head, there: int) -> bool:
    """Tell whether fewer bytes follow a head than its Content-Length says."""
    length = _single(_lengths(head.headers))
    return length is not None and there < length


def _lengths(headers: Headers) -> set[str]:
    return {member.strip() for value in _values(headers, "content-length") for member in value.split(",")}


def _single(told: set[str]) -> int | None:
    """Give the one number that Content-Length tells; None where it is none, or several."""
    value = next(iter(told)) if len(told) == 1 else ""
    return int(value) if value.isascii() and value.isdigit() and len(value) <= 18 else None


def _no_number(told: set[str]) -> str:
    return f"Content-Length is no single number: {', '.join(sorted(told))[:60]}"


def _shown(raw: bytes) -> str:
    """Show the first line of what is not what it should be."""
    return repr(raw[:40].lstrip(b"\r\n").split(b"\n", 1)[0].rstrip(b"\r").decode("utf-8", "replace"))


def _untransfer(raw: bytes, start: int, transfer: list[str]) -> Body:
    """Remove the transfer codings of the body that begins at `start`."""
    body = _dechunk(raw, start) if transfer[-1] == "chunked" else Body(memoryview(raw)[start:])
    others = [coding for coding in transfer if coding != "chunked"]
    if not others:
        return body
    decoded = _undo_all(others, bytes(body.data), MAX_DECODED)
    problem = "; ".join(p for p in (body.problem, decoded.problem) if p) or None
    return Body(decoded.body, problem, body.whole and decoded.problem is None)


def _dechunk(raw: bytes, start: int) -> Body:
    """Join the chunks from `start` on (RFC 9112, 7.1). A body that is not chunked at all is given back as it is."""
    view, at = memoryview(raw), start
    payload, begun = (
        bytearray(),
        False,
    )  # not a list of its parts: each would take 200 bytes, and a chunk may be one byte
    while size_line := _CHUNK.match(raw, at):
        size = int(size_line[1], 16)
        at = size_line.end()
        if size == 0:
            return Body(memoryview(payload), _after_chunks(raw, at))
        payload += view[at : at + size]
        begun = True
        at += size
        if at > len(raw):
            break
        at += 2 if raw[at : at + 2] == b"\r\n" else 1 if raw[at : at + 1] == b"\n" else 0
    if not begun and at < len(raw):
        return Body(view[start:], "not chunked, though it says so")
    return Body(memoryview(payload), CUT_CHUNKS, whole=False)


def _chunk_fault(raw: bytes, start: int) -> str | None:
    """Say what stands where the size of a chunk should; None where each chunk that came has one."""
    at = start
    while size_line := _CHUNK.match(raw, at):
        size, at = int(size_line[1], 16), size_line.end()
        if size == 0 or at + size >= len(raw):
            return None
        at = _CHUNK_END.match(raw, at + size).end()  # type: ignore[union-attr]  # it matches nothing too
    line = raw[at : at + _SIZE_BYTES].partition(b"\n")
    is_begun = not line[1] and len(line[0]) < _SIZE_BYTES and _SIZE_BEGUN.fullmatch(line[0])
    return None if is_begun else f"the size of a chunk is {_shown(raw[at:])}"


def _after_chunks(raw: bytes, at: int) -> str | None:
    """Pass the trailers; say what follows them."""
    if raw[at : at + 2] == b"\r\n" or raw[at : at + 1] == b"\n":
        end = at + (2 if raw[at : at + 1] == b"\r" else 1)
    else:
        blank = _HEAD_END.search(raw, at)
        end = blank.end() if blank else len(raw)
    return f"{len(raw) - end} bytes after the last chunk" if end < len(raw) else None
