"""CDXJ of files made by others: each is read as far as it is whole, and what is not is named."""

from __future__ import annotations

import base64
import gzip
import hashlib
import io
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from foreign_makers import SITE, answer, arc, index, numbers, packed, page, record
from warc_makers import one_of_everything
from warcio.archiveiterator import ArchiveIterator
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from archive.index import cdxj_line, foreign_lines

PAGES = [page(1), page(2), page(3)]
PLAIN = b"".join(PAGES)
STARTS = [0, len(PAGES[0]), len(PAGES[0] + PAGES[1])]
GZ = [packed(one) for one in PAGES]
CASES = Path(__file__).parents[3] / "shared" / "cases"


# ----------------------------------------------------------------------------------------------------- kinds of files


@pytest.mark.parametrize("version", [b"WARC/0.17", b"WARC/0.18", b"WARC/1.0", b"WARC/1.1"])
def test_every_version_of_warc_is_read(tmp_path, version):
    """Crawls of 2008 are in libraries still."""
    found, told = index(tmp_path, b"".join(page(number, version=version) for number in (1, 2)))

    assert ([1, 2], []) == (numbers(found), told)


def test_a_file_that_is_not_packed_tells_head_and_block(tmp_path):
    """Offset and length are what other readers seek and read; as cdxj-indexer has them, without the closing line ends."""
    found, _ = index(tmp_path, PLAIN)

    for line, start, one in zip(found, STARTS, PAGES, strict=True):
        assert (int(line["offset"]), int(line["length"])) == (start, len(one) - 4)


def test_a_record_in_its_own_member_tells_the_member(tmp_path):
    """Other readers unpack from the offset on and want one record there."""
    data = b"".join(GZ)
    found, told = index(tmp_path, data)

    assert told == []
    for line, one in zip(found, PAGES, strict=True):
        offset, length = int(line["offset"]), int(line["length"])
        assert gzip.decompress(data[offset : offset + length]) == one


def test_one_member_for_the_whole_file_tells_how_each_record_is_reached(tmp_path):
    """No offset in the file leads to the second record; ours can be found, and no other reader finds a wrong one."""
    found, told = index(tmp_path, gzip.compress(PLAIN))

    assert ([1, 2, 3], []) == (numbers(found), told)
    assert [(int(line["offset"]), line["member"], int(line["skip"])) for line in found] == [
        (at, "0", at) for at in STARTS
    ]
    assert [int(line["length"]) for line in found] == [len(one) - 4 for one in PAGES]


def test_members_of_several_records_mix_with_members_of_one(tmp_path):
    """Some tools pack by size; the unpacked places then count over the whole file."""
    shared, alone = gzip.compress(PAGES[0] + PAGES[1]), GZ[2]
    found, told = index(tmp_path, shared + alone + shared)

    assert ([1, 2, 3, 1, 2], []) == (numbers(found), told)
    assert "member" not in found[2]
    assert found[2]["offset"] == str(len(shared))
    assert found[4]["member"] == str(len(shared + alone))
    assert int(found[4]["offset"]) - int(found[4]["skip"]) == len(PLAIN)


@pytest.mark.parametrize(
    "pack", [b"".join, lambda records: packed(*records), lambda records: gzip.compress(b"".join(records))]
)
def test_an_arc_is_read_packed_or_not(tmp_path, pack):
    """ARC is what was written before 2009. Blanks in an address are part of it; a record without HTTP has no status."""
    records = arc(
        (f"{SITE}/1.html", answer(1)),
        (f"{SITE}/a b/2.html", answer(2)),
        ("dns:qushui.example", b"20080430204826\n127.0.0.1\n"),
    )
    found, told = index(tmp_path, pack(records), "a.arc")

    assert told == []
    assert [line["url"] for line in found] == [f"{SITE}/1.html", f"{SITE}/a%20b/2.html", "dns:qushui.example"]
    assert [line.get("status") for line in found] == ["200", "200", None]
    assert {line["time"] for line in found} == {"20080430204826"}


def test_an_arc_with_a_wrong_length_costs_one_record(tmp_path):
    """As in a WARC, the next line that can be a record's is where it goes on."""
    records = arc(*((f"{SITE}/{number}.html", answer(number)) for number in (1, 2, 3)))
    records[2] = re.sub(rb" \d+\n", b" 99999\n", records[2], count=1)
    found, told = index(tmp_path, b"".join(records), "a.arc")

    assert ([1, 3], [len(records[0] + records[1])]) == (numbers(found), [one.offset for one in told])


def test_our_own_files_give_the_lines_of_the_ledger(tmp_path):
    """A home's index and `index` of its files must not disagree."""
    captures, files = one_of_everything(tmp_path)
    told: list[object] = []
    found = [line.decode() for closed in files for line in foreign_lines(closed.path, told.append)]
    expected = [
        cdxj_line(capture) + "\n" for capture in captures if capture.type in ("response", "revisit", "resource")
    ]

    assert (expected, []) == (found, told)


@pytest.mark.parametrize("pack", [True, False])
def test_files_by_warcio_are_read_as_warcio_reads_them(tmp_path, pack):
    """A second reader agrees on every place, time and address."""
    path = tmp_path / "a.warc.gz"
    with path.open("wb") as stream:
        writer = WARCWriter(stream, gzip=pack)
        writer.write_record(writer.create_warcinfo_record("a.warc.gz", {"software": "x"}))
        for number in range(5):
            heads = StatusAndHeaders("200 OK", [("Content-Type", "text/html")], protocol="HTTP/1.1")
            body = io.BytesIO(answer(number) * 9000 * (number == 3) or b"x")
            url = f"{SITE}/{number}.html"
            writer.write_record(writer.create_warc_record(url, "response", payload=body, http_headers=heads))
    found, told = index(tmp_path, path.read_bytes())
    with path.open("rb") as stream:
        walk = ArchiveIterator(stream)
        expected = [
            (
                one.rec_headers["WARC-Target-URI"],
                one.rec_headers["WARC-Payload-Digest"],
                walk.get_record_offset(),
                walk.get_record_length(),
            )
            for one in walk
            if one.rec_type == "response"
        ]

    assert told == []
    assert expected == [(one["url"], one["digest"], int(one["offset"]), int(one["length"])) for one in found]


# ------------------------------------------------------------------------------------------------ addresses and fields


@pytest.mark.parametrize(
    ("target", "url"),
    [
        (b"<http://qushui.example/1.html>", "http://qushui.example/1.html"),
        ("http://qushui.example/石桥 图".encode("gbk"), "http://qushui.example/%CA%AF%C7%C5%20%CD%BC"),
        ("http://qushui.example/石".encode(), "http://qushui.example/%E7%9F%B3"),
        (b"http://qushui.example/a\x00b\x7f", "http://qushui.example/a%00b%7F"),
    ],
)
def test_an_address_keeps_its_bytes(tmp_path, target, url):
    """A line is parted at its blanks; bytes read in a wrong charset would be another address."""
    found, _ = index(tmp_path, record("response", target, answer(1)))

    assert [url] == [line["url"] for line in found]


@pytest.mark.parametrize(
    ("date", "time"),
    [
        ("2026", "20260101000000"),
        ("2026-01-05T08:00:00.123456Z", "20260105080000"),
        ("2026-01-05T16:00:00+08:00", "20260105080000"),
        ("20260105080000", "20260105080000"),
    ],
)
def test_a_time_is_read_as_exactly_as_it_is_told(tmp_path, date, time):
    """WARC 1.1 allows parts of a time; zones stand in files that others made."""
    found, _ = index(tmp_path, page(1, WARC_Date=date))

    assert [time] == [line["time"] for line in found]


@pytest.mark.parametrize("more", [{"WARC_Date": "2026-13-05T08:00:00Z"}, {"WARC_Date": "soon"}, {"WARC_Date": ""}])
def test_a_capture_without_a_time_is_told(tmp_path, more):
    """Without a time it has no place in an index."""
    found, told = index(tmp_path, page(1, **more) + page(2))

    assert ([2], ["offset 0: a response without a time"]) == (numbers(found), list(map(str, told)))


def test_only_captures_get_a_line(tmp_path):
    """Named fields, requests and conversions bear the address of the page and would be replayed in its place."""
    url = f"{SITE}/1.html".encode()
    types = ("application/warc-fields", "Application/WARC-Fields; charset=utf-8", "text/anvl")
    fields = [record("metadata", url, b"x: y\r\n", Content_Type=mime) for mime in types]
    others = [record(kind, url, b"x: y\r\n") for kind in ("request", "conversion", "continuation")]
    info = record("warcinfo", None, b"software: x\r\n")
    found, told = index(tmp_path, b"".join([info, *fields, *others, page(1)]))

    assert ([1], []) == (numbers(found), told)


def test_metadata_of_an_address_is_found_by_it(tmp_path):
    """So pywb and browsertrix keep what a browser saw of a page; compared with cdxj-indexer 1.5.0, which names nobody's too."""
    seen = record(
        "metadata",
        b"urn:pageinfo:https://qushui.example/?b&a",
        b'{"a": 1}',
        Content_Type="application/json; charset=utf-8",
    )
    told_digest = record("metadata", b"urn:x:1", b"y", Content_Type="text/plain", WARC_Payload_Digest="sha1:ABC")
    undated = re.sub(rb"WARC-Date: [^\r]*\r\n", b"", record("metadata", b"urn:x:2", b"y", Content_Type="text/plain"))
    nobodys = record("metadata", None, b"y", Content_Type="text/plain")
    found, told = index(tmp_path, seen + told_digest + undated + nobodys)
    named = "sha1:" + base64.b32encode(hashlib.sha1(b'{"a": 1}').digest()).decode("ascii")

    assert told == []
    assert [(line["key"], line.get("mime"), line["digest"]) for line in found] == [
        ("urn:pageinfo:https://qushui.example?a&b", "application/json", named),
        ("urn:x:1", "text/plain", "sha1:ABC"),
    ]
    assert not any("status" in line for line in found)


def test_records_without_http_have_no_status(tmp_path):
    """As pywb and cdxj-indexer have it."""
    resource = record(
        "resource", b"urn:x:log", b"text", Content_Type="Text/Plain; charset=utf-8", WARC_Payload_Digest="md5:0"
    )
    revisit = record("revisit", f"{SITE}/1.html".encode(), b"", WARC_Payload_Digest="sha1:ABC")
    found, _ = index(tmp_path, resource + revisit)

    assert [(line["key"], line["mime"], line["digest"]) for line in found] == [
        ("urn:x:log", "text/plain", "md5:0"),
        ("example,qushui)/1.html", "warc/revisit", "sha1:ABC"),
    ]
    assert not any("status" in line for line in found)


def test_a_digest_that_is_missing_is_that_of_the_payload(tmp_path):
    """SHA-1 as other tools put it (value of sha1sum and base32), over what the chunks hold."""
    chunks = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2;a=b\r\nlo\r\n0\r\n\r\n"
    blocks = [b"HTTP/1.1 200 OK\r\n\r\nhello", chunks, b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nhello"]
    found, _ = index(tmp_path, b"".join(record("response", b"http://e.org/", block) for block in blocks))

    assert {"sha1:VL2MMHO4YXUKFWV63YHTWSBM3GXKSQ2N"} == {line["digest"] for line in found}
    assert len(found) == 3


POST = b"POST /f HTTP/1.1\r\nContent-Type: %s\r\n\r\n%s"


@pytest.mark.parametrize("answer_first", [True, False])
@pytest.mark.parametrize(
    ("kind", "body", "key"),
    [
        (b"application/x-www-form-urlencoded", b"b=2&a=%E4%B8%AD+x", "/f?__wb_method=post&a=%e4%b8%ad%20x&b=2"),
        (
            b"application/json",
            b'{"a":{"b":1},"c":[1,true,null,2.0]}',
            "/f?__wb_method=post&b=1&c=1&c.2_=true&c.3_=none&c.4_=2.0",
        ),
        (b"text/plain", b"hi", "/f?__wb_method=post&__wb_post_data=agk="),
        (b"application/json", b"{", "/f?__wb_method=post"),
        (
            b"multipart/form-data; boundary=X",
            b'--X\r\nContent-Disposition: form-data; name="q"\r\n\r\nv w\r\n--X--\r\n',
            "/f?__wb_method=post&q=v+w",
        ),
    ],
)
def test_what_was_posted_is_part_of_the_key(tmp_path, kind, body, key, answer_first):
    """Two searches by form have one address; keys are those of cdxj-indexer 1.5.0 --post-append."""
    url = b"http://e.org/f"
    pair = [
        record("response", url, answer(1), WARC_Record_ID="<urn:uuid:1>"),
        record("request", url, POST % (kind, body), WARC_Concurrent_To="<urn:uuid:1>"),
    ]
    found, _ = index(tmp_path, b"".join(pair if answer_first else pair[::-1]))

    assert [("org,e)" + key, url.decode(), "POST")] == [(line["key"], line["url"], line["method"]) for line in found]


def test_a_request_belongs_to_its_own_answer_only(tmp_path):
    """A neighbour of the same address is not enough where the record says whose it is."""
    url = b"http://e.org/f"
    asked = record("request", url, POST % (b"text/plain", b"hi"), WARC_Concurrent_To="<urn:uuid:other>")
    found, _ = index(tmp_path, asked + record("response", url, answer(1)))

    assert ["org,e)/f"] == [line["key"] for line in found]


# ---------------------------------------------------------------------------------------------------- the whole command


@pytest.mark.skipif(not CASES.is_dir(), reason="the shared cases are not here")
@pytest.mark.parametrize("number", ["012", "013", "014", "015", "016"])
def test_the_shared_cases_hold(number, tmp_path):
    """Each is a phenomenon of a public bug report."""
    folder = next(CASES.glob(f"{number}-*"))
    case = json.loads((folder / "case.json").read_text("utf-8"))
    expect = case["expect"]
    done = subprocess.run(
        [
            Path(sys.executable).with_name("lianzai"),
            "--home",
            tmp_path,
            "index",
            *(folder / name for name in case["input"]),
        ],
        capture_output=True,
        check=False,
    )
    lines = done.stdout.decode("utf-8").splitlines()
    fields = [json.loads(line.split(" ", 2)[2]) for line in lines]
    urls = [one["url"] for one in fields]

    assert done.returncode in expect["exit"]
    for wanted in expect.get("records", []):
        any_of = wanted.get("url_any", [wanted.get("url")])
        assert any(one["url"] in any_of and one.get("status") == wanted["status"] for one in fields)
    assert not set(expect.get("lacks_urls", [])) & set(urls)
    assert all(text in done.stderr.decode() for text in expect.get("stderr_has", []))
    assert all(text not in done.stdout.decode() for text in expect.get("lacks", []))
    assert all(line.startswith(expect.get("key_prefix", "")) for line in lines)
    assert lines == sorted(lines) or number == "016"
    if number == "016":
        assert urls == ["http://news.linxi.example/o.html"]


def test_the_command_sorts_and_goes_on(tmp_path):
    """Several files, one of them missing and one damaged: all lines that there are, sorted, exit 3."""
    (tmp_path / "b.warc").write_bytes(PAGES[2] + PAGES[0])
    (tmp_path / "a.warc.gz").write_bytes(GZ[1] + GZ[0][:-5])
    done = subprocess.run(
        [Path(sys.executable).with_name("lianzai"), "index", "b.warc", "none.warc", "a.warc.gz", "b.warc"],
        capture_output=True,
        check=False,
        cwd=tmp_path,
    )
    said = done.stderr.decode().splitlines()

    assert done.returncode == 3
    assert [1, 2, 3] == [int(re.search(rb"/(\d)\.html ", line)[1]) for line in done.stdout.splitlines()]
    assert ["lianzai: none.warc: cannot be read: No such file or directory; try: another path"] == said[:1]
    assert said[1].startswith(f"lianzai: a.warc.gz: offset {len(GZ[1])}")
    assert len(said) == 2


def test_a_pipe_is_read(tmp_path):
    """`index <(curl …)` is how a person looks at a remote file."""
    (tmp_path / "a").write_bytes(GZ[0])
    command = f'cat a | "{Path(sys.executable).with_name("lianzai")}" index /dev/stdin'
    done = subprocess.run(["bash", "-c", command], capture_output=True, check=True, cwd=tmp_path)

    assert [b"example,qushui)/1.html"] == [line.split()[0] for line in done.stdout.splitlines()]
