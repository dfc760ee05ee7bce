"""The service on the web: /healthz, /readyz, /metrics, and the reading room beside them. Nothing can be changed by it.

Takes   the questions' answers as functions, the reading room. Gives: a Starlette application, and the server that runs it.
Writes  nothing.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.types import ASGIApp

from archive.web.server import address, configured

__all__ = ["ASGIApp", "Web", "address", "application"]

Ready = Callable[[], dict[str, Any]]
Metrics = Callable[[], Awaitable[tuple[bytes, str]]]
_HEADERS = {"Cache-Control": "no-store"}


def application(ready: Ready, metrics: Metrics, pages: ASGIApp) -> Starlette:
    """Make the application.

    ready: `{"ready": bool, "reasons": [...], ...}`. metrics: the text and its media type. pages: all other addresses; they know
    which host they are, while who asks for health may use any name.
    """

    async def healthz(_: Request) -> Response:
        return JSONResponse({"alive": True}, headers=_HEADERS)

    async def readyz(_: Request) -> Response:
        told = ready()
        return JSONResponse(told, status_code=200 if told["ready"] else 503, headers=_HEADERS)

    async def metrics_(_: Request) -> Response:
        text, media_type = await metrics()
        return Response(text, headers={**_HEADERS, "Content-Type": media_type})

    routes = [("/healthz", healthz), ("/readyz", readyz), ("/metrics", metrics_)]
    own = [Route(path, answer, methods=["GET"]) for path, answer in routes]
    return Starlette(routes=[*own, Mount("/", pages)])


class _Server(uvicorn.Server):
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the signals to the service."""
        yield


class Web:
    """The server while it runs."""

    def __init__(self, app: Starlette, listener: socket.socket) -> None:
        self._server, self._listener = _Server(configured(app)), listener
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to answer, in the running loop."""
        self._task = asyncio.ensure_future(self._server.serve(sockets=[self._listener]))

    async def stop(self) -> None:
        """Answer no more."""
        self._server.should_exit = True
        if self._task is not None:
            await self._task
