"""Answer below /web/: a memento, a TimeGate, the banner's page, or a list of captures.

Takes   a request. Gives: a response. Writes nothing.

    /web/<url>               TimeGate   -> 302 to the nearest capture
    /web/<time><mode>/<url>  page, raw  -> 302 to the nearest capture, where there is none of that second
                             others     -> the nearest capture itself: what a page loads costs no second request
    /web/*/<url>             calendar, of one year: /web/2018*/<url>

What was sent with a body (sent.py) has the captures of that body alone, and is never led on: a browser would send no body there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from ...errors import NotFoundError, UsageError
from ...index.lookup import Index, Indexed
from ...index.post import key_address
from ..room import Room
from . import address
from .address import Asked
from .body import raw_answer, shown_answer
from .calendar import calendar_page
from .choice import Mementos, period
from .frame import frame_page, is_framed
from .memento import escaped, original_links, parse_http_date
from .policy import RAW_POLICY
from .question import Question, Questions
from .similar import similar
from .stored import Archive
from .vouching import Vouched

_REDIRECTED = frozenset({address.PAGE, address.SCRIPTED, address.RAW})
_ALONE = frozenset({address.MAIN, address.FRAME, address.STYLE, address.DATA, address.SCRIPTED_MAIN})
_ASKED = 100  # captures whose requests are read, to find the one that was sent the same
_CALENDAR = re.compile(r"(\d{4})?(?:\*|%2A)/(.*)", re.IGNORECASE)


class Replay:
    """The replay of a home."""

    def __init__(self, room: Room) -> None:
        self._room = room
        self.index = Index(room.home.root / "index")
        self.archive = Archive(self.index, room.ledger, room.records)
        self._questions = Questions(room.records)
        self.vouched = Vouched(room.home, room.ledger)

    def web(self, request: Request, sent: Question | None = None) -> Response:
        """Answer one request below /web/.

        sent: the body of one that is no GET. Raises UsageError (400), NotFoundError (404), IntegrityError (502), and what opening
        a record does.
        """
        if request.headers.get("service-worker"):  # no archived script may stand between a reader and the archive
            return PlainTextResponse("No service workers here.\n", 403, {"Content-Security-Policy": RAW_POLICY})
        rest = address.below(request, "/web/")
        if listed := _CALENDAR.fullmatch(rest):
            return calendar_page(self._room, self.index, self.vouched, request, listed[2], listed[1])
        asked = address.asked(request)
        if sent is not None:
            return self._sent(request, asked, sent)
        mementos = self.mementos(asked.url)
        if not asked.time:
            return self._timegate(request, asked, mementos)
        one = self._chosen(asked, mementos)
        if isinstance(one, Response):
            return one
        return self._memento(request, asked, mementos, one)

    def mementos(self, url: str) -> Mementos:
        """Give the mementos of an original."""
        return Mementos(self.index.captures(url), url)

    def _sent(self, request: Request, asked: Asked, sent: Question) -> Response:
        """Answer what was sent with a body by the nearest capture of the same. Raises what `web` does."""
        wanted = period(asked.time)
        if wanted is None:
            raise UsageError(f"{asked.time or 'no time'}: expected a time as YYYYMMDDhhmmss before what is sent to")
        mementos = Mementos(self.index.captures(key_address(asked.url, *sent)), asked.url)
        one = mementos.nearest(*wanted)
        if one is None:  # an index of an older version names no requests of imports
            mementos = self.mementos(asked.url)
            one = self._answered(mementos.around(*wanted), sent, asked.mode)
        if one is None:
            self.vouched.never_captured()
            return _nothing_alone(asked.url, " （所发内容不同 as it was sent）")
        if asked.mode == address.RAW:
            return raw_answer(request, self.archive, mementos, one)
        return shown_answer(request, self.archive, mementos, one, asked.mode)

    def _answered(self, captures: Iterator[Indexed], sent: Question, mode: address.Mode) -> Indexed | None:
        """Choose the first to which the same was sent; for a script else one of which no request says what was."""
        otherwise = None
        for one in islice(captures, _ASKED):
            question = self._questions.of(one)
            if question == sent:
                return one
            otherwise = otherwise or (one if question is None else None)
        return otherwise if mode == address.DATA else None

    def _timegate(self, request: Request, asked: Asked, mementos: Mementos) -> Response:
        """Send to the capture nearest to Accept-Datetime, or to the last.

        Raises HTTPException: 400 for a date that is none, 404. Source: RFC 7089, 4.2.1 (302), 4.5.3 (400).
        """
        base, wish = address.base_of(request), request.headers.get("accept-datetime")
        headers = {
            "Vary": "Accept-Datetime",
            "Cache-Control": "no-cache",
            "Link": ", ".join(original_links(base, asked.url)),
        }
        moment = None if wish is None else parse_http_date(wish)
        if wish is not None and moment is None:
            expected = "Accept-Datetime: expected a date such as Thu, 30 Aug 2018 02:05:00 GMT"
            raise HTTPException(400, f"{expected}, found {wish[:60]!r}", headers)
        one = mementos.last if moment is None else mementos.nearest(moment, moment)
        if one is not None:
            return _redirect(base + address.link(one.time, address.PAGE, one.url), headers)
        other = mementos.other_spelling()
        if other is None:
            self.vouched.never_captured()
            del headers["Link"]  # of what was never captured there is no TimeMap
            raise HTTPException(404, _never(asked.url), headers)
        return _redirect(base + address.timegate(other), headers)

    def _chosen(self, asked: Asked, mementos: Mementos) -> Indexed | Response:
        """Choose the capture that answers, or the address that does. Raises UsageError, NotFoundError."""
        wanted = period(asked.time)
        if wanted is None:
            raise UsageError(f"{asked.time}: expected a time as YYYYMMDDhhmmss, or its beginning with a year at least")
        exact = mementos.at(asked.time) if len(asked.time) == 14 else None
        one = exact or mementos.nearest(*wanted)
        if one is None:
            other = mementos.other_spelling() or (
                similar(self.index, asked.url) if asked.mode == address.DATA else None
            )
            if other is None:
                self.vouched.never_captured()
                if asked.mode in _ALONE:
                    return _nothing_alone(asked.url)
                raise NotFoundError(_never(asked.url))
            return _redirect(address.link(asked.time, asked.mode, other))
        if exact is None and asked.mode in _REDIRECTED:
            return _redirect(address.link(one.time, asked.mode, one.url))
        return one

    def _memento(self, request: Request, asked: Asked, mementos: Mementos, one: Indexed) -> Response:
        if asked.mode == address.RAW:
            return raw_answer(request, self.archive, mementos, one)
        if asked.mode == address.SCRIPTED_MAIN and request.headers.get("sec-fetch-dest") == "document":
            return _redirect(address.link(one.time, address.SCRIPTED, one.url))  # alone it could lead the window away
        if is_framed(request, asked.mode):
            framed = frame_page(self._room, self.archive, request, asked.mode, mementos, one)
            if framed is not None:
                return framed
        answer = shown_answer(request, self.archive, mementos, one, asked.mode)
        if asked.mode == address.PAGE:
            answer.headers.add_vary_header("Sec-Fetch-Dest")
            answer.headers.add_vary_header("Upgrade-Insecure-Requests")
        return answer


def _redirect(to: str, headers: dict[str, str] | None = None) -> Response:
    """Send on. to: ASCII, escaped already."""
    response = Response(status_code=302, headers={"Cache-Control": "no-cache", **(headers or {})})
    response.headers["Location"] = to
    return response


def _never(url: str) -> str:
    return f"{escaped(url)}: never captured"


def _nothing_alone(url: str, how: str = "") -> Response:
    """Say in a frame, or in place of a picture, that there is none. how: words behind the address."""
    headers = {
        "Content-Security-Policy": RAW_POLICY,
        "Access-Control-Allow-Origin": "*",
        "Cache-Control": "no-cache",
        "X-Content-Type-Options": "nosniff",
    }
    return PlainTextResponse(f"未存 Not in this archive: {escaped(url)}{how}\n", 404, headers)
