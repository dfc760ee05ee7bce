"""`extract` on pages that are damaged, no pages, or made to cost: a line each, what is wrong on stderr, and it goes on."""

from __future__ import annotations

import gzip
import json
import multiprocessing
import os
import random
import signal
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from archive.clean.bounded import BoundedCleaner, BoundError
from archive.clean.rules import Rules
from archive.config import Config
from archive.model import Reading
from archive.verbs.extract import command

TEXT = "清晨六点，临溪县石桥村的水渠边已经有人走动，护渠员把闸门提起半尺，水顺着渠道往下游走。"
PAGE = f"<html><head><title>渠水十二站</title></head><body><h1>渠水十二站</h1><p>{TEXT * 3}</p></body></html>".encode()
WALL = f"""<html lang="zh"><head><title>渠水十二站</title><meta name="author" content="丁一凡">
<meta property="article:published_time" content="2024-06-11T10:00:00+08:00"></head>
<body><article><h1>渠水十二站</h1><p>{TEXT}</p><p>登录后查看全文</p></article></body></html>"""
COSTLY = f"<p>{TEXT}</p>".encode().decode("gb18030", "replace") * 4_000  # garble of 290,000 characters: 6 s to mend
NOISE = random.Random(7).randbytes(50_000)
BAD = {
    "empty.html": b"",
    "blank.html": b" \n\t \n",
    "nul.html": bytes(5_000),
    "noise.html": NOISE,
    "picture.html": b"\x89PNG\r\n\x1a\n" + NOISE,
    "paper.pdf": b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n" + NOISE,
    "cut.html.gz": gzip.compress(PAGE)[:-30],
    "crc.html.gz": gzip.compress(PAGE)[:-8] + bytes(8),
    "nested.html": b"<div>" * 100_000,
    "tags.html": b"<" * 200_000,
    "comments.html": b"<!--" * 50_000,
    "wall.html": WALL.encode(),
    "swollen.html": WALL.replace("<article>", "<article>" + "<p>x</p>" * 10_001).encode(),
    "no-text.html": b"<html><head><title>" + "渠水".encode() + b"</title></head><body></body></html>",
}
GOOD = {
    "plain.html": PAGE,
    "packed.html.gz": gzip.compress(PAGE),
    "with-nul.html": PAGE.replace(b"<p>", b"<p>\0"),
    "cut-tag.html": PAGE[:-10],
    "json.html": PAGE.replace(
        b"</head>", b'<script type="application/ld+json">' + b"[" * 100_000 + b"</script></head>"
    ),
    "doctypes.html": b"<![CDATA[" * 10_000 + PAGE,
}


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Result]:
    """One call over all of them, one file that is not there, and one that may not be read as a file."""
    folder = tmp_path_factory.mktemp("pages")
    for name, body in {**BAD, **GOOD}.items():
        (folder / name).write_bytes(body)
    names = [*BAD, "missing.html", ".", *GOOD]
    files = [str(folder / name) for name in names]
    return folder, CliRunner().invoke(command, [*files, "--url", "http://news.example/1.html"], obj=Config(home=folder))


def test_each_file_gives_a_line_in_the_order_of_the_files(ran: tuple[Path, Result]) -> None:
    """A program that reads the lines knows by their number which file each is of."""
    folder, result = ran
    expected = [name.partition(".")[0] for name in [*BAD, "missing.html", folder.name, *GOOD]]

    lines = [json.loads(line) for line in result.stdout.splitlines()]

    assert expected == [line["id"] for line in lines]
    assert {"http://news.example/1.html"} == {line["url"] for line in lines}
    assert 3 == result.exit_code


def test_what_is_wrong_is_told_of_the_bad_ones_only(ran: tuple[Path, Result]) -> None:
    """One line a bad file on stderr: what, where, what to do."""
    folder, result = ran
    expected = [str(folder / name) for name in [*BAD, "missing.html", "."]]

    errors = result.stderr.splitlines()

    assert expected == [line.removeprefix("lianzai: ").split(": ")[0] for line in errors]
    assert all("; try: " in line for line in errors)


def test_healthy_pages_behind_bad_ones_are_read(ran: tuple[Path, Result]) -> None:
    """What a bad page costs, it must not cost the next one."""
    lines = [json.loads(line) for line in ran[1].stdout.splitlines()][-len(GOOD) :]

    assert [True] * len(GOOD) == [TEXT in line["text"] for line in lines]


def test_what_is_known_of_a_page_without_an_article_is_told(ran: tuple[Path, Result]) -> None:
    """The title is known, even where no text was found."""
    lines = {one["id"]: one for one in map(json.loads, ran[1].stdout.splitlines())}

    assert ("渠水", None) == (lines["no-text"]["title"], lines["no-text"]["text"])
    known = {"title": "渠水十二站", "authors": ["丁一凡"], "published": "2024-06-11T02:00:00Z", "language": "zh"}
    assert {**known, "text": TEXT} == {name: lines["wall"][name] for name in (*known, "text")}
    assert ("渠水十二站", None) == (lines["swollen"]["title"], lines["swollen"]["text"])


def test_a_page_that_costs_too_much_is_given_up_and_the_next_is_read() -> None:
    """No exception reaches a call into C; the kernel ends the process, and the next page gets a new one."""
    costly = f"<html><body>{COSTLY}".encode()
    rules = Rules()
    with BoundedCleaner(cpu_s=0) as cleaner:  # the limit is in whole seconds: at most one
        with pytest.raises(BoundError, match="more than 0 s of CPU time"):
            cleaner.read(costly, url="http://news.example/1.html", content_type="", rules=rules)

        assert isinstance(cleaner.read(PAGE, url="http://news.example/1.html", content_type="", rules=rules), Reading)


def test_the_head_of_a_page_that_costs_too_much_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A line with what is known: title, date and authors stand at the beginning; a text that is cut is none."""
    (tmp_path / "costly.html").write_bytes(WALL.replace("登录后查看全文", f"<p>{TEXT}</p>" * 500 + COSTLY).encode())
    monkeypatch.setattr("archive.clean.bounded.BoundedCleaner.__init__.__defaults__", (0,))

    result = CliRunner().invoke(command, [str(tmp_path / "costly.html")], obj=Config(home=tmp_path))

    line = json.loads(result.stdout)
    assert (3, "渠水十二站", ["丁一凡"], None) == (result.exit_code, line["title"], line["authors"], line["text"])
    assert "s of CPU time" in result.stderr


def test_a_page_that_ends_the_process_is_told_and_the_next_is_read() -> None:
    """A parser that crashes takes its process along, not the command."""
    rules = Rules()
    with BoundedCleaner() as cleaner:
        cleaner.read(PAGE, url="http://news.example/1.html", content_type="", rules=rules)
        for child in multiprocessing.active_children():
            os.kill(child.pid or 0, signal.SIGKILL)
            child.join()
        with pytest.raises(BoundError, match="SIGKILL"):
            cleaner.read(PAGE, url="http://news.example/1.html", content_type="", rules=rules)

        assert isinstance(cleaner.read(PAGE, url="http://news.example/1.html", content_type="", rules=rules), Reading)


def test_nothing_is_left_running() -> None:
    """The process beside ends with the command."""
    with BoundedCleaner() as cleaner:
        cleaner.read(PAGE, url="http://news.example/1.html", content_type="", rules=Rules())

    assert [] == multiprocessing.active_children()
