"""What a stranger writes costs time in proportion to its length: no page, record or request can hold the reader for hours.

Each row is the worst of its kind that fuzzing found, or that anyone could think of, in a length at which a square takes minutes.
What held a reader once is looked at by each `make test`, the others by `make soak`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from foreign_makers import arc, page
from growth import how_it_ends

from archive.clean import Rules, read_page
from archive.clean.charset import decode
from archive.clean.linked import read_linked
from archive.http import decode_payload, parse_request, parse_response, retry_after
from archive.index import foreign_lines
from archive.index.post import sent_with
from archive.markup.css import css_addresses, rewrite_css
from archive.markup.srcset import srcset_addresses
from archive.warc import foreign_captures, revisited
from archive.warc.answer import read_answer
from archive.web.replay.html import rewrite_html
from archive.web.replay.links import Links
from archive.web.replay.refresh import refresh_of

LONG = 200_000  # bytes, about: a square of it takes minutes, itself some hundredths of a second
SHORT = 60_000
NOW = datetime(2026, 11, 25, tzinfo=UTC)
URL = "http://paper.example/a/1.html"
TEXT = "<p>渠水自西而来，绕城半周。老闸工说，水大的年份，一夜要起三回闸。</p>" * 5


def many(piece: str, length: int = LONG) -> str:
    return piece * (length // len(piece))


def soaked(rows: Iterable[tuple[Any, ...]], quick: Iterable[str]) -> list[Any]:
    """Make parameters of rows that begin with their name; all but the quick ones are for the long runs."""
    known = frozenset(quick)
    return [pytest.param(*row[1:], id=row[0], marks=() if row[0] in known else pytest.mark.soak) for row in rows]


def read(markup: str, content_type: str = "text/html; charset=utf-8") -> None:
    read_page(markup.encode(), url=URL, content_type=content_type, rules=Rules())


def pages() -> Iterator[tuple[str, str, str]]:
    """Name, markup and media type of pages."""
    html = "text/html; charset=utf-8"
    yield "comments before no page, as text", "<!---->" * 285, "text/plain"
    yield "declarations before no page, as text", "<?xml " * 300, "text/plain"
    for name in ("source", "author", "description", "article:published_time"):
        for told in ("责任编辑：a" + many(" ") + "x", many("（"), many("来源：")):
            yield f"meta {name} {told[:5]}…", f"<meta name='{name}' content='{told}'><h1>渠水</h1>{TEXT}", html
    for told in (many(" "), many("<!-- "), many("]]>")):
        script = f"<script type='application/ld+json'>-->{told}x</script>"
        yield f"JSON-LD {told[:5]}…", f"{script}<h1>渠水</h1>{TEXT}", html
    for piece in ("（记者 ", "本报记者", "2018年", "Jane Doe and ", "鍑哄僵", "a ", "“"):
        yield f"one paragraph of {piece}", f"<h1>渠水</h1><p>{many(piece, LONG // 10)}</p>{TEXT}", html
        yield (
            f"a headline of {piece}",
            f"<title>{many(piece, LONG // 10)}</title><h1>{many(piece, LONG // 10)}</h1>{TEXT}",
            html,
        )
    for tag in (
        "<div>",
        "<table><tr><td>x</td><td>",
        "<blockquote>渠",
        "<ul><li>渠",
        "<svg>",
        "<b>",
        "<p><a>",
        "<select><option>",
    ):
        yield f"within each other {tag}", f"<h1>渠水</h1>{tag * 500}{TEXT}", html
    # Where words of a pattern may be parted in two ways, each doubles the time: no more than a line of them is needed.
    yield (
        "words that may be parted in two ways",
        f"<h1>渠水</h1>{TEXT}{''.join(f'<p>{line}</p>' for line in WORDS)}",
        html,
    )
    yield "quotes without an end", f"<h1>渠水</h1>{TEXT}<p>{many('„-', SHORT)}</p>", html
    yield (
        "a name of blanks",
        f"<script type='application/ld+json'>{_by('a' + many(' ') + 'x')}</script><h1>渠水</h1>{TEXT}",
        html,
    )
    for left_open in ("<!--", "<a ", "<p title='", "<script>", "<style>", "</", "<![CDATA[", "&", "<?"):
        yield f"left open {left_open}", f"<h1>渠水</h1>{TEXT}{many(left_open, LONG // 4)}", html


WORDS = (
    f"开通{'vip' * 45}会员x。",
    f"域名{'可能已' * 45}x出售。",
    f"页面正在加载{'到页面' * 45}，请x。",
    f"分享到：{'qq空间' * 40}x",
    "赞1 " * 25 + "x",
)


def _by(name: str) -> str:
    return f'{{"@type": "NewsArticle", "headline": "渠水", "author": {{"name": "{name}"}}}}'


QUICK_PAGES = (
    "words that may be parted in two ways",
    "quotes without an end",
    "comments before no page, as text",
    "meta source 责任编辑：…",
    "JSON-LD     …",
    "within each other <table><tr><td>x</td><td>",
)


@pytest.mark.parametrize(("markup", "content_type"), soaked(pages(), QUICK_PAGES))
def test_no_page_holds_the_cleaner(markup: str, content_type: str) -> None:
    """A crawl reads what comes in the process that fetches: one page that takes hours ends the series for the day."""
    assert "" == how_it_ends(lambda: read(markup, content_type))


def answers() -> Iterator[tuple[str, Callable[[], object]]]:
    """What is read of answers and requests of others."""
    wide = b"\xff<p>" + "渠水".encode() * 9
    yield (
        "a charset that is blanks",
        lambda: decode(b"<meta charset=" + b" " * LONG + b"\xff", "text/html; charset=" + " " * LONG),
    )
    yield "a long line of ASCII beside bytes of no charset", lambda: decode(wide + b">" + b"A" * LONG, "")
    yield "comments without an end", lambda: decode(b"<!--" * 5000 + b"\xff", "")
    yield "meta elements without an end", lambda: decode(b"<meta " * 5000 + b"\xff", "")
    yield "blanks behind the wrapping of JSON-LD", lambda: read_linked("<!-- {} -->" + " " * LONG + "x")
    yield (
        "blanks before the size of a chunk",
        lambda: parse_response(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b" " * LONG),
    )
    yield "a head of one line", lambda: parse_response(b"HTTP/1.1 200 " + b" \t" * LONG)
    yield "a head of folds", lambda: parse_response(b"HTTP/1.1 200 OK\r\nA:" + b"\r\n " * LONG)
    yield (
        "many codings",
        lambda: decode_payload(
            parse_response(b"HTTP/1.1 200 OK\r\nContent-Encoding: " + b"gzip," * LONG + b"\r\n\r\nx")
        ),
    )
    yield "a Retry-After of digits", lambda: [retry_after("1" * LONG, NOW), retry_after("Mon, " + "1:" * LONG, NOW)]
    yield (
        "a form of boundaries",
        lambda: sent_with(
            parse_request(b"POST / HTTP/1.1\r\nContent-Type: multipart/form-data; boundary=x\r\n\r\n" + b"--x" * LONG)
        ),
    )
    yield (
        "the head of an answer that is cut",
        lambda: revisited(b"HTTP/1.1 200 " + b"x" * LONG, b"HTTP/1.1 200 OK\r\n\r\nx"),
    )
    yield "a type that is blanks", lambda: read_answer(b"HTTP/1.1 200 OK\r\nContent-Type:" + b" " * LONG + b"\r\n\r\n")


QUICK_ANSWERS = (
    "a charset that is blanks",
    "a long line of ASCII beside bytes of no charset",
    "comments without an end",
    "the head of an answer that is cut",
)


@pytest.mark.parametrize("work", soaked(answers(), QUICK_ANSWERS))
def test_no_answer_holds_who_reads_it(work: Callable[[], object]) -> None:
    """Nor one that a WARC made by others holds."""
    assert "" == how_it_ends(work)


ROOM_PIECES = (
    "<!--", "<script ", "<script>", "<meta ", "<meta a='", "<base ", "<style>@import '", "<a href='", "<svg><style>", "<!-- -->",
    "<iframe srcdoc='", "<?xml-stylesheet href='", "<textarea>", "<![CDATA[", "</", "&#", "<img srcset='a (', ",
)  # fmt: skip


@pytest.mark.parametrize("piece", soaked(((one, one) for one in ROOM_PIECES), ("<!--", "<meta ")))
def test_no_page_holds_the_reading_room(piece: str) -> None:
    """Whoever opens an archived page gets it rewritten on the spot."""
    links = Links(URL, "20180830020500")

    text = many(piece, SHORT)

    assert "" == how_it_ends(lambda: [refresh_of(text), rewrite_html(text, links, insert="<i>")])


SHEET_PIECES = ("url(", "@import ", "/*", "'", "\\", "image-set(", "@font-face{", "@namespace a", "a (", ", ", "u")


@pytest.mark.parametrize("piece", soaked(((one, one) for one in SHEET_PIECES), ()))
def test_no_sheet_holds_who_reads_it(piece: str) -> None:
    """Of a crawl as of a replay."""
    text = "@import 'a';" + many(piece)

    assert "" == how_it_ends(
        lambda: [list(css_addresses(text)), rewrite_css(text, lambda address, _: address), list(srcset_addresses(text))]
    )


LINES = (
    ("addresses and dates", b"http:" + b" 1.1 20080430204826 a" * 390),
    ("digits", b"http:" + b" 1" * 4000),
    ("blanks", b"http:" + b" " * 8000),
    ("lengths", b"http://a 1.1.1.1 20080430204826 text/html" + b" 1" * 500),
    ("versions", b"WARC/1.0 " * 900),
)


@pytest.mark.parametrize("line", soaked(LINES, ("addresses and dates",)))
def test_no_lines_hold_who_indexes(tmp_path: Path, line: bytes) -> None:
    """Behind damage each line may be where the next record begins, so each is looked at."""
    path = tmp_path / "a.arc"
    path.write_bytes(b"".join(arc((f"{URL}", b"x"))) + (line + b"\n") * 6 + page(1))

    assert "" == how_it_ends(lambda: list(foreign_lines(path, lambda _: None)))
    assert "" == how_it_ends(
        lambda: list(foreign_captures(path, "imported/a.arc", "sha256:" + "0" * 64, lambda _: None))
    )
