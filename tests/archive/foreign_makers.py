"""Invented WARC and ARC files as others make them, whole and damaged.

Takes   addresses, blocks, the kind of file.
Gives   bytes of records and files; the CDXJ that a file gives and what is told of it.
Writes  a file in the folder that the test gives.
"""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

from archive.fixity import file_digest
from archive.index import foreign_lines
from archive.warc import Taken, foreign_captures
from archive.warc.foreign import Damage

SITE = "http://qushui.example"
PAGE = "<html><p>渠水流过第%d站，闸门提起半尺。</p></html>"


def answer(number: int, *, head: bytes = b"Content-Type: text/html; charset=utf-8\r\n") -> bytes:
    """An HTTP answer with an invented page."""
    return b"HTTP/1.1 200 OK\r\n" + head + b"\r\n" + (PAGE % number).encode()


def record(
    kind: str, url: bytes | None, block: bytes, *, version: bytes = b"WARC/1.0", length: int | None = None, **more: str
) -> bytes:
    """One WARC record, not packed. length: what its head tells. more: further fields, `_` for `-`; "" leaves one out."""
    types = {"response": "application/http; msgtype=response", "request": "application/http; msgtype=request"}
    fields = {
        "WARC-Type": kind,
        "WARC-Record-ID": f"<urn:uuid:00000000-0000-4000-8000-{len(block) + 1000 * len(url or b''):012}>",
        "WARC-Date": "2026-01-05T08:00:00Z",
        "Content-Type": types.get(kind, "text/plain"),
        "Content-Length": str(len(block) if length is None else length),
        **{name.replace("_", "-"): value for name, value in more.items()},
    }
    lines = b"".join(f"{name}: {value}\r\n".encode() for name, value in fields.items() if value)
    target = b"" if url is None else b"WARC-Target-URI: " + url + b"\r\n"
    return version + b"\r\n" + target + lines + b"\r\n" + block + b"\r\n\r\n"


def page(number: int, **more: Any) -> bytes:
    """The response record of the page of that number."""
    return record("response", f"{SITE}/{number}.html".encode(), answer(number), **more)


def arc(*blocks: tuple[str, bytes]) -> list[bytes]:
    """The records of an ARC of version 1. blocks: address and block."""
    version = b"1 0 InternetArchive\nURL IP-address Archive-date Content-type Archive-length\n"
    records = [b"filedesc://a.arc 0.0.0.0 20080430204825 text/plain %d\n" % len(version) + version + b"\n"]
    for url, block in blocks:
        records.append(f"{url} 127.0.0.1 20080430204826 text/html {len(block)}\n".encode() + block + b"\n")
    return records


def packed(*records: bytes) -> bytes:
    """One gzip member a record, the same bytes at any time."""
    return b"".join(gzip.compress(one, mtime=0) for one in records)


def index(folder: Path, data: bytes, name: str = "a.warc") -> tuple[list[dict[str, Any]], list[Damage]]:
    """Index a file of these bytes: the fields of each line with its `key` and `time`, and the damages."""
    path = folder / name
    path.write_bytes(data)
    told: list[Damage] = []
    found = []
    for line in foreign_lines(path, told.append):
        key, time, fields = line.decode("ascii").split(" ", 2)
        found.append({"key": key, "time": time, **json.loads(fields)})
    return found, told


def numbers(found: list[dict[str, Any]]) -> list[int]:
    """The numbers of the pages that were indexed."""
    return [int(line["url"].rpartition("/")[2].removesuffix(".html")) for line in found]


# ----------------------------------------------------------------------------------------- layouts of well-known tools


def arc_2(*blocks: tuple[str, bytes]) -> list[bytes]:
    """The records of an ARC of version 2: ten fields a line, result code and offset among them."""
    version = (
        b"2 0 InternetArchive\n"
        b"URL IP-address Archive-date Content-type Result-code Checksum Location Offset Filename Archive-length\n"
    )
    line = "{} 127.0.0.1 20080430204826 text/html 200 - - {} a.arc {}\n"
    records = [
        b"filedesc://a.arc 0.0.0.0 20080430204825 text/plain 200 - - 0 a.arc %d\n" % len(version) + version + b"\n"
    ]
    for url, block in blocks:
        records.append(line.format(url, sum(map(len, records)), len(block)).encode() + block + b"\n")
    return records


def httrack_arc(*blocks: tuple[str, bytes]) -> list[bytes]:
    """The records of an ARC as HTTrack's ProxyTrack saves its cache: no chunks, no coding, heads that still tell of both."""
    head = b"Transfer-Encoding: chunked\r\nContent-Encoding: gzip\r\nContent-Type: text/html\r\n"
    return arc(*((url, b"HTTP/1.1 200 OK\r\n" + head + b"\r\n" + body) for url, body in blocks))


def heritrix(*pages: tuple[str, bytes]) -> list[bytes]:
    """The records of a file by Heritrix: warcinfo, a look-up of the name, then answer, request and metadata of each page."""
    records = [
        record("warcinfo", None, b"software: Heritrix/3.4\r\nformat: WARC File Format 1.0\r\n"),
        record(
            "response",
            b"dns:qushui.example",
            b"20260105080000\nqushui.example. 60 IN A 127.0.0.1\n",
            Content_Type="text/dns",
        ),
    ]
    for number, (url, block) in enumerate(pages):
        own = f"<urn:uuid:11111111-0000-4000-8000-{number:012}>"
        of = {"WARC_Concurrent_To": own}
        records += [
            record(
                "response",
                url.encode(),
                block,
                WARC_Record_ID=own,
                WARC_Payload_Digest="sha1:3I42H3S6NNFQ2MSVX7XZKYAYSCX5QBYJ",
            ),
            record("request", url.encode(), b"GET / HTTP/1.0\r\n\r\n", **of),
            record("metadata", url.encode(), b"fetchTimeMs: 12\r\n", **of),
        ]
    return records


def taken(folder: Path, data: bytes, name: str = "a.warc") -> tuple[Path, list[Taken], list[str]]:
    """Take the captures out of a file of these bytes: its path, what was taken, the damages as they are printed."""
    path = folder / name
    path.write_bytes(data)
    told: list[str] = []
    found = list(foreign_captures(path, f"imported/{name}", file_digest(path), lambda damage: told.append(str(damage))))
    return path, found, told
