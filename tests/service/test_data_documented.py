"""docs/data.md and the README's excerpt against a home that the demonstration has just filled."""

from __future__ import annotations

import json
import re
import socket
from pathlib import Path
from typing import Any

from archive.warc import metadata_of, read_records

ROOT = Path(__file__).parents[2]
DATA = (ROOT / "docs" / "data.md").read_text("utf-8")
README = (ROOT / "README.md").read_text("utf-8")


def rows(after: str) -> list[list[str]]:
    """Give the rows of the first table after a heading."""
    table = DATA.partition(after)[2].partition("\n| ")[2].partition("\n\n")[0]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in table.splitlines()[2:]]


def names(cell: str) -> set[str]:
    return set(re.findall(r"`([^`]+)`", re.sub(r"\([^)]*\)", "", cell)))


def steady(text: str) -> list[str]:
    """Give the lines without what differs from one run to another: port, time, size."""
    text = re.sub(r"127\.0\.0\.1:\d+|-\d{14}-|[\d.]+ kB", "*", text)
    return [line.rstrip() for line in text.splitlines()]


def test_the_excerpt_of_the_readme_is_what_the_demonstration_says(demonstration: tuple[Path, str]) -> None:
    """An invented output is found out by the first reader who tries."""
    excerpt = next(
        block for block in re.findall(r"^```\n(.*?)^```$", README, re.M | re.S) if "A newspaper runs" in block
    )

    assert steady(excerpt) == steady(demonstration[1])[: len(steady(excerpt))]


def test_a_line_of_the_text_file_has_the_described_fields(demonstration: tuple[Path, str]) -> None:
    """Analysts write their readers by the table."""
    described = {name for row in rows("## Text") if row[2] == "yes" for name in names(row[0])}
    lines = (demonstration[0] / "text" / "qushui" / "qushui.jsonl").read_text("utf-8").splitlines()

    assert len(lines) == 18
    assert [set(json.loads(line)) ^ described for line in lines] == [set()] * 18


def test_front_matter_has_the_described_fields(demonstration: tuple[Path, str]) -> None:
    """Static site generators take it as it is."""
    described = {name for row in rows("## Text") if row[1] == "yes" for name in names(row[0])}
    texts = [path.read_text("utf-8") for path in (demonstration[0] / "text" / "qushui").glob("*.md")]

    assert len(texts) == 18
    assert [set(re.findall(r"^(\w+): ", text.split("---\n")[1], re.M)) ^ described for text in texts] == [set()] * 18


def test_every_file_of_a_home_is_described(demonstration: tuple[Path, str]) -> None:
    """A file that nobody explains is a file that somebody deletes."""
    known = ("warc", "text", "index", "locks", "ledger.sqlite3", "search.sqlite3", "search.sqlite3.sha256")
    told = {name for name in known if f"`{name}" in DATA}

    assert {path.name for path in demonstration[0].iterdir()} <= told


def test_fields_of_records_are_described(demonstration: tuple[Path, str]) -> None:
    """Which field stands where decides whether others can read the file."""
    named = [
        "WARC-Type",
        "WARC-Record-ID",
        "WARC-Date",
        "WARC-Target-URI",
        "Content-Length",
    ]  # of every record, by the standard
    used = {field for path in warcs(demonstration[0]) for record in read_records(path) for field in record.headers}
    section = DATA.partition("## WARC")[2].partition("## Index")[0].replace("`-", "`WARC-Refers-To-")

    assert [field for field in sorted(used - set(named)) if field not in section] == []


def test_the_notes_of_a_run_are_described(demonstration: tuple[Path, str], lianzai: Any, tmp_path: Path) -> None:
    """Whoever folds our WARCs with another program needs them."""
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{closed.getsockname()[1]}/a.html"
    profile = tmp_path / "down.toml"
    profile.write_text(
        f'[series]\nid = "down"\ntitle = "t"\n[source]\nkind = "url-list"\nurls = ["{address}"]\n'
        '[fetch]\nallow_private = true\nretries = 0\nrobots = "ignore"\n'
    )
    ended = lianzai("crawl", profile, home=tmp_path / "home")
    found: dict[str, set[str]] = {}
    for path in [*warcs(demonstration[0]), *warcs(tmp_path / "home")]:
        for record in read_records(path):
            if record.type == "metadata":
                note = metadata_of(record)
                found.setdefault(note.pop("lianzai"), set()).update(note)
    described = {names(row[0]).pop(): names(row[2]) for row in rows("**Notes of a run**")}

    assert ended.returncode == 5
    assert found == described


def warcs(home: Path) -> list[Path]:
    return sorted((home / "warc").glob("*/*.warc.gz"))
