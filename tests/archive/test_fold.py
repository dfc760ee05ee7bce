"""The fold, statement by statement: what each makes of a series, in memory."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from memory import Memory

from archive.fold import Fold, FoldRules, SeriesState
from archive.fold.bounds import NAMED
from archive.fold.merge import merge
from archive.fold.state import article_id
from archive.fold.subjects import score
from archive.home import Home
from archive.model import (
    Author,
    Capture,
    Entry,
    Event,
    Gone,
    Image,
    Listing,
    Reading,
    Redirected,
    Said,
    Statement,
    Trouble,
    Unchanged,
)

LIST = "http://paper.example/list"
T0 = datetime(2018, 8, 30, 2, 0, tzinfo=UTC)


@pytest.fixture
def place(either: Home) -> Home:
    """All of this holds for both databases."""
    return either


class Series:
    """A series under test: each call is a record, at its own time."""

    def __init__(self, **rules: object) -> None:
        self.rules = FoldRules(series="shui", **rules)  # type: ignore[arg-type]
        self.fold = Fold(self.rules, SeriesState(), Memory())
        self.now = T0
        self.records = 0
        self.events: list[Event] = []

    def _next(self) -> tuple[datetime, str]:
        self.now += timedelta(seconds=1)
        self.records += 1
        return self.now, f"<urn:uuid:{self.records}>"

    def run(self, *said: tuple[str, Statement], entries: tuple[Entry, ...] = ()) -> None:
        """One run: begin, captures, end."""
        at, record = self._next()
        self.events += self.fold.begin(f"run-{self.records}", at, record, () if entries else (LIST,), entries)
        for url, statement in said:
            self.take(url, statement)
        at, record = self._next()
        self.events += self.fold.end(at, record)

    def take(self, url: str, statement: Statement, status: int = 200) -> None:
        at, record = self._next()
        digest = f"sha256:{hash((url, statement)) & 0xFFFFFFFF:064x}"
        if isinstance(statement, Unchanged):
            status = 304
        capture = Capture(record, "response", url, at, "w", 0, 1, status, "text/html", digest, 1)
        self.events += self.fold.take(capture, statement)

    def kinds(self) -> list[str]:
        """What has been told so far, and forget it."""
        told = [e.kind for e in self.events]
        self.events = []
        return told

    def one(self):
        """The only article."""
        (article,) = self.fold.state.articles.values()
        return article


def entry(number: int, **more: object) -> Entry:
    url = f"http://paper.example/a/{number}.html"
    values = {"key": f"content_{number}", "name": f"content_{number}", "url": url, "title": f"第{number}篇"}
    return Entry(**{**values, **more})  # type: ignore[arg-type]


def reading(words: str = "渠水从这里分开。", **more: object) -> Reading:
    values = {"title": "分水", "body": (words,), "text": words, "published": "2018-08-30", "published_precision": "day"}
    return Reading(**{**values, **more})  # type: ignore[arg-type]


def page(number: int) -> str:
    return f"http://paper.example/a/{number}.html"


def listing(*numbers: int, more: tuple[str, ...] = ()) -> tuple[str, Statement]:
    return LIST, Listing(tuple(entry(n) for n in numbers), more)


def test_a_day_that_is_counted_anew_at_each_capture_stays_the_first() -> None:
    """A page that says 3小时前 for years was published once; a printed date counts when there is one."""
    series = Series()
    dated = [
        {"published": "2018-08-30", "published_counted": True},
        {"published": "2018-09-05", "published_counted": True},
        {"published": "2018-08-29"},
    ]
    for said in dated:
        series.run(listing(1), (page(1), Said(reading(**said))))
    series.run(listing(1), (page(1), Said(reading("渠水从那里分开。", **dated[1]))))

    assert ["captured", "revised"] == [kind for kind in series.kinds() if kind in ("captured", "revised")]
    assert "2018-08-29" == series.one().published


def test_whom_the_list_names_counts_where_the_article_names_nobody() -> None:
    """Feeds tell the author beside the link, and many a page nowhere; whatever it says later is no edit of the article."""
    told, other = (Author("沈渡"),), (Author("闻澜"),)
    series = Series()
    series.run((LIST, Listing((entry(1, authors=told),))), (page(1), Said(reading())))
    heard = [series.one().authors]
    series.run((LIST, Listing((entry(1, authors=other),))), (page(1), Said(reading())))
    heard.append(series.one().authors)
    series.run(listing(1), (page(1), Said(reading(authors=told))))
    heard.append(series.one().authors)
    series.run((LIST, Listing((entry(1, authors=other[:1] + told),))))
    heard.append(series.one().authors)

    assert [told, other, told, told] == heard
    assert [("authors",)] == [event.fields for event in series.events if event.kind == "revised"]


def test_a_listed_article_is_found_then_captured() -> None:
    """Found and captured are two facts with two records."""
    series = Series()
    series.run(listing(1), (page(1), Said(reading())))

    assert series.kinds() == ["found", "captured"]
    assert (series.one().state, series.one().revisions, series.one().position) == ("captured", 1, 1)


@pytest.mark.parametrize(
    ("changed", "fields"),
    [
        ({"body": ("渠水从那里分开。",), "text": "渠水从那里分开。"}, ("body",)),
        ({"title": "合水"}, ("title",)),
        ({"authors": (Author("沈渡", "闸工"),)}, ("authors",)),
        ({"images": (Image("http://paper.example/2.jpg"),)}, ("images",)),
        ({"published": "2018-09-01"}, ("published",)),
        ({"highlights": ("一条渠。",)}, ("highlights",)),
    ],
)
def test_what_a_reader_sees_changed_is_a_revision(changed: dict, fields: tuple[str, ...]) -> None:
    """Text, title, byline, date, images: an editor changed one of them."""
    series = Series()
    series.run(listing(1), (page(1), Said(reading())))
    series.run(listing(1), (page(1), Said(reading(**changed))))
    (event,) = (e for e in series.events if e.kind == "revised")

    assert (event.fields, event.start, event.end, len(event.evidence)) == (fields, 1, 2, 2)


@pytest.mark.parametrize(
    "changed", [{"source": "别处"}, {"editor": "王五"}, {"text": "渠水从这里 分开。"}, {"language": "zh"}]
)
def test_what_no_reader_sees_is_no_revision(changed: dict) -> None:
    """Counters, furniture and what the cleaner adds are no edits."""
    series = Series()
    series.run(listing(1), (page(1), Said(reading())))
    series.run(listing(1), (page(1), Said(reading(**changed))))

    assert "revised" not in series.kinds()
    assert series.one().revisions == 1


def both(number: int = 1) -> tuple[str, Statement]:
    return LIST, Listing((entry(number, detail="http://api.example/1"),))


@pytest.mark.parametrize("order", [("detail", "page"), ("page", "detail")])
def test_the_order_of_detail_and_page_makes_no_edit(order: tuple[str, str]) -> None:
    """Both are fetched at once and arrive as they like."""
    where = {"detail": "http://api.example/1", "page": page(1)}
    series = Series()
    series.run(both(), *((where[name], Said(reading(editor=name))) for name in order))
    series.run(both(), *((where[name], Said(reading("渠水改道了。", editor=name))) for name in order))

    assert [k for k in series.kinds() if k == "revised"] == ["revised"]
    assert series.one().revisions == 2


def test_gone_is_told_at_once_and_withdrawn_after_checks_and_hours() -> None:
    """One bad day withdraws nothing."""
    series = Series(withdraw_checks=2, withdraw_hours=1)
    series.run(listing(1), (page(1), Said(reading())))
    series.kinds()
    gone = Gone("http-4xx", "HTTP 404")
    series.run(listing(1), (page(1), gone), (page(1), gone))

    assert series.kinds() == ["gone"]
    assert (series.one().state, series.one().gone_checks) == ("captured", 1)

    series.run(listing(1), (page(1), gone))

    assert series.kinds() == []  # often enough, not long enough

    series.now += timedelta(hours=1)
    series.run(listing(1), (page(1), gone))

    assert series.kinds() == ["withdrawn"]
    assert series.one().state == "withdrawn"

    series.run(listing(1), (page(1), Unchanged()))

    assert series.kinds() == ["restored"]
    assert series.one().state == "captured"


def test_an_article_that_one_of_its_voices_still_tells_is_not_gone() -> None:
    """The API refuses, the page stands: readers still have it."""
    series = Series(withdraw_checks=1, withdraw_hours=0)
    series.run(both(), ("http://api.example/1", Said(reading())), (page(1), Said(reading())))
    series.run(both(), ("http://api.example/1", Gone("soft-404", "no")))

    assert series.one().state == "captured"

    series.run(both(), (page(1), Gone("http-4xx", "HTTP 404")))

    assert series.one().state == "withdrawn"


def test_a_refusal_by_one_voice_is_reported_and_withdraws_nothing() -> None:
    """Whatever the site answers that does not fit is reported."""
    series = Series(withdraw_checks=1, withdraw_hours=0)
    series.run(both(), ("http://api.example/1", Said(reading())), (page(1), Said(reading())))
    series.run(both(), ("http://api.example/1", Gone("soft-404", "no")), (page(1), Unchanged()))
    run = series.fold.state.run

    assert run is not None
    assert list(run.failures) == ["http://api.example/1"]
    assert (series.one().state, run.outcomes[series.one().id]) == ("captured", "unchanged")


@pytest.mark.parametrize("order", [("detail", "page"), ("page", "detail")])
def test_a_page_without_text_is_no_failure_where_the_api_tells_the_article(order: tuple[str, str]) -> None:
    """The page of a gallery is filled by a script; its pictures and words stand in the API's answer."""
    said = {
        "detail": ("http://api.example/1", Said(reading(images=(Image("http://paper.example/1.jpg"),)))),
        "page": (page(1), Trouble("not-an-article", "no text and no picture found")),
    }
    series = Series()
    series.run(both(), *(said[name] for name in order))

    assert series.kinds() == ["found", "captured"]
    assert series.fold.state.run is not None
    assert series.fold.state.run.failures == {}
    assert series.one().failing is None


def test_a_first_capture_counts_as_captured_although_its_page_failed() -> None:
    """An article counts once a run, and the report names the address that failed."""
    series = Series()
    series.run(both(), ("http://api.example/1", Said(reading())), (page(1), Trouble("http-5xx", "HTTP 500")))
    run = series.fold.state.run

    assert series.kinds() == ["found", "captured"]
    assert run is not None
    assert (run.count("captured"), run.count("failed"), list(run.failures)) == (1, 0, [page(1)])


def test_what_was_never_captured_and_is_gone_has_failed() -> None:
    """There is nothing to be withdrawn."""
    series = Series()
    series.run(listing(1), (page(1), Gone("http-4xx", "HTTP 404")))

    assert series.kinds() == ["found", "failed"]
    assert series.one().state == "failed"


def test_a_failure_that_a_later_try_mends_is_none() -> None:
    """Failures are settled when the run ends."""
    series = Series()
    series.run(listing(1), (page(1), Trouble("http-5xx", "HTTP 500")), (page(1), Said(reading())))

    assert series.kinds() == ["found", "captured"]
    assert series.fold.state.run is not None
    assert series.fold.state.run.failures == {}


def test_trouble_never_touches_the_good_text() -> None:
    """A block page is no revision."""
    series = Series()
    series.run(listing(1), (page(1), Said(reading())))
    series.run(listing(1), (page(1), Trouble("blocked", "captcha")))

    assert series.kinds() == ["found", "captured", "failed"]
    assert (series.one().state, series.one().revisions, series.one().failing) == ("captured", 1, "blocked")


@pytest.mark.parametrize("answer", [Trouble("source", "no JSON"), Gone("http-4xx", "HTTP 404"), Listing(())])
def test_an_empty_or_failed_list_unlists_nothing(answer: Statement) -> None:
    """Absence is proved by a whole walk alone, and an empty list is no walk."""
    series = Series()
    series.run(listing(1, 2), (page(1), Said(reading())), (page(2), Said(reading())))
    series.kinds()
    series.run((LIST, answer))

    assert series.kinds() == []


def test_a_list_with_a_page_unread_unlists_nothing() -> None:
    """A walk that a limit cut short proves no absence."""
    series = Series()
    series.run(listing(1, 2))
    series.kinds()
    series.run(listing(1, more=("http://paper.example/list?page=2",)))

    assert series.kinds() == []


def test_absence_and_return_are_told() -> None:
    """A list is evidence too."""
    series = Series()
    series.run(listing(1, 2))
    series.run(listing(1))
    series.run(listing(1, 2))

    assert series.kinds() == ["found", "found", "unlisted", "listed"]


def test_a_redirect_to_the_front_page_is_gone() -> None:
    """Sites that drop an article often send its readers to the front page."""
    series = Series(withdraw_checks=1, withdraw_hours=0)
    series.run(listing(1), (page(1), Said(reading())))
    series.run(listing(1), (page(1), Redirected("http://paper.example/")))

    assert series.one().state == "withdrawn"


def test_a_redirect_elsewhere_is_followed_as_the_same_article() -> None:
    """A moved article keeps its id; its new address is a variant."""
    series = Series()
    moved = "http://paper.example/b/1.html"
    series.run(listing(1), (page(1), Redirected(moved)), (moved, Said(reading())))

    assert (series.one().state, series.one().variants) == ("captured", [moved])


def test_one_article_under_two_keys_and_two_addresses_is_one() -> None:
    """Promoted copies and sections name the same instalment."""
    series = Series()
    copy = entry(1, aliases=("content_412-39186-1",), url="http://paper.example/promoted/1.html")
    series.run((LIST, Listing((copy, entry(1), entry(3, key="content_412-39186-1")))))

    assert series.one().url == copy.url
    assert series.one().variants == [page(1), page(3)]


def test_a_session_id_at_each_visit_is_told_of_a_few_times_only() -> None:
    """An article would be found under one more address at each visit, for years."""
    series = Series(canonicalise=lambda url: url.partition(";")[0])
    for visit in range(9):
        series.run((LIST, Listing((entry(1, url=f"{page(1)};session={visit}"),))))

    assert series.one().variants == [f"{page(1)};session={visit}" for visit in (1, 2)]


def test_without_subjects_instalments_stand_by_date_whatever_the_list_does() -> None:
    """Most lists are newest first."""
    series = Series()
    newest_first = tuple(entry(n, published=f"2018-09-{n:02d}") for n in (3, 2, 1))
    series.run((LIST, Listing(newest_first)))

    assert [a.key for a in series.fold.state.in_order()] == ["content_1", "content_2", "content_3"]


def test_with_subjects_a_missing_one_keeps_its_place() -> None:
    """17 of 18, and 济源 is the 18th."""
    series = Series(subjects=("郑州", "开封", "洛阳"))
    series.run((LIST, Listing((entry(3, title="洛阳的渠"), entry(1, title="郑州的渠")))))

    assert [(a.subject, a.position) for a in series.fold.state.in_order()] == [("郑州", 1), ("洛阳", 3)]
    assert series.fold.state.missing == ("郑州", "开封", "洛阳")  # found is not kept

    series.run((LIST, Listing((entry(3, title="洛阳的渠"),))), (page(3), Said(reading(title="洛阳的渠"))))

    assert series.fold.state.missing == ("郑州", "开封")
    assert series.fold.state.complete is False


def test_a_list_of_all_subjects_is_about_none() -> None:
    """An introduction names every city."""
    assert score(("郑州", "开封"), "开栏的话", reading("郑州和开封都在渠边。")) == {}
    assert score(("郑州", "开封"), "开栏的话", reading("开封，开封，还有郑州。")) == {"开封": 2}


def test_settling_twice_changes_nothing() -> None:
    """A run that was killed is settled when the next begins, and once more when that ends."""
    series = Series(subjects=("郑州",))
    series.run(listing(2, 1), (page(1), Said(reading())), (page(2), Trouble("timeout", "60 s")))
    before = [replace(a) for a in series.fold.state.articles.values()]
    series.kinds()
    at, record = series._next()
    series.events += series.fold.end(at, record)

    assert series.kinds() == []
    assert before == list(series.fold.state.articles.values())


@given(st.permutations(range(8)))
def test_moved_names_the_fewest_articles_that_explain_the_new_order(order: list[int]) -> None:
    """Those only pushed on by another did not move."""
    series = Series(given_order=True)
    series.run(entries=tuple(entry(n) for n in range(8)))
    series.kinds()
    series.run(entries=tuple(entry(n) for n in order))
    moved = {e.article for e in series.events if e.kind == "moved"}
    rest = [series.fold.state.articles[series.fold.state.keys[f"content_{n}"]] for n in order]
    stayed = [int(a.key.removeprefix("content_")) for a in rest if a.id not in moved]

    assert stayed == sorted(stayed)
    assert all(a.position == place for place, a in enumerate(rest, 1))


@given(st.text(), st.text(), st.text(max_size=200))
def test_an_id_is_safe_as_a_file_name_and_the_same_each_time(series: str, key: str, name: str) -> None:
    """Ids name files, and people cite them."""
    made = article_id(series, key, name)

    assert made == article_id(series, key, name)
    assert made[:6].isalnum()
    assert "/" not in made
    assert len(made) <= 67
    assert made.isascii()


def test_two_articles_never_share_an_id() -> None:
    """Six hex digits collide in a large series; the later one gets more of its hash."""
    first = article_id("s", "k", "n")

    assert article_id("s", "k", "n", {first}) != first


def test_the_detail_speaks_unless_it_is_a_teaser() -> None:
    """The API gives clean fields, but sometimes only the first lines."""
    whole = reading("一" * 100)

    assert merge({"detail": reading("一" * 90), "page": whole})[0] == "detail"
    assert merge({"detail": reading("一" * 20), "page": whole})[0] == "page"
    assert merge({"detail": reading("", body=()), "page": whole})[0] == "page"


def test_the_pages_of_one_article_are_joined_in_their_order() -> None:
    """Page ten comes behind page two."""
    parts = {f"page:{n}": reading(f"第{n}页") for n in (10, 2)} | {"page": reading("第1页")}

    assert merge(parts)[1].body == ("第1页", "第2页", "第10页")


# ------------------------------------------------------------------------------- what answers name in any number


def test_a_series_takes_no_more_articles_than_it_may_and_a_cut_list_proves_nothing() -> None:
    """A site may name new articles for ever. The known ones go on; that a list names no others is then not known."""
    series = Series(max_articles=2)
    series.run(listing(1, 2, 3), (page(1), Said(reading())))
    left = dict(series.fold.state.run.left)
    series.run(listing(2, 3), (page(2), Said(reading())))
    known, kinds = [a.key for a in series.fold.state.in_order()], series.kinds()
    series.run(listing(2))

    assert (known, left) == (["content_1", "content_2"], {LIST: None})
    assert kinds == ["found", "found", "captured", "captured"]
    assert series.kinds() == ["unlisted"]
    assert series.fold.state.run.left == {}


def test_what_a_profile_names_is_taken_however_much_it_is() -> None:
    """It is a person's word, and no longer than a profile may be."""
    series = Series(max_articles=2, given_order=True)
    series.run(entries=tuple(entry(number) for number in range(5)))

    assert (len(series.fold.state.articles), series.fold.state.run.left) == (5, {})


def test_long_addresses_and_titles_take_more_room_or_none() -> None:
    """Else few articles would take the memory of many."""
    series = Series(max_articles=20)
    long = [entry(n, url=f"{page(n)}?{'x' * 8000}", title="渠" * 100_000, updated="x" * 100_000) for n in range(20)]
    series.run((LIST, Listing(tuple(long))))
    told = [(a.title, a.list_title, a.updated) for a in series.fold.state.articles.values()]

    assert len(told) == 5
    assert max(len(text or "") for texts in told for text in texts) == 1000


def test_a_series_knows_no_more_requisites_than_it_may() -> None:
    """Each page may name ten thousand pictures of its own; the page tells that there are more."""
    series = Series(max_articles=3)
    some = [tuple(f"http://paper.example/{name}{n}.jpg" for n in range(10)) for name in "ab"]
    series.run(
        listing(1, 2, 3), (page(1), Said(reading(), requisites=some[0])), (page(2), Said(reading(), requisites=some[1])),
        (page(3), Said(reading(), requisites=some[0])),
    )  # fmt: skip
    known = [url for url, address in series.fold.state.addresses.items() if address.role == "requisite"]

    assert known == [*some[0], *some[1][:5]]
    assert series.fold.state.run.left == {page(2): None}


def test_a_walk_keeps_no_more_lists_than_a_run_asks_for_and_one() -> None:
    """An index of indexes of fifty thousand sitemaps each would be two thousand million addresses."""
    series = Series(max_lists=3)
    more = tuple(f"http://paper.example/list?page={number}" for number in range(2, 9))
    series.run(listing(1, 2))
    series.run(listing(1, more=more), *((url, Listing(())) for url in more[:3]))
    lists = [url for url, address in series.fold.state.addresses.items() if address.role == "list"]

    assert lists == [LIST, *more[:3]]
    assert series.fold.state.run.left == {LIST: None}
    assert series.kinds() == ["found", "found"]  # all that were taken were read, and yet nothing is proven absent


def test_what_lists_say_again_and_again_is_kept_so_far() -> None:
    """The same fifty thousand on each page of a list: each article keeps its place all the same."""
    series = Series(max_articles=2)
    more = tuple(f"http://paper.example/list?page={number}" for number in range(2, 9))
    series.run(listing(2, 1, more=more), *((url, Listing((entry(1), entry(2)))) for url in more))
    walk = series.fold.state.run.walk

    assert sum(map(len, walk.entries.values())) == 8
    assert (walk.complete(), set(walk.entries)) == (True, {LIST, *more})
    assert len(walk.articles()) == 2


def test_unreadable_entries_are_named_one_by_one_then_by_their_list() -> None:
    """A report with a million lines tells less than one with a thousand, and the number of the others."""
    series = Series()
    bad = tuple(entry(n, url="", skip="source", skip_detail=f"item {n} has no link") for n in range(NAMED + 3))
    second = "http://paper.example/list?page=2"
    series.run((LIST, Listing((*bad, entry(NAMED + 9)), more=(second,))), (second, Listing(bad[:2])))
    failures = [*series.fold.state.run.failures.values()]

    assert [f.detail for f in failures[:2]] == ["item 0 has no link", "item 1 has no link"]
    assert [(f.url, f.detail) for f in failures[NAMED:]] == [
        (LIST, f"3 more entries of this list; the first: item {NAMED} has no link"),
        (second, "2 more entries of this list; the first: item 0 has no link"),
    ]
