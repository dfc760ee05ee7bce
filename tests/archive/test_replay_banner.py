"""The page around an archived one tells what is missing, cut short, an error or out of reach; `/healthz` that it can be drawn."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from lxml import html
from replay_leaks import HEAD
from replay_maker import MadeHome, client, moment

from archive.model import Exchange
from archive.web.room import Room

SITE = "http://paper.example"
TIME, LATER, NEXT_DAY, NEXT_YEAR = "20180830020500", "20180830020501", "20180901020500", "20190105040000"
BROWSER = {"Sec-Fetch-Dest": "document", "Upgrade-Insecure-Requests": "1", "Accept-Language": "en"}
PAGE = """<meta charset=gbk><title>渠</title><link rel=icon href=/icon.png><link rel=stylesheet href=/there.css>
<link rel=stylesheet href="/lost.css"><script src="/lost.js"></script><style>@font-face{src:url(lost.woff)}
p{background:url(lost-back.png)}</style><base href="/deep/"><img src="图.png"><img src="lost.png?a=1&amp;b=2">
<img src="LOST.png?a=1&b=2"><img src="/error.png"><img src="/there.png" srcset="/lost-2x.png 2x"><img src="/Case.PNG">
<img data-src="/lost-lazy.png" src="data:image/gif;base64,R0"><iframe src="/lost.html"></iframe><a href="/never.html">x</a>
<iframe srcdoc="&lt;img src=/lost-inner.png&gt;"></iframe><img src="/counted.gif?_=1540000000001">"""
LOST = [
    "/lost.css", "/deep/lost-back.png", "/deep/lost.png?a=1&b=2", "/deep/LOST.png?a=1&b=2", "/error.png", "/lost-lazy.png",
    "/lost.html", "/lost-inner.png",
]  # fmt: skip


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A home with pages that lack something."""
    maker = MadeHome(tmp_path_factory.mktemp("banner") / "home")
    writer = maker.file()
    maker.put(writer, f"{SITE}/", TIME, PAGE.encode("gbk"), mime="text/html")
    for name in ("there.css", "there.png", "deep/%E5%9B%BE.png", "case.png", "counted.gif?_=1540000000000"):
        maker.put(writer, f"{SITE}/{name}", TIME, name.encode(), mime="image/png")
    maker.put(writer, f"{SITE}/error.png", TIME, b"gone", status=404)
    for time in (TIME, LATER, NEXT_DAY, NEXT_YEAR):
        maker.put(writer, f"{SITE}/often", time, time.encode())
    maker.put(writer, f"{SITE}/moved", TIME, status=301, head="Location: /never?a=1&b=2\r\n")
    maker.put(writer, f"{SITE}/here", TIME, status=302, head="Location: /often\r\n")
    maker.put(writer, f"{SITE}/ring", TIME, status=302, head="Location: /ring\r\n")
    maker.put(writer, f"{SITE}/heads", TIME, b"<p>heads", head=HEAD)
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 9\r\n\r\n"
    cut = Exchange(f"{SITE}/cut", b"GET /cut HTTP/1.1\r\n\r\n", head + b"half", moment(TIME), truncated="disconnect")
    maker.captures["paper"].append(writer.write_exchange(cut))
    writer.close()
    lost = maker.file(2)
    maker.put(lost, f"{SITE}/once", TIME, b"the first of two")
    (gone,) = lost.close()
    again = maker.file(3)
    maker.put(again, f"{SITE}/again", LATER, b"the first of two")
    again.close()
    home = maker.indexed()
    gone.path.unlink()
    with Room(home, {}) as room, client(room) as asked:
        yield SimpleNamespace(ask=asked.get, post=asked.post)


def banner(made: Any, path: str, time: str = TIME) -> Any:
    """Open a page as a browser does."""
    return made.ask(f"/web/{time}/{SITE}{path}", headers=BROWSER)


def test_what_a_page_lacks_is_counted_and_named(made):
    """What a browser would show: no script, icon, font or candidate; nothing twice; addresses as the browser asks for them."""
    page = html.fromstring(banner(made, "/").text)

    assert [SITE + path for path in LOST] == page.xpath("//header//li/text()")
    assert f"{len(LOST)} missing" in page.xpath("string(//header)")
    assert "missing" not in html.fromstring(banner(made, "/often").text).xpath("string(//header)").lower()


def test_what_was_cut_short_is_said_to_be(made):
    """In the banner to readers, in a header to programs; a whole one has neither."""
    shown = banner(made, "/cut")
    raw, whole = (made.ask(f"/web/{TIME}id_/{SITE}/{name}") for name in ("cut", "often"))

    assert "cut short" in shown.text
    assert "the record says why: disconnect" in " ".join(html.fromstring(shown.text).xpath("string(//header)").split())
    assert (200, b"half", "disconnect") == (raw.status_code, raw.content, raw.headers["X-Archive-Truncated"])
    assert "X-Archive-Truncated" not in whole.headers
    assert "cut short" not in banner(made, "/often").text


def test_a_redirect_that_leads_out_of_the_archive_is_shown(made):
    """Where to; one that leads on in the archive leads on, for programs all do."""
    moved, ring, here = (banner(made, path) for path in ("/moved", "/ring", "/here"))
    told = html.fromstring(moved.text).xpath("string(//header)")

    assert (200, 200, 302) == (moved.status_code, ring.status_code, here.status_code)
    assert "a redirect, 301, to what was never captured:" in told
    assert f"{SITE}/never?a=1&b=2" in told
    assert f"{SITE}/ring" in ring.text
    assert f"/web/{TIME}/{SITE}/never?a=1&b=2" == made.ask(f"/web/{TIME}/{SITE}/moved").headers["Location"]


@pytest.mark.parametrize(
    ("time", "steps"),
    [
        (TIME, ["10:05:01 →"]),
        (LATER, ["← 10:05:00", "09-01 →"]),
        (NEXT_DAY, ["← 08-30", "2019-01-05 →"]),
        (NEXT_YEAR, ["← 2018-09-01"]),
    ],
)
def test_neighbours_are_told_apart(made, time, steps):
    """Two of one day by the second, others by the day, or with the year."""
    page = html.fromstring(banner(made, "/often", time).text)

    assert steps == page.xpath("//nav[@class='steps']/a[@rel]/text()")


def test_a_revisit_whose_original_is_gone_says_which_file_is_missing(made):
    """Never an empty page."""
    answer = banner(made, "/again", LATER)

    assert 502 == answer.status_code
    assert "paper-20180101000000-00002.warc.gz" in answer.text
    assert "not in the home" in answer.text


def test_health_is_that_the_ledger_can_be_read(made):
    """What a supervisor asks; with a name of the machine's own, as all else."""
    told = made.ask("/healthz")

    assert (200, {"alive": True}) == (told.status_code, told.json())
    assert 400 == made.ask("/healthz", headers={"Host": "evil.example"}).status_code
    assert 405 == made.post("/healthz").status_code


# Headers of an answer with archived bytes: what they are, what they are in the archive, what a browser may do with them.
SAFE = {
    "content-type", "content-length", "content-location", "content-security-policy", "cache-control", "accept-ranges", "etag",
    "memento-datetime", "link", "vary", "x-content-type-options", "referrer-policy", "x-dns-prefetch-control", "content-language",
    "access-control-allow-origin", "access-control-expose-headers", "set-cookie",
}  # fmt: skip


@pytest.mark.parametrize("mode", ["", "mp_", "fr_", "cs_", "da_", "sc_", "ms_", "id_"])
def test_no_header_of_the_newspaper_acts_here(made, mode):
    """Cookies, Link, Clear-Site-Data, policies, reports: kept apart under names that do nothing, with the bytes alone."""
    answer = made.ask(f"/web/{TIME}{mode}/{SITE}/heads")
    names = {name.lower() for name in answer.headers if not name.lower().startswith("x-archive-orig-")}

    assert 200 == answer.status_code
    assert names <= SAFE
    assert "outside.example" not in " ".join(answer.headers[name] for name in names)
    assert "archived=1" not in answer.headers.get("Set-Cookie", "")
    assert ("X-Archive-Orig-Clear-Site-Data" in answer.headers) == (mode == "id_")
