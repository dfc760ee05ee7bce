"""The service on the web: /healthz, /readyz, /metrics. Loopback unless told otherwise; nothing can be changed by it.

Takes   the questions' answers as functions. Gives: a Starlette application, and the server that runs it.
Writes  nothing.
"""

from __future__ import annotations

import asyncio
import errno
import logging
import socket
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from archive.errors import UsageError

Ready = Callable[[], dict[str, Any]]
Metrics = Callable[[], Awaitable[tuple[bytes, str]]]
_HEADERS = {"Cache-Control": "no-store"}
_GRACE_S = 1  # that an answer under way has when the service stops


def application(ready: Ready, metrics: Metrics) -> Starlette:
    """Make the application. ready: `{"ready": bool, "reasons": [...], ...}`. metrics: the text and its media type."""

    async def healthz(_: Request) -> Response:
        return JSONResponse({"alive": True}, headers=_HEADERS)

    async def readyz(_: Request) -> Response:
        told = ready()
        return JSONResponse(told, status_code=200 if told["ready"] else 503, headers=_HEADERS)

    async def metrics_(_: Request) -> Response:
        text, media_type = await metrics()
        return Response(text, headers={**_HEADERS, "Content-Type": media_type})

    routes = [("/healthz", healthz), ("/readyz", readyz), ("/metrics", metrics_)]
    return Starlette(routes=[Route(path, answer, methods=["GET"]) for path, answer in routes])


def listen(host: str, port: int) -> socket.socket:
    """Take a port. port: 0 for any that is free. Raises UsageError where it cannot be had."""
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0][0]
        return socket.create_server((host, port), family=family, backlog=128)
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


class _Server(uvicorn.Server):
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the signals to the service."""
        yield


class Web:
    """The server while it runs."""

    def __init__(self, app: Starlette, listener: socket.socket) -> None:
        config = uvicorn.Config(
            app, log_config=None, access_log=False, lifespan="off", server_header=False, loop="none", ws="none",
            timeout_graceful_shutdown=_GRACE_S,
        )  # fmt: skip
        logging.getLogger("uvicorn").setLevel(logging.WARNING)
        self._server, self._listener = _Server(config), listener
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to answer, in the running loop."""
        self._task = asyncio.ensure_future(self._server.serve(sockets=[self._listener]))

    async def stop(self) -> None:
        """Answer no more."""
        self._server.should_exit = True
        if self._task is not None:
            await self._task
