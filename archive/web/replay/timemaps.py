"""TimeMaps: all mementos of an original, as links and as JSON.

Takes   a request for /timemap/<form>/<url>. Gives: a response. Writes nothing.

Sources: RFC 7089, 5 (application/link-format); for JSON the form of the Memento aggregator (mementoweb.org/guide/timemap-json).
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from ...errors import NotFoundError
from ...index.lookup import Index, Indexed
from . import address
from .choice import Mementos, datetime_of
from .memento import escaped, http_date
from .vouching import Vouched


def timemap(index: Index, vouched: Vouched, request: Request, form: str) -> Response:
    """Give the TimeMap of an address.

    Raises UsageError for one that is none, NotFoundError where it was never captured, and what `vouched` does.
    """
    url = address.original(address.below(request, f"/timemap/{form}/"))
    mementos = list(Mementos(index.captures(url), url))
    if not mementos:
        vouched.never_captured()
        raise NotFoundError(f"{escaped(url)}: never captured")
    base = address.base_of(request)
    return _json(base, url, mementos) if form == "json" else _links(base, url, mementos)


def _links(base: str, url: str, mementos: list[Indexed]) -> Response:
    period = f'from="{http_date(mementos[0].time)}"; until="{http_date(mementos[-1].time)}"'
    lines = [
        f'<{escaped(url)}>; rel="original"',
        f'<{base}{address.timemap("link", url)}>; rel="self"; type="application/link-format"; {period}',
        f'<{base}{address.timegate(url)}>; rel="timegate"',
    ]
    for at, one in enumerate(mementos):
        relation = " ".join(
            [*(["first"] if at == 0 else []), *(["last"] if at == len(mementos) - 1 else []), "memento"]
        )
        lines.append(
            f'<{base}{address.link(one.time, "", one.url)}>; rel="{relation}"; datetime="{http_date(one.time)}"'
        )
    return Response(
        ",\n".join(lines) + "\n", media_type="application/link-format", headers={"Cache-Control": "no-cache"}
    )


def _json(base: str, url: str, mementos: list[Indexed]) -> Response:
    listed = [
        {"datetime": f"{datetime_of(one.time):%Y-%m-%dT%H:%M:%SZ}", "uri": base + address.link(one.time, "", one.url)}
        for one in mementos
    ]
    told = {
        "original_uri": url,
        "self": base + address.timemap("json", url),
        "timegate_uri": base + address.timegate(url),
        "timemap_uri": {
            "link_format": base + address.timemap("link", url),
            "json_format": base + address.timemap("json", url),
        },
        "mementos": {"first": listed[0], "last": listed[-1], "list": listed},
    }
    return JSONResponse(told, headers={"Cache-Control": "no-cache"})
