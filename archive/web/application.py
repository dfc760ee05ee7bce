"""The frame of the reading room: its parts' routes, language, guard and error pages in one application.

Takes   a Room (room.py): home, ledger, records, templates.
Gives   a Starlette application; `lianzai replay` serves it alone, the service beside its own addresses.
Writes  nothing.

To add a page:
1. In a module of a part (`pages/`, `replay/`) write `def name(room: Room, request: Request) -> Response`, not async: it is run
   in a thread. Read by `with room.ledger.read() as connection`, and end with `room.page(request, "name.html", {...})`. Raise
   NotFoundError for what is not there: it becomes a 404 page.
2. Its template `templates/name.html` begins `{% extends "base.html" %}` and fills the blocks `title` and `main` (also `head` for
   further <meta> and <link>, `folio`, `main_class`). Words in both languages stand side by side: `{{ say("检索", "Search") }}`.
   Times: `<time datetime="{{ t|utc }}">{{ t|local }}</time>`. All that is printed is escaped; `|safe` is not used. No `style=`,
   no inline script (the policy of guard.py refuses them): a script is a file in `static/`, loaded by
   `<script src="/static/name.js" defer>`.
3. Name its address in the part's `routes(room)`: `Route("/name/{id}", partial(name, room))`. A part that is new goes into PARTS.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from http import HTTPStatus
from typing import Final

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from ..errors import IntegrityError, LianzaiError, NotFoundError, ServiceError, UsageError
from ..ledger.queries import series
from . import pages, replay
from .guard import Guard
from .language import choose
from .room import HERE, Part, Room

PARTS: Final[tuple[Part, ...]] = (replay.routes, pages.routes)

# The first that fits an error gives its status.
_STATUSES: Final = (
    (NotFoundError, HTTPStatus.NOT_FOUND),
    (UsageError, HTTPStatus.BAD_REQUEST),
    (ServiceError, HTTPStatus.SERVICE_UNAVAILABLE),
    (IntegrityError, HTTPStatus.BAD_GATEWAY),
)


def application(room: Room, names: Iterable[str] = ()) -> Starlette:
    """Make the application. names: further names by which the server is reached (guard.py)."""
    routes: list[BaseRoute] = [
        Mount("/static", StaticFiles(directory=HERE / "static"), name="static"),
        Route("/lang", choose),
        Route("/healthz", partial(_alive, room)),  # the service has one of its own before this
    ]
    for part in PARTS:
        routes += part(room)

    def http_error(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)  # noqa: S101 - as it is registered
        return _error_page(room, request, error.status_code, error.detail, dict(error.headers or {}))

    def our_error(request: Request, error: Exception) -> Response:
        status = next(
            (status for kind, status in _STATUSES if isinstance(error, kind)), HTTPStatus.INTERNAL_SERVER_ERROR
        )
        assert isinstance(error, LianzaiError)  # noqa: S101 - as it is registered
        told = (
            str(error) if status >= HTTPStatus.INTERNAL_SERVER_ERROR else error.message
        )  # what the keeper does about it
        return _error_page(room, request, status, told)

    def bug(request: Request, _: Exception) -> Response:
        return _error_page(room, request, HTTPStatus.INTERNAL_SERVER_ERROR, "")

    return Starlette(
        routes=routes,
        middleware=[Middleware(Guard, names=tuple(names))],
        exception_handlers={HTTPException: http_error, LianzaiError: our_error, Exception: bug},
    )


def _alive(room: Room, _: Request) -> Response:
    """Say that pages can be drawn: the ledger is read. Raises what that does, which becomes a 5xx."""
    with room.ledger.read() as connection:
        series(connection, "")
    return JSONResponse({"alive": True}, headers={"Cache-Control": "no-store"})


def _error_page(
    room: Room, request: Request, status: int, detail: str, headers: dict[str, str] | None = None
) -> Response:
    """Draw an error. detail: what, where; "" where there is no more to say."""
    told = "" if detail == HTTPStatus(status).phrase else detail
    return room.page(request, "error.html", {"status": status, "detail": told}, status=status, headers=headers)
