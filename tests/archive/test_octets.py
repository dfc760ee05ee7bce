"""Bytes that are not held in memory are the same bytes, and leave nothing behind."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import warc_checker as checker
import warc_makers as makers
from hypothesis import given
from hypothesis import strategies as st

from archive.errors import DiskError
from archive.http import parse_response, read_response
from archive.model import Exchange
from archive.octets import Octets, Spool, Spooled, held, stretch
from archive.warc import read_records, series_files

HEADS = st.sampled_from(
    [
        b"",
        b"Transfer-Encoding: chunked\r\n",
        b"Content-Length: 40\r\n",
        b"Content-Length: x\r\n",
        b"Transfer-Encoding: gzip\r\n",
    ]
)
CHUNKS = st.lists(st.binary(max_size=40), max_size=6).map(
    lambda parts: b"".join(b"%x;a\r\n%b\r\n" % (len(part), part) for part in parts)
)
BODIES = st.one_of(st.binary(max_size=90), CHUNKS, CHUNKS.map(lambda chunks: chunks + b"0\r\nX: y\r\n\r\n"))


def spooled(octets: bytes, piece: int = 7) -> Octets:
    """Give bytes as they come off a wire, none of them held."""
    spool = Spool(held_bytes=0)
    for at in range(0, len(octets), piece):
        spool.write(octets[at : at + piece])
    return spool.octets()


def _files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@given(st.binary(min_size=1, max_size=200), st.integers(1, 50), st.integers(-250, 250), st.integers(-250, 250))
def test_what_is_put_down_is_read_as_bytes_are(octets: bytes, piece: int, start: int, end: int) -> None:
    """Who reads a response must not have to know where it lies."""
    found = spooled(octets, piece)

    assert isinstance(found, Spooled)
    assert (len(found), held(found), found[start:end]) == (len(octets), octets, octets[start:end])
    first, last = sorted((abs(start), abs(end)))
    assert held(stretch(found, first, last)) == octets[first:last]
    assert stretch(found, first, last)[1:5] == octets[first:last][1:5]


def test_a_file_of_long_bytes_has_no_name_and_goes_with_its_reader(tmp_path: Path) -> None:
    """Nothing is left in a home where a crawl is killed, and no file stays open behind it."""
    spool = Spool(tmp_path, held_bytes=10)
    spool.write(b"0123456789")
    there = _files(Path("/proc/self/fd"))
    spool.write(b"a")
    found = spool.octets()
    spool.clear()

    assert (held(found), _files(tmp_path), len(spool)) == (b"0123456789a", [], 0)
    del found
    assert _files(Path("/proc/self/fd")) == there


@given(HEADS, BODIES, st.sampled_from([200, 204, 404]), st.sampled_from([None, "length", "time"]))
def test_a_response_that_is_not_held_makes_the_same_record(
    head: bytes, body: bytes, status: int, truncated: None
) -> None:
    """The way of a long response into the archive is another one; block, digests and fields must be those of the short way."""
    import tempfile

    raw = b"HTTP/1.1 %d OK\r\n" % status + head + b"\r\n" + body
    with tempfile.TemporaryDirectory() as folder:
        writer = makers.open_writer(Path(folder))
        kept = [
            writer.write_exchange(
                Exchange("http://e.org/", b"GET / HTTP/1.1\r\n\r\n", octets, makers.NOON, truncated=truncated)
            )
            for octets in (raw, spooled(raw))
        ]
        records = [record for record in read_records(writer.close()[0].path) if record.type in ("response", "revisit")]

    assert [record.block for record in records] in ([raw, raw], [raw, raw[: len(raw) - len(body)]])
    assert records[1].headers.get("WARC-Payload-Digest") == records[0].headers.get("WARC-Payload-Digest")
    if records[1].type == "response":
        assert [records[1].headers[name] for name in ("WARC-Block-Digest", "Content-Length")] == [
            records[0].headers[name] for name in ("WARC-Block-Digest", "Content-Length")
        ]
        assert (kept[1].truncated, kept[1].payload_bytes) == (kept[0].truncated, kept[0].payload_bytes)
    else:
        assert kept[1].refers_to == kept[0].record_id


@given(HEADS, BODIES, st.sampled_from([200, 204, 404]))
def test_a_response_that_is_not_held_is_taken_apart_as_one_that_is(head: bytes, body: bytes, status: int) -> None:
    """A rebuild holds it, a crawl does not, and both must say the same of it."""
    raw = b"HTTP/1.1 %d OK\r\n" % status + head + b"\r\n" + body
    short, long = parse_response(raw), read_response(spooled(raw))

    assert (long.status, long.headers, long.payload, long.whole, long.surplus) == (
        short.status, short.headers, short.payload, short.whole, short.surplus,
    )  # fmt: skip
    assert short.whole or long.problem == short.problem


def test_a_response_that_cannot_be_read_back_is_taken_out_whole(tmp_path: Path) -> None:
    """A disk that fails in the middle of a long record costs this one; the file ends behind the one before it."""
    raw = b"HTTP/1.1 200 OK\r\n\r\n" + os.urandom(3 << 20)
    lost = spooled(raw, 1 << 20)
    assert isinstance(lost, Spooled)
    writer = makers.open_writer(tmp_path)
    writer.write_exchange(makers.exchange("http://example.org/1", b"safe"))
    before = writer.path.stat().st_size
    reads = iter(range(15))  # of twelve pieces each for the payload's digest, the block's digest and the record

    class Failing(Spooled):
        """A file that the disk gives up on while the record is written."""

        def pieces(self, start: int = 0, end: int | None = None):
            for piece in super().pieces(start, end):
                if start == 0 and next(reads, None) is None:
                    raise OSError(5, "Input/output error")
                yield piece

    failing = Failing(lost._file, 0, len(raw))
    with pytest.raises(DiskError, match="Input/output error"):
        writer.write_exchange(Exchange("http://example.org/2", b"GET / HTTP/1.1\r\n\r\n", failing, makers.NOON))
    after = writer.path.stat().st_size
    whole = writer.write_exchange(Exchange("http://example.org/3", b"GET / HTTP/1.1\r\n\r\n", lost, makers.NOON))
    (closed,) = writer.close()

    assert (before, whole.payload_bytes) == (after, 3 << 20)
    assert checker.check(series_files(tmp_path, makers.SERIES)) == []
    assert closed.records == 1 + 2 + 2
