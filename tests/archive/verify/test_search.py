"""The file of the search and files that no layout knows: found where they are damaged or lie astray, made again or put aside."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from damaged_home import SERIES, flip, flips, one_page, wrong

from archive.fixity import file_digest
from archive.home import Home
from archive.ledger.store import open_ledger
from archive.locking import held
from archive.search import Search, bring_up, parse, stamp_of
from archive.verify import verify_home
from archive.verify.searched import check_search

NAME = "search.sqlite3"


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home of one page, with its search."""
    home = one_page(tmp_path_factory.mktemp("kept") / "home")
    ledger = open_ledger(home.root, create=False)
    with closing(ledger), ledger.read() as connection:
        bring_up(connection, home, SERIES)
    return home.root


def finds(home: Home) -> int:
    """Ask the search for a word of the page."""
    return Search(home.search).ask(parse("闸口"), limit=10).total


def test_the_search_is_held_against_its_digest(home: Home) -> None:
    """It is one file more."""
    report = verify_home(home)
    for path in (stamp_of(home.search), home.search):
        path.unlink()

    assert (wrong(report), report.skipped) == ([], {})
    assert verify_home(home).checked == report.checked - 1


@pytest.mark.parametrize("bit", [0, 5])
def test_any_flipped_bit_of_the_search_or_its_digest_is_found(home: Home, bit: int) -> None:
    """A page of its index that lies makes a search that finds too little, and nobody sees it."""
    missed: list[tuple[str, int]] = []
    for path, step in ((home.search, 499), (stamp_of(home.search), 1)):
        with flips(path, bit, step=step) as flipped:
            missed += [(path.name, at) for at in flipped if check_search(home).damage is None]

    assert missed == []
    assert verify_home(home).whole


def garble(home: Home) -> None:
    stamp_of(home.search).write_text("渠水\n", encoding="utf-8")


def replace_both(home: Home) -> None:
    """Put another database in its place, with its digest."""
    home.search.unlink()
    with closing(sqlite3.connect(home.search)) as other, other:
        other.execute("CREATE TABLE about (other TEXT)")
    restamp(home)


def restamp(home: Home) -> None:
    digest = file_digest(home.search).removeprefix("sha256:")
    stamp_of(home.search).write_text(f"{digest}  {NAME}\n", encoding="ascii")


DAMAGES: dict[str, Callable[[Home], object]] = {
    "flipped": lambda home: flip(home.search, 5000),
    "cut": lambda home: home.search.write_bytes(home.search.read_bytes()[:-1]),
    "no index": replace_both,
    "its digest flipped": lambda home: flip(stamp_of(home.search), 3),
    "its digest garbled": garble,
    "its digest longer": lambda home: stamp_of(home.search).write_bytes(stamp_of(home.search).read_bytes() + b"\n"),
}


@pytest.mark.parametrize("what", DAMAGES)
def test_a_damaged_search_is_made_again(home: Home, what: str) -> None:
    """It is made of the ledger alone."""
    DAMAGES[what](home)
    report, mended = verify_home(home), verify_home(home, repair=True)

    assert (wrong(report), wrong(mended), mended.repaired) == ([NAME], [], [NAME])
    assert (verify_home(home).whole, finds(home)) == (True, 1)


def test_a_lost_search_with_its_digest_is_missing(home: Home) -> None:
    """The digest is away while no index is there: so somebody removed it."""
    home.search.unlink()
    report, mended = verify_home(home), verify_home(home, repair=True)

    assert (report.missing, mended.missing, mended.repaired) == ([NAME], [], [NAME])
    assert finds(home) == 1


def test_a_search_without_its_digest_is_not_judged(home: Home) -> None:
    """A run was killed while it wrote; the next one brings it up."""
    flip(home.search, 5000)
    stamp_of(home.search).unlink()
    report = verify_home(home)

    assert (report.whole, list(report.skipped)) == (True, [NAME])


def test_a_search_that_is_written_now_is_not_judged(home: Home) -> None:
    """Its digest is old, or away."""
    flip(home.search, 5000)
    with held(home.locks / "_search.lock", 0) as free:
        report = verify_home(home)

    assert free is not None
    assert (report.whole, list(report.skipped)) == (True, [NAME])
    assert wrong(verify_home(home)) == [NAME]


def test_a_search_of_another_version_is_said_and_is_no_damage(home: Home) -> None:
    """After an upgrade it is whole, and of no use until the next run."""
    with closing(sqlite3.connect(home.search)) as index, index:
        index.execute("UPDATE about SET version = '0 opencc 0'")
    restamp(home)
    report = verify_home(home)

    assert (report.whole, list(report.skipped)) == (True, [NAME])


# --------------------------------------------------------------------------------------------------------------- strays

STRAYS = [
    "index/foo.cdxj", f"index/{SERIES}.txt", f"index/{SERIES}/x.cdxj", "text/a.md", "text/other/1-a.md",
    f"text/{SERIES}/notes.txt", f"text/{SERIES}/deep/1-a.md", "warc/a.warc.gz", f"wacz/{SERIES}/a.wacz",
    "wacz/other/imported/a.wacz",
]  # fmt: skip
ASIDE = ("index/", "text/")


@pytest.mark.parametrize("name", STRAYS)
def test_a_file_that_no_layout_knows_is_damage(home: Home, name: str) -> None:
    """Whoever put it there thinks that it is kept. Among what is derived it is put aside; all else is left to its owner."""
    path = home.root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"x")
    report, mended = verify_home(home), verify_home(home, repair=True)

    assert (wrong(report), report.damaged[name].expected) == ([name], "nothing")
    assert (mended.repaired, path.exists()) == (([name], False) if name.startswith(ASIDE) else ([], True))
    assert verify_home(home).whole == name.startswith(ASIDE)


def test_what_is_written_now_and_what_is_the_users_is_no_damage(home: Home) -> None:
    """Hidden parts of a live run, an index on its way, a profile of before an edit."""
    home.profiles.mkdir(exist_ok=True)
    names = [f"index/{SERIES}.cdxj.open", f"text/{SERIES}/.a.1.part", f"index/.{SERIES}.part", "profiles/old.toml.bak"]
    for name in names:
        (home.root / name).write_bytes(b"x")
    report = verify_home(home)

    assert (report.whole, list(report.skipped)) == (True, ["profiles/old.toml.bak"])
