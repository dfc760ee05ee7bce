"""The reading view: notices, repairs in place, facts, what citation managers read; all names; what was never captured."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pages_maker import EVIL, NEW, asking, page, texts

from archive.home import Home
from archive.web.pages.paragraphs import mends, paragraphs

SHOWN = EVIL.replace("\0", "�")
PATHS = ["/", "/series/xie", "/article/999999-1", "/search?q=反", "/series/xie/feed.atom"]


@pytest.fixture(scope="module")
def ask(pages_home: Home) -> Iterator[Any]:
    """A client of a home that has every state."""
    with asking(pages_home) as asked:
        yield asked


def test_paragraphs_stand_under_their_numbers(ask):
    """So that one can be named in a letter to the editor."""
    shown = page(ask("/article/cccccc-3"))

    assert [f"p{number}" for number in range(1, 6)] == [one.get("id") for one in shown.cssselect(".para")]
    assert [f"{number}{text}" for number, text in enumerate(NEW, 1)] == [
        one.replace("订1", "") for one in texts(shown.cssselect(".para"))
    ]


def test_a_repair_is_marked_in_place_and_told_with_was_and_why(ask):
    """Silence about a repair would make a quotation false."""
    shown = page(ask("/article/cccccc-3"))

    assert ["三百四十"] == texts(shown.cssselect("#p3 .fix"))
    assert ["订 1 原文 三百&#22235;十，今作 三百四十。缘由：字符参照未曾解码。"] == texts(shown.cssselect(".text #r1"))
    assert "不在正文段落中" in texts(shown.cssselect(".margin #r2"))[0]


def test_notices_say_what_is_not_plain(ask):
    """Revised, older than the newest, withdrawn, second-hand: before the first line, not after the last."""
    assert ["改这篇存有 2 版，此为最新，第 2 版。看第 1 版与第 2 版的差异"] == texts(
        page(ask("/article/cccccc-3")).cssselect(".notice")
    )
    assert "此为第 1 版，不是最新的。" in ask("/article/cccccc-3?revision=1").text
    assert (
        "已从报社网站撤下，2026-10-08 13:00 起不在原址" in texts(page(ask("/article/dddddd-4")).cssselect(".notice"))[0]
    )
    assert [] == page(ask("/article/aaaaaa-1")).cssselect(".notice")


def test_facts_name_the_record_in_full(ask):
    """A digest cut short proves nothing."""
    facts = texts(page(ask("/article/cccccc-3")).cssselect(".margin dd"))

    assert "warc/cheng/cheng-20180901050000-00001.warc.gz" in facts
    assert "urn:uuid:cccccc-3-2" in facts
    assert f"sha256:{2:064x}" in facts
    assert "2018-09-02 13:00:00" in facts


def test_links_lead_to_replay_bytes_captures_and_neighbours(ask):
    """Every claim leads to its evidence."""
    shown = page(ask("/article/cccccc-3"))
    acts = [one.get("href") for one in shown.cssselect(".acts a")]

    assert acts == [
        "/web/20180902050000/http://qushui.example/api/cccccc-3",
        "/web/*/http://qushui.example/api/cccccc-3",
        "/web/20180902050000id_/http://qushui.example/api/cccccc-3",
        "http://qushui.example/cccccc-3.html",
    ]
    assert ["/article/aaaaaa-1", "/article/dddddd-4"] == [one.get("href") for one in shown.cssselect(".turn a")]
    assert ["开封"] == texts(shown.cssselect('a[href="/series/cheng#n2"] bdi'))


def test_a_picture_that_was_not_captured_says_so(ask):
    """A broken image would look like a fault of the archive's page."""
    shown = page(ask("/article/aaaaaa-1"))

    assert [] == shown.cssselect("figure img")
    assert ["此图未存到：http://qushui.example/1.jpg"] == texts(shown.cssselect("figure .lacking"))


def test_zotero_finds_title_authors_and_date(ask):
    """Highwire's tags and schema.org are what citation managers read."""
    shown = page(ask("/article/cccccc-3"))
    meta = [(one.get("name"), one.get("content")) for one in shown.cssselect("meta[name^=citation_]")]
    linked = json.loads(shown.cssselect('script[type="application/ld+json"]')[0].text)

    assert ("citation_title", "洛阳新事") in meta
    assert ("citation_author", "沈渡") in meta
    assert ("citation_publication_date", "2018/08/30") in meta
    assert ("citation_journal_title", "渠水日报客户端") in meta
    assert ("NewsArticle", "洛阳新事", "十八城记") == (linked["@type"], linked["headline"], linked["isPartOf"]["name"])
    assert "http://127.0.0.1:8080/article/cccccc-3" == shown.cssselect("link[rel=canonical]")[0].get("href")


def test_the_day_that_is_cited_is_the_day_that_was_printed(filled, reading):
    """An article of half past seven in the morning in Zhengzhou is of the day before in UTC."""
    filled.add_series("cheng")
    early = {"published": "2018-08-19T23:32:00Z", "published_precision": "minute"}
    filled.add_article("aaaaaa-1", reading(**early, published_local="2018-08-20T07:32:00+08:00"), series="cheng")
    filled.add_article("bbbbbb-2", reading(**early), series="cheng", position=2)
    with asking(filled.home) as asked:
        dates = [
            page(asked(f"/article/{name}")).cssselect("meta[name=citation_publication_date]")[0].get("content")
            for name in ("aaaaaa-1", "bbbbbb-2")
        ]

    assert ["2018/08/20", "2018/08/20"] == dates


def test_an_older_revision_is_not_for_search_engines(ask):
    """They would show a text that was since corrected."""
    shown = page(ask("/article/cccccc-3?revision=1"))

    assert "noindex" == shown.cssselect("meta[name=robots]")[0].get("content")
    assert shown.cssselect("link[rel=canonical]")[0].get("href").endswith("/article/cccccc-3?revision=1")
    assert ["洛阳旧事"] == texts(shown.cssselect("h1"))


@pytest.mark.parametrize(
    ("form", "kind", "sign"),
    [
        ("bibtex", "application/x-bibtex", "洛阳旧事"),
        ("ris", "application/x-research-info-systems", "TI  - 洛阳旧事"),
        ("csl-json", "application/vnd.citationstyles.csl+json", "洛阳旧事"),
        ("robust-link", "text/plain", "洛阳旧事"),
    ],
)
def test_a_citation_can_be_taken_along(ask, form, kind, sign):
    """Of the revision that is read, not of another; a Robust Link is text, as markup of ours it could do what we can."""
    answer = ask(f"/article/cccccc-3/cite/{form}?revision=1")
    links = page(ask("/article/cccccc-3?revision=1")).xpath("//aside//a/@href")

    assert (200, f"{kind}; charset=utf-8") == (answer.status_code, answer.headers["Content-Type"])
    assert sign in answer.text
    assert f"/article/cccccc-3/cite/{form}?revision=1" in links
    assert ask(f"/article/cheng/洛阳/cite/{form}").status_code == 302


@pytest.mark.parametrize(
    "path", ["/article/cccccc-3/cite/word", "/article/ffffff-6/cite/ris", "/article/cccccc-3/cite/ris?revision=7"]
)
def test_what_cannot_be_cited_is_a_404(ask, path):
    """No such format, never captured, no such revision."""
    assert ask(path).status_code == 404


@pytest.mark.parametrize(
    "name",
    ["cccccc", "cheng/洛阳", "cheng/3", "http://qushui.example/cccccc-3.html", "http:/qushui.example/cccccc-3.html",
     "https://qushui.example/cccccc-3.html"],
)  # fmt: skip
def test_every_name_of_an_article_leads_to_its_id(ask, name):
    """The names are those of the commands."""
    answer = ask(f"/article/{name}?revision=1")

    assert (302, "/article/cccccc-3?revision=1") == (answer.status_code, answer.headers["Location"])


@pytest.mark.parametrize(
    ("path", "near"),
    [
        ("/article/cheng/洛阴", "/article/cheng/%E6%B4%9B%E9%98%B3"),
        ("/article/cheng", "/series/cheng"),
        ("/article/cccccc-3?revision=9", "/article/cccccc-3"),
        ("/article/cccccc-3?revision=x", "/article/cccccc-3"),
        ("/article/cccccc-3/diff/1/9", "/article/cccccc-3"),
        ("/article/aaaaaa-1/diff", "/article/aaaaaa-1"),
        ("/article/b0", "/article/b00001-1"),
    ],
)
def test_what_is_not_there_is_a_404_with_a_way_out(ask, path, near):
    """Also a name that several articles share."""
    answer = ask(path)

    assert answer.status_code == 404
    assert near in [one.get("href") for one in page(answer).cssselect("main a")]


@pytest.mark.parametrize(
    "path", ["/article/", "/article/..%2f..%2fetc/passwd", "/article/%00", "/article/x/diff/1/2", "/series/%00"]
)
def test_nonsense_is_a_404(ask, path):
    """And never a traceback."""
    assert ask(path).status_code == 404


def test_an_article_never_captured_has_a_page(ask):
    """The row of the list is all that there is; that is told, with what to do."""
    shown = page(ask("/article/ffffff-6?lang=en"))

    assert ["鹤壁的课桌"] == texts(shown.cssselect("h1"))
    assert (
        "failed: timeout no answer within 60 s. Try lianzai crawl cheng --article ffffff-6"
        in texts(shown.cssselect(".notice"))[0]
    )
    assert ["could not be fetched 2018-10-05 13:00:00"] == [
        one.removeprefix("F ") for one in texts(shown.cssselect(".events li"))
    ]
    assert ask("/article/ffffff-6/diff").status_code == 404


# --------------------------------------------------------------------------------------------------------------- ill will


@pytest.mark.parametrize("path", PATHS)
def test_markup_in_what_a_newspaper_says_stays_text(ask, path):
    """A title is data, wherever it stands: in an attribute, in a script's data, in a feed."""
    answer = ask(path)

    assert answer.status_code == 200
    assert "<script>alert" not in answer.text
    assert "\0" not in answer.text
    if "html" in answer.headers["Content-Type"]:
        shown = page(answer)
        assert [] == shown.xpath(
            "//script[not(@type='application/ld+json') and not(@src)] | //*[@onerror] | //*[@style]"
        )
        assert [] == [
            one for one in shown.xpath("//@href | //@src | //@action") if one.lower().lstrip().startswith("javascript")
        ]


def test_what_was_said_is_shown_as_it_is(ask):
    """Escaped, not lost; what turns the direction of writing ends with the element that it stands in."""
    shown = page(ask("/article/999999-1"))

    assert SHOWN == shown.cssselect("h1")[0].text_content()
    assert SHOWN == shown.cssselect("#p1")[0].text_content()[1:].partition("订1")[0]
    assert shown.cssselect('script[type="application/ld+json"]')[0].text.count("<") == 0
    assert json.loads(shown.cssselect('script[type="application/ld+json"]')[0].text)["headline"] == EVIL
    assert shown.cssselect(".kicker bdi")
    assert [] == shown.xpath("//a[contains(@rel, 'external')]")


@pytest.mark.parametrize(
    "path", ["/", "/series/cheng", "/article/cccccc-3", "/article/cccccc-3/diff/1/2", "/feed.atom", "/none"]
)
def test_head_gives_what_get_gives_but_the_body(ask, path):
    """Link checkers ask so."""
    whole, head = ask(path), ask(path, "HEAD")

    assert (whole.status_code, b"") == (head.status_code, head.content)
    assert whole.headers["Content-Length"] == head.headers["Content-Length"]


# -------------------------------------------------------------------------------------------------------------- paragraphs

REPAIRS = st.lists(
    st.fixed_dictionaries({"was": st.text("渠x", max_size=2), "now": st.text("渠水", max_size=2), "why": st.just("x")})
)


@given(given_texts=st.lists(st.text("渠水a", max_size=6), max_size=4), repairs=REPAIRS)
def test_cut_paragraphs_are_the_whole_text_and_every_repair_is_told_once(
    given_texts: list[str], repairs: list[dict[str, str]]
) -> None:
    """Whatever the repairs are: no character is lost, no repair is left out."""
    drawn, homeless = paragraphs(given_texts, mends(repairs))

    assert given_texts == ["".join(text for text, _ in one.pieces) for one in drawn]
    assert [*range(1, len(repairs) + 1)] == sorted(
        [m.number for one in drawn for m in one.mends] + [m.number for m in homeless]
    )
    assert all(text == mend.now for one in drawn for text, mend in one.pieces if mend)
