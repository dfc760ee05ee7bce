"""The day beside an instalment is that of the newspaper's readers."""

from __future__ import annotations

import doctest
import json
from typing import Any

import pytest
from sqlalchemy import update

from archive.ledger import schema
from archive.verbs import articles

MOMENT = "2018-08-19T23:32:00Z"  # 07:32 of the next day in China


@pytest.mark.parametrize(
    ("zone", "published", "day"),
    [
        ("Asia/Shanghai", MOMENT, "2018-08-20"),
        ("America/New_York", MOMENT, "2018-08-19"),
        (None, MOMENT, "2018-08-19"),
        ("Nowhere/None", MOMENT, "2018-08-19"),
        ("America/New_York", "2018-08-20", "2018-08-20"),
    ],
)
def test_people_see_the_day_in_the_zone_of_the_series(
    lianzai: Any, series: Any, reading: Any, zone: str | None, published: str, day: str
) -> None:
    """A morning paper of China comes out on the day before in UTC; programs get the instant as it is."""
    series.add_article("dddddd-4", reading(published=published), position=4)
    with series.ledger.write() as connection:
        connection.execute(update(schema.SERIES).values(timezone=zone))
    table = lianzai("articles", "qushui", home=series.home.root).stdout
    told = json.loads(lianzai("articles", "qushui", "--json", home=series.home.root).stdout)

    assert [day] == [line.split()[2] for line in table.splitlines() if "dddddd-4" in line]
    assert [published] == [one["published"] for one in told if one["id"] == "dddddd-4"]


def test_the_examples_in_the_documentation_hold() -> None:
    """An example that is wrong misleads whoever changes the rule."""
    results = doctest.testmod(articles)

    assert 0 == results.failed < results.attempted
