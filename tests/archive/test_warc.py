"""WARC files: what was received is what is kept, and others read it as we do."""

from __future__ import annotations

import errno
import hashlib
import os
import resource
import subprocess
import sys
import tempfile
from datetime import timedelta
from pathlib import Path

import pytest
import warc_checker as checker
import warc_makers as makers
from fastwarc.warc import ArchiveIterator as FastIterator
from fastwarc.warc import WarcRecordType
from hypothesis import example, given, settings
from hypothesis import strategies as st
from warcio.archiveiterator import ArchiveIterator

from archive.errors import DiskError, HomeError
from archive.fixity import payload_digest
from archive.http import parse_response
from archive.model import Exchange
from archive.warc import (
    Original,
    capture_of,
    metadata_of,
    original_of,
    read_at,
    read_records,
    record_uri,
    response_bytes,
    series_files,
)

NOON, SERIES = makers.NOON, makers.SERIES
CHUNKED = "https://%E4%BE%8B%E5%AD%90.org/%E8%BF%9E%20%E8%BD%BD?a=%5B1%5D%7C2"


def loader(records):
    """A look-up of records by id."""
    return {record.record_id: record for record in records}.__getitem__


def test_a_file_with_one_of_everything_conforms(tmp_path):
    """Every "shall" of WARC 1.1 that the bytes can show."""
    _, closed = makers.one_of_everything(tmp_path)

    assert checker.check([file.path for file in closed]) == []


def test_what_is_read_back_is_what_was_written(tmp_path):
    """The fold over records read back must see the very captures that the crawl saw."""
    written, (closed,) = makers.one_of_everything(tmp_path)
    read = [capture for record in read_records(closed.path) if (capture := capture_of(record))]

    assert [capture for capture in written if capture.type != "metadata"] == read


def test_metadata_is_read_back(tmp_path):
    """What a run knows beside its exchanges is part of the series' story."""
    _, (closed,) = makers.one_of_everything(tmp_path)
    told = [metadata_of(record) for record in read_records(closed.path) if record.type == "metadata"]

    assert told == [{"kind": "run.started", "名": "连载"}, {"kind": "run.finished"}]


def test_kinds_and_references_of_revisits(tmp_path):
    """Identical payloads are kept once; a 304 stands for what its condition named, else for itself."""
    captures, _ = makers.one_of_everything(tmp_path)
    first, copy, not_modified, plain, cut, odd = (c for c in captures if c.type in ("response", "revisit"))

    assert [c.type for c in (first, copy, not_modified, plain)] == ["response", "revisit", "revisit", "response"]
    assert {copy.refers_to, not_modified.refers_to} == {first.record_id}
    assert {copy.payload_digest, not_modified.payload_digest} == {first.payload_digest}
    assert (cut.truncated, odd.payload_bytes, odd.url) == (
        "length",
        15,
        CHUNKED,
    )


def test_a_revisit_gives_the_whole_response_again(tmp_path):
    """What is kept once must still be there for each visit: its own head, the original's payload."""
    captures, (closed,) = makers.one_of_everything(tmp_path)
    records = list(read_records(closed.path))
    load = loader(records)
    copy, not_modified = (load(c.record_id) for c in captures if c.type == "revisit")

    assert response_bytes(copy, load) == makers.exchange("", "<p>郑州</p>".encode(), at=2).response
    assert response_bytes(not_modified, load) == load(captures[2].record_id).block


def test_a_revisit_of_chunks_has_the_payload_in_chunks(tmp_path):
    """Two servers may frame the same page differently; parsing either gives the same payload."""
    body, head = b"5\r\nlooks like a chunk", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    again = Exchange("http://example.org/b", b"GET", head + b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body), NOON)
    with_chunks = makers.open_writer(tmp_path)
    with_chunks.write_exchange(makers.exchange("http://example.org/a", body))
    with_chunks.write_exchange(again)
    records = list(read_records(with_chunks.close()[0].path))

    assert records[-1].type == "revisit"
    assert parse_response(response_bytes(records[-1], loader(records))).payload == body


def test_a_payload_of_an_earlier_run_is_found_in_the_ledger(tmp_path):
    """A second visit costs no body even after months."""
    first = makers.open_writer(tmp_path)
    capture = first.write_exchange(makers.exchange("http://example.org/a", b"body"))
    original = original_of(read_at(first.path, capture.offset))
    first.close()
    second = makers.open_writer(tmp_path, serial=2, known={capture.payload_digest: original}.get)
    again = second.write_exchange(makers.exchange("http://example.org/a", b"body", at=9))
    second.close()

    assert isinstance(original, Original)
    assert (again.type, again.refers_to) == ("revisit", capture.record_id)
    assert checker.check(series_files(tmp_path, SERIES)) == []


@pytest.mark.parametrize("truncated", ["length", "time", "disconnect", None])
def test_what_is_not_whole_is_marked_and_never_an_original(tmp_path, truncated):
    """A later whole answer with the same beginning must not be taken for it, nor the other way round."""
    cut = Exchange(
        "http://e.org/", b"GET", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf", NOON, truncated=truncated
    )
    writer = makers.open_writer(tmp_path)
    captures = [writer.write_exchange(cut), writer.write_exchange(cut)]
    writer.close()

    assert [c.type for c in captures] == ["response", "response"]
    assert {c.truncated for c in captures} == {truncated or "disconnect"}


WIRE = st.one_of(
    st.binary(min_size=1, max_size=300),
    st.binary(max_size=200).map(lambda b: b"HTTP/1.1 200 OK\r\n" + b),
    st.binary(max_size=200).map(lambda b: b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b),
    st.sampled_from([b"\r\n\r\n", b"WARC/1.1\r\n\r\n", b"HTTP/1.1 304 N\r\n\r\n", b"HTTP/1.1 200 OK\n\nx"]),
)
ADDRESS = st.text(max_size=30).map(lambda tail: f"http://例.org/{tail}")


@settings(deadline=None, max_examples=60)
@given(wire=st.lists(st.tuples(st.binary(min_size=1, max_size=200), WIRE, ADDRESS), min_size=1, max_size=5))
def test_arbitrary_bytes_come_back_exactly(wire):
    """The one promise of the archive: the blocks are what went over the wire, whatever that was."""
    with tempfile.TemporaryDirectory() as folder:
        writer = makers.open_writer(Path(folder))
        captures = [writer.write_exchange(Exchange(url, sent, got, NOON)) for sent, got, url in wire]
        closed = writer.close()
        records = list(read_records(closed[0].path))
        load = loader(records)
        requests = [record.block for record in records if record.type == "request"]
        answers = [record for record in records if record.type in ("response", "revisit")]

        assert [sent for sent, _, _ in wire] == requests
        assert captures == [capture_of(record) for record in answers]
        for (_, got, _), answer in zip(wire, answers, strict=True):
            assert (
                got == answer.block
                or parse_response(got).payload == parse_response(response_bytes(answer, load)).payload
            )
            assert got.startswith(answer.block)
        assert [f for f in checker.check([closed[0].path]) if "Payload-Digest is wrong" not in f] == []


@given(st.text(max_size=60))
@example("##")  # a fragment holds no second "#"
@example("a#b#c?d")
def test_an_escaped_address_is_a_uri_and_stays(url):
    """WARC-Target-URI shall be properly escaped; escaping what is escaped changes nothing."""
    once = record_uri("http://h/" + url)

    assert checker.URI.fullmatch(once)
    assert once == record_uri(once)


def test_bytes_of_an_address_are_kept_as_they_are():
    """GBK addresses come as bytes that are no UTF-8; they are escaped one by one."""
    assert record_uri(b"http://e.org/\xba\xd3".decode("utf-8", "surrogateescape")) == "http://e.org/%BA%D3"
    assert record_uri("http://[::1]:80/a[b]") == "http://[::1]:80/a%5Bb%5D"


def test_warcio_reads_all_of_it(tmp_path):
    """Other people's tools read the archive as well as their own."""
    _, (closed,) = makers.one_of_everything(tmp_path)
    ours = list(read_records(closed.path))
    with closed.path.open("rb") as file:
        theirs = [
            (r.rec_type, r.rec_headers.get_header("WARC-Record-ID"), r.raw_stream.read())
            for r in ArchiveIterator(file, no_record_parse=True)
        ]

    assert theirs == [(r.type, r.record_id, r.block) for r in ours]


def test_warcio_agrees_on_payloads(tmp_path):
    """The payload is the body without transfer coding for both, but where warcio 1.8 trips over a chunk's trailer."""
    _, (closed,) = makers.one_of_everything(tmp_path)
    with closed.path.open("rb") as file:
        payloads = {
            r.rec_headers.get_header("WARC-Payload-Digest"): r.content_stream().read()
            for r in ArchiveIterator(file)
            if r.rec_type in ("response", "resource") and r.rec_headers.get_header("WARC-Target-URI") != CHUNKED
        }

    assert len(payloads) == 4
    assert [told for told, payload in payloads.items() if told != payload_digest(payload)] == []


def test_fastwarc_finds_digests_right(tmp_path):
    """A second reader by others. It takes chunk framing for payload (as `warcio check` does), the standard does not."""
    _, (closed,) = makers.one_of_everything(tmp_path)
    with closed.path.open("rb") as file:
        blocks = [record.verify_block_digest() for record in FastIterator(file, parse_http=False)]
    with closed.path.open("rb") as file:
        payloads = {
            record.headers["WARC-Target-URI"]: record.verify_payload_digest()
            for record in FastIterator(file, record_types=WarcRecordType.response)
        }

    assert blocks == [True] * closed.records
    assert [url for url, right in payloads.items() if not right] == [CHUNKED]


def test_a_closed_file_is_described_right(tmp_path):
    """The digest is taken while writing; it must be that of the file on the disk."""
    _, (closed,) = makers.one_of_everything(tmp_path)
    data = closed.path.read_bytes()

    assert closed.bytes == len(data)
    assert closed.sha256 == "sha256:" + hashlib.sha256(data).hexdigest()
    assert closed.records == len(list(read_records(closed.path)))


def test_each_record_is_found_by_its_offset(tmp_path):
    """CDXJ, ledger and provenance name offsets; a reader that starts there finds the record."""
    captures, (closed,) = makers.one_of_everything(tmp_path)

    for capture in captures:
        record = read_at(closed.path, capture.offset)
        assert (capture.record_id, capture.length) == (record.record_id, record.length)


def test_rotation_keeps_exchanges_whole_and_repeats_what_a_file_must_say(tmp_path):
    """Each file alone says how it was made; no exchange is split over two."""
    told = []

    def repeat(writer):
        told.append(writer.write_resource("urn:lianzai:profile:wangxin", "application/toml", b"x", NOON))

    writer = makers.open_writer(tmp_path, max_size=4000, on_rotate=repeat)
    captures = [
        writer.write_exchange(makers.exchange(f"http://example.org/{n}", os.urandom(900), at=n)) for n in range(20)
    ]
    closed = writer.close()

    assert [f.path for f in closed] == series_files(tmp_path, SERIES)
    assert len(closed) == len(told) + 1 > 3
    assert {c.file for c in captures} == {f.path.name for f in closed}
    assert [f.path.name.split("-")[-1] for f in closed] == [f"{n:05d}.warc.gz" for n in range(1, len(closed) + 1)]
    assert checker.check(f.path for f in closed) == []


def test_an_existing_file_is_never_overwritten(tmp_path):
    """Closed files never change, and an open one may be another process's."""
    _, (closed,) = makers.one_of_everything(tmp_path)
    before = closed.path.read_bytes()
    with pytest.raises(HomeError, match="nothing was overwritten"):
        makers.open_writer(tmp_path)
    writer = makers.open_writer(tmp_path, serial=2)
    with pytest.raises(HomeError):
        makers.open_writer(tmp_path, serial=2)
    writer.close()

    assert before == closed.path.read_bytes()


FULL_DISK = """
import resource, signal, sys
from pathlib import Path
sys.path.insert(0, {parts!r})
import warc_makers as makers
from archive.errors import DiskError
resource.setrlimit(resource.RLIMIT_FSIZE, (9000, 9000))
writer, kept = makers.open_writer(Path({folder!r})), 0
try:
    while True:
        writer.write_exchange(makers.exchange(f"http://example.org/{{kept}}", bytes([kept]) * 9 + __import__("os").urandom(700)))
        kept += 1
except DiskError as error:
    print(kept, error.exit_code, str(error))
print(writer.close()[0].records)
"""


def test_a_write_that_the_disk_refuses_is_taken_back_whole(tmp_path):
    """wpull#52: a disk full inside a record. The file ends after its last whole exchange, and the error says where."""
    code = FULL_DISK.format(parts=str(Path(__file__).parent), folder=str(tmp_path))
    root = Path(__file__).parents[2]
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=root, check=True)
    told, records = done.stdout.splitlines()
    kept, exit_code, message = told.split(" ", 2)

    assert (exit_code, int(records)) == ("3", 1 + 2 * int(kept))
    assert os.strerror(errno.EFBIG) in message
    assert SERIES in message
    assert checker.check(series_files(tmp_path, SERIES)) == []
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] != 9000


def test_what_an_fsync_refused_is_cut_off_and_nothing_more_is_taken(tmp_path, monkeypatch):
    """After a failed fsync the pages may be gone without a further word, so they count as never written."""
    writer = makers.open_writer(tmp_path)
    writer.write_exchange(makers.exchange("http://example.org/1", b"safe"))
    writer.sync()
    writer.write_exchange(makers.exchange("http://example.org/2", b"doubtful"))

    def refuse(descriptor):
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(os, "fsync", refuse)
    with pytest.raises(DiskError):
        writer.sync()
    monkeypatch.undo()
    with pytest.raises(DiskError):
        writer.write_exchange(makers.exchange("http://example.org/3", b"later"))
    (closed,) = writer.close()

    assert [r.url for r in read_records(closed.path)] == [None, "http://example.org/1", "http://example.org/1"]
    assert closed.sha256 == "sha256:" + hashlib.sha256(closed.path.read_bytes()).hexdigest()


def test_nothing_is_pending_after_sync(tmp_path):
    """The ledger speaks only of bytes that are durable."""
    writer = makers.open_writer(tmp_path)
    writer.write_exchange(makers.exchange("http://example.org/1", b"x"))
    before = writer.pending_bytes
    writer.sync()

    assert before == writer.path.stat().st_size > writer.pending_bytes == 0


def test_an_exchange_without_an_answer_is_refused(tmp_path):
    """A request that got no response byte is a metadata record, never a lone request."""
    writer = makers.open_writer(tmp_path)
    with pytest.raises(ValueError, match="bytes both ways"):
        writer.write_exchange(Exchange("http://example.org/", b"GET", b"", NOON))


def test_dates_are_kept_to_the_millisecond(tmp_path):
    """A capture's time is its record's, so that reading back gives the same."""
    writer = makers.open_writer(tmp_path)
    capture = writer.write_exchange(makers.exchange("http://example.org/", b"x", at=1))
    writer.close()

    assert capture.fetched == NOON.replace(microsecond=123000) + timedelta(seconds=1)
