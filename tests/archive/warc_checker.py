"""A strict checker of WARC 1.1 files, independent of the reader and the writer: standard library only.

Takes   the bytes of .warc.gz files that lianzai wrote, all files of a series together.
Gives   the faults, each as "file: offset: what"; an empty list if every "shall" that can be seen in the bytes holds.

It reads gzip members by hand (head, raw deflate, checksum, length), the record grammar of ISO 28500:2017 section 4, the
rules of each field and type (5, 6), and the references between records. warcio is not asked: it passes a cut last member.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import re
import struct
import zlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

GZIP_HEAD = bytes.fromhex("1f8b08000000000000ff")  # deflate, no flags, no time, no extra flags, system unknown
FIELD = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+): ([^\x00-\x1f\x7f]*)")
RECORD_ID = re.compile(r"<urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}>")
DATE = re.compile(r"\d{4}-[01]\d-[0-3]\dT[0-2]\d:[0-5]\d:[0-6]\d(\.\d{1,9})?Z")
URI = re.compile(
    r"[A-Za-z][A-Za-z0-9+.-]*:(//(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._~!$&'()*+,;=:@-]|%[0-9A-Fa-f]{2})*(?=[/?#]|$))?"
    r"([A-Za-z0-9._~!$&'()*+,;=:@/?-]|%[0-9A-Fa-f]{2})*(#([A-Za-z0-9._~!$&'()*+,;=:@/?-]|%[0-9A-Fa-f]{2})*)?"
)
DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
MEDIA = re.compile(r"[!#$&^_.+A-Za-z0-9-]+/[!#$&^_.+A-Za-z0-9-]+( ?; ?[A-Za-z0-9-]+=[^; ]+)*")
IP = re.compile(r"\d{1,3}(\.\d{1,3}){3}|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*")
PROFILES = {
    "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest": "identical",
    "http://netpreserve.org/warc/1.1/revisit/server-not-modified": "not-modified",
}
TARGETED = {"response", "resource", "request", "revisit"}
ALL = {"warcinfo", "metadata", *TARGETED}
ALLOWED = {  # field -> types that may have it (WARC 1.1, 5)
    "WARC-Type": ALL,
    "WARC-Record-ID": ALL,
    "WARC-Date": ALL,
    "Content-Length": ALL,
    "Content-Type": ALL,
    "WARC-Block-Digest": ALL,
    "WARC-Truncated": ALL,
    "WARC-Target-URI": TARGETED | {"metadata"},
    "WARC-Warcinfo-ID": ALL - {"warcinfo"},
    "WARC-Concurrent-To": {"request", "response", "resource", "metadata", "revisit"},
    "WARC-Payload-Digest": {"response", "resource", "request", "revisit"},
    "WARC-IP-Address": {"response", "resource", "request", "metadata", "revisit"},
    "WARC-Refers-To": {"metadata", "revisit"},
    "WARC-Refers-To-Target-URI": {"revisit"},
    "WARC-Refers-To-Date": {"revisit"},
    "WARC-Profile": {"revisit"},
    "WARC-Filename": {"warcinfo"},
}
GRAMMAR = {
    "WARC-Record-ID": RECORD_ID,
    "WARC-Warcinfo-ID": RECORD_ID,
    "WARC-Concurrent-To": RECORD_ID,
    "WARC-Refers-To": RECORD_ID,
    "WARC-Date": DATE,
    "WARC-Refers-To-Date": DATE,
    "WARC-Target-URI": URI,
    "WARC-Refers-To-Target-URI": URI,
    "WARC-Profile": URI,
    "WARC-Block-Digest": DIGEST,
    "WARC-Payload-Digest": DIGEST,
    "WARC-IP-Address": IP,
    "WARC-Truncated": re.compile("length|time|disconnect|unspecified"),
    "Content-Type": MEDIA,
    "Content-Length": re.compile(r"\d+"),
}
MANDATORY = ("WARC-Type", "WARC-Record-ID", "WARC-Date", "Content-Length", "Content-Type", "WARC-Block-Digest")


@dataclass
class Seen:
    """One record as the checker saw it."""

    where: str
    file: str
    fields: dict[str, str]
    block: bytes

    @property
    def type(self) -> str:
        return self.fields.get("WARC-Type", "")


@dataclass
class Checker:
    """Collects records and faults over the files of a series."""

    faults: list[str] = field(default_factory=list)
    records: list[Seen] = field(default_factory=list)


def check(paths: Iterable[Path]) -> list[str]:
    """Check the files of a series, in the order of their serials; give all faults."""
    checker = Checker()
    for path in paths:
        data, offset, first = path.read_bytes(), 0, len(checker.records)
        while offset < len(data):
            where = f"{path.name}: {offset}"
            plain, length, fault = member(data, offset)
            if fault:
                checker.faults.append(f"{where}: {fault}")
                break
            record(checker, where, path.name, plain)
            offset += length
        whole_file(checker, path.name, checker.records[first:])
    references(checker)
    return checker.faults


def member(data: bytes, offset: int) -> tuple[bytes, int, str | None]:
    """Decompress one gzip member by hand; give its bytes, its length and what is wrong with it."""
    if data[offset : offset + 10] != GZIP_HEAD:
        return b"", 0, "the gzip head is not the one that is written"
    stream = zlib.decompressobj(-15)
    try:
        plain = stream.decompress(data[offset + 10 :])
    except zlib.error as error:
        return b"", 0, f"deflate: {error}"
    if not stream.eof or len(stream.unused_data) < 8:
        return b"", 0, "the member is cut"
    if struct.unpack("<II", stream.unused_data[:8]) != (zlib.crc32(plain), len(plain) & 0xFFFFFFFF):
        return b"", 0, "the checksum is wrong"
    return plain, len(data) - offset - len(stream.unused_data) + 8, None


def record(checker: Checker, where: str, file: str, plain: bytes) -> None:
    """Check one record by itself."""
    head, blank, rest = plain.partition(b"\r\n\r\n")
    lines = head.split(b"\r\n")
    fields: dict[str, str] = {}
    fault = lambda text: checker.faults.append(f"{where}: {text}")  # noqa: E731
    if not blank or lines[0] != b"WARC/1.1":
        fault("no WARC/1.1 record")
    for line in lines[1:]:
        match = FIELD.fullmatch(line)
        if match is None:
            fault(f"no named field: {line!r}")
            continue
        name = match[1].decode()
        if name in fields:
            fault(f"{name} twice")
        fields[name] = match[2].decode("utf-8")
    block, end = rest[:-4], rest[-4:]
    if end != b"\r\n\r\n" or fields.get("Content-Length") != str(len(block)):
        fault("the block is not as long as it says, or not followed by two line ends")
    seen = Seen(where, file, fields, block)
    checker.records.append(seen)
    for text in [*named(seen), *digests(seen)]:
        fault(text)


def named(seen: Seen) -> Iterable[str]:
    """Check the fields of one record: mandatory, allowed, grammar."""
    for name in MANDATORY:
        if name not in seen.fields:
            yield f"{name} is missing"
    if seen.type in TARGETED and "WARC-Target-URI" not in seen.fields:
        yield "WARC-Target-URI is missing"
    if (seen.type == "revisit") != ("WARC-Profile" in seen.fields):
        yield "WARC-Profile and revisit belong together"
    for name, value in seen.fields.items():
        if seen.type not in ALLOWED.get(name, ()):
            yield f"{name} in a {seen.type} record"
        if name in GRAMMAR and not GRAMMAR[name].fullmatch(value):
            yield f"{name}: {value!r}"
    if seen.type in ("request", "response", "revisit"):
        kind = "request" if seen.type == "request" else "response"
        if seen.fields.get("Content-Type") != f"application/http;msgtype={kind}":
            yield "Content-Type is not HTTP's"
    if seen.type == "warcinfo" and not re.fullmatch(rb"([!-9;-~]+: [^\r\n]+\r\n)+", seen.block):
        yield "the block is not warc-fields"
    if seen.fields.get("Content-Type") == "application/json":
        json.loads(seen.block.decode("utf-8"))


def digests(seen: Seen) -> Iterable[str]:
    """Compare the digests of one record with its bytes."""
    if seen.fields.get("WARC-Block-Digest") != sha256(seen.block):
        yield "WARC-Block-Digest is wrong"
    told = seen.fields.get("WARC-Payload-Digest")
    if seen.type == "resource" and told != sha256(seen.block):
        yield "WARC-Payload-Digest is wrong"
    if seen.type == "response" and told != sha256(payload(seen.block)):
        yield "WARC-Payload-Digest is wrong"


def payload(block: bytes) -> bytes:
    """Give the payload of a well-behaved response: what follows the head, chunks joined."""
    head, blank, body = block.partition(b"\r\n\r\n")
    if not blank or not re.search(rb"\r\ntransfer-encoding: *chunked *(\r\n|$)", head, re.IGNORECASE):
        return body
    parts = []
    while match := re.match(rb"([0-9A-Fa-f]+)[^\n]*\n", body):
        size = int(match[1], 16)
        if not size:
            break
        parts.append(body[match.end() : match.end() + size])
        body = body[match.end() + size + 2 :]
    return b"".join(parts)


def sha256(data: bytes) -> str:
    return "sha256:" + hashlib.sha256(data).hexdigest()


def whole_file(checker: Checker, name: str, records: list[Seen]) -> None:
    """Check a file as a whole: warcinfo first and once, its own name, request before response, nothing alone."""
    if not records or [r.type for r in records].count("warcinfo") != 1 or records[0].type != "warcinfo":
        checker.faults.append(f"{name}: warcinfo is not its first record, or not once there")
        return
    info = records[0].fields
    if info.get("WARC-Filename") != name:
        checker.faults.append(f"{name}: WARC-Filename is {info.get('WARC-Filename')!r}")
    for before, here in itertools.pairwise(records):
        if here.fields.get("WARC-Warcinfo-ID") != info.get("WARC-Record-ID"):
            checker.faults.append(f"{here.where}: WARC-Warcinfo-ID is not the file's")
        wants = before.fields.get("WARC-Concurrent-To") if before.type == "request" else None
        if wants and (wants != here.fields["WARC-Record-ID"] or before.fields["WARC-Date"] != here.fields["WARC-Date"]):
            checker.faults.append(f"{before.where}: a request without its response")
        if here.type in ("response", "revisit") and not wants:
            checker.faults.append(f"{here.where}: a response without its request")
    if records[-1].type == "request":
        checker.faults.append(f"{name}: ends with a lone request")


def references(checker: Checker) -> None:
    """Check that ids are unique and that what a record refers to came before and is what it says."""
    known: dict[str, Seen] = {}
    for seen in checker.records:
        identity = seen.fields.get("WARC-Record-ID", "")
        if identity in known:
            checker.faults.append(f"{seen.where}: the id is there twice")
        if seen.type == "revisit":
            original = known.get(seen.fields.get("WARC-Refers-To", ""))
            checker.faults.extend(f"{seen.where}: {fault}" for fault in revisit(seen, original))
        elif "WARC-Refers-To" in seen.fields and seen.fields["WARC-Refers-To"] not in known:
            checker.faults.append(f"{seen.where}: WARC-Refers-To leads nowhere")
        known[identity] = seen


def revisit(seen: Seen, original: Seen | None) -> Iterable[str]:
    """Check a revisit against the record that it refers to (WARC 1.1, 6.7)."""
    profile = PROFILES.get(seen.fields.get("WARC-Profile", ""))
    if original is None or original.type != "response" or profile is None:
        yield "the revisit refers to no response before it"
        return
    if seen.fields.get("WARC-Refers-To-Target-URI") != original.fields["WARC-Target-URI"]:
        yield "WARC-Refers-To-Target-URI is not the original's"
    if seen.fields.get("WARC-Refers-To-Date") != original.fields["WARC-Date"]:
        yield "WARC-Refers-To-Date is not the original's"
    if seen.fields.get("WARC-Payload-Digest") != original.fields["WARC-Payload-Digest"]:
        yield "the payload digest is not the original's"
    if profile == "identical" and seen.fields.get("WARC-Truncated") != "length":
        yield "a block cut for an identical payload is not marked"
    if profile == "not-modified" and not re.match(rb"HTTP/\S+ 304\b", seen.block):
        yield "server-not-modified without a 304"
