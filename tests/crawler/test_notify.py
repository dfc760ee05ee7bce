"""What is told, when, and how it reads: pure, with given times."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import click
import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.diff import compare
from archive.ledger.notices import RUN, Key
from crawler.notify.addresses import addresses
from crawler.notify.choosing import AGAIN, Runs, is_past, mark_after, runs_to_tell, to_forget, untold
from crawler.notify.gathering import happened
from crawler.notify.matters import HAPPENINGS, KINDS, STANDING, About, Change, Matter, first_change
from crawler.notify.message import BODY_BYTES, TITLE, compose, compose_test
from crawler.notify.telling import series_of
from crawler.notify.words import CHINESE, ENGLISH, language_of, words_of
from crawler.profile import parse_profile
from scheduler import CLI

NOW = datetime(2026, 11, 25, 5, tzinfo=UTC)
ABOUT = About("qushui", "渠水流过十八城", "zh", "/var/lib/lianzai", "/var/lib/lianzai/profiles/qushui.toml")

texts = st.text(max_size=200)
changes = st.none() | st.builds(
    Change, st.sampled_from(["title", "body", "editors_note"]), texts, texts, st.integers(0, 99)
)
matters = st.builds(
    Matter,
    st.sampled_from(KINDS),
    texts,
    texts,
    texts,
    st.none() | st.just("2026-11-25T05:00:00.120Z"),
    st.none() | st.just("3f9c1a-content_126-38294-1"),
    st.none() | st.integers(0, 2000),
    st.none() | st.just((1, 2)),
    changes,
)
abouts = st.builds(
    About,
    st.from_regex(r"[a-z][a-z0-9-]{0,63}", fullmatch=True),
    texts,
    st.sampled_from(["zh", "en"]),
    st.text(max_size=3000),
    texts,
    st.none() | st.just("https://pages.example"),
)
run_ids = st.datetimes(datetime(2025, 1, 1), datetime(2027, 1, 1)).map(lambda at: f"{at:%Y%m%d%H%M%S}-0a1b2c3d")  # noqa: DTZ001
moments = st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


# ------------------------------------------------------------------------------------------------------- one message


@given(abouts, st.lists(matters, min_size=1, max_size=60))
def test_a_message_fits_everywhere(about: About, some: list[Matter]) -> None:
    """Whatever happened: one line as title, a bounded body of printable lines. WeCom refuses more than 2,048 bytes of both."""
    message = compose(about, some)

    assert 0 < len(message.title) <= TITLE
    assert message.title.isprintable()
    assert len(message.body.encode()) <= BODY_BYTES
    assert all(line.isprintable() for line in message.body.split("\n"))
    assert len(f"{message.title}\r\n{message.body}".encode()) <= 2048


@given(st.lists(matters, min_size=1, max_size=60))
def test_each_kind_is_counted_once_and_in_order(some: list[Matter]) -> None:
    """One message a run: a section a kind, whose heading counts all of its matters."""
    message = compose(ABOUT, some)
    counts = [
        CHINESE.counts[kind].format(n=sum(1 for one in some if one.kind == kind))
        for kind in KINDS
        if any(one.kind == kind for one in some)
    ]
    headings = [line for line in message.body.split("\n") if line in counts]

    assert message.title == f"{ABOUT.title}：{'，'.join(counts)}"[:TITLE] or message.title.endswith("…")
    assert headings == counts


def test_how_a_message_reads_in_chinese() -> None:
    """What happened, where to look, what to do."""
    message = compose(
        ABOUT,
        [
            Matter("found", "a-17", "济源：水从这里分", article="a-17", position=17, at="2026-11-25T05:00:00.120Z"),
            Matter(
                "revised", "a-5", "安阳", article="a-5", position=5, at="2026-11-25T05:00:01.120Z", revisions=(1, 2),
                change=Change("body", "四百", "三百四十", 2),
            ),
            *(Matter("failed", f"http://p.example/{n}", f"http://p.example/{n}", "timeout, no answer") for n in range(7)),
        ],
    )  # fmt: skip

    assert message.title == "渠水流过十八城：新增 1 篇，修改 1 篇，失败 7 项"
    assert message.grade == "failure"
    assert message.body == (
        "新增 1 篇\n· 第17篇 济源：水从这里分\n→ 阅读：lianzai articles qushui\n\n"
        "修改 1 篇\n· 第5篇 安阳：四百 → 三百四十（正文，另 2 处）\n→ 比较：lianzai diff a-5\n\n"
        "失败 7 项\n· http://p.example/0：timeout, no answer\n· http://p.example/1：timeout, no answer\n"
        "· http://p.example/2：timeout, no answer\n· http://p.example/3：timeout, no answer\n"
        "· http://p.example/4：timeout, no answer\n· 另有 2 项\n→ 再试：lianzai crawl qushui\n\n"
        "全部：lianzai --home /var/lib/lianzai history qushui --since 2026-11-25T05:00:00Z"
    )


def test_how_a_message_reads_in_english_with_pages() -> None:
    """Addresses stand alone on their lines, so that chats and mail make links of them."""
    about = About("canal", "The canal", "en", "/srv/my home", "", "https://pages.example")
    message = compose(
        about,
        [
            Matter("withdrawn", "a-3", "Sluice", article="a-3", position=3),
            Matter(
                "revised", "a-5", "Anyang", article="a-5", revisions=(1, 3), change=Change("title", "", " at night")
            ),
            Matter("overdue", "", detail="2026-10-01"),
        ],
    )

    assert message.title == "The canal: 1 revised, 1 withdrawn, overdue"
    assert message.body == (
        "1 revised\n· Anyang: added “at night” (title)\n  https://pages.example/article/a-5/diff/1/3\n"
        "→ Compare: lianzai diff a-5\n\n"
        "1 withdrawn\n· No. 3 Sluice\n  https://pages.example/article/a-3\n"
        "→ What was captured is kept: lianzai show a-3\n\n"
        "overdue\n· 2026-10-01\n→ See whether the site moved its list: lianzai crawl canal\n\n"
        "All of it: lianzai --home '/srv/my home' status canal\nPages: https://pages.example/series/canal"
    )


def test_each_command_of_a_message_can_be_typed() -> None:
    """What helps must not begin with a usage error."""
    some = [Matter(kind, "x", "x", article="3f9c1a-1", revisions=(1, 2)) for kind in KINDS]
    some[0] = Matter("found", "x", "x", at="2026-11-25T05:00:00.120Z", article="3f9c1a-1")
    lines = [
        line.partition("lianzai ")[2]
        for one in ([*some], some[4:], [some[3]])
        for line in compose(ABOUT, one).body.split("\n")
        if "lianzai " in line
    ]
    for line in lines:
        words = line.split()
        context = click.Context(CLI, info_name="lianzai")
        if words[0] == "--home":
            words = words[2:]
        command = CLI.get_command(context, words[0])
        while isinstance(command, click.Group):
            words = words[1:]
            command = command.get_command(context, words[0])
        assert command is not None, line
        command.make_context(words[0], words[1:], resilient_parsing=True)

    assert len(lines) == 9 + 5 + 2


@pytest.mark.parametrize(
    ("tag", "environ", "language"),
    [
        ("zh", {}, "zh"),
        ("zh-Hant", {"LANG": "en_GB.UTF-8"}, "zh"),
        ("en", {"LANG": "zh_CN.UTF-8"}, "en"),
        (None, {"LANG": "zh_CN.UTF-8"}, "zh"),
        (None, {"LANG": "zh_CN.UTF-8", "LC_ALL": "C"}, "en"),
        (None, {"LANG": "C", "LC_MESSAGES": "zh_TW.UTF-8", "LC_ALL": ""}, "zh"),
        (None, {}, "en"),
    ],
)
def test_the_language_is_the_series_own_else_the_locales(
    tag: str | None, environ: Mapping[str, str], language: str
) -> None:
    assert language_of(tag, environ) == language


def test_both_languages_have_words_for_everything() -> None:
    """A kind without words would fail in the moment of telling."""
    assert [set(words.counts) for words in (CHINESE, ENGLISH)] == [set(KINDS)] * 2
    assert [set(words.do) for words in (CHINESE, ENGLISH)] == [set(KINDS)] * 2
    assert words_of("fr") is ENGLISH
    assert compose_test(ABOUT).title == "lianzai：测试消息"


# ------------------------------------------------------------------------------------------------------ short difference


@pytest.mark.parametrize(
    ("was", "now", "told", "more"),
    [
        ("灌溉四百亩地", "灌溉三百四十亩地", ("四百", "三百四十"), 0),
        ("灌溉400亩地", "灌溉340亩地", ("400", "340"), 0),
        ("The gate opened", "The gates opened", ("gate", "gates"), 0),
        ("水大的年份", "水很大的年份", ("", "很"), 0),
        ("水很大的年份，一夜要起三回闸。", "水大的年份，一夜要起四回闸。", ("很", ""), 1),
    ],
)
def test_the_first_difference_is_what_a_person_would_name(was: str, now: str, told: tuple[str, str], more: int) -> None:
    change = first_change([("body", compare(was, now))])

    assert change == Change("body", *told, more)


@given(texts, texts)
def test_both_sides_of_a_difference_stand_in_their_texts(was: str, now: str) -> None:
    """Nothing is told that was never printed."""
    change = first_change([("body", compare(was, now))])

    assert (change is None) == (was == now)
    if change is not None:
        assert change.was in was
        assert change.now in now
        assert change.was != change.now


# ---------------------------------------------------------------------------------------------------------- repetition


@given(st.lists(matters.filter(lambda one: one.kind in STANDING), max_size=5), st.lists(moments, max_size=40))
def test_what_stands_is_told_at_once_and_then_once_a_day(some: list[Matter], looks: list[datetime]) -> None:
    """However often it is looked at, and whether or not it was away in between."""
    memory: dict[Key, datetime] = {}
    told: dict[Key, list[datetime]] = {}
    for at in sorted(looks):
        due = untold(some, memory, at)
        for key in to_forget(some, memory, at):
            del memory[key]
        for one in due:
            memory[(one.kind, one.subject)] = at
            told.setdefault((one.kind, one.subject), []).append(at)

    assert all(
        later - earlier >= AGAIN for times in told.values() for earlier, later in pairwise(times) if later != earlier
    )
    if looks:
        assert set(told) == {(one.kind, one.subject) for one in some}
        assert all(min(looks) == times[0] for times in told.values())


@given(st.lists(st.booleans(), max_size=30))
def test_completeness_is_told_once_each_time_it_comes(days: list[bool]) -> None:
    """Looked at each second day: told on the first day of each streak of complete days."""
    memory: dict[Key, datetime] = {}
    told = []
    for number, is_complete in enumerate(days):
        at = NOW + timedelta(days=2 * number)
        some = [Matter("complete", "")] if is_complete else []
        due = untold(some, memory, at)
        for key in to_forget(some, memory, at):
            del memory[key]
        memory |= {(one.kind, one.subject): at for one in due}
        told.append(bool(due))

    assert told == [is_on and (n == 0 or not days[n - 1]) for n, is_on in enumerate(days)]


def test_a_failure_that_comes_and_goes_within_a_day_is_told_once() -> None:
    """A site that answers every second time would else be a message an hour."""
    failing = [Matter("failed", "http://p.example/1")]
    memory = {("failed", "http://p.example/1"): NOW}

    assert to_forget([], memory, NOW + timedelta(hours=1)) == []
    assert untold(failing, memory, NOW + timedelta(hours=2)) == []
    assert untold(failing, memory, NOW + AGAIN) == failing


@given(moments, moments)
def test_a_clock_that_was_wrong_silences_nothing_for_more_than_a_day(told: datetime, now: datetime) -> None:
    """A time far ahead was told by a clock that was wrong, and counts as long ago."""
    assert is_past(told, now) == (abs(told - now) >= AGAIN)


@given(st.lists(st.tuples(run_ids, st.booleans()), min_size=1, max_size=12, unique_by=lambda one: one[0]))
def test_each_run_is_told_once_whatever_fails_and_however_the_clock_is_set(runs: list[tuple[str, bool]]) -> None:
    """Runs in any order of their ids, each with whether the address takes the message: each that can be is told, none twice."""
    memory: dict[Key, str | None] = {}
    told: list[str] = []
    for number, (run, is_taken) in enumerate(runs):
        chosen = runs_to_tell(memory, run)
        seen = [one for one, _ in runs[: number + 1]]
        between = chosen.between
        covered = {one for one in seen if one in chosen.ids or (between and between[0] < one <= between[1])}
        if not is_taken:
            memory[(RUN, run)] = None
            continue
        told += sorted(covered)
        mark = mark_after(memory, run)
        assert mark is not None
        memory = {(RUN, mark): "2026-11-25T05:00:00.000Z"}
    last_taken = max((number for number, (_, is_taken) in enumerate(runs) if is_taken), default=-1)

    assert {run for run, _ in runs[: last_taken + 1]} == set(told)
    assert len(told) == len(set(told))


def test_a_killed_run_is_told_with_the_next_one() -> None:
    """It could not say that it had ended."""
    chosen = runs_to_tell({(RUN, "20261125050000-aa"): "2026-11-25T05:00:09.000Z"}, "20261125060000-bb")

    assert chosen.between == ("20261125050000-aa", "20261125060000-bb")


def test_between_runs_only_what_waits_is_told() -> None:
    """By the clock: the run that goes on now has not ended, one that was killed before the waiting one has."""
    memory = {(RUN, "20261125050000-aa"): "2026-11-25T05:00:09.000Z", (RUN, "20261125070000-cc"): None}

    assert runs_to_tell(memory, None) == Runs(("20261125070000-cc",), ("20261125050000-aa", "20261125070000-cc"))
    assert runs_to_tell({(RUN, "20261125050000-aa"): "2026-11-25T05:00:09.000Z"}, None) == Runs((), None)


def test_kinds_are_what_happens_or_what_stands() -> None:
    """Else one would be told for ever, or never."""
    assert HAPPENINGS | STANDING | {"complete"} == set(KINDS)
    assert HAPPENINGS.isdisjoint(STANDING)


# ---------------------------------------------------------------------------------------------------------- addresses


def test_addresses_are_named_without_their_keys() -> None:
    """The names go into ledger, log and output."""
    profile = parse_profile(
        '[series]\nid = "q"\ntitle = "t"\n[source]\nkind = "url-list"\nurls = ["http://p.example/1"]\n[notify]\n'
        'urls = ["slack://geheim/a", "env:TELL", "slack://geheim/b", "json://u:geheim@h.example/", "env:TELL"]',
        name="q.toml",
        environ={"TELL": "discord://geheim/c"},
    )

    assert addresses(profile) == {
        "slack://***": "slack://geheim/a",
        "env:TELL": "discord://geheim/c",
        "slack://*** 2": "slack://geheim/b",
        "json://***": "json://u:geheim@h.example/",
        "env:TELL 2": "discord://geheim/c",
    }


@pytest.mark.parametrize(
    ("path", "series"),
    [
        ("warc/q/q-20261125050000-00001.warc.gz", "q"),
        ("warc/q/imported/a.warc", "q"),
        ("text/q", "q"),
        ("wacz/q.wacz", "q"),
        ("profiles/q.toml", "q"),
        ("ledger.sqlite3", None),
    ],
)
def test_a_file_belongs_to_its_series(path: str, series: str | None) -> None:
    assert series_of(path) == series


def test_what_happened_is_told_in_the_order_of_the_series(filled: Any, reading: Callable[..., Any]) -> None:
    """A site answers in its own order; what has no place in the series comes last."""
    filled.add_series()
    for name, position in (("cccccc-3", 3), ("xxxxxx-0", None), ("aaaaaa-1", 1), ("bbbbbb-2", 2)):
        filled.add_article(name, reading(), position=position)
        filled.add_event("found", "2018-09-01T05:00:00.120Z", article=name, run="r")
    with filled.ledger.read() as connection:
        told = happened(connection, "qushui", Runs(("r",), None), {"found"})

    assert [one.article for one in told] == ["aaaaaa-1", "bbbbbb-2", "cccccc-3", "xxxxxx-0"]
