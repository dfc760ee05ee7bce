"""No address that a site names leads into the network of the archive: every hop of a crawl, every spelling, one touched port."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import cycle
from typing import Any

import pytest
from desk import Desk, ended
from raw_site import site
from witness import Canary

SPELLINGS = (
    "http://127.0.0.1:{port}/", "http://localhost:{port}/", "http://localhost.:{port}/", "http://a.localhost:{port}/",
    "http://2130706433:{port}/", "http://0x7f000001:{port}/", "http://0177.0.0.1:{port}/", "http://127.1:{port}/",
    "http://0x7F.0.0.01:{port}/", "http://0:{port}/", "http://0.0.0.0:{port}/", "http://127.0.0.2:{port}/",
    "http://[::1]:{port}/", "http://[::]:{port}/", "http://[::ffff:127.0.0.1]:{port}/", "http://[::127.0.0.1]:{port}/",
    "http://[64:ff9b::7f00:1]:{port}/", "http://[2002:7f00:1::]:{port}/", "http://[fe80::1%25lo]:{port}/",
    "http://①②⑦.⓪.⓪.①:{port}/", "http://１２７。0。0。1:{port}/", "http://ⓛⓞⓒⓐⓛⓗⓞⓢⓣ:{port}/", "//127.0.0.1:{port}/",
    "http://paper.example@127.0.0.1:{port}/", "http:\\\\127.0.0.1:{port}\\", "ht\ttp://127.0.0.1:{port}/", "http://127.0.0.1.:{port}/",
    "http://paper.example#@127.0.0.1:{port}/", "http://169.254.169.254/latest/meta-data/", "http://10.0.0.1/", "ftp://127.0.0.1:{port}/",
    "file:///etc/passwd", "gopher://127.0.0.1:{port}/_", "jar:http://127.0.0.1:{port}/a!/b", "data:text/html,x", "http://127.0.0.1:22/",
)  # fmt: skip
TEXT = "".join(f"<p>渠水在第{n}个村子分成两支，一支往东，一支往南，入夏以后才又合到一处。</p>" for n in range(20))
PROFILE = """
[series]
id = "{kind}"
title = "渠边札记"
language = "zh"
[source]
kind = "{kind}"
{source}
[fetch]
delay = 0
concurrency = 4
timeout = 20
retries = 0
allow_private = true
{fetch}
"""
SOURCES = {
    "list-page": 'url = "{url}/list"\nitem = "li a"\nnext = "a.next"',
    "feed": 'url = "{url}/feed"',
    "sitemap": 'url = "{url}/index"',
    "json-api": 'url = "{url}/api"\nitems = "items"\nfields = {{ url = "url", title = "title" }}\nnext = "next"',
}


class Leading:
    """A newspaper each of whose pages leads inside, by every hop that a crawl takes."""

    def __init__(self, port: int) -> None:
        self._spelled = [one.format(port=port) for one in SPELLINGS]
        self._turn = cycle(self._spelled)
        self.url = ""

    def answer(self, connection: Any, target: str) -> None:
        """Answer with a page of a kind that its path names."""
        kind, _, number = target.strip("/").partition("/")
        if kind == "robots.txt":
            self._moved(connection, self._inside("robots.txt"))
        elif kind == "moved":
            self._moved(connection, self._spelled[int(number)])
        else:
            page = getattr(self, f"_{kind.partition('.')[0].replace('-', '_')}", lambda _: "")(number)
            mime = "text/css" if kind == "css" else "application/json" if kind == "api" else "text/html"
            connection.send(b"HTTP/1.1 200 OK\r\nContent-Type: %s; charset=utf-8\r\n" % mime.encode(), _framed(page))

    def _inside(self, path: str = "x") -> str:
        return next(self._turn) + path

    @staticmethod
    def _moved(connection: Any, to: str) -> None:
        connection.send(b"HTTP/1.1 302 Found\r\nLocation: " + to.encode() + b"\r\nContent-Length: 0\r\n\r\n")

    def _links(self) -> Iterator[str]:
        yield from (one + "x" for one in self._spelled)
        yield from (f"/moved/{number}" for number in range(len(self._spelled)))
        yield from ("/a/1", "/a/2", "/refresh/1", "/refresh/2", "/canonical/1")

    def _list(self, _: str) -> str:
        links = "".join(f'<li><a href="{one}">渠边札记</a></li>' for one in self._links())
        return f'<title>渠边札记</title><ul>{links}</ul><a class="next" href="{self._inside()}">下一页</a>'

    def _feed(self, _: str) -> str:
        items = "".join(f"<item><title>渠边札记</title><link>{one}</link></item>" for one in self._links())
        links = f'<link rel="next" xmlns="http://www.w3.org/2005/Atom" href="{self._inside()}"/>'
        return f'<rss version="2.0"><channel><title>渠边札记</title>{links}{items}</channel></rss>'

    def _index(self, _: str) -> str:
        maps = (f"{self.url}/sitemap", *self._spelled)
        return "<sitemapindex>" + "".join(f"<sitemap><loc>{one}</loc></sitemap>" for one in maps) + "</sitemapindex>"

    def _sitemap(self, _: str) -> str:
        links = (self.url + one if one.startswith("/") and one[1] != "/" else one for one in self._links())
        return "<urlset>" + "".join(f"<url><loc>{one}</loc></url>" for one in links) + "</urlset>"

    def _api(self, _: str) -> str:
        items = ",".join(f'{{"title": "渠边札记", "url": {_quoted(one)}}}' for one in self._links())
        return f'{{"items": [{items}], "next": "{self._inside()}"}}'

    def _a(self, number: str) -> str:
        """An article, all of whose requisites stand inside."""
        wanted = "".join(
            f'<img src="{one}i" srcset="{one}j 2x"><link rel="stylesheet" href="{one}s"><script src="{one}t"></script>'
            for one in self._spelled
        )
        sheets = '<link rel="stylesheet" href="/css/1">' + f'<base target="{self._inside()}">'
        onward = f'<link rel="next" href="{self._inside()}"><a href="{self._inside("a/1_2")}">下一页</a>'
        return f"<title>第{number}篇</title><head>{sheets}</head><h1>第{number}篇</h1>{TEXT}{wanted}{onward}"

    def _css(self, _: str) -> str:
        return "".join(f'@import "{one}t.css"; b {{ background: url("{one}b.png") }}\n' for one in self._spelled)

    def _refresh(self, number: str) -> str:
        return f'<meta http-equiv="refresh" content="0; url={self._inside()}"><title>第{number}处</title>'

    def _canonical(self, _: str) -> str:
        return f'<link rel="canonical" href="{self._inside()}"><title>第三篇</title><h1>第三篇</h1>{TEXT}'


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace("\t", "\\t") + '"'


def _framed(page: str) -> bytes:
    body = page.encode()
    return b"Content-Length: %d\r\n\r\n" % len(body) + body


@pytest.fixture
def another(canary: Canary) -> Iterator[str]:
    """The newspaper, which leads to the port that nobody should touch."""
    paper = Leading(int(canary.url.rpartition(":")[2]))
    with site(paper.answer) as server:
        paper.url = server.url
        yield server.url


def test_no_hop_of_a_crawl_leads_inside(desk: Desk, another: str, canary: Canary) -> None:
    """Lists, feeds, sitemaps, API answers, redirects, robots.txt, refreshes, next pages and what pages need; nor do proxies of
    the environment, which no profile names."""
    profiles = []
    for kind, source in SOURCES.items():
        text = PROFILE.format(kind=kind, source=source.format(url=another), fetch="")
        profiles.append(desk.profile(text, f"{kind}.toml"))
    proxies = dict.fromkeys(
        ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"), canary.url
    )
    done = ended(desk.start("crawl", *profiles, "--json", **proxies))
    assert done.document is not None, done.stderr
    told = {one["id"]: one for one in done.document["series"]}
    reasons = {one["reason"] for series in told.values() for one in series["skipped"]}

    assert canary.touched == 0
    assert {kind: told[kind]["captured"] >= 3 for kind in SOURCES} == dict.fromkeys(SOURCES, True)
    assert reasons == {"private", "scope"}


@pytest.mark.soak
def test_no_look_leads_inside(desk: Desk, another: str, canary: Canary) -> None:
    """`profile new` follows what a page says of itself before anybody has read it."""
    for path in ("list", "feed", "index", "api", "a/1", "refresh/1", "canonical/1", "moved/0", "moved/4"):
        desk.start("profile", "new", f"{another}/{path}").communicate()

    assert canary.touched == 0


def test_a_profile_opens_the_private_hosts_that_it_names_and_no_other(desk: Desk, another: str, canary: Canary) -> None:
    """Without `allow_private` not even its own; with it what `include` names by its host, and nothing that has such a path."""
    text = PROFILE.format(
        kind="list-page", source=SOURCES["list-page"].format(url=another), fetch='requisites = "none"'
    )
    closed = desk.crawl(text.replace("allow_private = true", "allow_private = false"))
    included = text + '\n[scope]\ninclude = ["/x", "paper[.]example", ":[0-9]+/(a|list)"]\n'
    opened = desk.crawl(included)

    assert {one["reason"] for one in closed.report["skipped"]} == {"private"}
    assert opened.counts["captured"] == 2
    assert canary.touched == 0
