"""Citations, read back by the libraries that citation managers are made of."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import bibtexparser
import jsonschema
import pytest
import rispy
from lxml import html

from archive.citing import FORMATS, Citation, cited
from archive.errors import NotFoundError, UsageError
from archive.ledger.store import open_to_read

ROOM = "https://room.example/papers/"
NASTY = 'A & B_{x} 50% $1 #2 ~ ^ \\ "q" <b> } {\n 渠'
# The rules of csl-data.json (CSL 1.0.2) for the variables that stand here, in our own words.
TEXT = {"type": "string", "minLength": 1}
NAMES = {
    "type": "array", "minItems": 1,
    "items": {"type": "object", "properties": {"literal": TEXT}, "required": ["literal"], "additionalProperties": False},
}  # fmt: skip
DATE = {
    "type": "object", "required": ["date-parts"], "additionalProperties": False,
    "properties": {
        "date-parts": {
            "type": "array", "minItems": 1, "maxItems": 2,
            "items": {"type": "array", "minItems": 1, "maxItems": 3, "items": {"type": "integer", "minimum": 1}},
        },
    },
}  # fmt: skip
CSL = {
    "type": "array", "minItems": 1, "maxItems": 1,
    "items": {
        "type": "object", "required": ["id", "type", "title", "accessed", "URL", "note"], "additionalProperties": False,
        "properties": {
            "type": {"const": "article-newspaper"}, "author": NAMES, "editor": NAMES, "issued": DATE, "accessed": DATE,
            "language": {"type": "string", "pattern": "^[A-Za-z]{2,3}(-[A-Za-z0-9]+)*$"},
            "URL": {"type": "string", "pattern": "^[a-z]+:[!-~]+$"},
            **dict.fromkeys(
                ("id", "title", "container-title", "collection-title", "collection-number", "archive", "archive_location",
                 "version", "note"),
                TEXT,
            ),
        },
    },
}  # fmt: skip
# Titles that break what is careless: each with what must still be read back of it.
TITLES = (
    "=SUM(A1)", "100% & {more} $x_1^2 #3 ~", "{{{", "}", "\\", "@article{x, title={y}}", "TY  - BOOK\r\nER  - ", "一" * 10_000,
    "\u202eשלום\u202c عربي", "a\x00b\x1b[31m\x7f\x85c\u2028d", '"quoted", and', "%comment\nnext", "&amp; <i>",
)  # fmt: skip


@pytest.fixture
def series(filled: Any, reading: Any) -> Any:
    """An instalment of two revisions, one whose texts are made of signs, one never captured."""
    filled.add_series(profile={"series": {"publisher": "渠水日报", "language": "zh"}})
    filled.add_article("aaaaaa-1", reading(), reading(title="济源：水从这里分开"), subject="济源")
    bare = reading(title=NASTY, authors=(), published=None, editor=None, source=None)
    filled.add_article("bbbbbb-2", bare, position=2, url='http://q.example/a b"<>{渠}&c=%20#x')
    filled.add_article("cccccc-3", position=3)
    return filled


def cite(series: Any, wanted: str, form: str, number: int | None = None, room: str | None = None) -> str:
    """Cite as the command does."""
    return FORMATS[form](citation(series, wanted, number, room))


def citation(series: Any, wanted: str, number: int | None = None, room: str | None = None) -> Citation:
    """Look up what is cited."""
    ledger = open_to_read(series.home)
    try:
        with ledger.read() as connection:
            return cited(connection, wanted, number, room)
    finally:
        ledger.close()


@pytest.mark.parametrize("form", FORMATS)
def test_each_names_address_time_and_record(form: str, series: Any) -> None:
    """Whoever reads the citation can find the bytes, in whatever program it passed through."""
    for number in (1, 2):
        text = cite(series, "qushui/济源", form, number, ROOM)

        assert "http://qushui.example/aaaaaa-1.html" in text
        assert f"2018-09-0{number}T05:00:00Z" in text
        assert f"urn:uuid:aaaaaa-1-{number}" in text
        assert f"{ROOM}web/2018090{number}050000/http" in text


def test_the_revision_shown_is_cited_and_the_page_is_where_it_was_captured(series: Any) -> None:
    """Without a number it is the newest; the version is the page where that was captured, else what was read."""
    api = citation(series, "aaaaaa", room=ROOM)
    first = citation(series, "aaaaaa-1", 1)

    assert (api.revision, api.title, first.title) == (2, "济源：水从这里分开", "济源：水从这里分")
    assert api.version == f"{ROOM}web/20180902050000/http://qushui.example/api/aaaaaa-1"
    assert first.version == "/web/20180901050000/http://qushui.example/api/aaaaaa-1"
    assert first.archived == ""


def test_bibtex_is_parsed_back(series: Any) -> None:
    """Names stay whole, the months are macros, and no sign of a title breaks the entry."""
    library = bibtexparser.parse_string(cite(series, "aaaaaa-1", "bibtex") + cite(series, "bbbbbb-2", "bibtex"))
    first, second = library.entries
    fields = {name: field.value for name, field in first.fields_dict.items()}

    assert library.failed_blocks == []
    assert (first.entry_type, first.key, second.entry_type, second.key) == ("article", "aaaaaa-1", "misc", "bbbbbb-2")
    assert fields["author"] == "{沈渡}"
    assert fields["title"] == "{济源：水从这里分开}"
    assert [fields[name] for name in ("journal", "series", "date", "year", "month")] == [
        "渠水日报客户端", "渠水流过十八城", "2018-08-30", "2018", "aug",
    ]  # fmt: skip
    assert (fields["url"], fields["urldate"]) == ("http://qushui.example/aaaaaa-1.html", "2018-09-02")
    assert second["title"] == (
        r"{A \& B\_\textbraceleft{}x\textbraceright{} 50\% \$1 \#2 \textasciitilde{} \textasciicircum{} "
        r'\textbackslash{} "q" <b> \textbraceright{} \textbraceleft{} 渠}'
    )
    assert "author" not in second.fields_dict


def test_ris_is_parsed_back(series: Any) -> None:
    """A newspaper article with its address, its day, and the day of capture."""
    both = cite(series, "aaaaaa-1", "ris", room=ROOM) + cite(series, "bbbbbb-2", "ris")
    first, second = rispy.loads(both)

    assert first["type_of_reference"] == "NEWS"
    assert first["authors"] == ["沈渡"]
    assert first["title"] == "济源：水从这里分开"
    assert first["secondary_title"] == "渠水日报客户端"
    assert (first["year"], first["date"], first["access_date"]) == ("2018", "2018/08/30", "2018/09/02")
    assert first["urls"] == [
        "http://qushui.example/aaaaaa-1.html", f"{ROOM}web/20180902050000/http://qushui.example/api/aaaaaa-1",
    ]  # fmt: skip
    assert first["accession_number"] == "urn:uuid:aaaaaa-1-2"
    assert second["title"] == NASTY.replace("\n ", " ")
    assert {"authors", "year", "date"}.isdisjoint(second)
    assert all(re.match(r"[A-Z][A-Z0-9]  - ", line) for line in both.split("\r\n")[:-1])


@pytest.mark.parametrize("wanted", ["aaaaaa-1", "bbbbbb-2"])
def test_csl_json_keeps_the_schema(wanted: str, series: Any) -> None:
    """citeproc takes an item only as the schema has it: names and dates as objects, nothing unknown."""
    document = json.loads(cite(series, wanted, "csl-json", room=ROOM))
    jsonschema.Draft202012Validator(CSL).validate(document)
    (item,) = document

    if wanted == "aaaaaa-1":
        assert item["issued"] == {"date-parts": [[2018, 8, 30]]}
        assert item["accessed"] == {"date-parts": [[2018, 9, 2]]}
        assert item["author"] == [{"literal": "沈渡"}]


def test_whatever_a_title_holds_the_citation_is_one(series: Any, reading: Any) -> None:
    """Braces, percent signs, line ends, other formats, 10,000 characters: each parser reads back one entry and its title."""
    names = [f"eeee{number:02}-1" for number in range(len(TITLES))]
    for place, (name, title) in enumerate(zip(names, TITLES, strict=True), 10):
        series.add_article(name, reading(title=title), position=place)
    told = {form: [cite(series, name, form) for name in names] for form in FORMATS}
    lines = [re.sub(r"[\x00-\x1f\x7f-\x9f\s]+", " ", title).strip() for title in TITLES]
    library = bibtexparser.parse_string("".join(told["bibtex"]))
    unescaped = [_plain(entry["title"][1:-1]) for entry in library.entries]

    assert (library.failed_blocks, len(library.blocks)) == ([], len(TITLES))
    assert lines == unescaped
    assert lines == [one["title"] for text in told["ris"] for one in rispy.loads(text)]
    assert lines == [item["title"] for text in told["csl-json"] for item in json.loads(text)]
    assert lines == [html.fragment_fromstring(text.strip()).text for text in told["robust-link"]]
    for text in told["csl-json"]:
        jsonschema.Draft202012Validator(CSL).validate(json.loads(text))


def _plain(tex: str) -> str:
    """Read what TeX would print of an escaped text."""
    names = {
        "textbackslash": "\\",
        "textbraceleft": "{",
        "textbraceright": "}",
        "textasciitilde": "~",
        "textasciicircum": "^",
    }
    return re.sub(r"\\(?:(text[a-z]+)\{\}|([#$%&_]))", lambda found: names[found[1]] if found[1] else found[2], tex)


def test_a_robust_link_is_one_link(series: Any) -> None:
    """The three attributes of the specification; nothing in a title or address ends them."""
    (link,) = html.fragments_fromstring(cite(series, "bbbbbb-2", "robust-link", room=ROOM).strip())
    usual = html.fragment_fromstring(cite(series, "aaaaaa-1", "robust-link").strip())

    assert (link.tag, len(link), link.text) == ("a", 0, NASTY.replace("\n ", " "))
    assert link.get("href") == link.get("data-originalurl") == "http://q.example/a%20b%22%3C%3E%7B%E6%B8%A0%7D&c=%20#x"
    assert link.get("data-versionurl") == f"{ROOM}web/20180901050000/http://qushui.example/api/bbbbbb-2"
    assert link.get("data-versiondate") == "2018-09-01T05:00:00Z"
    assert usual.get("data-versionurl", "").startswith("http://127.0.0.1:8080/web/20180902050000/http://")


def test_no_link_runs_a_script(series: Any, reading: Any) -> None:
    """Where the original is no address of the web, the link leads to the capture."""
    series.add_article("dddddd-4", reading(), position=4, url="javascript:alert(1)")
    link = html.fragment_fromstring(cite(series, "dddddd-4", "robust-link", room=ROOM).strip())

    assert link.get("href") == link.get("data-versionurl")


def test_what_cannot_be_cited_is_told(series: Any, tmp_path: Path) -> None:
    """Never captured, no such revision, no such article, a room that is no address."""
    with pytest.raises(UsageError, match="never captured"):
        citation(series, "cccccc-3")
    with pytest.raises(NotFoundError, match="no revision 3"):
        citation(series, "aaaaaa-1", 3)
    with pytest.raises(NotFoundError, match="zzz"):
        citation(series, "zzz")
    for room in ("room.example", "javascript:alert(1)", "http://", "http://a b", "https://a/?q"):
        with pytest.raises(UsageError, match="--room"):
            citation(series, "aaaaaa-1", room=room)
