"""The answer of one capture: its bytes, rewritten where they are a page or a style sheet, or untouched.

Takes   a request, a capture, the mode in which it is shown.
Gives   a response with the status it had, and only such headers as are safe.
Writes  nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from ...errors import NotFoundError
from ...index.lookup import Indexed
from ...markup.css import rewrite_css
from ...surt import surt
from . import address, policy
from .address import Mode
from .charset import readable
from .choice import Mementos
from .html import rewrite_html
from .links import Links
from .memento import memento_headers
from .ranges import Span, Unsatisfiable, cut, span
from .refresh import refreshed
from .stored import Archive, Stored

_PAGES = frozenset({"text/html", "application/xhtml+xml", "application/vnd.wap.xhtml+xml"})
_XML = frozenset({"application/xhtml+xml", "application/vnd.wap.xhtml+xml", "image/svg+xml"})
# Modes in which a document is shown.
_PLACES = frozenset({address.PAGE, address.MAIN, address.FRAME, address.SCRIPTED, address.SCRIPTED_MAIN})
_LOOKS_LIKE_HTML = re.compile(
    rb"\s*(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|body|title|meta|script|table|div|p)\b", re.I | re.S
)
_CONTENT_RANGE = re.compile(r"bytes (\d{1,18})-(\d{1,18})/(\d{1,18}|\*)")
_BODILESS = frozenset({204, 205, 304})
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_SNIFFED = 1024
_SMALL = 512 << 10  # bytes that are read at once: each piece of a stream costs two changes of thread
_HELD = 16 << 20  # bytes of chunks that are held so that a range of them can be given
_UNKNOWN = "application/octet-stream"
_PDF = "application/pdf"
_FRESH = "max-age=300"  # seconds: a nearer capture may come


def raw_answer(request: Request, archive: Archive, mementos: Mementos, one: Indexed) -> Response:
    """Give the bytes as captured: the body without transfer coding, its content coding kept and not declared.

    What was declared stands in X-Archive-Orig-…: so every client gets the bytes whose digest the record tells.
    """
    stored = archive.opened(one)
    headers = memento_headers(request, mementos, one) | _partial(stored)
    headers |= {
        "Content-Security-Policy": policy.RAW_POLICY,
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": _FRESH,
    }
    headers["Content-Type"] = policy.kept(stored.headers).get("content-type", _UNKNOWN)
    headers |= _redirected(archive, one, stored, address.RAW) | _truncated(stored)
    headers |= _etag(one)
    response = _bytes(request, stored, headers)
    for name, value in policy.apart(stored.headers):
        response.headers.append(name, value)
    return response


def shown_answer(request: Request, archive: Archive, mementos: Mementos, one: Indexed, mode: Mode) -> Response:
    """Give a capture as it is shown in a mode. That of a page without its banner is PAGE or MAIN, SCRIPTED or SCRIPTED_MAIN."""
    stored = archive.opened(one)
    scripted = mode in (address.SCRIPTED, address.SCRIPTED_MAIN)
    headers = memento_headers(request, mementos, one) | _partial(stored)
    headers |= policy.kept(stored.headers) | policy.open_headers(request.headers["host"], scripted=scripted)
    headers["Cache-Control"] = _FRESH
    headers["Content-Location"] = address.link(one.time, mode, one.url)
    headers |= _redirected(archive, one, stored, mode) | _truncated(stored)
    if stored.status in _BODILESS:
        return _bytes(request, stored, headers)
    mime = headers.get("content-type", "").partition(";")[0].strip().lower()
    if not mime:
        mime = _sniffed(stored)
        headers["content-type"] = mime
    links = Links(one.url, one.time, scripted=scripted)
    if _is_style(mime, mode):
        return _style(stored, headers, links)
    if mode in _PLACES and (mime in _PAGES or mime in _XML):
        return _page(request, stored, headers, links, mode)
    if mime == _PDF:  # no viewer opens one in a sandbox, and it has no script that could reach us
        headers["Content-Security-Policy"] = "default-src 'none'; object-src 'self'; style-src 'unsafe-inline'"
    return _bytes(request, stored, headers | _etag(one))


def _partial(stored: Stored) -> dict[str, str]:
    """Say which part an archived 206 is. The whole as one part becomes a 200, of which ranges can be had: so films come."""
    if stored.status != 206:
        return {}
    told = next((value for name, value in stored.headers if name.lower() == "content-range"), "")
    part = _CONTENT_RANGE.fullmatch(told.strip())
    if part is None:
        return {}
    if part[1] == "0" and part[3] == str(int(part[2]) + 1):
        stored.status = 200
        return {}
    return {"Content-Range": part[0]}


def _truncated(stored: Stored) -> dict[str, str]:
    """Say that bytes are missing, and why, where the record does: "length", "time", "disconnect", "unspecified"."""
    return {"X-Archive-Truncated": stored.truncated} if stored.truncated.isalpha() else {}


def _redirected(archive: Archive, one: Indexed, stored: Stored, mode: Mode) -> dict[str, str]:
    """Lead a redirect to where it led, at the same time. Raises NotFoundError for one that leads to nothing but itself."""
    told = next((value for name, value in stored.headers if name.lower() == "location"), None)
    if told is None or stored.status not in _REDIRECTS:
        return {}
    target = Links(one.url, one.time).resolve(told)
    if target is None:
        return {}
    target = address.original(quote(target, safe="/:?#[]@!$&'()*+,;=%~", encoding="latin-1"))
    time = one.time
    if surt(target) == one.key:
        time = _elsewhere(archive, one, target)
    return {"Location": address.link(time, mode, target)}


def dead_end(archive: Archive, one: Indexed, stored: Stored) -> str:
    """Give the address that a redirect leads to and that the archive lacks; "" where it leads on, or nowhere at all."""
    try:
        location = _redirected(archive, one, stored, address.MAIN).get("Location")
    except NotFoundError:
        return one.url
    if location is None:
        return ""
    target = location.split("/", 3)[3]
    found = Mementos(archive.index.captures(target), target)
    return "" if found.first is not None or found.other_spelling() is not None else target


def _elsewhere(archive: Archive, one: Indexed, target: str) -> str:
    """Find when an address was captured that is to an archive the same as the one that redirects to it (http and https)."""
    mementos = Mementos(archive.index.captures(target), target)
    exact = mementos.at(one.time)
    if exact is not None and exact.url == target and exact.offset != one.offset:
        return one.time
    for other in (mementos.after(one.time), mementos.before(one.time)):
        if other is not None and (other.status or 200) not in _REDIRECTS:
            return other.time
    raise NotFoundError(f"{address.original(target)}: only a redirect to itself was captured")


def _is_style(mime: str, mode: Mode) -> bool:
    """Say whether it is a style sheet; browsers take one of another type in old pages of the same site, but here none is."""
    return mode == address.STYLE and mime not in _PAGES


def _sniffed(stored: Stored) -> str:
    """Guess a type where none is told: a page, or bytes that no browser runs."""
    start = next(stored.payload, b"")
    rest = stored.payload
    stored.payload = _again(start, rest)
    return "text/html" if _LOOKS_LIKE_HTML.match(start[:_SNIFFED]) else _UNKNOWN


def _again(start: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    yield start
    yield from rest


def _page(request: Request, stored: Stored, headers: dict[str, str], links: Links, mode: Mode) -> Response:
    """Rewrite a page."""
    told = headers["content-type"]
    mime = told.partition(";")[0].strip().lower()
    body, label = readable(stored.body(), told)
    links = Links(stored.capture.url, stored.capture.time, scripted=links.scripted, charset=label)
    refresh = next((value for name, value in stored.headers if name.lower() == "refresh"), None)
    if refresh is not None:
        headers["Refresh"] = quote(
            refreshed(refresh, links, in_frame=mode == address.FRAME), safe="/:?#[]@!$&'()*+,;=%~ "
        )
    insert = policy.shim(stored.capture, sent=request.method == "POST") if links.scripted and mime not in _XML else ""
    text = rewrite_html(body.decode("latin-1"), links, in_frame=mode == address.FRAME, xml=mime in _XML, insert=insert)
    headers["content-type"] = f"{mime}; charset={label}"
    return _answer(request, text.encode("latin-1"), stored.status, headers)


def _style(stored: Stored, headers: dict[str, str], links: Links) -> Response:
    """Rewrite a style sheet. Where no charset is told, that of the page around it holds, as it did."""
    told = headers.get("content-type", "")
    body = stored.body()
    text = rewrite_css(body.decode("latin-1"), links.in_css)
    parameter = told.partition(";")[2].strip()
    headers["content-type"] = f"text/css; {parameter}" if parameter else "text/css"
    return Response(text.encode("latin-1"), _status(stored.status), headers)


def _bytes(request: Request, stored: Stored, headers: dict[str, str]) -> Response:
    """Give bytes as they are, or a range of them; what is not coded goes through piece by piece."""
    if stored.status in _BODILESS:
        stored.close()
        return Response(status_code=stored.status, headers=headers)
    is_raw = "X-Content-Type-Options" in headers
    if stored.is_coded() and not is_raw:
        return _answer(request, stored.body(), stored.status, headers)
    total = stored.payload_bytes
    if total is not None and total <= _SMALL and request.method == "GET":
        return _answer(request, b"".join(stored.stream()), stored.status, headers)
    if total is None:
        if request.method == "HEAD":
            stored.close()
            return Response(status_code=_status(stored.status), headers=headers)
        return _unmeasured(request, stored, headers)
    try:
        wanted = _wanted(request, stored.status, total, headers)
    except Unsatisfiable:
        stored.close()
        return _unsatisfiable(total, headers)
    headers["Accept-Ranges"] = "bytes"
    headers["Content-Length"] = str(total if wanted is None else wanted.length)
    status = _status(stored.status)
    if wanted is not None:
        headers["Content-Range"], status = wanted.header, 206
    if request.method == "HEAD":
        stored.close()
        return Response(status_code=status, headers=headers)
    stream = stored.stream()
    return StreamingResponse(stream if wanted is None else _closing(stream, wanted), status, headers)


def _unmeasured(request: Request, stored: Stored, headers: dict[str, str]) -> Response:
    """Give bytes whose number only reading tells, as of chunks; a range of them where they are few enough to be held."""
    stream, held, size = stored.stream(), list[bytes](), 0
    if request.headers.get("range"):
        for piece in stream:
            held.append(piece)
            size += len(piece)
            if size > _HELD:
                break
        else:
            return _answer(request, b"".join(held), stored.status, headers)
    return StreamingResponse(chain(held, stream), _status(stored.status), headers)


def _closing(stream: Iterator[bytes], wanted: Span) -> Iterator[bytes]:
    """Give a span and let go of the record, though more of it would come."""
    try:
        yield from cut(stream, wanted)
    finally:
        stream.close()  # type: ignore[attr-defined]  # it is a generator


def _answer(request: Request, body: bytes, status: int, headers: dict[str, str]) -> Response:
    """Answer with a body that is in memory, or a range of it."""
    try:
        wanted = _wanted(request, status, len(body), headers)
    except Unsatisfiable:
        return _unsatisfiable(len(body), headers)
    headers["Accept-Ranges"] = "bytes"
    if wanted is None:
        return Response(body, _status(status), headers)
    headers["Content-Range"] = wanted.header
    return Response(body[wanted.first : wanted.last + 1], 206, headers)


def _wanted(request: Request, status: int, total: int, headers: dict[str, str]) -> Span | None:
    """Read the range that is asked for; none of what was no success, or is not what If-Range names."""
    condition = request.headers.get("if-range")
    if status != 200 or (condition is not None and condition != headers.get("ETag")):
        return None
    return span(request.headers.get("range"), total)


def _unsatisfiable(total: int, headers: dict[str, str]) -> Response:
    headers = {name: value for name, value in headers.items() if name.lower() != "content-type"}
    return Response(status_code=416, headers={**headers, "Content-Range": f"bytes */{total}"})


def _etag(one: Indexed) -> dict[str, str]:
    return {"ETag": f'"{quote(one.digest, safe=":")}"'} if one.digest else {}


def _status(status: int) -> int:
    """Give the status as archived; one that no client knows is a success with a body."""
    return status if 200 <= status <= 599 else 200
