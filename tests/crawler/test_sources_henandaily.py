"""The client's API: every shape that was seen, and any that was not."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.errors import ProfileError
from archive.model import Entry, Listing
from crawler.sources import Refused, SourceError
from crawler.sources.henandaily import ITEMS_A_PAGE, MAX_OFFSET, HenanDaily
from crawler.sources.henandaily_items import read_item

DATA = Path(__file__).parent.parent / "data" / "sources"
RECORDED = Path(__file__).parents[3] / "shared" / "client-site" / "special-topic.json"
SOURCE = HenanDaily("https://api.linxi.example/", "special_412")
TOPIC = SOURCE.seeds()[0]
CHANNEL = HenanDaily("https://api.linxi.example", None, "content_21")
DETAIL = "https://api.linxi.example/v2/content/getnewsbyid?content_id=content_8-70101-1"

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
item_keys = (
    "content_id",
    "special_id",
    "url",
    "is_link",
    "link_url",
    "internal_type",
    "internal_id",
    "title",
    "created",
    "updated",
)
odd_ids = st.sampled_from(["content_8-1-1", "special_4", "special_4-2-1", "none", "0", 0, "", " content_8-1-1\r"])
odd_items = st.dictionaries(st.sampled_from(item_keys), json_values | odd_ids)


def body(info: Any, status: Any = 1) -> bytes:
    return json.dumps({"Status": status, "Info": info}).encode()


def item(number: int, **more: Any) -> dict[str, Any]:
    return {
        "content_id": f"content_8-{number}-1",
        "url": f"http://www.linxi.example/{number}.html",
        "title": "渠",
    } | more


def topic(*items: Any) -> dict[str, Any]:
    return {"title": "渠水", "lists": [{"name": "文", "cat_id": "special_902", "lists": list(items)}]}


def entry_of(**row: Any) -> Entry:
    return SOURCE.read_list(TOPIC, body(topic(row)), "application/json").entries[0]


def shown(listing: Listing) -> list[dict[str, Any]]:
    rows = [{k: v for k, v in asdict(entry).items() if v not in (None, ())} for entry in listing.entries]
    return json.loads(json.dumps(rows))


# --------------------------------------------------------------------------------------------------------- addresses


def test_a_call_is_written_as_the_client_writes_it() -> None:
    """The API answers the anonymous client; parameters are sorted by name, as its signature once wanted."""
    expected = (
        "https://api.henandaily.cn/v2/content/getSpecialContent"
        "?device_type=android&special_id=special_412&token=8de8af6f01e8a9b8b2a649a9&user_id=0"
    )

    assert HenanDaily("https://api.henandaily.cn/", "special_412").seeds() == (expected,)


@pytest.mark.parametrize(
    ("base", "folder"),
    [
        ("http://127.0.0.1:8123", "http://127.0.0.1:8123/v2/content/"),
        ("http://127.0.0.1:8123/", "http://127.0.0.1:8123/v2/content/"),
        ("https://linxi.example/api/", "https://linxi.example/api/v2/content/"),
        ("https://linxi.example/api/v2", "https://linxi.example/api/v2/content/"),
    ],
)
def test_base_url_is_taken_with_and_without_slash_path_and_version(base: str, folder: str) -> None:
    """People write a base address in all these ways and mean one."""
    seed = HenanDaily(base, None, "content_21").seeds()[0]

    assert seed.partition("getcategorylist")[0] == folder


@pytest.mark.parametrize(("base", "special", "cat"), [("ftp://x/", "special_1", None), ("http://x/", None, None)])
def test_a_source_that_cannot_be_asked_is_refused(base: str, special: str | None, cat: str | None) -> None:
    """A wrong profile is refused before anything is fetched."""
    with pytest.raises(ProfileError):
        HenanDaily(base, special, cat)


def test_the_address_tells_lists_of_this_source_from_the_rest() -> None:
    """Only a section's page needs the topic to tell whether it belongs to the series."""
    section = SOURCE.read_list(TOPIC, body(topic()), "").more[0]
    foreign = TOPIC.replace("special_412", "special_9")

    told = [SOURCE.is_list(url) for url in (TOPIC, section, foreign, DETAIL, "http://www.linxi.example/1.html")]

    assert told == [True, None, False, False, False]
    assert CHANNEL.is_list(CHANNEL.seeds()[0]) is True


# ------------------------------------------------------------------------------------------------------------- lists


def test_the_recorded_topic_is_read_whole() -> None:
    """The one real answer there is: 14 items in 11 sections, one of which leads off the client."""
    if not RECORDED.exists():
        pytest.skip("the recorded answer is not part of the repository")
    listing = SOURCE.read_list(TOPIC, RECORDED.read_bytes(), "application/json")
    skipped = [entry for entry in listing.entries if entry.skip]

    assert (listing.title, len(listing.entries), len(listing.more)) == ("兰考脱贫纪", 14, 11)
    assert [(entry.key, entry.skip) for entry in skipped] == [("special_275-2330-1", "off-client")]
    assert (listing.entries[0].published, listing.entries[0].updated) == ("2017-03-16T23:48:00Z", "1489710015")


def test_a_topic_with_every_oddity_gives_these_entries() -> None:
    """Copies, foreign items, missing keys and lists that are objects: none breaks the list, each is told."""
    listing = SOURCE.read_list(TOPIC, (DATA / "topic-with-every-oddity.json").read_bytes(), "application/json")
    expected = json.loads((DATA / "topic-with-every-oddity.entries.json").read_text("utf-8"))

    assert shown(listing) == expected
    assert listing.title == "渠水十二站"


def test_each_section_is_walked_from_its_first_item() -> None:
    """A topic shows only the first items of a section."""
    listing = SOURCE.read_list(TOPIC, (DATA / "topic-with-every-oddity.json").read_bytes(), "application/json")
    asked = [dict(parse_qsl(urlsplit(url).query)) for url in listing.more]

    assert [(q["cat_id"], q["number"], q["offset"]) for q in asked] == [
        (f"special_90{number}", "10", "0") for number in (2, 3, 4, 5)
    ]


def test_a_full_page_leads_to_the_next_one() -> None:
    """JSONP and JSON are one answer; ten items of ten may not be all."""
    url = SOURCE.read_list(TOPIC, body(topic()), "").more[0]
    listing = SOURCE.read_list(url, (DATA / "section-full-as-jsonp.js").read_bytes(), "text/javascript")

    assert len(listing.entries) == ITEMS_A_PAGE
    assert listing.more == (url.replace("offset=0", "offset=10"),)


@pytest.mark.parametrize("rows", [9, 1, 0])
def test_a_page_that_is_not_full_is_the_last(rows: int) -> None:
    """Fewer items than asked for, or none, mean the end of a section or channel."""
    listing = CHANNEL.read_list(CHANNEL.seeds()[0], body([item(i) for i in range(rows)]), "")

    assert (len(listing.entries), listing.more) == (rows, ())


@pytest.mark.parametrize("info", [[], None, "", {}, False])
def test_an_empty_page_of_a_channel_is_its_end(info: Any) -> None:
    """Emptiness is said in several ways."""
    assert CHANNEL.read_list(CHANNEL.seeds()[0], body(info), "") == Listing(())


def test_a_channel_that_never_ends_is_left() -> None:
    """A server that ignores the offset would answer for ever."""
    url = CHANNEL.seeds()[0].replace("offset=0", f"offset={MAX_OFFSET - 10}")

    assert CHANNEL.read_list(url, body([item(i) for i in range(10)]), "").more == ()


def test_number_may_be_called_num() -> None:
    """The web front end asks with num; a page saved from there is read by its own length."""
    url = "https://api.linxi.example/v2/content/getcategorylist?cat_id=content_21&num=2&offset=4"
    following = CHANNEL.read_list(url, body([item(1), item(2)]), "").more[0]
    asked = dict(parse_qsl(urlsplit(following).query))

    assert (asked["number"], asked["offset"]) == ("2", "6")


def test_a_promoted_copy_is_the_original_under_another_name() -> None:
    """Eighteen instalments and one promoted again are eighteen, not nineteen."""
    copy = entry_of(**item(9, content_id="content_412-9-1", internal_type="content", internal_id="content_8-70101-1"))

    assert (copy.key, copy.aliases) == ("content_8-70101-1", ("content_412-9-1",))
    assert copy.detail is not None
    assert "content_id=content_8-70101-1" in copy.detail


def test_an_item_in_two_sections_is_said_once() -> None:
    """The same line twice tells nothing new; under another address it is a variant and stays."""
    other = item(1, url="http://www.linxi.example/other/1.html")
    entries = SOURCE.read_list(TOPIC, body(topic(item(1), item(1), other)), "").entries

    assert [(e.key, e.url[-12:]) for e in entries] == [
        ("content_8-1-1", "ample/1.html"),
        ("content_8-1-1", "other/1.html"),
    ]


@pytest.mark.parametrize("mark", [1, "1", True, 1.0])
def test_a_link_off_the_client_is_no_instalment(mark: Any) -> None:
    """The H5 page of another host is named in the report and not fetched."""
    skipped = entry_of(**item(1, is_link=mark, link_url="http://h5.linxi.invalid/a.html"))

    assert (skipped.skip, skipped.url, skipped.detail) == ("off-client", "http://h5.linxi.invalid/a.html", None)


@pytest.mark.parametrize("mark", [0, "0", "", None, False])
def test_link_url_alone_makes_no_link(mark: Any) -> None:
    """In the recorded answer link_url equals url where is_link is 0."""
    assert entry_of(**item(1, is_link=mark, link_url="http://www.linxi.example/1.html")).skip is None


def test_a_topic_within_the_topic_is_out_of_scope() -> None:
    """It is a series of its own, with a profile of its own."""
    inner = entry_of(
        title="老物件", special_id="special_877", url="http://www.linxi.example/content/special/laowu/index.html"
    )

    assert (inner.skip, inner.skip_detail) == ("scope", "special_877 is a special topic of its own")


@given(odd_items | json_values)
def test_any_item_becomes_an_entry_that_can_be_stored(row: Any) -> None:
    """What names no article is told as such; keys are never empty, and all text can be written as UTF-8."""
    entry = read_item(row, 1, TOPIC, lambda name: f"https://api.linxi.example/?{name!a}")

    assert entry.key
    assert entry.skip or entry.url or entry.detail
    json.dumps(asdict(entry), ensure_ascii=False).encode()


@pytest.mark.parametrize(
    ("payload", "said"),
    [
        ("<!DOCTYPE html><title> 维护中 </title>".encode(), "HTML where JSON was expected: 维护中"),
        (b'{"Status": 1, "Info": [{"title": "\xe6\xb8', "JSON broken or cut"),
        (b"", "empty body"),
        (b"\xef\xbb\xbf", "empty body"),
        (b"[" * 100_000, "nested too deeply"),
        (b'{"Status": 1, "Info": ' + b"[" * 100_000, "nested too deeply"),
        (b'{"Status": 1, "Info": {"views": ' + b"9" * 5000 + b"}}", "a number of more than 4300 digits"),
        (body("参数错误", 0), "Status 0: 参数错误"),
        (json.dumps({"Status": "-1", "Message": "token\n invalid"}).encode(), "Status -1: token invalid"),
        (json.dumps({"Info": []}).encode(), "{\"Status\", \"Info\"} expected"),
        (b"[]", "found a list of 0"),
        (b"null", "found nothing"),
        (body({"title": "渠水", "lists": []}), "special topic without sections"),
        (body({"title": "渠水", "lists": None}), "special topic without sections"),
        (body({"title": "渠水"}), "found an object with the keys title"),
        (body({"title": "渠水", "lists": ["x"]}), "section of the topic expected"),
        (body([]), "special topic expected"),
        (body("暂无"), "list expected, found '暂无'"),
    ],
)  # fmt: skip
def test_an_answer_that_is_no_topic_says_what_it_is(payload: bytes, said: str) -> None:
    """What does not fit is reported and withdraws nothing; never is it an empty list."""
    with pytest.raises(SourceError) as caught:
        SOURCE.read_list(TOPIC, payload, "application/json")

    assert caught.value.reason == "source"
    assert said in caught.value.detail
    assert not isinstance(caught.value, Refused)


@pytest.mark.parametrize(
    "payload",
    [
        b"\xef\xbb\xbf" + body([item(1)]),
        body([item(1)]) + b"\n\0",
        b"callback(" + body([item(1)]) + b")",
        b" /**/ typeof cb === 'function' && cb(" + body([item(1)]) + b");",
        b'{"Status": 0, "Status": 1, "Info": [' + json.dumps(item(1, views=float("nan"))).encode() + b"]}",
        b'{"Status": 1.0, "Info": {"3": ' + json.dumps(item(1)).encode() + b"}}",
        json.dumps({"Status": 1, "Info": [item(1)]}, ensure_ascii=False).encode("gbk"),
        b"\xff\xfe" + body([item(1)]).decode().encode("utf-16-le"),
    ],
)
def test_an_answer_is_read_however_it_is_wrapped(payload: bytes) -> None:
    """Byte order marks, JSONP, doubled keys, NaN, floats for integers, another charset: the same list."""
    keys = [entry.key for entry in CHANNEL.read_list(CHANNEL.seeds()[0], payload, "application/json").entries]

    assert keys == ["content_8-1-1"]


@given(st.binary(max_size=200) | json_values.map(lambda v: json.dumps(v).encode()) | json_values.map(body))
def test_any_body_is_a_listing_or_a_source_error(payload: bytes) -> None:
    """A crawl never dies of an answer."""
    for source in (SOURCE, CHANNEL):
        with suppress(SourceError):
            listing = source.read_list(source.seeds()[0], payload, "")

            assert all(entry.key for entry in listing.entries)


@given(st.lists(odd_items, max_size=12))
def test_lists_are_read_the_same_each_time(rows: list[Any]) -> None:
    """Rebuild reads the same bytes again and must come to the same entries."""
    payload = body(topic(*rows))

    assert SOURCE.read_list(TOPIC, payload, "") == SOURCE.read_list(TOPIC, payload, "")
