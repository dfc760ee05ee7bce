"""What the contract's JSON says of a home."""

from __future__ import annotations

import fcntl
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.errors import NotFoundError, UsageError
from archive.home import Home
from archive.ledger import schema
from archive.views import articles, diff, history, overdue, resolve, show, status

NOW = datetime(2018, 9, 10, 12, tzinfo=UTC)


@pytest.fixture
def place(either: Home) -> Home:
    """All of this holds for both databases."""
    return either


def never(_schedule: str, _timezone: str | None, _after: datetime) -> datetime | None:
    """No schedule is due."""
    raise AssertionError("a series without a schedule was asked when it is due")


def told(filled: Any, name: str | None = None, next_fire: Any = never) -> list[dict[str, Any]]:
    """Give the status of the home's series."""
    with filled.ledger.read() as connection:
        result = status(connection, filled.home, now=NOW, next_fire=next_fire, wanted=name)
    return list(result["series"])


def found(filled: Any, name: str) -> str:
    """Resolve a name in the home."""
    with filled.ledger.read() as connection:
        return resolve(connection, name)


# ------------------------------------------------------------------------------------------------------------- status


def test_status_of_an_empty_home_is_an_empty_list(filled: Any) -> None:
    """A home without series is a valid one."""
    assert told(filled) == []


def test_status_has_the_contracts_keys_in_its_order(filled: Any) -> None:
    """Scripts and people read it in that order; a field not known is null, never left out."""
    filled.add_series(expected=18, subjects=["济源"], missing=["济源"], complete=False)

    assert told(filled) == [
        {
            "id": "qushui", "title": "渠水流过十八城", "expected": 18, "found": 0, "captured": 0, "revised": 0,
            "withdrawn": 0, "failed": 0, "missing": ["济源"], "complete": False, "overdue": None, "paused": False,
            "running": False, "last_run": None, "last_ok": None, "next_run": None, "blocked_until": None,
            "pending_uploads": None, "bytes": 0, "progress": None, "waiting": False, "trouble": None,
            "profile_gone": False,
        }
    ]  # fmt: skip
    assert list(told(filled)[0])[-7:] == [
        "blocked_until", "pending_uploads", "bytes", "progress", "waiting", "trouble", "profile_gone",
    ]  # fmt: skip


def test_status_tells_why_the_last_run_went_wrong_and_since_when(filled: Any) -> None:
    """By the ledger, without a service: the first bad run after the last good one; one that a signal ended says nothing."""
    failed = {"failed": [{"url": "http://qu.example/", "reason": "http-5xx", "detail": "HTTP 500"}]}
    stories = {
        "partial": ["partial", "done", "partial", "partial"], "well": ["partial", "done"], "dead": ["unreachable"],
        "killed": ["done", None], "stopped": ["done", "stopped"], "never": [],
    }  # fmt: skip
    for name, outcomes in stories.items():
        filled.add_series(name)
        for day, outcome in enumerate(outcomes, 1):
            row = {
                "id": f"{name}-{day}",
                "series": name,
                "started": f"2018-09-0{day}T05:00:00.120Z",
                "outcome": outcome,
            }
            filled.put(schema.RUNS, row | {"report": failed if outcome == "partial" else None})

    assert {row["id"]: row["trouble"] for row in told(filled) if row["trouble"]} == {
        "partial": {
            "reason": "partial",
            "detail": "http-5xx: http://qu.example/: HTTP 500",
            "since": "2018-09-03T05:00:00Z",
        },
        "dead": {"reason": "unreachable", "detail": "", "since": "2018-09-01T05:00:00Z"},
        "killed": {"reason": "killed", "detail": "", "since": "2018-09-02T05:00:00Z"},
    }


def test_status_tells_that_the_file_of_a_kept_profile_is_gone(filled: Any) -> None:
    """Removed by hand, the series is run on as it is remembered: a person should know."""
    filled.add_series("gone", kept=True)
    filled.add_series("there", kept=True)
    filled.add_series("removed", kept=False)
    filled.home.profiles.mkdir()
    filled.home.profile("there").write_text("")

    assert {row["id"]: row["profile_gone"] for row in told(filled)} == {"gone": True, "there": False, "removed": False}


def test_status_counts_articles_by_what_happened_to_them(filled: Any, reading: Any) -> None:
    """A withdrawn article was captured all the same, and an edited one counts in revised."""
    filled.add_series()
    filled.add_series("other")
    filled.add_article("aaaaaa-1", reading(), reading(title="改"))
    filled.add_article("bbbbbb-2", reading(), state="withdrawn")
    filled.add_article("cccccc-3")
    filled.add_article("dddddd-4", state="failed")
    filled.add_article("eeeeee-5", reading(), series="other")

    row = told(filled, "qushui")[0]

    counts = {name: row[name] for name in ("found", "captured", "revised", "withdrawn", "failed")}
    assert counts == {"found": 4, "captured": 2, "revised": 1, "withdrawn": 1, "failed": 1}


def test_status_tells_runs_files_and_uploads(filled: Any) -> None:
    """The last run is the last begun; the last good one may be older. Without a store nothing waits to be uploaded."""
    filled.add_series(profile={"store": {"url": "s3://bucket"}}, blocked_until="2018-09-11T00:00:00.000Z")
    filled.put(
        schema.RUNS,
        {"id": "r1", "series": "qushui", "started": "2018-09-01T05:00:00.120Z", "outcome": "done"},
        {"id": "r2", "series": "qushui", "started": "2018-09-02T05:00:00.120Z", "outcome": "failed"},
    )
    file = {"series": "qushui", "sha256": "0", "records": 9}
    filled.put(
        schema.FILES,
        file | {"name": "a", "serial": 1, "bytes": 1000},
        file | {"name": "b", "serial": 2, "bytes": 24},
    )

    row = told(filled)[0]

    assert (row["last_run"], row["last_ok"]) == ("2018-09-02T05:00:00Z", "2018-09-01T05:00:00Z")
    assert (row["bytes"], row["pending_uploads"]) == (1024, 2)
    assert row["blocked_until"] == "2018-09-11T00:00:00Z"


def test_a_series_runs_while_its_lock_is_held(filled: Any) -> None:
    """A lock file that a killed crawl left behind says nothing; only a held lock does."""
    filled.add_series()
    lock = filled.home.lock("qushui")
    lock.parent.mkdir()
    lock.write_text('{"pid": 1}')
    with lock.open("rb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        during = told(filled)[0]["running"]

    assert during
    assert not told(filled)[0]["running"]


@pytest.mark.parametrize(
    ("marks", "due"), [({"kept": True}, "2018-09-10T13:00:00Z"), ({}, None), ({"kept": True, "paused": True}, None)]
)
def test_only_a_kept_series_that_is_not_paused_has_a_next_run(
    filled: Any, marks: dict[str, bool], due: str | None
) -> None:
    """A profile that was only crawled by hand is never run by itself."""
    filled.add_series(schedule="0 * * * *", timezone="Asia/Shanghai", **marks)

    def in_an_hour(schedule: str, timezone: str | None, after: datetime) -> datetime:
        assert (schedule, timezone) == ("0 * * * *", "Asia/Shanghai")
        return after + timedelta(hours=1)

    assert told(filled, next_fire=in_an_hour)[0]["next_run"] == due


@pytest.mark.parametrize(
    ("complete", "published", "cadence_s", "late"),
    [
        (True, ["2018-01-01"], 1, False),
        (False, [], 1, None),
        (None, ["2018-09-09T12:00:00Z"], 86_400, False),
        (None, ["2018-09-09T11:59:59Z"], 86_400, True),
        (False, ["2018-09-09"], 43_200, False),
        (False, ["2018-09-09"], 43_199, True),
        (False, ["2018-08-01", "2018-08-02", "2018-08-03"], None, None),
        (False, ["2018-08-01", "2018-08-02", "2018-08-03", "2018-08-04"], None, True),
        (False, ["2018-09-04", "2018-09-05", "2018-09-06", "2018-09-07"], None, False),
        (False, ["2018-09-01", "2018-09-01T01:00:00Z", "2018-09-01T02:00:00Z", "2018-09-01T03:00:00Z"], None, None),
    ],
)
def test_a_series_is_overdue_as_the_contract_says(
    complete: bool | None, published: list[str], cadence_s: int | None, late: bool | None
) -> None:
    """Later than the cadence, or than 3 median gaps, of which there must be 3; a complete series never is."""
    assert overdue(complete, published, cadence_s, NOW) is late


@given(st.lists(st.dates().map(str), min_size=4, unique=True).map(sorted), st.timedeltas(timedelta(), timedelta(3650)))
def test_once_overdue_stays_overdue(published: list[str], later: timedelta) -> None:
    """Time alone never makes a late instalment punctual."""
    then = datetime(2018, 9, 10, tzinfo=UTC)

    assert overdue(False, published, None, then) <= overdue(False, published, None, then + later)  # type: ignore[operator]


# ------------------------------------------------------------------------------------------------- articles and show


def test_articles_stand_in_the_series_order(filled: Any, reading: Any) -> None:
    """The order is the newspaper's; what has no place stands last."""
    filled.add_series()
    filled.add_article("aaaaaa-1", reading(), position=None)
    filled.add_article("bbbbbb-2", reading(), position=10)
    filled.add_article("cccccc-3", reading(), position=9)
    with filled.ledger.read() as connection:
        rows = articles(connection, "qushui")

    assert [row["id"] for row in rows] == ["cccccc-3", "bbbbbb-2", "aaaaaa-1"]
    assert list(rows[0]) == [
        "id", "position", "subject", "title", "url", "published", "authors", "state", "origin", "revisions", "captured",
        "last_checked", "variants", "text_sha256",
    ]  # fmt: skip
    assert rows[0]["authors"] == [{"name": "沈渡", "role": "济源市渠务所所长"}]
    assert rows[0]["captured"] == "2018-09-01T05:00:00Z"


def test_show_tells_every_field_and_where_it_came_from(filled: Any, reading: Any) -> None:
    """Who doubts the text finds the very record it was read from."""
    filled.add_series()
    filled.add_article("aaaaaa-1", reading(), subject="济源")
    with filled.ledger.read() as connection:
        shown = show(connection, "qushui/济源")

    assert list(shown)[14:] == [
        "series", "source", "editor", "editors_note", "highlights", "body", "text", "images", "published_precision",
        "repairs", "provenance", "witnesses", "parts",
    ]  # fmt: skip
    assert shown["repairs"] == [{"was": "後(hòu)来", "now": "后来", "why": "converted"}]
    assert shown["provenance"] == {
        "warc": "warc/qushui/qushui-20180901050000-00001.warc.gz", "record_id": "urn:uuid:aaaaaa-1-1", "offset": 100,
        "length": 99, "target_uri": "http://qushui.example/api/aaaaaa-1", "fetched": "2018-09-01T05:00:00Z",
        "digest": f"sha256:{1:064x}", "cleaner": "lianzai-clean/1",
    }  # fmt: skip
    assert shown["witnesses"] == [
        {
            "origin": "live",
            "uri": "http://qushui.example/aaaaaa-1.html",
            "captured": "2018-09-01T05:00:00Z",
            "digest": f"sha256:{1:064x}",
        }
    ]


def test_an_article_never_captured_has_every_key(filled: Any) -> None:
    """A field not known is null or an empty list, never left out."""
    filled.add_series()
    filled.add_article("aaaaaa-1", title="名字", published="2018-08-30", published_precision="day")
    with filled.ledger.read() as connection:
        shown = show(connection, "aaaaaa-1")

    assert (shown["title"], shown["text"], shown["body"], shown["witnesses"]) == ("名字", None, [], [])
    assert (shown["published"], shown["published_precision"]) == ("2018-08-30", "day")
    assert set(shown["provenance"].values()) == {None}


def test_the_authors_that_a_list_names_are_those_of_the_article_as_it_is_shown(filled: Any, reading: Any) -> None:
    """An earlier revision was not signed, whoever signs it now."""
    filled.add_series()
    listed = [{"name": "沈渡", "role": None}]
    filled.add_article("aaaaaa-1", reading(authors=()), reading(authors=()), authors=listed)
    with filled.ledger.read() as connection:
        shown = [show(connection, "aaaaaa-1", number)["authors"] for number in (None, 2, 1)]

    assert [listed, listed, []] == shown


def test_an_earlier_revision_is_shown_as_it_was(filled: Any, reading: Any) -> None:
    """Title, byline and date are the revision's own, not today's."""
    filled.add_series()
    filled.add_article("aaaaaa-1", reading(title="旧", authors=(), published="2018-08-29"), reading(title="新"))
    with filled.ledger.read() as connection:
        shown = show(connection, "aaaaaa-1", 1)

    assert (shown["title"], shown["authors"], shown["published"]) == ("旧", [], "2018-08-29")
    assert shown["provenance"]["record_id"] == "urn:uuid:aaaaaa-1-1"


def test_a_revision_that_is_not_there_is_refused(filled: Any, reading: Any) -> None:
    """The error says which there are."""
    filled.add_series()
    filled.add_article("aaaaaa-1", reading())

    with filled.ledger.read() as connection, pytest.raises(NotFoundError, match="it has 1 to 1"):
        show(connection, "aaaaaa-1", 2)


# ------------------------------------------------------------------------------------------------- diff and history


def test_diff_compares_the_last_two_revisions(filled: Any, reading: Any) -> None:
    """The question is mostly what was changed just now."""
    filled.add_series()
    filled.add_article("aaaaaa-1", reading(title="一"), reading(title="二"), reading(title="三"))
    with filled.ledger.read() as connection:
        last, all_of_it = diff(connection, "aaaaaa"), diff(connection, "aaaaaa", 1, 3)

    assert (last["article"], last["a"], last["b"]) == ("aaaaaa-1", 2, 3)
    assert last["fields"] == [
        {"field": "title", "was": "二", "now": "三", "ops": [["-", "二"], ["+", "三"]], "moved": []}
    ]
    assert (all_of_it["a"], all_of_it["fields"][0]["was"]) == (1, "一")


def test_diff_of_a_single_revision_is_refused(filled: Any, reading: Any) -> None:
    """An empty answer would read as "nothing changed"."""
    filled.add_series()
    filled.add_article("aaaaaa-1", reading())

    with filled.ledger.read() as connection, pytest.raises(UsageError, match="one revision only"):
        diff(connection, "aaaaaa-1")


def test_history_is_told_in_order_with_its_evidence(filled: Any) -> None:
    """`from` and `to` are revisions for an edit, places for a move, else null. A rebuild puts old events behind newer ones."""
    filled.add_series()
    filled.add_event("revised", "2018-09-03T05:00:00.120Z", article="aaaaaa-1", fields=["title"], start=1, end=2)
    filled.add_event("found", "2018-09-01T05:00:00.120Z", article="aaaaaa-1", evidence=["urn:uuid:1"])
    with filled.ledger.read() as connection:
        everything = history(connection, "qushui")
        later = history(connection, "qushui", datetime(2018, 9, 2, tzinfo=UTC))

    assert everything[0] == {
        "at": "2018-09-01T05:00:00Z", "kind": "found", "article": "aaaaaa-1", "fields": [], "from": None, "to": None,
        "evidence": ["urn:uuid:1"],
    }  # fmt: skip
    assert [(one["kind"], one["fields"], one["from"], one["to"]) for one in later] == [("revised", ["title"], 1, 2)]


# ------------------------------------------------------------------------------------------------------------- names


def test_an_article_is_found_by_each_of_its_names(filled: Any, reading: Any) -> None:
    """Id, beginning of it, address of it or of a variant or of its API, subject, place: whatever is at hand."""
    filled.add_series()
    filled.add_article(
        "aaaaaa-1", reading(), subject="济源", position=17, url="https://q.example/1", variants=["https://q.example/9"]
    )
    filled.add_article("abbbbb-2", reading(), subject="郑州", position=1)
    filled.put(
        schema.ADDRESSES,
        {"series": "qushui", "url": "http://q.example/api/1", "role": "detail", "article": "aaaaaa-1"},
    )

    names = (
        "aaaaaa-1", "aa", "https://q.example/1", "http://q.example/1#top", "https://q.example/9",
        "http://q.example/api/1", "qushui/济源", "qushui/17",
    )  # fmt: skip
    assert [found(filled, name) for name in names] == ["aaaaaa-1"] * len(names)


def test_a_whole_id_is_meant_before_a_longer_one_that_begins_with_it(filled: Any) -> None:
    """Else the shorter article could never be named."""
    filled.add_series()
    filled.add_article("aaaaaa-1")
    filled.add_article("aaaaaa-11")

    assert found(filled, "aaaaaa-1") == "aaaaaa-1"


def test_a_beginning_is_no_pattern(filled: Any) -> None:
    """Percent, underscore and capitals in a name mean themselves, in any database."""
    filled.add_series()
    filled.add_article("aaaaaa-1")

    for name in ("%", "aaaaa_", "AAAAAA", "", "' OR 1=1 --"):
        with pytest.raises(NotFoundError):
            found(filled, name)


def test_a_name_of_several_articles_lists_them(filled: Any) -> None:
    """The person chooses; lianzai does not guess."""
    filled.add_series()
    filled.add_article("aaaaaa-1", subject="济源")
    filled.add_article("aabbbb-2", subject="济源")

    for name in ("aa", "qushui/济源"):
        with pytest.raises(NotFoundError, match="aaaaaa-1, aabbbb-2"):
            found(filled, name)


@pytest.mark.parametrize(
    ("name", "offer"),
    [
        ("qushui/济原", "nearest: qushui/济源"),
        ("qushu/济源", "no series 'qushu'; nearest: qushui"),
        ("aaaaab-1", "nearest: aaaaaa-1"),
        ("qushui", "is a series, not an article; try: lianzai articles qushui"),
        ("http://nowhere.example/", "no article"),
    ],
)
def test_an_unknown_article_offers_the_nearest(filled: Any, name: str, offer: str) -> None:
    """A typing error costs one look, not a search."""
    filled.add_series()
    filled.add_article("aaaaaa-1", subject="济源")

    with pytest.raises(NotFoundError) as refused:
        found(filled, name)

    assert offer in str(refused.value)


def test_an_unknown_series_offers_the_nearest(filled: Any) -> None:
    """Each view of a series says so in the same way."""
    filled.add_series()

    with filled.ledger.read() as connection:
        for view in (articles, history):
            with pytest.raises(NotFoundError, match="nearest: qushui"):
                view(connection, "qushiu")
        with pytest.raises(NotFoundError, match="nearest: qushui"):
            status(connection, filled.home, now=NOW, next_fire=never, wanted="qushiu")
