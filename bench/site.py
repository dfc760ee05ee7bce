"""A generated newspaper site for measuring crawls: large, fast, and the same bytes each time.

Takes   --articles N --port P [--profile FILE] [--no-css]; four addresses an article: its page of about 20 KB, a style
        sheet and two images of 2 to 8 KB, each with its own bytes; list pages of 50 articles with a link to the next.
Gives   the address on the first line of stdout; then serves until a signal ends it. Every answer is put together before the
        first request, so that the server costs little beside the crawl: HTTP/1.1, keep-alive, ETag, Last-Modified, 304.
        /-/asked says what was asked since it was last asked itself: {path: {status: times}}.
Writes  FILE: a profile for it, where asked; without the CSS rules under --no-css.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import hashlib
import json
import random
import re
import struct
import sys
import zlib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from crawler.demo.text import instalments

LIST_SIZE = 50  # articles a list page
PAGE_BYTES = 20_000  # of an article's HTML
MODIFIED = "Mon, 20 Aug 2018 00:00:00 GMT"
PARAGRAPH = range(3, 8)  # sentences
ASKED = b"/-/asked"  # not part of the site: what a witness of a crawl asks
FURNITURE = "".join(f'<li class="nav-{n}"><a href="/list/index.html?from={n}">栏目{n}</a></li>\n' for n in range(60))

CSS_RULES = """
[article]
title = "h1.content-title"
published = "span.content-time"
body = "div.content-content"
"""


def profile(url: str, *, css: bool = True) -> str:
    """Give a profile of the site as TOML. css: with the rules for title, day and text."""
    text = f"""[series]
id = "bench"
title = "量水"
[source]
kind = "list-page"
url = "{url}/list/index.html"
item = ".news-list li.news-item a"
next = "a.next"
max_pages = 1000
[fetch]
delay = 0.0
concurrency = 16
allow_private = true
max_requests = 1000000
"""
    return text + CSS_RULES if css else text


def site(articles: int) -> dict[str, tuple[str, bytes]]:
    """Make the whole site: path -> media type and body."""
    known = {"/robots.txt": ("text/plain", b"User-agent: *\nAllow: /\n")}
    pool = sentences()
    for number in range(articles):
        known |= {path: (mime, body) for path, mime, body in article(number, pool)}
    for first in range(0, max(articles, 1), LIST_SIZE):
        page, last = first // LIST_SIZE + 1, min(first + LIST_SIZE, articles)
        known[list_path(page)] = ("text/html; charset=utf-8", list_page(page, range(first, last), last < articles))
    return known


def sentences() -> list[str]:
    """Give the sentences of the demonstration series, of which all articles are put together."""
    text = "".join(paragraph for one in instalments() for paragraph in one.body)
    return [one for one in re.findall(r"[^。！？]+[。！？]", text) if len(one) > 8]


def article(number: int, pool: list[str]) -> Iterator[tuple[str, str, bytes]]:
    """Make one article and its three requisites: path, media type, body."""
    chance = random.Random(number)
    style, *images = (f"/static/{number}/{name}" for name in ("page.css", "a.png", "b.png"))
    paragraphs: list[str] = []
    size = len(FURNITURE.encode()) + 1_500
    while size < PAGE_BYTES:
        paragraph = (
            f"<p>　　{number}之{len(paragraphs) + 1}：{''.join(chance.sample(pool, chance.choice(PARAGRAPH)))}</p>\n"
        )
        paragraphs.append(paragraph)
        size += len(paragraph.encode())
    for at, image in ((1, images[0]), (4, images[1])):
        paragraphs.insert(at, f'<p style="text-align: center;"><img src="{image}" alt="图{at}"></p>\n')
    yield article_path(number), "text/html; charset=utf-8", _page(number, style, "".join(paragraphs)).encode()
    rules = "".join(f".a{number}-{n} {{ margin: {chance.randrange(99)}px; }}\n" for n in range(100))
    yield style, "text/css", rules.encode()
    for image in images:
        yield image, "image/png", png(chance.randbytes(64 * chance.randrange(32, 120)))


def article_path(number: int) -> str:
    """Path of an article's page."""
    return f"/content/2018/{8 + number % 4:02d}{1 + number % 28:02d}/{number}.html"


def list_path(page: int) -> str:
    """Path of a list page, from 1."""
    return "/list/index.html" if page == 1 else f"/list/index_{page}.html"


def list_page(page: int, numbers: range, more: bool) -> bytes:
    """Make a list page."""
    lines = "".join(
        f'<li class="news-item"><a href="{article_path(n)}">{title(n)}</a><span>{article_path(n)[9:18]}</span></li>\n'
        for n in numbers
    )
    following = f'<a class="next" href="{list_path(page + 1)}">下一页</a>' if more else ""
    return f"<!DOCTYPE html><title>列表</title><ul class=news-list>{lines}</ul>{following}".encode()


def title(number: int) -> str:
    """Title of an article."""
    return f"量水第{number}日：渠边的人与水"


def png(levels: bytes) -> bytes:
    """Make a grey PNG, 64 pixels wide, of these levels; hardly compressed, as photographs are."""
    height = len(levels) // 64
    rows = b"".join(b"\0" + levels[64 * row : 64 * row + 64] for row in range(height))
    chunks = (
        (b"IHDR", struct.pack(">IIBBBBB", 64, height, 8, 0, 0, 0, 0)),
        (b"IDAT", zlib.compress(rows, 1)),
        (b"IEND", b""),
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in chunks
    )


def _page(number: int, style: str, body: str) -> str:
    day = article_path(number).split("/")
    return f"""<!DOCTYPE html>
<html lang="zh-CN"><head><meta charset="UTF-8"><title>{title(number)}-澜川日报客户端</title>
<link rel="stylesheet" href="{style}"></head>
<body><header><ul class="nav">{FURNITURE}</ul></header>
<main><h1 class="content-title">{title(number)}</h1>
<span class="content-time">{day[2]}.{day[3][:2]}.{day[3][2:]}</span><span class="content-source">澜川日报</span>
<div class="content-content">{body}</div></main>
<footer><p>版权所有 澜川日报社（虚构）</p></footer></body></html>
"""


# ------------------------------------------------------------------------------------------------------------- server


class Answers:
    """Every answer as it goes over the wire."""

    def __init__(self, known: dict[str, tuple[str, bytes]]) -> None:
        """Put head and body of each answer together."""
        self.asked: Counter[tuple[bytes, int]] = Counter()
        self.whole: dict[bytes, bytes] = {}
        self.unchanged: dict[bytes, tuple[bytes, bytes]] = {}
        for path, (mime, body) in known.items():
            tag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
            validators = f"ETag: {tag}\r\nLast-Modified: {MODIFIED}\r\n"
            head = f"HTTP/1.1 200 OK\r\nContent-Type: {mime}\r\nContent-Length: {len(body)}\r\n{validators}\r\n"
            self.whole[path.encode()] = head.encode() + body
            self.unchanged[path.encode()] = (tag.encode(), f"HTTP/1.1 304 Not Modified\r\n{validators}\r\n".encode())
        self.missing = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"

    def give(self, head: bytes) -> bytes:
        """Answer one request head, as a GET."""
        path = head.split(b" ", 2)[1].partition(b"?")[0]
        if path == ASKED:
            return self._tell()
        answer = self._answer(path, head)
        self.asked[path, int(answer[9:12])] += 1
        return answer

    def _tell(self) -> bytes:
        told: dict[str, dict[str, int]] = {}
        for (path, status), times in self.asked.items():
            told.setdefault(path.decode("latin-1"), {})[str(status)] = times
        self.asked.clear()
        body = json.dumps(told).encode()
        return b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body) + body

    def _answer(self, path: bytes, head: bytes) -> bytes:
        if path not in self.whole:
            return self.missing
        tag, unchanged = self.unchanged[path]
        asked = re.search(rb"\r\nif-none-match:([^\r]*)", head, re.IGNORECASE)
        if asked:
            return unchanged if tag in asked[1] else self.whole[path]
        since = re.search(rb"\r\nif-modified-since: *([^\r]*)", head, re.IGNORECASE)
        return unchanged if since and since[1].decode("latin-1") == MODIFIED else self.whole[path]


class _Connection(asyncio.Protocol):
    def __init__(self, answers: Answers) -> None:
        self._answers, self._received = answers, b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport: asyncio.Transport = transport  # type: ignore[assignment]  # a listening TCP socket's

    def data_received(self, data: bytes) -> None:
        *heads, self._received = (self._received + data).split(b"\r\n\r\n")
        for head in heads:
            self._transport.write(self._answers.give(head))
            if b"\r\nconnection: close" in head.lower():
                self._transport.close()


async def _serve(answers: Answers, port: int, chosen: argparse.Namespace) -> None:
    server = await asyncio.get_running_loop().create_server(lambda: _Connection(answers), "127.0.0.1", port)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    if chosen.profile:
        chosen.profile.write_text(profile(url, css=not chosen.no_css), "utf-8")
    sys.stdout.write(url + "\n")
    sys.stdout.flush()
    await server.serve_forever()


def main() -> None:
    """Make the site, serve it until a signal."""
    parser = argparse.ArgumentParser(description="Serve a generated newspaper site on loopback.")
    parser.add_argument("--articles", type=int, default=1000)
    parser.add_argument("--port", type=int, default=0, help="0 for any free one")
    parser.add_argument("--profile", type=Path, help="write a profile for the site there")
    parser.add_argument("--no-css", action="store_true", help="leave the CSS rules out of the profile")
    chosen = parser.parse_args()
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_serve(Answers(site(chosen.articles)), chosen.port, chosen))


if __name__ == "__main__":
    main()
