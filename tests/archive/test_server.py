"""The server of the reading room, asked over a socket."""

from __future__ import annotations

import socket
from urllib.parse import urlsplit

import pytest
from room_browser import served

from archive.home import Home


@pytest.mark.parametrize(
    "pieces",
    [
        ("GET /search?q=渠 HTTP/1.1\r\nHost: {host}\r\nX-Note: 渠\r\nConnection: close\r\n\r\n",),
        ("GET /search?q", "=渠 HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"),
        ("GET /search?q=%E6%B8%A0 HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n",),
    ],
    ids=["typed", "in pieces", "encoded"],
)
def test_an_address_is_understood_as_it_was_typed(pages_home: Home, pieces: tuple[str, ...]) -> None:
    """curl sends what was typed, byte for byte; a search for 渠 is one however it comes."""
    with served(pages_home) as at:
        host = urlsplit(at).netloc
        with socket.create_connection(tuple(host.split(":"))) as connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for piece in pieces:
                connection.sendall(piece.format(host=host).encode())
            answer = b"".join(iter(lambda: connection.recv(65536), b"")).decode()

    assert answer.startswith("HTTP/1.1 200 ")
    assert 'value="渠"' in answer
