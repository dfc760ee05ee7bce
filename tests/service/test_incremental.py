"""Crawls that follow each other: what is fetched again, what counts as an edit, and when an instalment is withdrawn."""

from __future__ import annotations

import json
from collections import Counter

import pytest
from desk import Desk, profile_text

from crawler.demo.server import Server


def test_a_quiet_edit_is_seen_where_articles_are_fetched_again(desk: Desk, newspaper: Server) -> None:
    """With `decay` an article of this hour is let be; with `always` the edit is found, and moving counters are none."""
    decay, always = profile_text(newspaper), profile_text(newspaper, recheck="always")
    desk.crawl(decay)
    was, now = newspaper.newspaper.edit_quietly("安阳")
    unseen = desk.crawl(decay)
    seen = desk.crawl(always)
    (article,) = [one for one in desk.ask("articles", "qushui") if one["subject"] == "安阳"]
    changes = {one["field"]: one["ops"] for one in desk.ask("diff", article["id"])["fields"]}
    revised = [one for one in desk.ask("history", "qushui") if one["kind"] == "revised"]
    records = {one.record_id: one for one in desk.records("qushui")}

    assert unseen.counts == {"found": 17, "unchanged": 17}
    assert seen.counts == {"found": 17, "unchanged": 16, "revised": 1}
    assert sorted(changes) == ["body", "text"]
    assert "".join(text for op, text in changes["text"] if op != "+").count(was) == 1
    assert "".join(text for op, text in changes["text"] if op != "-").count(now) == 1
    assert [(one["article"], one["from"], one["to"]) for one in revised] == [(article["id"], 1, 2)]
    assert set(revised[0]["fields"]) <= set(changes)
    assert {records[name].type for name in revised[0]["evidence"]} == {"response"}


def test_a_new_updated_in_the_list_fetches_that_article_only(desk: Desk, newspaper: Server) -> None:
    """The list says that one article changed: it costs two requests beside the lists, and no other body; robots.txt is known."""
    text = profile_text(newspaper)
    desk.crawl(text)
    newspaper.newspaper.edit("开封")
    since = len(newspaper.requests)
    done = desk.crawl(text)
    instalment = newspaper.newspaper.standing("开封").instalment
    asked = [
        one.target
        for one in newspaper.requests[since:]
        if "getSpecial" not in one.target and "getcat" not in one.target
    ]

    assert done.counts == {"found": 17, "unchanged": 16, "revised": 1}
    assert len(asked) == 2
    assert sorted(asked)[0] == instalment.path
    assert any(instalment.content_id in one for one in asked)


@pytest.mark.soak
def test_a_withdrawal_must_be_seen_often_enough(desk: Desk, newspaper: Server) -> None:
    """First it is only gone: no failure, no withdrawal, exit 0, and the state stays. The second look withdraws it."""
    text = profile_text(newspaper, withdraw_after="{ checks = 2, hours = 0 }")
    desk.crawl(text)
    newspaper.newspaper.withdraw("信阳")
    gone = desk.crawl(text)
    between = {one["subject"]: one["state"] for one in desk.ask("articles", "qushui")}["信阳"]
    withdrawn = desk.crawl(text)
    after = desk.crawl(text)
    newspaper.newspaper.restore("信阳")
    restored = desk.crawl(text)
    kinds = [one["kind"] for one in desk.ask("history", "qushui") if one["kind"] not in ("found", "captured")]

    assert (gone.code, gone.failed, gone.counts) == (0, [], {"found": 16, "unchanged": 16})
    assert between == "captured"
    assert (withdrawn.code, withdrawn.failed, withdrawn.counts) == (
        0,
        [],
        {"found": 16, "unchanged": 16, "withdrawn": 1},
    )
    assert (after.code, after.counts) == (0, {"found": 16, "unchanged": 16})
    assert (restored.code, restored.counts) == (0, {"found": 17, "unchanged": 16, "restored": 1})
    assert Counter(kinds) == {"gone": 1, "unlisted": 1, "withdrawn": 1, "listed": 1, "restored": 1}


@pytest.mark.soak
def test_a_withdrawal_must_be_seen_long_enough(desk: Desk, newspaper: Server) -> None:
    """However often it is looked at within the hours: gone, and no more."""
    text = profile_text(newspaper, withdraw_after="{ checks = 1, hours = 24 }", recheck="always")
    desk.crawl(text)
    newspaper.newspaper.withdraw("信阳", soft=True, listed=True)
    looks = [desk.crawl(text) for _ in range(2)]
    states = {one["subject"]: one["state"] for one in desk.ask("articles", "qushui")}

    assert [(one.code, one.failed, one.counts) for one in looks] == [(0, [], {"found": 17, "unchanged": 16})] * 2
    assert states["信阳"] == "captured"


def test_what_never_was_is_a_failure_and_not_a_withdrawal(desk: Desk, newspaper: Server) -> None:
    """An instalment that was taken down before the first crawl: the archive cannot show it, and says so."""
    newspaper.newspaper.withdraw("信阳", listed=True)
    done = desk.crawl(profile_text(newspaper))
    states = {one["state"]: one["title"] for one in desk.ask("articles", "qushui") if one["state"] != "captured"}

    assert (done.code, done.failed) == (3, ["http-4xx", "soft-404"])
    assert done.counts == {"found": 17, "captured": 16}
    assert list(states) == ["failed"]
    assert "信阳" in done.report["missing"]


def test_changed_rules_are_no_edit(desk: Desk, newspaper: Server) -> None:
    """A better selector reads old captures anew: the text changes, and nobody edited anything."""
    text = profile_text(newspaper, "list")
    poor = text.replace('body = "div.content-content"', 'body = "div.content-content p"')
    desk.crawl(poor)
    better = desk.crawl(text)
    lines = (desk.home / "text" / "qushui-list" / "qushui-list.jsonl").read_text(encoding="utf-8").splitlines()
    kinds = Counter(one["kind"] for one in desk.ask("history", "qushui-list"))

    assert (better.code, better.counts) == (0, {"found": 17, "unchanged": 17})
    assert {json.loads(line)["revisions"] for line in lines} == {1}
    assert kinds == {"found": 17, "captured": 17}
