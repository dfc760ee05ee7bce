"""Full text: against brute force, over revisions, in both scripts; the life of its file."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.errors import IntegrityError, UsageError
from archive.ledger.wordings import Wording
from archive.search import Search, answer, bring_up, cut, parse, stamp_of
from archive.search.file import add, lay_out
from archive.search.letters import plain
from archive.search.snippet import LENGTH

# Few characters, so that texts share many substrings: both scripts, both widths and cases, syntax, a character beyond the BMP.
LETTERS = '渠水後后Ａa 。"-:*𠀀é'
TEXTS = st.text(LETTERS + "\n", max_size=12)
SOUGHT = st.text(LETTERS.replace('"', ""), min_size=1, max_size=4).filter(lambda text: plain(text).strip())


def an_index(folder: Path, wordings: Sequence[Wording]) -> Search:
    """Make an index of these alone."""
    path = folder / "search.sqlite3"
    path.unlink(missing_ok=True)
    with closing(sqlite3.connect(path)) as index, index:
        lay_out(index)
        for wording in wordings:
            add(index, "qushui", wording, "")
    return Search(path)


def found(search: Search, line: str, **more: Any) -> list[tuple[str, int]]:
    """Give article and revision of all hits, sorted."""
    told = search.ask(parse(line), limit=1000, **more)
    assert told.total == len(told.hits)
    return sorted((hit.article, hit.number) for hit in told.hits)


@given(texts=st.lists(TEXTS, min_size=1, max_size=6), sought=SOUGHT)
def test_any_substring_is_found_and_nothing_else(
    tmp_path_factory: pytest.TempPathFactory, texts: list[str], sought: str
) -> None:
    """Recall and precision are 1 against brute force, for one character and for several, across no line's end."""
    search = an_index(
        tmp_path_factory.mktemp("s"), [Wording(f"a{n}", 1, "", "", text, None) for n, text in enumerate(texts)]
    )
    wanted = plain(sought).strip()

    expected = sorted(
        (f"a{n}", 1) for n, text in enumerate(texts) if any(wanted in line for line in plain(text).split("\n"))
    )

    assert found(search, f'"{sought}"') == expected


@given(text=st.text())
def test_the_plain_form_has_the_length_of_the_text(text: str) -> None:
    """So a place in one is the place in the other."""
    assert len(plain(text)) == len(text)
    assert plain(plain(text)) == plain(text)


@pytest.fixture
def shelf(tmp_path: Path) -> Search:
    """Three articles; one was edited and then lost a word."""
    return an_index(
        tmp_path,
        [
            Wording("a", 1, "渠水", "沈渡 记者", "老闸工说，水大的年份。\n一夜要起三回闸。", "2018-08-30"),
            Wording("a", 2, "渠水", "沈渡 记者", "老工说，水大的年份。", "2018-08-30"),
            Wording("b", 1, "城裡的河", "闻澜", "河從北來，渠水遠。OR", "2018-10-01"),
            Wording("c", 1, "藕", "", "码头边的人家世代种藕。", None),
        ],
    )


@pytest.mark.parametrize(
    ("line", "articles"),
    [
        ("渠", [("a", 2), ("b", 1)]),
        ("闸", [("a", 1)]),
        ("渠 -闸", [("a", 2), ("b", 1)]),
        ("闸工 三回", [("a", 1)]),
        ("闸 OR 藕", [("a", 1), ("c", 1)]),
        ("年份 闸 OR 北来", [("a", 1)]),
        ("title:渠", [("a", 2)]),
        ("title:裡", [("b", 1)]),
        ("title:“城里的”", [("b", 1)]),
        ("author:记者", [("a", 2)]),
        ("author:闻澜 OR title:藕", [("b", 1), ("c", 1)]),
        ("河从北来", [("b", 1)]),
        ("「渠水远」", [("b", 1)]),
        ('"OR"', [("b", 1)]),
        ("date:2018-08", [("a", 2)]),
        ("date:2018-08-30..2018-10 渠", [("a", 2), ("b", 1)]),
        ("date:..2018-09", [("a", 2)]),
        ("date:2018-9..", [("b", 1)]),
        ("-渠", [("c", 1)]),
        ("-title:渠 水", [("b", 1)]),
        ("水大的年份 一夜", [("a", 1)]),
        ("年份。一夜", []),
    ],
)
def test_the_syntax(shelf: Search, line: str, articles: list[tuple[str, int]]) -> None:
    """Each form of the syntax, in either script, over old revisions too; an article is one hit, by its newest that fits."""
    assert found(shelf, line) == articles


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("", "empty"), ("  ", "empty"), ('"渠', "does not end"), ("OR 渠", "OR stands"), ("渠 OR", "OR stands"),
        ("渠 OR OR 水", "OR stands"), ("渠 OR -水", "OR stands"), ("title:", "nothing in it"), ('""', "nothing in it"),
        ("date:2018-13", "no date"), ("date:x", "no date"), ("date:2018-02-30", "no date"), ("date:0000", "no date"),
        ("date:..", "names no day"), ("date:2019..2018", "ends before"), ("-date:2018", "cannot be excluded"),
        ("渠" * 1001, "1001 characters"),
    ],
)  # fmt: skip
def test_a_query_that_cannot_be_read_says_why(line: str, told: str) -> None:
    """With what to type instead."""
    with pytest.raises(UsageError, match=told) as caught:
        parse(line)

    assert caught.value.action


@given(line=st.text(LETTERS + "OR titleauthordate.0129“”", max_size=20))
def test_whatever_is_typed_is_answered_or_refused(tmp_path_factory: pytest.TempPathFactory, line: str) -> None:
    """No query reaches SQLite as syntax."""
    search = an_index(tmp_path_factory.mktemp("s"), [Wording("a", 1, "渠", "", "水", "2018-01-01")])
    try:
        query = parse(line)
    except UsageError:
        return
    assert search.ask(query).total in (0, 1)


def test_the_rest_is_counted_by_series_and_year(shelf: Search) -> None:
    """The counts leave out the choice that they offer."""
    told = shelf.ask(parse("渠 OR 藕"), year="2018", limit=1, count=True)

    assert (told.total, len(told.hits)) == (2, 1)
    assert told.years == {"2018": 2, None: 1}
    assert told.series == {"qushui": 2}


@given(text=st.text("渠水。\n", max_size=300), sought=st.text("渠水", min_size=1, max_size=3))
def test_a_snippet_shows_what_was_sought(text: str, sought: str) -> None:
    """Its marks stand on it, in order; it is a piece of one line, not longer than allowed."""
    snippet = cut(text, [sought])

    assert all(sought in snippet.text[a:b] or len(snippet.text) >= b for a, b in snippet.marks)
    assert list(snippet.marks) == sorted(snippet.marks)
    assert bool(snippet.marks) == any(sought in line for line in text.split("\n"))
    assert snippet.text.strip("…") in text
    assert len(snippet.text) <= LENGTH + 2
    assert snippet.text[slice(*snippet.marks[0])].startswith(sought) if snippet.marks else snippet.paragraph == 0


# ------------------------------------------------------------------------------------------------------- the file


@pytest.fixture
def home(filled: Any, reading: Any) -> Any:
    """A home with two series, one article in each."""
    for name in ("qushui", "hedao"):
        filled.add_series(name)
        filled.add_article(f"{name}-1", reading(title=f"{name} 渠"), series=name)
    return filled


def test_the_index_is_made_when_it_is_first_asked(home: Any) -> None:
    """Of all series, and its stamp is what sha256sum says of it."""
    with home.ledger.read() as connection:
        told = answer(connection, home.home, "渠水自西")

    assert [hit["article"] for hit in told["hits"]] == ["hedao-1", "qushui-1"]
    assert told["total"] == 2
    path = home.home.search
    assert stamp_of(path).read_text() == f"{hashlib.sha256(path.read_bytes()).hexdigest()}  search.sqlite3\n"


def test_one_series_is_brought_up_to_the_ledger(home: Any, reading: Any) -> None:
    """What came is added, what was read anew is corrected, what went is removed; nothing to do leaves the file as it is."""
    with home.ledger.read() as connection:
        assert bring_up(connection, home.home, "qushui")
        assert not bring_up(connection, home.home, "qushui")
    home.add_article("qushui-2", reading(title="新闸"), reading(title="旧闸"), position=2)
    with home.ledger.write() as connection:
        connection.exec_driver_sql("UPDATE series SET rules = 'other'")
        connection.exec_driver_sql(
            "UPDATE revisions SET reading = json_set(reading, '$.title', '改了') WHERE article = 'qushui-1'"
        )
    with home.ledger.read() as connection:
        assert bring_up(connection, home.home, "qushui")
        assert answer(connection, home.home, "title:新闸")["hits"][0]["revision"] == 1
        assert answer(connection, home.home, "title:改")["total"] == 1
        assert answer(connection, home.home, "title:渠")["total"] == 1  # of hedao alone
    with home.ledger.write() as connection:
        connection.exec_driver_sql("DELETE FROM revisions WHERE article = 'qushui-2'")
    with home.ledger.read() as connection:
        assert bring_up(connection, home.home, "qushui")
        assert answer(connection, home.home, "新闸 OR 旧闸")["total"] == 0


@pytest.mark.parametrize("content", [b"no database at all", b""])
def test_a_lost_index_is_made_again(home: Any, content: bytes) -> None:
    """Whatever lies in its place."""
    home.home.search.write_bytes(content)
    with home.ledger.read() as connection:
        assert answer(connection, home.home, "渠水")["total"] == 2


def test_an_index_that_is_damaged_says_so(home: Any) -> None:
    """Its first page is whole, so only the reading finds it."""
    path = damaged(home)

    with pytest.raises(IntegrityError, match="cannot be searched") as caught:
        Search(path).ask(parse("渠水"))
    assert caught.value.action is not None
    assert "rebuild" in caught.value.action


def test_a_damaged_index_is_made_again(home: Any) -> None:
    """Whoever seeks next finds what is there; what cannot be written says what to do."""
    path = damaged(home)
    with home.ledger.read() as connection:
        assert 2 == answer(connection, home.home, "渠水")["total"]
    assert 2 == Search(path).ask(parse("渠水")).total


def damaged(home: Any) -> Path:
    """Make the index and write over all but its first pages."""
    with home.ledger.read() as connection:
        bring_up(connection, home.home, "qushui")
    path: Path = home.home.search
    page = bytearray(path.read_bytes())
    page[8192:] = b"\xff" * (len(page) - 8192)
    path.write_bytes(page)
    return path


def test_a_lone_surrogate_is_searched_around(filled: Any, reading: Any) -> None:
    """A damaged page may hold one; the text beside it is found all the same."""
    filled.add_series()
    filled.add_article("aaaaaa-1", reading(text="前\ud800后面的渠"))
    with filled.ledger.read() as connection:
        told = answer(connection, filled.home, "后面")

    assert told["hits"][0]["snippet"] == "前?后面的渠"
