"""JSON-LD as templates break it, and which of its objects is the page's own article."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.clean.linked import CHARS, is_article, own_objects, read_linked

ARTICLE = {"@type": "NewsArticle", "headline": "Water", "datePublished": "2031-03-05"}


def headlines(text: str) -> list[str]:
    return [one["headline"] for one, _ in read_linked(text) if "headline" in one]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"@type":"Article","headline":"Water",}', "Water"),
        ('//<![CDATA[\n{"@type":"Article","headline":"Water"}\n//]]>', "Water"),
        ('/*<![CDATA[*/{"@type":"Article","headline":"Water"}/*]]>*/', "Water"),
        ('<!-- {"@type":"Article","headline":"Water"} -->', "Water"),
        ('{"@type":"Article","headline":"Water\nand hills"}', "Water\nand hills"),
        ('{"@type":"Article","headline":"It\\\'s water"}', "It's water"),
        ('{"@type":"Article","headline":"a \\d b"}', "a \\d b"),
        ('{"@type":"Article","headline":"他说"水通了"，就走了"}', '他说"水通了"，就走了'),
        ('{"@type":"Article","headline":"He said "now", and left","url":"u"}', 'He said "now", and left'),
        ("{&quot;@type&quot;:&quot;Article&quot;,&quot;headline&quot;:&quot;Water&quot;}", "Water"),
        ('{"@type":"Thing"}{"@type":"Article","headline":"Water"};', "Water"),
        ('{"@type":"Article","headline":"Water","author":{"name":"Jane Doe" "url"}', "Water"),
        ('{"@graph":[{"@type":"WebPage","mainEntity":{"@type":"Article","headline":"Water"}}]}', "Water"),
    ],
)
def test_json_that_a_template_broke_is_read(text, expected):
    """Each was seen on live pages; the date and the authors of such a page stand nowhere else."""
    assert headlines(text) == [expected]


@pytest.mark.parametrize("text", ["", "  ", "null", '"x"', "[[[[", "{", "<html>", "var a = 1;", "{" * 5_000])
def test_what_is_no_json_says_nothing(text):
    """A page is read without it."""
    assert read_linked(text) == []


def test_a_script_that_is_too_long_is_left_out():
    """A hostile page must not cost minutes."""
    assert read_linked('{"headline":"' + "a" * CHARS + '"}') == []


SCALARS = st.none() | st.integers() | st.text(max_size=8)


@given(SCALARS | st.lists(SCALARS, max_size=3) | st.dictionaries(st.text(max_size=4), SCALARS, max_size=3))
def test_good_json_is_never_changed(value):
    """Mending begins only where the plain reading fails."""
    found = read_linked(json.dumps({"headline": value}, ensure_ascii=False))

    assert found[0][0] == {"headline": value}


@given(st.text(alphabet='{}[]",:\\ \n<!->/*headline0', max_size=200))
def test_any_text_is_read_without_an_error(text):
    """What stands in a script is anyone's."""
    assert all(isinstance(one, dict) for one, _ in read_linked(text))


@pytest.mark.parametrize("piece", ['"', '\\"', "{", '{"a":', ",}", "<!--", '"headline":"', '{"a":"b"} x ', ", ", "/*"])
def test_a_hundred_thousand_marks_are_read_in_one_go(piece):
    """A pattern that goes back over them would hold a crawl for hours."""
    assert headlines(piece * (100_000 // len(piece))) == []


def test_an_article_of_a_list_is_not_the_pages_own():
    """Pages list the newest articles beside their own, with headline and date."""
    listed = {"@type": "ItemList", "itemListElement": [{"@type": "ListItem", "item": {**ARTICLE, "headline": "Other"}}]}
    objects = read_linked(json.dumps([listed, ARTICLE]))

    assert [one["headline"] for one in own_objects(objects, (), "")] == ["Water"]


@pytest.mark.parametrize(
    ("addresses", "title", "expected"),
    [
        (("http://paper.example/2/",), "", "Second"),
        ((), "Second - The Linxi Post", "Second"),
        ((), "", "First"),
    ],
)
def test_of_several_articles_the_one_with_the_pages_address_or_headline_is_meant(addresses, title, expected):
    """An endless page carries the objects of the next articles too."""
    articles = [
        {"@type": "Article", "headline": "First", "url": "https://paper.example/1"},
        {"@type": "BlogPosting", "headline": "Second", "mainEntityOfPage": {"@id": "https://paper.example/2#main"}},
    ]

    assert expected == own_objects([(one, False) for one in articles], addresses, title)[0]["headline"]


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("ReportageNewsArticle", True),
        (["Article", "NewsArticle"], True),
        ("LiveBlogPosting", True),
        ("Person", False),
        ("Reporter", False),
    ],
)
def test_articles_are_known_by_their_type(kind, expected):
    """schema.org has a dozen kinds of article, and an object may be of several."""
    assert expected == is_article({"@type": kind})
