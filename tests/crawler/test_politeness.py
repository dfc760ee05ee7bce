"""crawler.politeness reads what a site asks for by the letter of its RFC, and bounds what it takes from it."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.http import RETRY_AFTER_CAP_S, retry_after
from crawler.politeness import (
    CRAWL_DELAY_CAP_S,
    ROBOTS_MAX_AGE_S,
    ROBOTS_MAX_BYTES,
    HostGate,
    Policy,
    Robots,
    backoff,
    parse_robots,
    product_token,
    worth_retrying,
)

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
AGENT = "lianzai/0.1 (+https://example.org/contact)"
SITE = "https://example.org"


def allowed(rules: str, path: str, agent: str = AGENT) -> bool:
    return parse_robots(200, rules.encode()).allows(SITE + path, agent)


@pytest.mark.parametrize(
    ("status", "allows"),
    [
        (200, True),
        (204, True),
        (301, True),
        (404, True),
        (403, True),
        (429, True),
        (500, False),
        (503, False),
        (600, False),  # no status of HTTP: as 5xx (RFC 9110, 15)
        (999, False),
        (0, False),  # no HTTP answer
        (None, False),
    ],
)
def test_the_status_of_robots_txt_decides_where_it_has_no_rules(status: int | None, allows: bool) -> None:
    """A missing file allows all, a broken server nothing (RFC 9309, 2.3.1): else an outage would open what is closed."""
    assert parse_robots(status, b"").allows(SITE + "/a", AGENT) is allows


def test_the_robots_file_itself_may_always_be_fetched() -> None:
    """It is implicitly allowed (RFC 9309, 2.2.2), or a closed site could never open again."""
    assert parse_robots(503, b"").allows(SITE + "/robots.txt", AGENT)
    assert allowed("User-agent: *\nDisallow: /", "/robots.txt")


@pytest.mark.parametrize(
    ("rules", "path", "expected"),
    [
        ("User-agent: *\nDisallow: /a\nAllow: /a/b", "/a/b/c", True),
        ("User-agent: *\nDisallow: /a\nAllow: /a/b", "/a/c", False),
        ("User-agent: *\nAllow: /a\nDisallow: /a", "/a", True),
        ("User-agent: lianzai\nDisallow: /x\n\nUser-agent: *\nDisallow: /", "/y", True),
        ("User-agent: lianzai\nDisallow: /x\n\nUser-agent: lianzai\nDisallow: /y", "/y", False),
        ("User-agent: LianZai\nDisallow: /", "/y", False),
        ("User-agent: other\nDisallow: /", "/y", True),
        ("User-agent: a\nUser-agent: lianzai\nDisallow: /y", "/y", False),
        ("User-agent: *\nDisallow: /*.pdf$", "/a/b.pdf", False),
        ("User-agent: *\nDisallow: /*.pdf$", "/a/b.pdf?x", True),
        ("User-agent: *\nDisallow:", "/a", True),
        ("User-agent: *\nDisallow: /石桥", "/%E7%9F%B3%E6%A1%A5", False),
        ("\ufeffUser-agent: *\r\nDisallow: /a # why", "/a", False),
        ("<html>404</html>", "/a", True),
    ],
)
def test_rules_are_read_as_the_rfc_says(rules: str, path: str, expected: bool) -> None:
    """Longest match wins, groups of one agent are one, comments and cases do not matter."""
    assert allowed(rules, path) is expected


def test_only_the_first_500_kib_are_read() -> None:
    """A robots.txt of gigabytes costs no memory, and a rule cut in the middle is none rather than a wider one."""
    filler = b"# " + b"x" * 97 + b"\n"
    start = b"User-agent: *\nDisallow: /closed\n"
    lines = (ROBOTS_MAX_BYTES - len(start)) // len(filler)
    body = start + filler * lines
    body += b"Disallow: /" + b"a" * (ROBOTS_MAX_BYTES - len(body)) + b"\nDisallow: /late\n"
    policy = parse_robots(200, body)

    assert not policy.allows(SITE + "/closed", AGENT)
    assert policy.allows(SITE + "/late", AGENT)
    assert policy.allows(SITE + "/" + "a" * 5000, AGENT)


@given(st.binary(max_size=2000), st.text(max_size=50))
def test_any_bytes_make_a_policy(body: bytes, path: str) -> None:
    """Others write this file; none of it may end a run."""
    policy = parse_robots(200, body)

    assert policy.allows(f"{SITE}/{path}", AGENT) in (True, False)
    assert policy.crawl_delay(AGENT) is None or 0 <= policy.crawl_delay(AGENT) <= CRAWL_DELAY_CAP_S


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ("7", 7.0),
        ("0.5", 0.5),
        ("99999", CRAWL_DELAY_CAP_S),
        ("-1", None),
        ("nan", None),
        ("inf", None),
        ("soon", None),
    ],
)
def test_crawl_delay_is_taken_within_bounds(told: str, expected: float | None) -> None:
    """A wish for more time is granted, but not one that would stop the series without saying so."""
    policy = parse_robots(200, f"User-agent: *\nCrawl-delay: {told}\n".encode())

    assert policy.crawl_delay(AGENT) == expected


def test_the_product_token_is_what_groups_are_matched_by() -> None:
    """Version and contact of a User-Agent are not part of the name a site writes into its file."""
    assert [product_token(name) for name in (AGENT, "lianzai", "my_bot-x 2", "2bot")] == [
        "lianzai",
        "lianzai",
        "my_bot-x",
        "2bot",
    ]


def test_a_policy_holds_for_its_origin_and_for_a_day() -> None:
    """Another port or scheme is another site (RFC 9309, 2.3), and yesterday's permission is none."""
    clock = [0.0]
    robots = Robots(lambda: clock[0])
    policy: Policy = parse_robots(404, b"")
    robots.put("https://example.org/a", policy)

    assert robots.get("https://example.org/b?c") is policy
    assert robots.get("http://example.org/a") is None
    assert robots.get("https://example.org:8443/a") is None
    assert Robots.address("https://u:p@example.org:8443/a?b") == "https://example.org:8443/robots.txt"
    clock[0] = ROBOTS_MAX_AGE_S + 1
    assert robots.get("https://example.org/a") is None


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
        gate = HostGate()
        await asyncio.gather(*(guest(gate) for _ in range(guests)))
        return gate.under_way

    assert asyncio.run(crowd()) == 0
    assert most[0] == min(limit, guests)


@given(st.floats(0.01, 10), st.lists(st.floats(0, 20), max_size=30))
def test_sendings_at_a_gate_are_a_delay_apart(delay_s: float, pauses: list[float]) -> None:
    """Whenever the requests come, each is sent at least the delay after the one before."""
    gate, now, sent = HostGate(), 0.0, []
    for pause in pauses:
        now += pause
        sent.append(now + gate.wait_s(delay_s, now))

    assert all(later - earlier >= delay_s - 1e-9 for earlier, later in pairwise(sent))
