"""What a page needs: each place of HTML and CSS that names it, and nothing that only leads on."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import html

from archive.markup.css import unescape
from crawler.requisites import css_addresses, css_requisites, html_requisites, kind_of, srcset_addresses

URL = "http://e.example/a/page.html"
SHEET = "http://e.example/css/main.css"


def needs(markup: str, **more: object) -> list[str]:
    found = html_requisites(markup.encode(), URL, content_type="text/html; charset=utf-8", **more)  # type: ignore[arg-type]
    return [address.removeprefix("http://e.example") for address in found]


def sheet(text: str) -> list[str]:
    return [address.removeprefix("http://e.example") for address in css_requisites(text, SHEET)]


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        ('<img src="1.jpg">', ["/a/1.jpg"]),
        ('<img src="1.jpg" srcset="w=8,q=9/1.jpg 1x, /2.jpg 2x,/3.jpg">', ["/a/1.jpg", "/a/w=8,q=9/1.jpg", "/2.jpg", "/3.jpg"]),
        ('<img src="blank.gif" data-src="/1.jpg" data-original="2.jpg" data-srcset="3.jpg 2x">',
         ["/a/blank.gif", "/a/3.jpg", "/1.jpg", "/a/2.jpg"]),
        ('<img data-src="12" data-original="true">', []),
        ('<picture><source srcset="1.webp 1x"><img src="1.jpg"></picture>', ["/a/1.webp", "/a/1.jpg"]),
        ('<video src="v.mp4" poster="p.jpg"><source src="v.webm"><track src="t.vtt"></video>',
         ["/a/p.jpg", "/a/v.mp4", "/a/v.webm", "/a/t.vtt"]),
        ('<audio src="a.mp3"></audio>', ["/a/a.mp3"]),
        ('<link rel="Shortcut ICON" href="/f.ico"><link rel="apple-touch-icon" href="/t.png">', ["/f.ico", "/t.png"]),
        ('<link rel="stylesheet" href="/c.css"><link rel="alternate stylesheet" href="/d.css">', ["/c.css", "/d.css"]),
        ('<link rel="preload" as="font" href="/f.woff2"><link rel="modulepreload" href="/m.js">', ["/f.woff2", "/m.js"]),
        ('<link rel="preload" as="image" href="/1.png" imagesrcset="/1.png 1x, /2.png 2x">', ["/1.png", "/2.png"]),
        ('<link rel="preload" as="fetch" href="/x.json"><link rel="preload" href="/y">', []),
        ('<link rel="canonical" href="/p"><link rel="alternate" href="/feed">', []),
        ('<link rel="next" href="/2"><link rel="dns-prefetch" href="//x.example"><link href="/x">', []),
        ('<script src="/s.js"></script><script>var a = "<img src=/no.jpg>"</script>', ["/s.js"]),
        ('<input type="IMAGE" src="/go.png"><input type="text" src="/no.png">', ["/go.png"]),
        ('<iframe src="/f.html"></iframe><embed src="/e.swf"><object data="/o.svg"></object>', ["/f.html", "/e.swf", "/o.svg"]),
        ('<body background="/b.gif"><table background="c.gif"></table>', ["/b.gif", "/a/c.gif"]),
        ('<svg><image xlink:href="/i.png"/><use href="/sprite.svg#x"/><use href="#y"/></svg>', ["/i.png", "/sprite.svg"]),
        ('<p style="background:url( \'i/bg,1.png\' )">', ["/a/i/bg,1.png"]),
        ('<style><!-- @import "/b.css"; .x{background:url(bg.png)} --></style>', ["/b.css", "/a/bg.png"]),
        ('<noscript><img src="/n.jpg"></noscript>', ["/n.jpg"]),
        ('<!-- <img src="/no.jpg"> --><a href="/no.html">x</a>', []),
        ('<img src="data:image/gif;base64,R0=="><img src="#x"><img src=""><img src=" "><img src="about:blank">', []),
        ('<iframe src="javascript:void(0)"></iframe><img src="blob:http://e.example/1">', []),
        ('<img src="1.jpg"><img src="./1.jpg"><img src=" 1.jpg ">', ["/a/1.jpg"]),
        ('<iframe src="page.html#x"></iframe>', []),
        ('<base href="/static"><img src="1.jpg">', ["/1.jpg"]),
        ('<base target="_top"><base href="http://e.example"><img src="1.jpg">', ["/1.jpg"]),
        ('<base href="data:x"><img src="1.jpg">', ["/a/1.jpg"]),
    ],
)  # fmt: skip
def test_a_place_names_what_is_needed(markup: str, expected: list[str]) -> None:
    """A page that is replayed without one of these is not the page that was."""
    assert needs(markup) == expected


def test_only_pictures_are_named_where_only_they_are_wanted() -> None:
    """requisites = "images": smaller archives that still show what the article showed."""
    markup = (
        '<link rel="stylesheet" href="/c.css"><link rel="icon" href="/f.ico"><script src="/s.js"></script>'
        '<style>@import "/d.css"; @font-face { src: url(/f.woff) } p { background: url(/bg) }</style>'
        '<img src="/show?id=7"><video poster="/p.jpg" src="/v.mp4"></video><iframe src="/f.html"></iframe>'
        '<object data="/o.svg"></object><embed src="/e.swf"><picture><source srcset="/1.webp"></picture>'
    )

    assert needs(markup, kinds="images") == ["/f.ico", "/bg", "/show?id=7", "/p.jpg", "/o.svg", "/1.webp"]


def test_a_tree_and_its_bytes_need_the_same() -> None:
    """The cleaner's tree can be used again, comments in it and all."""
    markup = '<html><body><!-- c --><img src="1.jpg"><p style="background:url(2.jpg)">渠</p></body></html>'
    root = html.document_fromstring(markup)

    assert html_requisites(root, URL) == html_requisites(markup.encode(), URL)


def test_a_query_is_written_in_the_charset_of_the_page() -> None:
    """A server of that time answers only to the bytes that a browser would send."""
    markup = '<html><head><meta charset="gbk"></head><body><img src="/渠.asp?kw=石桥">一条渠，十二站。</body></html>'
    found = html_requisites(markup.encode("gbk"), URL)

    assert found == ("http://e.example/%E6%B8%A0.asp?kw=%CA%AF%C7%C5",)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        (",,, ,", []),
        ("1.jpg", ["1.jpg"]),
        ("a,b.jpg 2x", ["a,b.jpg"]),
        ("a.jpg, b.jpg 2x", ["a.jpg", "b.jpg"]),
        ("a.jpg,,, b.jpg", ["a.jpg", "b.jpg"]),
        ("a.jpg 1x,b.jpg 2x", ["a.jpg", "b.jpg"]),
        ("a.jpg (1,2) 1x, b.jpg", ["a.jpg", "b.jpg"]),
        ("a.jpg (1,2, b.jpg", ["a.jpg"]),
        ("\n a.jpg\n 100w\n,\n b.jpg 2x\n", ["a.jpg", "b.jpg"]),
        ("data:image/gif;base64,R0l= 1w, /b.jpg", ["data:image/gif;base64,R0l=", "/b.jpg"]),
    ],
)
def test_a_srcset_is_parted_as_browsers_part_it(text: str, expected: list[str]) -> None:
    """Commas stand in addresses too (webrecorder/pywb#238)."""
    assert list(srcset_addresses(text)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a{background:url(1.png)}", ["/css/1.png"]),
        ("a{background:URL( \t'/1.png'\n)}", ["/1.png"]),
        ('a{background:url("a b\\"c.png")}', ["/css/a%20b%22c.png"]),
        ("a{background:url(a\\)b\\26 c.png)}", ["/css/a)b&c.png"]),
        ("@import 'a.css'; @import url(b.css) screen; @IMPORT \"c.css\" layer(x);", ["/css/a.css", "/css/b.css", "/css/c.css"]),
        ("@import/* x */'a.css';", ["/css/a.css"]),
        ("/* url(no.png) @import 'no.css'; */ a{b:url(1.png)}", ["/css/1.png"]),
        ("a::after{content:'url(no.png)'} b{c:url(1.png)}", ["/css/1.png"]),
        ('a::after{content:"it\\"s url(no.png)"} b{c:url(1.png)}', ["/css/1.png"]),
        ("a{content:'broken\n} b{c:url(1.png)}", ["/css/1.png"]),
        ("<!-- @import 'a.css'; -->", ["/css/a.css"]),
        ("@namespace svg url(http://www.w3.org/2000/svg); a{b:url(1.png)}", ["/css/1.png"]),
        ("@namespace 'http://www.w3.org/1999/xhtml';", []),
        ("@font-face{font-family:x;src:local('no'),url(f.woff2) format('woff2'),url(f.ttf)}", ["/css/f.woff2", "/css/f.ttf"]),
        ("a{b:image-set('1.png' 1x, url(2.png) 2x, \"3.avif\" type('image/avif'))}", ["/css/1.png", "/css/2.png", "/css/3.avif"]),
        ("a{background:-webkit-image-set('1.png' 1x} b{c:url(2.png)}", ["/css/1.png", "/css/2.png"]),
        ("a{b:url(data:image/png;base64,x;y)} c{d:url(#id)} e{f:url()}", []),
        ("a{b:curl(no.png)} c{d:my-url(no.png)}", []),
        ("a{b:url(no.png no)} c{d:url(1.png)}", ["/css/1.png"]),
        ("a{b:url(1.png", ["/css/1.png"]),
        ('a{b:url("1.png', ["/css/1.png"]),
        (".a\\'b{c:url(1.png)}", ["/css/1.png"]),
        ("a{b:url(1.png),url(1.png)}", ["/css/1.png"]),
        ("@charset 'utf-8'; a{b:url('../i/1.png?v=2#x')}", ["/i/1.png?v=2"]),
    ],
)  # fmt: skip
def test_a_sheet_names_what_is_needed(text: str, expected: list[str]) -> None:
    """Strings and comments name nothing; escapes, broken ends and old comment marks hide nothing."""
    assert sheet(text) == expected


def test_kinds_in_a_sheet_are_told_apart() -> None:
    """So that "images" takes the backgrounds and leaves fonts and further sheets."""
    text = "@import 'a.css'; @font-face{src:url(f)} p{background:url(b)} q{background:image-set('c' 1x)}"

    assert list(css_addresses(text)) == [("a.css", "style"), ("f", "font"), ("b", "css"), ("c", "image")]
    assert css_requisites(text, SHEET, kinds="images") == ("http://e.example/css/b", "http://e.example/css/c")


@pytest.mark.parametrize(
    ("written", "meant"),
    [(r"a\2f b", "a/b"), (r"\0 \d800 \110000 ", "\ufffd\ufffd\ufffd"), ("a\\\nb", "ab"), ("a\\", "a\\"), (r"\29", ")")],
)
def test_escapes_are_undone(written: str, meant: str) -> None:
    """CSS Syntax 3, 4.3.7."""
    assert unescape(written) == meant


def test_a_suffix_tells_only_where_the_place_does_not() -> None:
    """An image served by a script is an image; a font in a declaration is a font."""
    x, font = "http://e.example/x", "http://e.example/f.ttf"
    kinds = [kind_of(font, "image"), kind_of(font, "css"), kind_of(x, "css"), kind_of(x)]

    assert kinds == ["image", "font", "image", "other"]


css_pieces = st.sampled_from(
    ["url(", ")", "'", '"', "\\", "/*", "*/", "@import ", "@font-face{", "image-set(", ";", "}", "a.png", "\n", "<!--"]
)  # fmt: skip
html_pieces = st.sampled_from(
    ["<img src=", "<style>", "</style>", "<base href=", "<link rel=stylesheet href=", "'", '"', ">", "//[", "http://",
     "<svg><use href=", "<!--", "\0", "srcset='a, b'", " style='"]
)  # fmt: skip


@given(st.text(max_size=200) | st.lists(css_pieces | st.text(max_size=5), max_size=40).map("".join))
def test_any_text_is_read_as_a_sheet(text: str) -> None:
    """Never an error, and only addresses that can be asked for."""
    assert all(address.startswith(("http://", "https://")) for address in css_requisites(text, SHEET))


@given(
    st.binary(max_size=300)
    | st.lists(html_pieces | css_pieces | st.text(max_size=5), max_size=40).map(lambda p: "".join(p).encode())
)
def test_any_bytes_are_read_as_a_page(payload: bytes) -> None:
    """Never an error; each address once, and pictures are part of all."""
    found = html_requisites(payload, URL)

    assert list(found) == list(dict.fromkeys(found))
    assert all(address.startswith(("http://", "https://")) and "#" not in address for address in found)
    assert set(html_requisites(payload, URL, kinds="images")) <= set(found)


@given(st.lists(st.from_regex(r"[a-z0-9/]([a-z0-9/,=]{0,8}[a-z0-9/])?", fullmatch=True), max_size=6))
def test_a_srcset_that_was_joined_is_parted_again(addresses: list[str]) -> None:
    """Commas within addresses survive, whatever they are."""
    joined = ", ".join(f"{address} {number}w" for number, address in enumerate(addresses, 1))

    assert list(srcset_addresses(joined)) == addresses


@pytest.mark.parametrize(
    "piece",
    [
        "url(",
        "url('",
        "image-set(",
        "/*",
        "@import ",
        "'",
        "\\",
        "url(a",
        'url("a"',
        "image-set('",
        "@namespace a ",
        "url( ",
    ],
)
def test_broken_sheets_cost_no_more_than_their_length(piece: str) -> None:
    """A hostile sheet of a million characters must not hold a crawl: read once over, never over and over.

    A reader that goes back at each piece would need days here.
    """
    assert len(css_requisites(piece * (1_000_000 // len(piece)), SHEET)) <= 1
