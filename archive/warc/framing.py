"""Make the framing headers of a response agree with the bytes behind them.

Takes   the block of a response record as any tool wrote it.
Gives   a response in which archive.http finds the payload; bytes that are cut still show as cut.
Writes  nothing.

Browsers hand out bodies decoded, and many tools keep the headers that tell of what was taken off (webrecorder/warcio#31,
#74; Heritrix and browsertrix alike). Only framing is changed: Transfer-Encoding, Content-Encoding, Content-Length, chunks.
"""

from __future__ import annotations

import re

from ..http import Head
from ..http.codings import undo
from .answer import final_head, is_chunked, listed
from .payload import Chunks, Verdict

_LINE = re.compile(rb"[^\n]*\n(?:[ \t][^\n]*\n)*")  # a header with its folds
_LOOKED_AT = 64 << 10  # bytes of a body by which its coding is judged
_FEED = 256 << 10
_CONTROLS = re.compile(
    rb"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f\x7f]"
)  # no text has them; ISO-2022 has the ESC that lacks here
_SHORT = 128  # bytes; shorter bodies may lack controls by chance, so they must be UTF-8 too
# Where tools put the coding that they took off: pywb and browsertrix, wayback, warcio.js.
_TAKEN_OFF = ("x-orig-content-encoding", "x-archive-orig-content-encoding", "x-crawler-content-encoding")


def reframed(block: bytes, *, prefix: int) -> bytes:
    """Give a response that archive.http reads whole where its bytes are whole, interim heads left out.

    prefix: bytes in which its head must end; where it does not, these bytes alone are given: a cut head.
    """
    head, begin = final_head(block[:prefix])
    if head.problem == "the head is cut":
        return block[begin:prefix]
    if not head.length:
        return block
    start = begin + head.length
    return _joined(block[begin:start], head, memoryview(block)[start:])


def with_payload(block: bytes, payload: bytes) -> bytes:
    """Put a payload (transfer coding removed) under the head of a revisit."""
    head, begin = final_head(block)
    lines = _rewritten(block[begin : begin + head.length], {b"transfer-encoding": None})
    return _joined(lines, final_head(lines)[0], memoryview(payload))


def _joined(lines: bytes, head: Head, body: memoryview) -> bytes:
    """Join head and body, the head telling of the body as it is."""
    if head.status in (204, 304):
        return b"".join([lines, body])
    told, transfer = listed(head, "content-encoding"), listed(head, "transfer-encoding")
    payload, verdict = _dechunked(body) if is_chunked(head) else (body, "plain")
    changes: dict[bytes, bytes | None] = {}
    if transfer:
        changes[b"transfer-encoding"] = b"chunked" if verdict == "cut" else None
    # A transfer coding other than chunks is undone where content codings are, within the bounds that hold there.
    codings = _codings_there(told + [one for one in transfer if one != "chunked"], bytes(payload[:_LOOKED_AT]))
    if codings != told:
        changes[b"content-encoding"] = ", ".join(codings).encode("latin-1") or None
    if verdict == "cut":  # one chunk without the last one: what came is the payload, and it is seen to be cut
        payload = memoryview(b"".join([b"%x\r\n" % len(payload), payload, b"\r\n"]) if payload else b"")
    explained = bool(changes) or any(listed(head, name) for name in _TAKEN_OFF)
    if verdict != "cut" and _wrong_length(head, len(payload), explained=explained):
        changes[b"content-length"] = b"%d" % len(payload)
    return b"".join([_rewritten(lines, changes) if changes else lines, payload])


def _dechunked(body: memoryview) -> tuple[memoryview, Verdict]:
    """Take the chunks off; gives what they hold and the verdict, with the body itself where that is "plain"."""
    chunks, joined = Chunks(), bytearray()
    for at in range(0, len(body), _FEED):
        # Joined at once: as a list, chunks of one byte would take 30 times the memory.
        joined += b"".join(chunks.feed(body[at : at + _FEED]))
    verdict = chunks.verdict()
    return (body if verdict == "plain" else memoryview(joined)), verdict


def _codings_there(codings: list[str], sample: bytes) -> list[str]:
    """Leave out the codings that were taken off already. sample: first bytes of the payload."""
    while codings and sample:
        problem = undo(codings[-1], sample, _LOOKED_AT).problem
        if problem is None or not (problem.startswith("not ") or _is_text(sample)):
            break
        codings = codings[:-1]
    return codings


def _is_text(sample: bytes) -> bool:
    """Say whether bytes are a text, whatever its charset, and so no coded one."""
    if _CONTROLS.search(sample):
        return False
    if len(sample) >= _SHORT:
        return True
    try:
        sample.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _wrong_length(head: Head, there: int, *, explained: bool) -> bool:
    """Say whether Content-Length should tell the bytes there are: a body that is shorter is cut, unless that is explained."""
    values = [value for name, value in head.headers if name.lower() == "content-length"]
    told = {member.strip() for value in values for member in value.split(",")}
    if len(told) != 1 or not (length := told.pop()).isascii() or not length.isdigit() or len(length) > 18:
        return False
    return int(length) < there or (explained and int(length) > there)


def _rewritten(lines: bytes, changes: dict[bytes, bytes | None]) -> bytes:
    """Set headers, or leave them out where they are None; all other bytes of the head stay as they are."""
    kept, wanted = [], {name: value for name, value in changes.items() if value is not None}
    at = 0
    while match := _LINE.match(
        lines, at
    ):  # not finditer: it would look for the end of a cut head from each of its bytes
        at = match.end()
        spelt = match[0].partition(b":")[0].strip(b" \t\r\n")
        if spelt.lower() not in changes:
            kept.append(match[0])
        elif (value := wanted.pop(spelt.lower(), None)) is not None:
            kept.append(spelt + b": " + value + (b"\r\n" if match[0].endswith(b"\r\n") else b"\n"))
    added = [name + b": " + value + b"\r\n" for name, value in wanted.items()]
    return b"".join([*kept[:-1], *added, *kept[-1:]])
