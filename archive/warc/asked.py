"""Each answer of a file made by others with the request that it answers.

Takes   ForeignRecords in the order of their file.
Gives   all but the requests; beside an answer its request, where that was no GET.
Writes  nothing. Memory is that of one request and one answer that waits for its own.

The request stands before its answer (wget, lianzai) or behind it (warcio, browsertrix). So an answer waits for the next record
that is a request or an answer; what is neither is given at once. Answers keep their order.
Source: WARC 1.1, 5.7 (WARC-Concurrent-To).
"""

from __future__ import annotations

from collections.abc import Iterator

from .foreign import ForeignRecord

ANSWERS = frozenset({"response", "resource", "revisit"})

Asked = tuple[ForeignRecord, ForeignRecord | None]  # a record, and its request


def with_requests(records: Iterator[ForeignRecord]) -> Iterator[Asked]:
    """Give each record that is no request; a GET adds nothing to what its address says, so it is not told."""
    asked: ForeignRecord | None = None
    waits: ForeignRecord | None = None
    for record in records:
        if record.head.type == "request":
            if record.block.startswith(b"GET "):
                continue
            if waits is not None and _belong(record, waits):
                yield waits, record
                waits = asked = None
            else:
                asked = record
        elif record.head.type not in ANSWERS:
            yield record, None
        else:
            if waits is not None:
                yield waits, None
            if asked is not None and _belong(asked, record):
                yield record, asked
                waits = asked = None
            else:
                waits = record
    if waits is not None:
        yield waits, None


def _belong(request: ForeignRecord, answer: ForeignRecord) -> bool:
    """Say whether a request is that of an answer: one names the other, or neither names any and the address is the same."""
    plain = answer.head.url.partition("__wb_method=")[0][
        :-1
    ]  # some tools append what was sent to the address of the answer
    if request.head.url not in (answer.head.url, plain):
        return False
    one, other = request.head.field, answer.head.field
    of_request, of_answer = one(b"WARC-Concurrent-To"), other(b"WARC-Concurrent-To")
    if not of_request and not of_answer:
        return True
    return of_request == other(b"WARC-Record-ID") or of_answer == one(b"WARC-Record-ID")
