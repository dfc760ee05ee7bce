"""The WACZ of a series, for ReplayWeb.page and its like: whole or in ranges, also to pages of other sites.

Takes   /wacz/<series>.wacz. Gives: the file. Writes nothing.

Source: Fetch, 3.2 (CORS): a range asked for from another origin comes with a preflight, and what is not exposed is not seen.
"""

from __future__ import annotations

import os
import re
import stat

from starlette.requests import Request
from starlette.responses import FileResponse, Response

from ...errors import NotFoundError
from ..room import Room
from .ranges import Unsatisfiable, span

_SERIES = re.compile(r"[a-z0-9][a-z0-9-]*")
_SHARED = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "Accept-Ranges, Content-Encoding, Content-Length, Content-Range, ETag",
    "Cross-Origin-Resource-Policy": "cross-origin",
}
_PREFLIGHT = {
    "Access-Control-Allow-Methods": "GET, HEAD, OPTIONS",
    "Access-Control-Allow-Headers": "Range, If-Range, If-None-Match",
    "Access-Control-Allow-Private-Network": "true",
    "Access-Control-Max-Age": "86400",
}


def package(room: Room, request: Request) -> Response:
    """Give a series' WACZ, as the last export made it. Raises NotFoundError where there is none."""
    if request.method == "OPTIONS":
        return Response(status_code=204, headers={**_SHARED, **_PREFLIGHT})
    series = request.path_params["series"]
    path = room.home.root / "wacz" / f"{series}.wacz"
    if not _SERIES.fullmatch(series) or not _is_ours(path):
        raise NotFoundError(f"wacz/{series}.wacz: not in this home", action=f"lianzai export {series} --format wacz")
    headers = {**_SHARED, "Cache-Control": "no-cache"}
    answer = FileResponse(path, media_type="application/wacz+zip", headers=headers, stat_result=path.stat())
    held = request.headers.get("if-none-match", "")
    if answer.headers["etag"] in (one.strip().removeprefix("W/") for one in held.split(",")) or held.strip() == "*":
        return Response(status_code=304, headers={**headers, "ETag": answer.headers["etag"]})
    try:
        span(request.headers.get("range"), int(answer.headers["content-length"]))
    except Unsatisfiable:  # a page of another site sees a status only beside the headers that let it
        total = f"bytes */{answer.headers['content-length']}"
        return Response(status_code=416, headers={**headers, "Content-Range": total})
    return answer


def _is_ours(path: os.PathLike[str]) -> bool:
    """Say whether it is a file of the home, and no link to somewhere else."""
    try:
        return stat.S_ISREG(os.lstat(path).st_mode)
    except OSError:
        return False
