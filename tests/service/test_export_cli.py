"""`lianzai export` in every format but WACZ, and `lianzai cite`, by the commands themselves."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import click
import pytest
import walk

from archive.citing import FORMATS as CITED
from archive.exports import FORMATS
from archive.home import Home
from archive.verbs.cite import command as cite
from archive.verbs.export import command as export
from crawler.demo.newspaper import Newspaper
from crawler.demo.profiles import demo_profile


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A home whose series was crawled once; not to be changed."""
    home = walk.home_at(tmp_path_factory.mktemp("kept"))
    walk.walk(home, walk.profile_of(demo_profile(walk.BASE)), walk.site_of(Newspaper()))
    return home


def test_the_command_offers_what_there_is() -> None:
    """The names stand in the verb itself, so that --help imports no format."""
    kinds = [one.type.choices for one in (*export.params, *cite.params) if isinstance(one.type, click.Choice)]

    assert [set(one) for one in kinds] == [{*FORMATS, "wacz"}, set(CITED)]


@pytest.mark.parametrize("form", ["md", "bagit"])
def test_the_report_names_what_was_written(form: str, lianzai: Any, kept: Home, tmp_path: Path) -> None:
    """Without --output it lies in the working folder; programs read the contract's document, people a line."""
    first = lianzai("export", "qushui", "--format", form, "--json", home=kept.root)
    again = lianzai("export", "qushui", "--format", form, home=kept.root)
    told, path = json.loads(first.stdout), tmp_path / f"qushui{FORMATS[form].ending}"
    files = [one for one in path.rglob("*") if one.is_file()] if path.is_dir() else [path]

    assert (first.returncode, first.stderr, again.returncode, again.stderr) == (0, "", 0, "")
    assert list(told)[:3] == ["done", "failed", "paths"]
    assert (told["done"], told["failed"], told["paths"], told["left_out"]) == (True, [], [path.name], [])
    assert (told["bytes"], told["files"]) == (sum(one.stat().st_size for one in files), len(files))
    assert told["captured"] == 17
    assert again.stdout.endswith("the same as before\n")


def test_usage_is_exit_two_and_one_line(lianzai: Any, kept: Home, tmp_path: Path, only_line: Any) -> None:
    """Another file is kept without --force, an unknown series has its nearest name."""
    (tmp_path / "there.txt").write_bytes(b"mine")
    wrong = {
        "--force": ("export", "qushui", "--format", "txt", "--output", tmp_path / "there.txt"),
        "nearest: qushui": ("export", "qushiu", "--format", "epub"),
        "no article": ("cite", "qushui/济源", "--format", "ris"),
        "no series 'qushiu'": ("cite", "qushiu/济源", "--format", "ris"),
        "'--format'": ("cite", "qushui/郑州"),
        "--room": ("cite", "qushui/郑州", "--format", "ris", "--room", "nowhere"),
    }  # fmt: skip
    for message, command in wrong.items():
        result = lianzai(*command, home=kept.root)

        assert (result.returncode, result.stdout) == (2, ""), command
        assert message in only_line(result.stderr)
    assert [(one.name, one.read_bytes()) for one in tmp_path.glob("*") if one.is_file()] == [("there.txt", b"mine")]


def test_a_picture_that_is_damaged_is_exit_three(lianzai: Any, kept: Home, tmp_path: Path, only_line: Any) -> None:
    """The site is written; the report and the line name the address and the record."""
    home = Home(Path(shutil.copytree(kept.root, tmp_path / "home")))
    for path in home.warc("qushui").iterdir():
        path.write_bytes(bytes(path.stat().st_size))
    result = lianzai("export", "qushui", "--format", "html", "--output", tmp_path / "site", "--json", home=home.root)
    told = json.loads(result.stdout)

    assert (result.returncode, told["done"], told["pictures"], told["paths"]) == (3, False, 0, [str(tmp_path / "site")])
    assert len(told["failed"]) == 18
    assert all(".warc.gz: offset" in one["reason"] for one in told["failed"])
    assert "try: lianzai verify" in only_line(result.stderr)
    assert (tmp_path / "site" / "index.html").is_file()


def test_a_bag_is_a_home_again(lianzai: Any, kept: Home, tmp_path: Path) -> None:
    """What is handed on suffices to make the series anew: the same text, to the byte."""
    bag = tmp_path / "bag"
    made = lianzai("export", "qushui", "--format", "bagit", "--output", bag, home=kept.root)
    result = lianzai("rebuild", "--from", bag / "data", "--json", home=tmp_path / "other")
    again = Home(tmp_path / "other").text("qushui")

    assert (made.returncode, result.returncode, json.loads(result.stdout)["failed"]) == (0, 0, [])
    assert {one.name: one.read_bytes() for one in again.iterdir()} == {
        one.name: one.read_bytes() for one in kept.text("qushui").iterdir()
    }


def test_a_citation_is_printed_or_told(lianzai: Any, kept: Home) -> None:
    """On stdout for a pipe; within the JSON for programs."""
    shown = json.loads(lianzai("show", "qushui/郑州", "--json", home=kept.root).stdout)
    command = ("cite", "qushui/郑州", "--format", "csl-json", "--room", "http://room.example")
    plain, told = (lianzai(*command, *more, home=kept.root) for more in ((), ("--json",)))
    document = json.loads(told.stdout)
    (item,) = json.loads(plain.stdout)
    digits = "".join(sign for sign in shown["provenance"]["fetched"] if sign.isdigit())

    assert (plain.returncode, plain.stderr, told.returncode) == (0, "", 0)
    assert list(document) == ["done", "failed", "paths", "article", "revision", "format", "citation"]
    assert document["citation"] == plain.stdout
    assert (document["article"], document["revision"]) == (shown["id"], 1)
    assert (item["URL"], item["title"]) == (shown["url"], shown["title"])
    assert item["archive_location"] == f"http://room.example/web/{digits}/{shown['url']}"
    assert shown["provenance"]["record_id"] in item["note"]
