"""CDXJ of damaged files: what is whole is indexed, what is not is named, and no file stops the reader."""

from __future__ import annotations

import gzip
import re
import tracemalloc
import zlib

import pytest
from foreign_makers import SITE, answer, arc, index, numbers, packed, page, record
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.strategies import composite

from archive.warc.foreign import read_foreign

PAGES = [page(1), page(2), page(3)]
PLAIN = b"".join(PAGES)
STARTS = [0, len(PAGES[0]), len(PAGES[0] + PAGES[1])]
GZ = [packed(one) for one in PAGES]


def test_a_length_too_short_costs_nothing(tmp_path):
    """wget's quirk: the bytes are told, the record and the next are indexed."""
    for missing in (1, 2, 30):
        data = page(1, length=len(answer(1)) - missing) + PAGES[1]
        found, told = index(tmp_path, data)

        assert ([1, 2], [0]) == (numbers(found), [one.offset for one in told])


@pytest.mark.parametrize(
    ("extra", "kept"), [(1, [1, 2, 3]), (4, [1, 2, 3]), (5, [2, 3]), (200, [2, 3]), (10**12, [2, 3])]
)
@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_a_length_too_long_costs_one_record_at_most(tmp_path, pack, extra, kept):
    """Up to its closing line ends all bytes of a block are there; beyond, it must not pass for whole."""
    found, told = index(tmp_path, pack(page(1, length=len(answer(1)) + extra) + PAGES[1] + PAGES[2]))

    assert (kept, [0]) == (numbers(found), [one.offset for one in told])


@pytest.mark.parametrize("junk", [bytes(5000), b"\xff" * 70, b"<html>\r\n\r\n" * 300, b"WARC/1.0\r\n", bytes(400_000)])
def test_what_is_no_record_is_passed_over(tmp_path, junk):
    """A disk that lost a block has zeros there."""
    found, told = index(tmp_path, PAGES[0] + junk + PAGES[1])
    in_gzip, told_of_gzip = index(tmp_path, GZ[0] + junk + GZ[1])

    assert ([1, 2], [1, 2]) == (numbers(found), numbers(in_gzip))
    assert told
    assert [len(GZ[0])] == [one.offset for one in told_of_gzip]


@pytest.mark.parametrize("lost", ["Content_Length", "WARC_Type"])
def test_a_head_that_tells_too_little_costs_one_record(tmp_path, lost):
    """Without a length the end is unknown, but the next record is not."""
    found, told = index(tmp_path, page(1, **{lost: ""}) + PAGES[1])

    assert ([2], [f"offset 0: {lost.replace('_', '-')} is missing"]) == (numbers(found), list(map(str, told)))


@pytest.mark.parametrize("cut", [12, 40, 150])
def test_a_head_that_breaks_into_the_next_is_none(tmp_path, cut):
    """The address of one record over the block of another would be a capture that never was."""
    found, told = index(tmp_path, PAGES[0] + PAGES[1][:cut] + PAGES[2])

    assert ([1, 3], [len(PAGES[0])]) == (numbers(found), [one.offset for one in told])


@pytest.mark.parametrize("at", ["magic", "middle", "crc", "size"])
def test_a_damaged_member_costs_its_record(tmp_path, at):
    """The next member is found though the first does not tell where it ends."""
    place = {"magic": 0, "middle": len(GZ[1]) // 2, "crc": len(GZ[1]) - 6, "size": len(GZ[1]) - 2}[at]
    for order in (0, 1):
        torn = bytearray(GZ[1])
        torn[place] ^= 0x10
        data = bytes(torn) + GZ[2] if order else GZ[0] + bytes(torn) + GZ[2]
        found, told = index(tmp_path, data, "a.warc.gz")

        assert numbers(found) == ([3] if order else [1, 3])
        assert [0 if order else len(GZ[0])] == [one.offset for one in told]


def test_a_member_with_another_member_as_its_content_is_not_mistaken(tmp_path):
    """A page may be a gzip file; what begins in it is no record."""
    inner = record("response", f"{SITE}/1.html".encode(), b"HTTP/1.1 200 OK\r\n\r\n" + gzip.compress(b"text" * 50))
    stored = gzip.compress(inner, compresslevel=0)
    found, told = index(tmp_path, stored[:-4] + b"\0\0\0\0" + GZ[1])

    assert ([2], [0]) == (numbers(found), [one.offset for one in told])


@pytest.mark.parametrize(
    "data", [b"", b"PK\x03\x04rest", b"<html>no archive</html>", b"\x1f\x8b", b"\x1f\x8b\x08\0", bytes(9999)]
)
def test_what_is_no_archive_is_told(tmp_path, data):
    """An empty answer with exit 0 would look like an empty archive."""
    found, told = index(tmp_path, data)

    assert found == []
    assert told


def test_many_wrong_lengths_in_one_member_end_somewhere(tmp_path):
    """Going back in gzip costs all that lies before: a file must not make that a square."""
    filler = record("resource", b"urn:x:filler", b"x" * 600_000)
    wrong = [page(number, length=10**9) + filler for number in range(40)]
    found, told = index(tmp_path, gzip.compress(b"".join(wrong)))

    assert len(told) < 20
    assert "wrong lengths" in told[-1].what
    assert 10 < len(found) < 20


# --------------------------------------------------------------------------------------------------------- properties


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_any_cut_gives_exactly_the_whole_records_before_it(tmp_path_factory, data):
    """What a crash or a full disk leaves: nothing whole is lost, nothing cut passes for whole."""
    folder = tmp_path_factory.mktemp("cut")
    pieces = data.draw(st.sampled_from([PAGES, GZ, arc(*((f"{SITE}/{n}.html", answer(n)) for n in (1, 2, 3)))]))
    whole = b"".join(pieces)
    cut = data.draw(st.integers(0, len(whole)))
    closing = (
        0 if pieces is GZ else 4 if pieces is PAGES else 1
    )  # a block that is whole is a capture, its line ends are told
    ends = [sum(map(len, pieces[: at + 1])) - closing for at in range(len(pieces))]
    found, told = index(folder, whole[:cut])
    first = len(pieces) - 3

    assert [number for number, end in enumerate(ends[first:], 1) if end <= cut] == numbers(found)
    assert bool(told) == (cut not in [0, *(end + closing for end in ends)][1:] and not (closing == 1 and cut in ends))


@given(st.integers(1, len(gzip.compress(PLAIN, mtime=0)) - 1))
@settings(max_examples=60, deadline=None)
def test_a_cut_member_of_many_records_gives_the_whole_ones(tmp_path_factory, cut):
    """One member for the whole file is no reason to lose all of it."""
    data = gzip.compress(PLAIN, mtime=0)[:cut]
    try:
        there = zlib.decompressobj(31).decompress(data)
    except zlib.error:
        there = b""
    found, told = index(tmp_path_factory.mktemp("cut"), data)
    whole = [number for number, start in enumerate(STARTS, 1) if start + len(PAGES[number - 1]) - 4 <= len(there)]

    assert told
    begun = len(PAGES[0]) + len(
        b"WARC/1.0\r\n"
    )  # until then the first record could be alone, and whole only with its checksum
    assert (whole if len(there) >= begun else []) == numbers(found)


@composite
def mangled(draw):
    """Bytes of a valid file with some of them overwritten, left out or put in."""
    data = bytearray(
        draw(st.sampled_from([PLAIN, b"".join(GZ), gzip.compress(PLAIN), b"".join(arc((f"{SITE}/1.html", answer(1))))]))
    )
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(data)))
        data[start : start + draw(st.integers(0, 40))] = draw(st.binary(max_size=40))
    return bytes(data)


@given(st.one_of(st.binary(max_size=400), mangled(), st.binary(max_size=100).map(gzip.compress)))
@settings(max_examples=300, deadline=None)
def test_no_bytes_stop_the_reader(tmp_path_factory, data):
    """Whatever a file holds: each line is one, and no error but the told ones."""
    found, _ = index(tmp_path_factory.mktemp("any"), data)

    assert all(re.fullmatch(r"\S+", line["key"]) and re.fullmatch(r"\d{14}", line["time"]) for line in found)


@given(st.integers(0, 8 * sum(map(len, GZ)) - 1))
@settings(max_examples=150, deadline=None)
def test_a_flipped_bit_costs_one_record_and_is_told(tmp_path_factory, bit):
    """gzip's checksum finds it; the head of a member has bits (time, system) that say nothing."""
    data = bytearray(b"".join(GZ))
    data[bit // 8] ^= 1 << bit % 8
    found, told = index(tmp_path_factory.mktemp("bit"), bytes(data))
    hit = 1 + sum(bit // 8 >= sum(map(len, GZ[: at + 1])) for at in range(2))

    assert numbers(found) == ([1, 2, 3] if not told else [number for number in (1, 2, 3) if number != hit])


def test_memory_stays_small_whatever_a_file_tells(tmp_path):
    """A bomb of 300 MB in a member, and a length of 3 GB with nothing behind it."""
    head = record("response", f"{SITE}/1.html".encode(), b"", length=300_000_019).removesuffix(b"\r\n\r\n")
    bomb = zlib.compressobj(9, zlib.DEFLATED, 31)
    parts = [bomb.compress(head + b"HTTP/1.1 200 OK\r\n\r\n"), *(bomb.compress(bytes(10_000_000)) for _ in range(30))]
    data = b"".join([*parts, bomb.compress(b"\r\n\r\n"), bomb.flush()])
    short = packed(page(2, length=3 << 30))
    tracemalloc.start()
    found, told = index(tmp_path, data + short + GZ[2])
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert ([1, 3], 1) == (numbers(found), len(told))
    assert peak < 16 << 20


def test_places_beyond_four_gigabytes_are_right(tmp_path):
    """A sparse file: records behind a block of 5 GB, which is not read where its digest is told."""
    path = tmp_path / "large.warc"
    size = 5 << 30
    large = record("response", f"{SITE}/1.html".encode(), b"", length=size, WARC_Payload_Digest="sha1:X").removesuffix(
        b"\r\n\r\n"
    )
    with path.open("wb") as file:
        file.write(large + b"HTTP/1.1 200 OK\r\n\r\n")
        file.seek(len(large) + size)
        file.write(b"\r\n\r\n" + PAGES[1])
    told: list[object] = []
    found = list(read_foreign(path, told.append))

    assert told == []
    assert [(0, len(large) + size), (len(large) + size + 4, len(PAGES[1]) - 4)] == [
        (one.offset, one.length) for one in found
    ]
