"""`lianzai search` as a command, and after a crawl."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any


def test_the_json_is_the_contracts(lianzai: Any, series: Any) -> None:
    """An old revision is found by its own words, under the title it had then."""
    result = lianzai("--json", "search", "title:从这里", "-分开", home=series.home.root)

    told = json.loads(result.stdout)
    assert (result.returncode, told["total"]) == (0, 1)
    hit = told["hits"][0]
    assert {name: hit[name] for name in ("article", "revision", "title", "position", "series", "state")} == {
        "article": "aaaaaa-1", "revision": 1, "title": "济源：水从这里分", "position": 1, "series": "qushui", "state": "captured",
    }  # fmt: skip


def test_people_see_where_it_stands(lianzai: Any, series: Any, on_a_terminal: Any) -> None:
    """What was sought is marked on a terminal; a withdrawn article says so."""
    assert "\x1b[33m\x1b[1m一夜\x1b[0m" in on_a_terminal("search", "一夜", home=series.home.root)
    assert "withdrawn" in lianzai("search", "title:郑州", home=series.home.root).stdout
    assert lianzai("search", "没有这话", home=series.home.root).stdout == "nothing found\n"


def test_what_cannot_be_read_is_refused(lianzai: Any, series: Any) -> None:
    """Bad queries and unknown series are exit 2, in one line."""
    for arguments in (["渠 OR"], ["渠", "--series", "qushi"], ["--series", "qushui", ""]):
        result = lianzai("search", *arguments, home=series.home.root)
        assert (result.returncode, len(result.stderr.splitlines())) == (2, 1)


def test_a_crawl_brings_the_index_up(demonstration: tuple[Path, str], lianzai: Any) -> None:
    """Without a command of its own: the search file is there when the crawl has ended, and finds the edited sentence twice."""
    home, _ = demonstration
    assert (home / "search.sqlite3").is_file()
    for sought, revision in (("四百", 1), ("三百四十", 2)):
        told = json.loads(lianzai("--json", "search", sought, home=home).stdout)
        assert [(hit["position"], hit["revision"]) for hit in told["hits"]] == [(5, revision)]
