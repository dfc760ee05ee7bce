"""Each kind of list, crawled on loopback by the command itself: three visits, and all of it made again from the WARCs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from desk import Desk, ended
from listed_paper import Paper, serving

from archive.ledger.store import open_ledger
from archive.views import articles, history

SOURCES = {
    "window": 'kind = "feed"\nurl = "{url}/feed/newest"',
    "watched": 'kind = "feed"\nurl = "{url}/feed/newest"',
    "archived": 'kind = "feed"\nurl = "{url}/feed/archived"',
    "sitemap": 'kind = "sitemap"\nurl = "{url}/map/index.xml"',
    "posted": 'kind = "json-api"\nurl = "{url}/api/search"\nmethod = "POST"\nbody = \'{{"series": "渠", "page": {{page}}}}\'\n'
    'total = "total"\npage_size = 2\nitems = "rows"\n'
    'fields = {{ id = "id", url = "/2021/05/00{{id}}.html", title = "title", updated = "updated", published = "day", '
    'authors = "by" }}',
    "pages": 'kind = "list-page"\nurl = "{url}/list/{{page}}.html"\nitem = "li.i"',
}
# What no list dates is asked again; the others let what they list unchanged alone.
RECHECKED = {"pages"}
REST = """
[series]
id = "{series}"
title = "渠上人家"
timezone = "Asia/Shanghai"
[fetch]
delay = 0
retries = 0
requisites = "none"
allow_private = true
recheck = "{recheck}"
[article]
title = "h1"
published = "p.d"
body = "div.b"
[watch]
withdraw_after = {{ checks = 1, hours = 0 }}
"""
COUNTS = ("found", "captured", "unchanged", "revised", "withdrawn")


@dataclass
class Visited:
    """What three visits left. reports: a visit, then a series. asked: the article pages asked for, a visit."""

    desk: Desk
    paper: Paper
    reports: list[dict[str, dict[str, Any]]]
    asked: list[list[str]]
    posts: list[bytes]

    def told(self, view: Any, series: str) -> Any:
        """Ask the ledger as `articles` and `history` do."""
        ledger = open_ledger(self.desk.home, create=False)
        try:
            with ledger.read() as connection:
                return view(connection, series)
        finally:
            ledger.close()

    def counts(self, series: str, visit: int) -> tuple[int, ...]:
        return tuple(self.reports[visit][series][name] for name in COUNTS)


@pytest.fixture(scope="module")
def visited(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Visited]:
    """Visit a newspaper of five articles; again; and when one was edited, one withdrawn and one published."""
    folder = tmp_path_factory.mktemp("visited")
    desk, paper = Desk(folder, folder / "home"), Paper()
    for number in range(1, 6):
        paper.publish(number)
    with serving(paper):
        files = [desk.profile(profile(series, paper.url), f"{series}.toml") for series in SOURCES]
        reports, asked = [], []
        for visit in range(3):
            if visit == 2:
                paper.edit(4)
                paper.withdraw(2)
                paper.publish(6)
            done = ended(desk.start("crawl", *files, "--json"))
            assert done.document is not None, done.stderr
            assert (done.code, [one["failed"] for one in done.document["series"]]) == (0, [[]] * len(SOURCES)), (
                done.stderr
            )
            reports.append({one["id"]: one for one in done.document["series"]})
            posts = [body for method, _, body in paper.asked if method == "POST"]
            asked.append(paper.pages_asked())
        yield Visited(desk, paper, reports, asked, posts)
    desk.close()


def profile(series: str, url: str) -> str:
    recheck = "always" if series in (*RECHECKED, "watched") else "never"
    return "[source]\n" + SOURCES[series].format(url=url) + REST.format(series=series, recheck=recheck)


WINDOWS = ("window", "watched")
WHOLE = [series for series in SOURCES if series not in WINDOWS]


@pytest.mark.parametrize("series", WHOLE)
def test_a_walk_of_any_list_captures_all_it_names(visited: Visited, series: str) -> None:
    """Charset, coding, paging and wrapping differ; the series is the same."""
    assert visited.counts(series, 0) == (5, 5, 0, 0, 0)

    known = visited.told(articles, series)

    assert [one["title"] for one in known if one["state"] == "captured"] == [f"渠上人家之{n}" for n in (1, 3, 4, 5, 6)]
    assert [one["published"] for one in known] == [f"2021-05-0{n}" for n in range(1, 7)]


def test_the_authors_are_those_of_the_list_where_no_page_names_any(visited: Visited) -> None:
    """A feed and an API name them, pages and sitemaps do not."""
    named = {series: {one["name"] for a in visited.told(articles, series) for one in a["authors"]} for series in WHOLE}

    assert {"archived": {"杜若"}, "posted": {"杜若"}, "sitemap": set(), "pages": set()} == named


@pytest.mark.parametrize("series", WHOLE)
def test_a_second_visit_proves_that_nothing_changed(visited: Visited, series: str) -> None:
    """By the list alone where it dates its articles, else by a conditional request each."""
    assert visited.counts(series, 1) == (5, 0, 5, 0, 0)
    assert len(visited.asked[1]) == 5 * len(RECHECKED) + 3  # the three that the feed of a watched series shows


@pytest.mark.parametrize("series", WHOLE)
def test_a_third_visit_finds_what_the_newspaper_did(visited: Visited, series: str) -> None:
    """An edit, a withdrawal and a new instalment; all else is left as it is."""
    assert visited.counts(series, 2) == (5, 1, 3, 1, 1)

    events = [e for e in visited.told(history, series) if e["kind"] in ("revised", "withdrawn", "unlisted")]

    assert {(e["kind"], e["article"].partition("-")[2][-1]) for e in events} == {
        ("revised", "4"),
        ("withdrawn", "2"),
        ("unlisted", "2"),
    }


def test_what_has_left_a_feed_is_not_unlisted(visited: Visited) -> None:
    """A feed is a window: of five articles it shows three, and the oldest goes when a new one comes."""
    assert [visited.counts("window", visit) for visit in range(3)] == [
        (3, 3, 0, 0, 0),
        (3, 0, 3, 0, 0),
        (3, 1, 1, 1, 0),
    ]

    kinds = {event["kind"] for event in visited.told(history, "window")}

    assert kinds == {"found", "captured", "revised"}


def test_what_has_left_a_feed_is_still_looked_at(visited: Visited) -> None:
    """It may be edited or taken down all the same: it is fetched when it is due, and here found to be as it was."""
    assert [visited.counts("watched", visit) for visit in range(3)] == [
        (3, 3, 0, 0, 0),
        (3, 0, 3, 0, 0),
        (3, 1, 2, 1, 0),
    ]


def test_each_page_of_a_posted_list_is_asked_with_its_body(visited: Visited) -> None:
    """The address is the same for all of them; what is sent tells them apart, and `total` ends the walk."""
    assert [json.loads(body) for body in visited.posts] == [{"series": "渠", "page": n} for n in (1, 2, 3)]

    kept = [r for r in visited.desk.records("posted") if r.type == "request" and r.block.startswith(b"POST ")]
    lists = [
        r for r in visited.desk.records("posted") if r.type in ("response", "revisit") and r.url.endswith("/api/search")
    ]

    assert len(kept) == len(lists) == 9
    assert kept[0].block.endswith('{"series": "渠", "page": 1}'.encode())


def test_the_index_tells_posted_answers_as_an_index_of_the_warcs_does(visited: Visited) -> None:
    """An answer to a POST must not be replayed for a GET of the same address."""
    home = visited.desk.home
    warcs = sorted((home / "warc" / "posted").glob("*.warc.gz"))
    process = visited.desk.start("index", *warcs)
    stdout, stderr = process.communicate(timeout=60)
    kept = (home / "index" / "posted.cdxj").read_text("utf-8").splitlines()

    told = [line for line in stdout.splitlines() if '"method"' in line]

    assert stderr == ""
    assert len(told) == 9
    assert [line for line in kept if '"method"' in line] == told
    assert all("__wb_method=post" in line.partition(" ")[0] for line in told)


def test_everything_kept_agrees(visited: Visited) -> None:
    """Records, ledger, text and index tell the same, of posted lists too."""
    done = ended(visited.desk.start("verify", "--json"))

    assert (done.code, done.document["damaged"], done.document["missing"]) == (0, [], []), done.stderr  # type: ignore[index]


def test_a_rebuild_gives_the_same_ledger(visited: Visited, tmp_path: Path) -> None:
    """The ledger is the fold of the records, whatever listed the series."""
    kept, files = visited.desk.ledger(), visited.desk.derived()
    done = ended(visited.desk.start("rebuild", "--json"))

    assert done.code == 0, done.stderr
    assert visited.desk.ledger() == kept
    assert visited.desk.derived() == files
