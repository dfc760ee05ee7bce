"""Damage in WARC files: found wherever it is, named by file and offset, and never read over."""

from __future__ import annotations

import gzip

import pytest
import warc_checker as checker
import warc_makers as makers
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from archive.errors import WarcError
from archive.warc import read_at, read_records, response_bytes

SERIES = makers.SERIES


@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(at=st.integers(0), bit=st.integers(0, 7))
def test_a_flipped_bit_is_found(tmp_path, at, bit):
    """Damage of one bit anywhere in a file, heads of gzip members included."""
    path = tmp_path / "w" / f"{SERIES}-20180830040000-00001.warc.gz"
    if not path.exists():
        makers.one_of_everything(path.parent)
    data = bytearray(path.read_bytes())
    data[at % len(data)] ^= 1 << bit
    bent = tmp_path / path.name
    bent.write_bytes(data)

    assert checker.check([path]) == []
    # The last byte of a deflate stream may have bits that are nothing (RFC 1951, 3.2.3); all else is found.
    assert checker.check([bent]) != [] or gzip.decompress(data) == gzip.decompress(path.read_bytes())


def test_the_reader_stops_at_damage_and_names_the_place(tmp_path):
    """A reader that goes on quietly hides a loss."""
    captures, (closed,) = makers.one_of_everything(tmp_path)
    offset = captures[-1].offset
    data = bytearray(closed.path.read_bytes())
    data[offset + 40] ^= 16
    closed.path.write_bytes(data)
    read = []
    with pytest.raises(WarcError, match=f"{closed.path.name}: offset {offset}:"):
        read.extend(read_records(closed.path))
    with pytest.raises(WarcError):
        read_at(closed.path, offset)


@pytest.mark.parametrize(
    ("plain", "what"),
    [
        (b"WARC/1.1\r\nWARC-Type: resource\r\n\r\n\r\n\r\n", "missing"),
        (b"GET / HTTP/1.1\r\n\r\n", "expected a WARC record"),
        (b"WARC/1.1\r\nno field\r\n\r\n\r\n\r\n", "no named field"),
        (b"WARC/1.1\r\nA: \xff\r\n\r\n\r\n\r\n", "not UTF-8"),
        (b"WARC/1.1\r\nA: 1\r\nA: 2\r\n\r\n\r\n\r\n", "twice"),
        (
            (
                b"WARC/1.1\r\nWARC-Type: response\r\nWARC-Record-ID: <urn:x:1>\r\nWARC-Date: 2018-08-30T00:00:00Z\r\n"
                b"Content-Length: 3000000000\r\n\r\n0123456789\r\n\r\n"
            ),
            "Content-Length 3000000000, found 10",
        ),
    ],
)
def test_a_member_that_is_no_record_is_named(tmp_path, plain, what):
    """Each way in which a member can fail to be a record ends in one error, with its offset."""
    path = tmp_path / "bad.warc.gz"
    path.write_bytes(gzip.compress(plain, mtime=0))
    with pytest.raises(WarcError, match=f"bad.warc.gz: offset 0: .*{what}"):
        list(read_records(path))


def test_revisits_in_a_ring_end(tmp_path):
    """Archives made by others hold anything; no loop without end."""
    _, (closed,) = makers.one_of_everything(tmp_path)
    ring = next(r for r in read_records(closed.path) if r.type == "revisit")
    with pytest.raises(WarcError, match="without end"):
        response_bytes(ring, {ring.headers["WARC-Refers-To"]: ring}.__getitem__)
