"""What a site does wrong is named with its reason, and never mistaken for a word about the series."""

from __future__ import annotations

import ipaddress
import re
import socket
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from desk import Crawled, Desk, profile_text
from witness import Canary

from crawler.demo.answers import Answer, Fault, cut_body, empty_info, html_page, reset, stall, status, too_many
from crawler.demo.server import Server


def refused(answer: Answer) -> Answer:
    """The API says that it cannot."""
    return replace(answer, status=200, body='{"Status": 0, "Info": "系统繁忙"}'.encode(), mime="application/json")


def no_links(answer: Answer) -> Answer:
    """A list page that lists nothing."""
    page = "<html><head><title>专题</title></head><body><ul class='news-list'></ul></body></html>"
    return replace(answer, body=page.encode(), etag=None, modified=None)


def going_to(address: str) -> Fault:
    """A redirect."""
    return status(302, ("Location", address))


API_LIST = "/v2/content/getSpecialContent*"
SECTION = "/v2/content/getcategorylist*offset=10*"
BAD_LISTS: dict[str, tuple[str, int | Fault, str]] = {
    "a page in place of JSON": (API_LIST, html_page, "source"),
    "nothing in it": (API_LIST, empty_info, "source"),
    "a refusal": (API_LIST, refused, "source"),
    "an error": (API_LIST, 503, "http-5xx"),
    "gone": (API_LIST, 404, "http-4xx"),
    "forbidden": (API_LIST, 403, "http-4xx"),
    "cut": (API_LIST, cut_body, "connect"),
    "reset": (API_LIST, reset, "connect"),
    "its second page fails": (SECTION, 500, "http-5xx"),
    "redirected in a circle": ("/v2/content/[!g]*", going_to("/v2/content/round"), "source"),
}


@pytest.mark.soak
def test_a_bad_list_withdraws_nothing_and_is_named(desk: Desk, newspaper: Server) -> None:
    """Were an empty answer taken at its word, one bad night of the site would withdraw the whole series."""
    text = profile_text(newspaper, retries=0)
    desk.crawl(text)
    found = {}
    for name, (path, fault, _) in BAD_LISTS.items():
        newspaper.fail(path, fault, times=0)
        if name == "redirected in a circle":
            newspaper.fail(API_LIST, fault, times=0)
        done = desk.crawl(text)
        newspaper.site.heal()
        found[name] = (done.code, done.failed, done.counts.get("withdrawn", 0), done.stderr.count("\n"))
    kinds = Counter(one["kind"] for one in desk.ask("history", "qushui"))

    # Of a site whose list resets nothing answers: robots.txt is known from the first run.
    codes = {name: (5, 1) if name == "reset" else (3, 0) for name in BAD_LISTS}
    assert found == {name: (codes[name][0], [reason], 0, codes[name][1]) for name, (_, _, reason) in BAD_LISTS.items()}
    assert kinds == {"found": 17, "captured": 17}
    assert {one["state"] for one in desk.ask("articles", "qushui")} == {"captured"}


@pytest.mark.soak
def test_a_shrunken_list_withdraws_nothing(desk: Desk, newspaper: Server) -> None:
    """What a list names no longer is looked at; as long as it answers it is there, only unlisted, until named again."""
    text = profile_text(newspaper)
    desk.crawl(text)
    for subject in ("开封", "洛阳", "南阳"):
        newspaper.newspaper.standing(subject).listed = False
    shrunken = desk.crawl(text)
    for subject in ("开封", "洛阳", "南阳"):
        newspaper.newspaper.standing(subject).listed = True
    again = desk.crawl(text)
    kinds = Counter(one["kind"] for one in desk.ask("history", "qushui"))

    assert (shrunken.code, shrunken.failed, shrunken.counts) == (0, [], {"found": 14, "unchanged": 17})
    assert (again.code, again.counts) == (0, {"found": 17, "unchanged": 17})
    assert kinds == {"found": 17, "captured": 17, "unlisted": 3, "listed": 3}


def test_a_list_page_without_links_is_a_failure_of_the_source(desk: Desk, newspaper: Server) -> None:
    """A selector that no longer fits looks like a series that was deleted."""
    text = profile_text(newspaper, "list", retries=0)
    desk.crawl(text)
    newspaper.fail("/list/*", no_links, times=0)
    done = desk.crawl(text)

    assert (done.code, done.failed, done.counts) == (3, ["source"], {})


def test_each_strange_answer_of_an_article_has_its_own_end(desk: Desk, newspaper: Server, canary: Canary) -> None:
    """One crawl over a site at its worst: what failed is in `failed` with its reason, the rest is captured."""
    canary_url = f"{canary.url}/x.html"
    paths = {one.instalment.subject: one.instalment.path for one in newspaper.newspaper.all()}
    faults: dict[str, int | Fault] = {
        "郑州": going_to(canary_url),  # another port of this machine
        "开封": going_to("/"),  # the front page: gone
        "洛阳": going_to(paths["洛阳"]),  # a circle
        "安阳": 404,
        "鹤壁": 500,
        "新乡": cut_body,
        "焦作": reset,
        "濮阳": 403,
        "许昌": going_to("http://elsewhere.invalid/a.html"),
    }
    for subject, fault in faults.items():
        newspaper.fail(paths[subject], fault, times=0)
    done = desk.crawl(profile_text(newspaper, "list", retries=0))
    reasons = {one["url"]: one["reason"] for one in done.report["failed"]}
    states = {one["url"]: one["state"] for one in desk.ask("articles", "qushui-list")}

    assert done.code == 3
    assert {subject: reasons.get(newspaper.url + paths[subject]) for subject in faults} == {
        "郑州": None, "开封": "soft-404", "洛阳": "not-an-article", "安阳": "http-4xx", "鹤壁": "http-5xx", "新乡": "connect",
        "焦作": "connect", "濮阳": "http-4xx", "许昌": None,
    }  # fmt: skip
    assert len(reasons) == 7
    assert {one["url"]: one["reason"] for one in done.report["skipped"]} == {
        canary_url: "private", newspaper.url + paths["郑州"]: "private",
        "http://elsewhere.invalid/a.html": "scope", newspaper.url + paths["许昌"]: "scope",
    }  # fmt: skip
    assert canary.touched == 0
    assert {states[newspaper.url + paths[subject]] for subject in faults} == {"failed", "found"}
    assert done.counts == {"found": 17, "captured": 8}


@pytest.mark.soak
def test_a_cut_answer_is_no_edit_of_a_good_one(desk: Desk, newspaper: Server) -> None:
    """Half a text is not a shorter text: the article stays as it was, the half is kept as what it is, and is named."""
    text = profile_text(newspaper, recheck="always", retries=0)
    desk.crawl(text)
    newspaper.newspaper.edit("开封")
    newspaper.newspaper.edit("洛阳")
    for subject in ("开封", "洛阳"):
        standing = newspaper.newspaper.standing(subject).instalment
        for path in (f"/v2/content/getnewsbyid*{standing.content_id}*", standing.path):
            newspaper.fail(path, cut_body)
    cut = desk.crawl(text)
    mended = desk.crawl(text)
    truncated = [one for one in desk.records("qushui") if one.headers.get("WARC-Truncated") == "disconnect"]

    assert (cut.code, cut.failed, cut.counts) == (3, ["connect"] * 4, {"found": 17, "unchanged": 15})
    assert len(truncated) == 4
    assert (mended.code, mended.counts) == (0, {"found": 17, "unchanged": 15, "revised": 2})


def test_what_is_good_at_the_second_try_is_no_failure(desk: Desk, newspaper: Server) -> None:
    """A list and an article that stumble once are read as if they had not: a withdrawal is seen in the same run."""
    text = profile_text(newspaper, "list", retries=2)
    desk.crawl(text)
    newspaper.newspaper.edit("安阳")
    newspaper.newspaper.withdraw("信阳")
    newspaper.fail("/list/index.html", 502)
    newspaper.fail(newspaper.newspaper.standing("安阳").instalment.path, cut_body)
    done = desk.crawl(text, "--full")

    assert (done.code, done.failed) == (0, [])
    assert done.counts == {"found": 16, "unchanged": 15, "revised": 1, "withdrawn": 1}


@pytest.mark.soak
def test_a_requisite_that_failed_is_fetched_by_the_next_run(desk: Desk, newspaper: Server) -> None:
    """A page is whole for replay as soon as the site is well again, without a person's help."""
    picture = newspaper.newspaper.standing("郑州").instalment.picture(0)
    text = profile_text(newspaper, "list", retries=0)
    newspaper.fail(picture, 500)
    newspaper.fail("/static/css/main.css", cut_body)
    first = desk.crawl(text)
    second = desk.crawl(text)
    third = desk.crawl(text)
    asked = Counter(newspaper.targets())

    assert (first.code, first.failed) == (3, ["connect", "http-5xx"])
    assert (second.code, second.failed) == (0, [])
    assert third.code == 0
    assert (asked[picture], asked["/static/css/main.css"]) == (2, 2)


def test_retry_after_is_waited_for(desk: Desk, newspaper: Server) -> None:
    """The second request comes after the time that the site asked for, and what was asked for in vain is no failure."""
    path = newspaper.newspaper.standing("郑州").instalment.path
    newspaper.fail(path, too_many("1"))
    newspaper.fail("/list/index.html", too_many("Sun, 06 Nov 1994 08:49:37 GMT"))
    done = desk.crawl(profile_text(newspaper, "list"))
    first, second = (one for one in newspaper.requests if one.target == path)

    assert (done.code, done.failed, done.counts["captured"]) == (0, [], 17)
    assert [first.status, second.status] == [429, 200]
    assert (second.at - first.at).total_seconds() >= 1.0
    assert [one.status for one in newspaper.requests if one.target == "/list/index.html"] == [429, 200]


def test_a_live_check_says_that_the_list_may_not_be_asked_for(desk: Desk, newspaper: Server) -> None:
    """A list that names nothing because nobody may read it is no good profile."""
    newspaper.fail("/robots.txt", lambda answer: replace(answer, body=b"User-agent: *\nDisallow: /\n"), times=0)
    done = desk.start("profile", "check", desk.profile(profile_text(newspaper, "list")), "--live")
    said, _ = done.communicate()

    assert (done.returncode, f"failed {newspaper.url}/list/index.html: robots" in said) == (3, True)


ROBOTS: dict[str, tuple[Callable[[Answer], Answer], int]] = {
    "disallow": (lambda answer: replace(answer, body=b"User-agent: *\nDisallow: /content/\n"), 0),
    "broken": (status(503), 3),
    "strange": (status(999), 3),
    "silent": (stall, 5),
}


@pytest.mark.parametrize("said", ROBOTS)
def test_robots_txt_is_obeyed(desk: Desk, newspaper: Server, said: str) -> None:
    """What it forbids is skipped, which is no failure; where it cannot be had nothing else is asked for, which is one."""
    fault, code = ROBOTS[said]
    newspaper.fail("/robots.txt", fault, times=0)
    done = desk.crawl(profile_text(newspaper, "list", retries=0, timeout=1 if said == "silent" else 10))
    others = [target for target in newspaper.targets() if not re.match(r"/robots.txt|/list/", target)]
    skipped = Counter(one["reason"] for one in done.report["skipped"])

    assert done.code == code
    assert others == []
    assert skipped == ({"robots": 17} if said == "disallow" else {})
    assert done.failed == {"disallow": [], "broken": ["http-5xx"], "strange": ["http-5xx"], "silent": ["timeout"]}[said]
    assert len(newspaper.targets("/list/")) == (3 if said == "disallow" else 0)


@pytest.mark.soak
def test_a_site_that_takes_no_connection_is_given_up(desk: Desk, canary: Canary) -> None:
    """Exit 5 with one line, after a few attempts and not one for each of the eighteen addresses."""
    done = desk.crawl(profile_text(canary.url, "urls", retries=3, robots="ignore"))

    assert done.code == 5
    assert canary.url in done.error
    assert 0 < canary.touched <= 4 + 4  # four in a row, and as many as may be under way then
    assert Counter(done.failed) == {"connect": 18}


def test_a_limit_of_the_run_skips_and_the_next_run_goes_on(desk: Desk, newspaper: Server) -> None:
    """A limit is a wish of the operator, so it is no failure."""
    few = desk.crawl(profile_text(newspaper, "list", max_requests=6))
    asked = len(newspaper.requests)
    rest = desk.crawl(profile_text(newspaper, "list"))

    assert (few.code, few.document and few.document["requests"], asked) == (0, 6, 6)
    assert {one["reason"] for one in few.report["skipped"]} == {"limit"}
    assert (rest.code, rest.counts["captured"] + few.counts["captured"]) == (0, 17)


@pytest.mark.parametrize("limit", [{"max_seconds": 1}, {"max_bytes": 30_000}])
@pytest.mark.soak
def test_what_a_limit_leaves_undone_is_named(desk: Desk, newspaper: Server, limit: dict[str, int]) -> None:
    """An article that was listed is captured, or failed, or skipped: none is passed over in silence."""
    if "max_seconds" in limit:
        newspaper.fail("*/content/2018/*", stall, times=0)
        newspaper.fail("/content/*2018*", stall, times=0)
    few = desk.crawl(profile_text(newspaper, "list", **limit))
    skipped = {one["url"]: one["reason"] for one in few.report["skipped"]}
    lacking = {one["url"] for one in desk.ask("articles", "qushui-list") if one["state"] != "captured"}
    newspaper.site.heal()
    rest = desk.crawl(profile_text(newspaper, "list"))

    assert few.code == 0
    assert set(skipped.values()) == {"limit"}
    assert lacking - set(skipped) == set()
    assert (rest.code, rest.report["found"], len(lacking)) == (0, 17, rest.counts.get("captured", 0) - hidden(few))


def hidden(few: Crawled) -> int:
    """Give how many instalments a run did not even see named."""
    return 17 - few.counts.get("found", 0)


def named(canary: Canary) -> list[str]:
    """Give an image of this machine's own name, where that name leads to itself: only looking it up tells."""
    name = socket.gethostname()
    try:
        private = name != "localhost" and ipaddress.ip_address(socket.gethostbyname(name)).is_private
    except OSError:
        return []
    return [f"{canary.url.replace('127.0.0.1', name)}/c.png"] if private else []


def test_an_image_on_a_private_port_is_not_fetched(desk: Desk, newspaper: Server, canary: Canary) -> None:
    """A page may not make the archive knock at the doors of the network it stands in."""
    path = newspaper.newspaper.standing("郑州").instalment.path
    addresses = [f"{canary.url}/a.png", f"{canary.url.replace('127.0.0.1', 'localhost')}/b.png", *named(canary)]

    def with_image(answer: Answer) -> Answer:
        images = "".join(f'<img src="{address}">' for address in addresses)
        body = answer.body.replace(b"</body>", images.encode() + b"</body>")
        return replace(answer, body=body, etag=None, modified=None)

    newspaper.fail(path, with_image, times=0)
    done = desk.crawl(profile_text(newspaper, "list"))
    skipped: Any = {(one["url"], one["reason"]) for one in done.report["skipped"]}

    assert done.code == 0
    assert skipped == {(address, "private") for address in addresses}
    assert canary.touched == 0
