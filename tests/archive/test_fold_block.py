"""When a site wants to be left alone, and until when: by its answers, the same from any beginning."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from memory import Memory

from archive.fold import Fold, FoldRules, SeriesState
from archive.fold.block import FIRST, MOST, REFUSALS
from archive.http import parse_response, rest_asked, rest_stands
from archive.ledger.running import block_of, block_to_json
from archive.model import Capture, Entry, Event, Listing, Reading, Said, Statement, Trouble

LIST = "http://paper.example/list"
T0 = datetime(2026, 11, 25, 2, 0, tzinfo=UTC)
PAGES = [f"http://paper.example/{n}" for n in range(12)]
ENTRIES = tuple(Entry(url, str(n), url, title=f"第{n}篇") for n, url in enumerate(PAGES))
READ = Listing(ENTRIES)
FORBIDDEN, WALL = Trouble("http-4xx", "HTTP 403"), Trouble("blocked", "checking your browser")


class Site:
    """A series, told answer by answer. at: minutes since T0 of the next answer; each comes a minute after the one before."""

    def __init__(self, **rules: object) -> None:
        self.fold = Fold(FoldRules("s", **rules), SeriesState(), Memory())  # type: ignore[arg-type]
        self.events: list[Event] = []
        self.at, self.runs = T0, 0

    @property
    def block(self) -> datetime | None:
        """Up to when it wants to be left alone."""
        return self.fold.state.block.until

    def told(self) -> list[tuple[datetime, tuple[str, ...]]]:
        """Give the events `blocked`."""
        return [(one.at, one.evidence) for one in self.events if one.kind == "blocked"]

    def run(self, *answers: tuple[str, int, Statement], end: bool = True, origin: str = "live") -> None:
        """Take one run. answers: address, status, what it says."""
        self.runs += 1
        self.events += self.fold.begin(f"run-{self.runs}", self.at, f"b{self.runs}", [LIST], (), origin)  # type: ignore[arg-type]
        for url, status, statement in answers:
            self.at += timedelta(minutes=1)
            record = f"{self.runs}:{url}"
            digest = f"sha256:{len(self.events):064x}"
            self.events += self.fold.take(
                Capture(record, "response", url, self.at, "f", 0, 1, status, "text/html", digest, 9), statement
            )
        self.at += timedelta(minutes=1)
        if end:
            self.events += self.fold.end(self.at, f"e{self.runs}")


def asks(seconds: float, status: int = 429) -> tuple[str, int, Statement]:
    """Give a list's answer that asks for rest."""
    return LIST, status, Trouble("http-4xx" if status == 429 else "http-5xx", f"HTTP {status}", seconds)


def said(url: str) -> tuple[str, int, Statement]:
    """Give an article's answer."""
    return url, 200, Said(Reading("题", body=("文",), text="文"))


def refused(urls: Sequence[str], statement: Trouble = FORBIDDEN, status: int = 403) -> list[tuple[str, int, Statement]]:
    """Give answers that refuse."""
    return [(url, status, statement) for url in urls]


@pytest.mark.parametrize("status", [429, 503])
def test_a_site_that_asks_for_rest_is_left_alone_so_long(status: int) -> None:
    """From the answer on, by the record's own time; the history has it once, with the record."""
    site = Site()
    site.run(asks(7200, status))

    assert site.block == T0 + timedelta(minutes=1, seconds=7200)
    assert site.told() == [(T0 + timedelta(minutes=1), (f"1:{LIST}",))]


def test_a_good_answer_of_a_later_run_ends_it() -> None:
    """Also before the time that was asked for: a person has crawled by hand, and was let in."""
    site = Site()
    site.run(asks(7200))
    site.run((LIST, 200, READ))

    assert site.block is None
    assert len(site.told()) == 1


def test_what_was_under_way_in_the_same_run_does_not_end_it() -> None:
    """Four are asked for at once; the three that come behind the refusal were asked for before it."""
    site = Site()
    long = Trouble("http-4xx", "HTTP 429", 7200.0)
    site.run((LIST, 200, READ), (PAGES[0], 429, long), said(PAGES[1]), (PAGES[2], 429, long), said(PAGES[3]))

    assert site.block == T0 + timedelta(minutes=4, seconds=7200)
    assert site.told() == [(T0 + timedelta(minutes=2), (f"1:{PAGES[0]}",))]


@pytest.mark.parametrize("status", [429, 503])
def test_one_address_that_asks_for_a_later_run_is_not_the_site(status: int) -> None:
    """A page that is made anew for an hour closes no series; a second one that says so in the same run does."""
    site, long = Site(), Trouble("http-5xx", f"HTTP {status}", 3600.0)
    site.run((LIST, 200, READ), (PAGES[0], status, long), said(PAGES[1]))
    one = (site.block, site.told())
    site.run((LIST, 200, READ), (PAGES[0], status, long), (PAGES[0], status, long), said(PAGES[2]))
    again = (site.block, site.told())
    site.run((LIST, 200, READ), (PAGES[0], status, long), (PAGES[3], status, long))

    assert one == again == (None, [])
    assert site.block == site.at - timedelta(minutes=1) + timedelta(seconds=3600)
    assert len(site.told()) == 1


def test_a_rest_that_the_run_itself_waited_for_is_not_told() -> None:
    """A few seconds between two answers are the pace, and no block."""
    site = Site()
    site.run(asks(30), (LIST, 200, READ), said(PAGES[0]))

    assert (site.block, site.told()) == (None, [])


def test_a_rest_that_is_over_when_the_run_ends_is_not_told() -> None:
    """Nothing was answered since, and nobody has to wait any more."""
    site = Site()
    site.run((LIST, 200, READ), (PAGES[0], 503, Trouble("http-5xx", "HTTP 503", 5.0)))

    assert (site.block, site.told()) == (None, [])


@given(st.floats(0.001, 1e9))
def test_whatever_a_site_asks_for_is_bounded(seconds: float) -> None:
    """It is tried once a day all the same; a mistake of the site ends no series."""
    site = Site()
    site.run(asks(seconds))

    assert site.block is None or T0 < site.block <= T0 + timedelta(minutes=1) + MOST


def test_refusals_in_a_row_are_a_block_and_those_between_good_answers_are_none() -> None:
    """One article that is closed to all says nothing of the site; one after the other does."""
    site, open_site = Site(), Site()
    site.run((LIST, 200, READ), *refused(PAGES[:REFUSALS]))
    mixed = [one for pair in zip(refused(PAGES[:6]), [said(url) for url in PAGES[6:]], strict=True) for one in pair]
    open_site.run((LIST, 200, READ), *mixed)

    assert site.block == T0 + timedelta(minutes=REFUSALS + 1) + FIRST
    assert site.told() == [(T0 + timedelta(minutes=REFUSALS + 1), (f"1:{PAGES[REFUSALS - 1]}",))]
    assert (open_site.block, open_site.told()) == (None, [])


@pytest.mark.parametrize(
    ("status", "statement"), [(403, FORBIDDEN), (429, Trouble("http-4xx", "HTTP 429")), (200, WALL)]
)
def test_a_run_that_got_nothing_but_a_refusal_is_a_block(status: int, statement: Trouble) -> None:
    """The list is all that such a run asks for. The first may be a fault that passes; from the second on each doubles the time,
    up to a day; a good answer ends it."""
    site = Site()
    site.run((LIST, status, statement))
    at_first = site.block
    waits = []
    for _ in range(7):
        site.run((LIST, status, statement))
        assert site.block is not None
        waits.append(site.block - (site.at - timedelta(minutes=1)))
        site.at = site.block
    site.run((LIST, 200, READ))

    assert at_first is None
    assert waits == [FIRST, 2 * FIRST, 4 * FIRST, 8 * FIRST, 16 * FIRST, MOST, MOST]
    assert site.block is None
    assert len(site.told()) == 1


def test_articles_that_were_refused_before_are_no_news() -> None:
    """Six closed articles are asked for in each run; only the first run, in which they were new, left the site alone."""
    site = Site()
    site.run((LIST, 200, READ), *refused(PAGES[:6]))
    site.at += MOST
    site.run((LIST, 200, READ), *refused(PAGES[:6]))

    assert site.block is None
    assert len(site.told()) == 1


def test_an_article_that_failed_otherwise_is_refused_for_the_first_time() -> None:
    """Part of a site may be broken in a way of its own when it begins to block: the fifth refusal is a block all the same."""
    site = Site()
    site.run((LIST, 200, READ), *[(url, 500, Trouble("http-5xx", "HTTP 500")) for url in PAGES[:6]])
    site.run((LIST, 200, READ), *refused(PAGES[:REFUSALS], WALL, 200))

    assert site.block == site.at - timedelta(minutes=1) + FIRST


def test_a_site_that_is_broken_does_not_refuse() -> None:
    """500 asks for nothing; it is failed, and tried again by the schedule."""
    site = Site()
    site.run(*[(LIST, 500, Trouble("http-5xx", "HTTP 500"))] * 6)

    assert (site.block, site.told()) == (None, [])


def test_what_others_met_is_no_block_of_ours() -> None:
    """A WARC by others may hold a 429 of years ago, or of another machine."""
    site = Site()
    site.run(asks(7200), origin="import")

    assert site.block is None


def test_a_run_that_was_killed_is_settled_by_the_next() -> None:
    """Its last answer stands in the records, so the history has it, and the time as well."""
    site = Site()
    site.run(asks(7200), end=False)
    before = site.told()
    site.run((LIST, 500, Trouble("http-5xx", "HTTP 500")))

    assert before == []
    assert site.told() == [(T0 + timedelta(minutes=1), (f"1:{LIST}",))]
    assert site.block == T0 + timedelta(minutes=1, seconds=7200)


def test_a_clock_that_was_years_ahead_blocks_nobody() -> None:
    """A time that no rule of ours can have given counts as past; the next one that is asked for counts anew."""
    site = Site()
    site.at = T0 + timedelta(days=3650)
    site.run(asks(7200))
    ahead = site.block
    site.at = T0
    site.run(asks(60))

    assert not rest_stands(ahead, T0)
    assert site.block == T0 + timedelta(minutes=1, seconds=60)


@given(st.lists(st.lists(st.sampled_from(["rest", "403", "good", "500", "wall"]), max_size=7), max_size=6))
def test_kept_and_loaded_between_any_two_runs_it_goes_on_the_same(story: list[list[str]]) -> None:
    """The service is another process after a restart, and `rebuild` reads all in one."""
    answers = {
        "rest": asks(7200), "403": (LIST, 403, FORBIDDEN), "good": (LIST, 200, READ), "wall": (LIST, 200, WALL),
        "500": (LIST, 500, Trouble("http-5xx", "HTTP 500")),
    }  # fmt: skip
    whole, parts = Site(), Site()
    for one in story:
        for site in (whole, parts):
            site.run(*(answers[name] for name in one))
        parts.fold.state.block = block_of(block_to_json(parts.fold.state.block))

    assert parts.fold.state.block == whole.fold.state.block
    assert parts.told() == whole.told()


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        (b"HTTP/1.1 429 Too Many\r\nRetry-After: 120", 120.0),
        (b"HTTP/1.1 503 Busy\r\nRetry-After: 120", 120.0),
        (b"HTTP/1.1 301 Moved\r\nRetry-After: 120", 0.0),
        (b"HTTP/1.1 500 Error\r\nRetry-After: 120", 0.0),
        (b"HTTP/1.1 429 Too Many", 0.0),
        (b"HTTP/1.1 429 Too Many\r\nRetry-After: soon", 0.0),
        (b"HTTP/1.1 429 Too Many\r\nRetry-After: -7", 0.0),
        (b"HTTP/1.1 429 Too Many\r\nRetry-After: Wed, 25 Nov 2026 02:10:00 GMT", 600.0),
        (b"HTTP/1.1 429 Too Many\r\nRetry-After: Wed, 25 Nov 2026 01:00:00 GMT", 0.0),
        (b"HTTP/1.1 429 X\r\nDate: Tue, 24 Nov 2026 00:00:00 GMT\r\nRetry-After: Tue, 24 Nov 2026 00:10:00 GMT", 600.0),
        (b"HTTP/1.1 429 X\r\nDate: yesterday\r\nRetry-After: Wed, 25 Nov 2026 02:10:00 GMT", 600.0),
    ],
)
def test_the_rest_that_an_answer_asks_for(head: bytes, expected: float) -> None:
    """Of 429 and 503 alone; a date counts from the answer's own Date, so that a server's wrong clock says the same."""
    response = parse_response(head + b"\r\nContent-Length: 0\r\n\r\n")

    assert rest_asked(response, T0) == expected
