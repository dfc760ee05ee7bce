"""Damaged files made by others: what is whole is taken, what is not is told with its place, memory stays flat."""

from __future__ import annotations

import gzip
import json
import tracemalloc
import zlib
from datetime import UTC, datetime
from pathlib import Path

import pytest
from foreign_makers import SITE, answer, arc, packed, page, record, taken
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from archive.errors import WarcError
from archive.fixity import payload_digest
from archive.http import parse_response
from archive.model import Capture
from archive.warc import MAX_RECORD, foreign_captures, foreign_response

CASES = Path(__file__).parents[3] / "shared" / "cases"
PAGES = [page(number) for number in range(6)]
WHOLE = {(f"{SITE}/{number}.html", payload_digest(parse_response(answer(number)).payload)) for number in range(6)}
FLAT = 24 << 20  # bytes of memory that reading may take, whatever a file holds


def told_of(folder: Path, data: bytes, name: str = "a.warc.gz") -> tuple[list[str], list[str]]:
    """Take a file: the addresses of its captures, the damages."""
    _, found, told = taken(folder, data, name)
    return [one.capture.url for one in found], told


@pytest.mark.parametrize(
    ("data", "first"),
    [
        (packed(*PAGES[:2]) + packed(PAGES[2])[:-9] + packed(*PAGES[3:]), "damaged"),
        (
            packed(*PAGES[:2]) + packed(PAGES[2])[:60] + b"\xff" * 9 + packed(PAGES[2])[69:] + packed(*PAGES[3:]),
            "damaged",
        ),
        (packed(*PAGES[:2]) + b"\0" * 4096 + packed(*PAGES[3:]), "expected a gzip member, found b'\\x00"),
        (packed(*PAGES[:2]) + packed(PAGES[2])[:-8] + b"\0" * 8 + packed(*PAGES[3:]), "damaged"),
    ],
    ids=["cut member", "corrupt stream", "NULs", "wrong checksum"],
)
def test_a_damaged_member_costs_its_record_alone(tmp_path, data, first):
    """Its offset is told, the members around it are taken."""
    urls, told = told_of(tmp_path, data)

    assert urls == [f"{SITE}/{number}.html" for number in (0, 1, 3, 4, 5)]
    assert told[0].startswith(f"offset {len(packed(*PAGES[:2]))}")
    assert first in told[0]


@pytest.mark.parametrize("length", [3 << 30, 10**17])
@pytest.mark.parametrize(
    "pack", [b"".join, lambda records: gzip.compress(b"".join(records)), lambda records: packed(*records)]
)
def test_a_length_that_is_not_there_costs_no_memory(tmp_path, length, pack):
    """Three gigabytes declared, ten bytes there: nothing is allocated on the word of a head."""
    liar = record("response", f"{SITE}/9.html".encode(), answer(9)[:30], length=length)
    data = pack([PAGES[0], liar, PAGES[1]])
    tracemalloc.start()
    urls, told = told_of(tmp_path, data)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert urls == [f"{SITE}/0.html", f"{SITE}/1.html"]
    assert f"Content-Length {length}" in told[0]
    assert peak < FLAT


def test_a_bomb_comes_out_in_pieces(tmp_path):
    """100 MB of nothing in 100 kB: named by its digest, never held."""
    size = 100 << 20
    head = record("response", f"{SITE}/9.html".encode(), b"HTTP/1.1 200 OK\r\n\r\n", length=size + 19)[:-4]
    stream = zlib.compressobj(wbits=31)
    parts = [
        stream.compress(head),
        *(stream.compress(bytes(1 << 20)) for _ in range(100)),
        stream.compress(b"\r\n\r\n"),
    ]
    path = tmp_path / "a.warc.gz"
    path.write_bytes(b"".join([*parts, stream.flush()]) + packed(PAGES[1]))
    told: list[object] = []
    tracemalloc.start()
    found = [one.capture for one in foreign_captures(path, "imported/a.warc.gz", "sha256:0", told.append)]
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert told == []
    assert [one.url for one in found] == [f"{SITE}/9.html", f"{SITE}/1.html"]
    assert found[0].payload_bytes == size
    assert found[0].payload_digest == payload_digest(bytes(size))
    assert peak < FLAT


@pytest.mark.soak
def test_a_body_in_chunks_of_one_byte_costs_no_more_than_its_bytes(tmp_path):
    """A hostile server makes the most of each byte it sends."""
    block = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"1\r\nx\r\n" * (1 << 17) + b"0\r\n\r\n"
    path = tmp_path / "a.warc"
    path.write_bytes(record("response", f"{SITE}/9.html".encode(), block))
    tracemalloc.start()
    [one] = foreign_captures(path, "imported/a.warc", "sha256:0", lambda _: None)
    response = parse_response(foreign_response(path, one.capture))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert (one.capture.payload_bytes, response.payload == b"x" * (1 << 17), response.whole) == (1 << 17, True, True)
    assert peak < 16 << 20  # a list of the chunks alone would be 24 MB


def test_a_response_of_more_than_a_gigabyte_is_not_held(tmp_path):
    """It is in the file and can be had from there; a page it is not."""
    path = tmp_path / "a.warc"
    head = record("response", f"{SITE}/9.html".encode(), b"HTTP/1.1 200 OK\r\n\r\n", length=MAX_RECORD + 1)[:-4]
    with path.open("wb") as file:
        file.write(head)
        file.truncate(len(head) + (2 << 30))  # a hole: no bytes on the disk
    capture = Capture(
        record_id="<urn:uuid:1>",
        type="response",
        url=f"{SITE}/9.html",
        fetched=datetime(2026, 1, 5, tzinfo=UTC),
        file="imported/a.warc",
        offset=0,
        length=len(head) + MAX_RECORD,
        status=200,
        mime="",
        payload_digest="",
        payload_bytes=0,
    )

    with pytest.raises(WarcError, match=f"imported/a.warc: offset 0: a record of {MAX_RECORD + 1} bytes"):
        foreign_response(path, capture)


@pytest.mark.parametrize(
    "data", [b"", b"PK\x03\x04rest", b"\x28\xb5\x2f\xfdrest", b"<html>a page</html>" * 99, b"\0" * 9999]
)
def test_a_file_that_is_none_gives_nothing_and_says_so(tmp_path, data):
    """The importer keeps nothing of it."""
    urls, told = told_of(tmp_path, data)

    assert urls == []
    assert len(told) == 1
    assert told[0].startswith("offset 0: ")


def test_an_arc_that_is_cut_is_taken_as_far_as_it_goes(tmp_path):
    """An old crawl of which the end is lost."""
    records = arc(*((f"{SITE}/{number}.html", answer(number)) for number in range(3)))
    urls, told = told_of(tmp_path, b"".join(records)[:-20], "a.arc")

    assert urls == [f"{SITE}/0.html", f"{SITE}/1.html"]
    assert told[0].startswith(f"offset {len(b''.join(records[:3]))}: Content-Length")


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.integers(0, len(packed(*PAGES)) - 1), bit=st.integers(0, 7), cut=st.booleans())
def test_no_damage_changes_what_is_taken(tmp_path, place, bit, cut):
    """A flipped bit or a cut costs the record it is in, at most, and never gives one that was not there; a loss is told."""
    data = bytearray(packed(*PAGES))
    if cut:
        del data[place:]
    else:
        data[place] ^= 1 << bit
    _, found, told = taken(tmp_path, bytes(data))
    pairs = {(one.capture.url, one.capture.payload_digest) for one in found}
    whole_before = sum(len(packed(*PAGES[: number + 1])) <= place for number in range(6))

    assert pairs <= WHOLE
    assert len(pairs) >= (whole_before if cut else 5)
    assert told or len(pairs) == 6 or (cut and place == len(packed(*PAGES[:whole_before])))


@pytest.mark.skipif(not CASES.is_dir(), reason="the shared cases are not here")
@pytest.mark.parametrize("number", ["012", "013", "014", "015", "016", "018"])
def test_the_shared_cases_are_taken(number):
    """Each is a phenomenon of a public bug report; the records that count must be there, the others must not."""
    folder = next(CASES.glob(f"{number}-*"))
    case = json.loads((folder / "case.json").read_text("utf-8"))
    expect, told, found = case["expect"], [], []
    for name in case["input"]:
        if ".warc" in name:
            for one in foreign_captures(folder / name, f"imported/{name}", "sha256:0", told.append):
                response = parse_response(foreign_response(folder / name, one.capture))
                assert payload_digest(response.payload) == one.capture.payload_digest
                found.append(one.capture)
    urls = [one.url for one in found]

    for wanted in expect.get("records", []):
        any_of = wanted.get("url_any", [wanted.get("url")])
        assert any(one.url in any_of and one.status == int(wanted["status"]) for one in found)
    assert not set(expect.get("lacks_urls", [])) & set(urls)
    assert bool(told) == (number in ("012", "013", "015"))
    if number == "016":
        assert urls == ["http://news.linxi.example/o.html"]
    if number == "018":
        assert [(one.status, one.payload_bytes) for one in found] == [(206, 1024), (200, 2048)]
