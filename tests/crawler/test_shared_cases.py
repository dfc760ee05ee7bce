"""The shared cases whose `run` is extract, crawl or diff: small inputs of public bug reports, with the right values.

The other kinds (index, import, replay, schedule, the store) are held in the tests of those parts.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import walk
from click.testing import CliRunner
from routed import Routed

from archive.config import Config
from archive.ledger.store import open_ledger
from archive.verbs.extract import command
from archive.views import articles, show

CASES = Path(__file__).parents[3] / "shared" / "cases"


def cases(*kinds: str) -> list[Any]:
    """Give the folders of the cases of these kinds; one that is skipped where the cases are not here."""
    found = [path.parent for path in sorted(CASES.glob("*/case.json")) if told(path.parent)["run"] in kinds]
    absent = pytest.param(None, marks=pytest.mark.skip(reason="the shared cases are not here"))
    return [pytest.param(folder, id=folder.name) for folder in found] or [absent]


def told(folder: Path) -> dict[str, Any]:
    """Give what a case expects."""
    case: dict[str, Any] = json.loads((folder / "case.json").read_text("utf-8"))
    return case


def faults(expect: dict[str, Any], found: dict[str, Any]) -> list[Any]:
    """Name what of an article is not as expected: its fields, and its text, white space left out."""
    text, at, wrong = bare(found["text"]), -1, []
    texts = expect.get("text", {})
    wrong += [("lacks", has) for has in texts.get("has", ()) if bare(has) not in text]
    wrong += [("has", lacks) for lacks in texts.get("lacks", ()) if bare(lacks) in text]
    for one in texts.get("order", ()):
        before, at = at, text.find(bare(one))
        wrong += [("order", one)] if at <= before else []
    for name in ("title", "authors", "published", "language", "state", "revisions"):
        if name in expect:
            wanted = expect[name]
            allowed = wanted["any_of"] if isinstance(wanted, dict) else [wanted]
            wrong += [(name, found[name])] if found[name] not in allowed else []
    return wrong


def bare(text: str) -> str:
    """Drop white space."""
    return re.sub(r"\s", "", text)


@pytest.mark.parametrize("folder", cases("extract"))
def test_a_page_is_read_as_its_case_says(folder: Path) -> None:
    """Each shows one phenomenon that known extractors get wrong."""
    case = told(folder)
    ran = CliRunner().invoke(command, [str(folder / "page.html"), "--url", case["url"]], obj=Config(home=folder))

    assert 0 == ran.exit_code
    assert [] == faults(case["expect"], json.loads(ran.stdout))


@pytest.mark.parametrize("folder", cases("crawl", "diff"))
def test_a_series_is_kept_as_its_case_says(folder: Path, tmp_path: Path) -> None:
    """The visits of a case one after the other; what an upload does of it is held in the tests of stores."""
    expect, site = told(folder)["expect"], Routed.of_case(folder)
    text = (folder / "profile.toml").read_text("utf-8").replace("{{BASE}}", walk.BASE)
    profile, home = walk.profile_of(text.replace("{{STORE}}", tmp_path.as_uri())), walk.home_at(tmp_path / "home")
    for number, visit in enumerate(expect["visits"], 1):
        site.visit = number
        report = walk.walk(home, profile, site)
        wanted = visit.get("series", {})
        assert wanted == {name: report[name] for name in wanted}
        assert report["failed"] == [] or 3 in visit["exit"]
    ledger = open_ledger(home.root, create=False)
    with ledger.read() as connection:
        kept = {one["url"]: show(connection, one["id"]) for one in articles(connection, profile.series.id)}
    ledger.close()

    assert len(kept) == expect.get("count", len(kept))
    for one in expect.get("articles", ()):
        found = next(article for url, article in kept.items() if url == walk.BASE + one["path"])
        assert [] == faults(one, found)
    assert not set(expect.get("requests", {}).get("must", ())) - set(site.asked)
    assert not set(expect.get("requests", {}).get("must_not", ())) & set(site.asked)
