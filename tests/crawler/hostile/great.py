"""Bodies as long as a profile lets them be, several at once.

Takes   nothing. Gives: endpoints that send 64 MiB and more, a piece at a time. Writes: nothing.
"""

from __future__ import annotations

import random
import zlib
from typing import Any

from .endpoint import Endpoint
from .pages import bare

_PIECE = random.Random(8).randbytes(1 << 20)  # nothing packs it
_WHOLE = 63  # pieces of a body that is whole


def great_bodies() -> tuple[Endpoint, ...]:
    """Three of each: without an end, whole, in chunks, packed."""
    kinds = {"endless": _endless, "whole": _whole, "chunks": _chunks, "packed": _packed}
    outcomes = {"endless": "too-long"}
    return tuple(
        Endpoint(f"{kind}-{number}", outcomes.get(kind, "not-an-article"), say)
        for number in range(3)
        for kind, say in kinds.items()
    )


def _endless(_newspaper: Any, connection: Any, _number: int, _target: str) -> None:
    connection.send(bare("Content-Type: text/html"))
    while True:
        connection.send(_PIECE)


def _whole(_newspaper: Any, connection: Any, _number: int, _target: str) -> None:
    connection.send(bare("Content-Type: text/html", f"Content-Length: {_WHOLE << 20}"))
    for _ in range(_WHOLE):
        connection.send(_PIECE)


def _chunks(_newspaper: Any, connection: Any, _number: int, _target: str) -> None:
    connection.send(bare("Content-Type: text/html", "Transfer-Encoding: chunked"))
    for _ in range(_WHOLE):
        connection.send(b"100000\r\n", _PIECE, b"\r\n")
    connection.send(b"0\r\n\r\n")


def _packed(_newspaper: Any, connection: Any, _number: int, _target: str) -> None:
    packer = zlib.compressobj(1, wbits=16 + zlib.MAX_WBITS)
    connection.send(bare("Content-Type: text/html", "Content-Encoding: gzip", "Connection: close"))
    for _ in range(_WHOLE):
        connection.send(packer.compress(_PIECE))
    connection.send(packer.flush())
    connection.close()
