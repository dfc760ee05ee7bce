"""Our page around an archived one: the banner with time, address and neighbours, and a frame in a sandbox.

Takes   a request that a browser made to open a page, the capture that answers it.
Gives   the page, or None where the capture is to be shown without one.
Writes  nothing.

The page around it is more than a banner: its policy keeps the frame within /web/, wherever a script in it would lead.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from ...index.lookup import Index, Indexed
from ...ledger.queries import ids_at
from ..room import LOCAL, Room
from . import address
from .address import Mode
from .body import dead_end
from .charset import readable
from .choice import Mementos, datetime_of
from .links import Links
from .memento import memento_headers
from .needs import missing
from .policy import frame_policy, kept
from .refresh import refresh_of, refreshed
from .stored import Archive, Stored

_NAVIGATIONS = frozenset({"document", ""})  # Sec-Fetch-Dest; not sent to plain http but of localhost
_SHOWN = re.compile(r"text/|image/|video/|audio/|application/(?:xhtml|xml|json|javascript|.*\+xml)")
_PAGES = re.compile(r"text/html|application/xhtml")
_TITLE = re.compile(r"<title[^>]*>(.*?)</title", re.IGNORECASE | re.DOTALL)
_REDIRECTS = range(300, 400)
_COUNTED = 2000  # captures of an address up to which they are counted for the banner
_LONGEST_TITLE = 200


@dataclass(frozen=True, slots=True)
class Seen:
    """What the page around a page must know of it.

    refresh: where it sends on by itself, as `N; url=…`, "" where it does not. missing: addresses of what it shows and the archive
    lacks.
    """

    title: str
    refresh: str
    missing: tuple[str, ...] = ()


def is_framed(request: Request, mode: Mode) -> bool:
    """Say whether a browser opens a page in a window of its own. Programs get the memento itself.

    On plain http no browser tells what it wants the answer for, but that it is to be a page is always told.
    """
    if mode == address.SCRIPTED:
        return True
    told = request.headers.get("sec-fetch-dest", "")
    opens = told == "document" or (not told and request.headers.get("upgrade-insecure-requests") == "1")
    return mode == address.PAGE and opens


def frame_page(
    room: Room, archive: Archive, request: Request, mode: Mode, mementos: Mementos, one: Indexed
) -> Response | None:
    """Draw the page around a capture; of a redirect only where what it leads to was never captured."""
    stored = archive.opened(one)
    told = kept(stored.headers)
    leads_to = dead_end(archive, one, stored) if stored.status in _REDIRECTS else ""
    if (
        (stored.status in _REDIRECTS and not leads_to)
        or "content-disposition" in told
        or not _SHOWN.match(told.get("content-type", "text/html"))
    ):
        stored.close()
        return None
    scripted = mode == address.SCRIPTED
    inner: Mode = address.SCRIPTED_MAIN if scripted else address.MAIN
    seen = _seen(archive.index, stored, told.get("content-type", ""))
    previous, following = mementos.before(one.time), mementos.after(one.time)
    values = {
        "title": seen.title or one.url,
        "refresh": "" if scripted else seen.refresh,
        "url": one.url,
        "moment": datetime_of(one.time),
        "status": stored.status,
        "source": address.link(one.time, inner, one.url),
        "previous": _step(previous, one, mode),
        "following": _step(following, one, mode),
        "calendar": address.calendar(one.url),
        "raw": address.link(one.time, address.RAW, one.url),
        "scripted": scripted,
        "other_mode": address.link(one.time, address.PAGE if scripted else address.SCRIPTED, one.url),
        "place": _place(mementos, one),
        "capture": one,
        "record_id": archive.head_of(one).field(b"WARC-Record-ID").decode("latin-1").strip("<>"),
        "articles": _articles(room, one.url),
        "missing": seen.missing,
        "truncated": stored.truncated,
        "leads_to": leads_to,
    }
    headers = memento_headers(request, mementos, one) | {
        "Content-Security-Policy": frame_policy(request.headers["host"]),
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",
        "X-DNS-Prefetch-Control": "off",
        "Cache-Control": "no-cache",
    }
    status = stored.status if stored.status >= 200 and not leads_to else 200
    response = room.page(request, "replay.html", values, status=status, headers=headers)
    response.headers.add_vary_header("Sec-Fetch-Dest")
    response.headers.add_vary_header("Upgrade-Insecure-Requests")
    return response


def _seen(index: Index, stored: Stored, content_type: str) -> Seen:
    """Look into a page for its title, what it lacks, and where it sends on: in the sandbox it cannot do so by itself."""
    if not _PAGES.match(content_type or "text/html"):
        stored.close()
        return Seen("", "")
    told = next((value for name, value in stored.headers if name.lower() == "refresh"), "")
    body, label = readable(stored.body(), content_type)
    text, links = body.decode("latin-1"), Links(stored.capture.url, stored.capture.time)
    title = _TITLE.search(text)
    try:
        words = html.unescape(title[1].encode("latin-1").decode(label, "replace")) if title else ""
    except LookupError:
        words = ""
    content = refresh_of(text) or told
    sends_on = refreshed(content, links) if content else ""
    leads_on = "url=/web/" in sends_on and not sends_on.endswith(links.page(stored.capture.url) or "")  # not to itself
    lacks = missing(index, stored.capture, text, label)
    return Seen(" ".join(words.split())[:_LONGEST_TITLE], sends_on if leads_on else "", tuple(lacks))


def _step(other: Indexed | None, one: Indexed, mode: Mode) -> dict[str, object] | None:
    """Give a neighbour. form: how its time is told beside that of this one, as short as can be."""
    if other is None:
        return None
    here, there = (datetime_of(each.time).astimezone(LOCAL) for each in (one, other))
    form = "%H:%M:%S" if here.date() == there.date() else "%m-%d" if here.year == there.year else "%Y-%m-%d"
    return {"address": address.link(other.time, mode, other.url), "moment": there, "form": form}


def _place(mementos: Mementos, one: Indexed) -> tuple[int, int] | None:
    """Say the how manieth capture it is, of how many; None where there are very many."""
    if mementos.lines > _COUNTED:
        return None
    times = [other.time for other in mementos]
    return times.index(one.time) + 1, len(times)


def _articles(room: Room, url: str) -> list[str]:
    with room.ledger.read() as connection:
        return ids_at(connection, [url])
