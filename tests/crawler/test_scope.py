"""crawler.scope asks for addresses as they are written, compares them by one key, and lets nothing lead inside."""

from __future__ import annotations

import ipaddress
import json
import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scrapy import Request

from crawler.scope import Scope, canonicalise, is_public, literal_address, registered_domain, wire_url

BASE = "http://example.org/d/page.html?q=1"
SHARED = Path(__file__).resolve().parents[3] / "shared"


@pytest.mark.parametrize(
    ("written", "encoding", "asked"),
    [
        ("/s.asp?b=2&a=1", "gbk", "http://example.org/s.asp?b=2&a=1"),
        ("/q.asp?kw=石桥", "gbk", "http://example.org/q.asp?kw=%CA%AF%C7%C5"),
        ("/q.asp?kw=石桥", "utf-8", "http://example.org/q.asp?kw=%E7%9F%B3%E6%A1%A5"),
        ("/q.asp?kw=𠀀", "gbk", "http://example.org/q.asp?kw=%26%23131072%3B"),
        ("/a/100%25.html", "gbk", "http://example.org/a/100%25.html"),
        ("/a/b%2376.html", "gbk", "http://example.org/a/b%2376.html"),
        ("/c.asp?x=%B5%C0&y=", "gbk", "http://example.org/c.asp?x=%B5%C0&y="),
        ("/石桥.html", "gbk", "http://example.org/%E7%9F%B3%E6%A1%A5.html"),
        ("HTTP://EX.org:80/A", "utf-8", "http://ex.org/A"),
        ("https://ex.org:443", "utf-8", "https://ex.org/"),
        ("https://ex.org:80/", "utf-8", "https://ex.org:80/"),
        ("//ex.org/x", "utf-8", "http://ex.org/x"),
        ("../x", "utf-8", "http://example.org/x"),
        ("a/../%2e%2E/x", "utf-8", "http://example.org/x"),
        ("../../../x", "utf-8", "http://example.org/x"),
        ("?x=1", "utf-8", "http://example.org/d/page.html?x=1"),
        ("#top", "utf-8", "http://example.org/d/page.html?q=1"),
        (" \n/a\tb\r ", "utf-8", "http://example.org/ab"),
        ("/a b?c d", "utf-8", "http://example.org/a%20b?c%20d"),
        ("\\a\\b?c\\d", "utf-8", "http://example.org/a/b?c\\d"),
        ("/q?y=[1]|2&z=a^b`{c}", "utf-8", "http://example.org/q?y=[1]|2&z=a^b`{c}"),
        ("/q?y=%5B1%5d%7C2", "utf-8", "http://example.org/q?y=%5B1%5d%7C2"),
        ("/q?a='b\"<c>&d=\x7f%zz", "utf-8", "http://example.org/q?a=%27b%22%3Cc%3E&d=%7F%zz"),
        ("/a[1]|'2;@:,/b^c`d{e}\"<f>", "utf-8", "http://example.org/a[1]|'2;@:,/b%5Ec%60d%7Be%7D%22%3Cf%3E"),
        ("/q?a=俒", "gbk", "http://example.org/q?a=%82["),
        ("http://新闻.中国/", "utf-8", "http://xn--efvy88h.xn--fiqs8s/"),
        ("http://u:p@ex.org/", "utf-8", "http://ex.org/"),
        ("http://[::1]:8080/a", "utf-8", "http://[::1]:8080/a"),
        ("javascript:void(0)", "utf-8", None),
        ("data:image/gif;base64,AA", "utf-8", None),
        ("mailto:a@ex.org", "utf-8", None),
        ("ftp://ex.org/", "utf-8", None),
        ("http://ex.org:99999/", "utf-8", None),
        ("http://[::1/", "utf-8", None),
        ("http://0x7f.1:81/a", "utf-8", "http://127.0.0.1:81/a"),
        ("http://①②⑦。⓪.0177.１./", "utf-8", "http://127.0.127.1/"),
        ("http://①②⑦。⓪.0377.１./", "utf-8", "http://127.0.255.1/"),
        ("http://4294967296/", "utf-8", None),
        ("http://256.1.1.1/", "utf-8", None),
        ("http://1.1.1.1.1/", "utf-8", None),
        ("http://08.0.0.1/", "utf-8", None),
        ("http://paper.7/", "utf-8", None),
        ("http://paper.0x/", "utf-8", None),
        ("http://paper.7a/", "utf-8", "http://paper.7a/"),
        ("http://%31%32%37.0.0.1/", "utf-8", None),
        ("http://ex.org:+80/", "utf-8", None),
        ("http://cdn_1.r3---sn.ex.org/", "utf-8", "http://cdn_1.r3---sn.ex.org/"),
        ("http://exa mple.org/", "utf-8", None),
        ("http://ex.org/" + "a" * 10_000, "utf-8", None),
        ("/a", "no-such-encoding", None),
    ],
)
def test_an_address_is_asked_as_a_browser_would(written: str, encoding: str, asked: str | None) -> None:
    """Old sites answer only the exact bytes: order and encoding of a query are the server's business, not ours."""
    assert wire_url(written, BASE, encoding) == asked


@given(st.text(max_size=60))
def test_an_asked_address_is_in_its_last_spelling(written: str) -> None:
    """What is recorded is what is sent: we write it once, and Scrapy's own spelling names the same host and the same key."""
    asked = wire_url(written, BASE)

    if asked is not None:
        assert re.fullmatch(r"[!-~]+", asked)
        assert wire_url(asked, None) == asked
        assert urlsplit(Request(asked).url)[:2] == urlsplit(asked)[:2]
        assert canonicalise(Request(asked).url) == canonicalise(asked)


URLS = st.one_of(
    st.text(max_size=60).map(lambda tail: f"http://example.org/{tail}"),
    st.text(alphabet="abc/.%2eEF~?&=;#:@5 utm_spm", max_size=60).map(lambda tail: f"https://Example.ORG{tail}"),
    st.text(max_size=60),
)


@given(URLS)
def test_canonicalise_twice_changes_nothing(url: str) -> None:
    """A URL has one key in the ledger, however often it is canonicalised."""
    once = canonicalise(url)

    assert once == canonicalise(once)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("http://ex.org/a", "https://EX.org:443/a#part"),
        ("http://ex.org", "http://ex.org/?"),
        ("http://ex.org/%7Ea/%e7%9f%b3", "http://ex.org/~a/石"),
        ("http://ex.org/a?id=1&utm_source=x&spm=1.2", "http://ex.org/a?id=1"),
        ("http://ex.org/a?from=timeline&isappinstalled=0", "http://ex.org/a"),
        ("http://ex.org/a?share_token=1&fbclid=2&gclid=3", "http://ex.org/a"),
        ("http://ex.org/a;jsessionid=0AF?x=1", "http://ex.org/a?x=1&PHPSESSID=9"),
        ("http://ex.org./a/./b/../c", "http://ex.org/a/c"),
        ("http://ex.org/[a]|?y=[1]|2^`{c}\\", "http://ex.org/%5ba%5D%7C?y=%5B1%5D%7C2%5E%60%7Bc%7D%5C"),
    ],
)
def test_spellings_of_one_article_have_one_key(one: str, other: str) -> None:
    """An article found twice under different dress is one article."""
    assert canonicalise(one) == canonicalise(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("http://ex.org/?id=1", "http://ex.org/?id=2"),
        ("http://ex.org/a%2Fb", "http://ex.org/a/b"),
        ("http://ex.org/?a=1&b=2", "http://ex.org/?b=2&a=1"),
        ("http://ex.org/?x=%26b", "http://ex.org/?x=&b"),
        ("http://ex.org/A", "http://ex.org/a"),
        ("http://ex.org/a", "http://ex.org/a/"),
        ("http://ex.org:8080/a", "http://ex.org/a"),
        ("http://ex.org/?from=20180801", "http://ex.org/?from=20180901"),
        ("http://ex.org/?a=%2B", "http://ex.org/?a=+"),
        ("http://ex.org/100%25", "http://ex.org/100"),
        ("http://ex.org/?x", "http://ex.org/?x="),
    ],
)
def test_two_articles_never_share_a_key(one: str, other: str) -> None:
    """A merge would lose one of them without a trace."""
    assert canonicalise(one) != canonicalise(other)


@pytest.mark.parametrize(
    ("host", "domain"),
    [
        ("app.henandaily.cn", "henandaily.cn"),
        ("A.B.com.cn", "b.com.cn"),
        ("example.org.", "example.org"),
        ("localhost", "localhost"),
        ("127.0.0.1", "127.0.0.1"),
        ("com.cn", "com.cn"),
        ("m.news.paper.lan", "paper.lan"),
        ("www.paper.example", "paper.example"),
    ],
)
def test_a_registered_domain_is_what_someone_registered(host: str, domain: str) -> None:
    """com.cn is no newspaper: a scope of two labels would let in half of the country."""
    assert registered_domain(host) == domain


SOURCE = ["https://app.henandaily.cn/api/list?id=1"]


@pytest.mark.parametrize(
    ("url", "requisite", "expected"),
    [
        ("https://app.henandaily.cn/a", False, None),
        ("https://img.henandaily.cn/a", False, None),
        ("https://henandaily.cn.evil.example/", False, "scope"),
        ("https://evilhenandaily.cn/", False, "scope"),
        ("https://cdn.example.net/a.png", False, "scope"),
        ("https://cdn.example.net/a.png", True, None),
        ("ftp://app.henandaily.cn/a", False, "scope"),
        ("file:///etc/passwd", True, "scope"),
        ("http://127.0.0.1/a.png", True, "private"),
        ("http://localhost:8000/", True, "private"),
        ("http://2130706433/", True, "private"),
        ("http://169.254.169.254/latest", True, "private"),
        ("http://[::ffff:10.0.0.1]/", False, "private"),
        ("https://app.henandaily.cn:8443/a", False, None),
        ("https://app.henandaily.cn:22/a", False, "scope"),
        ("http://cdn.example.net:6667/a.png", True, "scope"),
        ("http://cdn.example.net:25/a.png", True, "scope"),
        ("http://cdn.example.net:0/a.png", True, "scope"),
        ("http://cdn.example.net:443/a.png", True, None),
    ],
)
def test_the_scope_without_include_is_the_registered_domain(url: str, requisite: bool, expected: str | None) -> None:
    """A series stays on its newspaper's hosts; what a page needs may lie anywhere in public."""
    assert Scope(SOURCE).decide(url, requisite=requisite) == expected


def test_include_and_exclude_are_patterns_on_the_canonical_address() -> None:
    """A profile's own patterns replace the default; an exclusion is stronger than an inclusion."""
    scope = Scope(SOURCE, [r"^http://news\.example/a/"], [r"/a/old"], [r"\.mp4$"])

    assert scope.decide("https://NEWS.example:443/a/1", requisite=False) is None
    assert scope.decide("https://app.henandaily.cn/a", requisite=False) == "scope"
    assert scope.decide("http://news.example/a/old/1", requisite=False) == "scope"
    assert scope.decide("http://cdn.example/v.mp4", requisite=True) == "scope"
    assert scope.decide("http://cdn.example/v.png", requisite=True) is None


def test_allow_private_opens_only_what_the_profile_names() -> None:
    """A redirect to another port of this machine must not become a capture of what runs there."""
    scope = Scope(["http://127.0.0.1:8000/list"], allow_private=True)

    assert scope.decide("http://127.0.0.1:8000/a", requisite=False) is None
    assert scope.decide("http://127.0.0.1:8001/a", requisite=False) == "private"
    assert scope.decide("http://localhost:8000/a", requisite=True) == "private"
    assert scope.allows_address("127.0.0.1", "127.0.0.1", 8000)
    assert not scope.allows_address("127.0.0.1", "127.0.0.1", 8001)
    assert not scope.allows_address("127.0.0.1", "app.henandaily.cn", 8000)
    assert Scope(["http://127.0.0.1:8000/list"]).decide("http://127.0.0.1:8000/a", requisite=False) == "private"


def test_lists_are_fetched_where_include_names_articles_alone() -> None:
    """Else a profile whose include has no list in it would find nothing, and not say why."""
    scope = Scope(["http://e.org/list"], [r"/a/"], [r"/closed"])
    urls = (
        "http://e.org/list?page=2",
        "http://e.org/a/1",
        "http://e.org/b/1",
        "http://other.org/list",
        "http://e.org/closed/list",
    )

    assert [None, None, None, "scope", "scope"] == [scope.decide(url, requisite=False, is_list=True) for url in urls]
    assert ["scope", None, "scope", "scope", "scope"] == [scope.decide(url, requisite=False) for url in urls]


def test_an_included_private_address_is_opened_with_its_port() -> None:
    """include names further hosts of a site inside a network, and they can be reached then."""
    scope = Scope(
        ["http://10.0.0.1/list"], [r"^http://10\.0\.0\.2:81/pages/", r"^http://10\.0\.0\.1/"], allow_private=True
    )

    assert scope.decide("http://10.0.0.2:81/pages/1", requisite=False) is None
    assert scope.allows_address("10.0.0.2", "10.0.0.2", 81)
    assert scope.decide("http://10.0.0.2:82/pages/1", requisite=False) == "private"


def test_a_source_may_stand_at_any_port() -> None:
    """What the profile itself names is asked for, and so is what stands beside it."""
    scope = Scope(["http://news.example:6000/list"])

    assert scope.decide("http://news.example:6000/a", requisite=False) is None
    assert scope.decide("http://news.example:6001/a", requisite=False) is None
    assert scope.decide("http://news.example:6665/a", requisite=False) == "scope"


@pytest.mark.parametrize(
    ("pattern", "opens"),
    [
        (r"^http://10\.0\.0\.2/", True),
        (r"10[.]0[.]0[.]2", True),
        (r"^https?://[^/]+/", True),
        (r"/pages/\d+", False),
        (r"\?from=10\.0\.0\.2", False),
        (r"news\.example/", False),
        (r"^http://", False),
        (r"$", False),
    ],
)
def test_a_pattern_opens_a_private_host_only_where_it_fits_the_host(pattern: str, opens: bool) -> None:
    """A page may write any path and any query behind the address of a router."""
    scope = Scope(["http://10.0.0.1/list"], [pattern], allow_private=True)
    asked = "http://10.0.0.2/pages/1?from=10.0.0.2&to=news.example/"

    assert (scope.decide(asked, requisite=False) is None) is opens
    assert scope.allows_address("10.0.0.2", "10.0.0.2", 80) is opens


def test_a_name_inside_is_opened_by_a_pattern_of_its_pages() -> None:
    """Its address is known only when it is looked up; that the pattern named the host was seen before."""
    scope = Scope(["http://10.0.0.1/list"], [r"^http://intranet\.example/series/"], allow_private=True)
    before = scope.allows_address("10.0.0.9", "intranet.example", 80)

    assert scope.decide("http://intranet.example/series/1", requisite=False) is None
    assert (before, scope.allows_address("10.0.0.9", "intranet.example", 80)) == (False, True)
    assert not scope.allows_address("10.0.0.9", "intranet.example", 81)


INSIDE = """
127.0.0.1 10.1.2.3 172.16.0.1 192.168.1.1 169.254.169.254 100.64.0.1 0.0.0.0 224.0.0.1 255.255.255.255 192.0.0.8 192.0.2.1
198.18.0.1 240.0.0.1 ::1 :: ff02::1 fe80::1 fec0::1 fe80::1%eth0 fd00::1 ::ffff:127.0.0.1 ::127.0.0.1 64:ff9b::7f00:1
64:ff9b:1::1 2002:7f00:1:: 2001:db8::1 not-an-address 168.63.129.16 100.100.100.200 192.88.99.1 3fff::1 fd00:ec2::254 100::1
2001:0:7f00:1:: ::ffff:0:127.0.0.1 5f00::1
"""


@pytest.mark.parametrize("ip", INSIDE.split())
def test_an_address_inside_is_never_public(ip: str) -> None:
    """Each of these leads to this machine, its network or nowhere, whatever form it takes."""
    assert not is_public(ip)


@given(st.integers(0, 2**32 - 1))
def test_a_host_that_spells_an_address_is_that_address(number: int) -> None:
    """Decimal, hexadecimal and octal forms are no way round the check."""
    address = ipaddress.IPv4Address(number)
    octal = ".".join(f"0{int(part):o}" for part in str(address).split("."))
    spellings = (str(address), str(number), hex(number), octal, f"[::ffff:{address}]")

    assert {is_public(str(literal_address(spelling))) for spelling in spellings} == {is_public(str(address))}


@pytest.mark.skipif(not SHARED.exists(), reason="the shared cases are not here")
def test_links_of_a_gbk_page_are_asked_as_the_public_case_says() -> None:
    """Six links that clients got wrong in public bug reports."""
    from lxml import html

    case = SHARED / "cases" / "008-fetch-url-as-written"
    wanted = json.loads((case / "case.json").read_text("utf-8"))["expect"]["requests"]["must"]
    page = html.fromstring((case / "list.html").read_bytes().decode("gbk"))
    asked = [wire_url(link, "http://example.org/list.html", "gbk") for link in page.xpath("//ul/li/a/@href")]

    assert asked == [f"http://example.org{target}" for target in wanted]


def test_no_pattern_of_a_profile_takes_longer_for_an_address_that_was_made_for_it() -> None:
    """A search that tries all ways would take the age of the world for each of these."""
    scope = Scope(["http://paper.example/"], include=["(a+)+$", "(?:[0-9]|[0-9a-z])*!"], exclude=["(?:x|x)*y"])
    address = "http://paper.example/" + "a" * 5_000 + "0" * 5_000 + "x" * 5_000

    assert scope.decide(address, requisite=False) == "scope"
    assert scope.decide("http://paper.example/\ud800aa", requisite=False) is None
