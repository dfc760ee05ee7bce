"""The replay: captures as they were, by address and time.

Takes   the Room. Gives: routes. Writes nothing.

    address    what is asked for            choice    the capture that answers     stored   its bytes, of whichever record
    answers    /web/…                       body      rewritten or untouched       frame    the page with the banner
    links, html, charset  the rewriting     policy    what a browser may do with it
    sent       what is asked with a body    calendar, timemaps, cdx, packages   the other addresses
"""

from __future__ import annotations

from functools import partial

from starlette.routing import BaseRoute, Route

from ..room import Room
from .answers import Replay
from .cdx import cdx
from .packages import package
from .sent import sent
from .timemaps import timemap


def routes(room: Room) -> list[BaseRoute]:
    """Give the addresses of the replay."""
    replay = Replay(room)
    return [
        Route("/web/{rest:path}", partial(sent, replay), methods=["POST", "OPTIONS"]),
        Route("/web/{rest:path}", replay.web),
        Route("/timemap/link/{rest:path}", partial(timemap, replay.index, replay.vouched, form="link")),
        Route("/timemap/json/{rest:path}", partial(timemap, replay.index, replay.vouched, form="json")),
        Route("/cdx", partial(cdx, replay.index)),
        Route("/wacz/{series}.wacz", partial(package, room), methods=["GET", "OPTIONS"]),
    ]
