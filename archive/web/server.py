"""Serve an application: a port, and uvicorn until a signal comes.

Takes   an address to listen at, an ASGI application. Gives: nothing. Writes nothing.
"""

from __future__ import annotations

import errno
import logging
import re
import socket

import h11
import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol

from ..errors import UsageError

_GRACE_S = 1  # that an answer under way has when the server stops
_BEYOND_ASCII = re.compile(rb"[\x80-\xff]")


class _AsTyped(H11Protocol):
    """HTTP/1.1 that takes an address as a person types it into curl, 兰考 and all: the bytes beyond ASCII are percent-encoded."""

    def data_received(self, data: bytes) -> None:
        if self.conn.their_state is h11.IDLE and b"\n" not in self.conn.trailing_data[0]:
            line, end, rest = data.partition(b"\n")
            data = _BEYOND_ASCII.sub(lambda found: b"%%%02X" % found[0][0], line) + end + rest
        super().data_received(data)


def listen(host: str, port: int) -> socket.socket:
    """Take a port. port: 0 for any that is free. Raises UsageError where it cannot be had."""
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0][0]
        listener = socket.create_server((host, port), family=family, backlog=128)
        # asyncio does this for sockets that it made; without it each answer on a kept connection waits 40 ms for an ACK. What is
        # accepted has it from the listener.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return listener
    except (OSError, OverflowError) as error:
        place = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        number = getattr(error, "errno", None)
        if number == errno.EADDRINUSE:
            raise UsageError(f"{place}: another program listens there", action="another port with --port N") from error
        if number in (errno.EACCES, errno.EPERM):
            raise UsageError(
                f"{place}: this user may not listen there", action="a port above 1023 with --port N"
            ) from error
        said = getattr(error, "strerror", None) or error
        raise UsageError(f"{place}: cannot be listened at: {said}", action="--host 127.0.0.1, or --port N") from error


def address(listener: socket.socket) -> str:
    """Give the address at which a listener is reached."""
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def configured(app: ASGIApp) -> uvicorn.Config:
    """Give uvicorn's settings: no log but ours, no header that names it, no WebSockets."""
    logging.getLogger("uvicorn").setLevel(logging.WARNING)
    return uvicorn.Config(
        app, log_config=None, access_log=False, lifespan="off", server_header=False, loop="none", ws="none", http=_AsTyped,
        timeout_graceful_shutdown=_GRACE_S,
    )  # fmt: skip


def serve(app: ASGIApp, listener: socket.socket) -> None:
    """Serve until SIGINT or SIGTERM, which then takes its usual way (KeyboardInterrupt, SystemExit)."""
    uvicorn.Server(configured(app)).run(sockets=[listener])
