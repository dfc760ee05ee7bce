"""The demonstration newspaper says what it says it says: its texts, its API, and what its editors' deeds change.

The tests of the crawler stand on it, so it is tested first.
"""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest
from lxml import html

from crawler.demo.newspaper import Newspaper
from crawler.demo.profiles import demo_profile, list_profile, url_list_profile
from crawler.demo.site import Site
from crawler.demo.text import NOTE, SUBJECTS, content_html, instalments
from crawler.profile import parse_profile
from crawler.sources import source_for

RECORDED = Path(__file__).resolve().parents[3] / "shared" / "client-site" / "special-topic.json"
BASE = "http://127.0.0.1:1"
TOPIC = "/v2/content/getSpecialContent?special_id=special_901"
COUNTERS = {"views", "support", "comment", "is_favor"}


@pytest.fixture
def site() -> Site:
    """The newspaper without its server: target in, answer out."""
    return Site(Newspaper())


def call(site: Site, target: str) -> Any:
    """Ask the API and read its JSON."""
    return json.loads(site.answer(target, BASE).body)


def detail(site: Site, subject: str) -> Any:
    """The API's answer to the article of a subject."""
    content_id = site.newspaper.standing(subject).instalment.content_id
    return call(site, f"/v2/content/getnewsbyid?content_id={content_id}")


def section(site: Site, cat_id: str = "special_904") -> list[dict[str, Any]]:
    """A section of the topic, read page by page until a page is short, as the client does."""
    items: list[dict[str, Any]] = []
    while True:
        page = call(site, f"/v2/content/getcategorylist?cat_id={cat_id}&number=10&offset={len(items)}")["Info"]
        items += page
        if len(page) < 10:
            return items


def seen(site: Site) -> dict[str, dict[str, Any]]:
    """All that readers can tell of each instalment without counters: detail, item in the list, text on the page."""
    known = {}
    listed = json.loads(site.answer("/v2/content/getcategorylist?cat_id=special_904&number=99", BASE).body)["Info"]
    by_id = {item["content_id"]: {k: v for k, v in item.items() if k not in COUNTERS} for item in listed}
    for one in instalments():
        said = json.loads(site.answer(f"/v2/content/getnewsbyid?content_id={one.content_id}", BASE).body)
        info = said["Info"]
        if isinstance(info, dict):
            said["Info"] = {key: value for key, value in info.items() if key not in COUNTERS}
        page = site.answer(one.path, BASE)
        main = html.fromstring(page.body.decode()).xpath('//div[@class="content-content"]//text()')
        known[one.subject] = {"detail": said, "item": by_id.get(one.content_id), "page": (page.status, "".join(main))}
    return known


# ---------------------------------------------------------------------------------------------------------------- texts


def test_the_series_has_one_instalment_for_each_subject_in_order() -> None:
    """ "17 of 18; 济源 is missing" is only true if each of the eighteen has exactly one."""
    assert tuple(one.subject for one in instalments()) == SUBJECTS
    assert sorted({one.published for one in instalments()}) == [one.published for one in instalments()]


@pytest.mark.parametrize("number", range(18), ids=lambda number: SUBJECTS[number])
def test_an_instalment_has_the_structure_of_the_series(number: int) -> None:
    """The cleaner is measured on it: note, highlights, byline, numbered points and a picture stand in each."""
    one = instalments()[number]
    text = html.fromstring(content_html(one, BASE)).text_content()
    points = [paragraph[:2] for paragraph in one.body if paragraph[1] == "是" and paragraph[0] in "一二三四"]

    assert (
        text.index("编者按：") < text.index("核心提示：") < text.index(f"{one.office}　{one.name}") < text.index("一是")
    )
    assert text.count(f"本期刊发{one.office}{one.name}的文章《{one.title}》。") == 1
    assert one.note[:-1] == NOTE
    assert points == ["一是", "二是", "三是"]
    assert 450 <= sum(map(len, one.body)) <= 1200
    assert one.subject in one.title + "".join(one.body)
    assert not [other for other in SUBJECTS if other != one.subject and other in one.title + "".join(one.body)]
    assert one.captions


def test_no_two_instalments_share_a_paragraph_a_title_or_an_address() -> None:
    """A cleaner or a crawl that mixes two of them up would pass unseen if they were alike."""
    for values in (
        [paragraph for one in instalments() for paragraph in (*one.body, *one.captions, *one.highlights)],
        [one.title for one in instalments()],
        [one.name for one in instalments()],
        [one.path for one in instalments()],
        [one.content_id for one in instalments()],
    ):
        assert len(values) == len(set(values))


def test_some_instalments_have_what_is_hard() -> None:
    """A table, a list, two pictures, a title without the city, a name of two, three and four characters and one with a dot."""
    every = instalments()

    assert any(block.startswith("|") for one in every for block in one.blocks)
    assert any(block.startswith("- ") for one in every for block in one.blocks)
    assert any(len(one.captions) == 2 for one in every)
    assert any(one.subject not in one.title for one in every)
    assert {2, 3, 4} <= {len(one.name) for one in every}
    assert any("·" in one.name for one in every)


# ------------------------------------------------------------------------------------------------------------------ API


@pytest.mark.skipif(not RECORDED.exists(), reason="the recorded answer is not beside this checkout")
def test_the_topic_has_the_keys_of_the_recorded_answer(site: Site) -> None:
    """What reads the newspaper reads the real client, and the other way round."""
    recorded, ours = json.loads(RECORDED.read_text("utf-8")), call(site, TOPIC)
    recorded_item, our_items = recorded["Info"]["lists"][0]["lists"][0], section(site)

    assert recorded.keys() == ours.keys()
    assert recorded["Info"].keys() <= ours["Info"].keys()
    assert recorded["Info"]["lists"][0].keys() == ours["Info"]["lists"][0].keys()
    assert set(recorded_item) == set(our_items[-1])
    assert all(set(item) <= set(recorded_item) for item in our_items)
    assert recorded["Info"]["title"].endswith("\r")
    assert ours["Info"]["title"].endswith("\r")


def test_a_section_longer_than_its_first_page_is_paged_to_an_end(site: Site) -> None:
    """A crawl that stops at the first page finds ten of seventeen."""
    shown = next(part for part in call(site, TOPIC)["Info"]["lists"] if part["cat_id"] == "special_904")
    items = section(site)

    assert len(shown["lists"]) == 10
    assert len({item["content_id"] for item in items}) == len(items) == 17
    assert shown["lists"][0]["content_id"] == items[0]["content_id"]
    assert call(site, "/v2/content/getcategorylist?cat_id=special_904&num=10&offset=20")["Info"] == []


def test_values_are_as_uneven_as_the_recorded_ones(site: Site) -> None:
    """Numbers come as strings or integers and keys are missing, so nobody may count on either."""
    items = section(site)

    for key in ("views", "updated", "is_link"):
        assert {type(item[key]) for item in items if key in item} == {int, str}
    assert len({frozenset(item) for item in items}) > 3
    assert detail(site, "郑州")["Info"]["editor"].startswith(" ")


def test_the_topic_also_holds_a_copy_a_second_section_a_link_away_and_another_topic(site: Site) -> None:
    """One article under two names is one instalment; an H5 page and another topic are none."""
    parts = {part["cat_id"]: part["lists"] for part in call(site, TOPIC)["Info"]["lists"]}
    ids = {item["content_id"] for item in section(site)}
    copy = parts["special_903"][0]

    assert copy["content_id"] not in ids
    assert copy["internal_id"] in ids
    assert {item["content_id"] for item in parts["special_905"]} < ids
    assert parts["special_902"][0]["is_link"] == 1
    assert not parts["special_902"][0]["url"].startswith(BASE)
    assert "special_id" in parts["special_906"][0]


def test_the_copy_and_the_original_say_the_same(site: Site) -> None:
    """Only the asked-for name and the counters differ."""
    texts = [
        call(site, f"/v2/content/getnewsbyid?content_id={name}")["Info"]
        for name in ("content_412-39186-1", "content_8-38294-1")
    ]

    assert texts[0]["content"] == texts[1]["content"]
    assert texts[0]["url"] == texts[1]["url"]


@pytest.mark.parametrize(
    "target",
    [
        "getnewsbyid?content_id=content_8-1-1", "getnewsbyid", "getSpecialContent?special_id=special_1",
        "getSpecialContent", "getcategorylist?cat_id=special_904&offset=x", "nosuchcall",
    ],
)  # fmt: skip
def test_an_unknown_name_is_refused_with_a_message(site: Site, target: str) -> None:
    """The client answers 200 and says no in the envelope."""
    said = call(site, f"/v2/content/{target}")

    assert said["Status"] == 0
    assert isinstance(said["Info"], str)


def test_a_callback_wraps_the_same_answer(site: Site) -> None:
    """The web front end asks for JSONP; a name that is no name of a function is not echoed."""
    wrapped = site.answer("/v2/content/gettopcategory?callback=jQuery_1.cb", BASE)
    plain = site.answer("/v2/content/gettopcategory?callback=%3Cscript%3E", BASE)

    assert wrapped.body == b"jQuery_1.cb(" + plain.body + b")"
    assert (wrapped.mime[:15], plain.mime[:16]) == ("application/jav", "application/json")


def test_counters_move_at_each_visit_and_nothing_else_does(site: Site) -> None:
    """A crawl that takes views for an edit would report eighteen a day."""
    first, second = detail(site, "洛阳")["Info"], detail(site, "洛阳")["Info"]

    assert {key for key in first if first[key] != second[key]} <= COUNTERS
    assert first["views"] != second["views"]


# --------------------------------------------------------------------------------------------------------------- phases

Deed = Callable[[Newspaper], object]
DEEDS: dict[str, tuple[str, Deed, set[str]]] = {
    "publish": ("济源", lambda paper: paper.publish("济源"), {"detail", "item", "page"}),
    "edit": ("安阳", lambda paper: paper.edit("安阳"), {"detail", "item", "page"}),
    "edit_quietly": ("洛阳", lambda paper: paper.edit_quietly("洛阳"), {"detail", "page"}),
    "retitle": ("南阳", lambda paper: paper.retitle("南阳", "玉桌"), {"detail", "item", "page"}),
    "withdraw": ("信阳", lambda paper: paper.withdraw("信阳"), {"detail", "item", "page"}),
    "withdraw, still listed": ("信阳", lambda paper: paper.withdraw("信阳", listed=True), {"detail", "page"}),
}


@pytest.mark.parametrize("name", DEEDS)
def test_a_deed_changes_what_it_says_and_nothing_else(name: str) -> None:
    """A test that sees an edit must know that there was one, and no other."""
    subject, deed, changed = DEEDS[name]
    site = Site(Newspaper())
    before = seen(site)
    deed(site.newspaper)
    after = seen(site)

    assert [one for one in SUBJECTS if before[one] != after[one]] == [subject]
    assert {key for key in before[subject] if before[subject][key] != after[subject][key]} == changed


@pytest.mark.parametrize("subject", SUBJECTS)
def test_an_edit_changes_one_passage_and_the_next_one_changes_it_back(subject: str) -> None:
    """The demonstration shows the passage; each instalment's file names one that stands in its body once."""
    paper = Newspaper(missing=())
    before = paper.standing(subject)
    blocks, updated = before.instalment.blocks, before.updated
    was, now = paper.edit(subject)
    edited = paper.standing(subject)

    assert "\n".join(blocks).count(was) == 1
    assert "\n".join(edited.instalment.blocks) == "\n".join(blocks).replace(was, now) != "\n".join(blocks)
    assert edited.updated > updated
    assert paper.edit(subject) == (now, was)
    assert paper.standing(subject).instalment.blocks == blocks


def test_an_edit_of_what_is_not_there_is_refused() -> None:
    """A test whose edit does nothing would prove nothing."""
    with pytest.raises(ValueError, match="is not in its text"):
        Newspaper().edit("郑州", "没有这句话", "也没有")


def test_a_withdrawn_article_is_refused_everywhere_and_restored_as_it_was() -> None:
    """API, page and list each have their own way to say so."""
    site = Site(Newspaper())
    before = seen(site)
    site.newspaper.withdraw("信阳")
    gone = seen(site)["信阳"]
    site.newspaper.restore("信阳")

    assert gone["detail"] == {"Status": 0, "Info": "该文章已被删除"}
    assert gone["page"][0] == 404
    assert gone["item"] is None
    assert before == seen(site)


def test_a_soft_404_answers_200_with_a_notice() -> None:
    """Many sites do; who looks at the status alone keeps the notice as the article."""
    site = Site(Newspaper())
    site.newspaper.withdraw("信阳", soft=True)
    said = site.answer(site.newspaper.standing("信阳").instalment.path, BASE)

    assert said.status == 200
    assert "已被删除" in said.body.decode()


def test_the_demonstration_has_two_stages() -> None:
    """First 济源 is missing; then it is there, 安阳 is edited and 信阳 gone; there is no way back."""
    site = Site(Newspaper())
    first = seen(site)
    site.newspaper.stage(2)
    second = seen(site)
    site.newspaper.stage(2)

    assert [subject for subject in SUBJECTS if first[subject]["item"] is None] == ["济源"]
    assert [subject for subject in SUBJECTS if first[subject] != second[subject]] == ["安阳", "信阳", "济源"]
    assert second == seen(site)
    with pytest.raises(ValueError, match="stage 1"):
        site.newspaper.stage(1)


# ------------------------------------------------------------------------------------------------------------- profiles


@pytest.mark.parametrize(
    ("build", "articles"),
    [(demo_profile, 17), (list_profile, 17), (url_list_profile, 18)],
    ids=["henandaily", "list-page", "url-list"],
)
def test_each_profile_is_valid_and_names_the_series(site: Site, build: Callable[[str], str], articles: int) -> None:
    """Every way of listing leads to the same articles, copies and second sections folded into one."""
    profile = parse_profile(build(BASE), name="demo.toml", environ={})
    source = source_for(profile.source)
    entries, waiting, asked = list(source.entries()), list(source.seeds()), set[str]()
    while waiting:
        asked.add(url := waiting.pop())
        answer = site.answer(url.removeprefix(BASE), BASE)
        listing = source.read_list(url, answer.body, answer.mime)
        entries += listing.entries
        waiting += [more for more in listing.more if more not in asked]

    assert len({entry.key for entry in entries if entry.skip is None}) == articles
    assert profile.series.expected == len(profile.series.subjects) == 18


def test_the_newspaper_runs_as_a_process_of_its_own() -> None:
    """A bench measures the crawl alone, so the site must not share its process."""
    command = [sys.executable, "-m", "crawler.demo.server", "--port", "0", "--stage", "2"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout
        url = process.stdout.readline().strip()
        with urlopen(f"{url}/v2/content/getcategorylist?cat_id=special_904&number=99") as answer:
            listed = json.load(answer)["Info"]
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate()

    assert len(listed) == 17
    assert listed[0]["title"].startswith("水从这里出发")
    assert (process.returncode, errors) == (0, "")
