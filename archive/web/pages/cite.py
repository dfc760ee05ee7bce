"""`/article/<id>/cite/<format>`: a citation of one revision, to be taken into a reference manager.

Takes   any name of an article, a format of archive/citing, `revision` of the address. Gives: text. Writes nothing.
"""

from __future__ import annotations

from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from ... import views
from ...citing import FORMATS, cited
from ...errors import NotFoundError, UsageError
from ..replay.address import base_of
from ..room import Room
from .answering import moved_to, tagged, unknown, whole
from .naming import near_articles, wanted_of

# Media type and ending. A Robust Link is markup to be pasted: it is shown as text, never as a page of ours.
_KINDS: Final[dict[str, tuple[str, str]]] = {
    "bibtex": ("application/x-bibtex", "bib"),
    "ris": ("application/x-research-info-systems", "ris"),
    "csl-json": ("application/vnd.citationstyles.csl+json", "json"),
    "robust-link": ("text/plain", "txt"),
}


def cite(room: Room, request: Request) -> Response:
    """Answer `/article/<id>/cite/<format>`; other names of an article lead there."""
    wanted, form = wanted_of(request, request.path_params["wanted"]), request.path_params["form"]
    asked = request.query_params.get("revision")
    number = whole(asked, 1, 10**9)
    with room.ledger.read() as connection:
        try:
            if form not in FORMATS:
                raise NotFoundError(f"no format {form!r}; there are {', '.join(FORMATS)}")
            found = views.resolve(connection, wanted)
            if found != request.path_params["wanted"]:
                return moved_to(request, f"/article/{found}/cite/{form}")
            if asked is not None and number is None:
                raise NotFoundError(f"{found}: no revision {asked}")
            text = FORMATS[form](cited(connection, found, number, base_of(request)))
        except (NotFoundError, UsageError) as error:  # never captured: there is nothing to cite
            return unknown(room, request, error, near_articles(connection, wanted))
    media, ending = _KINDS[form]
    response = Response(text.encode("utf-8", "replace"), media_type=media)
    response.headers["Content-Type"] = f"{media}; charset=utf-8"
    if ending != "txt":
        response.headers["Content-Disposition"] = f'attachment; filename="{found}.{ending}"'
    return tagged(request, response)
