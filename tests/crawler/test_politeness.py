"""crawler.politeness keeps the pace of a host, and reads how long it wants to be left alone."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.http import RETRY_AFTER_CAP_S, retry_after
from crawler.budget import HostBudget
from crawler.politeness import HostGate, backoff, name_of, worth_retrying

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("120", 120.0),
        (" 0 ", 0.0),
        ("9" * 400, RETRY_AFTER_CAP_S),
        ("Wed, 25 Nov 2026 12:02:00 GMT", 120.0),
        ("Wednesday, 25-Nov-26 12:02:00 GMT", 120.0),
        ("Wed Nov 25 12:02:00 2026", 120.0),
        ("Wed, 25 Nov 2026 11:00:00 GMT", 0.0),
        ("Fri, 25 Nov 2156 12:00:00 GMT", RETRY_AFTER_CAP_S),
        ("-5", None),
        ("1.5", None),
        ("１２", None),
        ("soon", None),
        ("", None),
        (None, None),
    ],
)
def test_retry_after_is_read_in_both_forms(header: str | None, expected: float | None) -> None:
    """Seconds or any of the three forms of an HTTP date (RFC 9110, 10.2.3 and 5.6.7)."""
    assert retry_after(header, NOW) == expected


@given(st.integers(0, 20 * 24 * 3600))
def test_a_date_and_its_seconds_ask_for_the_same_wait(seconds: int) -> None:
    """The two forms are one wish."""
    date = format_datetime(NOW + timedelta(seconds=seconds), usegmt=True)

    assert retry_after(date, NOW) == retry_after(str(seconds), NOW) == seconds


@given(st.text())
def test_any_retry_after_gives_bounded_seconds_or_nothing(header: str) -> None:
    """The header is another's; it must neither raise nor stop a run for a year."""
    told = retry_after(header, NOW)

    assert told is None or 0 <= told <= RETRY_AFTER_CAP_S


@given(st.integers(0, 10_000), st.floats(0, 1))
def test_backoff_doubles_within_its_cap(attempt: int, chance: float) -> None:
    """Waits grow, spread by chance, and never leave half to all of the doubled base."""
    whole = min(60.0, 0.5 * 2 ** min(attempt, 63))
    told = backoff(attempt, jitter=lambda: chance)

    assert whole / 2 <= told <= whole
    assert backoff(attempt, jitter=lambda: 0.0) <= backoff(attempt + 1, jitter=lambda: 0.0)


def test_only_what_may_pass_is_tried_again() -> None:
    """Each repetition is load on the host; a refusal or a bad certificate stays what it is."""
    again = ["dns", "connect", "timeout", "http-5xx", 429, 500, 503, 504]
    never = ["tls", "private", "scope", "robots", "too-long", "http-4xx", 200, 304, 400, 403, 404, 410, 501]

    assert all(worth_retrying(failure) for failure in again)
    assert not any(worth_retrying(failure) for failure in never)


@given(st.integers(1, 5), st.integers(0, 30))
def test_a_gate_lets_only_so_many_through(limit: int, guests: int) -> None:
    """However the tasks interleave, the host sees no more at once, and everyone has a turn."""
    most = [0]

    async def guest(gate: HostGate) -> None:
        await gate.enter(limit)
        most[0] = max(most[0], gate.under_way)
        await asyncio.sleep(0)
        gate.leave()

    async def crowd() -> int:
        gate = HostGate(HostBudget(None, "news.example"))
        await asyncio.gather(*(guest(gate) for _ in range(guests)))
        return gate.under_way

    assert asyncio.run(crowd()) == 0
    assert most[0] == min(limit, guests)


def test_a_host_is_known_by_one_name() -> None:
    """Case, port and the dot of the root make no second host of it, which would be asked twice as often."""
    names = {
        name_of(url) for url in ("http://News.example/a", "https://news.example.:8443/", "http://u:p@NEWS.EXAMPLE./b?c")
    }

    assert names == {"news.example"}


def test_behind_a_429_nobody_has_a_turn(tmp_path: Path) -> None:
    """It is heard at the wire; how long the host wants is read from it a moment later."""
    gate = HostGate(HostBudget(tmp_path, "news.example"))
    gate.heard(200)
    before = gate.budget._held()
    gate.heard(429)

    assert (before, gate.budget._held()) == (False, True)
