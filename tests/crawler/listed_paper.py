"""A newspaper on loopback that lists one series as feed, as sitemap, by an API that is asked with POST, and on counted pages.

Takes   what a test lets it do: publish, edit, withdraw. Gives: its address, and what was asked.
Writes  nothing.
"""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import urlsplit

SIZE = 2  # articles on a page of a list
PROSE = "渠水从闸口出来，先绕过村北的老磨坊，再沿着柳树往南走。守闸的人说，水声一变，他在屋里就听得出来是哪一扇门动了。"


@dataclass
class Article:
    """One article. minute: of its last change, on 3 May 2021."""

    number: int
    title: str
    text: str
    minute: int
    gone: bool = False

    @property
    def path(self) -> str:
        """Where its page is."""
        return f"/2021/05/{self.number:03}.html"

    @property
    def changed(self) -> str:
        """The time of its last change."""
        return f"2021-05-03T10:{self.minute:02}:00+08:00"

    @property
    def published(self) -> str:
        """The time of its publication."""
        return f"2021-05-{self.number:02}T08:00:00+08:00"


@dataclass
class Paper:
    """What the site holds, and what was asked: (method, target, body)."""

    articles: dict[int, Article] = field(default_factory=dict)
    asked: list[tuple[str, str, bytes]] = field(default_factory=list)
    url: str = ""

    def publish(self, number: int) -> None:
        """Add an article."""
        self.articles[number] = Article(number, f"渠上人家之{number}", f"{PROSE}这是第{number}篇。{PROSE}", number)

    def edit(self, number: int) -> None:
        """Change an article's text, and its time."""
        article = self.articles[number]
        article.text += "补记：闸门后来换成了电动的，老人仍住在原处。"
        article.minute = 50

    def withdraw(self, number: int) -> None:
        """Take an article out of all lists; its page is not found."""
        self.articles[number].gone = True

    def pages_asked(self) -> list[str]:
        """Name the article pages that were asked for, and forget all that was asked."""
        found = sorted(target for _, target, _ in self.asked if target.startswith("/2021/"))
        self.asked.clear()
        return found

    def newest(self) -> list[Article]:
        """Give what is listed, newest first."""
        return [a for _, a in sorted(self.articles.items(), reverse=True) if not a.gone]

    # ------------------------------------------------------------------------------------------------ answers

    def answer(self, method: str, target: str, body: bytes) -> tuple[int, str, bytes]:
        """Answer a request: status, media type, body."""
        parts = urlsplit(target)
        if method == "POST":
            return self._search(json.loads(body)) if parts.path == "/api/search" else (405, "text/plain", b"GET only")
        for path, say in (
            ("/feed/", self._feed),
            ("/map/", self._map),
            ("/list/", self._page),
            ("/2021/", self._article),
        ):
            if parts.path.startswith(path):
                return say(parts.path.removeprefix(path))
        return 404, "text/plain", b"no"

    def _feed(self, name: str) -> tuple[int, str, bytes]:
        """Give the newest as a window, or the archives of all (RFC 5005): archive-1 holds the oldest."""
        listed = self.newest()
        number = int(name.removeprefix("archive-")) if name.startswith("archive-") else 0
        if number:
            listed, before = listed[::-1][(number - 1) * SIZE : number * SIZE][::-1], number - 1
        elif name == "archived":
            before = (len(listed) - 1) // SIZE
            listed = listed[:SIZE]
        else:
            listed, before = listed[:3], 0
        link = f'<atom:link rel="prev-archive" href="/feed/archive-{before}"/>' if before else ""
        mark = "<fh:archive/>" if number else ""
        items = "".join(
            f"<item><title>{escape(a.title)}</title><link>{self.url}{a.path}?utm_source=rss</link><pubDate>{a.published}</pubDate>"
            "<author>desk@paper.example (杜若)</author>"
            f"<atom:updated>{a.changed}</atom:updated><guid isPermaLink='false'>id-{a.number}</guid></item>"
            for a in listed
        )
        text = (
            '<?xml version="1.0" encoding="gb2312"?><rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom" '
            f'xmlns:fh="http://purl.org/syndication/history/1.0"><channel><title>渠上人家</title>{link}{mark}{items}</channel></rss>'
        )
        return 200, "text/xml; charset=gb2312", text.encode("gb18030")

    def _map(self, name: str) -> tuple[int, str, bytes]:
        """Give an index and its two sitemaps, gzipped without a word."""
        if name == "index.xml":
            maps = "".join(f"<sitemap><loc>{self.url}/map/{n}.xml.gz</loc></sitemap>" for n in ("odd", "even"))
            return 200, "text/xml", f"<sitemapindex>{maps}</sitemapindex>".encode()
        odd = name.startswith("odd")
        urls = "".join(
            f"<url><loc>{self.url}{a.path}</loc><lastmod>{a.changed}</lastmod></url>"
            for a in self.newest()
            if a.number % 2 == odd
        )
        return 200, "application/octet-stream", gzip.compress(f"<urlset>{urls}</urlset>".encode(), mtime=0)

    def _row(self, article: Article) -> dict[str, Any]:
        told = {"id": article.number, "title": article.title, "updated": article.changed, "day": article.published}
        return {**told, "by": [{"name": "杜若"}]}

    def _search(self, sent: dict[str, Any]) -> tuple[int, str, bytes]:
        start = (sent["page"] - 1) * SIZE
        rows = [self._row(a) for a in self.newest()[start : start + SIZE]]
        return 200, "application/json", json.dumps({"total": len(self.newest()), "rows": rows}).encode()

    def _items(self, articles: list[Article]) -> str:
        return "".join(
            f'<li class="i"><a href="{a.path}"><img src="/x.png" alt=""></a><h3><a href="{a.path}">{a.title}</a></h3>'
            f"<span>{a.published[:10]}</span></li>"
            for a in articles
        )

    def _page(self, name: str) -> tuple[int, str, bytes]:
        number = int(name.removesuffix(".html"))
        listed = self.newest()[(number - 1) * SIZE : number * SIZE]
        if not listed:
            return 404, "text/html", b"<h1>404</h1>"
        return 200, "text/html; charset=utf-8", f"<title>渠上人家</title><ul>{self._items(listed)}</ul>".encode()

    def _article(self, name: str) -> tuple[int, str, bytes]:
        article = self.articles.get(int(name.rpartition("/")[2].removesuffix(".html")))
        if article is None or article.gone:
            return 404, "text/html; charset=utf-8", "<h1>页面不存在</h1>".encode()
        page = (
            f"<html><head><title>{article.title}</title></head><body><h1>{article.title}</h1>"
            f"<p class='d'>{article.published[:10]}</p><div class='b'><p>{article.text}</p></div></body></html>"
        )
        return 200, "text/html; charset=utf-8", page.encode()


@contextmanager
def serving(paper: Paper) -> Iterator[Paper]:
    """Serve a newspaper on a free local port."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            paper.asked.append((self.command, self.path, body))
            status, mime, said = paper.answer(self.command, self.path, body)
            etag = f'"{hashlib.sha256(said).hexdigest()[:16]}"'
            if self.headers.get("If-None-Match") == etag and status == 200:
                status, said = 304, b""
            self.send_response(status)
            self.send_header("Content-Type", mime)
            self.send_header("Content-Length", str(len(said)))
            if status in (200, 304):
                self.send_header("ETag", etag)
            self.end_headers()
            self.wfile.write(said)

        do_POST = do_GET  # noqa: N815 - as http.server calls it

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        paper.url = f"http://127.0.0.1:{server.server_address[1]}"
        Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        yield paper
        server.shutdown()
