"""Odd, and read as browsers read it.

Takes   nothing. Gives: endpoints that are captured whole. Writes: nothing.
"""

from __future__ import annotations

import gzip
import html as markup
import zlib
from collections.abc import Iterator

import brotli
from opencc import OpenCC

from .endpoint import Endpoint, coded, good, html, says
from .pages import answer, bare, chunked, page


def _raw_deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packer.compress(data) + packer.flush()


def whole() -> Iterator[Endpoint]:
    """Odd, and read as browsers read it."""
    yield good("plain", answer(html("plain")))
    yield good("chunked", bare("Content-Type: text/html", "Transfer-Encoding: chunked", body=chunked(html("chunked"))))
    body = chunked(html("chunk-extensions"), extension=b';name="x;y"', last=b"0\r\nX-Trailer: 1\r\n\r\n")
    yield good("chunk-extensions", bare("Content-Type: text/html", "Transfer-Encoding: chunked", body=body))
    body = chunked(html("chunk-blanks")).replace(b"\r\n", b" ;a=b\r\n", 1).replace(b"\r\n0\r\n", b"\r\n0  \r\n")
    yield good("chunk-blanks", bare("Content-Type: text/html", "Transfer-Encoding: chunked", body=body))
    body = chunked(html("chunk-line-feeds"), last=b"0\r\nX-Trailer: 1\r\n\r\n").replace(b"\r\n", b"\n")
    yield good("chunk-line-feeds", bare("Content-Type: text/html", "Transfer-Encoding: chunked", body=body))
    body = chunked(gzip.compress(html("chunked-gzip")))
    yield good("chunked-gzip", bare("Content-Type: text/html", "Transfer-Encoding: gzip, chunked", body=body))
    yield good("not-coded", answer(html("not-coded"), "Transfer-Encoding: identity"))
    yield good("blank-line-first", b"\r\n" + answer(html("blank-line-first")))
    one = answer(html("answer-behind"))
    yield good("answer-behind", one + answer(html("plain")), "an answer to nothing that was asked")
    yield good("counted-behind", answer(html("counted-behind")) + b"<!-- 0.03 s -->", "and a note behind the end")
    length = f"Content-Length: {len(html('one-short')) - 1}"
    yield good("one-short", bare("Content-Type: text/html", length, body=html("one-short")), "a byte of an end tag")
    yield good("rewritten", answer(html("rewritten"), status="203 Non-Authoritative Information"))
    yield good(
        "until-close", bare("Content-Type: text/html", "Connection: close", body=html("until-close")), close=True
    )
    old = b"HTTP/1.0 200 OK\r\nContent-Type: text/html\r\n\r\n" + html("http-1-0")
    yield good("http-1-0", old, close=True)
    yield coded("gzip", "gzip", gzip.compress(html("gzip")))
    yield coded("x-gzip", "x-gzip", gzip.compress(html("x-gzip")))
    halves = html("two-members")
    yield coded("two-members", "gzip", gzip.compress(halves[:900]) + gzip.compress(halves[900:]))
    yield coded("zlib-deflate", "deflate", zlib.compress(html("zlib-deflate")))
    yield coded("raw-deflate", "deflate", _raw_deflate(html("raw-deflate")))
    yield coded("brotli", "br", brotli.compress(html("brotli")))
    yield coded("gzip-twice", "gzip, gzip", gzip.compress(gzip.compress(html("gzip-twice"))))
    yield good("gzip-unlabelled", answer(gzip.compress(html("gzip-unlabelled"))), "known by its first bytes")
    more = gzip.compress(html("gzip-and-more")) + b"\r\n<!-- cached -->"
    yield coded("gzip-and-more", "gzip", more, because="whole by its checksum; browsers do not look behind it")
    yield coded("plain-as-gzip", "gzip", html("plain-as-gzip"), because="labelled, and not so")
    yield coded("deflate-as-gzip", "gzip", zlib.compress(html("deflate-as-gzip")))
    yield coded("gzip-as-deflate", "deflate", gzip.compress(html("gzip-as-deflate")))
    doubled = html("twice-on-its-page").replace(b"<footer>", html("twice-on-its-page").partition(b"</nav>")[2])
    yield good("twice-on-its-page", answer(doubled))
    yield coded("unknown-coding", "utf-8", html("unknown-coding"), because="a charset in the wrong header")
    yield good("no-type", answer(html("no-type"), kind=None))
    yield good("odd-type", answer(html("odd-type"), kind="html"))
    gbk = page("gbk-as-utf8", charset="utf-8").encode("gbk")
    yield good("gbk-as-utf8", answer(gbk))
    yield good("utf8-as-gbk", answer(html("utf8-as-gbk", charset="gbk"), kind="text/html; charset=gb2312"))
    yield good("gbk-by-meta", answer(page("gbk-by-meta", charset="gb2312").encode("gbk"), kind="text/html"))
    late = page("late-meta", charset="gbk").replace("<head>", "<head><!--" + "x" * 3000 + "-->").encode("gbk")
    yield good("late-meta", answer(late, kind="text/html"))
    yield good("utf-16", answer(page("utf-16").encode("utf-16"), kind="text/html"))
    old = OpenCC("s2tw").convert(page("big5", charset="big5"))
    yield Endpoint(
        "big5", "captured", says(answer(old.encode("big5"), kind="text/html")), convert=OpenCC("s2tw").convert
    )
    yield good(
        "lower-case-head",
        bare("content-type:text/html", f"content-length:{len(html('lower-case-head'))}", body=html("lower-case-head")),
    )
    yield good("bare-newlines", answer(html("bare-newlines")).replace(b"\r\n", b"\n", 4))
    length = len(html("twice-the-length"))
    yield good(
        "twice-the-length",
        bare(
            "Content-Type: text/html",
            f"Content-Length: {length}",
            f"Content-Length: {length}",
            body=html("twice-the-length"),
        ),
    )
    yield good(
        "early-hints", b"HTTP/1.1 103 Early Hints\r\nLink: </x.css>; rel=preload\r\n\r\n" + answer(html("early-hints"))
    )
    yield good("odd-reason", answer(html("odd-reason"), status="200 \xe5\xa5\xbd"))
    yield good("no-reason", answer(html("no-reason"), status="200"))
    yield Endpoint(
        "nul-in-text",
        "captured",
        says(answer(html("nul-in-text").replace("桩旁".encode(), "桩\0旁".encode()))),
        convert=lambda line: line.replace("桩旁", "桩\ufffd旁"),
    )
    yield good("many-cookies", answer(html("many-cookies"), *[f"Set-Cookie: c{n}={'x' * 60}" for n in range(200)]))
    yield good("folded", answer(html("folded"), "X-Fold: a\r\n b", *["\r\n  c"[2:]] * 200), "a header in 200 lines")
    yield good("nul-in-head", answer(html("nul-in-head"), "X-Nul: a\0b", "Content-Language: zh"))
    yield good("long-text", answer(html("long-text", body="<!--" + "x" * 1_000_000 + "-->")))
    deep = html("deep").replace(b"<footer>", b"<div>" * 100_000 + b"<footer>")
    yield good("deep", answer(deep), "100,000 nested elements behind the text")
    many = "".join(f'<a data-n="{n}"></a>' for n in range(20_000))
    yield good("many-elements", answer(html("many-elements").replace(b"<footer>", many.encode() + b"<footer>")))
    yield good("long-attribute", answer(html("long-attribute", body=f'<div style="{"x" * 1_000_000}"></div>')))
    yield good("entities", answer(html("entities", head='<!ENTITY lol "lol"><!ENTITY lol2 "&lol;&lol;&lol;">')))
    yield good("base-elsewhere", answer(html("base-elsewhere", head='<base href="file:///etc/">')))
    yield good(
        "refresh-inside",
        answer(html("refresh-inside", head='<meta http-equiv="refresh" content="300;url=http://127.0.0.1:1/x">')),
    )
    yield good(
        "great-head", answer(html("great-head"), *[f"X-{n}: {'x' * 1000}" for n in range(1000)]), "1 MB of headers"
    )
    yield good(
        "great-cookies",
        answer(html("great-cookies"), *[f"Set-Cookie: c{n}={'x' * 4000}" for n in range(200)]),
        "200 cookies of 4 kB",
    )


_WEAPONS = {
    "dots": "../../../../etc/passwd",
    "backslash": "..\\..\\windows",
    "device": "CON",
    "nul": "a\0b",
    "newline": "一行\n二行",
    "rtl": "正\u202e反\u2066隔",
    "escape": "红\x1b[31m色\x1b]0;x\x07",
    "long": "长" * 10_000,
    "html": "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "formula": "=cmd|'/c calc'!A1",
    "sql": "'; DROP TABLE articles; --",
    "yaml": "---\n- !!python/object/apply:os.system [x]",
    "xml": "]]><x/><![CDATA[",
    "emoji": "\U0001f469\u200d\U0001f467" * 20,
    "blank": "\u3000\u200b\u00a0",
    "percent": "%s%n%2e%2e%2f",
    "shell": "$(touch /tmp/x)`id`",
    "template": "{{7*7}}{% raw %}",
}


def weapons() -> Iterator[Endpoint]:
    """Titles as weapons: the article is whole, its name harmless."""
    for name, title in _WEAPONS.items():
        yield good(f"title-{name}", answer(html(f"title-{name}", title=markup.escape(title).replace("\x1b", "&#27;"))))
