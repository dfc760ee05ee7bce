"""What an index wants to know of an HTTP answer, read fast.

Takes   the first bytes of a block.
Gives   HttpAnswer: status, media type, whether the body is chunked, length of the head.
Writes  nothing.

archive.http takes a head apart into all its lines and is asked where a head is unusual; here two are looked for: 5 us against 30.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from ..http import Head, media_type, parse_head

_USUAL = re.compile(rb"HTTP/\d\.\d ([2-9]\d\d)(?: [^\r\n]*)?\r\n")
_TYPE = re.compile(rb"\ncontent-type:[ \t]*+([^\r\n]*+)\r", re.IGNORECASE)
_TRANSFER = re.compile(rb"\ntransfer-encoding[ \t]*:", re.IGNORECASE)
_ODD = re.compile(rb"\n[ \t]|[^\r]\n|\r[^\n]|\ncontent-type[ \t]+:", re.IGNORECASE)
_LINE_ENDS = re.compile(rb"[\r\n]*")
_MAX_INTERIM = 16  # interim heads before the answer; servers send one or two


@dataclass(slots=True)
class HttpAnswer:
    """status: 0 where there is no status line. mime: lower case, "" where not told. length: of the head, blank line included.

    Interim (1xx) heads before it count to its length. cut: the head does not end in the bytes that were looked at.
    """

    status: int
    mime: str
    chunked: bool
    length: int
    cut: bool = False


def read_answer(block: bytes) -> HttpAnswer:
    """Read the head of an answer as archive.http does. Never raises."""
    return usual_answer(block) or _unusual(block)


def usual_answer(block: bytes) -> HttpAnswer | None:
    """Read a head that ends in `block` and has no line that more than one way of reading could take; None of all others.

    What follows it is the payload: no transfer coding is told.
    """
    status = _USUAL.match(block)
    end = block.find(b"\r\n\r\n") + 4
    if status is None or end < 4 or _ODD.search(block, 0, end) or _TRANSFER.search(block, 0, end):
        return None
    told = _TYPE.search(block, status.end() - 1, end)
    return HttpAnswer(int(status[1]), _mime(told[1]) if told else "", False, end)


def final_head(block: bytes) -> tuple[Head, int]:
    """Give the head of an answer and where it begins: behind interim (1xx) heads, which some tools keep. Never raises."""
    begin, head = 0, parse_head(block)
    for _ in range(_MAX_INTERIM):
        after = _LINE_ENDS.match(block, begin + head.length).end()  # type: ignore[union-attr]  # it matches nothing too
        if not 100 <= head.status < 200 or block[after : after + 5].upper() != b"HTTP/":
            break
        begin, head = after, parse_head(block[after:])
    return head, begin


def listed(head: Head, name: str) -> list[str]:
    """Give the members of a list header over all its lines, in lower case, without parameters, empty ones and "identity"."""
    values = (value for key, value in head.headers if key.lower() == name)
    members = (member.split(";")[0].strip().lower() for value in values for member in value.split(","))
    return [member for member in members if member not in ("", "identity")]


def is_chunked(head: Head) -> bool:
    """Say whether a head tells of chunks; an answer that has no body has none either (RFC 9112, 6.3)."""
    bodiless = head.status in (204, 304) or 100 <= head.status < 200
    return not bodiless and listed(head, "transfer-encoding")[-1:] == ["chunked"]


def _unusual(block: bytes) -> HttpAnswer:
    head, begin = final_head(block)
    cut = head.problem == "the head is cut"
    return HttpAnswer(head.status, media_type(head), is_chunked(head) and not cut, begin + head.length, cut)


@lru_cache(maxsize=256)
def _mime(content_type: bytes) -> str:
    return media_type(Head("", 0, "", (("Content-Type", content_type.decode("latin-1").strip(" \t")),), 0))
