"""Cut, damaged, or no article.

Takes   nothing. Gives: endpoints of which the bytes are kept, and nothing else. Writes: nothing.
"""

from __future__ import annotations

import gzip
import json
import random
from collections.abc import Iterator

import brotli

from .endpoint import Endpoint, bad, html
from .pages import answer, bare, chunked, notice, text

GONE = "soft-404"
BROKEN = "connect|not-an-article"


def cut() -> Iterator[Endpoint]:
    """Cut or damaged: kept as bytes, never an article."""
    yield bad("cut-by-length", BROKEN, answer(html("cut-by-length"))[:-700], close=True)
    for missing in (1, 40):
        name = f"short-by-{missing}"
        yield bad(name, BROKEN, answer(html(name))[:-missing], close=True)
    for name, share in (("counted-in-characters", 3), ("counted-short", 1.1)):
        length = f"Content-Length: {int(len(html(name)) / share)}"
        yield bad(
            name, "connect", bare("Content-Type: text/html", length, body=html(name)), "goes on behind its length"
        )
    half = chunked(html("cut-chunk"), last=b"")
    yield bad(
        "cut-chunk", BROKEN, bare("Content-Type: text/html", "Transfer-Encoding: chunked", body=half[:-300]), close=True
    )
    yield bad(
        "no-last-chunk",
        BROKEN,
        bare("Content-Type: text/html", "Transfer-Encoding: chunked", body=chunked(html("no-last-chunk"), last=b"")),
        close=True,
    )
    yield bad(
        "chunk-size-rubbish",
        "not-an-article",
        bare("Content-Type: text/html", "Transfer-Encoding: chunked", body=b"zz\r\n" + html("chunk-size-rubbish")),
        close=True,
    )
    yield bad(
        "huge-chunk",
        "connect|timeout|too-long|not-an-article",
        bare("Transfer-Encoding: chunked", body=b"ffffffffffffffff\r\n" + html("huge-chunk")),
        close=True,
    )
    packed = gzip.compress(html("gzip-cut"))
    yield bad("gzip-cut", BROKEN, answer(packed[:-200], "Content-Encoding: gzip"), "its Content-Length is true")
    packed = gzip.compress(html("gzip-no-end"))
    yield bad("gzip-no-end", BROKEN, answer(packed[:-8], "Content-Encoding: gzip"), "CRC and length are missing")
    packed = bytearray(gzip.compress(html("gzip-crc")))
    packed[-6] ^= 0x40
    yield bad("gzip-crc", BROKEN, answer(bytes(packed), "Content-Encoding: gzip"))
    packed = brotli.compress(html("brotli-cut"))
    yield bad("brotli-cut", BROKEN, answer(packed[:-50], "Content-Encoding: br"))
    yield bad("rubbish-as-gzip", "source", answer(random.Random(1).randbytes(3000), "Content-Encoding: gzip"))
    turned = answer(html("turned-by-a-coding")[::-1], "Content-Encoding: compress")
    yield bad("turned-by-a-coding", "source", turned, "bytes of no text under a coding that nobody knows")
    for name, end in (("ends-in-a-tag", b"<div class"), ("ends-in-a-sentence", "<p>守闸人说，渠".encode())):
        kept, _, _ = html(name).partition(b"</div>")
        yield bad(name, "connect", bare("Content-Type: text/html", body=kept + end), "until the end", close=True)
    kept, _, _ = html("ends-before-its-text").partition(b'<div class="content">')
    yield bad("ends-before-its-text", "connect", bare("Content-Type: text/html", body=kept), close=True)
    part = html("partial")
    yield bad(
        "partial",
        BROKEN,
        answer(
            part[: len(part) // 2], f"Content-Range: bytes 0-{len(part) // 2}/{len(part)}", status="206 Partial Content"
        ),
        "206, not asked for",
    )
    yield bad("not-modified", BROKEN, bare('ETag: "x"', status="304 Not Modified"), "304, not asked for")
    yield bad("no-content", BROKEN, bare(status="204 No Content"))
    yield bad("empty", BROKEN, answer(b""))
    yield bad(
        "switching", BROKEN, bare("Upgrade: x", status="101 Switching Protocols", body=html("switching")), close=True
    )
    yield bad("no-http", "not-an-article", b"SSH-2.0-OpenSSH_9.2\r\n", close=True)
    yield bad("http-0-9", "not-an-article", html("http-0-9"), close=True)
    yield bad("hangs-up", "connect", b"", close=True)
    yield bad("half-a-head", BROKEN, b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Le", close=True)
    yield bad(
        "negative-length",
        "not-an-article",
        bare("Content-Type: text/html", "Content-Length: -5", body=html("negative-length")),
        close=True,
    )
    lengths = bare("Content-Length: 40", "Content-Length: 4000", body=html("two-lengths"))
    yield bad("two-lengths", "not-an-article", lengths, close=True)
    yield bad(
        "length-in-words", "not-an-article", bare("Content-Length: many", body=html("length-in-words")), close=True
    )


def no_article() -> Iterator[Endpoint]:
    """Status 200, and no article."""
    yield bad("deleted", GONE, answer(notice("该文章已删除")))
    yield bad("deleted-long", GONE, answer(notice("您访问的页面不存在或已被删除！3秒后自动返回首页")))
    yield bad("soft-404", GONE, answer(notice("404 页面不存在")))
    framed = f"该文章已删除</div><h3>热门推荐</h3>{''.join(f'<p>{line}</p>' for line in text('others'))}<div>"
    yield bad("deleted-framed", GONE, answer(notice(framed, "渠边札记之deleted-framed")), "stories of others below")
    yield bad(
        "soft-404-english",
        GONE,
        answer(notice("Sorry, the page you are looking for could not be found.", "Page not found")),
    )
    yield bad("captcha", "blocked", answer(notice("请完成验证：拖动滑块完成拼图", "安全验证")))
    yield bad("too-often", "blocked", answer(notice("访问过于频繁，请稍后再试")))
    yield bad(
        "challenge", "blocked", answer(notice("Checking your browser before accessing the site.", "Just a moment..."))
    )
    yield bad("login", "blocked", answer(notice("请登录后继续阅读", "用户登录")))
    yield bad(
        "consent",
        "blocked|not-an-article",
        answer(
            notice(
                "Before you continue: we and our 812 partners store cookies. Accept all / Reject all",
                "Before you continue",
            )
        ),
    )
    yield bad(
        "parked",
        "not-an-article|blocked|soft-404",
        answer(notice("This domain may be for sale. Buy this domain.", "qushui.example")),
    )
    yield bad(
        "scripted",
        "not-an-article",
        answer(b'<!DOCTYPE html><title>x</title><div id="app"></div><script src="/app.js"></script>'),
    )
    yield bad(
        "only-links",
        "not-an-article",
        answer(
            (
                "<title>渠水日报</title><ul>"
                + "".join(f'<li><a href="/x{n}">栏目{n}</a></li>' for n in range(40))
                + "</ul>"
            ).encode()
        ),
    )
    yield bad("another-page", "not-an-article", answer(html("plain")), "a cache mixed two addresses up")
    yield bad("deleted-japanese", GONE, answer(notice("お探しの記事は削除されたか、存在しません。")))
    teaser = notice("渠水自西而来，绕城半周。</p><p>本文为付费文章，剩余2311字，开通会员阅读全文", "渠边札记")
    yield bad("teaser", "blocked", answer(teaser))
    yield bad("upgrade", "not-an-article", answer(notice("网站正在升级维护，请稍后再访问，给您带来不便敬请谅解")))
    error = json.dumps({"code": 500, "message": "系统繁忙，请稍后再试", "data": None}, ensure_ascii=False).encode()
    yield bad("json-error", "source|not-an-article|blocked", answer(error, kind="application/json"))
    yield bad("json-error-as-html", "source|not-an-article|blocked", answer(error))
    yield bad(
        "png",
        "source|not-an-article",
        answer(b"\x89PNG\r\n\x1a\n" + random.Random(2).randbytes(4000), kind="image/png"),
    )
    yield bad("png-as-html", "source|not-an-article", answer(b"\x89PNG\r\n\x1a\n" + random.Random(3).randbytes(4000)))
    yield bad(
        "pdf", "source|not-an-article", answer(b"%PDF-1.4\n" + random.Random(4).randbytes(4000), kind="application/pdf")
    )
    yield bad("rubbish", "source|not-an-article", answer(random.Random(5).randbytes(6000)))
    yield bad("zeros", "source|not-an-article", answer(bytes(5000)))


_STATUSES = [
    *(
        (line, "http-4xx")
        for line in ("400 Bad Request", "401 Unauthorized", "403 Forbidden", "404 Not Found", "410 Gone")
    ),
    *((line, "http-4xx") for line in ("418 I'm a teapot", "451 Unavailable For Legal Reasons")),
    *((line, "http-5xx") for line in ("500 Internal Server Error", "502 Bad Gateway", "520 Unknown", "599 x")),
    ("999 Request denied", "not-an-article|blocked|http-4xx|http-5xx|connect"),
    ("300 Multiple Choices", "not-an-article|source"),
    ("305 Use Proxy", "not-an-article|source"),
]


_WALLS = {
    "cloudflare": ("503 Service Unavailable", "cf-mitigated: challenge"),
    "datadome": ("401 Unauthorized", "X-DataDome: protected"),
    "aws": ("202 Accepted", "x-amzn-waf-action: challenge"),
    "akamai": ("403 Forbidden", "Server: AkamaiGHost"),
}


def walls() -> Iterator[Endpoint]:
    """Walls of services before the site, told by their headers: their pages are scripts."""
    for name, (status, line) in _WALLS.items():
        yield bad(f"wall-{name}", "blocked", answer(b"<script src=/x></script>", line, status=status))


def statuses() -> Iterator[Endpoint]:
    for status, outcome in _STATUSES:
        name = f"status-{status[:3]}"
        yield bad(name, outcome, answer(html(name), status=status), "a whole article beside a status that says no")
