"""The questions of the pages, asked of SQLite and of PostgreSQL: the same answers."""

from __future__ import annotations

from typing import Any

import pytest
from atom_checker import faults
from pages_maker import EVIL, a_profile, asking, page, texts

from archive.home import Home


@pytest.fixture
def place(either: Home) -> Home:
    """A home in each of the two databases."""
    return either


def test_pages_are_the_same_in_both_databases(filled: Any, reading: Any) -> None:
    """Order of what has no place, JSON within a profile, the last event of each series: databases differ there."""
    filled.add_series(
        "cheng", subjects=["甲", "乙"], missing=["乙"], complete=False, profile=a_profile(tags=["水", EVIL])
    )
    filled.add_series("kong", title="空")
    filled.add_article("aaaaaa-1", reading(), reading(title="改"), series="cheng", subject="甲")
    filled.add_article("bbbbbb-2", series="cheng", position=None, title="未存")
    filled.add_event("uploaded", "2018-10-03T05:00:00.000Z", "cheng")
    filled.add_event(
        "revised", "2018-10-02T05:00:00.000Z", "cheng", article="aaaaaa-1", fields=["title"], start=1, end=2
    )
    with asking(filled.home) as ask:
        shown = page(ask("/?q=水"))
        series = page(ask("/series/cheng"))
        found = [
            ask(path).status_code for path in ("/?sort=first", "/series/kong", "/article/aaaaaa-1", "/article/bbbbbb-2")
        ]
        compared, feed = page(ask("/article/aaaaaa-1/diff/1/2")), ask("/feed.atom")

    assert ["甲：修订", "乙：缺", "未存：已见未存"] == [one.get("aria-label") for one in shown.cssselect(".cells a")]
    assert ["甲：修订：标题（第 1 版至第 2 版）"] == texts(shown.cssselect(".last a"))
    assert ["甲", "乙"] == [texts(row.cssselect("th bdi"))[0] for row in series.cssselect("table.list tbody tr")[:2]]
    assert [200, 200, 200, 200] == found
    assert ["改"] == texts(compared.cssselect(".sides ins"))
    assert [] == faults(feed.content)
