"""Invented exchanges and small WARC files for the tests of the WARC room.

Takes   bodies, addresses, a folder.
Gives   Exchange values, writers and a file that holds one of everything.
Writes  WARC files below the folder that the test gives.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from archive.model import Capture, Exchange
from archive.warc import ClosedFile, WarcWriter

SERIES = "wangxin"
NOON = datetime(2018, 8, 30, 4, 0, 0, 123456, UTC)
INFO = {"robots": "obey", "operator": "Ein Archiv 档案馆", "http-header-user-agent": "lianzai (+https://example.org)"}


def exchange(url: str, body: bytes, *, status: int = 200, head: bytes = b"", at: int = 0, **more: object) -> Exchange:
    """An exchange as a small newspaper's server would make it. head: further header lines. at: seconds after noon."""
    request = b"GET /%d HTTP/1.1\r\nHost: example.org\r\nX-MiXed: 1\r\n\r\n" % at
    lines = b"Content-Type: text/html; charset=utf-8\r\n" + head + b"Content-Length: %d\r\n\r\n" % len(body)
    response = b"HTTP/1.1 %d Fine Thanks\r\n" % status + lines + body
    return Exchange(url, request, response, NOON + timedelta(seconds=at), ip="127.0.0.1", **more)  # type: ignore[arg-type]


def open_writer(folder: Path, **more: object) -> WarcWriter:
    """A writer of the test series; `more` overrides its arguments."""
    arguments = {"serial": 1, "opened": NOON, "max_size": 1 << 30, "info": INFO, "known": {}.get, **more}
    return WarcWriter(folder, SERIES, **arguments)  # type: ignore[arg-type]


def one_of_everything(folder: Path, **more: object) -> tuple[list[Capture], list[ClosedFile]]:
    """Write a run with all kinds of records; give its captures and files."""
    writer = open_writer(folder, **more)
    captures = write_everything(writer)
    return captures, writer.close()


def write_everything(writer: WarcWriter) -> list[Capture]:
    """Write all kinds of records and leave the writer open."""
    from archive.warc import original_of, read_at  # the writer is the thing tested: it is read back as others would

    captures = [
        writer.write_resource("urn:lianzai:profile:wangxin", "application/toml", b'id = "wangxin"\n', NOON),
        writer.write_metadata({"kind": "run.started", "名": "连载"}, NOON),
        writer.write_exchange(exchange("http://example.org/", "<p>郑州</p>".encode(), head=b'ETag: "a"\r\n', at=1)),
    ]
    original = original_of(read_at(writer.path, captures[-1].offset))
    chunks = b"5;x=1\r\nhello\r\n00A\r\n0123456789\r\n0\r\nX-T: v\r\n\r\n"
    odd = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nA: 1\r\na: 2\r\n\r\n" + chunks
    captures += [
        writer.write_exchange(exchange("http://example.org/copy", "<p>郑州</p>".encode(), at=2)),
        writer.write_exchange(exchange("http://example.org/", b"", status=304, at=3), not_modified=original),
        writer.write_exchange(exchange("http://example.org/none", b"", status=304, at=4)),
        writer.write_exchange(exchange("http://example.org/cut", b"half", at=5, truncated="length")),
        writer.write_exchange(
            Exchange("https://例子.org/连 载?a=[1]|2", b"GET / HTTP/1.1\r\n\r\n", odd, NOON, ip="fe80::1%lo")
        ),
        writer.write_metadata({"kind": "run.finished"}, NOON, refers_to=captures[2].record_id),
    ]
    return captures
