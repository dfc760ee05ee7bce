"""A series of a few pages, for tests of what happens around a crawl: it takes as few requests as there are pages."""

from __future__ import annotations

import json
from typing import Any

from crawler.demo.server import Server
from crawler.demo.text import instalments


def paths(pages: int = 2) -> list[str]:
    """Give the first pages' paths."""
    return [one.path for one in instalments()[:pages]]


def tiny_profile(server: Server | str, series: str, pages: int = 2, *, more: str = "", **fetch: Any) -> str:
    """Write a profile of the newspaper's first pages, owed a run each New Year. more: further tables. fetch: keys of [fetch]."""
    url = server if isinstance(server, str) else server.url
    keys = {
        "delay": 0,
        "concurrency": 1,
        "timeout": 30,
        "retries": 1,
        "requisites": "none",
        "allow_private": True,
        **fetch,
    }
    return "\n".join(
        [
            "[series]", f'id = "{series}"', f'title = "连载 {series}"', f"expected = {pages}", 'schedule = "0 0 1 1 *"',
            'timezone = "Asia/Shanghai"', 'language = "zh"', 'cadence = "10000d"',
            "[source]", 'kind = "url-list"', f"urls = {json.dumps([url + path for path in paths(pages)])}",
            "[fetch]", *(f"{key} = {json.dumps(value)}" for key, value in keys.items()),
            "[article]", 'title = "h1.content-title"', 'published = "span.content-time"', 'body = "div.content-content"',
            more, "",
        ]
    )  # fmt: skip
