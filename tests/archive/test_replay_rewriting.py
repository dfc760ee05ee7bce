"""Pages and style sheets rewritten: everything that loads is led into the archive, all else stays to the byte."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from resiliparse.parse.html import HTMLTree

from archive.markup.css import css_addresses
from archive.markup.srcset import srcset_addresses
from archive.web.replay.charset import readable
from archive.web.replay.html import rewrite_html
from archive.web.replay.links import Links
from archive.web.replay.refresh import refresh_of, refreshed

TIME = "20180830020500"
PAGE = "http://paper.example/a/b.html?c"
DA = f"/web/{TIME}da_/http://paper.example/a/"
LOADS = {
    "src", "href", "xlink:href", "data", "poster", "background", "action", "formaction", "srcset", "lowsrc", "dynsrc", "codebase",
    "archive", "classid", "longdesc", "cite", "icon", "imagesrcset", "style", "ping", "manifest",
}  # fmt: skip


def rewritten(page: str, *, scripted: bool = False, **more: bool) -> str:
    """Rewrite a page, a byte a character as the replay has it."""
    text = rewrite_html(page.encode().decode("latin-1"), Links(PAGE, TIME, scripted=scripted), **more)
    return text.encode("latin-1").decode()


def css(text: str) -> list[str]:
    return [address for address, _ in css_addresses(text)]


def web(mode: str, url: str) -> str:
    return f"/web/{TIME}{mode}/{url}"


@pytest.mark.parametrize(
    ("page", "wanted"),
    [
        ("<img src=c.png>", f'<img src="{DA}c.png">'),
        ("<IMG SRC='//e.org/c.png?a=1&amp;b=2'>", f'<IMG SRC="{web("da_", "http://e.org/c.png?a=1&amp;b=2")}">'),
        ("<a href=/x>", f'<a href="{web("", "http://paper.example/x")}" target="_top">'),
        ("<a href=/x target=_blank>", f'<a href="{web("", "http://paper.example/x")}" target=_blank>'),
        ("<a href=/x target=left>", f'<a href="{web("fr_", "http://paper.example/x")}" target=left>'),
        ("<a href='#p2'>", "<a href='#p2'>"),
        ("<a href=javascript:x() >", "<a href=javascript:x() >"),
        ("<a href='mailto:a@b.c'>", "<a href='mailto:a@b.c'>"),
        ("<img src='data:image/gif;base64,R0=='>", "<img src='data:image/gif;base64,R0=='>"),
        ("<iframe src=f.html></iframe>", f'<iframe src="{web("fr_", "http://paper.example/a/f.html")}"></iframe>'),
        ("<frame src=f.html>", f'<frame src="{web("fr_", "http://paper.example/a/f.html")}">'),
        ("<link rel=stylesheet href=s.css>", f'<link rel=stylesheet href="{web("cs_", "http://paper.example/a/s.css")}">'),
        ("<form action=/s>", f'<form action="{web("", "http://paper.example/s")}" target="_top">'),
        ("<video poster=p.png>", f'<video poster="{DA}p.png">'),
        ("<body background=b.gif>", f'<body background="{DA}b.gif">'),
        ("<svg><image xlink:href=i.png /></svg>", f'<svg><image xlink:href="{DA}i.png" /></svg>'),
        ("<svg><style>a{b:url(i.png)}</style></svg>", f'<svg><style>a{{b:url("{DA}i.png")}}</style></svg>'),
        ("<svg><title><img src=i.png></title></svg>", f'<svg><title><img src="{DA}i.png"></title></svg>'),
        ("<title><img src=i.png></title>", "<title><img src=i.png></title>"),
        ("<script>'<img src=x>'</script>", "<script>'<img src=x>'</script>"),
        ("<!-- <img src=x> -->", "<!-- <img src=x> -->"),
        ("<!--> <img src=c.png>", f'<!--> <img src="{DA}c.png">'),
        ("<script><!-- <script> </script> <img src=x> --></script>", "<script><!-- <script> </script> <img src=x> --></script>"),
        ("<noscript><img src=c.png></noscript>", f'<noscript><img src="{DA}c.png"></noscript>'),
        ('<p title="<img src=x>">', '<p title="<img src=x>">'),
        ("<img src=a.png src=b.png>", f'<img src="{DA}a.png" src="{DA}b.png">'),
        ("<p a=b<img src=c.png>", f'<p a=b<img src="{DA}c.png">'),
        ("<img/src=c.png>", f'<img/src="{DA}c.png">'),
        ("<link rel='dns-prefetch' href='//e.org'>", f'<link data-archived-rel=\'dns-prefetch\' href="{web("", "http://e.org/")}">'),
        ("<img src=s.gif integrity=x crossorigin>", f'<img src="{DA}s.gif" data-archived-integrity=x data-archived-crossorigin>'),
        ("<meta http-equiv=Set-Cookie content=a>", "<meta data-archived-http-equiv=Set-Cookie content=a>"),
        ("<meta name=referrer content=no-referrer>", "<meta data-archived-name=referrer content=no-referrer>"),
        ("<meta http-equiv=refresh content='3;URL=n.html'>", f'<meta http-equiv=refresh content="3; url={web("", "http://paper.example/a/n.html")}">'),
        ("<img data-src=c.png src=blank.gif>", f'<img data-src=c.png src="{DA}c.png">'),
        ("<img data-original=c.png>", f'<img data-original=c.png src="{DA}c.png">'),
        ("<p style='color:red; background: url(c.png)'>", f'<p style="color:red; background: url(&quot;{DA}c.png&quot;)">'),
        ("<p style=\"color:red; content:'&eacute;'\">", "<p style=\"color:red; content:'&eacute;'\">"),
        ("<img srcset='a.png 1x, /b.png 2x'>", f'<img srcset="{DA}a.png 1x, {web("da_", "http://paper.example/b.png")} 2x">'),
        ("<img src='图.png'>", f'<img src="{DA}图.png">'),
        ("<img src='&#22270;&eacute;.png?a&copy=1'>", f'<img src="{DA}%E5%9B%BE%C3%A9.png?a&amp;copy=1">'),
        ("<plaintext><img src=x>", "<plaintext><img src=x>"),
        ("<img src=", "<img src="),
        ("<", "<"),
    ],
)  # fmt: skip
def test_what_becomes_of_markup(page, wanted):
    """One of each; what is not named stays to the byte."""
    assert wanted == rewritten(page)


@pytest.mark.parametrize(
    ("written", "wanted"),
    [
        ("http:\\\\e.org\\a", "http://e.org/a"),
        ("http:///e.org/a", "http://e.org/a"),
        ("HTTPS:e.org", "https://e.org/"),
        ("http:c.png", "http://paper.example/a/c.png"),
        ("///e.org/a", "http://e.org/a"),
        ("\\\\e.org/a", "http://e.org/a"),
        (" \n/x\ty ", "http://paper.example/xy"),
        ("../../../x", "http://paper.example/x"),
        ("http://e.org/../../../../static/x", "http://e.org/static/x"),
        ("http://e.org/%2e%2E/.%2e/x", "http://e.org/x"),
        ("?q", "http://paper.example/a/b.html?q"),
        ("http://e.org?a/../b", "http://e.org/?a/../b"),
        ("/x\x00y", "http://paper.example/x\x00y"),
        ("data:text/html,x", None),
        ("javascript:x", None),
        ("http:", None),
        ("", None),
    ],
)
def test_an_address_is_resolved_as_browsers_do(written, wanted):
    """WHATWG URL, 4.4: else a link would lead where the page never led."""
    assert wanted == Links(PAGE, TIME).resolve(written)


def test_base_counts_for_the_whole_page():
    """Wherever it stands."""
    page = rewritten("<img src=c.png><base href='//e.org/d/' target=_blank><a href=x>")

    assert f'src="{web("da_", "http://e.org/d/c.png")}"' in page
    assert f'<base href="{web("mp_", "http://e.org/d/")}" target=_blank>' in page
    assert f'<a href="{web("", "http://e.org/d/x")}">' in page


@pytest.mark.parametrize(
    "hidden", ["<!-- % -->", "<script>'%'</script>", "<p title='%'>", "<iframe srcdoc='%'></iframe>"]
)
def test_a_base_that_is_none_counts_for_nothing(hidden):
    """In comments, scripts and attributes it is text."""
    assert f"{DA}c.png" in rewritten(hidden.replace("%", "<base href=//e.org/>") + "<img src=c.png>")


def test_what_stands_in_srcdoc_is_a_page():
    """Its frame would load it."""
    parts = [
        "<iframe srcdoc=\"<img src='c.png'>&lt;a href=x&gt;\"></iframe>",
        "<iframe srcdoc='&lt;base href=//e.org>'></iframe>",
        "<img src=d.png>",
    ]
    page = rewritten("".join(parts))

    assert web("da_", "http://paper.example/a/c.png") in page
    assert web("fr_", "http://paper.example/a/x") in page
    assert f"{DA}d.png" in page  # a <base> in there is not one of the page


def test_pages_within_pages_end():
    """Each level costs a few bytes more, so a hostile page could hold thousands."""
    page = "<img src=c.png>"
    for _ in range(60):
        page = '<iframe srcdoc="' + page.replace("&", "&amp;").replace('"', "&quot;") + '"></iframe>'

    assert "data-archived-srcdoc" in rewritten(page)


def test_links_in_a_frame_stay_there():
    """As they did: framesets are how newspapers began."""
    page = rewritten("<a href=x><a href=y target=_top><a href=z target=_parent>", in_frame=True)

    assert [web("fr_", "http://paper.example/a/x"), web("", "http://paper.example/a/y")] == re.findall(
        r'href="([^"]*)"', page
    )[:2]
    assert 2 == page.count('target="_top"')


def test_with_scripts_on_links_keep_them_on_and_our_script_comes_first():
    """It must be there before any other runs."""
    page = rewrite_html(
        "<!doctype html><html><head a=b><script>1</script><a href=x>", Links(PAGE, TIME, scripted=True), insert="<ours>"
    )

    assert page.startswith("<!doctype html><html><head a=b><ours><script>")
    assert f'<a href="{web("ms_", "http://paper.example/a/x")}">' in page


@pytest.mark.parametrize("start", ["<p>", "text<script>", "<html><body>", "<!-- x --><img>"])
def test_our_script_comes_first_in_a_page_without_a_head(start):
    """Broken pages too."""
    page = rewrite_html(start, Links(PAGE, TIME, scripted=True), insert="<ours>")

    assert "<ours>" in page
    assert page.index("<ours>") < min(page.find(tag) for tag in ("<p>", "<script>", "<body>", "<img>") if tag in page)


def test_a_refresh_is_led_into_the_archive():
    """As a header or a meta."""
    links = Links(PAGE, TIME)

    assert f"0; url={web('', 'http://e.org/')}" == refreshed("0;URL='http://e.org/'x", links)
    assert "5" == refreshed("5", links)
    assert "1;url=a&b" == refresh_of("<p><META content='1;url=a&amp;b' HTTP-EQUIV=Refresh>")


@pytest.mark.parametrize("codec", ["gb18030", "big5", "shift_jis", "euc_kr", "utf-8", "cp1252"])
def test_text_stays_to_the_byte_in_any_charset(codec):
    """The second byte of a character may look like a letter or a bracket, never like markup."""
    words = "éü" if codec == "cp1252" else "ソ表能" if codec == "shift_jis" else "中文" if codec != "euc_kr" else "한글"
    octets = f"<p class='{words}'>{words}<img src='/{words}.png'>{words}".encode(codec)
    text = rewrite_html(octets.decode("latin-1"), Links(PAGE, TIME, charset=codec)).encode("latin-1").decode(codec)

    assert f"<p class='{words}'>{words}<img src=\"{web('da_', f'http://paper.example/{words}.png')}\">{words}" == text


def test_what_is_declared_stands_and_what_is_not_is_found():
    """A wrong declaration showed its mojibake then, too; no declaration leaves it to the bytes."""
    gbk = "<p>渠水流过十八城的故事，一篇一篇都在这里。".encode("gbk")

    assert "gb2312" == readable(b"<meta charset=gb2312>" + gbk, "text/html")[1]
    assert "utf-8" == readable(b"<meta charset=gb2312>" + gbk, "text/html; charset=utf-8")[1]
    assert "gb18030" == readable(gbk, "text/html")[1]
    assert ("<p>中".encode(), "utf-8") == readable("<p>中".encode("utf-16"), "text/html")
    assert ("<p>日".encode(), "utf-8") == readable("<p>日".encode("iso-2022-jp"), "text/html; charset=iso-2022-jp")


def loads(page: str) -> list[tuple[str, str, str]]:
    """Give element, attribute and value of all that may load, as the parser of a browser's kind sees them."""
    elements = HTMLTree.parse(page).document.query_selector_all("*")
    return [(one.tag, name, one[name]) for one in elements for name in one.attrs if name in LOADS]


names = st.sampled_from(
    [
        "img",
        "a",
        "iframe",
        "link rel=stylesheet",
        "script",
        "p",
        "svg",
        "image",
        "object",
        "form",
        "input",
        "video",
        "style",
        "title",
        "base",
    ]
)
attributes = st.sampled_from([*sorted(LOADS), "class", "data-src", "target", "SRC"])
addresses = st.sampled_from(
    [
        "http://evil.example/x",
        "//evil.example/x",
        "HTTPS://evil.example",
        "http:\\\\evil.example\\x",
        "\thttp://evil.example",
        "http&#58;//evil.example",
        "url(http://evil.example/x)",
        "http://evil.example/a 1x, //evil.example/b 2x",
        "../../x",
    ]
)
quotes = st.sampled_from(["'", '"'])
tags = st.builds(
    lambda n, a, q, v, end: f"<{n} {a}={q}{v}{q}{end}>",
    names,
    attributes,
    quotes,
    addresses,
    st.sampled_from(["", "/", " "]),
)
junk = st.sampled_from(
    [
        "text",
        "<!-- ",
        "-->",
        "</p>",
        "<!doctype html>",
        "<![CDATA[",
        "]]>",
        "</style>",
        "</svg>",
        "</title>",
        "</script>",
        "'",
        '"',
        "<",
        ">",
        "&lt;",
    ]
)


@given(st.lists(tags | junk, max_size=12), st.booleans())
def test_nothing_that_loads_is_left_outside(parts, scripted):
    """Whatever the page: in each attribute that loads, no address of a server stands that is not below /web/."""
    for tag, name, value in loads(rewritten("".join(parts), scripted=scripted)):
        if (
            name in ("ping", "manifest")
            or (name == "data" and tag != "object")
            or (name == "style" and "url(" not in value)
        ):
            continue  # renamed, or nothing that loads
        candidates = (
            srcset_addresses(value) if name in ("srcset", "imagesrcset") else css(value) if name == "style" else [value]
        )
        for one in candidates:
            assert not re.match(r"[\x00-\x20]*(https?:|[\\\\/]{2})", one, re.IGNORECASE), (tag, name, value)


@given(st.text(alphabet="<>/!-='\" abimgsrcpt\n\x00&;#中", max_size=80))
def test_any_text_is_rewritten_and_nothing_is_lost(text):
    """Never an exception; and where no address was led anywhere, not a byte differs."""
    page = rewritten(text)

    assert page == text or "/web/" in page or "data-archived" in page or "_top" in page


@given(st.text(max_size=60))
def test_a_link_stays_in_its_folder(written):
    """Whatever is written in a page, no link of it leads to pages of ours, or out of its attribute."""
    link = Links(PAGE, TIME).page(written.encode("utf-8", "replace").decode("latin-1"))

    assert link is None or re.fullmatch(r"/web/\d{14}/[a-z]+://[^\x00-\x20\"'<>\\^`{|}]*", link)
    assert link is None or not re.search(r"/(\.|%2e){1,2}(/|$)", re.split(r"[?#]", link)[0], re.IGNORECASE)
