"""Bytes that others made, before the readers of the archive: the documented error is the only one, whatever comes."""

from __future__ import annotations

import asyncio
import hashlib
import io
import json
import struct
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import unquote

import pytest
from foreign_makers import SITE, answer, arc, packed, page, record
from hypothesis import given
from hypothesis import strategies as st
from mutated import FEWER, mutated
from replay_maker import MadeHome

from archive.bundle.opening import opened
from archive.errors import IntegrityError, WarcError
from archive.http import parse_response
from archive.index import Index, foreign_lines
from archive.warc import foreign_captures, foreign_response, last_whole_exchange, read_records, revisited
from archive.warc.heads import read_warc_head
from archive.web.application import application
from archive.web.room import Room

URL = "http://paper.example/a/1.html"
FIRST = "20180820020000"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder whose file each example writes anew."""
    return tmp_path_factory.mktemp("fuzz")


# ---------------------------------------------------------------------------------------------------------------- WARC

REVISIT = record(
    "revisit", f"{SITE}/1.html".encode(), b"HTTP/1.1 200 OK\r\nA: b\r\n\r\n", WARC_Refers_To="<urn:uuid:1>"
)
CHUNKED = record(
    "response", f"{SITE}/9.html".encode(), b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"
)
POSTED = record(
    "request", f"{SITE}/1.html".encode(), b"POST /1.html HTTP/1.1\r\nContent-Type: application/json\r\n\r\n[1]"
)
RECORDS = [
    page(1),
    page(2),
    REVISIT,
    POSTED,
    CHUNKED,
    record("resource", b"urn:x:1", b"x"),
    record("warcinfo", None, b"a: b"),
]
OLD = arc((f"{SITE}/1.html", answer(1)), (f"{SITE}/2.html", answer(2)))
WARC_PIECES = (
    b"WARC/1.0\r\n", b"WARC/1.1\r\n", b"\r\n\r\n", b"\r\n\r\n\r\n\r\n", b"\n", b"WARC-Type: revisit\r\n",
    b"WARC-Type: \r\n", b"WARC-Date: 2016-13-01T00:00:00Z\r\n", b"WARC-Date: 2016-01-11T23:24:25.4+99:00\r\n",
    b"WARC-Date: 0000\r\n", b"WARC-Target-URI: \xff\r\n", b"WARC-Record-ID: <x>\r\n",
    b"WARC-Payload-Digest: sha-256:==\r\n", b"WARC-Segment-Number: 1\r\n", b"WARC-Truncated: length\r\n",
    b"Content-Length: 99999999999999999999\r\n", b"Content-Length: 3\r\n", b"99", b"-1", b" folded\r\n",
    b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 100 Continue\r\n\r\n", b"Transfer-Encoding: chunked\r\n",
    b"Content-Encoding: gzip\r\n", b"ffffffffffffffff\r\n", b"0\r\n\r\n", b"\x1f\x8b\x08", b"\x00" * 9,
    b"filedesc://a 0.0.0.0 20080430204825 text/plain 9\n", b"http://e.org/ 127.0.0.1 20080430204826 text/html 5\n",
    b"http://a b 1 00000000 9\n", b"WARC-Concurrent-To: <urn:uuid:1>\r\n",
)  # fmt: skip


@FEWER
@given(data=mutated([b"".join(RECORDS), packed(*RECORDS), b"".join(OLD), packed(*OLD)], WARC_PIECES))
def test_no_file_stops_who_reads_it(folder: Path, data: bytes) -> None:
    """Its captures have lines of an index and payloads that were named by their digests; all else is told."""
    path = folder / "a.warc.gz"
    path.write_bytes(data)
    told: list[Any] = []
    for line in foreign_lines(path, told.append):
        json.loads(line.split(b" ", 2)[2])
    for taken in foreign_captures(path, "imported/a.warc.gz", "sha256:" + "0" * 64, told.append):
        response = foreign_response(path, taken.capture)
        parse_response(revisited(response, response))

        assert taken.capture.offset < len(data)


def test_a_field_of_a_head_is_the_same_whatever_was_asked_for_before() -> None:
    """Else a capture is taken under one address and sought under another: by a stray return, or a name spelled in two ways."""
    octets = (
        b"WARC/1.0\r\nWARC-Type: response\r\nwarc-date: 2016\r\nWARC-Date: 2017\r\nWARC-Target-URI: http://a/\r\x01\n"
    )
    octets += b"Content-Length: 0\r\n"
    names = (b"WARC-Target-URI", b"WARC-Date")
    head, asked = read_warc_head(octets), read_warc_head(octets)
    asked.field(b"WARC-Truncated")

    assert [b"http://a/", b"2017"] == [head.field(name) for name in names] == [asked.field(name) for name in names]


@given(data=mutated([packed(*RECORDS)], WARC_PIECES))
def test_our_own_reader_gives_records_or_says_where_it_stopped(folder: Path, data: bytes) -> None:
    """Strict: it never goes on behind damage, and what it gave lies before that."""
    path = folder / "paper-20180101000000-00001.warc.gz"
    path.write_bytes(data)
    end, told = 0, ""
    try:
        for one in read_records(path):
            end = one.offset + one.length
    except WarcError as error:
        told = str(error)
    whole, _ = last_whole_exchange(path)

    assert end == len(data) or f"offset {end}" in told
    assert whole <= end


# ---------------------------------------------------------------------------------------------------------------- WACZ


@given(offset=st.integers(0, (1 << 64) - 1), size=st.integers(0, (1 << 64) - 1))
def test_no_number_in_a_directory_leads_out_of_the_zip(folder: Path, offset: int, size: int) -> None:
    """ZIP64 has room for places that no file has, and no system seeks to."""
    name, extra = b"archive/a.warc", struct.pack("<2H3Q", 1, 24, size, size, offset)
    central = struct.pack("<4s6H3L5H2L", b"PK\x01\x02", 45, 45, 0, 0, 0, 0, 0, 0xFFFFFFFF, 0xFFFFFFFF, len(name), len(extra),
                          0, 0, 0, 0, 0xFFFFFFFF) + name + extra  # fmt: skip
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 1, 1, len(central), 0, 0)
    path = folder / "a.wacz"
    path.write_bytes(central + end)
    told: list[str] = []
    try:
        with opened(path, lambda damage: told.append(str(damage))) as found:
            content = [b"".join(one.pieces()) for one in found]
    except WarcError:
        return

    assert set(content) <= {b""}
    assert told


def _wacz(method: int, *, streamed: bool = False) -> bytes:
    """A WACZ as others make it: WARCs, an index, pages, what tells of them. streamed: lengths stand behind the members."""
    members = {
        "archive/a.warc.gz": packed(page(1), page(2)),
        "archive/深/b.warc": page(3),
        "pages/pages.jsonl": b"{}\n",
    }
    told = [
        {"path": name, "bytes": len(data), "hash": f"sha256:{hashlib.sha256(data).hexdigest()}"}
        for name, data in members.items()
    ]
    members["datapackage.json"] = json.dumps({"profile": "data-package", "resources": told}).encode()
    data = io.BytesIO()
    with zipfile.ZipFile(_Pipe(data) if streamed else data, "w", method) as package:  # type: ignore[arg-type]
        for name, content in members.items():
            package.writestr(name, content)
    return data.getvalue()


class _Pipe:
    """A file that can only be written to, as a browser's download is."""

    def __init__(self, data: io.BytesIO) -> None:
        self.write, self.flush = data.write, data.flush


WACZS = [_wacz(zipfile.ZIP_STORED), _wacz(zipfile.ZIP_DEFLATED), _wacz(zipfile.ZIP_STORED, streamed=True)]
WACZ_PIECES = (
    b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06", b"PK\x06\x06", b"PK\x06\x07", b"PK\x07\x08", b"\xff\xff\xff\xff", b"\xff\xff",
    b"\x00" * 8, b"\x01\x00", b"\x08\x00", b"archive/", b"../", b"/", b"\x00", b"datapackage.json", b'{"resources":',
    b'"path":1,', b'"hash":"md5:0",', b'"bytes":-1,', b"[" * 400, b"\x1f\x8b\x08", b"warc.gz", b"\xe6\xb7\xb1",
)  # fmt: skip


@FEWER
@given(data=mutated(WACZS, WACZ_PIECES))
def test_any_wacz_gives_its_warcs_or_is_refused(folder: Path, data: bytes) -> None:
    """Never under a name that leads elsewhere, and never more bytes than the zip can hold."""
    path = folder / "b.wacz"
    path.write_bytes(data)
    try:
        with opened(path, lambda _: None) as found:
            for one in found:
                assert one.safe_name == Path(one.safe_name).name
                assert sum(len(piece) for piece in one.pieces()) <= len(data) * 1100
    except WarcError:
        return


# --------------------------------------------------------------------------------------------------------------- index

LINE = (
    b'example,paper)/a/1.html 20180820020000 {"url": "http://paper.example/a/1.html", "mime": "text/html", "status": "200", '
    b'"digest": "sha256:0", "length": "9", "offset": "0", "filename": "paper-20180101000000-00001.warc.gz"}\n'
)
LINE_PIECES = (
    b" ", b"\n", b"\r", b"{", b"}", b"[" * 2000, b'"', b"null", b'"status": 200', b'"offset": null, ',
    b'"mime": [], ', b"\xff", b'"member": "x", ', b'"member": "0", ', b"99999999999999", b"example,paper)/a/1.html ",
    b"-", b"\\ud800", b"1" * 5000,
)  # fmt: skip


ASKED = (b"", b"&output=json", b"&filter=status:2", b"&sort=closest&closest=2018", b"&matchType=host")


@FEWER
@given(data=mutated([LINE, LINE * 3], LINE_PIECES), asked=st.sampled_from(ASKED))
def test_a_damaged_index_is_told_as_damaged(room: Any, data: bytes, asked: bytes) -> None:
    """It lies beside the WARCs for years; `rebuild` makes it again, once anybody is told."""
    fresh = room.damaged / "fresh"  # what is mapped must not be cut under its reader
    fresh.write_bytes(data)
    fresh.replace(room.damaged / "paper.cdxj")
    lines = Index(room.damaged).captures(URL)
    lines.first_from(FIRST)
    for at in range(len(lines)):
        with suppress(IntegrityError):
            assert lines[at].offset >= 0

    assert room.ask_damaged(b"/cdx", b"url=" + URL.encode() + asked) in (200, 502)


# -------------------------------------------------------------------------------------------------------- reading room


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A reading room with captures of several kinds, and one whose index each example writes; `ask` gives the status."""
    maker = MadeHome(tmp_path_factory.mktemp("room") / "home")
    writer = maker.file()
    maker.put(writer, URL, FIRST, b"<meta <base href='//['><a href=x>")
    maker.put(writer, URL, "20180901030000", b"two")
    maker.put(writer, "http://paper.example/style.css", FIRST, b"@import 'x';", mime="text/css")
    maker.put(writer, "http://paper.example/", FIRST, status=302, head="Location: //[\r\nRefresh: 0;url=//[\r\n")
    writer.close()
    home, other = maker.indexed(), MadeHome(tmp_path_factory.mktemp("damaged") / "home").home
    (home.root / "wacz").mkdir()
    (home.root / "wacz" / "paper.wacz").write_bytes(bytes(200))
    other.index("paper").parent.mkdir(exist_ok=True)
    with Room(home, {}) as sound, Room(other, {}) as broken, asyncio.Runner() as loop:

        def asking(app: Any) -> Any:
            return lambda *request: loop.run(status_of(app, *request))

        yield SimpleNamespace(
            ask=asking(application(sound)), ask_damaged=asking(application(broken)), damaged=other.index("paper").parent
        )


async def status_of(
    app: Any, path: bytes, query: bytes, method: str = "GET", headers: dict[str, bytes] | None = None, body: bytes = b""
) -> int:
    """Ask an application as a server does, so that no client mends what is asked. What it raises comes out."""
    told: list[Any] = []
    received = iter([{"type": "http.request", "body": body}])

    async def receive() -> Any:
        return next(received, {"type": "http.disconnect"})

    async def send(message: Any) -> None:
        told.append(message)

    sent = [(b"host", b"127.0.0.1:8080"), *((name.lower().encode(), value) for name, value in (headers or {}).items())]
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method, "scheme": "http", "root_path": "",
        "path": unquote(path.decode("ascii")), "raw_path": path, "query_string": query, "headers": sent,
        "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 8080),
    }  # fmt: skip
    await app(scope, receive, send)
    return int(told[0]["status"])


PLACES = [
    b"/web/20180820020000/http://paper.example/a/1.html", b"/web/http://paper.example/",
    b"/web/2018*/http://paper.example/a/1.html", b"/timemap/link/http://paper.example/a/1.html",
    b"/web/20180820020000id_/http://paper.example/a/1.html", b"/wacz/paper.wacz",
    b"/web/20180820020000cs_/http://paper.example/style.css", b"/search?q=%E6%B8%A0+OR+%22a%22&series=x&page=2",
    b"/series/paper?page=1",
    b"/cdx?url=paper.example/*&from=2018&to=2019&filter=!~status:[45]..&limit=-5&sort=reverse",
    b"/article/abc/diff/1/2", b"/article/abc/cite?format=bibtex&revision=2", b"/feed.atom?lang=en",
    b"/lang?lang=en&to=/web/x", b"/series/paper/feed.atom",
]  # fmt: skip
PLACE_PIECES = (
    b"%", b"%00", b"%0d%0a", b"%ff", b"%e6%b8%a0", b"//", b"..", b"?", b"&", b"=", b"*", b"id_", b"sc_",
    b"99999999999999", b"00000000", b"20180229", b"http:", b"[::1", b"@", b":99999", b"+", b"~url:(a", b".*",
    b"{9,1}", b"-1", b"limit=", b"page=-1", b"urn:x:", b"xn--", b"closest=", b"lang=en", b"1e9", b"data:,",
)  # fmt: skip
HEADER_PIECES = st.sampled_from(
    ["bytes=", "0-", "-5", "9-1", ",", "W/", '"', "Thu, 31 May 2007 20:35:00 GMT", "Fri, 99 Foo 20099 99:99:99 +9999", "q=",
     ";", "1e999", "nan", "zh", "en", "*", "lang=", "/", " ", "\t", "99999999999999999999", "=", "text/html", "gzip"]
) | st.text(st.characters(codec="latin-1", exclude_categories=["Cc"]), max_size=5)  # fmt: skip
HEADERS = st.dictionaries(
    st.sampled_from(
        ["Accept-Datetime", "Range", "If-Range", "If-None-Match", "If-Modified-Since", "Accept", "Accept-Language",
         "Accept-Encoding", "Cookie", "Sec-Fetch-Dest", "Upgrade-Insecure-Requests", "Content-Type", "Referer", "Origin"]
    ),
    st.lists(HEADER_PIECES, max_size=5).map("".join),
    max_size=3,
)  # fmt: skip


@FEWER
@given(
    place=mutated(PLACES, PLACE_PIECES, 3000),
    headers=HEADERS,
    method=st.sampled_from(["GET", "GET", "HEAD", "POST"]),
    body=st.binary(max_size=30),
)
def test_no_request_is_a_bug(room: Any, place: bytes, headers: dict[str, str], method: str, body: bytes) -> None:
    """Answered, or refused by a word; a header that cannot be read is one that was not sent."""
    asked = b"/" + bytes(one for one in place if 33 <= one < 127).lstrip(b"/")  # what a server passes on
    path, _, query = asked.partition(b"?")
    sent = {name: value.strip().encode("latin-1") for name, value in headers.items()}

    assert room.ask(path, query, method, sent, body) < 500
