"""The pages of the reading room.

Takes   the Room. Gives: routes. Writes nothing.
"""

from __future__ import annotations

from functools import partial

from starlette.routing import BaseRoute, Route

from ..room import Room
from .article import article
from .cite import cite
from .diff import diff, last_two
from .export import Exporter
from .feed import feed
from .index import index
from .overview import Overviews
from .search import search
from .series import series


def routes(room: Room) -> list[BaseRoute]:
    """Give the addresses of the pages."""
    return [
        Route("/", partial(index, room, Overviews(room))),
        Route("/search", partial(search, room)),
        Route("/feed.atom", partial(feed, room)),
        Route("/series/{id}", partial(series, room)),
        Route("/series/{id}/feed.atom", partial(feed, room)),
        Route("/series/{id}/export.{form}", Exporter(room).answer),
        Route("/article/{wanted:path}/diff/{a:int}/{b:int}", partial(diff, room)),
        Route("/article/{wanted:path}/cite/{form}", partial(cite, room)),
        Route("/article/{wanted:path}/diff", partial(last_two, room)),
        Route("/article/{wanted:path}", partial(article, room)),
    ]
