"""Schedules: what is refused, and when the next run is, above all where the clocks are set."""

from __future__ import annotations

import json
import subprocess
import sys
import tomllib
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

import crawler.profile
from crawler.profile import check_schedule, next_fire

CASE = Path(__file__).parents[3] / "shared" / "cases" / "019-dst-gap-and-fold"

# Clocks set by an hour, by half an hour, and at midnight; one zone that never sets them.
ZONES = ("America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "America/Santiago", "Asia/Shanghai", "UTC")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


@pytest.mark.parametrize(
    "line",
    [
        "*/30 7-23 * * *", "0 0 * * 0", "0 0 * * 7", "0 0 29 2 *", "0 0 30 2 1", "5,10-20/5 1 1,15 jan-mar MON-FRI",
        "0\t9  *  * *", "0 0 13 * 5", "59 23 31 12 *",
    ],
)  # fmt: skip
def test_a_line_of_cron_5_is_taken(line: str) -> None:
    """What crontab takes must not need rewriting for us."""
    check_schedule(line)
    now = at("2026-11-25T00:00:00Z")

    assert next_fire(line, "UTC", now) > now


@pytest.mark.parametrize(
    "line",
    [
        "", "* * * *", "* * * * * *", "@daily", "60 * * * *", "* 24 * * *", "* * 0 * *", "* * 32 * *", "* * * 13 *",
        "* * * * 8",
        "0 0 30 2 *", "0 0 31 2,4,6,9,11 *", "*/0 * * * *", "5/10 * * * *", "0 22-2 * * *", "0 0 L * *", "0 0 * * 5L",
        "0 0 * * 1#2",
        "0 0 LW * *", "a * * * *", "١ * * * *", "0 0 * foo *", "-1 * * * *", "1,,2 * * * *", "* * * * *\n* * * * * x",
        "9" * 5000,
    ],
)  # fmt: skip
def test_a_line_that_is_not_cron_5_or_never_fires_is_refused(line: str) -> None:
    """A schedule that is silently never run loses instalments."""
    with pytest.raises(ValueError, match=r"."):
        check_schedule(line)


def test_the_wrong_field_is_named() -> None:
    """Five fields look alike; the reader should not have to guess."""
    with pytest.raises(ValueError, match="bad hour"):
        check_schedule("0 25 * * *")


def test_day_of_month_or_day_of_week_suffices() -> None:
    """cron(5) joins the two by OR where both are given."""
    after = at("2026-11-25T00:00:00+00:00")

    assert next_fire("0 0 1 * 5", "UTC", after) == at("2026-11-27T00:00:00+00:00")
    assert next_fire("0 0 28 * 1", "UTC", after) == at("2026-11-28T00:00:00+00:00")


@pytest.mark.parametrize("sunday", ["0", "7", "sun", "SUN"])
def test_sunday_has_two_numbers_and_a_name(sunday: str) -> None:
    """0 and 7 are both in use."""

    assert next_fire(f"0 0 * * {sunday}", "UTC", at("2026-11-25T00:00:00Z")) == at("2026-11-29T00:00:00Z")


def test_the_result_is_utc_and_strictly_later() -> None:
    """A run that ends within its own minute must not start again."""
    fires = next_fire("0 9 * * *", "Asia/Shanghai", at("2026-11-25T09:00:00+08:00"))

    assert fires == at("2026-11-26T01:00:00+00:00")
    assert fires.tzinfo is UTC


def test_a_naive_time_is_refused() -> None:
    """Without a zone nobody knows which instant is meant."""
    with pytest.raises(ValueError, match="aware"):
        next_fire("0 9 * * *", "UTC", datetime(2026, 11, 25))  # noqa: DTZ001


@pytest.mark.parametrize(
    ("line", "zone", "after", "expected"),
    [
        # New York: 02:00-03:00 skipped on 2027-03-14, 01:00-02:00 repeated on 2026-11-01.
        ("30 2 * * *", "America/New_York", "2027-03-13T12:00:00Z", "2027-03-14T07:00:00Z"),
        ("30 2 * * *", "America/New_York", "2027-03-14T07:00:00Z", "2027-03-15T06:30:00Z"),
        ("0,30 2 * * *", "America/New_York", "2027-03-14T07:00:00Z", "2027-03-15T06:00:00Z"),
        ("30 1 * * *", "America/New_York", "2026-11-01T05:31:00Z", "2026-11-02T06:30:00Z"),
        # Asked from within the second pass: cronsim alone answers 05:30Z, which is in the past.
        ("30 1 * * *", "America/New_York", "2026-11-01T06:10:00Z", "2026-11-02T06:30:00Z"),
        ("0 */2 * * *", "Europe/Berlin", "2026-10-25T00:00:00Z", "2026-10-25T03:00:00Z"),
        # Every hour or more often: the wall clock, both passes.
        ("0 * * * *", "America/New_York", "2026-11-01T05:00:00Z", "2026-11-01T06:00:00Z"),
        ("*/30 1 * * *", "America/New_York", "2026-11-01T05:30:00Z", "2026-11-02T06:00:00Z"),
        ("*/30 * * * *", "America/New_York", "2027-03-14T06:30:00Z", "2027-03-14T07:00:00Z"),
        # Lord Howe skips 02:00-02:30 on 2026-10-04: cronsim alone goes from 02:30 to 03:30.
        ("*/15 3 * * *", "Australia/Lord_Howe", "2026-10-03T15:00:00Z", "2026-10-03T16:00:00Z"),
        ("15 2 * * *", "Australia/Lord_Howe", "2026-10-03T15:00:00Z", "2026-10-03T15:30:00Z"),
        # Santiago skips 00:00-01:00 on 2026-09-06.
        ("0 0 * * *", "America/Santiago", "2026-09-05T12:00:00Z", "2026-09-06T04:00:00Z"),
        # Samoa skipped the whole of 2011-12-30.
        ("0 9 30 12 *", "Pacific/Apia", "2011-12-01T00:00:00Z", "2011-12-30T10:00:00Z"),
    ],
)  # fmt: skip
def test_a_job_at_a_set_hour_runs_once_where_the_clocks_are_set(
    line: str, zone: str, after: str, expected: str
) -> None:
    """One run in a fold, one at or after a gap (cron(8) of Debian, on daylight saving)."""

    assert next_fire(line, zone, at(after)) == at(expected)


@pytest.mark.skipif(not CASE.exists(), reason="the shared cases are not here")
def test_the_public_case_of_gap_and_fold_holds() -> None:
    """The case comes from a public report; others are measured by it too."""
    rows = json.loads((CASE / "case.json").read_text("utf-8"))["expect"]["rows"]
    wrong = []
    for row in rows:
        series = tomllib.loads((CASE / row["profile"]).read_text("utf-8"))["series"]
        fires = next_fire(series["schedule"], series["timezone"], at(row["now"]))
        right = row["next_run"]["any_of"] if isinstance(row["next_run"], dict) else [row["next_run"]]
        if fires not in [at(one) for one in right]:
            wrong.append((row, fires))

    assert wrong == []


minutes = st.lists(st.integers(0, 59), min_size=1, max_size=3, unique=True).map(lambda some: ",".join(map(str, some)))
hours = st.lists(st.integers(0, 23), min_size=1, max_size=3, unique=True).map(lambda some: ",".join(map(str, some)))
steps = st.sampled_from(["*", "*/7", "*/15", "*/30"])
frequent_lines = st.builds("{} * * * *".format, st.one_of(steps, minutes))
set_lines = st.builds("{} {} * * *".format, st.one_of(steps, minutes), hours)
# Half a year in which every zone sets its clocks, and another.
instants = st.integers(0, 2 * 365 * 24 * 60).map(lambda m: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=m))
near_a_change = st.one_of(
    instants,
    st.builds(
        lambda change, m: at(change) + timedelta(minutes=m),
        st.sampled_from(["2027-03-14T07:00Z", "2026-11-01T06:00Z", "2026-03-29T01:00Z", "2026-10-25T01:00Z",
                         "2026-10-03T15:30Z", "2026-04-04T15:00Z", "2026-09-06T04:00Z", "2026-04-05T03:00Z"]),
        st.integers(-240, 240),
    ),
)  # fmt: skip


def numbers(field: str, top: int) -> set[int]:
    if field.startswith("*"):
        return set(range(0, top, int(field.partition("/")[2] or 1)))
    return {int(number) for number in field.split(",")}


@given(frequent_lines, st.sampled_from(ZONES), near_a_change)
def test_a_frequent_job_fires_at_the_next_minute_whose_wall_clock_fits(line: str, zone: str, after: datetime) -> None:
    """Checked against a clock that is watched minute by minute."""
    minute, hour, *_ = line.split()
    fit_minutes, fit_hours = numbers(minute, 60), numbers(hour, 24)
    instant = after.replace(second=0) + timedelta(minutes=1)
    local = instant.astimezone(ZoneInfo(zone))
    while local.minute not in fit_minutes or local.hour not in fit_hours:
        instant += timedelta(minutes=1)
        local = instant.astimezone(ZoneInfo(zone))

    assert next_fire(line, zone, after) == instant


@given(set_lines, st.sampled_from(ZONES), near_a_change)
def test_a_job_at_set_hours_fires_once_for_each_day_and_time(line: str, zone: str, after: datetime) -> None:
    """Watched minute by minute: a repeated time counts once, a skipped one at the first minute after it."""
    minute, hour, *_ = line.split()
    wanted = {h * 60 + m for h in numbers(hour, 24) for m in numbers(minute, 60)}
    instant = after - timedelta(hours=3)
    before = instant.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    expected = None
    highest = before
    while expected is None:
        instant += timedelta(minutes=1)
        now = instant.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
        # Every wall-clock minute that is reached for the first time, those that were skipped among them.
        while highest < now:
            highest += timedelta(minutes=1)
            if highest.hour * 60 + highest.minute in wanted and instant > after:
                expected = instant

    assert next_fire(line, zone, after) == expected


@given(st.one_of(set_lines, frequent_lines), st.sampled_from(ZONES), near_a_change)
def test_the_next_run_is_always_later(line: str, zone: str, after: datetime) -> None:
    """Else a service would start the same run again and again."""

    assert next_fire(line, zone, after) > after


def test_a_firing_is_known_without_the_models_of_a_profile() -> None:
    """`status` asks for it, and the models alone would take most of its half second."""
    asked = (
        "import sys; from datetime import UTC, datetime; from crawler.profile import next_fire;"
        "print(next_fire('5 4 * * *', 'UTC', datetime(2026, 1, 1, tzinfo=UTC)).isoformat(), 'pydantic' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)

    assert done.stdout == "2026-01-01T04:05:00+00:00 False\n"


def test_every_name_that_the_room_of_profiles_promises_is_there() -> None:
    """A name is imported when it is first asked for, so that one that lacks would be seen late."""
    assert all(getattr(crawler.profile, name) is not None for name in crawler.profile.__all__)
    with pytest.raises(AttributeError, match="nothing"):
        _ = crawler.profile.nothing
