"""Small grammars that others write: heads, chunks, charsets, dates, ranges, filters, queries, style sheets, JSON-LD.

Each reader gives a value, or the one error that it documents; none takes more than its input is worth.
"""

from __future__ import annotations

import gzip
import sqlite3
import zlib
from contextlib import closing, suppress
from datetime import UTC, datetime

import brotli
import pytest
from hypothesis import example, given
from mutated import FEWER, FEWEST, mutated

from archive.clean.charset import decode
from archive.clean.linked import own_objects, read_linked
from archive.errors import UsageError
from archive.fixity import payload_digest
from archive.http import (
    decode_payload,
    media_type,
    parse_head,
    parse_request,
    parse_response,
    payload_of,
    rest_asked,
    retry_after,
)
from archive.http.payload import PayloadDigest
from archive.index.post import address_of, sent_with
from archive.ledger.wordings import Wording
from archive.markup.css import css_addresses, rewrite_css
from archive.markup.srcset import rewrite_srcset, srcset_addresses
from archive.search import Search, parse
from archive.search.file import add, lay_out
from archive.warc.answer import read_answer
from archive.warc.framing import reframed, with_payload
from archive.web.replay.cdx_filter import read_filter
from archive.web.replay.choice import datetime_of, period
from archive.web.replay.html import rewrite_html
from archive.web.replay.links import Links
from archive.web.replay.memento import http_date, parse_http_date
from archive.web.replay.ranges import Span, Unsatisfiable, cut, span
from archive.web.replay.refresh import refresh_of

NOW = datetime(2026, 11, 25, tzinfo=UTC)
URL = "http://paper.example/a/1.html"
LATEST = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)

# ---------------------------------------------------------------------------------------------------------------- HTTP

TEXT = "<p>渠水自西而来，绕城半周。</p>".encode()
PLAIN = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n"
HTTP = (
    PLAIN + b"Content-Length: 3\r\n\r\nabc",
    PLAIN + b"Transfer-Encoding: chunked\r\nTrailer: X\r\n\r\n5;a=b\r\nhello\r\n3\r\nabc\r\n0\r\nX: y\r\n\r\n",
    PLAIN + b"Content-Encoding: gzip\r\n\r\n" + gzip.compress(TEXT, mtime=0) + gzip.compress(TEXT, mtime=0),
    PLAIN + b"Content-Encoding: br\r\n\r\n" + brotli.compress(TEXT),
    PLAIN + b"Content-Encoding: deflate, gzip\r\n\r\n" + gzip.compress(zlib.compress(TEXT), mtime=0),
    b"HTTP/1.1 503 X\r\nDate: Wed, 21 Oct 2015 07:28:00 GMT\r\nRetry-After: Wed, 21 Oct 2015 07:38:00 GMT\r\n\r\n",
    b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\nA: b\n c\n\nx",
    b"POST /a?b=c HTTP/1.1\r\nHost: paper.example\r\nContent-Type: application/x-www-form-urlencoded\r\n\r\na=1&b=%e6%b8%a0",
    b'POST /a HTTP/1.1\r\nContent-Type: application/json\r\n\r\n{"a": [1, {"b": null}], "c": "\\ud800"}',
    (
        b"POST / HTTP/1.1\r\nContent-Type: multipart/form-data; boundary=xx\r\n\r\n--xx\r\n"
        b'Content-Disposition: form-data; name="a"; filename="b"\r\n\r\n1\r\n--xx--\r\n'
    ),
)
HTTP_PIECES = (
    b"\r\n", b"\n", b"\r", b"\r\n\r\n", b" ", b"\t", b":", b";", b",", b"=", b'"', b"--xx", b"--xx--", b"name=", b"boundary=",
    b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/0.9 000", b"HTTP/1.1 999999999999 X\r\n",
    b"ICY 200 OK\r\n", b"Content-Length: 99999999999999999999\r\n", b"Content-Length: 3, 3\r\n", b"Content-Length: -1\r\n",
    b"Content-Length:", b"Transfer-Encoding: chunked\r\n", b"Transfer-Encoding: gzip, chunked\r\n",
    b"Transfer-Encoding: identity\r\n", b"Content-Encoding: gzip, br, zstd, deflate, x-gzip\r\n", b"Content-Encoding: x\r\n",
    b"Content-Range: bytes 0-9/10\r\n", b"Retry-After: 99999999999\r\n", b"Retry-After: -1\r\n", b"Retry-After: 1e9\r\n",
    b"Date: Thu, 99 Foo 20099 00:00:00 +9999\r\n", b"Retry-After: Fri, 31 Dec 9999 23:59:59 GMT\r\n", b"0\r\n\r\n", b"0",
    b"ffffffffffffffff\r\n", b"-1\r\n", b"0x5\r\n", b"5 \r\n", b"\x1f\x8b\x08\x04\xff\xff", b"\x1f\x8b\x08\x00",
    b"\x28\xb5\x2f\xfd", b"\x78\x9c", b"\x00", b"\xff", b"%", b"%zz", b"&", b"{", b"[",
    b"Content-Type: multipart/form-data\r\n", b"Content-Type: application/json\r\n", b"Content-Type: text/plain\r\n",
)  # fmt: skip


@FEWEST
@given(raw=mutated(HTTP, HTTP_PIECES))
def test_any_http_is_read_or_its_problem_is_told(raw: bytes) -> None:
    """Whole messages, as a WARC of ours or of others holds them; what is read again is read alike."""
    response, request = parse_response(raw), parse_request(raw)
    decode_payload(response, limit=1 << 20)
    media_type(response).encode()
    reframed_once = reframed(raw, prefix=1 << 16)
    parse_response(reframed_once)
    with_payload(raw, b"abc")
    read_answer(raw)
    sent_with(request)
    address_of(URL, raw).encode()
    head = parse_head(raw)
    digest = PayloadDigest(head, raw[: head.length])
    for at in range(head.length, len(raw), 7):
        digest.update(memoryview(raw[at : at + 7]))
    body = payload_of(raw, head)

    assert 0 <= head.length <= len(raw)
    assert head.problem == "the head is cut" or (digest.digest(), digest.whole) == (
        payload_digest(body.data),
        body.whole,
    )
    assert 0 <= rest_asked(response, NOW)


RETRY = (b"120", b"Wed, 21 Oct 2015 07:28:00 GMT", b"Wednesday, 21-Oct-15 07:28:00 GMT", b"Wed Oct 21 07:28:00 2015")
DATE_PIECES = (
    b" ", b",", b":", b"-", b"+", b"0", b"9", b"99999", b"GMT", b"UTC", b"EST", b"+9999", b"-2400", b"Feb", b"Foo", b"31",
    b"00", b"Thu", b"\t", b"\x00", b"\xb2", b"\xd9\xa3", b"nan", b"inf", b"1e9", b"_", b"9999", b"10000", b"0000", b"60", b"24",
    b"\n", b"(",
)  # fmt: skip


@example(b"Fri, 31 Dec 9999 23:59:59 -2400")
@FEWER
@given(told=mutated((*RETRY, b"Thu, 31 May 2007 20:35:00 GMT", b"20180830020500", b"201808"), DATE_PIECES, 200))
def test_any_date_of_a_header_is_one_or_none(told: bytes) -> None:
    """Accept-Datetime, Retry-After, and the digits of an address; what is a date can be told in the same form."""
    for text in (told.decode("latin-1"), told.decode("utf-8", "replace")):
        wait = retry_after(text, NOW)
        asked = parse_http_date(text)
        within = period(text)
        if len(text) >= 14 and text[:14].isascii() and text[:14].isdecimal():
            http_date(text[:14])
            assert datetime_of(text[:14]) <= LATEST

        assert wait is None or wait >= 0
        assert asked is None or parse_http_date(http_date(f"{asked:%Y%m%d%H%M%S}".rjust(14, "0"))) == asked
        assert within is None or within[0] <= within[1]


RANGES = (b"bytes=0-9", b"bytes=-5", b"bytes = 3 - ", b"bytes=0-0,5-6")
RANGE_PIECES = (
    b"bytes", b"=", b"-", b",", b" ", b"\t", b"0", b"9", b"99999999999999999999", b"1e9", b"\xb2", b"\xd9\xa3", b"items"
)  # fmt: skip
BYTES = bytes(range(20))


@FEWER
@given(told=mutated(RANGES, RANGE_PIECES, 200))
def test_any_range_lies_within_what_there_is(told: bytes) -> None:
    """What is sent has the length that is told before it."""
    for text in (told.decode("latin-1"), told.decode("utf-8", "replace")):
        for there in (BYTES, b""):
            with suppress(Unsatisfiable):
                wanted = span(text, len(there))
                if isinstance(wanted, Span):
                    sent = b"".join(cut(iter((there[:7], there[7:])), wanted))

                    assert sent == there[wanted.first : wanted.last + 1]
                    assert len(sent) == wanted.length > 0


# ------------------------------------------------------------------------------------------------------------- charset

PAGES = tuple(
    f"<!DOCTYPE html><meta charset='{name}'><title>渠水</title><p>渠水自西而来，绕城半周。".encode(codec, "replace")
    for name, codec in (
        ("utf-8", "utf-8"),
        ("gb2312", "gb18030"),
        ("big5", "big5"),
        ("x", "utf-16"),
        ("shift_jis", "cp932"),
    )
)
CHARSET_PIECES = (
    b"\xff", b"\x80", b"\x00", b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff", b"\x1b$B", b"\x1b(B", b"\x0e", b"\x0f", b"+ADw-",
    b"<meta charset=", b"<meta http-equiv=content-type content='text/html; charset=gbk'>", b"<?xml version='1.0' encoding='",
    b"'?>", b"<!--", b"-->", b"utf-7", b"utf-16", b"utf-32", b"hex", b"rot13", b"idna", b"unicode_escape", b"undefined", b"zip",
    b"x-user-defined", b"replacement", b"iso-2022-kr", b"hz-gb-2312", b"mbcs", b"punycode", b"\xed\xa0\x80", b"\xf4\x90\x80\x80",
    "渠水".encode("gbk"), "渠水".encode("big5"), "渠水".encode("euc-kr", "replace"), b"\x81\x30\x81\x30", b"&#x", b"'", b">",
)  # fmt: skip


@FEWEST
@given(body=mutated(PAGES, CHARSET_PIECES, 4000))
def test_any_bytes_are_text(body: bytes) -> None:
    """By the header, by what the bytes say of themselves, or by what they look like: it is text that can be kept."""
    for content_type in ("", "text/html; charset=" + body[:20].decode("latin-1"), "text/html; charset=gbk"):
        decoded = decode(body, content_type)

        assert decoded.text.encode().decode() == decoded.text
        assert decoded.undecoded >= 0


# -------------------------------------------------------------------------------------------------------------- markup

SHEETS = (
    (
        b"@charset 'x';@import 'a.css'; @import url(b) print; a{background:url('x,y.png') no-repeat;src:url(\"\\26 z\")}"
        b"@font-face{src:url(f.woff) format('woff')}@namespace svg url(http://w3);/* url(c) */ <!-- -->"
    ),
    b"p{background:image-set('a.png' 1x, url(b.png) type('image/png'));--x:url( d )}",
)
SHEET_PIECES = (
    b"url(", b")", b"'", b'"', b"\\", b"/*", b"*/", b"@import ", b"image-set(", b"-webkit-image-set(", b"@font-face{", b"}",
    b"{", b";", b"\n", b"\r", b"\f", b"<!--", b"-->", b"\\26 ", b"\\0 ", b"\\110000 ", b"\\d800 ", b"U", b"u\\72l(", b"-",
    b"type(", b"@", b"data:", b"\xff", b"</style", b"src(", b"URL(", b" ", b",", b"\\\n",
)  # fmt: skip


@FEWER
@given(sheet=mutated(SHEETS, SHEET_PIECES))
def test_any_style_sheet_stays_as_it_is_but_for_its_addresses(sheet: bytes) -> None:
    """Where none is to be changed, none is; and what is found is what is changed."""
    text = sheet.decode("latin-1")
    seen: list[str] = []

    assert text == rewrite_css(text, lambda address, _: seen.append(address))
    assert seen == [address for address, _ in css_addresses(text)]


SRCSETS = (b"a.jpg 1x, b,c.jpg 2x, d.jpg", b"a.jpg 100w 50h,b.jpg (x, y) 2x", b"data:,x 1x")
SRCSET_PIECES = (
    b",",
    b" ",
    b"(",
    b")",
    b"\t",
    b"\n",
    b"1x",
    b"w",
    b"a.jpg",
    b"&amp;",
    b"data:,",
    b",,",
    b"\xff",
    b"\x00",
)


@FEWER
@given(told=mutated(SRCSETS, SRCSET_PIECES))
def test_any_srcset_stays_as_it_is_but_for_its_addresses(told: bytes) -> None:
    """The same for the attribute of images."""
    text = told.decode("latin-1")
    seen: list[str] = []

    assert text == rewrite_srcset(text, lambda address: seen.append(address))
    assert seen == list(srcset_addresses(text))


HTML = (
    (
        b"<!DOCTYPE html><html><head><base href=/b/><meta http-equiv=refresh content='0; url=x'><link rel=stylesheet href=s.css>"
        b"<style>@import 'a';</style><script src=j.js>var a='<a href=x>';</script></head><body style='background:url(b.png)'>"
        b"<a href='c.html?a=1&amp;b=2'>x</a><img src=i.png srcset='a 1x, b 2x'><iframe srcdoc='&lt;a href=y&gt;'></iframe>"
        b"<svg><image xlink:href=i.png /></svg><style>a{b:url(c)}</style>"
        b"<form action=/s><textarea><a href=z></textarea></form></body>"
    ),
    b"<?xml version='1.0'?><?xml-stylesheet href='s.css'?><html xmlns='http://www.w3.org/x'><a href='x'/><![CDATA[<a href=y>]]>",
)
HTML_PIECES = (
    b"<!--", b"-->", b"--!>", b"<!", b"<![CDATA[", b"]]>", b"<?", b"</", b"<a href=", b"<base href='//['>", b"<base href=",
    b"'", b'"', b">", b"<", b"/", b"=", b"&", b"&#", b"&#x110000;", b"&#0;", b"<script>", b"</script>", b"<style>", b"</style>",
    b"<title>", b"<textarea>", b"<noscript>", b"<template>", b"<iframe srcdoc='", b"<svg>", b"<math>", b"<object data=",
    b"<meta http-equiv=refresh content='", b"<meta charset=", b"srcset='", b"style='", b"target=", b"href='http://[::1",
    b"href=javascript:", b"href='\xff'", b"integrity=x", b"\x00", b"\xff", b"\n", b"\t", b" ", b"<xmp>", b"<plaintext>",
    b"<frameset><frame src=", b"ping='a b'", b"http://user@h:99999/",
)  # fmt: skip
LINKS = Links(URL, "20180830020500")


@FEWEST
@given(page=mutated(HTML, HTML_PIECES))
def test_any_page_is_rewritten(page: bytes) -> None:
    """Whoever opens an archived page gets it rewritten on the spot."""
    text = page.decode("latin-1")
    for xml in (False, True):
        rewrite_html(text, LINKS, xml=xml, insert="<i>").encode("latin-1", "xmlcharrefreplace")
    refresh_of(text)


JSON_LD = (
    '{"@context":"https://schema.org","@graph":[{"@type":["NewsArticle"],"headline":"渠水","url":"http://paper.example/a/1.html",'
    '"author":[{"name":"沈渡"}],"datePublished":"2018-08-30T10:05:00+08:00","articleBody":"渠水自西而来。"},]}'.encode(),
    b'<!--\n{"@type":"Article","headline":"a "b" c"}\n//-->{"@type":"WebPage"} {"@type":"Article"}',
)
JSON_PIECES = (
    b"{", b"}", b"[", b"]", b":", b",", b'"', b"\\", b"null", b"1e999", b"-", b"NaN", b'"\\ud800"', b'"\\u0000"', b"9" * 400,
    b"[" * 400, b'{"a":' * 200, b"<!--", b"-->", b"<![CDATA[", b"]]>", b"//", b"/*", b"\n", b"\t", b"\x00", b"&quot;",
    b'"@type":', b'"@graph":', b'"@id":"http://paper.example/a/1.html"', b'"mainEntityOfPage":', b";", b"\xff", b"true", b",,",
)  # fmt: skip


@FEWER
@given(told=mutated(JSON_LD, JSON_PIECES))
def test_any_json_ld_gives_objects_or_nothing(told: bytes) -> None:
    """Many a newspaper writes it by hand."""
    objects = read_linked(told.decode("utf-8", "replace"))
    own_objects(objects, [URL], "渠水")

    assert all(isinstance(one, dict) for one, _ in objects)


# ------------------------------------------------------------------------------------------------------- what is asked

FILTERS = (b"!~status:[45]..", b"mimetype:html", b"=url:http://paper.example/", b"~url:.*(a|b){2,9}[^c]\\d+$")
FILTER_PIECES = (
    b"!", b"~", b"=", b":", b"url", b"status", b"(", b")", b"[", b"]", b"{1,999}", b"{9,1}", b"*", b"+", b"?", b"|", b"\\",
    b"(?=a)", b"(?P<a>", b"(?i)", b"\\p{Han}", b"\\1", b"^", b"$", b".", b"\xff", b"\x00", b"(" * 50, b"(a*)*",
)  # fmt: skip
FIELDS = {"urlkey": "example,paper)/a", "url": URL, "status": "200", "mime": "text/html"}


@FEWER
@given(told=mutated(FILTERS, FILTER_PIECES, 300))
def test_any_filter_of_the_index_passes_a_line_or_is_refused(told: bytes) -> None:
    """A refusal is a sentence."""
    for text in (told.decode("latin-1"), told.decode("utf-8", "surrogateescape")):
        with suppress(UsageError):
            assert read_filter(text).passes(FIELDS) in (True, False)


QUERIES = tuple(
    text.encode()
    for text in (
        '渠水 "水 渠" OR 闸 -title:渠 author:沈渡 date:2018-08..2018-10',
        "date:2018 OR 渠",
        "“渠” 「闸」 a OR b -c",
        'title:"x y" date:..2018',
    )
)
QUERY_PIECES = tuple(
    text.encode("utf-8", "surrogatepass")
    for text in (
        '"', "OR ", "-", "title:", "author:", "date:", "..", " ", "“", "”", "「", "『", "*", "NEAR", "AND", "NOT", "\x00", "渠",
        "a", "\u3000", "\u200b", "\u0301", "٣", "²", "'", ";", "%", "_", "9999-99-99", "0000", "2018-02-30", "\n", "é", "ß", "İ",
        "ﬁ", "𠀀", "(", ")", "^", "{", "}", ":", "+", "\ud800",
    )
)  # fmt: skip


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Search:
    """A full-text index of one article."""
    path = tmp_path_factory.mktemp("words") / "search.sqlite3"
    with closing(sqlite3.connect(path)) as file, file:
        lay_out(file)
        add(file, "qushui", Wording("a", 1, "渠水", "沈渡", "老闸工说，水大的年份。NEAR a é", "2018-08-30"), "")
    return Search(path)


@FEWER
@given(told=mutated(QUERIES, QUERY_PIECES, 1500))
def test_any_words_of_a_search_are_answered_or_refused(index: Search, told: bytes) -> None:
    """Its days are days, nothing that is sought is empty, and none of it is syntax to SQLite."""
    try:
        query = parse(told.decode("utf-8", "replace"))
    except UsageError:
        return

    assert all(term.text.strip() for group in (*query.wanted, query.unwanted) for term in group)
    assert all(len(day) == len("2018-08-30") for one in query.spans for day in (one.first, one.last) if day)
    assert index.ask(query, count=True).total in (0, 1)
