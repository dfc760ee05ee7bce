"""Imports in the fold: what is older than what the series heard since adds, and changes nothing of how things stand."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from memory import Memory

from archive.fold import Fold, FoldRules, Readings, Revision, RunState, SeriesState
from archive.fold.late import is_late
from archive.ledger.series import Batch, SeriesLedger
from archive.ledger.store import open_ledger
from archive.model import (
    Author,
    Capture,
    Entry,
    Event,
    Gone,
    Listing,
    Origin,
    Reading,
    Redirected,
    Said,
    Statement,
    Trouble,
    Unchanged,
)

LIST = "http://paper.example/list"
NOW = datetime(2026, 11, 25, 5, 0, tzinfo=UTC)
GONE, FAILED = Gone("http-4xx", "HTTP 404"), Trouble("http-5xx", "HTTP 503")


def url(number: int) -> str:
    return f"http://paper.example/a/{number}.html"


def entry(number: int, **more: Any) -> Entry:
    values = {"key": f"content_{number}", "name": f"content_{number}", "url": url(number), "title": f"第{number}篇"}
    return Entry(**{**values, **more})


def listing(*numbers: int, more: tuple[str, ...] = (), **changes: Any) -> tuple[str, Statement]:
    return LIST, Listing(tuple(entry(n, **changes) for n in numbers), more)


def said(words: str, **more: Any) -> Said:
    return Said(Reading(**{"title": "分水", "body": (words,), "text": words, **more}))


def days(count: float) -> datetime:
    """A time so many days before now."""
    return NOW - timedelta(days=count)


@dataclass
class Series:
    """A series under test: each statement is a record at a time that the test gives."""

    rules: FoldRules = field(default_factory=lambda: FoldRules(series="shui"))
    readings: Readings = field(default_factory=Memory)
    state: SeriesState = field(default_factory=SeriesState)
    events: list[Event] = field(default_factory=list)
    records: int = 0

    def __post_init__(self) -> None:
        self.fold = Fold(self.rules, self.state, self.readings)

    def begin(self, at: datetime, origin: Origin = "live") -> None:
        self.records += 1
        self.events += self.fold.begin(f"run-{self.records}", at, f"<urn:uuid:{self.records}>", (LIST,), (), origin)

    def take(
        self,
        where: str,
        statement: Statement,
        at: datetime,
        status: int = 200,
        digest: str = "",
        file: str = "own.warc.gz",
    ) -> Capture:
        self.records += 1
        status = 304 if isinstance(statement, Unchanged) and not digest else status
        digest = digest or f"sha256:{sha256(repr((where, statement)).encode()).hexdigest()}"
        record = f"<urn:uuid:{self.records}>"
        capture = Capture(record, "response", where, at, file, 0, 1, status, "text/html", digest, 1, etag=f"e{record}")
        self.events += self.fold.take(capture, statement)
        return capture

    def end(self, at: datetime) -> None:
        self.records += 1
        self.events += self.fold.end(at, f"<urn:uuid:{self.records}>")

    def run(self, at: datetime, *told: tuple[str, Statement]) -> None:
        """A crawl at that time."""
        self.begin(at)
        for where, statement in told:
            self.take(where, statement, at)
        self.end(at)

    def add(self, *told: tuple[datetime, str, Statement]) -> None:
        """An import, now."""
        self.begin(NOW, "import")
        for at, where, statement in told:
            self.take(where, statement, at)
        self.end(NOW)

    def one(self) -> Any:
        (article,) = self.fold.state.articles.values()
        return article

    def told(self, *kinds: str) -> list[tuple[Any, ...]]:
        return [(e.kind, e.start, e.end) for e in self.events if e.kind in kinds]

    def texts(self, article: str | None = None) -> list[str]:
        """The texts of an article's revisions by their number."""
        one = self.fold.state.articles[article] if article else self.one()
        return [self.revision(n, one.id).reading.text for n in range(1, one.revisions + 1)]

    def revision(self, number: int, article: str | None = None) -> Revision:
        found = self.readings.revision(article or self.one().id, number)
        assert found is not None
        return found


# ------------------------------------------------------------------------------------------------------- older texts


def test_an_older_text_is_a_revision_and_the_newest_stays_shown() -> None:
    """A court asks what stood there before; a reader wants what stands there now."""
    series = Series()
    series.run(days(2), listing(1), (url(1), said("今")))
    before = replace(series.one())
    series.add((days(900), url(1), said("昔", title="昔题")))
    article = series.one()

    assert series.texts() == ["今", "昔"]
    assert (article.shown, article.title, article.text_sha256) == (1, "分水", before.text_sha256)
    assert (article.state, article.last_checked, article.origin) == ("captured", days(2), "live")
    assert article.captured == days(900)  # the oldest capture that is known
    assert series.revision(2).witnesses[0].origin == "import"


def test_the_history_tells_an_edit_in_the_order_of_time() -> None:
    """First 2 was there, then 1; a text between two others is told behind the older one."""
    series = Series()
    series.run(days(2), listing(1), (url(1), said("丙")))
    series.add((days(900), url(1), said("甲")), (days(500), url(1), said("乙")))

    assert series.told("revised") == [("revised", 2, 1), ("revised", 2, 3)]
    assert [e.at for e in series.events if e.kind == "revised"] == [days(900), days(500)]
    first = next(e for e in series.events if e.kind == "revised")
    assert first.evidence == (series.revision(2).record_id, series.revision(1).record_id)
    assert first.fields == ("body",)


def test_an_older_capture_of_a_known_text_is_a_further_witness() -> None:
    """The same text, seen by others years before: evidence, and no edit. The same bytes again tell nothing more."""
    series = Series()
    series.run(days(2), listing(1), (url(1), said("文")))
    series.add((days(900), url(1), said("文")), (days(800), url(1), said("文")))

    assert series.texts() == ["文"]
    assert [(w.origin, w.captured) for w in series.revision(1).witnesses] == [("live", days(2)), ("import", days(900))]
    assert series.told("revised") == []
    assert series.one().captured == days(900)


def test_a_revisit_of_the_payload_read_last_is_a_witness_too() -> None:
    """Whoever keeps the record of a payload once tells the rest by revisits."""
    series = Series()
    series.run(days(2), listing(1), (url(1), said("文")))
    series.begin(NOW, "import")
    series.take(url(1), Unchanged(), days(900), digest=series.one().channels["page"].digest)
    series.take(url(1), Unchanged(), days(800))  # a 304: of which payload, nobody knows

    assert [w.captured for w in series.revision(1).witnesses] == [days(2), days(900)]


def test_a_text_between_two_sights_of_another_is_not_shown() -> None:
    """The live site said so again since: what is newest counts, not what was first seen last."""
    series = Series()
    series.run(days(900), listing(1), (url(1), said("甲")))
    series.run(days(2), listing(1), (url(1), said("甲")))
    series.add((days(500), url(1), said("乙")))

    assert (series.texts(), series.one().shown) == (["甲", "乙"], 1)


def test_a_refusal_failure_or_redirect_of_the_past_changes_nothing() -> None:
    """That it was gone in 2019 says nothing of an article that stands there today."""
    series = Series()
    series.run(days(2), listing(1), (url(1), said("文")))
    before = (replace(series.one()), dict(series.state.addresses))
    past: tuple[Statement, ...] = (GONE, FAILED, Redirected("http://paper.example/b"), Listing(()))
    series.add(*((days(900), url(1), one) for one in past))

    assert (series.one(), dict(series.state.addresses)) == before


def test_an_article_that_is_gone_gets_its_text_from_an_import() -> None:
    """What the site no longer has, another archive may: the article is captured, and what stands against it stays."""
    series = Series()
    series.run(days(2), listing(1), (url(1), GONE))
    series.add((days(900), url(1), said("甲")), (days(500), url(1), said("乙")), (days(700), url(1), said("间")))
    article = series.one()

    assert (article.state, article.failing, article.origin) == ("captured", "http-4xx", "import")
    assert (series.texts(), article.shown) == (["甲", "乙", "间"], 2)
    assert series.told("captured", "revised") == [("captured", None, None), ("revised", 1, 2), ("revised", 1, 3)]
    assert (article.captured, article.heard) == (days(900), days(500))


def test_a_withdrawn_article_stays_withdrawn_with_its_newest_text() -> None:
    """An import of the time before proves no return."""
    series = Series(FoldRules(series="shui", withdraw_checks=1, withdraw_hours=0))
    series.run(days(900), listing(1), (url(1), said("甲")))
    series.run(days(2), listing(1), (url(1), GONE))
    series.add((days(500), url(1), said("乙")))

    assert (series.one().state, series.one().shown, series.texts()) == ("withdrawn", 2, ["甲", "乙"])
    assert series.told("restored") == []


def test_a_first_word_of_another_address_is_late_where_the_article_spoke_since() -> None:
    """An old page must not complete what the API says today; as no reader saw a difference, it is no revision either."""
    series = Series()
    listed = (LIST, Listing((entry(1, detail="http://api.example/1"),)))
    series.run(days(2), listed, ("http://api.example/1", said("今")))
    series.add((days(900), url(1), said("昔", authors=(Author("沈渡"),))))

    assert (series.texts(), series.one().authors) == (["今"], ())
    assert series.one().channels["page"].record_id is None


def test_a_revision_that_is_completed_keeps_what_imports_said_of_it() -> None:
    """Nothing that was kept is lost when another address speaks for the first time."""
    series = Series()
    listed = (LIST, Listing((entry(1, detail="http://api.example/1"),)))
    series.run(days(3), listed, (url(1), said("文")))
    series.add((days(900), url(1), said("文")))
    series.run(days(2), listed, ("http://api.example/1", said("文", editor="王五")))

    assert [(w.channel, w.origin) for w in series.revision(1).witnesses] == [
        ("detail", "live"),
        ("page", "live"),
        ("page", "import"),
    ]


def test_of_two_texts_of_one_moment_the_one_that_came_later_is_shown() -> None:
    """WARCs by others count whole seconds; one rule decides, whatever the file's order is."""
    series = Series()
    series.add((days(9), *listing(1)), (days(8), url(1), said("甲")), (days(8), url(1), said("乙")))

    assert (series.texts(), series.one().shown) == (["甲", "乙"], 2)
    assert series.told("revised") == [("revised", 1, 2)]


def test_a_refusal_of_the_very_moment_of_an_answer_changes_nothing() -> None:
    """What is as old as the last answer of its address is late: it may be the same look at the site, told again."""
    series = Series()
    series.run(days(2), listing(1), (url(1), said("文")))
    series.add((days(2), url(1), GONE))

    assert (series.one().gone_since, series.told("gone")) == (None, [])


# ---------------------------------------------------------------------------------------------------- read in a crawl


def crawled(
    series: Series, told: tuple[tuple[str, Statement], ...], *then: tuple[datetime, str, Statement]
) -> RunState:
    """A crawl of two days ago, at whose end captures of an import are read that had waited; gives the run."""
    series.begin(days(2))
    for where, statement in told:
        series.take(where, statement, days(2))
    for at, where, statement in then:
        series.take(where, statement, at, file="imported/old.warc.gz")
    run = series.state.run
    assert run is not None
    series.end(days(2))
    return run


def test_an_import_read_in_a_crawl_is_history_and_no_edit_of_that_run() -> None:
    """The article stays what the crawl has just heard."""
    series = Series()
    run = crawled(
        series, (listing(1), (url(1), said("今"))), (days(900), url(1), said("昔")), (days(800), url(1), GONE)
    )
    article = series.one()

    assert (series.texts(), article.shown, article.origin, article.state) == (["今", "昔"], 1, "live", "captured")
    assert series.told("revised", "gone") == [("revised", 2, 1)]
    assert (run.count("captured"), run.count("revised"), article.last_checked) == (1, 0, days(2))
    assert series.revision(2).witnesses[0].origin == "import"


def test_an_article_that_only_an_import_tells_is_captured_in_that_crawl() -> None:
    """It has a text at last, and the failure of today is still one."""
    series = Series()
    run = crawled(
        series, (listing(1), (url(1), FAILED)), (days(900), url(1), said("昔")), (days(800), url(1), said("间"))
    )
    article = series.one()

    assert (series.texts(), article.shown, article.origin, article.state) == (["昔", "间"], 2, "import", "captured")
    assert (run.count("captured"), run.count("revised"), list(run.failures)) == (1, 0, [url(1)])
    assert article.failing == FAILED.reason


def test_a_list_read_in_a_crawl_finds_nothing_of_that_run() -> None:
    """What it names was listed once: it is known from now on, and the lists of today name it no longer."""
    series = Series()
    run = crawled(
        series, (listing(1), (url(1), said("今"))), (days(900), *listing(1, 2)), (days(900), url(2), said("乙"))
    )
    first, second = series.state.in_order()

    assert list(run.found) == [first.id]
    assert (second.state, second.origin, second.listed) == ("captured", "import", False)
    assert series.told("unlisted") == [("unlisted", None, None)]


def test_an_import_that_claims_to_be_of_tomorrow_is_history_in_a_crawl_too() -> None:
    """Its text is the newest by time and is shown; how things stand is what the site has just said."""
    series = Series()
    crawled(series, (listing(1), (url(1), said("今"))), (NOW, url(1), said("后")), (NOW, url(1), GONE))
    article, address = series.one(), series.state.address(url(1))

    assert (series.texts(), article.shown, article.last_checked) == (["今", "后"], 2, days(2))
    assert address is not None
    assert (address.fetched, article.gone_since) == (days(2), None)


# ------------------------------------------------------------------------------------------------------ newest and lists


def test_an_import_that_is_newer_counts_as_a_look_at_the_site() -> None:
    """Somebody else's crawl of yesterday is as good as ours, but no request of ours can refer to its record."""
    series = Series()
    series.run(days(900), listing(1), (url(1), said("甲")))
    own = series.state.address(url(1))
    assert own is not None
    assert own.etag
    series.add((days(1), url(1), said("乙")))
    article, address = series.one(), series.state.address(url(1))

    assert (article.shown, article.origin, article.last_checked) == (2, "import", days(1))
    assert address is not None
    assert (address.fetched, address.record_id, address.etag, address.digest) == (days(1), None, None, None)

    series.run(NOW, listing(1), (url(1), said("丙")))

    assert (series.one().shown, series.one().origin) == (3, "live")


def test_an_import_of_the_same_payload_leaves_what_a_request_refers_to() -> None:
    """A 304 still says that our record holds."""
    series = Series()
    series.run(days(900), listing(1), (url(1), said("甲")))
    before = series.state.address(url(1))
    assert before is not None
    record = before.record_id
    series.add((days(1), url(1), said("甲")))
    address = series.state.address(url(1))

    assert address is not None
    assert (address.record_id, address.fetched) == (record, days(1))


def test_an_old_list_adds_what_is_unknown_and_updates_nothing() -> None:
    """What the site listed years ago was there; what is known is known better."""
    series = Series()
    series.run(days(2), listing(1, updated="2026-11-01", title="今题"), (url(1), said("文")))
    series.add(
        (days(900), *listing(1, 2, updated="2018-01-01", title="昔题", more=("http://paper.example/list?2",))),
        (days(900), "http://paper.example/list?2", Listing((entry(3),))),
        (days(800), url(2), said("乙")),
    )
    first, second, third = series.state.in_order()

    assert (first.updated, first.list_title) == ("2026-11-01", "今题")
    assert (second.state, second.origin, third.state) == ("captured", "import", "found")
    assert series.told("unlisted", "listed", "moved") == []
    assert [a.position for a in (first, second, third)] == [1, 2, 3]


def test_a_list_of_an_import_proves_no_absence() -> None:
    """A file holds what its maker took, not all that there was."""
    series = Series()
    series.run(days(900), listing(1, 2))
    series.add((days(1), *listing(2)))

    assert series.told("unlisted") == []


def test_the_first_import_of_a_series_orders_it_by_its_lists() -> None:
    """Without a crawl there is no other order; a later import moves nothing."""
    series = Series()
    newest_first = tuple(entry(n, published=f"2018-09-{n:02d}") for n in (3, 2, 1))
    series.add((days(900), LIST, Listing(newest_first)))

    assert [a.key for a in series.state.in_order()] == ["content_1", "content_2", "content_3"]

    series.add((days(1), LIST, Listing(newest_first[::-1])))

    assert series.told("moved") == []


def test_live_captures_are_never_late() -> None:
    """A clock that was set back must not make a crawl blind."""
    series = Series()
    series.run(days(2), listing(1), (url(1), said("甲")))
    series.run(days(3), listing(1), (url(1), said("乙")))

    assert (series.one().shown, series.one().last_checked) == (2, days(3))


# --------------------------------------------------------------------------------------------------------- properties

_SAYS: tuple[Statement, ...] = (said("甲"), said("乙"), said("丙", title="另题"), GONE, FAILED)
_PLACES = st.one_of(
    st.tuples(st.integers(1, 2).map(url), st.sampled_from(_SAYS)),
    st.lists(st.integers(1, 3), unique=True, max_size=3).map(lambda numbers: listing(*numbers)),
)
_STEPS = st.lists(st.tuples(st.integers(0, 30), _PLACES), max_size=6)  # at so many hours of the past, or in this order
_RUNS = st.lists(st.tuples(st.sampled_from(("live", "import")), _STEPS), max_size=6)
_Runs = list[tuple[Origin, list[tuple[int, tuple[str, Statement]]]]]


def play(series: Series, runs: _Runs) -> Iterator[tuple[Capture, bool]]:
    """Play runs: a crawl's captures are each newer than all before, an import's are of any time up to then.

    Gives each capture with whether it is about to be taken (True) or was (False).
    """
    clock = NOW
    series.begin(clock)
    series.take(*listing(1, 2), clock)
    series.end(clock)
    for origin, steps in runs:
        clock += timedelta(hours=1)
        series.begin(clock, origin)
        for hours, (where, statement) in steps:
            clock += timedelta(minutes=1)
            at = clock if origin == "live" else clock - timedelta(hours=hours)
            probe = Capture("", "response", where, at, "", 0, 1, 200, "", "", 1)
            yield probe, True
            yield series.take(where, statement, at), False
        series.end(clock + timedelta(minutes=1))
        clock += timedelta(minutes=1)


def all_of(series: Series) -> dict[str, Any]:
    """All that a series is."""
    state = series.fold.state
    return {
        "articles": state.articles,
        "addresses": state.addresses,
        "rest": (state.missing, state.complete, state.lists_heard, state.site_title),
        "run": state.run if state.run_id else None,
        "revisions": {
            a.id: [series.revision(n, a.id) for n in range(1, a.revisions + 1)] for a in state.articles.values()
        },
    }


@contextmanager
def kept(series: str = "shui") -> Iterator[SeriesLedger]:
    """A ledger of one series, gone afterwards."""
    with tempfile.TemporaryDirectory() as folder:
        ledger = open_ledger(Path(folder), create=True)
        rows = SeriesLedger(ledger, series)
        rows.put(title="渠", source="list-page", profile={}, subjects=[])
        yield rows
        ledger.close()


@settings(deadline=None, max_examples=40)
@given(_RUNS)
@pytest.mark.soak
def test_a_fold_that_is_saved_and_loaded_at_each_step_is_the_same(runs: _Runs) -> None:
    """A kill, a batch, a rebuild: nothing but the records decides what a series is."""
    whole = Series()
    for _ in play(whole, runs):
        pass
    with kept() as rows:
        parted = Series(readings=rows)
        for _, before in play(parted, runs):
            if before:
                rows.save(parted.fold.state, Batch(), rules="r")
                parted.state = rows.load()
                parted.fold = Fold(parted.rules, parted.state, rows)

        assert all_of(parted) == all_of(whole)
        assert parted.events == whole.events


@given(_RUNS)
def test_a_late_capture_changes_nothing_of_how_things_stand(runs: _Runs) -> None:
    """Whatever is imported in whatever order: state, checks, failures, addresses, lists are those of the newest answer."""
    series = Series()
    stands: Any = None
    for capture, before in play(series, runs):
        address = series.state.address(capture.url)
        if before:
            stands = None
            if address is not None and is_late(series.state, address, capture):
                stands = (capture, standing(series))
        elif stands is not None:
            probe, was = stands
            now = standing(series)
            for name, (article, fixed, text, heard, revisions) in was.items():
                assert now[name][1] == fixed
                if revisions and heard > probe.fetched:
                    assert (now[name][0], now[name][2], now[name][3]) == (article, text, heard)


def standing(series: Series) -> dict[str, Any]:
    """How each article stands: its state; what no late capture may touch; its text; when it was heard; its revisions."""
    return {
        a.id: (
            a.state,
            (a.failing, a.trouble, a.last_checked, a.gone_since, a.gone_checks, a.listed, a.updated, a.list_title,
             a.position, [c.gone for c in a.channels.values()],
             [(x.fetched, x.status, x.attempts) for x in series.state.addresses.values() if x.article == a.id]),
            (a.title, a.text_sha256, a.shown, a.published, a.authors, a.origin),
            a.heard,
            a.revisions,
        )
        for a in series.state.articles.values()
    }  # fmt: skip


@given(_RUNS)
def test_no_revision_is_changed_or_lost_and_no_number_changes(runs: _Runs) -> None:
    """A citation of revision 2 is of the same text for ever; at most it has further witnesses."""
    series = Series()
    known: dict[tuple[str, int], Revision] = {}
    for _ in play(series, runs):
        for a in series.state.articles.values():
            for number in range(1, a.revisions + 1):
                now = series.revision(number, a.id)
                was = known.setdefault((a.id, number), now)
                assert replace(now, witnesses=was.witnesses) == was
                assert now.witnesses[: len(was.witnesses)] == was.witnesses
                known[a.id, number] = now

    assert len(known) == sum(a.revisions for a in series.state.articles.values())


@given(_RUNS)
def test_shown_is_the_text_of_the_newest_capture(runs: _Runs) -> None:
    """By time of capture, whenever it came into the home; of two of one moment, the one that came later."""
    series = Series()
    newest: dict[str, tuple[datetime, str, str]] = {}
    spoken: tuple[str, Statement] | None = None
    texts = {f"sha256:{sha256(repr((url(n), one)).encode()).hexdigest()}": one for n in (1, 2) for one in _SAYS}
    for capture, before in play(series, runs):
        spoken = None if before else (capture.url, texts.get(capture.payload_digest, GONE))
        if spoken and isinstance(spoken[1], Said) and capture.fetched >= newest.get(spoken[0], (capture.fetched,))[0]:
            newest[spoken[0]] = (capture.fetched, spoken[1].reading.text, capture.record_id)
    by_url = {a.url: a for a in series.state.articles.values()}

    assert {where: by_url[where].heard for where in newest} == {where: one[0] for where, one in newest.items()}
    for where, (_, text, _) in newest.items():
        assert series.revision(by_url[where].shown, by_url[where].id).reading.text == text


@given(_STEPS)
def test_an_import_in_the_order_of_time_gives_what_a_crawl_would_have_given(
    steps: list[tuple[int, tuple[str, Statement]]],
) -> None:
    """Whoever kept the pages, the story of the series is the same."""
    told: dict[str, Any] = {}
    for origin in ("live", "import"):
        series = Series()
        series.begin(NOW, origin)  # type: ignore[arg-type]
        series.take(*listing(1, 2), days(100))
        at = days(99)
        for hours, (where, statement) in steps:
            at += timedelta(hours=hours)
            series.take(where, statement, at)
        series.end(NOW)
        told[origin] = (
            {
                a.key: (
                    a.shown,
                    [
                        (r.number, r.fetched, r.reading)
                        for r in (series.revision(n + 1, a.id) for n in range(a.revisions))
                    ],
                )
                for a in series.state.articles.values()
            },
            series.told("found", "captured", "revised"),
        )

    assert told["import"] == told["live"]


@pytest.mark.parametrize("origin", ["live", "import"])
def test_the_origin_of_a_run_is_kept_with_it(origin: Origin) -> None:
    """A run that was killed is folded on as what it was."""
    with kept() as rows:
        series = Series(readings=rows)
        series.begin(NOW, origin)
        rows.save(series.fold.state, Batch(), rules="r")
        run = rows.load().run

    assert run is not None
    assert run.origin == origin
