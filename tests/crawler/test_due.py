"""When a series is due: whatever the clocks do, each firing is served once."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from crawler.profile import is_frequent, next_fire
from crawler.service.clock import TOLERANCE_S, Clock
from crawler.service.due import SET_BACK, SPREAD_EACH, SPREAD_MOST, Schedule, catch_up, next_due, next_instant, patience

LINES = (
    "* * * * *",
    "*/30 7-23 * * *",
    "17 * * * *",
    "30 2 * * *",
    "5 4 * * 0",
    "0 0 1 * *",
    "45 1 13 * 5",
    "*/7 * * * *",
)
ZONES = ("UTC", "Asia/Shanghai", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe")
schedules = st.builds(Schedule, st.sampled_from(LINES), st.sampled_from(ZONES))
moments = st.datetimes(datetime(2025, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001
spans = st.timedeltas(timedelta(0), timedelta(days=40))


def firings(schedule: Schedule, start: datetime, end: datetime, most: int = 400) -> list[datetime]:
    """Give the firings after start and not after end."""
    found: list[datetime] = []
    at = next_fire(schedule.line, schedule.zone, start)
    while at <= end and len(found) < most:
        found.append(at)
        at = next_fire(schedule.line, schedule.zone, at)
    return found


@given(schedules, moments, spans)
def test_a_run_is_owed_where_a_firing_was_missed_and_only_there(
    schedule: Schedule, since: datetime, down: timedelta
) -> None:
    """A process that was down finds out by the ledger alone; one missed firing or a thousand, one run."""
    now = since + down
    due = next_due(schedule, now, since=since)

    assert due.owed == bool(firings(schedule, since, now, most=1))
    assert due.at == next_fire(schedule.line, schedule.zone, now)


@given(schedules, moments)
def test_nothing_is_owed_where_nothing_is_known(schedule: Schedule, now: datetime) -> None:
    """A series that was never run, and nobody knows since when it is kept, begins with its next firing."""
    due = next_due(schedule, now, since=None)

    assert (due.at, due.owed) == (next_fire(schedule.line, schedule.zone, now), False)


@given(schedules, moments, st.timedeltas(timedelta(0), timedelta(hours=12)))
def test_a_clock_set_back_repeats_nothing_within_the_bound(
    schedule: Schedule, about: datetime, back: timedelta
) -> None:
    """The firing that was served comes again on the clock, and is passed over; beyond the bound the new time counts."""
    fired = next_fire(schedule.line, schedule.zone, about)
    now = fired - back
    at = next_instant(schedule, now, fired)

    if back <= patience(schedule, fired):
        assert at == next_fire(schedule.line, schedule.zone, fired)
    else:
        assert at == next_fire(schedule.line, schedule.zone, now)


@given(schedules, moments, st.timedeltas(timedelta(0), timedelta(hours=12)))
def test_a_clock_set_back_keeps_no_series_silent_for_longer_than_the_bound(
    schedule: Schedule, about: datetime, back: timedelta
) -> None:
    """What is passed over is at most three hours of it, and one gap of a job that runs in every hour."""
    fired = next_fire(schedule.line, schedule.zone, about)
    now = fired - back
    silent = next_instant(schedule, now, fired) - next_instant(schedule, now)
    gap = next_fire(schedule.line, schedule.zone, fired) - fired

    assert timedelta(0) <= silent <= (2 * gap if is_frequent(schedule.line) else SET_BACK + gap)


@given(schedules, moments, st.lists(st.timedeltas(timedelta(seconds=1), timedelta(days=2)), max_size=8))
def test_forward_jumps_and_restarts_lose_no_firing_and_serve_none_twice(
    schedule: Schedule, start: datetime, steps: list[timedelta]
) -> None:
    """Walk through time in leaps: each leap with firings in it gives one run, each without gives none."""
    now, served, runs = start, start, 0
    expected = 0
    for step in steps:
        expected += bool(firings(schedule, max(served, now), now + step, most=1))
        now += step
        due = next_due(schedule, now, since=served)
        if due.owed:
            runs, served = runs + 1, now

    assert runs == expected


@given(st.dictionaries(st.from_regex(r"[a-z0-9]{1,12}", fullmatch=True), spans, max_size=300), moments)
def test_catching_up_is_spread_and_never_later_than_the_regular_run(owed: dict[str, timedelta], now: datetime) -> None:
    """No storm, and no second run: where the regular firing comes first, it is the catch-up."""
    regular = {series: now + wait for series, wait in owed.items()}
    planned = catch_up(regular, now)
    spread = min(SPREAD_EACH * len(owed), SPREAD_MOST)

    assert planned.keys() == owed.keys()
    assert all(now <= at <= min(regular[series], now + spread) for series, at in planned.items())
    assert catch_up(regular, now) == planned


def test_ten_thousand_that_catch_up_are_even_over_the_spread() -> None:
    """Each tenth of the spread has about a tenth of them."""
    now = datetime(2026, 11, 25, tzinfo=UTC)
    planned = catch_up({f"series-{n}": now + timedelta(days=1) for n in range(10_000)}, now)
    tenths = [int((at - now) / SPREAD_MOST * 10) for at in planned.values()]

    assert all(900 <= tenths.count(one) <= 1100 for one in range(10))


def test_ten_thousand_that_were_down_three_days_run_once_each_and_not_at_once() -> None:
    """Three firings were missed of each; one run serves them, no minute has a storm, and the next firing is a regular one."""
    now = datetime(2026, 11, 25, 12, 0, 30, tzinfo=UTC)
    schedules = {f"series-{n}": Schedule(f"{n % 60} {n // 60 % 24} * * *", "UTC") for n in range(10_000)}
    dues = {one: next_due(schedule, now, since=now - timedelta(days=3)) for one, schedule in schedules.items()}
    planned = catch_up({one: due.at for one, due in dues.items() if due.owed}, now)
    minutes = Counter((at - now) // timedelta(minutes=1) for at in planned.values())
    following = {one: next_instant(schedules[one], at, at) for one, at in planned.items()}

    assert planned.keys() == schedules.keys()
    assert max(minutes) <= SPREAD_MOST / timedelta(minutes=1)
    assert max(minutes.values()) < 1.2 * 10_000 / (SPREAD_MOST / timedelta(minutes=1))
    assert all(following[one] == next_fire(schedules[one].line, "UTC", at) for one, at in planned.items())
    assert all(following[one] - dues[one].at in (timedelta(0), timedelta(days=1)) for one in planned)


@given(st.lists(st.tuples(st.floats(0.5, 1.5), st.floats(-1e6, 1e6)), min_size=1, max_size=20))
def test_a_clock_that_was_set_is_seen_and_one_that_runs_is_not(steps: list[tuple[float, float]]) -> None:
    """Looked at each second: what the wall clock did beyond the steady one is what it was set by."""
    wall, steady = 1_800_000_000.0, 5_000.0
    clock = Clock(lambda: wall, lambda: steady)
    for passed, set_by in steps:
        wall, steady = wall + passed + set_by, steady + passed
        seen = clock.jumped()

        assert (
            (seen == 0.0)
            if abs(set_by) < TOLERANCE_S - 0.01
            else abs(seen - set_by) < 0.01 or abs(set_by) < TOLERANCE_S + 0.01
        )
        wall, steady = wall + passed, steady + passed
        assert clock.jumped() == 0.0
