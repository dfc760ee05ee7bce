"""A record read as it comes: the same payload as where all of it is read, in little memory, and no damage passed over."""

from __future__ import annotations

import gzip
import io

import pytest
from foreign_makers import packed, page, record
from hypothesis import given
from hypothesis import strategies as st

from archive.errors import WarcError
from archive.http import parse_response
from archive.warc.streamed import stream_record


class Counting(io.BytesIO):
    """Bytes that know how many of them were read."""

    taken = 0

    def read(self, size: int | None = -1, /) -> bytes:
        piece = super().read(size)
        self.taken += len(piece)
        return piece


def payload(data: bytes, **more: int) -> bytes:
    return b"".join(stream_record(io.BytesIO(data), "a.warc: offset 0", **more).payload())


chunks = st.lists(st.binary(min_size=1, max_size=40), max_size=6).map(
    lambda parts: b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"
)
bodies = st.binary(max_size=200) | chunks | st.sampled_from([b"5", b"3\r\nabc\r\n", b"a\r\ntext that is none", b""])
heads = st.sampled_from(
    [b"", b"Transfer-Encoding: chunked\r\n", b"Content-Length: 7\r\n", b"Content-Encoding: gzip\r\n"]
)


@given(heads, bodies, st.booleans())
def test_a_payload_is_the_one_that_is_found_in_the_whole(head, body, is_packed):
    """However its chunks are, or are not, what they say."""
    response = b"HTTP/1.1 200 OK\r\n" + head + b"\r\n" + body
    data = record("response", b"http://e.example/", response)
    whole = parse_response(response)

    if whole.problem is None:
        assert whole.payload == payload(gzip.compress(data) if is_packed else data)


def test_one_of_many_records_in_a_member_is_entered():
    """Some tools pack a whole file at once."""
    first = page(1)
    data = gzip.compress(first + page(2))

    assert "第2站" in payload(data, skip=len(first)).decode()


def test_the_first_bytes_of_a_film_come_before_the_rest_is_read():
    """Half a gigabyte would be a minute of waiting, and of memory."""
    film = bytes(range(256)) * 64
    response = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % (64 << 20)
    data = gzip.compress(record("response", b"http://e.example/", response + film * 4096), 0)
    stream = Counting(data)
    streamed = stream_record(stream, "a.warc: offset 0")

    assert 64 << 20 == streamed.payload_bytes
    assert film[:100] == next(streamed.payload())[:100]
    assert stream.taken < 1 << 20


@pytest.mark.parametrize("spoil", ["cut", "flip", "nothing", "head"])
def test_damage_is_told(spoil):
    """A reader that stops quietly would hide a loss."""
    data = bytearray(packed(page(1)))
    if spoil == "flip":
        data[-10] ^= 1
    data = {"cut": data[:-20], "flip": data, "nothing": bytearray(), "head": bytearray(b"no record\n")}[spoil]

    with pytest.raises(WarcError, match=r"a\.warc: offset 0"):
        payload(bytes(data))
