"""`lianzai export --format wacz` by the command itself, and what other people's validator says of its file."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import walk
from bundle_checker import Wacz

from archive.home import Home
from archive.warc import series_files
from crawler.demo.newspaper import Newspaper
from crawler.demo.profiles import demo_profile

VALIDATOR = shutil.which("wacz")


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A home whose series was crawled twice; not to be changed."""
    home, newspaper = walk.home_at(tmp_path_factory.mktemp("kept")), Newspaper()
    profile = walk.profile_of(demo_profile(walk.BASE, recheck="always"))
    walk.walk(home, profile, walk.site_of(newspaper))
    newspaper.withdraw("郑州")
    walk.walk(home, profile, walk.site_of(newspaper))
    return home


@pytest.fixture
def home(kept: Home, tmp_path: Path) -> Home:
    """A copy of that home."""
    return Home(Path(shutil.copytree(kept.root, tmp_path / "home")))


def test_the_report_names_the_file_and_what_is_in_it(lianzai: Any, home: Home, tmp_path: Path) -> None:
    """Programs read the contract's document, people one line; stderr is silent."""
    path = tmp_path / "new" / "qushui.wacz"
    result = lianzai("export", "qushui", "--format", "wacz", "--output", path, "--json", home=home.root)
    told = json.loads(result.stdout)
    people = lianzai("export", "qushui", "--format", "wacz", home=home.root)

    assert (result.returncode, result.stderr, people.returncode, people.stderr) == (0, "", 0, "")
    assert list(told) == ["done", "failed", "paths", "bytes", "warcs", "captures", "pages", "left_out"]
    assert (told["done"], told["failed"], told["paths"], told["left_out"]) == (True, [], [str(path)], [])
    assert (told["bytes"], told["warcs"], told["pages"]) == (path.stat().st_size, 2, 17)
    assert told["captures"] == len(Wacz(path).lines)
    assert people.stdout.startswith(f"{home.root / 'wacz' / 'qushui.wacz'}  ")
    assert (home.root / "wacz" / "qushui.wacz").read_bytes() == path.read_bytes()


def test_a_second_export_changes_nothing_and_another_file_is_kept(
    lianzai: Any, home: Home, tmp_path: Path, only_line: Any
) -> None:
    """Exit 2 and the file as it was, unless --force says that it may go."""
    path = tmp_path / "qushui.wacz"
    command = ("export", "qushui", "--format", "wacz", "--output", path)
    codes = [lianzai(*command, home=home.root).returncode for _ in range(2)]
    made = path.read_bytes()
    path.write_bytes(b"something else")
    refused = lianzai(*command, home=home.root)
    left = path.read_bytes()
    forced = lianzai(*command, "--force", home=home.root)

    assert codes == [0, 0]
    assert (refused.returncode, refused.stdout, left) == (2, "", b"something else")
    assert "--force" in only_line(refused.stderr)
    assert (forced.returncode, path.read_bytes()) == (0, made)
    assert sorted(one.name for one in tmp_path.iterdir()) == ["home", "qushui.wacz"]


def test_what_cannot_be_done_is_one_line(lianzai: Any, home: Home, tmp_path: Path, only_line: Any) -> None:
    """Usage is exit 2, and the line says what to do; nothing is written."""
    (tmp_path / "file").write_bytes(b"")
    wrong = {
        "no series 'qushiu'": ("export", "qushiu", "--format", "wacz"),
        "no series '../qushui'": ("export", "../qushui", "--format", "wacz"),
        "'--format'": ("export", "qushui"),
        "'zip' is not": ("export", "qushui", "--format", "zip"),
        "expected a file's name": ("export", "qushui", "--format", "wacz", "--output", str(tmp_path)),
        "cannot be written": ("export", "qushui", "--format", "wacz", "--output", str(tmp_path / "file" / "a.wacz")),
        "within the home only": (
            "export",
            "qushui",
            "--format",
            "wacz",
            "--output",
            str(home.warc("qushui") / "a.wacz"),
        ),
    }
    for message, command in wrong.items():
        result = lianzai(*command, home=home.root)

        assert (result.returncode, result.stdout) == (2, "")
        assert message in only_line(result.stderr)
    assert sorted(one.name for one in tmp_path.iterdir()) == ["file", "home"]
    assert not (home.root / "wacz").exists()


def test_damage_is_exit_four(lianzai: Any, home: Home, only_line: Any) -> None:
    """The line names the file; there is no bundle of damaged bytes, and no trace of a half one."""
    path = series_files(home.warc("qushui"), "qushui")[0]
    octets = bytearray(path.read_bytes())
    octets[1000] ^= 1
    path.write_bytes(octets)
    result = lianzai("export", "qushui", "--format", "wacz", "--json", home=home.root)

    assert (result.returncode, result.stdout) == (4, "")
    assert path.name in only_line(result.stderr)
    assert list((home.root / "wacz").iterdir()) == []


def test_what_is_left_out_is_said(lianzai: Any, home: Home, tmp_path: Path) -> None:
    """While a crawl is going on the export is whole without its file; a name that replays do not know is noted."""
    profile = walk.profile_of(demo_profile(walk.BASE, recheck="always"))
    with pytest.raises(walk.KilledError):
        walk.walk(home, profile, walk.site_of(Newspaper()), kill_after=5)
    path = tmp_path / "a.zip"
    result = lianzai("export", "qushui", "--format", "wacz", "--output", path, "--json", home=home.root)
    notes = result.stderr.splitlines()
    told = json.loads(result.stdout)

    assert result.returncode == 0
    assert [name.endswith("-00003.warc.gz.open") for name in told["left_out"]] == [True]
    assert ("ends in .wacz" in notes[0], told["left_out"][0] in notes[1], len(notes)) == (True, True, 2)
    Wacz(path).check()


@pytest.mark.skipif(
    VALIDATOR is None, reason="the command `wacz` (pip install wacz==0.6.0) is not here, nor in our lock"
)
def test_the_reference_validator_takes_it(lianzai: Any, home: Home, tmp_path: Path) -> None:
    """py-wacz is the reference implementation of the format; its word is what libraries go by."""
    path = tmp_path / "qushui.wacz"
    lianzai("export", "qushui", "--format", "wacz", "--output", path, home=home.root)
    result = subprocess.run([str(VALIDATOR), "validate", "-f", path], capture_output=True, text=True, check=False)

    assert (result.returncode, result.stdout.splitlines()[-1]) == (0, "Validation succeeded, the passed WACZ is valid")
