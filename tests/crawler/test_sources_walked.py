"""How walks end, for every kind the same: loops, limits, scope, and what is proven by them."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from typing import Any

import pytest
import walk
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from routed import Routed

from archive.fold.bounds import NAMED
from archive.home import Home
from archive.ledger.store import open_ledger
from archive.views import articles, history
from crawler.demo.answers import Answer
from crawler.frontier import Options
from crawler.run import SeriesRun

PAGE = "<html><head><title>{0}</title></head><body><h1>{0}</h1><div class='b'><p>{1}</p></div></body></html>"
PROSE = "渠水从闸口出来，先绕过村北的老磨坊，再沿着柳树往南走，一路上经过三座桥和两片苇子地。"
REST = """
[series]
id = "qu"
title = "渠"
[fetch]
delay = 0
requisites = "none"
recheck = "never"
allow_private = true
robots = "ignore"
[article]
body = "div.b"
[watch]
withdraw_after = { checks = 1, hours = 0 }
"""


class Crawl:
    """A site, a home, and crawls of the one into the other."""

    def __init__(self, folder: Path, source: str, rest: str = REST) -> None:
        self.home: Home = walk.home_at(folder / "home")
        self.site = Routed({})
        self.profile = walk.profile_of(f"[source]\n{source.replace('BASE', walk.BASE)}\n{rest}")
        for number in range(1, 4):
            self.site.put(f"/a/{number}.html", PAGE.format(f"第{number}篇", PROSE + str(number)))

    def run(self) -> dict[str, Any]:
        self.site.asked.clear()
        return walk.walk(self.home, self.profile, self.site)  # type: ignore[arg-type]

    def lists(self) -> list[str]:
        return [target for target in self.site.asked if not target.startswith("/a/")]

    def kinds(self) -> list[str]:
        return [event["kind"] for event in self._told(history) if event["kind"] not in ("found", "captured")]

    def listed(self) -> int:
        return len(self._told(articles))

    def _told(self, view: Any) -> Any:
        ledger = open_ledger(self.home.root, create=False)
        try:
            with ledger.read() as connection:
                return view(connection, "qu")
        finally:
            ledger.close()

    def is_its_fold(self) -> bool:
        """Tell whether the ledger is what the records say, read anew."""
        kept = walk.state_of(self.home)
        run = SeriesRun(self.home, self.profile)
        run.refold()
        run.close()
        return walk.state_of(self.home) == kept


def links(*numbers: int) -> str:
    return "<ul>" + "".join(f'<li><a href="/a/{n}.html">第{n}篇</a></li>' for n in numbers) + "</ul>"


def rows(*numbers: int) -> str:
    return json.dumps({"rows": [{"id": n} for n in numbers]})


def rss(*numbers: int, following: str = "") -> str:
    link = f'<a:link xmlns:a="http://www.w3.org/2005/Atom" rel="next" href="{following}"/>' if following else ""
    items = "".join(f"<item><link>/a/{n}.html</link></item>" for n in numbers)
    return f'<rss version="2.0"><channel>{link}{items}</channel></rss>'


def urls(*numbers: int) -> str:
    return "<urlset>" + "".join(f"<url><loc>/a/{n}.html</loc></url>" for n in numbers) + "</urlset>"


def index(*names: str) -> str:
    return "<sitemapindex>" + "".join(f"<sitemap><loc>{name}</loc></sitemap>" for name in names) + "</sitemapindex>"


API = 'kind = "json-api"\nurl = "BASE/l?p={page}"\nitems = "rows"\nfields = { url = "/a/{id}.html" }'
LIST = 'kind = "list-page"\nurl = "BASE/l?p={page}"\nitem = "li a"'
FEED = 'kind = "feed"\nurl = "BASE/l?p=1"'
MAP = 'kind = "sitemap"\nurl = "BASE/l?p=1"'
# Three pages of an article each, in the form of each kind.
PAGES: dict[str, tuple[str, tuple[str, ...]]] = {
    "json-api": (API, (rows(3), rows(2), rows(1))),
    "list-page": (LIST, (links(3), links(2), links(1))),
    "feed": (FEED, (rss(3, following="/l?p=2"), rss(2, following="/l?p=3"), rss(1, following="/l?p=4"))),
    "sitemap": (
        MAP,
        (index("/l?p=1", "/l?p=2", "/l?p=3"), index("/l?p=1", "/l?p=3", "/l?p=4"), urls(3, 2, 1)),
    ),
}


@pytest.fixture(params=PAGES)
def crawl(request: pytest.FixtureRequest, tmp_path: Path) -> Crawl:
    source, pages = PAGES[request.param]
    made = Crawl(tmp_path, source)
    for number, page in enumerate(pages, 1):
        made.site.put(f"/l?p={number}", page)
    made.site.put("/l?p=4", pages[-1])  # the last again, whatever number is asked for
    return made


def test_a_walk_without_end_ends(crawl: Crawl) -> None:
    """A site that gives its last page for every number, a feed whose pages go on, an index that names itself."""
    report = crawl.run()

    assert (report["found"], report["captured"], report["failed"], report["skipped"]) == (3, 3, [], [])
    assert crawl.lists() == ["/l?p=1", "/l?p=2", "/l?p=3", "/l?p=4"]
    assert crawl.is_its_fold()


@pytest.mark.parametrize("crawl", ["json-api", "feed"], indirect=True)
def test_what_a_limit_leaves_is_named_and_proves_nothing(crawl: Crawl) -> None:
    """`max_pages` is every kind's; an article on a page that was not read is not gone."""
    crawl.run()
    limited = Crawl(crawl.home.root.parent, PAGES[crawl.profile.source.kind][0] + "\nmax_pages = 2")
    limited.site = crawl.site
    report = limited.run()

    skipped = [(one["url"].removeprefix(walk.BASE), one["reason"]) for one in report["skipped"]]

    assert skipped[0] == ("/l?p=3", "limit")
    assert {reason for _, reason in skipped} == {"limit"}
    assert "unlisted" not in limited.kinds()


def test_a_series_that_is_full_names_the_lists_that_have_more(crawl: Crawl) -> None:
    """Memory grows with articles. Those that are known go on, and a higher limit takes what was left, without a request."""
    source = PAGES[crawl.profile.source.kind][0]
    few = Crawl(crawl.home.root.parent, source, REST.replace("[fetch]", "[fetch]\nmax_articles = 2"))
    few.site = crawl.site
    first, again = few.run(), few.run()

    assert [(one["found"], one["captured"], one["unchanged"]) for one in (first, again)] == [(2, 2, 0), (2, 0, 2)]
    assert {one["reason"] for one in again["skipped"]} == {"limit"}
    assert {one["url"].removeprefix(walk.BASE) for one in again["skipped"]} <= set(
        crawl.lists()
    )  # each list once, no entry
    assert few.kinds() == []
    assert few.is_its_fold()
    crawl.run()
    assert crawl.listed() == 3


@pytest.mark.parametrize("crawl", ["list-page", "sitemap"], indirect=True)
def test_a_probe_goes_on_to_the_first_list_that_names_an_article(crawl: Crawl) -> None:
    """An index of sitemaps names none; of any other list the first page is enough."""
    report = walk.walk(crawl.home, crawl.profile, crawl.site, options=Options(probe=True))  # type: ignore[arg-type]

    assert crawl.site.asked in (["/l?p=1", "/a/3.html"], ["/l?p=1", "/l?p=2", "/l?p=3", "/a/3.html"])
    assert report["captured"] == 1


@pytest.mark.parametrize("crawl", ["list-page", "sitemap"], indirect=True)
def test_what_is_out_of_scope_is_named(crawl: Crawl) -> None:
    """Include and exclude hold for what any list names."""
    scoped = Crawl(
        crawl.home.root.parent, PAGES[crawl.profile.source.kind][0], REST + '[scope]\nexclude = ["/a/[13]"]\n'
    )
    scoped.site = crawl.site
    report = scoped.run()

    assert (report["found"], report["captured"]) == (3, 1)
    assert sorted((one["url"][-9:], one["reason"]) for one in report["skipped"]) == [
        (f"/a/{n}.html", "scope") for n in (1, 3)
    ]


def test_of_what_pages_name_in_any_number_a_thousand_stand_in_the_report(tmp_path: Path) -> None:
    """Then how many more there are: each page may need ten thousand pictures that are not wanted."""
    wanted = REST.replace('requisites = "none"', 'requisites = "images"')
    crawl = Crawl(tmp_path, LIST, wanted + '[scope]\nexclude_requisites = ["/p/"]\n')
    crawl.site.put("/l?p=1", links(1))
    pictures = "".join(f'<img src="/p/{n}.jpg">' for n in range(NAMED + 5))
    crawl.site.put("/a/1.html", PAGE.format("第1篇", PROSE + pictures))
    skipped = crawl.run()["skipped"]

    assert [one["reason"] for one in skipped] == ["scope"] * (NAMED + 1)
    assert skipped[-1] == {"url": f"{walk.BASE}/l?p=1", "reason": "scope", "more": 5}


@pytest.mark.parametrize("kind", ["json-api", "sitemap"])
def test_a_list_that_is_whole_proves_that_an_article_is_gone(kind: str, tmp_path: Path) -> None:
    """Pages, an API's or a list's, and a sitemap name all there is."""
    crawl = _shrunk(kind, tmp_path)

    assert crawl.kinds() == ["gone", "withdrawn", "unlisted"]
    assert crawl.is_its_fold()


def test_a_feed_that_pages_proves_no_absence(tmp_path: Path) -> None:
    """RFC 5005 calls a paged feed lossy: it may have changed while it was walked."""
    crawl = _shrunk("feed", tmp_path)

    assert crawl.kinds() == []
    assert crawl.is_its_fold()


def _shrunk(kind: str, folder: Path) -> Crawl:
    """Crawl a list of two articles, and again when one of them is withdrawn."""
    write = {"json-api": rows, "list-page": links, "feed": rss, "sitemap": urls}[kind]
    crawl = Crawl(folder, PAGES[kind][0])
    crawl.site.put("/l?p=2", write(1))
    for numbers in ((2, 1), (1,)):
        crawl.site.put("/l?p=1", write(*numbers))
        crawl.run()
        crawl.site.put("/a/2.html", Answer(404, b"", "text/html"))
    return crawl


@pytest.mark.parametrize(
    "end",
    [
        Answer(404, b"<h1>404</h1>", "text/html"),
        Answer(302, b"", "text/html", headers=(("Location", "/l?p=1"),)),
        Answer(200, b"<ul></ul>", "text/html"),
        Answer(400, b'{"code": "rest_post_invalid_page_number"}', "application/json"),
    ],
    ids=["not found", "leads back", "empty", "a number too many"],
)
def test_the_end_of_counted_pages_is_no_failure(end: Answer, tmp_path: Path) -> None:
    """Nobody promised that there is a page of that number; and the walk is whole."""
    crawl = Crawl(tmp_path, LIST)
    crawl.site.put("/l?p=1", links(3, 2, 1))
    crawl.site.put("/l?p=2", end)
    crawl.run()
    crawl.site.put("/l?p=1", links(2, 1))
    crawl.site.put("/a/3.html", Answer(404, b"", "text/html"))
    report = crawl.run()

    assert (report["found"], report["withdrawn"], report["failed"]) == (2, 1, [])
    assert crawl.kinds() == ["gone", "withdrawn", "unlisted"]
    assert [one["title"] for one in crawl._told(articles)] == ["第3篇", "第2篇", "第1篇"]
    assert crawl.is_its_fold()


NO_LISTS = (
    Answer(404, b"", "text/html"),
    Answer(200, b'{"code": 500, "msg": "busy", "rows": []}', "application/json"),
    Answer(200, b"<h1>Wartung</h1>", "text/html"),
    Answer(200, b"", "text/html"),
)


@pytest.mark.parametrize("crawl", ["json-api", "feed"], indirect=True)
def test_a_first_page_that_is_no_list_is_a_failure_and_unlists_nothing(crawl: Crawl) -> None:
    """A fault of the site must never read as the end of a series."""
    crawl.run()
    for answer in NO_LISTS:
        crawl.site.put("/l?p=1", answer)
        report = crawl.run()

        assert (len(report["failed"]), report["found"]) == (1, 0)
    assert crawl.kinds() == []
    assert crawl.is_its_fold()


WRITERS = {
    "json-api": lambda numbers, _: rows(*numbers),
    "list-page": lambda numbers, _: links(*numbers),
    "feed": lambda numbers, following: rss(*numbers, following=following),
    "sitemap": lambda numbers, following: index(*filter(None, [following])) if following else urls(*numbers),
}
visits = st.lists(
    st.tuples(
        st.lists(st.lists(st.integers(1, 3), max_size=3), min_size=1, max_size=3),
        st.sets(st.integers(1, 3), max_size=2),
        st.none() | st.integers(1, 6),
    ),
    min_size=1,
    max_size=4,
)


@pytest.mark.soak
@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow])
@given(kind=st.sampled_from(sorted(WRITERS)), visits=visits)
def test_whatever_lists_say_the_ledger_is_the_fold_of_the_records(
    tmp_path_factory: pytest.TempPathFactory, kind: str, visits: list[tuple[list[list[int]], set[int], int | None]]
) -> None:
    """Pages that come, go and repeat; articles that go; runs that die."""
    crawl = Crawl(tmp_path_factory.mktemp("home"), PAGES[kind][0])
    for pages, gone, dies in visits:
        for place in range(1, 5):
            following = f"/l?p={place + 1}" if place < len(pages) else ""
            missing = Answer(404, b"", "text/html")
            crawl.site.put(
                f"/l?p={place}", WRITERS[kind](pages[place - 1], following) if place <= len(pages) else missing
            )
        for number in range(1, 4):
            page = PAGE.format(f"第{number}篇", PROSE + str(number))
            crawl.site.put(f"/a/{number}.html", Answer(404, b"", "text/html") if number in gone else page)
        if dies is not None:
            with contextlib.suppress(walk.KilledError):
                walk.walk(crawl.home, crawl.profile, crawl.site, kill_after=dies)  # type: ignore[arg-type]
        crawl.run()

        assert crawl.is_its_fold()
