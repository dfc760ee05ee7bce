"""crawler.robots reads robots.txt by the letter of RFC 9309, and keeps it for a day."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.budget import resting
from crawler.robots import (
    CRAWL_DELAY_CAP_S,
    ROBOTS_MAX_AGE_S,
    ROBOTS_MAX_BYTES,
    Policy,
    Robots,
    Waiting,
    parse_robots,
    product_token,
)

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
    policy: Policy = robots.learn("https://example.org/a", 404, b"")

    assert robots.get("https://example.org/b?c") is policy
    assert robots.get("http://example.org/a") is None
    assert robots.get("https://example.org:8443/a") is None
    assert Robots.address("https://u:p@example.org:8443/a?b") == "https://example.org:8443/robots.txt"
    clock[0] = ROBOTS_MAX_AGE_S + 1
    assert robots.get("https://example.org/a") is None


@pytest.mark.parametrize(
    ("rules", "path", "expected"),
    [
        ("User-agent: lian\nDisallow: /", "/a", True),  # a name is compared whole (2.2.1)
        ("User-agent: lianzai-news\nDisallow: /", "/a", True),
        ("User-agent: lianzai/2.0\nDisallow: /", "/a", False),
        ("user-AGENT :  LIANZAI  # us\ndisALLOW :/a", "/a", False),
        ("User-agent: lianzai\nUser-agent: *\nDisallow: /a\n\nUser-agent: lianzai\nDisallow: /b", "/a", False),
        ("User-agent: lianzai\nUser-agent: *\nDisallow: /a\n\nUser-agent: lianzai\nDisallow: /b", "/b", False),
        ("User-agent: lianzai\n\nUser-agent: *\n\n\nDisallow: /", "/a", False),  # blank lines end no group
        ("User-agent: lianzai\nSitemap: /s.xml\nUser-agent: x\nDisallow: /", "/a", False),  # nor do other records (2.2.4)
        ("User-agent: lianzai\nClean-param: x\nUser-agent: x\nDisallow: /", "/a", False),
        ("User-agent: lianzai\nAllow: /b\nSitemap: /s.xml\nDisallow: /", "/a", False),
        ("User-agent: *\nCrawl-delay: 9\n\nUser-agent: bad\nDisallow: /", "/a", True),  # a group of a pace alone
        ("User-agent: lianzai\n\nUser-agent: *\nAllow: /\nUser-agent: *\nDisallow: /b", "/b", True),
        ("User-agent: lianzai\nCrawl-delay: 2\nUser-agent: *\nDisallow: /", "/a", True),  # named, so `*` is not ours
        ("Disallow: /\nUser-agent: *\nAllow: /a", "/b", True),  # a rule before any group is none
        ("User-agent: *\rDisallow: /a\rDisallow: /b", "/b", False),
        ("User-agent: *\nDisallow: /a\x0bb", "/a", True),  # CR and LF alone end a line (2.2)
        ("User-agent: *\nDisallow: /a\u2028Allow: /", "/b", True),
        ("User-agent: *\nDisallow: /example/page/\nAllow: /example/page/a.gif", "/example/page/a.gif", True),
        ("User-agent: *\nAllow: /p\nDisallow: /", "/page", True),
        ("User-agent: *\nAllow: /page\nDisallow: /*.htm", "/page.htm", False),
        ("User-agent: *\nAllow: /$\nDisallow: /", "/", True),
        ("User-agent: *\nAllow: /$\nDisallow: /", "/page", False),
        ("User-agent: *\nDisallow: /a*b*c$", "/a1b2b3c", False),
        ("User-agent: *\nDisallow: /a*b*c$", "/a1b2b3cd", True),
        ("User-agent: *\nDisallow: *.php", "/x/y.php?z", False),
        ("User-agent: *\nDisallow: /foo/bar?baz=quz", "/foo/bar?baz=quz", False),
        ("User-agent: *\nDisallow: /foo/bar/ツ", "/foo/bar/%E3%83%84", False),
        ("User-agent: *\nDisallow: /foo/bar/%E3%83%84", "/foo/bar/%e3%83%84", False),
        ("User-agent: *\nDisallow: /foo/bar/%62%61%7A", "/foo/bar/baz", False),
        ("User-agent: *\nDisallow: /a%2Fb", "/a/b", True),
        ("User-agent: *\nDisallow: /A", "/a", True),  # paths have a case
        ("Dissallow: /\nUser agent: *\nDissallow: /x", "/x", False),
        ("User-agent: *\nDisallow /x", "/x", False),
        ("<p>User-agent: *</p>\n<p>Disallow: /</p>", "/a", True),
        ("User-agent: *\n<p>\nDisallow all who came here\n", "/a", True),
        ("", "/a", True),
    ],
)  # fmt: skip
def test_groups_and_rules_are_those_of_the_rfc(rules: str, path: str, expected: bool) -> None:
    """Whoever writes the file has read the RFC, or copied from one who has: 2.2.1 to 2.2.4, and the examples of section 5."""
    assert allowed(rules, path) is expected


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        ("User-agent: *\nCrawl-delay: 3\nUser-agent: lianzai\nDisallow: /x", None),
        ("User-agent: lianzai\nCrawl-delay: 3\nUser-agent: *\nCrawl-delay: 9", 3.0),
        ("User-agent: lianzai\nDisallow: /x\nUser-agent: lianzai\nCrawl-delay: 3", 3.0),
        ("User-agent: x\nUser-agent: *\nCrawl-delay: 3\n", 3.0),
    ],
)
def test_the_pace_is_that_of_our_group(rules: str, expected: float | None) -> None:
    """What is asked of others is not asked of us."""
    assert parse_robots(200, rules.encode()).crawl_delay(AGENT) == expected


def test_what_one_crawl_read_the_next_ones_know_for_a_day(tmp_path: Path) -> None:
    """A schedule of every half hour asks for it once a day, and so do ten series of one host."""
    clock = [1e9]
    first, other = Robots(lambda: clock[0], tmp_path), Robots(lambda: clock[0], tmp_path)
    closed = b"User-agent: *\nDisallow: /closed\nCrawl-delay: 4\n" + b"# " + b"x" * ROBOTS_MAX_BYTES
    first.learn(SITE + "/a", 200, closed)
    clock[0] += ROBOTS_MAX_AGE_S - 1
    policy = other.get(SITE + "/b")
    held = Robots(lambda: clock[0], tmp_path).get("http://example.org/b")
    clock[0] += 2
    later = (first.get(SITE + "/a"), other.get(SITE + "/a"), Robots(lambda: clock[0], tmp_path).get(SITE + "/a"))
    clock[0] -= 10 * ROBOTS_MAX_AGE_S

    assert policy is not None
    assert [policy.allows(SITE + path, AGENT) for path in ("/closed", "/open")] == [False, True]
    assert policy.crawl_delay(AGENT) == 4.0
    assert held is None
    assert later == (None, None, None)
    assert Robots(lambda: clock[0], tmp_path).get(SITE + "/a") is None  # of a clock that was ahead
    assert resting(tmp_path) == set()
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.parametrize("status", [None, 0, 429, 500, 503, 999])
def test_an_outage_is_not_kept(tmp_path: Path, status: int | None) -> None:
    """It is no word of the site's: the next run asks again, and is shut out only as long as that lasts."""
    Robots(folder=tmp_path).learn(SITE, status, b"")

    assert Robots(folder=tmp_path).get(SITE) is None


@pytest.mark.parametrize(
    "written", [b"", b"{}", b"[]\n", b'{"url": 1, "status": 200, "at": 1}\nx', b"\xff\n", b'{"url": "']
)
def test_a_copy_that_is_not_as_it_was_written_is_none(tmp_path: Path, written: bytes) -> None:
    """A disk that was full, a hand that edited it: the site is asked."""
    Robots(folder=tmp_path).learn(SITE, 200, b"User-agent: *\nDisallow: /")
    (kept,) = tmp_path.iterdir()
    kept.write_bytes(written)

    assert Robots(folder=tmp_path).get(SITE) is None


def test_a_copy_is_of_the_address_that_it_names(tmp_path: Path) -> None:
    """Two names with one digest, or a file that was moved, are not taken for each other."""
    Robots(folder=tmp_path).learn(SITE, 404, b"")
    (kept,) = tmp_path.iterdir()
    head, _, body = kept.read_bytes().partition(b"\n")
    kept.write_bytes(json.dumps(json.loads(head) | {"url": "http://other.example/robots.txt"}).encode() + b"\n" + body)

    assert Robots(folder=tmp_path).get(SITE) is None


def test_a_folder_that_cannot_be_written_keeps_nothing_and_stops_nobody(tmp_path: Path) -> None:
    """Each run then asks for itself."""
    (tmp_path / "hosts").write_text("a file")
    robots = Robots(folder=tmp_path / "hosts")
    robots.learn(SITE, 200, b"User-agent: *\nDisallow: /")
    policy = robots.get(SITE)

    assert policy is not None
    assert not policy.allows(SITE + "/a", AGENT)
    assert Robots(folder=tmp_path / "hosts").get(SITE) is None


HTTP, HTTPS, WWW = (f"{site}/robots.txt" for site in ("http://p.example", "https://p.example", "https://www.p.example"))
CLOSED = b"User-agent: *\nDisallow: /closed"


def closed(robots: Robots, *origins: str) -> list[bool]:
    """Tell of each origin whether it is known to have a part that is closed."""
    policies = [robots.get(origin) for origin in origins]
    return [
        one is not None and not one.allows(origin.replace("robots.txt", "closed"), AGENT)
        for one, origin in zip(policies, origins, strict=True)
    ]


def test_two_origins_wait_for_one_robots_txt(tmp_path: Path) -> None:
    """http redirects to https, which is met itself before that has answered: once it lost all that waited for it."""
    robots = Robots(folder=tmp_path)
    waiting: Waiting[str] = Waiting(robots)
    asked = [waiting.park("a", "http://p.example/a"), waiting.park("b", "http://p.example/b")]
    moved = waiting.moved(HTTP, HTTPS)
    met = waiting.park("c", "https://p.example/c")
    free = waiting.answered(HTTPS, 200, CLOSED)

    assert (asked, moved, met) == ([HTTP, None], (True, []), None)
    assert free == ["a", "b", "c"]
    assert closed(robots, HTTP, HTTPS) == [True, True]
    assert closed(Robots(folder=tmp_path), HTTP, HTTPS) == [True, True]
    assert waiting.all() == []


def test_an_origin_whose_robots_txt_leads_to_a_known_one_is_ruled_by_that(tmp_path: Path) -> None:
    """Once it counted as a redirect that leads nowhere, which allows all."""
    robots = Robots(folder=tmp_path)
    waiting: Waiting[str] = Waiting(robots)
    waiting.park("a", "https://p.example/a")
    first = waiting.answered(HTTPS, 200, CLOSED)
    waiting.park("b", "http://p.example/b")

    assert first == ["a"]
    assert waiting.moved(HTTP, HTTPS) == (False, ["b"])
    assert closed(robots, HTTP) == closed(Robots(folder=tmp_path), HTTP) == [True]


def test_what_waits_for_a_robots_txt_is_never_lost(tmp_path: Path) -> None:
    """Also where that leads on, is no robots.txt by its name, or is not asked after all."""
    waiting: Waiting[str] = Waiting(Robots(folder=tmp_path))
    waiting.park("a", "http://p.example/a")
    waiting.park("b", "https://www.p.example/b")
    moved = [
        waiting.moved(HTTP, HTTPS),
        waiting.moved(HTTPS, "https://p.example/rules"),
        waiting.moved(WWW, "https://p.example/rules"),
    ]
    there = waiting.all()

    assert moved == [(True, []), (True, []), (False, [])]
    assert there == ["a", "b"]
    assert waiting.given_up("https://p.example/rules") == ["a", "b"]
    assert waiting.given_up(HTTP) == waiting.all() == []
