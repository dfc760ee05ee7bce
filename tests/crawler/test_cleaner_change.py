"""A better cleaner is no edit: the same records read anew give new text, and nothing that happened to the article.

The older cleaner of these tests is this one without its repairs, under another name: what it kept is damaged, as before they
were written.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import walk
from rebuilder import rebuild
from routed import Routed

from archive.clean import CLEANER
from archive.clean.repair import Mended
from archive.home import Home
from archive.ledger.store import open_ledger
from archive.views import articles, history, show

OLDER = "lianzai-clean/0"
DAMAGED = "护渠员说：&amp;ldquo;闸门提半尺就够了。&amp;rdquo;水顺着渠道往下游走，先到苗圃，再到稻田。"
MENDED = "护渠员说：“闸门提半尺就够了。”水顺着渠道往下游走，先到苗圃，再到稻田。"
PROFILE = f"""
[series]
id = "qu"
title = "渠"
timezone = "Asia/Shanghai"
[source]
kind = "url-list"
urls = ["{walk.BASE}/a/1.html", "{walk.BASE}/a/2.html"]
[fetch]
delay = 0
recheck = "always"
requisites = "none"
allow_private = true
[article]
title = "h1"
body = "div.content"
"""


def page(number: int, text: str = DAMAGED) -> str:
    """An instalment."""
    lines = f"<p>{text}</p><p>第{number}站的水，从这里往东。</p>"
    return f"<html><body><h1>渠上第{number}站</h1><div class='content'>{lines}</div></body></html>"


@pytest.fixture
def site() -> Routed:
    """Two instalments."""
    return Routed({}).put_all({"/a/1.html": page(1), "/a/2.html": page(2)})


@pytest.fixture
def home(tmp_path: Path, site: Routed) -> Iterator[Home]:
    """A home that was crawled when the cleaner was older."""
    home = walk.home_at(tmp_path / "home")
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("archive.clean.reading.mend", lambda lines: Mended(tuple(lines)))
        patched.setattr("archive.clean.reading.CLEANER", OLDER)
        patched.setattr("crawler.intake.CLEANER", OLDER)
        walk.walk(home, walk.profile_of(PROFILE), site)
    return home


def told(home: Home) -> tuple[list[dict[str, Any]], list[str]]:
    """Give the articles as `show` has them, and the kinds of the events."""
    ledger = open_ledger(home.root, create=False)
    try:
        with ledger.read() as connection:
            shown = [show(connection, one["id"]) for one in articles(connection, "qu")]
            return shown, [event["kind"] for event in history(connection, "qu")]
    finally:
        ledger.close()


def kept(home: Home) -> list[tuple[bool, str, int, bool]]:
    """Give of each article whether its text is mended, by which cleaner, its revisions, and whether it has repairs."""
    return [
        (MENDED in one["text"], one["provenance"]["cleaner"], one["revisions"], bool(one["repairs"]))
        for one in told(home)[0]
    ]


def test_a_rebuild_by_a_newer_cleaner_gives_new_text_and_no_event(home: Home) -> None:
    """Who reads the history sees what the newspaper did, and nothing of what we learned."""
    before, events = kept(home), told(home)[1]
    texts = walk.files_of(home, "text")

    ran, _, error = rebuild(home)

    assert (0, None) == (ran.exit_code, error)
    assert [(False, OLDER, 1, False)] * 2 == before
    assert [(True, CLEANER, 1, True)] * 2 == kept(home)
    assert events == told(home)[1]
    assert texts.keys() == walk.files_of(home, "text").keys()
    assert all(MENDED.encode() in body for body in walk.files_of(home, "text").values())


def test_the_next_crawl_reads_all_anew_and_tells_only_what_the_newspaper_changed(home: Home, site: Routed) -> None:
    """Two captures are compared under the same rules, so that an edit shows as what it is and as nothing more."""
    site.put("/a/2.html", page(2, DAMAGED.replace("苗圃", "果园")))

    report = walk.walk(home, walk.profile_of(PROFILE), site)

    assert (1, 1) == (report["revised"], report["unchanged"])
    assert [1, 2] == [one["revisions"] for one in told(home)[0]]
    assert ["found", "found", "captured", "captured", "revised"] == told(home)[1]
    ledger = open_ledger(home.root, create=False)
    with ledger.read() as connection:
        second = articles(connection, "qu")[1]["id"]
        readings = [show(connection, second, number) for number in (1, 2)]
    ledger.close()
    assert [CLEANER, CLEANER] == [one["provenance"]["cleaner"] for one in readings]
    assert [MENDED in one["text"] for one in readings] == [True, False]
