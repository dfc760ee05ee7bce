"""Damage of WARCs and bits anywhere in a home: found, and named by file and record."""

from __future__ import annotations

import os
import shutil
from contextlib import closing
from pathlib import Path

import pytest
import walk
from damaged_home import SERIES, flip, flips, one_page, path_of, told, unseen_flips, warcs, wrong
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.home import Home
from archive.ledger.store import open_ledger
from archive.verify import verify_home
from archive.verify.derived import compare
from archive.warc import read_records

# ----------------------------------------------------------------------------------------------------------- whole


def test_a_sound_home_is_whole_and_says_so_once(home: Home) -> None:
    """A verification every day must not fill the history with the same sentence."""
    files = [path for folder in ("warc", "text", "index") for path in (home.root / folder).rglob("*") if path.is_file()]
    first, second = verify_home(home), verify_home(home)

    # Beside these the ledger and the index of the search.
    assert first.to_json() == {"checked": len(files) + 2, "damaged": [], "missing": [], "repaired": []}
    assert second.to_json() == first.to_json()
    assert told(home) == [("verified", [path_of(home, path) for path in warcs(home)])]


def test_verifying_changes_no_kept_byte(home: Home) -> None:
    """Proof must not touch what it proves."""
    before = walk.files_of(home, "warc", "text", "index")
    verify_home(home)

    assert before == walk.files_of(home, "warc", "text", "index")


def test_an_empty_home_is_whole(tmp_path: Path) -> None:
    """Nothing kept, nothing damaged."""
    assert verify_home(Home(tmp_path / "home").make()).to_json()["damaged"] == []


# ------------------------------------------------------------------------------------------------------ damaged WARCs


@pytest.mark.soak
def test_every_record_is_named_when_it_is_damaged(home: Home) -> None:
    """A librarian must know which records are lost, requests and metadata too, and only those."""
    path = warcs(home)[1]
    whole = path.read_bytes()
    for record in list(read_records(path))[::3]:
        flip(path, record.offset + record.length // 2, 3)
        report = verify_home(home)
        path.write_bytes(whole)
        entry = report.to_json()["damaged"]

        assert [one["path"] for one in entry] == [path_of(home, path)]
        assert [one["offset"] for one in entry[0]["records"]] == [record.offset]
        assert entry[0]["records"][0]["record_id"] in (record.record_id, None)
        assert entry[0]["records"][0]["record_id"] or record.type in ("request", "metadata", "warcinfo")


@pytest.mark.parametrize("place", ["gzip head", "checksum", "length"])
def test_a_flip_beside_the_deflate_stream_names_its_record(home: Home, place: str) -> None:
    """No checksum covers a gzip head: the file's digest does, and the odd one out is the record."""
    path = warcs(home)[0]
    record = list(read_records(path))[4]
    end = record.offset + record.length
    flip(path, {"gzip head": record.offset + 5, "checksum": end - 8, "length": end - 2}[place])
    (entry,) = verify_home(home).to_json()["damaged"]

    assert entry["records"] == [{"offset": record.offset, "record_id": record.record_id}]
    assert entry["expected"] != entry["found"]


def test_a_cut_file_names_every_record_behind_the_cut(home: Home) -> None:
    """What the ledger knows of the lost part is what is lost."""
    path = warcs(home)[0]
    records = list(read_records(path))
    middle = records[len(records) // 2]
    os.truncate(path, middle.offset + 20)
    (entry,) = verify_home(home).to_json()["damaged"]
    lost = {r.record_id for r in records[len(records) // 2 :] if r.type in ("response", "revisit", "resource")}

    assert lost <= {one["record_id"] for one in entry["records"]}
    assert min(one["offset"] for one in entry["records"]) == middle.offset


def test_rubbish_behind_the_last_record_is_damage(home: Home) -> None:
    """Others' readers would stop there, or read on."""
    path = warcs(home)[0]
    size = path.stat().st_size
    with path.open("ab") as file:
        file.write(b"\0" * 5000)
    (entry,) = verify_home(home).to_json()["damaged"]

    assert entry["records"] == [{"offset": size, "record_id": None}]


def test_rubbish_in_the_middle_costs_one_place(home: Home) -> None:
    """The records behind it are found again, and only the ledger's offsets of them are wrong."""
    path = warcs(home)[0]
    records, data = list(read_records(path)), path.read_bytes()
    at = records[3].offset
    path.write_bytes(data[:at] + b"\x1f\x8b\x08rubbish" * 20 + data[at:])
    report = verify_home(home)
    (damage,) = report.damaged.values()

    assert [why.partition(": ")[0] for why in damage.why] == [f"offset {at}"]
    assert damage.found.startswith("sha256:")


def test_an_empty_file_has_lost_everything(home: Home) -> None:
    """A file of no bytes is not a file of no records: the ledger knows what was in it."""
    path = warcs(home)[1]
    captures = [r.record_id for r in read_records(path) if r.type in ("response", "revisit", "resource")]
    os.truncate(path, 0)
    (entry,) = verify_home(home).to_json()["damaged"]

    assert [one["record_id"] for one in entry["records"]] == captures


def test_a_file_that_cannot_be_read_is_damaged(home: Home) -> None:
    """A disk that answers EIO, a directory in its place: the rest is checked all the same."""
    path = warcs(home)[0]
    path.unlink()
    path.symlink_to(path)  # ELOOP
    report = verify_home(home)

    assert wrong(report) == [path_of(home, path)]
    assert "readable" in report.damaged[path_of(home, path)].found


def test_a_removed_file_is_missing_and_nothing_else_is_wrong(home: Home) -> None:
    """The second crawl's revisits refer to it: they are sound, and the file is what is missing."""
    path = warcs(home)[0]
    path.unlink()
    report = verify_home(home)

    assert (report.missing, list(report.damaged)) == ([path_of(home, path)], [])


def test_a_renamed_file_is_missing_and_its_copy_is_named(home: Home) -> None:
    """Both names are told, so that a person sees what happened."""
    path = warcs(home)[0]
    other = path.with_name(f"{SERIES}-20200101000000-00099.warc.gz")
    path.rename(other)
    report = verify_home(home)

    assert report.missing == [path_of(home, path)]
    assert list(report.damaged) == [path_of(home, other)]
    assert path_of(home, path) in report.damaged[path_of(home, other)].why[0]


def test_two_swapped_files_are_both_damaged(home: Home) -> None:
    """Each is sound in itself; the ledger's digests tell."""
    one, other = warcs(home)
    one.rename(one.with_suffix(".tmp"))
    other.rename(one)
    one.with_suffix(".tmp").rename(other)

    assert wrong(verify_home(home)) == sorted([path_of(home, one), path_of(home, other)])


def test_damaged_bytes_are_found_without_a_ledger(home: Home) -> None:
    """Records carry their own digests; a lost ledger is named, and not made anew behind the user's back."""
    path = warcs(home)[0]
    record = list(read_records(path))[5]
    flip(path, record.offset + record.length // 2)
    home.ledger.unlink()
    report = verify_home(home)

    assert report.missing == ["ledger.sqlite3"]
    assert [offset for offset, _ in report.damaged[path_of(home, path)].records] == [record.offset]
    assert not home.ledger.exists()


# ------------------------------------------------------------------------------------------------------------ every bit


def _bit_is_found(home: Home, files: list[Path], at: int, bit: int) -> bool:
    for path in files:
        size = path.stat().st_size
        if at < size:
            break
        at -= size
    whole = path.read_bytes()
    flip(path, at, bit)
    try:
        return wrong(verify_home(home)) == [path_of(home, path)]
    finally:
        path.write_bytes(whole)


def _kept_files(home: Home) -> list[Path]:
    """All files but the ledger, whose free space holds bits that nobody reads; SQLite checks its pages itself."""
    return sorted(
        path for folder in ("warc", "text", "index") for path in (home.root / folder).rglob("*") if path.is_file()
    )


def test_any_flipped_bit_is_found(kept: Path, tmp_path: Path) -> None:
    """One bit, anywhere in WARCs, text and index."""
    shutil.copytree(kept, tmp_path / "home")
    home = Home(tmp_path / "home")
    files = _kept_files(home)
    total = sum(path.stat().st_size for path in files)

    @settings(max_examples=60, deadline=None)
    @given(st.integers(0, total - 1), st.integers(0, 7))
    def check(at: int, bit: int) -> None:
        assert _bit_is_found(home, files, at, bit)

    check()


@pytest.mark.soak
@pytest.mark.parametrize("bit", range(8))
def test_every_flipped_bit_of_a_warc_is_found(tmp_path: Path, bit: int) -> None:
    """All of them, each alone, in a home of one page.

    What verify_home asks of a WARC it asks of check_series, and nothing else that it does reads the file: so that is called
    here for each bit, with the same ledger, in a quarter of the time. The test above flips bits under the whole of verify_home.
    """
    home = one_page(tmp_path / "home")
    (path,) = warcs(home)

    assert unseen_flips(home, path, bit) == []
    assert verify_home(home).whole


@pytest.mark.soak
@pytest.mark.parametrize("bit", range(8))
def test_every_flipped_bit_of_text_and_index_is_found(tmp_path: Path, bit: int) -> None:
    """All of them, each alone. What verify_home asks of these files it asks of compare, which is called here for each bit."""
    home = one_page(tmp_path / "home")
    ledger, missed = open_ledger(home.root, create=False), []
    paths = [path for path in _kept_files(home) if path.suffix in (".md", ".jsonl", ".cdxj")]
    with closing(ledger), ledger.read() as connection:
        for path in paths:
            with flips(path, bit) as flipped:
                missed += [
                    (path, at)
                    for at in flipped
                    if [one.path for one in compare(connection, home, SERIES).damaged] != [path_of(home, path)]
                ]

    assert (len(paths), missed) == (3, [])
    assert verify_home(home).whole
