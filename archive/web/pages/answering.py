"""What every page's answer has: a tag by which a browser keeps it, and a way out where a name is not known.

Takes   the Room, a request. Gives: Responses. Writes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import blake2b
from typing import Any
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from ...errors import LianzaiError
from ..room import Room

_KEPT = ("content-language", "vary", "set-cookie", "cache-control")  # what a 304 has of its 200 (RFC 9110, 15.4.5)


def page(room: Room, request: Request, template: str, values: Mapping[str, Any]) -> Response:
    """Draw a page, or say that the browser has it."""
    return tagged(request, room.page(request, template, values))


def tagged(request: Request, response: Response) -> Response:
    """Add a weak ETag and answer If-None-Match. Source: RFC 9110, 8.8.3 and 13.1.2."""
    tag = f'W/"{blake2b(bytes(response.body), digest_size=12).hexdigest()}"'
    response.headers["ETag"] = tag
    response.headers.setdefault("Cache-Control", "no-cache")
    asked = [one.strip() for one in request.headers.get("if-none-match", "").split(",")]
    if not {tag, tag.removeprefix("W/"), "*"}.isdisjoint(asked):
        kept = {name: value for name, value in response.headers.items() if name in _KEPT}
        return Response(status_code=304, headers={**kept, "ETag": tag})
    return response


def unknown(room: Room, request: Request, error: LianzaiError, near: list[tuple[str, str]]) -> Response:
    """Draw a 404 with ways out. near: addresses and names of what may be meant."""
    return room.page(request, "unknown.html", {"error": error, "near": near}, status=404)


def moved_to(request: Request, address: str) -> Response:
    """Lead to the one address of a thing; the query goes with it."""
    query = request.url.query
    return RedirectResponse(quote(address, safe="/") + (f"?{query}" if query else ""), 302)


def whole(text: str | None, least: int, most: int) -> int | None:
    """Read a number of an address; None for anything else."""
    if text is None or not (text.isascii() and text.isdigit() and len(text) < 10):
        return None
    return int(text) if least <= int(text) <= most else None
