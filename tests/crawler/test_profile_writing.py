"""A profile that only the WARCs know is written anew, and reads the same."""

from __future__ import annotations

import tomllib

from hypothesis import given
from hypothesis import strategies as st

from crawler.profile import from_public, parse_profile
from crawler.profile.writing import to_toml

TEXT = """[series]
id = "a"
title = "渠水 \\"流\\" 过"
subjects = ["郑州", "开封"]
[source]
kind = "list-page"
url = "http://paper.example/list"
item = "ul li > a[href]"
[fetch]
delay = 0.5
headers = { X-Way = "canal", "X Odd" = "a\\tb" }
recheck = "7d"
[watch]
withdraw_after = { checks = 2, hours = 0.5 }
"""

words = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
plain = st.one_of(
    words, st.booleans(), st.integers(-(2**63), 2**63 - 1), st.floats(allow_nan=False, allow_infinity=False)
)
values = st.recursive(
    plain, lambda v: st.one_of(st.lists(v, max_size=3), st.dictionaries(words, v, max_size=3)), max_leaves=6
)
names = st.text("abcdefghij-_0123456789", min_size=1, max_size=8)


@given(st.dictionaries(names, st.dictionaries(words, values, max_size=4), max_size=4))
def test_what_is_written_reads_as_the_same_tables(tables: dict) -> None:
    """A home that lost its ledger must crawl by the very profile that its WARCs hold."""
    assert tables == tomllib.loads(to_toml(tables))


def test_a_stored_profile_gives_a_text_that_makes_the_same_profile() -> None:
    """`rebuild` on an empty home, then `crawl SERIES`."""
    text = TEXT.replace(', "X Odd" = "a\\\\tb"', "").replace(', "X Odd" = "a\\tb"', "")
    profile = parse_profile(text, name="a.toml", environ={})
    stored = from_public(profile.public(), "a")
    again = parse_profile(stored.text_to_keep() or "", name="again.toml", environ={})

    assert again.public() == profile.public()
    assert again.rules_digest() == profile.rules_digest()


def test_a_masked_secret_is_no_text_to_crawl_by() -> None:
    """A crawl that sends *** in place of a password would only lock an account."""
    secret = (
        TEXT.replace(', "X Odd" = "a\\\\tb"', "").replace(', "X Odd" = "a\\tb"', "")
        + '[notify]\nurls = ["mailto://u:p@mail.example"]\n'
    )
    profile = parse_profile(secret, name="a.toml", environ={})

    assert profile.text_to_keep() is None
    assert from_public(profile.public(), "a").text_to_keep() is None
