"""What an address of a page names: a series, an article by any of its names, and what is nearest to a name that is unknown.

Takes   a connection, what stands in the address. Gives: ids, or addresses of what may be meant. Writes nothing.
"""

from __future__ import annotations

import re
from urllib.parse import quote

from starlette.requests import Request

from ... import views
from ...ledger import queries
from ...ledger.queries import Connection

_ONE_SLASH = re.compile(r"^(https?):/(?!/)")  # as proxies make it of two


def wanted_of(request: Request, written: str) -> str:
    """Give the name of an article as it was meant: an address in it has its query, and both slashes."""
    name = _ONE_SLASH.sub(r"\1://", written)
    query = request.url.query
    return f"{name}?{query}" if query and "://" in name and not _is_ours(request) else name


def _is_ours(request: Request) -> bool:
    return set(request.query_params) <= {"lang", "revision", "view"}


def near_series(connection: Connection, wanted: str) -> list[tuple[str, str]]:
    """Give the series that are most like an unknown name."""
    return [(f"/series/{quote(name)}", name) for name in views.nearest(wanted, queries.series_ids(connection))]


def near_articles(connection: Connection, wanted: str) -> list[tuple[str, str]]:
    """Give the articles and series that are most like an unknown name; of an ambiguous one those that are meant."""
    meant = queries.ids_beginning(connection, wanted) if wanted else []
    if len(meant) > 1:
        return [(f"/article/{quote(name)}", name) for name in meant]
    series = queries.series_ids(connection)
    name = wanted.partition("/")[0]
    names = [*queries.names(connection, name if name in series else None), *series]
    near = views.nearest(wanted, names) or ([name] if name in series else [])
    return [(f"/series/{quote(one)}" if one in series else f"/article/{quote(one)}", one) for one in near]
