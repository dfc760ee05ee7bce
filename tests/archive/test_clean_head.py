"""Title and authors that the head of a page tells, against what the page shows."""

from __future__ import annotations

import json

import pytest

from archive.clean import Refusal, Rules, read_page
from archive.model import Reading

ONE = "清早的雾从山谷里升上来，护林员陆伯已经走完了第一段坡，他在蓝皮本子上记下看到的第一只鸟。"
TWO = "林场十二年前停了采伐，那时候山上只剩灌木，溪水一到冬天就断流，村里人要到镇上去拉水吃。"
THREE = "变化是从第四年开始的，先是溪水不断了，后来白鹭回来了，再后来外出的年轻人也回来了几个。"
BODY = "".join(f"<p>{text}</p>" for text in (ONE, TWO, THREE) * 2)
URL = "http://paper.example/2031/0305/c17.html"


def read(top: str, *, title: str = "山里的账本记了十二年", head: str = "", graph: object = None) -> Reading:
    script = f'<script type="application/ld+json">{json.dumps(graph)}</script>' if graph else ""
    page = (
        f"<html><head><meta charset=utf-8><title>{title}</title>{head}{script}</head>"
        f"<body>{top}<div class=content>{BODY}</div><div class=foot>青溪日报社</div></body></html>"
    )
    reading = read_page(page.encode(), url=URL, content_type="text/html; charset=utf-8", rules=Rules())
    assert not isinstance(reading, Refusal)
    return reading


def names(reading: Reading) -> list[str]:
    return [author.name for author in reading.authors]


@pytest.mark.parametrize(
    ("title", "top"),
    [
        ("山里的账本记了十二年 青溪网", "<h1>青溪网</h1><h2>山里的账本记了十二年</h2>"),
        (
            "青溪要闻--山里的账本记了十二年",
            "<h1>青溪网_青溪新闻_青溪要闻大全</h1><div class=t>山里的账本记了十二年</div>",
        ),
        ("山里的账本记了十二年_青溪网", "<div>山里的账本记了十二年</div>"),
    ],
)
def test_a_heading_that_is_the_sites_name_is_no_title(title, top):
    """Many sites set their own name as the only heading of the first rank."""
    assert read(top, title=title).title == "山里的账本记了十二年"


def test_a_heading_that_nothing_repeats_gives_way_to_the_name_for_machines():
    """A live page's newest line, or a section's name, stands where others have the headline."""
    graph = {"@type": "NewsArticle", "headline": "Hills and water: the ledger of twelve years"}

    assert read("<h1>Snow warning</h1>", title="Linxi", graph=graph).title == graph["headline"]
    assert read("<h1>Snow warning</h1>", title="Linxi").title == "Snow warning"


def test_a_kicker_set_apart_from_its_headline_is_put_back_where_the_head_has_both():
    """The reader sees the kicker above the headline; an index without it would be meaningless."""
    head = '<meta property="og:title" content="Linxi: The ledger of twelve years">'
    graph = {"@type": "NewsArticle", "headline": "Linxi: The ledger of twelve years"}
    top = "<div>Linxi</div><h1>The ledger of twelve years</h1>"

    assert read(top, title="The ledger of twelve years", head=head, graph=graph).title == graph["headline"]
    assert read(top, title="The ledger of twelve years", head=head).title == "The ledger of twelve years"


def test_an_author_told_by_reference_is_found():
    """Graphs of schema.org name a person once and refer to it by @id."""
    person = {"@type": "Person", "@id": "#p1", "name": "Jane Doe"}
    graph = {"@graph": [{"@type": "Article", "author": {"@id": "#p1"}}, person]}

    assert names(read("<h1>山里的账本记了十二年</h1>", graph=graph)) == ["Jane Doe"]


@pytest.mark.parametrize(
    ("author", "expected"),
    [
        ({"@type": "Person", "name": "lpa"}, ["lpa"]),
        ({"@type": "Organization", "name": "lpa"}, ["lpa"]),
        ({"@type": "Person", "name": "Linxi"}, ["Linxi"]),
        ({"@type": "NewsMediaOrganization", "name": "The Linxi Post"}, ["The Linxi Post"]),
        ("lpa", ["lpa"]),
        ({"@type": "Person", "name": "admin"}, []),
        ({"@type": "Person", "name": "jane@post.example"}, []),
        ({"@type": "Person", "url": "http://post.example/jane"}, []),
    ],
)
def test_an_agency_or_the_paper_stands_where_no_person_is_named(author, expected):
    """A catalogue names a corporate author too; an account of the site's system writes nothing."""
    graph = {"@type": "NewsArticle", "author": author, "publisher": {"@type": "Organization", "name": "The Linxi Post"}}

    assert expected == names(read("<h1>山里的账本记了十二年</h1>", graph=graph))


def test_the_paper_is_no_author_of_what_a_person_signed():
    """kingname/GeneralNewsExtractor#34: the site as the author beside the reporter."""
    graph = {"@type": "NewsArticle", "author": {"@type": "Organization", "name": "青溪网"}}

    assert names(read("<h1>山里的账本记了十二年</h1><p>本报记者 白望川</p>", graph=graph)) == ["白望川"]


def test_a_byline_run_into_a_post_is_cut_by_the_name_in_the_head():
    """Templates set name and post in two elements without a space."""
    graph = {"@type": "NewsArticle", "author": [{"@type": "Person", "name": "Jane Doe"}]}
    top = "<h1>山里的账本记了十二年</h1><div>By <b>Jane Doe</b><i>Columnist</i></div>"

    assert names(read(top, graph=graph)) == ["Jane Doe"]


@pytest.mark.parametrize(
    ("top", "expected"),
    [
        ('<p class="author-name">山居客</p>', ["山居客"]),
        ('<p class="author">By Jane Doe</p>', ["Jane Doe"]),
        ('<p class="author">编辑：Alice</p>', []),
        ('<p class="author">青溪网 18:22</p>', []),
        ('<p class="author-box">山居客</p>', []),
    ],
)
def test_an_element_named_as_the_authors_tells_the_author(top, expected):
    """Platforms print the account's name, which no pattern of names matches."""
    assert expected == names(read(f"<h1>山里的账本记了十二年</h1>{top}"))
