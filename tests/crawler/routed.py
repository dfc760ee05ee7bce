"""A site of fixed answers for the crawl without a network (walk.py): a request's target, exactly as sent, -> an answer.

Takes   routes as the shared cases write them (routes.json of a case, see there), or pages that a test writes itself.
Gives   Routed, which answers as crawler.demo.site.Site does; the targets asked for, in order.
Writes  nothing.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from crawler.demo.answers import Answer

_MISSING = Answer(404, b"<html><body><h1>404 Not Found</h1></body></html>", "text/html")


class Routed:
    """A site of fixed answers. visit: number of the crawl, from 1, where an address has an answer for each."""

    def __init__(self, routes: Mapping[str, Any], folder: Path | None = None) -> None:
        self._routes = dict(routes)
        self._folder = folder
        self.visit = 1
        self.asked: list[str] = []

    @classmethod
    def of_case(cls, folder: Path) -> Routed:
        """Serve one of the shared cases."""
        return cls(json.loads((folder / "routes.json").read_text("utf-8")), folder)

    def put(self, target: str, page: str | bytes | Answer, mime: str = "text/html; charset=utf-8") -> None:
        """Let a target answer so from now on."""
        body = page.encode() if isinstance(page, str) else page
        self._routes[target] = body if isinstance(body, Answer) else Answer(200, body, mime, etag=_tag(body))

    def put_all(self, pages: Mapping[str, str | bytes | Answer]) -> Routed:
        """Let several targets answer so; gives the site."""
        for target, page in pages.items():
            self.put(target, page)
        return self

    def answer(self, target: str, base: str) -> Answer:
        """Answer a GET. target: path and query as sent. base: the site's address without a slash at its end."""
        self.asked.append(target)
        route = self._routes.get(target)
        if route is None:
            stars = [key for key in self._routes if key.endswith("*") and target.startswith(key[:-1])]
            route = self._routes[max(stars, key=len)] if stars else None
        if isinstance(route, list):
            route = route[min(self.visit, len(route)) - 1]
        if route is None or isinstance(route, Answer):
            return route or _MISSING
        return self._of_file(route, base)

    def _of_file(self, route: Mapping[str, Any], base: str) -> Answer:
        assert self._folder is not None
        body = (self._folder / route["file"]).read_bytes() if route.get("file") else b""
        if route.get("template"):
            body = body.replace(b"{{BASE}}", base.encode())
        headers = [(name, value.replace("{{BASE}}", base)) for name, value in route.get("headers", ())]
        mime = next((value for name, value in headers if name.lower() == "content-type"), "text/html")
        others = tuple((name, value) for name, value in headers if name.lower() != "content-type")
        return Answer(route.get("status", 200), body, mime, headers=others)


def _tag(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()[:16]
