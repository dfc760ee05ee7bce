"""Sorting and look-up: what a replay needs of an index beside its lines."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive import surt as keys
from archive.index import same_address, sorted_lines, without_session
from archive.surt import surt

ID = "0123456789abcdef0123456789abcdef"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("http://e.org", "http://e.org/"),
        ("http://e.org/a", "https://WWW.E.org:443/a#part"),
        ("http://e.org/%e4%b8%ad", "http://e.org/中"),
        ("http://e.org/%7Euser/%28a%29", "http://e.org/~user/(a)"),
        ("http://e.org/a/./b/../c", "http://e.org/a/c"),
        ("http://e.org/a b|c", "http://e.org/a%20b%7Cc"),
        ("http://xn--fsqu00a.example/", "http://例子.example/"),
        (f"http://e.org/a;jsessionid={ID}?b=1", "http://e.org/a?b=1"),
        ("http://e.org/a.jsp;JSESSIONID=AA.node1", "http://e.org/a.jsp"),
        (f"http://e.org/a?PHPSESSID={ID}", "http://e.org/a"),
        (f"http://e.org/a?b=1&sid={ID}&c=2", "http://e.org/a?b=1&c=2"),
        ("http://e.org/(f3yc3bqjmkmkuz45lzlkm5nw)/a.aspx", "http://e.org/a.aspx"),
        ("http://e.org/?b=1&cfid=1&cftoken=2", "http://e.org/?b=1"),
        ("urn:x:%7ea", "urn:x:~a"),
        ("http://e.org/\udcca", "http://e.org/%ca"),
    ],
)
def test_the_same_address_in_two_spellings(one, other):
    """A page is found however a link to it was written."""
    assert same_address(one, other)
    assert same_address(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("http://e.org/a%2Fb", "http://e.org/a/b"),
        ("http://e.org/?a=1%26b=2", "http://e.org/?a=1&b=2"),
        ("http://e.org/100%25", "http://e.org/100%"[:-1]),
        ("http://e.org/a%23b", "http://e.org/a#b"),
        ("http://e.org/A", "http://e.org/a"),
        ("http://e.org/?a=1&b=2", "http://e.org/?b=2&a=1"),
        ("http://e.org/?sid=7", "http://e.org/"),
        ("http://e.org:8080/", "http://e.org/"),
        ("ftp://e.org/", "http://e.org/"),
        ("http://e.org/%E4%B8%AD", "http://e.org/%D6%D0"),
        ("http://e.org/?a+b", "http://e.org/?a%2Bb"),
    ],
)
def test_addresses_that_differ_though_their_keys_may_not(one, other):
    """The reader of an archive must not be shown another page."""
    assert not same_address(one, other)


@given(st.text(max_size=40), st.text(max_size=40))
def test_sameness_holds_both_ways_and_for_itself(one, other):
    """Whatever a person types."""
    assert same_address(one, one)
    assert same_address(one, other) == same_address(other, one)


@given(st.text(max_size=60))
def test_a_session_is_taken_out_once(tail):
    """Twice is as once, and what has none is as it was."""
    once = without_session(f"http://e.org/{tail}")

    assert once == without_session(once)


@given(
    st.lists(st.binary(max_size=6).map(lambda one: one.replace(b"\n", b"") + b"\n"), max_size=300), st.integers(1, 60)
)
def test_lines_are_sorted_however_little_memory_there_is(lines, run_bytes):
    """Runs on the disk, merged and merged again, give what sorting in memory gives."""
    assert sorted(set(lines)) == list(sorted_lines(lines, run_bytes=run_bytes))


USUAL = st.from_regex(
    r"https?://(www\.)?[A-Za-z0-9-]{1,6}\.[A-Z0-9a-z]{1,3}(/[A-Za-z0-9_~+,.-]{0,5}){0,3}(\?[A-Za-z0-9_~+,.&=-]{0,40})?",
    fullmatch=True,
)


@given(
    st.one_of(
        USUAL,
        st.sampled_from(
            [
                f"http://e.org/?a&sid={ID}",
                f"http://e.org/?JSESSIONID={ID}",
                "http://1.2.3.4/",
                "http://1.2/",
                "http://e.org/a?",
            ]
        ),
    )
)
def test_the_short_way_to_a_key_leads_to_the_same(url):
    """Most addresses need none of the rules; the key must not tell."""
    short = surt(url)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(keys, "_USUAL", re.compile("(?!)"))
        assert surt(url) == short
