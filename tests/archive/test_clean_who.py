"""Who a page says wrote its article: order of the evidence, posts, editors, bylines in scripts with blanks."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.clean.bylines import read_byline, read_people, read_segments
from archive.clean.page import Page, open_page
from archive.clean.spaced import read_spaced, split_people
from archive.clean.who import People, find_people


def people(*lines: str, head: str = "", body: str = "", author: object = None, signed: tuple[str, ...] = ()) -> People:
    graph = {"@type": "NewsArticle", "author": author, "publisher": {"name": "The Linxi Post"}}
    script = f'<script type="application/ld+json">{json.dumps(graph)}</script>'
    markup = f"<html><head><title>Water</title>{head}{script}</head><body>{body}</body></html>"
    page = Page(
        open_page(markup.encode(), "text/html; charset=utf-8", "http://post.example/17").root, "http://post.example/17"
    )
    return find_people(page, lines, signed)


def pairs(found: People) -> list[tuple[str, str | None]]:
    return [(author.name, author.role) for author in found.authors]


def person(name: object, **more: str) -> dict[str, object]:
    return {"@type": "Person", "name": name, **more}


@pytest.mark.parametrize(
    ("author", "expected"),
    [
        (person("By Jane Doe"), ["Jane Doe"]),
        ("Jane Doe and John Roe", ["Jane Doe", "John Roe"]),
        (["Jane Doe", "John Roe"], ["Jane Doe", "John Roe"]),
        (person(["Jane Doe", "John Roe"]), ["Jane Doe", "John Roe"]),
        (person("Jana Roth-Kern (jrk)"), ["Jana Roth-Kern"]),
        (person("Linxi staff reporter"), ["Linxi staff reporter"]),
        ([person("Jane Doe"), person("lpa")], ["Jane Doe", "lpa"]),
        ([person("Jane Doe"), {"@type": "Organization", "name": "lpa"}], ["Jane Doe", "lpa"]),
        ([person("Jane Doe"), {"@type": "Organization", "name": "The Linxi Post"}], ["Jane Doe"]),
        ([person("Jane Doe"), person("JANE DOE")], ["Jane Doe"]),
        (person("J&uuml;rgen M&uuml;ller"), ["Jürgen Müller"]),
    ],
)
def test_the_json_ld_names_its_authors_in_every_form(author, expected):
    """One system writes a string, the next a list of persons, the third a person whose name is a list."""
    assert expected == [name for name, _ in pairs(people(author=author))]


def test_a_post_is_the_role():
    """Offices are fields, not parts of names (CONTRACT, articles)."""
    assert pairs(people(author=person("Jane Doe", jobTitle="Science Editor"))) == [("Jane Doe", "Science Editor")]
    assert pairs(people("By Jane DoeStaff Writer", author=person("Jane Doe"))) == [("Jane Doe", "Staff Writer")]
    assert pairs(people("By Jane Doe, Science Editor")) == [("Jane Doe", "Science Editor")]


def test_the_json_ld_counts_before_a_line_in_latin_and_behind_one_in_han():
    """Chinese bylines tell reporters from correspondents; a line in Latin may run into anything."""
    assert pairs(people("By Jane Doe Updated", author=person("Jane Doe")))[0][0] == "Jane Doe"
    assert pairs(people("记者 白望川 通讯员 何远", author=person("白望川"))) == [("白望川", "记者"), ("何远", "通讯员")]


def test_an_editor_is_no_author():
    """Sites put who was at the desk into the head as the author."""
    assert people("Editor: Jana Kern", author=person("Jana Kern")).authors == ()
    assert people("责任编辑：白望川", author=person("白望川")).authors == ()


def test_metas_of_one_name_are_read_together():
    """Two authors, two elements."""
    head = '<meta name="author" content="Jane Doe"><meta name="author" content="John Roe"><meta name="byl" content="By X Y">'

    assert [name for name, _ in pairs(people(head=head))] == ["Jane Doe", "John Roe"]


@pytest.mark.parametrize(
    "content", ["post.example developer", "admin", "The Linxi Post", "https://facebook.example/post"]
)
def test_the_system_and_the_paper_are_no_persons_in_meta_elements(content):
    """kingname/GeneralNewsExtractor#34: the meta author is the publisher."""
    assert people(head=f'<meta name="author" content="{content}">') == People()


def test_of_elements_named_as_the_authors_those_beside_the_headline_count():
    """Below an article stand the names of other articles' authors."""
    body = '<a rel="author">Jane Doe</a><span class="byline">By John Roe</span><i class="author">Jana Kern</i>'

    assert [name for name, _ in pairs(people("5 March 2031 • Jane Doe • 3 min", "By John Roe", body=body))] == [
        "John Roe"
    ]
    assert [name for name, _ in pairs(people("5 March 2031 • Jane Doe • 3 min", body=body))] == ["Jane Doe"]
    assert people(body='<i class="author">Jana Kern</i><i class="author">Jane Doe</i>') == People()


def test_a_name_set_apart_at_the_end_signs():
    """Papers of some countries sign there and nowhere else."""
    assert [name for name, _ in pairs(people(signed=("Lê Phương",)))] == ["Lê Phương"]
    assert people(signed=("Read the next part", "To be continued.")).authors == ()


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("By Jane Doe in Paris", [("Jane Doe", None)]),
        ("By Jane Doe, John Roe and Ann Poe", [("Jane Doe", None), ("John Roe", None), ("Ann Poe", None)]),
        ("BY JANE DOE", [("JANE DOE", None)]),
        ("Von Max Müller und Anna Kern, Berlin", [("Max Müller", None), ("Anna Kern", None)]),
        ("Par Jean Dupont avec AFP", [("Jean Dupont", None)]),
        ("Di Mario Rossi", [("Mario Rossi", None)]),
        ("Por María de la Cruz", [("María de la Cruz", None)]),
        ("Tekst: Ola Nordmann", [("Ola Nordmann", None)]),
        ("Автор: Иван Иванов", [("Иван Иванов", None)]),
        ("김철수 기자, 박영희 특파원", [("김철수", "기자"), ("박영희", "특파원")]),
        ("By Jane Doe, Special to the Post", [("Jane Doe", "Special to the Post")]),
        ("By JANE DOE Linxi Press", [("JANE DOE", None)]),
        ("Words by Jane Doe. Photographs by John Roe", [("Jane Doe", None)]),
        ("Reporting by Jane Doe in Linxi; Editing by John Roe", [("Jane Doe", None)]),
        ("Jane Doe, Professor of Hydrology", [("Jane Doe", "Professor of Hydrology")]),
        ("Propos recueillis par Jean Dupont", [("Jean Dupont", None)]),
        ("De notre correspondante à Paris, Anne Dupont", [("Anne Dupont", None)]),
        ("Jean Dupont avec AFP", [("Jean Dupont", None)]),
        ("Von J. Müller (dpa)", [("J. Müller", None)]),
        ("Ein Bericht von Max Müller, dpa", [("Max Müller", None)]),
        ("Entrevista de María del Mar Ruiz de la Cruz", [("María del Mar Ruiz de la Cruz", None)]),
        ("Текст: Иван Иванов, фото автора", [("Иван Иванов", None)]),
        ("By Our Special Correspondent", []),
        ("By the river", []),
        ("Linxi, Capital of Water", []),
        ("Von der Leyen in Berlin", []),
        ("Di sini lebih baik", []),
        ("Text size", []),
        ("Von lpa/jk", []),
    ],
)
def test_a_line_that_begins_with_the_word_for_an_author_names_people(line, expected):
    """The same small words begin ordinary lines; there what follows is no name in print."""
    assert expected == [(author.name, author.role) for author in read_spaced(line)]


@pytest.mark.parametrize(
    "line", ["新华社记者 白望川 摄", "（本报记者 白望川摄）", "2031-03-05 记者 白望川 摄", "通讯员 何远 摄影"]
)
def test_who_took_the_picture_is_no_author(line):
    """The credit of the first picture stands where the byline does."""
    assert read_byline(line) == ()


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        ("<a>Jane Doe</a><span>River Correspondent</span>", [("Jane Doe", "River Correspondent")]),
        ("Jane Doe<br>River Correspondent", [("Jane Doe", "River Correspondent")]),
    ],
)
def test_a_post_set_apart_in_the_authors_element_is_no_part_of_the_name(markup, expected):
    """No blank stands between the two: how they are set parts them."""
    lines = ("Jane DoeRiver Correspondent",) if "<a>" in markup else ("Jane Doe", "River Correspondent")

    found = people(*lines, body=f'<div class="byline">{markup}</div>')

    assert pairs(found) == expected


def test_who_wrote_and_took_the_pictures_is_the_author():
    """文/摄 is both."""
    assert [author.name for author in read_byline("记者 白望川 文/摄")] == ["白望川"]


@pytest.mark.parametrize(
    "line", ["作者：白望川编辑：周砚", "撰文丨白望川 编辑丨周砚", "2031-03-05作者：白望川来源：青溪日报"]
)
def test_the_next_field_ends_the_names(line):
    """Templates set fields side by side without a blank."""
    assert [author.name for author in read_byline(line)] == ["白望川"]


@given(st.text(alphabet="By JaneDoe,and|in()von: é白望川记者摄", max_size=80))
def test_any_line_can_be_read(line):
    """None may fail or give an empty name."""
    authors = [
        *read_spaced(line),
        *split_people(line),
        *read_segments(line),
        *people(line, author=line, signed=(line,)).authors,
    ]

    assert all(author.name.strip() for author in authors)


@pytest.mark.parametrize(
    "piece", ["a", "Jane ", "Jane Doe, ", "and ", "　", "| ", "记者", "（记者 ", "作者：", "白", "a. "]
)
def test_a_hundred_thousand_marks_are_read_in_one_go(piece):
    """A pattern that goes back over them would hold a crawl for hours."""
    long = piece * (100_000 // len(piece))

    assert (read_spaced("By " + long), read_byline(long), read_segments(long)) == ((), (), ())
    assert all(author.name for author in (*split_people(long), *read_people(long)))
