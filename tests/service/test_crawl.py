"""A crawl by the command itself: what it reports, what it asks the site for, and what it leaves in the home."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

import pytest
from desk import Desk, ended, profile_text
from warcio.archiveiterator import ArchiveIterator
from witness import Relay

from archive.warc import Record
from crawler.demo.server import Server

DOCUMENT = ["run", "started", "seconds", "series", "requests", "responses", "bytes", "new_bytes", "warcs"]
SERIES = [
    "id", "found", "captured", "unchanged", "revised", "withdrawn", "restored", "failed", "skipped", "expected", "missing",
    "complete",
]  # fmt: skip


def asked_for_articles(server: Server, since: int) -> list[str]:
    """Give what the site was asked for that is an article: pages and details."""
    return [
        one.target for one in server.requests[since:] if re.search(r"/content/.*/\d+\.html|getnewsbyid", one.target)
    ]


def test_each_phase_of_the_newspaper_is_told(desk: Desk, newspaper: Server) -> None:
    """New, missing, published, edited, withdrawn and restored instalments through the API, in the contract's words."""
    text = profile_text(newspaper)
    first = desk.crawl(text)
    requests = len(newspaper.requests)
    second = desk.crawl(text)
    again = asked_for_articles(newspaper, requests)
    newspaper.newspaper.stage(2)
    third = desk.crawl(text)
    newspaper.newspaper.restore("信阳")
    fourth = desk.crawl(text)
    crawls = (first, second, third, fourth)

    assert [(one.code, one.stderr) for one in crawls] == [(0, "")] * 4
    assert [one.counts for one in crawls] == [
        {"found": 17, "captured": 17},
        {"found": 17, "unchanged": 17},
        {"found": 17, "captured": 1, "unchanged": 15, "revised": 1, "withdrawn": 1},
        {"found": 18, "unchanged": 17, "restored": 1},
    ]
    assert [(one.report["missing"], one.report["complete"]) for one in crawls] == [
        (["济源"], False), (["济源"], False), ([], True), ([], True),
    ]  # fmt: skip
    assert again == []
    check_document(first.document, newspaper)
    assert {one["reason"] for one in first.report["skipped"]} == {"off-client", "scope"}
    check_home(desk, [one.document for one in crawls])


def check_document(document: Any, newspaper: Server) -> None:
    """The keys of the contract in their order, and numbers that the site's own log bears out."""
    (report,) = document["series"]

    assert list(document) == DOCUMENT
    assert list(report) == SERIES
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", document["started"])
    assert document["requests"] == document["responses"]
    assert [asked.status for asked in newspaper.requests[: document["responses"]]].count(0) == 0
    assert 0 < document["new_bytes"] < document["bytes"]


def check_home(desk: Desk, documents: list[Any]) -> None:
    """Closed WARCs with serials that count up, a text for each instalment, and an index line for each capture."""
    paths = [path for document in documents for path in document["warcs"]]
    serials = [int(path.removesuffix(".warc.gz").rpartition("-")[2]) for path in paths]
    records = desk.records("qushui")
    captures = [one for one in records if one.type in ("response", "revisit", "resource")]
    index = (desk.home / "index" / "qushui.cdxj").read_bytes().splitlines()
    names = sorted(path.name for path in (desk.home / "text" / "qushui").iterdir())

    assert serials == [1, 2, 3, 4]
    assert desk.warcs() == [path.rpartition("/")[2] for path in paths]
    assert len({one.record_id for one in records}) == len(records)
    assert index == sorted(index)
    assert len(index) == len(captures)
    assert len([name for name in names if name.endswith(".md")]) == 18
    assert sorted(name for name in names if not name.endswith(".md")) == ["qushui.jsonl"]


@pytest.mark.parametrize("kind", ["list", "urls"])
@pytest.mark.soak
def test_lists_of_pages_tell_the_phases_too(desk: Desk, newspaper: Server, kind: str) -> None:
    """Without a word of an API or an `updated`: only fetching shows what became of an instalment."""
    text = profile_text(newspaper, kind, recheck="always")
    first = desk.crawl(text)
    newspaper.newspaper.stage(2)
    second = desk.crawl(text)
    newspaper.newspaper.restore("信阳")
    third = desk.crawl(text)
    named = 18 if kind == "urls" else 17

    assert [one.counts for one in (first, second, third)] == [
        {"found": named, "captured": 17},
        {"found": named, "captured": 1, "unchanged": 15, "revised": 1, "withdrawn": 1},
        {"found": 18, "unchanged": 17, "restored": 1},
    ]
    assert [one.failed for one in (first, second, third)] == [["http-4xx"] if kind == "urls" else [], [], []]
    assert [one.code for one in (first, second, third)] == [3 if kind == "urls" else 0, 0, 0]


def test_every_exchange_is_kept_as_it_went_over_the_wire(desk: Desk, newspaper: Server, relay: Relay) -> None:
    """A relay between the two heard every byte; each pair in the WARCs is one that it heard, and none is left out."""
    crawls = [desk.crawl(profile_text(relay.url, recheck=rule)) for rule in ("decay", "always")]
    heard = relay.exchanges()
    kept = pairs(desk.records("qushui"))

    assert [one.code for one in crawls] == [0, 0]
    assert sum(one.document["responses"] for one in crawls if one.document) == len(heard)
    assert Counter(kept) == Counter(heard)
    for path in (desk.home / "warc" / "qushui").iterdir():
        with path.open("rb") as stream:
            kinds = Counter(record.rec_type for record in ArchiveIterator(stream))
        assert kinds["request"] == kinds["response"] + kinds["revisit"] > 0


def pairs(records: list[Record]) -> list[tuple[bytes, bytes]]:
    """Give request and response of each exchange; a revisit's body is that of the record it refers to."""
    bodies = {one.record_id: one.block.partition(b"\r\n\r\n")[2] for one in records if one.type == "response"}
    told: dict[str, bytes] = {}
    for one in records:
        if one.type == "response":
            told[one.record_id] = one.block
        elif one.type == "revisit":
            whole = "identical-payload-digest" in one.headers["WARC-Profile"]
            head = one.block.partition(b"\r\n\r\n")[0] + b"\r\n\r\n"
            told[one.record_id] = head + bodies[one.headers["WARC-Refers-To"]] if whole else one.block
    asked = {one.headers["WARC-Concurrent-To"]: one.block for one in records if one.type == "request"}
    assert set(asked) == set(told)
    return [(asked[name], told[name]) for name in told]


def test_a_page_has_all_that_replay_needs(desk: Desk, newspaper: Server) -> None:
    """Pictures in every offered size, styles and what they import, scripts and the icon: each answers 200 in the index."""
    desk.crawl(profile_text(newspaper, "list"))
    index = (desk.home / "index" / "qushui-list.cdxj").read_text(encoding="utf-8")
    good = set(re.findall(r'"url": "http://[^/]+([^"]*)", "mime": "[^"]*", "status": "200"', index))
    pages = [
        one.block for one in desk.records("qushui-list")
        if one.type == "response" and one.url and one.url.endswith(".html") and "/content/" in one.url
    ]  # fmt: skip
    from archive.http import decode_payload, parse_response

    needed: set[str] = set()
    for page in pages:
        html = decode_payload(parse_response(page)).body.decode()
        needed |= set(re.findall(r'(?:src|href)="(?:http://127[^/]+)?(/[^"]+\.(?:jpg|png|ico|css|js))"', html))
        needed |= set(re.findall(r"(/uploadfile/[^ \"]+-2x\.jpg)", html))

    assert len(pages) == 17
    assert any(path.endswith("-2x.jpg") for path in needed)
    assert any(path.endswith(".css") for path in needed)
    assert needed - good == set()
    assert {"/static/css/type.css", "/static/img/paper.png"} <= good


@pytest.mark.soak
def test_options_choose_what_is_fetched(desk: Desk, newspaper: Server) -> None:
    """--dry-run asks for nothing, --article for one, --only for what lacks; --full for all, with conditions."""
    text = profile_text(newspaper, "list")
    plan = desk.crawl(text, "--dry-run")
    planned = len(newspaper.requests)
    newspaper.fail(newspaper.newspaper.standing("开封").instalment.path, 500, times=0)
    failed = desk.crawl(text)
    newspaper.site.heal()
    article = next(one for one in desk.ask("articles", "qushui-list") if one["subject"] == "郑州")
    targets: dict[str, list[str]] = {}
    crawls = {}
    for name, options in {
        "article": ["--article", article["id"]], "failed": ["--only", "failed"], "full": ["--full"],
        "missing": ["--only", "missing"],
    }.items():  # fmt: skip
        since = len(newspaper.requests)
        crawls[name] = desk.crawl(text, *options)
        targets[name] = asked_for_articles(newspaper, since)
    revisits = [one for one in desk.records("qushui-list") if one.type == "revisit"]
    told = Counter(one.headers["WARC-Profile"].rpartition("/")[2] for one in revisits)

    assert plan.code == planned == 0
    assert plan.document == {
        "series": [{"id": "qushui-list", "would_fetch": [{"url": newspaper.url + "/list/index.html", "role": "list"}]}]
    }
    assert (failed.code, failed.counts["captured"], failed.failed) == (3, 16, ["http-5xx"])
    assert [one.code for one in crawls.values()] == [0, 0, 0, 0]
    assert targets["article"] == [newspaper.newspaper.standing("郑州").instalment.path]
    assert targets["failed"] == [newspaper.newspaper.standing("开封").instalment.path]
    assert crawls["failed"].counts["captured"] == 1
    assert len(targets["full"]) == len(set(targets["full"])) == 17
    assert crawls["full"].counts == {"found": 17, "unchanged": 17}
    assert told["server-not-modified"] >= 17
    assert targets["missing"] == []


def test_two_series_in_one_command_are_two_reports(desk: Desk, newspaper: Server) -> None:
    """Each with its own counts and its own WARCs, in the order of the command."""
    paths = [desk.profile(profile_text(newspaper, kind), f"{kind}.toml") for kind in ("api", "list")]
    done = ended(desk.start("crawl", *paths, "--json"))

    assert done.code == 0
    assert done.document is not None
    assert [(one["id"], one["captured"]) for one in done.document["series"]] == [("qushui", 17), ("qushui-list", 17)]
    assert [path.split("/")[1] for path in done.document["warcs"]] == ["qushui", "qushui-list"]


@pytest.mark.soak
def test_an_id_is_one_source_and_remembers_its_profile(desk: Desk, newspaper: Server) -> None:
    """Another source under that id is refused before anything is asked; the id alone crawls again, also after a rebuild."""
    text = profile_text(newspaper)
    desk.crawl(text)
    since = len(newspaper.requests)
    other = desk.crawl(profile_text(newspaper, "list", series="qushui"))
    wrong = desk.crawl(profile_text(newspaper, "list"), "--article", "qushui/郑州")
    refused = len(newspaper.requests) - since
    desk.ask("rebuild")
    by_id = ended(desk.start("crawl", "qushui", "--json"))

    assert (other.code, other.document, refused) == (2, None, 0)
    assert "already another source" in other.error
    assert (wrong.code, "no article of qushui-list" in wrong.error) == (2, True)
    assert (by_id.code, by_id.counts) == (0, {"found": 17, "unchanged": 17})
