"""CDXJ lines of WARC and ARC files made by others.

Takes   a file.
Gives   a line a capture (response, resource, revisit) and a metadata record of an address, nearly in the order of the file: a
        capture that waits for its request comes behind what stands between them; what is damaged is told.
Writes  nothing.

Fields and their order are cdxj-indexer's. Of others' conventions: "warc/revisit" as mime of a revisit; no status where there
is no HTTP head; the digest as in the record. A metadata record is found by its address as a capture is (what a browser saw of a
page, as pywb and browsertrix keep it), but for named fields (what a crawler says of a capture); these pywb leaves out too, where
cdxj-indexer 1.5.0 takes text/anvl for a capture, which then is replayed in place of the page (webrecorder/pywb#366);
conversion and request records get no line (pywb), nor does what has no address: nobody could ask for it. What a request sent
beside its address becomes part of the key of its answer (post.py).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

from ..http import parse_request
from ..surt import surt
from ..warc.asked import ANSWERS, with_requests
from ..warc.foreign import Damage, ForeignRecord, read_foreign
from .lines import told
from .post import key_address, sent_with

_FIELDS = frozenset({"application/warc-fields", "text/anvl"})  # the second: WARC/0.17, 0.18
_MEDIA_TYPE = re.compile(r"[a-z0-9!#$&^_.+*-]+/[a-z0-9!#$&^_.+*-]+")  # RFC 6838, 4.2, with * as some have it


def foreign_lines(path: str | Path, tell: Callable[[Damage], None]) -> Iterator[bytes]:
    """Index a file. tell: is called with each damage. Gives lines with their line ends. Raises OSError."""
    name = Path(path).name
    for record, request in with_requests(read_foreign(path, tell)):
        if record.head.type in ANSWERS or _is_document(record):
            yield _line(record, request, name)


def _is_document(record: ForeignRecord) -> bool:
    """Say whether a metadata record is found by its address."""
    head = record.head
    return head.type == "metadata" and bool(head.url and head.timestamp) and _media_type(record) not in _FIELDS


def _line(record: ForeignRecord, request: ForeignRecord | None, name: str) -> bytes:
    """Give the line of a capture."""
    head = record.head
    fields = {"url": head.url}
    if mime := _mime(record):
        fields["mime"] = mime
    if record.http is not None and record.http.status:
        fields["status"] = str(record.http.status)
    if record.digest is not None:
        fields["digest"] = record.digest
    fields["length"] = str(record.length)
    fields["offset"] = str(record.offset)
    fields["filename"] = name
    if record.member is not None:
        # A gzip member of several records: no offset in the file leads to this one, so what reads only `offset` must fail
        # and not find another. `member` is where the gzip member begins, `skip` the bytes unpacked from there to be passed.
        fields["member"], fields["skip"] = map(str, record.member)
    key = head.url
    sent = None if request is None else sent_with(parse_request(request.block))
    if sent is not None:
        key = key_address(key, *sent)
        fields["requestBody"], fields["method"] = sent[1], sent[0]
    return f"{surt(key)} {head.timestamp} {told(fields)}\n".encode("ascii")


def _mime(record: ForeignRecord) -> str:
    """Give the media type: of the HTTP head, else of the record."""
    if record.head.type == "revisit":
        return "warc/revisit"
    if record.http is not None:
        return record.http.mime
    mime = _media_type(record)
    return mime if _MEDIA_TYPE.fullmatch(mime) and mime != "application/http" else ""


def _media_type(record: ForeignRecord) -> str:
    """Give the media type that the record has of its block, without parameters; "" where it has none."""
    return record.head.field(b"Content-Type").decode("latin-1").partition(";")[0].strip().lower()
