"""Files written by the tools themselves: what they kept of a site is what the site sent."""

from __future__ import annotations

import gzip
import io
import shutil
import subprocess
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from fastwarc.stream_io import GzipWriter
from fastwarc.warc import ArchiveIterator as FastIterator
from fastwarc.warc import WarcRecord, WarcRecordType
from foreign_makers import PAGE, SITE, taken
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from warc_makers import exchange, open_writer
from warcio.archiveiterator import ArchiveIterator
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from archive.fixity import payload_digest
from archive.http import decode_payload, parse_response
from archive.warc import ForeignFile, foreign_captures, foreign_response, referred

BODIES = {
    "/": b'<a href="chunked.html">1</a> <a href="gzip.html">2</a> <a href="gone.html">3</a> <a href="moved">4</a>',
    "/chunked.html": (PAGE % 1).encode() * 500,
    "/gzip.html": (PAGE % 2).encode() * 500,
    "/gone.html": b"not here",
    "/copy.html": (PAGE % 1).encode() * 500,
}


class Site(BaseHTTPRequestHandler):
    """A small newspaper that frames each of its answers in another way."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Answer one request."""
        body = BODIES.get(self.path, b"")
        self.send_response({"/gone.html": 404, "/moved": 302}.get(self.path, 200))
        self.send_header("Content-Type", "text/html; charset=utf-8")
        if self.path == "/moved":
            self.send_header("Location", "/copy.html")
        if self.path == "/gzip.html":
            self.send_header("Content-Encoding", "gzip")
            body = gzip.compress(body, mtime=0)
        if self.path in ("/chunked.html", "/gzip.html"):
            self.send_header("Transfer-Encoding", "chunked")
            parts = [body[at : at + 999] for at in range(0, len(body), 999)]
            body = b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"
        else:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def site():
    """The address of a running site."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Site) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def read_all(path: Path) -> dict[str, tuple[int | None, bytes, str | None]]:
    """Give status, decoded body and problem of each response of a file, by the path of its address."""
    told: list[object] = []
    found = {}
    for one in foreign_captures(path, path.name, "sha256:0", told.append):
        capture = one.capture
        if capture.type != "response":
            continue
        got = parse_response(foreign_response(path, capture))
        assert capture.payload_digest == payload_digest(got.payload)
        decoded = decode_payload(got)
        found["/" + capture.url.split("/", 3)[3]] = (capture.status, decoded.body, got.problem or decoded.problem)
    assert told == []
    return found


@pytest.mark.skipif(shutil.which("wget") is None, reason="wget is not installed")
@pytest.mark.parametrize("more", [[], ["--no-warc-compression"], ["--no-warc-digests"], ["--compression=gzip"]])
def test_what_wget_kept_is_what_the_site_sent(tmp_path, site, more):
    """It keeps chunks as they came over the wire, writes brackets around addresses, and its own log as resource records."""
    subprocess.run(
        ["wget", "--quiet", "--recursive", "--no-parent", "--warc-file=w", "--execute=robots=off", *more, f"{site}/"],
        check=False,  # 8: one of the pages is a 404
        cwd=tmp_path,
        env={"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "no_proxy": "127.0.0.1"},
    )
    [path] = tmp_path.glob("w.warc*")
    statuses = {"/gone.html": 404, "/moved": 302}
    expected = {name: (statuses.get(name, 200), body, None) for name, body in BODIES.items()} | {
        "/moved": (302, b"", None)
    }

    assert read_all(path) == expected


@pytest.mark.skipif(shutil.which("wget") is None, reason="wget is not installed")
def test_a_revisit_by_wget_names_its_original(tmp_path, site):
    """Its second crawl refers to records of the first by id; the digest is its own, of SHA-1."""
    common = ["wget", "--quiet", "--warc-cdx", "--execute=robots=off", "--output-document=/dev/null"]
    env = {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "no_proxy": "127.0.0.1"}
    for more in (["--warc-file=one"], ["--warc-file=two", "--warc-dedup=one.cdx"]):
        subprocess.run([*common, *more, f"{site}/copy.html"], check=True, cwd=tmp_path, env=env)
    [first] = [one.capture for one in _taken(tmp_path / "one.warc.gz") if one.capture.type == "response"]
    [again] = [one for one in _taken(tmp_path / "two.warc.gz") if one.capture.type == "revisit"]

    assert again.capture.refers_to == first.record_id
    assert again.capture.payload_digest.startswith("sha1:")
    assert again.capture.url == first.url


def _taken(path: Path):
    return list(foreign_captures(path, path.name, "sha256:0", print))


pages = st.lists(st.tuples(st.binary(max_size=2000), st.sampled_from(["", "gzip", "chunked"])), min_size=1, max_size=6)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(pages=pages, pack=st.booleans())
def test_what_warcio_wrote_is_read_as_warcio_reads_it(tmp_path, pages, pack):
    """A second reader agrees on every body, once all codings are undone."""
    data = io.BytesIO()
    writer = WARCWriter(data, gzip=pack)
    for number, (body, framing) in enumerate(pages):
        headers, wire = [("Content-Type", "application/octet-stream")], body
        if framing == "gzip":
            headers, wire = [*headers, ("Content-Encoding", "gzip")], gzip.compress(body, mtime=0)
        if framing == "chunked":
            headers = [*headers, ("Transfer-Encoding", "chunked")]
            wire = (b"%x\r\n%b\r\n" % (len(body), body) if body else b"") + b"0\r\n\r\n"
        head = StatusAndHeaders("200 OK", headers, protocol="HTTP/1.1")
        url = f"{SITE}/{number}.html"
        writer.write_record(writer.create_warc_record(url, "response", payload=io.BytesIO(wire), http_headers=head))
    path, found, told = taken(tmp_path, data.getvalue())
    with path.open("rb") as stream:
        theirs = [(one.rec_headers["WARC-Record-ID"], one.content_stream().read()) for one in ArchiveIterator(stream)]
    ours = [
        (one.capture.record_id, decode_payload(parse_response(foreign_response(path, one.capture))).body)
        for one in found
    ]

    assert told == []
    assert ours == theirs == [(name, body) for (name, _), (body, _) in zip(theirs, pages, strict=True)]


def test_a_revisit_by_warcio_tells_address_and_date(tmp_path):
    """Browsertrix and pywb write theirs by the same code: without the id of the original."""
    data = io.BytesIO()
    writer = WARCWriter(data, gzip=True)
    head = StatusAndHeaders("200 OK", [("Content-Type", "text/html")], protocol="HTTP/1.1")
    writer.write_record(
        writer.create_revisit_record(
            f"{SITE}/2.html", "sha1:A", f"{SITE}/1.html", "2026-01-05T08:00:00Z", http_headers=head
        )
    )
    path, [one], told = taken(tmp_path, data.getvalue())

    assert told == []
    assert one.capture.refers_to is None
    with ForeignFile(path) as opened:
        assert referred(opened, one.capture) == (f"{SITE}/1.html", datetime(2026, 1, 5, 8, tzinfo=UTC))
    assert (one.capture.status, one.capture.mime) == (200, "text/html")
    assert parse_response(foreign_response(path, one.capture)).status == 200


def test_what_fastwarc_wrote_is_read(tmp_path):
    """Its files have one member a record too, packed by another library."""
    path = tmp_path / "fast.warc.gz"
    stream = GzipWriter(str(path))
    for number in range(3):
        one = WarcRecord()
        one.init_headers(WarcRecordType.response, record_urn=f"uuid:00000000-0000-4000-8000-{number:012}".encode())
        one.headers["WARC-Target-URI"] = f"{SITE}/{number}.html"
        one.headers["WARC-Date"] = "2026-01-05T08:00:00Z"
        one.headers["Content-Type"] = "application/http; msgtype=response"
        one.set_bytes_content(b"HTTP/1.1 200 OK\r\n\r\n" + (PAGE % number).encode())
        one.write(stream)
    stream.close()

    assert read_all(path) == {f"/{number}.html": (200, (PAGE % number).encode(), None) for number in range(3)}


def test_fastwarc_finds_the_records_where_our_captures_say(tmp_path):
    """Offsets are what replay seeks."""
    writer = open_writer(tmp_path)
    for number in range(3):
        writer.write_exchange(exchange(f"http://example.org/{number}", (PAGE % number).encode(), at=number))
    [closed] = writer.close()
    with closed.path.open("rb") as stream:
        theirs = {one.record_id: one.stream_pos for one in FastIterator(stream, record_types=WarcRecordType.response)}
    ours = {one.capture.record_id: one.capture.offset for one in _taken(closed.path)}

    assert ours == theirs
    assert len(ours) == 3
