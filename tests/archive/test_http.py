"""HTTP messages taken apart: what odd servers send is understood as browsers understand it, and nothing raises."""

from __future__ import annotations

import gzip
import importlib
import zlib

import brotli
import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.http import (
    Response,
    decode_payload,
    fault_of,
    header,
    media_type,
    parse_request,
    parse_response,
)

zstd = importlib.import_module("backports.zstd")
TEXT = ("河南日报 " * 300).encode()


def respond(headers: bytes, body: bytes) -> Response:
    """A response with these headers and this body."""
    return parse_response(b"HTTP/1.1 200 OK\r\n" + headers + b"\r\n" + body)


def chunked(parts: list[bytes]) -> bytes:
    """A body in chunks, with extension and trailer."""
    return b"".join(b"%x;a=b\r\n%b\r\n" % (len(part), part) for part in parts if part) + b"0\r\nX-T: v\r\n\r\n"


@pytest.mark.parametrize(
    ("raw", "status", "reason", "headers", "payload"),
    [
        (b"HTTP/1.1 200 OK\r\nA: 1\r\n\r\nx", 200, "OK", (("A", "1"),), b"x"),
        (b"HTTP/1.1 200 OK\nA: 1\nContent-Length: 1\n\nx", 200, "OK", (("A", "1"), ("Content-Length", "1")), b"x"),
        (b"HTTP/1.1 200 \r\n\r\n", 200, "", (), b""),
        (b"HTTP/1.1 200\r\n\r\n", 200, "", (), b""),
        (b"HTTP/1.0 404 Not  Here\r\n\r\n", 404, "Not  Here", (), b""),
        (b"HTTP/1.1 200 OK\r\nA: 1\r\n  2\r\n\t3\r\n\r\n", 200, "OK", (("A", "1 2 3"),), b""),
        (b"HTTP/1.1 200 OK\r\nbroken line\r\nA : 1\r\n\r\n", 200, "OK", (("A", "1"),), b""),
        (b"HTTP/1.1 200 OK\r\nS: a\r\ns: b\r\n\r\n", 200, "OK", (("S", "a"), ("s", "b")), b""),
        (b"HTTP/1.1 200 OK\r\nL: caf\xe9\r\n\r\n", 200, "OK", (("L", "café"),), b""),
        (b"\r\nHTTP/1.1 200 OK\r\n\r\nx", 200, "OK", (), b"x"),
    ],
)
def test_an_odd_head_is_read_as_browsers_read_it(raw, status, reason, headers, payload):
    """Servers of small newspapers send all of these; none may cost an instalment."""
    response = parse_response(raw)

    assert (status, reason, headers, payload, None) == (
        response.status,
        response.reason,
        response.headers,
        response.payload,
        response.problem,
    )


@pytest.mark.parametrize("raw", [b"", b"<html>old</html>", b"\x16\x03\x01\x02\x00", b"HTTP"])
def test_what_has_no_head_is_all_payload_with_status_0(raw):
    """HTTP/0.9 and rubbish are kept and told, not guessed at."""
    response = parse_response(raw)

    assert (0, 0, raw) == (response.status, response.head_bytes, response.payload)
    assert response.problem is not None


def test_a_cut_head_has_no_payload_and_is_not_whole():
    """A connection lost in the head must not look like an empty page."""
    response = parse_response(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Le")

    assert (media_type(response), response.payload, response.whole) == ("text/html", b"", False)


@pytest.mark.parametrize(
    ("headers", "body", "payload", "whole"),
    [
        (b"Content-Length: 9\r\n", b"short", b"short", False),
        (b"Content-Length: 2\r\n", b"longer", b"longer", True),
        (b"Content-Length: x\r\n", b"body", b"body", True),
        (b"Content-Length: 4\r\nContent-Length: 5\r\n", b"body", b"body", True),
        (b"Transfer-Encoding: chunked\r\n", b"5\r\nhello\r\n", b"hello", False),
        (b"Transfer-Encoding: chunked\r\n", b"a\r\nhello", b"hello", False),
        (b"Transfer-Encoding: chunked\r\n", b"", b"", False),
        (b"Transfer-Encoding: chunked\r\n", b"<html>", b"<html>", True),
        (b"Transfer-Encoding: chunked\r\n", b"2\r\nok\r\n0\r\n\r\nmore", b"ok", True),
        (b"Transfer-Encoding: chunked\r\n", b"ffffffffffffffff\r\nx", b"x", False),
    ],
)
def test_a_body_that_does_not_fit_its_head_is_told(headers, body, payload, whole):
    """A fetch that broke midway recorded as a success is how archives lose articles (NOTES 5)."""
    response = respond(headers, body)

    assert (payload, whole) == (response.payload, response.whole)
    assert response.problem is not None


CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


@pytest.mark.parametrize(
    ("raw", "fault"),
    [
        (b"220 ftp ready\r\n", "no HTTP: it begins with '220 ftp ready'"),
        (b"\x1b[31m\xe2\x80\xae\r\n", "no HTTP: it begins with '\\x1b[31m\\u202e'"),
        (CHUNKED + b"5\r\nhello\r\nzz\r\n", "the size of a chunk is 'zz'"),
        (CHUNKED + b"5\nhelloworld\n", "the size of a chunk is 'world'"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: x\r\n\r\n", "the transfer coding 'x' is not known"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n", "Content-Length is no single number: -5"),
        (
            b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\nContent-Length: 7\r\n\r\n",
            "Content-Length is no single number: 7, 9",
        ),
    ],
)
def test_what_of_an_answer_is_no_http_is_said(raw, fault):
    """Who runs a site can mend that; of what only breaks off there is nothing to say."""
    assert fault == fault_of(raw)


@given(parts=st.lists(st.binary(max_size=40)), cut=st.integers(min_value=0))
def test_an_answer_that_breaks_off_is_http_as_far_as_it_goes(parts, cut):
    """Wherever it does: within its head, a size, a chunk."""
    raw = CHUNKED + chunked(parts)

    assert fault_of(raw[: cut % (len(raw) + 1)]) is None


@pytest.mark.parametrize("status", [b"204 No Content", b"304 Not Modified"])
def test_no_body_is_missed_where_none_can_be(status):
    """A 304 repeats the length of the page it stands for (RFC 9110, 15.4.5); nothing of it is cut."""
    response = parse_response(b"HTTP/1.1 " + status + b"\r\nContent-Length: 99\r\n\r\n")

    assert (response.whole, response.problem) == (True, None)


def test_the_answer_to_head_has_no_body_to_miss():
    """A HEAD request gets the length without the bytes."""
    raw = b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n"

    assert parse_response(raw, method="HEAD").whole
    assert not parse_response(raw).whole


@given(parts=st.lists(st.binary(max_size=40)), cut=st.integers(min_value=0))
def test_chunks_are_joined_and_a_cut_gives_a_beginning(parts, cut):
    """The payload is what the digest is taken of: framing must never leak into it, nor bytes out of it."""
    body, whole = chunked(parts), b"".join(parts)
    part = respond(b"Transfer-Encoding: chunked\r\n", body[: cut % (len(body) + 1)]).payload

    assert whole == respond(b"Transfer-Encoding: Chunked\r\n", body).payload
    assert whole.startswith(part) or cut % (len(body) + 1) < 9


def test_gzip_as_transfer_coding_is_removed_with_the_chunks():
    """The payload is the entity: all transfer codings off, content codings on."""
    packed = gzip.compress(TEXT)

    assert respond(b"Transfer-Encoding: gzip, chunked\r\n", chunked([packed[:9], packed[9:]])).payload == TEXT


CODERS = {
    "gzip": gzip.compress,
    "x-gzip": gzip.compress,
    "deflate": zlib.compress,
    "br": brotli.compress,
    "zstd": zstd.compress,
    "identity": bytes,
    "gzip, br": lambda body: brotli.compress(gzip.compress(body)),
    "gzip, gzip": lambda body: gzip.compress(gzip.compress(body)),
}


@pytest.mark.parametrize("coding", CODERS)
def test_each_coding_is_undone(coding):
    """What the server packed is what the reader reads."""
    response = respond(f"Content-Encoding: {coding}\r\n".encode(), CODERS[coding](TEXT))
    decoded = decode_payload(response)

    assert (decoded.body, decoded.problem) == (TEXT, None)


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd"])
def test_a_cut_stream_gives_its_beginning_and_a_problem(coding):
    """Half an article told as half is worth more than none, or than half told as whole."""
    body = bytes(range(256)) * 400 + TEXT
    packed = CODERS[coding](body)
    decoded = decode_payload(respond(f"Content-Encoding: {coding}\r\n".encode(), packed[: len(packed) - 4]))

    assert body.startswith(decoded.body)
    assert decoded.problem is not None


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd"])
def test_output_is_bounded(coding):
    """A bomb of a thousandfold must not take the machine's memory."""
    bomb = CODERS[coding](bytes(4 << 20))
    decoded = decode_payload(respond(f"Content-Encoding: {coding}\r\n".encode(), bomb), limit=1000)

    assert bytes(1000) == decoded.body
    assert "longer than 1000 bytes" in (decoded.problem or "")


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd"])
def test_a_body_that_is_not_what_it_says_is_given_as_it_is(coding):
    """Archives made by others keep decoded bodies under the old header."""
    decoded = decode_payload(respond(f"Content-Encoding: {coding}\r\n".encode(), b"<html>plain</html>"))

    assert decoded.body == b"<html>plain</html>"
    assert "though it says so" in (decoded.problem or "")


def test_a_wrong_checksum_costs_no_text():
    """The standard library throws the decoded text away; the reader still wants it, and to know."""
    packed = bytearray(gzip.compress(TEXT))
    packed[-8] ^= 1
    decoded = decode_payload(respond(b"Content-Encoding: gzip\r\n", bytes(packed)))

    assert decoded.body == TEXT
    assert decoded.problem == "gzip: the checksum is wrong"


@pytest.mark.parametrize("behind", [b"", b"\0" * 9, b"\n", b"<!-- cached -->", b"\0" * 5000 + b"x"])
def test_gzip_members_are_joined_and_what_is_none_is_passed(behind):
    """Some caches append members, pad with zeros, or add a line of their own: the checksums say that the text is whole."""
    members = gzip.compress(b"a") + gzip.compress(b"b")
    decoded = decode_payload(respond(b"Content-Encoding: gzip\r\n", members + behind))

    assert (decoded.body, decoded.problem) == (b"ab", None)


@pytest.mark.parametrize("length", [1, 2, 3, 9, 15])
def test_a_gzip_member_that_is_begun_is_cut(length):
    """What was joined is less than what was sent."""
    begun = gzip.compress(b"a") + gzip.compress(b"b")[:length]

    assert "gzip: the stream is cut" == decode_payload(respond(b"Content-Encoding: gzip\r\n", begun)).problem


def test_raw_deflate_is_deflate_too():
    """Servers disagree on what "deflate" is; browsers take both."""
    packer = zlib.compressobj(wbits=-15)
    decoded = decode_payload(respond(b"Content-Encoding: deflate\r\n", packer.compress(TEXT) + packer.flush()))

    assert (decoded.body, decoded.problem) == (TEXT, None)


def test_unlabelled_gzip_is_undone_for_text_only():
    """A page that forgot its header is a page; a .gz file is a file."""
    packed = gzip.compress(TEXT)

    assert decode_payload(respond(b"Content-Type: text/html\r\n", packed)).body == TEXT
    assert packed == decode_payload(respond(b"Content-Type: application/gzip\r\n", packed)).body


def test_an_unknown_coding_and_too_many_are_told():
    """Nothing is guessed, and no chain of codings is a bomb."""
    unknown = decode_payload(respond(b"Content-Encoding: compress\r\n", b"x"))
    many = decode_payload(respond(b"Content-Encoding: " + b"gzip," * 9 + b"\r\n", b"x"))

    assert (unknown.body, many.body) == (b"x", b"x")
    assert unknown.problem
    assert many.problem


CODINGS = st.lists(st.sampled_from([*CODERS, "what", "chunked"]), max_size=3)


@given(head=st.binary(max_size=60), body=st.binary(max_size=200), transfer=CODINGS, content=CODINGS)
def test_no_bytes_whatever_raise(head, body, transfer, content):
    """A capture is never lost to a parser."""
    lines = f"Transfer-Encoding: {','.join(transfer)}\r\nContent-Encoding: {','.join(content)}\r\n"
    for raw in (head, b"HTTP/1.1 " + head, b"HTTP/1.1 200 OK\r\n" + lines.encode() + head + b"\r\n\r\n" + body):
        response = parse_response(raw)
        decode_payload(response, limit=1000)
        parse_request(raw)

        assert 0 <= response.head_bytes <= len(raw)


@given(
    body=st.binary(max_size=3000),
    coding=st.sampled_from(["gzip", "deflate", "br", "zstd"]),
    at=st.integers(0),
    bit=st.integers(0, 7),
)
def test_a_flipped_bit_raises_nothing(body, coding, at, bit):
    """Damage on the way is told; gzip's and zlib's checksums find it wherever it changes the text."""
    packed = bytearray(CODERS[coding](body))
    packed[at % len(packed)] ^= 1 << bit
    decoded = decode_payload(respond(f"Content-Encoding: {coding}\r\n".encode(), bytes(packed)))

    assert coding in ("br", "zstd") or decoded.problem or decoded.body == body


def test_a_request_is_taken_apart():
    """The fold asks what was requested, and with which body."""
    request = parse_request(b"POST /a?b HTTP/1.1\r\nHost: e.org\r\nContent-Length: 3\r\n\r\nk=1")

    assert (request.method, request.target, request.version, request.body) == ("POST", "/a?b", "HTTP/1.1", b"k=1")
    assert header(request, "HOST") == "e.org"


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        (b"Text/HTML; charset=gbk", "text/html"),
        (b"text/html, text/html", "text/html"),
        (b"nonsense", ""),
        (b"", ""),
        (b"image/svg+xml", "image/svg+xml"),
    ],
)
def test_media_type_is_a_type_or_nothing(sent, told):
    """It goes into CDXJ, where rubbish would break readers."""
    assert told == media_type(respond(b"Content-Type: " + sent + b"\r\n", b""))
