"""Without an end, or far too much.

Takes   nothing. Gives: endpoints that want more than there is. Writes: nothing.
"""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from typing import Any

import brotli

from .endpoint import Endpoint, bad, html
from .pages import answer, bare, chunked

BOMB_MB = 256


def bounded() -> Iterator[Endpoint]:
    """Without an end, or far too much."""
    yield bad("too-long", "too-long", answer(html("too-long") + b"<!--" + b"x" * (3 << 20) + b"-->"), close=True)
    yield Endpoint("endless-chunks", "too-long", _endless_chunks)
    yield Endpoint("endless-body", "too-long", _endless_body)
    yield Endpoint("endless-interim", "too-long|connect", _endless_interim)
    yield Endpoint("endless-trailers", "too-long|connect|not-an-article", _endless_trailers)
    yield Endpoint("endless-extension", "too-long|connect|not-an-article", _endless_extension)
    yield Endpoint("endless-small-chunks", "too-long", _endless_small_chunks)
    yield bad("great-status", "too-long|not-an-article", answer(html("great-status"), status="200 " + "x" * (1 << 20)))
    yield bad(
        "great-line",
        "too-long|not-an-article",
        answer(html("great-line"), "X-Line: " + "x" * (1 << 20)),
        "1 MB in one header",
    )
    yield bad(
        "many-lines",
        "too-long|not-an-article",
        answer(html("many-lines"), *["X-Line: xxxx"] * 100_000),
        "more than 1 MiB of lines",
    )
    yield bad(
        "great-unpacked",
        "not-an-article",
        answer(gzip.compress(_padded("great-unpacked", b"y " * (3 << 20))), "Content-Encoding: gzip"),
    )
    yield bad("many-tags", "not-an-article", answer(_padded("many-tags", b"<a>" * 400_000)))
    yield bad("many-attributes", "not-an-article", answer(_padded("many-attributes", _attributes(100_000))))
    yield bad("many-paragraphs", "not-an-article", answer(_padded("many-paragraphs", b"<p>x</p>" * 12_000)))
    yield bad("many-tables", "not-an-article", answer(_padded("many-tables", b"<table><tr><td>x</table>" * 12_000)))
    yield bad("many-pictures", "not-an-article", answer(_padded("many-pictures", b"<img src=/x.jpg>" * 12_000)))
    yield Endpoint("endless-head", "too-long|connect|not-an-article", _endless_head)
    bomb = _gzip_of_zeros(BOMB_MB)
    yield bad("bomb-gzip", "not-an-article|too-long|source", answer(bomb, "Content-Encoding: gzip"))
    yield bad(
        "bomb-gzip-twice", "not-an-article|too-long|source", answer(gzip.compress(bomb), "Content-Encoding: gzip, gzip")
    )
    packer = brotli.Compressor(quality=5)
    packed = b"".join(packer.process(bytes(1 << 20)) for _ in range(BOMB_MB)) + packer.finish()
    yield bad("bomb-brotli", "not-an-article|too-long|source", answer(packed, "Content-Encoding: br"))
    yield bad("bomb-unlabelled", "not-an-article|too-long|source", answer(bomb))
    yield bad(
        "codings", "not-an-article|source", answer(html("codings"), "Content-Encoding: " + ", ".join(["gzip"] * 40))
    )


def _padded(name: str, more: bytes) -> bytes:
    return html(name).replace(b"<footer>", more + b"<footer>")


def _attributes(many: int) -> bytes:
    return b"<p " + b"".join(b"a%d='>' " % number for number in range(many)) + b">"


def _gzip_of_zeros(megabytes: int) -> bytes:
    packer = zlib.compressobj(9, wbits=16 + zlib.MAX_WBITS)
    return b"".join(packer.compress(bytes(1 << 20)) for _ in range(megabytes)) + packer.flush()


def _endless_chunks(_newspaper: Any, connection: Any, _number: int, _target: str) -> None:
    connection.send(bare("Content-Type: text/html", "Transfer-Encoding: chunked"))
    while True:
        connection.send(chunked(html("endless-chunks"), last=b""))


def _endless_body(_newspaper: Any, connection: Any, _number: int, _target: str) -> None:
    connection.send(bare("Content-Type: text/html"))
    while True:
        connection.send(html("endless-body"))


def _endless_head(_newspaper: Any, connection: Any, _number: int, _target: str) -> None:
    connection.send(b"HTTP/1.1 200 OK\r\n")
    while True:
        connection.send(b"X-Line: " + b"x" * 4000 + b"\r\n")


def _endless_interim(_newspaper: Any, connection: Any, _number: int, _target: str) -> None:
    while True:
        connection.send(b"HTTP/1.1 100 Continue\r\n\r\n" * 100)


def _endless_trailers(_newspaper: Any, connection: Any, _number: int, _target: str) -> None:
    connection.send(bare("Content-Type: text/html", "Transfer-Encoding: chunked"))
    connection.send(chunked(html("endless-trailers"), last=b"0\r\n"))
    while True:
        connection.send(b"X-Trailer: x\r\n" * 100)


def _endless_extension(_newspaper: Any, connection: Any, _number: int, _target: str) -> None:
    connection.send(bare("Content-Type: text/html", "Transfer-Encoding: chunked"), b"10;")
    while True:
        connection.send(b"x" * 4000)


def _endless_small_chunks(_newspaper: Any, connection: Any, _number: int, _target: str) -> None:
    connection.send(bare("Content-Type: text/html", "Transfer-Encoding: chunked"))
    while True:
        connection.send(b"1\r\nx\r\n" * 1000)
