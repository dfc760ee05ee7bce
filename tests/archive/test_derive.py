"""Text files: derived, the same to the byte, and as the ledger has them now."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import update

from archive.derive import write_text
from archive.formats import to_dublin_core, to_markdown, to_schema_org
from archive.home import Home
from archive.ledger import schema
from archive.views import document


@pytest.fixture
def place(either: Home) -> Home:
    """All of this holds for both databases."""
    return either


def written(filled: Any) -> dict[str, bytes]:
    """Bring the text files up to the ledger; give all of them."""
    with filled.ledger.read() as connection:
        write_text(connection, filled.home, "qushui")
    return {path.name: path.read_bytes() for path in filled.home.text("qushui").iterdir()}


def test_each_captured_instalment_has_a_file_named_by_position_and_id(filled: Any, reading: Any) -> None:
    """The layout is promised: text/<series>/<position>-<id>.md and <series>.jsonl; what was only found has no text."""
    filled.add_series()
    filled.add_article("aaaaaa-1", reading(), position=2)
    filled.add_article("bbbbbb-2", reading(), position=1)
    filled.add_article("cccccc-3", position=3)

    files = written(filled)

    assert {"2-aaaaaa-1.md", "1-bbbbbb-2.md", "qushui.jsonl"} == set(files)
    assert [json.loads(line)["id"] for line in files["qushui.jsonl"].splitlines()] == ["bbbbbb-2", "aaaaaa-1"]


def test_writing_twice_changes_nothing(filled: Any, reading: Any) -> None:
    """Who watches the folder (a backup, git) sees a change only where the text changed; not even where it was looked at."""
    filled.add_series()
    filled.add_article("aaaaaa-1", reading())
    before = written(filled)
    with filled.ledger.write() as connection:
        connection.execute(update(schema.ARTICLES).values(last_checked="2018-10-01T00:00:00.000Z"))
    with filled.ledger.read() as connection:
        changed = write_text(connection, filled.home, "qushui")

    assert changed == []
    assert before == written(filled)


def test_a_moved_instalment_leaves_no_file_at_its_old_place(filled: Any, reading: Any) -> None:
    """Two files of one instalment would be read as two instalments."""
    filled.add_series()
    filled.add_article("aaaaaa-1", reading(), position=2)
    written(filled)
    (filled.home.text("qushui") / ".1-left-by-a-killed-run.part").write_bytes(b"")
    with filled.ledger.write() as connection:
        connection.execute(update(schema.ARTICLES).values(position=7))

    assert {"7-aaaaaa-1.md", "qushui.jsonl"} == set(written(filled))


def test_the_last_revision_is_written(filled: Any, reading: Any) -> None:
    """The text is that of the newest capture; earlier ones are in the ledger and the WARCs."""
    filled.add_series()
    filled.add_article("aaaaaa-1", reading(), reading(body=("改了。",), text="改了。"))

    files = written(filled)

    assert "改了。" in files["1-aaaaaa-1.md"].decode()
    assert "老闸工" not in files["1-aaaaaa-1.md"].decode()


def test_the_file_reads_as_the_instalment_was_printed(filled: Any, reading: Any) -> None:
    """Title, byline, note, highlights and body stand in the order of the newspaper."""
    filled.add_series()
    filled.add_article("aaaaaa-1", reading())

    text = written(filled)["1-aaaaaa-1.md"].decode()

    parts = ["# 济源：水从这里分", "*济源市渠务所所长 沈渡*", "> 编者按：", "**一条渠", "渠水自西", "![分水闸]"]
    assert sorted(text.index(part) for part in parts) == [text.index(part) for part in parts]


def front_matter(text: str) -> dict[str, Any]:
    """Read the front matter as the JSON that each value is written in, a subset of YAML."""
    lines = text.split("---\n")[1].splitlines()
    return {key: json.loads(value) for key, _, value in (line.partition(": ") for line in lines)}


ROW = {
    "id": "aaaaaa-1", "series": "qushui", "position": 1, "subject": None, "title": "", "url": "http://a.example/",
    "published": None, "published_precision": None, "authors": [], "state": "captured", "origin": "live", "revisions": 1,
    "captured": None, "last_checked": None, "variants": [], "text_sha256": None,
}  # fmt: skip


@given(st.text(max_size=60))
def test_any_title_survives_the_front_matter(title: str) -> None:
    """Titles hold colons, quotes, hashes and worse; none may break the YAML or inject a key.

    Source of what YAML allows raw: YAML 1.2.2, production 1 (c-printable) and 5.4 (line ends).
    """
    text = to_markdown(document(ROW | {"title": title or None}, None))
    block = text.split("---\n")[1]

    assert (title or None) == front_matter(text)["title"]
    assert not re.search("[^\n\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]", block)


def test_markup_in_a_paragraph_is_text(filled: Any, reading: Any) -> None:
    """A numbered point stays that number, an asterisk an asterisk: nothing the newspaper printed becomes markup."""
    filled.add_series()
    filled.add_article(
        "aaaaaa-1", reading(body=("1. 先[后]", "# 不是标题", "- 不是列表", "五*六_七", "<b>&lt;", "2018. 年"))
    )

    text = written(filled)["1-aaaaaa-1.md"].decode()

    for line in ("1\\. 先\\[后\\]", "\\# 不是标题", "\\- 不是列表", "五\\*六\\_七", "\\<b\\>\\&lt;", "2018\\. 年"):
        assert f"\n{line}\n" in text


def test_other_formats_name_what_is_known(filled: Any, reading: Any, tmp_path: Path) -> None:
    """Library catalogues read Dublin Core, search engines schema.org; what is not known is left out, not invented."""
    import xml.etree.ElementTree as ElementTree

    from archive.views import show

    filled.add_series()
    filled.add_article("aaaaaa-1", reading(title="一 < 二 & 三\x0b", editor=None), subject="济源")
    with filled.ledger.read() as connection:
        told = show(connection, "aaaaaa-1")
    catalogue = ElementTree.fromstring(to_dublin_core(told))
    article = json.loads(to_schema_org(told))
    elements = [(one.tag.partition("}")[2], one.text) for one in catalogue]

    assert ("title", "一 < 二 & 三\ufffd") in elements
    assert ("creator", "沈渡") in elements
    assert not [one for one in elements if one[0] == "contributor"]
    assert article["author"][0] == {"@type": "Person", "name": "沈渡", "jobTitle": "济源市渠务所所长"}
    assert "editor" not in article
