"""A profile is proposed for a list of any manner: the right kind, the right articles, the right next page."""

from __future__ import annotations

from functools import cache

import pytest
from lists import LISTS, Looked, look, site_of

from crawler.profile import parse_profile
from crawler.proposing.text import proposed_from, to_profile
from crawler.scope import canonicalise
from crawler.sources import source_for


@cache
def proposed(name: str) -> Looked:
    """Look at a saved list once, whoever asks."""
    return look(LISTS[name]["url"], site_of(name))


@pytest.mark.parametrize("name", LISTS)
def test_the_list_is_found_and_nothing_else(name: str) -> None:
    """What a proposal takes too much is archived for years; what it misses is lost."""
    expected = [canonicalise(url) for url in LISTS[name]["entries"]]
    proposal = proposed(name).proposal

    assert LISTS[name]["kind"] == proposal.kind
    assert expected == [canonicalise(entry.url) for entry in proposal.entries]


@pytest.mark.parametrize("name", [name for name, one in LISTS.items() if one["kind"] == "list-page"])
def test_the_next_page_is_found_where_there_is_one(name: str) -> None:
    """Without it a crawl would archive the newest few; with a wrong one it would walk another list."""
    told = proposed(name).proposal.source.get("next")
    expected = LISTS[name]["next"]

    assert (None if told is None else told.why.partition(": ")[2]) == expected


@pytest.mark.parametrize("name", LISTS)
def test_the_text_is_a_profile_that_reads_the_same(name: str) -> None:
    """What is proposed must be accepted, and must read what was shown."""
    found = proposed(name)
    text = to_profile(found.proposal, "a-series")
    profile = parse_profile(text, name="p.toml", environ={})
    one, url = LISTS[name], LISTS[name]["url"]
    source = source_for(profile.source)
    body, content_type = site_of(name).get(one["url"], (b"", ""))
    entries = source.entries()
    if one["kind"] == "list-page":
        entries = source.read_list(url, body, content_type).entries

    assert proposed_from(text) == url
    assert profile.series.id == "a-series"
    if one["kind"] in ("list-page", "url-list"):
        assert [entry.key for entry in found.proposal.entries] == [entry.key for entry in entries]


def test_the_measure_of_all_lists(capsys: pytest.CaptureFixture[str]) -> None:
    """Precision and recall of the articles, set by set, as printed with -s."""
    rows: dict[str, list[tuple[float, float]]] = {}
    for name, one in LISTS.items():
        wanted = {canonicalise(url) for url in one["entries"]}
        found = {canonicalise(entry.url) for entry in proposed(name).proposal.entries}
        rows.setdefault(one["set"], []).append((len(found & wanted) / len(found), len(found & wanted) / len(wanted)))
    with capsys.disabled():
        for name, values in rows.items():
            precision, recall = (sum(column) / len(values) for column in zip(*values, strict=True))
            print(f"\n{name}: {len(values)} lists, precision {precision:.3f}, recall {recall:.3f}", end="")

    assert {value for values in rows.values() for pair in values for value in pair} == {1.0}


def test_no_more_is_asked_than_is_needed() -> None:
    """Each question costs the site; a list with a next page needs no feed."""
    assert proposed("japanese-news").asked == [
        "https://www.mizube-shimbun.example/rensai/mizube/",
        "https://www.mizube-shimbun.example/rensai/mizube/?page=2",
        "https://www.mizube-shimbun.example/articles/DA3S15400011.html?iref=list",
    ]
    assert max(len(proposed(name).asked) for name in LISTS) <= 5


def test_the_same_answers_give_the_same_profile() -> None:
    """A proposal that changes with the weather cannot be compared with last week's."""
    name = "topic-of-sections"
    again = look(LISTS[name]["url"], site_of(name))

    assert to_profile(proposed(name).proposal, "x") == to_profile(again.proposal, "x")
