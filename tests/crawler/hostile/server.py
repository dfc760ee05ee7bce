"""The hostile newspaper on loopback: raw sockets, as any framework would mend the answers.

Takes   ENDPOINTS. Gives: its address, what it was asked and when. Writes nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from raw_site import RawSite, site

from . import pages
from .endpoint import Endpoint
from .endpoints import ENDPOINTS
from .roads import LATER


class HostileNewspaper:
    """Its endpoints by path, its list, and a log."""

    def __init__(self, endpoints: tuple[Endpoint, ...] = ENDPOINTS, canary: str = "http://127.0.0.1:9") -> None:
        self.canary = canary
        self._endpoints = {one.path: one for one in endpoints}
        self._asked: Counter[str] = Counter()
        self.site: RawSite

    @property
    def url(self) -> str:
        """Where it stands, without a slash at the end."""
        return self.site.url

    @property
    def asked(self) -> Counter[str]:
        """How often each target was asked for."""
        return Counter(target for target, _, _ in self.site.log)

    @contextmanager
    def open(self) -> Iterator[HostileNewspaper]:
        """Serve until the block is left."""
        with site(self._answer) as self.site:
            yield self

    def _answer(self, connection: Any, target: str) -> None:
        path = target.partition("?")[0]
        self._asked[path] += 1
        if path == "/robots.txt":
            connection.send(pages.answer(b"", status="404 Not Found"))
        elif path in ("/", "/list"):
            links = "".join(
                f'<li><a href="{one.path}">渠边札记之{one.name}</a></li>' for one in self._endpoints.values()
            )
            connection.send(
                pages.answer(f'<meta charset="utf-8"><title>渠边札记</title><ul class="list">{links}</ul>'.encode())
            )
        elif path in LATER:
            connection.send(LATER[path])
        elif path in self._endpoints:
            self._endpoints[path].say(self, connection, self._asked[path], target)
        else:
            connection.send(pages.answer(pages.notice("404 页面不存在"), status="404 Not Found"))
