"""What the page of a series gives to take along: every format of one file, made when it is asked for, within bounds."""

from __future__ import annotations

import csv
import io
import json
import threading
import zipfile
from collections.abc import Iterator
from typing import Any

import pytest
from pages_maker import asking, page

from archive.home import Home
from archive.web.pages import export

FORMS = {
    "txt": "text/plain; charset=utf-8", "md": "text/markdown; charset=utf-8", "jsonl": "application/jsonl",
    "csv": "text/csv; charset=utf-8; header=present", "epub": "application/epub+zip", "parquet": "application/vnd.apache.parquet",
}  # fmt: skip


@pytest.fixture(scope="module")
def ask(pages_home: Home) -> Iterator[Any]:
    """A client of a home that has every state."""
    with asking(pages_home) as asked:
        yield asked


@pytest.mark.parametrize("form", FORMS)
def test_a_series_can_be_taken_along(ask, form):
    """With a name to be kept under, by the media type that programs know it by; the same archive gives the same bytes."""
    answer, again = ask(f"/series/cheng/export.{form}"), ask(f"/series/cheng/export.{form}")

    assert 200 == answer.status_code
    assert FORMS[form] == answer.headers["Content-Type"]
    assert f'attachment; filename="cheng.{form}"' == answer.headers["Content-Disposition"]
    assert int(answer.headers["Content-Length"]) == len(answer.content) > 0
    assert answer.content == again.content
    assert f"/series/cheng/export.{form}" in [
        one.get("href") for one in page(ask("/series/cheng")).cssselect(".exports a")
    ]


def test_what_was_taken_along_is_the_series(ask):
    """Each by what reads it."""
    lines = [json.loads(line) for line in ask("/series/cheng/export.jsonl").text.splitlines()]
    rows = list(csv.DictReader(io.StringIO(ask("/series/cheng/export.csv").content.decode("utf-8-sig"))))
    book = zipfile.ZipFile(io.BytesIO(ask("/series/cheng/export.epub").content))

    assert "洛阳新事" in [one["title"] for one in lines]
    assert "洛阳新事" in [one["title"] for one in rows]
    assert "mimetype" == book.namelist()[0]
    assert any("洛阳新事" in book.read(name).decode() for name in book.namelist() if name.endswith("xhtml"))
    assert "开封" in ask("/series/cheng/export.txt").text


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/series/cheng/export.html", "lianzai export cheng --format html"),
        ("/series/cheng/export.doc", "txt, md"),
        ("/series/none/export.txt", "none"),
    ],
)
def test_what_is_not_made_here_is_a_404_that_says_what_is(ask, path, said):
    """A folder is for the command."""
    answer = ask(path)

    assert 404 == answer.status_code
    assert said in answer.text


def test_what_is_too_large_names_the_command(ask, monkeypatch):
    """A page is no place to wait for a gigabyte."""
    monkeypatch.setattr(export, "MOST_BYTES", 100)
    answer = ask("/series/cheng/export.txt")

    assert 507 == answer.status_code
    assert "lianzai export cheng --format txt" in answer.text


def test_two_are_made_at_once_and_a_third_is_asked_to_come_again(pages_home, monkeypatch):
    """Whoever asks for all of them at once must not take the machine."""
    begun, go_on = threading.Semaphore(0), threading.Event()
    write_into = export.write_into

    def slow(*arguments: Any) -> Any:
        begun.release()
        assert go_on.wait(60)
        return write_into(*arguments)

    monkeypatch.setattr(export, "write_into", slow)
    told: list[int] = []
    with asking(pages_home) as ask:
        asking_twice = [
            threading.Thread(target=lambda: told.append(ask("/series/cheng/export.txt").status_code)) for _ in range(2)
        ]
        for one in asking_twice:
            one.start()
        for _ in asking_twice:
            begun.acquire(timeout=60)
        third = ask("/series/cheng/export.md")
        go_on.set()
        for one in asking_twice:
            one.join()
        after = ask("/series/cheng/export.md")

    assert (503, "10") == (third.status_code, third.headers["Retry-After"])
    assert [200, 200] == told
    assert 200 == after.status_code
