"""The demonstration newspaper as a site: a request's target -> the answer, with validators, faults first.

Takes   a `Newspaper` and a target ("/v2/content/getnewsbyid?content_id=…").
Gives   an `Answer`; transfer, content coding and conditional requests are the server's.
Writes  nothing.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from urllib.parse import parse_qsl, urlsplit

from . import api, pages
from .answers import Answer, Fault, status
from .newspaper import OPENING, Newspaper
from .pictures import picture

ROBOTS = "User-agent: *\nAllow: /\n"
_HTML = "text/html; charset=utf-8"
_OPENED = int(OPENING.timestamp())
_CALLBACK = re.compile(r"[A-Za-z_$][\w$.]*")
_STATIC = {
    "/robots.txt": (ROBOTS, "text/plain; charset=utf-8"),
    "/static/css/main.css": (pages.MAIN_CSS, "text/css"),
    "/static/css/type.css": (pages.TYPE_CSS, "text/css"),
    "/static/js/client.js": (pages.CLIENT_JS, "application/javascript; charset=utf-8"),
}
_PICTURE = re.compile(
    r"/(?:uploadfile/2018/\d{4}/\d+(?:-2x)?\.(?:jpg|png)|static/img/(?:paper|rule|logo)\.png|favicon\.ico)"
)
_PICTURE_TYPES = {"jpg": "image/jpeg", "png": "image/png", "ico": "image/x-icon"}


@dataclass
class _Planned:
    pattern: str
    fault: Fault
    times: int


@dataclass
class Site:
    """What the server asks for each request."""

    newspaper: Newspaper
    _planned: list[_Planned] = field(default_factory=list)

    def fail(self, path: str, fault: int | Fault, times: int = 1) -> None:
        """Let the next answers to a path be faulty.

        path: a path, a whole target, or either with "*" for any characters. fault: a status code or one of `answers`.
        times: how many answers; 0 or fewer for all that follow.
        """
        self._planned.append(_Planned(path, status(fault) if isinstance(fault, int) else fault, times or -1))

    def heal(self) -> None:
        """Forget the faults still planned."""
        self._planned.clear()

    def answer(self, target: str, base: str) -> Answer:
        """Answer a GET. target: path and query as sent. base: the site's address without a slash at its end."""
        parts = urlsplit(target)
        parameters = dict(parse_qsl(parts.query, keep_blank_values=True))
        said = self._say(parts.path, parameters, base)
        for planned in self._planned:
            if any(planned.pattern == known or fnmatchcase(known, planned.pattern) for known in (target, parts.path)):
                planned.times -= 1
                if planned.times == 0:
                    self._planned.remove(planned)
                return planned.fault(said)
        return said

    def _say(self, path: str, parameters: dict[str, str], base: str) -> Answer:
        if path.startswith("/v2/content/"):
            return self._api(path.removeprefix("/v2/content/"), parameters, base)
        if path in _STATIC:
            text, mime = _STATIC[path]
            return _validated(text.encode(), mime, _OPENED)
        if _PICTURE.fullmatch(path):
            return _validated(picture(path), _PICTURE_TYPES[path.rsplit(".", 1)[1]], _OPENED)
        with self.newspaper.held():
            return self._list(path) or self._article(path)

    def _api(self, call: str, parameters: dict[str, str], base: str) -> Answer:
        """Answer in JSON, in JSONP where a callback is named; the topic and its sections are sent in chunks."""
        body = json.dumps(api.answer(self.newspaper, call, parameters, base), ensure_ascii=call == "getnewsbyid")
        callback = parameters.get("callback", "")
        mime = "application/json; charset=utf-8"
        if _CALLBACK.fullmatch(callback):
            body, mime = f"{callback}({body})", "application/javascript; charset=utf-8"
        return Answer(200, body.encode(), mime, headers=(("Cache-Control", "no-cache"),), chunked=call != "getnewsbyid")

    def _list(self, path: str) -> Answer | None:
        numbered = re.fullmatch(r"/list/index(?:_(\d+))?\.html", path)
        lists: dict[str, Callable[[Newspaper], str]] = {"/": pages.home_page, pages.TOPIC_PATH: pages.topic_page}
        page = lists[path](self.newspaper) if path in lists else None
        if numbered:
            page = pages.list_page(self.newspaper, int(numbered[1] or 1))
        return _validated(page.encode(), _HTML, int(self.newspaper.now.timestamp())) if page else None

    def _article(self, path: str) -> Answer:
        """Answer with an article's page, under the long path of 2018 or the short one that came later."""
        for one in self.newspaper.all():
            text = one.instalment
            if path not in (text.path, f"/content/{text.published:%Y/%m%d}/{text.article}.html"):
                continue
            if one.withdrawn:
                return Answer(200 if one.soft else 404, pages.gone_page().encode(), _HTML)
            body = pages.article_page(self.newspaper, one).encode()
            return _validated(body, _HTML, int(one.touched.timestamp()), chunked=text.number % 2 == 0)
        return Answer(404, pages.gone_page().encode(), _HTML)


def _validated(body: bytes, mime: str, modified: int, *, chunked: bool = False) -> Answer:
    return Answer(200, body, mime, hashlib.sha256(body).hexdigest()[:16], modified, chunked=chunked)
