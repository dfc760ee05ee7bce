"""One WARC read once: digests of records of any size, damage passed over, nothing held that must not be."""

from __future__ import annotations

import hashlib
import tracemalloc
import zlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from isal import igzip_lib

from archive.errors import WarcError
from archive.fixity import file_digest, payload_digest
from archive.home import Home
from archive.http import PayloadDigest, parse_head, payload_of
from archive.ledger.rows import time_text
from archive.verify import record as records
from archive.verify import verify_home
from archive.verify.scan import Fault, Scan, Seen
from archive.warc import capture_of, read_records

SERIES = "qushui"
DATE = "2018-08-30T02:05:00.000Z"
IDS = [f"<urn:uuid:0000000{n}-0000-4000-8000-000000000000>" for n in range(10)]


def member(
    number: int,
    block: bytes,
    *fields: str,
    kind: str = "metadata",
    length: int | None = None,
    digest: str | None = None,
    version: bytes = b"WARC/1.1",
) -> bytes:
    """A record as a member; length and digest can be told wrong."""
    lines = [
        f"WARC-Type: {kind}",
        f"WARC-Record-ID: {IDS[number]}",
        f"WARC-Date: {DATE}",
        *fields,
        f"WARC-Block-Digest: {digest or payload_digest(block)}",
        f"Content-Length: {len(block) if length is None else length}",
    ]
    plain = version + b"\r\n" + "\r\n".join(lines).encode() + b"\r\n\r\n" + block + b"\r\n\r\n"
    return bytes(igzip_lib.compress(plain, 2, igzip_lib.COMP_GZIP))


def response(number: int, body: bytes, *fields: str, head: bytes = b"", digest: str | None = None) -> bytes:
    block = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n" + head + b"\r\n" + body
    told = digest or payload_digest(bytes(payload_of(block, parse_head(block)).data))
    more = ("WARC-Target-URI: http://q.example/", f"WARC-Payload-Digest: {told}", *fields)
    return member(number, block, *more, kind="response")


def warc(folder: Path, *members: bytes, number: int = 1) -> Path:
    path = folder / f"{SERIES}-20180830020500-{number:05d}.warc.gz"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"".join(members))
    return path


def scanned(path: Path) -> tuple[list[Seen], list[Fault], Scan]:
    scan = Scan(path)
    found = list(scan)
    return [one for one in found if isinstance(one, Seen)], [one for one in found if isinstance(one, Fault)], scan


# ------------------------------------------------------------------------------------------------------------- payload

LINES = st.sampled_from([b"\r\n", b"\n", b"", b"\r", b"x\r\n", b";a=b\r\n", b" \n", b"\r\r\n"])
SIZES = st.integers(0, 40).map(lambda n: b"%x" % n)
BODIES = st.one_of(
    st.binary(max_size=200),
    st.lists(st.tuples(SIZES, LINES, st.binary(max_size=40), LINES), max_size=6).map(
        lambda chunks: b"".join(b"".join(chunk) for chunk in chunks)
    ),
    st.lists(st.binary(min_size=1, max_size=40), max_size=6).map(
        lambda parts: b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"
    ),
)
HEADS = st.sampled_from(
    [
        b"",
        b"Transfer-Encoding: chunked\r\n",
        b"transfer-encoding:  CHUNKED \r\n",
        b"Transfer-Encoding: gzip, chunked\r\n",
        b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
        b"Transfer-Encoding: identity\r\n",
        b"Content-Length: 7\r\n",
    ]
)


@settings(max_examples=600, deadline=None)
@given(
    body=BODIES,
    more=HEADS,
    status=st.sampled_from([200, 204, 304, 500]),
    cuts=st.lists(st.integers(1, 60), max_size=12),
)
def test_a_payload_taken_in_pieces_is_the_payload_of_the_whole(
    body: bytes, more: bytes, status: int, cuts: list[int]
) -> None:
    """Two ways to find a payload must never differ, or a long record would be called damaged that a short one is not."""
    head = b"HTTP/1.1 %d OK\r\n" % status + more + b"\r\n"
    whole = payload_of(head + body, parse_head(head + body))
    taken, at = PayloadDigest(parse_head(head), head), 0
    for cut in [*cuts, len(body)]:
        taken.update(memoryview(body)[at : at + cut])
        at += cut

    assert (taken.digest(), taken.bytes, taken.whole) == (payload_digest(whole.data), len(whole.data), whole.whole)


@settings(max_examples=150, deadline=None)
@given(body=BODIES, more=HEADS, piece=st.integers(1, 300), kind=st.sampled_from(["response", "resource", "metadata"]))
def test_a_long_record_is_examined_as_a_short_one(body: bytes, more: bytes, piece: int, kind: str) -> None:
    """The way through memory and the way in pieces give the same columns and find the same."""
    packed = response(1, body, head=more) if kind == "response" else member(
        1, body, "WARC-Target-URI: urn:x", f"WARC-Payload-Digest: {payload_digest(body)}", "Content-Type: a/B; c=d", kind=kind
    )  # fmt: skip
    data = zlib.decompress(packed, 31)
    begun = data.index(b"\r\n\r\n") + 4 + (data[data.index(b"\r\n\r\n") + 4 :].find(b"\r\n\r\n") + 4)
    short = records.examine(iter([data]))
    long = records._streamed(data[:begun], iter([data[at : at + piece] for at in range(begun, len(data), piece)]))

    assert (long.columns, long.faults, long.refers) == (short.columns, short.faults, short.refers)
    assert short.faults == []


def test_the_columns_are_those_of_the_capture(tmp_path: Path) -> None:
    """What is compared with the ledger is what the ledger was told, by way of archive.warc."""
    path = warc(
        tmp_path,
        response(1, b"5\r\nhello\r\n0\r\n\r\n", head=b"Transfer-Encoding: chunked\r\n"),
        response(2, b"half", "WARC-Truncated: odd"),
        member(3, b"{}", "WARC-Target-URI: urn:x", f"WARC-Payload-Digest: {payload_digest(b'{}')}",
               "Content-Type: application/JSON;a=b", kind="resource"),
        member(4, b"HTTP/1.1 304 Same\r\n\r\n", "WARC-Target-URI: http://q.example/", f"WARC-Refers-To: {IDS[1]}",
               f"WARC-Payload-Digest: {payload_digest(b'hello')}", kind="revisit"),
    )  # fmt: skip
    seen, faults, _ = scanned(path)
    captures = [capture_of(record) for record in read_records(path)]

    assert faults == []
    assert [one.record.columns for one in seen] == [
        (c.record_id, c.type, c.url, time_text(c.fetched), c.status, c.mime, c.payload_digest, c.payload_bytes, c.refers_to,
         c.truncated)
        for c in captures if c
    ]  # fmt: skip


# --------------------------------------------------------------------------------------------------------- one record


@pytest.mark.parametrize(
    ("damaged", "said"),
    [
        (member(2, b"abc", digest=payload_digest(b"abd")), "WARC-Block-Digest"),
        (member(2, b"abc", length=3_000_000_000), "Content-Length 3000000000, found 3"),
        (member(2, b"abc", length=2), "Content-Length 2"),
        (member(2, b"abc", version=b"WARX/1.1"), "expected a WARC record"),
        (member(2, b"abc", "WARC-Date: 2018"), "twice"),
        (member(2, b"abc", kind="conversion"), "type"),
        (response(2, b"abc", digest=payload_digest(b"abd")), "WARC-Payload-Digest"),
        (bytes(igzip_lib.compress(b"\0" * 5000, 2, igzip_lib.COMP_GZIP)), "expected a WARC record"),
        (member(2, b"abc") + b"\0" * 3000, ""),
        (b"\x1f\x8b" * 4000, ""),
    ],
)
def test_a_record_that_is_not_what_it_says_is_named_and_passed(tmp_path: Path, damaged: bytes, said: str) -> None:
    """Gzip's own checksum is right in most of these: only the record's words tell. What is behind it is read."""
    first, last = member(1, b"first"), member(3, b"last")
    seen, faults, scan = scanned(warc(tmp_path, first, damaged, last))

    assert [one.record.record_id for one in seen if one.record.record_id != IDS[2]] == [IDS[1], IDS[3]]
    assert len(first) <= faults[0].offset < len(first) + len(damaged)
    assert said in faults[0].what
    assert len(faults) == 1
    assert scan.sha256 == file_digest(tmp_path / f"{SERIES}-20180830020500-00001.warc.gz")


def test_two_records_in_one_member_are_damage(tmp_path: Path) -> None:
    """One record a member: what a reader that seeks by offset would never see."""
    plain = zlib.decompress(member(1, b"first"), 31) + zlib.decompress(member(2, b"second"), 31)
    seen, faults, _ = scanned(warc(tmp_path, bytes(igzip_lib.compress(plain, 2, igzip_lib.COMP_GZIP))))

    assert (seen, len(faults)) == ([], 1)


@pytest.mark.parametrize("chunked", [False, True])
def test_memory_is_flat_however_long_a_record_is(tmp_path: Path, chunked: bool) -> None:
    """A record of 64 MB takes a few pieces of a megabyte; a member that never ends is called a bomb."""
    size = 64 << 20
    zeros = bytes(1 << 20)
    head = b"HTTP/1.1 200 OK\r\n" + (b"Transfer-Encoding: chunked\r\n" if chunked else b"") + b"\r\n"
    around = (b"%x\r\n" % size, b"\r\n0\r\n\r\n") if chunked else (b"", b"")
    block, payload = hashlib.sha256(head + around[0]), hashlib.sha256()
    for _ in range(size >> 20):
        block.update(zeros)
        payload.update(zeros)
    block.update(around[1])
    length = len(head) + len(around[0]) + size + len(around[1])
    fields = (
        f"WARC/1.1\r\nWARC-Type: response\r\nWARC-Record-ID: {IDS[1]}\r\nWARC-Date: {DATE}\r\nWARC-Target-URI: http://q/\r\n"
        f"WARC-Block-Digest: sha256:{block.hexdigest()}\r\nWARC-Payload-Digest: sha256:{payload.hexdigest()}\r\n"
        f"Content-Length: {length}\r\n\r\n"
    )
    path, packer = warc(tmp_path), zlib.compressobj(1, wbits=31)
    with path.open("wb") as file:
        file.write(packer.compress(fields.encode() + head + around[0]))
        for _ in range(size >> 20):
            file.write(packer.compress(zeros))
        file.write(packer.compress(around[1] + b"\r\n\r\n") + packer.flush())
    tracemalloc.start()
    seen, faults, _ = scanned(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert faults == []
    assert seen[0].record.columns is not None
    assert seen[0].record.columns[7] == size
    assert peak < 16 << 20


def test_a_bomb_is_left_at_its_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What unfolds to more than any record of ours is no record, and is not unfolded further."""
    monkeypatch.setattr("archive.verify.scan.LONGEST", 8 << 20)
    _, faults, _ = scanned(warc(tmp_path, response(1, bytes(64 << 20)), member(2, b"behind it")))

    assert [fault.what for fault in faults] == [f"a record of more than {8 << 20} bytes"]


# ------------------------------------------------------------------------------------------------------ between records


def _verified(tmp_path: Path, *files: list[bytes]) -> list[tuple[str, list[int]]]:
    """Damage of a home that has WARCs alone."""
    home = Home(tmp_path / "home").make()
    for number, members in enumerate(files, 1):
        warc(home.warc(SERIES), *members, number=number)
    report = verify_home(home)
    return [(path, [offset for offset, _ in one.records]) for path, one in sorted(report.damaged.items())]


def _name(number: int) -> str:
    return f"warc/{SERIES}/{SERIES}-20180830020500-{number:05d}.warc.gz"


def test_an_id_that_stands_twice_is_damage_where_it_stands_again(tmp_path: Path) -> None:
    """A reference to it would lead to two records."""
    first = member(1, b"first")

    assert _verified(tmp_path, [first, member(1, b"again")], [member(1, b"and again")]) == [
        (_name(1), [len(first)]),
        (_name(2), [0]),
    ]


@pytest.mark.parametrize("name", ["WARC-Refers-To", "WARC-Concurrent-To", "WARC-Warcinfo-ID"])
def test_a_reference_to_nothing_is_damage(tmp_path: Path, name: str) -> None:
    """One to a record of another file, before or behind, is none."""
    sound = [member(1, b"a", f"{name}: {IDS[2]}")], [member(2, b"b", f"{name}: {IDS[1]}")]

    assert _verified(tmp_path / "sound", *sound) == []
    assert _verified(tmp_path / "loose", *sound, [member(3, b"c", f"{name}: {IDS[9]}")]) == [(_name(3), [0])]


def test_a_revisit_of_another_payload_is_damage(tmp_path: Path) -> None:
    """It says that it has the payload of the record it refers to: the digests must be one."""
    fields = ("WARC-Target-URI: http://q.example/", f"WARC-Refers-To: {IDS[1]}")
    original = response(1, b"hello")
    same, other = (f"WARC-Payload-Digest: {payload_digest(text)}" for text in (b"hello", b"goodbye"))
    block = b"HTTP/1.1 200 OK\r\n\r\n"

    assert _verified(tmp_path / "same", [original, member(2, block, *fields, same, kind="revisit")]) == []
    assert _verified(tmp_path / "other", [original, member(2, block, *fields, other, kind="revisit")]) == [
        (_name(1), [len(original)])
    ]


def test_the_reader_and_the_scan_agree_on_what_is_whole(tmp_path: Path) -> None:
    """What verify calls whole, a rebuild can read."""
    path = warc(tmp_path, member(1, b"a"), member(2, b"b")[:-3])
    seen, faults, _ = scanned(path)
    read = []
    with pytest.raises(WarcError, match=f"offset {faults[0].offset}:"):
        read.extend(r.record_id for r in read_records(path))

    assert [one.record.record_id for one in seen] == [IDS[1]]
