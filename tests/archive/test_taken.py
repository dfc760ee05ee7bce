"""Captures of files made by others: every whole record, its payload under our digest, its response framed as its bytes are."""

from __future__ import annotations

import gzip
import random
import re
import uuid
from datetime import UTC, datetime
from pathlib import Path

import brotli
import pytest
from foreign_makers import PAGE, SITE, answer, arc, arc_2, heritrix, httrack_arc, packed, page, record, taken
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from warc_makers import one_of_everything

from archive.errors import WarcError
from archive.fixity import file_digest, payload_digest
from archive.http import decode_payload, parse_response
from archive.warc import (
    ForeignFile,
    capture_of,
    foreign_captures,
    foreign_response,
    given_id,
    read_at,
    referred,
    revisited,
)
from archive.warc.payload import PayloadDigest
from archive.warc.shared import SharedMember
from archive.warc.unpack import File

PACKS = {
    "plain": b"".join,
    "member": lambda records: packed(*records),
    "whole": lambda records: gzip.compress(b"".join(records), mtime=0),
    "pairs": lambda records: b"".join(
        gzip.compress(b"".join(records[at : at + 2]), mtime=0) for at in range(0, len(records), 2)
    ),
}
URL = f"{SITE}/1.html".encode()
TEXT = (PAGE % 7).encode() * 3


def response(body: bytes, head: bytes = b"", *, line: bytes = b"HTTP/1.1 200 OK") -> bytes:
    """A response block; `head` in lines that end in CRLF."""
    return line + b"\r\nContent-Type: text/html\r\n" + head + b"\r\n" + body


def chunked(body: bytes, size: int = 10) -> bytes:
    """A body in chunks."""
    parts = [body[at : at + size] for at in range(0, len(body), size)]
    return b"".join(b"%X;x=1\r\n%b\r\n" % (len(part), part) for part in parts) + b"0\r\nX-T: v\r\n\r\n"


def read_one(folder: Path, block: bytes, **more: str):
    """Take the one response of that block: its capture, and what archive.http reads in its response."""
    path, found, told = taken(folder, record("response", URL, block, **more))
    assert (1, []) == (len(found), told)
    return found[0].capture, parse_response(foreign_response(path, found[0].capture))


# ------------------------------------------------------------------------------------------------- kinds and layouts


@pytest.mark.parametrize("pack", PACKS)
@pytest.mark.parametrize("make", [arc, arc_2])
def test_an_arc_gives_its_captures_and_payloads(tmp_path, make, pack):
    """Both versions, however packed. A name look-up is a capture without a status; the description of the file is none."""
    blocks = [
        (f"{SITE}/1.html", answer(1)),
        ("dns:qushui.example", b"20080430204826\n127.0.0.1\n"),
        (f"{SITE}/2.html", answer(2)),
    ]
    path, found, told = taken(tmp_path, PACKS[pack](make(*blocks)), "a.arc.gz")
    captures = [one.capture for one in found]

    assert told == []
    assert [(one.url, one.status) for one in captures] == [
        (f"{SITE}/1.html", 200),
        ("dns:qushui.example", None),
        (f"{SITE}/2.html", 200),
    ]
    for capture, (_, block) in zip(captures, blocks, strict=True):
        assert foreign_response(path, capture) == block
        assert capture.payload_digest == payload_digest(parse_response(block).payload)
        assert capture.fetched == datetime(2008, 4, 30, 20, 48, 26, tzinfo=UTC)
        assert capture.record_id == given_id(file_digest(path), capture.offset, capture.member)


@pytest.mark.parametrize("pack", PACKS)
def test_a_file_by_heritrix_gives_answers_and_look_ups(tmp_path, pack):
    """Requests and metadata bear the address of the page and are no captures. Their digest is over other bytes than ours."""
    pages = [(f"{SITE}/{number}.html", response(chunked(TEXT), b"Transfer-Encoding: chunked\r\n")) for number in (1, 2)]
    path, found, told = taken(tmp_path, PACKS[pack](heritrix(*pages)))
    captures = [one.capture for one in found]

    assert told == []
    assert [one.url for one in captures] == ["dns:qushui.example", f"{SITE}/1.html", f"{SITE}/2.html"]
    assert {one.payload_digest for one in captures[1:]} == {payload_digest(TEXT)}
    assert {one.told_digest for one in found[1:]} == {"sha1:3I42H3S6NNFQ2MSVX7XZKYAYSCX5QBYJ"}
    assert all(parse_response(foreign_response(path, one)).payload == TEXT for one in captures[1:])


def test_a_cache_of_httrack_is_read_without_what_its_heads_tell(tmp_path):
    """Its bodies are decoded; a reader that believes the heads sees damage in each."""
    path, found, told = taken(tmp_path, b"".join(httrack_arc((f"{SITE}/1.html", TEXT))), "a.arc")
    got = parse_response(foreign_response(path, found[0].capture))

    assert told == []
    assert (got.payload, got.problem, got.whole) == (TEXT, None, True)
    assert (decode_payload(got).body, decode_payload(got).problem) == (TEXT, None)


@pytest.mark.parametrize("version", [b"WARC/0.17", b"WARC/0.18", b"WARC/1.0", b"WARC/1.1"])
def test_brackets_and_every_version_are_read(tmp_path, version):
    """The grammar of 1.0 has brackets around every URI."""
    data = record("response", b"<" + URL + b">", answer(1), version=version, WARC_Record_ID="urn:uuid:7")
    _, found, told = taken(tmp_path, data)

    assert ([], [(URL.decode(), "<urn:uuid:7>")]) == (told, [(one.capture.url, one.capture.record_id) for one in found])


def test_our_own_files_give_the_captures_of_the_writer(tmp_path):
    """A WARC of another home is read as it was written there, to the last field."""
    written, files = one_of_everything(tmp_path)
    expected = [one for one in written if one.type in ("response", "revisit", "resource")]
    told: list[object] = []
    found = [
        one.capture
        for closed in files
        for one in foreign_captures(closed.path, closed.path.name, closed.sha256, told.append)
    ]

    assert told == []
    assert found == expected == [capture_of(read_at(files[0].path, one.offset)) for one in found]


# ------------------------------------------------------------------------------------------------------------- fields


def test_a_time_keeps_its_milliseconds(tmp_path):
    """Two captures of one second have an order."""
    _, found, _ = taken(tmp_path, page(1, WARC_Date="2026-01-05T16:00:00.1239+08:00"))

    assert [datetime(2026, 1, 5, 8, 0, 0, 123000, UTC)] == [one.capture.fetched for one in found]


@pytest.mark.parametrize(
    ("url", "date", "what"),
    [
        (URL, "2026-02-29T08:00:00Z", "a response with the time '20260229080000', which is none"),
        (URL, "0000-01-01T00:00:00Z", "a response with the time '00000101000000', which is none"),
        (URL, "soon", "a response without a time"),
        (b"", "2026-01-05T08:00:00Z", "a response without an address"),
        (b"page one", "2026-01-05T08:00:00Z", "a response with the address 'page%20one', which is none"),
        (b"http://[::1/", "2026-01-05T08:00:00Z", "a response with the address 'http://[::1/', which is none"),
        (b"http://a:b/", "2026-01-05T08:00:00Z", "a response with the address 'http://a:b/', which is none"),
    ],
)
@pytest.mark.parametrize("pack", ["plain", "whole"])
def test_a_capture_without_a_usable_time_or_address_is_told(tmp_path, url, date, what, pack):
    """It can be put nowhere; the records around it are taken."""
    bad = record("response", url, answer(1), WARC_Date=date)
    _, found, told = taken(tmp_path, PACKS[pack]([page(3), bad, page(2)]))
    place = f"offset {len(page(3))}" if pack == "plain" else f"offset 0, unpacked byte {len(page(3))}"

    assert [f"{SITE}/3.html", f"{SITE}/2.html"] == [one.capture.url for one in found]
    assert [f"{place}: {what}"] == told


@pytest.mark.parametrize("told_id", ["", "7", "<urn:uuid:a b>", "<urn:uuid:" + "7" * 2000 + ">"])
def test_a_record_without_a_usable_id_is_named_by_its_place(tmp_path, told_id):
    """The same name at every reading, and another in every file."""
    path, found, _ = taken(tmp_path, page(1, WARC_Record_ID=told_id) + page(2))
    name = uuid.uuid5(uuid.NAMESPACE_URL, f"{file_digest(path)}#0")

    assert f"<urn:uuid:{name}>" == found[0].capture.record_id


@pytest.mark.parametrize("pack", PACKS)
def test_an_id_that_stood_before_is_not_given_twice(tmp_path, pack):
    """The ledger names captures by it."""
    same = [page(number, WARC_Record_ID="<urn:uuid:7>") for number in (1, 2, 3)]
    path, found, told = taken(tmp_path, PACKS[pack](same))
    captures = [one.capture for one in found]

    assert told == []
    assert captures[0].record_id == "<urn:uuid:7>"
    assert len({one.record_id for one in captures}) == 3
    assert captures[2].record_id == given_id(file_digest(path), captures[2].offset, captures[2].member)


SHA256 = bytes(range(32))
SPELT = f"sha256:{SHA256.hex()}"


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ("", ""),
        ("sha1:3I42H3S6NNFQ2MSVX7XZKYAYSCX5QBYJ", "sha1:3I42H3S6NNFQ2MSVX7XZKYAYSCX5QBYJ"),
        ("3I42H3S6NNFQ2MSVX7XZKYAYSCX5QBYJ", "sha1:3I42H3S6NNFQ2MSVX7XZKYAYSCX5QBYJ"),
        (f"SHA-256:{SHA256.hex().upper()}", SPELT),
        ("sha256:AAAQEAYEAUDAOCAJBIFQYDIOB4IBCEQTCQKRMFYYDENBWHA5DYPQ====", SPELT),
        ("sha256:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", SPELT),
        ("sha256:nothing", "sha256:nothing"),
    ],
)
def test_a_revisit_tells_its_digest_and_what_it_refers_to(tmp_path, told, expected):
    """Hex, Base32 and Base64 of one digest are the same payload."""
    refers = {
        "WARC_Refers_To": "<urn:uuid:7>",
        "WARC_Refers_To_Target_URI": f"<{SITE}/石.html>",
        "WARC_Refers_To_Date": "2025-12-31T00:00:00.5Z",
    }
    data = record("revisit", URL, b"HTTP/1.1 200 OK\r\nETag: x\r\n\r\n", WARC_Payload_Digest=told, **refers)
    path, [one], _ = taken(tmp_path, data)

    assert (one.capture.payload_digest, one.told_digest) == (expected, expected)
    assert (one.capture.type, one.capture.payload_bytes, one.capture.etag) == ("revisit", 0, "x")
    assert one.capture.refers_to == "<urn:uuid:7>"
    with ForeignFile(path) as opened:
        date = datetime(2025, 12, 31, 0, 0, 0, 500000, UTC)
        assert referred(opened, one.capture) == (f"{SITE}/%E7%9F%B3.html", date)


def test_a_revisit_that_refers_to_nothing_says_so(tmp_path):
    """Older crawlers name the original by its digest alone, and keep no head."""
    path, [one], _ = taken(tmp_path, record("revisit", URL, b"", WARC_Payload_Digest="sha1:A"))

    assert (one.capture.refers_to, one.capture.status) == (None, None)
    with ForeignFile(path) as opened:
        assert referred(opened, one.capture) == (None, None)
    assert foreign_response(path, one.capture) == b""


def test_records_that_are_no_http_have_no_status(tmp_path):
    """The fold must never read them as pages."""
    data = record("resource", b"urn:pageinfo:1", b"{}", Content_Type="Application/JSON; charset=utf-8")
    data += record("response", b"ftp://qushui.example/a", b"HTTP?", Content_Type="application/octet-stream")
    path, found, _ = taken(tmp_path, data)

    assert [(one.capture.status, one.capture.mime) for one in found] == [
        (None, "application/json"),
        (None, "application/octet-stream"),
    ]
    assert [foreign_response(path, one.capture) for one in found] == [b"{}", b"HTTP?"]
    assert [one.capture.payload_digest for one in found] == [payload_digest(b"{}"), payload_digest(b"HTTP?")]


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"WARC_Truncated": "length"}, "length"),
        ({"WARC_Truncated": "odd"}, "unspecified"),
        ({"WARC_Segment_Number": "1"}, "unspecified"),
    ],
)
def test_a_record_that_says_it_is_cut_is_believed(tmp_path, more, why):
    """Segments are not joined: the first of them is a part."""
    assert why == read_one(tmp_path, answer(1), **more)[0].truncated


# ------------------------------------------------------------------------------------ responses as tools write them

GZIPPED, BROTLI = gzip.compress(TEXT, mtime=0), brotli.compress(TEXT)
FRAMES = {
    "as received": (response(TEXT, b"Content-Length: %d\r\n" % len(TEXT)), TEXT),
    "no length": (response(TEXT), TEXT),
    "chunks kept": (response(chunked(TEXT), b"Transfer-Encoding: chunked\r\n"), TEXT),
    "chunks and coding kept": (
        response(chunked(GZIPPED), b"Transfer-Encoding: chunked\r\nContent-Encoding: gzip\r\n"), GZIPPED,
    ),
    "chunks taken off": (response(TEXT, b"Transfer-Encoding: Chunked\r\n"), TEXT),
    "chunks taken off, coding kept": (
        response(GZIPPED, b"Transfer-Encoding: chunked\r\nContent-Encoding: gzip\r\n"), GZIPPED,
    ),
    "chunks taken off, an odd length kept": (
        response(TEXT, b"Transfer-Encoding: chunked\r\nContent-Length: 9999\r\n"), TEXT,
    ),
    "gzip taken off": (response(TEXT, b"Content-Encoding: gzip\r\n"), TEXT),
    "gzip taken off, its length kept": (
        response(TEXT, b"Content-Encoding: gzip\r\nContent-Length: %d\r\n" % len(GZIPPED)), TEXT,
    ),
    "gzip of a short body taken off, its longer length kept": (
        response(b"ok", b"Content-Encoding: gzip\r\nContent-Length: 22\r\n"), b"ok",
    ),
    "br taken off": (response(TEXT, b"Content-Encoding: br\r\nContent-Length: %d\r\n" % len(BROTLI)), TEXT),
    "br kept": (response(BROTLI, b"Content-Encoding: br\r\n"), BROTLI),
    "deflate taken off": (response(TEXT, b"Content-Encoding: deflate\r\n"), TEXT),
    "zstd taken off": (response(TEXT, b"Content-Encoding: zstd\r\n"), TEXT),
    "both taken off": (response(TEXT, b"Content-Encoding: br\r\nTransfer-Encoding: chunked\r\n"), TEXT),
    "two codings taken off": (response(TEXT, b"Content-Encoding: gzip, br\r\n"), TEXT),
    "the outer of two codings taken off": (response(GZIPPED, b"Content-Encoding: gzip, br\r\n"), GZIPPED),
    "renamed headers": (
        response(b"ok", b"X-Orig-Content-Encoding: gzip\r\nContent-Length: 22\r\n"), b"ok",
    ),
    "HTTP/2": (response(TEXT, line=b"HTTP/2 200"), TEXT),
    "HTTP/2 with a dot": (response(TEXT, line=b"HTTP/2.0 200 "), TEXT),
    "bare line feeds": (
        response(TEXT, b"Content-Encoding: gzip\r\nContent-Length: 9\r\n").replace(b"\r\n", b"\n"), TEXT,
    ),
    "interim heads": (
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"
        + response(chunked(TEXT), b"Transfer-Encoding: chunked\r\n"), TEXT,
    ),
    "folded headers": (response(TEXT, b"Content-Encoding:\r\n gzip\r\nX-A: b\r\n\tc\r\n"), TEXT),
    "identity": (response(TEXT, b"Transfer-Encoding: identity\r\nContent-Encoding: identity\r\n"), TEXT),
    "gzip as transfer coding": (response(chunked(GZIPPED), b"Transfer-Encoding: gzip, chunked\r\n"), GZIPPED),
    "gzip as transfer coding, no chunks": (response(GZIPPED, b"Transfer-Encoding: gzip\r\n"), GZIPPED),
    "a text that begins like a chunk": (
        response(b"12\r\n" + TEXT, b"Transfer-Encoding: chunked\r\n"), b"12\r\n" + TEXT,
    ),
    "a text that begins like the last chunk": (
        response(b"0\n" + TEXT, b"Transfer-Encoding: chunked\r\n"), b"0\n" + TEXT,
    ),
    "an empty chunked body": (response(b"0\r\n\r\n", b"Transfer-Encoding: chunked\r\n"), b""),
    "a chunked body of nothing": (response(b"", b"Transfer-Encoding: chunked\r\n"), b""),
    "GBK text under gzip": (
        response("渠水流过".encode("gbk") * 40, b"Content-Encoding: br\r\n"), "渠水流过".encode("gbk") * 40,
    ),
    "lower case": (response(TEXT).replace(b"HTTP/", b"http/"), TEXT),
    "empty lines before": (b"\r\n" + response(TEXT, b"Content-Encoding: gzip\r\n"), TEXT),
    "a charset as coding": (response(TEXT, b"Content-Encoding: utf-8\r\n"), TEXT),
    "a long head": (response(TEXT, b"X-Long: " + b"x" * 100_000 + b"\r\nTransfer-Encoding: chunked\r\n"), TEXT),
}  # fmt: skip


@pytest.mark.parametrize("frame", FRAMES)
@pytest.mark.parametrize("pack", PACKS)
def test_a_response_is_framed_as_its_bytes_are(tmp_path, frame, pack):
    """Whatever was taken off and whatever the head still tells, the payload is read as a whole and without complaint."""
    block, payload = FRAMES[frame]
    records = [page(1), record("response", URL, block), page(2)]
    path, found, told = taken(tmp_path, PACKS[pack](records))
    capture = found[1].capture
    got = parse_response(foreign_response(path, capture))
    decoded = decode_payload(got)

    assert told == []
    assert (got.status, got.payload, got.problem, got.whole) == (200, payload, None, True)
    assert (capture.status, capture.payload_digest) == (200, payload_digest(payload))
    assert capture.payload_bytes == len(payload)
    assert decoded.problem is None
    assert decoded.body in (TEXT, payload)
    assert path.read_bytes() == PACKS[pack](records)


@pytest.mark.parametrize(
    ("block", "payload"),
    [
        (response(TEXT[:50], b"Content-Length: %d\r\n" % len(TEXT)), TEXT[:50]),
        (response(chunked(TEXT)[:-20], b"Transfer-Encoding: chunked\r\n"), None),
        (response(chunked(TEXT, 60)[:50], b"Transfer-Encoding: chunked\r\n"), TEXT[:42]),
        (response(GZIPPED[:-9], b"Content-Encoding: gzip\r\nContent-Length: %d\r\n" % len(GZIPPED)), GZIPPED[:-9]),
    ],
    ids=["identity", "chunks", "first chunk", "gzip"],
)
def test_a_body_that_is_cut_still_shows_it(tmp_path, block, payload):
    """Framing is mended, a loss is not hidden."""
    if payload is None:
        payload = parse_response(block).payload
    capture, got = read_one(tmp_path, block)

    assert not got.whole
    assert capture.payload_digest == payload_digest(got.payload)
    assert got.payload == payload


def test_a_gzip_stream_that_is_cut_is_told_by_its_decoder(tmp_path):
    """Without a length nothing else tells it."""
    _, got = read_one(tmp_path, response(GZIPPED[:-9], b"Content-Encoding: gzip\r\n"))

    assert decode_payload(got).problem == "gzip: the stream is cut"


def test_a_head_without_end_has_no_payload(tmp_path):
    """A server that never ends its head costs no memory, and gives no page."""
    capture, got = read_one(tmp_path, b"HTTP/1.1 200 OK\r\n" + b"X-A: b\r\n" * 200_000)

    assert (b"", False, payload_digest(b""), 0) == (
        got.payload,
        got.whole,
        capture.payload_digest,
        capture.payload_bytes,
    )


@pytest.mark.parametrize("status", [b"204 No Content", b"304 Not Modified"])
def test_an_answer_without_a_body_stays_one(tmp_path, status):
    """Its headers tell of the body that another answer would have."""
    head = b"Content-Length: 99\r\nContent-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n"
    block = response(b"", head, line=b"HTTP/1.1 " + status)
    path, [one], _ = taken(tmp_path, record("response", URL, block))

    assert foreign_response(path, one.capture) == block
    assert parse_response(block).whole


def test_bytes_without_a_status_line_are_all_payload(tmp_path):
    """HTTP/0.9, or rubbish: kept as it came."""
    capture, got = read_one(tmp_path, b"<html>no head</html>")

    assert (capture.status, got.status, got.payload) == (0, 0, b"<html>no head</html>")
    assert capture.payload_digest == payload_digest(got.payload)


bodies = st.one_of(st.text(max_size=300).map(str.encode), st.binary(max_size=300), st.just(TEXT * 100))
like_a_size = re.compile(rb"[ \t]*[0-9A-Fa-f]{1,16}[ \t]*(;[^\n]*)?\r?(\n|\Z)")


@st.composite
def wire_blocks(draw):
    """A response as a tool may have written it, the payload in it, and what that decodes to."""
    body = draw(bodies)
    coding = draw(st.sampled_from(["", "gzip", "br"]))
    coded = {"": body, "gzip": gzip.compress(body, mtime=0), "br": brotli.compress(body)}[coding]
    head = f"Content-Encoding: {coding}\r\n".encode() if coding else b""
    end = draw(st.sampled_from([b"\r\n", b"\n"]))
    transfer = draw(st.sampled_from(["length", "chunked", "dechunked", "none"]))
    wire = coded
    if transfer == "length":
        head += b"Content-Length: %d\r\n" % len(coded)
    elif transfer == "chunked":
        head, wire = head + b"Transfer-Encoding: chunked\r\n", chunked(coded, draw(st.integers(1, 400)))
    elif transfer == "dechunked" and not like_a_size.match(coded):
        head += b"Transfer-Encoding: chunked\r\n"
    interim = draw(st.sampled_from([b"", b"HTTP/1.1 100 Continue\r\n\r\n"]))
    block = response(b"", head, line=draw(st.sampled_from([b"HTTP/1.1 200 OK", b"HTTP/2 200"])))
    return interim + block.replace(b"\r\n", end) + wire, coded, body


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(blocks=st.lists(wire_blocks(), min_size=1, max_size=5), pack=st.sampled_from(sorted(PACKS)), old=st.booleans())
def test_every_payload_comes_back(tmp_path, blocks, pack, old):
    """Write then read, whatever the layout: one digest, the same bytes, in any order of asking."""
    urls = [f"{SITE}/{number}.html" for number in range(len(blocks))]
    if old:
        records = arc(*((url, block) for url, (block, _, _) in zip(urls, blocks, strict=True)))
    else:
        records = [record("response", url.encode(), block) for url, (block, _, _) in zip(urls, blocks, strict=True)]
    path, found, told = taken(tmp_path, PACKS[pack](records))

    assert told == []
    assert [one.capture.url for one in found] == urls
    with ForeignFile(path) as file:
        for order in (1, -1):
            for one, (_, payload, body) in list(zip(found, blocks, strict=True))[::order]:
                got = parse_response(foreign_response(file, one.capture))
                assert one.capture.payload_digest == payload_digest(payload) == payload_digest(got.payload)
                assert (got.whole, one.capture.payload_bytes) == (True, len(payload))
                assert decode_payload(got).body == body


@settings(max_examples=300, deadline=None)
@given(
    lines=st.lists(
        st.sampled_from([b"0", b"5", b"A;x=1", b"\r\n", b"\n", b"\r", b"hello", b"X-T: v", b" ", b"\0"]), max_size=24
    ),
    splits=st.lists(st.integers(0, 60), max_size=6),
)
def test_chunks_are_judged_alike_however_they_come(lines, splits):
    """A file is read in pieces that end anywhere."""
    body = b"".join(lines)
    ends = sorted({min(at, len(body)) for at in splits} | {len(body)})
    whole, parted = (PayloadDigest(chunked=True, algorithm="sha256") for _ in range(2))
    whole.update(body)
    for start, end in zip([0, *ends], ends, strict=False):
        parted.update(memoryview(body)[start:end])

    assert whole.payload() == parted.payload()


# ---------------------------------------------------------------------------------------------------------- revisits


def test_a_revisit_is_its_head_over_the_payload_of_the_original(tmp_path):
    """Also where the head tells of chunks and coding that the original's tool took off."""
    head = b"HTTP/1.1 200 Again\r\nContent-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n"
    data = record("response", URL, response(TEXT, b"Content-Encoding: gzip\r\n")) + record("revisit", URL, head)
    path, found, _ = taken(tmp_path, data)
    original, own = (foreign_response(path, one.capture) for one in found)
    got = parse_response(revisited(own, original))

    assert (got.reason, got.payload, got.problem, decode_payload(got).problem) == ("Again", TEXT, None, None)


@pytest.mark.parametrize("head", [b"", b"HTTP/1.1 304 Not Modified\r\n\r\n"])
def test_a_revisit_without_a_head_of_its_own_is_the_original(head):
    """A 304 says that the answer of before still holds."""
    assert revisited(head, answer(1)) == answer(1)


def test_records_of_one_member_are_read_to_and_fro(tmp_path):
    """Crawlers date a record by its beginning and write it at its end: by date, one goes back as often as forward."""
    chance = random.Random(412)
    blocks = [response(chance.randbytes(100_000) + b"%d" % number) for number in range(60)]
    records = [record("response", f"{SITE}/{number}.html".encode(), block) for number, block in enumerate(blocks)]
    path, found, told = taken(tmp_path, gzip.compress(b"".join(records), 1, mtime=0))
    order = [*range(60), *chance.sample(range(60), 60), *range(59, -1, -1)]

    assert told == []
    with ForeignFile(path) as file:
        assert all(foreign_response(file, found[number].capture) == blocks[number] for number in order)


def test_a_member_is_entered_anywhere_with_few_states_of_its_unpacker(tmp_path):
    """A crawl of hundreds of gigabytes in one member: the marks become rarer, not more."""
    chance = random.Random(412)
    data = chance.randbytes(8 << 20)
    path = tmp_path / "a.gz"
    path.write_bytes(gzip.compress(data, 1, mtime=0))
    with path.open("rb") as opened:
        member = SharedMember(File(opened.fileno()), 0, spacing=1)
        for place in [len(data) - 1, *(chance.randrange(len(data)) for _ in range(200))]:
            window = member.window(place)
            window.has(16)
            assert window.data[window.at : window.at + 16] == data[place : place + 16]

    assert 100 < len(member._marks) <= 256  # there is no other way to see how much it holds


@pytest.mark.parametrize("pack", PACKS)
@pytest.mark.parametrize("body", [TEXT + b"\n", TEXT, TEXT + b"\r\n\r\n"])
@pytest.mark.parametrize("many", [1, 2])
def test_a_block_that_is_told_too_short_by_a_byte_is_whole(tmp_path, body, many, pack):
    """Old wget did so (iipc/jwarc#29): its pages would all seem to be cut."""
    block = response(body, b"Content-Length: %d\r\n" % len(body))
    path, found, told = taken(
        tmp_path, PACKS[pack]([page(1), record("response", URL, block, length=len(block) - many), page(2)])
    )
    got = parse_response(foreign_response(path, found[1].capture))

    assert [one.capture.url for one in found] == [f"{SITE}/1.html", URL.decode(), f"{SITE}/2.html"]
    assert [f"Content-Length {len(block) - many}, but {many} bytes more are of the block"] == [
        one.partition(": ")[2] for one in told
    ]
    assert (got.payload, got.problem) == (body, None)
    assert found[1].capture.payload_digest == payload_digest(body)


@pytest.mark.parametrize("pack", PACKS)
def test_a_body_that_is_cut_takes_no_line_ends_behind_it(tmp_path, pack):
    """The four bytes that close a record are never the four that a body lacks."""
    block = response(TEXT[:-4], b"Content-Length: %d\r\n" % len(TEXT))
    path, found, told = taken(tmp_path, PACKS[pack]([page(1), record("response", URL, block), page(2)]))
    got = parse_response(foreign_response(path, found[1].capture))

    assert (told, got.whole, got.payload) == ([], False, TEXT[:-4])


# ---------------------------------------------------------------------------------------------- what is not there now


@pytest.mark.parametrize("pack", PACKS)
def test_a_response_is_read_whole_or_not_at_all(tmp_path, pack):
    """Bytes that changed since are no capture; the error names file and offset."""
    path, found, _ = taken(tmp_path, PACKS[pack]([page(1), page(2)]))
    whole = path.read_bytes()
    last = found[1].capture
    path.write_bytes(whole[:-30])

    with pytest.raises(WarcError, match=r"^imported/a\.warc: offset \d+"):
        foreign_response(path, last)
    path.write_bytes(b"X" * len(whole))
    with pytest.raises(WarcError, match=r"expected a record, found|the gzip member is damaged"):
        foreign_response(path, found[0].capture)


def test_another_record_at_the_place_is_told(tmp_path):
    """A file that was changed for one of the same layout must not speak for the first."""
    path, found, _ = taken(tmp_path, page(1))
    path.write_bytes(page(2))

    with pytest.raises(WarcError, match=r"imported/a\.warc: offset 0: expected the response of"):
        foreign_response(path, found[0].capture)
