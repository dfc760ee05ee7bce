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
